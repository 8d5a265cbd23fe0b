"""KPIs of what is dated, read from what each day adds to their inputs, by rep, team, unit and source (ADR 9).

A day under a mark is left out and read from the documents instead, as are those not made yet: a write counts from the
moment it is committed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    all_,
    and_,
    any_,
    case,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.catalogue import KPIS
from cadran.metrics.facts import SummedCell
from cadran.metrics.kpi import Kpi
from cadran.models.totals import day_sums, kept_facts
from cadran.queries.ask import Ask, array_of, bucket, owners, scope
from cadran.queries.totals import cover, next_month

DIMENSIONS = ("rep", "team", "business_unit", "source")
MOST = 100  # days read from the documents beside the sums; beyond, everything is


@dataclass(frozen=True)
class Dated:
    """A fact kept by day. ``days``: where its days stand, as table and column; ``named``: SQL of the days of what the
    marks (``held``: kind, key, day) name; ``owned``: it counts for its owner as it stands, not for whom it is stamped
    with; ``sourced``: whether it is told by source; ``turns``: the dates of a cell from which it is told otherwise.
    """

    days: tuple[tuple[str, str], ...]
    named: str
    owned: bool = False
    sourced: bool = False
    turns: tuple[str, ...] = ()


FACTS: dict[str, Dated] = {
    "prospects": Dated((("customers", "prospect_on"),), "SELECT NULL::date", sourced=True),
    "leads": Dated(
        (("leads", "created_on"), ("leads", "qualified_on")),
        """SELECT d.day FROM held JOIN leads l ON l.customer_id = key,
            LATERAL (VALUES (l.created_on), (l.qualified_on)) d (day) WHERE kind = 'customer'""",
        sourced=True,
        turns=("created_on", "qualified_on", "converted_on"),
    ),
    "held_visits": Dated(
        (("visits", "held_on"),),
        """SELECT held_on FROM held JOIN visits v ON v.id = key WHERE kind = 'visit'
        UNION ALL SELECT held_on FROM held JOIN visits v ON v.customer_id = key WHERE kind = 'customer'""",
        turns=("cancelled_on", "report_submitted_on"),
    ),
    "held_visits_with_orders": Dated(
        (("visits", "held_on"),),
        """SELECT held_on FROM held JOIN visits v ON v.id = key WHERE kind = 'visit'
        UNION ALL SELECT held_on FROM held JOIN visits v ON v.customer_id = key WHERE kind = 'customer'
        UNION ALL SELECT held_on FROM held JOIN orders o ON o.customer_id = key JOIN visits v ON v.id = o.visit_id
            WHERE kind = 'customer'
        UNION ALL SELECT held_on FROM held JOIN visits v ON v.customer_id = key
            AND held_on BETWEEN day - CAST(:attribution AS int) AND day + CAST(:attribution AS int)
            WHERE kind = 'near'""",
        turns=("cancelled_on", "holds_until"),
    ),
    "closed_opportunities": Dated(
        (("opportunities", "closed_on"),),
        """SELECT closed_on FROM held JOIN opportunities d ON d.id = key WHERE kind = 'deal'
        UNION ALL SELECT closed_on FROM held JOIN quotes q ON q.id = key
            JOIN opportunities d ON d.id = q.opportunity_id WHERE kind = 'quote'
        UNION ALL SELECT closed_on FROM held JOIN quotes q ON q.root_id = key
            JOIN opportunities d ON d.id = q.opportunity_id WHERE kind = 'quote'
        UNION ALL SELECT closed_on FROM held JOIN opportunities d ON d.customer_id = key WHERE kind = 'customer'""",
        owned=True,
    ),
    "decided_quotes": Dated(
        (("quotes", "decided_on"), ("quotes", "expires_on + 1")),
        """SELECT coalesce(decided_on, expires_on + 1) FROM held JOIN quotes q ON q.id = key WHERE kind = 'quote'
        UNION ALL SELECT coalesce(decided_on, expires_on + 1) FROM held JOIN quotes q ON q.root_id = key
            WHERE kind = 'quote'
        UNION ALL SELECT coalesce(decided_on, expires_on + 1) FROM held JOIN quotes q ON q.customer_id = key
            WHERE kind = 'customer'""",
        owned=True,
    ),
    "first_orders": Dated(
        (("orders", "confirmed_on"),),
        # An order with none before it that counts may be its customer's first: so may any other of theirs have been.
        """SELECT confirmed_on FROM held JOIN orders o ON o.customer_id = key WHERE kind = 'customer'
        UNION ALL SELECT o.confirmed_on FROM held JOIN orders o ON o.customer_id = key
            WHERE kind = 'first' AND held.day IS NOT NULL AND NOT EXISTS (
                SELECT FROM orders e WHERE e.customer_id = key AND e.confirmed_on < held.day
                AND e.status <> 'draft' AND e.cancelled_on IS NULL)""",
    ),
}
KEPT: dict[str, Kpi] = {kpi.name: kpi for kpi in KPIS if kpi.fact in FACTS}
_STALE = """
WITH held AS MATERIALIZED (SELECT id, kind, key, day FROM stale_totals WHERE fact = :fact AND since <= :today)
SELECT CAST(k.xmin AS text) AS version, k.made_by, k.upto, EXISTS (SELECT FROM held WHERE kind = 'all') AS everything,
    ARRAY(SELECT DISTINCT day FROM (SELECT day FROM held WHERE kind = 'day' UNION ALL {named}) d (day)
        WHERE day <= k.upto) AS days,
    ARRAY(SELECT id FROM held) AS marks
FROM (SELECT) one LEFT JOIN kept_facts k ON k.fact = :fact
"""


@dataclass(frozen=True)
class Found:
    """How a fact is kept. ``upto``: the last day made, None when it is to be made anew; ``stale``: the days up to it
    under a mark; ``version``: another one once it is made anew or further.
    """

    fact: str
    version: str | None
    upto: date | None
    stale: frozenset[date]
    marks: tuple[int, ...]

    def left(self, start: date, end: date) -> list[date]:
        """The days from ``start``, before ``end``, that the documents are to be read for."""
        upto = self.upto or start - timedelta(days=1)
        late = max(start, upto + timedelta(days=1))
        to_come = [late + timedelta(days=each) for each in range(max((end - late).days, 0))]
        return [*sorted(day for day in self.stale if start <= day < end), *to_come]


async def found(
    session: AsyncSession, fact: str, day: date, attribution_days: int, made_by: str, *, anew: bool = False
) -> Found:
    """How the fact is kept now. ``day``: today; ``made_by``: the version of the rules; ``anew``: looked up again within
    one reading.
    """
    reading: dict[Any, Any] = session.info.get("reading", {})
    key = ("kept by day", fact, day)
    if key in reading and not anew:
        known: Found = reading[key]
        return known
    given: dict[str, Any] = {"fact": fact, "today": day, "attribution": attribution_days}
    named = FACTS[fact].named
    statement = text(_STALE.format(named=named))
    if ":attribution" not in named:
        del given["attribution"]
    row = (await session.execute(statement, given)).one()
    made = row.made_by == made_by and not row.everything
    known = Found(fact, row.version, row.upto if made else None, frozenset(row.days), tuple(row.marks))
    reading[key] = known
    return known


def answers(kpi: Kpi, ask: Ask) -> bool:
    if kpi.name not in KEPT or ask.moment is not None or len(ask.bounds) < 2:
        return False
    told = DIMENSIONS if FACTS[kpi.fact].sourced else DIMENSIONS[:3]
    return {*ask.dimensions, *ask.filters} <= {*told}


async def cells(
    session: AsyncSession, kpi: Kpi, ask: Ask, kept: Found, left: Collection[date]
) -> list[SummedCell] | None:
    """Σ of the inputs by bucket and the dimensions asked, over the days that are not ``left`` to the documents; None
    when the fact has been made anew since it was found.
    """
    read = (
        (await session.execute(_statement(kpi.name, len(kpi.inputs), ask, kept.fact, kept.version, tuple(left))))
        .mappings()
        .all()
    )
    if not read:
        return None
    return [
        SummedCell(
            day=row["day"],
            **{name: row[name] for name in ask.dimensions},
            sums={name: row[f"s{place}"] for place, name in enumerate(kpi.inputs, start=1) if row[f"s{place}"]},
        )
        for row in read
        if row["there"]
    ]


@lru_cache(maxsize=128)  # as long as nothing is stale a screen asks the same all day
def _statement(kpi: str, inputs: int, ask: Ask, fact: str, version: str | None, left: tuple[date, ...]) -> Select[Any]:
    sums, owner = day_sums.alias(), owners(ask)
    now = owner.columns(sums.c.rep)
    dims: dict[str, ColumnElement[Any]] = {"rep": sums.c.rep, "source": sums.c.source}
    dims |= {name: case((sums.c.stamped, sums.c[name]), else_=now[name]) for name in ("team", "business_unit")}
    asked = {name: dims[name].label(name) for name in sorted(ask.dimensions)}
    day = bucket(ask, sums.c.day).label("day")
    array: Any = sums.c.sums
    summed = [func.sum(array[place]).label(f"s{place}") for place in range(1, inputs + 1)]
    whole, spans = cover(ask)
    broken = {each.replace(day=1) for each in left}
    months = and_(sums.c.grain == "month", sums.c.day == any_(array_of([m for m in whole if m not in broken], Date)))
    ranges = [and_(sums.c.day >= span.start, sums.c.day < span.end) for span in spans]
    ranges += [and_(sums.c.day >= month, sums.c.day < next_month(month)) for month in whole if month in broken]
    days = and_(sums.c.grain == "day", or_(false(), *ranges), sums.c.day != all_(array_of(left, Date)))
    those = (sums.c.kpi == kpi, or_(months, days))
    rows = (
        select(day, *asked.values(), *summed)
        .select_from(owner.join(sums, sums.c.rep))
        .where(*those, *scope(ask, dims))
        .group_by(day, *asked.values())
        .add_columns(true().label("there"))
        .subquery()
    )
    now_at: Any = literal_column("CAST(kept_facts.xmin AS text)", Text)
    holds = and_(kept_facts.c.fact == fact, now_at == version)
    return select(rows).select_from(kept_facts.outerjoin(rows, true())).where(holds)


async def next_day(session: AsyncSession, fact: str, after: date, last: date) -> date | None:
    """The first day after ``after``, up to ``last``, on which the fact has anything."""
    nearest = ", ".join(
        f"(SELECT min({name}) FROM {table} WHERE {name} > :after AND {name} <= :last)"
        for table, name in FACTS[fact].days
    )
    statement = text(f"SELECT least({nearest})").columns(column("least", Date))
    day: date | None = (await session.execute(statement, {"after": after, "last": last})).scalar()
    return day


def spans_of(days: Sequence[date]) -> list[tuple[date, date]]:
    """Ascending days as half-open spans."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], day + timedelta(days=1))
        else:
            found.append((day, day + timedelta(days=1)))
    return found
