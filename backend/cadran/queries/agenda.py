"""Rows shown as they are on the screens: the day's visits, the reports of a period."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Uuid, and_, any_, false, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.facts import TaskCell
from cadran.models import Customer, Interaction, User, Visit, VisitReport
from cadran.queries.ask import Ask, array_of, cells, customers, dimensions, owners, real, scope
from cadran.queries.asof import at
from cadran.queries.states import open_tasks


async def visits_of_day(session: AsyncSession, ask: Ask, most: int) -> tuple[list[dict[str, Any]], int]:
    """Visits planned on the day asked and not cancelled, held ones included, in the order of the day: the first ones,
    and how many there are.
    """
    visit, customer, owner = at(Visit, ask.moment), customers(ask), owners(ask)
    dims = dimensions(owner.columns(visit.c.owner_id), customer, visit.c.customer_id, visit.c.id)
    # Of a company's thousands an index holds all that is needed to count and to sort; the others are few.
    others = customers(ask)
    planned = (
        select(visit.c.id, func.count().over().label("planned"))
        .select_from(owner.join(visit, visit.c.owner_id).outerjoin(customer, customer.c.id == visit.c.customer_id))
        .where(
            visit.c.planned_on == ask.day,
            visit.c.status != "cancelled",
            visit.c.customer_id.not_in(select(others.c.id).where(~real(others))),
            *scope(ask, dims),
        )
        .order_by(visit.c.planned_time.nulls_last(), visit.c.id)
        .limit(most)
    )
    first = (await session.execute(planned)).all()
    statement = (
        select(
            visit.c.id,
            visit.c.status,
            visit.c.planned_time,
            visit.c.duration_minutes,
            visit.c.purpose,
            visit.c.location,
            customer.c.id.label("customer_id"),
            customer.c.name.label("customer"),
            customer.c.city,
            customer.c.phone,
            visit.c.owner_id,
            owner.users.c.name.label("owner"),
        )
        .select_from(owner.join(visit, visit.c.owner_id).join(customer, customer.c.id == visit.c.customer_id))
        .where(visit.c.id == any_(array_of([row.id for row in first], Uuid)))
        .order_by(visit.c.planned_time.nulls_last(), visit.c.id)
    )
    shown = [dict(row) for row in (await session.execute(statement)).mappings()] if first else []
    return shown, first[0].planned if first else 0


async def task_groups(session: AsyncSession, ask: Ask) -> list[TaskCell]:
    """The tasks open at the day asked, those of one priority due on one day together."""
    found = open_tasks(ask).subquery().c
    grouped = select(found.priority, found.due_on, func.count().label("n")).group_by(found.priority, found.due_on)
    return await cells(session, grouped, TaskCell)


async def tasks_of(session: AsyncSession, ask: Ask, groups: Sequence[TaskCell], most: int) -> list[TaskCell]:
    """The ``most`` first tasks of each of these groups, by id; whose they are is not told."""
    found = open_tasks(ask).subquery().c
    place = func.row_number().over(partition_by=(found.priority, found.due_on), order_by=found.record)
    those = [and_(found.priority == each.priority, found.due_on == each.due_on) for each in groups]
    told = (found.record, found.priority, found.due_on)
    ranked = select(*told, place.label("place")).where(or_(false(), *those)).subquery().c
    first = select(ranked.record, ranked.priority, ranked.due_on).where(ranked.place <= most)
    return await cells(session, first, TaskCell, resource="tasks")


async def reports(session: AsyncSession, ask: Ask, limit: int = 20) -> list[dict[str, Any]]:
    """The latest submitted reports of visits held in the spans asked, in the customers' words."""
    visit, report = Visit.__table__.alias(), VisitReport.__table__.alias()
    customer, user = Customer.__table__.alias(), User.__table__.alias()
    stamps: dict[str, ColumnElement[Any]] = {
        "rep": visit.c.rep_id, "team": visit.c.team_id, "business_unit": visit.c.business_unit_id,
    }  # fmt: skip
    dims = dimensions(stamps, customer, visit.c.customer_id, visit.c.id)
    statement = (
        select(
            report.c.id,
            visit.c.id.label("visit_id"),
            visit.c.held_on,
            report.c.summary,
            report.c.customer_words,
            report.c.outcome,
            report.c.next_step,
            report.c.next_step_on,
            customer.c.id.label("customer_id"),
            customer.c.name.label("customer"),
            user.c.name.label("rep"),
        )
        .select_from(
            report.join(visit, visit.c.id == report.c.visit_id)
            .join(customer, customer.c.id == visit.c.customer_id)
            .outerjoin(user, user.c.id == visit.c.rep_id)
        )
        .where(
            report.c.status == "submitted",
            visit.c.held_on >= ask.bounds[0],
            visit.c.held_on < ask.bounds[-1],
            visit.c.held_on <= ask.day,
            real(customer),
            *scope(ask, dims),
        )
        .order_by(visit.c.held_on.desc(), report.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def last_heard(session: AsyncSession, among: list[Any], day: date) -> dict[Any, date]:
    """The last day each customer was seen or heard, by the day given."""
    found: dict[Any, date] = {}
    for rows, column in ((Visit, Visit.held_on), (Interaction, Interaction.occurred_on)):
        statement = select(rows.customer_id, column).where(rows.customer_id.in_(among), column <= day)
        for customer, on in await session.execute(statement):
            if on is not None and (customer not in found or found[customer] < on):
                found[customer] = on
    return found


# The newest time each left: deleted, or given to somebody else and not come back.
_LEFT = text("""
    SELECT DISTINCT ON (r.id) r.*, c.at FROM change AS c
    CROSS JOIN LATERAL jsonb_populate_record(NULL::visits, c.before) AS r
    WHERE c.resource = 'visits' AND c.operation <> 'insert' AND c.at > now() - CAST(:within AS interval)
        AND c.before ->> 'owner_id' = CAST(:owner AS text)
        AND c.after ->> 'owner_id' IS DISTINCT FROM CAST(:owner AS text)
        AND r.planned_on >= CAST(:since AS date)
        AND NOT EXISTS (SELECT FROM visits AS v WHERE v.id = r.id AND v.owner_id = CAST(CAST(:owner AS text) AS uuid))
    ORDER BY r.id, c.xid DESC, c.seq DESC
""")


async def left_visits(session: AsyncSession, owner: UUID, since: date, within: timedelta) -> Sequence[RowMapping]:
    """The visits planned since a day that left somebody's agenda lately, as they stood, with ``at``: when they left."""
    asked = {"owner": str(owner), "since": since, "within": within}
    return (await session.execute(_LEFT, asked)).mappings().all()
