"""Who a request comes from: a cookie, an API key as Bearer or Basic's password, a feed token in the address."""

import base64
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Text,
    Update,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Scope

from cadran.kit import edge
from cadran.kit.auth import FEED_PREFIX, PREFIX, digest, well_formed
from cadran.kit.db import Database
from cadran.kit.feeds import token_of
from cadran.kit.problems import Problem, request_id_of
from cadran.kit.shortcut import Caller, Credential
from cadran.models import ApiKey, Session, User
from cadran.queries.principals import PERSON, led, principal
from cadran.rules.principal import Principal
from cadran.settings import Settings

IDLE, LONGEST = timedelta(hours=8), timedelta(days=30)
NOTED = timedelta(minutes=1)  # how exactly the last use of a key or session is known
_NOTED = NOTED.total_seconds()
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def settings_of(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def secure(request: Request) -> bool:
    return settings_of(request).secure_cookies or request.url.scheme == "https"


def cookie_name(request: Request) -> str:
    """``__Host-`` binds the cookie to this host over https; plain http (localhost) cannot have it."""
    return "__Host-cadran" if secure(request) else "cadran"


def unauthorized(request: Request, detail: str | None = None) -> Problem:
    """A 401. Spreadsheets are told that Basic will do; a browser is not: it would open a box of its own."""
    challenge = 'Bearer realm="Cadran"'
    if "sec-fetch-site" not in request.headers:
        challenge += ', Basic realm="Cadran", charset="UTF-8"'
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": challenge})


def require_same_origin(request: Request) -> None:
    """A cookie is sent by any page: an unsafe request must show that it comes from one of ours. Raises a 403."""
    if not edge.same_origin(request.scope, settings_of(request).origins):
        raise Problem("forbidden", "This request does not show that it comes from Cadran's own pages: send Origin.")


async def authenticate(request: Request, session: AsyncSession) -> Principal:
    """Who asks, looked up in the request's own transaction, which then bears the name for the change log.

    Raises a 401, or a 403 on a request forged by another site.
    """
    key = key_of(request)
    if key is not None:
        return await _by_key(request, session, key)
    feed = token_of(request.scope)
    if feed is not None:
        return await _by_feed(request, session, feed)
    token = request.cookies.get(cookie_name(request))
    if not token:
        raise unauthorized(request)
    if request.method in UNSAFE:
        require_same_origin(request)
    return await _by_token(request, session, token)


def key_of(request: Request) -> str | None:
    """What came as the API key, None when there is no Authorization. Raises a 401 when it cannot be read."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    found = _key_in(header)
    if found is None:
        raise unauthorized(request, "Send the API key as Bearer, or as the password of Basic.")
    return found


def _key_in(header: str) -> str | None:
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return None
    return None


def caller_of(scope: Scope) -> bytes | None:
    """What the rate limit counts by: the API key or feed token, when one came that could be right."""
    key = _key_in(edge.header(scope, b"authorization"))
    if key is None:
        feed = token_of(scope)
        return digest(feed) if feed and well_formed(feed, FEED_PREFIX) else None
    secret = digest(key)
    # Whose use was noted, was well formed.
    return secret if secret in scope["app"].state.noted or well_formed(key) else None


def _introduced(name: Any) -> tuple[ColumnElement[Any], ...]:
    """Columns that name the actor for the rest of the transaction, in the look-up's own round trip."""
    return (
        func.set_config("cadran.actor_id", cast(User.id, Text), true()),
        func.set_config("cadran.actor", name, true()),
        func.set_config("cadran.request_id", bindparam("request_id", type_=Text), true()),
    )


def credential(request: Request) -> Credential | None:
    """What the request came with, by the way it came; None without any, and when its use is to be noted first."""
    header = edge.sent(request.scope, b"authorization")
    feed = token_of(request.scope)
    if header is not None:
        kind, secret = "key", _key_in(header)
    elif feed is not None:
        kind, secret = "feed", feed
    else:
        kind, secret = "session", request.cookies.get(cookie_name(request))
    if not secret:
        return None
    found = Credential(kind, digest(secret))
    return found if _is_noted(request, found.secret) else None


def credential_of(request: Request) -> bytes | None:
    """What is stored of the key, feed token or session's token the request came with, None when there is none."""
    secret = key_of(request) or token_of(request.scope) or request.cookies.get(cookie_name(request))
    return digest(secret) if secret else None


async def standing(session: AsyncSession, credentials: Collection[bytes]) -> dict[bytes, Principal]:
    """Those of these sessions and keys that are in force, and who they are now."""
    wanted = literal(list(credentials), ARRAY(LargeBinary))
    sessions = select(*PERSON, Session.token_hash.label("credential")).join(Session, Session.user_id == User.id)
    key = (ApiKey.key_hash.label("credential"), ApiKey.id.label("key_id"), ApiKey.name.label("key_name"), ApiKey.scopes)
    keys = select(*PERSON, *key).join(ApiKey, ApiKey.user_id == User.id)
    statements = (
        sessions.where(Session.token_hash == any_(wanted), _alive(), User.is_active),
        keys.where(ApiKey.key_hash == any_(wanted), _valid(), User.is_active),
    )
    rows = [row for each in statements for row in (await session.execute(each)).mappings()]
    return {bytes(row["credential"]): principal(row) for row in rows}


def _valid() -> ColumnElement[bool]:
    return and_(ApiKey.revoked_at.is_(None), ApiKey.expires_at.is_(None) | (ApiKey.expires_at > func.now()))


def _alive() -> ColumnElement[bool]:
    return and_(Session.last_seen_at > func.now() - IDLE, Session.created_at > func.now() - LONGEST)


async def _by_key(request: Request, session: AsyncSession, key: str) -> Principal:
    if not well_formed(key):
        detail = "This API key is mistyped." if key.startswith(PREFIX) else "This is not an API key of Cadran."
        raise unauthorized(request, detail)
    return await _by_secret(request, session, key, "key")


async def _by_feed(request: Request, session: AsyncSession, token: str) -> Principal:
    """Addresses are copied and kept in histories, so this credential only reads, and nothing about its maker."""
    if not well_formed(token, FEED_PREFIX):
        raise unauthorized(request, "token takes a feed token (cdr_feed_…); API keys and sessions go in headers.")
    if request.method in UNSAFE or request.url.path == "/session":
        raise Problem("forbidden", "A feed token only reads what it was made for.")
    return await _by_secret(request, session, token, "feed")


# Every request asks one of these: they are made once. ``secret`` is the digest of what came.
_IS_KEY = ApiKey.key_hash == bindparam("secret", type_=LargeBinary)
_KEY_USED = (
    update(ApiKey)
    .where(_IS_KEY, _valid(), or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < func.now() - NOTED))
    .values(last_used_at=func.now(), updated_at=ApiKey.updated_at)
)
# Only of a manager does it matter which teams they lead.
_LED = case((User.role == "manager", led()))
_PERSON_MARK = (User.id, User.name, User.email, User.role, User.team_id, User.language, _LED)
_KEY_MARK = cast(func.row(*_PERSON_MARK, ApiKey.id, ApiKey.name, ApiKey.scopes), Text).label("mark")
_SESSION_MARK = cast(func.row(*_PERSON_MARK), Text).label("mark")
_OF_KEY = (
    select(
        *PERSON,
        _KEY_MARK,
        User.is_active,
        _valid().label("valid"),
        ApiKey.id.label("key_id"),
        ApiKey.name.label("key_name"),
        ApiKey.scopes,
        *_introduced(func.concat("key:", ApiKey.name)),
    )
    .join(User, User.id == ApiKey.user_id)
    .where(_IS_KEY)
)
_IS_SESSION = and_(Session.token_hash == bindparam("secret", type_=LargeBinary), _alive())
_SESSION_SEEN = (
    update(Session).where(_IS_SESSION, Session.last_seen_at < func.now() - NOTED).values(last_seen_at=func.now())
)
_OF_SESSION = (
    select(*PERSON, _SESSION_MARK, *_introduced(User.email))
    .join(Session, Session.user_id == User.id)
    .where(_IS_SESSION, User.is_active)
)

# The same in few words, for reads asked before: who holds it now, if it is in force.
_KEY_STANDS = (
    select(_KEY_MARK).select_from(ApiKey).join(User, User.id == ApiKey.user_id).where(_IS_KEY, _valid(), User.is_active)
)
_SESSION_STANDS = (
    select(_SESSION_MARK).select_from(User).join(Session, Session.user_id == User.id).where(_IS_SESSION, User.is_active)
)


def _known(request: Request, credential: Credential, row: Any, standing: Any) -> Principal:
    who = principal(row._mapping)
    request.scope["state"]["caller"] = Caller(credential, str(who.key_id or who.user_id), row.mark, standing)
    return who


async def _by_secret(request: Request, session: AsyncSession, key: str, kind: str) -> Principal:
    secret = digest(key)
    await _note(request, secret, _KEY_USED)
    asked = {"secret": secret, "request_id": request_id_of(request) or ""}
    row = (await session.execute(_OF_KEY, asked)).one_or_none()
    if row is None:
        raise unauthorized(request, "This API key is unknown.")
    if not row.valid:
        raise unauthorized(request, "This API key is revoked or expired.")
    if not row.is_active:
        raise unauthorized(request, "The user this API key acts for may no longer sign in.")
    return _known(request, Credential(kind, secret), row, _KEY_STANDS)


async def _by_token(request: Request, session: AsyncSession, token: str) -> Principal:
    secret = digest(token)
    await _note(request, secret, _SESSION_SEEN)
    asked = {"secret": secret, "request_id": request_id_of(request) or ""}
    row = (await session.execute(_OF_SESSION, asked)).one_or_none()
    if row is None:
        raise unauthorized(request, "Your session has ended: sign in again.")
    return _known(request, Credential("session", secret), row, _SESSION_STANDS)


def _is_noted(request: Request, secret: bytes) -> bool:
    last: float = request.scope["app"].state.noted.get(secret, -_NOTED)
    return time.monotonic() - last < _NOTED


async def _note(request: Request, secret: bytes, statement: Update) -> None:
    """Notes the use of a key or session, tried once a minute in each process.

    In a transaction of its own, before the request's: a long request must not hold up who revokes its key, and a
    refused one is a use as well.
    """
    if _is_noted(request, secret):
        return
    noted: dict[bytes, float] = request.app.state.noted
    database: Database = request.app.state.database
    async with database.session() as session:
        await session.execute(statement, {"secret": secret})
    if len(noted) > 10_000:
        noted.clear()
    noted[secret] = time.monotonic()  # though nothing was to note: a new session, or another process was first
