"""The change feed: every create, update and delete a caller may see, in the order of the commits, nothing twice."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, Field, WithJsonSchema

from cadran.api.cursors import LATEST, cursors
from cadran.kit.problems import documented
from cadran.kit.resource import json_bytes
from cadran.kit.routes import JSON, READ, KeyPath, taking
from cadran.kit.types import Instant, Read, StrictModel
from cadran.kit.unit import UnitDep, tagged
from cadran.queries import log
from cadran.queries.log import START
from cadran.resources import feed
from cadran.resources.history import history
from cadran.resources.registry import BY_NAME

router = APIRouter(tags=["changes"])


def _resource(value: str) -> str:
    if value not in BY_NAME:
        raise ValueError(f"Give one of {', '.join(BY_NAME)}.")
    return value


Name = Annotated[str, AfterValidator(_resource), WithJsonSchema({"type": "string", "enum": list(BY_NAME)})]
AFTER = f"next_cursor of the page before; none: from the first change kept; {LATEST}: from now on."


class ChangesQuery(StrictModel):
    after: Annotated[str | None, Field(min_length=1, max_length=200, description=AFTER)] = None
    limit: Annotated[int, Field(ge=1, le=500, description="Items a page.")] = 100
    resource: Annotated[list[Name] | None, Field(max_length=50, description="Of these resources only.")] = None


class Change(Read):
    """What one transaction did to one record, its lines included."""

    resource: str
    id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    external_id: str | None
    operation: Annotated[
        Literal["create", "update", "delete"], Field(description="delete: gone, or no longer yours to see.")
    ]
    at: Instant
    fields: Annotated[list[str], Field(description="What an update changed; empty for what came into sight.")]
    record: Annotated[
        dict[str, Any] | None,
        Field(
            description="The record as it is now, as GET /{resource}/{id} answers; null when it is not there for you."
        ),
    ]


class ChangePage(Read):
    items: list[Change]
    next_cursor: Annotated[str, Field(description="Always there: give it as `after` next time.")]
    has_more: Annotated[bool, Field(description="False: you know everything. Ask again later.")]


@router.get(
    "/changes", operation_id="list_changes", response_model=ChangePage, responses=READ | documented(410),
    openapi_extra=taking("If-None-Match"),
)  # fmt: skip
async def list_changes(unit: UnitDep, query: Annotated[ChangesQuery, Query()]) -> Response:
    """Every create, update and delete of what you may see, in the order of the commits: nothing lost, nothing twice.

    Store an item's record, or drop its id when the record is null: the copy is exact. A cursor never expires, but is
    answered with 410 when what you may see has changed as a whole (another role or team), or the database was restored.
    """
    unit.require("changes", "read")
    for name in query.resource or ():
        unit.require(name, "read")
    marks = await cursors(unit.session, unit.who)
    if query.after == LATEST:
        found = feed.Page([], await log.last(unit.session), False)
    else:
        after = START if query.after is None else marks.read(query.after, "?after")
        names = frozenset(query.resource) if query.resource else feed.allowed(unit.who)
        found = await feed.page(unit.session, unit.who, after, names, query.limit)
    body = {"items": found.items, "next_cursor": marks.write(found.place), "has_more": found.more}
    return tagged(unit.request, json_bytes(body), JSON)


class FieldChange(Read):
    field: str
    before: Annotated[Any, Field(description="As the record is read; null of nested rows, which are not told.")]
    after: Any
    before_label: Annotated[str | None, Field(description="The name of the record that an id before meant.")]
    after_label: str | None


class RecordWrite(Read):
    """What one transaction did to the record."""

    at: Instant
    by: Annotated[str | None, Field(description="A user's name, or the key, import or command that wrote.")]
    operation: Literal["create", "update", "delete"]
    changes: Annotated[list[FieldChange], Field(description="Of an update; what the caller may see.")]


class History(Read):
    items: list[RecordWrite]


@router.get(
    "/changes/{resource}/{id:uuid}", operation_id="get_record_history", summary="What became of one record",
    response_model=History, responses=READ, openapi_extra=taking("If-None-Match"),
)  # fmt: skip
async def get_record_history(unit: UnitDep, resource: Name, id: KeyPath) -> Response:  # noqa: A002
    """The last 100 writes of a record you may see, newest first: who changed which field, from what to what."""
    unit.require(resource, "read")
    declared = BY_NAME[resource]
    await declared.get(unit.session, unit.who, id)
    body = {"items": await history(unit.session, unit.who, declared, id)}
    return tagged(unit.request, json_bytes(body), JSON)
