"""KPI thresholds: told once on the way out and once on the way back, with the figure the API gives."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, update

from cadran.jobs.worker import Worker
from cadran.models import WebhookState
from cadran.webhooks.thresholds import SOON, beyond, evaluate
from receiver import receiving
from working_company import Company, until

TODAY = date.today().isoformat()  # noqa: DTZ011 - any day of this month will do
MARGIN = {"kpi": "margin_rate", "comparison": "under", "value": "0.18", "hysteresis": "0.02"}


async def sale(company: Company, price: str, cost: str) -> None:
    line = {"description": "Bearing", "quantity": "100", "unit_price": price, "unit_cost": cost}
    customer = await company.make("customers")
    rep = company.people["rep"]
    parties = {"customer_id": str(customer["id"]), "rep_id": str(rep.id)}
    await company.make("orders", **parties, confirmed_on=TODAY, lines=[line])


@pytest.mark.parametrize(
    ("value", "before", "expected"),
    [("0.19", None, False), ("0.17", None, True), ("0.19", True, True), ("0.20", True, False), ("0.1999", True, True)],
)
def test_hysteresis(value: str, before: bool | None, expected: bool) -> None:
    limit, margin = Decimal("0.18"), Decimal("0.02")
    assert beyond(Decimal(value), "under", limit, margin, before) is expected
    assert beyond(-Decimal(value), "over", -limit, margin, before) is expected


async def test_the_margin_of_a_team(company: Company, worker: Worker) -> None:
    """Under 18 %: told once; a little better, not yet; well again: told."""
    north = str(company.people.teams["north"].id)
    with receiving() as receiver:
        made = await company.webhook(receiver, thresholds=[{**MARGIN, "filters": {"team": [north]}}])
        (threshold,) = made["thresholds"]
        told: list[int] = []

        async def step(price: str, cost: str) -> Decimal:
            await sale(company, price, cost)
            told.append(await evaluate(company.database, made["id"]))
            answer = await company.admin.get("/kpi/margin_rate", params={"period": "this-month", "team": north})
            return Decimal(answer.json()["value"])

        assert await evaluate(company.database, made["id"]) == 0  # no sale, no margin, nothing to tell
        assert await step("10", "7") == Decimal("0.3")
        low = await step("10", "9.9")
        assert low == Decimal("0.155")
        assert await step("10", "7.64") > Decimal("0.18")  # 18.2 %: within the hysteresis
        well = await step("10", "6")
        assert well > Decimal("0.2")
        assert told == [0, 1, 0, 1]
        await worker.sender.send_due(made["id"])
        first, second = (message for _, message, _ in receiver.seen)
    assert (first["type"], second["type"]) == ("kpi.crossed", "kpi.recovered")
    assert Decimal(first["data"]["value"]) == low
    assert Decimal(second["data"]["value"]) == well
    assert first["data"]["threshold"] == threshold
    assert first["data"]["unit"] == "ratio"
    records = await company.admin.get(first["data"]["records"])
    assert records.status_code == 200
    assert records.json()["items"]


async def test_a_change_makes_it_looked_at(company: Company) -> None:
    """Nobody asks: the worker notices the change, evaluates, sends."""
    with receiving() as receiver:
        await company.webhook(receiver, thresholds=[MARGIN])
        with company.worker():

            async def evaluated() -> bool:
                return bool(await company.rows("SELECT 1 FROM webhook_states WHERE evaluated_at IS NOT NULL"))

            await until(evaluated)
            await sale(company, "10", "9.5")
            async with company.database.session() as session:  # as if the last look were long enough ago
                await session.execute(update(WebhookState).values(evaluated_at=func.now() - 2 * SOON))
            await until(lambda: bool(receiver.accepted))
        ((_, message, _),) = receiver.seen
        assert message["type"] == "kpi.crossed"


async def test_the_same_threshold_keeps_its_state(company: Company) -> None:
    with receiving() as receiver:
        made = await company.webhook(receiver, thresholds=[MARGIN])
        await sale(company, "10", "9.5")
        assert await evaluate(company.database, made["id"]) == 1
        path = f"/webhooks/{made['id']}"
        other = {"kpi": "margin_rate", "comparison": "over", "value": "0.9"}
        changed = (await company.admin.patch(path, json={"thresholds": [other, MARGIN, MARGIN]})).json()
        assert len(changed["thresholds"]) == 2
        assert made["thresholds"][0] in changed["thresholds"]
        assert await evaluate(company.database, made["id"]) == 0


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"kpi": "nothing"}, "/thresholds/0/kpi"),
        ({"period": "some day"}, "/thresholds/0/period"),
        ({"filters": {"team": ["01890000-0000-7000-8000-000000000000"]}}, "/thresholds/0/filters/team"),
        ({"filters": {"stage": ["unassigned"]}}, "/thresholds/0/filters/stage"),
        ({"value": "much"}, "/thresholds/0/value"),
        ({"hysteresis": "-1"}, "/thresholds/0/hysteresis"),
        ({"comparison": "near"}, "/thresholds/0/comparison"),
    ],
)
async def test_what_is_no_threshold(wrong: dict[str, Any], pointer: str, company: Company) -> None:
    body = {"name": "x", "url": "http://127.0.0.1:1/", "thresholds": [MARGIN | wrong]}
    answer = await company.admin.post("/webhooks", json=body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_key_asks_for_no_more_than_it_reads(company: Company) -> None:
    def by(*scopes: str) -> Any:
        return company.sign_in(company.people.principal("admin", frozenset(scopes)))

    body = {"name": "x", "url": "http://127.0.0.1:1/", "events": ["orders.*"]}
    assert (await by("webhooks:write").post("/webhooks", json=body)).status_code == 403
    assert (await by("webhooks:write", "orders:read").post("/webhooks", json=body)).status_code == 201
    every = body | {"events": ["*"]}
    assert (await by("webhooks:write", "orders:read").post("/webhooks", json=every)).status_code == 403
    assert (await by("webhooks:write", "*:read").post("/webhooks", json=every)).status_code == 201
    kpi = body | {"events": [], "thresholds": [MARGIN]}
    assert (await by("webhooks:write", "orders:read").post("/webhooks", json=kpi)).status_code == 403
    assert (await by("webhooks:write", "kpi:read").post("/webhooks", json=kpi)).status_code == 201
    # Nor does it send elsewhere, or read among the messages, what it may not read.
    made = (await company.admin.post("/webhooks", json=every | {"thresholds": [MARGIN]})).json()
    path, elsewhere = f"/webhooks/{made['id']}", {"url": "http://127.0.0.1:2/"}
    assert (await by("webhooks:write", "*:read").patch(path, json=elsewhere)).status_code == 200
    assert (await by("webhooks:write", "orders:read", "kpi:read").patch(path, json=elsewhere)).status_code == 403
    await company.make("customers")
    await company.collect(made)
    (row,) = await company.rows("SELECT id FROM webhook_deliveries WHERE webhook_id = :id", id=made["id"])
    assert (await by("webhooks:read").get(f"{path}/deliveries")).status_code == 200
    assert (await by("webhooks:read").get(f"{path}/deliveries/{row.id}")).status_code == 403
    assert (await by("webhooks:read", "customers:read").get(f"{path}/deliveries/{row.id}")).status_code == 200
    nothing = body | {"events": []}
    assert (await company.admin.post("/webhooks", json=nothing)).status_code == 422
