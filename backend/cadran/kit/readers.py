"""Bare connections for single statements that only read: no transaction, no reset, no round trip but the statement."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import asyncpg

MOST = 8  # connections of a process: each is taken for a fraction of a millisecond
RESTED = 1.0  # seconds after which a connection is asked whether it still works
PATIENCE = 2.0  # for a connection to be free, or made
LONGEST = 6.0  # for an answer: over the server's own time-out, which a frozen server does not keep


async def works(connection: asyncpg.Connection) -> bool:
    """Whether a connection that rested still does. Raises TimeoutError when the server is frozen."""
    try:
        await connection.execute("SELECT 1", timeout=1)
    except TimeoutError:
        connection.terminate()
        raise
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True


class Readers:
    """``settings``: what asyncpg connects with."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._free: list[tuple[asyncpg.Connection, float]] = []
        self._turn = asyncio.Semaphore(MOST)

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows. A connection that died is replaced. Raises TimeoutError when the server is frozen or busy."""
        if self._turn.locked():
            async with asyncio.timeout(PATIENCE):
                await self._turn.acquire()
        else:
            await self._turn.acquire()
        try:
            while True:
                used = bool(self._free)
                connection = await self._connection()
                try:
                    found: list[asyncpg.Record] = await connection.fetch(statement, *values, timeout=LONGEST)
                except (ConnectionError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                    connection.terminate()
                    if not used:
                        raise
                except asyncpg.PostgresError:
                    self._free.append((connection, time.monotonic()))
                    raise
                except BaseException:  # given up half-way: it may still be at work
                    connection.terminate()
                    raise
                else:
                    self._free.append((connection, time.monotonic()))
                    return found
        finally:
            self._turn.release()

    async def _connection(self) -> asyncpg.Connection:
        """The one used last, as it is the likeliest to work; else a new one."""
        while self._free:
            connection, since = self._free.pop()
            if connection.is_closed():
                continue
            if time.monotonic() - since < RESTED:
                return connection
            if await works(connection):
                return connection
            connection.terminate()
        return await asyncpg.connect(**self._settings)

    def close(self) -> None:
        while self._free:
            self._free.pop()[0].terminate()
