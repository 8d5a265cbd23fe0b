"""Periods: how they are written, cut and compared, on the days that go wrong elsewhere."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadran.metrics.periods import (
    Interval,
    Period,
    PeriodError,
    between,
    buckets,
    kind_of,
    label,
    parse,
    unit_at,
)

TODAY = date(2026, 11, 23)
INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")

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
    ("text", "start", "end", "kind"),
    [
        ("2026", "2026-01-01", "2027-01-01", "year"),
        ("2026-Q4", "2026-10-01", "2027-01-01", "quarter"),
        ("2026-11", "2026-11-01", "2026-12-01", "month"),
        ("2026-12", "2026-12-01", "2027-01-01", "month"),
        ("2028-02", "2028-02-01", "2028-03-01", "month"),
        ("2026-W47", "2026-11-16", "2026-11-23", "week"),
        ("2026-W53", "2026-12-28", "2027-01-04", "week"),
        ("2026-W01", "2025-12-29", "2026-01-05", "week"),
        ("2026-11-23", "2026-11-23", "2026-11-24", "day"),
        ("2028-02-29", "2028-02-29", "2028-03-01", "day"),
        ("2026-03-29", "2026-03-29", "2026-03-30", "day"),
        ("2026-10-25", "2026-10-25", "2026-10-26", "day"),
        ("2026-01-05/2026-01-19", "2026-01-05", "2026-01-19", "custom"),
        ("2026-03-01/2026-04-01", "2026-03-01", "2026-04-01", "month"),
        ("today", "2026-11-23", "2026-11-24", "day"),
        ("yesterday", "2026-11-22", "2026-11-23", "day"),
        ("tomorrow", "2026-11-24", "2026-11-25", "day"),
        ("this-week", "2026-11-23", "2026-11-30", "week"),
        ("last-week", "2026-11-16", "2026-11-23", "week"),
        ("next-week", "2026-11-30", "2026-12-07", "week"),
        ("this-month", "2026-11-01", "2026-12-01", "month"),
        ("last-month", "2026-10-01", "2026-11-01", "month"),
        ("next-month", "2026-12-01", "2027-01-01", "month"),
        ("this-quarter", "2026-10-01", "2027-01-01", "quarter"),
        ("last-quarter", "2026-07-01", "2026-10-01", "quarter"),
        ("next-quarter", "2027-01-01", "2027-04-01", "quarter"),
        ("this-year", "2026-01-01", "2027-01-01", "year"),
        ("last-year", "2025-01-01", "2026-01-01", "year"),
        ("next-year", "2027-01-01", "2028-01-01", "year"),
        ("week-to-date", "2026-11-23", "2026-11-24", "day"),
        ("month-to-date", "2026-11-01", "2026-11-24", "custom"),
        ("quarter-to-date", "2026-10-01", "2026-11-24", "custom"),
        ("year-to-date", "2026-01-01", "2026-11-24", "custom"),
        ("last-30-days", "2026-10-25", "2026-11-24", "custom"),
        ("last-1-days", "2026-11-23", "2026-11-24", "day"),
        ("last-12-months", "2025-12-01", "2026-12-01", "custom"),
        ("last-24-months", "2024-12-01", "2026-12-01", "custom"),
    ],
)
def test_spellings(text: str, start: str, end: str, kind: str) -> None:
    assert parse(text, TODAY) == Period(*span(start, end), kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2025-07-01", "2026-07-01"),
        ("2026-Q1", "2025-07-01", "2025-10-01"),
        ("2026-Q4", "2026-04-01", "2026-07-01"),
        ("this-year", "2026-07-01", "2027-07-01"),
        ("last-year", "2025-07-01", "2026-07-01"),
        ("this-quarter", "2026-10-01", "2027-01-01"),
        ("year-to-date", "2026-07-01", "2026-11-24"),
        ("2026-11", "2026-11-01", "2026-12-01"),
    ],
)
def test_a_fiscal_year_from_july_is_named_after_the_year_it_ends_in(text: str, start: str, end: str) -> None:
    found = parse(text, TODAY, 7)
    assert (found.start, found.end) == span(start, end)


def test_fiscal_quarters_need_not_be_calendar_ones() -> None:
    assert parse("2026-Q4", TODAY, 2) == Period(date(2025, 11, 1), date(2026, 2, 1), "quarter")
    assert parse("this-quarter", TODAY, 2) == Period(date(2026, 11, 1), date(2027, 2, 1), "quarter")
    assert label(parse("this-quarter", TODAY, 2), 2) == "2027-Q4"
    assert kind_of(date(2026, 1, 1), date(2026, 4, 1), 2) == "custom"
    assert kind_of(date(2026, 1, 1), date(2027, 1, 1), 4) == "custom"
    assert kind_of(date(2026, 4, 1), date(2027, 4, 1), 4) == "year"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2026-13",
            "2026-00",
            "2026-Q5",
            "2026-Q0",
            "2026-W00",
            "2025-W53",
            "2026-W54",
            "2026-02-29",
            "2026-11-31",
        ),
        *("1899", "2200", "1899-12", "2200-01-01", "0000", "0001-01-01", "9999-12-31", "2199-12-31/2200-01-02"),
        *(
            "26-11",
            "2026-1",
            "2026-q4",
            "2026_11",
            "2026-11 ",
            "2026-11\n",
            " 2026",
            "٢٠٢٦-١١",
            "2026-11\x00",
            "\ud800",
        ),
        *(
            "this-day",
            "last-0-days",
            "last-99999-days",
            "last-9999-months",
            "next-3-days",
            "ce-mois",
            "month",
            "/",
            "a/b",
        ),
        *("2026-03-01/2026-03-01", "2026-03-02/2026-03-01", "2026-01-01/2026-02-01/2026-03-01", "x" * 10_000),
    ],
)
def test_anything_else_is_refused_with_the_accepted_spellings(text: str) -> None:
    with pytest.raises(PeriodError, match=r"2026-Q4 .*last-N-days") as refused:
        parse(text, TODAY)
    assert len(str(refused.value)) < 700
    str(refused.value).encode()


@given(st.text(max_size=30))
def test_no_text_raises_anything_but_a_period_error(text: str) -> None:
    try:
        parse(text, TODAY)
    except PeriodError:
        return
    assert parse(text, TODAY).days > 0


def test_fiscal_years_are_bounded_too() -> None:
    with pytest.raises(PeriodError, match="1900 to 2199"):
        parse("1900", TODAY, 4)
    assert parse("1900", TODAY).start == date(1900, 1, 1)
    assert parse("2199", TODAY).end == date(2200, 1, 1)
    for month in (0, 13, -1):
        with pytest.raises(PeriodError, match="1 to 12"):
            parse("2026", TODAY, month)


def test_between_recognises_whole_units() -> None:
    assert between(date(2026, 3, 1), date(2026, 4, 1)).kind == "month"
    assert between(date(2026, 1, 1), date(2026, 4, 1)).kind == "quarter"
    assert between(date(2026, 2, 1), date(2026, 5, 1)).kind == "custom"
    assert between(date(2026, 12, 28), date(2027, 1, 4)).kind == "week"
    assert between(date(2026, 12, 29), date(2027, 1, 5)).kind == "custom"
    for end in (date(2026, 3, 1), date(2026, 2, 1)):
        with pytest.raises(PeriodError, match="must be after"):
            between(date(2026, 3, 1), end)
    with pytest.raises(PeriodError, match="1900 to 2199"):
        between(date(1899, 12, 31), date(2026, 1, 1))


def test_a_period_is_half_open() -> None:
    march = parse("2026-03", TODAY)
    assert date(2026, 3, 1) in march
    assert march.last in march
    assert march.last == date(2026, 3, 31)
    assert march.end not in march
    assert march.days == 31
    with pytest.raises(PeriodError):
        Period(date(2026, 3, 2), date(2026, 3, 1))


@given(days, intervals, months)
def test_a_label_reads_back_as_the_same_unit(day: date, interval: Interval, fiscal: int) -> None:
    unit = unit_at(day, interval, fiscal)
    assert day in unit
    assert unit.kind == interval == kind_of(unit.start, unit.end, fiscal)
    assert parse(label(unit, fiscal), TODAY, fiscal) == unit


@given(spans(), months)
def test_a_label_reads_back_as_the_same_dates(dates: tuple[date, date], fiscal: int) -> None:
    period = between(*dates, fiscal)
    assert parse(label(period, fiscal), TODAY, fiscal) == period


@given(days, months)
def test_four_quarters_and_twelve_months_make_the_fiscal_year_named_after_its_last_day(day: date, fiscal: int) -> None:
    year = unit_at(day, "year", fiscal)
    name = label(year, fiscal)
    assert name == f"{year.last.year}"
    assert [label(part, fiscal) for part in buckets(year, "quarter", fiscal)] == [f"{name}-Q{n}" for n in range(1, 5)]
    assert len(buckets(year, "month", fiscal)) == 12


@given(spans(), intervals, months)
def test_buckets_partition_the_period(dates: tuple[date, date], interval: Interval, fiscal: int) -> None:
    period = between(*dates, fiscal)
    parts = buckets(period, interval, fiscal)
    assert parts[0].start == period.start
    assert parts[-1].end == period.end
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert sum(part.days for part in parts) == period.days
    for part in parts:
        assert part.kind == kind_of(part.start, part.end, fiscal)
        unit = unit_at(part.start, interval, fiscal)
        assert part.start == max(unit.start, period.start)
        assert part.end == min(unit.end, period.end)
    assert all(part.kind == interval for part in parts[1:-1])


def test_buckets_on_the_days_that_go_wrong_elsewhere() -> None:
    week = buckets(parse("2026-W53", TODAY), "day")
    assert [part.start.isoformat() for part in week] == [
        "2026-12-28",
        "2026-12-29",
        "2026-12-30",
        "2026-12-31",
        "2027-01-01",
        "2027-01-02",
        "2027-01-03",
    ]
    for month, length in (("2026-03", 31), ("2026-10", 31), ("2026-02", 28), ("2028-02", 29)):
        assert len(buckets(parse(month, TODAY), "day")) == length
    assert [label(part) for part in buckets(parse("2026", TODAY), "quarter")] == [
        "2026-Q1",
        "2026-Q2",
        "2026-Q3",
        "2026-Q4",
    ]
    weeks = buckets(parse("2026", TODAY), "week")
    assert len(weeks) == 53
    assert (weeks[0].days, weeks[0].kind, weeks[-1].days) == (4, "custom", 4)


def test_buckets_are_bounded() -> None:
    start = date(2000, 1, 1)
    assert len(buckets(between(start, start + timedelta(days=4000)), "day")) == 4000
    with pytest.raises(PeriodError, match="longer interval"):
        buckets(between(start, start + timedelta(days=4001)), "day")
    with pytest.raises(PeriodError, match="day, week, month"):
        buckets(parse("2026", TODAY), "decade")  # type: ignore[arg-type]
    assert buckets(Period(start, start), "day") == []
