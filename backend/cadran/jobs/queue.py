"""The queue of jobs, pgqueuer's, on the same PostgreSQL: a job is put there by the transaction that needs it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from pgqueuer import Queries
from sqlalchemy.ext.asyncio import AsyncSession

SEND, THRESHOLDS, IMPORT, DIGEST = "webhooks.send", "webhooks.thresholds", "imports.take_in", "digests.send"


async def enqueue(session: AsyncSession, job: str, key: UUID, after: timedelta | None = None) -> None:
    """Asks for ``job`` on the record ``key``, once the transaction is committed; once at a time for each record."""
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    queries = Queries.from_asyncpg_connection(driver)
    await queries.enqueue(job, key.bytes, execute_after=after, dedupe_key=f"{job}:{key}", on_conflict="skip")
