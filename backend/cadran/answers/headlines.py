"""The facts of each screen's sentence, taken from the answers the screen already has."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cadran.answers.present import Plain
from cadran.answers.question import Question
from cadran.metrics import headline as h

ZERO = Decimal(0)


def _number(value: Any) -> Decimal:
    return ZERO if value is None else Decimal(value)


def _gap(answer: Plain) -> Decimal | None:
    """Value − what is expected by now."""
    if answer["value"] is None or answer["expected_to_date"] is None:
        return None
    return Decimal(answer["value"]) - Decimal(answer["expected_to_date"])


def activity(asked: Question, kpis: dict[str, Plain], lists: Plain) -> Plain:
    invoiced, pipeline = kpis["invoiced_revenue"], kpis["weighted_pipeline"]
    behind = [
        (group["label"], -gap)
        for group in kpis["invoiced_revenue_by_rep"]["groups"]
        if group["label"] and (gap := _gap(group)) is not None and gap < 0
    ]
    short = None
    if pipeline["target"] is not None and pipeline["value"] is not None:
        short = Decimal(pipeline["target"]) - Decimal(pipeline["value"])
    facts = h.ActivityFacts(
        invoiced=None if invoiced["value"] is None else Decimal(invoiced["value"]),
        ahead=_gap(invoiced),
        orders=kpis["order_count"]["value"] or 0,
        pipeline_gap=short,
        price_guard_broken=any(each["code"] == "price_guard" for each in kpis["ordered_amount"]["warnings"]),
        worst_rep=max(behind, key=lambda pair: pair[1], default=None),
        running=asked.day in asked.period,
        currency=asked.company.currency,
    )
    return h.both(lambda language: h.activity(facts, language))


def day(asked: Question, kpis: dict[str, Plain], lists: Plain) -> Plain:
    quotes, outstanding = kpis["quotes_to_follow_up"], kpis["outstanding"]
    facts = h.DayFacts(
        visits_today=len(lists["agenda"]),
        overdue_visits=kpis["overdue_visits"]["value"] or 0,
        quotes=quotes["value"] or 0,
        quotes_amount=_number(quotes["components"]["amount"]),
        expiring=quotes["components"]["expiring"] or 0,
        late_tasks=lists["tasks"]["late"],
        overdue_amount=_number(outstanding["components"]["overdue"]),
        currency=asked.company.currency,
    )
    return h.both(lambda language: h.day(facts, language))


def data_health(asked: Question, kpis: dict[str, Plain], lists: Plain) -> Plain:
    complete, lost = kpis["contact_completeness"], kpis["lost_customers"]
    deciding = [row for row in lists["to_complete"] if row["resource"] == "contacts" and row["details"]["weight"] == 3]
    stake = lost["components"]["at_stake"]
    facts = h.DataFacts(
        completeness=None if complete["value"] is None else Decimal(complete["value"]),
        missing_decision_makers=len(deciding),
        lost=lost["value"] or 0,
        lost_stake=None if stake is None else Decimal(stake),
        inactive=kpis["inactive_customers"]["value"] or 0,
        currency=asked.company.currency,
    )
    return h.both(lambda language: h.data_health(facts, language))


def field(asked: Question, kpis: dict[str, Plain], lists: Plain) -> Plain:
    if "visit_reports" not in kpis:  # marketing sees the leads only
        leads = kpis["qualified_leads"]["value"] or 0
        return h.both(lambda language: h.leads(leads, language))
    plans, ratio = kpis["action_plan_progress"]["components"], kpis["visit_to_order_ratio"]["value"]
    facts = h.FieldFacts(
        reports=kpis["visit_reports"]["value"] or 0,
        held=kpis["visit_reports"]["components"]["held"] or 0,
        visits_per_order=None if ratio is None else Decimal(ratio),
        late_plans=(plans["late"] or 0) + (plans["effort_without_result"] or 0),
        leads=kpis["qualified_leads"]["value"] or 0,
    )
    return h.both(lambda language: h.field(facts, language))


HEADLINES: dict[str, Callable[[Question, dict[str, Plain], Plain], Plain]] = {
    "activity": activity,
    "day": day,
    "data-health": data_health,
    "field": field,
}
