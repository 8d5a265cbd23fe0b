from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from factories import Maker, People

SignIn = Callable[..., httpx.AsyncClient]
Row = dict[str, Any]
DATED = {"prospect_on": "2020-01-01"}


async def pair(make: Maker, name: str, owner: Any = None, other: Any = None) -> tuple[Row, Row]:
    one = await make("customers", name=f"{name} SARL", city="Lyon", owner_id=owner, **DATED)
    return one, await make("customers", name=name.upper(), city="LYON", owner_id=other or owner, **DATED)


def names(answer: httpx.Response) -> set[frozenset[str]]:
    assert answer.status_code == 200, answer.text
    return {frozenset((each["first"]["name"], each["second"]["name"])) for each in answer.json()["items"]}


async def test_pairs_come_with_both_records(as_user: SignIn, make: Maker) -> None:
    one, two = await pair(make, "Acme")
    await make("customers", name="Bolt", city="Lyon", **DATED)
    found = (await as_user("director").get("/duplicates", params={"kind": "customers"})).json()
    assert (found["count"], found["next_cursor"]) == (1, None)
    (item,) = found["items"]
    assert [item["first"]["id"], item["second"]["id"]] == sorted([str(one["id"]), str(two["id"])])
    assert {item["first"]["version"], item["second"]["version"]} == {1}
    assert 0.875 <= item["score"] < 1
    assert "name" in item["reasons"]


async def test_contacts_too(as_user: SignIn, make: Maker) -> None:
    customer = await make("customers", name="Acme", **DATED)
    for first in ("Zoé", "ZOE"):
        await make("contacts", customer_id=customer["id"], first_name=first, last_name="Martin")
    found = (await as_user("marketing").get("/duplicates", params={"kind": "contacts"})).json()
    assert [each["first"]["last_name"] for each in found["items"]] == ["Martin"]
    assert found["items"][0]["first"]["labels"]["customer_id"] == "Acme"


async def test_one_sees_a_pair_only_when_one_sees_both(as_user: SignIn, make: Maker, people: People) -> None:
    rep, colleague, stranger = (people[name].id for name in ("rep", "colleague", "stranger"))
    await pair(make, "Acme", rep)
    await pair(make, "Bolt", rep, colleague)
    await pair(make, "Crux", rep, stranger)

    async def seen(who: str) -> set[frozenset[str]]:
        return names(await as_user(who).get("/duplicates", params={"kind": "customers"}))

    acme, bolt, crux = (frozenset((f"{name} SARL", name.upper())) for name in ("Acme", "Bolt", "Crux"))
    assert await seen("rep") == {acme}
    assert await seen("manager") == {acme, bolt}
    assert await seen("director") == {acme, bolt, crux}
    assert await seen("stranger") == set()


async def test_pages_lose_and_repeat_nothing(as_user: SignIn, make: Maker) -> None:
    for name in ("Acme", "Bolt", "Crux", "Dune", "Edge"):
        await pair(make, name)
    client, cursor, found = as_user("director"), None, []
    while True:
        asked = {"kind": "customers", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/duplicates", params=asked)).json()
        assert page["count"] == 5
        found += [each["first"]["id"] + each["second"]["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 5


async def test_a_dismissed_pair_is_not_shown_again(as_user: SignIn, make: Maker, session: AsyncSession) -> None:
    one, two = await pair(make, "Acme")
    client = as_user("director")
    for first, second in ((one, two), (two, one)):
        body = {"kind": "customers", "first_id": str(first["id"]), "second_id": str(second["id"])}
        answer = await client.post("/duplicates/dismiss", json=body)
        assert answer.status_code == 200
        assert [answer.json()["first_id"], answer.json()["second_id"]] == sorted([str(one["id"]), str(two["id"])])
    assert names(await client.get("/duplicates", params={"kind": "customers"})) == set()
    logged = "SELECT count(*) FROM change WHERE resource = 'duplicate_dismissals' AND actor = 'director@durand.test'"
    assert (await session.execute(text(logged))).scalar_one() == 1


async def test_a_dismissal_is_taken_back(as_user: SignIn, make: Maker) -> None:
    one, two = await pair(make, "Acme")
    client, body = as_user("director"), {"kind": "customers", "first_id": str(two["id"]), "second_id": str(one["id"])}
    for verb, shown in (("dismiss", 0), ("reconsider", 1), ("reconsider", 1), ("dismiss", 0)):
        assert (await client.post(f"/duplicates/{verb}", json=body)).status_code == 200
        assert (await client.get("/duplicates?kind=customers")).json()["count"] == shown


async def test_what_one_may_not_dismiss(as_user: SignIn, make: Maker, people: People) -> None:
    one, two = await pair(make, "Acme", people["rep"].id, people["stranger"].id)
    body = {"kind": "customers", "first_id": str(one["id"]), "second_id": str(two["id"])}
    rep = as_user("rep")
    assert (await rep.post("/duplicates/dismiss", json=body)).status_code == 404
    assert (await rep.post("/duplicates/dismiss", json=body | {"kind": "contacts"})).status_code == 404
    assert (await rep.post("/duplicates/dismiss", json=body | {"second_id": str(uuid7())})).status_code == 404
    itself = await rep.post("/duplicates/dismiss", json=body | {"second_id": body["first_id"]})
    assert (itself.status_code, itself.json()["errors"][0]["pointer"]) == (422, "/second_id")
    reader = as_user("director", scopes=frozenset({"customers:read"}))
    assert (await reader.post("/duplicates/dismiss", json=body)).status_code == 403
    assert (await reader.get("/duplicates", params={"kind": "customers"})).status_code == 200
    assert (await reader.get("/duplicates", params={"kind": "contacts"})).status_code == 403


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "e30", "W10", "WzEsMiwzXQ", "W3RydWUsImEiLCJiIl0", "bnVsbA", "A" * 299, "\ud83d\ude00"]
)
async def test_a_cursor_of_another_list_is_refused(as_user: SignIn, cursor: str) -> None:
    asked = {"kind": "customers", "cursor": cursor.encode("utf-16", "surrogatepass").decode("utf-16")}
    answer = await as_user("director").get("/duplicates", params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?cursor")


async def test_a_kind_is_needed(as_user: SignIn) -> None:
    client = as_user("director")
    assert (await client.get("/duplicates")).status_code == 422
    assert (await client.get("/duplicates", params={"kind": "orders"})).status_code == 422
    assert (await client.get("/duplicates", params={"kind": "customers", "page": "2"})).status_code == 422
