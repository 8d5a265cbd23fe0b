"""The worked cases of the definitions, over HTTP: orders, invoices, targets, dates, currencies, who sees what."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from books import Books, line
from cadran.models import Customer, Invoice, Order, User
from factories import Maker, People


@pytest.fixture
def books(session: AsyncSession, make: Maker, people: People, as_user: Any) -> Books:
    return Books(session, make, people, as_user)


async def test_a_credit_note_counts_in_its_own_month(books: Books) -> None:
    customer = await books.customer()
    invoice = await books.invoice(customer, "2026-03-10", line("1000", vat_rate="0.2"))
    await books.invoice(
        customer, "2026-04-02", line("250", vat_rate="0.2"), kind="credit_note", credited_invoice_id=invoice["id"]
    )
    for kind in ("deposit", "pro_forma"):
        await books.invoice(customer, "2026-03-11", kind=kind)
    await books.invoice(customer, "2026-03-12", status="draft")
    cancelled = await books.invoice(customer, "2026-03-13", line("70"))
    await books.set(Invoice, cancelled, status="cancelled", cancelled_on="2026-04-20")
    found = await books.kpi("invoiced_revenue", period="2026", interval="month", as_of="2026-05-31")
    months = {each["period"]["label"]: each["value"] for each in found["series"]}
    assert len(months) == 12
    assert (months["2026-03"], months["2026-04"], found["value"]) == ("1000.00", "-250.00", "750.00")
    assert await books.value("invoiced_revenue", period="2026-02") == "0.00"
    # Cancelled on 20 April: until then it stood.
    assert await books.value("invoiced_revenue", period="2026-03", as_of="2026-04-19") == "1070.00"
    assert await books.value("invoiced_revenue", period="2026-03", as_of="2026-04-20") == "1000.00"


async def test_an_order_closed_short_counts_for_what_was_delivered(books: Books) -> None:
    customer = await books.customer()
    order = await books.order(customer, "2026-03-02", line("10", "10", list_price="12", unit_cost="6"), line("7", "3"))
    first = order["lines"][0]["id"]
    await books.make("deliveries", order_line_id=first, delivered_on="2026-03-20", quantity="4")
    await books.make("deliveries", order_line_id=order["lines"][1]["id"], delivered_on="2026-04-03", quantity="1")
    await books.post(f"/orders/{order['id']}/close", {"on": "2026-04-10"})
    march = {"period": "2026-03"}
    assert await books.value("ordered_amount", **march, as_of="2026-04-09") == "121.00"
    closed = await books.kpi("ordered_amount", **march)
    assert (closed["value"], closed["count"]) == ("47.00", 1)  # 4 × 10 and 1 × 7
    parts = closed["components"]
    assert Decimal(parts["discount_rate"]) == Decimal("0.166667")  # (48 − 40) ÷ 48
    assert Decimal(parts["margin_rate"]) == Decimal("0.4")  # (40 − 24) ÷ 40
    assert Decimal(parts["discount_coverage"]) == Decimal("0.851064")  # 40 of 47
    (record,) = await books.records("ordered_amount", **march)
    assert Decimal(record["contribution"]) == 47
    assert await books.value("average_basket", **march) == "47.00"


async def test_a_third_delivered_is_a_third_of_the_cent(books: Books) -> None:
    customer = await books.customer()
    orders = [await books.order(customer, "2026-03-02", line("0.01", "3", net_amount="0.03")) for _ in range(3)]
    for order in orders:
        await books.make("deliveries", order_line_id=order["lines"][0]["id"], delivered_on="2026-03-03", quantity="0.5")
        await books.set(Order, order, status="closed", closed_on="2026-03-04")
    # Three times half a cent is one cent and a half: rounded once, at the end.
    assert await books.value("ordered_amount", period="2026-03") == "0.02"


async def test_a_customer_moved_mid_period(books: Books) -> None:
    customer = await books.customer("rep", credit_limit="1000")
    await books.order(customer, "2026-05-04", line("300", vat_rate="0.2"))
    before = await books.now()
    await books.set(Customer, customer, owner_id=books.people["stranger"].id)
    await books.order(customer, "2026-05-20", line("500", vat_rate="0.2"))
    rep, stranger = books.id("rep"), books.id("stranger")
    may = {"period": "2026-05"}
    # Flows keep the stamp, states follow the owner.
    flows = await books.groups("ordered_amount", "rep", **may)
    assert {key: group["value"] for key, group in flows.items()} == {rep: "300.00", stranger: "500.00"}
    now = {"period": "this-month"}
    states = await books.groups("outstanding", "rep", **now)
    assert {key: group["value"] for key, group in states.items()} == {stranger: "960.00"}
    # As of before, the customer was the rep's; the later order, first written since, stands by its own date.
    earlier = await books.groups("outstanding", "rep", **now, as_of=before)
    assert {key: group["value"] for key, group in earlier.items()} == {rep: "960.00"}
    assert await books.value("outstanding", "stranger", **now) == "960.00"
    assert await books.value("outstanding", "rep", **now) == "0.00"
    assert await books.value("outstanding", "rep", **now, as_of=before) == "960.00"
    # A rep who changes team takes no history along.
    await books.set(User, {"id": books.people["rep"].id}, team_id=books.people.teams["south"].id)
    teams = await books.groups("ordered_amount", "team", **may)
    assert teams[str(books.people.teams["north"].id)]["value"] == "300.00"


async def test_a_month_with_no_order(books: Books) -> None:
    customer = await books.customer()
    await books.order(customer, "2026-01-15", line("90"))
    await books.order(customer, "2026-03-15", line("30"))
    found = await books.kpi("average_basket", from_="2026-01-01", to="2026-04-01", interval="month", compare="previous")
    assert [point["value"] for point in found["series"]] == ["90.00", None, "30.00"]
    empty = found["series"][1]
    assert empty["reason"]["fr"] == "Aucune commande sur cette période."
    assert (empty["components"]["count"], empty["components"]["amount"]) == (0, "0.00")
    assert found["value"] == "60.00"
    assert (found["comparisons"][0]["value"], found["comparisons"][0]["change"]) == (None, None)
    alone = await books.kpi("average_basket", period="2026-02", compare="previous")
    assert (alone["value"], alone["target"], alone["comparisons"][0]["change"]) == (None, None, None)
    assert alone["reason"]


async def test_targets_unset_zero_and_unequal_to_their_parts(books: Books) -> None:
    customer = await books.customer()
    await books.order(customer, "2026-03-02", line("120"))
    march = {"period": "2026-03", "as_of": "2026-04-30"}
    unset = await books.kpi("ordered_amount", **march)
    assert (unset["target"], unset["attainment"], unset["pace"], unset["target_met"]) == (None, None, None, None)
    dates = {"kpi": "ordered_amount", "starts_on": "2026-03-01", "ends_on": "2026-04-01"}
    await books.make("targets", **dates, scope_kind="rep", scope_id=books.people["rep"].id, value="0")
    zero = await books.kpi("ordered_amount", **march, rep=books.id("rep"))
    assert (zero["target"], zero["attainment"], zero["pace"], zero["target_met"]) == ("0.00", None, None, True)
    await books.make("targets", **dates, scope_kind="rep", scope_id=books.people["colleague"].id, value="100")
    north = books.people.teams["north"].id
    team = await books.kpi("ordered_amount", **march, team=str(north))
    assert (team["target"], team["target_origin"]) == ("100.00", "members")
    await books.make("targets", **dates, scope_kind="team", scope_id=north, value="150")
    team = await books.kpi("ordered_amount", **march, team=str(north))
    assert (team["target"], team["attainment"]) == ("150.00", "0.8")
    assert [each["code"] for each in team["warnings"] if each["code"] == "parent_differs"] == ["parent_differs"]
    # A rep with a target and no order yet is told, not left out.
    groups = await books.groups("ordered_amount", "rep", **march)
    assert (groups[books.id("colleague")]["value"], groups[books.id("colleague")]["target"]) == ("0.00", "100.00")
    # What is only a part of a scope has no target.
    part = await books.groups("ordered_amount", "rep", **march, customer=str(customer["id"]))
    assert part[books.id("rep")]["target"] is None
    mixed = await books.groups("ordered_amount", "team", **march, rep=books.id("rep"))
    assert mixed[str(north)]["target"] is None
    own = await books.kpi("ordered_amount", "rep", **march, team=str(north))
    assert (own["value"], own["target"]) == ("120.00", None)


async def test_a_basket_target_is_a_quotient_and_never_a_mean(books: Books) -> None:
    dates = {"starts_on": "2026-03-01", "ends_on": "2026-04-01", "scope_kind": "rep"}
    for who, amount, count in (("rep", "1000", "10"), ("colleague", "1000", "2")):
        who_id = books.people[who].id
        await books.make("targets", **dates, kpi="ordered_amount", scope_id=who_id, value=amount)
        await books.make("targets", **dates, kpi="order_count", scope_id=who_id, value=count)
    north = str(books.people.teams["north"].id)
    assert (await books.kpi("average_basket", period="2026-03", team=north))[
        "target"
    ] == "166.67"  # not (100 + 500) ÷ 2


async def test_the_price_guard(books: Books) -> None:
    await books.settings(margin_floor="0.30", discount_ceiling="0.10")
    customer = await books.customer()
    dates = {"kpi": "ordered_amount", "scope_kind": "company", "starts_on": "2026-03-01", "ends_on": "2026-04-01"}
    await books.make("targets", **dates, scope_id=None, value="90")
    march = {"period": "2026-03"}
    await books.order(customer, "2026-03-02", line("100", list_price="100", unit_cost="70"))
    assert (await books.kpi("ordered_amount", **march))["target_met"] is True  # exactly at the floor
    await books.order(customer, "2026-03-03", line("10", list_price="10", unit_cost="8"))
    found = await books.kpi("ordered_amount", **march)
    assert found["target_met"] is False
    assert "price_guard" in [each["code"] for each in found["warnings"]]
    await books.settings(margin_floor="0.20", discount_ceiling="0.10")
    assert (await books.kpi("ordered_amount", **march))["target_met"] is True
    await books.order(customer, "2026-03-04", line("70", list_price="100", unit_cost="10"))
    assert (await books.kpi("ordered_amount", **march))["target_met"] is False  # 30 off 210 is over the ceiling


async def test_comparisons(books: Books) -> None:
    customer = await books.customer()
    for day, price in (("2026-02-28", "40"), ("2026-03-31", "50"), ("2026-01-31", "1"), ("2025-03-01", "10")):
        await books.order(customer, day, line(price))
    found = await books.kpi(
        "ordered_amount", from_="2026-03-01", to="2026-04-01", compare=["previous", "previous_year"]
    )
    previous, year = found["comparisons"]
    assert (previous["period"]["from"], previous["period"]["to"]) == ("2026-02-01", "2026-03-01")
    assert (previous["value"], previous["change"]) == ("40.00", "0.25")
    assert (year["value"], year["change"]) == ("10.00", "4")
    # Groups that stopped ordering still have their comparison: they add up to the whole.
    gone = await books.customer("stranger")
    await books.order(gone, "2026-02-10", line("60"))
    asked = await books.kpi("ordered_amount", period="2026-03", compare="previous", group_by="rep")
    total = sum(Decimal(group["comparisons"][0]["value"]) for group in asked["groups"])
    assert total == Decimal(asked["comparisons"][0]["value"]) == 100


async def test_days_are_the_companys_even_when_clocks_change(books: Books) -> None:
    customer = await books.customer()
    await books.order(customer, "2026-03-29", line("1"))  # 23 hours long
    await books.order(customer, "2026-10-25", line("2"))  # 25 hours long
    await books.order(customer, "2025-12-31", line("4"))
    for day, value in (("2026-03-29", "1.00"), ("2026-10-25", "2.00")):
        assert await books.value("ordered_amount", period=day) == value
    # Midnight in Paris is 22:00 UTC in summer, 23:00 in winter.
    for instant, value in (
        ("2026-10-24T21:59:59Z", "0.00"), ("2026-10-24T22:00:00Z", "2.00"),
        ("2026-03-28T22:59:59Z", "0.00"), ("2026-03-28T23:00:00Z", "1.00"),
    ):  # fmt: skip
        month = instant[:7]
        assert await books.value("ordered_amount", period=month, as_of=instant) == value, instant
    assert await books.value("ordered_amount", period="2025", as_of="2025-12-31T22:59:59Z") == "4.00"
    # The same instant is 31 December 23:30 in Paris and the day's period is that day.
    new_year = await books.kpi("ordered_amount", period="today", as_of="2025-12-31T22:30:00Z")
    assert (new_year["period"]["label"], new_year["value"]) == ("2025-12-31", "4.00")
    assert (await books.kpi("ordered_amount", period="today", as_of="2025-12-31T23:00:00Z"))["period"][
        "label"
    ] == "2026-01-01"
    year = await books.kpi("ordered_amount", period="2026", interval="week", as_of="2026-11-01")
    assert sum(Decimal(point["value"]) for point in year["series"]) == 3
    daily = await books.kpi("ordered_amount", period="2026-10", interval="day", as_of="2026-11-01")
    assert (len(daily["series"]), daily["series"][24]["value"]) == (31, "2.00")


async def test_a_report_submitted_late_in_the_evening(books: Books) -> None:
    customer = await books.customer()
    for day in ("2026-03-28", "2026-10-24"):
        visit = await books.make(
            "visits", customer_id=customer["id"], owner_id=books.people["rep"].id, planned_on=day, status="held",
            held_on=day,
        )  # fmt: skip
        # 23:30 the same evening in Paris, which is another day in UTC only in the other direction.
        instant = {"2026-03-28": "2026-03-28T22:30:00Z", "2026-10-24": "2026-10-24T21:30:00Z"}[day]
        await books.make("visit-reports", visit_id=visit["id"], status="submitted", submitted_at=instant)
        assert await books.value("visit_reports", period=day, as_of=day) == 1
        assert await books.value("visit_reports", period=day, as_of=instant.replace(":30:00", ":29:59")) == 0
        assert await books.value("visit_reports", period=day, as_of=instant) == 1


async def test_a_viewer_in_another_time_zone(books: Books) -> None:
    customer = await books.customer()
    await books.order(customer, "2025-12-31", line("4"))
    visit = await books.make(
        "visits", customer_id=customer["id"], owner_id=books.people["rep"].id, planned_on="2025-12-31", status="held",
        held_on="2025-12-31",
    )  # fmt: skip
    await books.make("visit-reports", visit_id=visit["id"], status="submitted", submitted_at="2025-12-31T22:45:00Z")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("ordered_amount", {"period": "2025-12", "interval": "day", "as_of": "2025-12-31"}),
        ("visit_reports", {"period": "2025-12", "as_of": "2025-12-31"}),
        ("outstanding", {"period": "2025-12", "as_of": "2025-12-31T22:59:59Z"}),
    ]
    first = [await books.kpi(name, **how) for name, how in asked]
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
        await books.session.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
        for (name, how), known in zip(asked, first, strict=True):
            found = await books.kpi(name, **how)
            assert {**found, "as_of": None} == {**known, "as_of": None}
    assert first[0]["value"] == "4.00"
    assert first[1]["value"] == 1


async def test_two_currencies(books: Books) -> None:
    customer = await books.customer()
    foreign = {"currency": "USD", "exchange_rate": "0.915"}
    await books.order(customer, "2026-03-02", line("100", "3", list_price="120", unit_cost="50"), **foreign)
    await books.order(customer, "2026-03-03", line("100.01", list_price="100.01", unit_cost="50"))
    found = await books.kpi("ordered_amount", period="2026-03")
    assert (found["value"], found["currency"]) == ("374.51", "EUR")  # 274.50 + 100.01
    assert Decimal(found["components"]["margin_rate"]) == Decimal("0.500013")  # (374.51 − 187.25) ÷ 374.51
    invoice = await books.invoice(customer, "2026-03-05", line("10", "3", vat_rate="0.2"), **foreign)
    await books.make("payments", invoice_id=invoice["id"], amount="12", paid_on="2026-03-06")
    assert await books.value("invoiced_revenue", period="2026-03") == "27.45"
    assert (await books.kpi("outstanding", period="2026-03", as_of="2026-03-31"))["components"]["unpaid"] == "21.96"
    await books.make("payments", invoice_id=invoice["id"], amount="24", paid_on="2026-03-07")
    assert (await books.kpi("outstanding", period="2026-03", as_of="2026-03-31"))["components"]["unpaid"] == "0.00"


async def test_products_count_an_invoice_once_each(books: Books) -> None:
    customer = await books.customer()
    one, two = await books.make("products"), await books.make("products")
    lines = [
        line("10", product_id=str(one["id"])),
        line("5", product_id=str(one["id"])),
        line("1", product_id=str(two["id"])),
    ]
    await books.invoice(customer, "2026-03-02", *lines)
    await books.order(customer, "2026-03-02", *lines)
    for name in ("invoiced_revenue", "ordered_amount"):
        groups = await books.groups(name, "product", period="2026-03")
        found = {key: (group["value"], group["components"]["count"]) for key, group in groups.items()}
        assert found == {str(one["id"]): ("15.00", 1), str(two["id"]): ("1.00", 1)}, name
        alone = await books.kpi(name, period="2026-03", product=str(one["id"]))
        assert (alone["value"], alone["count"]) == ("15.00", 1)
        (record,) = await books.records(name, period="2026-03", product=str(one["id"]))
        assert record["contribution"] == "15.00"


async def test_who_sees_what(books: Books) -> None:
    for owner, price in (("rep", "100"), ("colleague", "300"), ("stranger", "1000"), (None, "7")):
        customer = await books.customer(owner)
        await books.order(customer, "2026-03-02", line(price))
        await books.make("contacts", customer_id=customer["id"], created_on="2026-01-01")
    march = {"period": "2026-03"}
    own = await books.kpi("ordered_amount", "rep", **march)
    assert (own["value"], own["team_average"]) == ("100.00", {"value": "200.00", "reps": 2})
    basket = await books.kpi("average_basket", "rep", **march)
    assert (basket["value"], basket["team_average"]["value"]) == ("100.00", "200.00")
    assert await books.value("ordered_amount", "manager", **march) == "400.00"
    groups = await books.groups("ordered_amount", "rep", **march)
    assert groups[None]["unassigned"]
    assert groups[None]["value"] == "7.00"
    assert sum(Decimal(group["value"]) for group in groups.values()) == 1407
    assert await books.value("ordered_amount", **march, rep="unassigned") == "7.00"
    assert set(await books.groups("ordered_amount", "rep", "manager", **march)) == {
        books.id("rep"),
        books.id("colleague"),
    }
    marketing = books.as_user("marketing")
    for name in ("invoiced_revenue", "outstanding", "weighted_pipeline", "overdue_visits"):
        for tail in ("", "/records"):
            assert (await marketing.get(f"/kpi/{name}{tail}")).status_code == 403
    await books.invoice(await books.customer(), "2026-03-02")
    lost = await books.kpi("lost_customers", "marketing", period="2026-10", as_of="2026-10-31")
    assert lost["value"] == 4
    assert lost["components"]["at_stake"] is None
    for record in await books.records("lost_customers", "marketing", period="2026-10", as_of="2026-10-31"):
        assert record["details"]["at_stake"] is None
    refused = await books.as_user("rep").get("/kpi/ordered_amount", params={"rep": books.id("colleague")})
    assert refused.status_code == 404
