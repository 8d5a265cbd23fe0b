"""Who may what, every cell: operations × those who ask × whose the record is. A route that is not listed here fails.

Each refused request must leave every row of every table as it was; each allowed one must succeed, and is undone.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.api import auth
from cadran.kit import auth as secret_kit
from cadran.kit.db import Actor, Database, engine
from cadran.models import User
from cadran.resources.registry import BY_NAME, RESOURCES
from conftest import PATIENT, clone, drop
from factories import Maker
from rights_world import (
    CHIEF,
    COMMERCIAL,
    EVERYONE,
    MARKETING,
    OF_A_PERSON,
    OFFICE,
    PERSON,
    PUBLIC,
    SHARED,
    WRITERS,
    Asker,
    Caller,
    World,
    build,
    sees,
)

OK = frozenset(range(200, 300))
PASSWORD = "correct horse battery"
Bodies = Callable[[World, str], Any]


@dataclass(frozen=True)
class Cell:
    asker: Asker
    method: str
    path: str
    body: Any
    expected: frozenset[int]

    def judge(self, status: int, answer: Any) -> None:
        where = f"{self.asker.name}: {self.method} {self.path} -> {status}, not {sorted(self.expected)[:3]}: {answer}"
        assert status in self.expected, where


# The world, once; each test in a transaction rolled back


@pytest.fixture(scope="module")
async def cheap() -> AsyncIterator[None]:
    """What a password costs is not the matter here."""
    kept, secret_kit._passwords = secret_kit._passwords, PasswordHash((Argon2Hasher(1, 8, 1),))
    secret_kit._nobody.cache_clear()
    yield
    secret_kit._passwords = kept
    secret_kit._nobody.cache_clear()


@pytest.fixture(scope="module")
async def place(server_url: str) -> AsyncIterator[AsyncEngine]:
    url = await clone(server_url)
    bind = engine(url, 2, **PATIENT)
    yield bind
    await bind.dispose()
    await drop(url)


@pytest.fixture(scope="module")
async def world(place: AsyncEngine, cheap: None) -> World:
    database = Database(place)
    built = await build(database)
    async with database.session() as session:
        await session.execute(update(User).values(password_hash=await secret_kit.hash_password(PASSWORD)))
    return built


@pytest.fixture
async def ask(place: AsyncEngine, bare_app: FastAPI, world: World) -> AsyncIterator[Caller]:
    kept = (bare_app.state.database, bare_app.state.authenticate, bare_app.state.noted)
    async with place.connect() as connection:
        outer = await connection.begin()
        bare_app.state.database = Database(connection)
        bare_app.state.authenticate = auth.authenticate
        bare_app.state.noted = dict(world.noted)
        yield Caller(bare_app, connection)
        await outer.rollback()
    bare_app.state.database, bare_app.state.authenticate, bare_app.state.noted = kept


async def examine(ask: Caller, cells: Iterable[Cell]) -> int:
    """Judges every cell; returns how many were allowed."""
    cells = list(cells)
    denied = [cell for cell in cells if not cell.expected & OK]
    before = await ask.fingerprint()
    for cell in denied:
        cell.judge(*await ask(cell.asker, cell.method, cell.path, cell.body))
    assert await ask.fingerprint() == before, f"a refused request wrote: {denied[0].method} {denied[0].path}"
    for cell in cells:
        if cell.expected & OK:
            undone = await ask.connection.begin_nested()
            cell.judge(*await ask(cell.asker, cell.method, cell.path, cell.body))
            await undone.rollback()
    return len(cells) - len(denied)


def askers_for(world: World, kind: str, action: str = "write") -> list[Asker]:
    """Whoever is refused before any record is looked at is asked about one record; the others about each."""

    def at_once(asker: Asker) -> bool:
        early = {"narrow key", "reading key"} if action == "write" else {"narrow key"}
        return asker.person is None or asker.name in early

    return [asker for asker in world.askers.values() if kind == "own" or not at_once(asker)]


def verdict(
    asker: Asker, resource: str, action: str, kind: str, writers: set[str], scopes: tuple[str, ...] = ()
) -> frozenset[int]:
    if asker.person is None:
        return frozenset({401})
    if not all(asker.scoped(each, action) for each in (resource, *scopes)):
        return frozenset({403})
    if not sees(asker.person, resource, kind):
        return frozenset({404})
    if action == "write" and asker.person not in writers:
        return frozenset({403})
    return OK


# The conventional routes

CHANGES: dict[str, dict[str, Any]] = {
    "business-units": {"name": "Changed"}, "teams": {"name": "Changed"}, "users": {"phone": "+33 1 23 45 67 89"},
    "products": {"name": "Changed"}, "stages": {"name": "Changed"}, "customers": {"city": "Changed"},
    "contacts": {"job_title": "Changed"}, "opportunities": {"name": "Changed"}, "quotes": {"notes": "Changed"},
    "visits": {"purpose": "Changed"}, "visit-reports": {"summary": "Changed"}, "interactions": {"notes": "Changed"},
    "orders": {"notes": "Changed"}, "deliveries": {"number": "Changed"}, "invoices": {"notes": "Changed"},
    "payments": {"method": "Changed"}, "leads": {"notes": "Changed"}, "tasks": {"title": "Changed"},
    "service-requests": {"title": "Changed"}, "action-plans": {"name": "Changed"}, "targets": {"value": "2000"},
}  # fmt: skip
# What names the person, or hangs on a record of the person's: whoever may not name or see it may not create.
CREATED: dict[str, Bodies] = {
    "customers": lambda world, kind: {"owner_id": person(world, kind)},
    "contacts": lambda world, kind: {"customer_id": of(world, "customers", kind)},
    **dict.fromkeys(
        ("opportunities", "quotes", "visits", "interactions", "service-requests"),
        lambda world, kind: {"customer_id": of(world, "customers", kind), "owner_id": person(world, kind)},
    ),
    "visit-reports": lambda world, kind: {"visit_id": of(world, "visits", kind), "author_id": person(world, kind)},
    **dict.fromkeys(
        ("orders", "invoices"),
        lambda world, kind: {"customer_id": of(world, "customers", kind), "rep_id": person(world, kind)},
    ),
    "deliveries": lambda world, kind: {"order_line_id": str(world.rows["orders"][kind]["lines"][0]["id"])},
    "payments": lambda world, kind: {"invoice_id": of(world, "invoices", kind)},
    **dict.fromkeys(("leads", "tasks", "action-plans"), lambda world, kind: {"owner_id": person(world, kind)}),
    "targets": lambda world, kind: {"scope_kind": "rep", "scope_id": person(world, kind)},
}


def person(world: World, kind: str) -> str:
    return str(world.people[PERSON[kind]].id)


def of(world: World, resource: str, kind: str) -> str:
    return str(world.ids[resource][kind])


every = pytest.mark.parametrize("resource", [*PUBLIC, *OF_A_PERSON])


@every
async def test_reading(resource: str, world: World, ask: Caller) -> None:
    allowed = await examine(ask, (
        Cell(asker, "GET", world.path(path, resource, kind), None, verdict(asker, resource, "read", kind, set()))
        for path in (f"/{resource}/{{id}}", f"/{resource}/by-external-id/{{external_id}}")
        for kind in world.kinds(resource)
        for asker in askers_for(world, kind, "read")
    ))  # fmt: skip
    assert allowed


@every
async def test_changing(resource: str, world: World, ask: Caller) -> None:
    writers = WRITERS[resource]
    assert await examine(ask, (
        Cell(
            asker, "PATCH", world.path(f"/{resource}/{{id}}", resource, kind), CHANGES[resource],
            verdict(asker, resource, "write", kind, writers),
        )
        for kind in world.kinds(resource)
        for asker in askers_for(world, kind)
    ))  # fmt: skip


@every
async def test_replacing(resource: str, world: World, ask: Caller) -> None:
    """By external id: what one does not see is taken for new, and its id is taken already, or its parent unknown."""

    def cell(asker: Asker, kind: str) -> Cell:
        expected = verdict(asker, resource, "write", kind, WRITERS[resource])
        path = world.path(f"/{resource}/by-external-id/{{external_id}}", resource, kind)
        body = world.bodies[resource][kind]
        return Cell(asker, "PUT", path, body, frozenset({403, 409, 422}) if expected == {404} else expected)

    kinds = [kind for kind in world.kinds(resource) if kind != "deleted"]
    assert await examine(ask, (cell(asker, kind) for kind in kinds for asker in askers_for(world, kind)))


@every
async def test_deleting(resource: str, world: World, ask: Caller) -> None:
    # A confirmed order is cancelled rather than deleted, but for the office.
    writers = OFFICE if resource == "orders" else WRITERS[resource]

    def cell(asker: Asker, kind: str) -> Cell:
        expected = verdict(asker, resource, "write", kind, writers)
        in_use = frozenset({409}) if expected == OK else frozenset[int]()  # others refer to it: no matter of rights
        return Cell(asker, "DELETE", world.path(f"/{resource}/{{id}}", resource, kind), None, expected | in_use)

    kinds = world.kinds(resource)
    assert await examine(ask, (cell(asker, kind) for kind in kinds for asker in askers_for(world, kind)))


@every
async def test_creating(resource: str, world: World, ask: Caller) -> None:
    fields = CREATED.get(resource)
    cells = []
    async with Database(ask.connection).session(Actor("test")) as session:
        make = Maker(session, world.people.principal("admin"))
        for kind in ("own",) if resource in PUBLIC else ("own", "team", "other"):
            body = await make.body(resource, **(fields(world, kind) if fields else {}))
            for asker in askers_for(world, kind):
                cells.append(Cell(asker, "POST", f"/{resource}", body, _creating(asker, resource, kind)))
    assert await examine(ask, cells)


def _creating(asker: Asker, resource: str, kind: str) -> frozenset[int]:
    if asker.person is None:
        return frozenset({401})
    if not asker.scoped(resource, "write"):
        return frozenset({403})
    near = {PERSON[kind], CHIEF[kind], *OFFICE} | ({"marketing"} if resource in MARKETING else set())
    if asker.person not in WRITERS[resource]:
        # An unknown parent may be noticed before the role.
        return frozenset({403} if resource in PUBLIC or asker.person in near else {403, 422})
    return OK if resource in PUBLIC or asker.person in near else frozenset({403, 422})


@pytest.mark.parametrize("resource", [*PUBLIC, *OF_A_PERSON, "api-keys", "imports"])
async def test_lists_hold_what_one_sees_and_nothing_else(resource: str, world: World, ask: Caller) -> None:
    known = {str(key): kind for kind, key in world.ids[resource].items()}
    for asker in world.askers.values():
        status, answer = await ask(asker, "GET", f"/{resource}?limit={100 if resource == 'imports' else 500}")
        if asker.person is None or not asker.scoped(resource, "read"):
            assert status == (401 if asker.person is None else 403), asker.name
            continue
        assert status == 200, answer
        wanted = {key for key, kind in known.items() if sees(asker.person, resource, kind)}
        assert {row["id"] for row in answer["items"]} & set(known) == wanted, asker.name
        if resource == "imports":
            continue
        status, exported = await ask(asker, "GET", f"/{resource}?format=csv")
        assert status == 200, exported
        rows = csv.DictReader(io.StringIO(exported.removeprefix("\ufeff")))
        assert {row["id"] for row in rows} & set(known) == wanted, asker.name
        # What one may not see answers as what is not there, however one asks.
        hidden = [key for key, kind in known.items() if key not in wanted and kind != "deleted"]
        if hidden:
            asked = ("&".join(f"id={key}" for key in hidden), f"id={world.ids[resource]['deleted']}")
            one, gone = [await ask(asker, "GET", f"/{resource}?count=true&{each}") for each in asked]
            assert one == gone == (200, {"items": [], "next_cursor": None, "count": 0})


@every
async def test_searching_finds_what_one_sees(resource: str, world: World, ask: Caller) -> None:
    if "search" not in BY_NAME[resource].table.c:
        assert (await ask(world.askers["admin"], "GET", f"/{resource}?q=x"))[0] == 422
        return
    # The records of one resource have a word in common: what begins their names or numbers.
    row = world.rows[resource]["own"]
    name = row.get("name") or row.get("title") or row.get("company_name") or row.get("last_name") or row["number"]
    known = {str(key): kind for kind, key in world.ids[resource].items()}
    for asker in world.askers.values():
        if asker.person is None or not asker.scoped(resource, "read"):
            continue
        status, answer = await ask(asker, "GET", f"/{resource}?limit=500&q={re.split('[ -]', name)[0]}")
        assert status == 200, answer
        wanted = {key for key, kind in known.items() if sees(asker.person, resource, kind)}
        assert {each["id"] for each in answer["items"]} & set(known) == wanted, asker.name


# The verbs


@dataclass(frozen=True)
class Verb:
    """``first``: what the admin does before; ``makes``: the resources written besides, whose rights count as well."""

    path: str
    body: Bodies | dict[str, Any] | None = None
    first: tuple[tuple[str, Any], ...] = ()
    sql: str | None = None
    writers: frozenset[str] | None = None
    makes: tuple[str, ...] = ()
    # A stranger's record at the rep's customer: what follows from it names the one or hangs on the other.
    chained: bool = False

    @property
    def resource(self) -> str:
        return self.path.split("/")[1]


def twin(world: World, kind: str, resource: str) -> dict[str, str]:
    return {"into_id": str(world.twins[resource][kind])}


VERBS: dict[str, Verb] = {
    "merge_customer": Verb("/customers/{id}/merge", lambda world, kind: twin(world, kind, "customers")),
    "merge_contact": Verb("/contacts/{id}/merge", lambda world, kind: twin(world, kind, "contacts")),
    "win_opportunity": Verb("/opportunities/{id}/win", {}),
    "lose_opportunity": Verb("/opportunities/{id}/lose", {}),
    "reopen_opportunity": Verb("/opportunities/{id}/reopen", first=(("/opportunities/{id}/win", {}),)),
    "move_opportunity": Verb("/opportunities/{id}/stage", lambda world, _: {"stage_id": of(world, "stages", "own")}),
    "send_quote": Verb("/quotes/{id}/send", {}),
    "follow_up_quote": Verb("/quotes/{id}/follow-up", {}, (("/quotes/{id}/send", {}),)),
    "refuse_quote": Verb("/quotes/{id}/refuse", {}, (("/quotes/{id}/send", {}),)),
    "accept_quote": Verb("/quotes/{id}/accept", {}, makes=("orders",), chained=True),
    "revise_quote": Verb("/quotes/{id}/revise", {}, chained=True),
    "confirm_order": Verb("/orders/{id}/confirm", {}, (("/orders/{id}/cancel", {}),)),
    "cancel_order": Verb("/orders/{id}/cancel", {}),
    "close_order": Verb("/orders/{id}/close", {}),
    "deliver_order": Verb("/orders/{id}/deliver", {}, writers=frozenset(OFFICE), makes=("deliveries",)),
    "invoice_order": Verb("/orders/{id}/invoice", {}, writers=frozenset(OFFICE), makes=("invoices",)),
    "post_invoice": Verb(
        "/invoices/{id}/post", {}, sql="UPDATE invoices SET status = 'draft', issued_on = NULL WHERE id = :id"
    ),
    "cancel_invoice": Verb("/invoices/{id}/cancel", {}),
    "credit_invoice": Verb("/invoices/{id}/credit", {}),
    "pay_invoice": Verb("/invoices/{id}/payments", {}, makes=("payments",)),
    "hold_visit": Verb("/visits/{id}/hold", {}),
    "report_visit": Verb("/visits/{id}/report", {"summary": "Said yes"}, makes=("visit-reports",)),
    "reschedule_visit": Verb("/visits/{id}/reschedule", {"planned_on": "2026-06-22"}),
    "cancel_visit": Verb("/visits/{id}/cancel", {}),
    "qualify_lead": Verb("/leads/{id}/qualify", {}),
    "disqualify_lead": Verb("/leads/{id}/disqualify", {"reason": "No budget"}),
    "convert_lead": Verb("/leads/{id}/convert", {}, makes=("customers", "contacts")),
    "complete_task": Verb("/tasks/{id}/done", {}),
    "reopen_task": Verb("/tasks/{id}/reopen", first=(("/tasks/{id}/done", {}),)),
    "snooze_task": Verb("/tasks/{id}/snooze", {"due_on": "2030-01-01"}),
    "close_service_request": Verb("/service-requests/{id}/close", {}),
    "reopen_service_request": Verb("/service-requests/{id}/reopen", first=(("/service-requests/{id}/close", {}),)),
    "complete_plan_action": Verb("/action-plans/{id}/actions/{action_id}/done", {}),
    "reopen_plan_action": Verb(
        "/action-plans/{id}/actions/{action_id}/reopen",
        first=(("/action-plans/{id}/actions/{action_id}/done", {}),),
    ),
    "set_user_password": Verb("/users/{id}/password", {"password": PASSWORD}),
}


@pytest.mark.parametrize("operation", VERBS)
async def test_verbs(operation: str, world: World, ask: Caller) -> None:
    verb = VERBS[operation]
    resource, admin = verb.resource, world.askers["admin"]
    writers = set(verb.writers or WRITERS[resource])
    for kind in world.kinds(resource):
        prepared = await ask.connection.begin_nested()
        if kind != "deleted":
            for path, body in verb.first:
                status, answer = await ask(admin, "POST", world.path(path, resource, kind), body)
                assert status in OK, answer
            if verb.sql:
                await ask.connection.execute(text(verb.sql), {"id": world.ids[resource][kind]})
        body = verb.body(world, kind if kind != "deleted" else "own") if callable(verb.body) else verb.body

        def cell(asker: Asker, kind: str = kind, body: Any = body) -> Cell:
            expected = verdict(asker, resource, "write", kind, writers, verb.makes)
            if expected == OK and kind == "shared" and verb.chained and asker.person not in OFFICE:
                expected = frozenset({403, 422})
            return Cell(asker, "POST", world.path(verb.path, resource, kind), body, expected)

        allowed = await examine(ask, (cell(asker) for asker in askers_for(world, kind)))
        assert allowed or kind == "deleted", kind
        await prepared.rollback()


# Everything else


@dataclass(frozen=True)
class Other:
    """``who``: the cast allowed; ``scope``: what a key needs; ``refused``: what the others are told."""

    method: str
    path: str | Callable[[World], str]
    who: set[str]
    scope: str | None
    body: Any = None
    refused: int = 403
    people_only: bool = False
    anyone: int | None = None  # the one answer to anybody, signed in or not
    only: tuple[str, ...] = ()  # a whole screen takes long: the roles that differ


def customers_csv(name: str) -> bytes:
    return f"external_id,name\r\n{name},Imported\r\n".encode()


OTHERS: dict[str, list[Other]] = {
    "healthz": [Other("GET", "/healthz", set(), None, anyone=200)],
    "readyz": [Other("GET", "/readyz", set(), None, anyone=200)],
    "list_problems": [Other("GET", "/problems", set(), None, anyone=200)],
    "get_problem": [Other("GET", "/problems/forbidden", set(), None, anyone=200)],
    "sign_in": [Other("POST", "/session", set(), None, {"email": "nobody@durand.test", "password": "x"}, anyone=401)],
    "sign_out": [Other("DELETE", "/session", set(), None, anyone=204)],
    "get_session": [Other("GET", "/session", EVERYONE, None)],
    "update_session": [Other("PATCH", "/session", EVERYONE, None, {"language": "en"}, people_only=True)],
    "change_password": [
        Other(
            "POST", "/session/password", EVERYONE, None, {"current": PASSWORD, "new": PASSWORD + "!"}, people_only=True
        )
    ],
    "list_kpis": [Other("GET", "/kpi", EVERYONE, "kpi:read")],
    "get_kpi": [
        Other("GET", "/kpi/invoiced_revenue?period=2026", COMMERCIAL, "kpi:read"),
        Other("GET", "/kpi/contact_completeness", EVERYONE, "kpi:read"),
    ],
    "list_kpi_records": [
        Other("GET", "/kpi/invoiced_revenue/records?period=2026", COMMERCIAL, "kpi:read"),
        Other("GET", "/kpi/contact_completeness/records", EVERYONE, "kpi:read"),
    ],
    "get_dashboard": [
        Other("GET", "/kpi/dashboards/activity", COMMERCIAL, "kpi:read"),
        Other("GET", "/kpi/dashboards/day", COMMERCIAL, "kpi:read", only=("anonymous", "rep", "marketing")),
        Other("GET", "/kpi/dashboards/data-health", EVERYONE, "kpi:read", only=("anonymous", "rep", "marketing")),
        Other("GET", "/kpi/dashboards/field", EVERYONE, "kpi:read", only=("anonymous", "rep", "marketing")),
    ],
    "get_pipeline_movement": [
        Other("GET", "/kpi/weighted_pipeline/movement?since=2026-01-01", COMMERCIAL, "kpi:read")
    ],
    "list_duplicates": [
        Other("GET", "/duplicates?kind=customers", EVERYONE, "customers:read"),
        Other("GET", "/duplicates?kind=contacts", EVERYONE, "contacts:read"),
    ],
    "dismiss_duplicate": [
        Other(
            "POST", "/duplicates/dismiss", {"rep", "manager", "marketing", *OFFICE}, "customers:write",
            lambda world: {
                "kind": "customers", "first_id": of(world, "customers", "own"),
                "second_id": str(world.twins["customers"]["own"]),
            },
            refused=404,
        )
    ],
    "create_import": [
        Other("POST", "/imports?resource=customers&dry_run=true", EVERYONE, "imports:write", customers_csv("I-1")),
    ],
    "get_import": [
        Other("GET", lambda world: f"/imports/{of(world, 'imports', 'own')}", {"rep", "admin"}, "imports:read",
              refused=404),
    ],
    "get_import_refused": [
        Other("GET", lambda world: f"/imports/{of(world, 'imports', 'own')}/refused.csv", {"rep", "admin"},
              "imports:read", refused=404),
    ],
    "list_imports": [Other("GET", "/imports", EVERYONE, "imports:read")],
    "get_import_columns": [Other("GET", "/imports/columns/orders", EVERYONE, "imports:read")],
    "get_settings": [Other("GET", "/settings", EVERYONE, "settings:read")],
    "update_settings": [Other("PATCH", "/settings", {"admin"}, "settings:write", {"company_name": "Changed"})],
    "spread_target": [
        Other(
            "POST", "/targets/spread", {"manager", *OFFICE}, "targets:write",
            lambda world: {
                "kpi": "invoiced_revenue", "scope_kind": "rep", "scope_id": person(world, "own"), "year": 2031,
                "value": "1200",
            },
        )
    ],
    "list_api_keys": [Other("GET", "/api-keys", EVERYONE, "api-keys:read")],
    "create_api_key": [
        Other("POST", "/api-keys", EVERYONE, None, {"name": "New", "scopes": ["*:write"]}, people_only=True)
    ],
    "get_api_key": [
        Other("GET", lambda world: f"/api-keys/{of(world, 'api-keys', 'own')}", {"rep", "admin"}, "api-keys:read",
              refused=404),
    ],
    "revoke_api_key": [
        Other("DELETE", lambda world: f"/api-keys/{of(world, 'api-keys', 'own')}", {"rep", "admin"}, "api-keys:write",
              refused=404),
    ],
}  # fmt: skip


def _otherwise(asker: Asker, other: Other) -> frozenset[int]:
    if other.anyone is not None:
        return frozenset({other.anyone})
    if asker.person is None:
        return frozenset({401})
    resource, _, action = (other.scope or "").partition(":")
    if (other.people_only and asker.scopes is not None) or (other.scope and not asker.scoped(resource, action)):
        return frozenset({403})
    return OK if asker.person in other.who else frozenset({other.refused})


@pytest.mark.parametrize("operation", OTHERS)
async def test_everything_else(operation: str, world: World, ask: Caller) -> None:
    for other in OTHERS[operation]:
        path = other.path(world) if callable(other.path) else other.path
        body = other.body(world) if callable(other.body) else other.body
        askers = [asker for asker in world.askers.values() if asker.name in (other.only or world.askers)]
        cells = [Cell(asker, other.method, path, body, _otherwise(asker, other)) for asker in askers]
        if other.anyone == 401:  # a failed sign-in is noted: nothing else is
            for cell in cells[:4]:
                cell.judge(*await ask(cell.asker, cell.method, path, body))
            continue
        await examine(ask, cells)


async def test_an_import_is_no_way_round(world: World, ask: Caller) -> None:
    """A file obeys the rules of its resource: the role, what one sees, and whom one may name."""
    files = {
        "products": (b"external_id,name\r\nP-1,Imported\r\n", OFFICE),
        "orders": (
            b"external_id,customer,rep,confirmed_on,line_description,line_quantity,line_unit_price\r\nO-1,customers-own,stranger@durand.test,2026-01-05,Bearing,1,5\r\n",
            OFFICE,
        ),
        "quotes": (
            b"external_id,customer,owner\r\nQ-1,customers-own,stranger@durand.test\r\n",
            OFFICE,
        ),
        "contacts": (b"external_id,customer,last_name\r\nC-1,customers-other,Martin\r\n",
                     {"stranger", "other_manager", "marketing", *OFFICE}),
    }  # fmt: skip
    for resource, (content, allowed) in files.items():
        for asker in world.askers.values():
            if asker.person is None or not asker.scoped(resource, "write"):
                continue
            undone = await ask.connection.begin_nested()
            status, answer = await ask(asker, "POST", f"/imports?resource={resource}", content)
            found = select_count(resource)
            written = (await ask.connection.execute(text(found))).scalar_one()
            await undone.rollback()
            assert bool(written) == (asker.person in allowed), (asker.name, resource, status, answer)
            assert asker.person in allowed or status == 403 or answer["status"] == "refused", answer


def select_count(resource: str) -> str:
    table = BY_NAME[resource].table.name
    return f"SELECT count(*) FROM {table} WHERE external_id IN ('P-1', 'O-1', 'Q-1', 'C-1')"


# The laws of the matrix itself


def test_every_operation_has_its_cells(bare_app: FastAPI) -> None:
    listed = {*VERBS, *OTHERS}
    for resource in RESOURCES:
        listed |= {f"list_{resource.plural}", f"create_{resource.singular}"}
        listed |= {f"{action}_{resource.singular}" for action in ("get", "update", "delete")}
        listed |= {f"{action}_{resource.singular}_by_external_id" for action in ("get", "put")}
    paths = bare_app.openapi()["paths"].values()
    served = {operation["operationId"] for path in paths for operation in path.values()}
    assert served == listed
    assert {resource.name for resource in RESOURCES} == {*PUBLIC, *OF_A_PERSON} == set(CHANGES)
    assert set(SHARED) <= set(OF_A_PERSON)


def test_what_is_not_documented_is_the_screens_alone(bare_app: FastAPI) -> None:
    documented = set(bare_app.openapi()["paths"])
    hidden: set[str] = set()
    waiting: list[Any] = list(bare_app.router.routes)
    while waiting:
        route = waiting.pop()
        path = getattr(route, "path", None)
        if path is not None and path not in documented and hasattr(route, "endpoint"):
            hidden.add(path)
        waiting += getattr(route, "routes", None) or []
    assert hidden <= {"/", "/app", "/app/{path:path}", "/openapi.json"}, hidden


async def test_the_fingerprint_has_teeth(world: World, ask: Caller) -> None:
    before = await ask.fingerprint()
    assert await ask.fingerprint() == before
    undone = await ask.connection.begin_nested()
    status, _ = await ask(
        world.askers["rep"], "PATCH", f"/customers/{of(world, 'customers', 'own')}", CHANGES["customers"]
    )
    assert status == 200
    assert await ask.fingerprint() != before
    await undone.rollback()
    assert await ask.fingerprint() == before
