"""What one sets for oneself: keys and subscriptions that work at once, and the e-mail of the morning."""

import re

import httpx
from playwright.async_api import expect

from browsing import Opened
from e2e.test_access import everywhere


async def test_a_subscription_to_ones_visits_works_until_it_is_withdrawn(opened: Opened) -> None:
    seen = await opened("rep", "settings")
    page = seen.page
    await page.get_by_role("button", name="Nouvelle clé").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator("option[value=erp]")).to_have_count(0)  # no rep writes for the ERP
    await dialog.get_by_role("button", name="Créer la clé").click()
    address = await dialog.locator("code").first.inner_text()
    async with httpx.AsyncClient() as other:
        calendar = await other.get(address)
        assert (calendar.status_code, calendar.headers["content-type"].split(";")[0]) == (200, "text/calendar")
        assert (await other.get(address.replace("/calendar/visits.ics", "/visits"))).status_code == 200
        assert (await other.get(address.replace("/calendar/visits.ics", "/customers"))).status_code == 403
        await dialog.get_by_role("button", name="Fermer").last.click()
        await page.get_by_role("button", name=re.compile("^Retirer, Mes visites")).click()
        await page.get_by_role("dialog").get_by_role("button", name="Retirer", exact=True).click()
        await expect(page.get_by_role("button", name=re.compile("^Retirer, Mes visites"))).to_have_count(0)
        assert (await other.get(address)).status_code == 401


async def test_the_mornings_e_mail_is_asked_for_and_given_up(opened: Opened) -> None:
    seen = await opened("rep", "settings")
    box = seen.page.get_by_role("checkbox")
    await expect(box).not_to_be_checked()
    for wanted in (True, False):
        await box.click()
        await expect(box).to_be_enabled()
        await expect(box).to_be_checked(checked=wanted)
        assert (await seen.asked("/session"))["user"]["digest"] is wanted


async def test_the_settings_shut_no_one_out(opened: Opened) -> None:
    seen = await opened("admin", "settings")
    await expect(seen.page.locator(".settings-fields")).to_be_visible()
    await seen.page.get_by_role("button", name="Nouvelle clé").click()
    await expect(seen.page.get_by_role("dialog")).to_be_visible()
    assert await everywhere(seen) == []
