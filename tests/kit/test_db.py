"""The pool: a connection that died is replaced, a server that hangs takes no request with it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.kit import readers
from cadran.kit.db import Database, engine
from cadran.kit.dberrors import problem_of


class Road:
    """The way to the server, which can be closed to traffic: what is sent meanwhile arrives when it opens again."""

    def __init__(self, url: str) -> None:
        self.target, self.open = make_url(url), asyncio.Event()
        self.open.set()

    async def __aenter__(self) -> "Road":
        self.server = await asyncio.start_server(self._travel, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.open.set()
        self.server.close()

    @property
    def url(self) -> str:
        port = self.server.sockets[0].getsockname()[1]
        return self.target.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)

    async def _travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder = self.target.query.get("host")
        port = self.target.query.get("port") or self.target.port or 5432
        if folder:
            there = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            there = await asyncio.open_connection(self.target.host, int(str(port)))
        await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self.open.wait()
                writer.write(data)
        writer.close()


@pytest.fixture
async def road(server_url: str) -> AsyncIterator[Road]:
    async with Road(server_url) as found:
        yield found


async def asked(pool: AsyncEngine) -> int:
    async with pool.connect() as connection:
        return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def test_a_server_that_hangs_is_busy_soon_and_fine_afterwards(road: Road) -> None:
    pool = engine(road.url, 1)
    before = await asked(pool)
    road.open.clear()
    for _ in range(2):  # the connection at hand, then none: a new one hangs as well
        started = time.monotonic()
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(8):
                await asked(pool)
        problem = problem_of(caught.value)
        assert problem is not None
        assert problem.code == "overloaded"
        assert time.monotonic() - started < 4
    road.open.set()
    assert await asked(pool) != before
    await pool.dispose()


async def test_a_connection_that_died_is_replaced_unseen(server_url: str) -> None:
    pool, other = engine(server_url, 1), engine(server_url, 1)
    before = await asked(pool)
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": before})
    assert await asked(pool) != before
    await pool.dispose()
    await other.dispose()


async def read(database: Database) -> int:
    return int((await database.fetch("SELECT pg_backend_pid() AS pid", []))[0]["pid"])


@pytest.mark.parametrize("rested", [0.0, 60.0], ids=["rested", "just used"])
async def test_readers_of_a_server_that_hangs_give_up(
    road: Road, monkeypatch: pytest.MonkeyPatch, rested: float
) -> None:
    monkeypatch.setattr(readers, "RESTED", rested)
    monkeypatch.setattr(readers, "LONGEST", 1.5)
    database = Database(engine(road.url, 1))
    before = await read(database)
    assert await read(database) == before
    road.open.clear()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4):
                await read(database)
    road.open.set()
    assert await read(database) != before
    await database.close()


async def test_a_reader_that_died_is_replaced_unseen_and_an_error_costs_none(server_url: str) -> None:
    database, other = Database(engine(server_url, 1)), engine(server_url, 1)
    before = await read(database)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.fetch("SELECT 1 / 0", [])
    assert await read(database) == before
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": before})
    assert await read(database) != before
    crowd = await asyncio.gather(*(read(database) for _ in range(50)))
    assert len(set(crowd)) <= readers.MOST
    await database.close()
    await other.dispose()
