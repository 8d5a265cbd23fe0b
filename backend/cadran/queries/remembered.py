"""What a process remembers of records for as long as the log tells of no change to them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
MOST = 64

_SEEN = "CAST(CAST(:seen AS text) AS pg_snapshot)"
# What the snapshot remembered did not see, in whatever order it was committed. A replica does not know which of the
# transactions since xmin were open: there none of them has been seen for certain.
_SINCE = text(f"""
    SELECT CASE WHEN pg_is_in_recovery() THEN concat(xmin, ':', xmin, ':') ELSE CAST(now AS text) END AS snapshot,
        CASE WHEN {_SEEN} IS NOT NULL THEN EXISTS (
            SELECT FROM change WHERE resource = ANY(:tables) AND xid >= pg_snapshot_xmin({_SEEN})
                AND NOT pg_visible_in_snapshot(xid, {_SEEN})
        ) END AS changed, pg_current_xact_id_if_assigned() IS NULL AS reads
    FROM pg_current_snapshot() AS now, LATERAL pg_snapshot_xmin(now) AS xmin
""").bindparams(bindparam("tables", type_=ARRAY(Text)))


async def until_written(
    session: AsyncSession, key: Hashable, tables: Sequence[str], make: Callable[[], Awaitable[T]]
) -> T:
    """What ``make`` finds in the rows of ``tables``, or found before any of them was written; nobody may change it."""
    if "shared" not in session.info:
        return await make()
    known: OrderedDict[Hashable, tuple[str, Any]] = session.info["shared"].setdefault("until written", OrderedDict())
    found: Any
    seen, found = known.get(key, (None, None))
    now = (await session.execute(_SINCE, {"seen": seen, "tables": list(tables)})).one()
    if key not in known or now.changed:
        found = await make()
    if now.reads:  # what this transaction may have written may never be
        known[key] = now.snapshot, found
        known.move_to_end(key)
        if len(known) > MOST:
            known.popitem(last=False)
    made: T = found
    return made
