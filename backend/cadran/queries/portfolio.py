"""Facts about customers as a portfolio: what they owe, and their order rhythm."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.counting import happened, order_counts, signed_invoice_amount
from cadran.metrics.facts import (
    ZERO,
    Cell,
    CustomerCell,
    InvoiceCell,
    OrderDays,
    ReceivableCell,
    RequestCell,
)
from cadran.metrics.kpi import Context
from cadran.metrics.periods import Period, previous_year
from cadran.models import (
    Customer,
    Delivery,
    Interaction,
    Invoice,
    Order,
    OrderLine,
    Payment,
    ServiceRequest,
    Settings,
    Visit,
)
from cadran.queries.ask import (
    Ask,
    array_of,
    cells,
    customers,
    dimensions,
    labelled,
    of_customers,
    owners,
    real,
    remembered,
    scope,
)
from cadran.queries.asof import at
from cadran.queries.states import order_lines


@remembered
async def outstanding(session: AsyncSession, ask: Ask) -> list[Cell]:
    """Order lines in progress, receivables and service requests, for the customers' owners."""
    found: list[Cell] = []
    found += await order_lines(session, ask)
    found += await receivables(session, ask)
    found += await requests(session, ask)
    return found


async def credit_limits(
    session: AsyncSession, moment: datetime | None, whose: Sequence[UUID]
) -> dict[UUID, Decimal | None]:
    customer = at(Customer, moment)
    those = customer.c.id == any_(array_of(whose, Uuid))
    rows = await session.execute(select(customer.c.id, customer.c.credit_limit).where(those))
    return {row.id: row.credit_limit for row in rows}


async def receivables(session: AsyncSession, ask: Ask) -> list[ReceivableCell]:
    """Invoices issued by the day and not wholly paid or credited by then, and credit notes tied to none."""
    invoice, credit, payment = at(Invoice, ask.moment), at(Invoice, ask.moment, "credit"), at(Payment, ask.moment)
    customer, owner = customers(ask), owners(ask)
    whose = of_customers(ask, invoice.c.customer_id)
    asked = select(invoice.c.id).where(*whose)
    paid = (
        select(payment.c.invoice_id, func.sum(payment.c.base_amount).label("amount"))
        .where(payment.c.paid_on <= ask.day, *([payment.c.invoice_id.in_(asked)] if whose else []))
        .group_by(payment.c.invoice_id)
        .subquery()
    )
    credited = (
        select(credit.c.credited_invoice_id, func.sum(credit.c.base_gross_amount).label("amount"))
        .where(
            credit.c.kind == "credit_note",
            credit.c.status != "draft",
            credit.c.issued_on <= ask.day,
            or_(credit.c.cancelled_on.is_(None), credit.c.cancelled_on > ask.day),
            *([credit.c.credited_invoice_id.in_(asked)] if whose else []),
        )
        .group_by(credit.c.credited_invoice_id)
        .subquery()
    )
    dims = dimensions(owner.columns(customer.c.owner_id), customer, invoice.c.customer_id, invoice.c.id)
    received, deducted = func.coalesce(paid.c.amount, 0), func.coalesce(credited.c.amount, 0)
    source = invoice.join(customer, customer.c.id == invoice.c.customer_id)
    source = owner.join(source, customer.c.owner_id).outerjoin(paid, paid.c.invoice_id == invoice.c.id)
    source = source.outerjoin(credited, credited.c.credited_invoice_id == invoice.c.id)
    statement = (
        select(
            *labelled(dims),
            invoice.c.kind,
            invoice.c.status,
            invoice.c.issued_on,
            invoice.c.due_on,
            invoice.c.cancelled_on,
            invoice.c.base_gross_amount.label("gross_amount"),
            received.label("paid"),
            deducted.label("credited"),
        )
        .select_from(source)
        .where(
            invoice.c.issued_on <= ask.day,
            invoice.c.credited_invoice_id.is_(None),
            invoice.c.base_gross_amount != received + deducted,  # settled: most invoices, left out early
            real(customer),
            *scope(ask, dims),
        )
    )
    return await cells(session, statement, ReceivableCell, resource="invoices")


@remembered
async def requests(session: AsyncSession, ask: Ask) -> list[RequestCell]:
    """Service requests opened by the day and not closed by then, for the customers' owners."""
    request, customer, owner = at(ServiceRequest, ask.moment), customers(ask), owners(ask)
    dims = dimensions(owner.columns(customer.c.owner_id), customer, request.c.customer_id, request.c.id)
    source = owner.join(request.join(customer, customer.c.id == request.c.customer_id), customer.c.owner_id)
    statement = (
        select(*labelled(dims), request.c.opened_on, request.c.closed_on)
        .select_from(source)
        .where(
            request.c.opened_on <= ask.day,
            or_(request.c.closed_on.is_(None), request.c.closed_on > ask.day),
            real(customer),
            *scope(ask, dims),
        )
    )
    return await cells(session, statement, RequestCell, resource="service-requests")


@remembered
async def customer_histories(session: AsyncSession, ask: Ask) -> list[CustomerCell]:
    """Customers who ordered by the day asked, with their order days and the promises that keep them active."""
    customer, owner, settings = customers(ask), owners(ask), at(Settings, ask.moment)
    days = await _order_days(session, ask)
    promises = await _promises(session, ask)
    dims = dimensions(owner.columns(customer.c.owner_id), customer, customer.c.id, customer.c.id)
    statement = (
        select(*labelled(dims), customer.c.order_cycle_days, customer.c.visit_cadence_days)
        .select_from(owner.join(customer, customer.c.owner_id))
        .where(real(customer), *scope(ask, dims))
    )
    sectors = (await session.execute(select(settings.c.sector_cycle_days))).scalar() or {}
    found = []
    for row in (await session.execute(statement)).mappings():
        if row["record"] in days:
            given = dict(row)
            own, cadence = given.pop("order_cycle_days"), given.pop("visit_cadence_days")
            found.append(
                CustomerCell(
                    **given,
                    order_days=tuple(sorted(days[row["record"]])),
                    promises=tuple(promises.get(row["record"], ())),
                    own_cycle=own,
                    sector_cycle=sectors.get(row["sector"] or ""),
                    visit_cadence=cadence,
                )
            )
    return found


@remembered
async def customer_rhythm(session: AsyncSession, ask: Ask) -> list[CustomerCell]:
    """The same with what each brought in over twelve months and when it was last seen and heard."""
    histories = await customer_histories(session, ask)
    revenue = await revenue_by_customer(session, ask)
    visit, contact = at(Visit, ask.moment), at(Interaction, ask.moment)
    seen = await _last(session, ask, visit, visit.c.held_on)
    # A call nobody picked up is no sign of life.
    heard = await _last(session, ask, contact, contact.c.occurred_on, contact.c.answered)
    return [
        replace(
            cell,
            revenue=revenue.get(cell.record, ZERO),
            last_visit_on=seen.get(cell.record),
            last_contact_on=heard.get(cell.record),
        )
        for cell in histories
    ]


async def _order_days(session: AsyncSession, ask: Ask) -> dict[UUID, set[date]]:
    order = at(Order, ask.moment)
    statement = (
        select(
            order.c.customer_id,
            order.c.status,
            order.c.cancelled_on,
            func.array_agg(order.c.confirmed_on.distinct()).label("days"),
        )
        .where(order.c.confirmed_on <= ask.day, *of_customers(ask, order.c.customer_id))
        .group_by(order.c.customer_id, order.c.status, order.c.cancelled_on)
    )
    found: dict[UUID, set[date]] = defaultdict(set)
    for row in await session.execute(statement):
        if order_counts(OrderDays(day=row.days[0], status=row.status, cancelled_on=row.cancelled_on), ask.day):
            found[row.customer_id].update(row.days)
    return found


async def _promises(session: AsyncSession, ask: Ask) -> dict[UUID, list[tuple[date, date]]]:
    """Per customer, from when to when an undelivered promise held.

    One shorter than the minimum cycle changes nothing (the customer is active by its silence): left out early.
    """
    order, line, delivery = at(Order, ask.moment), at(OrderLine, ask.moment), at(Delivery, ask.moment)
    promised = func.coalesce(line.c.promised_on, order.c.promised_on)
    delivered = (
        select(
            func.sum(delivery.c.quantity).label("quantity"),
            func.max(delivery.c.delivered_on).label("last_on"),
        )
        .where(delivery.c.delivered_on <= ask.day, delivery.c.order_line_id == line.c.id)
        .lateral()
    )
    full_on = case((func.coalesce(delivered.c.quantity, 0) >= line.c.quantity, delivered.c.last_on))
    states = (order.c.customer_id, order.c.confirmed_on, order.c.status, order.c.cancelled_on, order.c.closed_on)
    statement = (
        select(*states, promised.label("promised_on"), full_on.label("full_on"))
        .select_from(order.join(line, line.c.order_id == order.c.id).outerjoin(delivered, true()))
        .where(
            order.c.confirmed_on <= ask.day,
            promised > order.c.confirmed_on + ask.minimum_cycle_days,
            *of_customers(ask, order.c.customer_id),
        )
        .distinct()
    )
    found: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for row in await session.execute(statement):
        if order_counts(OrderDays(day=row.confirmed_on, status=row.status, cancelled_on=row.cancelled_on), ask.day):
            ends = [ended - timedelta(days=1) for ended in (row.full_on, row.closed_on) if happened(ended, ask.day)]
            found[row.customer_id].append((row.confirmed_on, min([row.promised_on, *ends])))
    return found


@remembered
async def revenue_by_customer(session: AsyncSession, ask: Ask) -> dict[UUID | None, Decimal]:
    """Net invoiced revenue of each customer over the twelve months that end with the day asked."""
    invoice, after = at(Invoice, ask.moment), ask.day + timedelta(days=1)
    statement = (
        select(
            invoice.c.customer_id, invoice.c.kind, invoice.c.status, invoice.c.cancelled_on,
            func.sum(invoice.c.base_amount).label("amount"),
        )
        .where(
            invoice.c.issued_on <= ask.day,
            invoice.c.issued_on >= previous_year(Period(after, after)).start,
            *of_customers(ask, invoice.c.customer_id),
        )
        .group_by(invoice.c.customer_id, invoice.c.kind, invoice.c.status, invoice.c.cancelled_on)
    )  # fmt: skip
    context = Context(day=ask.day, period=Period(ask.day, ask.day + timedelta(days=1)))
    found: dict[UUID | None, Decimal] = defaultdict(lambda: ZERO)
    for row in await session.execute(statement):
        cell = InvoiceCell(kind=row.kind, status=row.status, cancelled_on=row.cancelled_on, amount=row.amount)
        found[row.customer_id] += signed_invoice_amount(cell, context)
    return found


async def _last(
    session: AsyncSession, ask: Ask, rows: Any, on: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> dict[UUID | None, date]:
    among = of_customers(ask, rows.c.customer_id)
    statement = select(rows.c.customer_id, func.max(on)).where(on <= ask.day, *among, *conditions)
    statement = statement.group_by(rows.c.customer_id)
    return dict((await session.execute(statement)).all())
