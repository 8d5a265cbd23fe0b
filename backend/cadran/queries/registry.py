"""Which query brings the cells of which fact, and which KPIs are kept."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.catalogue import KPIS
from cadran.metrics.facts import ZERO, Cell
from cadran.metrics.kpi import Kpi
from cadran.metrics.listing import Rank, Row
from cadran.metrics.owing import COUNTS, TO_WATCH
from cadran.metrics.periods import Period
from cadran.queries import deals, flows, kept_states, plans, portfolio, quality, states
from cadran.queries.ask import Ask
from cadran.queries.made_by import MADE_BY
from cadran.queries.told import read

Loader = Callable[[AsyncSession, Ask], Awaitable[list[Any]]]

FACTS: dict[str, Loader] = {
    "invoices": flows.invoices,
    "orders": flows.orders,
    "first_orders": flows.first_orders,
    "closed_opportunities": flows.closed_opportunities,
    "decided_quotes": flows.decided_quotes,
    "prospects": flows.prospects,
    "leads": flows.leads,
    "opportunities": deals.opportunities,
    "quotes": states.quotes,
    "visits": states.visits,
    "held_visits": states.held_visits,
    "held_visits_with_orders": states.held_visits_with_orders,
    "outstanding": portfolio.outstanding,
    "customers": portfolio.customer_rhythm,
    "customer_histories": portfolio.customer_histories,
    "plans": plans.plans,
    "contacts": quality.contacts,
    "customer_cards": quality.customer_cards,
    "quality": quality.quality,
}
# The facts each customer adds to by its own records alone.
OF_CUSTOMERS: dict[str, Loader] = {
    name: FACTS[name] for name in ("outstanding", "customers", "contacts", "customer_cards", "quotes", "visits")
}
# But for doubles, which depend on other customers' records: they are taken off when the sums are read.
OF_CUSTOMERS["quality"] = quality.without_doubles
KEPT: dict[str, Kpi] = {kpi.name: kpi for kpi in KPIS if kpi.kind == "stock" and kpi.fact in OF_CUSTOMERS}
# What is expected of deals in a period cannot be told from the day alone: kept for the periods of the screens.
OF_CUSTOMERS["opportunities"] = deals.opportunities
BY_PERIOD: tuple[Kpi, ...] = tuple(kpi for kpi in KPIS if kpi.kind == "stock" and kpi.fact == "opportunities")
# Those that look at a period itself are kept for the periods that the screens ask for, see :func:`kept_as`.
OF_CUSTOMERS["customer_histories"] = portfolio.customer_histories
HISTORIES: tuple[Kpi, ...] = tuple(kpi for kpi in KPIS if kpi.kind == "history" and kpi.fact in OF_CUSTOMERS)


def kept_as(kpi: Kpi, window: Period) -> str:
    """The name under which what a history adds over a period is kept."""
    return f"{kpi.name} {window.start} {window.end}"


async def load_history(session: AsyncSession, kpi: Kpi, ask: Ask, window: Period) -> list[Cell] | None:
    """A history's cells, to be looked at over this period only; None when it is not kept for it."""
    if kpi not in HISTORIES or not kept_states.answers(ask):
        return None
    kept = await kept_states.kept_day(session, ask, MADE_BY)
    name = kept_as(kpi, window)
    if kept is None or not await kept_states.holds(session, kept, name):
        return None
    return await _load(session, kpi, ask, kept, name)


async def load_period(session: AsyncSession, kpi: Kpi, ask: Ask, window: Period) -> list[Cell] | None:
    """The cells of deals at a day, to be looked at for this period only; None when they are not kept for it."""
    if kpi not in BY_PERIOD or ask.rows or not kept_states.answers(ask, stages=True):
        return None
    kept = await kept_states.kept_day(session, ask, MADE_BY, part="deals")
    if kept is None or (window.start, window.end) not in kept.windows:
        return None
    return await _load(session, kpi, ask, kept, kept_as(kpi, window))


async def load(session: AsyncSession, kpi: Kpi, ask: Ask) -> list[Cell]:
    """The KPI's cells: of the sums kept where they hold, else of the documents."""
    kept = await _kept(session, kpi, ask)
    found = await _load(session, kpi, ask, kept, kpi.name) if kept else None
    return await FACTS[kpi.fact](session, ask) if found is None else found


async def _load(session: AsyncSession, kpi: Kpi, ask: Ask, kept: kept_states.KeptDay, name: str) -> list[Cell] | None:
    sums = await kept_states.cells(session, ask, kept, name, tuple(kpi.inputs))
    if sums is None:
        return None
    found: list[Cell] = [*sums]
    among = frozenset(map(kept_states.unit_of, kept.stale))
    if "customer" in ask.filters:
        among &= ask.filters["customer"]
    if among:
        live = replace(ask, filters={**ask.filters, "customer": among})
        found += await OF_CUSTOMERS[kpi.fact](session, live)
    return [*found, *await quality.doubles(session, ask)] if kpi.fact == "quality" else found


async def load_rows(session: AsyncSession, kpi: Kpi, ask: Ask) -> list[Cell]:
    """The cells of the records behind the KPI, and of as few others as can be told beforehand."""
    kept = None if "customer" in ask.filters else await _kept(session, kpi, replace(ask, dimensions=frozenset()))
    adding = await kept_states.behind(session, ask, kept, kpi.name) if kept else None
    if kept is not None and adding is not None:
        among = frozenset(map(kept_states.unit_of, kept.stale | adding))
        ask = replace(ask, filters={**ask.filters, "customer": among})
    return await FACTS[kpi.fact](session, ask)


@dataclass(frozen=True)
class First:
    """The first records of lists: those ``kept``, with list and rank, and the ``cells`` of the others. ``counts``: how
    many records each list holds, but for those of the ``stale`` customers, which are all among the cells; None:
    everything is.
    """

    cells: list[Cell]
    kept: Sequence[tuple[str, Rank, Row]] = ()
    counts: dict[str, int] | None = None
    stale: frozenset[UUID | None] = frozenset()


async def load_first(session: AsyncSession, kpi: Kpi, ask: Ask, lists: Sequence[str], most: int) -> First:
    """The ``most`` first records of each list, and some others."""
    # Of a day gone by, only the records behind a KPI are listed; of deals, never those.
    past, deal = ask.moment is not None, kpi in BY_PERIOD
    there = "customer" not in ask.filters and (not past or (not deal and {*lists} == {kpi.name}))
    asked = replace(ask, dimensions=frozenset())
    kept = None
    if there and (kpi.name in KEPT or deal) and kept_states.answers(asked):
        kept = await kept_states.kept_day(session, asked, MADE_BY)
    rows = await kept_states.first(session, ask, kept, lists, most) if kept else None
    counts = await kept_states.counts(session, ask, kept, lists) if kept else None
    if kept is None or rows is None or counts is None:
        return First(await FACTS[kpi.fact](session, ask))
    stale = frozenset(map(kept_states.unit_of, kept.stale))
    among = stale | {kept_states.unit_of(row["customer"]) for row in rows if row["record"] is None}
    told = [(row["list"], tuple(row["rank"]), _kept_row(kpi, row)) for row in rows if row["record"] is not None]
    told = [each for each in told if each[-1].customer not in among]
    cells = await FACTS[kpi.fact](session, replace(ask, filters={**ask.filters, "customer": among})) if among else []
    return First(cells, told, counts, stale)


def inputs_told(kpi: Kpi) -> Sequence[str]:
    """The inputs that lists keep of a record: of deals not those that depend on a period."""
    return kpi.main if kpi in BY_PERIOD else tuple(kpi.inputs)


def _kept_row(kpi: Kpi, row: Any) -> Row:
    sums, details = read(row["told"])
    whole = dict.fromkeys(inputs_told(kpi), ZERO) | sums
    return Row(row["resource"], row["record"], kept_states.unit_of(row["customer"]), whole, details)


@dataclass(frozen=True)
class Watched:
    """``first``: the customers to watch first; ``counts``: of all but the ``stale``, who are to be read beside them."""

    first: frozenset[UUID | None]
    counts: dict[str, int]
    stale: frozenset[UUID | None]


async def watched(session: AsyncSession, kpi: Kpi, ask: Ask, most: int) -> Watched | None:
    """Of the outstanding amount by customer, the customers to watch; None when all of them are to be read."""
    whole = replace(ask, dimensions=frozenset())
    kept = None if "customer" in ask.filters else await _kept(session, kpi, whole)
    first = await kept_states.first(session, ask, kept, [TO_WATCH], most) if kept else None
    sums = await kept_states.cells(session, whole, kept, TO_WATCH, COUNTS) if kept else None
    if kept is None or first is None or sums is None:
        return None
    counts = {name: int(sum(cell.sums.get(name, ZERO) for cell in sums)) for name in COUNTS}
    stale = frozenset(map(kept_states.unit_of, kept.stale))
    return Watched(frozenset(kept_states.unit_of(row["customer"]) for row in first), counts, stale)


async def _kept(session: AsyncSession, kpi: Kpi, ask: Ask) -> kept_states.KeptDay | None:
    if kpi.name not in KEPT or not kept_states.answers(ask):
        return None
    return await kept_states.kept_day(session, ask, MADE_BY)
