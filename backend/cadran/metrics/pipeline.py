"""The movement of the weighted pipeline between two days: start plus every step is the end, exactly."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cadran.metrics.counting import is_open, opportunity_amount, probability, weighted
from cadran.metrics.facts import ZERO, OpportunityCell
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up

# Signs as they add up: start + new + increased + pulled_in − decreased − pushed_out − won − lost ± probability = end.
STEPS = ("new", "increased", "pulled_in", "decreased", "pushed_out", "won", "lost", "probability")


@dataclass(frozen=True)
class Movement:
    """Weighted amounts to the cent; ``steps`` are signed, so that ``start`` + Σ steps = ``end``. ``records``: who moved
    and how.
    """

    start: Decimal
    end: Decimal
    steps: dict[str, Decimal]
    records: dict[str, list[Any]]


def movement(
    before: Iterable[OpportunityCell],
    after: Iterable[OpportunityCell],
    scope_before: Collection[Any],
    scope_after: Collection[Any],
    start: date,
    end: date,
    signature: Period | None = None,
) -> Movement:
    """Compares every opportunity as it stood at the end of both days.

    ``scope_…``: the records inside the scope asked on either day. A deal that leaves the scope open (another rep's now,
    or expected outside ``signature``) is pushed out, one that enters it is pulled in; a deleted one is lost.
    """

    opening, closing, steps, records = compared(before, after, scope_before, scope_after, start, end, signature)
    return concluded(opening, closing, steps, records)


def compared(
    before: Iterable[OpportunityCell],
    after: Iterable[OpportunityCell],
    scope_before: Collection[Any],
    scope_after: Collection[Any],
    start: date,
    end: date,
    signature: Period | None = None,
) -> tuple[Decimal, Decimal, dict[str, Decimal], dict[str, list[Any]]]:
    """The exact sums of a movement, which add up over any parting of the deals: start, end, steps, and who moved."""

    def inside(cell: OpportunityCell | None, scope: Collection[Any], day: date) -> bool:
        if cell is None or cell.record not in scope or not is_open(cell, day):
            return False
        expected = cell.expected_signature_on
        return signature is None or (expected is not None and signature.start <= expected < signature.end)

    old, new = {cell.record: cell for cell in before}, {cell.record: cell for cell in after}
    steps = dict.fromkeys(STEPS, ZERO)
    records: dict[str, list[Any]] = {step: [] for step in STEPS}
    opening = closing = ZERO

    def step(name: str, record: Any, amount: Decimal) -> None:
        if amount:
            steps[name] += amount
            records[name].append(record)

    for record in old.keys() | new.keys():
        was, now = old.get(record), new.get(record)
        if inside(was, scope_before, start) and was is not None:
            opening += weighted(was)
            if inside(now, scope_after, end) and now is not None:
                closing += weighted(now)
                # The amount moves at the old probability, then the probability moves at the new amount.
                by_amount = opportunity_amount(now) * probability(was) - weighted(was)
                step("increased" if by_amount > 0 else "decreased", record, by_amount)
                step("probability", record, weighted(now) - weighted(was) - by_amount)
            else:
                step(_exit(now, end), record, -weighted(was))
        elif inside(now, scope_after, end) and now is not None:
            closing += weighted(now)
            # Known and open on the first day means it was outside: it came in. Else it is new, or was reopened.
            entered = was is not None and is_open(was, start)
            step("pulled_in" if entered else "new", record, weighted(now))
    return opening, closing, steps, records


def concluded(
    opening: Decimal, closing: Decimal, steps: dict[str, Decimal], records: dict[str, list[Any]] | None = None
) -> Movement:
    """A movement of its exact sums."""
    return Movement(half_up(opening), half_up(closing), _to_the_cent(opening, steps), records or {})


def _to_the_cent(start: Decimal, steps: dict[str, Decimal]) -> dict[str, Decimal]:
    """Each step between two rounded running totals: within a cent of itself, and all add up to the rounded end."""
    shown: dict[str, Decimal] = {}
    reached = start
    for name, amount in steps.items():
        shown[name] = half_up(reached + amount) - half_up(reached)
        reached += amount
    return shown


def _exit(now: OpportunityCell | None, end: date) -> str:
    if now is None:
        return "lost"
    if is_open(now, end):
        return "pushed_out"
    return "won" if now.status == "won" else "lost"
