"""Real public sets, taken in as a customer would and asked over HTTP."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.imports import import_file
from cadran.metrics.rounding import half_up
from cadran.models import Settings
from factories import People

SIX = Decimal("0.000001")
CENT = Decimal("0.01")
MANY = 2000


@dataclass
class Company:
    """An empty company to load a set into. ``misses``: figures that differ, all told at the end."""

    session: AsyncSession
    people: People
    client: httpx.AsyncClient
    misses: list[str] = field(default_factory=list)
    ties: list[str] = field(default_factory=list)
    compared: int = 0

    async def count(self, **settings: Any) -> None:
        """The company's rules; by default those of the expected figures: no minimum cycle."""
        await self.session.execute(update(Settings).values({"minimum_cycle_days": 0, **settings}))
        self.session.info.pop("company", None)
        await self.session.flush()

    async def take(self, resource: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Imports rows, all or nothing; none may be refused."""
        found = list(rows)
        file = io.StringIO()
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
        outcome = await import_file(
            self.session, self.people.principal("admin"), resource, file.getvalue().encode(), file_name="set.csv"
        )
        assert not outcome.errors, outcome.errors[:5]
        await self.session.flush()
        if len(found) > MANY:  # what the database knows of the tables is from tests that were rolled back
            await self.session.execute(text("ANALYZE stale_totals, customers, orders, order_lines, invoices, payments"))

    async def ask(self, path: str, **parameters: Any) -> Any:
        given = {name.rstrip("_"): value for name, value in parameters.items()}
        answer = await self.client.get(path, params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def kpi(self, name: str, **parameters: Any) -> Any:
        return await self.ask(f"/kpi/{name}", **parameters)

    async def records(self, name: str, **parameters: Any) -> list[Any]:
        found: list[Any] = []
        cursor = None
        while True:
            page = await self.ask(
                f"/kpi/{name}/records", limit=500, **parameters, **({"cursor": cursor} if cursor else {})
            )
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def money(self, what: str, actual: Any, expected: float) -> None:
        """Equal to the cent, half-up. A figure within 0.00003 of a half cent, which the source's own binary fractions
        put on the other side, is set apart: the test names each of them.
        """
        exact = Decimal(str(expected))
        tie = abs(exact % Decimal("0.01") - Decimal("0.005")) < Decimal("0.00003")
        if tie and actual is not None and half_up(exact, 2) - Decimal(actual) in (CENT, -CENT):
            self.compared += 1
            self.ties.append(what)
            return
        self._compare(what, None if actual is None else Decimal(actual), half_up(Decimal(str(expected)), 2), Decimal(0))

    def rate(self, what: str, actual: Any, expected: float | None) -> None:
        """Equal to the six places the expected figure was rounded to."""
        wanted = None if expected is None else half_up(Decimal(str(expected)), 6)
        self._compare(what, None if actual is None else Decimal(actual), wanted, SIX)

    def same(self, what: str, actual: Any, expected: Any) -> None:
        self._compare(what, actual, expected, None)

    def _compare(self, what: str, actual: Any, expected: Any, slack: Decimal | None) -> None:
        self.compared += 1
        equal = actual == expected
        if not equal and slack and actual is not None and expected is not None:
            equal = abs(actual - expected) <= slack
        if not equal:
            self.misses.append(f"{what}: {actual} instead of {expected}")

    def settle(self, least: int, ties: tuple[str, ...] = ()) -> None:
        """Every figure was right, and as many as there should be were looked at."""
        assert not self.misses, f"{len(self.misses)} of {self.compared}: " + "; ".join(self.misses[:12])
        assert self.compared >= least, self.compared
        assert sorted(self.ties) == sorted(ties), self.ties


@pytest.fixture
async def company(session: AsyncSession, people: People, as_user: Any) -> Company:
    return Company(session, people, as_user("admin"))


async def life_cycle(company: Company, figures: Mapping[str, Any], day: str) -> None:
    """Counts by state, and the rhythm of the customers detailed."""
    counts, detail = figures[f"lifecycle_{day}_counts"], figures[f"lifecycle_{day}_detail"]
    states: dict[str, Any] = {}
    for state in ("inactive", "lost"):
        answer = await company.kpi(f"{state}_customers", as_of=day, period=day)
        company.same(f"{state} {day}", answer["value"], counts[state])
        base = answer["components"]["base"]
        company.same(f"base {day}", base, counts["total"])
        for row in await company.records(f"{state}_customers", as_of=day, period=day):
            states[row["title"]] = row["details"]
    company.same(f"active {day}", counts["total"] - len(states), counts["active"])
    for name, wanted in detail.items():
        found = states.get(name)
        if wanted["status"] == "active":
            company.same(f"{name} {day}", found, None)
        elif found is None:
            company.same(f"{name} {day}", None, wanted["status"])
        else:
            company.same(f"{name} state", found["state"], wanted["status"])
            company.same(f"{name} cycle", Decimal(found["cycle_days"]), Decimal(str(wanted["cycle"])))
            company.same(f"{name} silence", found["silence_days"], wanted["silence"])
            company.same(f"{name} last", found["last_order_on"], wanted["last"])
