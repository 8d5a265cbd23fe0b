"""An office at work, and readers who follow it from outside."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from cadran.kit.db import Actor, Database
from cadran.rules.principal import Principal
from databases import SEEN
from factories import Maker, People


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
