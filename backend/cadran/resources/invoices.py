"""Invoices, credit notes and the payments received for them."""

from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Numeric, and_, case, func, literal, select, true

from cadran.kit.problems import invalid
from cadran.kit.resource import Children, Resource, Write
from cadran.kit.types import (
    Currency,
    Day,
    ExchangeRate,
    ExternalId,
    Flag,
    Id,
    Instant,
    LongText,
    Money,
    Read,
    ShortText,
    StrictModel,
)
from cadran.models import Invoice, InvoiceLine, Order, Payment
from cadran.queries.visibility import visible
from cadran.resources import company, documents, rights
from cadran.resources.documents import LineCreate, LineRead
from cadran.resources.lookups import look_up_one
from cadran.resources.quotes import next_number
from cadran.rules import transitions
from cadran.rules.documents import in_base
from cadran.rules.vocabulary import InvoiceKind, InvoiceStatus

ZERO = Decimal(0)


class InvoiceLineCreate(LineCreate):
    order_line_id: Id | None = None


class InvoiceLineRead(LineRead):
    order_line_id: Id | None


class InvoiceCreate(StrictModel):
    external_id: ExternalId | None = None
    number: ShortText | None = Field(None, description="Default: the next F-YYYY-NNNN (A- for a credit note).")
    kind: InvoiceKind = Field("invoice", description="Amounts are positive on a credit note too.")
    customer_id: Id
    order_id: Id | None = None
    credited_invoice_id: Id | None = Field(None, description="Of a credit note: the invoice it credits.")
    rep_id: Id | None = Field(None, description="Default: the order's rep, else the customer's owner.")
    team_id: Id | None = None
    business_unit_id: Id | None = None
    status: InvoiceStatus = "posted"
    issued_on: Day | None = None
    due_on: Day | None = None
    cancelled_on: Day | None = None
    disputed: Flag = False
    currency: Currency | None = None
    exchange_rate: ExchangeRate | None = None
    net_amount: Money | None = Field(None, description="Checked against the lines when sent.")
    notes: LongText | None = None
    lines: list[InvoiceLineCreate] = Field(default_factory=list, max_length=500)


class InvoiceRead(Read):
    id: Id
    external_id: str | None
    number: str | None
    kind: InvoiceKind
    customer_id: Id
    order_id: Id | None
    credited_invoice_id: Id | None
    rep_id: Id | None
    team_id: Id | None
    business_unit_id: Id | None
    status: InvoiceStatus
    issued_on: Day | None
    due_on: Day | None
    cancelled_on: Day | None
    disputed: bool
    currency: str
    exchange_rate: ExchangeRate
    net_amount: Money
    base_amount: Money
    tax_amount: Money
    gross_amount: Money
    base_gross_amount: Money
    paid_amount: Money
    credited_amount: Money
    open_amount: Money
    notes: str | None
    lines: list[InvoiceLineRead]
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Whom it counts for, currency, lines and tax, and the days that go with its states."""
    rights.require_role(write.who, rights.OFFICE, "invoices")
    if write.removing:
        return
    await company.priced(write)
    documents.moved(write, transitions.INVOICES)
    day = await company.today(write.session)
    if write.now("status") != "draft" and write.now("issued_on") is None:
        if write.imported:
            raise invalid("/issued_on", "A posted invoice has a date.", "Give issued_on.")
        write.values["issued_on"] = day
    documents.dated(write, "cancelled", "cancelled_on", day)
    documents.ordered_dates(write, "issued_on", "cancelled_on")
    if write.now("credited_invoice_id") is not None and write.now("kind") != "credit_note":
        raise invalid("/credited_invoice_id", "Only a credit note credits an invoice.", "Set kind to credit_note.")
    if write.existing is None and "rep_id" not in write.given and write.values.get("order_id") is not None:
        await _stamp_as_order(write)
    await documents.attributed(write)
    await documents.price_lines(write, ("order_line_id",))
    if write.existing is None and write.values.get("number") is None:
        letter = "A" if write.now("kind") == "credit_note" else "F"
        write.values["number"] = await next_number(write, letter, (write.now("issued_on") or day).year)


async def _stamp_as_order(write: Write) -> None:
    """An invoice counts for whom its order does, unless it says otherwise."""
    names = ("rep_id", "team_id", "business_unit_id")
    found = await look_up_one(write.session, Order, write.now("order_id"))
    if found:
        write.values |= {name: found[name] for name in names if name not in write.given}
        write.given |= frozenset(names)


def _paid(invoices: Any) -> ColumnElement[Any]:
    """What was received, tax included, in the invoice's currency."""
    found = select(func.sum(Payment.amount)).where(Payment.invoice_id == invoices.c.id)
    return func.coalesce(found.correlate(invoices).scalar_subquery(), 0, type_=Numeric)


def _credited(invoices: Any) -> ColumnElement[Any]:
    """What its credit notes take away, tax included."""
    notes = Invoice.__table__.alias()
    posted = (notes.c.credited_invoice_id == invoices.c.id, notes.c.kind == "credit_note", notes.c.status == "posted")
    found = select(func.sum(notes.c.gross_amount)).where(*posted)
    return func.coalesce(found.correlate(invoices).scalar_subquery(), 0, type_=Numeric)


def _open(invoices: Any) -> ColumnElement[Any]:
    """What is left to receive."""
    due = and_(invoices.c.status == "posted", invoices.c.kind == "invoice")
    return case((due, invoices.c.gross_amount - _paid(invoices) - _credited(invoices)), else_=literal(0, Numeric))


async def touch_credited(write: Write) -> None:
    await _touch(write, write.now("credited_invoice_id"))


async def _touch(write: Write, key: object) -> None:
    """The invoice shows what was paid and credited: its version moves with them."""
    table = Invoice.__table__
    if key is not None:
        await write.session.execute(
            table.update().where(table.c.id == key).values(version=table.c.version + 1, updated_at=func.now())  # type: ignore[attr-defined]
        )


invoices = Resource(
    name="invoices",
    model=Invoice,
    read=InvoiceRead,
    create=InvoiceCreate,
    visible=visible,
    sort=("number", "issued_on", "due_on", "net_amount", "gross_amount", "status", "created_at", "updated_at"),
    default_sort="-issued_on",
    sums={"base_amount": lambda table: table.c.base_amount * case((table.c.kind == "credit_note", -1), else_=1)},
    filters=(
        "id", "customer_id", "order_id", "credited_invoice_id", "rep_id", "team_id", "business_unit_id", "kind",
        "status", "issued_on", "due_on", "disputed", "net_amount", "gross_amount", "number", "external_id",
        "updated_at",
    ),
    words={"kind": InvoiceKind, "status": InvoiceStatus},
    children=(Children("lines", InvoiceLine, "invoice_id"),),
    prepare=prepare,
    touched=touch_credited,
    computed={"paid_amount": _paid, "credited_amount": _credited, "open_amount": _open},
    completed=frozenset(
        {"number", "rep_id", "team_id", "business_unit_id", "currency", "exchange_rate", "issued_on", "cancelled_on"}
    ),
    defaulted=frozenset({"number", "currency", "exchange_rate", "issued_on", "cancelled_on"}),
)  # fmt: skip


class PaymentCreate(StrictModel):
    external_id: ExternalId | None = None
    invoice_id: Id
    paid_on: Day | None = None
    amount: Money = Field(description="Tax included, in the invoice's currency; a refund is negative.")
    method: ShortText | None = None


class PaymentRead(Read):
    id: Id
    external_id: str | None
    invoice_id: Id
    paid_on: Day
    amount: Money
    base_amount: Money
    method: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare_payment(write: Write) -> None:
    """The amount in the company's currency at the invoice's own rate, so that a paid invoice leaves nothing open."""
    rights.require_role(write.who, rights.OFFICE, "payments")
    if write.removing:
        return
    if write.now("paid_on") is None:
        write.values["paid_on"] = await company.today(write.session)
    invoice = (
        await write.session.execute(select(Invoice).where(Invoice.id == write.now("invoice_id")).with_for_update())
    ).scalar_one()
    others = select(
        func.coalesce(func.sum(Payment.amount), ZERO), func.coalesce(func.sum(Payment.base_amount), ZERO)
    ).where(Payment.invoice_id == invoice.id, Payment.id != write.now("id") if write.existing else true())
    paid, base_paid = (await write.session.execute(others)).one()
    amount: Decimal = write.now("amount")
    settles = paid + amount == invoice.gross_amount
    write.values["base_amount"] = (
        invoice.base_gross_amount - base_paid if settles else in_base(amount, invoice.exchange_rate)
    )


async def touch_paid(write: Write) -> None:
    was = write.existing["invoice_id"] if write.existing is not None else None
    for key in {write.now("invoice_id"), was} - {None}:
        await _touch(write, key)


payments = Resource(
    name="payments",
    model=Payment,
    read=PaymentRead,
    create=PaymentCreate,
    visible=visible,
    sort=("paid_on", "amount", "updated_at"),
    default_sort="-paid_on",
    sums={"base_amount": lambda table: table.c.base_amount},
    filters=("id", "invoice_id", "paid_on", "amount", "method", "external_id", "updated_at"),
    prepare=prepare_payment,
    touched=touch_paid,
    completed=frozenset({"paid_on"}),
    defaulted=frozenset({"paid_on"}),
)
