"""What leaves the screen: a sheet of paper, a picture, a workbook; and what it costs to come."""

import io
import re
import struct

import pytest
from playwright.async_api import expect
from python_calamine import CalamineWorkbook

from browsing import LAPTOP, PHONE, SCREENS, Opened

KILO = 1000
MOST = {".js": 45 * KILO, ".css": 12 * KILO, ".woff2": 30 * KILO}  # as in the build's own budget
MOST_IN_ALL = 100 * KILO


@pytest.mark.parametrize("role", ["director", "rep"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_a_screen_is_one_sheet(opened: Opened, screen: str, role: str) -> None:
    seen = await opened(role, screen, theme="dark")
    for size in (LAPTOP, (1024, 768), PHONE):
        await seen.page.set_viewport_size({"width": size[0], "height": size[1]})
        await seen.settled()
        sheet = await seen.page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1, size
        box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", sheet)
        assert box is not None
        assert float(box[1]) > float(box[2]), "landscape"
    await seen.page.emulate_media(media="print")
    await expect(seen.page.locator(".print-only").first).to_be_visible()
    await expect(seen.page.locator(".scope .print-only")).not_to_be_empty()
    await expect(seen.page.locator("h1")).to_be_visible()
    await expect(seen.page.locator("nav.tabs")).to_be_hidden()


async def test_a_tile_leaves_as_a_picture_and_as_a_workbook(opened: Opened) -> None:
    seen = await opened("director", "activity")
    page = seen.page
    answer = (await seen.board())["kpis"]["invoiced_revenue"]
    await page.get_by_role("button", name="Exporter").click()
    row = page.locator(".export-list li").first
    async with page.expect_download() as picture:
        await row.get_by_role("button", name=re.compile("PNG")).click()
    bytes_ = (await (await picture.value).path()).read_bytes()
    assert bytes_.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", bytes_[16:24])
    assert width > 400
    assert height > 150
    assert len(bytes_) > 4 * KILO, "an empty picture packs better"
    async with page.expect_download() as book:
        await row.get_by_role("link", name=re.compile("XLSX")).click()
    found = CalamineWorkbook.from_filelike(io.BytesIO((await (await book.value).path()).read_bytes()))
    cells = [cell for line in found.get_sheet_by_index(0).to_python() for cell in line]
    assert any(isinstance(cell, float) and f"{cell:.2f}" == answer["value"] for cell in cells)


async def test_the_first_screen_weighs_what_it_may(opened: Opened) -> None:
    """Bytes of bodies on the wire that arrive until the first figures are drawn, with a cold cache."""
    seen = await opened("director")
    await seen.page.add_init_script(
        """new MutationObserver((_, watch) => {
             if (document.querySelector('.kpi-number')) { window.drawn = performance.now(); watch.disconnect(); }
           }).observe(document, { childList: true, subtree: true });
           if (location.pathname.startsWith('/app/')) localStorage.setItem('cadran.signed', '1')"""
    )
    await seen.go("activity")
    came: list[tuple[str, int]] = await seen.page.evaluate(
        """performance.getEntries().filter((e) => e.encodedBodySize && e.responseEnd <= window.drawn)
             .map((e) => [e.name, e.encodedBodySize])"""
    )
    ours = {name: size for name, size in came if "/app/" in name}
    for ending, most in MOST.items():
        weight = sum(size for name, size in ours.items() if name.endswith(ending))
        assert 1 * KILO < weight <= most, ending
    assert sum(ours.values()) <= MOST_IN_ALL


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("size", [LAPTOP, PHONE])
async def test_nothing_jumps_while_a_screen_comes(opened: Opened, screen: str, size: tuple[int, int]) -> None:
    seen = await opened("rep", size=size)
    await seen.page.add_init_script(
        """window.shifts = [];
           new PerformanceObserver((list) => { for (const e of list.getEntries()) window.shifts.push([e.value,
             e.sources.map((s) => s.node?.className || s.node?.nodeName)]) })
           .observe({ type: 'layout-shift', buffered: true })"""
    )
    await seen.go(screen)
    shifts = await seen.page.evaluate("new Promise((done) => setTimeout(() => done(window.shifts), 300))")
    assert sum(value for value, _ in shifts) <= 0.02, shifts
