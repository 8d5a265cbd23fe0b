"""The feed obeys the one door: a copy kept by anyone equals what their lists show, and names nothing they never saw."""

import random
from typing import Any

import pytest
from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Actor
from cadran.queries.visibility import visible
from cadran.resources.registry import BY_NAME
from factories import Maker
from following import Copy, Office, listed

FOLLOWERS = ("rep", "colleague", "stranger", "manager", "other_manager", "marketing", "director")
OWNERS = ("rep", "colleague", "stranger", None)
# Parents before what hangs on them.
MADE: dict[str, dict[str, str]] = {
    "customers": {}, "contacts": {"customer_id": "customers"}, "opportunities": {"customer_id": "customers"},
    "quotes": {"customer_id": "customers"}, "visits": {"customer_id": "customers"},
    "visit-reports": {"visit_id": "visits"}, "orders": {"customer_id": "customers"},
    "deliveries": {"order_line_id": "orders"}, "invoices": {"customer_id": "customers"},
    "payments": {"invoice_id": "invoices"}, "leads": {}, "tasks": {"customer_id": "customers"}, "action-plans": {},
}  # fmt: skip
HOLDER = {"orders": "rep_id", "invoices": "rep_id", "visit-reports": None, "deliveries": None, "payments": None,
          "contacts": None}  # fmt: skip


class Story:
    """Random days of an office: records made, changed, given to somebody else, deleted."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.chance = office, random.Random(seed)
        self.ids: dict[str, list[Any]] = {name: [] for name in MADE}
        self.lines: dict[Any, str] = {}
        self.deleted = 0

    async def step(self, session: AsyncSession) -> None:
        name = self.chance.choice(list(MADE))
        act = self.chance.choice((self.create, self.create, self.give, self.give, self.change, self.delete))
        await act(session, name)

    def someone(self) -> str | None:
        name = self.chance.choice(OWNERS)
        return None if name is None else self.office.id(name)

    async def create(self, session: AsyncSession, name: str) -> None:
        fields: dict[str, Any] = {}
        for column, parent in MADE[name].items():
            if not self.ids[parent]:
                await self.create(session, parent)
            key = self.chance.choice(self.ids[parent])
            fields[column] = self.lines[key] if parent == "orders" else str(key)
        holder = HOLDER.get(name, "owner_id")
        if holder:
            fields[holder] = self.someone()
        if name == "visit-reports" and any(True for _ in self.ids["visit-reports"]):
            await self.create(session, "visits")
            fields["visit_id"] = str(self.ids["visits"][-1])
        row = await Maker(session, self.office.people.principal("admin"))(name, **fields)
        self.ids[name].append(row["id"])
        if name == "orders":
            self.lines[row["id"]] = str(row["lines"][0]["id"])

    async def give(self, session: AsyncSession, name: str) -> None:
        name = self.chance.choice(("customers", "customers", "orders", "invoices", "visits", name))
        holder = HOLDER.get(name, "owner_id")
        if holder and self.ids[name]:
            await self._write(session, name, {holder: self.someone()})

    async def change(self, session: AsyncSession, name: str) -> None:
        field = {"customers": "city", "leads": "notes", "contacts": "job_title", "orders": "notes"}.get(name)
        if field and self.ids[name]:
            await self._write(session, name, {field: f"Changed {self.chance.random()}"})

    async def _write(self, session: AsyncSession, name: str, sent: dict[str, Any]) -> None:
        resource, admin = BY_NAME[name], self.office.people.principal("admin")
        existing = await resource.locked(session, admin, self.chance.choice(self.ids[name]))
        values, children = resource.values_of(resource.update.model_validate(sent), only_sent=True)
        await resource.change(session, admin, existing, values, children)

    async def delete(self, session: AsyncSession, name: str) -> None:
        """A record and all that hangs on it, what hangs lowest first: in one go, or a transaction each."""
        if not self.ids[name]:
            return
        table = BY_NAME[name].table.name
        await self._delete(session, name, self.chance.choice(self.ids[name]), table)

    async def _delete(self, session: AsyncSession, name: str, key: Any, table: str) -> None:
        for other, parents in MADE.items():
            for column, parent in parents.items():
                if parent == name:
                    wanted = BY_NAME[other].table.c[column]
                    of = self.lines.get(key, key) if parent == "orders" else key
                    for hanging in list(
                        (await session.execute(select(BY_NAME[other].table.c.id).where(wanted == of))).scalars()
                    ):
                        await self._delete(session, other, hanging, table)
        resource, admin = BY_NAME[name], self.office.people.principal("admin")
        await resource.remove(session, admin, await resource.locked(session, admin, key))
        self.ids[name].remove(key)
        self.deleted += 1


async def seen_now(session: AsyncSession, office: Office, name: str) -> set[str]:
    who = office.people.principal(name)
    every = [select(each.table.c.id).where(visible(each.model, who)) for each in BY_NAME.values() if each.name in MADE]
    return {str(key) for key in (await session.execute(union_all(*every))).scalars()}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everyones_copy_is_what_they_see(office: Office, seed: int) -> None:
    story, chance = Story(office, seed), random.Random(-seed)
    copies = {name: Copy(office.as_user(name)) for name in FOLLOWERS}
    ever: dict[str, set[str]] = {name: set() for name in FOLLOWERS}
    for _ in range(40):
        async with office.database.session(Actor("story")) as session:
            for _ in range(chance.randint(1, 3)):
                await story.step(session)
        async with office.database.session() as session:
            for name in FOLLOWERS:
                ever[name] |= await seen_now(session, office, name)
        for copy in copies.values():
            if chance.random() < 0.2:
                await copy.follow(limit=chance.choice((3, 50)))
    for name, copy in copies.items():
        await copy.follow(limit=20)
        for resource in BY_NAME:
            rows = await listed(copy.client, resource)
            assert set(copy.records.get(resource, {})) == set(rows), (name, resource)
            for key, row in rows.items():
                held = copy.records[resource][key]
                assert (held["version"], held.get("external_id")) == (row["version"], row.get("external_id"))
        told = {item["id"] for item in copy.items if item["resource"] in MADE}
        assert told <= ever[name], (name, [item for item in copy.items if item["id"] in told - ever[name]])
    assert story.deleted > 5
    left = [item for name in FOLLOWERS[:5] for item in copies[name].items if item["record"] is None]
    assert len(left) > 20


async def test_marketing_is_told_of_no_amount(office: Office) -> None:
    copy, admin = Copy(office.as_user("marketing")), office.as_user("admin")
    made = await office.make("customers", credit_limit="5000", city="Lyon")
    await office.make("orders", customer_id=str(made["id"]))
    items = await copy.follow()
    assert "orders" not in {item["resource"] for item in items}
    assert [item["record"]["credit_limit"] for item in items if item["id"] == str(made["id"])] == [None]
    await admin.patch(f"/customers/{made['id']}", json={"credit_limit": "7000", "city": "Paris"})
    (item,) = await copy.follow()
    assert item["fields"] == ["city"]
    assert item["record"]["credit_limit"] is None
