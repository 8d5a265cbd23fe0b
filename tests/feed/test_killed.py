"""The API is killed while an ERP replays its night: no document is lost, none is there twice, nothing half-written."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from databases import ROOT
from feed.test_replay import document
from following import Copy, Office, key, listed
from served import free_port, ready

SIZE = 50


class Api:
    """`cadran serve` on the office's database, killed and started again at the same address."""

    def __init__(self, url: str) -> None:
        self.url, self.port = url, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: asyncio.subprocess.Process | None = None
        self.kills = 0

    async def start(self) -> None:
        more = {"DATABASE_URL": self.url, "PORT": str(self.port), "HOST": "127.0.0.1", "CADRAN_RATE_LIMIT": "1000000"}
        self.process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("cadran"), "serve", cwd=ROOT, env=os.environ | more,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await ready(self.address, self.process)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        self.kills += 1


@asynccontextmanager
async def running(url: str) -> AsyncIterator[Api]:
    api = Api(url)
    await api.start()
    try:
        yield api
    finally:
        await api.kill()


async def push(api: Api, headers: dict[str, str], documents: list[dict[str, Any]], kill_at: int | None) -> int:
    """One pass, batch by batch, each sent again until it is answered; returns how many documents changed.

    ``kill_at``: the batch during which the API dies, at a moment of its own choosing.
    """
    changed = 0
    async with httpx.AsyncClient(base_url=api.address, headers=headers, timeout=60) as client:
        for number, start in enumerate(range(0, len(documents), SIZE)):
            body = {"items": documents[start : start + SIZE]}
            sending = asyncio.create_task(client.post("/invoices/batch", json=body))
            if number == kill_at:
                await asyncio.sleep(random.random() * 0.1)
                await api.kill()
                await asyncio.gather(sending, return_exceptions=True)
                await api.start()
                sending = asyncio.create_task(client.post("/invoices/batch", json=body))
            answer = await sending
            assert answer.status_code == 200, answer.text
            assert answer.json()["refused"] == 0, answer.text
            changed += answer.json()["created"] + answer.json()["updated"]
    return changed


async def test_the_api_killed_twice_in_three_passes(office: Office, pytestconfig: pytest.Config) -> None:
    """`--replayed=10000` for the figure of the product's promise; a few hundred show the same."""
    number = pytestconfig.getoption("replayed") // 2
    chance = random.Random(7)
    customer = str((await office.make("customers"))["id"])
    documents = [document(customer, each, version) for each in range(number) for version in (1, 2)]
    headers = await key(office, "admin", "*:write")
    assert isinstance(office.database.bind, AsyncEngine)
    url = office.database.bind.url.render_as_string(hide_password=False)
    batches = -(-len(documents) // SIZE)
    async with running(url) as api:
        assert await push(api, headers, chance.sample(documents, len(documents)), batches // 3) >= number - SIZE
        copy = Copy(office.as_user("admin"), cursor="latest")
        await copy.follow()
        state = await listed(office.as_user("admin"), "invoices")
        second = await push(api, headers, chance.sample(documents, len(documents)), batches // 2)
        third = await push(api, headers, chance.sample(documents, len(documents)), None)
        assert (second, third, api.kills) == (0, 0, 2)
        assert await copy.follow() == []
    again = await listed(office.as_user("admin"), "invoices")
    assert again == state
    # One ordered run: the last version of each, whole.
    assert {row["external_id"]: (row["notes"], len(row["lines"])) for row in again.values()} == {
        f"INV-{each}": ("Version 2", 3) for each in range(number)
    }
