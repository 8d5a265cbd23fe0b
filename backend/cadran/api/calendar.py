"""Visits as a calendar one subscribes to: iCal (RFC 5545), instants in UTC so that no change of clock moves a visit."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from icalendar import Calendar, Event
from sqlalchemy import and_, select

from cadran.kit.problems import documented
from cadran.kit.routes import UNCHANGED, taking
from cadran.kit.types import StrictModel
from cadran.kit.unit import Unit, UnitDep, tagged
from cadran.models import Customer, User, Visit
from cadran.queries.agenda import left_visits
from cadran.queries.visibility import visible
from cadran.resources import company

router = APIRouter(tags=["calendar"])
ICAL = "text/calendar"
PAST = timedelta(days=183)
FORGOTTEN = timedelta(days=42)  # by then every calendar has read that a visit is gone
MOST = 5000
DEFAULT_MINUTES = 60  # of a visit whose hour is known and length is not
ERRORS = UNCHANGED | documented(400, 401, 403, 404, 422, 429, 503)
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {ICAL: {"schema": {"type": "string"}}}}}


class CalendarQuery(StrictModel):
    rep: Annotated[UUID | None, Query(description="Whose visits; default: one's own.")] = None


@router.get(
    "/calendar/visits.ics", operation_id="get_visits_calendar", response_class=Response, responses=FILE | ERRORS,
    openapi_extra=taking("If-None-Match"),
)  # fmt: skip
async def get_visits_calendar(unit: UnitDep, query: Annotated[CalendarQuery, Query()]) -> Response:
    """A rep's visits, from half a year ago on. Subscribe with a feed token: `?token=cdr_feed_…`, scope `visits:read`.

    A visit keeps its UID; its SEQUENCE grows with each change; a cancelled one, and for six weeks one that was deleted
    or given to somebody else, is `STATUS:CANCELLED`. Without an hour it takes the whole day; without a length, an hour.
    """
    unit.require("visits", "read")
    since = await company.today(unit.session) - PAST
    owner = query.rep or unit.who.user_id
    statement = (
        select(Visit.__table__, Customer.name.label("customer"), Customer.city)
        .outerjoin(Customer, and_(Customer.id == Visit.customer_id, visible(Customer, unit.who)))
        .where(visible(Visit, unit.who), Visit.owner_id == owner, Visit.planned_on >= since)
        .order_by(Visit.planned_on.desc(), Visit.id)
        .limit(MOST)
    )
    rows: list[Mapping[Any, Any]] = list((await unit.session.execute(statement)).mappings())
    rows += await _gone(unit, owner, since)
    name = (await unit.session.execute(select(User.name).where(User.id == owner))).scalar_one_or_none()
    body = calendar_of(rows, f"Cadran · {name or owner}", await company.zone(unit.session))
    return tagged(unit.request, body, f"{ICAL}; charset=utf-8")


async def _gone(unit: Unit, owner: UUID, since: date) -> list[dict[str, Any]]:
    """Visits that left this calendar, as cancelled: to whoever saw it, and without a word of the customer."""
    if owner != unit.who.user_id and not unit.who.sees_all:
        team = (await unit.session.execute(select(User.team_id).where(User.id == owner))).scalar_one_or_none()
        if unit.who.role != "manager" or team not in unit.who.team_ids:
            return []
    nothing = {"status": "cancelled", "customer": None, "city": None, "location": None, "purpose": None}
    found = await left_visits(unit.session, owner, since, FORGOTTEN)
    nothing["next_action"] = None
    return [{**row, **nothing, "version": row["version"] + 1, "updated_at": row["at"]} for row in found]


def calendar_of(rows: Any, name: str, zone: ZoneInfo) -> bytes:
    """The calendar of these visits, each with ``customer`` and ``city``; ``zone`` is where their hours are told."""
    found = Calendar()
    for key, value in (
        ("prodid", "-//Cadran//Visits//EN"), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", "PUBLISH"),
        ("x-wr-calname", name), ("x-published-ttl", "PT1H"),
    ):  # fmt: skip
        found.add(key, value)
    for row in rows:
        found.add_component(_event(row, zone))
    written: bytes = found.to_ical()
    return written


def _event(row: Mapping[Any, Any], zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{row['id']}@visits.cadran")
    event.add("sequence", row["version"] - 1)
    # The same as long as the visit is: a new stamp at each reading would defeat the ETag.
    event.add("dtstamp", row["updated_at"].astimezone(UTC))
    event.add("last-modified", row["updated_at"].astimezone(UTC))
    day = row["planned_on"]
    if row["planned_time"] is None:
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
    else:
        start = datetime.combine(day, row["planned_time"], zone).astimezone(UTC)
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(minutes=row["duration_minutes"] or DEFAULT_MINUTES))
    event.add("summary", " · ".join(part for part in (row["customer"], row["purpose"]) if part) or "Visite")
    event.add("status", "CANCELLED" if row["status"] == "cancelled" else "CONFIRMED")
    place = row["location"] or row["city"]
    if place:
        event.add("location", place)
    if row["next_action"]:
        event.add("description", row["next_action"])
    return event
