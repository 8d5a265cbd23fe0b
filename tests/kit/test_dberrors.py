"""Every way the database can say no, said to it for real, and what the caller reads."""

import asyncio
import errno
import random
import ssl
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm.exc import StaleDataError

from cadran.kit import dberrors, problems
from cadran.kit.dberrors import problem_of

SECRET = "somebody@else.example"
_DRAW = random.Random(3)
LONG = "".join(chr(_DRAW.randrange(0x20000, 0x2A6DF)) for _ in range(800))  # hardly compresses
TABLES = f"""
CREATE TEMP TABLE parents (id int PRIMARY KEY, email text NOT NULL, a int, b int, amount numeric(6, 2), code varchar(3),
    CONSTRAINT ck_parents_amount_positive CHECK (amount > 0), UNIQUE (a, b));
CREATE UNIQUE INDEX ON parents (lower(email::text));
CREATE TEMP TABLE follow_ups (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES parents ON DELETE RESTRICT);
CREATE TEMP TABLE notes (id int PRIMARY KEY, parent_id int REFERENCES parents);
INSERT INTO parents VALUES (1, '{SECRET}', 1, 1, 5, 'abc'), (2, 'two@example.com', 2, 2, 5, 'abc');
INSERT INTO follow_ups VALUES (1, 1);
INSERT INTO notes VALUES (1, 2);
"""


@pytest.fixture(scope="module")
async def server(server_url: str) -> AsyncIterator[AsyncEngine]:
    found = create_async_engine(server_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    async with found.connect() as connection:
        for statement in TABLES.split(";\n"):
            await connection.execute(text(statement))
        await connection.commit()
    yield found
    await found.dispose()


async def said(connection: AsyncConnection, statement: str, **values: Any) -> BaseException:
    with pytest.raises((SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
        await connection.execute(text(statement), values)
    return caught.value


@pytest.mark.parametrize(
    ("statement", "values", "code", "pointers"),
    [
        ("INSERT INTO parents (id, email) VALUES (1, 'x')", {}, "already_exists", ["/id"]),
        ("INSERT INTO parents (id, email) VALUES (9, 'SOMEBODY@else.example')", {}, "already_exists", ["/email"]),
        ("INSERT INTO parents (id, email, a, b) VALUES (9, 'x', 1, 1)", {}, "already_exists", ["/a", "/b"]),
        ("INSERT INTO follow_ups VALUES (9, 77)", {}, "validation", ["/parent_id"]),
        ("DELETE FROM parents WHERE id = 1", {}, "in_use", []),
        ("DELETE FROM parents WHERE id = 2", {}, "in_use", []),
        ("INSERT INTO follow_ups (id) VALUES (9)", {}, "validation", ["/parent_id"]),
        ("UPDATE parents SET amount = 0", {}, "validation", [""]),
        ("UPDATE parents SET amount = 123456", {}, "validation", [""]),
        ("UPDATE parents SET code = 'abcd'", {}, "validation", [""]),
        ("UPDATE parents SET email = :v WHERE id = 1", {"v": "a\x00b"}, "validation", [""]),
        ("UPDATE parents SET email = :v WHERE id = 1", {"v": "a\ud800b"}, "validation", [""]),
        ("UPDATE parents SET a = :v WHERE id = 1", {"v": 2**40}, "validation", [""]),
        ("UPDATE parents SET a = :v WHERE id = 1", {"v": "twelve"}, "validation", [""]),
        ("UPDATE parents SET email = :v WHERE id = 1", {"v": LONG}, "validation", [""]),  # no index entry holds it
        ("SELECT 1 / 0", {}, "validation", [""]),
        ("SELECT CAST('x' AS uuid)", {}, "validation", [""]),
    ],
)
async def test_refused_values(
    server: AsyncEngine, statement: str, values: dict[str, Any], code: str, pointers: list[str]
) -> None:
    async with server.connect() as connection:
        problem = problem_of(await said(connection, statement, **values))
        await connection.rollback()
    assert problem is not None
    assert problem.code == code
    assert [error["pointer"] for error in problem.errors] == pointers
    assert all(error["remedy"] for error in problem.errors)
    whole = str(problems.body(problem, None)).lower()
    assert SECRET not in whole
    assert "insert" not in whole


@pytest.mark.parametrize(
    "state",
    ["40001", "40P01", "55P03", "57014", "53100", "53300", "08006", "57P01", "57P03", "25006", "25P03", "25P04"],
)
async def test_what_passes_is_worth_a_retry(server: AsyncEngine, state: str) -> None:
    async with server.connect() as connection:
        raised = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"
        problem = problem_of(await said(connection, raised))
        await connection.rollback()
    assert problem is not None
    assert problem.code == "overloaded"
    assert problem.headers["Retry-After"].isdigit()


@pytest.mark.parametrize("statement", ["SELECT nonsense", "SELEC 1", "SELECT * FROM no_such_table"])
async def test_our_own_mistakes_are_not_the_callers(server: AsyncEngine, statement: str) -> None:
    async with server.connect() as connection:
        assert problem_of(await said(connection, statement)) is None
        await connection.rollback()


async def test_a_slow_statement_is_cut(server: AsyncEngine) -> None:
    async with server.connect() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = '20ms'"))
        problem = problem_of(await said(connection, "SELECT pg_sleep(5)"))
        await connection.rollback()
    assert problem is not None
    assert problem.code == "overloaded"


async def test_no_connection_left_in_the_pool(server: AsyncEngine) -> None:
    async with server.connect():
        with pytest.raises(SQLAlchemyError) as caught:
            await server.connect()
    problem = problem_of(caught.value)
    assert problem is not None
    assert problem.code == "overloaded"


async def test_a_killed_connection(server_url: str) -> None:
    own = create_async_engine(server_url, pool_size=2)
    async with own.connect() as victim, own.connect() as killer:
        pid = (await victim.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        driver: Any = (await victim.get_raw_connection()).driver_connection
        await killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await asyncio.sleep(0.05)
        problem = problem_of(await said(victim, "SELECT 1"))
        assert problem is not None
        assert problem.code == "overloaded"
        driver.terminate()  # else the interpreter complains of what the server closed
    await own.dispose()


@pytest.mark.parametrize(
    "way",
    [
        {"host": "127.0.0.1", "port": 1, "query": {}},
        {"host": "no-such-host.invalid", "port": 5432, "query": {}},
        {"host": None, "port": None, "query": {"host": "/no-such-folder"}},  # the socket goes with the server
    ],
    ids=["port", "name", "socket"],
)
async def test_nobody_listens(server_url: str, way: dict[str, Any]) -> None:
    nowhere = create_async_engine(make_url(server_url).set(**way))
    with pytest.raises(OSError) as caught:
        await nowhere.connect()
    problem = problem_of(caught.value)
    assert problem is not None
    assert problem.code == "overloaded"
    await nowhere.dispose()


def test_errors_of_the_bare_driver_and_of_the_orm() -> None:
    taken = asyncpg.UniqueViolationError("no")
    taken.detail = f"Key (email)=({SECRET}) already exists."
    found = [problem_of(error) for error in (taken, StaleDataError("no"), TimeoutError(), ConnectionResetError())]
    assert [problem.code if problem else None for problem in found] == [
        "already_exists", "conflict", "overloaded", "overloaded",
    ]  # fmt: skip
    for error in (
        asyncpg.TargetServerAttributeNotMatched("no server leads yet"),
        ssl.SSLError("torn"),
        OSError(errno.EHOSTUNREACH, "no route"),
    ):
        problem = problem_of(error)
        assert problem is not None, error
        assert problem.code == "overloaded"
    for ours in (
        ValueError("ours"),
        FileNotFoundError("ours"),
        FileNotFoundError(errno.ENOENT, "no such file", "a/page.html"),
        PermissionError(errno.EACCES, "ours"),
        asyncpg.ClientConfigurationError("a DATABASE_URL nobody understands"),
    ):
        assert problem_of(ours) is None, ours


async def test_the_handlers_answer(server: AsyncEngine) -> None:
    app = FastAPI()
    problems.install(app)
    dberrors.install(app)

    @app.post("/parents")
    async def create() -> None:
        async with server.connect() as connection:
            await connection.execute(text("INSERT INTO parents (id, email) VALUES (1, 'x')"))

    @app.get("/broken")
    async def broken() -> None:
        async with server.connect() as connection:
            await connection.execute(text("SELECT nonsense"))

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.post("/parents")
        assert answer.status_code == 409
        assert answer.json()["errors"] == [
            {"pointer": "/id", "code": "taken", "detail": "Another record has this value.",
             "remedy": "Choose another, or change that record."}
        ]  # fmt: skip
        assert (await client.get("/broken")).status_code == 500
