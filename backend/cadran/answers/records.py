"""The rows behind a number, each with what it contributes: same facts, same rules, so they cannot differ."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.answer import Facts
from cadran.answers.present import figure, plain
from cadran.answers.question import Question
from cadran.metrics.kpi import Kpi, contributions, records
from cadran.queries.cards import cards


@dataclass(frozen=True)
class Row:
    """``contribution``: to the sum, or to the numerator of a ratio; ``contributions``: to each input that makes it."""

    resource: str
    id: UUID
    contributions: dict[str, Decimal]
    details: dict[str, Any]


async def rows(session: AsyncSession, kpi: Kpi, question: Question) -> list[Row]:
    """Every record that makes the value, the biggest contribution first."""
    asked = replace(question, interval=None, group_by=None, compare=())
    found = await Facts(session, kpi, asked, [asked.period], frozenset({"record"})).of(asked.period)
    if found is None:
        return []
    cells, context = found
    by_record = records(kpi, cells, context)
    made = [
        Row(resource, record, given, kpi.details(by_record[resource, record], context) if kpi.details else {})
        for (resource, record), given in contributions(kpi, cells, context).items()
    ]
    return sorted(made, key=lambda row: _order(kpi, row))


def _order(kpi: Kpi, row: Row) -> tuple[Any, ...]:
    """What to act on first: the latest visit, the biggest stake or gain, else the biggest contribution."""
    urgency = next((row.details[name] for name in ("days_late", "gain", "at_stake") if row.details.get(name)), 0)
    return (-urgency, *(-abs(row.contributions[name]) for name in kpi.main[:2]), str(row.id))


async def described(session: AsyncSession, kpi: Kpi, page: list[Row], *, amounts: bool = True) -> list[dict[str, Any]]:
    """The rows as plain data, each with one line about its record."""
    lines: dict[tuple[str, UUID], dict[str, Any]] = {}
    for resource in {row.resource for row in page}:
        known = await cards(session, resource, [row.id for row in page if row.resource == resource])
        lines |= {(resource, key): line for key, line in known.items()}
    return [_plain(kpi, row, lines.get((row.resource, row.id)), amounts) for row in page]


AMOUNTS = frozenset({"at_stake", "at_risk", "amount", "revenue"})


def _plain(kpi: Kpi, row: Row, line: dict[str, Any] | None, amounts: bool) -> dict[str, Any]:
    main = {name: figure(row.contributions[name], kpi.inputs[name].unit) for name in kpi.main}
    line = line or {}
    return {
        "resource": row.resource,
        "id": str(row.id),
        "title": line.get("title"),
        "status": line.get("status"),
        "customer_id": plain(line.get("customer_id")),
        "customer": line.get("customer"),
        "city": line.get("city"),
        "owner_id": plain(line.get("owner_id")),
        "owner": line.get("owner"),
        "on": plain(line.get("on")),
        "contribution": main[kpi.main[0]] if kpi.additive else None,
        "contributions": main,
        "details": {
            name: None if name in AMOUNTS and not amounts else plain(value) for name, value in row.details.items()
        },
    }
