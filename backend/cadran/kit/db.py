"""Connections: one transaction per unit of work, committed at the edge and nowhere below; and bare ones to read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import Connection, TextClause, event, text
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

from cadran.kit.readers import Readers, works

TIMEOUTS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "jit": "off",
    # Answers are short: a second process takes longer to begin than it saves, and reads tables others need not look at.
    "max_parallel_workers_per_gather": "0",
}
# What a database can fail with: SQLAlchemy's errors, and asyncpg's own where it is asked without SQLAlchemy.
FAILURES = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Actor:
    """Who writes, as the change log will say."""

    name: str
    id: str | None = None
    request_id: str | None = None


def engine(url: str, pool_size: int = 10, **overrides: str) -> AsyncEngine:
    """A pool on ``url``; waiting over 2 s for a connection is an error (503 at the edge). ``overrides``: time-outs."""
    found = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=True,
        connect_args=_settings(overrides),
    )
    found.sync_engine.dialect.do_ping = _answers  # type: ignore[assignment,method-assign]
    return found


# A name is looked up by its id, though all of a small table may stand on a page: 1 µs each against 0.3.
_READING = {"random_page_cost": "0.3"}


def _settings(overrides: dict[str, str]) -> dict[str, Any]:
    return {"server_settings": TIMEOUTS | overrides, "timeout": 2}


def _answers(connection: Any) -> bool:
    """Whether a connection from the pool still works; else the pool opens another. Raises when the server is frozen.

    SQLAlchemy's own ping takes three round trips, and waits as long as a frozen server pleases.
    """
    return bool(connection.run_async(works))


class _Session(Session):
    """Tells PostgreSQL who writes at the first statement of each transaction."""


class WriteSession(AsyncSession):
    sync_session_class = _Session


@event.listens_for(_Session, "after_begin")
def _introduce(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    actor: Actor | None = session.info.get("actor")
    if actor is not None:
        introduce(connection, actor)


def introduce(connection: Connection, actor: Actor) -> None:
    """Names the actor for the rest of the transaction; the log's triggers read it."""
    connection.execute(
        text(
            "SELECT set_config('cadran.actor_id', :id, true), set_config('cadran.actor', :name, true),"
            " set_config('cadran.request_id', :request, true)"
        ),
        {"id": actor.id or "", "name": actor.name, "request": actor.request_id or ""},
    )


@cache
def _compiled(statement: TextClause) -> tuple[str, list[str]]:
    """SQL as asyncpg takes it, and the names of its parameters in their order."""
    made: Any = statement.compile(dialect=_DIALECT)
    return made.string, list(made.positiontup)


class Database:
    """The service's door to PostgreSQL. Tests hand in one connection whose outer transaction they roll back."""

    def __init__(self, bind: AsyncEngine | AsyncConnection) -> None:
        self.bind = bind
        self.shared: dict[str, Any] = {}  # what the sessions of this process tell each other
        if isinstance(bind, AsyncEngine):
            given = bind.dialect.create_connect_args(bind.url)[1]
            place = {name: value for name, value in given.items() if not name.startswith("prepared_statement")}
            self._readers = Readers(place | _settings(_READING))

    @asynccontextmanager
    async def session(self, actor: Actor | None = None) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        mode = "create_savepoint" if isinstance(self.bind, AsyncConnection) else "conditional_savepoint"
        session = WriteSession(
            self.bind,
            expire_on_commit=False,
            autoflush=False,
            join_transaction_mode=mode,
            info={"actor": actor, "shared": self.shared},
        )
        async with session, session.begin():
            yield session

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of one statement that only reads, as asyncpg takes it and gives them."""
        if isinstance(self.bind, AsyncEngine):
            return await self._readers.fetch(statement, values)
        driver: Any = (await self.bind.get_raw_connection()).driver_connection
        return list(await driver.fetch(statement, *values))

    async def glance(self, statement: TextClause, values: Mapping[str, Any]) -> list[asyncpg.Record]:
        """The rows of a statement that only reads, written once and asked often, as asyncpg gives them."""
        sql, names = _compiled(statement)
        return await self.fetch(sql, [values[name] for name in names])

    async def close(self) -> None:
        if isinstance(self.bind, AsyncEngine):
            self._readers.close()
            await self.bind.dispose()
