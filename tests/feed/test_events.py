"""Live events from a real server: none lost between two streams, none told beyond rights, no stream left hanging."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import func, insert, text, update

from cadran.kit.auth import digest, new_token
from cadran.models import ApiKey
from cadran.models import Session as SignedIn
from following import PATIENCE, Copy, Office, Serving, key


async def cookie(office: Office, name: str) -> dict[str, str]:
    """Signed in, as a browser is."""
    token = new_token()
    async with office.database.session() as session:
        values = {"token_hash": digest(token), "user_id": office.people[name].id}
        await session.execute(insert(SignedIn).values(values))
    return {"cookie": f"cadran={token}", "sec-fetch-site": "same-origin", "if-match": "*"}


@dataclass
class Stream:
    """One listener: its events as they come, and the last id, as a browser keeps it."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    last: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def open(self) -> "Stream":
        ready = asyncio.Event()
        self.task = asyncio.create_task(self._listen(ready))
        heard = asyncio.create_task(ready.wait())
        await asyncio.wait({heard, self.task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if self.task.done():
            heard.cancel()
            await self.task
        assert heard.done()
        return self

    async def _listen(self, ready: asyncio.Event) -> None:
        headers = self.headers | ({"last-event-id": self.last} if self.last else {})
        async with self.client.stream("GET", "/events", headers=headers, timeout=PATIENCE) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            event: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    event[name] = value
                    continue
                self.last = event.get("id", self.last)
                if event.get("event") == "change":
                    self.events.append(json.loads(event["data"]))
                    self.news.set()
                ready.set()
                event = {}

    @property
    def resources(self) -> set[str]:
        return {name for event in self.events for name in event["resources"]}

    async def until(self, *resources: str) -> None:
        """Waits for these to have been named."""
        async with asyncio.timeout(PATIENCE):
            while not set(resources) <= self.resources:
                self.news.clear()
                await self.news.wait()

    async def ended(self) -> None:
        assert self.task
        await asyncio.wait_for(self.task, PATIENCE)

    async def cut(self) -> None:
        assert self.task
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@pytest.fixture
async def web(serving: Serving) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=serving.address, limits=limits) as client:
        yield client


async def test_an_event_follows_a_commit(office: Office, web: httpx.AsyncClient) -> None:
    stream = await Stream(web, await cookie(office, "director")).open()
    made = await office.make("orders")  # by another process, for all the server knows
    await stream.until("orders", "customers")
    stream.events.clear()
    answer = await web.post(f"/orders/{made['id']}/cancel", json={}, headers=await cookie(office, "admin"))
    assert answer.status_code == 200, answer.text
    await stream.until("orders")
    (event,) = stream.events
    assert event["resources"] == ["orders"]
    assert "order_intake" in event["kpis"] or any("order" in name for name in event["kpis"])
    assert "visits_made" not in event["kpis"]
    await stream.cut()


async def test_resuming_loses_nothing(office: Office, web: httpx.AsyncClient) -> None:
    stream = await Stream(web, await cookie(office, "director")).open()
    await stream.until()
    await stream.cut()
    await office.make("tasks")
    again = await Stream(web, stream.headers, last=stream.last).open()
    await again.until("tasks")
    assert again.resources == {"tasks"}
    # Many short streams while somebody writes: together they name every write.
    written = ["products", "leads", "stages", "action-plans", "customers"]
    for name in written:
        await again.cut()
        await office.make(name)
        again = await Stream(web, stream.headers, last=again.last, events=again.events).open()
    await again.until(*written)
    await again.cut()
    # The ids are cursors of the feed: what follows one is in the other.
    copy = Copy(office.as_user("director"), cursor=again.last)
    assert await copy.follow() == []
    # An id of nowhere: everything may have changed.
    lost = await Stream(web, stream.headers, last="nowhere").open()
    await lost.until("orders", "invoices", "settings")
    await lost.cut()


async def test_an_open_transaction_holds_no_event_back(office: Office, web: httpx.AsyncClient) -> None:
    stream = await Stream(web, await cookie(office, "director")).open()
    async with office.database.session() as older:
        own = text("UPDATE products SET name = name || '!' WHERE id = :id")
        product = await office.make("products")
        await older.execute(text("SELECT pg_current_xact_id()"))
        await stream.until("products")
        stream.events.clear()
        await older.execute(own, {"id": product["id"]})
        await office.make("tasks")
        await stream.until("tasks")
        assert stream.resources == {"tasks"}  # nothing before it is committed
        # Who comes back with the id of that event is told of it again, rather than of too little.
        await stream.cut()
        again = await Stream(web, stream.headers, last=stream.last).open()
        await again.until("tasks")
    await again.until("products")
    again.events.clear()
    await office.make("business-units")
    await again.until("business-units")
    assert again.resources == {"business-units"}  # and nothing twice
    await again.cut()
    # All have ended: the id is exact again.
    last = await Stream(web, stream.headers, last=again.last).open()
    await office.make("stages")
    await last.until("stages")
    assert last.resources == {"stages"}
    await last.cut()


async def test_nothing_is_told_beyond_rights(office: Office, web: httpx.AsyncClient) -> None:
    names = ("rep", "colleague", "stranger", "manager", "other_manager", "marketing", "director")
    streams = {name: await Stream(web, await cookie(office, name)).open() for name in names}
    narrow = await Stream(web, await key(office, "admin", "events:read", "orders:read")).open()
    customer = await office.make("customers", owner_id=office.id("rep"))
    await streams["rep"].until("customers")
    await office.make("orders", customer_id=str(customer["id"]), rep_id=office.id("rep"))
    await office.make("stages")  # everyone sees it: after it everyone has heard of what came before
    for stream in streams.values():
        await stream.until("stages")
    own = {"customers", "orders", "stages"}
    assert streams["rep"].resources == streams["manager"].resources == streams["director"].resources == own
    assert streams["colleague"].resources == streams["stranger"].resources == {"stages"}
    assert streams["other_manager"].resources == {"stages"}
    assert streams["marketing"].resources == {"customers", "stages"}
    assert not any("revenue" in name for event in streams["marketing"].events for name in event["kpis"])
    await narrow.until("orders")
    assert narrow.resources == {"orders"}
    assert narrow.events[0]["kpis"] == []
    # It changes hands: who loses it hears so, and who gets it.
    async with office.database.session() as session:
        owner = text("UPDATE customers SET owner_id = :owner WHERE id = :id")
        await session.execute(owner, {"owner": office.people["stranger"].id, "id": customer["id"]})
    await streams["stranger"].until("customers", "orders")
    await streams["other_manager"].until("customers", "orders")
    assert streams["colleague"].resources == {"stages"}
    for stream in (*streams.values(), narrow):
        await stream.cut()


async def test_a_stream_ends_with_the_right_to_it(office: Office, web: httpx.AsyncClient) -> None:
    signed, by_key = await cookie(office, "rep"), await key(office, "rep", "events:read", "*:read")
    streams = [await Stream(web, headers).open() for headers in (signed, by_key, await cookie(office, "manager"))]
    assert (await web.delete("/session", headers=signed)).status_code == 204
    await streams[0].ended()
    async with office.database.session() as session:
        await session.execute(update(ApiKey).values(expires_at=func.now()))
    await streams[1].ended()
    async with office.database.session() as session:
        demote = text("UPDATE users SET role = 'rep' WHERE id = :id")
        await session.execute(demote, {"id": office.people["manager"].id})
    await streams[2].ended()
    assert (await web.get("/events", headers=signed)).status_code == 401
    assert (await web.get("/events", headers=await key(office, "rep", "orders:read"))).status_code == 403


async def test_two_hundred_listeners_on_five_connections(
    office: Office, serving: Serving, web: httpx.AsyncClient
) -> None:
    headers = [await cookie(office, name) for name in ("director", "rep", "manager", "admin")]
    streams: list[Stream] = []
    for _ in range(20):  # more at once would be told to come back: to sign in takes a connection for a moment
        streams += await asyncio.gather(*(Stream(web, headers[number % 4]).open() for number in range(10)))
    assert len(serving.app.state.live.listeners) == 200
    await office.make("customers", owner_id=office.id("rep"))
    await asyncio.gather(*(stream.until("customers") for stream in streams))
    for _ in range(20):  # the others are served meanwhile
        assert (await web.get("/customers", headers=headers[0])).status_code == 200
    # The server stops while all listen: they end well, at once.
    await asyncio.to_thread(serving.stop)
    assert not serving.thread.is_alive()
    await asyncio.gather(*(stream.ended() for stream in streams))


async def test_one_look_without_a_stream(office: Office, web: httpx.AsyncClient) -> None:
    headers = await cookie(office, "director")

    async def look(**query: Any) -> dict[str, str]:
        answer = await web.get("/events", params={"wait": 0, **query}, headers=headers)
        assert answer.status_code == 200
        pairs: Iterator[tuple[str, str, str]] = (line.partition(": ") for line in answer.text.splitlines())
        return {name: value for name, _, value in pairs if name}

    first = await look()
    assert first["event"] == "ready"
    await office.make("tasks")
    second = await look(after=first["id"])
    assert second["event"] == "change"
    assert json.loads(second["data"])["resources"] == ["tasks"]
    assert (await look(after=second["id"]))["event"] == "ready"
    head = await web.head("/events", headers=headers)
    assert head.status_code == 200
