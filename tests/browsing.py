"""A page of the demo company in a real browser, and what every test of the screens asks of it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Locator, Page, Response, expect

SCREENS = ("activity", "day", "data-health", "field")
LAPTOP, PHONE = (1440, 900), (390, 844)
SEES = {
    "director": SCREENS,
    "manager": SCREENS,
    "rep": SCREENS,
    "marketing": ("data-health", "field"),
}
Opened = Callable[..., Awaitable["Seen"]]


@dataclass
class Seen:
    """``errors``: what the page complained of in its console, or could not catch."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    boards: list[Response] = field(default_factory=list)

    def heard(self, answer: Response) -> None:
        if "/kpi/dashboards/" in answer.url and answer.status == 200:
            self.boards.append(answer)

    async def board(self) -> Any:
        """What the API last answered for a whole screen."""
        return await self.boards[-1].json()

    async def say(self, language: str) -> None:
        """Chooses a language in the menu, as a person does."""
        await self.page.locator("button.me").click()
        await self.page.locator(f".menu [lang={language}]").click()
        await expect(self.page.locator("html")).to_have_attribute("lang", language)

    async def go(self, path: str) -> "Seen":
        await self.page.goto(f"{self.url}/app/{path}")
        await self.settled()
        return self

    async def settled(self) -> None:
        """Everything that was being fetched is drawn."""
        await expect(self.page.locator("main#main")).to_be_visible()
        await self.page.wait_for_function(
            """() => !document.querySelector('.skeleton, .waiting')
                  && !document.querySelector('.live.loading')
                  && document.querySelector('#main')?.children.length > 0""",
        )
        await self.page.evaluate("document.fonts.ready.then(() => true)")

    async def asked(self, path: str) -> Any:
        """What the API answers this person, asked again while it says that it is busy. AssertionError: a refusal."""
        for _ in range(5):
            answer = await self.page.request.get(f"{self.url}{path}")
            if answer.status != 503:
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        assert answer.status == 200, f"{path}: {answer.status} {await answer.text()}"
        return await answer.json()

    def tile(self, name: str) -> Locator:
        return self.page.locator(f"#tile-{name}")

    async def during(self, part: str, act: Callable[[], Awaitable[Any]]) -> Response:
        """The answer to a request whose address holds ``part``, made by ``act``."""
        async with self.page.expect_response(lambda response: part in response.url) as found:
            await act()
        return await found.value


def figures(text: str) -> list[str]:
    """The numbers of a text as written, without their separators of thousands: ``1 284,5 k€`` → ``1284.5``."""
    joined = re.sub(r"(?<=\d)[\u00a0\u202f ](?=\d{3}(?!\d))", "", text)
    return [found.replace(",", ".") for found in re.findall(r"-?\d+(?:[.,]\d+)?", joined.replace("−", "-"))]
