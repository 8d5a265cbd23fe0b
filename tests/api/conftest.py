"""The application with its real sign-in."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit import auth as secret_kit
from cadran.kit.db import Database
from cadran.models import User
from factories import People, hire
from signing import OURS, SECRET, Open, real


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are what is tested here, not the cost; one test below looks at the cost."""
    monkeypatch.setattr(
        secret_kit, "_passwords", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    )
    secret_kit._nobody.cache_clear()


@pytest.fixture
async def browser(app: FastAPI, people: People, session: AsyncSession) -> AsyncIterator[Open]:
    """``browser()``: a client of the application as it is, with its own cookies; everyone's password is SECRET."""
    real(app)
    await session.execute(update(User).values(password_hash=await secret_kit.hash_password(SECRET)))
    opened: list[httpx.AsyncClient] = []

    def another(base: str = "http://testserver", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        opened.append(httpx.AsyncClient(transport=transport, base_url=base, headers={**OURS, **headers}))
        return opened[-1]

    yield another
    for each in opened:
        await each.aclose()


@pytest.fixture
async def office(fresh_database: Database, bare_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application on a database with real commits and connections, the rep's password being SECRET."""
    async with fresh_database.session() as session:
        people = await hire(session)
        people["rep"].password_hash = await secret_kit.hash_password(SECRET)
    kept = (bare_app.state.database, bare_app.state.authenticate)
    bare_app.state.database = fresh_database
    real(bare_app)
    transport = httpx.ASGITransport(app=bare_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=OURS) as client:
        yield client
    bare_app.state.database, bare_app.state.authenticate = kept
