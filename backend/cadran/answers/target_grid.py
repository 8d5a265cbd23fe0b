"""The targets of a year as a manager sets them: months across, holders down, each group under its parent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import aims
from cadran.answers.answer import answer
from cadran.answers.company import Company, company
from cadran.answers.question import Question
from cadran.metrics import targets as t
from cadran.metrics.kpi import Kpi
from cadran.metrics.periods import Period, between, buckets, label, parse
from cadran.models import BusinessUnit, Team, User
from cadran.rules.principal import Principal

Way = Literal["company", "working_days", "even", "last_year"]
MODELS: dict[str, Any] = {"business_unit": BusinessUnit, "team": Team, "rep": User}


@dataclass(frozen=True)
class Change:
    """A target as it would be: ``value`` None takes it away."""

    scope: t.Scope
    period: Period
    value: Decimal | None


@dataclass(frozen=True)
class Cell:
    """``value``: set for this very scope and period. ``resolved``: the target that holds, wherever it comes from."""

    period: Period
    value: Decimal | None
    resolved: t.Resolved


@dataclass(frozen=True)
class Row:
    """``cells``: the twelve months, then the year. ``others``: targets of other periods of the year."""

    scope: t.Scope
    name: str | None
    editable: bool
    cells: tuple[Cell, ...]
    others: tuple[t.Target, ...]


@dataclass(frozen=True)
class Group:
    """``sums``: of the rows, as ``Row.cells``; None where no row has a target, or the KPI is not one to add up.

    ``gaps``: the parent's own target minus that sum.
    """

    parent: Row | None
    rows: tuple[Row, ...]
    sums: tuple[Decimal | None, ...]
    gaps: tuple[Decimal | None, ...]


@dataclass
class Sheet:
    """A KPI's targets over a fiscal year. Made by ``sheet``; then changed, never written, here."""

    session: AsyncSession
    who: Principal
    kpi: Kpi
    company: Company
    year: Period
    book: t.TargetBook

    @property
    def periods(self) -> list[Period]:
        """The months in fiscal order, then the year."""
        return [*buckets(self.year, "month", self.company.fiscal_start_month), self.year]

    @property
    def adds_over_months(self) -> bool:
        """Whether a year's figure is the sum of its months'."""
        return self.kpi.additive and self.kpi.kind != "stock"

    @property
    def ways(self) -> list[Way]:
        """How a year can be spread over its months, the usual way first."""
        if not self.adds_over_months:
            return []
        own: list[Way] = ["company"] if self.company.weights else []
        return [*own, "working_days", "even", "last_year"]

    def written(self) -> dict[str, Period]:
        """The periods as they are written: 2026-01 … 2026."""
        return {label(period, self.company.fiscal_start_month): period for period in self.periods}

    def may_aim(self, scope: t.Scope) -> bool:
        """A manager aims the own teams and their reps."""
        if self.who.sees_all:
            return True
        teams = [t.Scope("team", key) for key in self.who.team_ids]
        return scope in teams or any(scope in self.book.organisation.members(team) for team in teams)

    def own(self, scope: t.Scope, period: Period) -> Decimal | None:
        found = [each for each in self.book.own(self.kpi.name, scope) if _same(each.period, period)]
        return found[0].value if found else None

    def change(self, changes: Iterable[Change]) -> None:
        """As if these were saved."""
        known = {(each.kpi, each.scope, each.period.start, each.period.end): each for each in self.book.targets}
        for each in changes:
            key = (self.kpi.name, each.scope, each.period.start, each.period.end)
            if each.value is None:
                known.pop(key, None)
            else:
                known[key] = t.Target(self.kpi.name, each.scope, each.period, each.value)
        self.book = replace(self.book, targets=list(known.values()))

    async def spread(self, scope: t.Scope, value: Decimal | None, way: Way) -> list[Change]:
        """The changes that make a year's figure of its months; None clears them. A figure set for the year follows."""
        *months, year = self.periods
        shares: Sequence[Decimal | None] = [None] * len(months)
        if value is not None:
            whole = self.kpi.unit == "count" or value == value.to_integral_value()
            places = 0 if whole else 2  # a whole figure is aimed at in whole months
            shares = t.spread(value, await self._weights(scope, way), places)
        changes = [Change(scope, month, share) for month, share in zip(months, shares, strict=True)]
        if self.own(scope, year) is not None:
            changes.append(Change(scope, year, value))
        return changes

    async def _weights(self, scope: t.Scope, way: Way) -> Sequence[Decimal | int]:
        months = self.periods[:-1]
        if way == "last_year":
            # Somebody new follows the season of all one sees.
            for filters in (_filters(scope), {}):
                sold = await self._last_year(filters)
                if any(sold):
                    return sold
        if way == "company" and self.company.weights:
            return self.company.weights
        worked = [self.company.calendar.count(month.start, month.end) for month in months]
        return worked if way != "even" and any(worked) else [1] * len(months)

    async def _last_year(self, filters: dict[str, frozenset[Any]]) -> list[Decimal]:
        """The KPI by month over the last twelve whole months before the year; a month below 0 weighs nothing."""
        end = min(self.year.start, self.company.today().replace(day=1))
        if end.year < 1902:  # before time begins
            return []
        window = between(end.replace(year=end.year - 1), end, self.company.fiscal_start_month)
        asked = replace(_question(self.company, self.who, window), interval="month", filters=filters)
        found = await answer(self.session, self.kpi, asked)
        by_month = {month.start.month: max(Decimal(result.value or 0), Decimal(0)) for month, result in found.series}
        return [by_month.get(month.start.month, Decimal(0)) for month in self.periods[:-1]]

    async def groups(self, level: t.ScopeKind, of: UUID | None = None) -> list[Group]:
        """The holders of a level, each group under its parent; ``of``: only the group of this parent."""
        placed = [(parent, rows) for parent, rows in self._placed(level) if of is None or (parent and parent.id == of)]
        keys = {scope.id for parent, rows in placed for scope in (*rows, parent) if scope and scope.id}
        names = await self._names(keys)
        groups = []
        for parent, scopes in placed:
            rows = sorted(
                (self._row(scope, names) for scope in scopes if self._counts(scope, names)),
                key=lambda row: (row.scope.kind, row.name or ""),
            )
            if rows or parent is not None:
                groups.append(self._group(self._row(parent, names) if parent else None, rows))
        return sorted(groups, key=lambda group: (group.parent is None, group.parent.name or "" if group.parent else ""))

    def _placed(self, level: t.ScopeKind) -> list[tuple[t.Scope | None, Sequence[t.Scope]]]:
        """The parents of a level with the scopes below: a manager's own teams only."""
        tree, who = self.book.organisation, self.who
        if level == "company":
            return [(None, [t.COMPANY])]
        if level == "business_unit":
            return [(t.COMPANY, tree.members(t.COMPANY))]
        above: t.ScopeKind = "business_unit" if level == "team" else "team"
        below = tree.teams_of_unit if level == "team" else tree.reps_of_team
        if not who.sees_all:
            own = [t.Scope("team", key) for key in sorted(who.team_ids)]
            return [(None, own)] if level == "team" else [(team, tree.members(team)) for team in own]
        parents = {key for key in below if key is not None}
        if level == "rep":
            parents |= {key for teams in tree.teams_of_unit.values() for key in teams}
        loose = [t.Scope(level, key) for key in below.get(None, ())]
        found: list[tuple[t.Scope | None, Sequence[t.Scope]]] = [
            (t.Scope(above, key), [t.Scope(level, one) for one in below.get(key, ())]) for key in parents
        ]
        return [*found, (None, loose)] if loose else found

    async def _names(self, keys: set[UUID]) -> dict[UUID, tuple[str, bool]]:
        found: dict[UUID, tuple[str, bool]] = {}
        for model in MODELS.values():
            rows = await self.session.execute(select(model.id, model.name, model.is_active).where(model.id.in_(keys)))
            found |= {row.id: (row.name, row.is_active) for row in rows}
        return found

    def _counts(self, scope: t.Scope, names: Mapping[UUID, tuple[str, bool]]) -> bool:
        """Who is still there, or was aimed at this year."""
        if scope.id is None:
            return True
        if scope.id in names and names[scope.id][1]:
            return True
        aimed = self.book.own(self.kpi.name, scope)
        return any(each.period.start < self.year.end and self.year.start < each.period.end for each in aimed)

    def _row(self, scope: t.Scope, names: Mapping[UUID, tuple[str, bool]]) -> Row:
        periods = self.periods
        own = self.book.own(self.kpi.name, scope)
        others = [
            each
            for each in own
            if each.period.start < self.year.end
            and self.year.start < each.period.end
            and not any(_same(each.period, period) for period in periods)
        ]
        return Row(
            scope=scope,
            name=names.get(scope.id, (None, False))[0] if scope.id else None,
            editable=self.may_aim(scope),
            cells=tuple(
                Cell(period, self.own(scope, period), aims.resolve(self.kpi, self.book, scope, period))
                for period in periods
            ),
            others=tuple(sorted(others, key=lambda each: (each.period.start, each.period.end))),
        )

    def _group(self, parent: Row | None, rows: Sequence[Row]) -> Group:
        sums: list[Decimal | None] = []
        gaps: list[Decimal | None] = []
        for place in range(len(self.periods)):
            values = [row.cells[place].resolved.value for row in rows]
            known = [value for value in values if value is not None]
            total = sum(known, Decimal(0)) if known and self.kpi.additive else None
            sums.append(total)
            whole = parent.cells[place].resolved if parent else None
            own = whole is not None and whole.origin not in (None, "members", "quotient")
            gaps.append(
                whole.value - total if own and total is not None and whole and whole.value is not None else None
            )
        return Group(parent, tuple(rows), tuple(sums), tuple(gaps))


async def sheet(session: AsyncSession, who: Principal, kpi: Kpi, year: int) -> Sheet:
    """The targets of a KPI in a fiscal year, as they stand. Raises PeriodError outside 1900–2199."""
    known = await company(session)
    period = parse(str(year), date(year, 1, 1), known.fiscal_start_month)
    question = _question(known, who, period)
    book = await aims.book(session, question)
    aimed = [target.scope.id for target in book.targets if target.scope.kind == "rep" and target.scope.id]
    members = await aims.organisation(session, question, aimed)
    return Sheet(session, who, kpi, known, period, replace(book, organisation=members))


def _question(known: Company, who: Principal, period: Period) -> Question:
    return Question(company=known, who=who, period=period, day=known.today())


def _filters(scope: t.Scope) -> dict[str, frozenset[Any]]:
    return {} if scope.kind == "company" else {scope.kind: frozenset({scope.id})}


def _same(one: Period, other: Period) -> bool:
    return one.start == other.start and one.end == other.end
