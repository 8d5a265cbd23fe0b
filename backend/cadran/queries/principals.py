"""From a user's row, who that is: shared by requests and by what runs later in somebody's name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import ApiKey, Team, User
from cadran.rules.principal import Principal


def led(user: Any = User) -> ColumnElement[Any]:
    """The teams a user leads, as an array; null when none."""
    return (
        select(func.array_agg(aggregate_order_by(Team.id, Team.id))).where(Team.manager_id == user.id).scalar_subquery()
    )


PERSON = (User.id.label("user_id"), User.name, User.email, User.role, User.team_id, User.language, led().label("led"))


def principal(row: Mapping[Any, Any]) -> Principal:
    """From the columns of ``PERSON``, and for a key ``key_id``, ``key_name`` and ``scopes``."""
    own = {row["team_id"]} - {None} if row["role"] in ("rep", "manager") else set()
    teams = set(row["led"] or ()) if row["role"] == "manager" else set()
    key = row.get("key_id")
    return Principal(
        user_id=row["user_id"],
        name=row["key_name"] if key else row["name"],
        email=row["email"],
        role=row["role"],
        team_ids=frozenset(own | teams),
        scopes=frozenset(row["scopes"]) if key else None,
        key_id=key,
        language=row["language"],
    )


async def acting_for(session: AsyncSession, user_id: UUID, key_id: UUID | None = None) -> Principal | None:
    """Who acts in this user's name today, by this key if one was used; None when they may no longer sign in."""
    statement = select(*PERSON).where(User.id == user_id, User.is_active)
    if key_id is not None:
        in_force = ApiKey.revoked_at.is_(None) & (ApiKey.expires_at.is_(None) | (ApiKey.expires_at > func.now()))
        key = (ApiKey.id.label("key_id"), ApiKey.name.label("key_name"), ApiKey.scopes)
        statement = statement.add_columns(*key).join(ApiKey, ApiKey.user_id == User.id)
        statement = statement.where(ApiKey.id == key_id, in_force)
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else principal(row)
