"""Which column of a file is which field of a resource.

A header names API fields. A reference may be written as its id (``customer_id``), or without the ``_id`` as what the
record is known by: its external id (``customer``), and for people their e-mail, products their catalogue number,
stages, teams and business units their name, documents their number. Lines of documents are one a row, their fields
prefixed (``line_quantity``), the document's own columns repeated.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, Numeric, Uuid

from cadran.kit.resource import Children, Resource
from cadran.kit.tabular import FileError
from cadran.resources.registry import BY_NAME

# What a record of a table is known by, besides its external id.
KNOWN_BY: dict[str, str] = {
    "users": "email",
    "products": "reference",
    "stages": "name",
    "teams": "name",
    "business_units": "name",
    "quotes": "number",
    "orders": "number",
    "invoices": "number",
}
# Line files of documents already there, or sent apart: header and lines in two files.
LINE_FILES: dict[str, tuple[str, str]] = {
    "quote-lines": ("quotes", "quote"),
    "order-lines": ("orders", "order"),
    "invoice-lines": ("invoices", "invoice"),
}
IMPORTABLE = tuple(name for name in BY_NAME) + tuple(LINE_FILES)


@dataclass(frozen=True)
class Column:
    """``kind``: text, decimal, date, instant, bool, int, id or reference; ``target``: the table a reference names;
    ``line``: a field of the lines rather than of the document.
    """

    header: str
    field: str
    kind: str
    target: str | None = None
    line: bool = False


def resource_of(name: str) -> tuple[Resource, bool]:
    """The resource a file is of, and whether it holds lines only. Raises FileError naming what can be imported."""
    if name in LINE_FILES:
        return BY_NAME[LINE_FILES[name][0]], True
    if name not in BY_NAME:
        near = difflib.get_close_matches(name, IMPORTABLE, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise FileError(f"{name[:40]!r} cannot be imported.{meant} Known: {', '.join(IMPORTABLE)}.")
    return BY_NAME[name], False


def lines_of(resource: Resource) -> Children | None:
    """The children a file may hold, one a row."""
    return next((child for child in resource.children if child.plain is None), None)


def _kind(column: Any) -> str:
    kind = column.type
    for type_, name in (
        (Numeric, "decimal"),
        (Date, "date"),
        (DateTime, "instant"),
        (Boolean, "bool"),
        (Integer, "int"),
    ):
        if isinstance(kind, type_):
            return name
    return "id" if isinstance(kind, Uuid) or kind.python_type.__name__ == "UUID" else "text"


def _fields(model: Any, table: Any, prefix: str, line: bool) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in model.model_fields:
        if name not in table.c or (line and name == "id"):
            continue
        column = table.c[name]
        target = next((key.column.table.name for key in column.foreign_keys), None)
        header = prefix + name
        found[header] = Column(header, name, _kind(column), target, line)
        if target is not None:
            short = prefix + name.removesuffix("_id")
            for alias in (short, f"{short}_external_id"):
                found.setdefault(alias, Column(alias, name, "reference", target, line))
    return found


def _line_model(resource: Resource, child: Children) -> Any:
    (inner,) = resource.create.model_fields[child.field].annotation.__args__  # type: ignore[union-attr]
    return inner


@cache
def columns_of(name: str) -> Mapping[str, Column]:
    """Every header the import of this name takes."""
    resource, only_lines = resource_of(name)
    child = lines_of(resource)
    found: dict[str, Column] = {}
    if only_lines and child is not None:
        parent = LINE_FILES[name][1]
        for alias in (parent, f"{parent}_external_id"):
            found[alias] = Column(alias, "external_id", "text")
        found |= _fields(_line_model(resource, child), child.model.__table__, "", line=True)
        return found
    found |= _fields(resource.create, resource.table, "", line=False)
    if child is not None:
        prefix = child.field.removesuffix("s") + "_"
        found |= _fields(_line_model(resource, child), child.model.__table__, prefix, line=True)
    return found


def match(name: str, header: list[str]) -> list[Column]:
    """The field of each column. Raises FileError on an unknown one, suggesting the nearest."""
    known = columns_of(name)
    found: list[Column] = []
    taken: dict[tuple[str, bool], str] = {}
    for title in header:
        column = known.get(title)
        if column is None:
            near = difflib.get_close_matches(title, known, 1)
            meant = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(sorted(known))}."
            raise FileError(f"The column {title[:60]!r} is not one of {name}.{meant}")
        twin = taken.setdefault((column.field, column.line), title)
        if twin != title:
            raise FileError(f"The columns {twin!r} and {title!r} say the same: keep one.")
        found.append(column)
    return found
