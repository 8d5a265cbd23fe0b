"""What a process remembers of records for as long as the log tells of no change to them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
MOST = 64

_SEEN = "CAST(CAST(:seen AS text) AS pg_snapshot)"
# What the snapshot remembered did not see, in whatever order it was committed.
_SINCE = text(f"""
    SELECT CAST(pg_current_snapshot() AS text) AS snapshot, EXISTS (
        SELECT FROM change WHERE resource = ANY(:tables) AND xid >= pg_snapshot_xmin({_SEEN})
            AND NOT pg_visible_in_snapshot(xid, {_SEEN})
    ) AS changed, pg_current_xact_id_if_assigned() IS NULL AS reads
""").bindparams(bindparam("tables", type_=ARRAY(Text)))
_NOTHING = "1:1:"


async def until_written(
    session: AsyncSession, key: Hashable, tables: Sequence[str], make: Callable[[], Awaitable[T]]
) -> T:
    """What ``make`` finds in the rows of ``tables``, or found before any of them was written; nobody may change it."""
    if "shared" not in session.info:
        return await make()
    known: OrderedDict[Hashable, tuple[str, Any]] = session.info["shared"].setdefault("until written", OrderedDict())
    seen, found = known.get(key, (_NOTHING, None))
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
