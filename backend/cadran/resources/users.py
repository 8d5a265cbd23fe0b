"""Users: who signs in, in which role and team. There is always an active admin left."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlalchemy import delete, func, literal, select

from cadran.kit.auth import hash_password
from cadran.kit.problems import Problem
from cadran.kit.resource import Resource, Write
from cadran.kit.routes import WRITE, KeyPath
from cadran.kit.types import Email, ExternalId, Id, Instant, Read, ShortText, StrictModel
from cadran.kit.unit import UnitDep
from cadran.models import Session, SignInFailure, Team, User
from cadran.queries.visibility import visible
from cadran.resources import rights
from cadran.resources.scopes import unaimed
from cadran.resources.verbs import taken
from cadran.rules.vocabulary import Language, Role

Password = Annotated[
    str,
    Field(
        min_length=12,
        max_length=200,
        description="At least 12 characters. Never shown.",
        json_schema_extra={"format": "password"},
    ),
]


class UserCreate(StrictModel):
    """Without a password the user cannot sign in until an admin sets one."""

    external_id: ExternalId | None = None
    email: Email
    name: ShortText
    role: Role
    team_id: Id | None = None
    language: Language = "fr"
    phone: ShortText | None = None
    digest: bool = Field(
        False, description="Wants the e-mail of the morning (a rep), of Monday (a manager, a director)."
    )
    is_active: bool = True
    password: Password | None = None


class UserRead(Read):
    id: Id
    external_id: str | None
    email: str
    name: str
    role: Role
    team_id: Id | None
    language: Language
    phone: str | None
    digest: bool
    is_active: bool
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Admins write users; nobody takes the last active admin away."""
    rights.require_role(write.who, rights.ADMIN, "users")
    if write.existing is not None:
        leaves = write.removing or write.now("role") != "admin" or not write.now("is_active")
        if leaves and write.existing["role"] == "admin" and write.existing["is_active"]:
            await _another_admin(write)
    if write.removing:
        await _not_named(write)
        return
    password = write.values.pop("password", None)
    if password is not None and write.existing is None:
        write.values["password_hash"] = await hash_password(password)


async def _another_admin(write: Write) -> None:
    """Locks every active admin, so that two of them cannot take each other's role away at once. Raises a 409."""
    admins = select(User.id).where(User.role == "admin", User.is_active).order_by(User.id).with_for_update()
    found = (await write.session.execute(admins)).scalars().all()
    if not [key for key in found if key != write.now("id")]:
        raise Problem("conflict", "This is the last active admin: name another one first.")


async def _not_named(write: Write) -> None:
    """What names a user without a foreign key. Raises a 409."""
    await unaimed(write, "rep")
    leads = select(literal(1)).where(Team.manager_id == write.now("id")).limit(1)
    if (await write.session.execute(leads)).first() is not None:
        raise Problem("in_use", "This user leads a team: give it another manager, or make the user inactive.")


async def touched(write: Write) -> None:
    """Who is no longer active is signed out everywhere."""
    if write.existing is not None and write.values.get("is_active") is False:
        await write.session.execute(delete(Session).where(Session.user_id == write.now("id")))


users = Resource(
    name="users",
    model=User,
    read=UserRead,
    create=UserCreate,
    visible=visible,
    sort=("name", "email", "role", "created_at", "updated_at"),
    default_sort="name",
    filters=("id", "email", "role", "team_id", "is_active", "external_id", "updated_at"),
    words={"role": Role},
    prepare=prepare,
    touched=touched,
    fixed=frozenset({"password"}),
)

verbs = APIRouter(tags=["users"])


class PasswordSetting(StrictModel):
    password: Password


@verbs.post("/users/{id}/password", operation_id="set_user_password", status_code=204, responses=WRITE)
async def set_password(unit: UnitDep, id: KeyPath, body: Annotated[PasswordSetting, Body()]) -> Response:  # noqa: A002
    """A new password; every session of the user ends, and a lock-out with them."""
    unit.require("users", "write")

    async def produce() -> Response:
        user = await taken(unit, users, id)
        rights.require_role(unit.who, rights.ADMIN, "users")
        values: dict[str, Any] = {"password_hash": await hash_password(body.password), "version": user["version"] + 1}
        table = users.table
        await unit.session.execute(table.update().where(table.c.id == id).values(values | {"updated_at": func.now()}))
        await unit.session.execute(delete(Session).where(Session.user_id == id))
        await unit.session.execute(delete(SignInFailure).where(SignInFailure.email == user["email"]))
        return Response(status_code=204)

    return await unit.once(produce)
