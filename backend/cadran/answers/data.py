"""One KPI's whole answer as plain data, targets, averages and warnings included."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import aims
from cadran.answers.answer import Answer, Compared, answer
from cadran.answers.present import (
    Plain,
    aim_data,
    catalogue_data,
    compared_data,
    figure,
    instant,
    period_data,
    plain,
    result_data,
    warning_data,
)
from cadran.answers.question import Question
from cadran.metrics.kpi import Kpi, Result, change, evaluate
from cadran.metrics.rounding import half_up
from cadran.metrics.targets import TargetBook
from cadran.models import User
from cadran.queries.labels import names


async def answer_data(session: AsyncSession, kpi: Kpi, question: Question, known: TargetBook | None = None) -> Plain:
    """What ``GET /kpi/{name}`` answers. ``known``: the targets, when the caller has loaded them for several KPIs."""
    found = await answer(session, kpi, question)
    if kpi.takes_target and known is None:
        known = await aims.book(session, question)
    wanted = aims.scopes(question)
    aim = aims.aim(kpi, known, wanted, question, found.result) if known and wanted and kpi.takes_target else aims.NO_AIM
    period, company = question.period, question.company
    entry = catalogue_data(kpi)
    data = {
        "name": kpi.name,
        "label": entry["label"],
        "unit": kpi.unit,
        "currency": company.currency if kpi.unit == "money" else None,
        "period": period_data(period, company.fiscal_start_month),
        "as_of": instant(question.as_of),
        "as_of_day": question.day.isoformat(),
        **result_data(kpi, found.result),
        "count": None if kpi.count is None else figure(found.result.inputs.get(kpi.count), "count"),
        **aim_data(kpi, aim, found.result),
        "working_days": {
            "elapsed": company.calendar.elapsed(period, question.day),
            "total": company.calendar.count(period.start, period.end),
        },
        "comparisons": [compared_data(found, compared) for compared in found.comparisons],
        "series": [
            {"period": period_data(window, company.fiscal_start_month), **result_data(kpi, result)}
            for window, result in found.series
        ],
        "groups": await _groups(session, found, known),
        "team_average": await _team_average(session, kpi, question),
        "warnings": [warning_data(caveat) for caveat in (*found.result.warnings, *aim.warnings)],
        "definition_version": kpi.definition_version,
    }
    return data if question.who is None or question.who.sees_amounts else _without_amounts(kpi, data)


async def _groups(session: AsyncSession, found: Answer, known: TargetBook | None) -> list[Plain]:
    dimension = found.question.group_by
    if dimension is None:
        return []
    told = [(key, result, comparisons, _aim(found, known, key, result)) for key, result, comparisons in found.groups]
    told = sorted([*told, *_silent(found, known)], key=lambda each: each[0] is None)  # the unassigned come last
    labels = await names(session, dimension, [key for key, *_ in told])
    rows = []
    for key, result, comparisons, aim in told:
        rows.append(
            {
                "key": plain(key),
                "label": labels.get(key),
                "unassigned": key is None,
                **result_data(found.kpi, result),
                **aim_data(found.kpi, aim, result),
                "comparisons": [compared_data(found, compared) for compared in comparisons],
            }
        )
    return rows


def _aim(found: Answer, known: TargetBook | None, key: Any, result: Result) -> aims.Aim:
    wanted = aims.group_scope(found.question, key)
    if known is None or wanted is None or not found.kpi.takes_target:
        return aims.NO_AIM
    return aims.aim(found.kpi, known, wanted, found.question, result)


def _silent(found: Answer, known: TargetBook | None) -> list[tuple[Any, Result, tuple[Compared, ...], aims.Aim]]:
    """The groups with a target and nothing achieved: the furthest behind of all."""
    question, there = found.question, {key for key, *_ in found.groups}
    if known is None or not found.kpi.takes_target or question.period.start > question.day:
        return []
    day = question.state_day(question.period) if found.kpi.kind == "stock" else None
    context = question.context(question.period)
    nothing = evaluate(found.kpi, (), context if day is None else replace(context, day=day))
    compared = tuple(
        Compared(each.kind, each.period, nothing, change(nothing.value, nothing.value)) for each in found.comparisons
    )
    aimed = [(key, _aim(found, known, key, nothing)) for key in aims.members(known, question) if key not in there]
    return [(key, nothing, compared, aim) for key, aim in aimed if aim.target is not None]


async def _team_average(session: AsyncSession, kpi: Kpi, question: Question) -> Plain | None:
    """For a rep: the team's ratio, or the team's sum shared among its active reps."""
    who = question.who
    if who is None or who.role != "rep" or not who.team_ids:
        return None
    kept = {name: values for name, values in question.filters.items() if name not in (*aims.SCOPES, "customer")}
    filters = kept | {"team": frozenset(who.team_ids)}
    team = replace(question, who=None, filters=filters, interval=None, group_by=None, compare=())
    result = (await answer(session, kpi, team)).result
    reps = (
        await session.execute(
            select(func.count()).where(User.team_id.in_(list(who.team_ids)), User.role == "rep", User.is_active)
        )
    ).scalar_one()
    value = result.value
    if kpi.additive and value is not None:
        value = half_up(value / reps, 2) if reps else None
    unit = "number" if kpi.additive and kpi.unit == "count" else kpi.unit
    return {"value": figure(value, unit), "reps": reps}


def _without_amounts(kpi: Kpi, data: Plain) -> Plain:
    """Marketing sees no amounts: money components become null wherever they stand."""
    hidden = [name for name, part in kpi.components.items() if part.unit == "money"]

    def cleaned(part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: {name: None if name in hidden else figure for name, figure in value.items()}
                if key == "components"
                else cleaned(value)
                for key, value in part.items()
            }
        return [cleaned(each) for each in part] if isinstance(part, list) else part

    found: Plain = cleaned(data)
    return found


def table(data: Plain) -> tuple[list[str], list[list[Any]]]:
    """An answer as one flat table, for spreadsheets: the total, then its comparisons, series and groups."""
    components = list(data["components"])
    header = ["kpi", "part", "from", "to", "group_id", "group", "value", "target", "attainment", "pace", *components]

    def row(part: str, of: Plain, period: Plain, key: Any = None, label: Any = None) -> list[Any]:
        values = [of.get(name) for name in ("value", "target", "attainment", "pace")]
        numbers = [number(value) for value in [*values, *(of["components"].get(name) for name in components)]]
        return [data["name"], part, period["from"], period["to"], key, label, *numbers]

    rows = [row("total", data, data["period"])]
    rows += [row(each["kind"], each, each["period"]) for each in data["comparisons"]]
    rows += [row("series", each, each["period"]) for each in data["series"]]
    rows += [row("group", each, data["period"], each["key"], each["label"]) for each in data["groups"]]
    return header, rows


def number(value: Any) -> Any:
    """Decimal strings back to decimals, so that a spreadsheet gets numbers."""
    return Decimal(value) if isinstance(value, str) else value
