"""Targets: where they come from, how they are spread, and what they warn of."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadran.metrics.pace import PACE_REASONS, Pace, pace
from cadran.metrics.periods import Interval, Period, between, buckets, parse
from cadran.metrics.targets import (
    COMPANY,
    Organisation,
    Scope,
    Target,
    TargetBook,
    TargetWarning,
    ratio_target,
    resolve,
    tiling,
)
from cadran.metrics.workdays import Calendar

TODAY = date(2026, 11, 23)
KPI = "ordered_amount"


def scope(kind: str, number: int) -> Scope:
    return Scope(kind, UUID(int=number))  # type: ignore[arg-type]


ANNE, BRUNO, CHLOE, DENIS, ELSA = (scope("rep", number) for number in range(1, 6))
NORTH, SOUTH, LONE, EMPTY = (scope("team", number) for number in range(11, 15))
UNIT, SHELL = (scope("business_unit", number) for number in range(21, 23))


def ids(*scopes: Scope) -> tuple[UUID, ...]:
    return tuple(each.id for each in scopes if each.id)


# One unit of two teams, a unit of an empty team, a team of no unit, and a rep of no team.
HOUSE = Organisation(
    teams_of_unit={UNIT.id: ids(NORTH, SOUTH), SHELL.id: ids(EMPTY), None: ids(LONE)},
    reps_of_team={NORTH.id: ids(ANNE, BRUNO), SOUTH.id: ids(CHLOE), LONE.id: ids(DENIS), None: ids(ELSA)},
)


def on(text: str, fiscal: int = 1) -> Period:
    return parse(text, TODAY, fiscal)


def target(who: Scope, when: str | Period, value: str | int, kpi: str = KPI) -> Target:
    return Target(kpi, who, on(when) if isinstance(when, str) else when, Decimal(value))


def book(*targets: Target, **given: Any) -> TargetBook:
    return TargetBook(targets, **{"organisation": HOUSE, **given})


def test_nothing_set_is_no_target() -> None:
    found = resolve(book(), KPI, COMPANY, on("2026-11"))
    assert (found.value, found.origin, found.sources, found.warnings) == (None, None, (), ())
    other = book(target(ANNE, "2026-11", 5, "order_count"), target(BRUNO, "2026-11", 5), target(ANNE, "2026-12", 5))
    assert resolve(other, KPI, ANNE, on("2026-11")).value is None


def test_a_target_of_zero_is_a_target() -> None:
    found = resolve(book(target(ANNE, "2026-11", 0), target(ANNE, "2026", 1200)), KPI, ANNE, on("2026-11"))
    assert (found.value, found.origin) == (Decimal(0), "explicit")


def test_explicit_wins_whatever_the_kind_its_dates_were_given_with() -> None:
    month = Period(date(2026, 11, 1), date(2026, 12, 1))
    set_so = target(ANNE, month, "123.456789")
    found = resolve(book(target(ANNE, "2026", 1200), set_so), KPI, ANNE, on("2026-11"))
    assert (found.value, found.origin, found.sources) == (Decimal("123.456789"), "explicit", (set_so,))


def test_finer_targets_that_cover_the_period_are_summed() -> None:
    finer = [target(ANNE, f"2026-{month:02}", month) for month in (10, 11, 12)]
    found = resolve(book(*finer, target(ANNE, "2026", 999)), KPI, ANNE, on("2026-Q4"))
    assert (found.value, found.origin, found.sources) == (Decimal(33), "sum_of_finer", tuple(finer))


def test_finer_targets_with_a_hole_leave_it_to_the_coarser_one() -> None:
    holed = [target(ANNE, "2026-10", 10), target(ANNE, "2026-12", 12)]
    assert resolve(book(*holed), KPI, ANNE, on("2026-Q4")).value is None
    year = target(ANNE, "2026", 261)
    found = resolve(book(*holed, year), KPI, ANNE, on("2026-Q4"))
    # 261 weekdays in 2026, 66 in its last quarter.
    assert (found.value, found.origin, found.sources) == (Decimal(66), "spread", (year,))


def test_quota_periods_that_follow_no_calendar_tile_too() -> None:
    quotas = [
        target(ANNE, "2013-02-28/2013-05-30", 58000),
        target(ANNE, "2013-05-30/2013-08-30", 263000),
        target(ANNE, "2013-08-30/2013-11-30", 116000),
    ]
    given = book(*quotas)
    assert resolve(given, KPI, ANNE, on("2013-05-30/2013-08-30")).origin == "explicit"
    found = resolve(given, KPI, ANNE, on("2013-02-28/2013-11-30"))
    assert (found.value, found.origin) == (Decimal(437000), "sum_of_finer")
    assert resolve(given, KPI, ANNE, on("2013-06")).origin == "spread"
    # A calendar quarter lies across two of them: neither finer nor coarser, hence no target.
    assert resolve(given, KPI, ANNE, on("2013-Q3")).value is None


def test_the_longest_tiles_are_taken_first_and_dead_ends_left() -> None:
    quarter, spring = target(ANNE, "2026-Q1", 1), target(ANNE, "2026-01-01/2026-03-20", 2)
    months = [target(ANNE, f"2026-{month:02}", month) for month in range(1, 7)]
    assert tiling([*months, spring, quarter], on("2026-01-01/2026-07-01")) == (quarter, *months[3:])
    assert tiling([*months[:2], spring], on("2026-Q1")) == ()
    assert tiling([spring, *months[:3]], on("2026-Q1")) == tuple(months[:3])


def test_the_shortest_coarser_target_is_spread() -> None:
    given = book(target(ANNE, "2026", 26100), target(ANNE, "2026-Q4", 660))
    assert resolve(given, KPI, ANNE, on("2026-11")).value == Decimal(210)  # 21 of 66 weekdays
    assert resolve(given, KPI, ANNE, on("2026-09")).value == Decimal(2200)  # 22 of 261


def test_working_days_leave_holidays_out() -> None:
    calendar = Calendar(frozenset({date(2026, 11, 11)}))
    found = resolve(book(target(ANNE, "2026-Q4", 650), calendar=calendar), KPI, ANNE, on("2026-11"))
    assert found.value == Decimal(200)


def test_monthly_weights_go_by_fiscal_month_and_by_working_days_within() -> None:
    weights = [Decimal(each) for each in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 34)]
    year = target(ANNE, on("2026", 7), 100_000)
    given = book(year, weights=weights, fiscal_start_month=7)
    assert resolve(given, KPI, ANNE, on("2025-07")).value == Decimal(1000)
    assert resolve(given, KPI, ANNE, on("2026-06")).value == Decimal(34000)
    assert resolve(given, KPI, ANNE, on("2026-Q1", 7)).value == Decimal(6000)
    # June 2026 has 22 weekdays, 11 of them before the 16th.
    assert resolve(given, KPI, ANNE, on("2026-06-01/2026-06-16")).value == Decimal(17000)
    # Within a quarter only its own months weigh: April, May, June weigh 10, 11, 34.
    quarter = book(target(ANNE, on("2026-Q4", 7), 55), weights=weights, fiscal_start_month=7)
    assert resolve(quarter, KPI, ANNE, on("2026-05")).value == Decimal(11)


def test_a_target_on_days_off_only_is_spread_by_days() -> None:
    weekend = target(ANNE, "2026-11-21/2026-11-23", 10)
    assert resolve(book(weekend), KPI, ANNE, on("2026-11-22")).value == Decimal(5)
    idle = book(target(ANNE, "2026-Q4", 66), weights=[Decimal(0)] * 12)
    assert resolve(idle, KPI, ANNE, on("2026-11")).value == Decimal(21)


@pytest.mark.parametrize("weights", [[], [Decimal(1)] * 11, [Decimal(1)] * 11 + [Decimal(-1)]])
def test_other_weights_are_refused(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="twelve figures"):
        book(weights=weights)


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
weightings = st.none() | st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=12, max_size=12)
holidays = st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=40)


@given(
    amounts,
    weightings,
    holidays,
    st.integers(1, 12),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(1, 366),
    st.sets(st.integers(1, 365), max_size=12),
)
def test_the_shares_of_any_partition_add_up_to_the_target(
    value: Decimal,
    weights: list[Decimal] | None,
    off: frozenset[date],
    fiscal: int,
    start: date,
    length: int,
    cuts: set[int],
) -> None:
    period = between(start, start + timedelta(days=length))
    given = book(target(ANNE, period, 0), weights=weights, calendar=Calendar(off), fiscal_start_month=fiscal)
    whole = Target(KPI, ANNE, period, value)
    edges = [0, *sorted(cut for cut in cuts if cut < length), length]
    parts = [
        given.share(whole, Period(start + timedelta(days=one), start + timedelta(days=other)))
        for one, other in pairwise(edges)
    ]
    assert sum(shown for shown, _ in parts) == value
    assert sum(exact for _, exact in parts) == value
    assert all(abs(shown - Decimal(float(exact))) < Decimal("0.02") for shown, exact in parts)


@settings(max_examples=30)  # each one resolves some 430 periods
@given(amounts, weightings, holidays, st.integers(1, 12))
def test_days_months_and_quarters_add_up_to_the_fiscal_year(
    value: Decimal, weights: list[Decimal] | None, off: frozenset[date], fiscal: int
) -> None:
    year = on("2027", fiscal)
    given = book(target(ANNE, year, 0), Target(KPI, BRUNO, year, value), weights=weights, calendar=Calendar(off))
    intervals: tuple[Interval, ...] = ("day", "week", "month", "quarter")
    for interval in intervals:
        shares = [resolve(given, KPI, BRUNO, part) for part in buckets(year, interval, fiscal)]
        assert {share.origin for share in shares} == {"spread"}
        assert sum(share.value for share in shares if share.value is not None) == value


def test_a_group_without_its_own_is_the_sum_of_its_members() -> None:
    reps = [target(who, "2026-11", 100) for who in (ANNE, BRUNO, CHLOE, DENIS, ELSA)]
    found = resolve(book(*reps), KPI, COMPANY, on("2026-11"))
    assert (found.value, found.origin, found.warnings, found.missing) == (Decimal(500), "members", (), frozenset())
    assert set(found.sources) == set(reps)
    assert resolve(book(*reps), KPI, UNIT, on("2026-11")).value == Decimal(300)
    assert resolve(book(*reps), KPI, NORTH, on("2026-11")).value == Decimal(200)
    assert resolve(book(*reps), KPI, SHELL, on("2026-11")).value is None


def test_its_own_spread_comes_before_the_sum_of_members() -> None:
    given = book(target(NORTH, "2026-Q4", 660), target(ANNE, "2026-11", 110), target(BRUNO, "2026-11", 100))
    found = resolve(given, KPI, NORTH, on("2026-11"))
    assert (found.value, found.origin, found.warnings) == (Decimal(210), "spread", ())


def test_members_without_a_target_are_counted_never_passed_over() -> None:
    given = book(target(ANNE, "2026-11", 100), target(SOUTH, "2026-11", 70))
    found = resolve(given, KPI, COMPANY, on("2026-11"))
    assert (found.value, found.origin) == (Decimal(170), "members")
    # The unit has something; the lone team and the rep of no team have nothing; the empty unit is nobody.
    assert found.warnings == (
        TargetWarning("members_without_target", COMPANY, missing=2, members=3),
        TargetWarning("members_without_target", NORTH, missing=1, members=2),
    )
    assert found.missing == {BRUNO, LONE, ELSA}


def test_a_parent_unequal_to_its_members_is_said() -> None:
    given = book(target(NORTH, "2026-11", 250), target(ANNE, "2026-11", 100), target(BRUNO, "2026-11", "100.01"))
    found = resolve(given, KPI, NORTH, on("2026-11"))
    assert (found.value, found.origin) == (Decimal(250), "explicit")
    assert found.warnings == (TargetWarning("parent_differs", NORTH, whole=Decimal("250.00"), parts=Decimal("200.01")),)
    # And it is said to whoever sums that team.
    unit = resolve(book(*given.targets, target(CHLOE, "2026-11", 5)), KPI, UNIT, on("2026-11"))
    assert unit.value == Decimal(255)
    assert unit.warnings == found.warnings


def test_a_parent_is_not_compared_with_members_of_whom_one_has_none() -> None:
    given = book(target(UNIT, "2026-11", 250), target(ANNE, "2026-11", 100), target(SOUTH, "2026-11", 10))
    assert resolve(given, KPI, UNIT, on("2026-11")).warnings == ()


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=2), st.sampled_from(["2026-02", "2026-W07", "2026-03-29"]))
def test_rounding_alone_makes_no_parent_differ(cents: list[int], when: str) -> None:
    one, other = (Decimal(each) / 100 for each in cents)
    years = [
        Target(KPI, who, on("2026"), amount) for who, amount in ((ANNE, one), (BRUNO, other), (NORTH, one + other))
    ]
    assert resolve(book(*years), KPI, NORTH, on(when)).warnings == ()
    years[2] = Target(KPI, NORTH, on("2026"), one + other + 10_000)
    weighty = any(resolve(book(*years), KPI, NORTH, on(when)).warnings)
    assert weighty == (when != "2026-03-29")  # a Sunday is nobody's working day


def test_a_target_unequal_to_those_of_its_shorter_periods_is_said() -> None:
    months = [target(ANNE, f"2026-{month:02}", 100) for month in (10, 11, 12)]
    assert resolve(book(*months, target(ANNE, "2026-Q4", 300)), KPI, ANNE, on("2026-Q4")).warnings == ()
    found = resolve(book(*months, target(ANNE, "2026-Q4", 360)), KPI, ANNE, on("2026-Q4"))
    assert found.value == Decimal(360)
    assert found.warnings == (TargetWarning("parts_differ", ANNE, whole=Decimal(360), parts=Decimal(300)),)


def test_a_stock_sums_over_scopes_and_lasts_over_time() -> None:
    months = [target(ANNE, f"2026-{month:02}", month) for month in (10, 11, 12)]
    given = book(*months, target(BRUNO, "2026", 500))
    quarter = resolve(given, KPI, ANNE, on("2026-Q4"), flow=False)
    assert (quarter.value, quarter.origin, quarter.sources) == (Decimal(12), "last_of_finer", (months[2],))
    held = resolve(given, KPI, BRUNO, on("2026-11"), flow=False)
    assert (held.value, held.origin) == (Decimal(500), "held")
    team = resolve(given, KPI, NORTH, on("2026-11"), flow=False)
    assert (team.value, team.origin) == (Decimal(511), "members")


@given(
    st.lists(st.integers(0, 10**6), min_size=5, max_size=5),
    st.sampled_from(["2026-11", "2026-Q4", "2026-W53", "2026", "2026-10-25", "2026-02-03/2026-08-19"]),
)
def test_reps_add_up_to_teams_and_the_company(values: list[int], when: str) -> None:
    reps = (ANNE, BRUNO, CHLOE, DENIS, ELSA)
    wide = Period(date(2026, 1, 1), date(2027, 2, 1))
    given = book(*(Target(KPI, who, wide, Decimal(value)) for who, value in zip(reps, values, strict=True)))

    def value(who: Scope) -> Decimal:
        found = resolve(given, KPI, who, on(when)).value
        assert found is not None
        return found

    assert value(COMPANY) == sum(map(value, reps))
    assert value(COMPANY) == value(UNIT) + value(LONE) + value(ELSA)
    assert value(UNIT) == value(NORTH) + value(SOUTH)


def basket(given: TargetBook, who: Scope, when: str) -> Any:
    return ratio_target(given, "average_basket", KPI, "order_count", who, on(when))


def test_the_target_of_a_ratio_is_explicit_or_a_quotient_of_sums() -> None:
    parts = [
        target(ANNE, "2026-11", 1000),
        target(BRUNO, "2026-11", 100),
        target(ANNE, "2026-11", 2, "order_count"),
        target(BRUNO, "2026-11", 1, "order_count"),
    ]
    found = basket(book(*parts), NORTH, "2026-11")
    # 1100 ÷ 3, not the mean of 500 and 100.
    assert (found.value, found.origin) == (Decimal("366.67"), "quotient")
    assert set(found.sources) == set(parts)
    explicit = basket(book(*parts, target(NORTH, "2026-11", 400, "average_basket")), NORTH, "2026-11")
    assert (explicit.value, explicit.origin) == (Decimal(400), "explicit")


def test_a_ratio_is_never_spread_summed_nor_averaged() -> None:
    given = book(
        target(ANNE, "2026", 400, "average_basket"),
        target(ANNE, "2026-Q4", 400, "average_basket"),
        target(BRUNO, "2026-Q4", 300, "average_basket"),
    )
    for who, when in ((ANNE, "2026-11"), (NORTH, "2026-Q4"), (ANNE, "2026-Q1")):
        assert basket(given, who, when).value is None
    # Its two terms are spread, each exactly: the quotient of a year holds in each of its months.
    spread = book(target(ANNE, "2026", 1000), target(ANNE, "2026", 7, "order_count"))
    assert {basket(spread, ANNE, f"2026-{month:02}").value for month in range(1, 13)} == {Decimal("142.86")}


def test_a_ratio_over_nothing_or_over_other_members_has_no_target() -> None:
    amounts_only = [target(ANNE, "2026-11", 1000), target(BRUNO, "2026-11", 1000)]
    assert basket(book(*amounts_only), NORTH, "2026-11").value is None
    assert basket(book(*amounts_only, target(NORTH, "2026-11", 0, "order_count")), NORTH, "2026-11").value is None
    lame = basket(book(*amounts_only, target(ANNE, "2026-11", 2, "order_count")), NORTH, "2026-11")
    assert lame.value is None
    assert [warning.code for warning in lame.warnings] == ["quotient_of_unlike_members", "members_without_target"]


def test_warnings_speak_both_languages() -> None:
    warning = TargetWarning("parent_differs", NORTH, whole=Decimal("12500.00"), parts=Decimal("1200.5"))
    assert warning.message("en") == "The team’s target (12,500) differs from the sum of its members (1,200.50)."
    assert warning.message("fr") == (
        "L’objectif de l’équipe (12\u202f500) diffère de la somme de ses membres (1\u202f200,50)."
    )
    partial = TargetWarning("members_without_target", COMPANY, missing=2, members=5)
    assert partial.message("en") == "The company’s target is partial: members without one, 2 of 5."


@pytest.mark.parametrize(
    ("value", "goal", "elapsed", "total", "expected"),
    [
        ("550", "1000", 11, 20, Pace(Decimal("550.00"), Decimal("1.000000"))),
        ("2", "10", 1, 22, Pace(Decimal("0.45"), Decimal("4.400000"))),
        ("100", "100", 1, 3, Pace(Decimal("33.33"), Decimal("3.000000"))),
        ("1200", "1000", 20, 20, Pace(Decimal("1000"), Decimal("1.200000"))),
        ("1200", "1000.123456", 25, 20, Pace(Decimal("1000.123456"), Decimal("1.199852"))),
        ("-50", "100", 10, 20, Pace(Decimal("50.00"), Decimal("-1.000000"))),
        ("0", "100", 10, 20, Pace(Decimal("50.00"), Decimal("0.000000"))),
        ("0", "100", 0, 20, Pace(Decimal("0.00"), None, "not_started")),
        (None, "100", 10, 20, Pace(Decimal("50.00"), None, "no_value")),
        ("5", "0", 10, 20, Pace(Decimal("0.00"), None, "zero_target")),
        ("5", None, 10, 20, Pace(None, None, "no_target")),
        ("5", "100", 0, 0, Pace(None, None, "no_working_days")),
    ],
)
def test_pace(value: str | None, goal: str | None, elapsed: int, total: int, expected: Pace) -> None:
    found = pace(value and Decimal(value), goal and Decimal(goal), elapsed, total)  # type: ignore[arg-type]
    assert found == expected
    assert found.reason is None or all(PACE_REASONS[found.reason])


def test_a_stock_or_a_ratio_expects_its_whole_target() -> None:
    assert pace(Decimal(90), Decimal(100), 1, 20, accrues=False) == Pace(Decimal(100), Decimal("0.900000"))


@given(st.integers(1, 10**9), st.integers(1, 260), st.integers(1, 260))
def test_who_is_exactly_on_time_has_a_pace_of_one(cents: int, one: int, other: int) -> None:
    elapsed, total = sorted((one, other))
    goal = Decimal(cents * total) / 100
    found = pace(Decimal(cents * elapsed) / 100, goal, elapsed, total)
    assert found == Pace(Decimal(cents * elapsed) / 100, Decimal(1))
