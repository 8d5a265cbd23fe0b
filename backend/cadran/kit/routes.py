"""The HTTP face of a declared resource, with the conventions every resource shares."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Request, Response

from cadran.kit.db import Database
from cadran.kit.export import XLSX, attachment, stamp_of_list, wanted_format
from cadran.kit.filters import ListQuery
from cadran.kit.problems import Problem, documented, field_error
from cadran.kit.resource import Plain, Resource, json_bytes
from cadran.kit.shortcut import ID
from cadran.kit.types import ExternalId
from cadran.kit.unit import VARY, Unit, UnitDep, check_version, etag, fresh, tagged
from cadran.kit.upsert import batch_route, upsert
from cadran.rules.principal import Principal

JSON = "application/json"
MANY = 20_000  # counted so far, a list takes too long for the few connections of the short reads
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged since the ETag given"}}
READ = UNCHANGED | documented(400, 401, 403, 404, 406, 422, 429, 503)
LISTED = {200: {"content": {"text/csv": {}, XLSX: {}}}, **READ}
WRITE = documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503)
_HEADERS: dict[str, tuple[str, dict[str, str]]] = {
    "Idempotency-Key": (
        "Sent again with the same body, the first answer comes back.",
        {"pattern": r"^[!-~]([ -~]{0,198}[!-~])?$"},
    ),
    "If-Match": ("The ETag read, or *: 412 when somebody changed the record meanwhile.", {}),
    "If-None-Match": ("The ETag already held: 304 when nothing changed.", {}),
}


def taking(*names: str) -> dict[str, Any]:
    """The request headers an operation takes, as OpenAPI describes them."""
    found = []
    for name in names:
        text, schema = _HEADERS[name]
        found.append({"name": name, "in": "header", "description": text, "schema": {"type": "string", **schema}})
    return {"parameters": found}


KeyPath = Annotated[UUID, Path(description="The record's id.")]
ExternalPath = Annotated[ExternalId, Path(description="Its id in the outside system.")]


def router_of(resource: Resource) -> APIRouter:
    """Every conventional route of the resource."""
    router = APIRouter(tags=[resource.name])
    path = f"/{resource.name}"
    _reading(router, resource, path)
    _writing(router, resource, path)
    if resource.has_external_id:
        _external(router, resource, path)
        batch_route(router, resource, path, WRITE, taking)
    return router


def reading_router_of(resource: Resource) -> APIRouter:
    """List and get only, for a resource written in its own way."""
    router = APIRouter(tags=[resource.name])
    _reading(router, resource, f"/{resource.name}")
    return router


def answer(request: Request, found: tuple[int, bytes], status: int = 200, **headers: str) -> Response:
    """One record, its version and JSON, with its ETag, or a 304."""
    version, body = found
    headers = {"ETag": etag(version, body), "Cache-Control": "private, no-cache", "Vary": VARY, **headers}
    if status == 200 and request.method in ("GET", "HEAD") and fresh(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, JSON)


async def answer_id(unit: Unit, resource: Resource, key: UUID, status: int = 200) -> Response:
    """The record as the caller may see it, just written or not. Raises a 404."""
    found = await resource.one(unit.session, unit.who, resource.table.c.id == key)
    headers = {"Location": f"/{resource.name}/{key}"} if status == 201 else {}
    return answer(unit.request, found, status, **headers)


def _reading(router: APIRouter, resource: Resource, path: str) -> None:
    query_type = resource.query

    name = resource.singular.replace("_", " ")

    @router.get(
        path, operation_id=f"list_{resource.plural}", summary=f"List {resource.plural.replace('_', ' ')}",
        response_model=resource.page, responses=LISTED, openapi_extra=taking("If-None-Match"),
    )  # fmt: skip
    async def list_records(unit: UnitDep, query: Annotated[query_type, Query()]) -> Response:  # type: ignore[valid-type]
        unit.require(resource.name, "read")
        kind = wanted_format(unit.request, query.format)  # type: ignore[attr-defined]
        if kind != "json":
            return await _export(unit, resource, query, kind)
        answered = page_answer(unit.request, *await resource.page_of(unit.session, unit.who, query))
        if _is_short(query):
            remember_page(unit, resource, query)
        return answered

    @router.get(
        path + "/{id:uuid}", operation_id=f"get_{resource.singular}", summary=f"Get a {name}",
        response_model=resource.read, responses=READ, openapi_extra=taking("If-None-Match"),
    )  # fmt: skip
    async def get_record(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002 - the path's own name
        unit.require(resource.name, "read")
        answered = await answer_id(unit, resource, id)
        remember_one(unit, resource)
        return answered


def _is_short(query: ListQuery) -> bool:
    return (not query.count or (query.count_most or MANY) < MANY) and not getattr(query, "q", None)


def page_answer(request: Request, found: list[bytes], rest: Plain) -> Response:
    """A page: its records, and what is told of the list."""
    return tagged(request, b"".join((b'{"items":[', b",".join(found), b"],", json_bytes(rest)[1:])), JSON)


def remember_one(unit: Unit, resource: Resource) -> None:
    def again(request: Request, rows: Sequence[Any]) -> Response | None:
        row = rows[0]
        return None if row["id"] is None else answer(request, (row["version"], resource.finished(row["body"])))

    unit.remember(lambda: resource.shown(unit.who).where(resource.table.c.id == ID), again)


def remember_page(unit: Unit, resource: Resource, query: ListQuery) -> None:
    sort = resource.sorted(query)

    def again(request: Request, rows: Sequence[Any]) -> Response:
        return page_answer(request, *resource.page_again(rows[0], query, sort))

    unit.remember(lambda: resource.page_statement(unit.who, query), again)


async def _export(unit: Unit, resource: Resource, query: ListQuery, kind: Any) -> Response:
    names = [name for name, info in resource.read.model_fields.items() if _tabular(info.annotation)]
    database: Database = unit.request.app.state.database
    asked = query.model_copy(update={"limit": 500, "count": False})
    # The last use of a key is in no log: such a list has no ETag.
    logged = "last_used_at" not in resource.table.c
    stamp = await stamp_of_list(unit.request, unit.session, unit.who) if logged else None
    # Before the answer starts, so that what is wrong with the query is still a problem and not a torn download.
    first = await resource.page_of(unit.session, unit.who, asked)
    rows = _cells(database, resource, unit.who, asked, names, first)
    return attachment(unit.request, kind, names, rows, resource.name, query.dialect, stamp)


def _tabular(annotation: Any) -> bool:
    """Whether a field fits in a cell: nested rows and maps stay out."""
    return not any(kind in str(annotation) for kind in ("list[", "dict["))


async def _cells(
    database: Database,
    resource: Resource,
    who: Principal,
    asked: ListQuery,
    names: Sequence[str],
    first: tuple[list[bytes], Plain],
) -> AsyncIterator[Sequence[Any]]:
    # Streamed after the request's own transaction has ended, a transaction a page: however slowly the caller reads,
    # nobody's connection is held meanwhile.
    found, rest = first
    while True:
        for row in found:
            shown = resource.read.model_validate_json(row)
            yield [_cell(getattr(shown, name)) for name in names]
        if rest["next_cursor"] is None:
            return
        asked = asked.model_copy(update={"cursor": rest["next_cursor"]})
        async with database.session() as session:
            found, rest = await resource.page_of(session, who, asked)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int, float, Decimal, date, datetime)):
        return value
    return str(value)


def _writing(router: APIRouter, resource: Resource, path: str) -> None:
    create, update, name = resource.create, resource.update, resource.singular.replace("_", " ")

    @router.post(
        path, operation_id=f"create_{resource.singular}", summary=f"Create a {name}", status_code=201,
        response_model=resource.read, responses=WRITE, openapi_extra=taking("Idempotency-Key"),
    )  # fmt: skip
    async def create_record(unit: UnitDep, body: Annotated[create, Body()]) -> Response:  # type: ignore[valid-type]
        unit.require(resource.name, "write")

        async def produce() -> Response:
            key = await resource.insert(unit.session, unit.who, body)
            return await answer_id(unit, resource, key, 201)

        return await unit.once(produce)

    @router.patch(
        path + "/{id:uuid}", operation_id=f"update_{resource.singular}", summary=f"Change fields of a {name}",
        response_model=resource.read, responses=WRITE,
        openapi_extra=taking("If-Match")
        | {"requestBody": {"content": {"application/merge-patch+json": {"schema": _ref(update)}}}},
    )  # fmt: skip
    async def update_record(unit: UnitDep, id: KeyPath, body: Annotated[update, Body()]) -> Response:  # type: ignore[valid-type] # noqa: A002
        unit.require(resource.name, "write")
        existing = await resource.locked(unit.session, unit.who, id)
        check_version(unit, existing["version"])
        values, children = resource.values_of(body, only_sent=True)
        await resource.change(unit.session, unit.who, existing, values, children)
        return await answer_id(unit, resource, id)

    if resource.deletable:

        @router.delete(
            path + "/{id:uuid}", operation_id=f"delete_{resource.singular}", summary=f"Delete a {name}",
            status_code=204, responses=WRITE, openapi_extra=taking("If-Match"),
        )  # fmt: skip
        async def delete_record(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
            unit.require(resource.name, "write")
            existing = await resource.locked(unit.session, unit.who, id)
            check_version(unit, existing["version"])
            await resource.remove(unit.session, unit.who, existing)
            return Response(status_code=204)


def _ref(model: Any) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _external(router: APIRouter, resource: Resource, path: str) -> None:
    body_type, name = resource.upsert, resource.singular.replace("_", " ")
    column = resource.table.c.external_id
    place = path + "/by-external-id/{external_id}"

    @router.get(
        place, operation_id=f"get_{resource.singular}_by_external_id", summary=f"Get a {name} by its external id",
        response_model=resource.read, responses=READ, openapi_extra=taking("If-None-Match"),
    )  # fmt: skip
    async def get_by_external_id(unit: UnitDep, external_id: ExternalPath) -> Response:
        unit.require(resource.name, "read")
        return answer(unit.request, await resource.one(unit.session, unit.who, column == external_id))

    @router.put(
        place, operation_id=f"put_{resource.singular}_by_external_id",
        summary=f"Create or replace a {name} by its external id", response_model=resource.read,
        responses=WRITE
        | {201: {"description": "Created", "model": resource.read}, 204: {"description": "Deleted since."}},
        openapi_extra=taking("If-Match"),
    )  # fmt: skip
    async def put_by_external_id(
        unit: UnitDep, external_id: ExternalPath, body: Annotated[body_type, Body()]  # type: ignore[valid-type]
    ) -> Response:  # fmt: skip
        """Sent again, it changes nothing. `Cadran-Outcome` says: created, updated, unchanged, or outdated when its
        `source_updated_at` is before that of the last one taken in: then nothing was changed. Before the record was
        deleted: outdated too, and 204, as there is nothing to answer.
        """
        unit.require(resource.name, "write")
        sent = body.external_id  # type: ignore[attr-defined]
        if sent is not None and sent != external_id:
            error = field_error("/external_id", "It differs from the address.", "Leave it out, or make them equal.")
            raise Problem("validation", "/external_id: It differs from the address.", [error])
        key, outcome = await upsert(
            unit.session, unit.who, resource, external_id, body, lambda version: check_version(unit, version)
        )
        if key is None:
            return Response(status_code=204, headers={"Cadran-Outcome": outcome})
        answered = await answer_id(unit, resource, key, 201 if outcome == "created" else 200)
        answered.headers["Cadran-Outcome"] = outcome
        return answered
