"""The answer: the KPI over the period, its series, its groups and its comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import days
from cadran.answers.question import Question
from cadran.metrics.facts import Cell
from cadran.metrics.kpi import Context, Kpi, Result, Text, by, change, evaluate
from cadran.metrics.periods import Comparison, Period
from cadran.queries.ask import Ask
from cadran.queries.registry import load, load_history, load_period, load_rows

NOT_YET = Text("La période n’a pas commencé.", "The period has not begun.")


@dataclass(frozen=True)
class Compared:
    kind: Comparison
    period: Period
    result: Result
    change: Decimal | None


@dataclass(frozen=True)
class Answer:
    """``groups``: the value of the dimension, None for unassigned, with its result (and comparisons)."""

    kpi: Kpi
    question: Question
    result: Result
    comparisons: tuple[Compared, ...] = ()
    series: tuple[tuple[Period, Result], ...] = ()
    groups: tuple[tuple[Any, Result, tuple[Compared, ...]], ...] = ()


@dataclass
class Facts:
    """The cells of a question, loaded once for all windows of a flow, once a day for a stock."""

    session: AsyncSession
    kpi: Kpi
    question: Question
    windows: list[Period]
    dimensions: frozenset[str] = frozenset()
    _loaded: dict[date | None, Sequence[Cell]] = field(default_factory=dict)

    async def of(self, window: Period) -> tuple[Sequence[Cell], Context] | None:
        """The cells to evaluate a window on, and the context; None for a window that has not begun, of a stock or of a
        rate over a base that is not known yet.
        """
        if self.kpi.kind != "stock":
            if self.kpi.kind == "history" and not self.kpi.additive and window.start > self.question.day:
                return None  # who is in the base of a month to come is not known yet
            kept = await self._history(window)
            if kept is not None:
                return kept, self.question.context(window)
            if None not in self._loaded:
                asked = self.question.ask(self.kpi, self.windows, self.dimensions)
                dated = await days.load(self.session, self.question, self.kpi, asked)
                self._loaded[None] = await self._load(asked) if dated is None else dated
            return self._loaded[None], self.question.context(window)
        day = self.question.state_day(window)
        if day is None:
            return None
        rules, calendar = self.question.company.rules, self.question.company.calendar
        context = Context(day=day, period=window, rules=rules, calendar=calendar)
        asked = self.question.ask_state(day, self.dimensions, [window])
        kept = await load_period(self.session, self.kpi, asked, window)
        if kept is not None:
            return kept, context
        if day not in self._loaded:
            windows = [each for each in self.windows if self.question.state_day(each) == day]
            asked = self.question.ask_state(day, self.dimensions, windows)
            self._loaded[day] = await self._load(asked)
        return self._loaded[day], context

    async def _history(self, window: Period) -> Sequence[Cell] | None:
        """The cells kept for a history over this window, if they are."""
        if self.kpi.kind != "history" or "record" in self.dimensions:
            return None
        return await load_history(
            self.session, self.kpi, self.question.ask_state(self.question.day, self.dimensions), window
        )

    async def _load(self, asked: Ask) -> Sequence[Cell]:
        return await (load_rows if asked.rows else load)(self.session, self.kpi, asked)


def _future(kpi: Kpi) -> Result:
    return Result(value=None, reason=NOT_YET, inputs={}, components=dict.fromkeys(kpi.components))


def _evaluate(kpi: Kpi, found: tuple[Sequence[Cell], Context] | None) -> Result:
    return _future(kpi) if found is None else evaluate(kpi, *found)


async def answer(session: AsyncSession, kpi: Kpi, question: Question) -> Answer:
    """Evaluates the KPI on every window of the question, from as few loads of facts as its kind allows."""
    compared, series = question.comparisons, question.series
    told = [question.period, *(window for _, window in compared)]
    dimensions = frozenset({question.group_by} if question.group_by else ())
    # Groups are not told by month, nor months by group: cells that tell both apart would be as many as their product.
    apart = bool(dimensions and series) and kpi.kind != "history"
    facts = Facts(session, kpi, question, told if apart else [*told, *series], dimensions)
    trend = Facts(session, kpi, question, series) if apart else facts
    found = await facts.of(question.period)
    result = _evaluate(kpi, found)
    before = [(kind, window, await facts.of(window)) for kind, window in compared]
    return Answer(
        kpi=kpi,
        question=question,
        result=result,
        comparisons=tuple(_compared(kpi, kind, window, result, cells) for kind, window, cells in before),
        series=tuple([(window, _evaluate(kpi, await trend.of(window))) for window in series]),
        groups=_groups(kpi, question, found, before),
    )


def _compared(
    kpi: Kpi, kind: Comparison, window: Period, result: Result, found: tuple[Sequence[Cell], Context] | None
) -> Compared:
    earlier = _evaluate(kpi, found if window.days else None)
    return Compared(kind, window, earlier, change(result.value, earlier.value))


def _groups(
    kpi: Kpi,
    question: Question,
    found: tuple[Sequence[Cell], Context] | None,
    before: list[tuple[Comparison, Period, tuple[Sequence[Cell], Context] | None]],
) -> tuple[tuple[Any, Result, tuple[Compared, ...]], ...]:
    if question.group_by is None or found is None:
        return ()
    parts = by(found[0], question.group_by)
    earlier = [
        (kind, window, (by(cells[0], question.group_by), cells[1]) if cells else None) for kind, window, cells in before
    ]
    groups = []
    # A group that has nothing any more still has its comparison: they too add up to the whole.
    keys = dict.fromkeys([*parts, *(key for _, _, then in earlier if then for key in then[0])])
    for key in keys:
        result = evaluate(kpi, parts.get(key, []), found[1])
        comparisons = tuple(
            _compared(kpi, kind, window, result, (then[0].get(key, []), then[1]) if then else None)
            for kind, window, then in earlier
        )
        if any(_says_something(kpi, each) for each in (result, *(compared.result for compared in comparisons))):
            groups.append((key, result, comparisons))
    return tuple(sorted(groups, key=_biggest_first))


def _says_something(kpi: Kpi, result: Result) -> bool:
    return any(result.inputs.get(name) for name in (*kpi.evidence, *kpi.beside))


def _biggest_first(group: tuple[Any, Result, Any]) -> tuple[bool, bool, Decimal, str]:
    key, result, _ = group
    value = result.value
    return key is None, value is None, -(value or Decimal(0)), str(key)
