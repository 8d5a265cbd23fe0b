"""The company's own way of counting: its calendar, its day, its rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.holidays import holidays_of
from cadran.metrics.kpi import Rules
from cadran.metrics.workdays import Calendar
from cadran.models import Settings
from cadran.queries.asof import at


@dataclass(frozen=True)
class Company:
    """``weights``: twelve monthly shares of a yearly target in fiscal order, None for working days."""

    name: str
    currency: str
    language: str
    zone: ZoneInfo
    fiscal_start_month: int
    calendar: Calendar
    rules: Rules
    weights: tuple[Decimal, ...] | None

    def day_of(self, moment: datetime) -> date:
        """The civil day of an instant in the company's time zone, whatever the viewer's."""
        return moment.astimezone(self.zone).date()

    def today(self) -> date:
        return self.day_of(datetime.now(UTC))

    def end_of(self, day: date) -> datetime:
        """The last instant of a civil day."""
        midnight = datetime.combine(day + timedelta(days=1), time(), self.zone)
        return midnight.astimezone(UTC) - timedelta(microseconds=1)


@lru_cache(maxsize=32)
def calendar_of(country: str, region: str | None) -> Calendar:
    return Calendar(holidays_of(country, region))


async def company(session: AsyncSession, moment: datetime | None = None) -> Company:
    """The settings in force at ``moment`` (None: now); a company not yet initialised counts by the defaults."""
    rows = at(Settings, moment)
    row: Mapping[str, Any] = (await session.execute(select(rows))).mappings().first() or {}  # type: ignore[assignment]

    def given(name: str, default: object = None) -> object:
        found = row.get(name)
        return default if found is None else found

    defaults = Rules()
    weights = row.get("monthly_weights")
    return Company(
        name=str(given("company_name", "")),
        currency=str(given("currency", "EUR")),
        language=str(given("language", "fr")),
        zone=ZoneInfo(str(given("time_zone", "Europe/Paris"))),
        fiscal_start_month=int(str(given("fiscal_year_start_month", 1))),
        calendar=calendar_of(str(given("country", "FR")), row.get("region")),
        rules=Rules(
            **{
                name: given(name, getattr(defaults, name))  # type: ignore[arg-type]
                for name in Rules.__dataclass_fields__
            }
        ),
        weights=tuple(Decimal(str(weight)) for weight in weights) if weights else None,
    )
