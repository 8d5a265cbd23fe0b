"""Whom to watch of those who owe: over their credit limit, waiting for late deliveries, or with open requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from cadran.metrics.rounding import half_up

Sums = Mapping[str, Decimal]
TO_WATCH = "to watch"  # the list, and the name its counts are kept under
SAYING = ("amount", "late_deliveries", "open_requests")  # who has none of these has nothing outstanding
COUNTS = ("over_limit", "with_late_deliveries", "with_open_requests", "customers")


@dataclass(frozen=True)
class Owing:
    """What one customer owes, of the sums of the outstanding amount; money in cents."""

    amount: Decimal
    overdue: Decimal
    late_deliveries: Decimal
    late_amount: Decimal
    open_requests: Decimal
    over_limit: bool

    @property
    def counts(self) -> tuple[Decimal, ...]:
        """1 or 0 for each of ``COUNTS``: whoever has anything outstanding is a customer to count."""
        told = (self.over_limit, self.late_deliveries, self.open_requests, True)
        return tuple(Decimal(bool(each)) for each in told)

    def rank(self, customer: UUID) -> tuple[Decimal, ...] | None:
        """The greatest first, and no two alike; None: nothing to watch."""
        if not (self.over_limit or self.late_deliveries or self.open_requests):
            return None
        most = (Decimal(self.over_limit), self.late_amount, self.overdue, self.open_requests)
        return (*most, Decimal(-customer.int))


def owing(sums: Sums, credit_limit: Decimal | None) -> Owing:
    amount = half_up(sums["amount"])
    return Owing(
        amount=amount,
        overdue=half_up(sums["unpaid"] - sums["unpaid_not_due"]),
        late_deliveries=sums["late_deliveries"],
        late_amount=half_up(sums["late_amount"]),
        open_requests=sums["open_requests"],
        over_limit=credit_limit is not None and amount > credit_limit,
    )
