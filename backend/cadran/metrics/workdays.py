"""Working days: what is left of a calendar once weekends and public holidays are taken out."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from cadran.metrics.periods import Period

Holidays = Callable[[int], frozenset[date]] | frozenset[date]
WEEKEND = frozenset({5, 6})  # Monday is 0


class Calendar:
    """Counts working days over any span without walking it.

    ``holidays``: the public holidays, as a set or as a function of the year (asked once a year of its own).
    ``weekend``: the weekdays off, Monday being 0. Raises ValueError when it leaves no weekday.
    """

    def __init__(self, holidays: Holidays = frozenset(), weekend: Iterable[int] = WEEKEND) -> None:
        off = frozenset(weekend)
        if not off <= set(range(7)) or len(off) == 7:
            raise ValueError("The weekend is some of the weekdays 0 (Monday) to 6 (Sunday), never all of them.")
        self._worked = tuple(weekday not in off for weekday in range(7))
        self._of_year = holidays if callable(holidays) else None
        # Only holidays that fall on a weekday count: the others are off already.
        self._all = self._ordinals(holidays) if not callable(holidays) else []
        self._years: dict[int, list[int]] = {}

    def is_working_day(self, day: date) -> bool:
        if not self._worked[day.weekday()]:
            return False
        known, ordinal = self._holidays_of(day.year), day.toordinal()
        place = bisect_left(known, ordinal)
        return place == len(known) or known[place] != ordinal

    def count(self, start: date, end: date) -> int:
        """Working days from ``start`` up to, not including, ``end``; 0 when the span is empty or reversed."""
        if start >= end:
            return 0
        weeks, rest = divmod((end - start).days, 7)
        weekday = start.weekday()
        worked = weeks * sum(self._worked) + sum(self._worked[(weekday + step) % 7] for step in range(rest))
        return worked - self._holidays_between(start.toordinal(), end.toordinal(), start.year, end.year)

    def add(self, day: date, working_days: int) -> date:
        """The n-th working day strictly after ``day``, or strictly before it for a negative n; ``day`` itself for 0."""
        found, missing = day, abs(working_days)
        step = timedelta(days=1 if working_days > 0 else -1)
        # Each round advances by what is missing and so never overshoots; it ends on a working day because a round that
        # closes the gap holds working days only.
        while missing:
            begun = found
            found += step * missing
            missing -= self.count(begun + step, found + step) if working_days > 0 else self.count(found, begun)
        return found

    def elapsed(self, period: Period, today: date) -> int:
        """Working days of the period gone by at the end of ``today``: 0 before it starts, all once it is over."""
        return self.count(period.start, min(period.end, today + timedelta(days=1)))

    def _ordinals(self, days: Iterable[date]) -> list[int]:
        return sorted({day.toordinal() for day in days if self._worked[day.weekday()]})

    def _holidays_of(self, year: int) -> list[int]:
        if self._of_year is None:
            return self._all
        if year not in self._years:
            self._years[year] = self._ordinals(day for day in self._of_year(year) if day.year == year)
        return self._years[year]

    def _holidays_between(self, start: int, end: int, first_year: int, last_year: int) -> int:
        years = (first_year,) if self._of_year is None else range(first_year, last_year + 1)
        return sum(bisect_left(known, end) - bisect_left(known, start) for known in map(self._holidays_of, years))
