"""What a process remembers of records for as long as the log tells of no change to them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
MOST = 64

# Every transaction before the snapshot's xmin has ended, and is seen; one that wrote since may not have been.
_SINCE = text("""
    SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS xmin, EXISTS (
        SELECT FROM change WHERE xid >= CAST(CAST(:since AS text) AS xid8) AND resource = ANY(:tables)
    ) AS changed, pg_current_xact_id_if_assigned() IS NULL AS reads
""").bindparams(bindparam("tables", type_=ARRAY(Text)))


async def until_written(
    session: AsyncSession, key: Hashable, tables: Sequence[str], make: Callable[[], Awaitable[T]]
) -> T:
    """What ``make`` finds in the rows of ``tables``, or found before any of them was written; nobody may change it."""
    if "shared" not in session.info:
        return await make()
    known: OrderedDict[Hashable, tuple[int, Any]] = session.info["shared"].setdefault("until written", OrderedDict())
    since, found = known.get(key, (0, None))
    asked = {"since": str(since), "tables": list(tables)}
    now = (await session.execute(_SINCE, asked)).one()
    if key not in known or now.changed:
        found = await make()
    if now.reads:  # what this transaction may have written may never be
        known[key] = now.xmin, found
        known.move_to_end(key)
        if len(known) > MOST:
            known.popitem(last=False)
    made: T = found
    return made
