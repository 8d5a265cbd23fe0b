"""The sums kept by day and month, checked and made again by hand."""

from cadran.answers import keeping
from cadran.kit.db import Database, engine


async def verify(url: str) -> dict[str, int]:
    """For each fact, how many sums are not what the documents make."""
    store = Database(engine(url, 1))
    try:
        async with store.session() as session:
            return await keeping.verify(session)
    finally:
        await store.close()


async def rebuild(url: str) -> None:
    store = Database(engine(url, 1))
    try:
        async with store.session() as session:
            await keeping.rebuild(session)
    finally:
        await store.close()


async def keep(url: str) -> None:
    """Makes what is stale or not made yet, as a running service does by itself."""
    store = Database(engine(url, 1))
    try:
        await keeping.keep_totals(store)
        while await keeping.keep_days(store):
            pass
        while await keeping.keep_states(store):
            pass
    finally:
        await store.close()
