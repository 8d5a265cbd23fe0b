"""Feed tokens: the credential in the address of what can send no header. It goes no further than the first door."""

from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Receive, Scope, Send

STATE = "feed_token"


class FeedTokens:
    """ASGI middleware: takes ``token`` out of the query string, so that nothing below can log or repeat it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"token=" in scope["query_string"]:
            _take(scope)
        await self.app(scope, receive, send)


def _take(scope: Scope) -> None:
    kept: list[bytes] = []
    for part in scope["query_string"].split(b"&"):
        name, _, value = part.partition(b"=")
        if name == b"token":
            scope.setdefault("state", {})[STATE] = unquote_plus(value.decode("latin-1"))
        else:
            kept.append(part)
    scope["query_string"] = b"&".join(kept)


def token_of(scope: Scope) -> str | None:
    """What came as ``?token=``."""
    found: str | None = scope.get("state", {}).get(STATE)
    return found
