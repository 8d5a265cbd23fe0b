"""The four screens as each role has them, in both languages: what is there, and what must be absent."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from browsing import SCREENS, SEES, Opened

MINE = [(role, screen) for role, screens in SEES.items() for screen in screens]
HOME = {"director": "activity", "manager": "activity", "rep": "day", "marketing": "data-health"}


@pytest.mark.parametrize(("role", "screen"), MINE)
async def test_a_screen_says_what_matters_first(opened: Opened, role: str, screen: str) -> None:
    seen = await opened(role, screen)
    for language in ("fr", "en"):
        if language != "fr":
            await seen.say(language)
        sentence = "".join(part["text"] for part in (await seen.board())["headline"][language])
        assert 0 < len(sentence) <= 110
        await expect(seen.page.locator("h1")).to_have_text(sentence)
        await expect(seen.page).to_have_title(f"{sentence} – Cadran")
        tiles = seen.page.locator(".kpi")
        assert await tiles.count() == 4
        assert all(label.strip() for label in await tiles.locator("h2").all_inner_texts())
        assert await seen.page.locator("section.panel").count() >= 2
        text = await seen.page.locator("body").inner_text()
        assert not re.search(r"\bundefined\b|\bNaN\b|\[object|\bnull\b", text)
        assert not re.search(r"\b(?:dash|day|data|field|activity|do|scope|nav|ui)\.[a-z_]+\b", text), (
            "a text is missing"
        )


@pytest.mark.parametrize("role", HOME)
async def test_each_role_starts_where_its_day_does(opened: Opened, role: str) -> None:
    seen = await opened(role, "")
    await expect(seen.page).to_have_url(re.compile(f"/app/{HOME[role]}$"))
    tabs = seen.page.locator("nav.tabs a:not(.apart)")
    assert await tabs.count() == len(SEES[role])


async def test_what_marketing_may_not_see_is_absent(opened: Opened) -> None:
    seen = await opened("marketing", "field", quiet=False)  # what it may not see, it is refused
    assert await seen.page.locator("nav.tabs a[href$='/activity'], nav.tabs a[href$='/day']").count() == 0
    for screen in SEES["marketing"]:
        await seen.go(screen)
        assert "€" not in await seen.page.locator("main").inner_text()
    for screen in set(SCREENS) - set(SEES["marketing"]):
        await seen.page.goto(f"{seen.url}/app/{screen}")
        await expect(seen.page.locator("main")).to_contain_text("n’existe pas")


async def test_a_menu_opened_before_its_page_has_come_stays_open(opened: Opened) -> None:
    seen = await opened("rep", None)
    page, held = seen.page, asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/kpi/dashboards/**", hold)
    await page.route("**/assets/day-*", hold)
    await page.goto(f"{seen.url}/app/")
    await page.get_by_role("button", name=re.compile("Camille")).click()
    out = page.get_by_role("menuitem", name="Se déconnecter")
    await expect(out).to_be_visible()
    held.set()
    await seen.settled()
    await expect(out).to_be_visible()


async def test_the_door_lets_in_whoever_has_the_key(opened: Opened) -> None:
    seen = await opened(None, None, language="en", quiet=False)
    await seen.page.goto(f"{seen.url}/")
    page = seen.page
    await page.locator("input[name=email]").fill("camille.morel@hautecour.example")
    await page.locator("input[name=password]").fill("not that one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.locator("input[name=password]").fill("bienvenue-cadran")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/app/day$"))
    await seen.settled()
    await page.get_by_role("button", name=re.compile("Camille")).click()
    await page.get_by_role("menuitem", name=re.compile("Sign out|Se déconnecter")).click()
    await expect(page.locator("input[name=email]")).to_be_visible()
