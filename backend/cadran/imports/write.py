"""Many writes at once: what is new by COPY, what changed by one statement a shape, what is the same not at all."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, func
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from cadran.kit.children import Children, differs, store
from cadran.kit.resource import Resource, Write
from cadran.kit.tables import column_names

CHUNK = 10_000
Rows = list[dict[str, Any]]


async def write_all(
    session: AsyncSession,
    resource: Resource,
    child: Children | None,
    writes: Sequence[Write],
    progress: Callable[[str, int, int], None],
) -> tuple[int, int, int]:
    """Created, updated and unchanged records."""
    new, changed, unchanged = [], [], 0
    for write in writes:
        if write.existing is None:
            new.append(write)
        elif _moved(resource, child, write):
            changed.append(write)
        else:
            unchanged += 1
    rows: Rows = []
    lines: Rows = []
    for write in new:
        key = write.values.setdefault("id", uuid7())
        rows.append(resource.own(write.values))
        if child is not None:
            lines += _lines(child, write, key)
    total = len(rows) + len(lines) + len(changed)
    done = await _copy(session, resource.table, rows, progress, 0, total)
    if child is not None:
        done = await _copy(session, child.model.__table__, lines, progress, done, total)
    for write in changed:
        await _update(session, resource, child, write)
        done += 1
        if done % 500 == 0:
            progress("write", done, total)
    progress("write", total, total)
    return len(new), len(changed), unchanged


def _lines(child: Children, write: Write, parent: Any) -> Rows:
    columns = column_names(child.model.__table__)
    return [
        {name: value for name, value in row.items() if name in columns}
        | {"id": row.get("id") or uuid7(), child.parent: parent, "position": position}
        for position, row in enumerate(write.children.get(child.field) or [], start=1)
    ]


def _new_values(resource: Resource, write: Write) -> dict[str, Any]:
    assert write.existing is not None  # noqa: S101 - asked of updates only
    return {name: value for name, value in resource.own(write.values).items() if value != write.existing[name]}


def _moved(resource: Resource, child: Children | None, write: Write) -> bool:
    if _new_values(resource, write):
        return True
    return child is not None and differs(child, write.children.get(child.field), write.before.get(child.field, []))


async def _update(session: AsyncSession, resource: Resource, child: Children | None, write: Write) -> None:
    assert write.existing is not None  # noqa: S101
    table = resource.table
    values = _new_values(resource, write) | {"version": write.existing["version"] + 1, "updated_at": func.now()}
    await session.execute(
        table.update().where(table.c.id == bindparam("key")).values(values), {"key": write.existing["id"]}
    )
    rows = None if child is None else write.children.get(child.field)
    if child is not None and rows is not None and differs(child, rows, write.before.get(child.field, [])):
        await store(session, child, write.existing["id"], rows, write.before.get(child.field, []))


async def _copy(
    session: AsyncSession, table: Any, rows: Rows, progress: Callable[[str, int, int], None], done: int, total: int
) -> int:
    """COPY, ten thousand rows at a time; columns no row has take their defaults."""
    shapes: dict[tuple[str, ...], Rows] = defaultdict(list)
    for row in rows:
        shapes[tuple(row)].append(row)
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    for names, alike in shapes.items():
        values = itemgetter(*names)
        for start in range(0, len(alike), CHUNK):
            part = alike[start : start + CHUNK]
            await driver.copy_records_to_table(table.name, records=map(values, part), columns=names)
            done += len(part)
            progress("write", done, total)
    return done
