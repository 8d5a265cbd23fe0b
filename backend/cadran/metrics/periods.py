"""Periods: half-open spans of civil dates, how they are written, cut into buckets and compared.

A *unit* is a day, an ISO week, a month, or a fiscal quarter or year. What kind a period is follows from its dates (and
from the month the fiscal year starts with), however it was asked for: 1 to 31 March is the month of March.

A fiscal year bears the name of the calendar year it **ends** in, as a French *exercice clos* does: when it starts in
July, ``2026`` runs from 1 July 2025 up to 30 June 2026, and ``2026-Q4`` from April to June 2026.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, get_args

Kind = Literal["day", "week", "month", "quarter", "year", "custom"]
Interval = Literal["day", "week", "month", "quarter", "year"]
Comparison = Literal["previous", "previous_year"]

FIRST_DAY = date(1900, 1, 1)
END_OF_TIME = date(2200, 1, 1)  # excluded
MOST_BUCKETS = 4000
ACCEPTED = (
    "2026 (fiscal year), 2026-Q4 (fiscal quarter), 2026-11, 2026-W47, 2026-11-23, "
    "2026-01-05/2026-01-19 (end excluded), "
    "today, yesterday, tomorrow, this-, last- or next-week, -month, -quarter or -year, "
    "week-, month-, quarter- or year-to-date, last-N-days, last-N-months"
)

_DAY = timedelta(days=1)
_INTERVALS: dict[str, Interval] = {name: name for name in get_args(Interval)}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LENGTHS: dict[int, Kind] = {1: "month", 3: "quarter", 12: "year"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIT = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|W([0-9]{2})|([0-9]{2})))?")
_RELATIVE = re.compile(r"(this|last|next)-(week|month|quarter|year)")
_TO_DATE = re.compile(r"(week|month|quarter|year)-to-date")
_TRAILING = re.compile(r"last-([0-9]{1,4})-(days|months)")


class PeriodError(ValueError):
    """A period that cannot be read, is empty, lies outside 1900–2199 or makes too many buckets."""


@dataclass(frozen=True, slots=True)
class Period:
    """The civil days from ``start`` up to, not including, ``end``. Empty when both are equal."""

    start: date
    end: date
    kind: Kind = "custom"

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(f"A period ends after it starts; this one goes from {self.start} to {self.end}.")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day < self.end

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day included; of an empty period, the day before it starts."""
        return self.end - _DAY


def parse(text: str, today: date, fiscal_start_month: int = 1) -> Period:
    """The period a caller writes, relative words counted from ``today``.

    ``last-30-days`` ends with today included; ``last-24-months`` ends with the current month, whole.
    Raises PeriodError, whose message lists the accepted spellings.
    """
    _check_month(fiscal_start_month)
    try:
        return _bounded(_read(text, today, fiscal_start_month))
    except (ValueError, OverflowError) as error:
        why = f" {error}" if isinstance(error, PeriodError) else ""
        raise PeriodError(f"{text[:40]!r} is not a period.{why} Write one of: {ACCEPTED}.") from None


@lru_cache(maxsize=4096)  # targets of a whole sales force are of a few periods
def between(start: date, end: date, fiscal_start_month: int = 1) -> Period:
    """The period ``[start, end)``, of the kind its dates make. Raises PeriodError when empty or outside 1900–2199."""
    if start >= end:
        raise PeriodError(f"A period ends after it starts: to ({end}) must be after from ({start}), and is excluded.")
    return _bounded(Period(start, end, kind_of(start, end, fiscal_start_month)))


def kind_of(start: date, end: date, fiscal_start_month: int = 1) -> Kind:
    """The unit ``[start, end)`` is exactly, or ``custom``."""
    _check_month(fiscal_start_month)
    days = (end - start).days
    if days == 1:
        return "day"
    if days == 7 and start.weekday() == 0:
        return "week"
    if start.day == 1 and end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        kind = _LENGTHS.get(months)
        if kind and (start.month - fiscal_start_month) % months == 0:
            return kind
    return "custom"


def unit_at(day: date, kind: Interval, fiscal_start_month: int = 1) -> Period:
    """The whole unit that holds ``day``."""
    _check_month(fiscal_start_month)
    if kind == "day":
        return Period(day, day + _DAY, kind)
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=7), kind)
    months = _MONTHS[kind]
    start = _add_months(day.replace(day=1), -((day.month - fiscal_start_month) % months))
    return Period(start, _add_months(start, months), kind)


def buckets(period: Period, interval: Interval, fiscal_start_month: int = 1) -> list[Period]:
    """The units of ``interval`` that make up the period, every one present, the first and last clipped to it.

    They partition the period exactly. A clipped bucket has the kind of what is left of it. Raises PeriodError on more
    than 4000 buckets or an unknown interval.
    """
    if interval not in _INTERVALS:
        raise PeriodError(f"{str(interval)[:40]!r} is not an interval. Write one of: {', '.join(_INTERVALS)}.")
    found: list[Period] = []
    start = period.start
    while start < period.end:
        if len(found) == MOST_BUCKETS:
            raise PeriodError(f"The period holds more than {MOST_BUCKETS} {interval}s: ask for a longer interval.")
        unit = unit_at(start, interval, fiscal_start_month)
        end = min(unit.end, period.end)
        whole = start == unit.start and end == unit.end
        found.append(unit if whole else Period(start, end, kind_of(start, end, fiscal_start_month)))
        start = end
    return found


def previous(period: Period) -> Period:
    """The preceding unit of the same kind, or for any other dates the same number of days just before."""
    months = _MONTHS.get(period.kind)
    start = _add_months(period.start, -months) if months else period.start - timedelta(days=period.days)
    return Period(start, period.start, period.kind)


def previous_year(period: Period) -> Period:
    """The same dates of the year before; 29 February becomes 28 February.

    Whole months stay whole (February 2028 and February 2029 are both compared with a whole February); otherwise the
    first and the last day included keep their dates, so that one day is compared with one day.
    """
    if period.start.day == 1 and period.end.day == 1:
        start, end = _add_months(period.start, -12), _add_months(period.end, -12)
    elif period.days:
        start, end = _year_before(period.start), _year_before(period.last) + _DAY
    else:
        start = end = _year_before(period.start)
    return Period(start, end, "custom" if period.kind == "week" else period.kind)


def comparison(period: Period, kind: Comparison, today: date, is_working_day: Callable[[date], bool]) -> Period:
    """The window a period is compared with: the compared unit whole, or its first part while the period still runs.

    Running means that ``today`` is in the period: the window then holds as many working days as the period from its
    start to today included, and never goes beyond the compared unit. On a day off, the window also takes the days off
    that follow its last working day, at most as many as have just gone by, so that a weekend is set against a weekend.
    When no working day has elapsed and the compared unit opens on one, the window is empty (``days`` is 0): its value
    is 0 or null, and there is no change to show. ``is_working_day``: see ``workdays.Calendar``.
    """
    whole = previous(period) if kind == "previous" else previous_year(period)
    if today not in period:
        return whole
    elapsed = sum(1 for day in _days(period.start, today + _DAY) if is_working_day(day))
    days_off, day = 0, today
    while day >= period.start and not is_working_day(day):
        days_off, day = days_off + 1, day - _DAY
    end = whole.start
    while end < whole.end:
        if is_working_day(end):
            if not elapsed:
                break
            elapsed -= 1
        elif not elapsed:
            if not days_off:
                break
            days_off -= 1
        end += _DAY
    return whole if end == whole.end else Period(whole.start, end)


def label(period: Period, fiscal_start_month: int = 1) -> str:
    """The canonical spelling, which ``parse`` reads back: ``2026-11``, ``2026-Q4``, ``2026-01-05/2026-01-19`` …"""
    start = period.start
    match kind_of(start, period.end, fiscal_start_month):
        case "day":
            return start.isoformat()
        case "week":
            year, week, _ = start.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{start.year:04}-{start.month:02}"
        case "quarter":
            number = (start.month - fiscal_start_month) % 12 // 3 + 1
            return f"{_fiscal_year(start, fiscal_start_month):04}-Q{number}"
        case "year":
            return f"{_fiscal_year(start, fiscal_start_month):04}"
        case _:
            return f"{start.isoformat()}/{period.end.isoformat()}"


def _read(text: str, today: date, fiscal_start_month: int) -> Period:
    def spanning(start: date, end: date) -> Period:
        return between(start, end, fiscal_start_month)

    if text in ("yesterday", "today", "tomorrow"):
        day = today + _DAY * ("yesterday", "today", "tomorrow").index(text) - _DAY
        return spanning(day, day + _DAY)
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        return spanning(day, day + _DAY)
    if found := _UNIT.fullmatch(text):
        return _unit(found, fiscal_start_month)
    if found := _RELATIVE.fullmatch(text):
        unit = unit_at(today, _INTERVALS[found[2]], fiscal_start_month)
        if found[1] == "last":
            return previous(unit)
        return unit if found[1] == "this" else unit_at(unit.end, _INTERVALS[found[2]], fiscal_start_month)
    if found := _TO_DATE.fullmatch(text):
        return spanning(unit_at(today, _INTERVALS[found[1]], fiscal_start_month).start, today + _DAY)
    if found := _TRAILING.fullmatch(text):
        number = int(found[1])
        if found[2] == "days":
            return spanning(today + _DAY - timedelta(days=number), today + _DAY)
        end = _add_months(today.replace(day=1), 1)
        return spanning(_add_months(end, -number), end)
    start, slash, end_text = text.partition("/")
    if slash and _DATE.fullmatch(start) and _DATE.fullmatch(end_text):
        return spanning(date.fromisoformat(start), date.fromisoformat(end_text))
    raise ValueError(text)


def _unit(found: re.Match[str], fiscal_start_month: int) -> Period:
    year = int(found[1])
    if found[3]:
        return unit_at(date.fromisocalendar(year, int(found[3]), 1), "week")
    if found[4]:
        return unit_at(date(year, int(found[4]), 1), "month")
    first = date(year if fiscal_start_month == 1 else year - 1, fiscal_start_month, 1)
    if found[2]:
        return unit_at(_add_months(first, 3 * (int(found[2]) - 1)), "quarter", fiscal_start_month)
    return unit_at(first, "year", fiscal_start_month)


def _fiscal_year(start: date, fiscal_start_month: int) -> int:
    """The calendar year in which the fiscal year that holds this day ends."""
    return start.year + (fiscal_start_month > 1 and start.month >= fiscal_start_month)


def _bounded(period: Period) -> Period:
    if period.start < FIRST_DAY or period.end > END_OF_TIME:
        raise PeriodError("Only the years 1900 to 2199 can be asked for.")
    return period


def _check_month(fiscal_start_month: int) -> None:
    if not 1 <= fiscal_start_month <= 12:
        raise PeriodError(f"The first month of the fiscal year is 1 to 12, not {fiscal_start_month}.")


def _add_months(first: date, months: int) -> date:
    """Months added to the first of a month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def _days(start: date, end: date) -> list[date]:
    return [date.fromordinal(ordinal) for ordinal in range(start.toordinal(), end.toordinal())]
