"""Who may what, every cell: operations × those who ask × whose the record is. A route that is not listed here fails.

Each refused request must leave every row of every table as it was; each allowed one must succeed, and is undone.
"""

import csv
import io
import re
from collections.abc import AsyncIterator
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
from cadran.resources.api_keys import SCOPES
from cadran.resources.registry import BY_NAME, RESOURCES
from databases import PATIENT, clone, drop
from factories import Maker
from rights_operations import CHANGES, CREATED, OTHERS, PASSWORD, VERBS, Other
from rights_world import (
    CHIEF,
    MARKETING,
    OF_A_PERSON,
    OFFICE,
    OK,
    PERSON,
    PUBLIC,
    SHARED,
    WRITERS,
    Asker,
    Caller,
    Cell,
    World,
    askers_for,
    build,
    examine,
    sees,
    verdict,
)

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


# The conventional routes

every = pytest.mark.parametrize("resource", [*PUBLIC, *OF_A_PERSON])


@every
async def test_reading(resource: str, world: World, ask: Caller) -> None:
    allowed = await examine(ask, (
        Cell(asker, "GET", world.path(path, resource, kind), None, verdict(asker, resource, "read", kind, set()))
        for path, kinds in (
            (f"/{resource}/{{id}}", world.kinds(resource)),
            (f"/{resource}/by-external-id/{{external_id}}", {"own", "other", "deleted"}),
        )
        for kind in world.kinds(resource)
        if kind in kinds
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

    def cell(asker: Asker, kind: str, batch: bool) -> Cell:
        expected = verdict(asker, resource, "write", kind, WRITERS[resource])
        path = world.path(f"/{resource}/by-external-id/{{external_id}}", resource, kind)
        body, refused = world.bodies[resource][kind], frozenset({403, 409, 422})
        if batch:
            items = {"items": [body | {"external_id": path.split("/")[-1]}], "all_or_none": True}
            return Cell(asker, "POST", f"/{resource}/batch", items, expected if expected in (OK, {401}) else refused)
        return Cell(asker, "PUT", path, body, refused if expected == {404} else expected)

    kinds = [kind for kind in world.kinds(resource) if kind != "deleted"]
    for batch in (False, True):
        assert await examine(ask, (cell(asker, kind, batch) for kind in kinds for asker in askers_for(world, kind)))


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


@pytest.mark.parametrize("resource", [*PUBLIC, *OF_A_PERSON, "api-keys", "imports", "webhooks"])
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
            assert one == gone
            assert (one[0], one[1]["items"], one[1]["count"]) == (200, [], 0)
            assert {float(amount) for amount in (one[1].get("sums") or {}).values()} <= {0}


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


@every
async def test_no_column_is_written_but_by_its_field(resource: str, world: World, ask: Caller) -> None:
    """Mass assignment: what is no field of the body is refused, whoever sends it, and the field named."""
    declared, admin = BY_NAME[resource], world.askers["admin"]
    address = world.path(f"/{resource}/{{id}}", resource, "own")
    before = await ask.fingerprint()
    for method, path, model, body in (
        ("POST", f"/{resource}", declared.create, world.bodies[resource]["own"]),
        ("PATCH", address, declared.update, CHANGES[resource]),
    ):
        unknown = [column.name for column in declared.table.c if column.name not in model.model_fields]
        assert {"id", "version", "created_at", "updated_at"} <= set(unknown)
        for name in unknown:
            status, answer = await ask(admin, method, path, body | {name: "1"})
            assert status == 422, (method, name, answer)
            assert f"/{name}" in [error["pointer"] for error in answer["errors"]], (method, name)
    assert await ask.fingerprint() == before


async def test_the_records_behind_a_number_are_ones_one_sees(world: World, ask: Caller) -> None:
    """Drill-downs share the door: every row of every KPI, for everyone, is a record that opens."""
    opened = 0
    for name in ("rep", "colleague", "stranger", "manager", "other_manager", "marketing"):
        asker = world.askers[name]
        rows: set[tuple[str, str]] = set()
        for kpi in (await ask(asker, "GET", "/kpi"))[1]["items"]:
            status, answer = await ask(
                asker, "GET", f"/kpi/{kpi['name']}/records?from=2020-01-01&to=2030-01-01&limit=500"
            )
            assert status == 200, answer
            rows |= {(row["resource"], row["id"]) for row in answer["items"]}
        for resource, key in rows:
            status, answer = await ask(asker, "GET", f"/{resource.replace('_', '-')}/{key}")
            assert status == 200, (name, resource, answer)
        opened += len(rows)
    assert opened > 20


# The laws of the matrix itself


def test_every_operation_has_its_cells(bare_app: FastAPI) -> None:
    listed = {*VERBS, *OTHERS}
    for resource in RESOURCES:
        listed |= {f"list_{resource.plural}", f"create_{resource.singular}", f"batch_{resource.plural}"}
        listed |= {f"{action}_{resource.singular}" for action in ("get", "update", "delete")}
        listed |= {f"{action}_{resource.singular}_by_external_id" for action in ("get", "put")}
    paths = bare_app.openapi()["paths"].values()
    served = {operation["operationId"] for path in paths for operation in path.values()}
    assert served == listed
    assert {resource.name for resource in RESOURCES} == {*PUBLIC, *OF_A_PERSON} == set(CHANGES)
    assert set(SHARED) <= set(OF_A_PERSON)


def test_every_scope_asked_for_can_be_given() -> None:
    asked = {other.scope for others in OTHERS.values() for other in others if other.scope}
    asked |= {f"{resource}:{action}" for resource in (*PUBLIC, *OF_A_PERSON) for action in ("read", "write")}
    assert asked <= SCOPES


def test_what_is_not_documented_is_for_screens_and_assistants(bare_app: FastAPI) -> None:
    documented = set(bare_app.openapi()["paths"])
    hidden, waiting = set[str](), list[Any](bare_app.router.routes)
    while waiting:
        route = waiting.pop()
        path = getattr(route, "path", None)
        if path is not None and path not in documented and hasattr(route, "endpoint"):
            hidden.add(path)
        waiting += getattr(route, "routes", None) or []
    assert hidden <= {"/", "/app", "/app/{path:path}", "/openapi.json", "/mcp"}, hidden  # MCP: api/test_assistants.py


async def test_the_fingerprint_has_teeth(world: World, ask: Caller) -> None:
    before = await ask.fingerprint()
    assert await ask.fingerprint() == before
    undone = await ask.connection.begin_nested()
    status, _ = await ask(
        world.askers["rep"], "PATCH", f"/customers/{world.ids['customers']['own']}", CHANGES["customers"]
    )
    assert status == 200
    assert await ask.fingerprint() != before
    await undone.rollback()
    assert await ask.fingerprint() == before
