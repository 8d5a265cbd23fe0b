"""What is asked: the period and its windows, the scope, the day the company is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from cadran.answers.company import Company
from cadran.metrics.kpi import Context, Kpi
from cadran.metrics.periods import Comparison, Interval, Period, buckets, comparison
from cadran.queries.ask import Ask
from cadran.rules.principal import Principal


@dataclass(frozen=True)
class Question:
    """``moment``: the instant looked at, None for now; ``day`` its civil day. ``filters``: see ``Ask``."""

    company: Company
    who: Principal | None
    period: Period
    day: date
    moment: datetime | None = None
    interval: Interval | None = None
    group_by: str | None = None
    compare: tuple[Comparison, ...] = ()
    filters: dict[str, frozenset[Any]] = field(default_factory=dict)

    @property
    def as_of(self) -> datetime:
        return self.moment or datetime.now(UTC)

    @property
    def series(self) -> list[Period]:
        if self.interval is None:
            return []
        return buckets(self.period, self.interval, self.company.fiscal_start_month)

    @property
    def comparisons(self) -> list[tuple[Comparison, Period]]:
        working = self.company.calendar.is_working_day
        return [(kind, comparison(self.period, kind, self.day, working)) for kind in self.compare]

    def context(self, window: Period) -> Context:
        """For flows and histories: known as of the day asked."""
        return Context(day=self.day, period=window, rules=self.company.rules, calendar=self.company.calendar)

    def state_day(self, window: Period) -> date | None:
        """The day at which a state is taken for a window: its last, or the day asked when that comes first; None when
        the window has not begun.
        """
        return min(self.day, window.last) if window.start <= self.day else None

    def ask(self, kpi: Kpi, windows: list[Period], dimensions: frozenset[str]) -> Ask:
        """The facts of flows and histories over all windows at once."""
        spans = [window for window in windows if window.days]
        bounds = tuple(sorted({window.start for window in spans} | {window.end for window in spans}))
        return self._ask(self.moment, self.day, bounds or (self.day, self.day), tuple(spans), dimensions)

    def ask_state(self, day: date, dimensions: frozenset[str], windows: Iterable[Period] = ()) -> Ask:
        """The facts of a stock at the end of ``day``. ``windows``: those it is evaluated for."""
        moment = self.moment if day == self.day else self.company.end_of(day)
        cuts = tuple(sorted({window.start for window in windows} | {window.end for window in windows}))
        looked_back = self.moment is None and moment is not None
        return replace(self._ask(moment, day, (), (), dimensions, looked_back=looked_back), cuts=cuts)

    def _ask(
        self,
        moment: datetime | None,
        day: date,
        bounds: tuple[date, ...],
        spans: tuple[Period, ...],
        dimensions: frozenset[str],
        *,
        looked_back: bool = False,
    ) -> Ask:
        return Ask(
            moment=moment,
            day=day,
            bounds=bounds,
            spans=spans,
            dimensions=dimensions,
            filters=self.filters,
            who=self.who,
            looked_back=looked_back,
            time_zone=self.company.zone.key,
            minimum_cycle_days=self.company.rules.minimum_cycle_days,
            attribution_days=self.company.rules.attribution_days,
        )
