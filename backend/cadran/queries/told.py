"""What a record adds and what a list shows of it, as the text it is kept as: decimals and days stay what they are."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

Sums = dict[str, Decimal]
Details = dict[str, Any]


def written(sums: Mapping[str, Decimal], details: Mapping[str, Any]) -> str:
    """``sums``: those of nothing are left out; ``details``: plain values, and lists of text."""
    told = [{name: str(value) for name, value in sums.items() if value}, details]
    return orjson.dumps(told, default=_tagged, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _tagged(value: Any) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    raise TypeError(f"{value!r} cannot be kept")


def read(text: str) -> tuple[Sums, Details]:
    """What was written."""
    sums, details = orjson.loads(text)
    return (
        {name: Decimal(value) for name, value in sums.items()},
        {name: _untagged(value) for name, value in details.items()},
    )


def _untagged(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return Decimal(value["decimal"]) if "decimal" in value else date.fromisoformat(value["day"])
