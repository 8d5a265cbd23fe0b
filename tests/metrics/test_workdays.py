"""Working days: counting without walking gives what walking gives."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadran.metrics.periods import Interval, between, buckets, parse, unit_at
from cadran.metrics.workdays import Calendar

TODAY = date(2026, 11, 23)
FRANCE_2026 = frozenset(
    {date(2026, 1, 1), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25)}
    | {date(2026, 7, 14), date(2026, 8, 15), date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25)}
)
dates = st.dates(date(2019, 1, 1), date(2030, 12, 31))
weekends = st.frozensets(st.integers(0, 6), max_size=6)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    off = draw(st.frozensets(dates, max_size=60))
    weekend = draw(weekends)
    if draw(st.booleans()):
        return Calendar(off, weekend)
    return Calendar(lambda year: frozenset(day for day in off if day.year == year), weekend)


def walked(calendar: Calendar, start: date, end: date) -> int:
    return sum(calendar.is_working_day(start + timedelta(days=n)) for n in range((end - start).days))


@given(calendars(), dates, dates)
def test_count_is_what_walking_counts(calendar: Calendar, start: date, end: date) -> None:
    assert calendar.count(start, end) == walked(calendar, start, end)


@given(calendars(), dates, st.integers(-400, 400))
def test_add_is_what_walking_finds(calendar: Calendar, day: date, working_days: int) -> None:
    found, left = day, abs(working_days)
    while left:
        found += timedelta(days=1 if working_days > 0 else -1)
        left -= calendar.is_working_day(found)
    assert calendar.add(day, working_days) == found


@given(calendars(), dates, st.integers(1, 12))
def test_days_weeks_months_and_quarters_add_up_to_the_year(calendar: Calendar, day: date, fiscal: int) -> None:
    year = unit_at(day, "year", fiscal)
    whole = calendar.count(year.start, year.end)
    intervals: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")
    for interval in intervals:
        parts = buckets(year, interval, fiscal)
        assert sum(calendar.count(part.start, part.end) for part in parts) == whole, interval


@given(calendars(), dates, dates, dates)
def test_elapsed_grows_from_nothing_to_the_whole(calendar: Calendar, one: date, other: date, today: date) -> None:
    period = between(min(one, other), max(one, other) + timedelta(days=1))
    elapsed = calendar.elapsed(period, today)
    assert elapsed == sum(
        calendar.is_working_day(period.start + timedelta(days=n))
        for n in range(period.days)
        if period.start + timedelta(days=n) <= today
    )


def test_the_year_2026_in_france() -> None:
    calendar = Calendar(FRANCE_2026)
    # 261 weekdays less nine holidays on one: 15 August is a Saturday and 1 November a Sunday.
    assert calendar.count(date(2026, 1, 1), date(2027, 1, 1)) == 252
    assert calendar.count(date(2026, 5, 1), date(2026, 6, 1)) == 17
    assert not calendar.is_working_day(date(2026, 5, 14))
    assert calendar.is_working_day(date(2026, 5, 15))


def test_clock_changes_leap_days_and_week_53_are_days_like_others() -> None:
    calendar = Calendar()
    for sunday in (date(2026, 3, 29), date(2026, 10, 25)):
        assert not calendar.is_working_day(sunday)
        assert calendar.count(sunday - timedelta(days=6), sunday + timedelta(days=1)) == 5
        assert calendar.add(sunday, 1) == sunday + timedelta(days=1)
        assert calendar.add(sunday, -1) == sunday - timedelta(days=2)
    assert calendar.count(date(2028, 2, 1), date(2028, 3, 1)) == 21
    assert calendar.is_working_day(date(2028, 2, 29))
    week = parse("2026-W53", TODAY)
    assert Calendar(frozenset({date(2027, 1, 1)})).count(week.start, week.end) == 4


def test_elapsed_counts_today() -> None:
    calendar = Calendar(FRANCE_2026)
    november = parse("2026-11", TODAY)
    assert calendar.elapsed(november, date(2026, 10, 31)) == 0
    assert calendar.elapsed(november, date(2026, 11, 2)) == 1
    assert calendar.elapsed(november, TODAY) == 15
    assert calendar.elapsed(november, date(2026, 12, 24)) == 20


def test_add_nothing_leaves_the_day_even_on_a_day_off() -> None:
    assert Calendar().add(date(2026, 11, 22), 0) == date(2026, 11, 22)


def test_a_year_is_asked_once() -> None:
    asked: list[int] = []

    def holidays(year: int) -> frozenset[date]:
        asked.append(year)
        return frozenset({date(year, 5, 1), date(year + 1, 1, 1)})

    calendar = Calendar(holidays)
    for _ in range(3):
        calendar.count(date(2025, 12, 1), date(2026, 12, 1))
        calendar.is_working_day(date(2026, 5, 1))
    assert asked == [2025, 2026]
    # What a year says of another is not heard.
    assert calendar.is_working_day(date(2026, 1, 1))
    assert calendar.count(date(2025, 12, 29), date(2026, 1, 5)) == 5


@pytest.mark.parametrize("weekend", [range(7), {7}, {-1}])
def test_a_calendar_without_a_weekday_is_refused(weekend: set[int]) -> None:
    with pytest.raises(ValueError, match="never all of them"):
        Calendar(weekend=weekend)
