"""The worker itself: beside the API or alone, cut off from its database, told to stop. And the guide's receiver."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, update

from cadran.app import create_app
from cadran.jobs.queue import IMPORT, enqueue
from cadran.jobs.worker import KEPT, Worker, working
from cadran.models import WebhookDelivery
from databases import ROOT
from receiver import receiving
from working_company import Company, until


async def test_it_works_beside_the_api(company: Company) -> None:
    settings = company.settings.model_copy(update={"database_url": company.url})
    app = create_app(settings, work=True)
    with receiving() as receiver:
        await company.webhook(receiver, events=["customers.created"])
        async with app.router.lifespan_context(app):
            await company.make("customers")
            await until(lambda: bool(receiver.accepted))


async def test_cut_off_from_the_database_it_begins_again(company: Company) -> None:
    settings = company.settings.model_copy(update={"database_url": company.url})
    with receiving() as receiver:
        await company.webhook(receiver, events=["customers.created"])
        async with working(settings):
            await company.make("customers")
            await until(lambda: len(receiver.accepted) == 1)
            cut = await company.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cut
            await company.make("customers")
            await until(lambda: len(receiver.accepted) == 2)


async def test_what_it_is_at_when_told_to_stop_goes_back_to_the_queue(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def long(*given: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("cadran.jobs.worker.take_in", long)
    async with company.database.session() as session:
        await enqueue(session, IMPORT, company.people["admin"].id)
        await enqueue(session, IMPORT, company.people["admin"].id)  # once at a time
    settings = company.settings.model_copy(update={"database_url": company.url})
    async with working(settings):
        await asyncio.wait_for(begun.wait(), 60)
    (row,) = await company.rows("SELECT status::text, entrypoint FROM pgqueuer")
    assert (row.status, row.entrypoint) == ("queued", IMPORT)


async def test_it_ends_when_it_is_told(company: Company) -> None:
    with company.worker() as worker:

        async def listens() -> bool:
            return bool(await company.rows(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND query LIKE '%pgqueuer%'"
            ))  # fmt: skip

        await until(listens)
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 60) == 0


async def test_old_messages_go(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["customers.created"])
        await company.make("customers")
        await company.settled()
        await worker.look()
        await worker.sender.send_due(made["id"])
        kept = await company.make("customers")
        async with company.database.session() as session:
            await session.execute(update(WebhookDelivery).values(created_at=func.now() - KEPT * 2))
        worker.cleaned = 0.0
        await company.settled()
        await worker.look()
        (row,) = await company.rows("SELECT record_id FROM webhook_deliveries")
        assert row.record_id == kept["id"]


async def test_the_receiver_of_the_guide_works(company: Company, worker: Worker, tmp_path: Path) -> None:
    guide = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    script = tmp_path / "receiver.py"
    script.write_text(program, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/hooks"
    made = (await company.admin.post("/webhooks", json={"name": "x", "url": url, "events": ["customers.*"]})).json()
    command = [sys.executable, str(script), str(port)]
    process = subprocess.Popen(  # noqa: ASYNC220 - it lives as long as the test
        command, env={"SECRET": made["secret"]}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:

        def listening() -> bool:
            with socket.socket() as trial:
                return trial.connect_ex(("127.0.0.1", port)) == 0

        await until(listening)
        async with httpx.AsyncClient() as forger:
            assert (await forger.post(url, json={"type": "customers.created"})).status_code == 400
        customer = await company.make("customers")
        await company.settled()
        await worker.look()
        assert await worker.sender.send_due(made["id"]) == 1
        (row,) = await company.rows("SELECT id FROM webhook_deliveries")
        await company.admin.post(f"/webhooks/{made['id']}/deliveries/{row.id}/replay")
        assert await worker.sender.send_due(made["id"]) == 1  # answered, and known: printed once
    finally:
        process.terminate()
        printed, _ = process.communicate(timeout=30)
    assert printed.splitlines() == [f"customers.created {customer['id']}"]
