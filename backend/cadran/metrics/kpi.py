"""What a KPI is, and how its value is found: sum each input over the facts of a slice, then compute once.

Because ``compute`` only ever sees sums, no ratio is averaged, and records, groups and totals cannot disagree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from cadran.metrics.facts import ZERO, Cell, SummedCell
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up
from cadran.metrics.workdays import Calendar

Unit = Literal["money", "count", "ratio", "index", "number"]
Number = Decimal | int


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in the product's two languages."""

    fr: str
    en: str

    def as_dict(self) -> dict[str, str]:
        return {"fr": self.fr, "en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The company's own numbers, as its settings give them."""

    default_cycle_days: int = 90
    minimum_cycle_days: int = 14
    default_visit_cadence_days: int = 60
    follow_up_working_days: int = 7
    expiring_days: int = 7
    attribution_days: int = 30
    margin_floor: Decimal | None = None
    discount_ceiling: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """When and under which rules a slice is evaluated. ``day``: the civil day of ``as_of``, included."""

    day: date
    period: Period
    rules: Rules = Rules()
    calendar: Calendar = field(default_factory=Calendar)


Kind = Literal["flow", "stock", "history"]
Measure = Callable[[Any, Context], Number]
Compute = Callable[[Mapping[str, Decimal]], Decimal | None]


@dataclass(frozen=True, slots=True)
class Total:
    """A KPI that is the sum of one input."""

    name: str

    def __call__(self, sums: Mapping[str, Decimal]) -> Decimal | None:
        return sums[self.name]


@dataclass(frozen=True, slots=True)
class Quotient:
    """Σ numerator ÷ Σ denominator; null, never 0, when the denominator is 0."""

    numerator: str
    denominator: str

    def __call__(self, sums: Mapping[str, Decimal]) -> Decimal | None:
        return sums[self.numerator] / sums[self.denominator] if sums[self.denominator] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One additive measure over facts, with its label and unit."""

    measure: Measure
    label: Text
    unit: Unit = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A figure shown beside the value, computed from the same sums; null when it cannot be."""

    compute: Compute
    label: Text
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked case: documentation and test at once."""

    text: Text
    cells: tuple[Cell, ...]
    value: Decimal | None
    context: Context | None = None
    components: Mapping[str, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One KPI, declared once: API, screens, documents, command line and tests all read this.

    ``fact`` names the query that brings its cells. ``kind``: a flow counts the cells dated in the period, a stock is a
    state at a day, a history looks at the period itself through cells that carry several dates. ``inputs`` are summed,
    ``compute`` makes the value of their sums. ``count`` names the input a link such as "63 invoices" shows; ``beside``
    those that alone are worth a group, though its value is 0. ``details`` says of one record's cells what a list shows
    beside its contribution.
    """

    name: str
    number: int
    dashboard: Literal["activity", "day", "data-health", "field"]
    label: Text
    definition: Text
    formula: Text
    unit: Unit
    fact: str
    resource: str
    inputs: Mapping[str, Input]
    compute: Compute
    examples: tuple[Example, ...]
    dimensions: tuple[str, ...] = ("rep", "team", "business_unit", "customer")
    components: Mapping[str, Component] = field(default_factory=dict)
    kind: Kind = "flow"
    higher_is_better: bool | None = True
    companion: bool = False
    beside: tuple[str, ...] = ()
    takes_target: bool = False
    target_ratio: tuple[str, str] | None = None  # a ratio's target: Σ target of the first ÷ Σ target of the second
    count: str | None = None
    amounts: bool = True  # whether it shows amounts: then marketing may not ask it
    precision: int | None = None  # decimals of the value; by default those of its unit
    no_value: Text = Text("Aucune donnée sur cette période.", "No data in this period.")
    warn: Callable[[Mapping[str, Decimal], Context], list["Caveat"]] | None = None
    details: Callable[[Sequence[Any], Context], dict[str, Any]] | None = None
    definition_version: int = 1

    @property
    def main(self) -> tuple[str, ...]:
        """The inputs that make the value: one for a sum, numerator and denominator for a ratio, else all."""
        if isinstance(self.compute, Total):
            return (self.compute.name,)
        if isinstance(self.compute, Quotient):
            return (self.compute.numerator, self.compute.denominator)
        return tuple(self.inputs)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The inputs that make the value or its count: a record that adds to one of them is behind the number."""
        return self.main if self.count is None or self.count in self.main else (*self.main, self.count)

    @property
    def additive(self) -> bool:
        """Whether the values of parts add up to the value of the whole."""
        return isinstance(self.compute, Total)


@dataclass(frozen=True, slots=True)
class Caveat:
    """Something a reader of the number should know."""

    code: str
    message: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """``value`` is rounded for its unit; ``reason`` says why it is null. ``inputs`` are exact sums."""

    value: Decimal | None
    reason: Text | None
    inputs: Mapping[str, Decimal]
    components: Mapping[str, Decimal | None]
    warnings: tuple[Caveat, ...] = ()


PLACES: Mapping[Unit, int] = {"money": 2, "count": 0, "ratio": 6, "index": 1, "number": 2}


def counted(kpi: Kpi, cells: Iterable[Cell], context: Context) -> Iterable[Cell]:
    """The cells of the slice: those dated in the period for a flow, else all (the query already stands at a day)."""
    start, end = context.period.start, context.period.end
    if kpi.kind != "flow":
        # What is summed by day is dated, whatever its kind.
        return (
            cell for cell in cells if not isinstance(cell, SummedCell) or cell.day is None or start <= cell.day < end
        )
    return (cell for cell in cells if cell.day is not None and start <= cell.day < end)


def sums(kpi: Kpi, cells: Iterable[Cell], context: Context) -> dict[str, Decimal]:
    """Σ of each input over the cells of the slice."""
    totals = dict.fromkeys(kpi.inputs, ZERO)
    measures = [(name, declared.measure) for name, declared in kpi.inputs.items()]
    for cell in counted(kpi, cells, context):
        if isinstance(cell, SummedCell):
            for name, summed in cell.sums.items():
                totals[name] += summed
            continue
        for name, measure in measures:
            found = measure(cell, context)
            if found:
                totals[name] += found
    return totals


def evaluate(kpi: Kpi, cells: Iterable[Cell], context: Context) -> Result:
    """The KPI over a slice of facts."""
    return conclude(kpi, sums(kpi, cells, context), context)


def conclude(kpi: Kpi, totals: Mapping[str, Decimal], context: Context) -> Result:
    """The KPI from sums already made."""
    value = kpi.compute(totals)
    places = PLACES[kpi.unit] if kpi.precision is None else kpi.precision
    return Result(
        value=None if value is None else half_up(value, places),
        reason=kpi.no_value if value is None else None,
        inputs=totals,
        components={
            name: None if (found := part.compute(totals)) is None else half_up(found, PLACES[part.unit])
            for name, part in kpi.components.items()
        },
        warnings=tuple(kpi.warn(totals, context)) if kpi.warn else (),
    )


def by(cells: Iterable[Cell], dimension: str) -> dict[Any, list[Cell]]:
    """The cells of each value of a dimension; None is the visible ``unassigned`` group."""
    groups: dict[Any, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(getattr(cell, dimension), []).append(cell)
    return groups


def contributions(kpi: Kpi, cells: Iterable[Cell], context: Context) -> dict[tuple[str, Any], dict[str, Decimal]]:
    """What each record adds to each input, by (resource, record id); records that do not make the value are out."""
    found = {key: sums(kpi, group, context) for key, group in records(kpi, cells, context).items()}
    return {key: totals for key, totals in found.items() if any(totals[name] for name in kpi.evidence)}


def records(kpi: Kpi, cells: Iterable[Cell], context: Context) -> dict[tuple[str, Any], list[Cell]]:
    """The cells of the slice by record: keys are (resource, record id)."""
    found: dict[tuple[str, Any], list[Cell]] = {}
    for cell in counted(kpi, cells, context):
        found.setdefault((cell.resource or kpi.resource, cell.record), []).append(cell)
    return found


def details_of(kpi: Kpi, cells: Sequence[Cell], context: Context) -> dict[str, Any]:
    """What a list shows of one record, of its cells."""
    return kpi.details(cells, context) if kpi.details else {}


def change(value: Decimal | None, previous: Decimal | None) -> Decimal | None:
    """(value − previous) ÷ |previous|, to six places; null when previous is 0 or null."""
    if value is None or not previous:
        return None
    return half_up((value - previous) / abs(previous), 6)


def money(measure: Measure, fr: str, en: str) -> Input:
    return Input(measure=measure, label=Text(fr, en), unit="money")


def number(measure: Measure, fr: str, en: str) -> Input:
    return Input(measure=measure, label=Text(fr, en), unit="count")


def part(compute: Compute, unit: Unit, fr: str, en: str) -> Component:
    return Component(compute=compute, label=Text(fr, en), unit=unit)


def names(kpis: Sequence[Kpi]) -> tuple[str, ...]:
    return tuple(kpi.name for kpi in kpis)
