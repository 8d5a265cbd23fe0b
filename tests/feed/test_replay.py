"""An ERP replays its night: whatever the order and however often, the state is that of one ordered run."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from following import Copy, Office, listed

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def at(minutes: int) -> str:
    return (BEGIN + timedelta(minutes=minutes)).isoformat()


def document(customer: str, number: int, version: int) -> dict[str, Any]:
    """One state of an invoice, as the ERP had it at that minute."""
    lines = [
        {"description": f"Line {n}", "quantity": "1", "unit_price": str(version + n)} for n in range(1 + version % 3)
    ]
    return {
        "external_id": f"INV-{number}", "number": f"INV-{number}", "customer_id": customer, "issued_on": "2026-11-02",
        "notes": f"Version {version}", "lines": lines, "source_updated_at": at(version),
    }  # fmt: skip


async def push(client: httpx.AsyncClient, documents: list[dict[str, Any]], size: int = 100) -> dict[str, int]:
    counts: dict[str, int] = {}
    for start in range(0, len(documents), size):
        answer = await client.post("/invoices/batch", json={"items": documents[start : start + size]})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        for name in ("created", "updated", "unchanged", "outdated", "refused"):
            counts[name] = counts.get(name, 0) + body[name]
    return counts


async def test_three_passes_in_any_order_are_one(office: Office) -> None:
    client, chance = office.as_user("admin", frozenset({"*:write"})), random.Random(4)
    customer = str((await office.make("customers"))["id"])
    documents = [document(customer, number, version) for number in range(40) for version in (1, 2, 3)]
    shuffled = chance.sample(documents, len(documents))
    first = await push(client, shuffled)
    assert first["created"] == 40
    assert first["outdated"] > 10
    assert first["refused"] == 0
    state = await listed(client, "invoices")
    assert {row["notes"] for row in state.values()} == {"Version 3"}
    assert {len(row["lines"]) for row in state.values()} == {1}
    copy = Copy(office.as_user("admin"), cursor="latest")
    await copy.follow()
    for _ in range(2):
        again = await push(client, chance.sample(documents, len(documents)))
        assert again == {"created": 0, "updated": 0, "unchanged": 40, "outdated": 80, "refused": 0}
    assert await listed(client, "invoices") == state
    assert await copy.follow() == []


async def test_without_the_sources_word_an_older_push_wins(office: Office) -> None:
    """The control: what protects is the instant the source states."""
    client = office.as_user("admin", frozenset({"*:write"}))
    customer = str((await office.make("customers"))["id"])
    late, early = ({**document(customer, 1, version), "source_updated_at": None} for version in (3, 1))
    await push(client, [late, early])
    (row,) = (await listed(client, "invoices")).values()
    assert row["notes"] == "Version 1"


async def test_one_by_one_says_what_it_did(office: Office) -> None:
    client = office.as_user("admin", frozenset({"*:write"}))
    path = "/customers/by-external-id/C-1"
    said = []
    for minute, city in ((5, "Lyon"), (5, "Lyon"), (9, "Lyon"), (7, "Paris"), (10, "Nantes")):
        answer = await client.put(path, json={"name": "Martin", "city": city, "source_updated_at": at(minute)})
        assert answer.status_code in (200, 201), answer.text
        said.append((answer.headers["cadran-outcome"], answer.json()["city"], answer.json()["version"]))
    assert said == [
        ("created", "Lyon", 1), ("unchanged", "Lyon", 1), ("unchanged", "Lyon", 1), ("outdated", "Lyon", 1),
        ("updated", "Nantes", 2),
    ]  # fmt: skip


async def test_what_was_deleted_comes_back_by_a_later_word_only(office: Office) -> None:
    client = office.as_user("admin", frozenset({"*:write"}))
    path, body = "/customers/by-external-id/C-1", {"external_id": "C-1", "name": "Martin"}
    made = (await client.put(path, json=body | {"source_updated_at": at(1)})).json()
    assert (await client.delete(f"/customers/{made['id']}")).status_code == 204
    older = await client.put(path, json=body | {"source_updated_at": at(2)})
    assert (older.status_code, older.headers["cadran-outcome"], older.content) == (204, "outdated", b"")
    answer = await client.post("/customers/batch", json={"items": [body | {"source_updated_at": at(3)}]})
    (result,) = answer.json()["results"]
    assert (result["status"], result["id"], answer.json()["outdated"]) == ("outdated", None, 1)
    assert await listed(client, "customers") == {}
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert (await client.put(path, json=body | {"source_updated_at": later})).status_code == 201
    key = next(iter(await listed(client, "customers")))
    assert (await client.delete(f"/customers/{key}")).status_code == 204
    assert (await client.put(path, json=body)).headers["cadran-outcome"] == "created", "without a word of when"


async def test_an_item_is_refused_by_itself(office: Office) -> None:
    client = office.as_user("admin", frozenset({"*:write"}))
    unknown = "01890a5d-ac96-774b-bcce-b302099a8057"
    items: list[Any] = [
        {"external_id": "A", "name": "A"}, {"external_id": "B", "nam": "B"}, {"name": "No id"}, 7,
        {"external_id": "C", "name": "C", "owner_id": unknown}, {"external_id": "A", "name": "A again"},
        {"external_id": "D", "name": "D", "credit_limit": "1e999"},
    ]  # fmt: skip
    answer = await client.post("/customers/batch", json={"items": items})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [each["status"] for each in body["results"]] == [
        "created", "refused", "created", "refused", "refused", "updated", "refused",
    ]  # fmt: skip
    assert (body["created"], body["updated"], body["refused"]) == (2, 1, 4)
    assert body["results"][4]["problem"]["errors"][0]["pointer"] == "/owner_id"
    assert body["results"][0]["id"] == body["results"][5]["id"]
    # All or none: nothing is left of it, and each error says of which item.
    more = [{"external_id": "E", "name": "E"}, {"external_id": "C", "name": "C", "owner_id": unknown}]
    refused = await client.post("/customers/batch", json={"items": more, "all_or_none": True})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/items/1/owner_id"]
    assert (await client.get("/customers/by-external-id/E")).status_code == 404
    taken = await client.post("/customers/batch", json={"items": more[:1], "all_or_none": True})
    assert taken.json()["created"] == 1


@pytest.mark.parametrize("items", [[], [{"name": "X"}] * 1001])
async def test_a_batch_holds_one_to_a_thousand(office: Office, items: list[Any]) -> None:
    assert (await office.as_user("admin").post("/customers/batch", json={"items": items})).status_code == 422
