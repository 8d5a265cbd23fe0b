"""Reads from a streaming replica that has caught up with all that was committed when the question came (ADR 8)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Database, engine
from cadran.kit.dberrors import problem_of
from cadran.kit.problems import Problem
from cadran.kit.unit import Unit

T = TypeVar("T")
PATIENCE = 0.25  # seconds a replica is waited for; then the primary answers
LOOK_AGAIN = 0.002  # seconds
RESTED = 5.0  # seconds a replica that failed is left alone
log = logging.getLogger(__name__)

# What is committed is before this place in the log: on disk, unless commits do not wait for it. Where DATABASE_URL
# itself names a standby, there is no such place.
WRITTEN = text("""
    SELECT CASE WHEN pg_is_in_recovery() THEN NULL
        WHEN current_setting('synchronous_commit') = 'off' THEN CAST(pg_current_wal_insert_lsn() AS text)
        ELSE CAST(pg_current_wal_flush_lsn() AS text) END
""")
# A server that follows nobody says no: it may be another one's past.
REACHED = text("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= CAST(CAST(:place AS text) AS pg_lsn)")


class Replica:
    """``primary``: what its sessions tell each other, the replica's tell too."""

    def __init__(self, url: str, pool_size: int, primary: Database) -> None:
        self._database = Database(engine(url, pool_size, default_transaction_read_only="on"))
        self._database.shared = primary.shared
        self._since = 0.0  # when it may be asked again

    @property
    def awake(self) -> bool:
        return time.monotonic() >= self._since

    async def read(self, unit: Unit, place: str, produce: Callable[[Unit], Awaitable[T]]) -> T | None:
        """``produce``'s answer from the replica, once it has reached ``place``; None when the primary has to give it.

        Raises what ``produce`` refuses, and the replica's statement time-out: the primary would take as long.
        """
        try:
            async with self._database.session() as session:
                if await _reached(session, place):
                    return await produce(replace(unit, session=session))
        except Problem:
            raise
        except Exception as error:
            problem = problem_of(error)
            if problem is None or problem.status != 503 or _took_too_long(error):
                raise
            self._rest(error)
        return None

    def _rest(self, error: Exception) -> None:
        log.warning("The replica cannot be read, the primary answers: %s", str(error).partition("\n")[0])
        self._since = time.monotonic() + RESTED

    async def close(self) -> None:
        await self._database.close()


async def _reached(session: AsyncSession, place: str) -> bool:
    until = time.monotonic() + PATIENCE
    while True:
        if (await session.execute(REACHED, {"place": place})).scalar_one():
            return True
        if time.monotonic() > until:
            return False
        await asyncio.sleep(LOOK_AGAIN)


def _took_too_long(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "57014"


async def read(unit: Unit, produce: Callable[[Unit], Awaitable[T]]) -> T:
    """``produce``'s answer, from the replica where there is one that has caught up, else from the primary."""
    replica: Replica | None = getattr(unit.request.app.state, "replica", None)
    place = None
    if replica is not None and replica.awake:
        place = (await unit.session.execute(WRITTEN)).scalar_one()
    if replica is None or place is None:
        return await produce(unit)
    # The request's own transaction ends here: while the replica reads, its connection is another's.
    await unit.session.commit()
    answer = await replica.read(unit, place, produce)
    if answer is not None:
        return answer
    database: Database = unit.request.app.state.database
    async with database.session() as session:
        return await produce(replace(unit, session=session))
