"""An import in the background: its file is kept until it was taken in, all in one transaction with the outcome.

A worker that dies leaves nothing half written, so it is simply begun again.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from pgqueuer import RetryRequested
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.imports import Outcome, import_file
from cadran.imports.load import Progress
from cadran.kit.db import Actor, Database
from cadran.kit.tabular import FileError, Stated
from cadran.models import ImportFile, ImportJob
from cadran.queries.principals import acting_for
from cadran.rules.principal import Principal

MOST_ATTEMPTS = 5
TOLD_EVERY = 1.0  # seconds between two notes of how far it is
ANOTHER = timedelta(seconds=10)  # before looking again whether another worker, perhaps dead, is done with it
GONE = "Who sent it may no longer import."
NEVER_ENDED = "It was begun five times and never ended: the server's log says why."


def status_of(found: Outcome) -> str:
    return "refused" if not found.accepted else "checked" if found.dry_run else "partial" if found.errors else "done"


def outcome_columns(found: Outcome, progress: dict[str, int]) -> dict[str, Any]:
    """What an import's row says at its end."""
    written = found.accepted and not found.dry_run
    return {
        "status": status_of(found), "rows": found.rows, "created": found.created, "updated": found.updated,
        "unchanged": found.unchanged, "refused": found.refused, "format": found.format, "errors": found.errors,
        "rows_read": progress.get("read", 0), "records_checked": progress.get("check", 0),
        "rows_written": progress.get("write", 0) if written else 0,
    }  # fmt: skip


def noting(progress: dict[str, int]) -> Progress:
    """A report of progress that keeps the last of each stage: read, check, write, and the file's rows."""

    def report(stage: str, done: int, total: int) -> None:
        progress[stage] = done
        if stage == "read":
            progress["rows"] = total

    return report


async def take_in(database: Database, import_id: UUID) -> None:
    """Takes the waiting file of this import in. Raises what the next attempt may not meet: the queue tries again."""
    begun = await _begin(database, import_id)
    if begun is None:
        return
    job, file, who = begun
    progress: dict[str, int] = {}
    telling = asyncio.create_task(_tell(database, import_id, progress))
    try:
        async with database.session(_actor(who)) as session:
            if await _mine(session, import_id):
                values = await _take_in(session, who, job, file, progress)
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
                ended = values | {"finished_at": func.clock_timestamp(), "version": ImportJob.version + 1}
                await session.execute(update(ImportJob).where(ImportJob.id == import_id).values(ended))
                await session.execute(delete(ImportFile).where(ImportFile.import_id == import_id))
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


def _actor(who: Principal) -> Actor:
    return Actor(f"key:{who.name}" if who.key_id else who.email, str(who.user_id))


async def _begin(database: Database, import_id: UUID) -> tuple[ImportJob, ImportFile, Principal] | None:
    """The import, its file and who sent it, one attempt counted; None when it has ended. After too many it fails."""
    async with database.session(Actor("import")) as session:
        statement = select(ImportJob, ImportFile).join(ImportFile, ImportFile.import_id == ImportJob.id)
        row = (await session.execute(statement.where(ImportJob.id == import_id).with_for_update())).one_or_none()
        if row is None:
            return None
        job, file = row
        job.status = "running"
        file.attempts += 1
        who = None if job.user_id is None else await acting_for(session, job.user_id, file.key_id)
        if who is None or file.attempts > MOST_ATTEMPTS:
            job.status = "failed"
            job.finished_at = func.clock_timestamp()
            job.errors = [_whole(GONE if who is None else NEVER_ENDED, "Send it again.")]
            await session.delete(file)
            await session.flush()
            return None
        await session.flush()
        return job, file, who


async def _mine(session: AsyncSession, import_id: UUID) -> bool:
    """Whether no other worker is at it, now that this one is."""
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '600s'"))  # while the file is read
    lock = int.from_bytes(import_id.bytes[-8:], "big", signed=True)
    free = (await session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock})).scalar_one()
    if not free:
        raise RetryRequested(ANOTHER, "another worker is at it")
    waits = select(ImportFile.import_id).where(ImportFile.import_id == import_id)
    return (await session.execute(waits)).first() is not None


async def _take_in(
    session: AsyncSession, who: Principal, job: ImportJob, file: ImportFile, progress: dict[str, int]
) -> dict[str, Any]:
    options = file.options
    try:
        found = await import_file(
            session, who, job.resource, file.content, file_name=options["name"], stated=Stated(**options["stated"]),
            dry_run=job.dry_run, partial=options["partial"], progress=noting(progress),
        )  # fmt: skip
    except FileError as error:
        return {"status": "refused", "errors": [_whole(str(error), "Correct the file, or state the option.")]}
    return outcome_columns(found, progress)


def _whole(reason: str, remedy: str) -> dict[str, Any]:
    """A refusal of the file as a whole."""
    return {"line": 0, "column": "", "value": None, "reason": reason, "remedy": remedy}


async def _tell(database: Database, import_id: UUID, progress: dict[str, int]) -> None:
    """Notes how far the import is, in transactions of its own."""
    names = {"rows": "rows", "read": "rows_read", "check": "records_checked", "write": "rows_written"}
    told: dict[str, int] = {}
    while True:
        await asyncio.sleep(TOLD_EVERY)
        now = {names[stage]: done for stage, done in progress.items()}
        if now != told:
            told = now
            with suppress(Exception):  # only a note
                async with database.session(Actor("import")) as session:
                    await session.execute(update(ImportJob).where(ImportJob.id == import_id).values(now))
