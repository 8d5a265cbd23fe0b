"""What each customer adds to the KPIs that are states: made for the day, and again behind the writes (ADR 7).

Made by the very queries and measures that answer from the documents, a few customers at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Date, Table, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import Company, company
from cadran.answers.question import Question
from cadran.kit.threads import in_thread
from cadran.metrics.facts import ZERO, Cell
from cadran.metrics.kpi import Context, Kpi, details_of, records, sums
from cadran.metrics.listing import Listing, Rank, behind, listings
from cadran.metrics.periods import Period, comparison, parse
from cadran.metrics.rounding import half_up
from cadran.models import Customer
from cadran.models.totals import state_days, state_ranks, state_sums, state_totals
from cadran.queries.ask import one_reading
from cadran.queries.kept_states import NOBODY, asked_for, marked, unit_of
from cadran.queries.registry import HISTORIES, KEPT, MADE_BY, OF_CUSTOMERS, kept_as

AT_ONCE = 250  # customers
EVENING = 20  # the hour from which the next day is made, so that it is there when it begins
# Days gone by that are kept because somebody asked for them, and for how long after: each is as much work as today.
MOST_ASKED, REMEMBERED = 5, timedelta(days=7)
LOCK = 7_205_759_405
KEPT_IN = (state_sums, state_totals, state_ranks)


class Added(NamedTuple):
    """What customers add on a day. ``sums``: KPI, customer, rep, Σ of each input; ``ranks``: list, customer, rep, how
    many records it holds of them, the rank of the first.
    """

    sums: list[tuple[str, UUID, UUID | None, tuple[Decimal, ...]]]
    ranks: list[tuple[str, UUID, UUID | None, int, Rank]]


# What went and what came changes the sums by rep by as much, exactly: only who holds the lock does this.
REPLACE = """
WITH gone AS (
    DELETE FROM state_sums WHERE day = :day AND customer = ANY(CAST(:customers AS uuid[])) RETURNING kpi, rep, sums
), came AS (
    INSERT INTO state_sums (kpi, day, customer, rep, sums)
    SELECT kpi, :day, customer, rep, sums FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (kpi text, customer uuid, rep uuid, sums numeric[]) RETURNING kpi, rep, sums
), moved AS (
    SELECT kpi, rep, place, sum(s) AS s FROM (
        SELECT kpi, rep, place, -s AS s FROM gone, unnest(sums) WITH ORDINALITY u (s, place)
        UNION ALL SELECT kpi, rep, place, s FROM came, unnest(sums) WITH ORDINALITY u (s, place)
    ) each GROUP BY kpi, rep, place
), touched AS (
    SELECT kpi, rep FROM moved GROUP BY kpi, rep HAVING bool_or(s <> 0)
), held AS (
    DELETE FROM state_totals t USING touched WHERE t.day = :day AND t.kpi = touched.kpi
    AND t.rep IS NOT DISTINCT FROM touched.rep RETURNING t.kpi, t.rep, t.sums
)
INSERT INTO state_totals (kpi, day, rep, sums)
SELECT kpi, :day, rep, array_agg(s ORDER BY place) FROM (
    SELECT kpi, rep, place, sum(s) AS s FROM (
        SELECT m.* FROM moved m JOIN touched t ON t.kpi = m.kpi AND t.rep IS NOT DISTINCT FROM m.rep
        UNION ALL SELECT kpi, rep, place, s FROM held, unnest(sums) WITH ORDINALITY u (s, place)
    ) each GROUP BY kpi, rep, place
) found GROUP BY kpi, rep
"""
RANK = """
WITH gone AS (DELETE FROM state_ranks WHERE day = :day AND customer = ANY(CAST(:customers AS uuid[])))
INSERT INTO state_ranks (list, day, customer, rep, n, rank)
SELECT list, :day, customer, rep, n, rank FROM jsonb_to_recordset(CAST(:rows AS jsonb))
AS r (list text, customer uuid, rep uuid, n integer, rank numeric[])
"""
TOTAL = """
SELECT kpi, rep, array_agg(s ORDER BY place) AS sums FROM (
    SELECT kpi, rep, place, sum(s) AS s FROM state_sums, unnest(sums) WITH ORDINALITY u (s, place)
    WHERE day = :day GROUP BY kpi, rep, place
) found GROUP BY kpi, rep
"""
TOTALS_KEPT = "SELECT kpi, rep, sums FROM state_totals WHERE day = :day"


async def keep_states(session: AsyncSession, now: datetime | None = None) -> bool:
    """One step, in the session's transaction: makes again what is marked, then some of a day not made yet. Returns
    whether such a day is left. Does nothing while another process is at it.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one():
        return False
    known = await company(session)
    await _days(session, known, (now or datetime.now(UTC)).astimezone(known.zone))
    found, marks, everybody = await marked(session)
    if everybody:
        await session.execute(update(state_days).values(upto=None, done=False))
    if marks and not everybody:
        days = (await session.execute(select(state_days.c.day, state_days.c.moment).order_by(state_days.c.day))).all()
        for some in _some(sorted(found)):
            for day, moment in days:
                await make(session, known, day, moment, some)
    if marks:
        await session.execute(text("DELETE FROM stale_totals WHERE id = ANY(:marks)"), {"marks": marks})
    return await _next(session, known)


def _some(customers: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (customers[start : start + AT_ONCE] for start in range(0, len(customers), AT_ONCE))


async def _days(session: AsyncSession, known: Company, now: datetime) -> None:
    """Opens the days to keep; forgets those that are over or asked for no more, and what other rules have made."""
    today = now.date()
    present = [today, *([today + timedelta(days=1)] if now.hour >= EVENING else [])]
    past = {day: known.end_of(day) for each in present if (day := compared(known, each)) is not None}
    columns = (state_days.c[name] for name in ("day", "moment", "asked_on", "made_by"))
    rows = (await session.execute(select(*columns))).all()
    before = {row.day: row.asked_on for row in rows if row.asked_on and row.moment == known.end_of(row.day)}
    asked = _asked(before, [day for day, end in _taken(session) if end == known.end_of(day) and day < today], today)
    wanted: dict[tuple[date, datetime | None], date | None] = dict.fromkeys((day, None) for day in present)
    wanted |= dict.fromkeys(past.items())
    wanted |= {(day, known.end_of(day)): on for day, on in asked.items() if day not in past}
    there = {(row.day, row.moment): row for row in rows if row.made_by == MADE_BY and (row.day, row.moment) in wanted}
    for row in rows:
        if (row.day, row.moment) not in there:
            for table in (state_days, *KEPT_IN):
                await session.execute(delete(table).where(table.c.day == row.day))
    for (day, moment), on in wanted.items():
        if (day, moment) not in there:
            opened = insert(state_days).values(day=day, moment=moment, asked_on=on, made_by=MADE_BY, done=False)
            await session.execute(opened)
        elif there[day, moment].asked_on != on:
            await session.execute(update(state_days).where(state_days.c.day == day).values(asked_on=on))


def _windows(known: Company, day: date) -> tuple[Period, Period]:
    """The period of the screens on ``day``, and what they compare it with, unless they are told otherwise."""
    month = parse("this-month", day, known.fiscal_start_month)
    return month, comparison(month, "previous_year", day, known.calendar.is_working_day)


def compared(known: Company, day: date) -> date | None:
    """The day gone by that the screens compare ``day`` with, if there is one."""
    window = _windows(known, day)[1]
    return window.last if window.days else None


def _taken(session: AsyncSession) -> list[tuple[date, datetime]]:
    """The days asked for since the last step."""
    asked = asked_for(session)
    taken = list(asked)
    asked.clear()
    return taken


def _asked(before: dict[date, date], now: list[date], today: date) -> dict[date, date]:
    """The days gone by to keep, and when each was last asked for. None that was asked for today makes room."""
    last = {day: today if day in now else on for day, on in before.items() if on > today - REMEMBERED}
    room = MOST_ASKED - sum(on == today for on in last.values())
    last |= dict.fromkeys([day for day in now if day not in last][:room], today)
    return dict(sorted(last.items(), key=lambda each: each[1], reverse=True)[:MOST_ASKED])


async def _next(session: AsyncSession, known: Company) -> bool:
    """Makes some more customers of the first day that is not done; False when all are."""
    undone = select(state_days.c.day, state_days.c.moment, state_days.c.upto).where(~state_days.c.done)
    present_first = (state_days.c.moment.is_not(None), state_days.c.asked_on.is_not(None), state_days.c.day)
    row = (await session.execute(undone.order_by(*present_first).limit(1))).one_or_none()
    if row is None:
        return False
    after = select(Customer.id).where(Customer.id > (row.upto or NOBODY)).order_by(Customer.id).limit(AT_ONCE)
    customers = list((await session.execute(after)).scalars())
    if row.upto is None:
        for table in KEPT_IN:
            await session.execute(delete(table).where(table.c.day == row.day))
    await make(session, known, row.day, row.moment, [*([] if row.upto else [NOBODY]), *customers])
    progress = update(state_days).where(state_days.c.day == row.day)
    if len(customers) == AT_ONCE:
        await session.execute(progress.values(upto=customers[-1]))
    else:
        await session.execute(delete(state_totals).where(state_totals.c.day == row.day))
        total = text(TOTAL).columns(*(state_totals.c[name] for name in ("kpi", "rep", "sums"))).bindparams(day=row.day)
        summed = total.subquery()
        source = select(summed.c.kpi, func.cast(row.day, Date), summed.c.rep, summed.c.sums)
        await session.execute(insert(state_totals).from_select(["kpi", "day", "rep", "sums"], source))
        await session.execute(progress.values(done=True))
    return True


async def make(
    session: AsyncSession, known: Company, day: date, moment: datetime | None, customers: Sequence[UUID]
) -> None:
    """Makes again what these customers add on ``day``, as it stood at ``moment`` (None: as it stands)."""
    found = await added(session, known, day, moment, customers)
    for statement, names, rows in (
        (REPLACE, ("kpi", "customer", "rep", "sums"), found.sums),
        (RANK, ("list", "customer", "rep", "n", "rank"), found.ranks),
    ):
        told = orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str).decode()
        await session.execute(text(statement), {"day": day, "customers": list(customers), "rows": told})


async def added(
    session: AsyncSession, known: Company, day: date, moment: datetime | None, customers: Sequence[UUID]
) -> Added:
    """What these customers' records add on ``day``, read from the documents. Of a day gone by, no list is kept but the
    records behind each KPI.
    """
    period = Period(day, day + timedelta(days=1))
    question = Question(known, None, period, day, moment, filters={"customer": frozenset(map(unit_of, customers))})
    ask, context = question.ask_state(day, frozenset({"record"})), question.context(period)
    found = Added([], [])
    with one_reading(session):
        for kpi in KEPT.values():
            cells = await OF_CUSTOMERS[kpi.fact](session, ask)
            lists = listings(kpi) if moment is None else (behind(kpi),)
            made = await in_thread(session, _summed, kpi, cells, context, lists)
            found.sums.extend(made.sums)
            found.ranks.extend(made.ranks)
        for kpi in HISTORIES if moment is None else ():
            cells = await OF_CUSTOMERS[kpi.fact](session, ask)
            for window in _windows(known, day):
                made = await in_thread(session, _summed, kpi, cells, question.context(window), ())
                found.sums.extend((kept_as(kpi, window), *row[1:]) for row in made.sums)
    return found


def _summed(kpi: Kpi, cells: Sequence[Cell], context: Context, lists: Sequence[Listing]) -> Added:
    whose: dict[tuple[UUID, UUID | None], list[Cell]] = defaultdict(list)
    for cell in cells:
        whose[cell.customer or NOBODY, cell.rep].append(cell)
    found = Added([], [])
    for (customer, rep), some in whose.items():
        of_record = records(kpi, some, context)
        made = {key: sums(kpi, each, context) for key, each in of_record.items()}
        total = tuple(sum((each[name] for each in made.values()), ZERO) for name in kpi.inputs)
        if any(total):
            found.sums.append((kpi.name, customer, rep, total))
        details = {key: details_of(kpi, each, context) for key, each in of_record.items()}
        for listing in lists:
            ranks = [listing.of(kpi, key[1], each, details[key]) for key, each in made.items()]
            told = [rank for rank in ranks if rank is not None]
            if told:
                found.ranks.append((listing.name, customer, rep, len(told), max(told)))
    return found


async def differences(session: AsyncSession) -> int:
    """How many sums kept, of customers under no mark, are not what the documents make. 0, or something is wrong."""
    known = await company(session)
    wrong = 0
    done = select(state_days.c.day, state_days.c.moment).where(state_days.c.done)
    for day, moment in (await session.execute(done)).all():
        stale, _, everybody = await marked(session)
        if everybody:
            return wrong
        everyone = [NOBODY, *(await session.execute(select(Customer.id).order_by(Customer.id))).scalars()]
        for some in _some([each for each in everyone if each not in stale]):
            made = await added(session, known, day, moment, some)
            for rows, kept, names in (
                (made.sums, state_sums, ("kpi", "customer", "rep", "sums")),
                (made.ranks, state_ranks, ("list", "customer", "rep", "n", "rank")),
            ):
                wrong += len(await _kept(session, kept, names, day, some) ^ _comparable(rows))
        wrong += len(await _rows(session, TOTAL, day) ^ await _rows(session, TOTALS_KEPT, day))
    return wrong


def _comparable(rows: Iterable[Any]) -> set[Any]:
    """Rows that can be compared: a sum of nothing is none, and of quotients the order tells in the 28th digit."""
    return {(*row[:-1], tuple(half_up(n, 12) for n in row[-1])) for row in rows if any(row[-1])}


async def _rows(session: AsyncSession, statement: str, day: date) -> set[Any]:
    return _comparable((await session.execute(text(statement), {"day": day})).all())


async def _kept(
    session: AsyncSession, table: Table, names: Sequence[str], day: date, customers: Sequence[UUID]
) -> set[Any]:
    those = (table.c.day == day, table.c.customer.in_(customers))
    return _comparable((await session.execute(select(*(table.c[name] for name in names)).where(*those))).all())
