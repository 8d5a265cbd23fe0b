"""The change feed holds every change once, in commit order, whatever the writers do meanwhile."""

import asyncio
import random
from contextlib import suppress
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cadran.kit.db import Actor, Database, engine
from cadran.resources.registry import BY_NAME
from factories import Maker
from following import Copy, Office, listed

WRITERS, TURNS = 12, 12
WRITTEN = ("customers", "contacts", "orders", "tasks")


def wider(database: Database) -> Database:
    """The same database, with a connection for every writer."""
    assert isinstance(database.bind, AsyncEngine)
    return Database(engine(database.bind.url.render_as_string(hide_password=False), WRITERS + 2))


class Changed(Exception):  # noqa: N818 - a change of mind
    """The writer rolls back."""


async def write(office: Office, database: Database, number: int) -> None:
    """A writer's day: creates, changes, deletes, changes its mind, and takes its time before it commits."""
    chance, mine = random.Random(number), dict[str, list[Any]]()
    admin = office.people.principal("admin")
    for _ in range(TURNS):
        name = chance.choice(WRITTEN)
        resource, own, made, gone = BY_NAME[name], mine.setdefault(name, []), [], []
        with suppress(Changed):
            async with database.session(Actor("writer")) as session:
                make = Maker(session, admin)
                for _ in range(chance.randint(1, 3)):
                    key = chance.choice(own) if own and chance.random() < 0.6 else None
                    if key is None or key in gone:
                        made.append((await make(name))["id"])
                    elif chance.random() < 0.4 and name != "customers":
                        await resource.remove(session, admin, await resource.locked(session, admin, key))
                        gone.append(key)
                    else:
                        await _change(session, resource, admin, key, chance)
                    await asyncio.sleep(chance.random() * 0.05)
                if chance.random() < 0.25:
                    raise Changed
            mine[name] = [key for key in (*own, *made) if key not in gone]


async def _change(session: Any, resource: Any, admin: Any, key: Any, chance: random.Random) -> None:
    field = {"customers": "city", "contacts": "job_title", "orders": "notes", "tasks": "title"}[resource.name]
    sent: dict[str, Any] = {field: f"Changed {chance.random()}"}
    if resource.name == "orders":
        sent["lines"] = [{"description": "New", "quantity": "1", "unit_price": str(chance.randint(1, 9))}] * 2
    values, children = resource.values_of(resource.update.model_validate(sent), only_sent=True)
    await resource.change(session, admin, await resource.locked(session, admin, key), values, children)


class ByTimestamp:
    """The usual way, as negative control: rows later than the latest timestamp seen."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.latest: Any = None

    async def follow(self, database: Database) -> None:
        async with database.session() as session:
            later = "" if self.latest is None else "WHERE at > :latest"
            rows = await session.execute(text(f"SELECT seq, at FROM change {later}"), {"latest": self.latest})
            for row in rows:
                self.seen.add(row.seq)
                self.latest = row.at if self.latest is None else max(self.latest, row.at)


async def test_a_copy_rebuilt_from_the_feed_equals_the_tables(office: Office) -> None:
    """Twelve writers, one transaction open all the while; a reader that never stops."""
    database, copy, usual = wider(office.database), Copy(office.as_user("admin")), ByTimestamp()
    admin, released = office.people.principal("admin"), asyncio.Event()

    async def one_long_transaction() -> None:
        async with database.session(Actor("slow")) as session:
            await Maker(session, admin)("orders", number="SLOW")
            started.set()
            await released.wait()

    async def read() -> None:
        while not done.is_set():
            await copy.follow(limit=7)
            await usual.follow(database)
            await asyncio.sleep(0.01)

    started, done = asyncio.Event(), asyncio.Event()
    slow = asyncio.create_task(one_long_transaction())
    await started.wait()
    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(office, database, number) for number in range(WRITERS // 2)))
    await usual.follow(database)  # it knows what was committed, though not what was written before
    released.set()
    await slow
    await asyncio.gather(*(write(office, database, number) for number in range(WRITERS // 2, WRITERS)))
    done.set()
    await reader
    await copy.follow(limit=7)
    await usual.follow(database)
    await database.close()

    for name in BY_NAME:
        rows = await listed(copy.client, name)
        assert set(copy.records.get(name, {})) == set(rows), name
        for key, row in rows.items():
            assert without_labels(copy.records[name][key]) == without_labels(row)
    assert any(order["number"] == "SLOW" for order in copy.records["orders"].values())
    # Nothing twice: one item a record and transaction that wrote it.
    told = "SELECT count(DISTINCT (xid, record_id)) FROM change WHERE resource = ANY(:tables)"
    async with office.database.session() as session:
        tables = [resource.table.name for resource in BY_NAME.values()]
        count = (await session.execute(text(told), {"tables": tables})).scalar_one()
        written = set((await session.execute(text("SELECT seq FROM change"))).scalars())
        slow_rows = set((await session.execute(text("SELECT seq FROM change WHERE actor = 'slow'"))).scalars())
    assert len(copy.items) == count
    assert any(item["operation"] == "delete" for item in copy.items)
    # The control has teeth: timestamps missed what was committed late.
    assert slow_rows
    assert slow_rows <= written - usual.seen


def without_labels(record: dict[str, Any]) -> dict[str, Any]:
    """Names of other records are theirs, not this one's."""
    return {name: value for name, value in record.items() if name != "labels"}


async def test_a_transaction_longer_than_a_page_is_told_once(office: Office) -> None:
    copy = Copy(office.as_user("admin"))
    async with office.database.session(Actor("load")) as session:
        make = Maker(session, office.people.principal("admin"))
        customer = (await make("customers"))["id"]
        line = {"description": "Bearing", "quantity": "1", "unit_price": "2"}
        await copy.follow()
        for _ in range(30):
            await make("orders", customer_id=customer, lines=[line] * 3)
    new = [item for item in await copy.follow(limit=4) if item["resource"] == "orders"]
    assert [item["operation"] for item in new] == ["create"] * 30
    assert len({item["id"] for item in new}) == 30
    # Lines alone, all of them in one statement, in an order of its own.
    async with office.database.session(Actor("load")) as session:
        await session.execute(text("UPDATE order_lines SET description = 'Ball bearing'"))
        await session.execute(text("UPDATE order_lines SET quantity = 2, net_amount = 4"))
    new = await copy.follow(limit=4)
    assert [item["fields"] for item in new] == [["lines"]] * 30
    assert len({item["id"] for item in new}) == 30
    assert {row["description"] for item in new for row in item["record"]["lines"]} == {"Ball bearing"}


async def test_what_an_item_says(office: Office) -> None:
    copy = Copy(office.as_user("admin"))
    made = await office.make("customers", external_id="ERP-1", city="Lyon")
    client, path = copy.client, f"/customers/{made['id']}"
    await copy.follow()
    assert (await client.patch(path, json={"city": "Paris"})).status_code == 200
    (item,) = await copy.follow()
    assert item["record"] == (await client.get(path)).json()
    assert {name: item[name] for name in ("resource", "id", "external_id", "operation", "fields")} == {
        "resource": "customers", "id": str(made["id"]), "external_id": "ERP-1", "operation": "update",
        "fields": ["city"],
    }  # fmt: skip
    # A write that changes nothing is no change.
    assert (await client.patch(path, json={"city": "Paris"})).status_code == 200
    assert await copy.follow() == []
    assert (await client.delete(path)).status_code == 204
    (item,) = await copy.follow()
    assert item["record"] is None
    assert (item["operation"], item["external_id"], item["id"]) == ("delete", "ERP-1", str(made["id"]))


async def test_polling_costs_nothing_while_nothing_happens(office: Office) -> None:
    copy = Copy(office.as_user("director"))
    await copy.follow()
    asked = {"after": copy.cursor}
    first = await copy.client.get("/changes", params=asked)
    assert first.json() == {"items": [], "next_cursor": copy.cursor, "has_more": False}
    again = await copy.client.get("/changes", params=asked, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    await office.make("tasks")
    other = await copy.client.get("/changes", params=asked, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert len(other.json()["items"]) == 1


async def test_from_now_on(office: Office) -> None:
    await office.make("tasks")
    copy = Copy(office.as_user("admin"), cursor="latest")
    assert await copy.follow() == []
    made = await office.make("tasks")
    assert [item["id"] for item in await copy.follow()] == [str(made["id"])]


async def test_cursors_that_cannot_be_followed(office: Office) -> None:
    client = office.as_user("manager")
    cursor = (await client.get("/changes?after=latest")).json()["next_cursor"]
    assert (await client.get("/changes", params={"after": cursor})).status_code == 200
    for wrong in ("x", "e30", cursor[:-4], "W10", "WyJhIiwiYiIsMSwtMV0"):
        answer = await client.get("/changes", params={"after": wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["pointer"] == "?after"
    # Somebody joins the team: what the manager sees has changed without a change of any record.
    async with office.database.session() as session:
        move = text("UPDATE users SET team_id = :team WHERE id = :id")
        await session.execute(move, {"team": office.people.teams["north"].id, "id": office.people["stranger"].id})
    answer = await client.get("/changes", params={"after": cursor})
    assert answer.status_code == 410
    assert answer.json()["code"] == "gone"
    assert "after=latest" in answer.json()["detail"]
    # The log itself is another one, as after a restoration.
    admin = office.as_user("admin")
    cursor = (await admin.get("/changes?after=latest")).json()["next_cursor"]
    async with office.database.session() as session:
        await session.execute(text("CREATE TABLE other (LIKE change INCLUDING ALL)"))
        await session.execute(text("ALTER TABLE change RENAME TO before"))
        await session.execute(text("ALTER TABLE other RENAME TO change"))
    assert (await admin.get("/changes", params={"after": cursor})).status_code == 410


async def test_a_key_is_told_of_what_it_may_read(office: Office) -> None:
    await office.make("orders")
    key = office.as_user("admin", frozenset({"changes:read", "orders:read"}))
    copy = Copy(key)
    assert {item["resource"] for item in await copy.follow()} == {"orders"}
    assert (await key.get("/changes?resource=orders")).status_code == 200
    assert (await key.get("/changes?resource=customers")).status_code == 403
    assert (await office.as_user("admin", frozenset({"orders:read"})).get("/changes")).status_code == 403
    assert (await key.get("/changes?resource=order-lines")).status_code == 422
    one = Copy(office.as_user("admin"))
    assert {item["resource"] for item in await one.follow(resource=["customers", "teams"])} == {"customers", "teams"}


async def test_a_transaction_of_another_database_holds_nothing_back(office: Office, session: AsyncSession) -> None:
    """Numbers of transactions are the server's, the log is this database's."""
    await session.execute(text("SELECT pg_current_xact_id()"))  # open, elsewhere, until the test ends
    copy = Copy(office.as_user("admin"), cursor="latest")
    await copy.follow()
    made = await office.make("tasks")
    assert [item["id"] for item in await copy.follow()] == [str(made["id"])]
    # One of this database does hold back.
    async with office.database.session(Actor("slow")) as own:
        await own.execute(text("SELECT pg_current_xact_id()"))
        late = await office.make("tasks")
        assert await copy.follow() == []
    assert [item["id"] for item in await copy.follow()] == [str(late["id"])]
