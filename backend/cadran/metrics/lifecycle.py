"""The life cycle of customers: active, inactive or lost by their own rhythm."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import floor
from operator import sub
from typing import Literal

from cadran.metrics.facts import CustomerCell
from cadran.metrics.kpi import Rules

State = Literal["active", "inactive", "lost"]
CycleSource = Literal["own_orders", "customer", "sector", "company"]


@dataclass(frozen=True, slots=True)
class LifeCycle:
    """``cycle`` and ``silence`` in days; ``promised``: an undelivered promise keeps the customer active."""

    state: State
    cycle: Decimal
    cycle_source: CycleSource
    silence: int
    last_order_on: date
    promised: bool


def median_interval(days: Sequence[date]) -> Decimal | None:
    """The median interval between distinct ascending days; the mean of the two middle ones when their number is even.

    None under three days.
    """
    if len(days) < 3:
        return None
    numbers = list(map(date.toordinal, days))
    gaps = sorted(map(sub, numbers[1:], numbers))
    middle = len(gaps) // 2
    if len(gaps) % 2:
        return Decimal(gaps[middle])
    return Decimal(gaps[middle - 1] + gaps[middle]) / 2


def cycle_of(customer: CustomerCell, days: Sequence[date], rules: Rules) -> tuple[Decimal, CycleSource]:
    """The customer's cycle in days as of the last of ``days``, and where it comes from."""
    own = median_interval(days)
    found: tuple[Decimal, CycleSource]
    if own is not None:
        found = own, "own_orders"
    elif customer.own_cycle:
        found = Decimal(customer.own_cycle), "customer"
    elif customer.sector_cycle:
        found = Decimal(customer.sector_cycle), "sector"
    else:
        found = Decimal(rules.default_cycle_days), "company"
    return max(found[0], Decimal(rules.minimum_cycle_days)), found[1]


def _promised(customer: CustomerCell, day: date) -> bool:
    return any(confirmed <= day <= last for confirmed, last in customer.promises)


def life_cycle(customer: CustomerCell, day: date, rules: Rules) -> LifeCycle | None:
    """The customer's state at the end of ``day``; None without a confirmed order by then."""
    days = customer.order_days[: bisect_right(customer.order_days, day)]
    if not days:
        return None
    cycle, source = cycle_of(customer, days, rules)
    silence = (day - days[-1]).days
    promised = _promised(customer, day)
    state: State
    if silence <= cycle or promised:
        state = "active"
    elif silence <= 2 * cycle:
        state = "inactive"
    else:
        state = "lost"
    return LifeCycle(state, cycle, source, silence, days[-1], promised)


def losses(customer: CustomerCell, since: date, until: date, rules: Rules) -> Iterator[date]:
    """The days from ``since`` to ``until`` on which the customer became lost: one a silence of over two cycles."""
    days = customer.order_days[: bisect_right(customer.order_days, until)]
    shortest = timedelta(days=floor(2 * Decimal(rules.minimum_cycle_days)) + 1)
    for position in range(max(bisect_right(days, since), 1), len(days) + 1):  # silences that end after `since`
        last = days[position - 1]
        following = days[position] if position < len(days) else until + timedelta(days=1)
        if following - last <= shortest:
            continue  # whatever the cycle, too short a silence to be lost
        cycle, _ = cycle_of(customer, days[:position], rules)
        lost_on = last + timedelta(days=floor(2 * cycle) + 1)
        while any(confirmed <= lost_on <= end for confirmed, end in customer.promises):
            lost_on = max(end for confirmed, end in customer.promises if confirmed <= lost_on <= end) + timedelta(
                days=1
            )
        if since <= lost_on < following:
            yield lost_on


def became_lost(customer: CustomerCell, start: date, end: date, until: date, rules: Rules) -> bool:
    """Whether the customer, not lost when ``start`` began, became lost before ``end`` (and by ``until``)."""
    last = min(until, end - timedelta(days=1))
    return in_base(customer, start, rules) and any(True for _ in losses(customer, start, last, rules))


def in_base(customer: CustomerCell, start: date, rules: Rules) -> bool:
    """Whether the customer had ordered before ``start`` and was not lost when it began."""
    before = life_cycle(customer, start - timedelta(days=1), rules)
    return before is not None and before.state != "lost"


def answers(customer: CustomerCell, day: date, rules: Rules) -> bool:
    """False when no held visit nor logged contact fell within the last cycle (the customer no longer answers)."""
    state = life_cycle(customer, day, rules)
    if state is None:
        return True
    since = day - timedelta(days=floor(state.cycle))
    return any(
        heard is not None and since <= heard <= day for heard in (customer.last_visit_on, customer.last_contact_on)
    )


def is_due(customer: CustomerCell, day: date, rules: Rules) -> bool:
    """Whether an active customer's last held visit is older than its cadence; unvisited counts from the first order."""
    state = life_cycle(customer, day, rules)
    if state is None or state.state != "active":
        return False
    cadence = customer.visit_cadence or rules.default_visit_cadence_days
    since = customer.last_visit_on or customer.order_days[0]
    return (day - since).days > cadence
