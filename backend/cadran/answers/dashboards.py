"""The four screens: which questions each asks, and what it lists to act on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import aims, headlines, lists, parts
from cadran.answers.data import answer_data
from cadran.answers.movement import movement_sums
from cadran.answers.present import Plain, exact_money, instant, period_data, plain, plain_decimal
from cadran.answers.question import Question
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.kpi import Kpi
from cadran.metrics.periods import Interval, Period, parse, previous_year, unit_at
from cadran.metrics.rounding import ratio
from cadran.queries.ask import one_reading

# key: the KPI and how it is asked.
SCREENS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "activity": {
        "invoiced_revenue": ("invoiced_revenue", {"interval": "fine"}),
        "invoiced_revenue_last_year": ("invoiced_revenue", {"period": "last_year", "interval": "fine", "compare": ()}),
        "ordered_amount": ("ordered_amount", {"interval": "fine"}),
        "order_count": ("order_count", {}),
        "average_basket": ("average_basket", {}),
        "average_basket_trend": ("average_basket", {"period": "24-months", "interval": "month", "compare": ()}),
        "weighted_pipeline": ("weighted_pipeline", {}),
        "weighted_pipeline_trend": ("weighted_pipeline", {"period": "12-weeks", "interval": "week", "compare": ()}),
        "win_rate": ("win_rate", {}),
        "invoiced_revenue_by_rep": ("invoiced_revenue", {"group_by": "rep", "compare": ()}),
        "ordered_amount_by_rep": ("ordered_amount", {"group_by": "rep", "compare": ()}),
        "average_basket_by_rep": ("average_basket", {"group_by": "rep", "compare": ()}),
        "weighted_pipeline_by_rep": ("weighted_pipeline", {"group_by": "rep", "compare": ()}),
        "weighted_pipeline_by_stage": ("weighted_pipeline", {"group_by": "stage", "compare": ()}),
    },
    "day": {
        "overdue_visits": ("overdue_visits", {}),
        "due_customers": ("due_customers", {}),
        "quotes_to_follow_up": ("quotes_to_follow_up", {}),
        "quote_conversion_rate": ("quote_conversion_rate", {}),
        "outstanding": ("outstanding", {}),
    },
    "data-health": {
        "contact_completeness": ("contact_completeness", {}),
        "contact_completeness_by_team": ("contact_completeness", {"group_by": "team", "compare": ()}),
        "customer_completeness": ("customer_completeness", {}),
        "data_quality_index": ("data_quality_index", {}),
        "new_prospects": ("new_prospects", {}),
        "new_prospects_trend": ("new_prospects", {"period": "12-months", "interval": "month", "compare": ()}),
        "new_prospects_by_source": ("new_prospects", {"group_by": "source", "compare": ()}),
        "new_customers": ("new_customers", {}),
        "inactive_customers": ("inactive_customers", {}),
        "lost_customers": ("lost_customers", {}),
        "churn_rate": ("churn_rate", {}),
    },
    "field": {
        "visit_reports": ("visit_reports", {}),
        "visit_reports_trend": ("visit_reports", {"period": "12-weeks", "interval": "week", "compare": ()}),
        "visit_reports_by_rep": ("visit_reports", {"group_by": "rep", "compare": ()}),
        # Over months, because a visit's orders are told once it is a month old.
        "visit_to_order_ratio": ("visit_to_order_ratio", {"period": "6-months"}),
        "visit_to_order_ratio_by_rep": (
            "visit_to_order_ratio",
            {"period": "6-months", "group_by": "rep", "compare": ()},
        ),
        "conversion_rate": ("conversion_rate", {"period": "6-months"}),
        "action_plan_progress": ("action_plan_progress", {}),
        "qualified_leads": ("qualified_leads", {}),
        "qualified_leads_by_source": ("qualified_leads", {"group_by": "source", "compare": ()}),
        "qualified_leads_trend": ("qualified_leads", {"period": "12-months", "interval": "month", "compare": ()}),
    },
}


async def dashboard(session: AsyncSession, screen: str, asked: Question) -> Plain:
    """What ``GET /kpi/dashboards/{screen}`` answers; a KPI one may not see is absent. Compared with last year unless
    the question says otherwise.
    """
    asked = replace(asked, compare=asked.compare or ("previous_year",))
    with one_reading(session):
        return await _screen(session, screen, asked)


async def _screen(session: AsyncSession, screen: str, asked: Question) -> Plain:
    known = await aims.book(session, asked)
    may = asked.who is None or asked.who.sees_amounts
    kpis: dict[str, Plain] = {}
    for key, (name, how) in SCREENS[screen].items():
        kpi = BY_NAME[name]
        if may or not kpi.amounts:
            kpis[key] = await answer_data(session, kpi, _asked(kpi, asked, how), known)
    if screen == "activity":
        _coverage(kpis)
    found = await LISTS[screen](session, asked, kpis)
    return {
        "screen": screen,
        "period": period_data(asked.period, asked.company.fiscal_start_month),
        "as_of": instant(asked.as_of),
        "as_of_day": asked.day.isoformat(),
        "currency": asked.company.currency,
        "company": asked.company.name,
        "headline": headlines.HEADLINES[screen](asked, kpis, found),
        "kpis": kpis,
        "lists": plain(found),
    }


def _asked(kpi: Kpi, asked: Question, how: dict[str, Any]) -> Question:
    """The screen's question, as this part of it is asked."""
    changes: dict[str, Any] = {name: how[name] for name in ("group_by", "compare") if name in how}
    period = _period(how.get("period"), asked)
    changes["period"] = period
    interval = how.get("interval")
    if interval == "fine":
        interval = fine_interval(period)
    changes["interval"] = interval
    filters = {name: values for name, values in asked.filters.items() if name in kpi.dimensions}
    return replace(asked, filters=filters, **changes)


def fine_interval(period: Period) -> Interval:
    """Days within a month, weeks within a quarter, months beyond."""
    return "day" if period.days <= 31 else "week" if period.days <= 92 else "month"


def _period(name: str | None, asked: Question) -> Period:
    """Trends end with the unit that holds the period's last known day."""
    last = min(asked.day, asked.period.last)
    if name is None:
        return asked.period
    if name == "last_year":
        return previous_year(asked.period)
    if name.endswith("-months"):
        return parse(f"last-{name}", last)
    weeks = int(name.removesuffix("-weeks"))
    end = unit_at(last, "week").end
    return Period(end - timedelta(weeks=weeks), end)


def _coverage(kpis: dict[str, Plain]) -> None:
    """Open pipeline expected in the period ÷ (target − achieved); null without a target, or once it is reached."""
    orders = {group["key"]: group for group in kpis["ordered_amount_by_rep"]["groups"]}
    pairs: list[tuple[Plain, Plain | None]] = [(kpis["weighted_pipeline"], kpis["ordered_amount"])]
    pairs += [(group, orders.get(group["key"])) for group in kpis["weighted_pipeline_by_rep"]["groups"]]
    for pipeline, order in pairs:
        pipeline["components"]["coverage"] = _covered(pipeline, order)


def _covered(pipeline: Plain, order: Plain | None) -> str | None:
    if order is None or order["target"] is None:
        return None
    left = Decimal(order["target"]) - Decimal(order["value"] or 0)
    if left <= 0:
        return None
    found = ratio(Decimal(pipeline["components"]["expected"]), left)
    return None if found is None else plain_decimal(found)


async def _activity(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> Plain:
    since = min(asked.period.start, asked.day) - timedelta(days=1)
    moved = await movement_sums(session, asked, since)
    last_year = kpis.pop("invoiced_revenue_last_year")  # told by the line, point by point
    await parts.in_stage_order(session, asked, kpis["weighted_pipeline_by_stage"])
    return {
        "cumulative": parts.cumulated(asked, kpis["invoiced_revenue"], last_year),
        "cumulative_orders": parts.cumulated(asked, kpis["ordered_amount"]),
        "visits": await parts.visits_by_rep(session, asked),
        "movement": {
            "since": since.isoformat(),
            "start": exact_money(moved.start),
            "end": exact_money(moved.end),
            "steps": [{"step": step, "amount": exact_money(amount)} for step, amount in moved.steps.items()],
        },
        "to_decide": await lists.to_decide(session, asked, kpis),
    }


async def _day(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> Plain:
    return await lists.day(session, asked, kpis) | {"portfolio": await parts.portfolio(session, asked)}


async def _data_health(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> Plain:
    return await lists.data_health(session, asked) | {"matrix": await parts.matrix(session, asked)}


async def _field(session: AsyncSession, asked: Question, kpis: dict[str, Plain]) -> Plain:
    return await lists.field(session, asked)


LISTS = {"activity": _activity, "day": _day, "data-health": _data_health, "field": _field}
