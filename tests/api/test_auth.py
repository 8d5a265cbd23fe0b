"""Signing in and sessions: who gets in, who no longer does, and what nobody learns on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cadran.api.session import MOST_FAILURES, WINDOW
from cadran.kit import auth as secret_kit
from cadran.kit.ratelimit import Buckets
from cadran.models import Change, SignInFailure, Team, User
from cadran.models import Session as SignedIn
from factories import People
from signing import SECRET, THEIRS, Open, sign_in, statements_of

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


async def test_a_session_noted_elsewhere_is_not_noted_again(browser: Open, worker_engine: AsyncEngine) -> None:
    """Else each request of a new session, or of one that another worker noted, would cost a second transaction."""
    client = browser()
    await sign_in(client)
    noted = []
    for _ in range(3):
        with statements_of(worker_engine) as statements:
            assert (await client.get("/session")).status_code == 200
        noted.append(sum(each.startswith("UPDATE sessions") for each in statements))
    assert noted == [1, 0, 0]


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


async def test_a_new_password_from_an_admin_ends_a_lock_out(browser: Open, people: People) -> None:
    for _ in range(MOST_FAILURES):
        await sign_in(browser(), "rep", "wrong")
    assert (await sign_in(browser())).status_code == 429
    office = browser()
    await sign_in(office, "admin")
    body = {"password": "another horse battery"}
    assert (await office.post(f"/users/{people['rep'].id}/password", json=body)).status_code == 204
    assert (await sign_in(browser(), "rep", body["password"])).status_code == 200


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


async def test_a_burst_of_guesses_learns_five_answers(office: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(sign_in(office, password="wrong") for _ in range(12)))
    found = [answer.status_code for answer in answers]
    assert sorted(found) == [401] * MOST_FAILURES + [429] * (12 - MOST_FAILURES)
    assert (await sign_in(office)).status_code == 429


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
