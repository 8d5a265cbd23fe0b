"""What is dated a day adds to the KPIs kept by day: read where it is kept, made from the documents (ADR 9)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Date, any_, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import Company, company
from cadran.answers.question import Question
from cadran.kit.threads import in_thread
from cadran.metrics.counting import happened
from cadran.metrics.facts import Cell, CustomerCell, SummedCell
from cadran.metrics.kpi import Context, Kpi, sums
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up
from cadran.models import Visit
from cadran.models.totals import day_sums, kept_facts, stale_totals
from cadran.queries import kept_days, registry
from cadran.queries.ask import Ask, array_of
from cadran.queries.kept_days import DIMENSIONS, FACTS, KEPT, Found, spans_of
from cadran.queries.made_by import MADE_BY

LOCK = 7_205_759_406
TRIES = 3
LONG_AGO, DAY = date(1899, 12, 31), timedelta(days=1)
Key = tuple[Any, ...]
# KPI, day, rep, team, unit, source, whether stamped, Σ of each input.
Row = tuple[str, date, UUID | None, UUID | None, UUID | None, str | None, bool, tuple[Decimal, ...]]
KEYS = ("kpi", "day", "rep", "team", "business_unit", "source", "stamped", "sums")
PUT = """
INSERT INTO day_sums (grain, kpi, day, rep, team, business_unit, source, stamped, sums)
SELECT 'day', kpi, day, rep, team, business_unit, source, stamped, sums FROM jsonb_to_recordset(CAST(:rows AS jsonb))
AS r (kpi text, day date, rep uuid, team uuid, business_unit uuid, source text, stamped boolean, sums numeric[])
"""
BY_MONTH = """
SELECT kpi, month AS day, rep, team, business_unit, source, stamped, array_agg(s ORDER BY place) AS sums FROM (
    SELECT kpi, CAST(date_trunc('month', day) AS date) AS month, rep, team, business_unit, source, stamped, place,
        sum(s) AS s
    FROM day_sums, unnest(sums) WITH ORDINALITY u (s, place)
    WHERE kpi = ANY(:kpis) AND grain = 'day' AND day >= :start AND day < :end
    GROUP BY kpi, month, rep, team, business_unit, source, stamped, place
) each GROUP BY kpi, month, rep, team, business_unit, source, stamped
"""
PUT_MONTH = f"""
INSERT INTO day_sums (grain, {", ".join(KEYS)}) SELECT 'month', {", ".join(KEYS)} FROM ({BY_MONTH}) month
"""


async def load(session: AsyncSession, question: Question, kpi: Kpi, ask: Ask) -> Sequence[Cell] | None:
    """The KPI's inputs summed by day or bucket, by the dimensions asked; None where it is not kept for them."""
    if not kept_days.answers(kpi, ask):
        return None
    first, end = ask.bounds[0], min(ask.bounds[-1], ask.day + DAY)
    spans = ask.spans or (Period(first, ask.bounds[-1]),)
    for turn in range(TRIES):
        kept = await _found(session, kpi, ask, anew=turn > 0)
        if kept.upto is None or kept.upto > ask.day:  # made as of a later day than this reader's
            return None
        left = [day for day in kept.left(first, end) if any(day in span for span in spans)]
        if len(left) > kept_days.MOST:
            return None
        sums = await kept_days.cells(session, kpi, ask, kept, left)
        if sums is None:
            continue
        rest = await of_days(session, question.company, kpi, ask, left)
        # What moved meanwhile from a day left to the documents to one that was not may be in neither, or in both.
        if not left or (await _found(session, kpi, ask, anew=True)).left(first, end) == kept.left(first, end):
            return [*sums, *rest]
    return None


async def _found(session: AsyncSession, kpi: Kpi, ask: Ask, *, anew: bool) -> Found:
    return await kept_days.found(session, kpi.fact, ask.day, ask.attribution_days, MADE_BY, anew=anew)


async def of_days(session: AsyncSession, known: Company, kpi: Kpi, ask: Ask, days: Sequence[date]) -> list[SummedCell]:
    """The same from the documents, for these days."""
    if not days:
        return []
    names = sorted(ask.dimensions)
    cells = await _documents(session, kpi.fact, ask, days)

    def summed() -> list[SummedCell]:
        sums = _summed(known, kpi, ask.day, cells, days, lambda cell: tuple(getattr(cell, name) for name in names))
        return [
            SummedCell(day=day, **dict(zip(names, key, strict=True)), sums=each) for (day, key), each in sums.items()
        ]

    return await in_thread(session, summed)


async def _documents(session: AsyncSession, fact: str, ask: Ask, days: Sequence[date]) -> list[Any]:
    """The cells of these days."""
    spans = tuple(Period(start, end) for start, end in spans_of(days))
    bounds = tuple(sorted({*days, *(span.end for span in spans)}))
    asked = replace(ask, bounds=bounds, spans=spans)
    if fact == "held_visits_with_orders":  # their neighbours are other visits and orders of the same customers
        held = select(Visit.customer_id).where(Visit.held_on == any_(array_of(days, Date))).distinct()
        whose = frozenset((await session.execute(held)).scalars())
        asked = replace(asked, filters={**ask.filters, "customer": whose})
    return await registry.FACTS[fact](session, asked)


def _summed(
    known: Company, kpi: Kpi, today: date, cells: Iterable[Cell], days: Iterable[date], key: Callable[[Any], Key]
) -> dict[tuple[date, Key], Mapping[str, Decimal]]:
    """Σ of the inputs by day and key; where all are 0, nothing."""
    wanted = frozenset(days)
    whose: dict[tuple[date, Key], list[Cell]] = defaultdict(list)
    for cell in cells:
        for day in _days_of(kpi, cell) & wanted:
            whose[day, key(cell)].append(cell)
    found: dict[tuple[date, Key], Mapping[str, Decimal]] = {}
    for (day, each), some in whose.items():
        period = Period(day, day + DAY)
        total = sums(kpi, some, Context(day=today, period=period, rules=known.rules, calendar=known.calendar))
        if any(total.values()):
            found[day, each] = total
    return found


def _days_of(kpi: Kpi, cell: Cell) -> set[date]:
    """The days a cell is dated: its own, or (of one that tells several) any of them."""
    if kpi.kind == "flow":
        return set() if cell.day is None else {cell.day}
    return set(_turns(kpi, cell))


def _turns(kpi: Kpi, cell: Cell) -> Iterable[date]:
    return (on for name in FACTS[kpi.fact].turns if (on := getattr(cell, name)) is not None)


# Making the sums


async def keep_days(session: AsyncSession, known: Company, day: date) -> bool:
    """One step, in the session's transaction: makes again the days under a mark, then some of those not made yet, as of
    ``day`` (today). Returns whether such days are left. Does nothing while another process is at it.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one():
        return False
    more = False
    for fact in FACTS:
        kept = await kept_days.found(session, fact, day, known.rules.attribution_days, MADE_BY)
        if kept.upto is None:
            await _begin(session, fact)
            known = await company(session)  # other rules may be why
        elif kept.stale:
            await _make(session, known, fact, day, sorted(kept.stale))
        if kept.marks:
            gone = array_of(kept.marks, BigInteger)
            await session.execute(delete(stale_totals).where(stale_totals.c.id == any_(gone)))
        more |= await _further(session, known, fact, day, kept.upto or LONG_AGO)
    return more


async def _begin(session: AsyncSession, fact: str) -> None:
    await session.execute(delete(day_sums).where(day_sums.c.kpi.in_(_kpis(fact))))
    await _upto(session, fact, LONG_AGO)


async def _upto(session: AsyncSession, fact: str, day: date) -> None:
    put = insert(kept_facts).values(fact=fact, made_by=MADE_BY, upto=day)
    await session.execute(put.on_conflict_do_update(index_elements=["fact"], set_={"made_by": MADE_BY, "upto": day}))


async def _further(session: AsyncSession, known: Company, fact: str, day: date, upto: date) -> bool:
    """Makes the rest of a month, the first that has something; False once ``day`` is made."""
    if upto >= day:
        return False
    first = await kept_days.next_day(session, fact, upto, day)
    last = day if first is None else min(_month_after(first) - DAY, day)
    if first is not None:
        days = [first + each * DAY for each in range((last - first).days + 1)]
        await _make(session, known, fact, day, days)
    await _upto(session, fact, last)
    return last < day


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


async def _make(session: AsyncSession, known: Company, fact: str, today: date, days: Sequence[date]) -> None:
    """Makes again what these days add, and their months."""
    names = _kpis(fact)
    rows, ahead = await _made(session, known, fact, today, days)
    those = (day_sums.c.kpi.in_(names), day_sums.c.grain == "day", day_sums.c.day.in_(days))
    await session.execute(delete(day_sums).where(*those))
    told = orjson.dumps([dict(zip(KEYS, row, strict=True)) for row in rows], default=str).decode()
    await session.execute(text(PUT), {"rows": told})
    for month in sorted({day.replace(day=1) for day in days}):
        whole = (day_sums.c.kpi.in_(names), day_sums.c.grain == "month", day_sums.c.day == month)
        await session.execute(delete(day_sums).where(*whole))
        await session.execute(text(PUT_MONTH), {"kpis": names, "start": month, "end": _month_after(month)})
    coming = (stale_totals.c.fact == fact, stale_totals.c.since > today)
    whom = [mark["key"] for mark in ahead if mark["key"] is not None]
    again = or_(stale_totals.c.day.in_(days), stale_totals.c.key.in_(whom))
    await session.execute(delete(stale_totals).where(*coming, stale_totals.c.kind.in_(["day", "customer"]), again))
    if ahead:
        await session.execute(stale_totals.insert(), [{"fact": fact, **mark} for mark in ahead])


async def _made(
    session: AsyncSession, known: Company, fact: str, today: date, days: Sequence[date]
) -> tuple[list[Row], list[dict[str, Any]]]:
    """What these days add to each KPI of the fact, and marks for the days to come on which that will change."""
    kpis = [kpi for kpi in KEPT.values() if kpi.fact == fact]
    question = Question(known, None, Period(days[0], days[-1] + DAY), today)
    dimensions = frozenset(DIMENSIONS if FACTS[fact].sourced else DIMENSIONS[:3])
    cells = await _documents(session, fact, question.ask(kpis[0], [question.period], dimensions), days)

    def made() -> tuple[list[Row], list[dict[str, Any]]]:
        rows = [
            (kpi.name, day, *key, tuple(total.values()))
            for kpi in kpis
            for (day, key), total in _summed(
                known, kpi, today, cells, days, lambda cell: _whose(fact, cell, today)
            ).items()
        ]
        return rows, _ahead(kpis[0], cells, today, frozenset(days))

    return await in_thread(session, made)


def _whose(fact: str, cell: Any, today: date) -> Key:
    """Rep, team, unit, source, and whether team and unit are stamped on it: they are the owner's as it stands else."""
    stamped = not FACTS[fact].owned and (fact != "leads" or happened(cell.qualified_on, today))
    place = (cell.team, cell.business_unit) if stamped else (None, None)
    return (cell.rep, *place, cell.source if FACTS[fact].sourced else None, stamped)


def _ahead(kpi: Kpi, cells: Iterable[Any], today: date, days: frozenset[date]) -> list[dict[str, Any]]:
    """A cell with a date to come is another one from then on, and so are its days."""
    marks: set[tuple[str, UUID | None, date | None, date]] = set()
    for cell in cells:
        for since in _turns(kpi, cell):
            if since > today:
                marks |= {("day", None, day, since) for day in _days_of(kpi, cell) & days}
        first = cell.first_order if isinstance(cell, CustomerCell) else None
        if first is not None and first.cancelled_on is not None:  # then the next one will be its customer's first
            marks.add(("customer", cell.customer, None, first.cancelled_on))
    return [dict(zip(("kind", "key", "day", "since"), mark, strict=True)) for mark in marks]


# Checking them


async def differences(session: AsyncSession, known: Company, fact: str, day: date) -> int:
    """How many sums kept, of days under no mark, are not what the documents make. 0, or something is wrong."""
    kept = await kept_days.found(session, fact, day, known.rules.attribution_days, MADE_BY)
    if kept.upto is None:
        return 0
    wrong, names = 0, _kpis(fact)
    for month in await _months(session, fact, kept.upto):
        end = min(_month_after(month), kept.upto + DAY)
        days = [each for n in range((end - month).days) if (each := month + n * DAY) not in kept.stale]
        made = (await _made(session, known, fact, day, days))[0] if days else []
        wrong += len(_comparable(made) ^ await _kept(session, names, "day", days))
        if len(days) == (end - month).days:
            given = {"kpis": names, "start": month, "end": end}
            summed = (await session.execute(text(BY_MONTH), given)).all()
            wrong += len(_comparable(summed) ^ await _kept(session, names, "month", [month]))
    return wrong


async def _months(session: AsyncSession, fact: str, upto: date) -> list[date]:
    """The months in which the fact has something, or something is kept of it."""
    there = select(day_sums.c.day).where(day_sums.c.kpi.in_(_kpis(fact))).distinct()
    found = {day.replace(day=1) for day in (await session.execute(there)).scalars()}
    after = LONG_AGO
    while (day := await kept_days.next_day(session, fact, after, upto)) is not None:
        found.add(day.replace(day=1))
        after = _month_after(day) - DAY
    return sorted(found)


async def _kept(session: AsyncSession, names: Sequence[str], grain: str, days: Sequence[date]) -> set[Any]:
    those = (day_sums.c.kpi.in_(names), day_sums.c.grain == grain, day_sums.c.day.in_(days))
    return _comparable((await session.execute(select(*(day_sums.c[name] for name in KEYS)).where(*those))).all())


def _comparable(rows: Iterable[Any]) -> set[Any]:
    """A sum of nothing is none; of quotients the order tells in the 28th digit."""
    return {(*row[:-1], tuple(half_up(n, 12) for n in row[-1])) for row in rows if any(row[-1])}


def _kpis(fact: str) -> list[str]:
    return [kpi.name for kpi in KEPT.values() if kpi.fact == fact]
