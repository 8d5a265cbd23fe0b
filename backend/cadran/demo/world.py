"""What every part of the demo shares: the day, one seeded random, the calendar, and the rows made so far."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cadran.checks.holidays import holidays_of
from cadran.kit.tables import Base
from cadran.metrics.workdays import Calendar

T = TypeVar("T")
Row = dict[str, Any]
ZONE = ZoneInfo("Europe/Paris")
MONTHS = 26  # of history, the current month apart
# The company's year: August and the end of December are quiet. Also the monthly weights of its settings.
SEASON = (0.96, 0.97, 1.08, 1.00, 0.92, 1.10, 0.96, 0.58, 1.12, 1.13, 1.10, 0.78)
YEARLY_GROWTH = 1.09


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month ``months`` away from that of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def evening(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of a day in the company's time zone."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


@dataclass(frozen=True)
class Person:
    """A user with the stamps its documents bear. ``skill``: what it sells against its share of the plan."""

    id: uuid.UUID
    name: str
    email: str
    role: str
    team: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    key: str = ""
    team_name: str = ""
    share: float = 0.0
    skill: float = 1.0
    discount: float = 0.08
    arrived: date | None = None

    @property
    def stamps(self) -> Row:
        return {"rep_id": self.id, "team_id": self.team, "business_unit_id": self.unit}


@dataclass
class World:
    """``rows``: by model, in the order made. Ids are UUIDv7 in shape, drawn from the seed."""

    today: date
    seed: int = 20261
    rows: dict[type[Base], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.random = Random(self.seed * 1_000_003 + self.today.toordinal())  # noqa: S311 - made-up data
        self.calendar = Calendar(holidays_of("FR", None))
        self.month = month_start(self.today)
        self.start = month_start(self.today, -MONTHS)
        self.people: dict[str, Person] = {}
        self._clock = int(datetime.combine(self.start, time(), UTC).timestamp() * 1000)

    def new_id(self) -> uuid.UUID:
        self._clock += 7
        random = self.random
        value = (self._clock & (1 << 48) - 1) << 80 | 0x7 << 76 | random.getrandbits(12) << 64
        return uuid.UUID(int=value | 0b10 << 62 | random.getrandbits(62))

    def add(self, model: type[Base], **values: Any) -> Row:
        """A new row with an id of its own; columns left out take their defaults."""
        row = {"id": self.new_id(), **values}
        self.rows[model].append(row)
        return row

    # Days

    def days(self, count: float) -> timedelta:
        return timedelta(days=round(count))

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def workday(self, day: date) -> date:
        """The day itself when worked, else the next one that is."""
        return day if self.calendar.is_working_day(day) else self.calendar.add(day, 1)

    def last_workday(self, day: date) -> date:
        """The day itself when worked, else the last one before it."""
        return day if self.calendar.is_working_day(day) else self.calendar.add(day, -1)

    def between(self, first: date, last: date) -> date:
        """A working day from ``first`` to ``last``, or ``last`` when there is none."""
        span = max((last - first).days, 0)
        found = self.workday(first + timedelta(days=self.random.randint(0, span)))
        return found if found <= last else max(first, self.last_workday(last))

    def quiet(self, day: date) -> bool:
        """Summer and Christmas holidays."""
        return (
            (day.month == 8 and 3 <= day.day <= 24)
            or (day.month == 12 and day.day >= 21)
            or day.timetuple().tm_yday < 4
        )

    # Chance

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.random.randrange(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        found: T = self.random.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]
        return found

    def around(self, mean: float, spread: float, low: float, high: float) -> float:
        """A figure near ``mean``, within ``low`` and ``high`` times it."""
        return mean * min(max(self.random.gauss(1, spread), low), high)

    # Plan

    def season(self, month: date) -> float:
        """What a month is to weigh against an average month of the current year."""
        return SEASON[month.month - 1] * YEARLY_GROWTH ** (month.year - self.today.year)
