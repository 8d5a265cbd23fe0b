"""Signing in as people and programs do."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.api import auth
from cadran.api.session import WINDOW
from cadran.kit.ratelimit import Buckets

SECRET = "correct horse battery"
OURS = {"Sec-Fetch-Site": "same-origin"}
THEIRS = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
Open = Callable[..., httpx.AsyncClient]


def real(app: FastAPI) -> FastAPI:
    app.state.authenticate = auth.authenticate
    app.state.noted = {}
    app.state.sign_in_failures = Buckets(1000, WINDOW.total_seconds())
    return app


async def sign_in(client: httpx.AsyncClient, name: str = "rep", password: str = SECRET) -> httpx.Response:
    return await client.post("/session", json={"email": f"{name}@durand.test", "password": password})


async def key_for(client: httpx.AsyncClient, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api-keys", json={"name": "Spreadsheet", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(key: str, user: str = "anyone") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


@contextmanager
def statements_of(bind: AsyncEngine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def listen(*given: Any) -> None:
        seen.append(given[2])

    event.listen(bind.sync_engine, "before_cursor_execute", listen)
    yield seen
    event.remove(bind.sync_engine, "before_cursor_execute", listen)
