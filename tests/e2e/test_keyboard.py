"""A whole day without a mouse."""

import re

from playwright.async_api import expect

from browsing import Opened


async def test_the_screens_are_two_keys_away(opened: Opened) -> None:
    seen = await opened("director", "activity")
    for key, path in (("j", "day"), ("d", "data-health"), ("t", "field"), ("a", "activity")):
        await seen.page.keyboard.press("g")
        await seen.page.keyboard.press(key)
        await expect(seen.page).to_have_url(re.compile(f"/app/{path}$"))
        await seen.settled()
        await expect(seen.page.locator(f"nav.tabs a[href$='/{path}']")).to_have_attribute("aria-current", "page")


async def test_search_and_commands_in_one_box(opened: Opened) -> None:
    seen = await opened("director", "activity")
    page = seen.page
    for key in ("Control+k", "/"):
        await page.keyboard.press(key)
        await expect(page.locator("dialog.palette input")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog.palette")).to_have_count(0)
    await page.keyboard.press("Control+k")
    await expect(page.locator("dialog.palette input")).to_be_focused()
    await page.keyboard.type("terrain")
    await expect(page.locator("dialog.palette [aria-selected=true]")).to_contain_text("Terrain")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/app/field$"))


async def test_a_customer_is_found_by_a_few_letters(opened: Opened) -> None:
    seen = await opened("director", "activity")
    customer = (await seen.asked("/customers?limit=1&sort=-name"))["items"][0]
    await seen.page.keyboard.press("Control+k")
    await expect(seen.page.locator("dialog.palette input")).to_be_focused()
    await seen.page.keyboard.type(customer["name"][:12])
    option = seen.page.get_by_role("option", name=re.compile(re.escape(customer["name"]))).first
    await expect(option).to_be_visible()
    await option.click()
    await expect(seen.page).to_have_url(re.compile(r"/app/records/customers/[0-9a-f-]{36}"))


async def test_the_shortcuts_are_told(opened: Opened) -> None:
    seen = await opened("rep", "day")
    await seen.page.keyboard.press("?")
    told = seen.page.get_by_role("dialog")
    for key in ("Ctrl K", "/", "?", "Esc"):
        await expect(told.locator("kbd", has_text=re.compile(f"^{re.escape(key)}$"))).to_be_visible()
    await seen.page.keyboard.press("Escape")
    await expect(told).to_have_count(0)


async def test_a_number_is_opened_and_closed_by_keys_and_the_focus_comes_back(opened: Opened) -> None:
    seen = await opened("director", "activity")
    page = seen.page
    link = seen.tile("invoiced_revenue").locator(".kpi-foot a.link").last
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await link.evaluate("(e) => e === document.activeElement"):
            break
    await expect(link).to_be_focused()
    assert await link.evaluate("(e) => getComputedStyle(e).outlineStyle !== 'none'"), "the focus is seen"
    await page.keyboard.press("Enter")
    await expect(page.locator(".drill .totals")).to_be_visible()
    inside = "document.querySelector('dialog.drill').contains(document.activeElement)"
    for _ in range(4):
        assert await page.evaluate(inside)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog.drill")).to_have_count(0)
    await expect(link).to_be_focused()


async def test_a_table_stands_behind_a_chart_one_key_away(opened: Opened) -> None:
    seen = await opened("director", "activity")
    frame = seen.page.locator(".chart-frame").first
    await frame.locator(".icon-button").last.focus()
    await seen.page.keyboard.press("t")
    rows = frame.locator("table tbody tr")
    assert await rows.count() >= 15
    await seen.page.keyboard.press("t")
    await expect(frame.locator("svg[role=img]").first).to_be_visible()
    assert len(str(await frame.locator("svg[role=img]").first.get_attribute("aria-label"))) > 20


async def test_the_content_is_one_key_away(opened: Opened) -> None:
    seen = await opened("director", "activity")
    await seen.page.evaluate("document.activeElement.blur()")
    await seen.page.keyboard.press("Tab")
    await expect(seen.page.locator("a.skip")).to_be_focused()
    await seen.page.keyboard.press("Enter")
    await expect(seen.page.locator("main#main")).to_be_focused()
