"""A table as it stood at a moment, read from the change log.

A record already logged before the moment stands as the log says: the state before its first later change. A record
first written after the moment stands with what is known of it today, by its own dates (confirmed, issued, held,
closed …), so that imported history can be asked at any past date.
"""

from datetime import datetime

from sqlalchemy import FromClause, bindparam, text

from cadran.kit.tables import Base

_STATE = """
WITH later AS MATERIALIZED (
    SELECT DISTINCT ON (record_id) record_id, before FROM change
    WHERE resource = '{table}' AND at > :moment ORDER BY record_id, seq
)
SELECT {columns} FROM {table} AS r
WHERE NOT EXISTS (SELECT 1 FROM later WHERE later.record_id = r.id AND later.before IS NOT NULL)
UNION ALL
SELECT {columns} FROM later, jsonb_populate_record(NULL::{table}, later.before) AS r WHERE later.before IS NOT NULL
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
