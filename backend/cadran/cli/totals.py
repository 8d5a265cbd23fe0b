"""The sums kept by day and month, checked and made again by hand."""

from collections.abc import Awaitable, Callable

from sqlalchemy import text

from cadran.answers import keeping
from cadran.kit.db import Database, engine


async def verify(url: str) -> dict[str, int]:
    """For each fact, how many sums are not what the documents make."""
    store = Database(engine(url, 1))
    try:
        async with store.session() as session:
            # Of one moment: what is written meanwhile would look wrong.
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            return await keeping.verify(session)
    finally:
        await store.close()


async def rebuild(url: str) -> None:
    await _alone(url, keeping.rebuild)


async def keep(url: str) -> None:
    """Makes what is stale or not made yet, as a running service does by itself."""
    await _alone(url, keeping.keep)


async def _alone(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    store = Database(engine(url, 1))
    try:
        await work(store)
    finally:
        await store.close()
