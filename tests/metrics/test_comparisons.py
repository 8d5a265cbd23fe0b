"""What a period is compared with."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadran.metrics.periods import (
    Interval,
    Period,
    between,
    comparison,
    parse,
    previous,
    previous_year,
    unit_at,
)
from cadran.metrics.workdays import Calendar

TODAY = date(2026, 11, 23)
INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")
FRANCE_2026 = frozenset(
    {date(2026, 1, 1), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25)}
    | {date(2026, 7, 14), date(2026, 11, 11), date(2026, 12, 25)}
)

days = st.dates(date(1901, 1, 1), date(2198, 12, 31))
months = st.integers(1, 12)
intervals = st.sampled_from(INTERVALS)


@st.composite
def spans(draw: st.DrawFn, longest: int = 3000) -> tuple[date, date]:
    start = draw(days)
    return start, min(start + timedelta(days=draw(st.integers(1, longest))), date(2200, 1, 1))


def span(start: str, end: str) -> tuple[date, date]:
    return date.fromisoformat(start), date.fromisoformat(end)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026-03-01/2026-04-01", "2026-02"),
        ("2026-01", "2025-12"),
        ("2028-03", "2028-02"),
        ("2026-Q1", "2025-Q4"),
        ("2026", "2025"),
        ("2027-W01", "2026-W53"),
        ("2026-W53", "2026-W52"),
        ("2028-03-01", "2028-02-29"),
        ("2026-03-30", "2026-03-29"),
        ("2026-01-05/2026-01-19", "2025-12-22/2026-01-05"),
        ("2013-05-30/2013-08-30", "2013-02-27/2013-05-30"),
    ],
)
def test_previous(text: str, before: str) -> None:
    assert previous(parse(text, TODAY)) == parse(before, TODAY)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026-03", "2025-03"),
        ("2028-02", "2027-02"),
        ("2029-02", "2028-02"),
        ("2026-Q4", "2025-Q4"),
        ("2026", "2025"),
        ("2028-02-29", "2027-02-28"),
        ("2028-02-28", "2027-02-28"),
        ("2029-02-28", "2028-02-28"),
        ("2026-01-05/2026-01-19", "2025-01-05/2025-01-19"),
        ("2028-02-10/2028-02-29", "2027-02-10/2027-03-01"),
        ("2028-02-10/2028-03-01", "2027-02-10/2027-03-01"),
        ("2026-W47", "2025-11-16/2025-11-23"),
        ("2024-12-01/2026-12-01", "2023-12-01/2025-12-01"),
    ],
)
def test_previous_year(text: str, before: str) -> None:
    assert previous_year(parse(text, TODAY)) == parse(before, TODAY)


@given(days, intervals, months)
def test_previous_unit_is_the_one_that_ends_where_this_one_starts(day: date, interval: Interval, fiscal: int) -> None:
    unit = unit_at(day, interval, fiscal)
    before = previous(unit)
    assert before.end == unit.start
    assert before == unit_at(unit.start - timedelta(days=1), interval, fiscal)


@given(spans())
def test_previous_of_other_dates_has_as_many_days(dates: tuple[date, date]) -> None:
    period = Period(*dates)
    assert previous(period).end == period.start
    assert previous(period).days == period.days


@given(spans())
def test_previous_year_keeps_first_and_last_day_and_never_inverts(dates: tuple[date, date]) -> None:
    period = between(*dates)
    before = previous_year(period)
    assert before.days > 0
    assert abs(before.days - period.days) <= 1
    assert (before.start.year, before.start.month) == (period.start.year - 1, period.start.month)
    assert (before.last.year, before.last.month) == (period.last.year - 1, period.last.month)
    assert before.start.day == (28 if (period.start.month, period.start.day) == (2, 29) else period.start.day)


def test_a_finished_period_is_compared_with_the_whole_unit() -> None:
    calendar = Calendar(FRANCE_2026)
    march = parse("2026-03", TODAY)
    assert comparison(march, "previous", TODAY, calendar.is_working_day) == parse("2026-02", TODAY)
    assert comparison(march, "previous_year", TODAY, calendar.is_working_day) == parse("2025-03", TODAY)
    assert comparison(march, "previous", date(2026, 2, 27), calendar.is_working_day) == parse("2026-02", TODAY)


@pytest.mark.parametrize(
    ("period", "kind", "today", "expected"),
    [
        # Monday 23 November is the 15th working day of its month (11 November is off); October's 15th is Wednesday 21.
        ("2026-11", "previous", "2026-11-23", "2026-10-01/2026-10-22"),
        # The same 15 working days from Saturday 1 November 2025, where 11 November is worked in this calendar.
        ("2026-11", "previous_year", "2026-11-23", "2025-11-01/2025-11-22"),
        # Sunday 22 November: 14 working days, the 14th of October is Tuesday 20, no day off follows it.
        ("2026-11", "previous", "2026-11-22", "2026-10-01/2026-10-21"),
        # Saturday 13 June: ten working days; May's 10th (off on the 1st, 8th and 14th) is Tuesday 19.
        ("2026-06", "previous", "2026-06-13", "2026-05-01/2026-05-20"),
        # A Saturday against a Friday reached: one day off comes along, a Sunday takes both.
        ("2026-W47", "previous", "2026-11-21", "2026-11-09/2026-11-16"),
        ("2026-W43", "previous", "2026-10-24", "2026-10-12/2026-10-18"),
        ("2026-W43", "previous", "2026-10-25", "2026-W42"),
        # More working days elapsed than the compared month has: the whole of it, never more.
        ("2026-03", "previous", "2026-03-31", "2026-02"),
        ("2026-11-23", "previous", "2026-11-23", "2026-11-22"),
    ],
)
def test_a_running_period_is_compared_over_as_many_working_days(
    period: str, kind: str, today: str, expected: str
) -> None:
    calendar = Calendar(FRANCE_2026)
    now = date.fromisoformat(today)
    window = comparison(parse(period, now), kind, now, calendar.is_working_day)  # type: ignore[arg-type]
    assert (window.start, window.end) == (parse(expected, now).start, parse(expected, now).end)


def test_nothing_elapsed_is_compared_with_nothing() -> None:
    calendar = Calendar(FRANCE_2026)
    # 1 January is off and 1 December a Tuesday; on Sunday 1 November only days off have gone by.
    january = parse("2026-01", TODAY)
    window = comparison(january, "previous", date(2026, 1, 1), calendar.is_working_day)
    assert (window.start, window.days) == (date(2025, 12, 1), 0)
    # Saturday 1 August against July 2026, which opens on a Wednesday; against 2025, where 1 August is a Friday.
    assert comparison(parse("2026-08", TODAY), "previous", date(2026, 8, 2), calendar.is_working_day).days == 0
    # Sunday 1 November 2026 against Saturday 1 November 2025: a day off against a day off.
    november = parse("2026-11", TODAY)
    found = comparison(november, "previous_year", date(2026, 11, 1), calendar.is_working_day)
    assert (found.start, found.end) == span("2025-11-01", "2025-11-02")


@given(spans(400), st.data(), st.sampled_from(["previous", "previous_year"]), st.frozensets(days, max_size=50))
def test_the_window_of_a_running_period_holds_the_same_working_days(
    dates: tuple[date, date], data: st.DataObject, kind: str, off: frozenset[date]
) -> None:
    period = between(*dates)
    today = data.draw(st.dates(period.start, period.last))
    calendar = Calendar(off)
    whole = previous(period) if kind == "previous" else previous_year(period)
    window = comparison(period, kind, today, calendar.is_working_day)  # type: ignore[arg-type]
    assert window.start == whole.start
    assert window.end <= whole.end
    worked = calendar.count(window.start, window.end)
    assert worked == min(calendar.elapsed(period, today), calendar.count(whole.start, whole.end))
    if calendar.is_working_day(today) and window.end < whole.end:
        assert calendar.is_working_day(window.last)
