"""An import as a job: accepted at once, followed, taken in once or not at all, whoever dies meanwhile."""

import asyncio
import csv
import io
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, insert, text, update

from cadran.jobs import imports
from cadran.jobs.imports import take_in
from cadran.kit.auth import new_api_key
from cadran.models import ApiKey
from working_company import Company, until

CSV = {"content-type": "text/csv"}
GOOD = b"external_id,name,city\n" + b"".join(b"C-%d,Customer %d,Lyon\n" % (n, n) for n in range(200))
BAD = b"external_id,name,city\nC-1,Durand,Lyon\nC-2,,Paris\n"


async def queued(company: Company, content: bytes, options: str = "") -> str:
    answer = await company.admin.post(
        f"/imports?resource=customers&background=true{options}", content=content, headers=CSV
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "queued"
    assert answer.json()["finished_at"] is None
    location: str = answer.headers["location"]
    assert location == f"/imports/{answer.json()['id']}"
    return location


async def test_a_worker_takes_it_in(company: Company) -> None:
    location = await queued(company, GOOD)
    assert not await company.rows("SELECT 1 FROM customers")
    with company.worker():

        async def ended() -> bool:
            return (await company.admin.get(location)).json()["status"] not in ("queued", "running")

        await until(ended)
    told = (await company.admin.get(location)).json()
    assert (told["status"], told["created"]) == ("done", 200)
    assert [told[name] for name in ("rows", "rows_read", "records_checked", "rows_written")] == [200] * 4
    assert told["finished_at"]
    (row,) = await company.rows("SELECT count(*) AS n, min(actor) AS actor FROM change WHERE resource = 'customers'")
    assert (row.n, row.actor) == (200, "admin@durand.test")
    assert not await company.rows("SELECT 1 FROM import_files")
    assert not await company.rows("SELECT 1 FROM pgqueuer")


# The hundred-and-fiftieth row waits for whoever holds the lock.
STUMBLE = (
    """CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.external_id = 'C-150' THEN PERFORM pg_advisory_xact_lock(4711); END IF; RETURN NEW; END $$""",
    "CREATE TRIGGER stumble BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION stumble()",
)
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"


async def test_a_worker_killed_in_the_middle(company: Company) -> None:
    """Killed while it writes: nothing is there. Another one begins again and ends it: everything is there, once."""
    location = await queued(company, GOOD)
    async with company.database.session() as session:
        for statement in STUMBLE:
            await session.execute(text(statement))

    async def writes() -> bool:
        return bool(await company.rows(WAITING))

    async def no_longer() -> bool:
        return not await writes()

    with company.worker() as worker:
        async with company.database.session() as blocking:
            await blocking.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            await blocking.execute(text("SELECT pg_advisory_xact_lock(4711)"))
            await until(writes)
            worker.kill()
            worker.wait()
            await until(no_longer)
    assert (await company.admin.get(location)).json()["status"] == "running"
    assert not await company.rows("SELECT 1 FROM customers")
    with company.worker():

        async def ended() -> bool:
            return bool((await company.admin.get(location)).json()["status"] == "done")

        await until(ended)
    (row,) = await company.rows("SELECT count(*) AS n, count(DISTINCT external_id) AS names FROM customers")
    assert (row.n, row.names) == (200, 200)
    (row,) = await company.rows("SELECT count(*) AS n FROM change WHERE resource = 'customers'")
    assert row.n == 200


async def test_refused_rows(company: Company) -> None:
    location = await queued(company, BAD)
    await take_in(company.database, _id(location))
    told = (await company.admin.get(location)).json()
    assert (told["status"], told["refused"], told["rows_written"]) == ("refused", 1, 0)
    assert not await company.rows("SELECT 1 FROM customers")
    refused = await company.admin.get(f"{location}/refused")
    assert refused.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(refused.text))
    assert (row["line"], row["column"]) == ("3", "name")
    # The good one, when asked for.
    location = await queued(company, BAD, "&partial=true")
    await take_in(company.database, _id(location))
    assert (await company.admin.get(location)).json()["status"] == "partial"
    (row,) = await company.rows("SELECT external_id FROM customers")
    assert row.external_id == "C-1"


async def test_an_unreadable_file_is_refused(company: Company) -> None:
    location = await queued(company, b"colour\nred\n")
    await take_in(company.database, _id(location))
    told = (await company.admin.get(location)).json()
    assert told["status"] == "refused"
    assert "colour" in told["errors"][0]["reason"]


async def test_an_unknown_resource_is_refused_at_once(company: Company) -> None:
    answer = await company.admin.post("/imports?resource=customer&background=true", content=GOOD, headers=CSV)
    assert answer.status_code == 422
    assert not await company.rows("SELECT 1 FROM import_files")


async def test_begun_twice_at_once_it_is_taken_in_once(company: Company) -> None:
    location = await queued(company, GOOD)
    await asyncio.gather(*(take_in(company.database, _id(location)) for _ in range(3)), return_exceptions=True)
    await take_in(company.database, _id(location))
    (row,) = await company.rows("SELECT count(*) AS n FROM customers")
    assert row.n == 200
    assert (await company.admin.get(location)).json()["status"] == "done"


async def test_who_sent_it_must_still_be_there(company: Company) -> None:
    location = await queued(company, GOOD)
    async with company.database.session() as session:
        (await session.merge(company.people["admin"])).is_active = False
    await take_in(company.database, _id(location))
    told = (await company.admin.get(location)).json()
    assert told["status"] == "failed"
    assert not await company.rows("SELECT 1 FROM customers")


async def test_a_key_imports_what_it_may(company: Company) -> None:
    """In the background too: by its scopes when its turn comes, and not at all once it is revoked."""
    _, prefix, stored = new_api_key()
    admin = company.people.principal("admin", frozenset({"imports:write", "customers:write"}))
    row = {
        "id": admin.key_id,
        "name": "ERP",
        "prefix": prefix,
        "key_hash": stored,
        "scopes": sorted(admin.scopes or ()),
    }
    async with company.database.session() as session:
        await session.execute(insert(ApiKey).values(row | {"user_id": admin.user_id}))
    client = company.sign_in(replace(admin, name="ERP"))
    path = "/imports?background=true&resource="
    assert (await client.post(path + "products", content=GOOD, headers=CSV)).status_code == 403
    first, second = [await client.post(path + "customers", content=GOOD, headers=CSV) for _ in range(2)]
    await take_in(company.database, UUID(first.json()["id"]))
    (row,) = await company.rows("SELECT count(*) AS n, min(actor) AS actor FROM change WHERE resource = 'customers'")
    assert (row.n, row.actor) == (200, "key:ERP")
    async with company.database.session() as session:
        await session.execute(update(ApiKey).values(revoked_at=func.now()))
    await take_in(company.database, UUID(second.json()["id"]))
    assert (await company.admin.get(f"/imports/{second.json()['id']}")).json()["status"] == "failed"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*given: object, **more: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(imports, "import_file", never)


async def test_what_never_ends_fails(company: Company, broken: None) -> None:
    location = await queued(company, GOOD)
    for _ in range(imports.MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            await take_in(company.database, _id(location))
        assert (await company.admin.get(location)).json()["status"] == "running"
    await take_in(company.database, _id(location))
    told = (await company.admin.get(location)).json()
    assert told["status"] == "failed"
    assert told["errors"][0]["reason"] == imports.NEVER_ENDED


def _id(location: str) -> UUID:
    return UUID(location.rpartition("/")[2])
