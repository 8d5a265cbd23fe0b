"""A receiver of webhooks on a thread of its own, which verifies every signature with the published library."""

import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Answer = Callable[[dict[str, Any]], int]


@dataclass
class Receiver:
    """``seen``: every message that came, with its id and the answer given; ``accepted``: the ids answered by 2xx."""

    url: str = ""
    port: int = 0
    secret: str = ""
    answer: Answer = lambda message: 204
    location: str | None = None
    seen: list[tuple[str, dict[str, Any], int]] = field(default_factory=list)
    unsigned: int = 0
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def accepted(self) -> list[str]:
        return [key for key, _, status in self.seen if status < 300]

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        with self.lock:
            try:
                message = Webhook(self.secret).verify(body, headers)
            except Exception:
                self.unsigned += 1
                return 400
            status = self.answer(message)
            self.seen.append((headers["webhook-id"], message, status))
            return status


def failing(share: float, seed: int = 7) -> Answer:
    """Answers 500 to that share of the messages, by chance."""
    chance = random.Random(seed)
    return lambda message: 500 if chance.random() < share else 200


@contextmanager
def receiving(answer: Answer | None = None, host: str = "127.0.0.1") -> Iterator[Receiver]:
    found = Receiver()
    if answer is not None:
        found.answer = answer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # the sender died in the middle
                self.close_connection = True
                return
            status = found.receive({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            if found.location is not None:
                self.send_header("Location", found.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the library's own names

        def log_message(self, *given: Any) -> None:
            return None

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def process_request(self, request: Any, client_address: Any) -> None:
            found.connections += 1
            super().process_request(request, client_address)

        def handle_error(self, request: Any, client_address: Any) -> None:
            return None  # a connection torn by a worker that was killed

    server = Server((host, 0), Handler)
    found.port = server.server_address[1]
    found.url = f"http://{f'[{host}]' if ':' in host else host}:{found.port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def told(message: dict[str, Any]) -> str:
    return json.dumps(message, sort_keys=True)
