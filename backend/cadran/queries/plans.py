"""Facts about action plans: how far their actions are, and what their customers and products brought."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.counting import order_measure
from cadran.metrics.facts import ZERO, OrderCell, PlanCell
from cadran.metrics.kpi import Context
from cadran.metrics.periods import Period
from cadran.models import ActionPlan, Delivery, Order, OrderLine, PlanAction, PlanCustomer, PlanProduct
from cadran.queries import kept_states
from cadran.queries.ask import Ask, among, customers, labelled, owners, real, remembered, scope
from cadran.queries.asof import at
from cadran.queries.made_by import MADE_BY


@remembered
async def plans(session: AsyncSession, ask: Ask) -> list[PlanCell]:
    """Action plans started by the day asked, with the weight of their actions and what their customers ordered."""
    plan, action, owner = at(ActionPlan, ask.moment), at(PlanAction, ask.moment), owners(ask)
    alive = or_(action.c.status != "cancelled", action.c.status.is_(None))
    done = and_(action.c.done_on.is_not(None), action.c.done_on <= ask.day)
    weights = (
        select(
            action.c.action_plan_id,
            func.sum(case((alive, action.c.weight), else_=0)).label("weight"),
            func.sum(case((and_(alive, done), action.c.weight), else_=0)).label("weight_done"),
        )
        .group_by(action.c.action_plan_id)
        .subquery()
    )
    dims = owner.columns(plan.c.owner_id) | {"record": plan.c.id}
    statement = (
        select(
            *labelled(dims),
            plan.c.status,
            plan.c.starts_on,
            plan.c.ends_on,
            plan.c.revenue_target,
            func.coalesce(weights.c.weight, 0).label("weight"),
            func.coalesce(weights.c.weight_done, 0).label("weight_done"),
        )
        .select_from(owner.join(plan, plan.c.owner_id).outerjoin(weights, weights.c.action_plan_id == plan.c.id))
        .where(plan.c.starts_on <= ask.day, *scope(ask, dims))
    )
    revenue = await _plan_revenue(session, ask)
    rows = (await session.execute(statement)).mappings()
    return [PlanCell(**row, revenue=revenue[row["record"]], resource="action-plans") for row in rows]


async def _plan_revenue(session: AsyncSession, ask: Ask) -> Mapping[UUID, Decimal]:
    """What was ordered for each plan, from what is kept of each customer where it is."""
    plain = Ask(ask.moment, ask.day)
    kept = await kept_states.kept_day(session, plain, MADE_BY) if ask.moment is None else None
    sums = await kept_states.plan_sums(session, kept) if kept else None
    if kept is None or sums is None:
        return _by_plan(await ordered_for_plans(session, plain))
    found, changed = sums
    if kept.stale:
        theirs = replace(plain, filters={"customer": frozenset(map(kept_states.unit_of, kept.stale))})
        for plan, amount in _by_plan(await ordered_for_plans(session, theirs)).items():
            found[plan] += amount
    if changed:
        anew = _by_plan(await ordered_for_plans(session, plain, changed))
        found.update({plan: anew[plan] for plan in changed})
    return found


def _by_plan(ordered: Mapping[tuple[UUID, UUID], Decimal]) -> Mapping[UUID, Decimal]:
    found: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for (plan, _), amount in ordered.items():
        found[plan] += amount
    return found


async def ordered_for_plans(
    session: AsyncSession, ask: Ask, plans: frozenset[UUID] | None = None
) -> Mapping[tuple[UUID, UUID], Decimal]:
    """By plan and customer, what was ordered since the plan's start by its customers (all, when it names none) and of
    its products (all, likewise); for a plan that names neither, nothing. Of these ``plans`` and the customers asked.
    """
    plan, order, line = at(ActionPlan, ask.moment), at(Order, ask.moment), at(OrderLine, ask.moment)
    customer = customers(ask)
    buyer, product, delivery = at(PlanCustomer, ask.moment), at(PlanProduct, ask.moment), at(Delivery, ask.moment)
    buyers = select(buyer.c.action_plan_id, buyer.c.customer_id).distinct().cte("buyers")
    sold = select(product.c.action_plan_id, product.c.product_id).distinct().cte("sold")
    names_product = select(sold.c.product_id).where(sold.c.action_plan_id == plan.c.id).exists()
    one_sold = select(sold.c.product_id).where(
        sold.c.action_plan_id == plan.c.id, sold.c.product_id == line.c.product_id
    )
    names_buyer = select(buyers.c.customer_id).where(buyers.c.action_plan_id == plan.c.id).exists()
    delivered = (
        select(func.coalesce(func.sum(delivery.c.quantity), 0))
        .where(delivery.c.order_line_id == line.c.id, delivery.c.delivered_on <= ask.day)
        .scalar_subquery()
    )
    closed = and_(order.c.closed_on.is_not(None), line.c.quantity != 0)
    # The first start of all, told apart: the database looks it up first, and leaves older orders out by the index.
    first = select(func.min(at(ActionPlan, ask.moment, "any").c.starts_on)).scalar_subquery()
    dated = order.c.confirmed_on
    since = and_(dated >= plan.c.starts_on, dated >= first, dated <= ask.day)

    those = [] if plans is None else [among(plan.c.id, plans)]

    def theirs(column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return [among(column, ask.filters["customer"])] if "customer" in ask.filters else []

    def lines(source: FromClause, *conditions: ColumnElement[bool]) -> Select[Any]:
        """The lines of one kind of plan: each begins with the few records it names, never with every order."""
        return (
            select(
                plan.c.id, order.c.customer_id, order.c.status, order.c.cancelled_on, order.c.closed_on,
                line.c.base_amount.label("amount"),
                case((closed, line.c.base_amount * delivered / line.c.quantity), else_=0).label("delivered_amount"),
            )
            .select_from(source.join(customer, customer.c.id == order.c.customer_id))
            .where(real(customer), *conditions, *those)
        )  # fmt: skip

    by_buyer = plan.join(buyers, buyers.c.action_plan_id == plan.c.id)
    by_buyer = by_buyer.join(order, and_(order.c.customer_id == buyers.c.customer_id, since))
    by_buyer = by_buyer.join(line, line.c.order_id == order.c.id)
    by_product = plan.join(sold, sold.c.action_plan_id == plan.c.id)
    by_product = by_product.join(line, line.c.product_id == sold.c.product_id)
    by_product = by_product.join(order, and_(order.c.id == line.c.order_id, since))
    rows = union_all(
        # Asked of the few customers a plan names: of the orders, it would begin with everybody since its start.
        lines(by_buyer, or_(~names_product, one_sold.exists()), *theirs(buyers.c.customer_id)),
        lines(by_product, ~names_buyer, *theirs(order.c.customer_id)),
    ).subquery()
    states = (rows.c.id, rows.c.customer_id, rows.c.status, rows.c.cancelled_on, rows.c.closed_on)
    summed = (func.sum(rows.c[name]).label(name) for name in ("amount", "delivered_amount"))
    context = Context(day=ask.day, period=Period(ask.day, ask.day + timedelta(days=1)))
    found: dict[tuple[UUID, UUID], Decimal] = defaultdict(lambda: ZERO)
    for row in await session.execute(select(*states, *summed).group_by(*states)):
        given = row._asdict()
        key = given.pop("id"), given.pop("customer_id")
        found[key] += order_measure("amount", OrderCell(**given), context)
    return found
