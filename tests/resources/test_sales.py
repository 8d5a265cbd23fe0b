"""Quotes, orders, deliveries, invoices and payments: what one does with them, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from factories import Maker, People

LINE = {"description": "Bearing 6204", "quantity": "10", "unit_price": "12.50", "vat_rate": "0.2"}


@pytest.fixture
def rep(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("rep")
    return client


@pytest.fixture
def office(as_user: Any) -> httpx.AsyncClient:
    """The ERP: a key of the director."""
    client: httpx.AsyncClient = as_user("director", scopes=frozenset({"*:write"}))
    return client


@pytest.fixture
async def customer(make: Maker, people: People) -> str:
    """One of the rep's."""
    return str((await make("customers", owner_id=str(people["rep"].id)))["id"])


def today(days: int = 0) -> str:
    return (datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date() + timedelta(days=days)).isoformat()


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def pointers(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    return [error["pointer"] for error in response.json()["errors"]]


async def new(client: httpx.AsyncClient, resource: str, customer: str, **more: Any) -> dict[str, Any]:
    body = {"customer_id": customer, "lines": [LINE]} | more
    return ok(await client.post(f"/{resource}", json=body), 201)  # type: ignore[no-any-return]


async def test_an_order_is_completed_and_counts_for_the_owner(
    rep: httpx.AsyncClient, customer: str, people: People
) -> None:
    order = await new(rep, "orders", customer)
    assert (order["status"], order["confirmed_on"], order["currency"]) == ("confirmed", today(), "EUR")
    assert order["net_amount"] == order["base_amount"] == "125.00"
    assert order["rep_id"] == str(people["rep"].id)
    assert order["team_id"] == str(people.teams["north"].id)
    assert order["business_unit_id"] == str(people.units["east"].id)
    assert order["number"] == f"C-{today()[:4]}-0001"
    assert (await new(rep, "orders", customer))["number"] == f"C-{today()[:4]}-0002"


async def test_moving_the_customer_or_the_rep_rewrites_no_order(
    rep: httpx.AsyncClient, office: httpx.AsyncClient, as_user: Any, customer: str, people: People
) -> None:
    order = await new(rep, "orders", customer)
    ok(await office.patch(f"/customers/{customer}", json={"owner_id": str(people["stranger"].id)}))
    admin = as_user("admin", scopes=frozenset({"*:write"}))
    ok(await admin.patch(f"/users/{people['rep'].id}", json={"team_id": str(people.teams["south"].id)}))
    same = ok(await office.patch(f"/orders/{order['id']}", json={"notes": "Seen"}))
    stamps = ("rep_id", "team_id", "business_unit_id")
    assert [same[name] for name in stamps] == [order[name] for name in stamps]
    again = ok(await office.patch(f"/orders/{order['id']}", json={"rep_id": str(people["colleague"].id)}))
    assert again["team_id"] == str(people.teams["north"].id)


async def test_an_erp_may_state_whom_an_order_counts_for(
    office: httpx.AsyncClient, rep: httpx.AsyncClient, customer: str, people: People
) -> None:
    stated = {
        "rep_id": str(people["stranger"].id),
        "team_id": str(people.teams["north"].id),
        "business_unit_id": str(people.units["west"].id),
    }
    assert stated.items() <= (await new(office, "orders", customer, **stated)).items()
    nobody = await new(office, "orders", customer, rep_id=None)
    assert nobody["rep_id"] is nobody["team_id"] is nobody["business_unit_id"] is None
    for said in ({"rep_id": stated["rep_id"]}, {"team_id": str(people.teams["south"].id)}):
        refused = await rep.post("/orders", json={"customer_id": customer, "lines": [LINE], **said})
        assert refused.status_code in (403, 422)


async def test_prices_come_from_the_product_and_an_explicit_null_stays(
    rep: httpx.AsyncClient, make: Maker, customer: str
) -> None:
    product = str((await make("products", list_price="15", cost="8", vat_rate="0.055"))["id"])
    order = await new(
        rep, "orders", customer,
        lines=[{"product_id": product, "quantity": "2"},
               {"product_id": product, "quantity": "2", "unit_price": "14", "list_price": None, "unit_cost": None}],
    )  # fmt: skip
    first, second = order["lines"]
    assert (first["unit_price"], first["list_price"], first["unit_cost"]) == ("15.00", "15.00", "8.00")
    assert first["vat_rate"] == "0.055"
    assert (second["unit_price"], second["list_price"], second["unit_cost"]) == ("14.00", None, None)
    assert order["net_amount"] == "58.00"
    unpriced = [{"description": "?", "quantity": "1"}]
    refused = await rep.post("/orders", json={"customer_id": customer, "lines": unpriced})
    assert pointers(refused) == ["/lines/0/unit_price"]


async def test_totals_are_the_servers(rep: httpx.AsyncClient, customer: str) -> None:
    line = {"quantity": "3", "unit_price": "33.333333"}  # 99.999999
    kept = await new(rep, "orders", customer, net_amount="99.999999", lines=[line | {"net_amount": "99.999999"}])
    assert kept["net_amount"] == "99.999999"
    assert (await new(rep, "orders", customer, net_amount="125", lines=[LINE]))["net_amount"] == "125.00"
    for body, pointer in (
        ({"net_amount": "125.01", "lines": [LINE]}, "/net_amount"),
        ({"lines": [LINE | {"net_amount": "124.99"}]}, "/lines/0/net_amount"),
        ({"lines": [LINE | {"discount_rate": "1.1"}]}, "/lines/0/discount_rate"),
    ):
        assert pointers(await rep.post("/orders", json={"customer_id": customer} | body)) == [pointer]


async def test_another_currency_needs_its_rate(rep: httpx.AsyncClient, customer: str) -> None:
    dollars = {"customer_id": customer, "lines": [LINE], "currency": "USD"}
    assert pointers(await rep.post("/orders", json=dollars)) == ["/exchange_rate"]
    order = ok(await rep.post("/orders", json=dollars | {"exchange_rate": "0.91234567"}), 201)
    assert (order["net_amount"], order["base_amount"], order["exchange_rate"]) == ("125.00", "114.04", "0.91234567")
    euros = {"customer_id": customer, "lines": [LINE], "exchange_rate": "0.9"}
    assert pointers(await rep.post("/orders", json=euros)) == ["/exchange_rate"]


async def test_lines_keep_their_identity(office: httpx.AsyncClient, customer: str) -> None:
    place = "/orders/by-external-id/SO-1"
    body = {"customer_id": customer, "lines": [LINE, LINE | {"description": "Seal", "quantity": "4"}]}
    order = ok(await office.put(place, json=body), 201)
    one, two = (line["id"] for line in order["lines"])
    ok(await office.post(f"/orders/{order['id']}/deliver", json={"lines": [{"line_id": one, "quantity": "6"}]}))
    more = body | {"lines": [LINE | {"quantity": "12"}, body["lines"][1]]}
    replayed = ok(await office.put(place, json=more))
    assert [line["id"] for line in replayed["lines"]] == [one, two]
    assert (replayed["lines"][0]["quantity"], replayed["lines"][0]["delivered"]) == ("12", "6")
    turned = [{**LINE, "id": two, "quantity": "5"}, {**LINE, "id": one}]
    swapped = ok(await office.patch(f"/orders/{order['id']}", json={"lines": turned}))
    assert [(line["id"], line["quantity"]) for line in swapped["lines"]] == [(two, "5"), (one, "10")]
    gone = await office.patch(f"/orders/{order['id']}", json={"lines": [turned[0]]})
    assert gone.status_code == 409, "a delivered line is not dropped"
    foreign = await office.patch(f"/orders/{order['id']}", json={"lines": [{**LINE, "id": str(uuid4())}]})
    assert pointers(foreign) == ["/lines/0/id"]


async def test_ordered_delivered_invoiced_paid(office: httpx.AsyncClient, customer: str) -> None:
    order = await new(office, "orders", customer)
    place, line = f"/orders/{order['id']}", order["lines"][0]["id"]
    tag = (await office.get(place)).headers["etag"]
    shipped = ok(await office.post(f"{place}/deliver", json={"lines": [{"line_id": line, "quantity": "6"}]}))
    assert shipped["lines"][0]["delivered"] == "6"
    assert (await office.get(place, headers={"If-None-Match": tag})).status_code == 200
    part = {"lines": [{"line_id": line, "quantity": "4"}]}
    invoice = ok(await office.post(f"{place}/invoice", json=part), 201)
    amounts = [invoice[name] for name in ("net_amount", "tax_amount", "gross_amount", "open_amount")]
    assert amounts == ["50.00", "10.00", "60.00", "60.00"]
    assert invoice["rep_id"] == order["rep_id"]
    payment = ok(await office.post(f"/invoices/{invoice['id']}/payments", json={"amount": "15.00"}), 201)
    assert (payment["paid_on"], payment["base_amount"]) == (today(), "15.00")
    partly = ok(await office.get(f"/invoices/{invoice['id']}"))
    assert (partly["paid_amount"], partly["open_amount"]) == ("15.00", "45.00")
    ok(await office.post(f"/invoices/{invoice['id']}/payments"), 201)
    assert (await office.post(f"/invoices/{invoice['id']}/payments")).status_code == 409
    rest = ok(await office.post(f"{place}/invoice"), 201)
    assert rest["lines"][0]["quantity"] == "6"
    assert (await office.post(f"{place}/invoice")).status_code == 409
    over = ok(await office.post(f"{place}/deliver", json={"lines": [{"line_id": line, "quantity": "9"}]}))
    assert over["lines"][0]["delivered"] == "15"
    assert (await office.post(f"{place}/deliver")).status_code == 409
    back = ok(await office.post(f"{place}/deliver", json={"lines": [{"line_id": line, "quantity": "-5"}]}))
    assert back["lines"][0]["delivered"] == "10"


async def test_a_paid_invoice_leaves_nothing_in_any_currency(office: httpx.AsyncClient, customer: str) -> None:
    lines = [{"quantity": "1", "unit_price": "0.10"}]
    invoice = await new(office, "invoices", customer, currency="USD", exchange_rate="0.85", lines=lines)
    assert invoice["base_gross_amount"] == "0.09"
    paid = [
        ok(await office.post(f"/invoices/{invoice['id']}/payments", json={"amount": "0.05"}), 201) for _ in range(2)
    ]
    assert [each["base_amount"] for each in paid] == ["0.04", "0.05"]


async def test_a_credit_note_credits_its_invoice(office: httpx.AsyncClient, customer: str) -> None:
    invoice = await new(office, "invoices", customer)
    part = {"lines": [{"line_id": invoice["lines"][0]["id"], "quantity": "2"}]}
    note = ok(await office.post(f"/invoices/{invoice['id']}/credit", json=part), 201)
    assert (note["kind"], note["net_amount"], note["credited_invoice_id"]) == ("credit_note", "25.00", invoice["id"])
    assert note["number"].startswith("A-")
    left = ok(await office.get(f"/invoices/{invoice['id']}"))
    assert (left["credited_amount"], left["open_amount"]) == ("30.00", "120.00")
    assert (await office.post(f"/invoices/{invoice['id']}/credit")).status_code == 409
    other = await new(office, "invoices", customer)
    assert ok(await office.post(f"/invoices/{other['id']}/credit"), 201)["net_amount"] == "125.00"
    assert (await office.post(f"/invoices/{note['id']}/credit")).status_code == 409


async def test_reps_write_no_invoices_deliveries_or_payments(
    rep: httpx.AsyncClient, office: httpx.AsyncClient, customer: str
) -> None:
    order, invoice = await new(rep, "orders", customer), await new(office, "invoices", customer)
    for path in (
        f"/orders/{order['id']}/deliver",
        f"/orders/{order['id']}/invoice",
        f"/invoices/{invoice['id']}/payments",
    ):
        assert (await rep.post(path)).status_code == 403, path
    assert (await rep.post("/invoices", json={"customer_id": customer, "lines": [LINE]})).status_code == 403


async def test_a_quote_becomes_an_order_once(rep: httpx.AsyncClient, make: Maker, customer: str) -> None:
    deal = ok(await rep.post("/opportunities", json={"name": "New line", "customer_id": customer}), 201)
    quote = await new(rep, "quotes", customer, opportunity_id=deal["id"])
    assert (quote["status"], quote["number"]) == ("draft", f"D-{today()[:4]}-0001")
    place = f"/quotes/{quote['id']}"
    assert ok(await rep.post(f"{place}/send", json={"expires_on": today(30)}))["sent_on"] == today()
    once = {"Idempotency-Key": str(uuid4())}
    order = ok(await rep.post(f"{place}/accept", json={"promised_on": today(20)}, headers=once), 201)
    assert order["quote_id"] == quote["id"]
    assert (order["net_amount"], order["promised_on"], order["opportunity_id"]) == ("125.00", today(20), deal["id"])
    again = await rep.post(f"{place}/accept", json={"promised_on": today(20)}, headers=once)
    assert ok(again, 201) == order
    refused = await rep.post(f"{place}/accept")
    assert refused.status_code == 409
    assert refused.json()["order_id"] == order["id"]
    assert ok(await rep.get(place))["status"] == "accepted"
    won = ok(await rep.get(f"/opportunities/{deal['id']}"))
    assert (won["status"], won["closed_on"]) == ("won", today())


async def test_following_up_is_one_action(rep: httpx.AsyncClient, customer: str) -> None:
    quote = await new(rep, "quotes", customer)
    place = f"/quotes/{quote['id']}"
    assert (await rep.post(f"{place}/follow-up")).status_code == 409, "a draft is not followed up"
    ok(await rep.post(f"{place}/send"))
    done = ok(await rep.post(f"{place}/follow-up", json={"next_follow_up_on": today(7), "notes": "Wants a sample"}))
    assert done["next_follow_up_on"] == today(7)
    logged = ok(await rep.get(f"/interactions?customer_id={customer}"))["items"]
    assert [(each["kind"], each["quote_id"], each["notes"]) for each in logged] == [
        ("follow_up", quote["id"], "Wants a sample")
    ]
    assert pointers(await rep.post(f"{place}/follow-up", json={"occurred_on": today(1)})) == ["/occurred_on"]
    assert pointers(await rep.post(f"{place}/follow-up", json={"next_follow_up_on": today()})) == ["/next_follow_up_on"]


async def test_a_revision_supersedes(rep: httpx.AsyncClient, customer: str) -> None:
    quote = await new(rep, "quotes", customer, status="sent")
    second = ok(await rep.post(f"/quotes/{quote['id']}/revise"), 201)
    assert (second["revision"], second["root_id"], second["status"]) == (2, quote["id"], "draft")
    assert second["number"] == f"{quote['number']}/2"
    third = ok(await rep.post(f"/quotes/{second['id']}/revise"), 201)
    assert (third["revision"], third["root_id"], third["number"]) == (3, quote["id"], f"{quote['number']}/3")
    assert ok(await rep.get(f"/quotes/{quote['id']}"))["status"] == "superseded"
    assert (await rep.post(f"/quotes/{quote['id']}/revise")).status_code == 409
    assert (await rep.post(f"/quotes/{quote['id']}/accept")).status_code == 409
    refused = ok(await rep.post(f"/quotes/{(await _sent(rep, third['id']))}/refuse", json={"refused_reason": "Price"}))
    assert (refused["status"], refused["decided_on"], refused["refused_reason"]) == ("refused", today(), "Price")


async def _sent(client: httpx.AsyncClient, key: str) -> str:
    return str(ok(await client.post(f"/quotes/{key}/send"))["id"])


async def test_states_carry_their_days(office: httpx.AsyncClient, customer: str) -> None:
    order = await new(office, "orders", customer, status="draft")
    assert (order["confirmed_on"], order["status"]) == (None, "draft")
    place = f"/orders/{order['id']}"
    assert ok(await office.post(f"{place}/confirm", json={"on": today(-9)}))["confirmed_on"] == today(-9)
    assert ok(await office.post(f"{place}/close"))["closed_on"] == today()
    reopened = ok(await office.post(f"{place}/confirm"))
    assert (reopened["closed_on"], reopened["confirmed_on"]) == (None, today(-9))
    assert ok(await office.post(f"{place}/cancel"))["cancelled_on"] == today()
    assert (await office.post(f"{place}/deliver")).status_code == 409
    assert (await office.patch(place, json={"status": "draft"})).status_code == 409
    assert pointers(await office.patch(place, json={"status": "confirmed", "cancelled_on": today()})) == [
        "/cancelled_on"
    ]
    assert pointers(await office.patch(place, json={"cancelled_on": today(-99)})) == ["/cancelled_on"]


async def test_opportunities_are_won_lost_and_reopened(rep: httpx.AsyncClient, make: Maker, customer: str) -> None:
    deal = ok(await rep.post("/opportunities", json={"name": "Line 2", "customer_id": customer}), 201)
    place = f"/opportunities/{deal['id']}"
    stage = str((await make("stages"))["id"])
    assert ok(await rep.post(f"{place}/stage", json={"stage_id": stage}))["stage_id"] == stage
    lost = ok(await rep.post(f"{place}/lose", json={"lost_reason": "Price"}))
    assert (lost["status"], lost["closed_on"], lost["lost_reason"]) == ("lost", today(), "Price")
    assert (await rep.post(f"{place}/win")).status_code == 409
    assert ok(await rep.post(f"{place}/reopen"))["closed_on"] is None
    assert ok(await rep.post(f"{place}/win"))["status"] == "won"


async def test_merging_moves_everything_to_the_survivor(
    rep: httpx.AsyncClient, office: httpx.AsyncClient, make: Maker, people: People, customer: str
) -> None:
    twin = str((await make("customers", owner_id=str(people["rep"].id)))["id"])
    foreign = str((await make("customers"))["id"])
    order = await new(rep, "orders", twin)
    contact = ok(await rep.post("/contacts", json={"customer_id": twin, "last_name": "Roux"}), 201)
    assert pointers(await rep.post(f"/customers/{twin}/merge", json={"into_id": twin})) == ["/into_id"]
    assert pointers(await rep.post(f"/customers/{twin}/merge", json={"into_id": foreign})) == ["/into_id"]
    assert (await rep.post(f"/customers/{foreign}/merge", json={"into_id": twin})).status_code == 404
    survivor = ok(await rep.post(f"/customers/{twin}/merge", json={"into_id": customer}))
    assert survivor["id"] == customer
    for path in (f"/orders/{order['id']}", f"/contacts/{contact['id']}"):
        assert ok(await rep.get(path))["customer_id"] == customer
    assert ok(await rep.get(f"/customers/{twin}"))["merged_into_id"] == customer
    assert (await rep.post(f"/customers/{twin}/merge", json={"into_id": customer})).status_code == 409


async def test_marketing_sees_customers_but_no_amounts(as_user: Any, office: httpx.AsyncClient, customer: str) -> None:
    ok(await office.patch(f"/customers/{customer}", json={"credit_limit": "5000"}))
    order = await new(office, "orders", customer)
    marketing = as_user("marketing")
    assert ok(await marketing.get(f"/customers/{customer}"))["credit_limit"] is None
    assert ok(await marketing.get("/orders"))["items"] == []
    assert (await marketing.get(f"/orders/{order['id']}")).status_code == 404
    assert (await marketing.post("/orders", json={"customer_id": customer, "lines": [LINE]})).status_code == 403
