"""Create or replace by external id: one record, or a thousand at once. An older push changes nothing, and says so."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator, create_model
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit import dberrors, problems
from cadran.kit.problems import Problem, documented, field_error
from cadran.kit.resource import Resource, json_bytes
from cadran.kit.types import Flag, Id, Read, StrictModel
from cadran.kit.unit import Unit, UnitDep
from cadran.rules.principal import Principal

MOST = 1000
Outcome = Literal["created", "updated", "unchanged", "outdated"]
_MATCH = "Idempotency-Key"


# A record gone leaves its last state in the change log: what the source said before that brings it back no more.
_DELETED_SINCE = text("""
    SELECT 1 FROM change AS c
    WHERE c.resource = :resource AND c.operation = 'delete' AND c.before ->> 'external_id' = :external_id
        AND c.at >= :stamp LIMIT 1
""")


async def upsert(
    session: AsyncSession,
    who: Principal,
    resource: Resource,
    external_id: str,
    body: Any,
    check: Callable[[int], None] = lambda version: None,
) -> tuple[UUID | None, Outcome]:
    """Creates the record of this external id from a :attr:`Resource.upsert` body, or makes it equal to the body.

    ``check`` may refuse the version it would replace. When the body's ``source_updated_at`` is before that of the last
    body taken in, or before the record was deleted, nothing changes: deleted, it has no id. What `prepare` fills and
    the body leaves out stays.
    """
    table = resource.table
    statement = resource.selection(who).where(table.c.external_id == external_id).with_for_update(of=table)
    existing = (await session.execute(statement)).mappings().one_or_none()
    if existing is None:
        said = {"resource": table.name, "external_id": external_id, "stamp": body.source_updated_at}
        if body.source_updated_at is not None and (await session.execute(_DELETED_SINCE, said)).first() is not None:
            return None, "outdated"
        return await resource.insert(session, who, body, external_id=external_id), "created"
    check(existing["version"])
    stamp, known = body.source_updated_at, existing["source_updated_at"]
    if stamp is not None and known is not None and stamp < known:
        return existing["id"], "outdated"
    values, children = resource.values_of(body)
    given = frozenset(body.model_fields_set)
    unsaid = {name for name in resource.defaulted if values.get(name) is None}
    omitted = resource.fixed | (resource.completed - given) | unsaid | {"source_updated_at"}
    kept = {name: value for name, value in values.items() if name not in omitted}
    changed = await resource.change(session, who, dict(existing), kept | {"external_id": external_id}, children, given)
    if stamp is not None and stamp != known:
        # When it was last said is no change of the record: neither its version nor the log knows of it.
        said = {"source_updated_at": stamp, "updated_at": table.c.updated_at}
        await session.execute(table.update().where(table.c.id == existing["id"]).values(said))
    return existing["id"], "updated" if changed else "unchanged"


class BatchResult(Read):
    """What became of one item, in the order sent."""

    status: Literal["created", "updated", "unchanged", "outdated", "refused"]
    id: Id | None
    external_id: str | None
    problem: Annotated[dict[str, Any] | None, Field(description="Why it was refused; null when it was not.")]


class BatchAnswer(Read):
    created: int
    updated: int
    unchanged: int
    outdated: Annotated[int, Field(description="Older than what was last taken in: nothing was changed.")]
    refused: int
    results: list[BatchResult]


def _kept(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """An item that cannot be read is refused by itself: the others are taken."""
    try:
        return handler(value)
    except ValidationError as error:
        return problems.from_validation(error.errors())


def batch_body(resource: Resource) -> type[BaseModel]:
    item: Any = Annotated[resource.upsert, WrapValidator(_kept)]
    items = Annotated[list[item], Field(min_length=1, max_length=MOST)]
    undo = Annotated[Flag, Field(description="Write nothing when one item is refused: the answer is then a 422.")]
    name = resource.create.__name__.removesuffix("Create") + "Batch"
    return create_model(name, __base__=StrictModel, items=(items, ...), all_or_none=(undo, False))


def batch_route(router: APIRouter, resource: Resource, path: str, responses: Any, taking: Any) -> None:
    """``POST /<resource>/batch``."""
    body_type = batch_body(resource)

    @router.post(
        path + "/batch", operation_id=f"batch_{resource.plural}",
        summary=f"Create or replace up to {MOST} {resource.plural.replace('_', ' ')}",
        response_model=BatchAnswer, responses=responses | documented(409), openapi_extra=taking(_MATCH),
    )  # fmt: skip
    async def batch_records(unit: UnitDep, body: Annotated[body_type, Body()]) -> Response:  # type: ignore[valid-type]
        unit.require(resource.name, "write")

        async def produce() -> Response:
            results = [await _one(unit, resource, item) for item in body.items]  # type: ignore[attr-defined]
            if body.all_or_none:  # type: ignore[attr-defined]
                _refuse_any(results)
            counts = {status: 0 for status in BatchAnswer.model_fields if status != "results"}
            for result in results:
                counts[result["status"]] += 1
            return Response(json_bytes({**counts, "results": results}), media_type="application/json")

        return await unit.once(produce)


async def _one(unit: Unit, resource: Resource, item: Any) -> dict[str, Any]:
    external_id = getattr(item, "external_id", None)
    found: dict[str, Any] = {"status": "refused", "id": None, "external_id": external_id, "problem": None}
    try:
        if isinstance(item, Problem):
            raise item
        async with unit.session.begin_nested():
            status: str = "created"
            key: UUID | None
            if external_id is None:
                key = await resource.insert(unit.session, unit.who, item)
            else:
                key, status = await upsert(unit.session, unit.who, resource, external_id, item)
        return found | {"status": status, "id": None if key is None else str(key)}
    except Problem as problem:
        refusal = problem
    except DBAPIError as error:
        refusal = dberrors.problem_of(error) or _unknown(error)
    if refusal.status >= 500:
        raise refusal  # busy, not refused: the whole batch is to be sent again
    return found | {"problem": problems.body(refusal, problems.request_id_of(unit.request))}


def _unknown(error: Exception) -> Problem:
    raise error


def _refuse_any(results: list[dict[str, Any]]) -> None:
    refused = [(number, each["problem"]) for number, each in enumerate(results) if each["problem"] is not None]
    errors = []
    for number, problem in refused:
        for error in problem["errors"] or [field_error("", problem["detail"], "Leave this item out.", problem["code"])]:
            errors.append(error | {"pointer": f"/items/{number}{error['pointer']}"})
    if errors:
        raise Problem("validation", f"Nothing was written: {len(refused)} of the items are refused.", errors[:1000])
