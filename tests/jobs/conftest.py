"""The company whose webhooks are tested, and its worker."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.jobs.worker import Worker
from cadran.kit.db import Actor, Database
from cadran.rules.principal import Principal
from databases import SEEN
from factories import hire
from working_company import Company


@pytest.fixture
async def company(fresh_database: Database, bare_app: FastAPI) -> AsyncIterator[Company]:
    async with fresh_database.session(Actor("test")) as session:
        people = await hire(session)
    kept = {name: getattr(bare_app.state, name) for name in ("database", "authenticate", "settings")}
    known: dict[str, Principal] = {}
    opened: list[httpx.AsyncClient] = []

    async def authenticate(request: Request, session: AsyncSession) -> Principal:
        who = known[request.headers[SEEN]]
        session.info["actor"] = Actor(who.email, str(who.user_id))
        return who

    def sign_in(who: Principal) -> httpx.AsyncClient:
        token = uuid4().hex
        known[token] = who
        transport = httpx.ASGITransport(app=bare_app, raise_app_exceptions=True)
        headers = {SEEN: token, "If-Match": "*"}
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers))
        return opened[-1]

    settings = kept["settings"].model_copy(update={"webhook_internal": True, "webhook_first_retry": 0.05})
    bare_app.state.database, bare_app.state.authenticate, bare_app.state.settings = (
        fresh_database,
        authenticate,
        settings,
    )
    yield Company(fresh_database, people, sign_in(people.principal("admin")), settings, sign_in)
    for each in opened:
        await each.aclose()
    for name, value in kept.items():
        setattr(bare_app.state, name, value)


@pytest.fixture
async def worker(company: Company) -> AsyncIterator[Worker]:
    """A worker in this process, that does only what it is told to."""
    found = Worker(company.database, company.settings)
    yield found
    await found.sender.close()
