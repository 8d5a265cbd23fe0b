"""Typed filters: a field of the query model whose annotation carries its predicate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema, create_model
from pydantic.fields import FieldInfo
from sqlalchemy import ARRAY, Boolean, ColumnElement, FromClause, Select, func

from cadran.kit.types import Day, Instant, Money, StrictModel, text


@dataclass(frozen=True)
class Where:
    """How a given value narrows the rows."""

    predicate: Callable[[FromClause, Any], ColumnElement[bool]]


Words: Any = text(200)
# In a query everything is text, so that only the text form of a number is described.
Amount = Annotated[Money, WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"})]


class ListQuery(StrictModel):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=500, description="Rows a page.")] = 50
    cursor: Annotated[
        str | None,
        Field(
            max_length=3000,
            description="next_cursor of the page before.",
            json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},
        ),
    ] = None
    sort: Annotated[str | None, Field(max_length=200)] = None
    count: Annotated[bool, Field(description="Also the exact total.")] = False
    count_most: Annotated[
        int | None,
        Field(
            ge=1, le=1_000_000,
            description="With `count`: counts no further, so that the total of a long list costs no more than a page.",
        ),
    ] = None  # fmt: skip
    format: Annotated[Literal["json", "csv", "xlsx"] | None, Field(description="Overrides Accept.")] = None
    dialect: Annotated[Literal["standard", "excel-fr"], Field(description="CSV for Excel in French.")] = "standard"


class SearchQuery(ListQuery):
    """What a list with a search text also takes."""

    q: Annotated[Words | None, Field(description="Search: any accent, part of a word, small typos.")] = None


def _among(name: str) -> Where:
    return Where(lambda rows, values: rows.c[name].in_(values))


def _equal(name: str) -> Where:
    return Where(lambda rows, value: rows.c[name].is_(value))


def _least(name: str) -> Where:
    return Where(lambda rows, value: rows.c[name] >= value)


def _most(name: str) -> Where:
    return Where(lambda rows, value: rows.c[name] <= value)


def _missing(name: str) -> Where:
    return Where(lambda rows, value: rows.c[name].is_(None) if value else rows.c[name].is_not(None))


def _fields(name: str, kind: type, word: Any) -> dict[str, tuple[Any, Any]]:
    """The filters a column of this Python type deserves: equality by repetition, bounds, or presence."""
    item: Any = UUID if kind is UUID else word or Words
    many: Any = list[item]
    if kind is bool:
        return {name: (Annotated[bool | None, _equal(name)], None)}
    if kind in (UUID, str):
        found: dict[str, tuple[Any, Any]] = {
            name: (Annotated[many | None, Field(max_length=100), _among(name)], None),
            f"{name}_missing": (Annotated[bool | None, _missing(name)], None),
        }
        return found
    bound: Any = {date: Day, datetime: Instant, Decimal: Amount}.get(
        kind, Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    )
    return {
        f"{name}_from": (Annotated[bound | None, _least(name)], None),
        f"{name}_to": (Annotated[bound | None, _most(name)], None),
        f"{name}_missing": (Annotated[bool | None, _missing(name)], None),
    }


def query_model(
    name: str, table: FromClause, columns: Sequence[str], words: Mapping[str, Any], sorts: Sequence[str]
) -> type[ListQuery]:
    """The list's query: ``ListQuery`` and the filters of ``columns``; ``words``: the closed list of a column, if any.

    Dates and numbers give ``<name>_from`` and ``<name>_to`` (both included), everything ``<name>_missing``.
    """
    key = f"-?({'|'.join(sorts)})"
    described = Field(
        max_length=200,
        description=f"Fields to sort by, - reverses: {', '.join(sorts)}.",
        json_schema_extra={"pattern": f"^{key}(,{key})*$"},
    )
    fields: dict[str, Any] = {"sort": (Annotated[str | None, described], None)}
    for column in columns:
        kind = table.c[column].type
        if isinstance(kind, ARRAY):
            continue
        python = bool if isinstance(kind, Boolean) else kind.python_type
        fields |= _fields(column, python, words.get(column))
    base = SearchQuery if "search" in table.c else ListQuery
    return create_model(f"{name}Query", __base__=base, **fields)


def predicates(query: StrictModel, rows: FromClause) -> list[ColumnElement[bool]]:
    """The conditions of the filters given."""
    found = []
    for name in query.model_fields_set:
        info: FieldInfo = type(query).model_fields[name]
        value = getattr(query, name)
        found += [
            each.predicate(rows, value) for each in info.metadata if isinstance(each, Where) and value is not None
        ]
    return found


def search(statement: Select[Any], rows: FromClause, words: str, *, typos: bool = False) -> Select[Any]:
    """Rows whose folded text holds every word typed; with ``typos``, those that resemble them."""
    folded = rows.c.search
    if typos:
        # The operator is what an index answers, by the transaction's own threshold; the function says exactly.
        near = func.fold(words).op("<%", is_comparison=True)(folded)
        return statement.where(near, func.word_similarity(func.fold(words), folded) > 0.45)
    for word in words.split()[:8]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        statement = statement.where(folded.like(func.concat("%", func.fold(escaped), "%")))
    return statement
