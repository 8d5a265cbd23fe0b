"""What is asked of the facts: when, of whom, and by which dimensions."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Select,
    and_,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import Grouping

from cadran.metrics.facts import Cell
from cadran.metrics.periods import Period
from cadran.models import Customer, Team, User
from cadran.queries.asof import at
from cadran.rules.principal import Principal

Columns = dict[str, ColumnElement[Any]]
P = ParamSpec("P")
T = TypeVar("T")
FEW = 20


@dataclass(frozen=True)
class Ask:
    """``moment``: the instant asked, None for now; ``day`` its civil day. ``bounds``: ascending days that cut flows
    into buckets ``[bounds[i], bounds[i+1])``, of which those in ``spans`` are brought (all, by default).
    ``dimensions``: those the cells must tell apart; ``record`` makes one cell a row. ``cuts``: the days that a state's
    dates to come are to be told apart by. ``filters``: for each dimension
    the values let through (None among them: unassigned). ``looked_back``: a day gone by, looked at from now, by the
    rules in force now. The last three settings tell which neighbours to bring.
    """

    moment: datetime | None
    day: date
    bounds: tuple[date, ...] = ()
    spans: tuple[Period, ...] = ()
    dimensions: frozenset[str] = frozenset()
    cuts: tuple[date, ...] = ()
    filters: dict[str, frozenset[Any]] = field(default_factory=dict)
    who: Principal | None = None
    looked_back: bool = False
    time_zone: str = "UTC"
    minimum_cycle_days: int = 0
    attribution_days: int = 30

    @property
    def rows(self) -> bool:
        return "record" in self.dimensions

    def without(self, *names: str) -> "Ask":
        """The same without some filters (and the door, when the filtering follows in Python)."""
        return replace(
            self, filters={key: values for key, values in self.filters.items() if key not in names}, who=None
        )

    def wants(self, dimension: str) -> bool:
        return dimension in self.dimensions or dimension in self.filters

    @property
    def key(self) -> Hashable:
        """Equal for equal questions."""
        named = tuple(vars(self)[name] for name in vars(self) if name not in ("filters", "cuts"))
        return named, frozenset(self.filters.items())

    def __hash__(self) -> int:
        return hash(self.key)


@contextmanager
def one_reading(session: AsyncSession) -> Iterator[None]:
    """Until the block ends the same facts are read once, however many KPIs ask for them; nothing is written in it."""
    session.info["reading"] = {}
    try:
        yield
    finally:
        del session.info["reading"]


def remembered(
    load: Callable[Concatenate[AsyncSession, Ask, P], Awaitable[T]],
) -> Callable[Concatenate[AsyncSession, Ask, P], Awaitable[T]]:
    """For a loader whose cells carry every dimension whatever was asked: within one reading, rows serve all."""

    @wraps(load)
    async def once(session: AsyncSession, ask: Ask, /, *args: P.args, **options: P.kwargs) -> T:
        read: dict[Hashable, T] | None = session.info.get("reading")
        if read is None:
            return await load(session, ask, *args, **options)
        wide = replace(ask, dimensions=frozenset({"record"}))
        key = (load, wide.key, args, tuple(options.items()))
        if key not in read:
            read[key] = await load(session, wide, *args, **options)
        return read[key]

    return once


def array_of(values: Iterable[Any], kind: Any) -> ColumnElement[Any]:
    """The values as one parameter, an SQL array of ``kind``."""
    return cast(literal(list(values), ARRAY(kind)), ARRAY(kind))


def among(column: ColumnElement[Any], values: frozenset[Any]) -> ColumnElement[bool]:
    known = [value for value in values if value is not None]
    # Many are one parameter: written out, each number of them would be a statement of its own.
    condition = column.in_(known) if len(known) <= FEW else column == any_(array_of(known, column.type))
    return or_(condition, column.is_(None)) if None in values else condition


def door(ask: Ask, rep: ColumnElement[UUID | None], team: ColumnElement[UUID | None]) -> list[ColumnElement[bool]]:
    """What the role lets through: a rep's own numbers, a manager's teams', everything for a director or the admin."""
    if ask.who is None or ask.who.sees_all or ask.who.role == "marketing":
        return []
    if ask.who.role == "manager":
        return [or_(team.in_(list(ask.who.team_ids)), rep == ask.who.user_id)]
    return [rep == ask.who.user_id]


def scope(ask: Ask, columns: dict[str, ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    """The conditions of the filters and of the door, on the columns that carry each dimension."""
    conditions = [among(columns[name], values) for name, values in ask.filters.items() if name in columns]
    return [*conditions, *door(ask, columns["rep"], columns["team"])]


def of_customers(ask: Ask, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Of records whose customer is ``column``, those of the customers the filters and the door let through as the
    customers' owners are asked; for facts put together in Python, which are filtered there all the same.
    """
    named = ask.filters.get("customer")
    conditions = [] if named is None else [among(column, named)]
    if ask.filters.keys() - {"customer"} or (ask.who is not None and not ask.who.sees_all):
        customer, owner = customers(ask), owners(ask)
        dims = owner.columns(customer.c.owner_id) | {
            "sector": customer.c.sector,
            "customer_class": customer.c.customer_class,
        }
        let_through = select(customer.c.id).select_from(owner.join(customer, customer.c.owner_id))
        conditions.append(column.in_(let_through.where(*scope(ask, dims))))
    return conditions


def on_lines(ask: Ask, key: ColumnElement[Any], order: FromClause, line: FromClause) -> list[ColumnElement[bool]]:
    """What is told of order lines, for the customers asked only: the database does not see so far by itself."""
    whose = of_customers(ask, order.c.customer_id)
    lines = select(line.c.id).select_from(order.join(line, line.c.order_id == order.c.id)).where(*whose)
    return [key.in_(lines)] if whose else []


def keep(ask: Ask, cells: Iterable[Any]) -> list[Any]:
    """The same as :func:`scope`, on cells: for facts that need their neighbours before they can be filtered."""
    who = ask.who

    def let_through(cell: Cell) -> bool:
        if any(getattr(cell, name) not in values for name, values in ask.filters.items() if hasattr(cell, name)):
            return False
        if who is None or who.sees_all or who.role == "marketing":
            return True
        if who.role == "manager":
            return cell.team in who.team_ids or cell.rep == who.user_id
        return cell.rep == who.user_id

    return [cell for cell in cells if let_through(cell)]


@dataclass(frozen=True)
class Owners:
    """The owners' teams and units as they stood, to attribute states."""

    users: FromClause
    teams: FromClause

    def columns(self, owner: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
        return {"rep": owner, "team": self.users.c.team_id, "business_unit": self.teams.c.business_unit_id}

    def join(self, source: FromClause, owner: ColumnElement[Any]) -> FromClause:
        return source.outerjoin(self.users, self.users.c.id == owner).outerjoin(
            self.teams, self.teams.c.id == self.users.c.team_id
        )


def owners(ask: Ask) -> Owners:
    return Owners(at(User, ask.moment), at(Team, ask.moment))


def customers(ask: Ask) -> FromClause:
    return at(Customer, ask.moment)


def dimensions(owner: Columns, customer: FromClause, customer_id: ColumnElement[Any], record: Any) -> Columns:
    """The dimensions of a state: its owner's, its customer's, and itself."""
    return owner | {
        "customer": customer_id,
        "sector": customer.c.sector,
        "customer_class": customer.c.customer_class,
        "record": record,
    }


def labelled(columns: Columns) -> list[Any]:
    return [column.label(name) for name, column in columns.items()]


def real(customer: FromClause, key: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Neither internal nor merged into another; with ``key``, also true for a record of no customer."""
    condition = ~customer.c.is_internal & customer.c.merged_into_id.is_(None)
    return condition if key is None else or_(key.is_(None), condition)


def bucket(ask: Ask, day: ColumnElement[Any]) -> ColumnElement[date]:
    """The first day of the bucket a day falls in."""
    bounds = literal(list(ask.bounds), ARRAY(Date))
    found: ColumnElement[date] = Grouping(bounds)[func.width_bucket(day, cast(bounds, ARRAY(Date)))]
    return found


def within(ask: Ask, day: ColumnElement[Any], after: int = 0) -> list[ColumnElement[bool]]:
    """Dated in one of the spans asked, or up to some days ``after`` it, and not after the day asked."""
    spans = ask.spans or (Period(ask.bounds[0], ask.bounds[-1]),)
    late = timedelta(days=after)
    return [or_(*(and_(day >= span.start, day < span.end + late) for span in spans)), day <= ask.day]


def grouped(rows: Select[Any], dimensions: Iterable[str], measures: Iterable[str]) -> Select[Any]:
    """Σ of the measures by every other column; ``n`` counts the rows."""
    inner = rows.subquery()
    keys = [inner.c[name] for name in dimensions]
    summed = [func.sum(inner.c[name]).label(name) for name in measures]
    return select(*keys, func.count().label("n"), *summed).group_by(*keys)


async def cells(
    session: AsyncSession, statement: Select[Any] | CompoundSelect[Any], kind: type[Any], **constants: Any
) -> list[Any]:
    """The rows of ``statement`` as facts; columns carry the names of the fact's fields."""
    result = await session.execute(statement)
    keys = list(result.keys())
    return [kind(**dict(zip(keys, row, strict=True)), **constants) for row in result]
