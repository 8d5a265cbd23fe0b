"""The events there are: a record created, updated or deleted, a KPI beyond its threshold and back."""

from collections.abc import Iterable

from cadran.kit.resource import Resource
from cadran.resources.registry import RESOURCES

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
CROSSED, RECOVERED, TEST = "kpi.crossed", "kpi.recovered", "webhook.test"
RECORD_EVENTS: dict[str, Resource] = {
    f"{resource.plural}.{what}": resource for resource in RESOURCES for what in (CREATED, UPDATED, DELETED)
}
PATTERNS: dict[str, tuple[Resource, ...]] = (
    {name: (resource,) for name, resource in RECORD_EVENTS.items()}
    | {f"{resource.plural}.*": (resource,) for resource in RESOURCES}
    | {"*": RESOURCES}
)


def matches(patterns: Iterable[str], event: str) -> bool:
    """Whether an event such as ``orders.created`` is asked for: by name, as ``orders.*``, or as ``*``."""
    return not {event, event.partition(".")[0] + ".*", "*"}.isdisjoint(patterns)


def names(patterns: Iterable[str]) -> frozenset[str]:
    """The resources whose changes make the events asked for."""
    return frozenset(resource.name for pattern in patterns for resource in PATTERNS.get(pattern, ()))
