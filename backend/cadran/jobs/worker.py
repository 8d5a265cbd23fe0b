"""The worker: reads the change log for webhooks, puts what is due in the queue (digests too), and does what is in it.

Any number may run; what one was doing when it died another takes up. Killed or cut off from the database it begins
again: everything it needs to know stands in the tables.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pgqueuer import DatabaseRetryEntrypointExecutor, Job, Queries, QueueManager, RetryRequested
from pgqueuer.executors import EntrypointExecutorParameters
from sqlalchemy import and_, delete, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from cadran.digest import post
from cadran.jobs.imports import take_in
from cadran.jobs.queue import DIGEST, IMPORT, SEND, THRESHOLDS, enqueue
from cadran.kit.db import Database, engine
from cadran.models import Webhook, WebhookDelivery, WebhookState
from cadran.settings import Settings
from cadran.webhooks import thresholds
from cadran.webhooks.collect import ACTOR, collect
from cadran.webhooks.sending import Sender

log = logging.getLogger(__name__)
TICK = 1.0  # seconds between two looks at the change log
ALIVE = timedelta(seconds=10)  # after which the jobs of a worker that gives no sign are taken up by another
KEPT = timedelta(days=30)  # messages that arrived or were given up
CLEANED_EVERY = 3600.0
AT_ONCE = 4  # jobs
CONNECTIONS = 8
IMPORTS_AT_ONCE = 2  # of all workers
MAILS_AT_ONCE = 2
MAILS_EVERY = 60.0  # seconds between two looks for digests that are due
LONGEST_PAUSE = 30.0


def _again(parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
    """What fails is tried again, for about a quarter of an hour; each kind of job then says itself that it failed."""
    return DatabaseRetryEntrypointExecutor(
        parameters, max_attempts=8, initial_delay=timedelta(seconds=2), max_delay=timedelta(minutes=5)
    )


class Worker:
    """``database``: for the worker alone, of at least three connections; one is kept to be woken through."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.sender = Sender(
            database, settings.webhook_timeout, settings.webhook_first_retry, settings.webhook_internal
        )
        self.doing: set[asyncio.Task[Any]] = set()
        self.stopping = asyncio.Event()
        self.cleaned = self.posted = 0.0

    async def run(self) -> None:
        """Works until stopped, whatever happens to the database meanwhile."""
        pause = 1.0
        try:
            while not self.stopping.is_set():
                started = time.monotonic()
                try:
                    await self._work()
                except Exception as error:
                    log.warning("The worker begins again: %s", (str(error) or type(error).__name__).splitlines()[0])
                pause = 1.0 if time.monotonic() - started > 60 else min(pause * 2, LONGEST_PAUSE)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), pause)
        finally:
            await self.sender.close()

    async def stop(self) -> None:
        """Ends soon: what is being done goes back to the queue."""
        self.stopping.set()
        for task in list(self.doing):
            task.cancel()

    async def _work(self) -> None:
        async with self.database.bind.connect() as connection:  # type: ignore[union-attr]
            manager = await self._manager(connection)
            queue = manager.run(
                dequeue_timeout=ALIVE / 2,
                batch_size=AT_ONCE,
                max_concurrent_tasks=2 * AT_ONCE,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=ALIVE,
            )
            others = (self._look_again_and_again(), self.stopping.wait())
            parts: list[asyncio.Task[Any]] = [asyncio.create_task(each) for each in (queue, *others)]
            try:
                done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                for part in done:
                    part.result()
            finally:
                manager.shutdown.set()
                for task in (*self.doing, *parts[1:]):
                    task.cancel()
                await asyncio.wait(parts, timeout=5)
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)
                await connection.invalidate()  # it listens

    async def _manager(self, connection: AsyncConnection) -> QueueManager:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        manager = QueueManager(Queries.from_asyncpg_connection(driver))
        for name, limit, work in (
            (SEND, 0, self.sender.send_due),
            (THRESHOLDS, 0, lambda key: thresholds.evaluate(self.database, key)),
            (IMPORT, IMPORTS_AT_ONCE, lambda key: take_in(self.database, key)),
            (DIGEST, MAILS_AT_ONCE, lambda key: post.send(self.database, self.settings, key)),
        ):
            manager.entrypoint(name, concurrency_limit=limit, executor_factory=_again)(self._job(work))
        return manager

    def _job(self, work: Callable[[UUID], Awaitable[Any]]) -> Callable[[Job], Awaitable[None]]:
        async def job(given: Job) -> None:
            task = asyncio.current_task()
            assert task is not None and given.payload is not None  # noqa: S101, PT018 - every job names a record
            self.doing.add(task)
            try:
                await work(UUID(bytes=given.payload))
            except asyncio.CancelledError:
                raise RetryRequested(timedelta(0), "the worker stops") from None
            finally:
                self.doing.discard(task)

        return job

    async def _look_again_and_again(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(TICK)

    async def look(self) -> None:
        """One look: new changes become messages, and what is due goes into the queue."""
        async with self.database.session(ACTOR) as session:
            active = list((await session.execute(select(Webhook.id).where(Webhook.is_active))).scalars())
        for webhook_id in active:
            while await collect(self.database, webhook_id):
                pass
        if active:
            async with self.database.session(ACTOR) as session:
                await _queue_due(session)
        if self.settings.smtp_host and (time.monotonic() - self.posted > MAILS_EVERY or not self.posted):
            self.posted = time.monotonic()
            async with self.database.session(post.ACTOR) as session:
                for user_id in await post.due(session, self.settings):
                    await enqueue(session, DIGEST, user_id)
        if time.monotonic() - self.cleaned > CLEANED_EVERY or not self.cleaned:
            self.cleaned = time.monotonic()
            await _clean(self.database)


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Worker]:
    """A worker in the background of this process, on connections of its own."""
    if not settings.database_url:
        raise RuntimeError("No database: set DATABASE_URL.")
    database = Database(engine(settings.database_url, CONNECTIONS))
    worker = Worker(database, settings)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, 8)
        await database.close()


async def _queue_due(session: AsyncSession) -> None:
    mine, state = WebhookDelivery, WebhookState
    due = exists().where(mine.webhook_id == Webhook.id, mine.status == "pending", mine.next_attempt_at <= func.now())
    quiet = func.coalesce(state.quiet_until, func.now()) > func.now()
    joined = select(Webhook.id).join(state, state.webhook_id == Webhook.id).where(Webhook.is_active)
    for webhook_id in (await session.execute(joined.where(due, ~quiet))).scalars():
        await enqueue(session, SEND, webhook_id)
    last = state.evaluated_at
    stale = or_(
        last.is_(None),
        last < func.now() - thresholds.AT_LEAST,
        and_(last < func.now() - thresholds.SOON, state.changed_at > last),
    )
    watching = func.jsonb_array_length(Webhook.thresholds) > 0
    for webhook_id in (await session.execute(joined.where(watching, stale))).scalars():
        await enqueue(session, THRESHOLDS, webhook_id)


async def _clean(database: Database) -> None:
    """Old messages and the queue's own journal go."""
    before = datetime.now(UTC) - KEPT
    async with database.session(ACTOR) as session:
        old = delete(WebhookDelivery).where(WebhookDelivery.created_at < before, WebhookDelivery.status != "pending")
        await session.execute(old)
        await session.execute(text("DELETE FROM pgqueuer_log WHERE created < :before"), {"before": before})
        await session.execute(text("DELETE FROM pgqueuer_statistics WHERE created < :before"), {"before": before})
