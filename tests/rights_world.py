"""A small company in which every right can be asked about: who works there, whose each record is, who should see it.

What is expected is written down here by hand, role by role, and owes nothing to the code that decides it.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from fastapi import FastAPI
from sqlalchemy import func, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from cadran.kit.auth import digest, new_api_key, new_token
from cadran.kit.db import Database
from cadran.models import ApiKey, ImportJob, User, Webhook, WebhookDelivery, WebhookState
from cadran.models import Session as SignedIn
from cadran.resources.registry import BY_NAME
from cadran.webhooks.messages import message, new_secret
from factories import Maker, People, hire

# Whose a record is: the rep's; a colleague's of the same team; a stranger's of another; a stranger's at the rep's
# customer; the team's target and the company's; one that was there and is deleted.
PERSON = {"own": "rep", "team": "colleague", "other": "stranger", "shared": "stranger"}
CHIEF = {"own": "manager", "team": "manager", "other": "other_manager", "shared": "other_manager"}
OFFICE = {"director", "admin"}
COMMERCIAL = {"rep", "colleague", "stranger", "manager", "other_manager", *OFFICE}
EVERYONE = {*COMMERCIAL, "marketing"}
MANAGEMENT = {"manager", "other_manager", *OFFICE}

OK = frozenset(range(200, 300))
LATER = time.monotonic() + 3600  # no last use is written down meanwhile

# What everyone signed in reads.
PUBLIC = ("business-units", "teams", "users", "products", "stages")
OF_A_PERSON = (
    "customers", "contacts", "opportunities", "quotes", "visits", "visit-reports", "interactions", "orders",
    "deliveries", "invoices", "payments", "leads", "tasks", "service-requests", "action-plans", "targets",
)  # fmt: skip
# A record of one of these may be a stranger's at the rep's customer: both sides see it.
SHARED = (
    "opportunities", "quotes", "visits", "visit-reports", "interactions", "orders", "deliveries", "invoices",
    "payments", "tasks", "service-requests",
)  # fmt: skip
MARKETING = ("customers", "contacts", "leads")

ADMIN = {"admin"}
WRITERS: dict[str, set[str]] = {
    **dict.fromkeys(("business-units", "teams", "users", "settings"), ADMIN),
    **dict.fromkeys(("products", "stages", "deliveries", "invoices", "payments"), OFFICE),
    **dict.fromkeys(("customers", "contacts", "leads", "tasks", "api-keys", "duplicates", "imports"), EVERYONE),
    **dict.fromkeys(
        (
            "opportunities", "quotes", "orders", "visits", "visit-reports", "interactions", "service-requests",
            "action-plans",
        ),
        COMMERCIAL,
    ),
    "targets": MANAGEMENT,
}  # fmt: skip


def sees(name: str, resource: str, kind: str) -> bool:
    """Whether the person of this name is to see the resource's record of this kind."""
    if kind == "deleted":
        return False
    if resource in PUBLIC or resource == "settings":
        return True
    if resource == "webhooks":
        return name == "admin"
    if resource in ("api-keys", "imports"):
        return name in (PERSON[kind], "admin")
    if name in OFFICE or (name == "marketing" and resource in MARKETING):
        return True
    if kind == "of_team":
        return name == "manager"
    if kind == "of_company":
        return False
    seen = {PERSON[kind], CHIEF[kind]}
    if kind == "shared":
        seen |= {"rep", "manager"}
    return name in seen


@dataclass(frozen=True)
class Asker:
    """One who asks: as whom of the cast, with which headers, and how far the key reaches."""

    name: str
    person: str | None
    headers: dict[str, str] = field(default_factory=dict)
    scopes: frozenset[str] | None = None

    def scoped(self, resource: str, action: str) -> bool:
        if self.scopes is None:
            return True
        fitting = {f"{resource}:write", "*:write"} | ({f"{resource}:read", "*:read"} if action == "read" else set())
        return bool(fitting & self.scopes)


# Where the world of one module's tests stands.
@dataclass
class World:
    people: People
    askers: dict[str, Asker] = field(default_factory=dict)
    ids: dict[str, dict[str, UUID]] = field(default_factory=dict)
    bodies: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    twins: dict[str, dict[str, UUID]] = field(default_factory=dict)
    noted: dict[bytes, float] = field(default_factory=dict)

    def kinds(self, resource: str) -> list[str]:
        return list(self.ids[resource])

    def path(self, template: str, resource: str, kind: str) -> str:
        """The template's address of this record."""
        known = {"{id}": str(self.ids[resource][kind]), "{external_id}": external_id(resource, kind)}
        if "{action_id}" in template:
            row = self.rows[resource].get(kind)
            known["{action_id}"] = str(row["actions"][0]["id"] if row else uuid7())
        for name, value in known.items():
            template = template.replace(name, value)
        return template


def external_id(resource: str, kind: str) -> str:
    return f"{resource}-{kind}"


async def build(database: Database) -> World:
    """Everyone, and a record of each resource for each whose it may be; committed."""
    async with database.session() as session:
        world = World(await hire(session))
        make = Maker(session, world.people.principal("admin"))
        for resource in PUBLIC:
            await _add(world, make, resource, "own")
        for kind in ("own", "team", "other", "shared"):
            await _records_of(world, make, kind)
        north = str(world.people.teams["north"].id)
        await _add(world, make, "targets", "of_team", scope_kind="team", scope_id=north)
        await _add(world, make, "targets", "of_company")
        for resource in (*PUBLIC, *OF_A_PERSON):
            await _deleted(world, make, resource)
        await _keys_and_imports(world, session)
        await _askers(world, session)
        return world


async def _add(world: World, make: Maker, resource: str, kind: str, **fields: Any) -> dict[str, Any]:
    body = await make.body(resource, external_id=external_id(resource, kind), **fields)
    declared = BY_NAME[resource]
    key = await declared.insert(make.session, make.who, declared.create.model_validate(body))
    row = await declared.get(make.session, make.who, key)
    world.ids.setdefault(resource, {})[kind] = key
    world.bodies.setdefault(resource, {})[kind] = body
    world.rows.setdefault(resource, {})[kind] = row
    return row


async def _records_of(world: World, make: Maker, kind: str) -> None:
    person = str(world.people[PERSON[kind]].id)
    if kind == "shared":
        customer = str(world.ids["customers"]["own"])
    else:
        customer = str((await _add(world, make, "customers", kind, owner_id=person))["id"])
        twin = await make("customers", owner_id=person)
        contact = await _add(world, make, "contacts", kind, customer_id=customer)
        other = await make("contacts", customer_id=customer)
        world.twins.setdefault("customers", {})[kind] = twin["id"]
        world.twins.setdefault("contacts", {})[kind] = other["id"]
        assert contact["customer_id"] == UUID(customer)
        await _add(world, make, "leads", kind, owner_id=person, contact_name="Anne Martin")
        await _add(world, make, "action-plans", kind, owner_id=person)
        await _add(world, make, "targets", kind, scope_kind="rep", scope_id=person)
    for resource in ("opportunities", "quotes", "visits", "interactions", "tasks", "service-requests"):
        await _add(world, make, resource, kind, customer_id=customer, owner_id=person)
    reported = await make("visits", customer_id=customer, owner_id=person)
    await _add(world, make, "visit-reports", kind, visit_id=str(reported["id"]), author_id=person)
    order = await _add(world, make, "orders", kind, customer_id=customer, rep_id=person)
    await _add(world, make, "deliveries", kind, order_line_id=str(order["lines"][0]["id"]))
    invoice = await _add(world, make, "invoices", kind, customer_id=customer, rep_id=person)
    await _add(world, make, "payments", kind, invoice_id=str(invoice["id"]))


async def _deleted(world: World, make: Maker, resource: str) -> None:
    row = await _add(world, make, resource, "deleted")
    declared = BY_NAME[resource]
    await declared.remove(make.session, make.who, await declared.locked(make.session, make.who, row["id"]))


async def _keys_and_imports(world: World, session: AsyncSession) -> None:
    for kind in ("own", "team", "other"):
        owner = world.people[PERSON[kind]].id
        _, prefix, stored = new_api_key()
        key, job = uuid7(), uuid7()
        await session.execute(
            insert(ApiKey).values(id=key, name=kind, prefix=prefix, key_hash=stored, scopes=["*:read"], user_id=owner)
        )
        await session.execute(insert(ImportJob).values(
            id=job, resource="customers", status="done", dry_run=False, rows=0, created=0, updated=0, unchanged=0,
            refused=0, format={}, errors=[], user_id=owner,
        ))  # fmt: skip
        world.ids.setdefault("api-keys", {})[kind] = key
        world.ids.setdefault("imports", {})[kind] = job
    await _webhook(world, session)
    world.ids["api-keys"]["deleted"] = world.ids["imports"]["deleted"] = uuid7()


async def _webhook(world: World, session: AsyncSession) -> None:
    """The admin's, with a message that waits."""
    hook, told = uuid7(), uuid7()
    admin = world.people["admin"].id
    columns = {"id": hook, "name": "ERP", "url": "https://hooks.example.com/", "events": ["*"], "user_id": admin}
    await session.execute(insert(Webhook).values(columns))
    state = {"webhook_id": hook, "secret": new_secret(), "after_xid": func.pg_current_xact_id(), "after_seq": 0}
    await session.execute(insert(WebhookState).values(state))
    waiting = message(hook, "webhook.test", hook, {"id": str(hook)})
    await session.execute(insert(WebhookDelivery).values(waiting | {"id": told}))
    world.ids["webhooks"] = {"own": hook, "deleted": uuid7()}
    world.ids["deliveries of webhooks"] = {"own": told}


async def _askers(world: World, session: AsyncSession) -> None:
    gone = User(id=uuid7(), name="Gone", email="gone@durand.test", role="admin", is_active=False)
    session.add(gone)
    await session.flush()

    async def browser(user: UUID) -> dict[str, str]:
        token = new_token()
        world.noted[digest(token)] = LATER
        await session.execute(insert(SignedIn).values(token_hash=digest(token), user_id=user))
        return {"cookie": f"cadran={token}", "sec-fetch-site": "same-origin"}

    async def key(user: UUID, *scopes: str, **more: Any) -> dict[str, str]:
        secret, prefix, stored = new_api_key()
        world.noted[stored] = LATER
        columns = {"id": uuid7(), "name": "Key", "prefix": prefix, "key_hash": stored, "scopes": list(scopes)}
        await session.execute(insert(ApiKey).values(columns | {"user_id": user} | more))
        return {"authorization": f"Bearer {secret}"}

    async def program(name: str, person: str, *scopes: str) -> Asker:
        return Asker(name, person, await key(world.people[person].id, *scopes), frozenset(scopes))

    people = [Asker(name, name, await browser(user.id)) for name, user in world.people.users.items()]
    admin = world.people["admin"].id
    nobody = [
        Asker("anonymous", None),
        Asker("disabled user", None, await browser(gone.id)),
        Asker("expired key", None, await key(admin, "*:write", expires_at=func.now() - timedelta(minutes=1))),
    ]
    programs = [
        await program("writing key", "rep", "*:write"),
        await program("reading key", "director", "*:read"),
        await program("narrow key", "admin", "stages:read"),
    ]
    world.askers = {asker.name: asker for asker in (*people, *nobody, *programs)}


class Caller:
    """Sends requests to the application without a client's overhead: there are thousands of them."""

    def __init__(self, app: FastAPI, connection: AsyncConnection) -> None:
        self.app, self.connection = app, connection

    async def __call__(self, asker: Asker, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body, JSON where it is."""
        sent = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"host": "testserver", **asker.headers}
        if method in ("PUT", "PATCH", "DELETE"):
            headers["if-match"] = "*"
        if sent:
            kind = "text/csv" if isinstance(body, bytes) else "application/json"
            headers |= {"content-type": kind, "content-length": str(len(sent))}
        plain, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": plain, "raw_path": plain.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1234), "server": ("testserver", 80),
        }  # fmt: skip
        answer: dict[str, Any] = {"status": 0, "body": b"", "headers": []}

        coming = [{"type": "http.request", "body": sent, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not coming:
                await asyncio.Event().wait()  # the caller stays until the answer has come
            return coming.pop()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer["status"], answer["headers"] = message["status"], message["headers"]
            else:
                answer["body"] += message.get("body", b"")

        await self.app(scope, receive, send)
        kind_sent = dict(answer["headers"]).get(b"content-type", b"")
        found = orjson.loads(answer["body"]) if b"json" in kind_sent else answer["body"].decode()
        return answer["status"], found

    async def fingerprint(self) -> list[tuple[Any, ...]]:
        """Every row of every table."""
        if not hasattr(self, "_everything"):
            names = await self.connection.execute(
                text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
            )
            self._everything = " UNION ALL ".join(
                f"SELECT '{name}', count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), ''))"
                f" FROM {name} t"
                for name in names.scalars()
                if re.fullmatch(r"[a-z_]+", name)
            )
        # Sorted: a plan in parallel brings them in any order.
        return sorted(tuple(row) for row in await self.connection.execute(text(self._everything)))


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
