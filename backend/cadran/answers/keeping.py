"""What is kept (sums by day and month, states by customer, duplicates) is made again behind the writes, and never in
their way.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import days, keeping_duplicates, keeping_states
from cadran.answers.company import company
from cadran.kit.db import FAILURES, Database
from cadran.models.totals import stale_totals
from cadran.queries.duplicates import FACT
from cadran.queries.flows import TOTALS
from cadran.queries.kept_days import FACTS as BY_DAY
from cadran.queries.totals import LOCK as TOTALS_LOCK
from cadran.queries.totals import differences, refresh

EVERY, AFTER_AN_ERROR = 1.0, 10.0  # seconds
REST, MANY_WRITES = 2.0, 200  # times as long as a turn has taken, in which so many marks came
FACTS = tuple(totals.fact for totals in TOTALS)
PATIENT = {"statement_timeout": "3600s", "idle_in_transaction_session_timeout": "3600s"}
# Of many customers: a plan for any list of them looks through the list for each order. A process that does nothing else
# may take a second core, and wait.
ALONE = {
    "plan_cache_mode": "force_custom_plan",
    "max_parallel_workers_per_gather": "2",
    "lock_timeout": "3600s",
}
logger = logging.getLogger(__name__)


async def _patient(session: AsyncSession, settings: Mapping[str, str] = PATIENT) -> None:
    """Ten million orders take a minute or two."""
    for name, value in settings.items():
        await session.execute(text(f"SET LOCAL {name} = '{value}'"))


async def _begin(session: AsyncSession, lock: int, *, alone: bool) -> None:
    """``alone``: in a process that does nothing else. It waits for who is at it, and makes many customers at once."""
    await _patient(session, PATIENT | ALONE if alone else PATIENT)
    if alone:
        await session.execute(select(func.pg_advisory_xact_lock(lock)))


async def keep_totals(database: Database, *, alone: bool = False) -> bool:
    """Makes the stale sums again, in a transaction of its own; False: until the next turn."""
    async with database.session() as session:
        ahead = func.current_date() + 1  # wherever the company is
        marks = select(stale_totals.c.id).where(stale_totals.c.since <= ahead, stale_totals.c.fact.in_(FACTS))
        if (await session.execute(select(marks.exists()))).scalar_one():
            await _begin(session, TOTALS_LOCK, alone=alone)
            await refresh(session, TOTALS, (await company(session)).today())
    return False


async def keep_days(database: Database, *, alone: bool = False) -> bool:
    """Makes again the days under a mark; returns whether some are not made yet."""
    async with database.session() as session:
        await _begin(session, days.LOCK, alone=alone)
        known = await company(session)
        return await days.keep_days(session, known, known.today())


async def keep_states(database: Database, *, alone: bool = False) -> bool:
    """One step of the states kept, in a transaction of its own; whether more is to be done at once."""
    async with database.session() as session:
        await _begin(session, keeping_states.LOCK, alone=alone)
        at_once = keeping_states.MANY if alone else keeping_states.AT_ONCE
        return await keeping_states.keep_states(session, at_once=at_once)


async def keep_duplicates(database: Database, *, alone: bool = False) -> bool:
    """The same of what looks like one."""
    async with database.session() as session:
        await _begin(session, keeping_duplicates.LOCK, alone=alone)
        at_once = keeping_duplicates.MANY if alone else keeping_duplicates.AT_ONCE
        return await keeping_duplicates.keep_duplicates(session, at_once)


STEPS = (keep_totals, keep_days, keep_states, keep_duplicates)


async def rebuild(database: Database) -> None:
    """Makes every sum and every state again from the documents; stopped early, what is left is made by the service."""
    async with database.session() as session:
        await session.execute(
            stale_totals.insert(), [{"fact": fact, "kind": "all"} for fact in (*FACTS, *BY_DAY, "states", FACT)]
        )
    await keep(database)


async def keep(database: Database) -> None:
    """Makes what is stale or not made yet, until nothing is left, in turns with a service that is at it too."""
    for step in STEPS:
        while await step(database, alone=True):
            pass


async def verify(session: AsyncSession) -> dict[str, int]:
    """For each fact, how many sums are not what the documents make."""
    await _patient(session)
    known = await company(session)
    day = known.today()
    found = {totals.fact: await differences(session, totals, day) for totals in TOTALS}
    found |= {fact: await days.differences(session, known, fact, day) for fact in BY_DAY}
    found["states"] = await keeping_states.differences(session)
    return found | {FACT: await keeping_duplicates.differences(session)}


async def _keep(database: Database) -> None:
    later: dict[Any, float] = {}  # what failed is tried again then, and keeps nobody else from their turn
    while True:
        started, before, more = time.monotonic(), await _written(database), False
        for step in STEPS:
            if started >= later.get(step, started):
                try:
                    more = await step(database) or more
                except FAILURES as error:
                    # Nothing is lost: what is stale is read from the documents until it is made again.
                    logger.warning("Sums could not be made again: %s", str(error).splitlines()[0])
                    later[step] = time.monotonic() + AFTER_AN_ERROR
        # Behind many writes it rests longer than it works, and leaves the processors to them.
        if not more or await _written(database) - before > MANY_WRITES:
            await asyncio.sleep(max(EVERY, REST * (time.monotonic() - started)))


async def _written(database: Database) -> int:
    """How many marks were ever left: what has come since tells how much is written."""
    try:
        async with database.session() as session:
            return int((await session.execute(text("SELECT last_value FROM stale_totals_id_seq"))).scalar_one())
    except FAILURES:
        return 0


@asynccontextmanager
async def keeping(database: Database) -> AsyncIterator[None]:
    """Keeps the sums and the states while the block runs."""
    task = asyncio.create_task(_keep(database))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
