"""KPIs that are states, read from what each customer adds to them, kept for the day by rep (ADR 7).

What a customer under a mark adds is taken out of the sums and read from the documents instead: a write counts from the
moment it is committed. Only questions of a day kept, by rep, team, unit or a customer's own dimensions are answered so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    Table,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    cast,
    func,
    literal_column,
    null,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.facts import SummedCell
from cadran.models.totals import state_days, state_sums, state_totals
from cadran.queries.ask import Ask, array_of, customers, owners, scope

OWN = frozenset({"rep", "team", "business_unit"})
OF_CUSTOMER = frozenset({"customer", "sector", "customer_class"})
NOBODY = UUID(int=0)  # under whom a record of no customer is kept
MOST = 5000  # customers read from the documents beside the sums; beyond, everything is

# Whom the marks mean. A document's customers are looked up now: another transaction may have moved it meanwhile.
MARKED = """
WITH marked AS MATERIALIZED (SELECT id, kind, key FROM stale_totals WHERE fact = 'states'),
lines AS (
    SELECT key AS line FROM marked WHERE kind = 'line'
    UNION ALL SELECT b.order_line_id FROM marked m JOIN invoice_lines b ON b.invoice_id = m.key WHERE m.kind = 'invoice'
), versions AS (
    SELECT q.customer_id, q.opportunity_id FROM marked m JOIN quotes q ON q.id = m.key WHERE m.kind = 'quote'
    UNION ALL
    SELECT q.customer_id, q.opportunity_id FROM marked m JOIN quotes q ON q.root_id = m.key WHERE m.kind = 'quote'
), deals AS (
    SELECT key AS deal FROM marked WHERE kind = 'deal' UNION ALL SELECT opportunity_id FROM versions
), found (customer) AS (
    SELECT key FROM marked WHERE kind = 'customer'
    UNION SELECT o.customer_id FROM marked m JOIN orders o ON o.id = m.key WHERE m.kind = 'order'
    UNION SELECT o.customer_id FROM lines JOIN order_lines l ON l.id = line JOIN orders o ON o.id = l.order_id
    UNION SELECT i.customer_id FROM marked m JOIN invoices i ON i.id = m.key WHERE m.kind = 'invoice'
    UNION SELECT customer_id FROM versions
    UNION SELECT d.customer_id FROM deals JOIN opportunities d ON d.id = deal WHERE d.customer_id IS NOT NULL
)
SELECT (SELECT array_agg(customer) FROM found) AS customers, (SELECT array_agg(id) FROM marked) AS marks,
    EXISTS (SELECT FROM marked WHERE kind = 'all') AS everybody
"""


def unit_of(customer: UUID) -> UUID | None:
    return None if customer == NOBODY else customer


async def marked(session: AsyncSession) -> tuple[frozenset[UUID], list[int], bool]:
    """The customers under a mark, the marks, and whether one of them means everybody."""
    row = (await session.execute(text(MARKED))).one()
    return frozenset(row.customers or ()), list(row.marks or ()), row.everybody


@dataclass(frozen=True)
class KeptDay:
    """A day kept. ``version``: of its row, another one once it is made anew; ``stale``: the customers to be read from
    the documents.
    """

    day: date
    version: str
    stale: frozenset[UUID]

    @property
    def holds(self) -> ColumnElement[bool]:
        """Whether it still is as it was found. Part of every statement that reads it: between two of them the day may
        be over, or everybody be made anew, and half of what is kept be gone.
        """
        return and_(state_days.c.day == self.day, state_days.c.done, self.version == _VERSION)


_VERSION: Any = literal_column("CAST(state_days.xmin AS text)", Text)


async def kept_day(session: AsyncSession, day: date, made_by: str) -> KeptDay | None:
    """None: everybody is read from the documents, as the day is not kept or too much has changed."""
    reading: dict[Any, Any] = session.info.get("reading", {})
    key = ("kept", day)
    if key not in reading:
        done = (state_days.c.day == day, state_days.c.made_by == made_by, state_days.c.done)
        version = (await session.execute(select(_VERSION).where(*done))).scalar()
        reading[key] = None
        if version is not None:
            whom, _, everybody = await marked(session)
            reading[key] = None if everybody or len(whom) > MOST else KeptDay(day, version, whom)
    known: KeptDay | None = reading[key]
    return known


def answers(ask: Ask) -> bool:
    return ask.moment is None and {*ask.dimensions, *ask.filters} <= OWN | OF_CUSTOMER


async def cells(
    session: AsyncSession, ask: Ask, kept: KeptDay, kpi: str, inputs: Sequence[str]
) -> list[SummedCell] | None:
    """The sums kept of one KPI's inputs by the dimensions asked, but for what the stale customers add. None when the
    day is not what it was any more.
    """
    customer, whom = state_sums.c.customer, array_of(kept.stale, Uuid)
    if {*ask.dimensions, *ask.filters} & OF_CUSTOMER:
        sources = [_sums(state_sums, kpi, ask.day, inputs, customer != all_(whom))]
    else:
        sources = [_sums(state_totals, kpi, ask.day, inputs)]
        if kept.stale:
            sources.append(_sums(state_sums, kpi, ask.day, inputs, customer == any_(whom), sign=-1))
    rows = union_all(*sources).subquery()
    source, dims = _described(ask, rows)
    asked = [dims[name].label(name) for name in sorted(ask.dimensions)]
    summed = [func.sum(rows.c[name]).label(name) for name in inputs]
    statement = select(*asked, *summed).select_from(source).where(*scope(ask, dims)).group_by(*asked)
    found = await _read(session, kept, statement)
    if found is None:
        return None
    return [
        SummedCell(
            **{name: row[name] for name in ask.dimensions}, sums={name: row[name] for name in inputs if row[name]}
        )
        for row in found
    ]


async def behind(session: AsyncSession, ask: Ask, kept: KeptDay, kpi: str) -> frozenset[UUID] | None:
    """The customers whose records make the value, as kept and as the question lets through; None as above."""
    sums = state_sums
    source, dims = _described(ask, sums)
    those = (sums.c.kpi == kpi, sums.c.day == ask.day, sums.c.behind)
    statement = select(sums.c.customer).distinct().select_from(source).where(*those, *scope(ask, dims))
    found = await _read(session, kept, statement)
    return None if found is None else frozenset(row["customer"] for row in found)


async def _read(session: AsyncSession, kept: KeptDay, statement: Select[Any]) -> list[RowMapping] | None:
    """The rows; None unless the day holds in the very same look at the database."""
    there = statement.add_columns(true().label("there")).subquery()
    whole = select(there).select_from(state_days.outerjoin(there, true())).where(kept.holds)
    found = (await session.execute(whole)).mappings().all()
    return [row for row in found if row["there"]] if found else None


def _sums(
    table: Table, kpi: str, day: date, inputs: Sequence[str], *conditions: ColumnElement[bool], sign: int = 1
) -> Any:
    sums: Any = table.c.sums
    customer: Any = table.c.customer if "customer" in table.c else null()
    named = [(sign * sums[place]).label(name) for place, name in enumerate(inputs, start=1)]
    columns = [table.c.rep, cast(customer, Uuid).label("customer"), *named]
    return select(*columns).where(table.c.kpi == kpi, table.c.day == day, *conditions)


def _described(ask: Ask, rows: FromClause) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """The sums with whom they count for, as it stands now."""
    owner = owners(ask)
    dims = owner.columns(rows.c.rep)
    source = owner.join(rows, rows.c.rep)
    if {*ask.dimensions, *ask.filters} & OF_CUSTOMER:
        customer = customers(ask)
        source = source.outerjoin(customer, customer.c.id == rows.c.customer)
        dims |= {
            "customer": customer.c.id,
            "sector": customer.c.sector,
            "customer_class": customer.c.customer_class,
        }
    return source, dims
