"""The scope of a screen lives in its address: whoever copies the address sees the same figures."""

import re

from playwright.async_api import expect

from browsing import Opened


async def test_the_period_is_in_the_address_and_survives_a_refresh(opened: Opened) -> None:
    seen = await opened("director", "activity?period=2026-10")
    page, shown = seen.page, seen.page.locator(".scope-period span[aria-live]")
    now = await shown.inner_text()
    before = await seen.during("/kpi/dashboards/activity", page.get_by_role("button", name="Période précédente").click)
    assert "period=2026-09" in before.url
    await expect(page).to_have_url(re.compile(r"period=2026-09"))
    await seen.settled()
    assert await shown.inner_text() != now
    figure = await seen.tile("invoiced_revenue").locator(".kpi-number").inner_text()
    await page.reload()
    await seen.settled()
    await expect(page).to_have_url(re.compile(r"period=2026-09"))
    assert await seen.tile("invoiced_revenue").locator(".kpi-number").inner_text() == figure
    await page.get_by_role("button", name="Période suivante").click()
    await expect(shown).to_have_text(now)
    await page.get_by_role("button", name="Trimestre").click()
    await expect(page).to_have_url(re.compile(r"period=2026-Q4"))
    await page.go_back()
    await expect(page).to_have_url(re.compile(r"period=2026-10"))


async def test_a_team_is_chosen_in_the_bar_and_carried_everywhere(opened: Opened) -> None:
    seen = await opened("director", "activity")
    page = seen.page
    await page.locator(".select-button", has_text="Équipe").click()
    second = page.get_by_role("menuitemradio").nth(1)
    name = await second.inner_text()
    answer = await seen.during("/kpi/dashboards/activity?", second.click)
    team = re.search(r"team=([0-9a-f-]{36})", answer.url)
    assert team
    await expect(page.locator(".select-button", has_text="Équipe")).to_contain_text(name)
    board = await answer.json()
    assert {group["label"] for group in board["kpis"]["invoiced_revenue_by_rep"]["groups"]} < {
        user["name"] for user in (await seen.asked(f"/users?limit=500&team_id={team[1]}"))["items"]
    } | {None}


async def test_the_past_is_said_to_be_the_past(opened: Opened) -> None:
    seen = await opened("director", "activity?period=2026-10&as_of=2026-10-15")
    await expect(seen.page.locator(".scope .notice")).to_contain_text("15 oct.")
    board = await seen.board()
    assert board["as_of_day"] == "2026-10-15"
    await seen.page.get_by_role("button", name="Revenir à aujourd’hui").click()
    await expect(seen.page).not_to_have_url(re.compile("as_of"))
    await expect(seen.page.locator(".scope .notice")).to_have_count(0)


async def test_a_day_is_left_and_come_back_to(opened: Opened) -> None:
    seen = await opened("rep", "day")
    await expect(seen.page.get_by_role("button", name="Jour suivant").first).to_be_disabled()
    await seen.page.get_by_role("button", name="Jour précédent").first.click()
    await expect(seen.page).to_have_url(re.compile(r"as_of=\d{4}-\d\d-\d\d"))
    await seen.settled()
    await seen.page.get_by_role("button", name="Jour suivant").first.click()
    await expect(seen.page).not_to_have_url(re.compile("as_of"))


async def test_a_live_refresh_keeps_the_scope(opened: Opened) -> None:
    """A screen read again, as after an event, asks for the scope of the address, and moves nothing of it."""
    seen = await opened("manager", "activity?period=2026-Q3")
    address = seen.page.url
    answer = await seen.during(
        "/kpi/dashboards/activity", lambda: seen.page.evaluate("dispatchEvent(new Event('online'))")
    )
    assert "period=2026-Q3" in answer.url
    await seen.settled()
    assert seen.page.url == address
