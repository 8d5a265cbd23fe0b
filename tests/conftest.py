"""One migrated template database, cloned for each worker; each test in a transaction that is rolled back.

The server is a throw-away embedded PostgreSQL, or the one of ``TEST_DATABASE_URL`` (any database of it, by a role that
may create others). Fixtures: ``database`` and ``session`` (rolled back), ``fresh_database`` (a clone of one's own with
a real pool, for tests of concurrency and commits), ``people`` (a small sales force), ``make`` (records through the
resources), ``client`` and ``as_user`` (HTTP).
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cadran.kit.db import Actor, Database, engine
from cadran.kit.problems import Problem
from cadran.rules.principal import Principal
from cadran.settings import Settings
from databases import PATIENT, SEEN, clone, drop, leave_alone, running_server, tidy
from factories import Maker, People, hire


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-cases", type=int, default=4200, help="How many requests tests/test_fuzz.py makes.")
    parser.addoption("--replayed", type=int, default=400, help="Documents tests/feed/test_killed.py pushes thrice.")
    parser.addoption("--fired", type=int, default=1000, help="Writes of tests/answers/test_under_fire.py.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test starts first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name != "test_fuzz.py")


_shared = ExitStack()  # with xdist, the controller runs the one server of all its workers
_shared_url: list[str] = []


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if not _shared_url:
        _shared_url.append(_shared.enter_context(running_server()))
    node.workerinput["server_url"] = _shared_url[0]


def pytest_unconfigure() -> None:
    _shared.close()


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    shared = getattr(request.config, "workerinput", {}).get("server_url")
    if shared:
        yield shared
        return
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
async def worker_engine(server_url: str) -> AsyncIterator[AsyncEngine]:
    url = await clone(server_url)
    bind = engine(url, 2, **PATIENT)
    await leave_alone(bind)
    yield bind
    await bind.dispose()
    await drop(url)


@pytest.fixture
async def database(worker_engine: AsyncEngine) -> AsyncIterator[Database]:
    """What is written through it, even by the application, is rolled back after the test."""
    async with worker_engine.connect() as connection:
        outer = await connection.begin()
        yield Database(connection)
        await outer.rollback()
    await tidy(worker_engine)


@pytest.fixture
async def fresh_database(server_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database of the test's own: real commits, a pool of ten."""
    url = await clone(server_url)
    found = Database(engine(url))
    yield found
    await found.close()
    await drop(url)


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    async with database.session(Actor("test")) as found:
        yield found


@pytest.fixture
async def people(session: AsyncSession) -> People:
    return await hire(session)


@pytest.fixture
def make(session: AsyncSession, people: People) -> Maker:
    """``await make("orders", customer_id=…)`` creates a record as the admin would; returns its row."""
    return Maker(session, people.principal("admin"))


@pytest.fixture(scope="session")
def bare_app() -> FastAPI:
    """One application for all tests: building it takes longer than a test."""
    from cadran.app import create_app

    return create_app(Settings())


@pytest.fixture
def app(bare_app: FastAPI, database: Database) -> Iterator[FastAPI]:
    """The application on the test's transaction, with sign-in replaced by a header that only ``as_user`` writes."""
    kept = getattr(bare_app.state, "authenticate", None)
    bare_app.state.database = database
    bare_app.state.known = {}

    async def authenticate(request: Request, session: AsyncSession) -> Principal:
        who: Principal | None = bare_app.state.known.get(request.headers.get(SEEN))
        if who is None:
            raise Problem("unauthorized")
        session.info["actor"] = Actor(who.email, str(who.user_id), request.scope.get("state", {}).get("request_id"))
        return who

    bare_app.state.authenticate = authenticate
    yield bare_app
    bare_app.state.authenticate = kept


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody in particular."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as found:
        yield found


@pytest.fixture
async def as_user(app: FastAPI, people: People) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """``as_user("rep")``: a client signed in as that one of :class:`People`; ``scopes=``: by an API key of theirs."""
    opened: list[httpx.AsyncClient] = []

    def sign_in(name: str | Principal, scopes: frozenset[str] | None = None) -> httpx.AsyncClient:
        who = name if isinstance(name, Principal) else people.principal(name, scopes)
        token = uuid4().hex
        app.state.known[token] = who
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://testserver", headers={SEEN: token}))
        return opened[-1]

    yield sign_in
    for each in opened:
        await each.aclose()
