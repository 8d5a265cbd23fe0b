"""Runs migrations on ``DATABASE_URL``, the running embedded server, or a connection handed over by the caller."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

import cadran.models  # noqa: F401 - loads every table
from cadran.kit.tables import Base
from cadran.settings import Settings

# A migration that waits for a lock makes everyone wait behind it: give up soon, and let the operator try again.
LOCK_TIMEOUT = "SET lock_timeout = '2s'"


def ours(name: str | None, kind: str, parents: object) -> bool:
    """The queue's tables are pgqueuer's own: no model says what they are."""
    return kind != "table" or not (name or "").startswith("pgqueuer")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, compare_type=True, compare_server_default=False,
        include_name=ours,
    )  # fmt: skip
    with context.begin_transaction():
        connection.exec_driver_sql(LOCK_TIMEOUT)
        context.run_migrations()


async def connect_and_run() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or Settings().database_url
    if not url:
        raise SystemExit("Say which database: set DATABASE_URL, or run `cadran migrate` for the embedded one.")
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    asyncio.run(connect_and_run())
