"""The first and last thing a request meets: what is malformed stops here, and nothing leaves but an answer of ours."""

import logging
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from cadran.kit import problems, strict_json
from cadran.kit.problems import Problem, clean

log = logging.getLogger(__name__)
access = logging.getLogger("cadran.access")

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
MEBIBYTE = 1024 * 1024
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")

PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_OF_PAGE, _OF_DATA = (
    (*HEADERS, (b"content-security-policy", policy.encode())) for policy in (PAGE_POLICY, DATA_POLICY)
)
HSTS = (b"strict-transport-security", b"max-age=31536000")


@dataclass(frozen=True)
class Upload:
    """What the paths below a prefix take besides JSON: files, streamed to the endpoint and counted on the way."""

    limit: int
    media_types: frozenset[str]


@dataclass
class _Exchange:
    """One request and what is known of its answer."""

    scope: Scope
    request_id: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    done: bool = False


class Edge:
    """ASGI middleware, outermost. Bodies are JSON of at most ``limit`` bytes, but for ``uploads`` (path prefix → what).

    Every answer carries X-Request-Id (the caller's own, if it is at most 100 letters, digits, dots, dashes) and the
    security headers; HEAD is GET without its body; each request is one line of JSON in the log ``cadran.access``.
    """

    def __init__(self, app: ASGIApp, limit: int = MEBIBYTE, uploads: Mapping[str, Upload] | None = None) -> None:
        self.app, self.limit, self.uploads = app, limit, dict(uploads or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        exchange = _Exchange(dict(scope), given if _SAFE_ID.fullmatch(given) else str(uuid7()))
        exchange.scope["state"] = {**scope.get("state", {}), "request_id": exchange.request_id}
        if scope["method"] == "HEAD":
            exchange.scope["method"] = "GET"
        try:
            await self._answer(exchange, receive, _sender(exchange, scope["method"] == "HEAD", send))
        finally:
            _write_line(exchange, scope["method"])

    async def _answer(self, exchange: _Exchange, receive: Receive, send: Send) -> None:
        try:
            check_address(exchange.scope)
            await self.app(exchange.scope, await self._body(exchange.scope, receive), send)
        except Problem as problem:
            await self._refuse(exchange, problem, send)
        except _Gone:
            return
        except Exception:
            if exchange.done:  # a HEAD whose body nobody wants
                return
            log.exception("request %s failed", exchange.request_id)
            await self._refuse(exchange, Problem("internal"), send)

    async def _refuse(self, exchange: _Exchange, problem: Problem, send: Send) -> None:
        if exchange.status:  # too late for a clean answer: the server must cut the connection
            raise RuntimeError("failed while answering") from problem
        answer = problems.response(problem, exchange.request_id)
        await answer(exchange.scope, _nothing, send)

    async def _body(self, scope: Scope, receive: Receive) -> Receive:
        """The application's ``receive`` for a body found fit: JSON read and checked by now, files still to come."""
        length = header(scope, b"content-length")
        if not header(scope, b"transfer-encoding") and (not length or length == "0"):
            return receive
        kind = media_type(scope)
        if header(scope, b"content-encoding").lower() not in ("", "identity"):
            raise Problem("unsupported_media_type", "Send the body as it is, without Content-Encoding.")
        declared = int(length) if length.isdecimal() and len(length) < 19 else 0
        upload = next((each for prefix, each in self.uploads.items() if scope["path"].startswith(prefix)), None)
        if upload is not None and kind in upload.media_types:
            if declared > upload.limit:
                raise _too_large(upload.limit)
            return _counted(receive, upload.limit)
        if declared > self.limit:
            raise _too_large(self.limit)
        body = await _read(receive, self.limit)
        if body:
            _check_kind(scope, kind, upload)
            strict_json.check(body)
        return _replayed(body, receive)


class _Gone(Exception):  # noqa: N818 - nothing went wrong
    """The client left before it had sent its request."""


def sent(scope: Scope, name: bytes) -> str | None:
    """The header's value, of several the first, None when there is none."""
    for key, value in scope["headers"]:
        if key == name:
            found: str = value.decode("latin-1")
            return found
    return None


def header(scope: Scope, name: bytes) -> str:
    """The same, "" when there is none."""
    return sent(scope, name) or ""


def media_type(scope: Scope) -> str:
    return header(scope, b"content-type").partition(";")[0].strip().lower()


def check_address(scope: Scope) -> None:
    """Raises a 400 unless path and query are percent-encoded UTF-8 without NUL, and the path begins with a slash."""
    if not scope["path"].startswith("/"):  # "OPTIONS *" asks the server as a whole, which says nothing of itself
        raise Problem("malformed_request", "The path begins with no slash; ask for /.")
    for name, raw in (("path", scope.get("raw_path") or b""), ("query", scope.get("query_string") or b"")):
        if not raw or (raw.isascii() and b"%" not in raw and b"\0" not in raw):
            continue
        try:
            decoded = unquote_to_bytes(raw).decode()
        except UnicodeDecodeError:
            raise Problem("malformed_request", f"The {name} is not percent-encoded UTF-8.") from None
        if _BAD_ESCAPE.search(raw):
            raise Problem("malformed_request", f"The {name} holds a % that begins no escape; write %25.")
        if "\0" in decoded:
            raise Problem("malformed_request", f"The {name} holds a NUL character.")


def _check_kind(scope: Scope, kind: str, upload: Upload | None) -> None:
    taken = {JSON, MERGE_PATCH} if scope["method"] == "PATCH" else {JSON}
    charset = re.search(r"charset=\"?([^\";\s]+)", header(scope, b"content-type"), re.I)
    if kind not in taken:
        offered = ", ".join(sorted(taken | (upload.media_types if upload else frozenset())))
        raise Problem("unsupported_media_type", f"Send Content-Type: {offered}.")
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Problem("unsupported_media_type", "JSON is UTF-8.")


def _too_large(limit: int) -> Problem:
    return Problem("too_large", f"The body is larger than the {limit} bytes taken here.")


async def _read(receive: Receive, limit: int) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


def _counted(receive: Receive, limit: int) -> Receive:
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            # FastAPI lets this class alone through where it parses bodies, so that it stays a 413.
            raise HTTPException(413)
        return message

    return count


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _sender(exchange: _Exchange, head: bool, send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            await send({**message, "headers": _headers(exchange, message.get("headers", ()))})
        elif not head:
            await send(message)
        elif not exchange.done:
            exchange.done = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body"):  # a stream nobody reads must not run on
                raise OSError("HEAD takes no body")

    return sender


def _headers(exchange: _Exchange, given: Collection[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    named = {name.lower(): value for name, value in given}
    kept = list(given)
    if b"server" in named or b"x-request-id" in named:
        kept = [(name, value) for name, value in given if name.lower() not in (b"server", b"x-request-id")]
    # A service worker obeys the policy of its own script, and fetches the files it keeps.
    is_page = named.get(b"content-type", b"").startswith((b"text/html", b"text/javascript"))
    ours: tuple[tuple[bytes, bytes], ...] = _OF_PAGE if is_page else _OF_DATA
    if exchange.scope.get("scheme") == "https":
        ours = (*ours, HSTS)
    kept += [pair for pair in ours if pair[0] not in named]
    kept.append((b"x-request-id", exchange.request_id.encode()))
    return kept


def _write_line(exchange: _Exchange, method: str) -> None:
    """One line for a request: no query, no header, no body, nothing that could be a secret."""
    if not access.isEnabledFor(logging.INFO):
        return
    scope = exchange.scope
    template = getattr(scope.get("route"), "path", None)
    line: dict[str, Any] = {
        "method": clean(method, 20),
        "route": template or clean(scope["path"], 200),
        "status": exchange.status or 499,  # 499: the client left first
        "ms": round((time.perf_counter() - exchange.started) * 1000, 1),
        "principal": scope["state"].get("principal_id"),
        "request_id": exchange.request_id,
    }
    # As ``access.info`` would, but for looking up from which line of ours it comes.
    said = orjson.dumps(line, default=str).decode()
    access.handle(access.makeRecord(access.name, logging.INFO, "", 0, said, (), None))


def same_origin(scope: Scope, allowed: Collection[str] = ()) -> bool:
    """Whether the browser says that one of our own pages sent this: for unsafe methods that ride on a session cookie.

    ``allowed``: other origins that may (``https://sales.example``). Without Sec-Fetch-Site and Origin the answer is no.
    """
    origin = header(scope, b"origin").lower()
    if origin and origin in {each.lower().rstrip("/") for each in allowed}:
        return True
    site = header(scope, b"sec-fetch-site").lower()
    if site:
        return site in ("same-origin", "none")
    scheme, _, place = origin.partition("://")
    port = {"http": ":80", "https": ":443"}.get(scheme)
    host = header(scope, b"host").lower()
    return bool(port and place) and place.removesuffix(port or "") == host.removesuffix(port or "")
