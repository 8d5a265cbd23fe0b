"""Which query brings the cells of which fact, and which KPIs are kept."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cadran import __version__
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
_RULES = [(kpi.name, kpi.definition_version, tuple(kpi.inputs)) for kpi in KEPT.values()]
MADE_BY = f"{__version__} {hashlib.sha256(repr(_RULES).encode()).hexdigest()[:12]}"


async def load(session: AsyncSession, kpi: Kpi, ask: Ask) -> list[Cell]:
    """The KPI's cells: of the sums kept where they hold, else of the documents."""
    if kpi.name not in KEPT or not kept_states.answers(ask):
        return await FACTS[kpi.fact](session, ask)
    stale = await kept_states.stale(session, ask.day, MADE_BY)
    if stale is None:
        return await FACTS[kpi.fact](session, ask)
    found: list[Cell] = [*await kept_states.cells(session, ask, kpi.name, tuple(kpi.inputs), stale)]
    among = frozenset(map(kept_states.unit_of, stale))
    if "customer" in ask.filters:
        among &= ask.filters["customer"]
    if among:
        live = replace(ask, filters={**ask.filters, "customer": among})
        found += await OF_CUSTOMERS[kpi.fact](session, live)
    return [*found, *await quality.doubles(session, ask)] if kpi.fact == "quality" else found


async def load_rows(session: AsyncSession, kpi: Kpi, ask: Ask) -> list[Cell]:
    """The cells of the records behind the KPI, and of as few others as can be told beforehand."""
    if kpi.name in KEPT and kept_states.answers(replace(ask, dimensions=frozenset())) and "customer" not in ask.filters:
        stale = await kept_states.stale(session, ask.day, MADE_BY)
        if stale is not None:
            adding = await kept_states.behind(session, ask, kpi.name)
            among = frozenset(map(kept_states.unit_of, stale | adding))
            ask = replace(ask, filters={**ask.filters, "customer": among})
    return await FACTS[kpi.fact](session, ask)
