"""A running total through a period: what is achieved, last year's, what the target expects, where it lands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up
from cadran.metrics.workdays import Calendar

ZERO = Decimal(0)
# Before this many working days, a run rate says nothing yet.
EARLY = 3

Amounts = Sequence[tuple[Period, Decimal | None]]


@dataclass(frozen=True)
class Line:
    """One value a day of ``days``, None where there is none; ``landing`` goes from the last actual to the end."""

    days: tuple[date, ...]
    actual: tuple[Decimal | None, ...]
    previous_year: tuple[Decimal | None, ...]
    expected: tuple[Decimal | None, ...]
    landing: tuple[Decimal | None, ...]


def cumulative(
    period: Period, amounts: Amounts, earlier: Amounts, target: Decimal | None, today: date, calendar: Calendar
) -> Line:
    """The lines of a flow whose buckets tile the period; ``earlier``: the buckets of the same period a year before.

    Daily buckets on days off are told on the next step, so that the axis has working days only. A year before is read
    at as many working days elapsed when buckets are days, else bucket by bucket. The landing goes on at the rate of the
    working days elapsed.
    """
    daily = all(window.days == 1 for window, _ in amounts)
    steps = _steps(amounts, today, calendar) if daily else [(_mark(row[0], today), [row]) for row in amounts]
    days = tuple(day for day, _ in steps)
    whole = calendar.count(period.start, period.end)
    elapsed = [calendar.elapsed(period, day) for day in days]
    actual: list[Decimal | None] = []
    total = ZERO
    for _, rows in steps:
        if rows[0][0].start > today:
            actual.append(None)
            continue
        total += sum((amount or ZERO for _, amount in rows), ZERO)
        actual.append(total)
    return Line(
        days=days,
        actual=tuple(actual),
        previous_year=_previous(earlier, elapsed, calendar) if daily else _by_index(earlier, len(days)),
        expected=tuple(_share(target, done, whole) for done in elapsed),
        landing=_landing(actual, elapsed, whole),
    )


def _steps(amounts: Amounts, today: date, calendar: Calendar) -> list[tuple[date, list[tuple[Period, Decimal | None]]]]:
    found: list[tuple[date, list[tuple[Period, Decimal | None]]]] = []
    waiting: list[tuple[Period, Decimal | None]] = []
    for place, (window, amount) in enumerate(amounts):
        day = window.start
        waiting.append((window, amount))
        if calendar.is_working_day(day) or day == today or place == len(amounts) - 1:
            found.append((day, waiting))
            waiting = []
    return found


def _mark(window: Period, today: date) -> date:
    """The day a bucket stands for: its last, or today while it runs."""
    return today if today in window else window.last


def _share(target: Decimal | None, elapsed: int, whole: int) -> Decimal | None:
    return None if target is None or not whole else half_up(target * elapsed / whole, 2)


def _previous(earlier: Amounts, elapsed: Sequence[int], calendar: Calendar) -> tuple[Decimal | None, ...]:
    if not earlier:
        return (None,) * len(elapsed)
    start = earlier[0][0].start
    worked = [calendar.count(start, window.end) for window, _ in earlier]
    found: list[Decimal | None] = []
    for place, done in enumerate(elapsed):
        last = place == len(elapsed) - 1
        rows = (amount for (_, amount), count in zip(earlier, worked, strict=True) if last or count <= done)
        found.append(sum((amount or ZERO for amount in rows), ZERO))
    return tuple(found)


def _by_index(earlier: Amounts, length: int) -> tuple[Decimal | None, ...]:
    if not earlier:
        return (None,) * length
    found: list[Decimal | None] = []
    for place in range(length):
        upto = len(earlier) if place == length - 1 else place + 1
        found.append(sum((amount or ZERO for _, amount in earlier[:upto]), ZERO))
    return tuple(found)


def _landing(actual: Sequence[Decimal | None], elapsed: Sequence[int], whole: int) -> tuple[Decimal | None, ...]:
    known = [place for place, value in enumerate(actual) if value is not None]
    none = (None,) * len(actual)
    if not known or known[-1] == len(actual) - 1 or elapsed[known[-1]] < min(EARLY, whole):
        return none
    now = known[-1]
    value = actual[now] or ZERO
    return tuple(
        None if place < now else half_up(value * done / elapsed[now], 2) if elapsed[now] else None
        for place, done in enumerate(elapsed)
    )
