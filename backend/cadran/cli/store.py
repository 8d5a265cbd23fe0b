"""Which database a command works on, and getting it ready."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import typer
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from cadran.settings import Settings

T = TypeVar("T")
OTHER_SCHEMA = ("42P01", "42703")  # SQLSTATE: a table, a column that is not there
REMEDY = (
    "The database is empty or of another version: run `cadran migrate`, or name another in CADRAN_HOME or DATABASE_URL."
)


def fail(message: str, code: int = 1) -> typer.Exit:
    """Says what is wrong on standard error; raise what it returns."""
    typer.secho(message, err=True, fg=typer.colors.RED)
    return typer.Exit(code)


@contextmanager
def database(settings: Settings, *, quiet: bool = True) -> Iterator[str]:
    """The URL of ``DATABASE_URL``, of the embedded server if one runs, else of one started for this command."""
    if settings.database_url:
        yield settings.database_url
        return
    from cadran.kit.postgres import EmbeddedPostgres, PostgresError, postgres_running

    server = EmbeddedPostgres(settings.home)
    if postgres_running(settings.home):
        yield server.url
        return
    if not quiet:
        typer.echo(f"Starting the database in {settings.home} …")
    try:
        server.start()
    except PostgresError as error:
        raise fail(str(error)) from None
    try:
        yield server.url
    finally:
        server.stop()


def alembic_config(url: str) -> Config:
    config = Config()
    location = Path(str(files("migrations")))
    config.set_main_option("script_location", str(location).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str) -> None:
    command.upgrade(alembic_config(url), "head")


async def pending(url: str) -> bool:
    """Whether the schema is older than this program."""
    engine = create_async_engine(url, poolclass=pool.NullPool)

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with engine.connect() as connection:
        found = await connection.run_sync(current)
    await engine.dispose()
    return found != ScriptDirectory.from_config(alembic_config(url)).get_current_head()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs ``work``; a database that does not answer ends in one clear line, not a traceback."""
    try:
        return asyncio.run(work)
    except (OSError, DBAPIError) as error:
        cause = getattr(error, "orig", None) or error
        said = f"The database refused: {str(cause).splitlines()[0][:300]}"
        if getattr(cause, "sqlstate", None) in OTHER_SCHEMA:
            said += f". {REMEDY}"
        raise fail(said) from None
