"""Nobody is shut out: axe on every route, theme and size, narrow and zoomed windows, those whom motion makes ill."""

from typing import Any

import pytest
from playwright.async_api import expect

from browsing import LAPTOP, PHONE, SCREENS, Opened, Seen
from cadran.resources.registry import BY_NAME
from databases import ROOT

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OTHERS = ("report", "pipeline", "targets", "import", "records/customers", "records/quotes", "records/orders/new")
STILL = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => {
  const ends = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < 5000);
  return Promise.all(ends.map((a) => a.finished.catch(() => {})));
}).then(() => true)"""

# On a change of theme Chromium may leave a colour of `light-dark()` as it was, until it is computed again.
ANEW = "document.body.hidden = true; void document.body.offsetHeight; document.body.hidden = false"


async def violations(seen: Seen) -> list[str]:
    if not await seen.page.evaluate("'axe' in window"):
        await seen.page.evaluate(AXE.read_text(encoding="utf-8"))  # the page's own policy allows no script of another's
    found: list[dict[str, Any]] = await seen.page.evaluate(
        """async (levels) => (await axe.run(document, {runOnly: levels, resultTypes: ['violations']})).violations
             .map((v) => ({ id: v.id, where: v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`) }))""",
        LEVELS,
    )
    return [f"{each['id']}: {each['where']}" for each in found]


async def everywhere(seen: Seen) -> list[str]:
    """axe's complaints in both themes and sizes."""
    found = []
    for name, size in (("laptop", LAPTOP), ("phone", PHONE)):
        await seen.page.set_viewport_size({"width": size[0], "height": size[1]})
        for theme in ("light", "dark"):
            await seen.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            await seen.settled()
            await seen.page.evaluate(ANEW)
            await seen.page.evaluate(STILL)
            found += [f"{name}, {theme}: {each}" for each in await violations(seen)]
    return found


@pytest.mark.parametrize("screen", SCREENS)
async def test_no_screen_shuts_anyone_out(opened: Opened, screen: str) -> None:
    assert await everywhere(await opened("director", screen)) == []


@pytest.mark.parametrize("path", OTHERS)
async def test_no_page_shuts_anyone_out(opened: Opened, path: str) -> None:
    seen = await opened("rep" if path == "report" else "director", path)
    await expect(seen.page.locator("h1").first).to_be_visible()
    assert await everywhere(seen) == []


@pytest.mark.parametrize(("size", "theme"), [(LAPTOP, "light"), (PHONE, "dark")])
async def test_no_record_shuts_anyone_out(opened: Opened, size: tuple[int, int], theme: str) -> None:
    """Every list and its first record, every record and its form."""
    seen = await opened("admin", size=size, theme=theme)
    found = []
    for resource in BY_NAME:
        first = (await seen.asked(f"/{resource}?limit=1"))["items"][0]
        record = f"{resource}/{first['id']}"
        for path in (resource, record) if size == PHONE else (record, f"{record}/edit"):
            await seen.go(f"records/{path}")
            found += [f"{path}: {each}" for each in await violations(seen)]
    assert found == []


async def test_the_page_of_a_customer_shuts_no_one_out(opened: Opened) -> None:
    seen = await opened("director", "records/customers")
    visit = (await seen.asked("/kpi/overdue_visits/records?limit=1"))["items"][0]
    await seen.go(f"records/customers/{visit['customer_id']}")
    await expect(seen.page.locator(".todo-row").first).to_be_visible()
    await seen.page.locator(".history summary").click()
    await expect(seen.page.locator(".history li").first).to_be_visible()
    assert await everywhere(seen) == []


async def test_the_door_and_what_opens_over_a_screen(opened: Opened) -> None:
    seen = await opened("director", "activity")
    page = seen.page
    await seen.tile("invoiced_revenue").locator("a.link").last.click()
    await expect(page.locator(".drill-row").first).to_be_visible()
    assert await everywhere(seen) == []
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_be_visible()
    assert await violations(seen) == []
    door = await opened(None, quiet=False)
    await door.page.goto(f"{door.url}/app/")
    await expect(door.page.locator("input[name=email]")).to_be_visible()
    assert await violations(door) == []


@pytest.mark.parametrize("screen", SCREENS)
async def test_nothing_runs_off_a_narrow_or_zoomed_window(opened: Opened, screen: str) -> None:
    seen = await opened("director", screen)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for width, height in ((320, 640), (390, 844), (720, 450), (1024, 768)):  # 720 is a laptop's window at 200 %
        await seen.page.set_viewport_size({"width": width, "height": height})
        await seen.settled()
        assert await seen.page.evaluate(wide) <= 0, width


@pytest.mark.parametrize("screen", SCREENS)
async def test_on_a_phone_the_four_figures_need_no_scrolling_and_fingers_find_their_targets(
    opened: Opened, screen: str
) -> None:
    seen = await opened("rep", screen, size=PHONE, has_touch=True, is_mobile=True)
    top = await seen.page.locator("nav.bottom-bar").bounding_box()
    assert top is not None
    for number in await seen.page.locator(".kpi-number").all():
        box = await number.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= top["y"]
    for target in await seen.page.locator("nav.bottom-bar a").all():
        box = await target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


async def test_nothing_moves_for_those_who_ask_for_it(opened: Opened) -> None:
    seen = await opened("director", "activity", reduced_motion="reduce")
    await seen.tile("invoiced_revenue").locator("a.link").last.click()
    await expect(seen.page.locator(".drill-row").first).to_be_visible()
    moving = await seen.page.evaluate(
        "document.getAnimations().filter((a) => a.effect.getComputedTiming().duration > 50).length"
    )
    assert moving == 0
