"""The application on a database with real commits: only what is committed is in the feed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cadran.kit.db import Actor, Database
from cadran.kit.problems import Problem
from cadran.rules.principal import Principal
from databases import SEEN
from factories import hire
from following import Office, Serving


@pytest.fixture
async def office(fresh_database: Database, bare_app: FastAPI) -> AsyncIterator[Office]:
    async with fresh_database.session(Actor("test")) as session:
        people = await hire(session)
    found = Office(bare_app, fresh_database, people)
    kept = (bare_app.state.database, bare_app.state.authenticate)

    async def authenticate(request: Request, session: AsyncSession) -> Principal:
        who = found.known.get(request.headers.get(SEEN, ""))
        if who is None:
            raise Problem("unauthorized")
        return who

    bare_app.state.database, bare_app.state.authenticate = fresh_database, authenticate
    yield found
    for client in found.opened:
        await client.aclose()
    bare_app.state.database, bare_app.state.authenticate = kept


@pytest.fixture
async def serving(office: Office) -> AsyncIterator[Serving]:
    assert isinstance(office.database.bind, AsyncEngine)
    found = Serving(office.database.bind.url.render_as_string(hide_password=False))
    await asyncio.to_thread(found.start)
    yield found
    await asyncio.to_thread(found.stop)
