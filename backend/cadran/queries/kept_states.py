"""KPIs that are states, read from what each customer adds to them, kept for the day by rep (ADR 8).

What a customer under a mark adds is taken out of the sums and read from the documents instead: a write counts from the
moment it is committed. Only questions of a day kept, by rep, team, unit or a customer's own dimensions are answered so.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    FromClause,
    Table,
    Uuid,
    any_,
    cast,
    func,
    literal,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.facts import SummedCell
from cadran.models.totals import state_days, state_sums, state_totals
from cadran.queries.ask import Ask, customers, owners, scope

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


async def stale(session: AsyncSession, day: date, made_by: str) -> frozenset[UUID] | None:
    """The customers to be read from the documents; None when all are: the day is not kept, or too much has changed."""
    reading: dict[Any, Any] = session.info.get("reading", {})
    key = ("stale", day)
    if key not in reading:
        done = select(state_days.c.done).where(state_days.c.day == day, state_days.c.made_by == made_by)
        found: frozenset[UUID] | None = None
        if (await session.execute(done)).scalar():
            whom, _, everybody = await marked(session)
            found = None if everybody or len(whom) > MOST else whom
        reading[key] = found
    known: frozenset[UUID] | None = reading[key]
    return known


def answers(ask: Ask) -> bool:
    return ask.moment is None and {*ask.dimensions, *ask.filters} <= OWN | OF_CUSTOMER


async def cells(
    session: AsyncSession, ask: Ask, kpi: str, inputs: Sequence[str], without: frozenset[UUID]
) -> list[SummedCell]:
    """The sums kept of one KPI's inputs by the dimensions asked, but for what the customers ``without`` add."""
    if {*ask.dimensions, *ask.filters} & OF_CUSTOMER:
        sources = [_sums(state_sums, kpi, ask.day, inputs, state_sums.c.customer != _all(without))]
    else:
        sources = [_sums(state_totals, kpi, ask.day, inputs)]
        if without:
            among = state_sums.c.customer == any_(_array(without))
            sources.append(_sums(state_sums, kpi, ask.day, inputs, among, sign=-1))
    rows = union_all(*sources).subquery() if len(sources) > 1 else sources[0].subquery()
    source, dims = _described(ask, rows)
    asked = [dims[name].label(name) for name in sorted(ask.dimensions)]
    summed = [func.sum(rows.c[name]).label(name) for name in inputs]
    statement = select(*asked, *summed).select_from(source).where(*scope(ask, dims)).group_by(*asked)
    found = []
    for row in (await session.execute(statement)).mappings():
        sums = {name: row[name] for name in inputs if row[name]}
        found.append(SummedCell(**{name: row[name] for name in ask.dimensions}, sums=sums))
    return found


async def behind(session: AsyncSession, ask: Ask, kpi: str) -> frozenset[UUID]:
    """The customers whose records make the value, as kept and as the question lets through."""
    sums = state_sums
    source, dims = _described(ask, sums)
    kept = (sums.c.kpi == kpi, sums.c.day == ask.day, sums.c.behind)
    statement = select(sums.c.customer).distinct().select_from(source).where(*kept, *scope(ask, dims))
    return frozenset((await session.execute(statement)).scalars())


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


def _array(keys: frozenset[UUID]) -> Column[Any]:
    return cast(literal(sorted(keys), ARRAY(Uuid)), ARRAY(Uuid))  # type: ignore[return-value]


def _all(keys: frozenset[UUID]) -> Any:
    return func.all(_array(keys))
