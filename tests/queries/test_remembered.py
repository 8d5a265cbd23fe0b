"""What a process remembers lasts until the log tells of a change, and never holds what was rolled back."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Actor, Database
from cadran.models import Team
from cadran.queries.remembered import until_written


class Counted:
    """Counts the teams, and how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    async def ask(self, session: AsyncSession, *tables: str) -> int:
        async def count() -> int:
            self.times += 1
            return int((await session.execute(select(func.count()).select_from(Team))).scalar_one())

        return await until_written(session, "how many teams", tables or ("teams",), count)


async def add(session: AsyncSession, name: str) -> None:
    await session.execute(text("INSERT INTO teams (id, name) VALUES (gen_random_uuid(), :name)"), {"name": name})


async def test_until_it_is_written(fresh_database: Database) -> None:
    counted = Counted()
    for expected, times in ((0, 1), (0, 1)):
        async with fresh_database.session() as session:
            assert (await counted.ask(session), counted.times) == (expected, times)
    async with fresh_database.session(Actor("test")) as session:
        await add(session, "Nord")
    async with fresh_database.session(Actor("test")) as session:
        await session.execute(text("UPDATE teams SET name = 'Sud'"))
    for _ in range(2):
        async with fresh_database.session() as session:
            assert (await counted.ask(session), counted.times) == (1, 2)
    async with fresh_database.session(Actor("test")) as session:  # of another table
        await session.execute(text("INSERT INTO customers (id, name) VALUES (gen_random_uuid(), 'Aciérie')"))
    async with fresh_database.session() as session:
        assert (await counted.ask(session), counted.times) == (1, 2)
    async with fresh_database.session(Actor("test")) as session:
        await session.execute(text("TRUNCATE teams CASCADE"))
    async with fresh_database.session() as session:
        assert (await counted.ask(session), counted.times) == (0, 3)


async def test_what_is_rolled_back_is_not_remembered(fresh_database: Database) -> None:
    counted = Counted()
    async with fresh_database.session(Actor("test")) as session:
        await add(session, "Nord")
        assert await counted.ask(session) == 1
        await session.rollback()
    async with fresh_database.session() as session:
        assert await counted.ask(session) == 0


async def test_a_write_open_meanwhile_is_seen_once_committed(fresh_database: Database) -> None:
    counted = Counted()
    async with fresh_database.session(Actor("test")) as writer:
        await add(writer, "Nord")
        async with fresh_database.session() as session:
            assert await counted.ask(session) == 0
        async with fresh_database.session(Actor("test")) as other:  # a later one, committed before
            await add(other, "Sud")
        async with fresh_database.session() as session:
            assert await counted.ask(session) == 1
    async with fresh_database.session() as session:
        assert await counted.ask(session) == 2
