"""Facts that are states at a day: quotes, visits planned and held, order lines in progress, tasks."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.attribution import ConfirmedOrder, attribute
from cadran.metrics.counting import is_open, is_overdue, late_net_amount, order_counts, weighted
from cadran.metrics.facts import ZERO, OrderDays, OrderLineCell, QuoteCell, TaskCell, VisitCell
from cadran.metrics.periods import Period
from cadran.models import (
    Delivery,
    Interaction,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Quote,
    Task,
    Visit,
    VisitReport,
)
from cadran.queries.ask import (
    Ask,
    Columns,
    among,
    cells,
    customers,
    dimensions,
    keep,
    labelled,
    on_lines,
    owners,
    real,
    remembered,
    scope,
    within,
)
from cadran.queries.asof import at
from cadran.queries.deals import newer_version, opportunities


def _ended(quote: FromClause, span: Period) -> ColumnElement[bool]:
    """Decided in the span; or, undecided, its last day of validity was the day before one of it."""
    last = quote.c.expires_on
    ran_out = and_(last >= span.start - timedelta(days=1), last < span.end - timedelta(days=1))
    decided = and_(quote.c.decided_on >= span.start, quote.c.decided_on < span.end)
    return or_(decided, and_(quote.c.decided_on.is_(None), ran_out))


@remembered
async def quotes(session: AsyncSession, ask: Ask, *, decided: bool = False) -> list[QuoteCell]:
    """The latest version of quotes sent by the day asked. ``decided``: only those that may have been decided, or have
    run out, in the buckets asked, without their last contact.
    """
    quote, customer, owner = at(Quote, ask.moment), customers(ask), owners(ask)
    contact, visit = at(Interaction, ask.moment), at(Visit, ask.moment)
    heard = (
        select(func.max(contact.c.occurred_on))
        .where(contact.c.customer_id == quote.c.customer_id, contact.c.occurred_on <= ask.day)
        .scalar_subquery()
    )
    seen = (
        select(func.max(visit.c.held_on))
        .where(visit.c.customer_id == quote.c.customer_id, visit.c.held_on <= ask.day)
        .scalar_subquery()
    )
    dims = dimensions(owner.columns(quote.c.owner_id), customer, quote.c.customer_id, quote.c.id)
    spans = ask.spans or (Period(ask.bounds[0], ask.bounds[-1]),) if decided else ()
    statement = (
        select(
            *labelled(dims),
            # Superseded is not a state of the past: the version in force then is told by its dates.
            case((quote.c.status == "superseded", "sent"), else_=quote.c.status).label("status"),
            quote.c.sent_on,
            quote.c.decided_on,
            quote.c.expires_on,
            quote.c.next_follow_up_on,
            (null() if decided else func.greatest(heard, seen)).label("last_contact_on"),
            quote.c.base_amount.label("amount"),
        )
        .select_from(owner.join(quote, quote.c.owner_id).join(customer, customer.c.id == quote.c.customer_id))
        .where(quote.c.sent_on <= ask.day, ~newer_version(ask, quote, ask.day), real(customer), *scope(ask, dims))
        .where(*([or_(*(_ended(quote, span) for span in spans))] if decided else []))
    )
    return await cells(session, statement, QuoteCell)


@remembered
async def visits(session: AsyncSession, ask: Ask) -> list[VisitCell]:
    """Visits planned by the day asked and not held by then, each with its customer's amount at risk, which counts once:
    on the customer's first overdue visit, whoever asks.
    """
    found = await _planned(session, ask)
    late = [cell for cell in found if is_overdue(cell, ask.day)]
    among: frozenset[Any] = frozenset(cell.customer for cell in late)
    risks = await at_risk(session, ask, among)
    if ask.filters or not (ask.who is None or ask.who.sees_all):
        everyone = replace(ask, filters={"customer": among}, who=None)
        late = [cell for cell in await _planned(session, everyone) if is_overdue(cell, ask.day)] if among else []
    first = {cell.customer: cell.record for cell in reversed(late)}
    return [
        replace(cell, customer_at_risk=risk, at_risk=risk if first[cell.customer] == cell.record else ZERO)
        if is_overdue(cell, ask.day) and (risk := risks.get(cell.customer, ZERO))
        else cell
        for cell in found
    ]


async def _planned(session: AsyncSession, ask: Ask) -> list[VisitCell]:
    visit, customer, owner = at(Visit, ask.moment), customers(ask), owners(ask)
    dims = dimensions(owner.columns(visit.c.owner_id), customer, visit.c.customer_id, visit.c.id)
    statement = (
        select(
            *labelled(dims),
            visit.c.status,
            visit.c.created_on,
            visit.c.planned_on,
            visit.c.first_planned_on,
            visit.c.held_on,
            visit.c.cancelled_on,
        )
        .select_from(owner.join(visit, visit.c.owner_id).join(customer, customer.c.id == visit.c.customer_id))
        .where(
            visit.c.planned_on < ask.day,
            or_(visit.c.held_on.is_(None), visit.c.held_on > ask.day),
            real(customer),
            *scope(ask, dims),
        )
        .order_by(visit.c.planned_on, visit.c.id)
    )
    return await cells(session, statement, VisitCell)


async def at_risk(session: AsyncSession, ask: Ask, among: frozenset[UUID | None]) -> dict[UUID | None, Decimal]:
    """For each customer, its weighted opportunities and late order lines, net of tax, whoever owns them."""
    if not among:
        return {}
    asked = Ask(ask.moment, ask.day, dimensions=frozenset({"record"}), filters={"customer": among})
    found: dict[UUID | None, Decimal] = defaultdict(lambda: ZERO)
    for deal in await opportunities(session, asked):
        if is_open(deal, ask.day):
            found[deal.customer] += weighted(deal)
    for line in await order_lines(session, asked, late_only=True):
        found[line.customer] += late_net_amount(line, ask.day)
    return found


@remembered
async def order_lines(session: AsyncSession, ask: Ask, *, late_only: bool = False) -> list[OrderLineCell]:
    """Lines of orders confirmed by the day asked that are not wholly delivered and invoiced; they count for the
    customer's owner. ``late_only``: those promised before the day.
    """
    order, line, customer, owner = at(Order, ask.moment), at(OrderLine, ask.moment), customers(ask), owners(ask)
    delivery, invoice, invoiced_line = at(Delivery, ask.moment), at(Invoice, ask.moment), at(InvoiceLine, ask.moment)
    delivered = (
        select(delivery.c.order_line_id, func.sum(delivery.c.quantity).label("quantity"))
        .where(delivery.c.delivered_on <= ask.day, *on_lines(ask, delivery.c.order_line_id, order, line))
        .group_by(delivery.c.order_line_id)
        .subquery()
    )
    invoiced = (
        select(invoiced_line.c.order_line_id, func.sum(invoiced_line.c.quantity).label("quantity"))
        .join_from(invoiced_line, invoice, invoice.c.id == invoiced_line.c.invoice_id)
        .where(
            invoice.c.kind == "invoice",
            invoice.c.status != "draft",
            invoice.c.issued_on <= ask.day,
            or_(invoice.c.cancelled_on.is_(None), invoice.c.cancelled_on > ask.day),
            *on_lines(ask, invoiced_line.c.order_line_id, order, line),
        )
        .group_by(invoiced_line.c.order_line_id)
        .subquery()
    )
    dims = dimensions(owner.columns(customer.c.owner_id), customer, order.c.customer_id, order.c.id)
    promised = func.coalesce(line.c.promised_on, order.c.promised_on)
    shipped, billed = func.coalesce(delivered.c.quantity, 0), func.coalesce(invoiced.c.quantity, 0)
    source = order.join(customer, customer.c.id == order.c.customer_id).join(line, line.c.order_id == order.c.id)
    source = source.outerjoin(delivered, delivered.c.order_line_id == line.c.id)
    source = owner.join(source, customer.c.owner_id).outerjoin(invoiced, invoiced.c.order_line_id == line.c.id)
    # Once shipped and billed in full a line adds nothing: most lines of a company, left out early.
    pending = promised < ask.day if late_only else or_(shipped < line.c.quantity, billed < shipped)
    statement = (
        select(
            *labelled(dims),
            order.c.status,
            order.c.confirmed_on,
            order.c.cancelled_on,
            order.c.closed_on,
            promised.label("promised_on"),
            line.c.quantity,
            shipped.label("delivered"),
            billed.label("invoiced"),
            line.c.base_amount.label("net_amount"),
            (line.c.base_amount * (1 + func.coalesce(line.c.vat_rate, 0))).label("gross_amount"),
        )
        .select_from(source)
        .where(order.c.confirmed_on <= ask.day, pending, real(customer), *scope(ask, dims))
    )
    return await cells(session, statement, OrderLineCell, resource="orders")


@remembered
async def held_visits(session: AsyncSession, ask: Ask) -> list[VisitCell]:
    """Visits held in the buckets asked, as stamped then, with the day their report was submitted."""
    return keep(ask, await _held(session, ask.without("rep", "team", "business_unit"), 0))


@remembered
async def _held(session: AsyncSession, ask: Ask, after: int) -> list[VisitCell]:
    visit, report, customer = at(Visit, ask.moment), at(VisitReport, ask.moment), customers(ask)
    stamps: Columns = {
        "rep": visit.c.rep_id, "team": visit.c.team_id, "business_unit": visit.c.business_unit_id,
    }  # fmt: skip
    dims = dimensions(stamps, customer, visit.c.customer_id, visit.c.id)
    local = func.timezone(ask.time_zone, report.c.submitted_at)
    known = report.c.status == "submitted"
    if ask.moment is not None:
        known = and_(known, report.c.submitted_at <= ask.moment)
    submitted = case((known, func.date(local)))
    statement = (
        select(
            visit.c.held_on.label("day"),
            *labelled(dims),
            visit.c.status,
            visit.c.created_on,
            visit.c.planned_on,
            visit.c.first_planned_on,
            visit.c.held_on,
            visit.c.cancelled_on,
            submitted.label("report_submitted_on"),
        )
        .select_from(
            visit.join(customer, customer.c.id == visit.c.customer_id).outerjoin(
                report, report.c.visit_id == visit.c.id
            )
        )
        .where(*within(ask, visit.c.held_on, after), real(customer), *scope(ask, dims))
    )
    return await cells(session, statement, VisitCell)


@remembered
async def held_visits_with_orders(session: AsyncSession, ask: Ask) -> list[VisitCell]:
    """Visits held in the buckets asked, with the orders attributed to each."""
    # Neighbours decide: visits of anyone, and those held up to a window after the period, may claim an order.
    after = ask.attribution_days + 1
    found = await _held(session, ask.without("rep", "team", "business_unit"), after)
    order, buyer, visit = at(Order, ask.moment), customers(ask), at(Visit, ask.moment)
    whose = ask.filters.get("customer")
    theirs, held = ([], []) if whose is None else ([among(each.c.customer_id, whose)] for each in (order, visit))
    ever = replace(ask, day=date.max)  # an order dated ahead counts one day
    near = and_(order.c.visit_id.is_(None), *within(ever, order.c.confirmed_on, after), *theirs)
    named = order.c.visit_id.in_(select(visit.c.id).where(*within(ask, visit.c.held_on, after), *held))
    result = await session.execute(
        select(
            order.c.id,
            order.c.customer_id,
            order.c.confirmed_on,
            order.c.visit_id,
            order.c.status,
            order.c.cancelled_on,
        )
        .select_from(order.join(buyer, buyer.c.id == order.c.customer_id))
        .where(or_(near, named), order.c.confirmed_on.is_not(None), real(buyer))
    )
    confirmed, ahead = [], []
    for row in result:
        told = ConfirmedOrder(row.id, row.customer_id, row.confirmed_on, row.visit_id)
        state = OrderDays(day=row.confirmed_on, status=row.status, cancelled_on=row.cancelled_on)
        if row.confirmed_on <= ask.day and order_counts(state, ask.day):
            confirmed.append(told)
        ahead += [(told, on) for on in (row.confirmed_on, row.cancelled_on) if on is not None and on > ask.day]
    attributed = attribute(found, confirmed, ask.attribution_days, ask.day, ahead)
    spans = ask.spans or (Period(ask.bounds[0], ask.bounds[-1]),)
    return [cell for cell in keep(ask, attributed) if any(cell.held_on in span for span in spans)]


def open_tasks(ask: Ask) -> Select[Any]:
    """Tasks open at the day asked, by owner."""
    task, customer, owner = at(Task, ask.moment), customers(ask), owners(ask)
    dims = dimensions(owner.columns(task.c.owner_id), customer, task.c.customer_id, task.c.id)
    known = (
        select(*labelled(dims), task.c.status, task.c.priority, task.c.due_on, task.c.done_on, task.c.created_on)
        .select_from(owner.join(task, task.c.owner_id).outerjoin(customer, customer.c.id == task.c.customer_id))
        .where(
            task.c.status != "cancelled",
            or_(task.c.created_on.is_(None), task.c.created_on <= ask.day),
            *scope(ask, dims),
        )
    )
    # Not one condition with OR: those not done have an index of their own, that holds all that is counted.
    return union_all(known.where(task.c.done_on.is_(None)), known.where(task.c.done_on > ask.day)).subquery().select()


@remembered
async def tasks(session: AsyncSession, ask: Ask) -> list[TaskCell]:
    """Tasks open at the day asked."""
    return await cells(session, open_tasks(ask), TaskCell, resource="tasks")
