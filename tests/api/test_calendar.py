"""The visits' calendar, read back by the library calendars are read with, over both changes of clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.api.calendar import calendar_of
from cadran.models import Settings
from factories import Maker, People

PARIS = ZoneInfo("Europe/Paris")
PATH = "/calendar/visits.ics"


def visit(day: str, clock: str | None, minutes: int | None = 30, **more: Any) -> dict[str, Any]:
    at = datetime.fromisoformat(f"2026-01-01T{clock}").time() if clock else None
    return {
        "id": uuid4(), "version": 3, "updated_at": datetime(2026, 1, 2, 9, 30, tzinfo=UTC), "status": "planned",
        "planned_on": date.fromisoformat(day), "planned_time": at, "duration_minutes": minutes,
        "purpose": "Renewal; 2 lots", "location": None, "city": "Nîmes", "next_action": None,
        "customer": "Durand, fils", **more,
    }  # fmt: skip


def read(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        ("2026-03-28", "09:00", "08:00"), ("2026-03-29", "01:30", "00:30"), ("2026-03-29", "09:00", "07:00"),
        ("2026-03-30", "09:00", "07:00"), ("2026-10-24", "09:00", "07:00"), ("2026-10-25", "01:30", "23:30"),
        ("2026-10-25", "09:00", "08:00"), ("2026-10-26", "09:00", "08:00"),
    ],
)  # fmt: skip
def test_a_change_of_clock_moves_no_visit(day: str, clock: str, utc: str) -> None:
    (event,) = read(calendar_of([visit(day, clock, 90)], "x", PARIS))
    start, end = event["dtstart"].dt, event["dtend"].dt
    assert start.astimezone(PARIS).strftime("%Y-%m-%d %H:%M") == f"{day} {clock}"
    assert start.astimezone(UTC).strftime("%H:%M") == utc
    assert end - start == timedelta(minutes=90)


def test_an_hour_the_night_skips_and_one_it_has_twice() -> None:
    skipped, twice = read(calendar_of([visit("2026-03-29", "02:30"), visit("2026-10-25", "02:30")], "x", PARIS))
    assert skipped["dtstart"].dt == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert twice["dtstart"].dt == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of the two"


def test_without_an_hour_it_takes_the_day_and_without_a_length_an_hour() -> None:
    whole, unknown = read(calendar_of([visit("2026-03-29", None), visit("2026-10-25", "10:00", None)], "x", PARIS))
    assert (whole["dtstart"].dt, whole["dtend"].dt) == (date(2026, 3, 29), date(2026, 3, 30))
    assert unknown["dtend"].dt - unknown["dtstart"].dt == timedelta(hours=1)


def test_what_is_written_is_read_back() -> None:
    given = visit("2026-06-01", "10:00", status="cancelled", next_action="Call\nback, soon")
    body = calendar_of([given], "Cadran · Camille", PARIS)
    assert max(map(len, body.split(b"\r\n"))) <= 75
    assert Calendar.from_ical(body)["x-wr-calname"] == "Cadran · Camille"
    (event,) = read(body)
    assert (str(event["uid"]), event["sequence"], str(event["status"])) == (
        f"{given['id']}@visits.cadran", 2, "CANCELLED",
    )  # fmt: skip
    assert (str(event["summary"]), str(event["location"]), str(event["description"])) == (
        "Durand, fils · Renewal; 2 lots", "Nîmes", "Call\nback, soon",
    )  # fmt: skip


async def test_a_visit_keeps_its_place_in_the_calendar(
    make: Maker, as_user: Callable[..., httpx.AsyncClient], people: People, session: AsyncSession
) -> None:
    customer = await make("customers", owner_id=str(people["rep"].id), name="Durand")
    soon = (datetime.now(UTC) + timedelta(days=9)).date()
    made = await make(
        "visits", customer_id=str(customer["id"]), owner_id=str(people["rep"].id), planned_on=soon.isoformat(),
        planned_time="09:30", duration_minutes=45,
    )  # fmt: skip
    client = as_user("rep")
    first = await client.get(PATH)
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert (await client.get(PATH, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    (before,) = read(first.content)
    cancelled = await client.post(f"/visits/{made['id']}/cancel", json={})
    assert cancelled.status_code == 200, cancelled.text
    (after,) = read((await client.get(PATH)).content)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert (str(before["status"]), str(after["status"])) == ("CONFIRMED", "CANCELLED")


async def test_a_visit_deleted_or_handed_on_is_cancelled_for_who_had_it(
    make: Maker, as_user: Callable[..., httpx.AsyncClient], people: People
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    visits = [
        await make("visits", customer_id=str((await make("customers", owner_id=str(people["rep"].id)))["id"]),
                   owner_id=str(people["rep"].id), planned_on=soon, planned_time="09:30", purpose="Renewal")
        for _ in range(3)
    ]  # fmt: skip
    client, manager = as_user("rep"), as_user("manager")
    before = {str(event["uid"]): event for event in read((await client.get(PATH)).content)}
    assert len(before) == 3
    deleted, handed, kept = (f"{visit['id']}@visits.cadran" for visit in visits)
    everything = {"If-Match": "*"}
    assert (await client.delete(f"/visits/{visits[0]['id']}", headers=everything)).status_code == 204
    colleague = {"owner_id": str(people["colleague"].id)}
    moved = await manager.patch(f"/visits/{visits[1]['id']}", json=colleague, headers=everything)
    assert moved.status_code == 200, moved.text
    after = {str(event["uid"]): event for event in read((await client.get(PATH)).content)}
    assert {uid: str(event["status"]) for uid, event in after.items()} == {
        deleted: "CANCELLED", handed: "CANCELLED", kept: "CONFIRMED",
    }  # fmt: skip
    for uid in (deleted, handed):
        assert after[uid]["sequence"] > before[uid]["sequence"]
        assert after[uid]["dtstart"].dt == before[uid]["dtstart"].dt
        assert "Renewal" not in str(after[uid]["summary"])
    (theirs,) = read((await as_user("colleague").get(PATH)).content)
    assert (str(theirs["uid"]), str(theirs["status"])) == (handed, "CONFIRMED")
    asked = {"rep": str(people["rep"].id)}
    assert read((await as_user("stranger").get(PATH, params=asked)).content) == []
    assert len(read((await manager.get(PATH, params=asked)).content)) == 3


async def test_whose_visits_one_sees(
    make: Maker, as_user: Callable[..., httpx.AsyncClient], people: People, session: AsyncSession
) -> None:
    await session.execute(update(Settings).values(time_zone="America/New_York"))
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for name in ("rep", "stranger"):
        owner = str(people[name].id)
        customer = await make("customers", owner_id=owner)
        await make("visits", customer_id=str(customer["id"]), owner_id=owner, planned_on=soon, planned_time="09:30")
    theirs = {"rep": str(people["stranger"].id)}
    assert len(read((await as_user("rep").get(PATH)).content)) == 1
    assert read((await as_user("rep").get(PATH, params=theirs)).content) == []
    (event,) = read((await as_user("director").get(PATH, params=theirs)).content)
    assert event["dtstart"].dt.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") == "09:30"
    assert (await as_user("rep", frozenset({"orders:read"})).get(PATH)).status_code == 403
