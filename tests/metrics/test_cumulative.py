"""Running totals: the last actual is the value, the last expected the target, weekends are told on Monday."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.cumulative import Amounts, cumulative
from cadran.metrics.facts import QualityCell
from cadran.metrics.kpi import Context, sums
from cadran.metrics.periods import Interval, Period, buckets, parse
from cadran.metrics.workdays import Calendar

CALENDAR = Calendar(frozenset({date(2026, 11, 11)}))
NOVEMBER = parse("2026-11", date(2026, 11, 23))
LAST_YEAR = parse("2025-11", date(2026, 11, 23))
TODAY = date(2026, 11, 23)
D = Decimal


def amounts(period: Period, interval: Interval, given: dict[date, str]) -> Amounts:
    return [
        (window, sum((D(value) for day, value in given.items() if day in window), D(0)))
        for window in buckets(period, interval)
    ]


def test_a_month_by_working_days() -> None:
    sales = amounts(NOVEMBER, "day", {date(2026, 11, 2): "100", date(2026, 11, 7): "50", date(2026, 11, 23): "250"})
    before = amounts(LAST_YEAR, "day", {date(2025, 11, 3): "70", date(2025, 11, 28): "30"})
    line = cumulative(NOVEMBER, sales, before, D(1000), TODAY, CALENDAR)
    assert len(line.days) == 20  # 21 weekdays, one of them a holiday
    assert all(CALENDAR.is_working_day(day) for day in line.days)
    at = dict(zip(line.days, line.actual, strict=True))
    assert at[date(2026, 11, 6)] == 100
    assert at[date(2026, 11, 9)] == 150  # Saturday's invoice shows on Monday
    assert at[TODAY] == 400
    assert at[date(2026, 11, 24)] is None
    expected = dict(zip(line.days, line.expected, strict=True))
    assert expected[TODAY] == 750  # 15 of 20 working days
    assert line.expected[-1] == 1000
    landing = dict(zip(line.days, line.landing, strict=True))
    assert landing[date(2026, 11, 20)] is None
    assert landing[TODAY] == 400
    assert landing[date(2026, 11, 30)] == D("533.33")
    assert line.previous_year[0] == 70
    assert line.previous_year[-1] == 100


def test_a_weekend_that_runs_is_shown() -> None:
    sunday = date(2026, 11, 22)
    sales = amounts(NOVEMBER, "day", {date(2026, 11, 21): "10"})
    line = cumulative(NOVEMBER, sales, [], None, sunday, CALENDAR)
    assert dict(zip(line.days, line.actual, strict=True))[sunday] == 10
    assert set(line.expected) == {None}
    assert set(line.previous_year) == {None}


def test_no_landing_before_the_third_working_day_nor_once_it_is_over() -> None:
    sales = amounts(NOVEMBER, "day", {date(2026, 11, 2): "100"})
    assert set(cumulative(NOVEMBER, sales, [], None, date(2026, 11, 3), CALENDAR).landing) == {None}
    assert set(cumulative(NOVEMBER, sales, [], None, date(2026, 12, 3), CALENDAR).landing) == {None}
    assert cumulative(NOVEMBER, sales, [], None, date(2026, 11, 4), CALENDAR).landing[-1] == D("666.67")


def test_the_bucket_that_runs_expects_what_today_does() -> None:
    quarter = parse("2026-Q4", TODAY)
    weeks = amounts(quarter, "week", {date(2026, 10, 5): "10", TODAY: "5"})
    before = amounts(parse("2025-Q4", TODAY), "week", {date(2025, 12, 31): "9"})
    line = cumulative(quarter, weeks, before, D(650), TODAY, CALENDAR)
    place = line.days.index(TODAY)
    whole = CALENDAR.count(quarter.start, quarter.end)
    assert line.actual[place] == 15
    assert line.expected[place] == (D(650) * CALENDAR.elapsed(quarter, TODAY) / whole).quantize(D("0.01"))
    assert line.previous_year[-1] == 9


@given(
    st.dictionaries(st.integers(0, 29), st.decimals(-1000, 1000, places=2), max_size=12),
    st.integers(0, 29),
)
def test_the_last_actual_is_the_sum_to_date(values: dict[int, Decimal], today: int) -> None:
    sales = amounts(NOVEMBER, "day", {NOVEMBER.start + timedelta(days=n): str(value) for n, value in values.items()})
    line = cumulative(NOVEMBER, sales, sales, D(100), NOVEMBER.start + timedelta(days=today), CALENDAR)
    known = [value for value in line.actual if value is not None]
    assert (known[-1] if known else 0) == sum((value for n, value in values.items() if n <= today), D(0))
    assert line.previous_year[-1] == sum(values.values(), D(0))


def test_fields_are_filled_by_weight() -> None:
    cells = [QualityCell(weight=3, missing=("email",)), QualityCell(), QualityCell(missing=("email", "phone"))]
    context = Context(day=date(2026, 11, 23), period=Period(date(2026, 11, 1), date(2026, 12, 1)))
    found = sums(BY_NAME["contact_completeness"], cells, context)
    assert (found["filled_email"], found["filled_phone"], found["weight"]) == (1, 4, 5)
