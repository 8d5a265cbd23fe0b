"""The benchmark's own PostgreSQL, and in it one database for each size, filled once and kept between runs."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import UUID

import asyncpg

from benchmarks.generate import key, statements
from cadran.cli import totals
from cadran.cli.store import migrate
from cadran.kit.auth import new_api_key
from cadran.kit.postgres import EmbeddedPostgres

T = TypeVar("T")
VERSION = 2  # of the data generated: another one is loaded anew
SETTLED = 300  # seconds: a COPY of twice a company touches each of its customers
SCOPES = ("*:read", "*:write")
say: Callable[[str], None] = print


class Sql:
    """One connection, used from plain code."""

    def __init__(self, server: EmbeddedPostgres, database: str) -> None:
        self._runner = asyncio.Runner()
        settings: dict[str, Any] = {
            "host": str(server.socket_dir),
            "port": server.port,
            "user": "cadran",
            "database": database,
        }
        self.connection: Any = self._runner.run(asyncpg.connect(**settings, statement_cache_size=0))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def execute(self, statement: str, *values: object) -> str:
        done: str = self.run(self.connection.execute(statement, *values))
        return done

    def fetch(self, statement: str, *values: object) -> list[Any]:
        found: list[Any] = self.run(self.connection.fetch(statement, *values))
        return found

    def one(self, statement: str, *values: object) -> Any:
        return self.run(self.connection.fetchval(statement, *values))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._runner.run(self.connection.close())
        self._runner.close()


class Store:
    """The server under ``home`` and its databases."""

    def __init__(self, home: Path) -> None:
        self.server = EmbeddedPostgres(home)

    def __enter__(self) -> Self:
        logging.getLogger("alembic").setLevel(logging.WARNING)
        self.server.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.server.stop()

    def sql(self, database: str) -> Sql:
        return Sql(self.server, database)

    def url(self, database: str) -> str:
        return self.server.url.replace("/cadran?", f"/{database}?")

    def drop(self, database: str) -> None:
        with self.sql("postgres") as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def clone(self, source: str, name: str) -> str:
        """A copy to write into."""
        self.drop(name)
        with self.sql("postgres") as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
                " AND backend_type = 'client backend'",
                source,
            )
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        return name

    def backends(self, database: str) -> list[int]:
        """The processes that serve the database's clients."""
        with self.sql("postgres") as admin:
            rows = admin.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", database)
        return [row["pid"] for row in rows]

    def prepare(self, orders: int) -> str:
        """The database of this size, migrated and loaded if it is not there yet."""
        name = f"bench_{orders}"
        if self._loaded(name, orders):
            say(f"{orders:,} orders: there already")
        else:
            self.drop(name)
            with self.sql("postgres") as admin:
                admin.execute(f"CREATE DATABASE {name}")
            migrate(self.url(name))
            self._load(name, orders)
        migrate(self.url(name))
        asyncio.run(totals.keep(self.url(name)))  # the states of today, when it was loaded on another day
        return name

    def _loaded(self, name: str, orders: int) -> bool:
        about = self.about(name)
        return about.get("orders") == orders and about.get("version") == VERSION

    def about(self, name: str) -> dict[str, Any]:
        """What a database was loaded with; empty when it is not whole."""
        statement = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"
        with self.sql("postgres") as admin:
            found: dict[str, Any] = json.loads(admin.one(statement, name) or "{}")
        return found

    def day(self, name: str) -> date:
        """The day the generated company ends on."""
        return date.fromisoformat(self.about(name)["today"])

    def _load(self, name: str, orders: int) -> None:
        today, started = datetime.now(UTC).date(), time.monotonic()
        say(f"{orders:,} orders: loading …")
        with self.sql(name) as sql:
            # What the loader knows to be right is not checked row by row; the sums are made afterwards, all at once.
            sql.execute("SET session_replication_role = replica")
            sql.execute("SET synchronous_commit = off")
            sql.execute("SET maintenance_work_mem = '512MB'")
            sql.execute("SET work_mem = '128MB'")
            sql.execute("SELECT setseed(0.5)")
            for table, statement in statements(orders, today):
                begun, indexes = time.monotonic(), _without_indexes(sql, table)
                made = int(sql.execute(statement).split()[-1])
                for definition in indexes:
                    sql.execute(definition)
                if made >= 100_000:
                    say(f"  {table}: {made:,} rows, {time.monotonic() - begun:.0f} s")
            sql.execute("ANALYZE")
        begun = time.monotonic()
        asyncio.run(totals.rebuild(self.url(name)))
        say(f"  cadran rebuild: {time.monotonic() - begun:.0f} s")
        with self.sql(name) as sql:
            sql.execute("VACUUM")
            sql.execute("CHECKPOINT")
            about = json.dumps({"orders": orders, "today": today.isoformat(), "version": VERSION})
            sql.execute(f"COMMENT ON DATABASE {name} IS '{about}'")
        say(f"  loaded in {time.monotonic() - started:.0f} s")

    def settle(self, name: str) -> None:
        """Waits until no sum is stale, as long as a server that makes them again runs."""
        with self.sql(name) as sql:
            deadline = time.monotonic() + SETTLED
            while sql.one("SELECT count(*) FROM stale_totals WHERE since <= current_date") > 0:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"The sums were not made again within {SETTLED} s.")
                time.sleep(0.1)

    def api_key(self, name: str, user: str = "1001") -> str:
        """A new API key of the generated administrator."""
        secret, prefix, digest = new_api_key()
        with self.sql(name) as sql:
            owner: UUID = sql.one(f"SELECT {key('user', user)}")
            sql.execute(
                "INSERT INTO api_keys (id, name, prefix, key_hash, scopes, user_id)"
                " VALUES (gen_random_uuid(), 'benchmark', $1, $2, $3, $4)",
                prefix, digest, list(SCOPES), owner,
            )  # fmt: skip
        return secret


def _without_indexes(sql: Sql, table: str) -> list[str]:
    """Drops the indexes that hold no constraint, and returns how to make them again: quicker than row by row."""
    rows = sql.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i"
        " WHERE i.indrelid = $1::text::regclass AND NOT i.indisunique", table,
    )  # fmt: skip
    for row in rows:
        sql.execute(f"DROP INDEX {row['name']}")
    return [row["definition"] for row in rows]
