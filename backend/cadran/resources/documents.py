"""What quotes, orders and invoices share: line types, completed lines, totals, dated states."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from cadran.kit.problems import Problem, field_error, invalid
from cadran.kit.resource import Plain, Values, Write
from cadran.kit.types import Day, ExternalId, Id, Money, PositiveMoney, Quantity, Rate, Read, ShortText, StrictModel
from cadran.models import Customer, Product
from cadran.resources import company, rights
from cadran.resources.lookups import look_up, look_up_one
from cadran.rules.documents import agrees, exact_net, in_base, line_net, totals
from cadran.rules.transitions import allowed


class LineCreate(StrictModel):
    """``net_amount`` may be stated to keep a source's own precision; it must agree with quantity × price − discount."""

    id: Id | None = None
    product_id: Id | None = None
    description: ShortText | None = None
    quantity: Quantity
    unit_price: Money | None = Field(None, description="Default: the product's list price.")
    discount_rate: Rate = Decimal(0)
    net_amount: Money | None = None
    vat_rate: Rate | None = Field(None, description="Default: the product's.")


class PricedLineCreate(LineCreate):
    list_price: PositiveMoney | None = Field(None, description="Default: the product's. Null: unknown.")
    unit_cost: PositiveMoney | None = Field(None, description="Default: the product's. Null: unknown.")


class OrderLineCreate(PricedLineCreate):
    external_id: ExternalId | None = None
    promised_on: Day | None = None


class LineQuantity(StrictModel):
    line_id: Id
    quantity: Quantity


# What a document takes over from another, line by line.
LINE = ("product_id", "description", "quantity", "unit_price", "discount_rate", "net_amount", "vat_rate")
PRICES = ("list_price", "unit_cost")


class LineRead(Read):
    id: Id
    position: int
    product_id: Id | None
    description: str | None
    quantity: Quantity
    unit_price: Money
    discount_rate: Rate
    net_amount: Money
    base_amount: Money
    vat_rate: Rate | None


class PricedLineRead(LineRead):
    list_price: Money | None
    unit_cost: Money | None


async def price_lines(write: Write, optional: tuple[str, ...] = ()) -> None:
    """Completes every line and sets the document's totals. ``optional``: further columns of the line.

    What is not sent of a line comes from the line as it stood if it is for the same product, else from the product.
    Raises a 422 on a line with no price, or whose stated net is not what its figures make.
    """
    rate = write.now("exchange_rate") or Decimal(1)
    rows = write.children.get("lines")
    if rows is None:
        if write.existing is None:
            rows = write.children["lines"] = []
        elif write.changes("exchange_rate"):
            rows = write.children["lines"] = [dict(row) for row in write.before["lines"]]
        else:
            return
    products = await look_up(write.session, Product, {row["product_id"] for row in rows if row.get("product_id")})
    known: dict[UUID | None, Values] = {row["id"]: row for row in write.before.get("lines", [])}
    for position, row in enumerate(rows):
        was, product = known.get(row.get("id")), products.get(row.get("product_id"))  # type: ignore[arg-type]
        _complete(row, position, was, product, optional)
        row["base_amount"] = in_base(row["net_amount"], rate)
    found = totals(rows, rate)
    _check_total(write, found.net)
    write.values |= {"net_amount": found.net, "base_amount": found.base}
    if "gross_amount" in write.resource.table.c:
        write.values |= {"tax_amount": found.tax, "gross_amount": found.gross, "base_gross_amount": found.base_gross}


def _complete(
    row: Values, position: int, was: Mapping[str, Any] | None, product: Any, optional: tuple[str, ...]
) -> None:
    same = was is not None and was["product_id"] == row.get("product_id")
    defaults = {"unit_price": "list_price", "vat_rate": "vat_rate", "list_price": "list_price", "unit_cost": "cost"}
    for name, source in defaults.items():
        if name in ("list_price", "unit_cost") and name not in optional:
            continue
        if name not in row or (name == "unit_price" and row[name] is None):
            row[name] = was[name] if same and was is not None else product[source] if product is not None else None
    place = f"/lines/{position}"
    if row["unit_price"] is None:
        raise invalid(
            f"{place}/unit_price", "The line has no price.", "Give unit_price, or a product with a list price."
        )
    row.setdefault("discount_rate", Decimal(0))
    row.setdefault("product_id", None)
    for name in ("description", *(name for name in optional if name not in defaults)):
        row.setdefault(name, None)
    figures = (row["quantity"], row["unit_price"], row["discount_rate"])
    computed = line_net(*figures)
    stated = row.get("net_amount")
    if stated is not None and not agrees(stated, exact_net(*figures)):
        raise invalid(
            f"{place}/net_amount",
            f"{stated} is not quantity × unit_price × (1 − discount_rate) = {computed}.",
            "Leave net_amount out, or correct the figures.",
        )
    row["net_amount"] = computed if stated is None else stated


def _check_total(write: Write, computed: Decimal) -> None:
    stated = write.values.pop("net_amount", None) if "net_amount" in write.given else None
    write.values.pop("net_amount", None)
    if stated is not None and not agrees(stated, computed):
        detail = f"The lines add up to {computed}, not {stated}."
        raise invalid("/net_amount", detail, "Leave net_amount out: the server computes it.")


def quantities(
    document: Plain, given: list[LineQuantity] | None, done: str | None = None
) -> list[tuple[Plain, Decimal]]:
    """The document's lines and the quantities named; by default all of each, less what is ``done``.

    Raises a 422 on a line of another document, or on a quantity of 0.
    """
    lines = {line["id"]: line for line in document["lines"]}
    if given is None:
        left = [(line, line["quantity"] - (line[done] if done else 0)) for line in lines.values()]
        return [(line, quantity) for line, quantity in left if quantity > 0 or (done is None and quantity)]
    for position, each in enumerate(given):
        if each.line_id not in lines:
            raise invalid(f"/lines/{position}/line_id", "No such line in this document.", "Give one of its lines.")
        if each.quantity == 0:
            raise invalid(f"/lines/{position}/quantity", "Nothing to record.", "Give a quantity other than 0.")
    return [(lines[each.line_id], each.quantity) for each in given]


async def customer_owner(write: Write) -> UUID | None:
    found: UUID | None = (await look_up_one(write.session, Customer, write.now("customer_id"))).get("owner_id")
    return found


async def attributed(write: Write) -> None:
    """The rep a flow document counts for (given, else the customer's owner), with team and unit stamped once dated."""
    if write.existing is None and "rep_id" not in write.given:
        write.values["rep_id"] = await customer_owner(write)
    if write.changes("rep_id") and write.values["rep_id"] is not None:
        await rights.may_name(write, write.values["rep_id"])
    stated = any(write.values[name] is not None for name in write.given & {"team_id", "business_unit_id"})
    if stated and (write.changes("team_id") or write.changes("business_unit_id")) and not write.who.sees_all:
        raise Problem("forbidden", "Only the office may state the team or business unit a document counts for.")
    dated = write.changes("status") and write.existing is not None and write.existing["status"] == "draft"
    if write.existing is None or write.changes("rep_id") or write.changes("team_id") or dated:
        await company.stamped(write)


def moved(write: Write, transitions: Mapping[str, frozenset[str]]) -> None:
    """Raises a 409 when the status may not go from what it is to what is asked."""
    if write.existing is None or not write.changes("status"):
        return
    was, now = write.existing["status"], write.values["status"]
    if not allowed(transitions, was, now):
        raise Problem("conflict", f"A record that is {was} cannot become {now}.")


def dated(write: Write, status: str, column: str, day: date, *, optional: bool = False) -> None:
    """The date of a state: filled when the state is entered, cleared when it is left, refused (422) without it."""
    if write.now("status") == status:
        if write.now(column) is None and not optional:
            write.values[column] = day
    elif write.now(column) is not None:
        if column in write.given and write.values.get(column) is not None:
            raise invalid(
                f"/{column}", f"Only a record that is {status} has it.", f"Set status to {status}, or leave it out."
            )
        write.values[column] = None


def ordered_dates(write: Write, first: str, second: str) -> None:
    """Raises a 422 when ``second`` comes before ``first``."""
    one, two = write.now(first), write.now(second)
    if one is not None and two is not None and two < one:
        pointer = f"/{second}" if second in write.given else f"/{first}"
        error = field_error(pointer, f"{second} ({two}) is before {first} ({one}).", "Correct one of the two dates.")
        raise Problem("validation", f"{pointer}: {second} is before {first}.", [error])
