"""An assistant: the official client of MCP, over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client


@asynccontextmanager
async def assistant(address: str, headers: Mapping[str, str], mode: str = "auto") -> AsyncIterator[Client]:
    """Connected to Cadran at ``address``; ``legacy``: by the handshake of clients of before 2026."""
    async with (
        httpx2.AsyncClient(headers=dict(headers), timeout=60) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as found,
    ):
        yield found


async def told(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """What the tool found."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    found: dict[str, Any] = answer.structured_content
    return found


async def refused(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The problem the tool was refused with."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error, answer.structured_content
    found: dict[str, Any] = answer.structured_content
    return found
