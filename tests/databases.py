"""The server tests run on, its migrated template, and clones of it."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, pool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cadran.kit.postgres import EmbeddedPostgres
from cadran.settings import Settings

ROOT = Path(__file__).parents[1]
# Tests keep their one transaction open as long as they please.
PATIENT = {"idle_in_transaction_session_timeout": "0", "lock_timeout": "2s", "statement_timeout": "20s"}
MUCH = 8 * 2**20  # bytes
_OURS = "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_TABLES = text(f"SELECT oid::regclass::text {_OURS}")
_SIZE = text(f"SELECT sum(pg_relation_size(oid)) {_OURS}")
# The header that only as_user writes.
SEEN = "x-test-principal"


def named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def admin(url: str) -> AsyncIterator[Any]:
    """A connection outside any transaction, as CREATE DATABASE wants."""
    owner = create_async_engine(url, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    async with owner.connect() as connection:
        yield connection
    await owner.dispose()


def template_name() -> str:
    """Changes with the migrations, so that a server that stays keeps no stale template."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "backend/migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    return f"cadran_template_{digest.hexdigest()[:12]}"


def migrated_template(url: str) -> str:
    """The name of the migrated template on the server, made now if need be. Call it outside any event loop."""
    name = template_name()
    if not asyncio.run(_exists(url, name)):
        draft = f"cadran_draft_{uuid4().hex[:12]}"
        asyncio.run(_run(url, f"CREATE DATABASE {draft}"))
        config = Config(ROOT / "alembic.ini")
        config.set_main_option("sqlalchemy.url", named(url, draft).replace("%", "%%"))
        command.upgrade(config, "head")
        try:
            asyncio.run(_run(url, f"ALTER DATABASE {draft} RENAME TO {name}"))
        except Exception:  # another run was quicker
            asyncio.run(_run(url, f"DROP DATABASE {draft}"))
            if not asyncio.run(_exists(url, name)):
                raise
    return name


async def _exists(url: str, name: str) -> bool:
    async with admin(url) as connection:
        found = await connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        return found.first() is not None


async def _run(url: str, statement: str) -> None:
    async with admin(url) as connection:
        await connection.execute(text(statement))


async def clone(url: str) -> str:
    """The URL of a new copy of the template."""
    name = f"cadran_test_{uuid4().hex[:12]}"
    await _run(url, f"CREATE DATABASE {name} TEMPLATE {template_name()} STRATEGY FILE_COPY")
    return named(url, name)


async def leave_alone(bind: AsyncEngine) -> None:
    """Of a database whose every row is rolled back: the server, looking meanwhile, would note that tables of many pages
    are empty, and plan accordingly.
    """
    async with bind.begin() as connection:
        for table in (await connection.execute(_TABLES)).scalars().all():
            await connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))


async def tidy(bind: AsyncEngine) -> None:
    """Takes away what rolled-back tests have left, once it is much."""
    async with bind.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if ((await connection.execute(_SIZE)).scalar_one()) > MUCH:
            await connection.execute(text("VACUUM"))


async def drop(url: str) -> None:
    name = make_url(url).database
    await _run(named(url, "postgres"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def running_server() -> Iterator[str]:
    """The URL of a server that has the template."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        url = named(Settings(DATABASE_URL=given).database_url or given, "postgres")
        migrated_template(url)
        yield url
        return
    # Not below tmp_path: its parent is closed to the account that runs PostgreSQL for root.
    home = Path(tempfile.mkdtemp(prefix="cadran-test-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "home", fsync=False) as server:
            url = named(server.url, "postgres")
            migrated_template(url)
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)
