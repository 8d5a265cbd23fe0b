"""Records as the JSON of their reading, written by PostgreSQL: one statement, and nothing taken apart in Python."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, PlainSerializer
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    Time,
    Uuid,
    case,
    cast,
    func,
    literal_column,
    select,
    types,
)
from sqlalchemy.dialects.postgresql import JSON

from cadran.kit.children import Children
from cadran.kit.types import money_text, plain_text

Computed = Mapping[str, Callable[[Any], ColumnElement[Any]]]

# How a record is named, by table: the SQL expression shown beside an id that refers to it. Filled by the registry.
LABELS: dict[str, Callable[[Any], ColumnElement[Any]]] = {}
_AS_THEY_ARE = (Uuid, Text, Boolean, Integer, Date, ARRAY, types.JSON)


def references(table: Any) -> list[tuple[str, Any]]:
    """The columns that name a record of another table, and that table."""
    return [(column.name, key.column.table) for column in table.c for key in column.foreign_keys]


def record(
    table: Any, read: type[BaseModel], computed: Computed, named: Computed, children: tuple[Children, ...]
) -> ColumnElement[bytes]:
    """The JSON of one row of ``table`` as ``read`` shows it, in UTF-8.

    ``computed``: fields that are no columns, or shown otherwise; ``named``: labels beyond those of foreign keys.
    """
    nested = {child.field: _nested(table, read, child) for child in children}
    made = {name: make(table) for name, make in computed.items()} | nested | {"labels": _labels(table, named)}
    text = cast(_object(table, read, made), Text)
    return func.convert_to(text, _said("UTF8"), type_=LargeBinary)


def is_plain(table: Any, read: type[BaseModel]) -> bool:
    """Whether PostgreSQL writes all of it as we do: its ``jsonb`` is spaced otherwise."""
    return not any(isinstance(table.c[name].type, types.JSON) for name in read.model_fields if name in table.c)


def _object(table: Any, read: type[BaseModel], made: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    fields = [
        _field(made[name] if name in made else table.c[name], info.annotation, info.metadata).label(name)
        for name, info in read.model_fields.items()
    ]
    row = select(*fields).correlate(table).subquery()
    return select(func.row_to_json(row.table_valued(), type_=JSON)).correlate(table).scalar_subquery()


def _nested(parent: Any, read: type[BaseModel], child: Children) -> ColumnElement[Any]:
    table: Any = child.model.__table__
    of_parent = table.c[child.parent] == parent.c.id
    if child.plain:
        shown: Any = select(table.c[child.plain]).where(of_parent).order_by(table.c.id)
    else:
        (inner,) = get_args(read.model_fields[child.field].annotation)
        made = {name: make(table) for name, make in child.computed.items()}
        shown = select(_object(table, inner, made)).where(of_parent)
        shown = shown.order_by(table.c.position if child.ordered else table.c.id)
    return func.array_to_json(func.array(shown.correlate(parent).scalar_subquery()), type_=JSON)


def _labels(table: Any, named: Computed) -> ColumnElement[Any]:
    """The name of the record each reference that is not null leads to, by the column's name."""
    names = {column: _name(table, column, target) for column, target in references(table) if target.name in LABELS}
    names |= {column: make(table) for column, make in named.items()}
    if not names:
        return literal_column("'{}'::json", JSON)
    parts = [
        case((
            table.c[column].is_not(None),
            _said(f'"{column}":').concat(func.coalesce(cast(func.to_json(cast(name, Text)), Text), _said("null"))),
        ))
        for column, name in names.items()
    ]  # fmt: skip
    return cast(_said("{").concat(func.concat_ws(_said(","), *parts)).concat(_said("}")), JSON)


def _said(words: str) -> ColumnElement[str]:
    """Words of ours in the statement itself: a parameter would be sent and planned for each time."""
    return literal_column(f"'{words}'", Text)


def _name(table: Any, column: str, target: Any) -> ColumnElement[Any]:
    other = target.alias()
    return select(LABELS[target.name](other)).where(other.c.id == table.c[column]).correlate(table).scalar_subquery()


def _serializer(annotation: Any, metadata: Any) -> Any:
    """The function a field is written by, None when Pydantic's own way is meant."""
    found = next((each.func for each in metadata if isinstance(each, PlainSerializer)), None)
    if found is not None:
        return found
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _serializer(inner, more)
    for part in get_args(annotation):
        found = _serializer(part, ())
        if found is not None:
            return found
    return None


def _field(value: ColumnElement[Any], annotation: Any, metadata: Any) -> ColumnElement[Any]:
    """A value as the field's own type writes it. Raises TypeError on a type that has no way here yet."""
    kind, by = value.type, _serializer(annotation, metadata)
    if by is money_text:
        shown = case(
            (func.min_scale(value) < literal_column("2"), func.round(value, literal_column("2"))),
            else_=func.trim_scale(value),
        )
        return cast(shown, Text)
    if by is plain_text:
        return cast(func.trim_scale(value), Text)
    if isinstance(kind, DateTime):
        written = func.to_char(func.timezone(_said("UTC"), value), _said('YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        return func.replace(written, _said(".000000Z"), _said("Z"))
    if isinstance(kind, Time):
        return func.to_char(value, _said("HH24:MI"))
    if not isinstance(kind, _AS_THEY_ARE) or isinstance(kind, Numeric):
        raise TypeError(f"How is {kind!r} written in JSON?")
    return value
