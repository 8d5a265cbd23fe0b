"""What a list shows of one record beside its contribution: lateness, reasons, amounts, the next action.

Every function takes the record's cells (one, or several for an order with several lines) and gives plain values: text,
counts, days, decimals, None. ``next_action`` is a code the screens turn into a button.
"""

from collections.abc import Sequence
from typing import Any

from cadran.metrics import counting as c
from cadran.metrics import lifecycle, plans
from cadran.metrics.facts import (
    ZERO,
    Cell,
    CustomerCell,
    OpportunityCell,
    OrderLineCell,
    PlanCell,
    QualityCell,
    QuoteCell,
    ReceivableCell,
    VisitCell,
)
from cadran.metrics.kpi import Context
from cadran.metrics.rounding import half_up

Details = dict[str, Any]


def opportunity(cells: Sequence[OpportunityCell], context: Context) -> Details:
    cell = cells[0]
    slipped = c.is_slipped(cell, context.day)
    return {
        "amount": half_up(c.opportunity_amount(cell)),
        "probability": c.probability(cell),
        "manual_probability": cell.manual_probability is not None,
        "weighted": half_up(c.weighted(cell)),
        "slipped": slipped,
        "filled": cell.filled,
        "fields": cell.fields,
        "next_action": "update_signature" if slipped else "plan_call",
    }


def overdue_visit(cells: Sequence[VisitCell], context: Context) -> Details:
    cell = cells[0]
    late = c.days_late(cell, context.day)
    return {
        "days_late": late,
        "rescheduled": cell.planned_on != cell.first_planned_on,
        "at_risk": half_up(cell.customer_at_risk),
        "next_action": "report" if late <= 2 else "reschedule",
    }


def quote(cells: Sequence[QuoteCell], context: Context) -> Details:
    cell = cells[0]
    return {
        "amount": cell.amount,
        "age_days": (context.day - cell.sent_on).days if cell.sent_on else None,
        "age": c.quote_age(cell, context.day),
        "reason": c.follow_up_reason(cell, context.day, context.rules, context.calendar),
        "expires_in_days": (cell.expires_on - context.day).days if cell.expires_on else None,
        "last_contact_on": cell.last_contact_on or cell.sent_on,
        "next_action": "follow_up",
    }


def outstanding(cells: Sequence[Cell], context: Context) -> Details:
    day = context.day
    lines = [cell for cell in cells if isinstance(cell, OrderLineCell)]
    invoices = [cell for cell in cells if isinstance(cell, ReceivableCell)]
    age = next((c.ageing(cell, day) for cell in invoices), None)
    late = sum(c.is_late_delivery(cell, day) for cell in lines)
    return {
        "to_deliver": half_up(sum((c.to_deliver(cell, day) for cell in lines), ZERO)),
        "delivered_not_invoiced": half_up(sum((c.delivered_not_invoiced(cell, day) for cell in lines), ZERO)),
        "unpaid": half_up(sum((c.unpaid(cell, day) for cell in invoices), ZERO)),
        "ageing": age,
        "days_overdue": max(((day - cell.due_on).days for cell in invoices if cell.due_on), default=None),
        "late_lines": late,
        "next_action": "call" if age not in (None, "not_due") else "chase_delivery" if late else None,
    }


def quality(cells: Sequence[QualityCell], context: Context) -> Details:
    """``gain``: completeness points × weight that filling every missing field would add; biggest stakes first."""
    cell = cells[0]
    return {
        "weight": cell.weight,
        "missing": list(cell.missing),
        "invalid": list(cell.invalid),
        "duplicated": cell.duplicated,
        "gain": (cell.possible - cell.filled) * cell.weight,
        "at_stake": cell.stake,
        "next_action": "complete" if cell.missing else "verify",
    }


def life_cycle(cells: Sequence[CustomerCell], context: Context) -> Details:
    cell = cells[0]
    found = lifecycle.life_cycle(cell, context.day, context.rules)
    if found is None:
        return {}
    return {
        "state": found.state,
        "cycle_days": found.cycle,
        "cycle_source": found.cycle_source,
        "silence_days": found.silence,
        "last_order_on": found.last_order_on,
        "at_stake": cell.revenue,
        "answers": lifecycle.answers(cell, context.day, context.rules),
        "next_action": "plan_visit" if found.state == "lost" else "plan_call",
    }


def due_customer(cells: Sequence[CustomerCell], context: Context) -> Details:
    cell = cells[0]
    cadence = cell.visit_cadence or context.rules.default_visit_cadence_days
    return {
        "last_visit_on": cell.last_visit_on,
        "cadence_days": cadence,
        "days_late": (context.day - cell.last_visit_on).days - cadence if cell.last_visit_on else None,
        "next_action": "plan_visit",
    }


def held_visit(cells: Sequence[VisitCell], context: Context) -> Details:
    cell = cells[0]
    return {
        "orders": cell.orders,
        "mature": cell.mature,
        "reported": cell.report_submitted_on is not None,
        "next_action": None if cell.report_submitted_on else "report",
    }


def plan(cells: Sequence[PlanCell], context: Context) -> Details:
    cell = cells[0]
    actions, revenue, time = plans.rings(cell, context.day, context.calendar)
    return {
        "actions": actions,
        "revenue_ring": revenue,
        "time": time,
        "revenue": cell.revenue,
        "revenue_target": cell.revenue_target,
        "state": plans.state(cell, context.day, context.calendar),
        "next_action": "next_step",
    }
