"""From the change log to messages: each webhook reads on from where it stands, once, in the order of the commits.

The cursor and the messages are written in one transaction, so that no event is missed or made twice however often the
worker dies. A webhook waits while it has very many messages left: its place in the log is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Actor, Database
from cadran.models import Webhook, WebhookDelivery, WebhookState
from cadran.queries.principals import acting_for
from cadran.rules.principal import Principal
from cadran.webhooks.events import BY_TABLE, CREATED, DELETED, PARENTS, UPDATED, matches, tables
from cadran.webhooks.messages import message

ACTOR = Actor("webhooks")
BATCH = 500
MOST_PENDING = 10_000

# Below the snapshot's xmin every transaction has ended: nothing can appear there any more.
CHANGES = text("""
    SELECT c.xid::text::bigint AS xid, c.seq, c.at, c.resource, c.record_id, c.operation,
           coalesce(c.after, c.before) AS row
    FROM change c
    WHERE (c.xid, c.seq) > (CAST(CAST(:xid AS text) AS xid8), :seq) AND c.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY c.xid, c.seq LIMIT :limit
""")


@dataclass
class Event:
    """What became of one record in one transaction."""

    xid: int
    seq: int
    at: datetime
    table: str
    record_id: UUID
    external_id: str | None
    created: bool = False
    deleted: bool = False

    @property
    def what(self) -> str:
        return DELETED if self.deleted else CREATED if self.created else UPDATED

    @property
    def type(self) -> str:
        return f"{BY_TABLE[self.table].plural}.{self.what}"


def events_of(changes: list[Row[Any]], wanted: set[str]) -> list[Event]:
    """One event for each record a transaction wrote, its lines included; none for one it made and removed again."""
    found: dict[tuple[int, str, UUID], Event] = {}
    for change in changes:
        if change.resource not in wanted:
            continue
        table, key, own = change.resource, change.record_id, True
        if table in PARENTS:
            table, column = PARENTS[table]
            key, own = UUID(change.row[column]), False
        external_id = change.row.get("external_id") if own else None
        event = found.setdefault(
            (change.xid, table, key), Event(change.xid, change.seq, change.at, table, key, external_id)
        )
        if own:
            event.external_id = external_id
            event.created = event.created or change.operation == "insert"
            event.deleted = change.operation == "delete"
    # Of one record, the log's own order is that of its writes, even where transactions overlapped.
    return sorted((each for each in found.values() if not (each.created and each.deleted)), key=lambda each: each.seq)


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
        where = {"xid": str(state.xid), "seq": state.after_seq, "limit": BATCH}
        changes = list((await session.execute(CHANGES, where)).all())
        if not changes:
            return False
        events = [each for each in events_of(changes, tables(webhook.events)) if matches(webhook.events, each.type)]
        rows = await _messages(session, who, webhook_id, events)
        if rows:
            # A transaction longer than a batch tells of a record once.
            await session.execute(insert(WebhookDelivery).on_conflict_do_nothing(), rows)
        last = changes[-1]
        stands = {"after_xid": last.xid, "after_seq": last.seq, "changed_at": func.clock_timestamp()}
        await session.execute(update(WebhookState).where(WebhookState.webhook_id == webhook_id).values(stands))
        return len(changes) == BATCH


async def _state(session: AsyncSession, webhook_id: UUID) -> Row[int, int] | None:
    """Where an active webhook stands, locked; None when it is not active, or another worker holds it."""
    statement = (
        select(WebhookState.after_xid.label("xid"), WebhookState.after_seq)
        .join(Webhook, Webhook.id == WebhookState.webhook_id)
        .where(WebhookState.webhook_id == webhook_id, Webhook.is_active)
        .with_for_update(of=WebhookState, skip_locked=True)
    )
    return (await session.execute(statement)).one_or_none()


async def _pending(session: AsyncSession, webhook_id: UUID) -> int:
    left = select(WebhookDelivery.id).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.status == "pending"
    )
    counted = select(func.count()).select_from(left.limit(MOST_PENDING).subquery())
    return (await session.execute(counted)).scalar_one()


async def _messages(session: AsyncSession, who: Principal, webhook_id: UUID, events: list[Event]) -> list[Any]:
    """Each event with its record as ``who`` reads it now; of one that is gone, its ids."""
    shown: dict[UUID, Any] = {}
    for table in {each.table for each in events}:
        resource = BY_TABLE[table]
        keys = {each.record_id for each in events if each.table == table and not each.deleted}
        if keys:
            rows = await resource.rows(session, who, resource.selection(who).where(resource.table.c.id.in_(keys)))
            shown |= {UUID(each["id"]): each for each in resource.shown(rows)}
    return [
        message(
            webhook_id,
            each.type,
            each.record_id,
            shown.get(each.record_id) or {"id": str(each.record_id), "external_id": each.external_id},
            each.at,
            resource=each.table,
            xid=each.xid,
        )
        for each in events
    ]


async def disable(session: AsyncSession, webhook_id: UUID, reason: str) -> None:
    """Stops the webhook, and says why; what it has not sent is kept for when it is enabled again."""
    stopped = {"is_active": False, "disabled_at": func.now(), "disabled_reason": reason, "version": Webhook.version + 1}
    await session.execute(update(Webhook).where(Webhook.id == webhook_id, Webhook.is_active).values(stopped))
