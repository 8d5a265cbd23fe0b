"""Targets beside values: which one applies, how far along it is, and whether the pace holds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.question import Question
from cadran.metrics import targets as t
from cadran.metrics.catalogue.activity import price_guard
from cadran.metrics.kpi import Caveat, Kpi, Result, Text
from cadran.metrics.pace import pace
from cadran.metrics.periods import Period, between
from cadran.metrics.rounding import ratio
from cadran.models import Target, Team, User
from cadran.queries.asof import at
from cadran.queries.remembered import until_written

SCOPES: dict[str, t.ScopeKind] = {"rep": "rep", "team": "team", "business_unit": "business_unit"}


@dataclass(frozen=True)
class Aim:
    """A target resolved for a slice. ``met``: attained, and the price guard holds where there is one."""

    target: Decimal | None
    origin: str | None
    attainment: Decimal | None
    expected_to_date: Decimal | None
    pace: Decimal | None
    met: bool | None
    warnings: tuple[Caveat, ...] = ()


NO_AIM = Aim(None, None, None, None, None, None)


async def book(session: AsyncSession, question: Question) -> t.TargetBook:
    """Every target and the organisation as they stood at the moment asked."""
    company = question.company
    key = ("targets", question.moment, company.calendar, company.weights, company.fiscal_start_month)
    return await until_written(session, key, ("targets", "users", "teams"), lambda: _book(session, question))


async def _book(session: AsyncSession, question: Question) -> t.TargetBook:
    company = question.company
    aims = at(Target, question.moment)
    found = [
        t.Target(
            row.kpi,
            t.Scope(row.scope_kind, row.scope_id),
            between(row.starts_on, row.ends_on, company.fiscal_start_month),
            row.value,
        )
        for row in await session.execute(select(aims).order_by(aims.c.created_at))
    ]
    if not found:  # then nobody's place in the organisation matters
        return t.TargetBook((), calendar=company.calendar, fiscal_start_month=company.fiscal_start_month)
    aimed = [target.scope.id for target in found if target.scope.kind == "rep" and target.scope.id]
    members = await organisation(session, question, list(dict.fromkeys(aimed)))
    return t.TargetBook(found, members, company.calendar, company.weights, company.fiscal_start_month)


async def organisation(session: AsyncSession, question: Question, aimed: Sequence[UUID]) -> t.Organisation:
    """Who belongs to whom at the moment asked: active reps, and whoever else is ``aimed`` at."""
    users, teams = at(User, question.moment), at(Team, question.moment)
    reps: dict[UUID | None, list[UUID]] = defaultdict(list)
    sellers = select(users.c.id, users.c.team_id).where(
        or_(users.c.id.in_(aimed), (users.c.role == "rep") & users.c.is_active)
    )
    for row in await session.execute(sellers):
        reps[row.team_id].append(row.id)
    units: dict[UUID | None, list[UUID]] = defaultdict(list)
    for row in await session.execute(select(teams.c.id, teams.c.business_unit_id)):
        units[row.business_unit_id].append(row.id)
    return t.Organisation(units, reps)


# The scopes that those who do not see all see whole.
_WHOLE = {"rep": {"rep"}, "manager": {"rep", "team"}}


def scopes(question: Question) -> list[t.Scope] | None:
    """Whose targets add up to the slice asked; None when its filters cut across scopes (a customer, a product …)."""
    if set(question.filters) - set(SCOPES):
        return None
    who = question.who
    if who is not None and who.role in _WHOLE and set(question.filters) - _WHOLE[who.role]:
        return None  # of a team or unit one sees one's own part: its target is not that part's
    if len(question.filters) > 1 and any(None in values for values in question.filters.values()):
        return None
    for name, kind in SCOPES.items():  # the finest filter given says whose numbers these are
        if name in question.filters:
            values = question.filters[name]
            return None if None in values else [t.Scope(kind, value) for value in sorted(values)]
    if who is None or who.role not in _WHOLE:
        return [t.COMPANY]
    if who.role == "manager":
        return [t.Scope("team", team) for team in sorted(who.team_ids)]
    return [t.Scope("rep", who.user_id)]


def resolve(kpi: Kpi, known: t.TargetBook, scope: t.Scope, period: Period) -> t.Resolved:
    """The target of one scope, by what kind of KPI it is."""
    if kpi.target_ratio:
        return t.ratio_target(known, kpi.name, *kpi.target_ratio, scope, period)
    if not kpi.additive:
        # A ratio or an index is never summed over members: only a target of this very scope holds.
        return t.own_target(known, kpi.name, scope, period, flow=False)
    return t.resolve(known, kpi.name, scope, period, flow=kpi.kind != "stock")


def _several(kpi: Kpi, known: t.TargetBook, wanted: Sequence[t.Scope], period: Period) -> t.Resolved:
    """One scope's target; for several, the sum over them, as over the members of a group."""
    if len(wanted) == 1:
        return resolve(kpi, known, wanted[0], period)
    if kpi.target_ratio is None and not kpi.additive:
        return t.Resolved()
    group = t.Scope("company", None)
    teams: dict[UUID | None, Sequence[UUID]] = {None: [one.id for one in wanted if one.kind == "team" and one.id]}
    teams |= {one.id: known.organisation.teams_of_unit.get(one.id, ()) for one in wanted if one.kind == "business_unit"}
    reps: dict[UUID | None, Sequence[UUID]] = dict(known.organisation.reps_of_team)
    reps[None] = [one.id for one in wanted if one.kind == "rep" and one.id]
    members = t.Organisation(teams, reps)
    inside = [target for target in known.targets if target.scope.kind != "company"]
    return resolve(kpi, replace(known, targets=inside, organisation=members), group, period)


def aim(kpi: Kpi, known: t.TargetBook, wanted: Sequence[t.Scope], question: Question, result: Result) -> Aim:
    """The target of the scopes over the question's period, and where the value stands against it."""
    period, calendar = question.period, question.company.calendar
    resolved = _several(kpi, known, wanted, period)
    if resolved.value is None:
        return replace(NO_AIM, warnings=_caveats(resolved))
    # Of the exact sums: rounding happens once, at the end.
    exact = kpi.compute(result.inputs) if result.inputs else None
    elapsed, whole = calendar.elapsed(period, question.day), calendar.count(period.start, period.end)
    accrues = kpi.kind != "stock" and kpi.additive
    found = pace(exact, resolved.value, elapsed, whole, accrues=accrues)
    attainment = None if exact is None else ratio(exact, resolved.value)
    return Aim(
        target=resolved.value,
        origin=resolved.origin,
        attainment=attainment,
        expected_to_date=found.expected_to_date,
        pace=found.pace,
        met=_met(kpi, result, resolved.value, question),
        warnings=_caveats(resolved),
    )


def _met(kpi: Kpi, result: Result, target: Decimal, question: Question) -> bool | None:
    if result.value is None:
        return None
    reached = result.value <= target if kpi.higher_is_better is False else result.value >= target
    guarded = {"list_amount", "cost_net"} <= set(result.inputs)
    return reached and not (guarded and price_guard(result.inputs, question.context(question.period)) is False)


def _caveats(resolved: t.Resolved) -> tuple[Caveat, ...]:
    return tuple(
        Caveat(warning.code, Text(warning.message("fr"), warning.message("en"))) for warning in resolved.warnings
    )


def group_scope(question: Question, key: Any) -> list[t.Scope] | None:
    """The scope a group stands for, when it is one that may have targets and the group holds all of it."""
    dimension, who = question.group_by, question.who
    if dimension not in SCOPES or key is None or scopes(question) is None:
        return None
    if set(question.filters) & set(list(SCOPES)[: list(SCOPES).index(dimension)]):
        return None  # only some reps of a team, only some teams of a unit
    if who is not None and who.role in _WHOLE and dimension not in _WHOLE[who.role]:
        return None
    if who is not None and who.role == "manager" and dimension == "team" and key not in who.team_ids:
        return None
    return [t.Scope(SCOPES[dimension], key)]


def members(known: t.TargetBook, question: Question) -> list[UUID]:
    """The groups of the question that a target may be set for, among those asked for."""
    wanted, found = list(scopes(question) or ()), []
    while wanted:
        scope = wanted.pop()
        if SCOPES.get(question.group_by or "") == scope.kind and scope.id is not None:
            found.append(scope.id)
        wanted += known.organisation.members(scope)
    return sorted(set(found))
