"""Keyset paging: a cursor is the sort key of the last row seen. NULLs sort last, either way, and are never lost.

A list is read in two stretches, the rows that have a value and then those that have none: in each the order is that of
a plain index, read forwards or backwards, which ``NULLS LAST`` would rule out.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    UnaryExpression,
    and_,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from cadran.kit.problems import Problem, invalid

_INTEGER, _DECIMAL = 2**31 - 1, Decimal(10) ** 14  # what our columns hold


@dataclass(frozen=True)
class Key:
    name: str
    column: ColumnElement[Any]
    descending: bool

    @property
    def order(self) -> ColumnElement[Any]:
        return self.plain.nulls_last() if _nullable(self.column) else self.plain

    @property
    def plain(self) -> UnaryExpression[Any]:
        """The order of rows that have a value."""
        return self.column.desc() if self.descending else self.column.asc()

    def from_(self, value: Any) -> ColumnElement[bool]:
        """Rows from ``value`` on, of those that have one: where an index begins to be read."""
        begun: ColumnElement[bool] = self.column <= value if self.descending else self.column >= value
        return begun

    def after(self, value: Any, *, valued: bool) -> ColumnElement[bool] | None:
        """Rows strictly after ``value`` (with ``valued``, of those that have one); None when there can be none."""
        if value is None:
            return None
        beyond = self.column < value if self.descending else self.column > value
        return beyond if valued or not _nullable(self.column) else or_(beyond, self.column.is_(None))

    def same(self, value: Any) -> ColumnElement[bool]:
        return self.column.is_(None) if value is None else self.column == value


def _nullable(column: ColumnElement[Any]) -> bool:
    return not isinstance(column, Column) or bool(column.nullable)


def keys(rows: FromClause, wanted: str | None, offered: Sequence[str], default: str) -> list[Key]:
    """The sort asked (``-confirmed_on,number``), always ended by the id. Raises a 422 naming the sorts offered."""
    found: list[Key] = []
    for part in (default if wanted is None else wanted).split(","):
        name = part.strip().removeprefix("-")
        if any(name == key.name for key in found):
            continue  # a second time it changes nothing
        if name not in offered:
            raise invalid("?sort", f"{name[:40]!r} is not a sort here.", f"Sort by {', '.join(offered)}; - reverses.")
        found.append(Key(name, _sortable(rows, name), part.strip().startswith("-")))
    return [*found, Key("id", rows.c.id, found[-1].descending)]


def _sortable(rows: FromClause, name: str) -> ColumnElement[Any]:
    """Text sorts as people read it, without case and accents. Closed lists and indexed texts sort as they are."""
    column = rows.c[name]
    if name == "name" and "search" in rows.c:
        return rows.c["search"]
    closed = isinstance(rows, Table) and any(
        isinstance(check, CheckConstraint) and str(check.name).endswith(f"_{name}") for check in rows.constraints
    )
    if not isinstance(column.type, Text) or closed or column.index or column.unique:
        return column
    return func.fold(column, type_=Text)


def encode(sort: Sequence[Key], row: Any) -> str:
    values = [row[f"_key_{position}"] for position, _ in enumerate(sort)]
    spelled = ",".join(("-" if key.descending else "") + key.name for key in sort)
    return base64.urlsafe_b64encode(orjson.dumps([spelled, values], default=str)).decode().rstrip("=")


@dataclass(frozen=True)
class Stretch:
    """Rows that follow each other in the list: which they are, and their order."""

    where: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]


def stretches(sort: Sequence[Key], cursor: str | None) -> list[Stretch]:
    """What is left of the list after the cursor. Raises a 422 when it is not one of this list and sort."""
    first, *others = sort
    after = None if cursor is None else _read(sort, cursor)
    found = []
    if after is None or after[0] is not None:
        begun = [first.column.is_not(None)] if _nullable(first.column) else []
        where = begun if after is None else [first.from_(after[0]), _after(sort, after)]
        found.append(Stretch(tuple(where), (first.plain, *(key.order for key in others))))
    if _nullable(first.column):
        rest = [_after(sort, after)] if after is not None and after[0] is None else []
        found.append(Stretch((first.column.is_(None), *rest), tuple(key.order for key in others)))
    return found


def page(rows: Select[Any], sort: Sequence[Key], cursor: str | None, limit: int) -> Select[Any]:
    """What is left of ``rows`` after the cursor, one more than ``limit`` to tell whether there are more."""
    # Written out: a plan made for any limit would be made for a tenth of the table, so it would be made each time.
    most: Any = literal_column(str(limit + 1), Integer)
    spare = [key.column.label(f"_key_{position}") for position, key in enumerate(sort)]
    found = [
        rows.add_columns(*spare).where(*stretch.where).order_by(*stretch.order).limit(most)
        for stretch in stretches(sort, cursor)
    ]
    if len(found) == 1:
        return found[0]
    # The second is read only as far as the first leaves room.
    one, two = (
        stretch.add_columns(literal_column(str(place), Integer).label("_stretch"))
        for place, stretch in enumerate(found)
    )
    first, second = one.cte("first"), two.subquery("second")
    left = most - select(func.count()).select_from(first).scalar_subquery()
    both = union_all(select(first), select(second).limit(left)).subquery("both")
    order = [Key(key.name, both.c[f"_key_{position}"], key.descending).order for position, key in enumerate(sort)]
    return select(*both.c[:-1]).order_by(both.c["_stretch"], *order)


def gathered(rows: Any) -> Any:
    """All rows as one, each column an array: PostgreSQL sends it at once, and not 8 KB at a time as rows come."""
    columns = rows.subquery("page").c
    return select(*(func.array_agg(column).label(column.name) for column in columns))


def keys_at(page: Any, place: int) -> dict[str, Any]:
    """What :func:`encode` takes of one row of a gathered page."""
    return {name: values[place] for name, values in page.items() if name.startswith("_key_")}


def _read(sort: Sequence[Key], cursor: str) -> list[Any]:
    """The values of the cursor's row."""
    spelled = ",".join(("-" if key.descending else "") + key.name for key in sort)
    try:
        given, values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if given != spelled or len(values) != len(sort) or values[-1] is None:
            raise ValueError
        return [_typed(key.column, value) for key, value in zip(sort, values, strict=True)]
    except (ValueError, TypeError, KeyError, ArithmeticError, binascii.Error, orjson.JSONDecodeError):
        raise _bad_cursor() from None


def _after(sort: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows strictly after these values, of the stretch they are in."""
    steps = []
    for position, key in enumerate(sort):
        after = key.after(values[position], valued=position == 0)
        if after is not None:
            equal = [earlier.same(value) for earlier, value in zip(sort[:position], values, strict=False)]
            steps.append(and_(*equal, after))
    return or_(*steps)


def _bad_cursor() -> Problem:
    return invalid("?cursor", "This cursor is not one of this list.", "Take next_cursor of the page before, same sort.")


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    if value is None:
        return None
    kind = column.type.python_type
    if kind is bool or kind is int:
        if not isinstance(value, int) or isinstance(value, bool) != (kind is bool) or abs(value) > _INTEGER:
            raise ValueError
        return value
    if not isinstance(value, str) or len(value) > 2000 or "\x00" in value:
        raise ValueError
    readers: dict[type, Any] = {
        UUID: UUID,
        date: date.fromisoformat,
        datetime: datetime.fromisoformat,
        time: time.fromisoformat,
        Decimal: Decimal,
        str: str,
    }
    read = readers[kind](value)
    if isinstance(read, Decimal) and (not read.is_finite() or abs(read) >= _DECIMAL):
        raise ValueError
    if isinstance(read, date) and not 1900 <= read.year < 2200:
        raise ValueError
    if isinstance(read, datetime) and read.tzinfo is None:
        raise ValueError
    return read
