"""Which order came of which visit."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from cadran.metrics.facts import VisitCell


@dataclass(frozen=True, slots=True)
class ConfirmedOrder:
    """An order that counts: whose it is, when it was confirmed, and the visit it names, if any."""

    order: UUID
    customer: UUID | None
    confirmed_on: date
    visit: UUID | None = None


def attribute(
    visits: Iterable[VisitCell],
    orders: Iterable[ConfirmedOrder],
    window_days: int,
    day: date,
    ahead: Iterable[tuple[ConfirmedOrder, date]] = (),
) -> list[VisitCell]:
    """The held visits, each with the number of orders attributed to it.

    An order goes to the visit it names, else to the customer's last visit held in the ``window_days`` days before its
    confirmation (that day included). Visits younger than the window at ``day`` are marked not mature. ``ahead``: orders
    that will begin or cease to count, and when.
    """
    held = [visit for visit in visits if visit.held_on is not None]
    known = {visit.record for visit in held}
    by_customer: dict[UUID | None, list[tuple[date, UUID]]] = {}
    for visit in held:
        if visit.record is not None and visit.held_on is not None:
            by_customer.setdefault(visit.customer, []).append((visit.held_on, visit.record))
    for dated in by_customer.values():
        dated.sort(key=lambda pair: (pair[0], str(pair[1])))

    def visit_of(order: ConfirmedOrder) -> UUID | None:
        if order.visit is not None:
            return order.visit if order.visit in known else None
        dated = by_customer.get(order.customer, [])
        position = bisect_right(dated, order.confirmed_on, key=lambda pair: pair[0])
        near = position and (order.confirmed_on - dated[position - 1][0]).days <= window_days
        return dated[position - 1][1] if near else None

    found = Counter(visit_of(order) for order in orders)
    holds: dict[UUID | None, date] = {}
    for order, on in ahead:
        claimed = visit_of(order)
        holds[claimed] = min(on, holds.get(claimed, on))
    return [_told(visit, found[visit.record], holds.get(visit.record), window_days, day) for visit in held]


def _told(visit: VisitCell, orders: int, holds: date | None, window_days: int, day: date) -> VisitCell:
    ripe = visit.held_on + timedelta(days=window_days) if visit.held_on is not None else day
    mature = visit.held_on is not None and ripe <= day
    until = min((on for on in (holds, None if mature else ripe) if on is not None), default=None)
    if (visit.orders, visit.mature, visit.holds_until) == (orders, mature, until):
        return visit  # most of them: a copy costs more than all the rest
    return replace(visit, orders=orders, mature=mature, holds_until=until)
