"""What is kept is made again though something fails: nobody waits for another's mistake."""

import asyncio
import logging

import asyncpg
import pytest

from cadran.answers import keeping
from cadran.kit.db import Database


async def test_what_fails_keeps_nobody_else_from_their_turn(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    turns, enough = {"fails": 0, "works": 0}, asyncio.Event()

    async def fails(database: Database) -> bool:
        turns["fails"] += 1
        raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")  # as a COPY does

    async def works(database: Database) -> bool:
        turns["works"] += 1
        await asyncio.sleep(0.01)
        if turns["works"] == 20:
            enough.set()
        return not enough.is_set()

    monkeypatch.setattr(keeping, "STEPS", (fails, works))
    with caplog.at_level(logging.WARNING):
        async with keeping.keeping(fresh_database):
            async with asyncio.timeout(10):
                await enough.wait()
    assert turns["fails"] == 1  # it is tried again later
    assert [record.getMessage() for record in caplog.records] == [
        "Sums could not be made again: canceling statement due to statement timeout"
    ]
