"""Racers on a real pool: one effect a key, one winner a version, one number a document."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from cadran.kit.db import Database
from databases import SEEN
from factories import hire

RACERS = 12


@pytest.fixture
async def racer(app: FastAPI, fresh_database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A key of the admin on a database whose commits are real."""
    async with fresh_database.session() as session:
        people = await hire(session)
    app.state.database = fresh_database
    app.state.known["racer"] = people.principal("admin", frozenset({"*:write"}))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers={SEEN: "racer"}) as client:
        yield client


async def count(database: Database, table: str) -> int:
    async with database.session() as session:
        found: int = (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
        return found


async def race(*requests: Any) -> list[httpx.Response]:
    return list(await asyncio.gather(*requests))


async def test_one_row_a_key(racer: httpx.AsyncClient, fresh_database: Database) -> None:
    body, headers = {"name": "Once"}, {"Idempotency-Key": str(uuid4())}
    answers = await race(*(racer.post("/customers", json=body, headers=headers) for _ in range(RACERS)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "idempotency_in_progress"
            assert answer.headers["retry-after"]
    assert await count(fresh_database, "customers") == 1
    retried = await racer.post("/customers", json=body, headers=headers)
    assert retried.status_code == 201
    assert await count(fresh_database, "customers") == 1


async def test_without_a_key_each_request_is_its_own(racer: httpx.AsyncClient, fresh_database: Database) -> None:
    """The control: the same race without keys makes as many rows."""
    answers = await race(*(racer.post("/customers", json={"name": "Often"}) for _ in range(RACERS)))
    assert [answer.status_code for answer in answers] == [201] * RACERS
    assert await count(fresh_database, "customers") == RACERS


async def test_a_refused_request_leaves_its_key_free(racer: httpx.AsyncClient, fresh_database: Database) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    refused = await racer.post("/customers", json={"name": "X", "owner_id": str(uuid4())}, headers=headers)
    assert refused.status_code == 422
    assert await count(fresh_database, "idempotency_keys") == 0
    assert (await racer.post("/customers", json={"name": "X"}, headers=headers)).status_code == 201


async def test_one_winner_a_version(racer: httpx.AsyncClient, fresh_database: Database) -> None:
    path = (await racer.post("/customers", json={"name": "Contested"})).headers["location"]
    for version in (1, 2, 3):
        edits = (
            racer.patch(path, json={"notes": f"{version}.{number}"}, headers={"If-Match": f'"{version}"'})
            for number in range(RACERS)
        )
        answers = await race(*edits)
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * (RACERS - 1)
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert (await racer.get(path)).json() == won
        assert won["version"] == version + 1
    unguarded = await race(
        *(racer.patch(path, json={"notes": str(number)}, headers={"If-Match": "*"}) for number in range(RACERS))
    )
    assert [answer.status_code for answer in unguarded] == [200] * RACERS, "the control: * lets everybody win"


async def test_numbers_and_replays_under_a_race(racer: httpx.AsyncClient, fresh_database: Database) -> None:
    customer = (await racer.post("/customers", json={"name": "Buyer"})).json()["id"]
    order = {"customer_id": customer, "lines": [{"quantity": "1", "unit_price": "10"}]}
    answers = await race(*(racer.post("/orders", json=order) for _ in range(RACERS)))
    assert len({answer.json()["number"] for answer in answers}) == RACERS
    replays = await race(
        *(racer.put("/orders/by-external-id/SO-7", json=order | {"number": "SO-7"}) for _ in range(RACERS))
    )
    assert {answer.status_code for answer in replays} <= {200, 201, 409}
    assert [answer.status_code for answer in replays].count(201) == 1
    assert await count(fresh_database, "orders WHERE external_id = 'SO-7'") == 1
    assert await count(fresh_database, "order_lines") == RACERS + 1


async def test_a_quote_is_accepted_once(racer: httpx.AsyncClient, fresh_database: Database) -> None:
    customer = (await racer.post("/customers", json={"name": "Buyer"})).json()["id"]
    lines = [{"quantity": "1", "unit_price": "10"}]
    quote = (await racer.post("/quotes", json={"customer_id": customer, "status": "sent", "lines": lines})).json()
    answers = await race(*(racer.post(f"/quotes/{quote['id']}/accept") for _ in range(RACERS)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (RACERS - 1)
    assert await count(fresh_database, "orders") == 1
