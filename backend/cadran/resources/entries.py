"""Changes of the log, told by record: what one transaction did to one record, its lines and sums included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.resource import Resource
from cadran.models import OrderLine
from cadran.queries import log
from cadran.queries.log import Place
from cadran.resources.registry import BY_NAME, RESOURCES


@dataclass(frozen=True)
class Shown:
    """Rows of ``table`` show in a record of another resource, named by ``column``: through the order's line, or not."""

    table: str
    resource: str
    column: str
    fields: tuple[str, ...]
    by_line: bool = False


BY_TABLE: dict[str, Resource] = {resource.table.name: resource for resource in RESOURCES}
# Lines and the like travel in their record; payments, deliveries and invoices are summed up in another one.
SHOWN: tuple[Shown, ...] = (
    *(
        Shown(child.model.__tablename__, resource.name, child.parent, (child.field,))
        for resource in RESOURCES for child in resource.children
    ),
    Shown("payments", "invoices", "invoice_id", ("open_amount", "paid_amount")),
    Shown("invoices", "invoices", "credited_invoice_id", ("credited_amount", "open_amount")),
    Shown("invoices", "orders", "order_id", ("lines",)),
    Shown("invoice_lines", "orders", "order_line_id", ("lines",), by_line=True),
    Shown("deliveries", "orders", "order_line_id", ("lines",), by_line=True),
)  # fmt: skip
_LINES = "JOIN order_lines AS l ON l.id = r.order_line_id"


@dataclass
class Entry:
    """``first``: position of its first change among those read; ``own``: the changes of the record's own row."""

    first: int
    place: Place
    at: datetime
    resource: Resource
    key: UUID
    own: list[Row[Any]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    @property
    def made(self) -> bool:
        return bool(self.own) and self.own[0].operation == "insert"

    @property
    def removed(self) -> bool:
        return bool(self.own) and self.own[-1].operation == "delete"

    @property
    def before(self) -> str | None:
        """The row, JSON text, before the transaction; None of a new one."""
        found: str | None = self.own[0].before if self.own else None
        return found

    @property
    def after(self) -> str | None:
        found: str | None = self.own[-1].after if self.own else None
        return found

    def changed(self) -> set[str]:
        """The columns an update wrote."""
        if self.before is None or self.after is None:
            return set()
        before, after = orjson.loads(self.before), orjson.loads(self.after)
        return {name for name, value in after.items() if before.get(name) != value}


def tables_of(names: Iterable[str]) -> set[str]:
    """The tables whose changes tell of these resources."""
    return {BY_NAME[name].table.name for name in names} | {each.table for each in SHOWN if each.resource in names}


async def entries_of(
    session: AsyncSession, rows: Sequence[Row[Any]], names: frozenset[str], after: Place
) -> list[Entry]:
    """What the changes read after a place say of these resources, in order of the first change of each."""
    orders = await _orders_of(session, rows) if "orders" in names else {}
    found: dict[tuple[int, str, UUID], Entry] = {}

    def entry(position: int, row: Row[Any], name: str, key: UUID) -> Entry:
        fresh = Entry(position, Place(row.xid, row.seq), row.at, BY_NAME[name], key)
        return found.setdefault((row.xid, name, key), fresh)

    for position, row in enumerate(rows):
        resource = BY_TABLE.get(row.resource)
        if resource is not None and resource.name in names:
            entry(position, row, resource.name, row.record_id).own.append(row)
        for shown in SHOWN:
            if shown.table == row.resource and shown.resource in names:
                for key in _values(row, shown.column):
                    whole = orders.get(key) if shown.by_line else key
                    if whole is not None:
                        entry(position, row, shown.resource, whole).shown.update(shown.fields)
    # What a transaction made and removed again was never there for anybody else.
    return await _new(session, after, [each for each in found.values() if not (each.made and each.removed)])


def _values(row: Row[Any], column: str) -> set[UUID]:
    """The ids a column held before and after."""
    found = {orjson.loads(image).get(column) for image in (row.before, row.after) if image is not None}
    return {UUID(value) for value in found if value is not None}


async def _orders_of(session: AsyncSession, rows: Sequence[Row[Any]]) -> dict[UUID, UUID]:
    tables = {each.table for each in SHOWN if each.by_line}
    lines = {key for row in rows if row.resource in tables for key in _values(row, "order_line_id")}
    if not lines:
        return {}
    found = await session.execute(select(OrderLine.id, OrderLine.order_id).where(OrderLine.id.in_(lines)))
    return {row.id: row.order_id for row in found}


async def _new(session: AsyncSession, place: Place, entries: list[Entry]) -> list[Entry]:
    """Without those told already: a transaction may be longer than a page, and a record changed on both sides."""
    same = {entry.key for entry in entries if entry.place.xid == place.xid}
    if not same:
        return entries
    kinds = {entry.resource.name for entry in entries}
    parts = [
        (each.table, "l.order_id" if each.by_line else f"r.{each.column}", _LINES if each.by_line else "")
        for each in SHOWN if each.resource in kinds
    ]  # fmt: skip
    known = await log.told(session, place, same, parts)
    return [entry for entry in entries if entry.place.xid != place.xid or entry.key not in known]
