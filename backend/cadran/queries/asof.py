"""A table as it stood at a moment, read from the change log.

A record already logged before the moment stands as the log says: the state before its first later change. A record
first written after the moment stands with what is known of it today, by its own dates (confirmed, issued, held,
closed …), so that imported history can be asked at any past date.
"""

from datetime import datetime

from sqlalchemy import FromClause, bindparam, text

from cadran.kit.tables import Base

# Only records changed after the moment, and not first written after it, need the log: few, told by an index.
_STATE = """
WITH later AS MATERIALIZED (
    SELECT DISTINCT ON (c.record_id) c.record_id, c.before FROM change AS c
    WHERE c.resource = '{table}' AND c.operation <> 'insert' AND c.at > :moment AND NOT EXISTS (
        SELECT 1 FROM change AS i WHERE i.record_id = c.record_id AND i.operation = 'insert' AND i.at > :moment)
    ORDER BY c.record_id, c.seq
)
SELECT {columns} FROM {table} AS r WHERE r.id NOT IN (SELECT record_id FROM later)
UNION ALL
SELECT {columns} FROM later, jsonb_populate_record(NULL::{table}, later.before) AS r
"""


def at(model: type[Base], moment: datetime | None) -> FromClause:
    """The rows of ``model`` at ``moment`` (None: now), with the table's own columns."""
    table = model.__table__
    if moment is None:
        return table.alias()
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(f"r.{column.name}" for column in columns)
    statement = text(_STATE.format(table=model.__tablename__, columns=names)).bindparams(
        bindparam("moment", moment, unique=True)
    )
    return statement.columns(*columns).subquery()
