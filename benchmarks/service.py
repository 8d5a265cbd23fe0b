"""Servers run beside each other, and the cheapest client there is: sockets kept open, requests made once."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import orjson

PATIENCE = 60.0  # seconds until a server answers
ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Refused(RuntimeError):  # noqa: N818 - reads as what it is
    """An answer that is not the one expected; measured, it would be worth nothing."""


class Service:
    """A process that serves HTTP on 127.0.0.1, stopped at the end of the block. ``key``: sent as Bearer."""

    def __init__(self, command: list[str], port: int, ready: str, key: str = "", **environment: str) -> None:
        self.port, self.key, self.ready = port, key, ready
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )  # fmt: skip

    def wait(self) -> Self:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with Client(self) as client:
                    client.get(self.ready)
                return self
            except (OSError, Refused):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise TimeoutError(f"No answer from {self.ready} on port {self.port}.") from None
                time.sleep(0.01)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def pids(self) -> list[int]:
        return [self.process.pid]

    def __enter__(self) -> Self:
        try:
            return self.wait()
        except BaseException:  # nothing may stay running, even when one loses patience
            self.stop()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def noop() -> Service:
    port = free_port()
    return Service([sys.executable, "-m", "benchmarks.noop", str(port)], port, "/noop")


def cadran(key: str = "", **environment: str) -> Service:
    """``cadran serve``, without its worker: it looks at the log every second."""
    port = free_port()
    settings = {"PORT": str(port), "HOST": "127.0.0.1", "CADRAN_RATE_LIMIT": "100000000", "CADRAN_WORK": "false"}
    program = str(Path(sys.executable).with_name("cadran"))
    return Service([program, "serve"], port, "/readyz", key, **settings, **environment)


class Client:
    """``width`` connections to a service. Each request of a burst waits for the answer of the one before it."""

    def __init__(self, service: Service, width: int = 1) -> None:
        self.service, self.width, self.used = service, width, 0.0
        self.open()

    def open(self) -> None:
        """Connections are made anew after a pause: an idle one is closed by the server after 5 s."""
        if self.used and time.monotonic() - self.used < 2:
            return
        if self.used:
            self.close()
        self.used = time.monotonic()
        self.sockets = [
            socket.create_connection(("127.0.0.1", self.service.port), timeout=120) for _ in range(self.width)
        ]
        self.readers = [each.makefile("rb") for each in self.sockets]
        for each in self.sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(
        self, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The bytes of a request."""
        sent = dict(headers or {})
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.service.port}"]
        if self.service.key:
            lines.append(f"Authorization: Bearer {self.service.key}")
        if body:
            sent = {"content-type": "application/json"} | sent
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in sent.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def send(self, request: bytes, place: int = 0) -> tuple[int, dict[str, str], bytes]:
        self.open()
        self.sockets[place].sendall(request)
        return self._answer(place)

    def _answer(self, place: int) -> tuple[int, dict[str, str], bytes]:
        reader = self.readers[place]
        first = reader.readline()
        if not first:
            raise ConnectionResetError("The server closed the connection.")
        headers: dict[str, str] = {}
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        status, self.used = int(first.split()[1]), time.monotonic()
        return status, headers, reader.read(int(headers.get("content-length", 0)))

    def burst(self, request: bytes, times: int, status: int = 200) -> None:
        """The request ``times`` times, spread over the connections, one under way on each."""
        left = times
        while left > 0:
            wave = min(left, len(self.sockets))
            for place in range(wave):
                self.sockets[place].sendall(request)
            for place in range(wave):
                found, _, body = self._answer(place)
                if found != status:
                    raise Refused(f"{found} instead of {status}: {body[:300].decode(errors='replace')}")
            left -= wave

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and the JSON of the answer."""
        status, found, data = self.send(self.request(path, method, body, headers))
        return status, found, orjson.loads(data) if data else None

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a GET. Raises Refused."""
        status, _, found = self.ask(address(path, **parameters))
        if status != 200:
            raise Refused(f"{path}: {status} {str(found)[:300]}")
        return found

    def close(self) -> None:
        for reader, each in zip(self.readers, self.sockets, strict=True):
            reader.close()
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def address(path: str, **parameters: Any) -> str:
    """A path with its query; ``since`` is written ``from``."""
    named = {"from" if name == "since" else name: value for name, value in parameters.items()}
    return path + (f"?{urlencode(named, doseq=True)}" if named else "")
