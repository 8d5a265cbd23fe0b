"""API keys: shown once when made, never more than their maker may, revoked rather than deleted."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Body, Response
from pydantic import AfterValidator, Field
from sqlalchemy import func

from cadran.kit.auth import FEED_PREFIX, PREFIX, new_api_key
from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Resource
from cadran.kit.routes import WRITE, KeyPath, answer_id, reading_router_of
from cadran.kit.types import Code, Id, Instant, Read, ShortText, StrictModel
from cadran.kit.unit import UnitDep
from cadran.models import ApiKey
from cadran.queries.visibility import MODELS, visible
from cadran.resources.verbs import taken

_RESOURCES = {model.__tablename__.replace("_", "-") for model in MODELS} - {"order-lines"}
SCOPES = frozenset(f"{name}:{action}" for name in (*_RESOURCES, "*") for action in ("read", "write")) | {
    "kpi:read", "changes:read", "events:read", "imports:read", "imports:write", "webhooks:read", "webhooks:write",
    "mcp:read",
}  # fmt: skip


def _scope(value: str) -> str:
    if value not in SCOPES:
        raise ValueError(
            "No such scope: write <resource>:read or :write, kpi:read, changes:read, mcp:read, imports:write, *:read."
        )
    return value


LONGEST_FEED = timedelta(days=366)
_NO_FEED = frozenset({"*", "api-keys", "webhooks", "users", "imports", "mcp"})
Scope = Annotated[Code, AfterValidator(_scope)]


class ApiKeyCreate(StrictModel):
    name: ShortText
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=60)]
    expires_at: Instant | None = Field(None, description="Null: it holds until revoked.")


class ApiKeyAsked(ApiKeyCreate):
    kind: Literal["key", "feed"] = Field(
        "key",
        description="feed: a read-only token for an address (?token=cdr_feed_…); it ends after a year at the latest.",
    )


class ApiKeyRead(Read):
    id: Id
    name: str
    prefix: str
    scopes: list[str]
    user_id: Id
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


class ApiKeyMade(ApiKeyRead):
    key: str | None = Field(description="The key itself, in this answer only; null when the answer is replayed.")


api_keys = Resource(
    name="api-keys",
    model=ApiKey,
    read=ApiKeyRead,
    create=ApiKeyCreate,
    visible=visible,
    sort=("name", "created_at", "last_used_at", "expires_at"),
    default_sort="name",
    filters=("id", "user_id", "expires_at", "revoked_at"),
)

verbs = APIRouter(tags=["api-keys"])
verbs.include_router(reading_router_of(api_keys))


@verbs.post("/api-keys", operation_id="create_api_key", status_code=201, response_model=ApiKeyMade, responses=WRITE)
async def create(unit: UnitDep, body: Annotated[ApiKeyAsked, Body()]) -> Response:
    """A key that acts in one's own role, within its scopes. A key makes no keys: none outlives its revocation."""
    if unit.by_script:
        raise Problem("forbidden", "An API key may not make keys: sign in.")
    if body.expires_at is not None and body.expires_at <= datetime.now(UTC):
        raise invalid("/expires_at", "This instant is past.", "Give a later one, or leave it out.")
    if body.kind == "feed":
        _as_feed(body)
    made = []

    async def produce() -> Response:
        key, prefix, key_hash = new_api_key(FEED_PREFIX if body.kind == "feed" else PREFIX)
        made.append(key)
        given = ApiKeyCreate(name=body.name, scopes=sorted(set(body.scopes)), expires_at=body.expires_at)
        stamps: dict[str, Any] = {"prefix": prefix, "key_hash": key_hash, "user_id": unit.who.user_id}
        found = await api_keys.insert(unit.session, unit.who, given, **stamps)
        return _with(await answer_id(unit, api_keys, found, 201), None)

    # What is stored for a retry holds no secret.
    answer = await unit.once(produce)
    return _with(answer, made[0]) if made else answer


def _as_feed(body: ApiKeyAsked) -> None:
    """Addresses leak: what is in one reads a few named things, for a while. Raises a 422."""
    for place, scope in enumerate(body.scopes):
        resource, _, action = scope.partition(":")
        if action != "read" or resource in _NO_FEED:
            raise invalid(
                f"/scopes/{place}", "No feed may have this scope.", "Name what it reads: kpi:read, visits:read."
            )
    latest = datetime.now(UTC) + LONGEST_FEED
    if body.expires_at is not None and body.expires_at > latest:
        raise invalid("/expires_at", "A feed token ends after a year.", "Give an earlier instant, or leave it out.")
    body.expires_at = body.expires_at or latest


def _with(answer: Response, key: str | None) -> Response:
    kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(orjson.dumps(orjson.loads(bytes(answer.body)) | {"key": key}), answer.status_code, kept)


@verbs.delete("/api-keys/{id:uuid}", operation_id="revoke_api_key", status_code=204, responses=WRITE)
async def revoke(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    """Revokes at once and for ever; the record stays, to say who had it."""
    unit.require("api-keys", "write")
    key = await taken(unit, api_keys, id)
    if key["revoked_at"] is None:
        table = api_keys.table
        stamps = {"revoked_at": func.now(), "updated_at": func.now(), "version": key["version"] + 1}
        await unit.session.execute(table.update().where(table.c.id == id).values(stamps))
    return Response(status_code=204)
