"""Sending: what is due of a webhook, signed, in order for each record, again after a while until it arrives.

An attempt is claimed before it is made, for longer than it can last: a worker that dies in the middle leaves its claim
to run out, and the same message with the same id is sent again.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpcore
from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from standardwebhooks import Webhook as Signer

from cadran import __version__
from cadran.kit.db import Database
from cadran.kit.problems import clean
from cadran.models import Webhook, WebhookDelivery, WebhookState
from cadran.webhooks.collect import ACTOR, disable
from cadran.webhooks.messages import GIVEN_UP, LONGEST_QUIET, wait_after
from cadran.webhooks.targets import Refused, pool, read

log = logging.getLogger(__name__)
AT_ONCE = 10
ANSWER_READ = 4096  # bytes of an answer read, so that the connection can be used again


@dataclass(frozen=True)
class Attempt:
    """What became of one: the HTTP status, None when none came, and what is wrong, None when it arrived."""

    status: int | None
    error: str | None


@dataclass
class Sender:
    """``timeout``: seconds an attempt may last; ``first_retry``: seconds before the second."""

    database: Database
    timeout: float = 10.0
    first_retry: float = 5.0
    internal: bool = False

    def __post_init__(self) -> None:
        self.pool = pool(internal=self.internal)

    async def close(self) -> None:
        await self.pool.aclose()

    async def send_due(self, webhook_id: UUID) -> int:
        """Sends what is due of the webhook until nothing is, or nothing arrives; returns how many arrived."""
        arrived = 0
        while claimed := await self._claim(webhook_id):
            attempts = (self.attempt(each.url, each.secret, str(each.id), each.body) for each in claimed)
            sent = await asyncio.gather(*attempts)
            done = sum(attempt.error is None for attempt in sent)
            async with self.database.session(ACTOR) as session:
                await self._note(session, list(zip(claimed, sent, strict=True)))
                await (_well(session, webhook_id) if done else self._unwell(session, webhook_id, sent))
            arrived += done
            if not done:
                break
        return arrived

    async def _claim(self, webhook_id: UUID) -> list["_Claim"]:
        """The next messages due, at most one a record: its oldest that has not arrived."""
        mine, earlier = WebhookDelivery, aliased(WebhookDelivery)
        blocked = exists().where(
            earlier.webhook_id == mine.webhook_id,
            earlier.record_id == mine.record_id,
            earlier.status == "pending",
            earlier.position < mine.position,
        )
        due = (
            select(mine.id)
            .where(
                mine.webhook_id == webhook_id, mine.status == "pending", mine.next_attempt_at <= func.now(), ~blocked
            )
            .order_by(mine.position)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
            .cte()  # so that the limit is taken once
        )
        lease = timedelta(seconds=2 * self.timeout)
        async with self.database.session(ACTOR) as session:
            found = await session.execute(
                select(Webhook.url, WebhookState.secret)
                .join(WebhookState, WebhookState.webhook_id == Webhook.id)
                .where(Webhook.id == webhook_id, Webhook.is_active)
                .where(func.coalesce(WebhookState.quiet_until, func.now()) <= func.now())
            )
            target = found.one_or_none()
            if target is None:
                return []
            claimed = await session.execute(
                update(mine)
                .where(mine.id.in_(select(due.c.id)))
                .values(attempts=mine.attempts + 1, last_attempt_at=func.now(), next_attempt_at=func.now() + lease)
                .returning(mine.id, mine.webhook_id, mine.body, mine.attempts, mine.expires_at)
                .execution_options(synchronize_session=False)
            )
            return [_Claim(*row, *target) for row in claimed]

    async def attempt(self, url: str, secret: str, message_id: str, body: str) -> Attempt:
        """One POST, signed now. Never raises but when cancelled."""
        at = datetime.now(UTC)
        headers: dict[str | bytes, str | bytes] = {
            "content-type": "application/json",
            "user-agent": f"Cadran/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Signer(secret).sign(message_id, at, body),
        }
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        try:
            target = str(read(url, internal=self.internal))
            async with (
                asyncio.timeout(self.timeout),
                self.pool.stream(
                    "POST", target, headers=headers, content=body.encode(), extensions={"timeout": limits}
                ) as answer,
            ):
                size = 0
                async for part in answer.aiter_stream():
                    size += len(part)
                    if size > ANSWER_READ:
                        break
                good = 200 <= answer.status < 300
                return Attempt(answer.status, None if good else f"It answered {answer.status}.")
        except Refused as error:
            return Attempt(None, str(error))
        except TimeoutError:
            return Attempt(None, f"No answer within {self.timeout:g} seconds.")
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            return Attempt(None, clean(f"{type(error).__name__}: {error}", 200))

    async def _note(self, session: AsyncSession, sent: list[tuple["_Claim", Attempt]]) -> None:
        """What became of each message: arrived, waiting, or given up."""
        now = datetime.now(UTC)
        rows = []
        for claim, attempt in sent:
            arrived, over = attempt.error is None, now >= claim.expires_at
            waits = not arrived and not over
            rows.append({
                "id": claim.id,
                "status": "delivered" if arrived else "failed" if over else "pending",
                "delivered_at": now if arrived else None,
                "next_attempt_at": now + wait_after(claim.attempts, self.first_retry) if waits else None,
                "response_status": attempt.status,
                "error": attempt.error,
            })  # fmt: skip
        await session.execute(update(WebhookDelivery), rows)

    async def _unwell(self, session: AsyncSession, webhook_id: UUID, sent: list[Attempt]) -> None:
        """Nothing arrived: after ten in a row the webhook keeps quiet a while, after days it is disabled."""
        state = WebhookState
        failures = state.failures + len(sent)
        found = await session.execute(
            update(state)
            .where(state.webhook_id == webhook_id)
            .values(failing_since=func.coalesce(state.failing_since, func.now()), failures=failures)
            .returning(state.failing_since, state.failures)
        )
        row = found.one_or_none()
        if row is None:
            return
        if row.failures >= AT_ONCE:  # in a row: no single record's matter
            quiet = func.now() + wait_after(row.failures // AT_ONCE, self.first_retry, LONGEST_QUIET)
            await session.execute(update(state).where(state.webhook_id == webhook_id).values(quiet_until=quiet))
        if any(attempt.status == 410 for attempt in sent):
            await disable(session, webhook_id, "The receiver answered 410: it wants no more.")
        elif row.failing_since < datetime.now(UTC) - GIVEN_UP:
            await disable(session, webhook_id, "Nothing arrived for three days.")


async def _well(session: AsyncSession, webhook_id: UUID) -> None:
    state = update(WebhookState).where(WebhookState.webhook_id == webhook_id, WebhookState.failures > 0)
    await session.execute(state.values(failing_since=None, failures=0, quiet_until=None))


@dataclass(frozen=True)
class _Claim:
    id: UUID
    webhook_id: UUID
    body: str
    attempts: int
    expires_at: datetime
    url: str
    secret: str
