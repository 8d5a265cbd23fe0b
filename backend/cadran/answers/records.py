"""The rows behind a number, each with what it contributes: same facts, same rules, so they cannot differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.answer import Facts, answer
from cadran.answers.present import figure, plain
from cadran.answers.question import Question
from cadran.metrics.facts import Cell
from cadran.metrics.kpi import Context, Kpi, details_of, records, sums
from cadran.metrics.listing import Listing, Rank, Row, behind
from cadran.queries.ask import one_reading
from cadran.queries.cards import cards
from cadran.queries.registry import KEPT, inputs_told, load_first


@dataclass(frozen=True)
class Listed:
    """``rows``: in the list's order, whole up to the number asked for; ``count``: how many the list holds."""

    rows: list[Row]
    count: int

    @property
    def whole(self) -> bool:
        return len(self.rows) == self.count


async def rows(session: AsyncSession, kpi: Kpi, question: Question) -> list[Row]:
    """Every record that makes the value, the biggest contribution first."""
    asked = replace(question, interval=None, group_by=None, compare=())
    found = await Facts(session, kpi, asked, [asked.period], frozenset({"record"})).of(asked.period)
    return [] if found is None else _in_order(_ranked(kpi, behind(kpi), _every(kpi, *found)))


async def listed(
    session: AsyncSession, kpi: Kpi, question: Question, lists: Sequence[Listing], most: int
) -> dict[str, Listed]:
    """The ``most`` first records of each list of a state's facts, and how many it holds; of a state that is kept, only
    the records of the customers that have them are read.
    """
    day = question.state_day(question.period)
    if day is None:
        return {listing.name: Listed([], 0) for listing in lists}
    ask, context = question.ask_state(day, frozenset({"record"})), question.context(question.period)
    first = await load_first(session, kpi, ask, [listing.name for listing in lists], most)
    every = _every(kpi, first.cells, replace(context, day=day))
    found = {}
    for listing in lists:
        kept = [(rank, row) for name, rank, row in first.kept if name == listing.name]
        ranked = [(rank, _as_kept(kpi, row)) for rank, row in _ranked(kpi, listing, every)]
        rows = _in_order([*kept, *ranked])
        if first.counts is None:
            found[listing.name] = Listed(rows, len(rows))
        else:
            fresh = sum(row.customer in first.stale for _, row in ranked)
            found[listing.name] = Listed(rows, first.counts.get(listing.name, 0) + fresh)
    return found


def _as_kept(kpi: Kpi, row: Row) -> Row:
    return replace(row, contributions={name: row.contributions[name] for name in inputs_told(kpi)})


async def page(
    session: AsyncSession, kpi: Kpi, question: Question, after: Callable[[Sequence[Row]], int | None], limit: int
) -> tuple[Listed, int | None, Mapping[str, Decimal]]:
    """The records that make the value, as far as the page goes; where it starts, None when that is nowhere; and the sum
    of each input. ``after``: where it starts among the records, None when it is not among them.
    """
    with one_reading(session):
        if kpi.name not in KEPT:
            found = await rows(session, kpi, question)
            return Listed(found, len(found)), after(found), _sum(kpi, found)
        most = limit + 1
        while True:
            some = (await listed(session, kpi, question, [behind(kpi)], most))[kpi.name]
            start = after(some.rows if some.whole else some.rows[:most])
            if some.whole:
                return some, start, _sum(kpi, some.rows)
            if most >= some.count or (start is not None and start + limit < most):
                whole = replace(question, interval=None, group_by=None, compare=())
                return some, start, (await answer(session, kpi, whole)).result.inputs
            most *= 4


def _sum(kpi: Kpi, found: Sequence[Row]) -> dict[str, Decimal]:
    return {name: sum((row.contributions[name] for row in found), start=Decimal(0)) for name in kpi.inputs}


def _every(kpi: Kpi, cells: Iterable[Cell], context: Context) -> list[Row]:
    return [
        Row(resource, record, some[0].customer, sums(kpi, some, context), details_of(kpi, some, context))
        for (resource, record), some in records(kpi, cells, context).items()
    ]


def _ranked(kpi: Kpi, listing: Listing, every: Iterable[Row]) -> list[tuple[Rank, Row]]:
    ranked = [(listing.of(kpi, row.id, row.contributions, row.details), row) for row in every]
    return [(rank, row) for rank, row in ranked if rank is not None]


def _in_order(ranked: Iterable[tuple[Rank, Row]]) -> list[Row]:
    return [row for _, row in sorted(ranked, key=lambda each: each[0], reverse=True)]


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
