"""Who can be aimed at: a business unit, a team, a rep. Targets name them without a foreign key, so it is kept here."""

from typing import Any
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.problems import Problem
from cadran.kit.resource import Write
from cadran.models import BusinessUnit, Target, Team, User

MODELS: dict[str, Any] = {"business_unit": BusinessUnit, "team": Team, "rep": User}


async def exists(session: AsyncSession, kind: str, key: UUID) -> bool:
    """Whether the business unit, team or rep is there."""
    model = MODELS[kind]
    return (await session.execute(select(literal(1)).where(model.id == key))).first() is not None


async def unaimed(write: Write, kind: str) -> None:
    """Raises a 409 when targets are set for the record about to be deleted."""
    assert write.existing is not None  # noqa: S101 - called on deletion only
    aimed = select(literal(1)).where(Target.scope_kind == kind, Target.scope_id == write.existing["id"]).limit(1)
    if (await write.session.execute(aimed)).first() is not None:
        raise Problem("in_use", "Targets are set for it: delete them first, or make it inactive.")
