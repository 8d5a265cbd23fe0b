"""`make screenshots`: the four screens of the demo company, on a laptop and on a phone, into docs/images/."""

import asyncio
import sys

from playwright.async_api import async_playwright

from browsing import LAPTOP, PHONE, SCREENS, Seen
from databases import ROOT, running_server
from e2e.conftest import chromium
from served import DIST, demo_company, session_of

IMAGES = ROOT / "docs/images"
WHO = {"activity": "director", "day": "rep", "data-health": "director", "field": "director"}


async def take(server_url: str) -> None:
    async with async_playwright() as playwright, demo_company(server_url) as address:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for screen in SCREENS:
            cookies = await session_of(address, WHO[screen])
            for size, suffix in ((LAPTOP, ""), (PHONE, "-phone")):
                context = await browser.new_context(
                    viewport={"width": size[0], "height": size[1]},
                    locale="fr-FR",
                    timezone_id="Europe/Paris",
                    reduced_motion="reduce",
                    service_workers="block",
                )
                await context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
                seen = await Seen(await context.new_page(), address).go(screen)
                await seen.page.screenshot(path=IMAGES / f"{screen}{suffix}.png")
                await context.close()
        await browser.close()


if __name__ == "__main__":
    if chromium() is None or not DIST.exists():
        sys.exit("The screens must be built (`make build`) and Chromium be there (`make browser`).")
    with running_server() as url:
        asyncio.run(take(url))
