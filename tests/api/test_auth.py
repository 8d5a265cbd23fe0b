"""Signing in, sessions and API keys: who gets in, who no longer does, and what nobody learns on the way."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cadran.api import auth
from cadran.api.session import MOST_FAILURES, WINDOW
from cadran.kit import auth as secret_kit
from cadran.kit.db import Database
from cadran.kit.ratelimit import Buckets
from cadran.models import ApiKey, Change, SignInFailure, Team, User
from cadran.models import Session as SignedIn
from factories import People, hire

SECRET = "correct horse battery"
OURS = {"Sec-Fetch-Site": "same-origin"}
THEIRS = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
Open = Callable[..., httpx.AsyncClient]


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are what is tested here, not the cost; one test below looks at the cost."""
    monkeypatch.setattr(
        secret_kit, "_passwords", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    )
    secret_kit._nobody.cache_clear()


def real(app: FastAPI) -> FastAPI:
    app.state.authenticate = auth.authenticate
    app.state.noted = {}
    app.state.sign_in_failures = Buckets(1000, WINDOW.total_seconds())
    return app


@pytest.fixture
async def browser(app: FastAPI, people: People, session: AsyncSession) -> AsyncIterator[Open]:
    """``browser()``: a client of the application as it is, with its own cookies; everyone's password is SECRET."""
    real(app)
    await session.execute(update(User).values(password_hash=await secret_kit.hash_password(SECRET)))
    opened: list[httpx.AsyncClient] = []

    def another(base: str = "http://testserver", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        opened.append(httpx.AsyncClient(transport=transport, base_url=base, headers={**OURS, **headers}))
        return opened[-1]

    yield another
    for each in opened:
        await each.aclose()


async def sign_in(client: httpx.AsyncClient, name: str = "rep", password: str = SECRET) -> httpx.Response:
    return await client.post("/session", json={"email": f"{name}@durand.test", "password": password})


async def key_for(client: httpx.AsyncClient, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api-keys", json={"name": "Spreadsheet", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(key: str, user: str = "anyone") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


@contextmanager
def statements_of(bind: AsyncEngine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def listen(*given: Any) -> None:
        seen.append(given[2])

    event.listen(bind.sync_engine, "before_cursor_execute", listen)
    yield seen
    event.remove(bind.sync_engine, "before_cursor_execute", listen)


# Signing in


async def test_sign_in_says_who_one_is(browser: Open, people: People) -> None:
    client = browser()
    assert (await client.get("/session")).status_code == 401
    answer = await sign_in(client, "manager")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    seen = answer.json()
    assert seen["user"]["id"] == str(people["manager"].id)
    assert (seen["user"]["role"], seen["user"]["team"]) == ("manager", "North")
    assert seen["user"]["teams_led"] == [str(people.teams["north"].id)]
    assert (seen["company"]["time_zone"], seen["company"]["currency"]) == ("Europe/Paris", "EUR")
    assert (seen["sees_amounts"], seen["sees_all"], seen["scopes"]) == (True, False, None)
    again = await client.get("/session")
    assert again.json() == seen
    assert (await client.get("/session", headers={"If-None-Match": again.headers["etag"]})).status_code == 304
    assert (await client.get("/customers")).status_code == 200


async def test_an_e_mail_is_typed_in_any_case(browser: Open) -> None:
    body = {"email": "  Rep@Durand.TEST ", "password": SECRET}
    assert (await browser().post("/session", json=body)).status_code == 200


async def test_a_password_has_one_spelling(browser: Open, people: People, session: AsyncSession) -> None:
    decomposed, composed = "une cle\u0301 du Mac", "une cl\u00e9 du Mac"
    hashed = await secret_kit.hash_password(decomposed)
    await session.execute(update(User).where(User.id == people["rep"].id).values(password_hash=hashed))
    assert (await sign_in(browser(), password=composed)).status_code == 200


async def test_the_cookie_is_out_of_reach(browser: Open, app: FastAPI) -> None:
    plain = (await sign_in(browser())).headers["set-cookie"]
    assert plain.startswith("cadran=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(plain.split("; "))
    assert not {"Secure", "Domain"} & {part.partition("=")[0] for part in plain.split("; ")}
    secured = (await sign_in(browser("https://testserver"))).headers["set-cookie"]
    assert secured.startswith("__Host-cadran=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(secured.split("; "))
    assert "domain" not in secured.lower()


async def test_behind_a_proxy_cookies_are_declared_secure(
    browser: Open, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.settings, "secure_cookies", True)
    answer = await sign_in(browser())
    assert answer.headers["set-cookie"].startswith("__Host-cadran=")
    assert "Secure" in answer.headers["set-cookie"]
    token = answer.cookies["__Host-cadran"]
    # The unprotected name is then worth nothing: a neighbouring host could have set it.
    assert (await browser().get("/session", headers={"Cookie": f"cadran={token}"})).status_code == 401
    assert (await browser().get("/session", headers={"Cookie": f"__Host-cadran={token}"})).status_code == 200


async def test_only_the_hash_of_a_token_is_stored(browser: Open, session: AsyncSession) -> None:
    token = (await sign_in(browser())).cookies["cadran"]
    stored = (await session.scalars(select(SignedIn.token_hash))).all()
    assert stored == [secret_kit.digest(token)]
    assert (await browser().get("/session", headers={"Cookie": f"cadran={stored[0].hex()}"})).status_code == 401


async def test_a_sign_in_changes_the_token(browser: Open, session: AsyncSession) -> None:
    client = browser()
    first = (await sign_in(client)).cookies["cadran"]
    second = (await sign_in(client)).cookies["cadran"]
    assert first != second
    assert (await browser().get("/session", headers={"Cookie": f"cadran={first}"})).status_code == 401
    assert (await client.get("/session")).status_code == 200
    planted = browser()  # a token somebody else made up is not taken over
    planted.cookies.set("cadran", "planted")
    assert (await sign_in(planted)).cookies["cadran"] != "planted"


async def test_a_session_ends_when_idle_or_old(browser: Open, session: AsyncSession) -> None:
    async def age(**columns: timedelta) -> None:
        moved = {name: func.now() - value for name, value in columns.items()}
        await session.execute(update(SignedIn).values(moved))

    client = browser()
    await sign_in(client)
    await age(last_seen_at=timedelta(hours=7, minutes=59))
    assert (await client.get("/session")).status_code == 200
    assert await session.scalar(select(SignedIn.last_seen_at == func.now())), "use keeps it alive"
    client._transport.app.state.noted = {}  # type: ignore[attr-defined]
    await age(last_seen_at=timedelta(hours=8, minutes=1))
    answer = await client.get("/session")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert not await session.scalar(select(SignedIn.last_seen_at == func.now())), "the dead are not revived"
    await age(last_seen_at=timedelta(0), created_at=timedelta(days=31))
    assert (await client.get("/session")).status_code == 401
    await age(last_seen_at=timedelta(hours=9))
    await sign_in(browser())
    assert len((await session.scalars(select(SignedIn.token_hash))).all()) == 1, "unused sessions are cleared away"


async def test_use_is_noted_once_a_minute(browser: Open, session: AsyncSession) -> None:
    client = browser()
    await sign_in(client)
    before = func.now() - timedelta(seconds=50)
    await session.execute(update(SignedIn).values(last_seen_at=before))
    await client.get("/session")
    assert await session.scalar(select(SignedIn.last_seen_at == before))


async def test_signing_out_ends_it(browser: Open, session: AsyncSession) -> None:
    client = browser()
    token = (await sign_in(client)).cookies["cadran"]
    answer = await client.delete("/session")
    assert answer.status_code == 204
    assert 'cadran=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await browser().get("/session", headers={"Cookie": f"cadran={token}"})).status_code == 401
    # Once more, and without a session: what was wanted is so.
    assert (await browser().delete("/session", headers={"Cookie": f"cadran={token}"})).status_code == 204


async def test_who_is_disabled_is_out(browser: Open, people: People, session: AsyncSession) -> None:
    client = browser()
    await sign_in(client)
    await session.execute(update(User).where(User.id == people["rep"].id).values(is_active=False))
    assert (await client.get("/session")).status_code == 401
    refused = await sign_in(browser())
    assert refused.status_code == 401
    assert refused.json()["detail"] == (await sign_in(browser(), "nobody")).json()["detail"]


async def test_a_role_taken_away_is_gone_with_the_next_request(
    browser: Open, people: People, session: AsyncSession
) -> None:
    client = browser()
    await sign_in(client, "admin")
    assert (await client.post("/teams", json={"name": "West"})).status_code == 201
    await session.execute(update(User).where(User.id == people["admin"].id).values(role="rep"))
    assert (await client.post("/teams", json={"name": "East"})).status_code == 403


async def test_a_manager_has_the_teams_led_and_the_own_one(
    browser: Open, people: People, session: AsyncSession
) -> None:
    led = {people.teams["north"].id, people.teams["south"].id}
    await session.execute(update(Team).values(manager_id=people["manager"].id))
    answer = await sign_in(browser(), "manager")
    assert set(answer.json()["user"]["teams_led"]) == {str(team) for team in led}
    assert (await sign_in(browser(), "rep")).json()["user"]["teams_led"] == []


# What a refusal tells, and how often one may try


async def test_a_refusal_does_the_same_for_anyone(
    browser: Open, people: People, session: AsyncSession, worker_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.execute(update(User).where(User.id == people["colleague"].id).values(password_hash=None))
    await session.execute(update(User).where(User.id == people["stranger"].id).values(is_active=False))
    hashed: list[str] = []
    verify = secret_kit._passwords.verify

    def counted(password: Any, stored: Any) -> bool:
        hashed.append(str(stored).rpartition("$")[0].rpartition("$")[0])  # the parameters
        return verify(password, stored)

    monkeypatch.setattr(secret_kit._passwords, "verify", counted)
    seen = []
    for name in ("rep", "nobody", "colleague", "stranger"):  # wrong password; unknown; without password; disabled
        hashed.clear()
        with statements_of(worker_engine) as statements:
            answer = await sign_in(browser(), name, "wrong password")
        body = {key: value for key, value in answer.json().items() if key != "request_id"}
        headers = {key: value for key, value in answer.headers.items() if key != "x-request-id"}
        without_names = [line for line in statements if "SAVEPOINT" not in line]
        seen.append((answer.status_code, body, headers, list(hashed), without_names))
    assert seen[0][0] == 401
    assert len(seen[0][3]) == 1
    assert all(each == seen[0] for each in seen)


async def test_five_failures_lock_an_e_mail_out(browser: Open, session: AsyncSession) -> None:
    for name in ("rep", "nobody"):
        for _ in range(MOST_FAILURES):
            assert (await sign_in(browser(), name, "wrong")).status_code == 401
        answer = await sign_in(browser(), name)  # now even the right password
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert 1 <= int(answer.headers["retry-after"]) <= WINDOW.total_seconds() + 1
    assert (await sign_in(browser(), "colleague")).status_code == 200
    await session.execute(update(SignInFailure).values(at=func.now() - timedelta(minutes=16)))
    assert (await sign_in(browser())).status_code == 200
    assert not (await session.scalars(select(SignInFailure).where(SignInFailure.email == "rep@durand.test"))).all()


async def test_a_success_forgets_the_failures(browser: Open) -> None:
    for _ in range(2):
        for _ in range(MOST_FAILURES - 1):
            assert (await sign_in(browser(), password="wrong")).status_code == 401
        assert (await sign_in(browser())).status_code == 200


async def test_an_address_that_tries_many_is_slowed_down(browser: Open, app: FastAPI) -> None:
    app.state.sign_in_failures = Buckets(3, WINDOW.total_seconds())
    for name in ("a", "b", "c"):
        assert (await sign_in(browser(), name, "wrong")).status_code == 401
    answer = await sign_in(browser())
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= WINDOW.total_seconds()


@pytest.fixture
async def office(fresh_database: Database, bare_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application on a database with real commits and connections, the rep's password being SECRET."""
    async with fresh_database.session() as session:
        people = await hire(session)
        people["rep"].password_hash = await secret_kit.hash_password(SECRET)
    kept = (bare_app.state.database, bare_app.state.authenticate)
    bare_app.state.database = fresh_database
    real(bare_app)
    transport = httpx.ASGITransport(app=bare_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=OURS) as client:
        yield client
    bare_app.state.database, bare_app.state.authenticate = kept


async def test_a_burst_of_guesses_learns_five_answers(office: httpx.AsyncClient) -> None:
    guesses = ["wrong"] * 11 + [SECRET]
    answers = await asyncio.gather(*(sign_in(office, password=guess) for guess in guesses))
    found = sorted(answer.status_code for answer in answers)
    assert found.count(401) <= MOST_FAILURES
    assert found.count(401) + found.count(429) + found.count(200) == len(guesses)
    assert found.count(401) == MOST_FAILURES or found.count(200) == 1


async def test_twenty_sign_in_at_once(office: httpx.AsyncClient) -> None:
    """More than the pool has connections: none is held while a password waits for its turn."""
    answers = await asyncio.gather(*(sign_in(office) for _ in range(20)), office.get("/readyz"))
    assert [answer.status_code for answer in answers] == [200] * 21


async def test_a_queue_too_long_is_told_to_come_back(browser: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_kit, "PATIENCE", 0.02)
    turns = secret_kit._turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(2))
    async with turns, turns:
        answer = await sign_in(browser())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert (await sign_in(browser())).status_code == 200


async def test_passwords_cost_what_they_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    hashed = await secret_kit.hash_password(SECRET)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await secret_kit.verify_password(SECRET, hashed)
    assert not await secret_kit.verify_password(SECRET + "x", hashed)
    assert not await secret_kit.verify_password(SECRET, None)


# Requests forged by other sites


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://testserver"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "http://testserver.evil.example"}, False),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
    ],
)
async def test_a_cookie_alone_writes_nothing(browser: Open, headers: dict[str, str], passes: bool) -> None:
    signed = browser()
    token = (await sign_in(signed, "admin")).cookies["cadran"]
    client = browser()
    del client.headers["Sec-Fetch-Site"]
    sent = {"Cookie": f"cadran={token}", **headers}
    answer = await client.post("/teams", json={"name": "West"}, headers=sent)
    assert answer.status_code == (201 if passes else 403), answer.text
    assert (await client.get("/teams", headers=sent)).status_code == 200, "reading needs no such sign"
    assert (await client.delete("/session", headers=sent)).status_code == (204 if passes else 403)
    assert (await signed.get("/session")).status_code == (401 if passes else 200)


async def test_other_sites_do_not_sign_one_in_but_programs_may(browser: Open) -> None:
    assert (await browser(**THEIRS).post("/session", json={})).status_code == 422  # the body is read first
    refused = await sign_in(browser(**THEIRS))
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    program = browser()
    del program.headers["Sec-Fetch-Site"]
    assert (await sign_in(program)).status_code == 200


async def test_a_page_built_elsewhere_may_be_allowed(
    browser: Open, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.settings, "allowed_origins", "https://sales.example")
    client = browser()
    await sign_in(client, "admin")
    sent = {"Origin": "https://sales.example", "Sec-Fetch-Site": "cross-site"}
    assert (await client.post("/teams", json={"name": "West"}, headers=sent)).status_code == 201


# One's own password and language


async def test_one_changes_ones_own_password(browser: Open, session: AsyncSession) -> None:
    here, elsewhere = browser(), browser()
    await sign_in(here)
    await sign_in(elsewhere)
    new = "another horse battery"
    wrong = await here.post("/session/password", json={"current": "wrong", "new": new})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/current"
    short = await here.post("/session/password", json={"current": SECRET, "new": "short"})
    assert short.json()["errors"][0]["pointer"] == "/new"
    assert (await here.post("/session/password", json={"current": SECRET, "new": new})).status_code == 204
    assert (await here.get("/session")).status_code == 200
    assert (await elsewhere.get("/session")).status_code == 401
    assert (await sign_in(browser())).status_code == 401
    assert (await sign_in(browser(), password=new)).status_code == 200


async def test_a_stolen_session_does_not_guess_the_password(browser: Open) -> None:
    client = browser()
    await sign_in(client)
    body = {"current": "wrong", "new": "another horse battery"}
    for _ in range(MOST_FAILURES):
        assert (await client.post("/session/password", json=body)).status_code == 422
    assert (await client.post("/session/password", json=body | {"current": SECRET})).status_code == 429


async def test_one_chooses_ones_language(browser: Open, people: People, session: AsyncSession) -> None:
    client = browser()
    assert (await sign_in(client)).json()["user"]["language"] == "fr"
    answer = await client.patch("/session", json={"language": "en"})
    assert answer.json()["user"]["language"] == "en"
    assert (await client.get("/session")).json() == answer.json()
    logged = select(Change.actor, Change.actor_id, Change.request_id).where(Change.record_id == people["rep"].id)
    written = (await session.execute(logged.where(Change.operation == "update").order_by(Change.seq.desc()))).first()
    assert written is not None
    assert tuple(written) == ("rep@durand.test", people["rep"].id, answer.headers["x-request-id"])


# API keys


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
