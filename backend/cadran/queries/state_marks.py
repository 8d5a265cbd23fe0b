"""Whom the marks of writes mean: the customers whose kept states are stale, and on which days (ADR 7)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Uuid, any_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models.totals import stale_totals
from cadran.queries.ask import array_of

NOBODY = UUID(int=0)  # under whom a record of no customer is kept

# A document's customers are looked up now: another transaction may have moved it meanwhile. Those it had before are
# meant too, as a day gone by may be kept. ``since``: the day from which the document counts, as far as it is told; one
# that has none now counts for no day, one that had none before is another kind of document, or counted for none.
MARKED = f"""
WITH marked AS MATERIALIZED (SELECT id, kind, key, day, until FROM stale_totals WHERE fact = 'states' {{which}}),
lines (mark, line) AS (
    SELECT id, key FROM marked WHERE kind = 'line'
    UNION ALL
    SELECT m.id, b.order_line_id FROM marked m JOIN invoice_lines b ON b.invoice_id = m.key WHERE m.kind = 'invoice'
), versions (mark, id, deal) AS (
    SELECT m.id, q.id, q.opportunity_id FROM marked m JOIN quotes q ON q.id = m.key WHERE m.kind = 'quote'
    UNION ALL
    SELECT m.id, q.id, q.opportunity_id FROM marked m JOIN quotes q ON q.root_id = m.key WHERE m.kind = 'quote'
    UNION ALL
    SELECT m.id, m.key, CAST(NULL AS uuid) FROM marked m WHERE m.kind = 'quote'
    UNION ALL
    SELECT m.id, c.record_id, CAST(c.before ->> 'opportunity_id' AS uuid) FROM marked m JOIN change c
        ON c.resource = 'quotes' AND c.operation = 'delete' AND c.before ->> 'root_id' = CAST(m.key AS text)
        WHERE m.kind = 'quote'
), documents (mark, id) AS (
    SELECT id, key FROM marked WHERE kind IN ('order', 'invoice', 'quote', 'deal')
    UNION SELECT mark, l.order_id FROM lines JOIN order_lines l ON l.id = line
    UNION SELECT mark, CAST(c.before ->> 'order_id' AS uuid) FROM lines JOIN change c ON c.record_id = line
    UNION SELECT mark, id FROM versions UNION SELECT mark, deal FROM versions
    UNION SELECT mark, CAST(c.before ->> 'opportunity_id' AS uuid) FROM versions v JOIN change c ON c.record_id = v.id
), found (mark, customer, since) AS (
    SELECT id, key, CAST('-infinity' AS date) FROM marked WHERE kind = 'customer'
    UNION SELECT mark, o.customer_id, coalesce(o.confirmed_on, 'infinity') FROM documents JOIN orders o USING (id)
    UNION SELECT mark, i.customer_id, coalesce(i.issued_on, 'infinity') FROM documents JOIN invoices i USING (id)
    UNION SELECT mark, q.customer_id, coalesce(q.sent_on, 'infinity') FROM documents JOIN quotes q USING (id)
    UNION SELECT mark, coalesce(d.customer_id, '{NOBODY}'), '-infinity' FROM documents JOIN opportunities d USING (id)
    UNION SELECT mark, coalesce(CAST(c.before ->> 'customer_id' AS uuid),
            CASE WHEN c.resource = 'opportunities' THEN CAST('{NOBODY}' AS uuid) END),
        coalesce(CAST(coalesce(c.before ->> 'confirmed_on', c.before ->> 'issued_on', c.before ->> 'sent_on') AS date),
            '-infinity')
        FROM documents d JOIN change c ON c.record_id = d.id WHERE c.before IS NOT NULL
)
"""
# A day gone by stands as the log says, but for what was first written after it about days before. A mark that tells no
# days was left by the triggers of an earlier version: it means all of them.
COUNTS = "AND (CAST(:day AS date) BETWEEN day AND until OR (day IS NULL AND until IS NULL))"
STALE = """
SELECT (SELECT array_agg(DISTINCT customer) FROM found WHERE customer IS NOT NULL {since}) AS customers,
    EXISTS (SELECT FROM marked WHERE kind = 'all') AS everybody
"""
TODAY = text(MARKED.format(which="") + STALE.format(since=""))
PAST = text(MARKED.format(which=COUNTS) + STALE.format(since="AND since <= :day"))
# One that means everybody is none of them: it may have come since :func:`everybody` looked.
OLDEST = text(
    MARKED.format(which="AND kind <> 'all' ORDER BY id LIMIT :most")
    + """
SELECT m.id, f.customer, m.day IS NULL AND m.until IS NULL AS ever,
    CASE WHEN m.day IS NOT NULL THEN greatest(m.day, f.since) END AS first, m.until AS last
FROM marked m LEFT JOIN found f ON f.mark = m.id AND f.customer IS NOT NULL ORDER BY m.id
"""
)
MOST = 20_000  # marks looked up at once


async def stale(session: AsyncSession, day: date | None = None) -> tuple[frozenset[UUID], bool]:
    """The customers under a mark, and whether one of the marks means everybody. ``day``: of the marks that can change
    that day gone by.
    """
    row = (await session.execute(TODAY if day is None else PAST, {} if day is None else {"day": day})).one()
    return frozenset(row.customers or ()), row.everybody


class Mark(NamedTuple):
    """One customer meant by a mark (None: it means no customer), for the days gone by from ``first`` to ``last``."""

    id: int
    customer: UUID | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Marks:
    """The oldest marks; ``more``: there are others."""

    rows: Sequence[Mark]
    more: bool

    def whom(self, most: int) -> list[UUID]:
        """Whom the oldest mean: ``most`` customers, or as many more as the last of these marks means."""
        found: dict[UUID, None] = {}
        at = None
        for row in self.rows:
            if len(found) >= most and row.id != at:
                break
            at = row.id
            if row.customer is not None:
                found[row.customer] = None
        return list(found)

    def counting(self, day: date) -> set[UUID]:
        """Those meant for a day gone by."""
        return {
            row.customer for row in self.rows
            if row.customer is not None and row.first is not None and row.last is not None
            and row.first <= day <= row.last
        }  # fmt: skip

    def of(self, customers: Container[UUID]) -> list[int]:
        """The marks that mean nobody else."""
        others = {row.id for row in self.rows if row.customer is not None and row.customer not in customers}
        return list({row.id: None for row in self.rows if row.id not in others})


async def oldest(session: AsyncSession, most: int) -> Marks:
    """The oldest marks, and all others that name one of the ``most`` customers whom they mean first: a customer written
    to a thousand times is made again once.
    """
    rows = [_mark(row) for row in await session.execute(OLDEST, {"most": MOST})]
    listed = {row.id for row in rows}
    found = Marks(rows, len(listed) == MOST)
    if not found.more:
        return found
    marks = stale_totals.c
    whom = marks.key == any_(array_of(found.whom(most), Uuid))
    ever = (marks.day.is_(None) & marks.until.is_(None)).label("ever")
    columns = (marks.id, marks.key.label("customer"), ever, marks.day.label("first"), marks.until.label("last"))
    theirs = select(*columns).where(marks.fact == "states", marks.kind == "customer", marks.id > max(listed), whom)
    return Marks([*rows, *(_mark(row) for row in await session.execute(theirs))], True)


def _mark(row: Row[Any]) -> Mark:
    first, last = (date.min, date.max) if row.ever else (row.first, row.last)
    return Mark(row.id, row.customer, first, last)


async def everybody(session: AsyncSession) -> list[int]:
    """All marks when one of them means everybody, else none."""
    marks, of_all = stale_totals.c, stale_totals.alias().c
    one = select(of_all.id).where(of_all.fact == "states", of_all.kind == "all").exists()
    return list((await session.execute(select(marks.id).where(marks.fact == "states", one))).scalars())
