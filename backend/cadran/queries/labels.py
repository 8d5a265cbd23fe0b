"""The names of what numbers are grouped by."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import BusinessUnit, Customer, Product, Stage, Team, User
from cadran.queries.ask import array_of

NAMED: dict[str, Any] = {
    "rep": User,
    "team": Team,
    "business_unit": BusinessUnit,
    "customer": Customer,
    "product": Product,
    "stage": Stage,
}


async def names(session: AsyncSession, dimension: str, keys: Iterable[Any]) -> dict[Any, str]:
    """The name of each key; of a dimension that is a word (source, sector, class), the word itself."""
    wanted = [key for key in keys if key is not None]
    model = NAMED.get(dimension)
    if model is None or not wanted:
        return {key: str(key) for key in wanted}
    rows = await session.execute(select(model.id, model.name).where(model.id == any_(array_of(wanted, Uuid))))
    found: dict[UUID, str] = dict(rows.all())
    return {key: found.get(key, str(key)) for key in wanted}
