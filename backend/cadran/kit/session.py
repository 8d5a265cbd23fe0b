"""The request's one transaction: opened on first use, committed before the response is sent."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Database


async def request_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Code below the edge never commits: this does, once, when the endpoint has returned."""
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session
    committed: Callable[[], None] | None = getattr(request.app.state, "committed", None)
    if committed is not None and request.method != "GET":
        committed()


SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]
