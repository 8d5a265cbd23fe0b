"""Numbers by script: feed tokens in addresses, what they never open, and tables that are not sent twice."""

import csv
import io
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.auth import digest
from cadran.models import ApiKey, Customer
from factories import Maker, People
from signing import Open, bearer, key_for, sign_in


async def feed(browser: Open, *scopes: str, name: str = "rep", **more: Any) -> dict[str, Any]:
    client = browser()
    await sign_in(client, name)
    return await key_for(client, *scopes, kind="feed", **more)


async def test_a_feed_token_reads_by_its_address(browser: Open, session: AsyncSession) -> None:
    made = await feed(browser, "customers:read", "kpi:read")
    assert made["key"].startswith("cdr_feed_")
    assert made["expires_at"] is not None, "no feed for ever"
    stored = (await session.execute(select(ApiKey.key_hash).where(ApiKey.id == made["id"]))).scalar_one()
    assert stored == digest(made["key"])
    program = browser()
    address = f"/customers?format=csv&token={made['key']}&dialect=excel-fr"
    answer = await program.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbfid;")
    assert (await program.get(address, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    figures = await program.get(f"/kpi/average_basket?token={made['key']}")
    assert figures.status_code == 200
    assert "cdr_feed_" not in figures.text, "a link to the records must not carry the token on"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/orders", 403), ("GET", "/api-keys", 403), ("GET", "/session", 403), ("POST", "/customers", 403),
        ("PATCH", "/session", 403), ("DELETE", "/customers/018f0000-0000-7000-8000-000000000000", 403),
    ],
)  # fmt: skip
async def test_a_feed_token_opens_nothing_else(browser: Open, method: str, path: str, status: int) -> None:
    made = await feed(browser, "customers:read", name="admin")
    body = {"name": "X"} if method != "GET" else None
    answer = await browser().request(method, f"{path}?token={made['key']}", json=body)
    assert answer.status_code == status, answer.text


async def test_each_credential_in_its_place(browser: Open) -> None:
    made = await feed(browser, "customers:read")
    owner = browser()
    await sign_in(owner)
    key = (await key_for(owner, "customers:read"))["key"]
    program = browser()
    assert (await program.get("/customers", headers=bearer(made["key"]))).status_code == 401
    assert (await program.get(f"/customers?token={key}")).status_code == 401
    assert (await program.get(f"/customers?token={made['key'][:-1]}x")).status_code == 401
    assert (await program.get("/customers?token=")).status_code == 401
    assert (await owner.delete(f"/api-keys/{made['id']}")).status_code == 204
    assert (await program.get(f"/customers?token={made['key']}")).status_code == 401


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"scopes": ["customers:write"]}, "/scopes/0"), ({"scopes": ["kpi:read", "*:read"]}, "/scopes/1"),
        ({"scopes": ["api-keys:read"]}, "/scopes/0"),
        ({"scopes": ["kpi:read"], "expires_at": "2150-01-01T00:00:00Z"}, "/expires_at"),
    ],
)  # fmt: skip
async def test_what_no_feed_may_have(browser: Open, asked: dict[str, Any], pointer: str) -> None:
    client = browser()
    await sign_in(client, "admin")
    answer = await client.post("/api-keys", json={"name": "Sheet", "kind": "feed", **asked})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_feed_token_is_never_logged(browser: Open, caplog: pytest.LogCaptureFixture) -> None:
    made = await feed(browser, "customers:read")
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger="cadran"):
        await browser().get(f"/customers?token={made['key']}")
        await browser().get(f"/orders?token={made['key']}")
    logged = [record for record in caplog.records if record.name.startswith("cadran")]
    assert logged
    assert "cdr_feed_" not in "".join(record.getMessage() for record in logged)


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
async def test_tables_are_sent_again_only_when_something_changed(
    make: Maker, as_user: Callable[..., httpx.AsyncClient], people: People, session: AsyncSession, format_: str
) -> None:
    customer = await make("customers", name="=cmd|' /C calc'!A0")
    client = as_user("admin")
    for path in ("/customers", "/kpi/customer_completeness", "/kpi/customer_completeness/records"):
        address = f"{path}?format={format_}"
        first = await client.get(address)
        assert first.status_code == 200, first.text
        held = {"If-None-Match": first.headers["etag"]}
        again = await client.get(address, headers=held)
        assert (again.status_code, again.content) == (304, b""), path
        french = await client.get(address + "&dialect=excel-fr", headers=held)
        assert french.status_code == 200, "another dialect is another table"
        if format_ == "csv":
            rows = list(csv.reader(io.StringIO(french.content.decode("utf-8-sig")), delimiter=";"))
            assert not any(cell.startswith("=") for row in rows for cell in row)
    tags = [(await client.get(f"/customers?format={format_}")).headers["etag"]]
    other = as_user("manager")
    tags.append((await other.get(f"/customers?format={format_}")).headers["etag"])
    row = await session.get_one(Customer, customer["id"])
    row.name = "Dupont"
    await session.flush()
    tags.append((await client.get(f"/customers?format={format_}")).headers["etag"])
    await session.delete(row)
    await session.flush()
    tags.append((await client.get(f"/customers?format={format_}")).headers["etag"])
    assert len(set(tags)) == 4
