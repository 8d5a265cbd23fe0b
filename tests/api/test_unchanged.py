"""A KPI nobody changed since is not made again for who holds it; any write, and any other caller, makes it anew."""

from typing import Any

import httpx
import pytest

from cadran.api import kpi
from factories import Maker

PATH = "/kpi/ordered_amount?period=2026&group_by=rep"


async def test_not_made_again_until_something_is_written(
    make: Maker, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = (await make("customers", name="Roulements Vasseur"))["id"]
    client: httpx.AsyncClient = as_user("director")
    told = await client.get(PATH)
    held = {"If-None-Match": told.headers["etag"]}
    made = []
    question = kpi.question

    async def counted(*given: Any) -> Any:
        made.append(given)
        return await question(*given)

    monkeypatch.setattr(kpi, "question", counted)
    again = await client.get(PATH, headers=held)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", told.headers["etag"])
    assert not made, "nothing was written: one look at the log"
    assert (await as_user("admin").get(PATH, headers=held)).status_code == 304
    assert len(made) == 1, "another caller may see something else"
    assert (await client.get(PATH)).json()["value"] == told.json()["value"]
    assert len(made) == 2, "who holds nothing is told all"

    await make("tasks", title="Rappeler")
    assert (await client.get(PATH, headers=held)).status_code == 304
    assert len(made) == 3, "a write was looked at, though it changes nothing here"
    lines = [{"quantity": "1", "unit_price": "10.00"}]
    await make("orders", customer_id=customer, confirmed_on="2026-02-03", currency="EUR", lines=lines)
    fresh = await client.get(PATH, headers=held)
    assert fresh.status_code == 200
    assert fresh.json()["value"] == "10.00"
    assert fresh.headers["etag"] != told.headers["etag"]
    past = PATH + "&as_of=2026-03-01"
    first = await client.get(past)
    before = len(made)
    assert (await client.get(past, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    assert len(made) == before + 1, "at a moment asked for, the clock has its say"
