"""API keys: what they open, for how long, and what they never tell."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cadran.api import auth
from cadran.kit import auth as secret_kit
from cadran.models import ApiKey, Change, User
from factories import People
from signing import SECRET, Open, basic, bearer, key_for, sign_in, statements_of


@pytest.mark.parametrize("spelled", [bearer, basic], ids=["bearer", "basic"])
async def test_a_key_is_sent_as_bearer_or_as_a_password(
    browser: Open, people: People, spelled: Callable[[str], dict[str, str]]
) -> None:
    client = browser()
    await sign_in(client, "admin")
    made = await key_for(client, "teams:write", "kpi:read")
    program = browser()
    del program.headers["Sec-Fetch-Site"]
    seen = await program.get("/session", headers=spelled(made["key"]))
    assert seen.status_code == 200, seen.text
    assert (seen.json()["user"]["id"], seen.json()["scopes"]) == (
        str(people["admin"].id), ["kpi:read", "teams:write"],
    )  # fmt: skip
    # No cookie, so nothing another site could forge: programs need no Origin.
    created = await program.post("/teams", json={"name": "West"}, headers=spelled(made["key"]))
    assert created.status_code == 201
    assert (await program.get("/orders", headers=spelled(made["key"]))).status_code == 403
    for path in ("/session", "/session/password"):
        method = "PATCH" if path == "/session" else "POST"
        body = {"language": "en"} if path == "/session" else {"current": SECRET, "new": SECRET}
        answer = await program.request(method, path, json=body, headers=spelled(made["key"]))
        assert answer.status_code == 403, "a key is no person"


async def test_a_key_writes_under_its_name(browser: Open, people: People, session: AsyncSession) -> None:
    client = browser()
    await sign_in(client, "admin")
    made = await key_for(client, "*:write")
    answer = await client.post("/teams", json={"name": "West"}, headers=bearer(made["key"]))
    where = Change.record_id == answer.json()["id"]
    written = (await session.execute(select(Change.actor, Change.actor_id, Change.request_id).where(where))).one()
    assert tuple(written) == ("key:Spreadsheet", people["admin"].id, answer.headers["x-request-id"])


async def test_a_revoked_key_stops_at_once(browser: Open) -> None:
    client = browser()
    await sign_in(client)
    made = await key_for(client, "*:read")
    program = browser(**bearer(made["key"]))
    assert (await program.get("/customers")).status_code == 200
    assert (await client.delete(f"/api-keys/{made['id']}")).status_code == 204
    answer = await program.get("/customers")
    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]


async def test_a_key_ends_with_its_day_and_with_its_maker(browser: Open, people: People, session: AsyncSession) -> None:
    client = browser()
    await sign_in(client)
    made = await key_for(client, "*:read", expires_at="2199-01-01T00:00:00Z")
    program = browser(**bearer(made["key"]))
    assert (await program.get("/customers")).status_code == 200
    await session.execute(update(ApiKey).values(expires_at=func.now()))
    assert (await program.get("/customers")).status_code == 401
    await session.execute(update(ApiKey).values(expires_at=None))
    await session.execute(update(User).where(User.id == people["rep"].id).values(is_active=False))
    assert (await program.get("/customers")).status_code == 401


async def test_a_key_is_never_more_than_its_maker(browser: Open, people: People, session: AsyncSession) -> None:
    client = browser()
    await sign_in(client, "admin")
    made = await key_for(client, "*:write")
    program = browser(**bearer(made["key"]))
    assert (await program.post("/teams", json={"name": "West"})).status_code == 201
    await session.execute(update(User).where(User.id == people["admin"].id).values(role="rep"))
    assert (await program.post("/teams", json={"name": "East"})).status_code == 403


async def test_a_typing_error_asks_nothing_of_the_database(browser: Open, worker_engine: AsyncEngine) -> None:
    key, _, _ = secret_kit.new_api_key()
    assert secret_kit.well_formed(key)
    client = browser()
    swapped = key[:20] + key[21] + key[20] + key[22:] if key[20] != key[21] else key[:-1]
    with statements_of(worker_engine) as statements:
        for wrong in (key[:-1], key + "0", swapped, "cdr_live_", "secret", "", "é" * 45):
            sent = {"Authorization": b"Bearer " + wrong.encode()}
            answer = await client.get("/customers", headers=sent)  # type: ignore[arg-type]
            assert answer.status_code == 401, wrong
            assert wrong == "" or wrong not in answer.text
        assert statements == []
        assert (await client.get("/customers", headers=bearer(key))).json()["detail"] == "This API key is unknown."
        assert statements


@pytest.mark.parametrize(
    "header", ["Basic", "Basic é", "Basic %%%", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Digest x", "x", ""]
)
async def test_authorization_nobody_can_read(browser: Open, header: str) -> None:
    client = browser()
    await sign_in(client)
    answer = await client.get("/customers", headers={"Authorization": header.encode()})  # type: ignore[dict-item]
    assert answer.status_code == 401, "and the cookie beside it counts for nothing"


async def test_a_browser_is_not_asked_for_basic(browser: Open) -> None:
    assert (await browser().get("/customers")).headers["www-authenticate"] == 'Bearer realm="Cadran"'
    program = browser()
    del program.headers["Sec-Fetch-Site"]
    assert "Basic" in (await program.get("/customers")).headers["www-authenticate"]


async def test_the_last_use_is_noted_outside_the_log(browser: Open, app: FastAPI, session: AsyncSession) -> None:
    client = browser()
    await sign_in(client)
    made = await key_for(client, "orders:read")
    logged = select(func.count()).select_from(Change)
    before = await session.scalar(logged)

    async def stamped() -> Any:
        columns = (ApiKey.last_used_at, ApiKey.version, ApiKey.updated_at)
        return (await session.execute(select(*columns).where(ApiKey.id == made["id"]))).one()

    async def asked(path: str = "/orders") -> int:
        return (await client.get(path, headers=bearer(made["key"]))).status_code

    first = await stamped()
    assert first.last_used_at is None
    assert await asked("/customers") == 403, "a refused request is a use as well"
    used = await stamped()
    assert used.last_used_at is not None
    assert (used.version, used.updated_at) == (first.version, first.updated_at)
    await session.execute(update(ApiKey).values(last_used_at=func.now() - timedelta(hours=1)))
    earlier = (await stamped()).last_used_at
    assert await asked() == 200
    assert (await stamped()).last_used_at == earlier, "once a minute is enough"
    app.state.noted = {}
    assert await asked() == 200
    assert (await stamped()).last_used_at == used.last_used_at
    assert await session.scalar(logged) == before


async def test_a_key_in_use_can_be_revoked_meanwhile(office: httpx.AsyncClient, bare_app: FastAPI) -> None:
    """The request's own transaction holds no lock on the key."""
    await sign_in(office)
    made = await key_for(office, "*:read")
    reached, proceed = asyncio.Event(), asyncio.Event()
    lookup: Callable[..., Awaitable[Any]] = auth.authenticate

    async def slow(request: Any, session: Any) -> Any:
        who = await lookup(request, session)
        if who.key_id is not None:
            reached.set()
            await proceed.wait()
        return who

    bare_app.state.authenticate = slow
    running = asyncio.create_task(office.get("/customers", headers=bearer(made["key"])))
    await reached.wait()
    async with asyncio.timeout(1):
        assert (await office.delete(f"/api-keys/{made['id']}")).status_code == 204
    proceed.set()
    assert (await running).status_code == 200
    assert (await office.get("/customers", headers=bearer(made["key"]))).status_code == 401
