"""How soon after a commit a screen is told, with many of them listening, against a bare LISTEN."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

import asyncpg

from benchmarks.bench import Bench
from benchmarks.generate import key
from benchmarks.service import Service
from benchmarks.table import Goal, Row

LIVE, EVENTS = "bench_live", 15
PAUSE = 0.3  # seconds between two commits: each is an event of its own
GOALS = {100: 8, 1000: 50}


def told(bench: Bench) -> Iterator[Row]:
    """From the commit to the last of the listeners."""
    with bench.scratch(LIVE):
        for count in bench.listeners:
            ours, bare = asyncio.run(_both(bench, bench.service(LIVE), count))
            goal = next((Goal(most=most) for known, most in GOALS.items() if count <= known), Goal())
            detail = f"{ours * 1000:.1f} ms against {bare * 1000:.2f} ms"
            yield Row(
                f"Commit to {count:,} listeners by SSE", "bare NOTIFY to one LISTEN client", ours / bare, goal, detail
            )


async def _both(bench: Bench, service: Service, count: int) -> tuple[float, float]:
    """Median seconds to the median listener, and those of the bare client, in turns."""
    place: dict[str, Any] = {"host": str(bench.store.server.socket_dir), "port": bench.store.server.port}
    place |= {"user": "cadran", "database": LIVE}
    async with AsyncExitStack() as stack:
        listeners = []
        for _ in range(count):
            listener = await _Listener.join(service)
            stack.callback(listener.close)
            listeners.append(listener)
        writer, hearer = await asyncpg.connect(**place), await asyncpg.connect(**place)
        stack.push_async_callback(writer.close)
        stack.push_async_callback(hearer.close)
        heard = asyncio.Event()
        await hearer.add_listener("bench", lambda *_: heard.set())
        api = await _Asker.open(service)
        stack.callback(api.close)
        customer = await writer.fetchval(f"SELECT {key('customer', '3')}")
        ours, bare = [], []
        for number in range(EVENTS + 1):
            for listener in listeners:
                listener.told.clear()
            took = await api.rename(customer, f"Client {number}")
            await _all_told(listeners)
            if number:
                ours.append(median(listener.at for listener in listeners) - took)
            heard.clear()
            started = time.perf_counter()
            await writer.execute("NOTIFY bench")
            await heard.wait()
            bare.append(time.perf_counter() - started)
            await asyncio.sleep(PAUSE)
    return median(ours), median(bare)


async def _all_told(listeners: list["_Listener"]) -> None:
    async with asyncio.timeout(20):
        for listener in listeners:
            await listener.told.wait()


class _Listener(asyncio.Protocol):
    """``at``: when the last event came."""

    def __init__(self) -> None:
        self.at, self.told = 0.0, asyncio.Event()
        self.ready = asyncio.Event()
        self.transport: asyncio.Transport

    @classmethod
    async def join(cls, service: Service) -> "_Listener":
        loop = asyncio.get_running_loop()
        transport, listener = await loop.create_connection(cls, "127.0.0.1", service.port)
        listener.transport = transport
        transport.write(_head("GET", "/events", service))
        async with asyncio.timeout(20):
            await listener.ready.wait()
        return listener

    def data_received(self, data: bytes) -> None:
        if b"event: ready" in data:
            self.ready.set()
        if b"event: change" in data and not self.told.is_set():
            self.at = time.perf_counter()
            self.told.set()

    def close(self) -> None:
        self.transport.close()


def _head(method: str, path: str, service: Service, *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {service.key}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


class _Asker:
    """One connection that changes a record."""

    def __init__(self, service: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.service, self.reader, self.writer = service, reader, writer

    @classmethod
    async def open(cls, service: Service) -> "_Asker":
        return cls(service, *await asyncio.open_connection("127.0.0.1", service.port))

    async def rename(self, customer: object, name: str) -> float:
        """When the answer came, which is sent once the change is committed."""
        body = f'{{"notes": "{name}"}}'.encode()
        kind = ("Content-Type: application/merge-patch+json", f"Content-Length: {len(body)}", "If-Match: *")
        self.writer.write(_head("PATCH", f"/customers/{customer}", self.service, *kind) + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        came = time.perf_counter()
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await self.reader.readexactly(int(length.split(b":")[1]))
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(head.decode().splitlines()[0])
        return came

    def close(self) -> None:
        self.writer.close()
