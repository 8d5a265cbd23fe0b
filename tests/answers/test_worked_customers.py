"""The worked cases of the definitions, over HTTP: life cycle, prospects, visits, plans, leads, exclusions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from books import Books, line
from cadran.models import ActionPlan, Contact, Customer, Lead, Order, Visit
from factories import Maker, People


@pytest.fixture
def books(session: AsyncSession, make: Maker, people: People, as_user: Any) -> Books:
    return Books(session, make, people, as_user)


def at(day: str) -> dict[str, Any]:
    return {"period": day[:7], "as_of": day}


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


async def test_intervals_30_30_90_make_a_cycle_of_30(books: Books) -> None:
    customer = await books.customer()
    for day in ("2026-01-01", "2026-01-31", "2026-03-02", "2026-05-31"):
        await books.order(customer, day)
    await books.order(customer, "2026-05-31")  # the same day twice is one day
    await books.invoice(customer, "2025-07-31", line("1000"))
    await books.invoice(customer, "2025-08-01", line("10"))
    for silence, state in ((30, None), (31, "inactive"), (60, "inactive"), (61, "lost")):
        day = later("2026-05-31", silence)
        for name in ("inactive", "lost"):
            assert await books.value(f"{name}_customers", **at(day)) == (state == name), (silence, name)
    (record,) = await books.records("lost_customers", **at("2026-07-31"))
    assert record["details"] | {"next_action": None} == {
        "state": "lost", "cycle_days": "30", "cycle_source": "own_orders", "silence_days": 61,
        "last_order_on": "2026-05-31", "at_stake": "10", "answers": False, "next_action": None,
    }  # fmt: skip
    # A held visit is an answer, a call nobody picked up is none.
    await books.make("interactions", customer_id=customer["id"], kind="call", occurred_on="2026-07-20", answered=False)
    assert (await books.kpi("lost_customers", **at("2026-07-31")))["components"]["silent"] == 1
    await books.make("interactions", customer_id=customer["id"], kind="call", occurred_on="2026-07-01")
    assert (await books.kpi("lost_customers", **at("2026-07-31")))["components"]["silent"] == 0
    assert (await books.kpi("lost_customers", **at("2026-08-01")))["components"]["silent"] == 1


async def test_where_a_cycle_comes_from(books: Books) -> None:
    await books.settings(sector_cycle_days={"Steel": 20}, default_cycle_days=50, minimum_cycle_days=14)
    own = await books.customer(order_cycle_days=40, sector="Steel")
    sector = await books.customer(sector="Steel")
    neither = await books.customer(sector="Wood")
    often = await books.customer()
    for customer in (own, sector, neither):
        await books.order(customer, "2026-01-01")
    for day in ("2025-12-28", "2025-12-30", "2026-01-01"):
        await books.order(often, day)
    lost = {}
    for silence in range(25, 105):
        for record in await books.records("lost_customers", **at(later("2026-01-01", silence))):
            lost.setdefault(record["id"], (silence, record["details"]["cycle_source"]))
    assert lost == {
        str(often["id"]): (29, "own_orders"), str(sector["id"]): (41, "sector"), str(own["id"]): (81, "customer"),
        str(neither["id"]): (101, "company"),
    }  # fmt: skip


async def test_an_undelivered_promise_keeps_active(books: Books) -> None:
    customer = await books.customer(order_cycle_days=20)
    order = await books.order(customer, "2026-01-01", line("10", "5"), promised_on="2026-04-10")
    assert await books.value("lost_customers", **at("2026-04-10")) == 0
    assert await books.value("lost_customers", **at("2026-04-11")) == 1
    await books.make("deliveries", order_line_id=order["lines"][0]["id"], delivered_on="2026-03-20", quantity="5")
    assert await books.value("lost_customers", **at("2026-03-19")) == 0
    assert await books.value("lost_customers", **at("2026-03-20")) == 1
    churn = await books.kpi("churn_rate", period="2026-03", as_of="2026-04-30")
    assert (churn["value"], churn["components"]) == ("1", {"lost": 1, "base": 1})
    assert await books.value("churn_rate", period="2026-04", as_of="2026-04-30") is None  # lost when it began
    await books.set(Order, order, status="cancelled", cancelled_on="2026-03-25")
    assert await books.value("lost_customers", **at("2026-04-11")) == 0  # never ordered
    assert await books.value("lost_customers", **at("2026-03-24")) == 1


async def test_churn_over_a_period_and_a_customer_won_back(books: Books) -> None:
    back, stays, fresh = [await books.customer(order_cycle_days=30) for _ in range(3)]
    await books.order(back, "2026-01-01")
    for day in ("2026-01-10", "2026-03-01"):
        await books.order(stays, day)
    await books.order(fresh, "2026-03-05")
    # Lost on 3 March (61 days), back on the 20th.
    await books.order(back, "2026-03-20")
    march = await books.kpi("churn_rate", period="2026-03", as_of="2026-03-31")
    assert (march["value"], march["components"]) == ("0.5", {"lost": 1, "base": 2})
    assert [
        record["id"]
        for record in await books.records("churn_rate", period="2026-03", as_of="2026-03-31")
        if record["contributions"]["lost"]
    ] == [str(back["id"])]
    assert (await books.kpi("churn_rate", period="2026-03", as_of="2026-03-02"))["components"]["lost"] == 0
    # Won back is not new.
    assert await books.value("new_customers", period="2026-03") == 1
    assert await books.value("new_customers", period="2026-01") == 2
    series = await books.kpi("churn_rate", period="2026-Q2", interval="month", as_of="2026-04-15")
    assert [point["value"] is None for point in series["series"]] == [False, True, True]


async def test_a_new_customer_counts_for_whom_its_first_order_does(books: Books) -> None:
    customer = await books.customer("rep", source="fair", prospect_on="2026-01-05")
    first = await books.order(customer, "2026-03-02")
    await books.order(customer, "2026-03-02", rep_id=books.people["colleague"].id)
    await books.order(customer, "2026-03-09")
    await books.set(Customer, customer, owner_id=books.people["stranger"].id)
    for _ in range(3):
        groups = await books.groups("new_customers", "rep", period="2026-03")
        assert list(groups) == [books.id("rep")]
    assert list(await books.groups("new_customers", "source", period="2026-03")) == ["fair"]
    await books.set(Order, first, status="cancelled", cancelled_on="2026-03-20")
    assert list(await books.groups("new_customers", "rep", period="2026-03")) == [books.id("colleague")]
    # Its first day as a prospect stays the rep's, and converting does not remove it.
    assert list(await books.groups("new_prospects", "rep", period="2026-01")) == [books.id("rep")]
    await books.set(Customer, customer, is_imported=True)
    found = await books.kpi("new_prospects", period="2026-01")
    assert (found["value"], found["components"]["imported"]) == (1, 1)
    assert await books.value("new_prospects", period="2026-01", exclude_imports="true") == 0


async def held(books: Books, customer: Any, day: str, owner: str = "rep") -> Any:
    return await books.make(
        "visits",
        customer_id=customer["id"],
        owner_id=books.people[owner].id,
        planned_on=day,
        status="held",
        held_on=day,
    )


async def test_an_order_goes_to_one_visit(books: Books) -> None:
    customer, other = await books.customer(), await books.customer()
    early = await held(books, customer, "2026-03-02")
    between = await held(books, customer, "2026-03-20", "stranger")
    await books.order(customer, "2026-03-02")  # the day of the visit
    await books.order(customer, "2026-03-25")  # the stranger's, though the rep saw the customer within 30 days
    await books.order(customer, "2026-04-19")  # 30 days after
    await books.order(customer, "2026-04-20")  # 31: nobody's
    await books.order(customer, "2026-09-01", visit_id=early["id"])  # named
    await books.order(customer, "2026-03-26", status="draft")
    cancelled = await books.order(customer, "2026-03-27")
    await books.set(Order, cancelled, status="cancelled", cancelled_on="2026-04-01")
    await held(books, other, "2026-03-03")
    march = {"period": "2026-03", "as_of": "2026-10-31"}
    rows = {record["id"]: record["contributions"] for record in await books.records("visit_to_order_ratio", **march)}
    assert rows[str(early["id"])] == {"held": 1, "orders": 2}
    assert rows[str(between["id"])] == {"held": 1, "orders": 2}
    found = await books.kpi("visit_to_order_ratio", **march)
    assert (found["value"], found["components"]["with_order"]) == ("0.75", 2)
    assert await books.value("conversion_rate", **march) == "0.666667"
    mine = await books.kpi("visit_to_order_ratio", "rep", **march)
    assert (mine["value"], mine["components"]["orders"]) == ("1", 2)
    # Younger than the window, a visit stands apart.
    young = await books.kpi("conversion_rate", period="2026-03", as_of="2026-04-10")
    assert young["components"]["immature"] == 1
    assert young["components"]["immature_orders"] == 1
    assert [each["code"] for each in young["warnings"]] == ["immature"]
    assert (await books.kpi("visit_reports", **march))["components"]["held"] == 3
    groups = await books.groups("visit_reports", "rep", **march)
    assert groups[books.id("rep")]["components"]["held"] == 2
    # A visit keeps whom it counted for.
    await books.set(Visit, early, owner_id=books.people["stranger"].id)
    assert (await books.groups("visit_reports", "rep", **march))[books.id("rep")]["components"]["held"] == 2


async def test_plans_have_three_rings_and_a_status(books: Books) -> None:
    customer, other, internal = await books.customer(), await books.customer(), await books.customer(is_internal=True)
    product = await books.make("products")
    action = {"title": "Call", "weight": "1"}
    done = action | {"status": "done", "done_on": "2026-03-10"}
    dates = {"starts_on": "2026-03-02", "ends_on": "2026-03-27", "owner_id": books.people["rep"].id}
    sold = str(product["id"])

    async def plan(name: str, target: str | None, actions: list[Any], **more: Any) -> Any:
        given = {"customer_ids": [str(customer["id"])]} | more
        return await books.make("action-plans", name=name, revenue_target=target, actions=actions, **dates, **given)

    await plan("effort", "1000", [done | {"weight": "8"}, action | {"weight": "2"}, action | {"status": "cancelled"}])
    await plan("result", "100", [done, action, action])
    await plan("late", "200", [action])
    await plan("on track", None, [done | {"weight": "6"}, action | {"weight": "4"}])
    await plan("product", "50", [action], customer_ids=[], product_ids=[sold])
    await plan("both", "50", [action], product_ids=[sold])
    await plan("draft", "50", [action], status="draft")
    await books.order(customer, "2026-03-01", line("900"))  # before they start
    await books.order(customer, "2026-03-02", line("80"))
    closed = await books.order(customer, "2026-03-10", line("5", "10"))
    await books.make("deliveries", order_line_id=closed["lines"][0]["id"], delivered_on="2026-03-11", quantity="1")
    await books.set(Order, closed, status="closed", closed_on="2026-03-12")
    await books.order(other, "2026-03-05", line("20", product_id=sold))
    await books.order(internal, "2026-03-05", line("999", product_id=sold))
    asked = {"period": "2026-03", "as_of": "2026-03-13"}  # half of the working days
    rows = {each["title"]: each["details"] for each in await books.records("action_plan_progress", **asked)}
    assert {name: row["state"] for name, row in rows.items()} == {
        "effort": "effort_without_result", "result": "result_without_effort", "late": "late", "on track": "on_track",
        "product": "late", "both": "late",
    }  # fmt: skip
    assert {name: row["revenue"] for name, row in rows.items()} == {
        "effort": "85", "result": "85", "late": "85", "on track": "85", "product": "20", "both": "0",
    }  # fmt: skip
    assert {row["time"] for row in rows.values()} == {"0.5"}
    found = await books.kpi("action_plan_progress", **asked)
    # Σ done ÷ Σ weight: 15 of 10 + 3 + 1 + 10 + 1 + 1; revenue only against plans with a target.
    assert Decimal(found["value"]) == Decimal("0.576923")
    assert found["components"]["revenue"] == "275.00"
    assert Decimal(found["components"]["revenue_ring"]) == Decimal("0.196429")
    # As of before the actions were done.
    assert await books.value("action_plan_progress", period="2026-03", as_of="2026-03-09") == "0"
    before = await books.now()
    plan_id = (await books.records("action_plan_progress", **asked))[0]["id"]
    await books.set(ActionPlan, {"id": plan_id}, status="closed")
    now = {"period": "this-month"}
    assert (await books.kpi("action_plan_progress", **now))["components"]["count"] == 5
    assert (await books.kpi("action_plan_progress", **now, as_of=before))["components"]["count"] == 6


async def test_a_lead_counts_on_its_first_qualification(books: Books) -> None:
    owner = {"owner_id": books.people["rep"].id, "created_on": "2026-02-20", "source": "fair"}
    lead = await books.make("leads", **owner, status="qualified", qualified_on="2026-03-10")
    await books.make("leads", **owner)
    await books.make("leads", **owner | {"created_on": "2026-03-01", "source": "web"})
    for status in ("working", "qualified", "disqualified"):
        await books.set(Lead, lead, status=status, owner_id=books.people["stranger"].id)
        march = await books.kpi("qualified_leads", period="2026-03", as_of="2026-04-30")
        assert (march["value"], march["components"]["created"]) == (1, 1)
    february = await books.kpi("qualified_leads", period="2026-02", as_of="2026-04-30")
    assert (february["value"], february["components"]["qualification_rate"]) == (0, "0.5")
    assert (await books.kpi("qualified_leads", period="2026-02", as_of="2026-02-28"))["components"][
        "qualification_rate"
    ] == "0"
    assert await books.value("qualified_leads", period="2026-03", rep=books.id("rep")) == 1
    groups = await books.groups("qualified_leads", "source", period="2026-03")
    assert {key: (group["value"], group["components"]["created"]) for key, group in groups.items()} == {
        "fair": (1, 0), "web": (0, 1),
    }  # fmt: skip
    refused = await books.as_user("admin", scopes=frozenset({"*:write"})).patch(
        f"/leads/{lead['id']}", json={"source": "web"}
    )
    assert refused.status_code == 422


async def every_kpi(books: Books) -> dict[str, Any]:
    names = [kpi["name"] for kpi in (await books.get("/kpi"))["items"]]
    return {
        name: (await books.kpi(name, period="2026", as_of="2026-06-30"))["components"]
        | {"value": await books.value(name, period="2026", as_of="2026-06-30")}
        for name in names
    }


async def _everything(books: Books, customer: Any) -> None:
    key, rep = customer["id"], books.people["rep"].id
    order = await books.order(customer, "2026-02-02", line("100", "4", vat_rate="0.2"), promised_on="2026-03-01")
    await books.make("deliveries", order_line_id=order["lines"][0]["id"], delivered_on="2026-02-10", quantity="1")
    await books.invoice(customer, "2026-02-11", line("100", vat_rate="0.2"))
    await books.make(
        "opportunities", customer_id=key, owner_id=rep, budget="500", probability="0.5", opened_on="2026-01-01"
    )
    await books.make(
        "opportunities", customer_id=key, budget="5", status="won", closed_on="2026-05-01", opened_on="2026-01-01"
    )
    await books.make("quotes", customer_id=key, status="sent", sent_on="2026-02-01", lines=[line("10")])
    await books.make(
        "quotes", customer_id=key, status="refused", sent_on="2026-02-01", decided_on="2026-02-02", lines=[line("10")]
    )
    await books.make("visits", customer_id=key, owner_id=rep, planned_on="2026-02-03", created_on="2026-01-01")
    visit = await held(books, customer, "2026-02-01")
    await books.make("visit-reports", visit_id=visit["id"], status="submitted", submitted_at="2026-02-01T12:00:00Z")
    await books.make("contacts", customer_id=key, created_on="2026-01-01", is_decision_maker=True)
    await books.make("service-requests", customer_id=key, opened_on="2026-02-01")
    await books.make(
        "leads", customer_id=key, owner_id=rep, status="qualified", created_on="2026-01-03", qualified_on="2026-01-04"
    )


async def test_internal_merged_deleted_and_draft_are_out_of_every_kpi(books: Books) -> None:
    before = await every_kpi(books)
    prospect = {"prospect_on": "2026-01-02", "order_cycle_days": 14}
    internal = await books.customer("rep", is_internal=True, **prospect)
    await _everything(books, internal)
    kept = await books.customer("rep", **prospect | {"prospect_on": "2025-01-02"})
    customer = await books.customer("rep", **prospect)
    await _everything(books, customer)
    counted = await every_kpi(books)
    changed = {name for name in counted if counted[name] != before[name]}
    # All but plans, of which there are none, see what the real customer did, and none the internal one's.
    assert set(counted) - changed <= {
        "action_plan_progress",
        "churn_rate",  # nobody had ordered before the year
        "due_customers",
        "inactive_customers",
        "discount_rate",
        "margin_rate",
    }
    assert (counted["ordered_amount"]["value"], counted["invoiced_revenue"]["value"]) == ("400.00", "100.00")
    assert (counted["new_prospects"]["value"], counted["lost_customers"]["value"]) == (1, 1)
    assert (counted["weighted_pipeline"]["count"], counted["visit_reports"]["value"]) == (1, 1)
    assert (counted["contact_completeness"]["count"], counted["customer_completeness"]["count"]) == (1, 2)
    assert (counted["qualified_leads"]["value"], counted["overdue_visits"]["value"]) == (1, 1)
    # Merged: its card and first day as a prospect are out, what it bought counts for the survivor.
    moment = await books.now()
    await books.post(f"/customers/{customer['id']}/merge", {"into_id": str(kept["id"])})
    merged = await every_kpi(books)
    assert (merged["ordered_amount"]["value"], merged["outstanding"]["value"]) == (
        "400.00",
        counted["outstanding"]["value"],
    )
    assert (merged["new_prospects"]["value"], merged["customer_completeness"]["count"]) == (0, 1)
    assert (merged["new_customers"]["value"], merged["lost_customers"]["value"]) == (1, 1)
    assert await books.value("new_prospects", period="2026", as_of=moment) == 1
    # Deleted: gone from now on, there as of before.
    contact = (await books.records("contact_completeness", period="this-month"))[0]
    moment = await books.now()
    await books.remove(Contact, contact)
    assert (await books.kpi("contact_completeness", period="this-month"))["components"]["count"] == 0
    assert (await books.kpi("contact_completeness", period="this-month", as_of=moment))["components"]["count"] == 1


async def test_one_customers_rhythm(books: Books) -> None:
    """Intervals 30-30-90: a cycle of 30; nothing to tell of who has not ordered."""
    customer = await books.customer()
    none = await books.get(f"/kpi/customers/{customer['id']}/rhythm")
    assert set(none.values()) == {None}
    today = date.fromisoformat((await books.kpi("inactive_customers"))["as_of_day"])
    for back in (195, 165, 135, 45):
        await books.order(customer, (today - timedelta(days=back)).isoformat())
    told = await books.get(f"/kpi/customers/{customer['id']}/rhythm")
    assert (told["state"], told["cycle_days"], told["silence_days"], told["ratio"]) == ("inactive", "30", 45, "1.5")
    assert (told["cycle_source"], told["last_visit_on"], told["visit_due"]) == ("own_orders", None, False)


async def test_what_to_do_for_one_customer_is_its_part_of_the_day(books: Books) -> None:
    """A late visit, a late task and an overdue invoice of one, a late visit of another."""
    today = date.fromisoformat((await books.kpi("inactive_customers"))["as_of_day"])
    customers = [await books.customer(), await books.customer()]
    one, other = (str(customer["id"]) for customer in customers)
    rep = str(books.id("rep"))
    late = (today - timedelta(days=3)).isoformat()
    for customer in (one, other):
        await books.post("/visits", {"customer_id": customer, "owner_id": rep, "planned_on": late})
    task = {"title": "Rappeler", "owner_id": rep, "customer_id": one, "due_on": late}
    await books.post("/tasks", task)
    await books.invoice(customers[0], (today - timedelta(days=90)).isoformat(), due_on=late, status="posted")
    whole = (await books.get("/kpi/dashboards/day", "rep"))["lists"]["todo"]
    assert {row["customer_id"] for row in whole} == {one, other}
    for customer in (one, other):
        told = await books.get(f"/kpi/customers/{customer}/todo", "rep")
        assert told["items"] == [row for row in whole if row["customer_id"] == customer]
    assert [row["kind"] for row in (await books.get(f"/kpi/customers/{other}/todo"))["items"]] == ["visit"]
