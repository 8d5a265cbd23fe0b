"""A small company in a database of its own, where commits are real, and its admin's way in."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.kit.db import Actor, Database
from cadran.rules.principal import Principal
from cadran.settings import Settings
from cadran.webhooks.collect import collect
from factories import Maker, People
from receiver import Receiver

PATIENCE = 180.0  # seconds for what takes a few on a quiet machine


@dataclass
class Company:
    database: Database
    people: People
    admin: httpx.AsyncClient
    settings: Settings
    sign_in: Callable[[Principal], httpx.AsyncClient]

    @property
    def url(self) -> str:
        bind = self.database.bind
        assert isinstance(bind, AsyncEngine)
        return bind.url.render_as_string(hide_password=False)

    async def make(self, name: str, **fields: Any) -> dict[str, Any]:
        """A record created by the admin, committed."""
        async with self.database.session(Actor("test")) as session:
            return await Maker(session, self.people.principal("admin"))(name, **fields)

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.database.session() as session:
            return list((await session.execute(text(sql), values)).all())

    async def settled(self) -> None:
        """Until no transaction older than what was written is open anywhere on the server: tests beside hold some."""
        open_yet = "SELECT 1 FROM change WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()) LIMIT 1"

        async def ended() -> bool:
            return not await self.rows(open_yet)

        await until(ended)

    async def collect(self, made: dict[str, Any]) -> None:
        """The webhook's messages of all that was written by now."""
        await self.settled()
        while await collect(self.database, made["id"]):
            pass

    async def webhook(self, receiver: Receiver, **fields: Any) -> dict[str, Any]:
        """A webhook to the receiver, which is told its secret."""
        body = {"name": "ERP", "url": receiver.url, **fields}
        answer = await self.admin.post("/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        receiver.secret = made["secret"]
        return made

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """`cadran work` in a process of its own."""
        environment = {
            **os.environ, "DATABASE_URL": self.url, "CADRAN_WEBHOOK_INTERNAL": "true",
            "CADRAN_WEBHOOK_FIRST_RETRY": "0.05", "CADRAN_WEBHOOK_TIMEOUT": "3",
        }  # fmt: skip
        command = [sys.executable, "-c", "from cadran.cli import main; main()", "work"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def until(happened: Callable[[], Awaitable[bool] | bool]) -> None:
    """Waits for it, patiently."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = happened()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.1)
