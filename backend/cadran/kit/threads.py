"""Long computations beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

P = ParamSpec("P")
T = TypeVar("T")
BEAT = 3.0  # seconds, well under idle_in_transaction_session_timeout


async def in_thread(session: AsyncSession, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work``'s result. The caller's transaction is kept awake meanwhile; a caller that gives up lets the work end."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    while not (await asyncio.wait({task}, timeout=BEAT))[0]:
        await session.execute(text("SELECT 1"))
    return task.result()
