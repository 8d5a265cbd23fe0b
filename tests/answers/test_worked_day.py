"""The worked cases of the definitions, over HTTP: outstanding, overdue visits, quotes, pipeline and its movement."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from books import Books, line
from cadran.models import Invoice, Opportunity, Order, Quote, Visit
from factories import Maker, People

NOVEMBER: dict[str, Any] = {"period": "2026-11", "as_of": "2026-11-20"}
THIS: dict[str, Any] = {"period": "this-month"}


@pytest.fixture
def books(session: AsyncSession, make: Maker, people: People, as_user: Any) -> Books:
    return Books(session, make, people, as_user)


async def test_each_euro_of_the_outstanding_is_in_one_term(books: Books) -> None:
    customer = await books.customer(credit_limit="50")
    order = await books.order(customer, "2026-10-01", line("1", "10", vat_rate="0.2"), promised_on="2026-10-15")
    key = order["lines"][0]["id"]
    await books.make("deliveries", order_line_id=key, delivered_on="2026-10-10", quantity="6")
    invoice = await books.invoice(
        customer, "2026-10-12", line("1", "4", vat_rate="0.2", order_line_id=str(key)), due_on="2026-11-11",
        order_id=order["id"],
    )  # fmt: skip
    await books.make("payments", invoice_id=invoice["id"], amount="1.20", paid_on="2026-10-20")
    await books.make("service-requests", customer_id=customer["id"], opened_on="2026-10-02")
    found = await books.kpi("outstanding", period="2026-10", as_of="2026-10-31")
    parts = found["components"]
    assert (parts["to_deliver"], parts["delivered_not_invoiced"], parts["unpaid"]) == ("4.80", "2.40", "3.60")
    assert (found["value"], parts["unpaid_not_due"], parts["overdue"]) == ("10.80", "3.60", "0.00")
    assert (parts["late_deliveries"], parts["late_amount"], parts["open_requests"]) == (1, "4.80", 1)
    records = await books.records("outstanding", period="2026-10", as_of="2026-10-31")
    assert sum(Decimal(record["contribution"]) for record in records) == Decimal("10.80")
    # Aged by the day asked.
    for day, name in (
        ("2026-11-11", "not_due"), ("2026-11-12", "1-30"), ("2026-10-31", "not_due"),
    ):  # fmt: skip
        parts = (await books.kpi("outstanding", period=day[:7], as_of=day))["components"]
        assert parts[f"unpaid_{name}"] == "3.60", day
    # Before the delivery, the invoice and the payment.
    parts = (await books.kpi("outstanding", period="2026-10", as_of="2026-10-09"))["components"]
    assert (parts["to_deliver"], parts["delivered_not_invoiced"], parts["unpaid"]) == ("12.00", "0.00", "0.00")
    parts = (await books.kpi("outstanding", period="2026-10", as_of="2026-10-19"))["components"]
    assert parts["unpaid"] == "4.80"
    # Invoiced ahead of delivery is no longer to deliver; credited is no longer unpaid; closed short is never delivered.
    await books.invoice(customer, "2026-11-02", line("1", "5", vat_rate="0.2", order_line_id=str(key)))
    await books.invoice(
        customer, "2026-11-03", line("1", "2", vat_rate="0.2"), kind="credit_note", credited_invoice_id=invoice["id"]
    )
    parts = (await books.kpi("outstanding", **NOVEMBER))["components"]
    assert (parts["to_deliver"], parts["delivered_not_invoiced"], parts["unpaid"]) == ("1.20", "0.00", "7.20")
    await books.set(Order, order, status="closed", closed_on="2026-11-04")
    assert (await books.kpi("outstanding", **NOVEMBER))["components"]["to_deliver"] == "0.00"
    await books.set(Invoice, invoice, status="cancelled", cancelled_on="2026-11-05")
    assert (await books.kpi("outstanding", **NOVEMBER))["components"]["unpaid"] == "6.00"


async def test_splitting_a_price_loses_no_cent(books: Books) -> None:
    customer = await books.customer()
    for _ in range(3):
        order = await books.order(customer, "2026-10-01", line("0.025", "2", net_amount="0.05"))
        await books.make("deliveries", order_line_id=order["lines"][0]["id"], delivered_on="2026-10-02", quantity="1")
    found = await books.kpi("outstanding", period="2026-10", as_of="2026-10-31")
    assert found["value"] == "0.15"
    assert {found["components"][name] for name in ("to_deliver", "delivered_not_invoiced")} == {"0.08"}


async def test_a_customer_who_only_asks_is_a_group_too(books: Books) -> None:
    customer = await books.customer()
    await books.make("service-requests", customer_id=customer["id"], opened_on="2026-11-02")
    groups = await books.groups("outstanding", "customer", **NOVEMBER)
    assert groups[str(customer["id"])]["components"]["open_requests"] == 1
    assert groups[str(customer["id"])]["value"] == "0.00"


async def test_rescheduling_launders_no_lateness(books: Books) -> None:
    customer = await books.customer()
    visit = await books.make(
        "visits", customer_id=customer["id"], owner_id=books.people["rep"].id, planned_on="2026-11-02",
        created_on="2026-10-01",
    )  # fmt: skip
    assert await books.value("overdue_visits", period="2026-11", as_of="2026-11-02") == 0
    await books.post(f"/visits/{visit['id']}/reschedule", {"planned_on": "2026-11-12"})
    found = await books.kpi("overdue_visits", **NOVEMBER)
    assert (found["value"], found["components"]["average_days_late"], found["components"]["over_week"]) == (1, "18", 1)
    (record,) = await books.records("overdue_visits", **NOVEMBER)
    assert (record["details"]["days_late"], record["details"]["rescheduled"]) == (18, True)
    await books.set(Visit, visit, status="cancelled", cancelled_on="2026-11-19")
    assert await books.value("overdue_visits", **NOVEMBER) == 0
    assert await books.value("overdue_visits", period="2026-11", as_of="2026-11-18") == 1


async def test_what_is_at_risk_counts_once(books: Books) -> None:
    customer = await books.customer()
    stage = await books.make("stages", probability="0.4")
    deal = {"customer_id": customer["id"], "stage_id": stage["id"], "opened_on": "2026-01-05"}
    await books.make("opportunities", **deal, budget="1000.10")
    order = await books.order(customer, "2026-10-01", line("10", "10", vat_rate="0.2"), promised_on="2026-10-15")
    await books.make(
        "deliveries", order_line_id=order["lines"][0]["id"], delivered_on="2026-10-10", quantity="7"
    )  # 30 late, net
    for owner, day in (("colleague", "2026-11-04"), ("rep", "2026-11-05")):
        await books.make(
            "visits", customer_id=customer["id"], owner_id=books.people[owner].id, planned_on=day, created_on=day
        )
    found = await books.kpi("overdue_visits", **NOVEMBER)
    assert (found["value"], found["components"]["at_risk"]) == (2, "430.04")
    # Each visit shows it; the sum and the groups count it once.
    records = await books.records("overdue_visits", **NOVEMBER)
    assert [record["details"]["at_risk"] for record in records] == ["430.04", "430.04"]
    groups = await books.groups("overdue_visits", "rep", **NOVEMBER)
    for who, amount in (("colleague", "430.04"), ("rep", "0.00")):
        assert groups[books.id(who)]["components"]["at_risk"] == amount
        alone = await books.kpi("overdue_visits", **NOVEMBER, rep=books.id(who))
        assert alone["components"]["at_risk"] == amount
    assert (await books.kpi("overdue_visits", "rep", **NOVEMBER))["value"] == 1


async def quote(books: Books, customer: Any, sent: str | None, **fields: Any) -> Any:
    status = {"status": "sent", "sent_on": sent} if sent else {}
    given = {"customer_id": customer["id"], "lines": [line("100")]} | status | fields
    return await books.make("quotes", **given)


async def test_quotes_are_followed_up_for_three_reasons(books: Books) -> None:
    # 11 November is a public holiday: seven working days after Tuesday 10 is Friday 20.
    silent, recent, reached, later, soon = [await books.customer() for _ in range(5)]
    await quote(books, silent, "2026-11-10")
    await quote(books, recent, "2026-11-12")
    await quote(books, reached, "2026-10-01", next_follow_up_on="2026-11-20")
    await quote(books, later, "2026-09-01", next_follow_up_on="2026-11-21")
    await quote(books, soon, "2026-11-19", expires_on="2026-11-27", next_follow_up_on="2026-12-24")
    await quote(books, soon, "2026-11-19", expires_on="2026-11-28", next_follow_up_on="2026-12-24")
    await quote(books, soon, None)
    found = await books.kpi("quotes_to_follow_up", **NOVEMBER)
    assert (found["value"], found["components"]["amount"], found["components"]["expiring"]) == (3, "300.00", 1)
    ages = {name: found["components"][f"count_{name}"] for name in ("0-7", "8-15", "16-30", "31-60", "60+")}
    assert ages == {"0-7": 1, "8-15": 1, "16-30": 0, "31-60": 1, "60+": 0}
    reasons = {
        record["customer_id"]: record["details"]["reason"]
        for record in await books.records("quotes_to_follow_up", **NOVEMBER)
    }
    assert reasons == {
        str(silent["id"]): "silent", str(reached["id"]): "date_reached", str(soon["id"]): "expiring",
    }  # fmt: skip
    assert await books.value("quotes_to_follow_up", period="2026-11", as_of="2026-11-19") == 0
    # A contact since breaks the silence.
    await books.make("interactions", customer_id=silent["id"], kind="call", occurred_on="2026-11-16")
    assert await books.value("quotes_to_follow_up", **NOVEMBER) == 2


async def test_a_quote_expires_by_its_date_and_versions_count_once(books: Books) -> None:
    customer = await books.customer()
    one = await quote(books, customer, "2026-10-01", expires_on="2026-10-31")
    await quote(books, customer, "2026-10-02", status="accepted", decided_on="2026-10-20", lines=[line("300")])
    refused = await quote(books, customer, "2026-10-03", status="refused", decided_on="2026-11-02", lines=[line("50")])
    october = await books.kpi("quote_conversion_rate", period="2026-10", as_of="2026-11-20")
    assert (october["value"], october["components"]["accepted"]) == ("1", 1)
    november = await books.kpi("quote_conversion_rate", **NOVEMBER)
    assert (november["value"], november["components"]["expired"], november["components"]["refused"]) == ("0", 1, 1)
    both = await books.kpi("quote_conversion_rate", from_="2026-10-01", to="2026-12-01", as_of="2026-11-20")
    assert (Decimal(both["value"]), Decimal(both["components"]["rate_by_amount"])) == (
        Decimal("0.333333"), Decimal("0.666667"),
    )  # fmt: skip
    assert await books.value("quote_conversion_rate", period="2026-11", as_of="2026-10-31") is None
    revised = await books.post(f"/quotes/{one['id']}/revise")
    before = await books.now()
    await books.set(Quote, revised, status="sent", sent_on="2026-11-03", expires_on="2026-11-25")
    # Only the latest version sent counts: nothing expired in November any more, and it is to be followed up.
    assert (await books.kpi("quote_conversion_rate", **NOVEMBER))["components"]["expired"] == 0
    (record,) = await books.records("quotes_to_follow_up", **NOVEMBER)
    assert record["id"] == revised["id"]
    # As of before the new version was sent, the first one had expired.
    found = await books.kpi("quote_conversion_rate", period="2026-11", as_of=before)
    assert found["components"]["expired"] == 1
    # On a day between both, by their own dates: the first version was in force.
    then = await books.records("quotes_to_follow_up", period="2026-10", as_of="2026-10-30")
    assert {record["id"] for record in then} == {str(one["id"]), str(refused["id"])}


async def test_the_amount_of_a_deal_is_its_quote_in_force(books: Books) -> None:
    customer = await books.customer()
    stage = await books.make("stages", probability="0.5")
    deal = await books.make(
        "opportunities", customer_id=customer["id"], stage_id=stage["id"], budget="1000", opened_on="2026-09-01"
    )
    first = await quote(books, customer, "2026-10-05", opportunity_id=deal["id"], lines=[line("700")])
    revised = await books.post(f"/quotes/{first['id']}/revise")
    await books.set(Quote, revised, status="sent", sent_on="2026-11-02", expires_on="2026-11-15")
    await books.set(Quote, revised, base_amount=Decimal(600), net_amount=Decimal(600))

    async def amount(day: str) -> Any:
        return (await books.kpi("weighted_pipeline", period=day[:7], as_of=day))["components"]["unweighted"]

    assert await amount("2026-10-04") == "1000.00"
    assert await amount("2026-10-05") == "700.00"  # superseded since, in force then
    assert await amount("2026-11-02") == "600.00"
    assert await amount("2026-11-15") == "600.00"
    assert await amount("2026-11-16") == "1000.00"  # run out: the budget again
    assert await books.value("weighted_pipeline", period="2026-11", as_of="2026-11-15") == "300.00"
    # Lost with its quote refused the same day: what was lost is what had been quoted.
    await books.set(Quote, revised, status="refused", decided_on="2026-11-10")
    await books.set(Opportunity, deal, status="lost", closed_on="2026-11-10")
    found = await books.kpi("win_rate", **NOVEMBER)
    assert (found["value"], found["components"]["lost_amount"]) == ("0", "600.00")


async def test_win_rate_by_count_and_by_amount(books: Books) -> None:
    for status, budget, day in (
        ("won", "900", "2026-11-02"), ("won", "50", "2026-11-03"), ("lost", "50", "2026-11-04"),
        ("won", "7", "2026-10-31"),
    ):  # fmt: skip
        await books.make("opportunities", status=status, budget=budget, closed_on=day, opened_on="2026-09-01")
    found = await books.kpi("win_rate", **NOVEMBER)
    assert (found["value"], found["components"]["rate_by_amount"]) == ("0.666667", "0.95")
    assert found["components"]["won_amount"] == "950.00"
    assert await books.value("win_rate", period="2026-11", as_of="2026-11-01") is None


async def test_weighted_pipeline_is_rounded_once(books: Books) -> None:
    stage = await books.make("stages", probability="0.333333")
    for _ in range(3):
        await books.make("opportunities", stage_id=stage["id"], budget="0.05", opened_on="2026-09-01")
    manual = await books.make(
        "opportunities", stage_id=stage["id"], budget="100", probability="0.9", expected_signature_on="2026-11-01",
        opened_on="2026-09-01",
    )  # fmt: skip
    found = await books.kpi("weighted_pipeline", **NOVEMBER)
    assert found["value"] == "90.05"  # 3 × 0.01666665 + 90
    assert (found["components"]["slipped"], found["components"]["manual"]) == (1, 1)
    records = await books.records("weighted_pipeline", **NOVEMBER)
    assert round(sum(Decimal(record["contribution"]) for record in records), 2) == Decimal("90.05")
    assert [record["details"]["slipped"] for record in records if record["id"] == str(manual["id"])] == [True]
    # A date gone by is in no month to come.
    assert (await books.kpi("weighted_pipeline", period="2026-11", as_of="2026-11-20"))["components"][
        "expected"
    ] == "100.00"


async def movement(books: Books, since: str, who: str = "director", **params: Any) -> dict[str, Any]:
    found = await books.get("/kpi/weighted_pipeline/movement", who, since=since, **params)
    steps = {step["step"]: Decimal(step["amount"]) for step in found["steps"] if Decimal(step["amount"])}
    assert Decimal(found["start"]) + sum(steps.values()) == Decimal(found["end"])
    return {"start": found["start"], "end": found["end"], "steps": steps}


async def test_the_movement_adds_up(books: Books) -> None:
    stage = await books.make("stages", probability="0.333333")
    today = date.fromisoformat((await books.kpi("order_count"))["as_of_day"])
    since = (today - timedelta(days=1)).isoformat()
    made = {"stage_id": stage["id"], "opened_on": (today - timedelta(days=40)).isoformat()}
    rep = {"owner_id": books.people["rep"].id}
    grows = await books.make("opportunities", **made, **rep, budget="100.01")
    await books.make("opportunities", **made, **rep, budget="10")
    before = await movement(books, since)
    assert before["start"] == before["end"] == "36.67"
    won = await books.make("opportunities", **made, **rep, budget="500")
    await books.set(Opportunity, won, status="won", closed_on=today.isoformat())
    await books.make("opportunities", stage_id=stage["id"], **rep, budget="7.77", opened_on=today.isoformat())
    after = await movement(books, since)
    assert set(after["steps"]) == {"won", "new"}
    assert after["end"] == await books.value("weighted_pipeline", **THIS)
    # The log tells what changed after a moment: here, all of it today.
    await books.set(Opportunity, grows, budget=Decimal("200.02"), probability=Decimal("0.5"))
    assert (await movement(books, since))["end"] == await books.value("weighted_pipeline", **THIS)
    mine = await movement(books, since, "rep")
    await books.set(Opportunity, grows, owner_id=books.people["stranger"].id)
    left = await movement(books, since, "rep")
    assert Decimal(mine["end"]) - Decimal(left["end"]) == Decimal("100.01")
    signature = await movement(books, since, signature=f"{today:%Y-%m}")
    assert signature["end"] == "0.00"
