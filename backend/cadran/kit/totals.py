"""How many records a list holds, and what they add up to."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select

from cadran.kit.types import money_text

Sums = Mapping[str, Callable[[Any], ColumnElement[Any]]]


def totals(table: Any, sums: Sums, filtered: Any, most: int | None) -> Any:
    """One row: how many, no more than one over ``most``, and their sums."""
    summed = [amount(table).label(name) for name, amount in sums.items()]
    whole = filtered.with_only_columns(table.c.id, *summed)
    whole = (whole if most is None else whole.order_by(None).limit(most + 1)).subquery()
    added = [func.coalesce(func.sum(whole.c[name]), 0).label(f"_sum_{name}") for name in sums]
    return select(func.count().label("_count"), *added).select_from(whole)


def totals_from(sums: Sums, row: Any, most: int | None) -> dict[str, Any]:
    """What is told of it."""
    if most is not None and row["_count"] > most:
        return {"count": most, "count_more": True}
    return {"count": row["_count"], "sums": {name: money_text(row[f"_sum_{name}"]) for name in sums} or None}
