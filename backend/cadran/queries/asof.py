"""A table as it stood at a moment, read from the change log.

A record already logged before the moment stands as the log says: the state before its first later change. A record
first written after the moment stands with what is known of it today, by its own dates (confirmed, issued, held,
closed …), so that imported history can be asked at any past date. Lines and other parts have no date of their own: they
stand with their document. One added after the moment to a document already written by then was not there.
"""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import FromClause, bindparam, text

from cadran.kit.tables import Base

# Only records changed after the moment, and not first written after it, need the log: few, told by an index.
_STATE = """
WITH later AS MATERIALIZED (
    SELECT DISTINCT ON (c.record_id) c.record_id, c.before FROM change AS c
    WHERE c.resource = '{table}' AND c.operation <> 'insert' AND c.at > :moment AND NOT EXISTS (
        SELECT 1 FROM change AS i
        WHERE i.record_id = c.record_id AND i.operation = 'insert' AND i.at > :moment AND i.seq < c.seq)
    ORDER BY c.record_id, c.seq
){added}
SELECT {columns} FROM {table} AS r WHERE r.id NOT IN (SELECT record_id FROM later){kept}
UNION ALL
SELECT {columns} FROM later, jsonb_populate_record(NULL::{table}, later.before) AS r
"""

# The parts added since to what stood already. ``created_at`` leaves a history taken in since out at once.
_ADDED = """, added AS MATERIALIZED (
    SELECT part.id FROM {table} AS part
    JOIN {whole} AS whole ON whole.id = part.{key} AND whole.created_at <= :moment
    JOIN change AS i ON i.record_id = part.id
    WHERE i.resource = '{table}' AND i.operation = 'insert' AND i.at > :moment AND NOT EXISTS (
        SELECT 1 FROM change AS w WHERE w.record_id = whole.id AND w.operation = 'insert' AND w.at > :moment)
)"""
_KEPT = " AND r.id NOT IN (SELECT id FROM added)"

PARTS = {
    "quote_lines": ("quotes", "quote_id"),
    "order_lines": ("orders", "order_id"),
    "invoice_lines": ("invoices", "invoice_id"),
    "plan_actions": ("action_plans", "action_plan_id"),
    "plan_customers": ("action_plans", "action_plan_id"),
    "plan_products": ("action_plans", "action_plan_id"),
}


@lru_cache(maxsize=512)  # to build one costs as much as a small query; a day's screens ask for the same few moments
def at(model: type[Base], moment: datetime | None, copy: str = "") -> FromClause:
    """The rows of ``model`` at ``moment`` (None: now), with the table's own columns. A statement that needs the same
    rows twice names the second ``copy``.
    """
    table = model.__table__
    if moment is None:
        return table.alias()
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(f"r.{column.name}" for column in columns)
    added = kept = ""
    if (part := PARTS.get(model.__tablename__)) is not None:
        added, kept = _ADDED.format(table=model.__tablename__, whole=part[0], key=part[1]), _KEPT
    statement = text(_STATE.format(table=model.__tablename__, columns=names, added=added, kept=kept)).bindparams(
        bindparam("moment", moment, unique=True)
    )
    return statement.columns(*columns).subquery()
