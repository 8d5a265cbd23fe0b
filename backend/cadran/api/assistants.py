"""Assistants over MCP: one address, no session kept, JSON answers, in the request's own read-only transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from sqlalchemy import text
from starlette.types import Message

from cadran.kit.unit import UnitDep

router = APIRouter()


@router.post("/mcp", include_in_schema=False)
async def call(unit: UnitDep) -> Response:
    """One message of an assistant. MCP describes itself (tools/list), so OpenAPI does not."""
    unit.require("mcp", "read")
    await unit.session.execute(text("SET TRANSACTION READ ONLY"))
    request = unit.request
    request.state.unit, request.state.failure = unit, None
    answer = Response()
    await request.app.state.assistants.handle_request(request.scope, request.receive, _into(answer))
    if request.state.failure is not None:
        raise request.state.failure
    return answer


def _into(answer: Response) -> Any:
    """An ASGI ``send`` that keeps what the library answers: it goes out once the transaction has ended."""

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            answer.raw_headers = [*message["headers"], (b"cache-control", b"no-store")]
        else:
            answer.body = bytes(answer.body) + message.get("body", b"")

    return send


@asynccontextmanager
async def assisting(app: FastAPI) -> AsyncIterator[None]:
    """Takes assistants' messages until the service stops."""
    from cadran.api.assistant_server import manager_of_messages  # the library is slow to load: commands do without

    manager = app.state.assistants = manager_of_messages()
    async with manager.run():
        yield
