"""One request as code below the edge sees it: its transaction, who asks, and answering a retried POST only once."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.edge import header
from cadran.kit.problems import Problem, field_error
from cadran.kit.session import SessionDep
from cadran.kit.shortcut import Again, Reads
from cadran.rules.principal import Principal

VARY = "Accept, Accept-Language, Cookie, Authorization"
_KEPT = ("content-type", "location", "etag")


@dataclass(frozen=True)
class Unit:
    request: Request
    session: AsyncSession
    who: Principal

    def require(self, resource: str, action: str) -> None:
        """Raises a 403 when the API key was not given this scope."""
        if not self.who.allows(resource, action):
            raise Problem("forbidden", f"This API key lacks the scope {resource}:{action}.")

    def remember(self, statement: Callable[[], Any], again: Again, *, held: bool = False) -> None:
        """What the same read, asked again by the same caller, may be answered from; see :meth:`Reads.remember`."""
        reads: Reads = self.request.app.state.reads
        reads.remember(self.request, statement, again, held=held)

    @property
    def by_script(self) -> bool:
        return self.who.key_id is not None

    async def once(self, produce: Callable[[], Awaitable[Response]]) -> Response:
        """``produce``'s answer; under an Idempotency-Key already used for the same request, the stored one.

        The key's row is written in the transaction of the effect itself, so neither is ever there without the other.
        """
        key = self.request.headers.get("idempotency-key")
        if key is None:
            return await produce()
        if not 1 <= len(key) <= 200 or not key.isprintable() or not key.isascii():
            error = field_error("header:Idempotency-Key", "1 to 200 printable characters.", "Send a UUID.")
            raise Problem("validation", "Idempotency-Key: 1 to 200 printable characters.", [error])
        owner = str(self.who.key_id or self.who.user_id)
        digest = hashlib.sha256(f"{self.request.method} {self.request.url.path}\n".encode() + await self.request.body())
        lock = int.from_bytes(hashlib.sha256(f"{owner}:{key}".encode()).digest()[:8], "big", signed=True)
        free = (await self.session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock})).scalar()
        if not free:
            raise Problem("idempotency_in_progress", headers={"Retry-After": "1"})
        stored = (
            await self.session.execute(
                text(
                    "SELECT request_hash, status, headers, body FROM idempotency_keys WHERE principal = :p AND key = :k"
                ),
                {"p": owner, "k": key},
            )
        ).one_or_none()
        if stored is not None:
            if bytes(stored.request_hash) != digest.digest():
                raise Problem("idempotency_mismatch")
            return Response(stored.body, stored.status, {**stored.headers, "idempotency-replayed": "true"})
        answer = await produce()
        await self._store(owner, key, digest.digest(), answer)
        return answer

    async def _store(self, owner: str, key: str, digest: bytes, answer: Response) -> None:
        headers = {name: value for name, value in answer.headers.items() if name in _KEPT}
        values = {"p": owner, "k": key, "h": digest, "s": answer.status_code, "b": bytes(answer.body)}
        await self.session.execute(
            text(
                "INSERT INTO idempotency_keys (principal, key, request_hash, status, headers, body)"
                " VALUES (:p, :k, :h, :s, CAST(:headers AS jsonb), :b)"
            ),
            values | {"headers": orjson.dumps(headers).decode()},
        )


def refuse_unknown_query(request: Request) -> None:
    """Raises a 422 on parameters that an operation without a query model does not declare (a model refuses its own)."""
    if not request.scope["query_string"]:
        return
    known, rest = set(), [request.scope["route"].dependant]
    while rest:
        dependant = rest.pop()
        rest += dependant.dependencies
        for each in dependant.query_params:
            annotation = each.field_info.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                return
            known.add(each.alias)
    errors = [
        field_error(f"?{name}", "There is no such parameter here.", "Remove it, or check its spelling.", "unknown")
        for name in sorted(set(request.query_params) - known)
    ]
    if errors:
        raise Problem("validation", f"{errors[0]['pointer']}: {errors[0]['detail']}", errors)


async def unit(request: Request, session: SessionDep) -> Unit:
    """Authenticates in the request's own transaction; the application says how (``app.state.authenticate``)."""
    refuse_unknown_query(request)
    authenticate: Callable[[Request, AsyncSession], Awaitable[Principal]] = request.app.state.authenticate
    who = await authenticate(request, session)
    request.state.principal_id = str(who.key_id or who.user_id)  # for the access log
    return Unit(request, session, who)


UnitDep = Annotated[Unit, Depends(unit, scope="function")]


def check_version(unit: Unit, version: int) -> None:
    """If-Match against the record's version: 412 on a lost update, 428 when a person's screen sends none."""
    given = unit.request.headers.get("if-match")
    if given is None:
        if unit.by_script:
            return
        raise Problem("precondition_required")
    if given.strip() == "*":
        return
    # Only the version counts here: what is shown beside the record's own fields may have changed, no matter.
    if str(version) not in (tag.strip().removeprefix("W/").strip('"').partition("-")[0] for tag in given.split(",")):
        raise Problem("precondition_failed", headers={"ETag": etag(version)})


def etag(version: int, body: bytes | None = None) -> str:
    """``"<version>-<digest of the body>"``: names of other records and sums are in the body but not in the version."""
    return f'"{version}"' if body is None else f'"{version}-{_digest(body)[:12]}"'


def _digest(body: bytes) -> str:
    """By the hash that processors know themselves: a list of 50 KB takes 35 µs, and 190 µs by BLAKE2."""
    return hashlib.sha256(body).hexdigest()


def fresh(request: Request, tag: str) -> bool:
    """Whether the caller already holds this version (If-None-Match)."""
    given = header(request.scope, b"if-none-match")
    if not given:
        return False
    return given.strip() == "*" or tag.removeprefix("W/") in (
        each.strip().removeprefix("W/") for each in given.split(",")
    )


def tagged(request: Request, body: bytes, media_type: str, stamp: bytes | None = None, **headers: str) -> Response:
    """``body`` with a weak ETag of its content (or of ``stamp``), or a 304 when the caller holds it."""
    tag = f'W/"{_digest(stamp or body)[:24]}"'
    common: dict[str, Any] = {"ETag": tag, "Vary": VARY, **headers}
    common.setdefault("Cache-Control", "private, no-cache")
    if fresh(request, tag):
        return Response(status_code=304, headers=common)
    return Response(body, headers=common, media_type=media_type)
