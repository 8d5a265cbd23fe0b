"""An office at work, and readers who follow it from outside."""

import asyncio
import socket
import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from cadran.app import create_app
from cadran.cli.serving import Server
from cadran.kit.auth import new_api_key
from cadran.kit.db import Actor, Database, engine
from cadran.models import ApiKey
from cadran.rules.principal import Principal
from cadran.settings import Settings
from databases import SEEN
from factories import Maker, People

PATIENCE = 20  # seconds, of a test that waits for what must come


@dataclass
class Office:
    """A small sales force at work. ``make`` and the like commit at once, as the admin."""

    app: FastAPI
    database: Database
    people: People
    known: dict[str, Principal] = field(default_factory=dict)
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def as_user(self, name: str, scopes: frozenset[str] | None = None) -> httpx.AsyncClient:
        token = uuid4().hex
        self.known[token] = self.people.principal(name, scopes)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        headers = {SEEN: token, "if-match": "*"}
        self.opened.append(httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers))
        return self.opened[-1]

    async def make(self, resource: str, **fields: Any) -> dict[str, Any]:
        async with self.database.session(Actor("test")) as session:
            return await Maker(session, self.people.principal("admin"))(resource, **fields)

    def id(self, name: str) -> str:
        return str(self.people[name].id)


@dataclass
class Copy:
    """A reader who knows nothing of Cadran but the feed: stores what comes, drops what does not."""

    client: httpx.AsyncClient
    cursor: str | None = None
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)

    async def follow(self, **query: Any) -> list[dict[str, Any]]:
        """Reads on until there is no more; returns the new items."""
        new = []
        while True:
            asked = {**query, **({"after": self.cursor} if self.cursor else {})}
            answer = await self.client.get("/changes", params=asked)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            for item in body["items"]:
                held = self.records.setdefault(item["resource"], {})
                if item["record"] is None:
                    held.pop(item["id"], None)
                else:
                    held[item["id"]] = item["record"]
            self.cursor = body["next_cursor"]
            new += body["items"]
            if not body["has_more"]:
                self.items += new
                return new


async def listed(client: httpx.AsyncClient, resource: str) -> dict[str, dict[str, Any]]:
    """What the list of a resource shows, page after page."""
    found, cursor = {}, None
    while True:
        answer = await client.get(f"/{resource}", params={"limit": 500, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found |= {row["id"]: row for row in answer.json()["items"]}
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


class Serving:
    """The application behind uvicorn, in a thread, on the office's database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()  # who asks before the server is up waits, and is not refused
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.app: Any = None
        self.server: Server | None = None
        self.started = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        database = Database(engine(self.url, 5))
        self.app = create_app(Settings(CADRAN_RATE_LIMIT=1_000_000), database)
        self.server = Server(uvicorn.Config(self.app, log_level="critical", access_log=False))
        self.started.set()
        await self.server.serve(sockets=[self.socket])
        await database.close()

    def start(self) -> None:
        self.thread.start()
        assert self.started.wait(PATIENCE)

    def stop(self) -> None:
        if self.server:
            self.server.should_exit = True
        self.thread.join(PATIENCE)


async def key(office: Office, name: str, *scopes: str) -> dict[str, str]:
    secret, prefix, stored = new_api_key()
    columns = {"id": uuid7(), "name": "Key", "prefix": prefix, "key_hash": stored, "scopes": list(scopes)}
    async with office.database.session() as session:
        await session.execute(insert(ApiKey).values(columns | {"user_id": office.people[name].id}))
    return {"authorization": f"Bearer {secret}"}
