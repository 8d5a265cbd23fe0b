"""Facts dated by an event: invoices, orders, closed opportunities, decided quotes, prospects, leads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, Uuid, and_, any_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.counting import decision_day, invoice_part, order_counts, order_part
from cadran.metrics.facts import (
    CustomerCell,
    InvoiceCell,
    LeadCell,
    OpportunityCell,
    OrderCell,
    OrderDays,
    ProspectCell,
    QuoteCell,
)
from cadran.metrics.periods import Period
from cadran.models import Delivery, Invoice, InvoiceLine, Lead, Order, OrderLine
from cadran.models.totals import invoice_totals, order_totals
from cadran.queries.ask import (
    Ask,
    Columns,
    array_of,
    bucket,
    cells,
    customers,
    grouped,
    keep,
    owners,
    real,
    scope,
    within,
)
from cadran.queries.asof import at
from cadran.queries.deals import opportunity_rows
from cadran.queries.states import quotes
from cadran.queries.totals import Totals, cells_of
from cadran.rules.vocabulary import InvoiceKind, InvoiceStatus, OrderStatus, words

Dated = Callable[[ColumnElement[Any]], ColumnElement[Any]]
Chosen = Callable[[ColumnElement[Any]], list[ColumnElement[bool]]]


def _pick(ask: Ask, columns: Columns) -> list[Label[Any]]:
    """The dimensions asked, labelled as the facts name them."""
    return [column.label(name) for name, column in columns.items() if name in ask.dimensions]


def _stamped(document: Any, customer: Any) -> Columns:
    return {
        "rep": document.c.rep_id,
        "team": document.c.team_id,
        "business_unit": document.c.business_unit_id,
        "customer": document.c.customer_id,
        "sector": customer.c.sector,
        "customer_class": customer.c.customer_class,
        "record": document.c.id,
    }


def invoice_rows(ask: Ask, day: Dated, when: Chosen) -> Select[Any]:
    """The cells of invoices and credit notes, dated ``day(issued_on)``, for those that meet ``when(issued_on)``."""
    invoice, customer = at(Invoice, ask.moment), customers(ask)
    source = invoice.join(customer, customer.c.id == invoice.c.customer_id)
    dims = _stamped(invoice, customer)
    amount: ColumnElement[Any] = invoice.c.base_amount
    if ask.wants("product"):
        line = at(InvoiceLine, ask.moment)
        source = source.outerjoin(line, line.c.invoice_id == invoice.c.id)
        dims["product"], amount = line.c.product_id, func.coalesce(func.sum(line.c.base_amount), 0)
    asked = _pick(ask, dims)
    states = [invoice.c.kind, invoice.c.status, invoice.c.cancelled_on]
    rows = (
        select(day(invoice.c.issued_on).label("day"), *states, *asked, amount.label("amount"))
        .select_from(source)
        .where(*when(invoice.c.issued_on), real(customer), *scope(ask, dims))
    )
    if ask.wants("product"):  # one row for each product an invoice holds, not for each of its lines
        by = (invoice.c.id, invoice.c.issued_on, *states, *(column.element for column in asked))
        rows = rows.group_by(*by)
    keys = ["day", "kind", "status", "cancelled_on", *(column.name for column in asked)]
    return grouped(rows, keys, ["amount"])


def _line_measures(line: Any, rate: ColumnElement[Any]) -> Columns:
    """The five measures of one order line, in the company's currency."""
    listed, costed = line.c.list_price.is_not(None), line.c.unit_cost.is_not(None)
    return {
        "amount": line.c.base_amount,
        "list_amount": case((listed, line.c.list_price * line.c.quantity * rate), else_=0),
        "list_net": case((listed, line.c.base_amount), else_=0),
        "cost_amount": case((costed, line.c.unit_cost * line.c.quantity * rate), else_=0),
        "cost_net": case((costed, line.c.base_amount), else_=0),
    }


def order_rows(ask: Ask, day: Dated, when: Chosen) -> Select[Any]:
    """The cells of orders, their lines summed, dated ``day(confirmed_on)``, for those that meet
    ``when(confirmed_on)``; by product, one for each product an order holds.
    """
    order, customer = at(Order, ask.moment), customers(ask)
    line, delivery = at(OrderLine, ask.moment), at(Delivery, ask.moment)
    dims = _stamped(order, customer) | ({"product": line.c.product_id} if ask.wants("product") else {})
    delivered = (
        select(func.coalesce(func.sum(delivery.c.quantity), 0))
        .where(delivery.c.order_line_id == line.c.id, delivery.c.delivered_on <= ask.day)
        .scalar_subquery()
    )
    # Only an order closed short is counted by its deliveries: nobody else pays for looking them up.
    closed = and_(order.c.closed_on.is_not(None), line.c.quantity != 0)
    measures = _line_measures(line, order.c.exchange_rate)
    summed = [func.coalesce(func.sum(value), 0).label(name) for name, value in measures.items()]
    summed += [
        func.coalesce(func.sum(case((closed, value * delivered / line.c.quantity), else_=0)), 0).label(
            f"delivered_{name}"
        )
        for name, value in measures.items()
    ]
    asked = _pick(ask, dims)
    states = [order.c.status, order.c.cancelled_on, order.c.closed_on]
    rows = (
        select(day(order.c.confirmed_on).label("day"), *states, *asked, *summed)
        .select_from(
            order.join(customer, customer.c.id == order.c.customer_id).outerjoin(line, line.c.order_id == order.c.id)
        )
        .where(*when(order.c.confirmed_on), real(customer), *scope(ask, dims))
        .group_by(order.c.id, order.c.confirmed_on, *states, *(column.element for column in asked))
    )
    keys = ["day", "status", "cancelled_on", "closed_on", *(column.name for column in asked)]
    return grouped(rows, keys, [column.name for column in summed])


ORDER_TOTALS = Totals(
    "orders",
    order_totals,
    order_rows,
    {
        "order": select(Order.confirmed_on.label("day"), Order.id.label("key")),
        "line": select(Order.confirmed_on.label("day"), OrderLine.id.label("key")).join_from(OrderLine, Order),
        "customer": select(Order.confirmed_on.label("day"), Order.customer_id.label("key")),
    },
    part=lambda states, day: order_part(OrderCell(**states), day),
    settled={"status": "confirmed", "cancelled_on": None, "closed_on": None},
    words={"status": words(OrderStatus)},
    ahead=select(Order.confirmed_on.label("day"), Delivery.delivered_on.label("since"))
    .join_from(Delivery, OrderLine)
    .join(Order, Order.id == OrderLine.order_id)
    .where(Order.closed_on.is_not(None)),
)
INVOICE_TOTALS = Totals(
    "invoices",
    invoice_totals,
    invoice_rows,
    {"customer": select(Invoice.issued_on.label("day"), Invoice.customer_id.label("key"))},
    part=lambda states, day: invoice_part(InvoiceCell(**states), day),
    settled={"status": "posted", "cancelled_on": None},
    words={"kind": words(InvoiceKind), "status": words(InvoiceStatus)},
)
TOTALS = (ORDER_TOTALS, INVOICE_TOTALS)


async def invoices(session: AsyncSession, ask: Ask) -> list[InvoiceCell]:
    """Invoices and credit notes of the buckets asked; by product, their lines."""
    return await cells(session, cells_of(INVOICE_TOTALS, ask), InvoiceCell)


async def orders(session: AsyncSession, ask: Ask) -> list[OrderCell]:
    """Orders of the buckets asked, their lines summed; by product, one for each product an order holds."""
    return await cells(session, cells_of(ORDER_TOTALS, ask), OrderCell)


async def first_orders(session: AsyncSession, ask: Ask) -> list[CustomerCell]:
    """Customers whose first order that counts falls in the buckets asked, stamped as that order is."""
    order, customer = at(Order, ask.moment), customers(ask)
    # Two statements: the database cannot tell beforehand how few they are.
    began = (await session.execute(_may_begin(ask))).scalars()
    # A customer's first order of each status: which of them counts is decided in Python.
    firsts = (
        select(order)
        .where(
            order.c.confirmed_on <= min(ask.day, ask.bounds[-1] - timedelta(days=1)),  # a first one beyond is none here
            order.c.customer_id == any_(array_of(began, Uuid)),
        )
        .ext(distinct_on(order.c.customer_id, order.c.status, order.c.cancelled_on))
        .order_by(order.c.customer_id, order.c.status, order.c.cancelled_on, order.c.confirmed_on, order.c.id)
        .subquery()
    )
    result = await session.execute(
        select(
            customer.c.id,
            customer.c.sector,
            customer.c.customer_class,
            customer.c.source,
            firsts.c.confirmed_on,
            firsts.c.rep_id,
            firsts.c.team_id,
            firsts.c.business_unit_id,
            firsts.c.status,
            firsts.c.cancelled_on,
            firsts.c.id.label("order_id"),
        )
        .select_from(customer.join(firsts, firsts.c.customer_id == customer.c.id))
        .where(real(customer))
    )
    earliest: dict[Any, CustomerCell] = {}
    for row in result:
        first = OrderDays(
            day=row.confirmed_on,
            rep=row.rep_id,
            team=row.team_id,
            business_unit=row.business_unit_id,
            status=row.status,
            cancelled_on=row.cancelled_on,
            order=row.order_id,
        )
        known = earliest[row.id].first_order if row.id in earliest else None
        # Of two orders of one day, the same always comes first.
        if not order_counts(first, ask.day) or (known is not None and _rank(known) <= _rank(first)):
            continue
        earliest[row.id] = CustomerCell(
            day=first.day,
            rep=first.rep,
            team=first.team,
            business_unit=first.business_unit,
            customer=row.id,
            sector=row.sector,
            customer_class=row.customer_class,
            source=row.source,
            record=row.id,
            first_order=first,
        )
    return keep(ask, earliest.values())


def _may_begin(ask: Ask) -> Any:
    """The customers who ordered in a span asked and had no order before it that still counts: few."""
    order, before = at(Order, ask.moment), at(Order, ask.moment, "before")
    counts = and_(before.c.status != "draft", before.c.cancelled_on.is_(None))
    earlier = select(before.c.id).where(before.c.customer_id == order.c.customer_id, counts)
    spans = ask.spans or (Period(ask.bounds[0], ask.bounds[-1]),)
    began = [
        and_(
            *within(replace(ask, spans=(span,)), order.c.confirmed_on),
            ~earlier.where(before.c.confirmed_on < span.start).exists(),
        )
        for span in spans
    ]
    return select(order.c.customer_id).where(or_(*began)).distinct()


def _rank(first: OrderDays) -> tuple[date, str]:
    return first.day, str(first.order)


async def closed_opportunities(session: AsyncSession, ask: Ask) -> list[OpportunityCell]:
    """Opportunities won or lost in the buckets asked; they count for their owner."""
    return await opportunity_rows(session, ask, closed=True)


async def decided_quotes(session: AsyncSession, ask: Ask) -> list[QuoteCell]:
    """The latest version of quotes decided, or run out, in the buckets asked."""
    found = []
    spans = ask.spans or (Period(ask.bounds[0], ask.bounds[-1]),)
    for cell in await quotes(session, ask, decided=True):
        decided = decision_day(cell)
        if decided is not None and decided <= ask.day and any(decided in span for span in spans):
            found.append(replace(cell, day=decided))
    return found


async def prospects(session: AsyncSession, ask: Ask) -> list[ProspectCell]:
    """Customers by first day as a prospect, stamped with whom they counted for then."""
    customer = customers(ask)
    dims: Columns = {
        "rep": customer.c.prospect_rep_id,
        "team": customer.c.prospect_team_id,
        "business_unit": customer.c.prospect_business_unit_id,
        "customer": customer.c.id,
        "sector": customer.c.sector,
        "customer_class": customer.c.customer_class,
        "source": customer.c.source,
        "record": customer.c.id,
        "imported": customer.c.is_imported,
    }
    rows = select(
        bucket(ask, customer.c.prospect_on).label("day"), customer.c.is_imported.label("imported"), *_pick(ask, dims)
    ).where(*within(ask, customer.c.prospect_on), real(customer), *scope(ask, dims))
    keys = ["day", "imported", *(name for name in dims if name in ask.dimensions)]
    return await cells(session, grouped(rows, keys, []), ProspectCell)


async def leads(session: AsyncSession, ask: Ask) -> list[LeadCell]:
    """Leads qualified or created in the buckets asked: as stamped when qualified, by their owner until then."""
    lead, owner, customer = at(Lead, ask.moment), owners(ask), customers(ask)
    columns = owner.columns(lead.c.owner_id)
    stamped = lead.c.qualified_on <= ask.day
    dims: Columns = {
        "rep": case((stamped, lead.c.rep_id), else_=columns["rep"]),
        "team": case((stamped, lead.c.team_id), else_=columns["team"]),
        "business_unit": case((stamped, lead.c.business_unit_id), else_=columns["business_unit"]),
        "product": lead.c.product_id,
        "source": lead.c.source,
        "record": lead.c.id,
    }
    days = [lead.c.created_on, lead.c.qualified_on, lead.c.converted_on]
    rows = (
        select(*days, *_pick(ask, dims))
        .select_from(owner.join(lead, lead.c.owner_id).outerjoin(customer, customer.c.id == lead.c.customer_id))
        .where(
            or_(and_(*within(ask, lead.c.qualified_on)), and_(*within(ask, lead.c.created_on))),
            real(customer, lead.c.customer_id),
            *scope(ask, dims),
        )
    )
    keys = ["created_on", "qualified_on", "converted_on", *(name for name in dims if name in ask.dimensions)]
    return await cells(session, grouped(rows, keys, []), LeadCell)
