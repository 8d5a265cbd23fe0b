"""Webhooks: who is told of what, where each stands in the change log, and every message."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from cadran.kit.tables import Base, Record, one_of, reference
from cadran.models.log import Xid8

DELIVERY_STATUSES = ("pending", "delivered", "failed")


class Webhook(Record):
    """What is told of goes by what ``user_id``, who made it, may read. The secret stands in its state."""

    __tablename__ = "webhooks"

    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    thresholds: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    user_id: Mapped[uuid.UUID] = reference("users")


class WebhookState(Base):
    """What moves by itself, and the secret: apart from the webhook, so that neither ever comes near the change log.

    ``after_xid``, ``after_seq``: the last change read, in ``log``; none up to ``since_seq`` is told of. ``crossed``: by
    threshold, whether its KPI is beyond it.
    """

    __tablename__ = "webhook_states"

    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]
    after_xid: Mapped[int] = mapped_column(Xid8)
    after_seq: Mapped[int] = mapped_column(BigInteger)
    log: Mapped[str | None]
    since_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    crossed: Mapped[dict[str, bool]] = mapped_column(JSONB, default=dict, server_default="{}")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())  # when changes were last read
    evaluated_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")  # in a row, of the whole webhook
    quiet_until: Mapped[datetime | None]  # nothing is sent before


class WebhookDelivery(Base):
    """One message: its id is the receiver's ``webhook-id`` on every attempt, its body what is signed."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        one_of("status", DELIVERY_STATUSES),
        UniqueConstraint("webhook_id", "xid", "resource", "record_id", name="uq_webhook_deliveries_event"),
        Index("ix_webhook_deliveries_listed", "webhook_id", "id"),
        Index("ix_webhook_deliveries_next", "webhook_id", "position", postgresql_where=text("status = 'pending'")),
        Index("ix_webhook_deliveries_lane", "webhook_id", "record_id", "position",
              postgresql_where=text("status = 'pending'")),
    )  # fmt: skip

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))  # messages of a record go in this order
    webhook_id: Mapped[uuid.UUID] = reference("webhooks", cascade=True)
    type: Mapped[str]
    resource: Mapped[str | None]  # the table; null when no record changed
    record_id: Mapped[uuid.UUID]
    xid: Mapped[int | None] = mapped_column(Xid8)
    body: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    last_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    response_status: Mapped[int | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class ImportFile(Base):
    """The file of an import that waits for its turn, and how it is to be read; gone once it was taken in."""

    __tablename__ = "import_files"

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB)
    key_id: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
