"""Teams: reps and who leads them."""

from typing import Any

from sqlalchemy import ColumnElement, select

from cadran.kit.problems import invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.types import ExternalId, Flag, Id, Instant, Read, ShortText, StrictModel
from cadran.models import Team, User
from cadran.queries.visibility import visible
from cadran.resources import rights
from cadran.resources.scopes import exists, unaimed


class TeamCreate(StrictModel):
    external_id: ExternalId | None = None
    name: ShortText
    business_unit_id: Id | None = None
    manager_id: Id | None = None
    is_active: Flag = True


class TeamRead(Read):
    id: Id
    external_id: str | None
    name: str
    business_unit_id: Id | None
    manager_id: Id | None
    is_active: bool
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """The manager is a user: no foreign key says so, since users refer to teams already."""
    rights.require_role(write.who, rights.ADMIN, "teams")
    if write.removing:
        await unaimed(write, "team")
        return
    manager = write.values.get("manager_id")
    if manager is not None and write.changes("manager_id") and not await exists(write.session, "rep", manager):
        raise invalid("/manager_id", "No such user.", "Give the id of a user.")


def _manager(teams: Any) -> ColumnElement[Any]:
    return select(User.name).where(User.id == teams.c.manager_id).correlate(teams).scalar_subquery()


teams = Resource(
    name="teams",
    model=Team,
    read=TeamRead,
    create=TeamCreate,
    visible=visible,
    sort=("name", "created_at", "updated_at"),
    default_sort="name",
    filters=("id", "business_unit_id", "manager_id", "is_active", "external_id", "updated_at"),
    prepare=prepare,
    named={"manager_id": _manager},
)
