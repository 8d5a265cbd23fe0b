"""Which query brings the cells of which fact."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.queries import flows, portfolio, quality, states
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
