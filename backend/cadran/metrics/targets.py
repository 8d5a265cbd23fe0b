"""Targets: which figure a scope is to reach over any period, where it comes from, and the pace it asks for.

Resolution, in this order: a target for exactly that scope and period; else the sum of finer ones that tile the period
exactly; else the coarser one that holds it, spread; else, for a group, the sum over its members. Targets are never
combined otherwise (finer for a part, coarser for the rest): what the law does not say is not invented.

Shares are exact fractions inside, so that a parent and its members are compared before any rounding; what is shown is
rounded cumulatively, so that the shares of any partition add up to the whole target, to the last decimal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal
from uuid import UUID

from cadran.metrics.periods import Period, buckets, unit_at
from cadran.metrics.rounding import half_up
from cadran.metrics.workdays import Calendar

MOST_RESOLVED = 20_000  # results a book remembers

ScopeKind = Literal["company", "business_unit", "team", "rep"]
Origin = Literal["explicit", "sum_of_finer", "last_of_finer", "spread", "held", "members", "quotient"]
WarningCode = Literal["parent_differs", "parts_differ", "members_without_target", "quotient_of_unlike_members"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figure: ``id`` is None for the company, and only for it."""

    kind: ScopeKind
    id: UUID | None = None


COMPANY = Scope("company")


@dataclass(frozen=True, slots=True)
class Target:
    """What ``scope`` is to reach on ``kpi`` over ``period``, in the KPI's own unit."""

    kpi: str
    scope: Scope
    period: Period
    value: Decimal


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who belongs to whom. The key None holds the teams of no business unit, and the reps of no team.

    Every team is to appear under a unit or under None. Only reps who may have a target are to be given: each one
    listed without one is reported as such.
    """

    teams_of_unit: Mapping[UUID | None, Sequence[UUID]] = field(default_factory=dict)
    reps_of_team: Mapping[UUID | None, Sequence[UUID]] = field(default_factory=dict)

    def members(self, scope: Scope) -> tuple[Scope, ...]:
        """The scopes right below, each rep of the company under exactly one of them."""
        teams = tuple(Scope("team", team) for team in self.teams_of_unit.get(scope.id, ()))
        reps = tuple(Scope("rep", rep) for rep in self.reps_of_team.get(scope.id, ()))
        match scope.kind:
            case "company":
                units = (Scope("business_unit", unit) for unit in self.teams_of_unit if unit is not None)
                return (*units, *teams, *reps)
            case "business_unit":
                return teams
            case "team":
                return reps
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class TargetWarning:
    """Something a reader of a target should know. Figures that do not concern the code are None or 0.

    ``parent_differs``: ``scope`` has ``whole`` while its members add up to ``parts``.
    ``parts_differ``: it has ``whole`` while its own targets of finer periods make ``parts``.
    ``members_without_target``: ``missing`` of its ``members`` have none, so that its sum is partial.
    ``quotient_of_unlike_members``: a ratio's two targets are not set for the same members, so that it has none.
    """

    code: WarningCode
    scope: Scope
    whole: Decimal | None = None
    parts: Decimal | None = None
    missing: int = 0
    members: int = 0

    def message(self, language: Literal["fr", "en"]) -> str:
        """The warning as a sentence."""
        fr, en = _SENTENCES[self.code]
        french = language == "fr"
        return (fr if french else en).format(
            scope=_SCOPES[self.scope.kind][0 if french else 1],
            whole=_figure(self.whole, french),
            parts=_figure(self.parts, french),
            missing=self.missing,
            members=self.members,
        )


_SCOPES: dict[ScopeKind, tuple[str, str]] = {
    "company": ("de l’entreprise", "company"),
    "business_unit": ("de la business unit", "business unit"),
    "team": ("de l’équipe", "team"),
    "rep": ("du commercial", "rep"),
}
_SENTENCES: dict[WarningCode, tuple[str, str]] = {
    "parent_differs": (
        "L’objectif {scope} ({whole}) diffère de la somme de ses membres ({parts}).",
        "The {scope}’s target ({whole}) differs from the sum of its members ({parts}).",
    ),
    "parts_differ": (
        "L’objectif {scope} ({whole}) diffère de celui de ses périodes plus courtes ({parts}).",
        "The {scope}’s target ({whole}) differs from that of its shorter periods ({parts}).",
    ),
    "members_without_target": (
        "Objectif {scope} partiel : membres sans objectif, {missing} sur {members}.",
        "The {scope}’s target is partial: members without one, {missing} of {members}.",
    ),
    "quotient_of_unlike_members": (
        "Pas d’objectif {scope} : ses deux termes ne sont pas fixés pour les mêmes membres.",
        "The {scope} has no target: its two terms are not set for the same members.",
    ),
}


def _figure(value: Decimal | None, french: bool) -> str:
    if value is None:
        return ""
    written = f"{value:,.2f}".removesuffix(".00")
    return written.translate({ord(","): "\u202f", ord("."): ","}) if french else written


@dataclass(frozen=True, slots=True)
class Resolved:
    """``value``: None when no target applies. ``missing``: who below has none, in a sum over members.

    ``exact``: the value before rounding.
    """

    value: Decimal | None = None
    origin: Origin | None = None
    sources: tuple[Target, ...] = ()
    warnings: tuple[TargetWarning, ...] = ()
    missing: frozenset[Scope] = frozenset()
    exact: Fraction = Fraction(0)


@dataclass(frozen=True, eq=False)
class TargetBook:
    """Every target of a company and all it takes to resolve one; made once, asked often.

    ``weights``: twelve figures of at least 0, the first for the first month of the fiscal year; None weighs by working
    days. Raises ValueError on other weights. Of two targets for the same KPI, scope and dates, the later one holds.
    """

    targets: Iterable[Target]
    organisation: Organisation = Organisation()
    calendar: Calendar = field(default_factory=Calendar)
    weights: Sequence[Decimal] | None = None
    fiscal_start_month: int = 1

    def __post_init__(self) -> None:
        if self.weights is not None and (len(self.weights) != 12 or any(weight < 0 for weight in self.weights)):
            raise ValueError("Monthly weights are twelve figures of at least 0, in fiscal order.")

    @cached_property
    def _own(self) -> dict[tuple[str, Scope], list[Target]]:
        latest = {(each.kpi, each.scope, each.period.start, each.period.end): each for each in self.targets}
        found: dict[tuple[str, Scope], list[Target]] = {}
        for target in latest.values():
            found.setdefault((target.kpi, target.scope), []).append(target)
        return found

    @cached_property
    def resolved(self) -> dict[tuple[str, Scope, date, date, bool], "Resolved"]:
        """What was resolved of it before."""
        return {}

    def own(self, kpi: str, scope: Scope) -> Sequence[Target]:
        """The targets set for this very scope, whatever their period."""
        return self._own.get((kpi, scope), ())

    def share(self, target: Target, period: Period) -> tuple[Decimal, Fraction]:
        """The part of a target that falls in ``period``, which it holds: as shown, and exactly.

        By monthly weights, and by working days within a month. Where these are all 0, by working days, then by days.
        """
        start, end = (self._gone(target.period, day) for day in (period.start, period.end))
        exact = Fraction(target.value)

        def shown(part: Fraction) -> Decimal:
            return target.value if part == 1 else half_up(exact * part)

        return shown(end) - shown(start), exact * (end - start)

    def _gone(self, period: Period, day: date) -> Fraction:
        """How much of a period's weight is gone by the start of ``day``."""
        key = (period.start, period.end, day)
        if key not in self._known_parts:
            weigh = next(weigh for weigh in (self._weighed, self._worked, _length) if weigh(period))
            self._known_parts[key] = weigh(Period(period.start, day)) / weigh(period)
        return self._known_parts[key]

    def _worked(self, period: Period) -> Fraction:
        return Fraction(self.calendar.count(period.start, period.end))

    @cached_property
    def _known_parts(self) -> dict[tuple[date, date, date], Fraction]:
        # Reps share their periods: a screen asks for the same few shares thousands of times.
        return {}

    def _weighed(self, period: Period) -> Fraction:
        if self.weights is None:
            return self._worked(period)
        weights, total = self.weights, Fraction(0)
        for part in buckets(period, "month"):
            month = unit_at(part.start, "month")
            weight = Fraction(weights[(month.start.month - self.fiscal_start_month) % 12])
            size = self._worked if self._worked(month) else _length
            total += weight * size(part) / size(month)
        return total


def spread(value: Decimal, weights: Sequence[Decimal | Fraction | int], places: int = 2) -> list[Decimal]:
    """``value`` shared out by weight, each share to ``places`` decimals; they add up to it to its last decimal.

    Raises ValueError when a weight is negative or all are 0.
    """
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if not whole or any(weight < 0 for weight in weights):
        raise ValueError("Weights are at least 0, and not all 0.")
    shares, done, given = [], Fraction(0), Decimal(0)
    for weight in weights:
        done += Fraction(weight)
        up_to = value if done == whole else half_up(Fraction(value) * done / whole, places)
        shares.append(up_to - given)
        given = up_to
    return shares


def resolve(book: TargetBook, kpi: str, scope: Scope, period: Period, *, flow: bool = True) -> Resolved:
    """The target of an additive KPI for any scope and period.

    A stock (``flow=False``) sums over scopes but not over time: the last of the finer targets holds, and a coarser one
    holds as it is. For ratios see ``ratio_target``.
    """
    key = (kpi, scope, period.start, period.end, flow)
    found = book.resolved.get(key)
    if found is None:
        if len(book.resolved) >= MOST_RESOLVED:
            book.resolved.clear()
        found = book.resolved[key] = _resolve(book, kpi, scope, period, flow)
    return found


def _resolve(book: TargetBook, kpi: str, scope: Scope, period: Period, flow: bool) -> Resolved:
    own = own_target(book, kpi, scope, period, flow=flow)
    members = [(member, resolve(book, kpi, member, period, flow=flow)) for member in book.organisation.members(scope)]
    # A group in which nobody could have a target is not somebody who lacks one.
    members = [(member, found) for member, found in members if found.value is not None or _peopled(book, member)]
    without = frozenset(member for member, found in members if found.value is None)
    missing = without.union(*(found.missing for _, found in members))
    known = [found for _, found in members if found.value is not None]
    exact = sum((found.exact for found in known), Fraction(0))
    if own.value is not None:
        if known and not missing and half_up(exact) != half_up(own.exact):
            differs = TargetWarning("parent_differs", scope, whole=half_up(own.exact), parts=half_up(exact))
            return replace(own, warnings=(*own.warnings, differs))
        return own
    if not known:
        return Resolved()
    warnings = tuple(warning for found in known for warning in found.warnings)
    if without:
        partial = TargetWarning("members_without_target", scope, missing=len(without), members=len(members))
        warnings = (partial, *warnings)
    return Resolved(
        value=sum((found.value for found in known if found.value is not None), Decimal(0)),
        origin="members",
        sources=tuple(source for found in known for source in found.sources),
        warnings=warnings,
        missing=missing,
        exact=exact,
    )


def ratio_target(
    book: TargetBook, kpi: str, numerator: str, denominator: str, scope: Scope, period: Period, *, places: int = 2
) -> Resolved:
    """The target of a ratio: the one set for exactly that scope and period, else the quotient of two resolved targets.

    Never a mean, a sum or a share of ratio targets. ``places``: decimals of the quotient. None when the denominator's
    target is 0 or either is unset; None with a warning when the two are not set for the same members.
    """
    for target in book.own(kpi, scope):
        if _same(target.period, period):
            return Resolved(target.value, "explicit", (target,), exact=Fraction(target.value))
    above, below = resolve(book, numerator, scope, period), resolve(book, denominator, scope, period)
    warnings = (*above.warnings, *below.warnings)
    if above.value is None or below.value is None or not below.exact:
        return Resolved()
    if above.missing != below.missing:
        return Resolved(warnings=(TargetWarning("quotient_of_unlike_members", scope), *warnings))
    exact = above.exact / below.exact
    sources = (*above.sources, *below.sources)
    return Resolved(half_up(exact, places), "quotient", sources, warnings, above.missing, exact)


def tiling(targets: Iterable[Target], period: Period) -> tuple[Target, ...]:
    """Disjoint targets that cover ``period`` exactly, the longest first where there is a choice; empty when none do."""
    found: dict[date, tuple[Target, date]] = {}
    reachable = {period.end}
    inside = (each for each in targets if period.start <= each.period.start < each.period.end <= period.end)
    # From the end backwards, so that each start knows whether the end can be reached from where a target leaves it;
    # among the targets of one start the longest comes last and stays.
    for target in sorted(inside, key=lambda each: (-each.period.start.toordinal(), each.period.end)):
        if target.period.end in reachable:
            found[target.period.start] = (target, target.period.end)
            reachable.add(target.period.start)
    if period.start not in found:
        return ()
    tiles: list[Target] = []
    day = period.start
    while day < period.end:
        target, day = found[day]
        tiles.append(target)
    return tuple(tiles)


def own_target(book: TargetBook, kpi: str, scope: Scope, period: Period, *, flow: bool = True) -> Resolved:
    """What this very scope's targets say, its members left aside; see :func:`resolve`."""
    own = book.own(kpi, scope)
    explicit = next((each for each in own if _same(each.period, period)), None)
    finer = tiling((each for each in own if not _same(each.period, period)), period)
    counted = finer if flow else finer[-1:]
    parts = sum((each.value for each in counted), Decimal(0))
    if explicit is not None:
        differs = TargetWarning("parts_differ", scope, whole=explicit.value, parts=parts)
        warnings = (differs,) if finer and half_up(parts) != half_up(explicit.value) else ()
        return Resolved(explicit.value, "explicit", (explicit,), warnings, exact=Fraction(explicit.value))
    if finer:
        origin: Origin = "sum_of_finer" if flow else "last_of_finer"
        return Resolved(parts, origin, counted, exact=Fraction(parts))
    holding = [each for each in own if each.period.start <= period.start and period.end <= each.period.end]
    if not holding or not period.days:
        return Resolved()
    coarser = min(holding, key=lambda each: (each.period.days, each.period.start))
    if not flow:
        return Resolved(coarser.value, "held", (coarser,), exact=Fraction(coarser.value))
    shown, exact = book.share(coarser, period)
    return Resolved(shown, "spread", (coarser,), exact=exact)


def _peopled(book: TargetBook, scope: Scope) -> bool:
    return scope.kind == "rep" or any(_peopled(book, member) for member in book.organisation.members(scope))


def _same(one: Period, other: Period) -> bool:
    return one.start == other.start and one.end == other.end


def _length(period: Period) -> Fraction:
    return Fraction(period.days)
