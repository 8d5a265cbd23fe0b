"""Whether the process lives, and whether it can serve."""

import asyncio

from fastapi import APIRouter, Request
from sqlalchemy import text

from cadran.kit.db import Database
from cadran.kit.problems import Problem, documented

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="healthz")
async def healthz() -> dict[str, str]:
    """Alive; asks nothing of the database."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="readyz", responses=documented(503))
async def readyz(request: Request) -> dict[str, str]:
    """The database answers within a second."""
    database: Database = request.app.state.database
    try:
        async with asyncio.timeout(1), database.session() as session:
            await session.execute(text("SELECT 1"))
    except Exception as error:
        raise Problem("overloaded", "The database does not answer.") from error
    return {"status": "ready"}
