"""Signing in and out, and who is signed in."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.api.auth import (
    IDLE,
    LONGEST,
    cookie_name,
    require_same_origin,
    secure,
    unauthorized,
)
from cadran.kit import edge
from cadran.kit.auth import digest, hash_password, new_token, verify_password
from cadran.kit.db import Actor, Database
from cadran.kit.problems import Problem, documented, invalid, request_id_of, response
from cadran.kit.ratelimit import Buckets
from cadran.kit.types import Email, Flag, StrictModel
from cadran.kit.unit import UnitDep, tagged
from cadran.models import Session, SignInFailure, Team, User
from cadran.models import Settings as Company
from cadran.queries.principals import PERSON, principal
from cadran.rules.principal import Principal
from cadran.rules.vocabulary import Language, Role

router = APIRouter(tags=["session"])
WINDOW, MOST_FAILURES = timedelta(minutes=15), 5
# A whole company may sit behind one address: more than one e-mail's failures, yet too few to try a list of them.
MOST_FAILURES_OF_ADDRESS = 100
ERRORS = documented(400, 401, 403, 413, 415, 422, 429, 503)
JSON = "application/json"


class UserShape(BaseModel):
    id: UUID
    name: str
    email: str
    role: Role
    language: Language
    team_id: UUID | None
    team: str | None
    teams_led: list[UUID]
    digest: bool


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
    sees_amounts: bool = Field(description="False for marketing: every amount is null.")
    sees_all: bool = Field(description="Sees the records of everyone, not only one's own or the team's.")
    scopes: list[str] | None = Field(description="What the API key may do; null for a person.")


async def _signed(session: AsyncSession, who: Principal) -> Signed:
    found = select(User.name, User.team_id, User.digest, Team.name.label("team"))
    user = (await session.execute(found.outerjoin(Team, Team.id == User.team_id).where(User.id == who.user_id))).one()
    company = (await session.execute(select(Company))).scalar_one_or_none()
    return Signed(
        user=UserShape(
            id=who.user_id, name=user.name, email=who.email, role=who.role, language=who.language,
            team_id=user.team_id, team=user.team, teams_led=sorted(who.team_ids) if who.role == "manager" else [],
            digest=user.digest,
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
        scopes=None if who.scopes is None else sorted(who.scopes),
    )  # fmt: skip


Password = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra={"format": "password"})]
NewPassword = Annotated[str, Field(min_length=12, max_length=200, json_schema_extra={"format": "password"})]


class SignIn(StrictModel):
    email: Email
    password: Password


def address_of(request: Request) -> bytes:
    return request.client.host.encode() if request.client else b""


async def not_locked(session: AsyncSession, email: str) -> None:
    """Raises a 429 when the e-mail, whoever's it is, has failed too often."""
    failures = select(func.count(), func.min(SignInFailure.at) + WINDOW).where(
        SignInFailure.email == email, SignInFailure.at > func.now() - WINDOW
    )
    count, until = (await session.execute(failures)).one()
    if count >= MOST_FAILURES:
        raise _locked(int((until - datetime.now(UTC)).total_seconds()))


def _locked(seconds: int) -> Problem:
    detail = "Too many failed attempts: wait, or ask an admin for a new password."
    return Problem("rate_limited", detail, headers={"Retry-After": str(max(1, seconds + 1))})


@router.post("/session", operation_id="sign_in", response_model=Signed, responses=ERRORS)
async def sign_in(request: Request, body: Annotated[SignIn, Body()]) -> Response:
    """Signs in: answers who you are and sets the cookie. Five failures in a quarter of an hour lock the e-mail out.

    Whoever the e-mail belongs to, a refusal takes the same steps and the same time. No connection is held while the
    password is hashed; then the lock-out is judged again, under a lock: a burst learns no more than five answers.
    """
    if _says_where_from(request):
        require_same_origin(request)
    database: Database = request.app.state.database
    failures: Buckets = request.app.state.sign_in_failures
    address = address_of(request)
    if failures.left(address) < 1:
        raise _locked(failures.wait(address))
    async with database.session() as session:
        await not_locked(session, body.email)
        stored = await session.scalar(select(User.password_hash).where(User.email == body.email, User.is_active))
    right = await verify_password(body.password, stored)
    async with database.session(Actor(body.email, request_id=request_id_of(request))) as session:
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(body.email, 0))))
        await not_locked(session, body.email)
        # As it stood when it was verified: a password changed or a user disabled meanwhile does not let in.
        unchanged = (User.email == body.email, User.is_active, User.password_hash == stored)
        found = (await session.execute(select(*PERSON).where(*unchanged))).one_or_none() if right else None
        if found is None:
            await _failed(session, body.email)
        else:
            who = principal(found._mapping)
            signed, token = await _signed(session, who), await _opened(request, session, who)
    if found is None:
        failures.take(address)
        return response(unauthorized(request, "Wrong e-mail or password."), request_id_of(request))
    request.state.principal_id = str(who.user_id)
    answer = Response(signed.model_dump_json(), media_type=JSON, headers={"Cache-Control": "no-store"})
    age = int(LONGEST.total_seconds())
    answer.set_cookie(
        cookie_name(request), token, max_age=age, path="/", secure=secure(request), httponly=True, samesite="lax"
    )
    return answer


def _says_where_from(request: Request) -> bool:
    """Browsers do; programs that sign in do not, and carry nobody's cookie."""
    return any(edge.header(request.scope, name) for name in (b"origin", b"sec-fetch-site"))


async def _failed(session: AsyncSession, email: str) -> None:
    await session.execute(delete(SignInFailure).where(SignInFailure.at < func.now() - WINDOW))
    session.add(SignInFailure(email=email))
    await session.flush()


async def _opened(request: Request, session: AsyncSession, who: Principal) -> str:
    """A new session's token; the one the browser came with ends, and so do those nobody uses."""
    await session.execute(delete(SignInFailure).where(SignInFailure.email == who.email))
    old = digest(request.cookies.get(cookie_name(request), ""))
    unused = Session.last_seen_at < func.now() - IDLE
    await session.execute(delete(Session).where(or_(Session.token_hash == old, unused)))
    token = new_token()
    session.add(Session(token_hash=digest(token), user_id=who.user_id))
    await session.flush()
    return token


@router.get("/session", operation_id="get_session", response_model=Signed, responses=ERRORS)
async def get_session(request: Request, unit: UnitDep) -> Response:
    """Who is signed in, or for whom the API key acts."""
    return tagged(request, (await _signed(unit.session, unit.who)).model_dump_json().encode(), JSON)


class SessionChange(StrictModel):
    """What one may change of oneself; what is left out stays."""

    language: Language | None = None
    digest: Flag | None = Field(None, description="Whether one wants the digest by e-mail.")


@router.patch("/session", operation_id="update_session", response_model=Signed, responses=ERRORS)
async def update_session(request: Request, unit: UnitDep, body: Annotated[SessionChange, Body()]) -> Response:
    """Sets the language of the signed-in user, and whether the digest comes by e-mail."""
    _person(unit.who)
    own = User.id == unit.who.user_id
    said = body.model_dump(exclude_none=True)
    differs = or_(*(getattr(User, name) != value for name, value in said.items())) if said else false()
    await unit.session.execute(update(User).where(own, differs).values(said | {"version": User.version + 1}))
    who = principal((await unit.session.execute(select(*PERSON).where(own))).one()._mapping)
    return Response((await _signed(unit.session, who)).model_dump_json(), media_type=JSON)


def _person(who: Principal) -> None:
    if who.key_id is not None:
        raise Problem("forbidden", "An API key has no session: sign in.")


@router.delete("/session", operation_id="sign_out", status_code=204, responses=documented(403, 503))
async def sign_out(request: Request) -> Response:
    """Ends the session, if there still is one, and takes the cookie away."""
    token = request.cookies.get(cookie_name(request))
    if token:
        require_same_origin(request)
        database: Database = request.app.state.database
        async with database.session() as session:
            await session.execute(delete(Session).where(Session.token_hash == digest(token)))
    answer = Response(status_code=204)
    answer.delete_cookie(cookie_name(request), path="/", secure=secure(request), httponly=True, samesite="lax")
    return answer


class PasswordChange(StrictModel):
    current: Password
    new: NewPassword


@router.post("/session/password", operation_id="change_password", status_code=204, responses=ERRORS)
async def change_password(request: Request, unit: UnitDep, body: Annotated[PasswordChange, Body()]) -> Response:
    """Changes one's own password and ends one's other sessions. Wrong guesses count as failed sign-ins."""
    _person(unit.who)
    email, session = unit.who.email, unit.session
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(email, 0))))
    await not_locked(session, email)
    own = User.id == unit.who.user_id
    stored = await session.scalar(select(User.password_hash).where(own))
    if not await verify_password(body.current, stored):
        await _failed(session, email)
        # Raising would roll the failure back with the rest: it is answered, not raised.
        problem = invalid("/current", "This is not your password.", "Type your current password.")
        return response(problem, request_id_of(request))
    changed = {"password_hash": await hash_password(body.new), "version": User.version + 1}
    await session.execute(update(User).where(own).values(changed))
    token = digest(request.cookies.get(cookie_name(request), ""))
    others = delete(Session).where(Session.user_id == unit.who.user_id, Session.token_hash != token)
    await session.execute(others)
    return Response(status_code=204)
