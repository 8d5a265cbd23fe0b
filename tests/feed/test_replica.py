"""KPIs read from a real streaming replica: never older than what was committed, and answered when it is gone."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from cadran.app import create_app
from cadran.cli.store import migrate
from cadran.kit.auth import new_api_key
from cadran.kit.db import Database, engine
from cadran.kit.postgres import EmbeddedPostgres, binary
from cadran.kit.replica import Replica
from cadran.queries.remembered import until_written
from cadran.settings import Settings
from served import free_port

ROLE = "CREATE ROLE follower REPLICATION LOGIN PASSWORD 'follow'"
Pair = tuple[EmbeddedPostgres, EmbeddedPostgres]


def sql(server: EmbeddedPostgres, statement: str) -> str:
    url = server.url.replace("+asyncpg", "")
    command = [str(binary("psql")), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", check=True).stdout.strip()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A server, and one that follows it."""
    parent = Path(tempfile.mkdtemp(prefix="cadran-test-"))
    parent.chmod(0o755)
    try:
        with EmbeddedPostgres(parent / "first", free_port()) as first:
            with (first.home / "pg_hba.conf").open("a") as access:
                access.write("host replication follower 127.0.0.1/32 scram-sha-256\n")
            sql(first, f"SELECT pg_reload_conf(); {ROLE}")
            migrate(first.url)
            (parent / "second").mkdir(mode=0o755)
            copy = parent / "second/postgres"
            place = f"host=127.0.0.1 port={first.port} user=follower password=follow"
            command = [str(binary("pg_basebackup")), "-d", place, "-D", str(copy), "-R", "-X", "stream", "-c", "fast"]
            subprocess.run(command, check=True, cwd="/")
            if os.geteuid() == 0:
                owner = first.data.stat()
                for path in (copy, *copy.rglob("*")):
                    os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
            with EmbeddedPostgres(parent / "second", fsync=False) as second:
                yield first, second
    finally:
        shutil.rmtree(parent)


@asynccontextmanager
async def client(first: EmbeddedPostgres, read_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A director's, to a service whose KPIs are read at ``read_url``."""
    secret, prefix, digest = new_api_key()
    owner = create_async_engine(first.url)
    async with owner.begin() as connection:
        who = {"user": uuid4(), "email": f"{uuid4()}@x.test"}
        person = "INSERT INTO users (id, email, name, role) VALUES (:user, :email, 'Director', 'director')"
        await connection.execute(text(person), who)
        key = (
            "INSERT INTO api_keys (id, name, prefix, key_hash, scopes, user_id)"
            " VALUES (gen_random_uuid(), 'test', :prefix, :digest, CAST(:scopes AS text[]), :user)"
        )
        await connection.execute(
            text(key), {"prefix": prefix, "digest": digest, "scopes": ["*:read", "*:write"], "user": who["user"]}
        )
    await owner.dispose()
    app = create_app(Settings(DATABASE_URL=first.url, DATABASE_READ_URL=read_url))
    async with app.router.lifespan_context(app):
        headers = {"Authorization": f"Bearer {secret}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as found:
            yield found


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each KPI asked of the replica, whether it answered."""
    told: list[bool] = []
    usual = Replica.read

    async def noted(self: Replica, *args: Any) -> Any:
        answer = await usual(self, *args)
        told.append(answer is not None)
        return answer

    monkeypatch.setattr(Replica, "read", noted)
    return told


async def one_more(service: httpx.AsyncClient) -> None:
    """A prospect is written, and counted by the very next read."""
    before = (await service.get("/kpi/new_prospects", params={"period": "today"})).raise_for_status().json()["value"]
    (await service.post("/customers", json={"name": f"Société {uuid4()}"})).raise_for_status()
    after = (await service.get("/kpi/new_prospects", params={"period": "today"})).raise_for_status().json()["value"]
    assert after == before + 1


async def test_what_was_committed_is_there(pair: Pair, read: list[bool]) -> None:
    async with client(pair[0], pair[1].url) as service:
        for _ in range(20):
            await one_more(service)
        assert len(read) == 40
        assert sum(read) > 30  # a replica may once take longer than it is waited for
        paths = ["new_prospects/records", "new_prospects?format=csv", "weighted_pipeline/movement?since=2026-01-01"]
        screens = [f"dashboards/{screen}" for screen in ("activity", "day", "data-health", "field")]
        customer = (await service.get("/customers?limit=1")).json()["items"][0]["id"]
        mine = [f"customers/{customer}/todo", f"customers/{customer}/rhythm"]
        for path in [*paths, *screens, *mine]:
            assert (await service.get(f"/kpi/{path}")).status_code == 200, path
        assert len(read) == 49
        unknown = await service.get(f"/kpi/customers/{uuid4()}/todo")
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


async def test_one_that_lags_is_not_believed(pair: Pair, read: list[bool]) -> None:
    first, second = pair
    async with client(first, second.url) as service:
        await one_more(service)
        sql(second, "SELECT pg_wal_replay_pause()")
        try:
            await one_more(service)
            assert not read[-1]
        finally:
            sql(second, "SELECT pg_wal_replay_resume()")
        for _ in range(20):
            await one_more(service)
        assert read[-1]


async def test_one_that_is_gone_is_not_missed(pair: Pair, read: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = pair
    async with client(first, second.url) as service:
        await one_more(service)
        second.stop()
        try:
            for _ in range(5):
                await one_more(service)
            asked = len(read)
            assert not any(read[2:])
            assert asked == 3  # then it is left alone
        finally:
            second.start()
        monkeypatch.setattr("cadran.kit.replica.time.monotonic", lambda: time.perf_counter() + 1e6)
        await one_more(service)
        assert len(read) > asked
        assert read[-1]


async def test_a_server_that_follows_nobody_is_not_read(pair: Pair, read: list[bool]) -> None:
    async with client(pair[0], pair[0].url) as service:
        await one_more(service)
    assert not any(read)


async def test_what_was_open_is_not_remembered_as_seen(pair: Pair) -> None:
    """A replica cannot tell which transactions are open: one committed out of turn must not hide another."""
    first, second = pair
    replica = Database(engine(second.url, 2))

    async def counted() -> tuple[int, int]:
        async with replica.session() as session:

            async def count() -> int:
                return int((await session.execute(text("SELECT count(*) FROM customers"))).scalar_one())

            return await until_written(session, "how many", ("customers",), count), await count()

    async def caught_up() -> None:
        place = sql(first, "SELECT pg_current_wal_flush_lsn()")
        for _ in range(500):
            if sql(second, f"SELECT pg_last_wal_replay_lsn() >= '{place}'") == "t":
                return
            await asyncio.sleep(0.02)
        raise AssertionError("The replica does not catch up.")

    other = Database(engine(first.url, 1))
    async with other.session() as slow:
        await slow.execute(text("INSERT INTO customers (id, name) VALUES (gen_random_uuid(), 'slow')"))
        sql(first, "INSERT INTO customers (id, name) VALUES (gen_random_uuid(), 'quick')")
        await caught_up()
        remembered, true = await counted()
        assert remembered == true
    await caught_up()
    remembered, now = await counted()
    assert remembered == now == true + 1
    await replica.close()
    await other.close()
