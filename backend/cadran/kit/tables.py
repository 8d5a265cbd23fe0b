"""What every table shares: identity, version, instants, money columns, folded search text."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Computed, DateTime, ForeignKey, FromClause, Index, MetaData, Numeric, Text, func
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

MONEY = Numeric(20, 6)
QUANTITY = Numeric(16, 4)
RATE = Numeric(9, 6)
EXCHANGE_RATE = Numeric(18, 8)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        uuid.UUID: UUID(as_uuid=True),
        Decimal: MONEY,
    }


class Record(Base):
    """A row with an identity, a version that every write bumps (its ETag) and two instants."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-9)
    version: Mapped[int] = mapped_column(default=1, server_default="1", sort_order=900)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=901)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=902)


class Owned(Record):
    """A record an outside system may own, known there by ``external_id``; it last said so at ``source_updated_at``."""

    __abstract__ = True

    external_id: Mapped[str | None] = mapped_column(unique=True, sort_order=-8)
    source_updated_at: Mapped[datetime | None] = mapped_column(sort_order=903)


@cache
def column_names(table: FromClause) -> frozenset[str]:
    """Of a table, to look into many times at the price of a set."""
    return frozenset(table.c.keys())


def reference(target: str, *, cascade: bool = False, unique: bool = False, index: bool = True) -> Any:
    """An indexed foreign key to ``target.id``; deleting a referenced record is refused unless ``cascade``.

    ``index``: not where another index of the table begins with it.
    """
    key = ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else "RESTRICT")
    return mapped_column(key, index=index and not unique, unique=unique or None)


def folded(*columns: str) -> Any:
    """A stored column of the given ones, lower-cased and without accents: sorting and search use it.

    Needs the SQL function ``fold(text)`` that the first migration makes.
    """
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    return mapped_column(Text, Computed(f"fold({text})", persisted=True), sort_order=910)


def trigram(table: str, column: str = "search") -> Index:
    """The index that makes typing in a search box fast."""
    return Index(
        f"ix_{table}_{column}_trigram",
        column,
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
    )


def sorts(table: str, column: str) -> Index:
    """Makes a list quick that is sorted by ``column``, either way, however deep the page: see ``kit/paging``."""
    return Index(f"ix_{table}_{column}", column, "id")


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def finite(*columns: str) -> list[CheckConstraint]:
    """PostgreSQL accepts NaN in ``numeric`` and every later SUM is NaN: refuse it on each money column."""
    return [CheckConstraint(f"{column} <> 'NaN'::numeric", name=f"{column}_finite") for column in columns]
