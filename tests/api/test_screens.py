"""The screens' parts beside their KPIs: each says what the KPI it stands by says, to the cent and to the record."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from factories import Maker, People

SignIn = Callable[..., httpx.AsyncClient]
TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()  # the company's day


async def board(client: httpx.AsyncClient, screen: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"/kpi/dashboards/{screen}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_running_totals_end_on_the_value_and_on_the_target(as_user: SignIn, make: Maker, people: People) -> None:
    customer = await make("customers", owner_id=people["rep"].id)
    line = {"description": "Bearing", "quantity": "1", "unit_price": "100.10", "vat_rate": "0.2"}
    for day, kind in ((TODAY, "invoice"), (TODAY, "credit_note"), (TODAY.replace(day=1), "invoice")):
        amount = line | {"unit_price": "30.05"} if kind == "credit_note" else line
        await make(
            "invoices", customer_id=customer["id"], rep_id=people["rep"].id, issued_on=day, kind=kind,
            status="posted", lines=[amount],
        )  # fmt: skip
    start = TODAY.replace(day=1)
    after = (start + timedelta(days=32)).replace(day=1)
    await make("targets", starts_on=start, ends_on=after, value="2000.00")
    client = as_user("director")
    found = await board(client, "activity")
    revenue, line_ = found["kpis"]["invoiced_revenue"], found["lists"]["cumulative"]
    assert revenue["value"] == "170.15"
    assert [value for value in line_["actual"] if value is not None][-1] == revenue["value"]
    assert line_["expected"][-1] == revenue["target"] == "2000.00"
    assert Decimal(revenue["gap"]) == Decimal(revenue["value"]) - Decimal(revenue["expected_to_date"])
    assert revenue["comparisons"][0]["kind"] == "previous_year"
    # The link says two invoices; its list holds the credit note as well.
    records = (await client.get("/kpi/invoiced_revenue/records")).json()
    assert (revenue["count"], records["counted"], records["count"]) == (2, 2, 3)
    assert records["totals"] == {"amount": revenue["value"]}


async def test_stages_come_in_the_order_of_the_pipeline(as_user: SignIn, make: Maker) -> None:
    stages = [await make("stages", position=place) for place in (3, 1, 2)]
    for stage, budget in zip(stages, ("100", "9000", "500"), strict=True):
        await make("opportunities", stage_id=stage["id"], budget=budget)
    groups = (await board(as_user("director"), "activity"))["kpis"]["weighted_pipeline_by_stage"]["groups"]
    assert [group["key"] for group in groups] == [str(stages[place]["id"]) for place in (1, 2, 0)]


async def test_who_is_over_their_credit_limit_is_watched(as_user: SignIn, make: Maker) -> None:
    over = await make("customers", name="Over", credit_limit="100.00")
    under = await make("customers", name="Under", credit_limit="100000.00")
    unlimited = await make("customers", name="Unlimited", credit_limit=None)
    for customer in (over, under, unlimited):
        await make("orders", customer_id=customer["id"], status="confirmed", confirmed_on=TODAY)
    found = (await board(as_user("director"), "day"))["lists"]["portfolio"]
    assert (found["customers"], found["over_limit"]) == (3, 1)
    assert [line["customer"] for line in found["items"]] == ["Over"]
    assert Decimal(found["items"][0]["used"]) == Decimal(found["items"][0]["outstanding"]) / 100


async def test_the_matrix_and_the_cycles_hide_amounts_from_marketing(as_user: SignIn, make: Maker) -> None:
    contact = await make("contacts", email=None, phone=None, mobile=None, is_decision_maker=True)
    await make("orders", customer_id=contact["customer_id"], status="confirmed", confirmed_on=TODAY)
    await make("invoices", customer_id=contact["customer_id"], status="posted", issued_on=TODAY)
    director, marketing = [await board(as_user(who), "data-health") for who in ("director", "marketing")]
    for found in (director, marketing):
        fields = found["lists"]["matrix"]["rows"][0]["fields"]
        assert fields["email"] == {"filled": 0, "possible": 3, "share": "0"}
        assert fields["name"]["share"] == "1"
        assert found["lists"]["strip"]["counts"] == {"active": 1, "inactive": 0, "lost": 0}
    assert Decimal(director["lists"]["strip"]["items"][0]["at_stake"]) > 0
    assert marketing["lists"]["strip"]["items"][0]["at_stake"] is None


async def test_a_plan_says_its_next_step(as_user: SignIn, make: Maker) -> None:
    actions = [
        {"title": "Late", "due_on": "2026-06-20"},
        {"title": "Soon", "due_on": "2026-02-20"},
        {"title": "Past", "due_on": "2026-01-20", "status": "done"},
    ]
    await make("action-plans", starts_on=TODAY, ends_on=TODAY + timedelta(days=90), actions=actions)
    plans = (await board(as_user("director"), "field"))["lists"]["plans"]
    assert [plan["next_step"]["title"] for plan in plans] == ["Soon"]


async def test_the_first_tasks_and_visits_of_many(as_user: SignIn, make: Maker, people: People) -> None:
    """Of more than are shown, the first by the formula; all of them are counted."""
    customer = await make("customers", owner_id=people["rep"].id)
    dates = [None, TODAY, *(TODAY + timedelta(days=days) for days in (-30, -8, -1, 3, 20))]
    for number in range(84):
        priority = ("low", "normal", "high")[number % 3]
        await make("tasks", title=f"T{number}", priority=priority, due_on=dates[number % 7], owner_id=people["rep"].id)
    for number in range(203):
        time = None if number % 50 == 0 else f"{8 + number % 9:02}:00"
        await make("visits", customer_id=customer["id"], planned_on=TODAY, planned_time=time)
    lists = (await board(as_user("director"), "day"))["lists"]
    shown = [item for item in lists["todo"] if item["kind"] == "task"]
    assert len(shown) == 50
    assert lists["todo_counts"]["task"] == lists["tasks"]["total"] == 84
    assert (lists["tasks"]["late"], lists["tasks"]["today"], lists["tasks"]["high"]) == (36, 12, 28)
    order = [(-Decimal(item["score"]), -(item["days_late"] or 0), item["id"]) for item in shown]
    assert order == sorted(order)
    # Urgency × priority × 1,000: the 50 first are those of 2,000 and more, and some of 1,500 or 1,000.
    assert {item["score"] for item in shown[:8]} == {"6000.00"}
    assert (len(lists["agenda"]), lists["agenda_count"]) == (200, 203)
    times = [visit["planned_time"] or "99" for visit in lists["agenda"]]
    assert times == sorted(times)


async def test_the_agenda_and_the_tasks_of_one_day(as_user: SignIn, make: Maker, people: People) -> None:
    """Who sees which: neither cancelled, nor of another day, nor of a customer that does not count."""
    mine, theirs = people["rep"].id, people["stranger"].id
    real = await make("customers", name="Real", owner_id=mine)
    ours = await make("customers", name="Ours", owner_id=mine, is_internal=True)
    plan = {"planned_on": TODAY, "customer_id": real["id"], "owner_id": mine}
    expected = [str((await make("visits", **plan | each))["id"]) for each in ({"planned_time": "09:00"}, {})]
    held = await make("visits", **plan, status="held", held_on=TODAY, planned_time="08:00")
    expected.insert(0, str(held["id"]))
    other = await make("visits", **plan | {"owner_id": theirs}, planned_time="10:00")
    await make("visits", **plan, status="cancelled", cancelled_on=TODAY)
    await make("visits", **plan | {"planned_on": TODAY + timedelta(days=1)})
    await make("visits", **plan | {"customer_id": ours["id"]})
    task = {"owner_id": mine, "customer_id": real["id"], "due_on": TODAY, "created_on": TODAY - timedelta(days=9)}
    open_task = await make("tasks", **task)
    await make("tasks", **task | {"owner_id": theirs, "customer_id": None})
    await make("tasks", **task, status="done", done_on=TODAY)
    await make("tasks", **task, status="cancelled")

    lists = (await board(as_user("director"), "day"))["lists"]
    assert [visit["id"] for visit in lists["agenda"]] == [*expected[:2], str(other["id"]), expected[2]]
    assert (lists["agenda_count"], lists["tasks"]["total"]) == (4, 2)
    lists = (await board(as_user("rep"), "day"))["lists"]
    assert [visit["id"] for visit in lists["agenda"]] == expected
    assert (lists["agenda_count"], lists["tasks"]["total"]) == (3, 1)
    assert [item["id"] for item in lists["todo"] if item["kind"] == "task"] == [str(open_task["id"])]
    lists = (await board(as_user("director"), "day", team=people.teams["south"].id))["lists"]
    assert (lists["agenda_count"], lists["tasks"]["total"]) == (1, 1)
    # Yesterday what was done today was still to be done.
    lists = (await board(as_user("director"), "day", as_of=TODAY - timedelta(days=1)))["lists"]
    assert (lists["agenda_count"], lists["tasks"]["total"]) == (0, 3)
