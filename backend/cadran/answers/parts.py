"""Parts of the screens beside KPIs and lists: running totals, visits a day, the portfolio, the field matrix, cycles."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import days as days_kept
from cadran.answers.answer import answer
from cadran.answers.data import answer_data
from cadran.answers.present import Plain, exact_money, plain, plain_decimal
from cadran.answers.question import Question
from cadran.answers.records import Listed
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.cumulative import Amounts, cumulative
from cadran.metrics.facts import Cell, CustomerCell
from cadran.metrics.kpi import sums
from cadran.metrics.lifecycle import is_due, life_cycle
from cadran.metrics.listing import CYCLES
from cadran.metrics.owing import COUNTS, Owing
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up, ratio
from cadran.models import PlanAction, Stage
from cadran.queries.asof import at
from cadran.queries.labels import names
from cadran.queries.portfolio import credit_limits
from cadran.queries.registry import FACTS, watched
from cadran.rules.quality import CONTACT_FIELDS

PORTFOLIO_SHOWN = 8
RHYTHM = (
    "state", "cycle_days", "cycle_source", "silence_days", "ratio", "last_order_on", "promised", "last_visit_on",
    "visit_due",
)  # fmt: skip


def cumulated(asked: Question, answer: Plain, earlier: Plain | None = None) -> Plain:
    """The series of a flow's answer as running totals; ``earlier``: the answer for the same period a year before."""
    target = answer["target"]
    line = cumulative(
        asked.period,
        _amounts(answer),
        _amounts(earlier) if earlier else [],
        None if target is None else Decimal(target),
        asked.day,
        asked.company.calendar,
    )
    return {
        "days": [day.isoformat() for day in line.days],
        "actual": _money(line.actual),
        "previous_year": _money(line.previous_year),
        "expected": _money(line.expected),
        "landing": _money(line.landing),
    }


def _amounts(answer: Plain) -> Amounts:
    return [
        (
            Period(date.fromisoformat(point["period"]["from"]), date.fromisoformat(point["period"]["to"])),
            None if point["value"] is None else Decimal(point["value"]),
        )
        for point in answer["series"]
    ]


def _money(values: Iterable[Decimal | None]) -> list[str | None]:
    return [None if value is None else exact_money(value) for value in values]


async def visits_by_rep(session: AsyncSession, asked: Question, days: int = 5) -> Plain:
    """Visits held on each of the last working days, by rep: ``{"days": […], "reps": {id: [n, …]}}``."""
    calendar = asked.company.calendar
    last = min(asked.day, asked.period.last)
    shown = sorted(calendar.add(last + timedelta(days=1), -back) for back in range(1, days + 1))
    kpi, dates = BY_NAME["visit_reports"], [Period(day, day + timedelta(days=1)) for day in shown]
    ask = asked.ask(kpi, dates, frozenset({"rep"}))
    cells = await days_kept.load(session, asked, kpi, ask)
    context = asked.context(Period(shown[0], last + timedelta(days=1)))
    whose: dict[tuple[UUID | None, date | None], list[Cell]] = defaultdict(list)
    for cell in await FACTS[kpi.fact](session, ask) if cells is None else cells:
        whose[cell.rep, cell.day].append(cell)
    held = Counter({key: int(sums(kpi, some, context)["held"]) for key, some in whose.items()})
    held = +held  # nobody for nothing
    reps = {rep for rep, _ in held}
    return {
        "days": [day.isoformat() for day in shown],
        "reps": {str(rep): [held[rep, day] for day in shown] for rep in reps if rep is not None},
    }


async def in_stage_order(session: AsyncSession, asked: Question, answer: Plain) -> None:
    """Puts an answer's groups by stage in the order of the pipeline, those of no stage last."""
    stage: Any = at(Stage, asked.moment)
    rows = await session.execute(select(stage.c.id, stage.c.position))
    places = {str(row.id): row.position for row in rows}
    answer["groups"].sort(key=lambda group: places.get(group["key"], 1_000_000))


async def portfolio(session: AsyncSession, asked: Question) -> Plain:
    """Customers to watch, of the outstanding amount by customer: over their credit limit, late, overdue, asking."""
    kpi = BY_NAME["outstanding"]
    ask = asked.ask_state(asked.day, frozenset({"customer"}))
    today = asked.state_day(asked.period) == asked.day
    kept = await watched(session, kpi, ask, PORTFOLIO_SHOWN) if today else None
    asked = replace(asked, group_by="customer", interval=None, compare=())
    if kept:
        asked = replace(asked, filters={**asked.filters, "customer": kept.first | kept.stale})
    groups = [group for group in (await answer_data(session, kpi, asked))["groups"] if group["key"] is not None]
    limits = await credit_limits(session, asked.moment, [UUID(group["key"]) for group in groups])
    owed = {group["key"]: _owed(group, limits.get(UUID(group["key"]))) for group in groups}
    watch = {key: rank for key, each in owed.items() if (rank := each.rank(UUID(key))) is not None}
    items = [
        _owing(group, owed[group["key"]], limits.get(UUID(group["key"])))
        for group in sorted(groups, key=lambda group: watch.get(group["key"], ()), reverse=True)
        if group["key"] in watch
    ]
    own = [each.counts for key, each in owed.items() if kept is None or UUID(key) in kept.stale]
    counts = {name: int(sum(each[place] for each in own)) for place, name in enumerate(COUNTS)}
    if kept:
        counts = {name: count + kept.counts[name] for name, count in counts.items()}
    return {**counts, "items": items[:PORTFOLIO_SHOWN]}


def _owed(group: Plain, limit: Decimal | None) -> Owing:
    parts, amount = group["components"], Decimal(group["value"] or 0)
    return Owing(
        amount=amount,
        overdue=Decimal(parts["overdue"] or 0),
        late_deliveries=Decimal(parts["late_deliveries"] or 0),
        late_amount=Decimal(parts["late_amount"] or 0),
        open_requests=Decimal(parts["open_requests"] or 0),
        over_limit=limit is not None and amount > limit,
    )


def _owing(group: Plain, owed: Owing, limit: Decimal | None) -> Plain:
    parts, used = group["components"], None if limit is None else ratio(owed.amount, limit)
    return {
        "customer_id": group["key"],
        "customer": group["label"],
        "outstanding": group["value"],
        "credit_limit": None if limit is None else exact_money(limit),
        "used": None if used is None else plain_decimal(used),
        "over_limit": owed.over_limit,
        "overdue": parts["overdue"],
        "late_deliveries": parts["late_deliveries"] or 0,
        "late_amount": parts["late_amount"],
        "open_requests": parts["open_requests"] or 0,
    }


async def matrix(session: AsyncSession, asked: Question) -> Plain:
    """Share of contacts that have each field, by team, a decision-maker weighing 3."""
    found = await answer(session, BY_NAME["contact_completeness"], replace(asked, group_by="team", compare=()))
    teams = {team: result.inputs for team, result, _ in found.groups}
    labels = await names(session, "team", teams)
    rows = [
        {
            "team_id": plain(team),
            "team": labels.get(team),
            "fields": {name: _share(sums[f"filled_{name}"], sums["weight"]) for name in CONTACT_FIELDS},
        }
        for team, sums in teams.items()
    ]
    rows.sort(key=lambda row: (row["team_id"] is None, str(row["team"])))
    return {"fields": list(CONTACT_FIELDS), "rows": rows}


def _share(filled: Decimal, possible: Decimal) -> Plain:
    share = ratio(filled, possible)
    return {
        "filled": int(filled),
        "possible": int(possible),
        "share": None if share is None else plain_decimal(share),
    }


async def strip(session: AsyncSession, states: Mapping[str, Listed], *, amounts: bool) -> Plain:
    """Every customer who ordered by silence ÷ own cycle: how many in each state, and the biggest by revenue."""
    rows = sorted(
        (row for each in states.values() for row in each.rows), key=lambda row: (-row.details["at_stake"], row.id)
    )
    shown = rows[:CYCLES]
    labels = await names(session, "customer", [row.id for row in shown])
    return {
        "counts": {state: each.count for state, each in states.items()},
        "items": [
            {
                "customer_id": plain(row.id),
                "customer": labels.get(row.id),
                "state": row.details["state"],
                "silence_days": row.details["silence_days"],
                "cycle_days": row.details["cycle_days"],
                "ratio": _times(row.details["silence_days"], row.details["cycle_days"]),
                "at_stake": exact_money(half_up(row.details["at_stake"])) if amounts else None,
            }
            for row in shown
        ],
    }


def _times(silence: int, cycle: Decimal) -> str | None:
    return plain_decimal(half_up(Decimal(silence) / cycle, 2)) if cycle else None


async def rhythm(session: AsyncSession, customer: UUID, asked: Question) -> Plain:
    """One customer's own cycle, whoever follows it: null where it has not ordered yet."""
    whole = replace(asked, filters={"customer": frozenset({customer})}, who=None)
    cells: list[CustomerCell] = await FACTS["customers"](session, whole.ask_state(asked.day, frozenset({"record"})))
    state = life_cycle(cells[0], asked.day, asked.company.rules) if cells else None
    if state is None:
        return dict.fromkeys(RHYTHM)
    told = (
        state.state, state.cycle, state.cycle_source, state.silence,
        half_up(Decimal(state.silence) / state.cycle, 2) if state.cycle else None, state.last_order_on,
        state.promised, cells[0].last_visit_on, is_due(cells[0], asked.day, asked.company.rules),
    )  # fmt: skip
    return {name: plain(value) for name, value in zip(RHYTHM, told, strict=True)}


async def next_steps(session: AsyncSession, plans: list[UUID]) -> dict[str, Plain]:
    """The first action still to do of each plan, the soonest due first."""
    statement = (
        select(PlanAction.action_plan_id, PlanAction.id, PlanAction.title, PlanAction.due_on)
        .where(PlanAction.action_plan_id.in_(plans), PlanAction.status == "planned")
        .order_by(PlanAction.due_on.nulls_last(), PlanAction.position)
    )
    found: dict[str, Plain] = {}
    for row in await session.execute(statement):
        step = {"action_id": str(row.id), "title": row.title, "due_on": plain(row.due_on)}
        found.setdefault(str(row.action_plan_id), step)
    return found
