"""The change log and the answers kept for idempotency keys. Rows are only ever added."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, TextClause, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from cadran.kit.tables import Base


class Xid8(UserDefinedType[int]):
    """A 64-bit transaction id, the first half of the log's commit-safe order."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


def _setting(name: str, cast: str = "") -> TextClause:
    """What the transaction said of itself with ``set_config('cadran.<name>', …, true)``."""
    return text(f"nullif(current_setting('cadran.{name}', true), ''){cast}")


# Rows that no longer hang where they hung; the index holds these few only, so a query must say it in these words.
LEFT = (
    "operation = 'delete' OR operation = 'update' AND ("
    "before ->> 'customer_id' IS DISTINCT FROM after ->> 'customer_id'"
    " OR before ->> 'invoice_id' IS DISTINCT FROM after ->> 'invoice_id'"
    " OR before ->> 'order_line_id' IS DISTINCT FROM after ->> 'order_line_id')"
)


class Change(Base):
    """One record created, updated or deleted, as written by triggers in the transaction of the write itself."""

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_resource_at", "resource", "at"),
        Index("ix_change_record", "record_id", "seq"),
        Index("ix_change_left", "resource", "xid", "seq", postgresql_where=text(LEFT)),
        Index(
            "ix_change_deleted",
            "resource",
            text("(before ->> 'external_id')"),
            postgresql_where=text("operation = 'delete'"),
        ),
        Index("ix_change_not_insert", "resource", "at", postgresql_where=text("operation <> 'insert'")),
    )

    xid: Mapped[int] = mapped_column(Xid8, primary_key=True, server_default=text("pg_current_xact_id()"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    resource: Mapped[str]  # the table
    record_id: Mapped[uuid.UUID]
    operation: Mapped[str]  # insert | update | delete
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(server_default=_setting("actor_id", "::uuid"))
    actor: Mapped[str | None] = mapped_column(server_default=_setting("actor"))  # e-mail, key name, "command line"
    request_id: Mapped[str | None] = mapped_column(server_default=_setting("request_id"))


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    principal: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
