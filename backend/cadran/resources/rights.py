"""Who may write what. Seeing is :mod:`cadran.queries.visibility`'s business; this is about changing what one sees."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import select

from cadran.kit.problems import Problem
from cadran.kit.resource import Write
from cadran.models import User
from cadran.rules.principal import Principal
from cadran.rules.vocabulary import Role

COMMERCIAL: frozenset[Role] = frozenset({"rep", "manager", "director", "admin"})
EVERYONE: frozenset[Role] = COMMERCIAL | {"marketing"}
OFFICE: frozenset[Role] = frozenset({"director", "admin"})
MANAGEMENT: frozenset[Role] = frozenset({"manager", "director", "admin"})
ADMIN: frozenset[Role] = frozenset({"admin"})


def require_role(who: Principal, roles: frozenset[Role], what: str) -> None:
    """Raises a 403."""
    if who.role not in roles:
        raise Problem("forbidden", f"Your role ({who.role}) may not write {what}.")


def writers(roles: frozenset[Role]) -> Callable[[Write], Awaitable[None]]:
    """A ``prepare`` that only checks the role."""

    async def check(write: Write) -> None:
        require_role(write.who, roles, write.resource.name)

    return check


async def owned(write: Write, column: str = "owner_id") -> None:
    """The owner is oneself for a rep, someone of one's teams for a manager, anyone for the office.

    A new record nobody is named for is one's own, where one has customers of one's own.
    """
    who = write.who
    if write.existing is None and column not in write.given and write.values.get(column) is None:
        write.values[column] = who.user_id if who.role in ("rep", "manager") and not write.imported else None
    if write.changes(column) or write.existing is None:
        await may_name(write, write.values.get(column))


async def may_name(write: Write, owner: UUID | None) -> None:
    """Raises a 403 when the caller may not give a record to this person."""
    who = write.who
    if who.sees_all or who.role == "marketing" or owner == who.user_id:
        return
    if who.role == "manager":
        team = (await write.session.execute(select(User.team_id).where(User.id == owner))).scalar_one_or_none()
        if team in who.team_ids:
            return
        raise Problem("forbidden", "You may give records to members of your teams only.")
    raise Problem("forbidden", "You may not give records to somebody else: ask your manager.")
