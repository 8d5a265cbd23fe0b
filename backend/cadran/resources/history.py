"""What became of one record: who changed which field from what to what, read from the change log."""

import json
from decimal import Decimal
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Numeric, Row, Text, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.children import Children
from cadran.kit.resource import DOORS, MODELS, Plain, Resource
from cadran.kit.types import Read, rfc3339
from cadran.kit.written import LABELS
from cadran.models import Change, User
from cadran.rules.principal import Principal

MOST = 100  # writes told of one record, the newest
_UNTOLD = frozenset({"id", "version", "created_at", "updated_at"})


async def history(session: AsyncSession, who: Principal, resource: Resource, key: UUID) -> list[Plain]:
    """The newest writes of a record the caller sees, newest first, each with the fields it changed.

    Fields are those of the record's reading, and of them those the caller may see. Nested rows are named, not told.
    """
    own = list(await _rows(session, Change.record_id == key, resource.table.name))
    parts = {child.field: await _parts(session, child, key, own) for child in resource.children}
    writes: dict[Any, Plain] = {}
    # By ``seq``: the numbers of transactions start anew where a backup was restored.
    for row in sorted([*own, *(row for rows in parts.values() for row in rows)], key=lambda row: row.seq):
        write = writes.setdefault(_of(row), {"at": row.at, "by": row, "operation": "update", "changes": []})
        if row.resource == resource.table.name:
            write["operation"] = {"insert": "create"}.get(row.operation, row.operation)
            if row.operation == "update":
                write["changes"] += _changes(resource, who, row)
    for name, rows in parts.items():
        for write in (writes[each] for each in {_of(row) for row in rows}):
            if write["operation"] == "update":
                write["changes"].append({"field": name, "before": None, "after": None})
    told = [write for write in writes.values() if write["operation"] != "update" or write["changes"]]
    told = told[::-1][:MOST]
    await _name(session, who, resource, told)
    return told


def _of(row: Row[Any]) -> tuple[int, str | None]:
    """Which write a change belongs to: one request, in one transaction."""
    return row.xid, row.request_id


async def _rows(session: AsyncSession, condition: Any, table: str) -> Any:
    columns = (
        Change.xid, Change.seq, Change.at, Change.resource, Change.operation, Change.actor, Change.actor_id,
        Change.request_id, Change.before.cast(Text).label("before"), Change.after.cast(Text).label("after"),
    )  # fmt: skip
    statement = select(*columns).where(condition, Change.resource == table).order_by(Change.seq.desc()).limit(MOST)
    return (await session.execute(statement)).all()


async def _parts(session: AsyncSession, child: Children, key: UUID, own: list[Row[Any]]) -> list[Row[Any]]:
    """Changes of the nested rows: of those there are, and of those gone in a write that changed the record too."""
    table: Any = child.model.__table__
    standing = (await session.execute(select(table.c.id).where(table.c[child.parent] == key))).scalars().all()
    hung = or_(Change.before[child.parent].astext == str(key), Change.after[child.parent].astext == str(key))
    together = and_(Change.xid.in_([row.xid for row in own]), hung)
    return list(await _rows(session, or_(Change.record_id.in_(standing), together), table.name))


@cache
def _adapter(read: type[Read], name: str) -> TypeAdapter[Any]:
    info = read.model_fields[name]
    kept: Any = info.annotation
    for extra in info.metadata:
        kept = Annotated[kept, extra]
    return TypeAdapter(kept)


def _shown(resource: Resource, name: str, value: Any) -> Any:
    """A value of the log as the record's reading writes it."""
    try:
        adapter = _adapter(resource.read, name)
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError:  # a field was of another kind in its day
        return None if value is None else str(value)


def _changes(resource: Resource, who: Principal, row: Row[Any]) -> list[Plain]:
    # From text, so that an amount stays the decimal it is.
    before, after = (json.loads(image, parse_float=Decimal) for image in (row.before, row.after))
    found = []
    for name in resource.read.model_fields:
        if name not in resource.table.c or name in _UNTOLD or before.get(name) == after.get(name):
            continue
        if not who.sees_amounts and isinstance(resource.table.c[name].type, Numeric):
            continue
        then, now = (_shown(resource, name, image.get(name)) for image in (before, after))
        found.append({"field": name, "before": then, "after": now})
    return found


async def _name(session: AsyncSession, who: Principal, resource: Resource, writes: list[Plain]) -> None:
    """Names for ids: who wrote, and the records that a field named before and after, of those the caller sees."""
    people = {write["by"].actor_id for write in writes} - {None}
    rows = await session.execute(select(User.id, User.name).where(User.id.in_(people)))
    names: dict[UUID, str] = dict(rows.all())
    for write in writes:
        by = write.pop("by")
        write["at"], write["by"] = rfc3339(write["at"]), names.get(by.actor_id) or by.actor
        for change in write["changes"]:
            change["before_label"] = change["after_label"] = None
    for column in resource.table.c:
        target = next((reference.column.table for reference in column.foreign_keys), None)
        told = [change for write in writes for change in write["changes"] if change["field"] == column.name]
        if target is None or target.name not in LABELS or not told:
            continue
        ids = {UUID(change[side]) for change in told for side in ("before", "after") if change[side] is not None}
        statement = select(target.c.id, LABELS[target.name](target)).where(target.c.id.in_(ids))
        model = MODELS.get(target.name)
        if model in DOORS:
            statement = statement.where(DOORS[model](model, who, None))
        found = await session.execute(statement)
        labels = {str(each): label for each, label in found}
        for change in told:
            change["before_label"] = labels.get(change["before"])
            change["after_label"] = labels.get(change["after"])
