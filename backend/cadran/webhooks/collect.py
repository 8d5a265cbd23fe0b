"""From the change log to messages: each webhook reads on from where it stands, once, in the order of the commits.

The place and the messages are written in one transaction, so that no event is missed or made twice however often the
worker dies. A webhook waits while it has very many messages left: its place in the log is kept.
"""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Actor, Database
from cadran.models import Webhook, WebhookDelivery, WebhookState
from cadran.queries import log
from cadran.queries.log import Place
from cadran.queries.principals import acting_for
from cadran.resources.entries import Entry, entries_of, tables_of
from cadran.rules.principal import Principal
from cadran.webhooks.events import CREATED, DELETED, UPDATED, matches, names
from cadran.webhooks.messages import message

ACTOR = Actor("webhooks")
BATCH = 500
MOST_PENDING = 10_000
Stands = Row[int, int, str | None, int]
NEWEST = text("SELECT pg_sequence_last_value(pg_get_serial_sequence('change', 'seq'))")


async def collect(database: Database, webhook_id: UUID) -> bool:
    """Reads one batch of changes for the webhook; whether there may be more. False as well when another worker does."""
    async with database.session(ACTOR) as session:
        state = await _state(session, webhook_id)
        if state is None:
            return False
        webhook = (await session.execute(select(Webhook).where(Webhook.id == webhook_id))).scalar_one()
        who = await acting_for(session, webhook.user_id)
        if who is None or who.role != "admin":
            await disable(session, webhook_id, "Who made it is no longer an admin.")
            return False
        if await _pending(session, webhook_id) >= MOST_PENDING:
            return False
        place, since = await _place(session, webhook_id, state)
        wanted = names(webhook.events)
        changes = await log.read(session, place, tables_of(wanted), BATCH)
        if not changes:
            return False
        # Of one record, the log's own order is that of its writes, even where transactions overlapped.
        entries = sorted(await entries_of(session, changes, wanted, place), key=lambda each: each.place.seq)
        told = [each for each in entries if each.place.seq > since and matches(webhook.events, event_of(each))]
        rows = await _messages(session, who, webhook_id, told)
        if rows:
            await session.execute(insert(WebhookDelivery).on_conflict_do_nothing(), rows)
        last = changes[-1]
        stands = {"after_xid": last.xid, "after_seq": last.seq, "changed_at": func.clock_timestamp()}
        await session.execute(update(WebhookState).where(WebhookState.webhook_id == webhook_id).values(stands))
        return len(changes) == BATCH


def event_of(entry: Entry) -> str:
    """What is told of it, such as ``orders.created``."""
    return f"{entry.resource.plural}.{DELETED if entry.removed else CREATED if entry.made else UPDATED}"


async def _state(session: AsyncSession, webhook_id: UUID) -> Stands | None:
    """Where an active webhook stands, locked; None when it is not active, or another worker holds it."""
    statement = (
        select(WebhookState.after_xid, WebhookState.after_seq, WebhookState.log, WebhookState.since_seq)
        .join(Webhook, Webhook.id == WebhookState.webhook_id)
        .where(WebhookState.webhook_id == webhook_id, Webhook.is_active)
        .with_for_update(of=WebhookState, skip_locked=True)
    )
    return (await session.execute(statement)).one_or_none()


async def _place(session: AsyncSession, webhook_id: UUID, state: Stands) -> tuple[Place, int]:
    """Where to read on, and the number of the last change never to be told of.

    In a log restored from a backup transactions are counted anew, and old ones may come to lie ahead: what it held is
    passed over.
    """
    now = await log.identity(session)
    place, since = Place(state.after_xid, state.after_seq), state.since_seq
    if state.log == now:
        return place, since
    if state.log is not None:
        place, since = await log.last(session), (await session.execute(NEWEST)).scalar_one() or 0
        # Transactions of before: one of now may have the same number.
        before = update(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
        await session.execute(before.values(xid=None))
    known = {"log": now, "after_xid": place.xid, "after_seq": place.seq, "since_seq": since}
    await session.execute(update(WebhookState).where(WebhookState.webhook_id == webhook_id).values(known))
    return place, since


async def _pending(session: AsyncSession, webhook_id: UUID) -> int:
    left = select(WebhookDelivery.id).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.status == "pending"
    )
    counted = select(func.count()).select_from(left.limit(MOST_PENDING).subquery())
    return (await session.execute(counted)).scalar_one()


async def _messages(session: AsyncSession, who: Principal, webhook_id: UUID, entries: list[Entry]) -> list[Any]:
    """Each entry with its record as ``who`` reads it now; of one that is gone, its ids."""
    shown: dict[UUID, Any] = {}
    for resource in {each.resource.name: each.resource for each in entries}.values():
        keys = {each.key for each in entries if each.resource is resource and not each.removed}
        if keys:
            shown |= await resource.records(session, who, resource.table.c.id.in_(keys))
    return [
        message(
            webhook_id,
            event_of(each),
            each.key,
            shown.get(each.key) or _ids(each),
            each.at,
            resource=each.resource.table.name,
            xid=each.place.xid,
        )
        for each in entries
    ]


def _ids(entry: Entry) -> dict[str, Any]:
    image = entry.after or entry.before
    return {"id": str(entry.key), "external_id": orjson.loads(image).get("external_id") if image else None}


async def disable(session: AsyncSession, webhook_id: UUID, reason: str) -> None:
    """Stops the webhook, and says why; what it has not sent is kept for when it is enabled again."""
    stopped = {"is_active": False, "disabled_at": func.now(), "disabled_reason": reason, "version": Webhook.version + 1}
    await session.execute(update(Webhook).where(Webhook.id == webhook_id, Webhook.is_active).values(stopped))
