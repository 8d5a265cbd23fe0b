"""What one does with quotes, orders and invoices beyond editing them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlalchemy import func, select, update
from uuid_utils.compat import uuid7

from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Plain, Resource
from cadran.kit.routes import WRITE, KeyPath, answer_id
from cadran.kit.types import Day, Id, LongText, Money, Quantity, ShortText, StrictModel
from cadran.kit.unit import Unit, UnitDep, check_version
from cadran.models import Delivery, Interaction, Opportunity, Order, Quote
from cadran.resources import company, rights
from cadran.resources.invoices import InvoiceCreate, InvoiceRead, PaymentCreate, PaymentRead, invoices, payments
from cadran.resources.orders import OrderCreate, OrderRead, orders
from cadran.resources.quotes import QuoteCreate, QuoteRead, quotes

verbs = APIRouter()
ZERO = Decimal(0)


def _route(path: str, name: str, read: Any, tag: str, status: int = 200) -> Callable[[Any], Any]:
    return verbs.post(path, operation_id=name, response_model=read, responses=WRITE, tags=[tag], status_code=status)


async def _existing(unit: Unit, resource: Resource, key: UUID) -> Plain:
    unit.require(resource.name, "write")
    existing = await resource.locked(unit.session, unit.who, key)
    if unit.request.headers.get("if-match"):
        check_version(unit, existing["version"])
    return existing


async def _set(unit: Unit, resource: Resource, key: UUID, **values: Any) -> Response:
    """A change of state by the resource's own rules."""

    async def produce() -> Response:
        existing = await _existing(unit, resource, key)
        await resource.change(unit.session, unit.who, existing, values)
        return await answer_id(unit, resource, key)

    return await unit.once(produce)


class SendQuote(StrictModel):
    sent_on: Day | None = None
    expires_on: Day | None = None
    next_follow_up_on: Day | None = None


@_route("/quotes/{id}/send", "send_quote", QuoteRead, "quotes")
async def send_quote(unit: UnitDep, id: KeyPath, body: Annotated[SendQuote, Body()]) -> Response:  # noqa: A002
    return await _set(unit, quotes, id, status="sent", **body.model_dump(exclude_unset=True))


class FollowUp(StrictModel):
    occurred_on: Day | None = None
    next_follow_up_on: Day | None = Field(None, description="When to follow up again; null: after the usual silence.")
    answered: bool = True
    notes: LongText | None = None


@_route("/quotes/{id}/follow-up", "follow_up_quote", QuoteRead, "quotes")
async def follow_up_quote(unit: UnitDep, id: KeyPath, body: Annotated[FollowUp, Body()]) -> Response:  # noqa: A002
    """Logs the contact and sets when to follow up next: the quote leaves the list until then."""

    async def produce() -> Response:
        existing = await _existing(unit, quotes, id)
        rights.require_role(unit.who, rights.COMMERCIAL, "quotes")
        if existing["status"] != "sent":
            raise Problem("conflict", f"Only a quote that is sent is followed up; this one is {existing['status']}.")
        today = await company.today(unit.session)
        on = body.occurred_on or today
        if on > today:
            raise invalid("/occurred_on", "A follow-up has taken place.", "Give today or a day before.")
        if body.next_follow_up_on is not None and body.next_follow_up_on <= on:
            raise invalid("/next_follow_up_on", "The next follow-up comes after this one.", "Give a later day.")
        await unit.session.execute(
            Interaction.__table__.insert().values(  # type: ignore[attr-defined]
                id=uuid7(),
                customer_id=existing["customer_id"],
                contact_id=existing["contact_id"],
                quote_id=id,
                owner_id=unit.who.user_id,
                kind="follow_up",
                occurred_on=on,
                answered=body.answered,
                notes=body.notes,
            )
        )
        await quotes.change(unit.session, unit.who, existing, {"next_follow_up_on": body.next_follow_up_on})
        return await answer_id(unit, quotes, id)

    return await unit.once(produce)


class Decision(StrictModel):
    decided_on: Day | None = None


class Refusal(Decision):
    refused_reason: ShortText | None = None


@_route("/quotes/{id}/refuse", "refuse_quote", QuoteRead, "quotes")
async def refuse_quote(unit: UnitDep, id: KeyPath, body: Annotated[Refusal, Body()]) -> Response:  # noqa: A002
    return await _set(unit, quotes, id, status="refused", **body.model_dump(exclude_unset=True))


class Acceptance(Decision):
    number: ShortText | None = None
    promised_on: Day | None = None
    customer_reference: ShortText | None = None
    win_opportunity: bool = Field(True, description="Also mark the quote's opportunity as won.")


@_route("/quotes/{id}/accept", "accept_quote", OrderRead, "quotes", 201)
async def accept_quote(unit: UnitDep, id: KeyPath, body: Annotated[Acceptance, Body()]) -> Response:  # noqa: A002
    """Accepts the quote and makes its order, once; answers the order."""

    async def produce() -> Response:
        unit.require("orders", "write")
        existing = await _existing(unit, quotes, id)
        made = (await unit.session.execute(select(Order.id).where(Order.quote_id == id))).scalar_one_or_none()
        if made is not None:
            raise Problem("conflict", "This quote is an order already.", extra={"order_id": str(made)})
        on = body.decided_on or await company.today(unit.session)
        quote = await quotes.get(unit.session, unit.who, id)
        if existing["status"] == "draft":
            await quotes.change(unit.session, unit.who, existing, {"status": "sent", "sent_on": on})
            existing = await quotes.locked(unit.session, unit.who, id)
        await quotes.change(unit.session, unit.who, existing, {"status": "accepted", "decided_on": on})
        key = await orders.insert(unit.session, unit.who, _order_of(quote, body, on))
        if body.win_opportunity and quote["opportunity_id"] is not None:
            await _win(unit, quote["opportunity_id"], on)
        return await answer_id(unit, orders, key, 201)

    return await unit.once(produce)


LINE = ("product_id", "description", "quantity", "unit_price", "discount_rate", "net_amount", "vat_rate")


def _order_of(quote: Plain, body: Acceptance, on: Any) -> OrderCreate:
    lines = [{name: line[name] for name in (*LINE, "list_price", "unit_cost")} for line in quote["lines"]]
    given = {
        "customer_id": quote["customer_id"],
        "contact_id": quote["contact_id"],
        "opportunity_id": quote["opportunity_id"],
        "quote_id": quote["id"],
        "confirmed_on": on,
        "currency": quote["currency"],
        "exchange_rate": None if quote["exchange_rate"] == 1 else quote["exchange_rate"],
        "lines": lines,
    }
    if quote["owner_id"] is not None:
        given["rep_id"] = quote["owner_id"]
    for name in ("number", "promised_on", "customer_reference"):
        if getattr(body, name) is not None:
            given[name] = getattr(body, name)
    return OrderCreate.model_validate(given)


async def _win(unit: Unit, key: UUID, on: Any) -> None:
    table = Opportunity.__table__
    await unit.session.execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == key, table.c.status == "open")
        .values(status="won", closed_on=func.greatest(on, table.c.opened_on), version=table.c.version + 1)
    )


class Revision(StrictModel):
    expires_on: Day | None = None


@_route("/quotes/{id}/revise", "revise_quote", QuoteRead, "quotes", 201)
async def revise_quote(unit: UnitDep, id: KeyPath, body: Annotated[Revision, Body()]) -> Response:  # noqa: A002
    """A new draft version of the quote; the one before it is superseded."""

    async def produce() -> Response:
        existing = await _existing(unit, quotes, id)
        if existing["status"] in ("accepted", "superseded"):
            raise Problem("conflict", f"A quote that is {existing['status']} is not revised.")
        quote = await quotes.get(unit.session, unit.who, id)
        root = existing["root_id"] or id
        table = Quote.__table__
        last = select(func.max(table.c.revision)).where((table.c.root_id == root) | (table.c.id == root))
        revision = (await unit.session.execute(last)).scalar_one() + 1
        names = ("customer_id", "contact_id", "opportunity_id", "owner_id", "currency", "notes")
        lines = [{name: line[name] for name in (*LINE, "list_price", "unit_cost")} for line in quote["lines"]]
        copy = {name: quote[name] for name in names} | {"lines": lines, "expires_on": body.expires_on}
        if quote["exchange_rate"] != 1:
            copy["exchange_rate"] = quote["exchange_rate"]
        number = f"{(quote['number'] or '').split('/')[0]}/{revision}"
        fixed = {"root_id": root, "revision": revision, "number": number}
        await quotes.change(unit.session, unit.who, existing, {"status": "superseded"})
        key = await quotes.insert(unit.session, unit.who, QuoteCreate.model_validate(copy), **fixed)
        return await answer_id(unit, quotes, key, 201)

    return await unit.once(produce)


class OnDay(StrictModel):
    on: Day | None = Field(None, description="Default: today.")


@_route("/orders/{id}/confirm", "confirm_order", OrderRead, "orders")
async def confirm_order(unit: UnitDep, id: KeyPath, body: Annotated[OnDay, Body()]) -> Response:  # noqa: A002
    return await _set(unit, orders, id, status="confirmed", **({"confirmed_on": body.on} if body.on else {}))


@_route("/orders/{id}/cancel", "cancel_order", OrderRead, "orders")
async def cancel_order(unit: UnitDep, id: KeyPath, body: Annotated[OnDay, Body()]) -> Response:  # noqa: A002
    return await _set(unit, orders, id, status="cancelled", **({"cancelled_on": body.on} if body.on else {}))


@_route("/orders/{id}/close", "close_order", OrderRead, "orders")
async def close_order(unit: UnitDep, id: KeyPath, body: Annotated[OnDay, Body()]) -> Response:  # noqa: A002
    """Closes it short: it counts for what was delivered, and nothing more is to come."""
    return await _set(unit, orders, id, status="closed", **({"closed_on": body.on} if body.on else {}))


class LineQuantity(StrictModel):
    line_id: Id
    quantity: Quantity


class Shipment(StrictModel):
    delivered_on: Day | None = None
    number: ShortText | None = None
    lines: list[LineQuantity] | None = Field(None, max_length=500, description="Default: all that is left to deliver.")


def _quantities(order: Plain, given: list[LineQuantity] | None, done: str) -> list[tuple[Plain, Decimal]]:
    """The lines and quantities named; by default what is left of each. Raises a 422 on a line of another order."""
    lines = {line["id"]: line for line in order["lines"]}
    if given is None:
        left = [(line, line["quantity"] - line[done]) for line in lines.values()]
        return [(line, quantity) for line, quantity in left if quantity > 0]
    for position, each in enumerate(given):
        if each.line_id not in lines:
            raise invalid(f"/lines/{position}/line_id", "No such line in this order.", "Give a line of this order.")
        if each.quantity == 0:
            raise invalid(f"/lines/{position}/quantity", "Nothing to record.", "Give a quantity other than 0.")
    return [(lines[each.line_id], each.quantity) for each in given]


@_route("/orders/{id}/deliver", "deliver_order", OrderRead, "orders")
async def deliver_order(unit: UnitDep, id: KeyPath, body: Annotated[Shipment, Body()]) -> Response:  # noqa: A002
    """Records quantities delivered; a return is negative."""

    async def produce() -> Response:
        existing = await _existing(unit, orders, id)
        rights.require_role(unit.who, rights.OFFICE, "deliveries")
        if existing["status"] not in ("confirmed", "closed"):
            raise Problem("conflict", f"An order that is {existing['status']} is not delivered.")
        on = body.delivered_on or await company.today(unit.session)
        if existing["confirmed_on"] is not None and on < existing["confirmed_on"]:
            raise invalid("/delivered_on", "Before the order was confirmed.", "Give a later day.")
        shipped = _quantities(await orders.get(unit.session, unit.who, id), body.lines, "delivered")
        if not shipped:
            raise Problem("conflict", "Nothing is left to deliver.")
        rows = [
            {
                "id": uuid7(),
                "order_line_id": line["id"],
                "delivered_on": on,
                "quantity": quantity,
                "number": body.number,
            }
            for line, quantity in shipped
        ]
        await unit.session.execute(Delivery.__table__.insert(), rows)  # type: ignore[attr-defined]
        await _bump(unit, orders, id)
        return await answer_id(unit, orders, id)

    return await unit.once(produce)


async def _bump(unit: Unit, resource: Resource, key: UUID) -> None:
    table = resource.table
    await unit.session.execute(
        table.update().where(table.c.id == key).values(version=table.c.version + 1, updated_at=func.now())
    )


class Billing(StrictModel):
    issued_on: Day | None = None
    due_on: Day | None = None
    number: ShortText | None = None
    lines: list[LineQuantity] | None = Field(None, max_length=500, description="Default: all that is left to invoice.")


@_route("/orders/{id}/invoice", "invoice_order", InvoiceRead, "orders", 201)
async def invoice_order(unit: UnitDep, id: KeyPath, body: Annotated[Billing, Body()]) -> Response:  # noqa: A002
    """Posts an invoice for the order's lines still to invoice, or for the quantities given."""

    async def produce() -> Response:
        unit.require("invoices", "write")
        existing = await _existing(unit, orders, id)
        if existing["status"] not in ("confirmed", "closed"):
            raise Problem("conflict", f"An order that is {existing['status']} is not invoiced.")
        order = await orders.get(unit.session, unit.who, id)
        billed = _quantities(order, body.lines, "invoiced")
        if not billed:
            raise Problem("conflict", "Nothing is left to invoice.")
        lines = [
            {name: line[name] for name in LINE if name not in ("quantity", "net_amount")}
            | {"quantity": quantity, "order_line_id": line["id"]}
            for line, quantity in billed
        ]
        given = {"customer_id": order["customer_id"], "order_id": id, "currency": order["currency"], "lines": lines}
        if order["exchange_rate"] != 1:
            given["exchange_rate"] = order["exchange_rate"]
        given |= body.model_dump(exclude_none=True, exclude={"lines"})
        key = await invoices.insert(unit.session, unit.who, InvoiceCreate.model_validate(given))
        await _bump(unit, orders, id)
        return await answer_id(unit, invoices, key, 201)

    return await unit.once(produce)


@_route("/invoices/{id}/post", "post_invoice", InvoiceRead, "invoices")
async def post_invoice(unit: UnitDep, id: KeyPath, body: Annotated[OnDay, Body()]) -> Response:  # noqa: A002
    return await _set(unit, invoices, id, status="posted", **({"issued_on": body.on} if body.on else {}))


@_route("/invoices/{id}/cancel", "cancel_invoice", InvoiceRead, "invoices")
async def cancel_invoice(unit: UnitDep, id: KeyPath, body: Annotated[OnDay, Body()]) -> Response:  # noqa: A002
    return await _set(unit, invoices, id, status="cancelled", **({"cancelled_on": body.on} if body.on else {}))


class Credit(StrictModel):
    issued_on: Day | None = None
    number: ShortText | None = None
    lines: list[LineQuantity] | None = Field(None, max_length=500, description="Default: the whole invoice.")


@_route("/invoices/{id}/credit", "credit_invoice", InvoiceRead, "invoices", 201)
async def credit_invoice(unit: UnitDep, id: KeyPath, body: Annotated[Credit, Body()]) -> Response:  # noqa: A002
    """Posts a credit note on the invoice, for all of it or for quantities of its lines; answers the credit note."""

    async def produce() -> Response:
        existing = await _existing(unit, invoices, id)
        if existing["status"] != "posted" or existing["kind"] != "invoice":
            raise Problem("conflict", "Only a posted invoice is credited.")
        invoice = await invoices.get(unit.session, unit.who, id)
        whole = [LineQuantity(line_id=line["id"], quantity=line["quantity"]) for line in invoice["lines"]]
        credited = _quantities(invoice, body.lines or whole, "quantity")
        lines = [
            {name: line[name] for name in LINE if name not in ("quantity", "net_amount")}
            | {"quantity": quantity, "order_line_id": line["order_line_id"]}
            | ({"net_amount": line["net_amount"]} if quantity == line["quantity"] else {})
            for line, quantity in credited
        ]
        names = ("customer_id", "order_id", "rep_id", "team_id", "business_unit_id", "currency")
        given = {name: invoice[name] for name in names} | {
            "kind": "credit_note", "credited_invoice_id": id, "lines": lines,
        }  # fmt: skip
        if invoice["exchange_rate"] != 1:
            given["exchange_rate"] = invoice["exchange_rate"]
        given |= body.model_dump(exclude_none=True, exclude={"lines"})
        key = await invoices.insert(unit.session, unit.who, InvoiceCreate.model_validate(given))
        return await answer_id(unit, invoices, key, 201)

    return await unit.once(produce)


class Receipt(StrictModel):
    amount: Money | None = None
    paid_on: Day | None = None
    method: ShortText | None = None


@_route("/invoices/{id}/payments", "pay_invoice", PaymentRead, "invoices", 201)
async def pay_invoice(unit: UnitDep, id: KeyPath, body: Annotated[Receipt, Body()]) -> Response:  # noqa: A002
    """Records a payment, by default of all that is open."""

    async def produce() -> Response:
        unit.require("payments", "write")
        existing = await _existing(unit, invoices, id)
        if existing["status"] != "posted":
            raise Problem("conflict", f"An invoice that is {existing['status']} is not paid.")
        given = body.model_dump(exclude_none=True)
        if "amount" not in given:
            given["amount"] = (await invoices.get(unit.session, unit.who, id))["open_amount"]
            if not given["amount"]:
                raise Problem("conflict", "Nothing is open on this invoice.")
        payment = PaymentCreate.model_validate({"invoice_id": id} | given)
        key = await payments.insert(unit.session, unit.who, payment)
        return await answer_id(unit, payments, key, 201)

    return await unit.once(produce)
