"""A read asked before is one statement, and never a second old: whatever changes, its next answer is the usual one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.kit.db import Database
from signing import SECRET, bearer, key_for, sign_in, statements_of

WRITTEN: dict[str, str] = {
    "revoked": "UPDATE api_keys SET revoked_at = now()",
    "expired": "UPDATE api_keys SET expires_at = now()",
    "narrowed": "UPDATE api_keys SET scopes = '{kpi:read}'",
    "inactive": "UPDATE users SET is_active = false",
    "another role": "UPDATE users SET role = 'marketing' WHERE email LIKE 'rep@%'",
    "another owner": "UPDATE customers SET owner_id = (SELECT id FROM users WHERE email LIKE 'admin@%')",
    "renamed": "UPDATE customers SET name = 'Autre', version = version + 1",
    "owner renamed": "UPDATE users SET name = 'Somebody'",
    "gone": "DELETE FROM customers",
}
DUPONT = {"name": "Dupont", "city": "Lyon", "credit_limit": "1000"}
QUIET = ("etag", "content-type", "vary", "cache-control", "content-length", "www-authenticate")


@pytest.fixture
async def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that went the short way."""
    seen: list[str] = []
    fetch = Database.fetch

    async def counted(self: Database, statement: str, values: Sequence[Any]) -> Any:
        seen.append(statement)
        return await fetch(self, statement, values)

    monkeypatch.setattr(Database, "fetch", counted)
    return seen


@pytest.fixture
async def program(office: httpx.AsyncClient, bare_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A key of the rep, who has one customer."""
    assert (await sign_in(office)).status_code == 200, SECRET
    made = await key_for(office, "*:write")
    transport = httpx.ASGITransport(app=bare_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=bearer(made["key"])) as it:
        assert (await it.post("/customers", json=DUPONT)).status_code == 201
        yield it


def told(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    body = answer.content if answer.is_success else answer.json()["detail"].encode()
    return answer.status_code, body, {name: answer.headers[name] for name in QUIET if name in answer.headers}


async def paths_of(program: httpx.AsyncClient) -> list[str]:
    (item,) = (await program.get("/customers")).json()["items"]
    counted = [
        f"/customers?count=true&count_most={most}{more}" for most, more in ((1, ""), (9, ""), (9, "&city=Nowhere"))
    ]
    lists = ["/customers", "/customers?sort=city&limit=1", "/customers?city=Lyon&city=Nice", *counted]
    return [f"/customers/{item['id']}", *lists, "/orders?count=true&count_most=9"]


def pool_of(database: Database) -> AsyncEngine:
    assert isinstance(database.bind, AsyncEngine)
    return database.bind


async def test_asked_again_it_is_one_statement(
    program: httpx.AsyncClient, fresh_database: Database, fetched: list[str]
) -> None:
    for path in await paths_of(program):
        first = await program.get(path)
        del fetched[:]
        with statements_of(pool_of(fresh_database)) as usual:
            again = await program.get(path)
        assert (len(fetched), usual) == (1, []), path
        assert told(again) == told(first)
        held = {"If-None-Match": first.headers["etag"]}
        assert (await program.get(path, headers=held)).status_code == 304
    table = await program.get("/customers", headers={"Accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
async def test_whatever_changes_is_seen_by_the_next_read(
    program: httpx.AsyncClient, bare_app: FastAPI, fresh_database: Database, fetched: list[str], written: str
) -> None:
    paths = await paths_of(program)
    before = [told(await program.get(path)) for path in paths for _ in range(2)][::2]
    async with fresh_database.session() as session:
        await session.execute(text(written))
    del fetched[:]
    after = [told(await program.get(path)) for path in paths]
    assert len(fetched) == len(paths), "each was asked the short way first"
    assert after[0] != before[0]
    bare_app.state.reads.forget()
    assert [told(await program.get(path)) for path in paths] == after, "as the usual way tells it"


async def test_a_team_given_to_a_manager_is_seen_by_the_next_read(
    program: httpx.AsyncClient, fresh_database: Database, fetched: list[str]
) -> None:
    manager, other = (
        "(SELECT id FROM users WHERE email LIKE 'rep@%')",
        "(SELECT id FROM users WHERE email LIKE 'admin@%')",
    )
    steps = (
        "UPDATE users SET role = 'manager' WHERE email LIKE 'rep@%'",
        "INSERT INTO teams (id, name) VALUES (gen_random_uuid(), 'Sud')",
        f"UPDATE users SET team_id = (SELECT id FROM teams WHERE name = 'Sud') WHERE id = {other}",
        f"UPDATE customers SET owner_id = {other}",
    )
    async with fresh_database.session() as session:
        for step in steps:
            await session.execute(text(step))
    for _ in range(2):
        assert (await program.get("/customers")).json()["items"] == []
    async with fresh_database.session() as session:
        await session.execute(text(f"UPDATE teams SET manager_id = {manager} WHERE name = 'Sud'"))
    del fetched[:]
    assert len((await program.get("/customers")).json()["items"]) == 1
    assert len(fetched) == 1, "it was asked the short way first"


async def test_a_large_page_is_packed_for_who_takes_it(program: httpx.AsyncClient, fetched: list[str]) -> None:
    assert (await program.post("/customers", json={"name": "Long", "notes": "word " * 1000})).status_code == 201
    for kind, packed in (("gzip", "gzip"), ("identity", None)):
        first, again = [await program.get("/customers", headers={"accept-encoding": kind}) for _ in range(2)]
        assert told(again) == told(first)
        assert again.headers.get("content-encoding") == first.headers.get("content-encoding") == packed
        assert "Accept-Encoding" in again.headers["vary"]
    assert len(fetched) == 3


async def test_a_figure_that_still_holds_is_one_statement(
    program: httpx.AsyncClient, fresh_database: Database, fetched: list[str]
) -> None:
    path = "/kpi/ordered_amount?period=2026"
    held = {"If-None-Match": (await program.get(path)).headers["etag"]}
    del fetched[:]
    with statements_of(pool_of(fresh_database)) as usual:
        assert (await program.get(path, headers=held)).status_code == 304
    assert (len(fetched), usual) == (1, [])
    assert (await program.get(path)).status_code == 200
    assert len(fetched) == 1, "who holds no answer is not asked about it"
    customer = (await program.get("/customers")).json()["items"][0]["id"]
    lines = [{"quantity": "1", "unit_price": "10"}]
    order = {"customer_id": customer, "confirmed_on": "2026-02-03", "lines": lines}
    assert (await program.post("/orders", json=order)).status_code == 201
    assert (await program.get(path, headers=held)).json()["value"] == "10.00"
    async with fresh_database.session() as session:
        await session.execute(text("UPDATE api_keys SET revoked_at = now()"))
    assert (await program.get(path, headers=held)).status_code == 401


async def test_a_secret_opens_nothing_by_another_way(office: httpx.AsyncClient, program: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await office.get("/customers")).status_code == 200
    session = next(iter(office.cookies.values()))
    assert (await program.get("/customers", headers=bearer(session))).status_code == 401


async def test_a_connection_that_died_is_replaced_unseen(
    program: httpx.AsyncClient, fresh_database: Database, fetched: list[str]
) -> None:
    first = [told(await program.get("/customers")) for _ in range(2)]
    async with fresh_database.session() as session:
        others = "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database()"
        await session.execute(text(others + " AND pid <> pg_backend_pid()"))
    assert told(await program.get("/customers")) == first[0] == first[1]
    assert len(fetched) == 2


async def test_rows_without_a_value_come_last_and_once(program: httpx.AsyncClient) -> None:
    for number in range(4):
        body = {"name": f"C{number}"} | ({"city": f"V{number}"} if number % 2 else {})
        assert (await program.post("/customers", json=body)).status_code == 201
    for sort in ("city", "-city"):
        whole = (await program.get(f"/customers?sort={sort}")).json()["items"]
        cities = [item["city"] for item in whole]
        valued = [city for city in cities if city is not None]
        assert cities == [*valued, None, None]
        assert valued == sorted(valued, reverse=sort.startswith("-"))
        for limit in range(1, 6):
            path: str | None = f"/customers?sort={sort}&limit={limit}"
            found = []
            while path:
                pages = [(await program.get(path)).json() for _ in range(2)]
                assert pages[0] == pages[1]
                found += pages[0]["items"]
                cursor = pages[0]["next_cursor"]
                path = cursor and f"/customers?sort={sort}&limit={limit}&cursor={cursor}"
            assert found == whole


async def test_many_at_once_after_a_change(program: httpx.AsyncClient, fresh_database: Database) -> None:
    """All find that the caller is another one; the quickest forgets the read, the others need not."""
    (path, *_) = await paths_of(program)
    for _ in range(2):
        await program.get(path)
    async with fresh_database.session() as session:
        await session.execute(text("UPDATE users SET name = name || ' again'"))
    found = await asyncio.gather(*(program.get(path) for _ in range(12)))
    assert {each.status_code for each in found} == {200}
