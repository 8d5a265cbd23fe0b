"""KPIs that are states, read from what each customer adds to them, kept for the day by rep (ADR 7).

What a customer under a mark adds is taken out of the sums and read from the documents instead: a write counts from the
moment it is committed. Only questions of a day kept, by rep, team, unit or a customer's own dimensions are answered so:
of today, and of the days gone by that are asked for.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    Table,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.facts import ZERO, SummedCell
from cadran.models import ActionPlan
from cadran.models.totals import stale_totals, state_days, state_ranks, state_sums, state_totals
from cadran.queries.ask import Ask, array_of, customers, door, owners, scope
from cadran.queries.state_marks import NOBODY, stale

OWN = frozenset({"rep", "team", "business_unit"})
OF_CUSTOMER = frozenset({"customer", "sector", "customer_class"})
MOST = 5000  # customers read from the documents beside the sums; beyond, everything is


def unit_of(customer: UUID) -> UUID | None:
    return None if customer == NOBODY else customer


@dataclass(frozen=True)
class KeptDay:
    """A day kept. ``version``: of its row, another one once it is made anew; ``stale``: the customers to be read from
    the documents; ``windows``: the periods that what depends on one is kept for.
    """

    day: date
    version: str
    stale: frozenset[UUID]
    windows: frozenset[tuple[date, date]]

    @property
    def holds(self) -> ColumnElement[bool]:
        """Whether it still is as it was found. Part of every statement that reads it: between two of them the day may
        be over, or everybody be made anew, and half of what is kept be gone.
        """
        return and_(state_days.c.day == self.day, state_days.c.done, self.version == _VERSION)


_VERSION: Any = literal_column("CAST(state_days.xmin AS text)", Text)


async def kept_day(session: AsyncSession, ask: Ask, made_by: str, part: str = "all") -> KeptDay | None:
    """None: everybody is read from the documents, as the day is not kept or too much has changed. ``part``: what is to
    be read of it, if less than all.
    """
    if ask.moment is not None and part == "all":
        asked_for(session)[ask.day, ask.moment] = None
    reading: dict[Any, Any] = session.info.get("reading", {})
    key = ("kept", ask.day, ask.moment, part)
    if key not in reading:
        days = state_days.c
        there = (days.day == ask.day, days.moment.is_not_distinct_from(ask.moment), days.made_by == made_by, days.done)
        found = select(_VERSION.label("version"), days.windows, days.part)
        row = (await session.execute(found.where(*there, days.part.in_({"all", part})))).one_or_none()
        reading[key] = None
        if row is not None:
            since = None if ask.moment is None else ask.day
            if (known_as := ("stale", since)) not in reading:
                reading[known_as] = await stale(session, since)
            whom, everybody = reading[known_as]
            windows = frozenset(zip(row.windows[::2], row.windows[1::2], strict=True))
            kept = KeptDay(ask.day, row.version, whom, windows)
            reading[key] = None if everybody or len(whom) > MOST else kept
    known: KeptDay | None = reading[key]
    return known


def asked_for(session: AsyncSession) -> dict[tuple[date, datetime], None]:
    """The days gone by, and their ends, that this process was asked for: worth keeping."""
    shared: dict[str, Any] = session.info.get("shared", {})
    found: dict[tuple[date, datetime], None] = shared.setdefault("days asked for", {})
    return found


def answers(ask: Ask, *, stages: bool = False) -> bool:
    told = OWN | OF_CUSTOMER
    asked = {*ask.dimensions} - ({"stage"} if stages else set())
    return (ask.moment is None or ask.looked_back) and asked | {*ask.filters} <= told


async def cells(
    session: AsyncSession, ask: Ask, kept: KeptDay, kpi: str, inputs: Sequence[str]
) -> list[SummedCell] | None:
    """The sums kept of one KPI's inputs by the dimensions asked, but for what the stale customers add. None when the
    day is not what it was any more.
    """
    found = await _all(session, _summed(ask, kept, kpi, tuple(inputs)))
    if found is None:
        return None
    return [
        SummedCell(
            **{name: row[name] for name in ask.dimensions}, sums={name: row[name] for name in inputs if row[name]}
        )
        for row in found
    ]


@lru_cache(maxsize=128)  # as long as nothing is stale a screen asks the same all day
def _summed(ask: Ask, kept: KeptDay, kpi: str, inputs: tuple[str, ...]) -> Select[Any]:
    rows = _fresh(ask, kept, [kpi], inputs)
    source, dims = _described(ask, rows)
    dims["stage"] = rows.c.stage
    asked = [dims[name].label(name) for name in sorted(ask.dimensions)]
    summed = [func.sum(rows.c[name]).label(name) for name in inputs]
    return _held(kept, select(*asked, *summed).select_from(source).where(*scope(ask, dims)).group_by(*asked))


async def holds(session: AsyncSession, kept: KeptDay, kpi: str) -> bool:
    """Whether anything is kept under this name."""
    there = select(state_totals.c.kpi).where(state_totals.c.kpi == kpi, state_totals.c.day == kept.day).limit(1)
    return bool(await _read(session, kept, there))


def of_plan(plan: UUID) -> str:
    """The name under which what a customer ordered for an action plan is kept."""
    return f"plan {plan}"


async def changed_plans(session: AsyncSession) -> frozenset[UUID]:
    """The plans under a mark: to be read from the documents whole."""
    marks = stale_totals.c
    statement = select(marks.key).where(marks.fact == "states", marks.kind == "plan").distinct()
    return frozenset((await session.execute(statement)).scalars())


async def plan_sums(session: AsyncSession, kept: KeptDay) -> tuple[defaultdict[UUID, Decimal], frozenset[UUID]] | None:
    """What was ordered for each plan but by the stale customers, and the plans changed since; None as above."""
    plans = (await session.execute(select(ActionPlan.id))).scalars().all()
    changed = await changed_plans(session)  # afterwards: one made meanwhile is among them
    names = array_of(map(of_plan, plans), Text)
    customer, whom = state_sums.c.customer, array_of(kept.stale, Uuid)
    both = [(state_totals, 1, ()), *([(state_sums, -1, (customer == any_(whom),))] if kept.stale else [])]
    parts = [
        select(table.c.kpi, (sign * table.c.sums[1]).label("amount")).where(
            table.c.kpi == any_(names), table.c.day == kept.day, *conditions
        )
        for table, sign, conditions in both
    ]
    rows = union_all(*parts).subquery()
    found = await _read(session, kept, select(rows.c.kpi, func.sum(rows.c.amount).label("amount")).group_by(rows.c.kpi))
    if found is None:
        return None
    told = {row["kpi"]: row["amount"] for row in found}
    return defaultdict(lambda: ZERO, {plan: told[of_plan(plan)] for plan in plans if of_plan(plan) in told}), changed


async def behind(session: AsyncSession, ask: Ask, kept: KeptDay, kpi: str) -> frozenset[UUID] | None:
    """The customers whose records make the value, as kept and as the question lets through; None as above."""
    statement = _ranked(ask, (kpi,), state_ranks.c.customer).distinct()
    found = await _read(session, kept, statement)
    return None if found is None else frozenset(row["customer"] for row in found)


def counted_as(listing: str) -> str:
    """The name under which is kept how many records a list holds."""
    return f"count of {listing}"


async def first(
    session: AsyncSession, ask: Ask, kept: KeptDay, lists: Sequence[str], most: int
) -> list[RowMapping] | None:
    """The ``most`` first records of each list, as kept and as the question lets through, but for those of the stale
    customers (``record`` None: of this customer no more are kept); None as above.
    """
    ranks = state_ranks.c
    columns = (ranks.list, ranks.customer, ranks.resource, ranks.record, ranks.told, ranks.rank)
    fresh = ranks.customer != all_(array_of(kept.stale, Uuid))
    tops = [_ranked(ask, (name,), *columns).where(fresh).order_by(ranks.rank.desc()).limit(most) for name in lists]
    return await _read(session, kept, select(union_all(*(select(top.subquery()) for top in tops)).subquery()))


async def counts(session: AsyncSession, ask: Ask, kept: KeptDay, lists: Sequence[str]) -> dict[str, int] | None:
    """How many records each list holds, likewise."""
    names = {counted_as(name): name for name in lists}
    rows = _fresh(replace(ask, dimensions=frozenset()), kept, [*names], ["n"])
    source, dims = _described(ask, rows)
    counted = select(rows.c.kpi, func.sum(rows.c.n).label("n")).select_from(source).where(*scope(ask, dims))
    found = await _read(session, kept, counted.group_by(rows.c.kpi))
    return None if found is None else {names[row["kpi"]]: int(row["n"]) for row in found}


def _ranked(ask: Ask, lists: Sequence[str], *columns: Any) -> Select[Any]:
    source, dims = _described(ask, state_ranks)
    those = (state_ranks.c.list.in_(lists), state_ranks.c.day == ask.day)
    return select(*columns).select_from(source).where(*those, *scope(ask, dims))


async def _read(session: AsyncSession, kept: KeptDay, statement: Select[Any]) -> list[RowMapping] | None:
    """The rows; None unless the day holds in the very same look at the database."""
    return await _all(session, _held(kept, statement))


def _held(kept: KeptDay, statement: Select[Any]) -> Select[Any]:
    there = statement.add_columns(true().label("there")).subquery()
    return select(there).select_from(state_days.outerjoin(there, true())).where(kept.holds)


async def _all(session: AsyncSession, held: Select[Any]) -> list[RowMapping] | None:
    found = (await session.execute(held)).mappings().all()
    return [row for row in found if row["there"]] if found else None


def _fresh(ask: Ask, kept: KeptDay, kpis: Sequence[str], inputs: Sequence[str]) -> FromClause:
    """The sums kept, but for what the stale customers add."""
    customer, whom = state_sums.c.customer, array_of(kept.stale, Uuid)
    if {*ask.dimensions, *ask.filters} & OF_CUSTOMER:
        fresh: FromClause = _sums(state_sums, kpis, ask.day, inputs, customer != all_(whom)).subquery()
        return fresh
    sources = [_sums(state_totals, kpis, ask.day, inputs)]
    if kept.stale:
        sources.append(_sums(state_sums, kpis, ask.day, inputs, customer == any_(whom), sign=-1))
    return union_all(*sources).subquery()


def _sums(
    table: Table, kpis: Sequence[str], day: date, inputs: Sequence[str], *conditions: ColumnElement[bool], sign: int = 1
) -> Any:
    sums: Any = table.c.sums
    customer: Any = table.c.customer if "customer" in table.c else null()
    named = [(sign * sums[place]).label(name) for place, name in enumerate(inputs, start=1)]
    columns = [table.c.kpi, table.c.rep, table.c.stage, cast(customer, Uuid).label("customer"), *named]
    return select(*columns).where(table.c.kpi.in_(kpis), table.c.day == day, *conditions)


def _described(ask: Ask, rows: FromClause) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """The sums with whom they count for, as it stands now. Whose team nobody asks for is not looked up."""
    wanted = {*ask.dimensions, *ask.filters}
    dims: dict[str, ColumnElement[Any]] = {"rep": rows.c.rep, "team": null(), "business_unit": null()}
    source = rows
    if wanted & {"team", "business_unit"} or door(ask, *(dims[name] for name in ("rep", "team"))):
        owner = owners(ask)
        dims, source = owner.columns(rows.c.rep), owner.join(rows, rows.c.rep)
    if wanted & OF_CUSTOMER:
        customer = customers(ask)
        source = source.outerjoin(customer, customer.c.id == rows.c.customer)
        dims |= {
            "customer": customer.c.id,
            "sector": customer.c.sector,
            "customer_class": customer.c.customer_class,
        }
    return source, dims
