"""What writes look up of other records; an import remembers it all beforehand, so that its rows ask nothing."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import Customer, Invoice, Order, Product, Team, User

COLUMNS: dict[Any, tuple[str, ...]] = {
    Customer: ("owner_id",),
    User: ("team_id",),
    Team: ("business_unit_id",),
    Product: ("list_price", "cost", "vat_rate"),
    Order: ("rep_id", "team_id", "business_unit_id"),
    Invoice: ("exchange_rate", "gross_amount", "base_gross_amount"),
}
CHUNK = 10_000


async def remember(session: AsyncSession, model: Any, keys: Collection[UUID] | None = None) -> None:
    """Reads the rows of ``keys`` (None: all) once for the rest of the transaction."""
    known = session.info.setdefault("known", {}).setdefault(model, {})
    statement = select(model.id, *(getattr(model, name) for name in COLUMNS[model]))
    wanted = None if keys is None else [key for key in keys if key not in known]
    for start in range(0, 1 if wanted is None else len(wanted), CHUNK):
        part = statement if wanted is None else statement.where(model.id.in_(wanted[start : start + CHUNK]))
        for row in (await session.execute(part)).mappings():
            known[row["id"]] = dict(row)


def forget(session: AsyncSession) -> None:
    session.info.pop("known", None)


async def look_up(session: AsyncSession, model: Any, keys: Collection[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """The rows of ``keys`` by id; those that do not exist are absent."""
    known = session.info.get("known", {}).get(model, {})
    missing = [key for key in keys if key not in known]
    found = {key: known[key] for key in keys if key in known}
    if missing:
        statement = select(model.id, *(getattr(model, name) for name in COLUMNS[model])).where(model.id.in_(missing))
        found |= {row["id"]: dict(row) for row in (await session.execute(statement)).mappings()}
    return found


async def look_up_one(session: AsyncSession, model: Any, key: UUID | None) -> Mapping[str, Any]:
    """The row of ``key``; empty when there is none."""
    if key is None:
        return {}
    known: Mapping[str, Any] | None = session.info.get("known", {}).get(model, {}).get(key)
    return (await look_up(session, model, [key])).get(key, {}) if known is None else known
