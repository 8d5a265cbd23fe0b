"""The targets of a year at once: what stands, what would be, what is saved and undone, and whose."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from factories import Maker, People

SignIn = Callable[..., httpx.AsyncClient]
ASKED: dict[str, Any] = {"kpi": "invoiced_revenue", "year": 2026}


@pytest.fixture
def director(as_user: SignIn) -> httpx.AsyncClient:
    return as_user("director")


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def aim(kind: str, key: object, **rest: Any) -> dict[str, Any]:
    return {"scope_kind": kind, "scope_id": str(key) if key else None, **rest}


def row_of(grid: dict[str, Any], key: object) -> dict[str, Any]:
    rows = [row for group in grid["groups"] for row in (*group["rows"], group["parent"]) if row]
    return next(row for row in rows if row["scope_id"] == (str(key) if key else None))


async def test_months_across_and_holders_down_under_their_parent(
    director: httpx.AsyncClient, make: Maker, people: People
) -> None:
    rep, north = people["rep"], people.teams["north"]
    january: dict[str, Any] = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 2, 1)}
    await make("targets", scope_kind="rep", scope_id=rep.id, value="100.10", **january)
    await make("targets", scope_kind="rep", scope_id=people["colleague"].id, value="0.20", **january)
    await make("targets", scope_kind="team", scope_id=north.id, value="120", **january)
    quarter: dict[str, Any] = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 7, 1)}
    await make("targets", scope_kind="rep", scope_id=rep.id, value="300", **quarter)
    grid = ok(await director.get("/targets/grid", params=ASKED | {"level": "rep"}))
    assert [period["period"] for period in grid["periods"]] == [*(f"2026-{n:02}" for n in range(1, 13)), "2026"]
    assert grid["periods"][0]["working_days"] == 21
    group = next(group for group in grid["groups"] if group["parent"]["scope_id"] == str(north.id))
    assert [row["name"] for row in group["rows"]] == ["Colleague", "Rep"]
    assert (group["sums"][0], group["gaps"][0]) == ("100.30", "19.70")
    # May has no target of its own: its part of the quarter stands, and says where it comes from.
    may = row_of(grid, rep.id)["cells"][4]
    assert (may["value"], may["origin"]) == (None, "spread")
    assert row_of(grid, rep.id)["others"] == [{"period": "2026-Q2", "value": "300.00"}]
    assert group["sums"][1] is None
    assert group["gaps"][1] is None


async def test_a_preview_adds_up_what_is_not_saved(director: httpx.AsyncClient, make: Maker, people: People) -> None:
    north, rep, colleague = people.teams["north"].id, people["rep"].id, people["colleague"].id
    body = ASKED | {
        "level": "rep",
        "of": str(north),
        "cells": [
            aim("rep", rep, period="2026-03", value="0.10"),
            aim("rep", colleague, period="2026-03", value="0.20"),
            aim("team", north, period="2026-03", value="1"),
        ],
    }
    (group,) = ok(await director.post("/targets/grid/preview", json=body))["groups"]
    assert (group["sums"][2], group["gaps"][2]) == ("0.30", "0.70")
    (stands,) = ok(await director.get("/targets/grid", params=ASKED | {"level": "rep", "of": str(north)}))["groups"]
    assert stands["sums"] == [None] * 13


@pytest.mark.parametrize("way", ["working_days", "even", "last_year"])
async def test_a_year_is_spread_to_the_last_cent(director: httpx.AsyncClient, people: People, way: str) -> None:
    key = people["rep"].id
    body = ASKED | {"level": "rep", "by": way, "spread": [aim("rep", key, value="100000.01")]}
    grid = ok(await director.post("/targets/grid/preview", json=body))
    shares = [Decimal(cell["value"]) for cell in grid["filled"]]
    assert len(shares) == 12
    assert sum(shares) == Decimal("100000.01")
    assert [cell["value"] for cell in row_of(grid, key)["cells"][:12]] == [f"{share:.2f}" for share in shares]
    assert row_of(grid, key)["cells"][12]["resolved"] == "100000.01"
    if way == "even":
        assert set(shares) == {Decimal("8333.33"), Decimal("8333.34")}


async def test_a_season_is_the_last_twelve_months_of_the_holder(
    director: httpx.AsyncClient, make: Maker, people: People
) -> None:
    customer = await make("customers", owner_id=people["rep"].id)
    for day, price in ((date(2019, 2, 10), "100"), (date(2019, 11, 10), "300"), (date(2018, 12, 31), "999")):
        line = {"description": "Bearing", "quantity": "1", "unit_price": price, "vat_rate": "0.2"}
        await make(
            "invoices",
            customer_id=customer["id"],
            rep_id=people["rep"].id,
            issued_on=day,
            status="posted",
            lines=[line],
        )
    body = {"kpi": "invoiced_revenue", "year": 2020, "level": "rep", "by": "last_year"}
    spread = [aim("rep", people[name].id, value="8000") for name in ("rep", "stranger")]
    grid = ok(await director.post("/targets/grid/preview", json=body | {"spread": spread}))
    for name in ("rep", "stranger"):  # the one without a past follows the others'
        values = [cell["value"] for cell in row_of(grid, people[name].id)["cells"][:12]]
        assert values == ["0.00", "2000.00", *["0.00"] * 8, "6000.00", "0.00"]


async def test_counts_are_spread_whole(director: httpx.AsyncClient, people: People) -> None:
    body = {"kpi": "order_count", "year": 2026, "level": "rep", "by": "even"}
    grid = ok(
        await director.post(
            "/targets/grid/preview", json=body | {"spread": [aim("rep", people["rep"].id, value="100")]}
        )
    )
    shares = [int(cell["value"]) for cell in grid["filled"]]
    assert (sum(shares), set(shares)) == (100, {8, 9})


async def test_ratios_and_stocks_have_no_year_to_spread(director: httpx.AsyncClient, people: People) -> None:
    for kpi, adds_up in (("average_basket", False), ("weighted_pipeline", True)):
        body: dict[str, Any] = {"kpi": kpi, "year": 2026, "level": "rep"}
        grid = ok(await director.get("/targets/grid", params=body))
        assert (grid["adds_up"], grid["adds_over_months"], grid["ways"]) == (adds_up, False, [])
        spread = [aim("rep", people["rep"].id, value="100")]
        refused = await director.post("/targets/grid/preview", json=body | {"spread": spread})
        assert refused.status_code == 422


async def test_saving_sets_changes_and_takes_away_and_can_be_undone(
    director: httpx.AsyncClient, make: Maker, people: People
) -> None:
    key = people["rep"].id
    for month in (1, 2):
        await make(
            "targets", scope_kind="rep", scope_id=key, starts_on=date(2026, month, 1),
            ends_on=date(2026, month + 1, 1), value="10",
        )  # fmt: skip
    cells = [
        aim("rep", key, period="2026-01", value="11", was="10.00"),
        aim("rep", key, period="2026-02", value=None, was="10"),
        aim("rep", key, period="2026-03", value="13", was=None),
        aim("rep", key, period="2026", value="500"),
        aim("rep", key, period="2026-04", value=None),
    ]
    saved = ok(await director.post("/targets/grid", json=ASKED | {"cells": cells}))
    assert saved["changed"] == 4
    shown = ok(await director.get("/targets/grid", params=ASKED | {"level": "rep"}))
    values = [cell["value"] for cell in row_of(shown, key)["cells"]]
    assert values == ["11.00", None, "13.00", *[None] * 9, "500.00"]
    # What one undoes must still be what one saved.
    undone = ok(await director.post("/targets/grid", json=ASKED | {"cells": saved["previous"]}))
    assert undone["changed"] == 4
    before = ok(await director.get("/targets/grid", params=ASKED | {"level": "rep"}))
    assert [cell["value"] for cell in row_of(before, key)["cells"]] == ["10.00", "10.00", *[None] * 11]
    again = await director.post("/targets/grid", json=ASKED | {"cells": saved["previous"]})
    assert again.status_code == 409


async def test_a_refused_cell_leaves_all_as_it_was(director: httpx.AsyncClient, people: People) -> None:
    key = people["rep"].id
    good = aim("rep", key, period="2026-01", value="10")
    for bad, place in (
        (aim("rep", key, period="2027-01", value="10"), "/cells/1/period"),
        (good, "/cells/1"),
        (aim("rep", key, period="2026-02", value="-1"), "/cells/1/value"),
        (aim("rep", people.teams["north"].id, period="2026-02", value="1"), "/scope_id"),
        (aim("company", key, period="2026-02", value="1"), "/scope_id"),
    ):
        refused = await director.post("/targets/grid", json=ASKED | {"cells": [good, bad]})
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == [place]
    assert ok(await director.get("/targets"))["items"] == []


async def test_a_manager_has_the_own_team(as_user: SignIn, make: Maker, people: People) -> None:
    manager = as_user("manager")
    north = people.teams["north"].id
    grid = ok(await manager.get("/targets/grid", params=ASKED | {"level": "rep"}))
    assert [group["parent"]["scope_id"] for group in grid["groups"]] == [str(north)]
    (teams,) = ok(await manager.get("/targets/grid", params=ASKED | {"level": "team"}))["groups"]
    assert [row["scope_id"] for row in teams["rows"]] == [str(north)]
    for kind, key in (("rep", people["stranger"].id), ("team", people.teams["south"].id), ("company", None)):
        cells = [aim(kind, key, period="2026-01", value="1")]
        assert (await manager.post("/targets/grid", json=ASKED | {"cells": cells})).status_code == 403
    cells = [aim(kind, key, period="2026-01", value="1") for kind, key in (("rep", people["rep"].id), ("team", north))]
    assert ok(await manager.post("/targets/grid", json=ASKED | {"cells": cells}))["changed"] == 2


async def test_who_left_stays_only_where_aimed_at(
    director: httpx.AsyncClient, as_user: SignIn, make: Maker, people: People
) -> None:
    key = people["colleague"].id
    await make(
        "targets", scope_kind="rep", scope_id=key, starts_on=date(2025, 1, 1), ends_on=date(2025, 2, 1), value="10"
    )
    changed = await as_user("admin").patch(f"/users/{key}", json={"is_active": False}, headers={"If-Match": "*"})
    assert changed.status_code == 200
    seen = {}
    for year in (2025, 2026):
        grid = ok(await director.get("/targets/grid", params=ASKED | {"year": year, "level": "rep"}))
        seen[year] = str(key) in [row["scope_id"] for group in grid["groups"] for row in group["rows"]]
    assert seen == {2025: True, 2026: False}
