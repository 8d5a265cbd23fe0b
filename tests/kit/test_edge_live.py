"""The edge behind a real server: connections outlive every error, and torn answers look torn."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from edge_app import LIMIT, small_app


@pytest.fixture(scope="module")
def live() -> Iterator[tuple[str, int]]:
    """A real server, on a thread of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(small_app(), port=port, log_config=None, server_header=False, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield "127.0.0.1", port
    server.should_exit = True
    thread.join(10)


def answer_of(file: Any, head: bool = False) -> tuple[int, dict[str, str], bytes]:
    status = int(file.readline().split()[1])
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return status, headers, b"" if head else file.read(int(headers.get("content-length", 0)))


def test_one_connection_survives_everything(live: tuple[str, int]) -> None:
    """Errors of ours, bodies refused read or unread, HEAD of a stream: the next request on the socket is served."""
    big = 50 * LIMIT
    requests = [
        (b"GET /boom HTTP/1.1\r\nHost: x\r\n\r\n", 500),
        (b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{x}", 400),
        (b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415),
        (b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
         % (big, b"x" * big), 413),
        (b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
         b"1000\r\n%s\r\n0\r\n\r\n" % (b"x" * 4096), 413),
        (b"GET /things?q=%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ]  # fmt: skip
    with socket.create_connection(live, timeout=5) as connection, connection.makefile("rb") as file:
        for sent, expected in requests:
            connection.sendall(sent)
            status, headers, body = answer_of(file, head=sent.startswith(b"HEAD"))
            assert status == expected, (sent[:80], body)
            assert headers.get("connection") != "close"
            assert "server" not in headers
            connection.sendall(b"GET /things HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer_of(file)[0] == 200, sent[:80]


def test_an_answer_torn_half_way_is_seen_to_be_torn(live: tuple[str, int]) -> None:
    """A stream that fails after its first bytes must not look complete."""
    with httpx.Client(base_url=f"http://{live[0]}:{live[1]}") as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/torn")
