"""What one does on the screen itself: done where it stands, written at once, and taken back by its undo."""

import re
from typing import Any

from playwright.async_api import Locator, expect

from browsing import PHONE, Opened, Seen

UNDO = "Annuler"


async def undo(seen: Seen) -> None:
    await seen.page.locator(".toasts").get_by_role("button", name=UNDO).last.click()
    await expect(seen.page.locator(".toasts").get_by_text("C’est annulé.").last).to_be_visible()


async def key_of(row: Locator) -> str:
    address = await row.locator("a.row-link").first.get_attribute("href")
    found = re.search(r"[0-9a-f-]{36}", address or "")
    assert found is not None, address
    return found[0]


async def first_of(seen: Seen, kind: str) -> Locator:
    """The first row of a kind in the day's list."""
    await seen.page.locator(".todo-filter").get_by_role("button", name=re.compile(kind)).click()
    row = seen.page.locator(".todo-row").first
    await expect(row).to_be_visible()
    return row


async def test_a_quote_followed_up_in_place_comes_back(opened: Opened) -> None:
    seen = await opened("rep", "day")
    key = await key_of(await first_of(seen, "Devis"))
    before = await seen.asked(f"/quotes/{key}")
    contacts = f"/interactions?quote_id={key}&count=true"
    known = (await seen.asked(contacts))["count"]
    row = seen.page.locator(".todo-row", has=seen.page.locator(f"a[href*='{key}']"))
    await row.get_by_role("button", name=re.compile("Relancer")).first.click()
    await expect(row).to_have_count(0)
    assert (await seen.asked(contacts))["count"] == known + 1
    await undo(seen)
    await expect(row).to_have_count(1)
    assert (await seen.asked(contacts))["count"] == known
    assert (await seen.asked(f"/quotes/{key}"))["next_follow_up_on"] == before["next_follow_up_on"]


async def test_a_task_done_in_place_is_opened_again(opened: Opened) -> None:
    seen = await opened("rep", "day")
    key = await key_of(await first_of(seen, "Tâche"))
    row = seen.page.locator(".todo-row", has=seen.page.locator(f"a[href*='{key}']"))
    await row.get_by_role("button", name=re.compile("Terminer")).first.click()
    await expect(row).to_have_count(0)
    assert (await seen.asked(f"/tasks/{key}"))["status"] == "done"
    await undo(seen)
    await expect(row).to_have_count(1)
    assert (await seen.asked(f"/tasks/{key}"))["status"] == "open"


async def test_a_visit_put_off_in_place_keeps_its_first_day(opened: Opened) -> None:
    seen = await opened("rep", "day")
    await first_of(seen, "Visite")
    row = seen.page.locator(".todo-row", has=seen.page.get_by_role("button", name=re.compile("Replanifier"))).first
    key = await key_of(row)
    before = await seen.asked(f"/visits/{key}")
    await row.get_by_role("button", name=re.compile("Replanifier")).first.click()
    dialog = seen.page.get_by_role("dialog")
    day = await dialog.locator("input[type=date]").first.input_value()
    await dialog.get_by_role("button", name="Enregistrer").click()
    await expect(dialog).to_have_count(0)
    after = await seen.asked(f"/visits/{key}")
    assert (after["planned_on"], after["first_planned_on"]) == (day, before["first_planned_on"])
    assert day > before["planned_on"]
    await undo(seen)
    assert (await seen.asked(f"/visits/{key}"))["planned_on"] == before["planned_on"]


async def test_what_is_missing_is_written_where_it_is_missing(opened: Opened) -> None:
    seen = await opened("marketing", "data-health")
    cells = seen.page.locator(".complete input[data-field=job_title]:enabled")
    await expect(cells.first).to_be_visible()
    place = seen.page.locator("input[data-field=job_title]")
    key = await key_of(seen.page.locator(".complete tbody tr", has=place).first)
    row = seen.page.locator(".complete tbody tr", has=seen.page.locator(f"a[href*='{key}']"))
    before = (await seen.asked(f"/contacts/{key}"))["job_title"]  # nothing, or what stands for nothing
    assert before in (None, "?", "-", ".", "x", "xxx")
    below = cells.nth(1)
    where = await below.get_attribute("aria-label")
    await cells.first.fill("Responsable maintenance")
    await cells.first.press("Enter")
    await expect(row.get_by_text("Responsable maintenance")).to_be_visible()
    assert (await seen.asked(f"/contacts/{key}"))["job_title"] == "Responsable maintenance"
    focus = await seen.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focus == where, "Enter moves down"
    await seen.page.locator(".toasts").get_by_role("button", name=UNDO).last.click()
    await expect(row.locator("input[data-field=job_title]")).to_be_visible()
    assert (await seen.asked(f"/contacts/{key}"))["job_title"] == before


async def test_two_records_that_look_like_one_are_told_apart_or_made_one(opened: Opened) -> None:
    seen = await opened("director", "data-health")
    page = seen.page
    pairs = page.locator(".pairs-list li")
    await expect(pairs.first).to_be_visible()

    async def count() -> Any:
        return (await seen.asked("/duplicates?kind=customers"))["count"]

    before = await count()
    await pairs.first.get_by_role("button", name=re.compile("Différents")).click()
    await expect(page.locator(".toasts").get_by_text("restent distinctes")).to_be_visible()
    assert await count() == before - 1
    await undo(seen)
    assert await count() == before
    await seen.settled()
    await pairs.first.get_by_role("button", name=re.compile("Fusionner")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name=re.compile("^Garder")).click()
    await expect(dialog).to_have_count(0)
    assert await count() == before - 1


async def test_the_pages_open_again_without_network(opened: Opened) -> None:
    """A reload under ground: the page comes from the device, with what it last showed and what one has written."""
    seen = await opened("rep", "report", size=PHONE, quiet=False, service_workers="allow")
    page = seen.page
    await page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    await page.goto(f"{seen.url}/app/report")
    name = await page.locator(".choices a b").first.inner_text()
    await page.context.set_offline(True)
    await page.reload()
    await expect(page.locator(".choices a b").first).to_have_text(name)
    await page.locator(".choices a").first.click()
    await page.locator("[name=summary]").fill("Écrit au sous-sol.")
    await page.reload()
    await expect(page.locator("[name=summary]")).to_have_value("Écrit au sous-sol.")
    await expect(page.locator(".banners")).to_contain_text("hors ligne", ignore_case=True)
