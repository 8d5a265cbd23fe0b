"""Which query brings the cells of which fact, and which KPIs are kept."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import cadran
from cadran.metrics.catalogue import KPIS
from cadran.metrics.facts import Cell
from cadran.metrics.kpi import Kpi
from cadran.queries import flows, kept_states, portfolio, quality, states
from cadran.queries.ask import Ask

Loader = Callable[[AsyncSession, Ask], Awaitable[list[Any]]]

FACTS: dict[str, Loader] = {
    "invoices": flows.invoices,
    "orders": flows.orders,
    "first_orders": flows.first_orders,
    "closed_opportunities": flows.closed_opportunities,
    "decided_quotes": flows.decided_quotes,
    "prospects": flows.prospects,
    "leads": flows.leads,
    "opportunities": states.opportunities,
    "quotes": states.quotes,
    "visits": states.visits,
    "held_visits": states.held_visits,
    "held_visits_with_orders": states.held_visits_with_orders,
    "outstanding": portfolio.outstanding,
    "customers": portfolio.customer_rhythm,
    "customer_histories": portfolio.customer_histories,
    "plans": portfolio.plans,
    "contacts": quality.contacts,
    "customer_cards": quality.customer_cards,
    "quality": quality.quality,
}
# The facts each customer adds to by its own records alone. A deal's share in a period cannot be told from its day only.
OF_CUSTOMERS: dict[str, Loader] = {
    name: FACTS[name] for name in ("outstanding", "customers", "contacts", "customer_cards", "quotes", "visits")
}
# But for doubles, which depend on other customers' records: they are taken off when the sums are read.
OF_CUSTOMERS["quality"] = quality.without_doubles
KEPT: dict[str, Kpi] = {kpi.name: kpi for kpi in KPIS if kpi.kind == "stock" and kpi.fact in OF_CUSTOMERS}


def _made_by() -> str:
    """Names the code that makes what is kept: what another one made is not read, and made anew."""
    package, made = Path(cadran.__file__).parent, hashlib.sha256()
    for room in ("checks", "metrics", "queries", "rules"):
        for path in sorted((package / room).rglob("*.py")):
            made.update(path.read_bytes())
    return made.hexdigest()


MADE_BY = _made_by()


async def load(session: AsyncSession, kpi: Kpi, ask: Ask) -> list[Cell]:
    """The KPI's cells: of the sums kept where they hold, else of the documents."""
    kept = await _kept(session, kpi, ask)
    sums = await kept_states.cells(session, ask, kept, kpi.name, tuple(kpi.inputs)) if kept else None
    if kept is None or sums is None:
        return await FACTS[kpi.fact](session, ask)
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


async def _kept(session: AsyncSession, kpi: Kpi, ask: Ask) -> kept_states.KeptDay | None:
    if kpi.name not in KEPT or not kept_states.answers(ask):
        return None
    return await kept_states.kept_day(session, ask.day, MADE_BY)
