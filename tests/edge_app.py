"""A small application behind the edge, with an operation for each way a request can go wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Body, FastAPI, File, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, StreamingResponse

from cadran.kit import problems
from cadran.kit.edge import Edge, Upload
from cadran.kit.types import Count, Day, Instant, LongText, Money, ShortText, StrictModel

LIMIT = 2000


class Thing(StrictModel):
    name: ShortText = "thing"
    notes: LongText | None = None
    amount: Money | None = None
    count: Count | None = None
    day: Day | None = None
    at: Instant | None = None
    free: Any = None


class Search(StrictModel):
    limit: Annotated[int, Query(ge=1, le=500)] = 50
    q: Annotated[ShortText | None, Query()] = None


def small_app(edge: bool = True) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    problems.install(app)
    uploads = {"/files": Upload(10 * LIMIT, frozenset({"text/csv", "multipart/form-data"}))}
    if edge:
        app.add_middleware(Edge, limit=LIMIT, uploads=uploads)

    @app.post("/things", status_code=201)
    async def create(thing: Annotated[Thing, Body()]) -> Any:
        return thing

    @app.patch("/things/{name}")
    async def update(name: str, thing: Annotated[Thing, Body()]) -> Any:
        return thing

    @app.get("/things")
    async def search(request: Request, query: Annotated[Search, Query()]) -> Any:
        request.state.principal_id = "somebody"
        return {"limit": query.limit, "request_id": request.state.request_id}

    @app.post("/things/accept")
    async def accept() -> dict[str, bool]:
        return {"accepted": True}

    @app.post("/files")
    async def receive(request: Request) -> dict[str, int]:
        return {"size": sum([len(chunk) async for chunk in request.stream()])}

    @app.post("/files/form")
    async def receive_form(file: Annotated[UploadFile, File()]) -> dict[str, int]:
        return {"size": len(await file.read())}

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("a secret of ours")

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>hello</p>", headers={"Server": "banner"})

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"more\n"
                await asyncio.sleep(0)

        return StreamingResponse(endless(), media_type="text/plain")

    @app.get("/torn")
    async def torn() -> StreamingResponse:
        async def broken() -> AsyncIterator[bytes]:
            yield b"one\n"
            await asyncio.sleep(0.05)
            raise RuntimeError("half way")

        return StreamingResponse(broken(), media_type="text/plain")

    return app
