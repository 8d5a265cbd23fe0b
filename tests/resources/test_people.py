"""Business units, teams, users and API keys: who works here, and what lets them in."""

import hashlib
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import ApiKey, Change, IdempotencyKey, User
from cadran.models import Session as SignedIn
from factories import Maker, People

ANY = {"If-Match": "*"}
SECRET = "correct horse battery"


@pytest.fixture
def admin(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("admin")
    return client


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def pointers(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    return [error["pointer"] for error in response.json()["errors"]]


async def test_only_admins_write_the_organisation(as_user: Any) -> None:
    for name in ("rep", "manager", "director", "marketing"):
        client = as_user(name)
        for path in ("business-units", "teams"):
            assert len(ok(await client.get(f"/{path}"))["items"]) == 2
            assert (await client.post(f"/{path}", json={"name": "New"})).status_code == 403
        body = {"name": "New", "email": "new@durand.test", "role": "rep"}
        assert (await client.post("/users", json=body)).status_code == 403


async def test_a_team_is_led_by_a_user(admin: httpx.AsyncClient, people: People) -> None:
    manager = str(people["manager"].id)
    team = ok(await admin.post("/teams", json={"name": "Export", "manager_id": manager}), 201)
    assert team["labels"]["manager_id"] == "Manager"
    unknown = {"name": "Export", "manager_id": str(people.teams["north"].id)}
    assert pointers(await admin.post("/teams", json=unknown)) == ["/manager_id"]


async def test_what_is_referred_to_is_not_deleted(admin: httpx.AsyncClient, make: Maker, people: People) -> None:
    lonely = await make("teams")
    await make("targets", scope_kind="team", scope_id=str(lonely["id"]))
    led = await make("users", team_id=None)
    await make("teams", manager_id=str(led["id"]))
    for path in (
        f"/teams/{lonely['id']}",  # has a target
        f"/users/{led['id']}",  # leads a team
        f"/users/{people['rep'].id}",
        f"/teams/{people.teams['north'].id}",
        f"/business-units/{people.units['east'].id}",
    ):
        if "north" not in path and str(people["rep"].id) in path:
            await make("customers", owner_id=str(people["rep"].id))
        answer = await admin.delete(path, headers=ANY)
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use"), path
    spare = await make("users")
    assert (await admin.delete(f"/users/{spare['id']}", headers=ANY)).status_code == 204


async def test_an_e_mail_is_one_user_whatever_its_case(admin: httpx.AsyncClient) -> None:
    body = {"name": "New", "email": "New.User@Durand.test", "role": "rep"}
    assert ok(await admin.post("/users", json=body), 201)["email"] == "new.user@durand.test"
    again = await admin.post("/users", json=body | {"email": "NEW.USER@durand.test"})
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


async def test_passwords_are_hashed_and_never_shown(admin: httpx.AsyncClient, session: AsyncSession) -> None:
    body = {"name": "New", "email": "new@durand.test", "role": "rep", "password": SECRET}
    answer = await admin.post("/users", json=body)
    user = ok(answer, 201)
    assert SECRET not in answer.text
    assert not {"password", "password_hash"} & set(user)
    assert pointers(await admin.post("/users", json=body | {"password": "too short"})) == ["/password"]
    stored = await session.scalar(select(User.password_hash).where(User.id == user["id"]))
    assert stored is not None
    assert SECRET not in stored
    assert pointers(await admin.patch(f"/users/{user['id']}", json={"password": SECRET}, headers=ANY)) == ["/password"]
    logged = await session.scalars(select(Change.after).where(Change.resource == "users"))
    assert all("password_hash" not in (after or {}) for after in logged)


async def test_a_new_password_ends_the_sessions(
    admin: httpx.AsyncClient, as_user: Any, people: People, session: AsyncSession
) -> None:
    rep = people["rep"]
    session.add(SignedIn(token_hash=b"somewhere", user_id=rep.id))
    await session.flush()
    place = f"/users/{rep.id}/password"
    assert (await as_user("director").post(place, json={"password": SECRET})).status_code == 403
    assert (await admin.post(place, json={"password": SECRET})).status_code == 204
    assert await session.scalar(select(SignedIn.user_id).where(SignedIn.user_id == rep.id)) is None
    first = await session.scalar(select(User.password_hash).where(User.id == rep.id))
    assert (await admin.post(place, json={"password": SECRET + "!"})).status_code == 204
    second = await session.scalar(select(User.password_hash).where(User.id == rep.id))
    assert first != second
    assert first is not None


async def test_who_is_made_inactive_is_signed_out(
    admin: httpx.AsyncClient, people: People, session: AsyncSession
) -> None:
    rep = people["rep"]
    session.add(SignedIn(token_hash=b"somewhere", user_id=rep.id))
    await session.flush()
    ok(await admin.patch(f"/users/{rep.id}", json={"phone": "+33123456789"}, headers=ANY))
    assert await session.scalar(select(SignedIn.user_id).where(SignedIn.user_id == rep.id)) == rep.id
    ok(await admin.patch(f"/users/{rep.id}", json={"is_active": False}, headers=ANY))
    assert await session.scalar(select(SignedIn.user_id).where(SignedIn.user_id == rep.id)) is None


async def test_there_is_always_an_active_admin(admin: httpx.AsyncClient, people: People) -> None:
    place = f"/users/{people['admin'].id}"
    for body in ({"role": "director"}, {"is_active": False}):
        assert (await admin.patch(place, json=body, headers=ANY)).status_code == 409
    assert (await admin.delete(place, headers=ANY)).status_code == 409
    ok(await admin.patch(place, json={"name": "Still there"}, headers=ANY))
    second = {"name": "Second", "email": "second@durand.test", "role": "admin"}
    other = ok(await admin.post("/users", json=second | {"is_active": False}), 201)
    assert (await admin.patch(place, json={"role": "director"}, headers=ANY)).status_code == 409
    ok(await admin.patch(f"/users/{other['id']}", json={"is_active": True}, headers=ANY))
    ok(await admin.patch(place, json={"role": "director"}, headers=ANY))


async def test_a_key_is_shown_once(as_user: Any, session: AsyncSession, people: People) -> None:
    rep = as_user("rep")
    body = {"name": "Spreadsheet", "scopes": ["kpi:read", "orders:read", "kpi:read"]}
    answer = await rep.post("/api-keys", json=body, headers={"Idempotency-Key": "a"})
    made = ok(answer, 201)
    assert made["key"].startswith(made["prefix"])
    assert (made["scopes"], made["user_id"]) == (["kpi:read", "orders:read"], str(people["rep"].id))
    stored = await session.scalar(select(ApiKey.key_hash).where(ApiKey.id == made["id"]))
    assert stored == hashlib.sha256(made["key"].encode()).digest()
    seen = await rep.get(f"/api-keys/{made['id']}")
    assert ok(seen) == {name: value for name, value in made.items() if name != "key"}
    assert ok(await rep.get("/api-keys"))["items"] == [seen.json()]
    # A retry learns that it was made, not the secret, which is kept nowhere.
    assert ok(await rep.post("/api-keys", json=body, headers={"Idempotency-Key": "a"}), 201) == made | {"key": None}
    kept = (await session.scalars(select(IdempotencyKey.body))).all()
    logged = (await session.scalars(select(Change.after).where(Change.resource == "api_keys"))).all()
    assert kept
    assert logged
    assert made["key"] not in f"{kept}{logged}"
    assert all("key_hash" not in (after or {}) for after in logged)


async def test_keys_are_their_makers_and_the_admins(as_user: Any, admin: httpx.AsyncClient) -> None:
    rep = as_user("rep")
    made = ok(await rep.post("/api-keys", json={"name": "Mine", "scopes": ["*:read"]}), 201)
    place = f"/api-keys/{made['id']}"
    for name in ("colleague", "manager", "director"):
        assert (await as_user(name).get(place)).status_code == 404
        assert (await as_user(name).delete(place)).status_code == 404
    assert ok(await admin.get(place))["revoked_at"] is None
    assert (await admin.delete(place)).status_code == 204
    revoked = ok(await rep.get(place))
    assert revoked["revoked_at"] is not None
    assert (await rep.delete(place)).status_code == 204
    assert ok(await rep.get(place)) == revoked


async def test_a_key_asks_for_scopes_that_exist_and_makes_no_key(as_user: Any) -> None:
    rep = as_user("rep")
    for scope in ("orders", "orders:delete", "nothing:read", "order-lines:read", "kpi:write", ""):
        assert pointers(await rep.post("/api-keys", json={"name": "X", "scopes": [scope]})) == ["/scopes/0"]
    assert pointers(await rep.post("/api-keys", json={"name": "X", "scopes": []})) == ["/scopes"]
    past = {"name": "X", "scopes": ["*:read"], "expires_at": "2020-01-01T00:00:00Z"}
    assert pointers(await rep.post("/api-keys", json=past)) == ["/expires_at"]
    script = as_user("admin", scopes=frozenset({"*:write"}))
    assert (await script.post("/api-keys", json={"name": "X", "scopes": ["*:read"]})).status_code == 403


async def test_a_move_to_another_team_rewrites_nothing(admin: httpx.AsyncClient, make: Maker, people: People) -> None:
    rep = str(people["rep"].id)
    customer = await make("customers", owner_id=rep)
    before = await make("orders", customer_id=str(customer["id"]))
    assert before["team_id"] == people.teams["north"].id
    body = {"team_id": str(people.teams["south"].id)}
    ok(await admin.patch(f"/users/{rep}", json=body, headers=ANY))
    seen = ok(await admin.get(f"/orders/{before['id']}"))
    assert (seen["rep_id"], seen["team_id"]) == (rep, str(people.teams["north"].id))
    assert seen["business_unit_id"] == str(people.units["east"].id)
    after = await make("orders", customer_id=str(customer["id"]))
    assert after["team_id"] == people.teams["south"].id
