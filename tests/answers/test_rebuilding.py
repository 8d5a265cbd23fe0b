"""``cadran rebuild`` beside a service that is at the same work: it ends when all is made, not before."""

import asyncio

import pytest
from sqlalchemy import func, select

from cadran.answers import days, keeping, keeping_duplicates, keeping_states
from cadran.kit.db import Actor, Database
from cadran.models.totals import stale_totals
from cadran.queries import totals
from factories import Maker, hire

LOCKS = [totals.LOCK, days.LOCK, keeping_states.LOCK, keeping_duplicates.LOCK]


def test_no_step_waits_for_another() -> None:
    assert len(set(LOCKS)) == len(LOCKS) == len(keeping.STEPS)


@pytest.mark.parametrize("lock", LOCKS)
async def test_it_waits_for_who_is_at_it(fresh_database: Database, lock: int) -> None:
    async with fresh_database.session(Actor("test")) as session:
        people = await hire(session)
        await Maker(session, people.principal("admin"))("orders", status="confirmed", confirmed_on="2026-03-03")
    async with fresh_database.session() as service:
        await service.execute(select(func.pg_advisory_xact_lock(lock)))
        rebuilding = asyncio.create_task(keeping.rebuild(fresh_database))
        done, _ = await asyncio.wait([rebuilding], timeout=3)
        assert not done
    await asyncio.wait_for(rebuilding, 60)
    async with fresh_database.session() as session:
        assert (await session.execute(select(func.count()).select_from(stale_totals))).scalar_one() == 0
        assert not any((await keeping.verify(session)).values())
