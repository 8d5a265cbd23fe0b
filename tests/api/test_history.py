"""What became of a record is told to those who see it, and sums of a list are those of its rows."""

from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from checking import ok, refused
from factories import Maker, People

ANY = {"If-Match": "*"}
LINE = {"description": "Vis", "quantity": "3", "unit_price": "10.10"}


async def test_each_write_of_a_record_is_told_by_whom_and_from_what_to_what(
    as_user: Any, make: Maker, people: People
) -> None:
    manager = as_user("manager")
    key = (await make("customers", name="Durand", owner_id=people["rep"].id, credit_limit="1000"))["id"]
    address = f"/customers/{key}"
    ok(await manager.patch(address, json={"city": "Lille", "credit_limit": "2500.5"}, headers=ANY))
    ok(await manager.patch(address, json={"owner_id": str(people["manager"].id)}, headers=ANY))
    ok(await manager.patch(address, json={"city": "Lille"}, headers=ANY))  # nothing changes: nothing is told

    moved, changed, made = ok(await manager.get(f"/changes{address}"))["items"]
    assert made["operation"] == "create"
    assert made["changes"] == []
    assert {each["field"]: (each["before"], each["after"]) for each in changed["changes"]} == {
        "city": ("Lyon", "Lille"), "credit_limit": ("1000.00", "2500.50"),
    }  # fmt: skip
    owner = next(each for each in moved["changes"] if each["field"] == "owner_id")
    assert (owner["before_label"], owner["after_label"]) == (people["rep"].name, people["manager"].name)
    assert changed["by"] == moved["by"] == people["manager"].name

    refused(await as_user("rep").get(f"/changes{address}"), 404, "not_found")
    told = ok(await as_user("marketing").get(f"/changes{address}"))["items"]
    assert {each["field"] for write in told for each in write["changes"]} == {"city", "owner_id"}


async def test_lines_changed_or_removed_are_named(as_user: Any, make: Maker) -> None:
    director = as_user("director")
    order = await make("orders", lines=[LINE, LINE | {"quantity": "2"}])
    address = f"/orders/{order['id']}"
    whole = ok(await director.get(address))["lines"]
    kept = {"id": whole[0]["id"], **LINE, "description": "Écrou"}
    ok(
        await director.patch(
            address, json={"lines": [kept, {"id": whole[1]["id"], **LINE, "quantity": "2"}]}, headers=ANY
        )
    )
    ok(await director.patch(address, json={"lines": [kept]}, headers=ANY))
    removed, renamed, made = ok(await director.get(f"/changes{address}"))["items"]
    assert [each["field"] for each in renamed["changes"]] == ["lines"]
    assert {each["field"] for each in removed["changes"]} >= {"lines", "net_amount", "base_amount"}
    assert made["operation"] == "create"


async def test_a_record_one_may_not_see_is_not_named(as_user: Any, make: Maker, people: People) -> None:
    theirs = await make("customers", name="Leur client", owner_id=people["stranger"].id)
    mine = await make("customers", name="Mon client", owner_id=people["rep"].id)
    contact = await make("contacts", customer_id=theirs["id"])
    director, address = as_user("director"), f"/contacts/{contact['id']}"
    ok(await director.patch(address, json={"customer_id": str(mine["id"])}, headers=ANY))
    for who, before in (("director", "Leur client"), ("rep", None)):
        moved = ok(await as_user(who).get(f"/changes{address}"))["items"][0]
        (change,) = [each for each in moved["changes"] if each["field"] == "customer_id"]
        assert (change["before_label"], change["after_label"]) == (before, "Mon client")


async def test_an_unknown_resource_is_named(as_user: Any) -> None:
    refused(await as_user("admin").get("/changes/clients/0192e4a0-0000-7000-8000-000000000000"), 422, "validation")


async def test_the_sums_of_a_list_are_those_of_its_rows_and_credit_notes_count_against(
    as_user: Any, make: Maker, session: AsyncSession
) -> None:
    director = as_user("director")
    for quantity in ("3", "7"):
        await make("orders", lines=[LINE | {"quantity": quantity}])
    invoice = await make("invoices", lines=[LINE])
    await make("invoices", kind="credit_note", credited_invoice_id=invoice["id"], customer_id=invoice["customer_id"],
               lines=[LINE | {"quantity": "1"}])  # fmt: skip
    orders = ok(await director.get("/orders", params={"count": "true", "limit": 1}))
    assert orders["count"] == 2
    assert orders["sums"] == {"base_amount": "101.00"}
    assert Decimal(ok(await director.get("/invoices?count=true"))["sums"]["base_amount"]) == Decimal("20.20")
    assert ok(await director.get("/invoices?count=true&kind=credit_note"))["sums"] == {"base_amount": "-10.10"}
    assert ok(await director.get("/orders?count=true&status=draft"))["sums"] == {"base_amount": "0.00"}
    assert ok(await director.get("/orders"))["sums"] is None
    assert ok(await director.get("/customers?count=true"))["sums"] is None
    whole = ok(await director.get("/invoices?count=true"))
    assert (whole["count"], whole["count_more"]) == (2, False)
    assert ok(await director.get("/invoices?count=true&count_most=2")) == whole
    capped = ok(await director.get("/invoices?count=true&count_most=1"))
    assert (capped["count"], capped["count_more"], capped["sums"]) == (1, True, None)
    assert capped["items"] == whole["items"]
