"""What each customer adds to the KPIs that are states: made for the day, and again behind the writes (ADR 7).

Made by the very queries and measures that answer from the documents, a few customers at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import Company, company
from cadran.answers.question import Question
from cadran.kit.threads import in_thread
from cadran.metrics.facts import ZERO, Cell
from cadran.metrics.kpi import Context, Kpi, records, sums
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up
from cadran.models import Customer
from cadran.models.totals import state_days, state_sums, state_totals
from cadran.queries.ask import one_reading
from cadran.queries.kept_states import NOBODY, marked, unit_of
from cadran.queries.registry import KEPT, MADE_BY, OF_CUSTOMERS

AT_ONCE = 250  # customers
EVENING = 20  # the hour from which the next day is made, so that it is there when it begins
LOCK = 7_205_759_405
# KPI, customer, rep, whether a record makes the value, Σ of each input.
Kept = tuple[str, UUID, UUID | None, bool, tuple[Decimal, ...]]

# What went and what came changes the sums by rep by as much, exactly: only who holds the lock does this.
REPLACE = """
WITH gone AS (
    DELETE FROM state_sums WHERE day = :day AND customer = ANY(CAST(:customers AS uuid[])) RETURNING kpi, rep, sums
), came AS (
    INSERT INTO state_sums (kpi, day, customer, rep, behind, sums)
    SELECT kpi, :day, customer, rep, behind, sums FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (kpi text, customer uuid, rep uuid, behind boolean, sums numeric[]) RETURNING kpi, rep, sums
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
    await _days(session, (now or datetime.now(UTC)).astimezone(known.zone))
    found, marks, everybody = await marked(session)
    if everybody:
        await session.execute(update(state_days).values(upto=None, done=False))
    days = (await session.execute(select(state_days.c.day).order_by(state_days.c.day))).scalars().all()
    if marks and not everybody:
        for some in _some(sorted(found)):
            for day in days:
                await make(session, known, day, some)
    if marks:
        await session.execute(text("DELETE FROM stale_totals WHERE id = ANY(:marks)"), {"marks": marks})
    return await _next(session, known)


def _some(customers: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (customers[start : start + AT_ONCE] for start in range(0, len(customers), AT_ONCE))


async def _days(session: AsyncSession, now: datetime) -> None:
    """Opens the days to keep; forgets those that are over, and what other rules have made."""
    wanted = [now.date(), *([now.date() + timedelta(days=1)] if now.hour >= EVENING else [])]
    there = {row.day: row.made_by for row in await session.execute(select(state_days.c.day, state_days.c.made_by))}
    for day in there.keys() - {day for day in wanted if there.get(day) == MADE_BY}:
        for table in (state_days, state_sums, state_totals):
            await session.execute(delete(table).where(table.c.day == day))
        del there[day]
    new = [{"day": day, "made_by": MADE_BY, "upto": None, "done": False} for day in wanted if day not in there]
    if new:
        await session.execute(insert(state_days), new)


async def _next(session: AsyncSession, known: Company) -> bool:
    """Makes some more customers of the first day that is not done; False when all are."""
    undone = select(state_days.c.day, state_days.c.upto).where(~state_days.c.done).order_by(state_days.c.day)
    row = (await session.execute(undone.limit(1))).one_or_none()
    if row is None:
        return False
    after = select(Customer.id).where(Customer.id > (row.upto or NOBODY)).order_by(Customer.id).limit(AT_ONCE)
    customers = list((await session.execute(after)).scalars())
    if row.upto is None:
        for table in (state_sums, state_totals):
            await session.execute(delete(table).where(table.c.day == row.day))
    await make(session, known, row.day, [*([] if row.upto else [NOBODY]), *customers])
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


async def make(session: AsyncSession, known: Company, day: date, customers: Sequence[UUID]) -> None:
    """Makes again what these customers add on ``day``."""
    rows = [
        {
            "kpi": kpi, "customer": str(customer), "rep": rep and str(rep), "behind": behind,
            "sums": list(map(str, found)),
        }
        for kpi, customer, rep, behind, found in await added(session, known, day, customers)
    ]  # fmt: skip
    values = {"day": day, "customers": list(customers), "rows": orjson.dumps(rows).decode()}
    await session.execute(text(REPLACE), values)


async def added(session: AsyncSession, known: Company, day: date, customers: Sequence[UUID]) -> list[Kept]:
    """What these customers' records add on ``day``, read from the documents."""
    period = Period(day, day + timedelta(days=1))
    question = Question(known, None, period, day, filters={"customer": frozenset(map(unit_of, customers))})
    ask, context = question.ask_state(day, frozenset({"record"})), question.context(period)
    found: list[Kept] = []
    with one_reading(session):
        for kpi in KEPT.values():
            cells = await OF_CUSTOMERS[kpi.fact](session, ask)
            found += await in_thread(session, _summed, kpi, cells, context)
    return found


def _summed(kpi: Kpi, cells: Sequence[Cell], context: Context) -> list[Kept]:
    whose: dict[tuple[UUID, UUID | None], list[Cell]] = defaultdict(list)
    for cell in cells:
        whose[cell.customer or NOBODY, cell.rep].append(cell)
    found: list[Kept] = []
    for (customer, rep), some in whose.items():
        each = [sums(kpi, record, context) for record in records(kpi, some, context).values()]
        behind = any(made[name] for made in each for name in kpi.evidence)
        total = tuple(sum((made[name] for made in each), ZERO) for name in kpi.inputs)
        if behind or any(total):
            found.append((kpi.name, customer, rep, behind, total))
    return found


async def differences(session: AsyncSession) -> int:
    """How many sums kept, of customers under no mark, are not what the documents make. 0, or something is wrong."""
    known = await company(session)
    wrong = 0
    for day in (await session.execute(select(state_days.c.day).where(state_days.c.done))).scalars().all():
        stale, _, everybody = await marked(session)
        if everybody:
            return wrong
        everyone = [NOBODY, *(await session.execute(select(Customer.id).order_by(Customer.id))).scalars()]
        for some in _some([each for each in everyone if each not in stale]):
            wrong += len(await _kept(session, day, some) ^ _compared(await added(session, known, day, some)))
        wrong += len(await _rows(session, TOTAL, day) ^ await _rows(session, TOTALS_KEPT, day))
    return wrong


def _compared(rows: Iterable[Any]) -> set[Any]:
    """Rows that can be compared: a sum of nothing is none, and of quotients the order tells in the 28th digit."""
    return {(*row[:-1], tuple(half_up(n, 12) for n in row[-1])) for row in rows if True in row or any(row[-1])}


async def _rows(session: AsyncSession, statement: str, day: date) -> set[Any]:
    return _compared((await session.execute(text(statement), {"day": day})).all())


async def _kept(session: AsyncSession, day: date, customers: Sequence[UUID]) -> set[Any]:
    columns = (state_sums.c[name] for name in ("kpi", "customer", "rep", "behind", "sums"))
    among = state_sums.c.customer.in_(customers)
    return _compared((await session.execute(select(*columns).where(state_sums.c.day == day, among))).all())
