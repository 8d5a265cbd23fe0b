"""Which records each fact is made of: a change of one of them may change the KPIs of the fact."""

from cadran.metrics.catalogue import KPIS
from cadran.metrics.kpi import Kpi

# Rules, targets, and whose a number is: every KPI looks at these.
_ALWAYS = ("settings", "targets", "customers", "users", "teams", "business-units")
_ORDERS, _INVOICES, _VISITS = ("orders", "deliveries"), ("invoices", "payments"), ("visits", "visit-reports")
READS: dict[str, tuple[str, ...]] = {
    "invoices": ("invoices", "products"),
    "orders": (*_ORDERS, "products"),
    "first_orders": ("orders",),
    "closed_opportunities": ("opportunities", "quotes", "stages"),
    "opportunities": ("opportunities", "quotes", "stages", "products"),
    "decided_quotes": ("quotes", "interactions", "visits"),
    "quotes": ("quotes", "interactions", "visits"),
    "prospects": (),
    "leads": ("leads", "products"),
    "visits": ("visits",),
    "held_visits": _VISITS,
    "held_visits_with_orders": (*_VISITS, "orders"),
    "outstanding": (*_INVOICES, *_ORDERS, "service-requests"),
    "customers": (*_INVOICES, *_ORDERS, "visits", "interactions"),
    "customer_histories": _ORDERS,
    "plans": ("action-plans", *_ORDERS),
    "contacts": ("contacts",),
    "customer_cards": ("contacts",),
    "quality": ("contacts", "duplicates"),
}


def kpis_reading(resources: frozenset[str]) -> list[Kpi]:
    """The KPIs that a change of these resources may change."""
    if not resources.isdisjoint(_ALWAYS):
        return list(KPIS)
    return [kpi for kpi in KPIS if not resources.isdisjoint(READS[kpi.fact])]
