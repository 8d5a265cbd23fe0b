"""The application: what is wired to what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from cadran import __version__
from cadran.answers.keeping import keeping
from cadran.api import (
    assistants,
    auth,
    calendar,
    changes,
    duplicates,
    events,
    health,
    imports,
    kpi,
    session,
    targets,
    webhooks,
)
from cadran.api.live import Live
from cadran.jobs.worker import working
from cadran.kit import dberrors, problems
from cadran.kit.db import Database, engine
from cadran.kit.edge import MEBIBYTE, Edge, Upload
from cadran.kit.export import XLSX
from cadran.kit.feeds import FeedTokens
from cadran.kit.ratelimit import Buckets, RateLimit
from cadran.kit.replica import Replica
from cadran.kit.rooms import Room
from cadran.kit.routes import router_of
from cadran.kit.shortcut import Found, Reads, Shortcut
from cadran.kit.spa import serve_spa
from cadran.resources.registry import RESOURCES, VERBS
from cadran.settings import Settings

PACKED = 1500  # bytes from which an answer is compressed
DESCRIPTION = """
Four dashboards and thirteen KPIs for a B2B sales force. Sign in with `POST /session` (a cookie) or send an API key
(`Authorization: Bearer cdr_live_…`). Lists are keyset-paged; errors are `application/problem+json`; see `docs/`.
"""


def create_app(settings: Settings | None = None, database: Database | None = None, *, work: bool = False) -> FastAPI:
    """The service on ``database``, else on the one ``settings.database_url`` names (opened when the service starts).

    ``work``: jobs (webhooks, imports) are done in this process too, on connections of their own.
    """
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if database is not None:
            async with assistants.assisting(app):
                yield
            return
        if not settings.database_url:
            raise RuntimeError("No database: start with `cadran serve`, or set DATABASE_URL.")
        opened = app.state.database = Database(engine(settings.database_url, settings.pool_size))
        if settings.read_url:
            app.state.replica = Replica(settings.read_url, settings.pool_size, opened)
        async with keeping(opened), working(settings) if work else nullcontext(), assistants.assisting(app):
            yield
        if settings.read_url:
            await app.state.replica.close()
        await opened.close()

    app = FastAPI(
        title="Cadran",
        version=__version__,
        description=DESCRIPTION.strip(),
        lifespan=lifespan,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.authenticate = auth.authenticate
    app.state.reads = Reads(auth.credential)
    app.state.noted = {}  # when the use of each key and session was last written down
    live = app.state.live = Live(lambda: app.state.database)
    app.state.committed = live.committed
    app.state.sign_in_failures = Buckets(session.MOST_FAILURES_OF_ADDRESS, session.WINDOW.total_seconds())
    parts = (health, session, kpi, calendar, duplicates, imports, targets, webhooks, changes, events, assistants)
    for router in (*(part.router for part in parts), *routers()):
        app.include_router(Room(router))
    problems.install(app)
    dberrors.install(app)
    problems.document(app)
    serve_spa(app)
    # A screen's figures are a twelfth on the wire: half a second on a telephone.
    sent_as_they_are = (*DEFAULT_EXCLUDED_CONTENT_TYPES, XLSX)
    app.add_middleware(Found)
    app.add_middleware(GZipMiddleware, minimum_size=PACKED, compresslevel=5, exclude_content_types=sent_as_they_are)
    app.add_middleware(Shortcut, reads=app.state.reads, packed=PACKED)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "authorization",
                "content-type",
                "if-match",
                "if-none-match",
                "idempotency-key",
                "last-event-id",
            ],
            expose_headers=["etag", "location", "retry-after", "ratelimit", "x-request-id"],
        )
    app.add_middleware(RateLimit, buckets=Buckets(settings.rate_limit, 60), caller_of=auth.caller_of)
    app.add_middleware(FeedTokens)
    app.add_middleware(Edge, uploads={"/imports": Upload(100 * MEBIBYTE, imports.FILE_TYPES)})
    return app


def routers() -> list[APIRouter]:
    """Verbs come before the conventional routes, so that a fixed path is never taken for an id."""
    return [*VERBS, *(router_of(resource) for resource in RESOURCES)]
