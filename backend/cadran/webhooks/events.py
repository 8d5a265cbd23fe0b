"""The events there are: a record created, updated or deleted, a KPI beyond its threshold and back."""

from collections.abc import Iterable

from cadran.kit.resource import Resource
from cadran.resources.registry import RESOURCES

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
CROSSED, RECOVERED, TEST = "kpi.crossed", "kpi.recovered", "webhook.test"
# Which resource a table's rows are of; rows within a record (lines) name it in a column.
BY_TABLE: dict[str, Resource] = {resource.table.name: resource for resource in RESOURCES}
PARENTS: dict[str, tuple[str, str]] = {
    child.model.__tablename__: (resource.table.name, child.parent)
    for resource in RESOURCES
    for child in resource.children
}  # fmt: skip
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


def tables(patterns: Iterable[str]) -> set[str]:
    """The tables whose changes make the events asked for."""
    wanted = {resource.table.name for pattern in patterns for resource in PATTERNS.get(pattern, ())}
    return wanted | {table for table, (parent, _) in PARENTS.items() if parent in wanted}
