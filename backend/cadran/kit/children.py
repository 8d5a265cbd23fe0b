"""Rows that travel inside their parent: the lines of a document, the ids of a list."""

import dataclasses
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase
from uuid_utils.compat import uuid7

from cadran.kit.problems import Problem, field_error

Values = dict[str, Any]
Plain = dict[str, Any]


@dataclass(frozen=True)
class Children:
    """Rows that travel inside their parent under ``field``. ``plain``: the one column to show, for lists of ids;
    ``computed``: what is shown that is no column.
    """

    field: str
    model: type[DeclarativeBase]
    parent: str
    plain: str | None = None
    ordered: bool = True
    computed: Mapping[str, Callable[[Any], ColumnElement[Any]]] = dataclasses.field(default_factory=dict)


async def rows_of(session: AsyncSession, child: Children, key: uuid.UUID) -> list[Plain]:
    table: Any = child.model.__table__
    statement = select(*table.c).where(table.c[child.parent] == key)
    if child.ordered:
        statement = statement.order_by(table.c.position)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


def rows_sent(child: Children, sent: list[Any] | None) -> list[Values] | None:
    if sent is None or child.plain is None:
        return sent
    return [{child.plain: each} for each in dict.fromkeys(sent)]


def keep_ids(child: Children, rows: list[Values], before: list[Plain]) -> None:
    """A child sent with an id stays that row. One sent without is the row of the same external id, plain value or
    place, so that a document replayed without ids keeps its lines; otherwise it is new. Raises a 422.
    """
    free = {row["id"]: row for row in before}
    for position, row in enumerate(rows):
        if row.get("id") is not None and free.pop(row["id"], None) is None:
            pointer = f"/{child.field}/{position}/id"
            error = field_error(pointer, "No such line here.", "Leave id out for a new line.", "unknown")
            raise Problem("validation", f"{pointer}: No such line here.", [error])
    for position, row in enumerate(rows):
        if row.get("id") is None:
            same = _counterpart(child, row, position, before, free)
            if same is not None:
                row["id"] = same
                del free[same]
            else:
                row.pop("id", None)


def _counterpart(child: Children, row: Values, position: int, before: list[Plain], free: Mapping[Any, Plain]) -> Any:
    name = child.plain or ("external_id" if row.get("external_id") is not None else None)
    if name is not None:
        return next((key for key, was in free.items() if was[name] == row[name]), None)
    place = before[position]["id"] if child.ordered and position < len(before) else None
    return place if place in free and free[place].get("external_id") is None else None


def differs(child: Children, rows: list[Values] | None, before: list[Plain]) -> bool:
    if rows is None:
        return False
    if child.plain:
        return {row[child.plain] for row in rows} != {row[child.plain] for row in before}
    now = [_child_values(child, row, position) for position, row in enumerate(rows)]
    return len(now) != len(before) or any(
        any(was.get(name) != value for name, value in row.items()) for row, was in zip(now, before, strict=True)
    )


def _child_values(child: Children, row: Values, position: int) -> Values:
    table: Any = child.model.__table__
    values = {name: value for name, value in row.items() if name in table.c and not (name == "id" and value is None)}
    return values | ({"position": position + 1} if child.ordered else {})


async def store(
    session: AsyncSession, child: Children, parent: uuid.UUID, rows: list[Values], before: list[Plain]
) -> None:
    """Inserts, updates and deletes children so that they are ``rows``, in that order."""
    table: Any = child.model.__table__
    known = {row["id"]: row for row in before}
    kept = {row["id"] for row in rows if row.get("id") in known}
    gone = [key for key in known if key not in kept]
    if gone:
        await session.execute(delete(table).where(table.c.id.in_(gone)))
    new = []
    for position, row in enumerate(rows):
        values = _child_values(child, row, position) | {child.parent: parent}
        if row.get("id") in known:
            if any(known[row["id"]].get(name) != value for name, value in values.items()):
                await session.execute(table.update().where(table.c.id == row["id"]).values(values))
        else:
            new.append(values | {"id": values.get("id") or uuid7()})
    if new:
        await session.execute(table.insert(), new)
