"""32 writers, bulk copies, a truncation, the maker killed: sums, states and duplicates stay the documents'."""

import asyncio
import os
import random
import sys
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from answers import test_keeping_duplicates as pairs
from answers import test_kept_days as by_day
from answers.little_company import DAY, Writer
from answers.scribe import Scribe
from answers.test_kept_states import NOON, age, agree, keep
from cadran.answers import keeping_duplicates
from cadran.answers.company import company
from cadran.answers.keeping_states import differences
from cadran.kit.db import Actor, Database, engine
from cadran.models.totals import stale_totals
from cadran.queries.flows import TOTALS
from cadran.queries.totals import differences as sums_differ
from cadran.queries.totals import refresh

WRITERS, ROUNDS = 32, 4
COPIED = ("interactions", "orders", "invoices", "contacts")
# What `cadran serve` does behind the writes, as fast as it can, in a process that can be killed.
MAKER = """
import asyncio, contextlib, sys
from datetime import datetime
from cadran.answers import keeping, keeping_states
from cadran.kit.db import Database, engine

async def main(url, noon):
    database = Database(engine(url, 2))
    while True:
        with contextlib.suppress(Exception):
            await keeping.keep_totals(database)
            await keeping.keep_days(database)
            async with database.session() as session:
                await keeping_states.keep_states(session, noon)
            await keeping.keep_duplicates(database)

asyncio.run(main(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
"""


class Maker:
    """Killed at any moment, and begun again."""

    def __init__(self, url: str, draw: random.Random) -> None:
        self.url, self.draw, self.kills = url, draw, 0

    async def run(self) -> None:
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", MAKER, self.url, NOON.isoformat(), env=os.environ,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                await asyncio.sleep(self.draw.uniform(1.5, 4))
            finally:
                process.kill()
                await process.wait()
                self.kills += 1


async def copied(database: Database, table: str) -> None:
    """Some hundred records of a table once more, by COPY."""
    async with database.session(Actor("copier")) as session:
        connection: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        rows = await connection.fetch(f"SELECT * FROM {table} LIMIT 300")
        generated = await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attgenerated <> ''", table
        )
        out = {row["attname"] for row in generated}
        names = [name for name in rows[0].keys() if name not in out] if rows else []  # noqa: SIM118 - a Record
        own = {
            "id": lambda: uuid4(),
            "external_id": lambda: None,
            "source_system": lambda: None,
            "number": lambda: None,
        }
        records = [[own[name]() if name in own else row[name] for name in names] for row in rows]
        if records:
            await connection.copy_records_to_table(table, records=records, columns=names)


async def writes(database: Database, seed: int, turns: int, told: dict[str, int]) -> None:
    draw = random.Random(seed)
    for turn in range(turns):
        try:
            async with database.session(Actor("writer")) as session:
                await Scribe(session, seed * 1_000_003 + turn).write()
                if draw.random() < 0.1:
                    raise ZeroDivisionError
            told["written"] += 1
        except ZeroDivisionError:
            told["rolled back"] += 1
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", "")
            if state not in ("40P01", "55P03"):
                raise
            told[state] = told.get(state, 0) + 1


async def test_under_fire(fresh_database: Database, pytestconfig: pytest.Config) -> None:
    """`--fired=100000` for the figure of the product's promise; a thousand show the same."""
    turns = max(1, pytestconfig.getoption("fired") // (WRITERS * ROUNDS))
    assert isinstance(fresh_database.bind, AsyncEngine)
    url, draw = fresh_database.bind.url.render_as_string(hide_password=False), random.Random(1)
    made = Writer(11, 40).write()
    async with fresh_database.session(Actor("test")) as session:
        await made.store(session)
        await age(session)
    told = {"written": 0, "rolled back": 0}
    many = Database(engine(url, WRITERS + len(COPIED), statement_timeout="60s", lock_timeout="30s"))
    maker = Maker(url, draw)
    for round_ in range(ROUNDS):
        keeping = asyncio.create_task(maker.run())
        hands = [writes(many, round_ * WRITERS + n, turns, told) for n in range(WRITERS)]
        await asyncio.gather(*hands, *(copied(many, table) for table in COPIED))
        if round_ == ROUNDS - 2:
            async with many.session() as session:
                await session.execute(text("TRUNCATE deliveries"))
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        async with many.session() as session:
            await session.execute(text("SET LOCAL statement_timeout = '600s'"))
            await keep(session)
            today = (await company(session)).today()
            await refresh(session, TOTALS, today)
            assert {each.fact: await sums_differ(session, each, today) for each in TOTALS} == {
                each.fact: 0 for each in TOTALS
            }
            await by_day.keep(session, today)
            assert await by_day.errors(session, today) == {}
            assert await differences(session) == 0
            await pairs.keep(session)
            assert await keeping_duplicates.differences(session) == 0
    async with many.session() as session:
        await agree(session, made)
        await by_day.agree(session, made, today)
        left = await session.execute(stale_totals.select().where(stale_totals.c.since <= DAY))
        assert left.all() == []
    await many.close()
    print(f"{told}, {maker.kills} kills")
    assert told["written"] > turns
    assert told.get("40P01", 0) == 0
