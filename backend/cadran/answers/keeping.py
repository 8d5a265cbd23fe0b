"""The sums by day and month are made again behind the writes: within about a second, and never in their way."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import company
from cadran.kit.db import Database
from cadran.models.totals import stale_totals
from cadran.queries.flows import TOTALS
from cadran.queries.totals import differences, refresh

EVERY, AFTER_AN_ERROR = 1.0, 10.0  # seconds
logger = logging.getLogger(__name__)


async def _patient(session: AsyncSession) -> None:
    """Ten million orders take a minute or two."""
    await session.execute(text("SET LOCAL statement_timeout = '3600s'"))
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '3600s'"))


async def keep_once(database: Database) -> int:
    """Makes the stale sums again, in a transaction of its own; returns how many marks went."""
    async with database.session() as session:
        ahead = func.current_date() + 1  # wherever the company is
        anything = select(select(stale_totals.c.id).where(stale_totals.c.since <= ahead).exists())
        if not (await session.execute(anything)).scalar_one():
            return 0
        await _patient(session)
        return await refresh(session, TOTALS, (await company(session)).today())


async def rebuild(session: AsyncSession) -> None:
    """Makes every sum again from the documents."""
    await _patient(session)
    await session.execute(stale_totals.insert(), [{"fact": totals.fact, "kind": "all"} for totals in TOTALS])
    await refresh(session, TOTALS, (await company(session)).today())


async def verify(session: AsyncSession) -> dict[str, int]:
    """For each fact, how many sums are not what the documents make."""
    await _patient(session)
    day = (await company(session)).today()
    return {totals.fact: await differences(session, totals, day) for totals in TOTALS}


async def _keep(database: Database) -> None:
    while True:
        pause = EVERY
        try:
            await keep_once(database)
        except (SQLAlchemyError, OSError) as error:
            # Nothing is lost: what is stale is read from the documents until the next turn.
            logger.warning("Sums could not be made again: %s", str(error).splitlines()[0])
            pause = AFTER_AN_ERROR
        await asyncio.sleep(pause)


@asynccontextmanager
async def keeping(database: Database) -> AsyncIterator[None]:
    """Keeps the sums while the block runs."""
    task = asyncio.create_task(_keep(database))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
