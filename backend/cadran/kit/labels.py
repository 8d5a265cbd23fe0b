"""The names of the records that rows refer to, shown beside their ids."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Table, Text, Uuid, any_, bindparam, cast, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

# How a record is named, by table: the SQL expression shown beside an id that refers to it. Filled by the registry.
LABELS: dict[str, Callable[[Any], ColumnElement[Any]]] = {}


async def label(session: AsyncSession, references: Mapping[str, Table], found: list[dict[str, Any]]) -> None:
    """``labels`` of each row: the name of the record each field of ``references`` refers to."""
    named = {name: target for name, target in references.items() if target.name in LABELS}
    wanted: dict[Table, set[UUID]] = {}
    for row in found:
        row["labels"] = {}
        for name, target in named.items():
            if row.get(name) is not None:
                wanted.setdefault(target, set()).add(row[name])
    if not wanted:
        return
    # One statement for all tables: what costs is the way there and back.
    statement = _names_of(tuple(sorted(wanted, key=lambda target: target.name)))
    keys = {target.name: list(ids) for target, ids in wanted.items()}
    names = {(place, key): told for place, key, told in await session.execute(statement, keys)}
    for row in found:
        for name, target in named.items():
            if row.get(name) is not None:
                row["labels"][name] = names.get((target.name, row[name]))


@lru_cache(maxsize=512)
def _names_of(targets: tuple[Table, ...]) -> Any:
    """The statement that brings table, id and name of the records in each table's array of ids."""
    parts = []
    for target in targets:
        keys = bindparam(target.name, type_=ARRAY(Uuid))
        named = select(literal(target.name), target.c.id, cast(LABELS[target.name](target), Text))
        parts.append(named.where(target.c.id == any_(keys)))
    return union_all(*parts)
