"""The guide's commands do what it says, and a feed goes on after the database was restored on another server."""

import asyncio
import re
import shutil
import subprocess
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from cadran.cli.backups import SETTLE
from cadran.metrics.catalogue import BY_NAME
from databases import ROOT
from following import Copy, Office, Serving, key

GUIDE = (ROOT / "docs/sync.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide is written for curl")
async def test_every_command_of_the_guide_works(office: Office, serving: Serving) -> None:
    order = await office.make("orders")
    scopes = "changes:read", "events:read", "kpi:read", "orders:read", "invoices:read", "customers:write"
    secret = (await key(office, "admin", *scopes))["authorization"].removeprefix("Bearer ")
    async with httpx.AsyncClient(base_url=serving.address, headers={"authorization": f"Bearer {secret}"}) as client:
        cursor = (await client.get("/changes?limit=1")).json()["next_cursor"]
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    commands = [f"curl {rest}" for rest in shell.removeprefix("curl ").split("\ncurl ")]
    assert len(commands) == 9
    for command in commands:
        curl = command.replace("localhost:8000", serving.address).replace("curl ", "curl -sS --fail --max-time 2 ", 1)
        done = await asyncio.to_thread(
            subprocess.run, ["sh", "-c", curl], capture_output=True, text=True, check=False,
            env={"KEY": secret, "CURSOR": cursor, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert done.returncode == (28 if "-N" in command else 0), (command, done.stderr)  # 28: our time was up
        wanted = {
            "after=latest": '"items":[]', "wait=0": "event: change", "Last-Event-ID": "event: change",
            "/events": "event: ready", "by-external-id": '"city":"Lyon"',
            "batch": '"created":1,"updated":0,"unchanged":0,"outdated":1',
        }  # fmt: skip
        told = next((said for part, said in wanted.items() if part in command), str(order["id"]))
        assert told in done.stdout, command


def test_the_guide_names_kpis_there_are() -> None:
    named = re.findall(r'"kpis":\[([^]]+)\]', GUIDE)
    assert named
    assert {name.strip('"') for name in named[0].split(",")} <= set(BY_NAME)


async def test_a_log_restored_on_another_server_goes_on(office: Office) -> None:
    """There the numbers of transactions start anew: those of the log lie in the future."""

    async def run(*statements: str) -> Any:
        async with office.database.session() as session:
            for statement in statements:
                await session.execute(text(statement))

    before = await office.make("tasks")
    await run(
        "ALTER TABLE change DISABLE TRIGGER change_append_only",
        "UPDATE change SET xid = CAST(CAST(CAST(CAST(xid AS text) AS bigint) + 1000000 AS text) AS xid8)",
        "ALTER TABLE change ENABLE TRIGGER change_append_only",
    )
    copy = Copy(office.as_user("admin"))
    assert await copy.follow() == []  # as it would be, left alone
    await run(SETTLE)
    copy.cursor = None
    assert str(before["id"]) in {item["id"] for item in await copy.follow(resource="tasks")}
    after = await office.make("tasks")
    assert [item["id"] for item in await copy.follow(resource="tasks")] == [str(after["id"])]
    await run(SETTLE)  # nothing to do: nothing is touched
    assert await copy.follow() == []
