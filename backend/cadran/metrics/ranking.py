"""What to do first: one public formula over visits, quotes, deliveries, invoices and tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from cadran.metrics.kpi import Kpi, Text
from cadran.metrics.rounding import half_up

Kind = Literal["visit", "quote", "delivery", "invoice", "task"]
FLOOR = Decimal(1000)
FORMULA = Text(
    "Ordre = max(montant en jeu, 1 000) × urgence × priorité. Urgence : 3 si cela expire sous 7 jours ou a plus de "
    "7 jours de retard, 2 si en retard, 1 si pour aujourd’hui ou sans date, 0,5 si plus tard. Priorité : haute 2, "
    "basse 0,5.",
    "Rank = max(amount at stake, 1,000) × urgency × priority. Urgency: 3 when it expires within 7 days or is over "
    "7 days late, 2 when late, 1 when due today or undated, 0.5 when later. Priority: high 2, low 0.5.",
)
PRIORITIES = {"high": Decimal(2), "normal": Decimal(1), "low": Decimal("0.5")}


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One thing to do. ``days_late``: negative when it is due later, None without a date."""

    kind: Kind
    stake: Decimal
    days_late: int | None
    expires_in: int | None = None
    priority: str = "normal"
    reason: str | None = None
    action: str | None = None

    @property
    def urgency(self) -> Decimal:
        if (self.expires_in is not None and 0 <= self.expires_in <= 7) or (self.days_late or 0) > 7:
            return Decimal(3)
        if self.days_late is None or self.days_late == 0:
            return Decimal(1)
        return Decimal(2) if self.days_late > 0 else Decimal("0.5")

    @property
    def score(self) -> Decimal:
        return half_up(max(self.stake, FLOOR) * self.urgency * PRIORITIES[self.priority], 2)


def todo_of(kpi: Kpi, details: Mapping[str, Any]) -> Todo | None:
    """What is to be done about one record behind a KPI, of its details; None when nothing is."""
    action = details.get("next_action")

    def todo(kind: Kind, stake: Any, late: int | None, reason: str, expires_in: int | None = None) -> Todo:
        return Todo(
            kind=kind, stake=Decimal(stake or 0), days_late=late, reason=reason, expires_in=expires_in, action=action
        )

    if kpi.name == "overdue_visits":
        return todo("visit", details["at_risk"], details["days_late"], "overdue")
    if kpi.name == "quotes_to_follow_up":
        expires = details["expires_in_days"] if details["reason"] == "expiring" else None
        return todo("quote", details["amount"], 0, details["reason"], expires)
    if kpi.name == "outstanding" and action == "call":
        return todo("invoice", details["unpaid"], details["days_overdue"], "overdue")
    if kpi.name == "outstanding" and action == "chase_delivery":
        return todo("delivery", details["to_deliver"], 1, "late_delivery")
    return None


def first(todo: Todo, record: UUID) -> tuple[Any, ...]:
    """Sorts things to do: highest score first; ties by how late, then by id so that the order never flickers."""
    return (-todo.score, -(todo.days_late or 0), record)


def days_since(on: date | None, day: date) -> int | None:
    return None if on is None else (day - on).days
