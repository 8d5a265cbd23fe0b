"""Action plans: three rings and a status."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cadran.metrics.facts import PlanCell
from cadran.metrics.workdays import Calendar

PlanState = Literal["on_track", "late", "effort_without_result", "result_without_effort"]
# Behind the calendar by more than this, a plan is late.
TOLERANCE = Decimal("0.10")


def runs(plan: PlanCell, day: date) -> bool:
    """Started, and neither a draft, closed nor cancelled."""
    return plan.status == "active" and plan.starts_on is not None and plan.starts_on <= day


def working_days(plan: PlanCell, day: date, calendar: Calendar) -> tuple[int, int]:
    """Working days elapsed by the end of ``day``, and of the whole plan."""
    if plan.starts_on is None or plan.ends_on is None:
        return 0, 0
    last = plan.ends_on + timedelta(days=1)
    return calendar.count(plan.starts_on, min(day + timedelta(days=1), last)), calendar.count(plan.starts_on, last)


def rings(plan: PlanCell, day: date, calendar: Calendar) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Actions done, revenue and time, each as a ratio; null without actions, target or working days."""
    elapsed, whole = working_days(plan, day, calendar)
    return (
        plan.weight_done / plan.weight if plan.weight else None,
        plan.revenue / plan.revenue_target if plan.revenue_target else None,
        Decimal(elapsed) / whole if whole else None,
    )


def state(plan: PlanCell, day: date, calendar: Calendar) -> PlanState:
    actions, revenue, time = rings(plan, day, calendar)
    if actions is not None and revenue is not None:
        if actions >= Decimal("0.8") and revenue < Decimal("0.5"):
            return "effort_without_result"
        if revenue >= Decimal("0.8") and actions < Decimal("0.5"):
            return "result_without_effort"
    if time is not None and actions is not None and actions < time - TOLERANCE:
        return "late"
    return "on_track"
