"""A table as it stood at a moment, read from the change log.

A record already logged before the moment stands as the log says: the state before its first later change. A record
first written after the moment stands with what is known of it today, by its own dates (confirmed, issued, held,
closed …), so that imported history can be asked at any past date. Lines and other parts have no date of their own: they
stand with their document. One added after the moment to a document already written by then was not there.
"""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    CTE,
    BindParameter,
    FromClause,
    Uuid,
    and_,
    bindparam,
    column,
    false,
    or_,
    select,
    text,
    true,
    union_all,
)

from cadran.kit.tables import Base

# Only records changed after the moment, and not first written after it, need the log: few, told by an index.
_LATER = """
    SELECT {columns} FROM (
        SELECT DISTINCT ON (c.record_id) c.before FROM change AS c
        WHERE c.resource = '{table}' AND c.operation <> 'insert' AND c.at > :moment AND NOT EXISTS (
            SELECT 1 FROM change AS i
            WHERE i.record_id = c.record_id AND i.operation = 'insert' AND i.at > :moment AND i.seq < c.seq)
        ORDER BY c.record_id, c.seq
    ) AS later, jsonb_populate_record(NULL::{table}, later.before) AS r
"""

# The parts added since to what stood already. ``created_at`` leaves a history taken in since out at once.
_ADDED = """
    SELECT part.id FROM {table} AS part
    JOIN {whole} AS whole ON whole.id = part.{key} AND whole.created_at <= :moment
    JOIN change AS i ON i.record_id = part.id
    WHERE i.resource = '{table}' AND i.operation = 'insert' AND i.at > :moment AND NOT EXISTS (
        SELECT 1 FROM change AS w WHERE w.record_id = whole.id AND w.operation = 'insert' AND w.at > :moment)
"""

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
    later, *added = _changed(model, moment)
    now = table.alias()
    # A UNION ALL is joined into by the indexes of its tables, unless a branch that is a table has a WHERE of its own:
    # the conditions stand outside, and the branch that is no table has one, which lets nobody but the planner by.
    both = union_all(
        select(*(now.c[column.name] for column in later.c), false().label("past")),
        select(*later.c, true().label("past")).where(later.c.id.is_not(None)),
    ).subquery()
    stands = and_(*(both.c.id.not_in(select(gone.c.id)) for gone in (later, *added)))
    return select(*(both.c[column.name] for column in later.c)).where(or_(both.c.past, stands)).subquery()


@lru_cache(maxsize=512)
def _changed(model: type[Base], moment: datetime) -> list[CTE]:
    """What changed since, as it was before; and of parts, what was added since to what stood."""
    columns = [column for column in model.__table__.columns if column.computed is None]
    name = model.__tablename__
    given: BindParameter[datetime] = bindparam("moment", moment, unique=True)
    later = text(_LATER.format(table=name, columns=", ".join(f"r.{column.name}" for column in columns)))
    found = [later.bindparams(given).columns(*columns)]
    if (part := PARTS.get(name)) is not None:
        added = text(_ADDED.format(table=name, whole=part[0], key=part[1]))
        found.append(added.bindparams(given).columns(column("id", Uuid)))
    # They belong to the whole statement: a WITH inside the UNION ALL would keep the planner out of it.
    return [each.cte().prefix_with("MATERIALIZED") for each in found]
