"""Facts read from the sums kept by day and month, as exactly as from the documents and as fast however many there are.

A sum under a mark is stale: its day is read from the documents, in the same statement, so that a write counts from the
moment it is committed. Only questions of today by rep, team and business unit are answered so (ADR 4).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import product
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Numeric,
    Select,
    Table,
    and_,
    any_,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union,
    union_all,
)  # fmt: skip
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.counting import Part
from cadran.metrics.periods import Period
from cadran.models.totals import stale_totals as marks
from cadran.queries.ask import Ask, array_of, bucket, scope, within

Column = ColumnElement[Any]
KEPT = ("rep", "team", "business_unit")
OF_ALL = {"day": "day of all", "month": "month of all"}  # the same, whoever they count for: as few at any size
LONG_AGO = date(1900, 1, 1)  # what has happened need not say when: fewer sums tell the same
EVER = (date(1900, 1, 1), date(2200, 1, 1))
LOCK = 7_205_759_404  # any number nobody else locks


@dataclass(frozen=True, eq=False)
class Totals:
    """``rows(ask, day, when)`` reads the fact's cells from the documents: dated ``day(on)``, those that meet
    ``when(on)``. ``named``: the ``day`` of what a mark names by its ``key``. ``part(states, day)``: what counts of
    documents in these states; ``settled``: the states in which those are kept whose part changes no more, with what
    of them counts, in place of their own (``words``: what the states can say that is no date). ``ahead``: ``day`` and
    the day to come from which its sum is another one.
    """

    fact: str
    table: Table
    rows: Callable[[Ask, Callable[[Column], Column], Callable[[Column], list[ColumnElement[bool]]]], Select[Any]]
    named: Mapping[str, Any]
    part: Callable[[Mapping[str, Any], date], Part]
    settled: Mapping[str, Any]
    words: Mapping[str, Sequence[str]]
    ahead: Any = None

    @property
    def measures(self) -> list[str]:
        return [column.name for column in self.table.c if isinstance(column.type, Numeric)]

    @property
    def sums(self) -> list[str]:
        return ["n", *self.measures]

    @property
    def states(self) -> list[str]:
        own = {"grain", "day", "month", *KEPT, *self.sums}
        return [column.name for column in self.table.c if column.name not in own]


def answers(ask: Ask) -> bool:
    return ask.moment is None and len(ask.bounds) > 1 and {*ask.dimensions, *ask.filters} <= set(KEPT)


@lru_cache(maxsize=64)  # to build one costs more than to run it; a screen asks the same until midnight
def cells_of(totals: Totals, ask: Ask) -> Select[Any] | CompoundSelect[Any]:
    """The statement that brings the cells of ``ask``: from the sums kept where they hold, else from the documents."""
    day = partial(bucket, ask)
    if not answers(ask):
        return totals.rows(ask, day, partial(within, ask))
    stale = _stale(totals, ask)

    def when(on: Column) -> list[ColumnElement[bool]]:
        return [*within(ask, on), on == any_(_array(select(stale.c.day)))]

    return union_all(_kept(totals, ask, stale), totals.rows(ask, day, when))


def _dates(days: Sequence[date]) -> Column:
    return array_of(days, Date)


def _array(one: Select[Any]) -> Column:
    return func.array(one.scalar_subquery())


def _month(day: Column) -> Column:
    return cast(func.date_trunc("month", day), Date)


def _held(totals: Totals, day: date, kind: str) -> ColumnElement[bool]:
    return and_(marks.c.fact == totals.fact, marks.c.kind == kind, marks.c.since <= day)


def _stale(totals: Totals, ask: Ask) -> CTE:
    """The days of the question under a mark, and their months."""
    first, end = ask.bounds[0], ask.bounds[-1]
    every = cast(
        func.generate_series(literal(first, Date), literal(end - timedelta(days=1), Date), text("'1 day'")), Date
    )
    found = [select(marks.c.day).where(_held(totals, ask.day, "day"))]
    for kind, statement in totals.named.items():
        named = statement.subquery()
        found.append(select(named.c.day).where(named.c.key == marks.c.key, _held(totals, ask.day, kind)))
    whole = exists().where(_held(totals, ask.day, "all"))
    days = union(*found, select(every.label("day")).where(whole)).subquery()
    within_question = and_(days.c.day >= first, days.c.day < end)
    return select(days.c.day, _month(days.c.day).label("month")).where(within_question).cte("stale")


def _kept(totals: Totals, ask: Ask, stale: CTE) -> Select[Any]:
    kept = totals.table.alias()
    found, spans = cover(ask)
    months = _dates(found)
    dims: dict[str, Column] = {name: kept.c[name] for name in KEPT}
    whose = scope(ask, dims)
    everybody = not whose and not {*ask.dimensions} & {*KEPT}
    by_day, by_month = OF_ALL.values() if everybody else OF_ALL
    whole = and_(kept.c.grain == by_month, kept.c.month == any_(months), kept.c.month.not_in(select(stale.c.month)))
    # A month one day of which is stale is read by day.
    broken = kept.c.month == any_(_array(select(stale.c.month).where(stale.c.month == any_(months))))
    ranges = [and_(kept.c.day >= span.start, kept.c.day < span.end) for span in spans]
    left = and_(kept.c.grain == by_day, or_(broken, *ranges), kept.c.day.not_in(select(stale.c.day)))
    names = [*totals.states, *(name for name in KEPT if name in ask.dimensions)]
    columns = [bucket(ask, kept.c.day).label("day"), *(kept.c[name] for name in (*names, *totals.sums))]
    return _summed(select(*columns).where(or_(whole, left), *whose), ["day", *names], totals.sums)


def _summed(rows: Select[Any] | CompoundSelect[Any], keys: Sequence[str], sums: Sequence[str]) -> Select[Any]:
    inner = rows.subquery()
    by = [inner.c[name] for name in keys]
    return select(*by, *(func.sum(inner.c[name]).label(name) for name in sums)).group_by(*by)


def cover(ask: Ask) -> tuple[list[date], list[Period]]:
    """The past of the spans asked as whole months, none of which a bound cuts, and the days left over."""
    months: list[date] = []
    left: list[Period] = []
    for start, stop in zip(ask.bounds, ask.bounds[1:], strict=False):
        end = min(stop, ask.day + timedelta(days=1))
        if start >= end or not any(span.start <= start and stop <= span.end for span in ask.spans or _whole(ask)):
            continue
        first = start if start.day == 1 else next_month(start)
        at = first
        while next_month(at) <= end:
            months.append(at)
            at = next_month(at)
        pieces = [Period(start, end)] if at == first else [Period(start, first), Period(at, end)]
        for piece in pieces:
            if left and left[-1].end == piece.start:
                left[-1] = Period(left[-1].start, piece.end)
            elif piece.days:
                left.append(piece)
    return months, left


def _whole(ask: Ask) -> tuple[Period, ...]:
    return (Period(ask.bounds[0], ask.bounds[-1]),)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


# Making the sums


async def refresh(session: AsyncSession, all_totals: Sequence[Totals], day: date) -> int:
    """Makes again, as of ``day`` (today), the sums under a mark; returns how many marks went. A write committed
    meanwhile leaves its own mark, which stays. Does nothing while another process is at it.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one():
        return 0
    done = 0
    for totals in all_totals:
        seen = select(marks.c.id, marks.c.kind).where(marks.c.fact == totals.fact, marks.c.since <= day)
        found = (await session.execute(seen)).all()
        if found:
            everything = any(row.kind == "all" for row in found)
            await _make(session, totals, day, None if everything else await _days(session, totals, day))
            gone = array_of([row.id for row in found], BigInteger)
            await session.execute(delete(marks).where(marks.c.id == any_(gone)))
            done += len(found)
    return done


async def _days(session: AsyncSession, totals: Totals, day: date) -> list[date]:
    ever = Ask(None, day, bounds=EVER)
    return [*(await session.execute(select(_stale(totals, ever).c.day))).scalars()]


async def _make(session: AsyncSession, totals: Totals, day: date, days: list[date] | None) -> None:
    """The sums of ``days`` and of their months; None: of every day."""
    table = totals.table
    wanted = None if days is None else _dates(days)
    months = None if days is None else _dates(sorted({each.replace(day=1) for each in days}))

    def among(column: Column, chosen: Column | None) -> list[ColumnElement[bool]]:
        return [column.is_not(None)] if chosen is None else [column == any_(chosen)]

    for grain, on, chosen in (("day", table.c.day, wanted), ("month", table.c.month, months)):
        both = table.c.grain.in_((grain, OF_ALL[grain]))
        await session.execute(delete(table).where(both, *among(on, chosen)))
    ask = Ask(None, day, dimensions=frozenset(KEPT))
    rows = totals.rows(ask, lambda on: on, lambda on: among(on, wanted)).subquery()
    made = table.alias()

    def of(grain: str, on: str, chosen: Column | None) -> FromClause:
        return select(made).where(made.c.grain == grain, *among(made.c[on], chosen)).subquery()

    again, whole = of("day", "day", wanted), of("day", "month", months)
    sources: tuple[tuple[str, FromClause, Column, Sequence[str]], ...] = (
        ("day", rows, rows.c.day, KEPT),
        ("month", whole, whole.c.month, KEPT),
        (OF_ALL["day"], again, again.c.day, ()),
        (OF_ALL["month"], whole, whole.c.month, ()),
    )
    for grain, source, dated, whose in sources:
        keys = ["grain", "day", "month", *whose, *totals.states]
        when = [literal(grain).label("grain"), dated.label("day"), _month(dated).label("month")]
        summed = _summed(select(*when, *_told(totals, source, day, whose)), keys, totals.sums)
        await session.execute(insert(table).from_select([*keys, *totals.sums], summed))
    if totals.ahead is not None:
        to_come = totals.ahead.subquery()
        coming = select(literal(totals.fact), literal("day"), to_come.c.day, to_come.c.since).distinct()
        coming = coming.where(to_come.c.since > day, *among(to_come.c.day, wanted))
        await session.execute(insert(marks).from_select(["fact", "kind", "day", "since"], coming))


def _told(totals: Totals, rows: FromClause, day: date, whose: Sequence[str]) -> list[Column]:
    """Whom rows count for, their states and their sums, once what has happened by ``day`` is settled."""
    states = {name: rows.c[name] for name in totals.states}
    dates = [column for name, column in states.items() if name.endswith("_on")]
    to_come = or_(*(column > day for column in dates))
    kept = {name: case((to_come, states[name]), else_=value) for name, value in totals.settled.items()}
    parts: dict[str, list[ColumnElement[bool]]] = defaultdict(list)
    for told in _ways(totals):
        same = [_says(states[name], value) for name, value in told.items()]
        parts[totals.part(told, LONG_AGO)].append(and_(*same))
    none, delivered = (or_(false(), *parts[part]) for part in ("none", "delivered"))

    def counted(name: str) -> Column:
        own: Column = rows.c[name]
        instead: Column = rows.c.get(f"delivered_{name}", own)
        left = case((none, 0), (delivered, instead), else_=own) if not name.startswith("delivered_") else literal(0)
        return case((to_come, own), else_=left).label(name)

    now = [column.label(name) for name, column in (states | kept).items()]
    return [*(rows.c[name] for name in whose), *now, *map(counted, totals.sums)]


def _ways(totals: Totals) -> Iterable[dict[str, Any]]:
    """All that the states of a document can say once it has happened."""
    said = [totals.words.get(name, (None, LONG_AGO)) for name in totals.states]
    return (dict(zip(totals.states, values, strict=True)) for values in product(*said))


def _says(state: Column, value: Any) -> ColumnElement[bool]:
    if isinstance(value, date):
        return state.is_not(None)
    return state.is_(None) if value is None else state == value


async def differences(session: AsyncSession, totals: Totals, day: date) -> int:
    """How many sums under no mark are not what the documents make. 0, or something is wrong."""
    ask = Ask(None, day, bounds=EVER, dimensions=frozenset(KEPT))
    stale = _stale(totals, ask)
    documents = totals.rows(ask, lambda on: on, lambda on: [on.is_not(None)]).subquery()

    def kept(grain: str) -> FromClause:
        return select(totals.table).where(totals.table.c.grain == grain).subquery()

    days, months, wrong = kept("day"), kept("month"), 0
    for one, other, on, whose in (
        (documents, days, "day", KEPT),
        (days, months, "month", KEPT),
        (days, kept(OF_ALL["day"]), "day", ()),
        (months, kept(OF_ALL["month"]), "month", ()),
    ):
        wrong += await _unequal(session, totals, day, (one, other), on, whose, select(stale.c[on]))
    return wrong


async def _unequal(
    session: AsyncSession,
    totals: Totals,
    day: date,
    sides: Sequence[FromClause],
    on: str,
    whose: Sequence[str],
    left_out: Select[Any],
) -> int:
    """How many sums of one side are not those of the other."""
    keys = ["on", *whose, *totals.states]
    told = [[side.c[on].label("on"), *_told(totals, side, day, whose)] for side in sides]
    first = len(keys)
    told[1] = [*told[1][:first], *((-column).label(column.name) for column in told[1][first:])]
    both = _summed(union_all(*(select(*columns) for columns in told)), keys, totals.sums).subquery()
    odd = select(both.c.on).where(or_(*(both.c[name] != 0 for name in totals.sums)), both.c.on.not_in(left_out))
    return (await session.execute(select(func.count()).select_from(odd.subquery()))).scalar_one()
