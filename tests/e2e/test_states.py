"""What a screen shows while it waits, when there is nothing, on a failure, without network, and after a while."""

import asyncio
import re

from playwright.async_api import Route, expect

from browsing import Opened, Seen

DASHBOARDS = re.compile(r"/kpi/dashboards/")


async def test_what_is_coming_has_its_place(opened: Opened) -> None:
    seen = await opened("director")
    gate = asyncio.Event()

    async def wait(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await seen.page.route(DASHBOARDS, wait)
    await seen.page.goto(f"{seen.url}/app/activity")
    await expect(seen.page.locator(".tile-waiting")).to_have_count(4)
    waiting = await _height(seen, ".kpis")
    gate.set()
    await seen.settled()
    assert abs(await _height(seen, ".kpis") - waiting) <= 2


async def _height(seen: Seen, what: str) -> float:
    box = await seen.page.locator(what).bounding_box()
    assert box is not None
    return box["height"]


async def test_nothing_is_said_with_what_to_do(opened: Opened) -> None:
    seen = await opened("director", "activity?period=2019-03")
    text = await seen.page.locator("main").inner_text()
    assert "NaN" not in text
    await expect(seen.tile("invoiced_revenue")).to_contain_text("Fixer l’objectif")
    await expect(seen.tile("average_basket").locator(".kpi-number")).to_have_text("–")
    await expect(seen.tile("average_basket").locator(".kpi-aside")).not_to_be_empty()
    await seen.tile("invoiced_revenue").locator("a.link").last.click()
    await expect(seen.page.locator(".drill .empty")).to_be_visible()


async def test_a_failure_keeps_the_last_figures_with_their_hour(opened: Opened) -> None:
    seen = await opened("director", "activity", quiet=False)
    figure = await seen.tile("invoiced_revenue").locator(".kpi-number").inner_text()
    await seen.page.route(DASHBOARDS, lambda route: route.fulfill(status=503, json={"title": "busy", "status": 503}))
    await seen.page.evaluate("dispatchEvent(new Event('online'))")
    notice = seen.page.locator(".screen .notice.warn")
    await expect(notice).to_contain_text(re.compile(r"Dernières données reçues à \d"))
    assert await seen.tile("invoiced_revenue").locator(".kpi-number").inner_text() == figure
    await seen.page.unroute(DASHBOARDS)
    await notice.get_by_role("button").click()
    await expect(notice).to_have_count(0)


async def test_a_first_failure_is_said_and_tried_again(opened: Opened) -> None:
    seen = await opened("director", quiet=False)
    await seen.page.route(DASHBOARDS, lambda route: route.fulfill(status=503, json={"title": "busy", "status": 503}))
    await seen.page.goto(f"{seen.url}/app/day")
    alert = seen.page.get_by_role("alert")
    await expect(alert).to_contain_text("très occupé")
    await seen.page.unroute(DASHBOARDS)
    await alert.get_by_role("button").click()
    await expect(seen.page.locator(".kpi-number")).to_have_count(4)


async def test_without_network_the_last_figures_are_read(opened: Opened) -> None:
    seen = await opened("rep", "day", quiet=False)
    figure = await seen.tile("outstanding").locator(".kpi-number").inner_text()
    await seen.page.context.set_offline(True)
    await expect(seen.page.locator(".banners")).to_contain_text("Hors ligne")
    await expect(seen.tile("outstanding").locator(".kpi-number")).to_have_text(figure)
    await seen.page.context.set_offline(False)
    await expect(seen.page.locator(".banners")).to_have_count(0)


async def test_after_five_minutes_figures_are_said_to_be_old(opened: Opened) -> None:
    seen = await opened("director", quiet=False)
    await seen.page.clock.install()
    await seen.go("activity")
    await expect(seen.page.locator(".live.stale")).to_have_count(0)
    await seen.page.route(DASHBOARDS, lambda route: route.abort())
    await seen.page.clock.fast_forward(6 * 60 * 1000)
    await expect(seen.page.locator(".live.stale")).to_contain_text(re.compile(r"Données de \d"))
