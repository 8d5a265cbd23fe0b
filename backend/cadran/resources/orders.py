"""Orders, and the deliveries of their lines."""

from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Numeric, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.problems import invalid
from cadran.kit.resource import Children, Resource, Write
from cadran.kit.types import (
    Currency,
    Day,
    ExchangeRate,
    ExternalId,
    Id,
    Instant,
    LongText,
    Money,
    Quantity,
    Read,
    ShortText,
    StrictModel,
)
from cadran.models import Delivery, Invoice, InvoiceLine, Order, OrderLine
from cadran.queries.visibility import visible
from cadran.resources import company, documents, rights
from cadran.resources.documents import OrderLineCreate, PricedLineRead
from cadran.resources.quotes import next_number
from cadran.rules import transitions
from cadran.rules.vocabulary import OrderStatus


class OrderCreate(StrictModel):
    external_id: ExternalId | None = None
    number: ShortText | None = Field(None, description="Default: the next C-YYYY-NNNN.")
    customer_id: Id
    contact_id: Id | None = None
    opportunity_id: Id | None = None
    quote_id: Id | None = None
    visit_id: Id | None = Field(None, description="The visit it came of.")
    rep_id: Id | None = Field(None, description="Whom it counts for. Default: the customer's owner.")
    team_id: Id | None = Field(None, description="Default: the rep's team, stamped for good.")
    business_unit_id: Id | None = Field(None, description="Default: the team's business unit, stamped for good.")
    status: OrderStatus = "confirmed"
    confirmed_on: Day | None = None
    promised_on: Day | None = None
    cancelled_on: Day | None = None
    closed_on: Day | None = Field(None, description="Closed short: what is not delivered by then never will be.")
    customer_reference: ShortText | None = None
    source: ShortText | None = None
    currency: Currency | None = None
    exchange_rate: ExchangeRate | None = None
    net_amount: Money | None = Field(None, description="Checked against the lines when sent.")
    notes: LongText | None = None
    lines: list[OrderLineCreate] = Field(default_factory=list, max_length=500)


class OrderLineRead(PricedLineRead):
    external_id: str | None
    promised_on: Day | None
    delivered: Quantity
    invoiced: Quantity


class OrderRead(Read):
    id: Id
    external_id: str | None
    number: str | None
    customer_id: Id
    contact_id: Id | None
    opportunity_id: Id | None
    quote_id: Id | None
    visit_id: Id | None
    rep_id: Id | None
    team_id: Id | None
    business_unit_id: Id | None
    status: OrderStatus
    confirmed_on: Day | None
    promised_on: Day | None
    cancelled_on: Day | None
    closed_on: Day | None
    customer_reference: str | None
    source: str | None
    currency: str
    exchange_rate: ExchangeRate
    net_amount: Money
    base_amount: Money
    notes: str | None
    lines: list[OrderLineRead]
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Whom it counts for, currency, lines, and the days that go with its states."""
    rights.require_role(write.who, rights.COMMERCIAL, "orders")
    if write.removing:
        if write.existing is not None and write.existing["status"] != "draft":
            rights.require_role(write.who, rights.OFFICE, "confirmed orders away: cancel them instead")
        return
    await company.priced(write)
    documents.moved(write, transitions.ORDERS)
    day = await company.today(write.session)
    if write.now("status") != "draft" and write.now("confirmed_on") is None:
        if write.imported:
            raise invalid("/confirmed_on", "A confirmed order has a date.", "Give confirmed_on.")
        write.values["confirmed_on"] = day
    documents.dated(write, "cancelled", "cancelled_on", day)
    documents.dated(write, "closed", "closed_on", day)
    documents.ordered_dates(write, "confirmed_on", "cancelled_on")
    documents.ordered_dates(write, "confirmed_on", "closed_on")
    await documents.attributed(write)
    await documents.price_lines(write, ("list_price", "unit_cost", "external_id", "promised_on"))
    if write.existing is None and write.values.get("number") is None:
        write.values["number"] = await next_number(write, "C", (write.now("confirmed_on") or day).year)


def _delivered(lines: Any) -> ColumnElement[Any]:
    """What was delivered of a line until today."""
    found = select(func.sum(Delivery.quantity)).where(Delivery.order_line_id == lines.c.id)
    return func.coalesce(found.correlate(lines).scalar_subquery(), 0, type_=Numeric)


def _invoiced(lines: Any) -> ColumnElement[Any]:
    """What was invoiced of a line until today."""
    found = select(func.sum(InvoiceLine.quantity)).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    posted = (InvoiceLine.order_line_id == lines.c.id, Invoice.kind == "invoice", Invoice.status == "posted")
    return func.coalesce(found.where(*posted).correlate(lines).scalar_subquery(), 0, type_=Numeric)


QUANTITIES = {"delivered": _delivered, "invoiced": _invoiced}
DEFAULTED = frozenset({"number", "currency", "exchange_rate", "confirmed_on", "cancelled_on", "closed_on"})

orders = Resource(
    name="orders",
    model=Order,
    read=OrderRead,
    create=OrderCreate,
    visible=visible,
    sort=("number", "confirmed_on", "promised_on", "net_amount", "base_amount", "status", "created_at", "updated_at"),
    default_sort="-confirmed_on",
    sums={"base_amount": lambda table: table.c.base_amount},
    filters=(
        "id", "customer_id", "rep_id", "team_id", "business_unit_id", "opportunity_id", "quote_id", "visit_id",
        "status", "confirmed_on", "promised_on", "cancelled_on", "closed_on", "net_amount", "number", "source",
        "external_id", "updated_at",
    ),
    words={"status": OrderStatus},
    children=(Children("lines", OrderLine, "order_id", computed=QUANTITIES),),
    prepare=prepare,
    completed=DEFAULTED | {"rep_id", "team_id", "business_unit_id"},
    defaulted=DEFAULTED,
)  # fmt: skip


class DeliveryCreate(StrictModel):
    external_id: ExternalId | None = None
    order_line_id: Id
    delivered_on: Day | None = None
    quantity: Quantity = Field(description="What left for the customer; a return is negative.")
    number: ShortText | None = None


class DeliveryRead(Read):
    id: Id
    external_id: str | None
    order_line_id: Id
    delivered_on: Day
    quantity: Quantity
    number: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare_delivery(write: Write) -> None:
    rights.require_role(write.who, rights.OFFICE, "deliveries")
    if not write.removing and write.now("delivered_on") is None:
        write.values["delivered_on"] = await company.today(write.session)


async def touch_order(write: Write) -> None:
    """The order shows what was delivered: its version moves with its deliveries."""
    was = write.existing["order_line_id"] if write.existing is not None else None
    lines = {write.now("order_line_id"), was} - {None}
    for key in (await write.session.execute(select(OrderLine.order_id).where(OrderLine.id.in_(lines)))).scalars():
        await bump_order(write.session, key)


async def bump_order(session: AsyncSession, key: UUID) -> None:
    table: Any = Order.__table__
    await session.execute(table.update().where(table.c.id == key).values(version=table.c.version + 1))


deliveries = Resource(
    name="deliveries",
    model=Delivery,
    read=DeliveryRead,
    create=DeliveryCreate,
    visible=visible,
    sort=("delivered_on", "quantity", "updated_at"),
    default_sort="-delivered_on",
    filters=("id", "order_line_id", "delivered_on", "number", "external_id", "updated_at"),
    prepare=prepare_delivery,
    touched=touch_order,
    completed=frozenset({"delivered_on"}),
    defaulted=frozenset({"delivered_on"}),
)
