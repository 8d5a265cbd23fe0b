"""Pairs of customers or contacts that look like one: to merge, or to dismiss.

Merging is a verb of the records themselves (``POST /customers/{id}/merge``, ``POST /contacts/{id}/merge``).
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Query, Response
from pydantic import Field
from sqlalchemy import ARRAY, Uuid, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from cadran.checks.matching import Pair
from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Plain, Resource, json_bytes
from cadran.kit.routes import JSON, READ, WRITE
from cadran.kit.types import Read, StrictModel
from cadran.kit.unit import Unit, UnitDep, tagged
from cadran.models import DuplicateDismissal
from cadran.queries.duplicates import unresolved
from cadran.resources.contacts import ContactRead, contacts
from cadran.resources.customers import CustomerRead, customers
from cadran.resources.rights import EVERYONE, require_role
from cadran.rules.vocabulary import DuplicateKind

RESOURCES: dict[DuplicateKind, Resource] = {"customers": customers, "contacts": contacts}

router = APIRouter(tags=["duplicates"])


class DuplicatesQuery(StrictModel):
    kind: Annotated[DuplicateKind, Field(description="Which records.")]
    limit: Annotated[int, Field(ge=1, le=100, description="Pairs a page.")] = 20
    cursor: Annotated[str | None, Field(max_length=300, description="next_cursor of the page before.")] = None


class DuplicatePair(Read):
    score: Annotated[float, Field(description="From 0.875, just enough, towards 1.")]
    reasons: Annotated[list[str], Field(description="The fields that agree.")]
    first: CustomerRead | ContactRead
    second: CustomerRead | ContactRead


class DuplicatePage(Read):
    items: list[DuplicatePair]
    next_cursor: str | None
    count: int


class Dismissal(StrictModel):
    kind: DuplicateKind
    first_id: UUID
    second_id: UUID


@router.get("/duplicates", operation_id="list_duplicates", response_model=DuplicatePage, responses=READ)
async def list_duplicates(unit: UnitDep, query: Annotated[DuplicatesQuery, Query()]) -> Response:
    """Pairs of records you may both see, neither dismissed nor merged, the surest first; ``count``: how many in all."""
    resource = RESOURCES[query.kind]
    unit.require(resource.name, "read")
    after = None if query.cursor is None else _after(query.cursor)
    pairs = await unresolved(unit.session, query.kind)
    seen = await _visible(unit, resource, {key for pair in pairs for key in (pair.first, pair.second)})
    pairs = [pair for pair in pairs if pair.first in seen and pair.second in seen]
    rest = [pair for pair in pairs if after is None or _key(pair) > after]
    page = rest[: query.limit]
    records = await _records(unit, resource, page)
    body = {
        "items": [
            {
                "score": pair.score,
                "reasons": list(pair.reasons),
                "first": records[pair.first],
                "second": records[pair.second],
            }
            for pair in page
        ],
        "next_cursor": _cursor(page[-1]) if len(rest) > len(page) else None,
        "count": len(pairs),
    }
    return tagged(unit.request, json_bytes(body), JSON)


@router.post("/duplicates/dismiss", operation_id="dismiss_duplicate", response_model=Dismissal, responses=WRITE)
async def dismiss_duplicate(unit: UnitDep, body: Annotated[Dismissal, Body()]) -> Response:
    """Says that two records are not one: the pair is no longer shown. Saying it twice changes nothing."""

    async def write(first: UUID, second: UUID) -> None:
        await unit.session.execute(
            insert(DuplicateDismissal)
            .values(kind=body.kind, first_id=first, second_id=second, dismissed_by_id=unit.who.user_id)
            .on_conflict_do_nothing(index_elements=["first_id", "second_id"])
        )

    return await _judged(unit, body, write)


@router.post("/duplicates/reconsider", operation_id="reconsider_duplicate", response_model=Dismissal, responses=WRITE)
async def reconsider_duplicate(unit: UnitDep, body: Annotated[Dismissal, Body()]) -> Response:
    """Takes a dismissal back: the pair is shown again as long as it looks like one record."""

    async def write(first: UUID, second: UUID) -> None:
        pair = (DuplicateDismissal.first_id == first, DuplicateDismissal.second_id == second)
        await unit.session.execute(delete(DuplicateDismissal).where(DuplicateDismissal.kind == body.kind, *pair))

    return await _judged(unit, body, write)


async def _judged(unit: Unit, body: Dismissal, write: Callable[[UUID, UUID], Awaitable[None]]) -> Response:
    resource = RESOURCES[body.kind]
    unit.require(resource.name, "write")
    require_role(unit.who, EVERYONE, "duplicates")

    async def produce() -> Response:
        first, second = sorted((body.first_id, body.second_id))
        if first == second:
            raise invalid("/second_id", "A record is no duplicate of itself.", "Give the ids of two records.")
        if len(await _visible(unit, resource, {first, second})) < 2:
            raise Problem("not_found")
        await write(first, second)
        return Response(json_bytes({"kind": body.kind, "first_id": first, "second_id": second}), media_type=JSON)

    return await unit.once(produce)


async def _visible(unit: Unit, resource: Resource, keys: set[UUID]) -> set[UUID]:
    # One array, not one parameter each: there may be more of them than a statement takes.
    wanted = resource.table.c.id == func.any(literal(list(keys), ARRAY(Uuid)))
    statement = select(resource.table.c.id).where(wanted, resource.visible(resource.model, unit.who, None))
    return set((await unit.session.execute(statement)).scalars())


async def _records(unit: Unit, resource: Resource, page: list[Pair]) -> dict[UUID, Plain]:
    """The records of the pairs as their own resource shows them."""
    keys = {key for pair in page for key in (pair.first, pair.second)}
    return await resource.records(unit.session, unit.who, resource.table.c.id.in_(keys))


Key = tuple[float, UUID, UUID]


def _key(pair: Pair) -> Key:
    return -pair.score, pair.first, pair.second


def _cursor(pair: Pair) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([pair.score, str(pair.first), str(pair.second)])).decode().rstrip("=")


def _after(cursor: str) -> Key:
    try:
        read: Any = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        score, first, second = read
        if isinstance(score, bool) or not isinstance(score, (int, float)):
            raise ValueError
        return -score, UUID(first), UUID(second)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        message = "This cursor is not one of this list."
        raise invalid("?cursor", message, "Take next_cursor of the page before.") from None
