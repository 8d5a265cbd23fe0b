"""Pages of a served demo company in the system's Chromium, signed in as anyone, in any language, theme and size."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, async_playwright

from browsing import LAPTOP, Opened, Seen
from served import DIST, demo_company, session_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("No Chromium here: `make browser` as root installs Debian's, or CHROMIUM names one.")
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        await found.close()


@pytest.fixture(scope="session")
async def site(browser: Browser, server_url: str) -> AsyncIterator[str]:
    """The address of the worker's own server; without a browser it is not started."""
    if not DIST.exists():
        pytest.skip("The screens are not built: `make build`.")
    async with demo_company(server_url) as address:
        yield address


def _said(message: ConsoleMessage) -> str:
    return f"{message.text} {message.location.get('url', '')}"


@pytest.fixture(scope="session")
async def sessions(site: str) -> dict[str, dict[str, str]]:
    """The cookies of each role that has signed in so far."""
    return {}


@pytest.fixture
async def opened(browser: Browser, site: str, sessions: dict[str, dict[str, str]]) -> AsyncIterator[Opened]:
    """``await opened("rep", "day", theme="dark")``: a page as they have it. What a page complains of is a failure."""
    contexts = []
    pages: list[Seen] = []

    async def visit(
        role: str | None,
        path: str | None = None,
        *,
        language: str = "fr",
        theme: str = "light",
        size: tuple[int, int] = LAPTOP,
        quiet: bool = True,
        **more: Any,
    ) -> Seen:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="fr-FR" if language == "fr" else "en-GB",
            timezone_id="Europe/Paris",
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion=more.pop("reduced_motion", "reduce"),
            service_workers=more.pop("service_workers", "block"),
            **more,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if role:
            if role not in sessions:
                sessions[role] = await session_of(site, role)
            await context.add_cookies([{"name": k, "value": v, "url": site} for k, v in sessions[role].items()])
        seen = Seen(await context.new_page(), site)
        seen.page.on("response", seen.heard)
        if quiet:
            pages.append(seen)
            seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
            seen.page.on("console", lambda said: seen.errors.append(_said(said)) if said.type == "error" else None)
        return seen if path is None else await seen.go(path)

    yield visit
    for context in contexts:
        await context.close()
    complaints = [complaint for seen in pages for complaint in seen.errors if not complaint.endswith("/events")]
    assert not complaints
