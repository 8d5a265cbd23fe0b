"""Live events: which resources and KPIs changed, for what the caller may see, as server-sent events."""

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import Field

from cadran.api.auth import credential_of
from cadran.api.cursors import Cursors, cursors
from cadran.api.live import MOST, Listener, Live
from cadran.kit.db import Database
from cadran.kit.problems import Problem, documented
from cadran.kit.types import StrictModel
from cadran.kit.unit import Unit, UnitDep
from cadran.queries import log
from cadran.queries.log import Place
from cadran.queries.reads import kpis_reading
from cadran.resources.watch import ALL, TABLES, batch_of, may_read, names_for

router = APIRouter(tags=["events"])
HEARTBEAT, RETRY = 15.0, 2000  # seconds between signs of life; milliseconds a browser waits before it comes back
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`change` events, their data `{resources: […], kpis: […]}` in JSON, their id a cursor.",
        "content": {"text/event-stream": {"schema": {
            "type": "object", "required": ["event", "data"],
            "properties": {
                "event": {"type": "string", "enum": ["ready", "change"]}, "data": {"type": "string"},
                "id": {"type": "string"}, "retry": {"type": "integer"},
            },
        }}},
    }
}  # fmt: skip


class EventsQuery(StrictModel):
    after: Annotated[
        str | None, Field(min_length=1, max_length=200, description="As Last-Event-ID, for who cannot send headers.")
    ] = None
    wait: Annotated[
        float | None,
        Field(
            ge=0, le=86_400, description="Seconds until the stream ends; 0: what has changed until now. None: never."
        ),
    ] = None


@router.get(
    "/events", operation_id="stream_events", response_class=Response,
    responses={**_STREAM, **documented(400, 401, 403, 422, 429, 503)},
)  # fmt: skip
async def stream_events(
    unit: UnitDep,
    query: Annotated[EventsQuery, Query()],
    last_event_id: Annotated[str | None, Header(max_length=200, description="The last id received.")] = None,
) -> Response:
    """Tells which resources and KPIs changed, for what you may see, right after the commit; several at once as one.

    Resumed with the id of the last event, or a cursor of `/changes`, it first tells what changed meanwhile. It ends
    when you sign out, your key ends or your rights change.
    """
    unit.require("events", "read")
    live: Live = unit.request.app.state.live
    marks = await cursors(unit.session, unit.who)
    newest = await log.last(unit.session)
    if query.wait == 0:
        listener = Listener(unit.who, None, newest)
    else:
        listener = live.join(unit.who, credential_of(unit.request), newest)
    given = last_event_id or query.after
    try:
        if given is not None:
            await _tell_missed(unit, listener, marks, given)
    except BaseException:
        live.leave(listener)
        raise
    return EventSourceResponse(_stream(live, listener, marks, resumed=given is not None, wait=query.wait))


async def _tell_missed(unit: Unit, listener: Listener, marks: Cursors, given: str) -> None:
    """What changed since an event; everything may have, where the event cannot be placed or is long ago."""
    everything = frozenset(name for name in ALL if may_read(unit.who, name))
    try:
        after = marks.read(given, "header:Last-Event-ID")
    except Problem:
        listener.tell(everything)
        return
    database: Database = unit.request.app.state.database
    news = await log.news(database, log.seen_until(after), after, TABLES, MOST)
    if len(news.rows) == MOST:
        listener.tell(everything)
        return
    listener.place = max(listener.place, news.settled)
    if news.rows:
        listener.tell(await names_for(unit.session, unit.who, await batch_of(unit.session, news.rows, after)))


async def _stream(
    live: Live, listener: Listener, marks: Cursors, *, resumed: bool, wait: float | None
) -> AsyncIterator[bytes]:
    who = listener.who
    reads_kpis = who.allows("kpi", "read")
    if wait is not None:
        listener.end_after(wait)
    listener.wake_every(HEARTBEAT)
    try:
        # At once, so that the client knows it is heard; with an id, so that it can resume though nothing changes.
        fresh = None if resumed and listener.names else marks.write(listener.place)
        yield format_sse_event(event="ready", id=fresh, data_str="{}", retry=RETRY)
        while True:
            await listener.woken.wait()
            names = listener.take()
            if names:
                yield _event(names, marks, listener.place, kpis=reads_kpis, amounts=who.sees_amounts)
            if listener.closed:
                return
            if not names:
                yield KEEPALIVE_COMMENT
    finally:
        live.leave(listener)


@lru_cache(maxsize=64)
def _event(names: frozenset[str], marks: Cursors, place: Place, *, kpis: bool, amounts: bool) -> bytes:
    """Most listeners see the same: written once for all of them."""
    reading = kpis_reading(names) if kpis else []
    shown = [kpi.name for kpi in reading if amounts or not kpi.amounts]
    data = orjson.dumps({"resources": sorted(names), "kpis": shown}).decode()
    return format_sse_event(event="change", id=marks.write(place), data_str=data)
