"""A small company one writes in and asks: records through the resources' own rules, KPIs over HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import Settings
from factories import Maker, People

Row = dict[str, Any]


def line(price: str, quantity: str = "1", **more: Any) -> Row:
    return {"description": "Bearing", "quantity": quantity, "unit_price": price, **more}


@dataclass
class Books:
    session: AsyncSession
    make: Maker
    people: People
    as_user: Callable[..., httpx.AsyncClient]

    def id(self, name: str) -> str:
        return str(self.people[name].id)

    async def get(self, path: str, who: str = "director", **params: Any) -> Any:
        given = {name.rstrip("_"): value for name, value in params.items()}
        answer = await self.as_user(who).get(path, params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def kpi(self, name: str, who: str = "director", **params: Any) -> Any:
        return await self.get(f"/kpi/{name}", who, **params)

    async def value(self, name: str, who: str = "director", **params: Any) -> Any:
        return (await self.kpi(name, who, **params))["value"]

    async def records(self, name: str, who: str = "director", **params: Any) -> list[Row]:
        found: list[Row] = (await self.get(f"/kpi/{name}/records", who, limit=500, **params))["items"]
        return found

    async def groups(self, name: str, by: str, who: str = "director", **params: Any) -> dict[str | None, Row]:
        found = await self.kpi(name, who, group_by=by, **params)
        return {group["key"]: group for group in found["groups"]}

    async def post(self, path: str, body: Row | None = None, who: str = "admin") -> Row:
        answer = await self.as_user(who, scopes=frozenset({"*:write"})).post(path, json=body or {})
        assert answer.status_code in (200, 201), answer.text
        found: Row = answer.json()
        return found

    async def customer(self, owner: str | None = "rep", **fields: Any) -> Row:
        return await self.make("customers", owner_id=self.people[owner].id if owner else None, **fields)

    async def order(self, customer: Row, day: str, *lines: Row, **fields: Any) -> Row:
        given = list(lines) or [line("100")]
        return await self.make("orders", customer_id=customer["id"], confirmed_on=day, lines=given, **fields)

    async def invoice(self, customer: Row, day: str, *lines: Row, **fields: Any) -> Row:
        given = list(lines) or [line("100")]
        return await self.make("invoices", customer_id=customer["id"], issued_on=day, lines=given, **fields)

    async def set(self, model: Any, record: Row, **values: Any) -> None:
        """An edit as the log sees one."""
        given = {
            name: date.fromisoformat(value) if name.endswith("_on") and value else value
            for name, value in values.items()
        }
        await self.session.execute(update(model).where(model.id == record["id"]).values(**given))

    async def remove(self, model: Any, record: Row) -> None:
        await self.session.execute(delete(model).where(model.id == record["id"]))

    async def settings(self, **values: Any) -> None:
        await self.session.execute(update(Settings).values(**values))
        self.session.info.pop("company", None)

    async def now(self) -> str:
        """This instant, between what was written before and what is written after."""
        await asyncio.sleep(0.002)
        moment = datetime.now(UTC)
        await asyncio.sleep(0.002)
        return moment.isoformat()


def money(text: str | None) -> Decimal:
    assert text is not None
    return Decimal(text)
