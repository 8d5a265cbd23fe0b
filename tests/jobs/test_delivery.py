"""Everything that happened arrives, however often the receiver fails and the worker dies: in order, once by id."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from cadran.jobs.worker import Worker
from cadran.models import WebhookDelivery, WebhookState
from cadran.webhooks.collect import collect
from cadran.webhooks.events import PATTERNS, RECORD_EVENTS, matches
from cadran.webhooks.messages import message as written
from cadran.webhooks.messages import wait_after
from receiver import failing, receiving, told
from working_company import Company, until


async def day_of_work(company: Company) -> None:
    """Customers and orders made, changed and removed, each in a transaction of its own."""
    customers = [await company.make("customers") for _ in range(8)]
    orders = [await company.make("orders", customer_id=str(each["id"])) for each in customers]
    for turn in range(3):
        for each in customers:
            await company.admin.patch(f"/customers/{each['id']}", json={"city": f"City {turn}"})
        for each in orders:
            line = {"description": f"Line {turn}", "quantity": "2", "unit_price": "10.00"}
            answer = await company.admin.patch(f"/orders/{each['id']}", json={"lines": [line]})
            assert answer.status_code == 200, answer.text
    for each in orders[:3]:
        assert (await company.admin.delete(f"/orders/{each['id']}")).status_code == 204


# What the log holds, told apart by hand: one event for each record a transaction wrote.
EVENTS = """
    SELECT DISTINCT xid::text, CASE WHEN resource = 'order_lines' THEN 'orders' ELSE resource END,
           CASE WHEN resource = 'order_lines' THEN coalesce(after, before) ->> 'order_id' ELSE record_id::text END
    FROM change WHERE resource IN ('customers', 'orders', 'order_lines')
"""


async def test_nothing_is_lost_and_the_order_is_kept(company: Company) -> None:
    with receiving(failing(0.3)) as receiver:
        await company.webhook(receiver, events=["customers.*", "orders.*"])
        await day_of_work(company)
        expected = len(await company.rows(EVENTS))
        with company.worker() as worker:
            await until(lambda: len(receiver.seen) >= expected // 3)
            worker.kill()
        assert len(set(receiver.accepted)) < expected, "the worker was killed too late to prove anything"
        with company.worker():
            await until(lambda: len(set(receiver.accepted)) >= expected)

            async def all_noted() -> bool:
                return not await company.rows("SELECT 1 FROM webhook_deliveries WHERE status <> 'delivered'")

            await until(all_noted)
    assert receiver.unsigned == 0
    assert any(status == 500 for _, _, status in receiver.seen)
    kept = await company.rows("SELECT id::text, record_id, type FROM webhook_deliveries ORDER BY position")
    assert len(kept) == expected
    assert {row.id for row in kept} == set(receiver.accepted)
    same: dict[str, set[str]] = defaultdict(set)
    for key, message, _ in receiver.seen:
        same[key].add(told(message))
    assert all(len(bodies) == 1 for bodies in same.values()), "a message said something else when it was repeated"
    lanes: dict[Any, list[str]] = defaultdict(list)
    for row in kept:
        lanes[row.record_id].append(row.id)
    lane_of = {key: lane for lane in lanes.values() for key in lane}
    accepted: set[str] = set()
    for key, _, status in receiver.seen:
        lane = lane_of[key]
        assert set(lane[: lane.index(key)]) <= accepted, "a message overtook an earlier one of its record"
        if status < 300:
            accepted.add(key)
    types = defaultdict(list)
    for row in kept:
        types[row.record_id].append(row.type.partition(".")[2])
    assert all(each[0] == "created" for each in types.values())
    assert sum(each[-1] == "deleted" for each in types.values()) == 3


async def test_a_message_says_what_its_maker_reads(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["orders.created"])
        customer = await company.make("customers")
        order = await company.make("orders", customer_id=str(customer["id"]))
        await company.settled()
        await worker.look()
        await worker.sender.send_due(made["id"])
        ((key, message, _),) = receiver.seen
    read = (await company.admin.get(f"/orders/{order['id']}")).json()
    assert message["type"] == "orders.created"
    assert message["data"] == read
    (row,) = await company.rows("SELECT at FROM change WHERE resource = 'orders'")
    assert message["timestamp"] == row.at.isoformat().replace("+00:00", "Z")
    detail = (await company.admin.get(f"/webhooks/{made['id']}/deliveries/{key}")).json()
    assert detail["payload"] == message
    assert (detail["status"], detail["response_status"], detail["attempts"]) == ("delivered", 204, 1)


async def test_what_is_gone_is_told_by_its_ids(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["*"])
        customer = await company.make("customers", external_id="C-1")
        await company.admin.delete(f"/customers/{customer['id']}")
        await company.settled()
        await worker.look()
        await worker.sender.send_due(made["id"])
        ids = {"id": str(customer["id"]), "external_id": "C-1"}
        assert [(message["type"], message["data"]) for _, message, _ in receiver.seen] == [
            ("customers.created", ids),
            ("customers.deleted", ids),
        ]


async def test_an_open_transaction_holds_the_place(company: Company, worker: Worker) -> None:
    """A change committed late is not missed: nothing beyond the oldest open transaction is read."""
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["customers.*"])
        async with company.database.session() as slow:
            await slow.execute(select(func.pg_current_xact_id()))
            quick = await company.make("customers")
            assert not await collect(company.database, made["id"])
            assert not await company.rows("SELECT 1 FROM webhook_deliveries")
        await company.collect(made)
        (row,) = await company.rows("SELECT record_id FROM webhook_deliveries")
        assert row.record_id == quick["id"]


async def test_a_log_restored_from_a_backup(company: Company) -> None:
    """Its transactions are counted anew: what it held is not told again, what comes is."""
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["*"])
        await company.collect(made)
        await company.make("customers")
        async with company.database.session() as session:
            await session.execute(update(WebhookState).values(log="another", after_xid=2**40, after_seq=2**40))
            old = written(UUID(made["id"]), "webhook.test", UUID(made["id"]), {}, xid=4711)
            await session.execute(insert(WebhookDelivery).values(old | {"status": "delivered"}))
        await company.collect(made)
        (row,) = await company.rows("SELECT id, xid FROM webhook_deliveries")
        assert (row.id, row.xid) == (old["id"], None), "a number of before could be taken for one of now"
        async with company.database.session() as session:  # as if old transactions lay ahead
            await session.execute(update(WebhookState).values(after_xid=3, after_seq=0))
        new = await company.make("customers")
        await company.collect(made)
        (row,) = await company.rows("SELECT record_id FROM webhook_deliveries WHERE status = 'pending'")
        assert row.record_id == new["id"]


async def test_a_payment_is_told_of_with_its_invoice(company: Company) -> None:
    """What a record shows of others belongs to it: an invoice that is paid is an invoice updated."""
    invoice = await company.make("invoices")
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["invoices.*"])
        await company.make("payments", invoice_id=str(invoice["id"]))
        await company.collect(made)
        (row,) = await company.rows("SELECT type, record_id, body FROM webhook_deliveries")
        assert (row.type, row.record_id) == ("invoices.updated", invoice["id"])
        read = (await company.admin.get(f"/invoices/{invoice['id']}")).json()
        assert json.loads(row.body)["data"] == read
        assert read["paid_amount"] == "50.00"


async def test_reading_the_same_changes_again_tells_nothing_twice(company: Company) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["*"])
        await company.make("orders")
        (before,) = await company.rows("SELECT after_xid, after_seq FROM webhook_states")
        await company.collect(made)
        told_once = len(await company.rows("SELECT 1 FROM webhook_deliveries"))
        assert told_once > 1
        async with company.database.session() as session:
            await session.execute(update(WebhookState).values(after_xid=before.after_xid, after_seq=before.after_seq))
        await company.collect(made)
        assert len(await company.rows("SELECT 1 FROM webhook_deliveries")) == told_once


async def test_replayed_with_the_same_id_and_tried(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["customers.created"])
        trial = await company.admin.post(f"/webhooks/{made['id']}/test")
        assert trial.status_code == 202
        await company.make("customers")
        await company.settled()
        await worker.look()
        await worker.sender.send_due(made["id"])
        answer = (await company.admin.get(f"/webhooks/{made['id']}/deliveries?status=delivered&limit=1")).json()
        assert answer["next_cursor"]
        (latest,) = answer["items"]
        assert latest["type"] == "customers.created"
        again = await company.admin.post(f"/webhooks/{made['id']}/deliveries/{latest['id']}/replay")
        assert again.status_code == 202
        assert again.json()["status"] == "pending"
        await worker.sender.send_due(made["id"])
        keys = [key for key, message, _ in receiver.seen if message["type"] == "customers.created"]
        assert keys == [latest["id"]] * 2
        assert any(message["type"] == "webhook.test" for _, message, _ in receiver.seen)
        (seen,) = [row for row in await company.rows("SELECT * FROM webhook_deliveries") if str(row.id) == latest["id"]]
        assert (seen.status, seen.attempts) == ("delivered", 2)


async def test_given_up_and_disabled_after_days(company: Company, worker: Worker) -> None:
    with receiving(lambda message: 503) as receiver:
        made = await company.webhook(receiver, events=["customers.*"])
        await company.make("customers")
        await company.settled()
        await worker.look()
        assert await worker.sender.send_due(made["id"]) == 0
        (row,) = await company.rows("SELECT * FROM webhook_deliveries")
        assert (row.status, row.attempts, row.response_status) == ("pending", 1, 503)
        shown = (await company.admin.get(f"/webhooks/{made['id']}")).json()
        assert shown["failing_since"]
        assert shown["is_active"]
        # Four days later.
        past = func.now() - func.make_interval(0, 0, 0, 4)
        async with company.database.session() as session:
            await session.execute(update(WebhookState).values(failing_since=past))
            await session.execute(update(WebhookDelivery).values(expires_at=past, next_attempt_at=past))
        await worker.sender.send_due(made["id"])
        (row,) = await company.rows("SELECT * FROM webhook_deliveries")
        assert (row.status, row.next_attempt_at) == ("failed", None)
        shown = (await company.admin.get(f"/webhooks/{made['id']}")).json()
        assert not shown["is_active"]
        assert "three days" in shown["disabled_reason"]
        assert (await company.admin.post(f"/webhooks/{made['id']}/test")).status_code == 409
        await company.make("customers")  # not told: it is disabled
        enabled = await company.admin.patch(f"/webhooks/{made['id']}", json={"is_active": True})
        assert enabled.json()["failing_since"] is None
        last = await company.make("customers")
        await company.settled()
        await worker.look()
        pending = await company.rows("SELECT record_id FROM webhook_deliveries WHERE status = 'pending'")
        assert [each.record_id for each in pending] == [last["id"]]


async def test_paused_by_hand_it_says_nothing_until_resumed(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["customers.*"])
        path = f"/webhooks/{made['id']}"
        paused = await company.admin.patch(path, json={"is_active": False})
        assert paused.status_code == 200
        assert paused.json()["disabled_at"]
        assert paused.json()["disabled_reason"].startswith("By ")
        await company.make("customers")
        resumed = (await company.admin.patch(path, json={"is_active": True})).json()
        assert (resumed["disabled_at"], resumed["disabled_reason"]) == (None, None)
        last = await company.make("customers")
        await company.settled()
        await worker.look()
        rows = await company.rows("SELECT record_id FROM webhook_deliveries")
        assert [each.record_id for each in rows] == [last["id"]]


async def test_gone_for_good(company: Company, worker: Worker) -> None:
    with receiving(lambda message: 410) as receiver:
        made = await company.webhook(receiver, events=["customers.*"])
        await company.make("customers")
        await company.settled()
        await worker.look()
        await worker.sender.send_due(made["id"])
        assert not (await company.admin.get(f"/webhooks/{made['id']}")).json()["is_active"]


async def test_a_dead_receiver_is_left_in_peace(company: Company, worker: Worker) -> None:
    """After ten failures in a row nothing is sent for a while, however many messages wait."""
    with receiving(lambda message: 500) as receiver:
        made = await company.webhook(receiver, events=["customers.*"])
        for _ in range(25):
            await company.make("customers")
        await company.settled()
        await worker.look()
        async with company.database.session() as session:
            await session.execute(update(WebhookDelivery).values(next_attempt_at=func.now()))
        worker.sender.first_retry = 60.0
        await worker.sender.send_due(made["id"])
        assert await worker.sender.send_due(made["id"]) == 0
        assert len(receiver.seen) == 10


async def test_who_made_it_must_still_be_admin(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, events=["*"])
        await company.make("customers")
        async with company.database.session() as session:
            admin = await session.merge(company.people["admin"])
            admin.role = "rep"
        await company.settled()
        await worker.look()
        assert not await company.rows("SELECT 1 FROM webhook_deliveries")
        (row,) = await company.rows("SELECT is_active, disabled_reason FROM webhooks")
        assert not row.is_active
        assert "admin" in row.disabled_reason
        assert made["id"]


async def test_the_secret_is_nowhere_but_in_the_first_answer(company: Company, worker: Worker) -> None:
    with receiving() as receiver:
        key = {"Idempotency-Key": "once"}
        body = {"name": "ERP", "url": receiver.url, "events": ["*"]}
        first = (await company.admin.post("/webhooks", json=body, headers=key)).json()
        second = (await company.admin.post("/webhooks", json=body, headers=key)).json()
        assert first["secret"].startswith("whsec_")
        assert second == first | {"secret": None}
        receiver.secret = first["secret"]
        await company.admin.patch(f"/webhooks/{first['id']}", json={"name": "Other"})
        await company.admin.post(f"/webhooks/{first['id']}/test")
        await company.settled()
        await worker.look()
        await worker.sender.send_due(first["id"])
        answers = [
            (await company.admin.get(path)).text
            for path in ("/webhooks", f"/webhooks/{first['id']}", f"/webhooks/{first['id']}/deliveries")
        ]
        secret = first["secret"].removeprefix("whsec_")
        assert not any(secret in answer for answer in answers)
        for table in ("change", "idempotency_keys", "webhook_deliveries", "pgqueuer", "pgqueuer_log"):
            text = str(await company.rows(f"SELECT t::text FROM {table} t"))
            assert secret not in text, table
        logged = await company.rows("SELECT operation FROM change WHERE resource = 'webhooks' ORDER BY seq")
        assert [row.operation for row in logged] == ["insert", "update"]
        assert len(receiver.seen) == 1


@pytest.mark.parametrize(
    ("patterns", "event", "expected"),
    [
        (["orders.created"], "orders.created", True),
        (["orders.created"], "orders.updated", False),
        (["orders.*"], "orders.deleted", True),
        (["orders.*"], "order_lines.created", False),
        (["*"], "visit_reports.updated", True),
        ([], "orders.created", False),
    ],
)
def test_patterns(patterns: list[str], event: str, expected: bool) -> None:
    assert matches(patterns, event) is expected
    assert set(patterns) <= set(PATTERNS)
    assert not expected or event in RECORD_EVENTS


def test_the_wait_doubles_and_ends() -> None:
    waits = [wait_after(attempt, 5).total_seconds() for attempt in range(1, 40)]
    assert 3.75 <= waits[0] <= 6.25
    assert 7.5 <= waits[1] <= 12.5
    assert max(waits) <= 1.25 * 6 * 3600
    assert len(set(waits)) == len(waits), "no chance in it"
