"""What each customer adds to the KPIs that are states: made for the day, and again behind the writes (ADR 7).

Made by the very queries and measures that answer from the documents, a few customers at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Date, Table, Uuid, any_, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import movement
from cadran.answers.company import Company, company
from cadran.answers.question import Question
from cadran.answers.state_days import DAY, KEPT_IN, Day, day_of, open_days, windows_of
from cadran.kit.threads import in_thread
from cadran.metrics.facts import ZERO, Cell, OpportunityCell
from cadran.metrics.kpi import Context, Kpi, details_of, records, sums
from cadran.metrics.listing import LISTINGS, Listing, Rank, behind, listings
from cadran.metrics.owing import SAYING, TO_WATCH, owing
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up
from cadran.models import Customer
from cadran.models.totals import state_days, state_ranks, state_sums, state_totals
from cadran.queries.ask import Ask, array_of, one_reading
from cadran.queries.asof import at
from cadran.queries.kept_states import changed_plans, counted_as, of_plan, unit_of
from cadran.queries.plans import ordered_for_plans
from cadran.queries.portfolio import credit_limits
from cadran.queries.registry import BY_PERIOD, HISTORIES, KEPT, OF_CUSTOMERS, inputs_told, kept_as
from cadran.queries.state_marks import NOBODY, Marks, everybody, oldest, stale
from cadran.queries.told import read, written

AT_ONCE = 250  # customers: little memory, and a pause soon
MANY = 20_000  # the tables are read from end to end, quicker by far for a whole company, with a gigabyte of memory
LOCK = 7_205_759_405
SUMMED, RANKED = (
    ("kpi", "customer", "rep", "stage", "sums"),
    ("list", "customer", "rep", "resource", "record", "told", "rank"),
)


Sums = tuple[str, UUID, UUID | None, UUID | None, tuple[Decimal, ...]]


class Added(NamedTuple):
    """What customers add on a day. ``sums``: KPI (or that a list is counted), customer, rep, stage, Σ of each input;
    ``ranks``: list, customer, rep, a record's kind and id, what is told of it, its rank.
    """

    sums: list[Sums]
    ranks: list[tuple[str, UUID, UUID | None, str | None, UUID | None, str | None, Rank]]

    def take(self, more: "Added") -> None:
        self.sums.extend(more.sums)
        self.ranks.extend(more.ranks)


# What went and what came changes the sums by rep by as much, exactly: only who holds the lock does this.
REPLACE = """
WITH gone AS (
    DELETE FROM state_sums WHERE day = :day AND customer = ANY(CAST(:customers AS uuid[]))
    RETURNING kpi, rep, stage, sums
), came AS (
    INSERT INTO state_sums (kpi, day, customer, rep, stage, sums)
    SELECT kpi, :day, customer, rep, stage, sums FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (kpi text, customer uuid, rep uuid, stage uuid, sums numeric[]) RETURNING kpi, rep, stage, sums
), moved AS (
    SELECT kpi, rep, stage, place, sum(s) AS s FROM (
        SELECT kpi, rep, stage, place, -s AS s FROM gone, unnest(sums) WITH ORDINALITY u (s, place)
        UNION ALL SELECT kpi, rep, stage, place, s FROM came, unnest(sums) WITH ORDINALITY u (s, place)
    ) each GROUP BY kpi, rep, stage, place
), touched AS (
    SELECT kpi, rep, stage FROM moved GROUP BY kpi, rep, stage HAVING bool_or(s <> 0)
), held AS (
    DELETE FROM state_totals t USING touched WHERE t.day = :day AND t.kpi = touched.kpi
    AND (t.rep, t.stage) IS NOT DISTINCT FROM (touched.rep, touched.stage) RETURNING t.kpi, t.rep, t.stage, t.sums
)
INSERT INTO state_totals (kpi, day, rep, stage, sums)
SELECT kpi, :day, rep, stage, array_agg(s ORDER BY place) FROM (
    SELECT kpi, rep, stage, place, sum(s) AS s FROM (
        SELECT m.* FROM moved m JOIN touched t
            ON t.kpi = m.kpi AND (t.rep, t.stage) IS NOT DISTINCT FROM (m.rep, m.stage)
        UNION ALL SELECT kpi, rep, stage, place, s FROM held, unnest(sums) WITH ORDINALITY u (s, place)
    ) each GROUP BY kpi, rep, stage, place
) found GROUP BY kpi, rep, stage
"""
RANK = """
WITH gone AS (DELETE FROM state_ranks WHERE day = :day AND customer = ANY(CAST(:customers AS uuid[])))
INSERT INTO state_ranks (list, day, customer, rep, resource, record, told, rank)
SELECT list, :day, customer, rep, resource, record, told, rank FROM jsonb_to_recordset(CAST(:rows AS jsonb))
AS r (list text, customer uuid, rep uuid, resource text, record uuid, told text, rank numeric[])
"""
# A day gone by stands as the log says once all that was written on it has been committed: writes are logged when made.
SETTLED = """clock_timestamp() > state_days.moment AND NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL
    AND pid <> pg_backend_pid() AND xact_start <= state_days.moment)"""
TOTAL = """
SELECT kpi, rep, stage, array_agg(s ORDER BY place) AS sums FROM (
    SELECT kpi, rep, stage, place, sum(s) AS s FROM state_sums, unnest(sums) WITH ORDINALITY u (s, place)
    WHERE day = :day GROUP BY kpi, rep, stage, place
) found GROUP BY kpi, rep, stage
"""
TOTALS_KEPT = "SELECT kpi, rep, stage, sums FROM state_totals WHERE day = :day"


async def keep_states(session: AsyncSession, now: datetime | None = None, at_once: int = AT_ONCE) -> bool:
    """One step, in the session's transaction: makes again ``at_once`` of the customers under a mark, then as many of a
    day not made yet. Returns whether there is more to do. Does nothing while another process is at it.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one():
        return False
    known = await company(session)
    await open_days(session, known, (now or datetime.now(UTC)).astimezone(known.zone))
    more = False
    if done := await everybody(session):
        await session.execute(update(state_days).values(upto=None, done=False))
        known = await company(session)  # other rules may be why
    else:
        marks = await oldest(session, at_once)
        whom = marks.whom(at_once)
        done = marks.of(frozenset(whom))
        more = marks.more or len(done) < len({row.id for row in marks.rows})
        if done:
            await _make_again(session, known, marks, whom)
    if done:
        await session.execute(text("DELETE FROM stale_totals WHERE id = ANY(:marks)"), {"marks": done})
    return await _next(session, known, at_once) or more


async def _make_again(session: AsyncSession, known: Company, marks: Marks, customers: Sequence[UUID]) -> None:
    for row in (await session.execute(select(*DAY).order_by(state_days.c.day))).all():
        day = day_of(row)
        whom = customers if day.moment is None else marks.counting(day.day).intersection(customers)
        for some in _some(sorted(whom)):
            await make(session, known, day, some)
        if day.moment is None:
            await _make_plans(session, day, await changed_plans(session))


def _some(customers: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (customers[start : start + AT_ONCE] for start in range(0, len(customers), AT_ONCE))


async def _next(session: AsyncSession, known: Company, at_once: int) -> bool:
    """Makes some more customers of the first day that is not done; False when all are."""
    days = state_days.c
    undone = select(*DAY, days.upto).where(~days.done, or_(days.part == "all", text(SETTLED)))
    present_first = (days.moment.is_not(None), days.asked_on.is_not(None), days.part != "all", days.day)
    row = (await session.execute(undone.order_by(*present_first).limit(1))).one_or_none()
    if row is None:
        return False
    day, most = day_of(row), at_once if row.part == "all" else at_once * 8
    customer = at(Customer, day.moment).c
    after = select(customer.id).where(customer.id > (row.upto or NOBODY)).order_by(customer.id).limit(most)
    customers = list((await session.execute(after)).scalars())
    if row.upto is None:
        for table in KEPT_IN:
            await session.execute(delete(table).where(table.c.day == row.day))
    await _fill(session, known, day, [*([] if row.upto else [NOBODY]), *customers])
    progress = update(state_days).where(state_days.c.day == row.day)
    if len(customers) == most:
        await session.execute(progress.values(upto=customers[-1]))
    else:
        await session.execute(delete(state_totals).where(state_totals.c.day == row.day))
        names = ("kpi", "rep", "stage", "sums")
        total = text(TOTAL).columns(*(state_totals.c[name] for name in names)).bindparams(day=row.day)
        summed = total.subquery()
        source = select(func.cast(row.day, Date), *(summed.c[name] for name in names))
        await session.execute(insert(state_totals).from_select(["day", *names], source))
        await session.execute(progress.values(done=True))
    return True


async def _fill(session: AsyncSession, known: Company, day: Day, customers: Sequence[UUID]) -> None:
    """Makes what these customers add on a day whose sums by rep are made once all are there."""
    found = await added(session, known, day, customers)
    driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    for table, names, rows in ((state_sums, SUMMED, found.sums), (state_ranks, RANKED, found.ranks)):
        # One that a mark meant is there already.
        theirs = table.c.customer == any_(array_of(customers, Uuid))
        await session.execute(delete(table).where(table.c.day == day.day, theirs))
        records = ((day.day, *row) for row in rows)
        await driver.copy_records_to_table(table.name, records=records, columns=("day", *names))


async def make(session: AsyncSession, known: Company, day: Day, customers: Sequence[UUID]) -> None:
    """Makes again what these customers add on ``day``."""
    found = await added(session, known, day, customers)
    for statement, names, rows in ((REPLACE, SUMMED, found.sums), (RANK, RANKED, found.ranks)):
        told = orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str).decode()
        await session.execute(text(statement), {"day": day.day, "customers": list(customers), "rows": told})


async def added(session: AsyncSession, known: Company, kept: Day, customers: Sequence[UUID]) -> Added:
    """What these customers' records add on a day, read from the documents. Of a day gone by, no list is kept but the
    records behind each KPI.
    """
    day, moment = kept.day, kept.moment
    period = Period(day, day + timedelta(days=1))
    question = Question(known, None, period, day, moment, filters={"customer": frozenset(map(unit_of, customers))})
    ask, context = question.ask_state(day, frozenset({"record"})), question.context(period)
    found = Added([], [])
    with one_reading(session):
        for kpi in KEPT.values() if kept.part == "all" else ():
            cells = await OF_CUSTOMERS[kpi.fact](session, ask)
            lists = listings(kpi) if moment is None else (behind(kpi),)
            found.take(await in_thread(session, _summed, kpi, kpi.name, cells, context, lists))
        for kpi in HISTORIES if moment is None else ():
            cells = await OF_CUSTOMERS[kpi.fact](session, ask)
            for window in windows_of(known, day):
                name = kept_as(kpi, window)
                found.take(await in_thread(session, _summed, kpi, name, cells, question.context(window), ()))
        for kpi in BY_PERIOD:
            cells = await OF_CUSTOMERS[kpi.fact](session, ask)
            for window in kept.windows:
                name, lists = kept_as(kpi, window), LISTINGS[kpi.name] if moment is None else ()
                # A list depends on the day alone: the first period tells it.
                lists = lists if window == kept.windows[0] else ()
                found.take(await in_thread(session, _summed, kpi, name, cells, question.context(window), lists))
        if moment is None:
            found.take(_to_watch(found, await credit_limits(session, None, customers)))
            start = windows_of(known, day)[0].start - timedelta(days=1)
            moved = await movement.of_customers(session, known, customers, day, start)
            name = movement.kept_as(start)
            found.sums.extend((name, customer, None, None, sums) for customer, sums in moved.items())
            ordered = await ordered_for_plans(session, replace(ask, dimensions=frozenset()))
            found.sums.extend(_of_plans(ordered))
    return found


def _to_watch(found: Added, limits: Mapping[UUID, Decimal | None]) -> Added:
    """Whom to watch, of what the customers owe."""
    kpi, watched = KEPT["outstanding"], Added([], [])
    for name, customer, rep, _, summed in found.sums:
        sums = dict(zip(kpi.inputs, summed, strict=True)) if name == kpi.name and customer != NOBODY else {}
        if any(sums.get(each) for each in SAYING):
            owed = owing(sums, limits.get(customer))
            watched.sums.append((TO_WATCH, customer, rep, None, owed.counts))
            if (rank := owed.rank(customer)) is not None:
                watched.ranks.append((TO_WATCH, customer, rep, None, None, None, rank))
    return watched


def _of_plans(ordered: Mapping[tuple[UUID, UUID], Decimal]) -> Iterable[Sums]:
    return ((of_plan(plan), customer, None, None, (amount,)) for (plan, customer), amount in ordered.items() if amount)


async def _make_plans(session: AsyncSession, day: Day, plans: frozenset[UUID]) -> None:
    """Makes again what everybody ordered for these plans."""
    if not plans:
        return
    names = [of_plan(plan) for plan in plans]
    for table in (state_sums, state_totals):
        await session.execute(delete(table).where(table.c.day == day.day, table.c.kpi.in_(names)))
    ordered = await ordered_for_plans(session, Ask(None, day.day), plans)
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for name, customer, _, _, (amount,) in _of_plans(ordered):
        values = {"kpi": name, "day": day.day, "customer": customer, "sums": [amount]}
        await session.execute(insert(state_sums).values(**values))
        total[name] += amount
    for name, amount in total.items():
        await session.execute(insert(state_totals).values(kpi=name, day=day.day, sums=[amount]))


def _summed(kpi: Kpi, name: str, cells: Sequence[Cell], context: Context, lists: Sequence[Listing]) -> Added:
    whose: dict[tuple[UUID, UUID | None, UUID | None], list[Cell]] = defaultdict(list)
    for cell in cells:
        whose[cell.customer or NOBODY, cell.rep, cell.stage if isinstance(cell, OpportunityCell) else None].append(cell)
    found, inputs = Added([], []), inputs_told(kpi)
    for (customer, rep, stage), some in whose.items():
        of_record = records(kpi, some, context)
        made = {key: sums(kpi, each, context) for key, each in of_record.items()}
        total = tuple(sum((each[name] for each in made.values()), ZERO) for name in kpi.inputs)
        if any(total):
            found.sums.append((name, customer, rep, stage, total))
        if not lists:
            continue
        details = {key: details_of(kpi, each, context) for key, each in of_record.items()}
        for listing in lists:
            ranks = [(listing.of(kpi, key[1], each, details[key]), key) for key, each in made.items()]
            ranked = sorted(((rank, *key) for rank, key in ranks if rank is not None), reverse=True)
            if not ranked:
                continue
            found.sums.append((counted_as(listing.name), customer, rep, None, (Decimal(len(ranked)),)))
            for rank, resource, record in ranked[: listing.shown]:
                told = written({name: made[resource, record][name] for name in inputs}, details[resource, record])
                found.ranks.append((listing.name, customer, rep, resource, record, told, rank))
            if len(ranked) > listing.shown:
                found.ranks.append((listing.name, customer, rep, None, None, None, ranked[listing.shown][0]))
    return found


async def differences(session: AsyncSession) -> int:
    """How many sums kept, of customers under no mark, are not what the documents make. 0, or something is wrong."""
    known = await company(session)
    wrong = 0
    for row in (await session.execute(select(*DAY).where(state_days.c.done))).all():
        kept = day_of(row)
        under, whole = await stale(session, None if kept.moment is None else kept.day)
        if whole:
            return wrong
        plans = {of_plan(plan) for plan in await changed_plans(session)}
        customer = at(Customer, kept.moment).c
        everyone = [NOBODY, *(await session.execute(select(customer.id).order_by(customer.id))).scalars()]
        for some in _some([each for each in everyone if each not in under]):
            made = await added(session, known, kept, some)
            for rows, table, names in ((made.sums, state_sums, SUMMED), (made.ranks, state_ranks, RANKED)):
                odd = await _kept(session, table, names, kept.day, some) ^ _comparable(rows)
                wrong += sum(row[0] not in plans for row in odd)
        wrong += len(await _rows(session, TOTAL, kept.day) ^ await _rows(session, TOTALS_KEPT, kept.day))
    return wrong


def _comparable(rows: Iterable[Any]) -> set[Any]:
    """Rows that can be compared: a sum of nothing is none, and of quotients the order tells in the 28th digit."""
    return {(*map(_comparable_part, row[:-1]), *map(_rounded, row[-1])) for row in rows if any(row[-1])}


def _comparable_part(part: Any) -> Any:
    if not isinstance(part, str) or not part.startswith("["):
        return part
    return tuple(sorted((name, str(_rounded(value))) for each in read(part) for name, value in each.items()))


def _rounded(value: Any) -> Any:
    return half_up(value, 12) if isinstance(value, Decimal) else value


async def _rows(session: AsyncSession, statement: str, day: date) -> set[Any]:
    return _comparable((await session.execute(text(statement), {"day": day})).all())


async def _kept(
    session: AsyncSession, table: Table, names: Sequence[str], day: date, customers: Sequence[UUID]
) -> set[Any]:
    those = (table.c.day == day, table.c.customer.in_(customers))
    return _comparable((await session.execute(select(*(table.c[name] for name in names)).where(*those))).all())
