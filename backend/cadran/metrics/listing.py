"""What each list shows first: a rank for every record, the greatest first, and no two alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from cadran.metrics.kpi import Kpi
from cadran.metrics.ranking import Kind, todo_of

# How many of each list the screens show.
TO_DO_SHOWN, DOTS, DEALS, DECISIONS, TO_FILL, CYCLES = 50, 300, 40, 5, 30, 300
DOTTED = {"overdue_visits": "days_late", "quotes_to_follow_up": "age_days"}  # what places a dot

Rank = tuple[Decimal, ...]
Sums = Mapping[str, Decimal]
Details = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A record as lists have it. ``contributions``: to each input of the KPI."""

    resource: str
    id: UUID
    customer: UUID | None
    contributions: dict[str, Decimal]
    details: dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """Some records of a KPI's facts in an order of their own. ``rank``: of a record, from what it adds to each input
    and its details; None leaves it out. ``shown``: how many of its first records the screens show.
    """

    name: str
    rank: Callable[[Kpi, Sums, Details], Rank | None]
    shown: int = 0

    def of(self, kpi: Kpi, record: UUID, sums: Sums, details: Details) -> Rank | None:
        rank = self.rank(kpi, sums, details)
        return None if rank is None else (*rank, Decimal(-record.int))


def _numbers(details: Details, *names: str) -> Rank:
    return tuple(Decimal(details.get(name) or 0) for name in names)


def _behind(kpi: Kpi, sums: Sums, details: Details) -> Rank | None:
    """What makes the value, to act on first: the latest, the biggest gain or stake, then the biggest contribution."""
    if not any(sums[name] for name in kpi.evidence):
        return None
    stake = ("amount",) if kpi.unit == "count" else ()
    return (*_numbers(details, "days_late", "gain", "at_stake", *stake), *(abs(sums[name]) for name in kpi.main[:2]))


def behind(kpi: Kpi) -> Listing:
    """The records behind the KPI."""
    return Listing(kpi.name, _behind, DOTS if kpi.name in DOTTED else 0)


def _to_do(kind: Kind) -> Listing:
    def rank(kpi: Kpi, sums: Sums, details: Details) -> Rank | None:
        todo = todo_of(kpi, details) if _behind(kpi, sums, details) else None
        return (todo.score, Decimal(todo.days_late or 0)) if todo is not None and todo.kind == kind else None

    return Listing(f"to do: {kind}", rank, TO_DO_SHOWN)


def _in_state(state: str) -> Listing:
    """Customers in this state of their life cycle, the biggest revenue first."""

    def rank(kpi: Kpi, sums: Sums, details: Details) -> Rank | None:
        return _numbers(details, "at_stake") if details.get("state") == state else None

    return Listing(state, rank, CYCLES)


def _expiring(kpi: Kpi, sums: Sums, details: Details) -> Rank | None:
    return (abs(sums["expiring_amount"]),) if sums["expiring"] else None


def _to_complete(kpi: Kpi, sums: Sums, details: Details) -> Rank | None:
    """The decision-makers of the biggest customers first."""
    return _numbers(details, "weight", "at_stake", "gain") if details["missing"] else None


TO_DO: Mapping[str, tuple[Listing, ...]] = {
    "overdue_visits": (_to_do("visit"),),
    "quotes_to_follow_up": (_to_do("quote"),),
    "outstanding": (_to_do("invoice"), _to_do("delivery")),
}
EXPIRING = Listing("expiring", _expiring, DECISIONS)
TO_COMPLETE = {
    name: Listing(f"to complete: {name}", _to_complete, TO_FILL)
    for name in ("contact_completeness", "customer_completeness")
}


def _biggest(kpi: Kpi, sums: Sums, details: Details) -> Rank | None:
    return (sums["amount"],) if sums["count"] else None


BIGGEST = Listing("biggest deals", _biggest, DEALS)
STATES = {state: _in_state(state) for state in ("active", "inactive", "lost")}
# By KPI, beside the records behind it.
LISTINGS: Mapping[str, tuple[Listing, ...]] = {
    **TO_DO,
    "quotes_to_follow_up": (*TO_DO["quotes_to_follow_up"], EXPIRING),
    **{name: (listing,) for name, listing in TO_COMPLETE.items()},
    "lost_customers": tuple(STATES.values()),
    "weighted_pipeline": (BIGGEST,),
}


def listings(kpi: Kpi) -> tuple[Listing, ...]:
    return (behind(kpi), *LISTINGS.get(kpi.name, ()))
