"""Companies, users and keys from the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from babel.numbers import list_currencies
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select, update
from uuid_utils.compat import uuid7

from cadran.checks.holidays import knows_country
from cadran.cli.store import database, fail, run
from cadran.kit.auth import hash_password, new_api_key
from cadran.kit.db import Actor, Database, engine
from cadran.kit.types import Email
from cadran.models import ApiKey, Session, SignInFailure, Team, User
from cadran.models import Settings as Company
from cadran.rules.vocabulary import Role, words
from cadran.settings import Settings

users = typer.Typer(no_args_is_help=True, help="Add, list, disable users; set a password.")
keys = typer.Typer(no_args_is_help=True, help="Create, list and revoke API keys.")
ACTOR = Actor("command line")
LEAST_PASSWORD = 12


@dataclass(frozen=True)
class Accounts:
    shown: list[tuple[str, str]]
    password: str


def checked_email(given: str) -> str:
    try:
        found: str = TypeAdapter(Email).validate_python(given)
    except ValidationError:
        raise fail(f"{given!r} is not an e-mail address.", 2) from None
    return found


def checked_password(given: str) -> str:
    if len(given) < LEAST_PASSWORD:
        raise fail(f"A password has at least {LEAST_PASSWORD} characters.", 2)
    return given


def checked_company(
    name: str, country: str, region: str | None, currency: str, time_zone: str, language: str
) -> dict[str, Any]:
    """The settings row. Ends the command with what is wrong."""
    if not name.strip():
        raise fail("The company needs a name.", 2)
    if not knows_country(country):
        raise fail(f"{country!r} is no country whose public holidays are known: give an ISO 3166 code such as FR.", 2)
    if currency not in list_currencies():
        raise fail(f"{currency!r} is no ISO 4217 currency: give for example EUR.", 2)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise fail(f"{time_zone!r} is no time zone: give for example Europe/Paris.", 2) from None
    if language not in ("fr", "en"):
        raise fail("--language is fr or en.", 2)
    return {
        "company_name": name.strip(), "country": country, "region": region, "currency": currency,
        "time_zone": time_zone, "language": language,
    }  # fmt: skip


async def create_company(url: str, company: dict[str, Any], email: str, password: str) -> None:
    address, secret = checked_email(email), await hash_password(checked_password(password))
    store = Database(engine(url, 1))
    try:
        async with store.session(ACTOR) as session:
            if (await session.execute(select(func.count()).select_from(Company))).scalar_one():
                raise fail("This database already holds a company. Set CADRAN_HOME to another directory for a new one.")
            session.add(Company(id=uuid7(), **company))
            session.add(
                User(
                    id=uuid7(), email=address, name=address.split("@")[0], role="admin",
                    language=company["language"], password_hash=secret,
                )
            )  # fmt: skip
    finally:
        await store.close()


async def load_demo(url: str, report: Callable[[str, int, int], None], *, only_if_empty: bool) -> Accounts | None:
    from cadran.demo import load

    store = Database(engine(url, 1, statement_timeout="60s"))
    try:
        async with store.session(Actor("demo")) as session:
            if (await session.execute(select(func.count()).select_from(Company))).scalar_one():
                if only_if_empty:
                    return None
                raise fail("This database already holds a company: the demo goes into an empty one.")
            zone = ZoneInfo("Europe/Paris")
            found = await load(session, datetime.now(UTC).astimezone(zone).date(), report)
        return Accounts([(account.email, account.role) for account in found.shown], found.password)
    finally:
        await store.close()


async def _with(url: str, work: Callable[[Any], Any]) -> Any:
    store = Database(engine(url, 1))
    try:
        async with store.session(ACTOR) as session:
            return await work(session)
    finally:
        await store.close()


async def _user(session: Any, email: str) -> User:
    found: User | None = (
        await session.execute(select(User).where(User.email == email.strip().lower()))
    ).scalar_one_or_none()
    if found is None:
        raise fail(f"No user has the e-mail {email}.")
    return found


@users.command("add")
def add_user(
    email: str,
    name: Annotated[str, typer.Option(prompt=True)],
    role: Annotated[str, typer.Option(help="rep, manager, director, marketing or admin.")] = "rep",
    team: Annotated[str | None, typer.Option(help="The team's name.")] = None,
    password: Annotated[
        str | None, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="CADRAN_PASSWORD")
    ] = None,
) -> None:
    """Add a user."""
    if role not in words(Role):
        raise fail(f"--role is one of {', '.join(words(Role))}.", 2)
    address, secret = checked_email(email), checked_password(password or "")

    async def work(session: Any) -> None:
        if (await session.execute(select(User.id).where(User.email == address))).first():
            raise fail(f"{address} is a user already.")
        team_id = None
        if team:
            team_id = (await session.execute(select(Team.id).where(func.fold(Team.name) == func.fold(team)))).scalar()
            if team_id is None:
                raise fail(f"No team is called {team!r}.")
        hashed = await hash_password(secret)
        session.add(User(id=uuid7(), email=address, name=name, role=role, team_id=team_id, password_hash=hashed))

    with database(Settings()) as url:
        run(_with(url, work))
    typer.echo(f"{address} may sign in as {role}.")


@users.command("list")
def list_users() -> None:
    """Everyone who may sign in."""

    async def work(session: Any) -> list[Any]:
        return list(
            await session.execute(select(User.email, User.name, User.role, User.is_active).order_by(User.email))
        )

    with database(Settings()) as url:
        for row in run(_with(url, work)):
            typer.echo(f"{row.email:<40} {row.role:<10} {row.name}{'' if row.is_active else '  (disabled)'}")


@users.command("password")
def set_password(
    email: str,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="CADRAN_PASSWORD")
    ],
) -> None:
    """Set a user's password; end the user's sessions and lock-out."""
    secret = checked_password(password)

    async def work(session: Any) -> None:
        user = await _user(session, email)
        user.password_hash = await hash_password(secret)
        await session.execute(Session.__table__.delete().where(Session.__table__.c.user_id == user.id))  # type: ignore[attr-defined]
        failures = SignInFailure.__table__
        await session.execute(failures.delete().where(failures.c.email == user.email))  # type: ignore[attr-defined]

    with database(Settings()) as url:
        run(_with(url, work))
    typer.echo("Password set.")


@users.command("disable")
def disable_user(email: str) -> None:
    """Let a user sign in no more; records keep the name."""

    async def work(session: Any) -> None:
        user = await _user(session, email)
        admins = select(func.count()).select_from(User).where(User.role == "admin", User.is_active, User.id != user.id)
        if user.role == "admin" and not (await session.execute(admins)).scalar_one():
            raise fail("This is the last administrator: add another one first.")
        user.is_active = False

    with database(Settings()) as url:
        run(_with(url, work))
    typer.echo(f"{email} may no longer sign in.")


@keys.command("create")
def create_key(
    name: str,
    user: Annotated[str, typer.Option(help="E-mail of the user it acts for.")],
    scope: Annotated[list[str], typer.Option(help="kpi:read, orders:write, *:read … (repeat)")],
    days: Annotated[int | None, typer.Option(help="Expires after so many days.", min=1, max=3660)] = None,
) -> None:
    """Create an API key and print it, once."""
    from cadran.resources.api_keys import SCOPES

    unknown = [each for each in scope if each not in SCOPES]
    if unknown:
        raise fail(f"Unknown scope {', '.join(unknown)}. Known: {', '.join(sorted(SCOPES))}.", 2)
    key, prefix, stored = new_api_key()

    async def work(session: Any) -> None:
        owner = await _user(session, user)
        session.add(
            ApiKey(
                id=uuid7(), name=name, prefix=prefix, key_hash=stored, scopes=scope, user_id=owner.id,
                expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
            )
        )  # fmt: skip

    with database(Settings()) as url:
        run(_with(url, work))
    typer.echo(key)
    typer.echo("Keep it now: it is shown this once.", err=True)


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret."""

    async def work(session: Any) -> list[Any]:
        return list(await session.execute(select(ApiKey, User.email).join(User, User.id == ApiKey.user_id)))

    with database(Settings()) as url:
        for key, email in run(_with(url, work)):
            state = "revoked" if key.revoked_at else "valid"
            typer.echo(f"{key.prefix}…  {key.name:<24} {email:<32} {' '.join(key.scopes)}  {state}")


@keys.command("revoke")
def revoke_key(prefix: Annotated[str, typer.Argument(help="The first characters, as `key list` shows them.")]) -> None:
    """End a key at once."""

    async def work(session: Any) -> int:
        table = ApiKey.__table__
        found = await session.execute(
            update(ApiKey)
            .where(table.c.prefix == prefix.rstrip("…"), table.c.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )
        return int(found.rowcount)

    with database(Settings()) as url:
        if not run(_with(url, work)):
            raise fail(f"No valid key begins with {prefix}.")
    typer.echo("Revoked.")
