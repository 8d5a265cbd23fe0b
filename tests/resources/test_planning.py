"""Action plans, targets, and the company's settings."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from factories import Maker, People

ANY = {"If-Match": "*"}


@pytest.fixture
def rep(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("rep")
    return client


@pytest.fixture
def director(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("director")
    return client


@pytest.fixture
def admin(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("admin")
    return client


def today(days: int = 0) -> str:
    return (datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date() + timedelta(days=days)).isoformat()


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def pointers(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    errors = response.json()["errors"]
    assert all(error["remedy"] for error in errors)
    return [error["pointer"] for error in errors]


PLAN = {"name": "Bearings", "starts_on": "2026-01-01", "ends_on": "2026-06-30", "revenue_target": "50000"}


async def test_a_plan_holds_its_actions_customers_and_products(
    rep: httpx.AsyncClient, make: Maker, people: People
) -> None:
    own = str(people["rep"].id)
    customers = [str((await make("customers", owner_id=own))["id"]) for _ in range(2)]
    product = str((await make("products"))["id"])
    body = PLAN | {
        "actions": [{"title": "Mailing", "weight": "2"}, {"title": "Calls", "owner_id": own, "due_on": "2026-02-01"}],
        "customer_ids": [*customers, customers[0]],
        "product_ids": [product],
    }
    plan = ok(await rep.post("/action-plans", json=body), 201)
    assert plan["owner_id"] == own
    assert [(row["title"], row["weight"], row["status"]) for row in plan["actions"]] == [
        ("Mailing", "2", "planned"), ("Calls", "1", "planned"),
    ]  # fmt: skip
    assert (sorted(plan["customer_ids"]), plan["product_ids"]) == (sorted(customers), [product])

    place = f"/action-plans/{plan['id']}"
    calls = plan["actions"][1]
    change = {"actions": [{"id": calls["id"], "title": "Call them all"}], "customer_ids": [customers[1]]}
    changed = ok(await rep.patch(place, json=change, headers={"If-Match": '"1"'}))
    assert changed["version"] == 2
    assert changed["customer_ids"] == [customers[1]]
    kept = changed["actions"][0]
    assert (kept["id"], kept["title"], kept["due_on"], kept["position"]) == (
        calls["id"], "Call them all", "2026-02-01", 1,
    )  # fmt: skip


async def test_plan_actions_are_done_and_reopened(rep: httpx.AsyncClient) -> None:
    body = PLAN | {"actions": [{"title": "Mailing"}, {"title": "Calls"}]}
    plan = ok(await rep.post("/action-plans", json=body), 201)
    first = f"/action-plans/{plan['id']}/actions/{plan['actions'][0]['id']}"
    done = ok(await rep.post(f"{first}/done", json={"done_on": today(-2)}))
    assert done["version"] == 2
    assert [(row["status"], row["done_on"]) for row in done["actions"]] == [("done", today(-2)), ("planned", None)]
    assert (await rep.post(f"{first}/done")).status_code == 409
    reopened = ok(await rep.post(f"{first}/reopen"))
    assert [(row["status"], row["done_on"]) for row in reopened["actions"]] == [("planned", None)] * 2
    assert (await rep.post(f"/action-plans/{plan['id']}/actions/{plan['id']}/done")).status_code == 404
    assert pointers(await rep.post(f"{first}/done", json={"done_on": today(1)})) == ["/actions/0/done_on"]


async def test_a_plan_refuses_what_makes_no_sense(rep: httpx.AsyncClient, make: Maker, people: People) -> None:
    assert pointers(await rep.post("/action-plans", json=PLAN | {"ends_on": "2025-12-31"})) == ["/ends_on"]
    undone = {"actions": [{"title": "Mailing", "done_on": "2026-01-05"}]}
    assert pointers(await rep.post("/action-plans", json=PLAN | undone)) == ["/actions/0/done_on"]
    assert pointers(await rep.post("/action-plans", json=PLAN | {"actions": [{"title": "A", "weight": "0"}]})) == [
        "/actions/0/weight"
    ]
    other = str((await make("customers", owner_id=str(people["stranger"].id)))["id"])
    assert pointers(await rep.post("/action-plans", json=PLAN | {"customer_ids": [other]}))[0].startswith(
        "/customer_ids/0"
    )


def target(**more: Any) -> dict[str, Any]:
    return {"kpi": "invoiced_revenue", "scope_kind": "company", "period": "2026-11", "value": "1000"} | more


async def test_a_target_is_given_by_period_or_by_days(director: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    month = ok(await director.post("/targets", json=target()), 201)
    assert (month["period"], month["starts_on"], month["ends_on"]) == ("2026-11", "2026-11-01", "2026-12-01")
    ok(await admin.patch("/settings", json={"fiscal_year_start_month": 7}, headers=ANY))
    quarter = ok(await director.post("/targets", json=target(period="2026-Q4")), 201)
    assert (quarter["starts_on"], quarter["ends_on"], quarter["value"]) == ("2026-04-01", "2026-07-01", "1000.00")
    free = {"starts_on": "2026-01-05", "ends_on": "2026-01-19", "period": None}
    assert ok(await director.post("/targets", json=target(**free)), 201)["period"] == "2026-01-05/2026-01-19"
    for body, place in (
        (target(period="soon"), "/period"),
        (target(starts_on="2026-10-01"), "/starts_on"),
        (target(period=None), "/starts_on"),
        (target(period=None, starts_on="2026-02-01", ends_on="2026-02-01"), "/ends_on"),
        (target(value="-1"), "/value"),
        (target(kpi="discount_rate_of_mine"), "/kpi"),
        (target(kpi="discount_rate"), "/kpi"),
        (target(scope_kind="team"), "/scope_id"),
        (target(scope_kind="team", scope_id=month["id"]), "/scope_id"),
        (target(scope_id=month["id"]), "/scope_id"),
    ):
        assert place in pointers(await director.post("/targets", json=body)), body
    assert (await director.post("/targets", json=target())).status_code == 409


async def test_managers_aim_their_teams_and_nobody_else(as_user: Any, people: People, director: Any) -> None:
    manager = as_user("manager")
    mine, theirs = str(people.teams["north"].id), str(people.teams["south"].id)
    rep, stranger = str(people["rep"].id), str(people["stranger"].id)
    own = ok(await manager.post("/targets", json=target(scope_kind="team", scope_id=mine)), 201)
    assert own["labels"]["scope_id"] == "North"
    ok(await manager.post("/targets", json=target(scope_kind="rep", scope_id=rep)), 201)
    for body in (
        target(),
        target(scope_kind="team", scope_id=theirs),
        target(scope_kind="rep", scope_id=stranger),
        target(scope_kind="business_unit", scope_id=str(people.units["east"].id)),
    ):
        assert (await manager.post("/targets", json=body)).status_code == 403
    away = {"scope_id": theirs}
    assert (await manager.patch(f"/targets/{own['id']}", json=away, headers=ANY)).status_code == 403
    for name in ("rep", "marketing"):
        assert (await as_user(name).post("/targets", json=target(scope_kind="rep", scope_id=rep))).status_code == 403
    whole = ok(await director.post("/targets", json=target()), 201)
    assert (await manager.get(f"/targets/{whole['id']}")).status_code == 404
    assert (await manager.delete(f"/targets/{own['id']}", headers=ANY)).status_code == 204


async def test_a_year_is_spread_to_the_last_cent(director: httpx.AsyncClient, people: People) -> None:
    scope = {"kpi": "ordered_amount", "scope_kind": "team", "scope_id": str(people.teams["north"].id), "year": 2026}
    months = ok(await director.post("/targets/spread", json=scope | {"value": "100000.01"}), 201)["items"]
    assert [row["period"] for row in months] == [f"2026-{month:02}" for month in range(1, 13)]
    assert sum(Decimal(row["value"]) for row in months) == Decimal("100000.01")
    assert (await director.post("/targets/spread", json=scope | {"value": "5"})).status_code == 409
    weighed = scope | {"year": 2027, "value": "1200", "weights": [*["1"] * 10, "2", "0"]}
    values = [row["value"] for row in ok(await director.post("/targets/spread", json=weighed), 201)["items"]]
    assert values == [*["100.00"] * 10, "200.00", "0.00"]
    assert pointers(await director.post("/targets/spread", json=weighed | {"weights": ["0"] * 12})) == ["/weights"]
    assert pointers(await director.post("/targets/spread", json=weighed | {"kpi": "average_basket"})) == ["/kpi"]


async def test_everyone_reads_the_settings_and_admins_change_them(as_user: Any, admin: httpx.AsyncClient) -> None:
    answer = await as_user("rep").get("/settings")
    assert ok(answer)["company_name"] == "Durand SA"
    change = {"margin_floor": "0.25", "monthly_weights": [*["1.5"] * 11, 0], "time_zone": "America/Cayenne"}
    for name in ("rep", "manager", "director", "marketing"):
        assert (await as_user(name).patch("/settings", json=change, headers=ANY)).status_code == 403
    assert (await admin.patch("/settings", json=change)).status_code == 428
    changed = await admin.patch("/settings", json=change, headers={"If-Match": answer.headers["etag"]})
    found = ok(changed)
    assert (found["margin_floor"], found["time_zone"]) == ("0.25", "America/Cayenne")
    assert found["monthly_weights"] == [*["1.5"] * 11, "0"]
    assert changed.headers["etag"] != answer.headers["etag"]
    lost = await admin.patch("/settings", json=change, headers={"If-Match": answer.headers["etag"]})
    assert lost.status_code == 412
    unchanged = await admin.get("/settings", headers={"If-None-Match": changed.headers["etag"]})
    assert unchanged.status_code == 304


async def test_settings_refuse_what_cannot_be_counted_with(admin: httpx.AsyncClient, make: Maker) -> None:
    for body, place in (
        ({"time_zone": "Europe/Lutetia"}, "/time_zone"),
        ({"country": "ZZ"}, "/country"),
        ({"monthly_weights": ["0"] * 12}, "/monthly_weights"),
        ({"monthly_weights": ["1"] * 11}, "/monthly_weights"),
        ({"sector_cycle_days": {"Industry": 0}}, "/sector_cycle_days/Industry"),
        ({"margin_floor": "1.5"}, "/margin_floor"),
        ({"fiscal_year_start_month": 13}, "/fiscal_year_start_month"),
        ({"company_name": None}, "/company_name"),
        ({"is_demo": True}, "/is_demo"),
    ):
        assert place in pointers(await admin.patch("/settings", json=body, headers=ANY)), body
    both = {"sector_cycle_days": {"Industry": 60, "Retail": 30}}
    ok(await admin.patch("/settings", json=both, headers=ANY))
    less = ok(await admin.patch("/settings", json={"sector_cycle_days": {"Retail": None}}, headers=ANY))
    assert less["sector_cycle_days"] == {"Industry": 60}


async def test_the_currency_holds_once_amounts_are_recorded(admin: httpx.AsyncClient, make: Maker) -> None:
    assert ok(await admin.patch("/settings", json={"currency": "CHF"}, headers=ANY))["currency"] == "CHF"
    await make("orders")
    assert (await admin.patch("/settings", json={"currency": "EUR"}, headers=ANY)).status_code == 409
    ok(await admin.patch("/settings", json={"currency": "CHF", "language": "en"}, headers=ANY))
