"""Every number clicked opens a list whose total equals it."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from playwright.async_api import expect

from browsing import PHONE, SEES, Opened, Seen, figures

# What a whole screen holds is clicked as the director, who sees the most; the tiles as everyone.
WHOLE = [("director", screen) for screen in SEES["director"]]
TILES = [(role, screen) for role in ("rep", "marketing") for screen in SEES[role]]
LINKS = """(within) => [...document.querySelectorAll(`${within} a[href*="panel="]`)]
  .filter((a) => a.checkVisibility())
  .map((a) => [a.getAttribute('href'), (a.textContent || '').trim(), a.title || ''])"""
READ = """() => {
  const all = (name) => [...document.querySelectorAll(`.drill [data-${name}]`)].map((e) => e.dataset[name]);
  const shown = document.querySelector('.drill .totals').textContent;
  const rows = document.querySelectorAll('.drill-row').length;
  return { counted: all('counted'), count: all('count'), total: all('total'), shown, rows };
}"""


async def clicked(seen: Seen, href: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """What the panel shows, what the API says of the same list, and the path of what was asked."""
    link = seen.page.locator(f'a[href="{href}"]').locator("visible=true").first
    async with seen.page.expect_response(lambda answer: "/records" in answer.url) as found:
        await link.click()
    answer = await found.value
    said = await answer.json()
    await expect(seen.page.locator(".drill .totals")).to_be_visible()
    await expect(seen.page.locator(".drill .skeleton")).to_have_count(0)
    return (
        await seen.page.evaluate(READ),
        said,
        answer.url.removeprefix(seen.url) + ("&" if "?" in answer.url else "?") + "limit=500",
    )


async def back(seen: Seen) -> None:
    await seen.page.go_back()
    await expect(seen.page.locator("dialog.drill")).to_have_count(0)
    assert "panel=" not in seen.page.url


def says(text: str, panel: dict[str, Any], said: dict[str, Any]) -> bool:
    """Whether the number written on the link is one the panel shows: a count, a total, or a ratio of totals."""
    totals = [Decimal(total) for total in panel["total"]] or [Decimal(total) for total in said["totals"].values()]
    known = [Decimal(each) for each in (*panel["counted"], *panel["count"])] + totals
    if len(totals) == 2 and totals[1]:
        known += [totals[0] / totals[1], 100 * totals[0] / totals[1]]
    return any(
        _rounds_to(value / scale, written) for written in figures(text)[:1] for value in known for scale in (1, 1000)
    )


def _rounds_to(value: Decimal, written: str) -> bool:
    step = Decimal(1).scaleb(-len(written.partition(".")[2]))
    return value.quantize(step, ROUND_HALF_UP) == Decimal(written)


async def every_row(seen: Seen, first: str) -> dict[str, Decimal]:
    """The contributions of every row of every page of the list, added up."""
    sums: dict[str, Decimal] = {}
    cursor = ""
    while True:
        page = await seen.asked(first + cursor)
        for row in page["items"]:
            for name, value in row["contributions"].items():
                sums[name] = sums.get(name, Decimal(0)) + Decimal(value)
        if page["next_cursor"] is None:
            return sums
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize(("role", "screen"), WHOLE + TILES)
async def test_every_number_opens_the_records_that_make_it(opened: Opened, role: str, screen: str) -> None:
    seen = await opened(role, screen)
    kpis = (await seen.board())["kpis"]
    within = "main" if (role, screen) in WHOLE else ".kpis"
    links: list[tuple[str, str, str]] = await seen.page.evaluate(LINKS, within)
    found: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {}
    wrong = []
    for href, text, title in links:
        if href not in found:
            found[href] = await clicked(seen, href)
            await back(seen)
        panel, said, asked = found[href]
        if not panel["counted"] and not panel["total"]:
            wrong.append(f"{href}: the panel says no total")
        if panel["total"] and [Decimal(each) for each in panel["total"]] != [
            Decimal(t) for t in said["totals"].values()
        ]:
            wrong.append(f"{href}: shown {panel['total']}, said {said['totals']}")
        if said["next_cursor"] is None and panel["rows"] != said["count"]:
            wrong.append(f"{href}: {panel['rows']} rows of {said['count']}")
        number = title if re.search(r"\d", title) else text
        if figures(number) and not says(number, panel, said):
            wrong.append(f"{href}: clicked {number!r}, found {panel['shown']!r}")
        if href.partition("panel=")[2] == (name := said["name"]) and (role, screen) in WHOLE:
            totals = [Decimal(total) for total in said["totals"].values()]
            rows = {each: round(total, 9) for each, total in (await every_row(seen, asked)).items()}
            assert rows == dict(zip(said["totals"], totals, strict=True)), name
            value = Decimal(kpis[name]["value"])
            made = totals[0] / totals[1] if len(totals) == 2 else totals[0]
            if len(totals) <= 2 and made.quantize(value, ROUND_HALF_UP) != value:
                wrong.append(f"{name}: {value} on the tile, {totals} in the list")
    assert not wrong
    assert len(found) >= (1 if role == "marketing" else 4)


async def test_a_panel_keeps_the_scope_and_is_an_address(opened: Opened) -> None:
    seen = await opened("director", "activity?period=2026-10")
    team = (await seen.asked("/teams?limit=1"))["items"][0]
    await seen.go(f"activity?period=2026-Q3&team={team['id']}")
    answer = await seen.during(
        "/kpi/invoiced_revenue/records", seen.tile("invoiced_revenue").locator("a.link").last.click
    )
    assert f"team={team['id']}" in answer.url
    assert "period=2026-Q3" in answer.url
    chips = seen.page.locator(".drill .dialog-body .row").first
    await expect(chips).to_contain_text(team["name"])
    await expect(chips).to_contain_text("T3 2026")
    shown = await seen.page.locator(".drill [data-total]").get_attribute("data-total")
    await seen.page.reload()
    await expect(seen.page.locator(".drill [data-total]")).to_have_attribute("data-total", str(shown))
    await seen.page.keyboard.press("Escape")
    await expect(seen.page.locator("dialog.drill")).to_have_count(0)


async def test_on_a_phone_the_records_are_a_page(opened: Opened) -> None:
    seen = await opened("rep", "day", size=PHONE, has_touch=True)
    await seen.tile("overdue_visits").locator(".kpi-number").tap(force=True)
    await expect(seen.page.locator(".drill .totals")).to_be_visible()
    box = await seen.page.locator("dialog.drill").bounding_box()
    assert box is not None
    assert box["width"] == PHONE[0]
    await back(seen)
