"""Signing in, and who a request comes from: a browser's cookie, or an API key as Bearer or as Basic password."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.auth import digest, hash_password, new_token, verify_password, well_formed
from cadran.kit.problems import Problem, documented, invalid, request_id_of, response
from cadran.kit.session import SessionDep
from cadran.kit.types import StrictModel
from cadran.kit.unit import UnitDep
from cadran.models import ApiKey, Session, SignInFailure, Team, User
from cadran.models import Settings as Company
from cadran.rules.principal import Principal
from cadran.rules.vocabulary import Language, Role
from cadran.settings import Settings

router = APIRouter(tags=["session"])
IDLE = timedelta(hours=8)
WINDOW, MOST_FAILURES = timedelta(minutes=15), 5
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ERRORS = documented(400, 401, 403, 413, 415, 422, 429, 503)


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def cookie_name(settings: Settings) -> str:
    """``__Host-`` binds the cookie to this host over https; plain http (localhost) cannot have it."""
    return "__Host-cadran" if settings.secure_cookies else "cadran"


def unauthorized(detail: str | None = None) -> Problem:
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="cadran", Basic realm="cadran"'})


async def authenticate(request: Request, session: AsyncSession) -> Principal:
    """Who asks, looked up in the request's own transaction. Raises a 401, or a 403 on a forged cross-site request."""
    key = _key_of(request)
    if key is not None:
        who = await _by_key(session, key)
    else:
        token = request.cookies.get(cookie_name(_settings(request)))
        if not token:
            raise unauthorized()
        if request.method in UNSAFE:
            require_same_origin(request)
        who = await _by_token(session, token)
    state = request.scope.setdefault("state", {})
    state["principal"] = f"key:{who.key_id}" if who.key_id else str(who.user_id)
    await introduce(session, who, state.get("request_id"))
    return who


async def introduce(session: AsyncSession, who: Principal, request_id: str | None) -> None:
    """Names the actor for the rest of the transaction; the change log's triggers read it."""
    name = f"key:{who.name}" if who.key_id else who.email
    await session.execute(
        text(
            "SELECT set_config('cadran.actor_id', :id, true), set_config('cadran.actor', :name, true),"
            " set_config('cadran.request_id', :request, true)"
        ),
        {"id": str(who.user_id), "name": name, "request": request_id or ""},
    )


def _key_of(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized("The Basic credentials cannot be read.") from None
    raise unauthorized("Send the API key as Bearer, or as the password of Basic.")


def require_same_origin(request: Request) -> None:
    """A cookie is sent by any page: an unsafe request must show that it comes from ours. Raises a 403."""
    allowed = _settings(request).origins
    origin = request.headers.get("origin")
    if origin is not None:
        if origin.rstrip("/") in allowed or urlsplit(origin).netloc == request.headers.get("host"):
            return
    elif request.headers.get("sec-fetch-site") in ("same-origin", "none", None):
        return
    raise Problem("forbidden", "This request comes from another site.")


async def _by_key(session: AsyncSession, key: str) -> Principal:
    if not well_formed(key):
        raise unauthorized("This is not an API key of ours, or it is mistyped.")
    now = func.now()
    row = (
        await session.execute(
            select(ApiKey, User)
            .join(User, User.id == ApiKey.user_id)
            .where(
                ApiKey.key_hash == digest(key),
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
                User.is_active,
            )
        )
    ).one_or_none()
    if row is None:
        raise unauthorized("This API key is unknown, expired or revoked.")
    found, user = row
    if found.last_used_at is None or found.last_used_at < datetime.now(UTC) - timedelta(minutes=1):
        # Skipped when somebody else is noting it: nothing waits for a clock.
        free = select(ApiKey.id).where(ApiKey.id == found.id).with_for_update(skip_locked=True)
        if (await session.execute(free)).first():
            await session.execute(update(ApiKey).where(ApiKey.id == found.id).values(last_used_at=now))
    return await principal(session, user, found)


async def _by_token(session: AsyncSession, token: str) -> Principal:
    row = (
        await session.execute(
            select(Session.last_seen_at, User)
            .join(User, User.id == Session.user_id)
            .where(Session.token_hash == digest(token), User.is_active)
        )
    ).one_or_none()
    now = datetime.now(UTC)
    if row is None or row.last_seen_at < now - IDLE:
        raise unauthorized("Your session has ended: sign in again.")
    if row.last_seen_at < now - timedelta(minutes=1):
        await session.execute(
            update(Session).where(Session.token_hash == digest(token)).values(last_seen_at=func.now())
        )
    return await principal(session, row.User)


async def principal(session: AsyncSession, user: User, key: ApiKey | None = None) -> Principal:
    """A user, or a key acting for one, as the rights see them."""
    teams = set() if user.team_id is None else {user.team_id}
    if user.role == "manager":
        teams |= set((await session.execute(select(Team.id).where(Team.manager_id == user.id))).scalars())
    return Principal(
        user_id=user.id,
        name=key.name if key else user.name,
        email=user.email,
        role=user.role,  # type: ignore[arg-type]
        team_ids=frozenset(teams),
        scopes=None if key is None else frozenset(key.scopes),
        key_id=None if key is None else key.id,
        language=user.language,
    )


class UserShape(BaseModel):
    id: UUID
    name: str
    email: str
    role: Role
    language: Language
    team_id: UUID | None
    team: str | None
    teams_led: list[UUID]


class CompanyShape(BaseModel):
    name: str
    currency: str
    language: str
    country: str
    time_zone: str
    fiscal_year_start_month: int
    is_demo: bool


class Signed(BaseModel):
    """Who is signed in, and what the screens need to know of the company."""

    user: UserShape
    company: CompanyShape
    sees_amounts: bool
    sees_all: bool


async def _signed(session: AsyncSession, who: Principal) -> Signed:
    user = (await session.execute(select(User, Team.name).outerjoin(Team, Team.id == User.team_id).where(User.id == who.user_id))).one()  # fmt: skip
    company = (await session.execute(select(Company))).scalar_one_or_none()
    return Signed(
        user=UserShape(
            id=user.User.id, name=user.User.name, email=user.User.email, role=user.User.role,
            language=user.User.language, team_id=user.User.team_id, team=user.name,
            teams_led=sorted(who.team_ids) if who.role == "manager" else [],
        ),
        company=CompanyShape(
            name=company.company_name if company else "",
            currency=company.currency if company else "EUR",
            language=company.language if company else "fr",
            country=company.country if company else "FR",
            time_zone=company.time_zone if company else "Europe/Paris",
            fiscal_year_start_month=company.fiscal_year_start_month if company else 1,
            is_demo=company.is_demo if company else False,
        ),
        sees_amounts=who.sees_amounts,
        sees_all=who.sees_all,
    )  # fmt: skip


Password = Annotated[str, Field(min_length=1, max_length=200)]
NewPassword = Annotated[str, Field(min_length=12, max_length=200)]


class SignIn(StrictModel):
    email: Annotated[str, Field(min_length=3, max_length=254)]
    password: Password


@router.post("/session", operation_id="sign_in", response_model=Signed, responses=ERRORS)
async def sign_in(request: Request, session: SessionDep, body: Annotated[SignIn, Body()]) -> Response:
    """Signs in: answers who you are and sets the cookie. Five failures in a quarter of an hour lock the address out."""
    require_same_origin(request)
    email = body.email.strip().lower()
    if "\x00" in email:
        raise invalid("/email", "Not an e-mail address.", "Remove the control characters.")
    since = func.now() - WINDOW
    failures = select(func.count(), func.min(SignInFailure.at)).where(
        SignInFailure.email == email, SignInFailure.at > since
    )
    count, first = (await session.execute(failures)).one()
    if count >= MOST_FAILURES:
        wait = max(int((first + WINDOW - datetime.now(UTC)).total_seconds()) + 1, 1)
        raise Problem("rate_limited", "Too many failed attempts.", headers={"Retry-After": str(wait)})
    user = (await session.execute(select(User).where(User.email == email))).scalar_one_or_none()
    stored = user.password_hash if user is not None and user.is_active else None
    if not await verify_password(body.password, stored) or user is None:
        session.add(SignInFailure(email=email))
        await session.flush()
        # Raising would roll the failure back with the rest: it is answered, not raised.
        return response(unauthorized("Wrong e-mail or password."), request_id_of(request))
    await session.execute(delete(SignInFailure).where(or_(SignInFailure.email == email, SignInFailure.at < since)))
    settings = _settings(request)
    old = request.cookies.get(cookie_name(settings))
    if old:
        await session.execute(delete(Session).where(Session.token_hash == digest(old)))
    await session.execute(delete(Session).where(Session.user_id == user.id, Session.last_seen_at < func.now() - IDLE))
    token = new_token()
    session.add(Session(token_hash=digest(token), user_id=user.id))
    await session.flush()
    found = await _signed(session, await principal(session, user))
    answer = Response(found.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        cookie_name(settings), token, httponly=True, samesite="lax", path="/", secure=settings.secure_cookies
    )
    return answer


@router.get("/session", operation_id="get_session", response_model=Signed, responses=ERRORS)
async def get_session(unit: UnitDep) -> Any:
    """Who is signed in."""
    return await _signed(unit.session, unit.who)


class SessionChange(StrictModel):
    language: Language


@router.patch("/session", operation_id="update_session", response_model=Signed, responses=ERRORS)
async def update_session(unit: UnitDep, body: Annotated[SessionChange, Body()]) -> Any:
    """Sets the language of the signed-in user."""
    _person(unit.who)
    await unit.session.execute(update(User).where(User.id == unit.who.user_id).values(language=body.language))
    return await _signed(unit.session, unit.who)


def _person(who: Principal) -> None:
    if who.key_id is not None:
        raise Problem("forbidden", "An API key has no session.")


@router.delete("/session", operation_id="sign_out", status_code=204, responses=ERRORS)
async def sign_out(request: Request, unit: UnitDep) -> Response:
    """Ends the session."""
    _person(unit.who)
    settings = _settings(request)
    token = request.cookies.get(cookie_name(settings), "")
    await unit.session.execute(delete(Session).where(Session.token_hash == digest(token)))
    answer = Response(status_code=204)
    answer.delete_cookie(cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True)
    return answer


class PasswordChange(StrictModel):
    current: Password
    new: NewPassword


@router.post("/session/password", operation_id="change_password", status_code=204, responses=ERRORS)
async def change_password(request: Request, unit: UnitDep, body: Annotated[PasswordChange, Body()]) -> Response:
    """Changes one's own password and ends one's other sessions."""
    _person(unit.who)
    user = (await unit.session.execute(select(User).where(User.id == unit.who.user_id))).scalar_one()
    if not await verify_password(body.current, user.password_hash):
        raise invalid("/current", "This is not your password.", "Type your current password.")
    user.password_hash = await hash_password(body.new)
    user.version += 1
    token = request.cookies.get(cookie_name(_settings(request)), "")
    await unit.session.execute(delete(Session).where(Session.user_id == user.id, Session.token_hash != digest(token)))
    await unit.session.flush()
    return Response(status_code=204)
