"""Visits: planned, then held or cancelled; their lateness counts from the day first planned."""

import re
from datetime import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from sqlalchemy import select

from cadran.kit.problems import invalid
from cadran.kit.resource import Plain, Resource, Write
from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.types import Day, ExternalId, Id, Instant, Read, ShortText, StrictModel, whole
from cadran.kit.unit import UnitDep
from cadran.models import Visit, VisitReport
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.resources.activity import begun, counts_for, counts_for_nobody, not_to_come, same_customer, stated
from cadran.resources.customers import customers
from cadran.resources.documents import dated
from cadran.resources.verbs import change, only_when, taken, verb
from cadran.resources.visit_reports import ReportFields, VisitReportCreate, visit_reports
from cadran.rules.vocabulary import VisitStatus


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError("Write a time of day as 09:30.")
    return time.fromisoformat(value)


TimeOfDay = Annotated[
    time,
    BeforeValidator(_clock),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["09:30"]}),
]
Minutes: Any = whole(1, 1440)


class VisitCreate(StrictModel):
    """``rep_id``, ``team_id`` and ``business_unit_id`` say whom a held visit counts for; the server stamps them."""

    external_id: ExternalId | None = None
    customer_id: Id
    contact_id: Id | None = None
    opportunity_id: Id | None = None
    owner_id: Id | None = None
    rep_id: Id | None = None
    team_id: Id | None = None
    business_unit_id: Id | None = None
    status: VisitStatus = "planned"
    created_on: Day | None = None
    planned_on: Day
    planned_time: TimeOfDay | None = None
    duration_minutes: Minutes | None = None
    first_planned_on: Day | None = Field(None, description="Default: planned_on. It never moves afterwards.")
    held_on: Day | None = None
    cancelled_on: Day | None = None
    purpose: ShortText | None = None
    late_reason: ShortText | None = None
    next_action: ShortText | None = None
    location: ShortText | None = None


class VisitRead(Read):
    id: Id
    external_id: str | None
    customer_id: Id
    contact_id: Id | None
    opportunity_id: Id | None
    owner_id: Id | None
    rep_id: Id | None
    team_id: Id | None
    business_unit_id: Id | None
    status: VisitStatus
    created_on: Day | None
    planned_on: Day
    planned_time: TimeOfDay | None
    duration_minutes: int | None
    first_planned_on: Day
    held_on: Day | None
    cancelled_on: Day | None
    purpose: str | None
    late_reason: str | None
    next_action: str | None
    location: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Owner, days, and whom the visit counts for once held."""
    rights.require_role(write.who, rights.COMMERCIAL, "visits")
    if write.removing:
        return
    await rights.owned(write)
    await same_customer(write)
    await begun(write, "created_on")
    if write.existing is None and write.values.get("first_planned_on") is None:
        write.values["first_planned_on"] = write.values["planned_on"]
    today = await not_to_come(write, "held_on", "cancelled_on")
    for status, column in (("held", "held_on"), ("cancelled", "cancelled_on")):
        stated(write, status, column)
        dated(write, status, column, today)
    if write.existing is not None and write.existing["status"] == "held" and write.now("status") != "held":
        await _unreported(write)
    await _attributed(write)


async def _unreported(write: Write) -> None:
    statement = select(VisitReport.id).where(VisitReport.visit_id == write.now("id"), VisitReport.status == "submitted")
    if (await write.session.execute(statement)).first() is not None:
        raise company.conflict("Its report is submitted: the visit was held. Delete the report first.")


async def _attributed(write: Write) -> None:
    """Whom a held visit counts for; a later move of rep or customer rewrites nothing."""
    if write.now("status") != "held":
        counts_for_nobody(write, "Only a held visit counts for somebody.", "Set owner_id, or hold the visit.")
    else:
        await counts_for(write, becomes=write.existing is None or write.existing["status"] != "held")


visits = Resource(
    name="visits",
    model=Visit,
    read=VisitRead,
    create=VisitCreate,
    visible=visible,
    sort=("planned_on", "planned_time", "first_planned_on", "held_on", "status", "created_at", "updated_at"),
    default_sort="-planned_on",
    filters=(
        "id", "customer_id", "contact_id", "opportunity_id", "owner_id", "rep_id", "team_id", "business_unit_id",
        "status", "created_on", "planned_on", "first_planned_on", "held_on", "cancelled_on", "external_id",
        "updated_at",
    ),
    words={"status": VisitStatus},
    prepare=prepare,
    fixed=frozenset({"first_planned_on"}),
    completed=frozenset({"owner_id", "rep_id", "team_id", "business_unit_id", "created_on", "held_on", "cancelled_on"}),
    defaulted=frozenset({"held_on", "cancelled_on"}),
)  # fmt: skip

verbs = APIRouter(tags=["visits"])


class VisitHolding(StrictModel):
    held_on: Day | None = Field(None, description="Default: today.")


class VisitReporting(ReportFields):
    held_on: Day | None = Field(None, description="For a visit still planned. Default: today.")


class VisitRescheduling(StrictModel):
    planned_on: Day
    planned_time: TimeOfDay | None = None
    late_reason: ShortText | None = None


class VisitCancelling(StrictModel):
    cancelled_on: Day | None = Field(None, description="Default: today.")
    reason: ShortText | None = None


@verbs.post("/visits/{id}/hold", operation_id="hold_visit", **verb(visits))
async def hold(unit: UnitDep, id: KeyPath, body: Annotated[VisitHolding | None, Body()] = None) -> Response:  # noqa: A002
    held_on = body.held_on if body else None
    return await change(unit, visits, id, {"status": "held", "held_on": held_on}, only_when("planned"))


@verbs.post("/visits/{id}/report", operation_id="report_visit", **verb(visit_reports, 201))
async def report(unit: UnitDep, id: KeyPath, body: Annotated[VisitReporting, Body()]) -> Response:  # noqa: A002
    """Holds a visit still planned and submits its report, once."""
    unit.require("visits", "write")
    unit.require("visit-reports", "write")

    async def produce() -> Response:
        visit = await taken(unit, visits, id)
        await _first_report(unit, visit)
        only_when("planned", "held")(visit)
        if visit["status"] == "planned":
            await visits.change(unit.session, unit.who, visit, {"status": "held", "held_on": body.held_on})
        elif body.held_on not in (None, visit["held_on"]):
            remedy = "Leave held_on out, or correct it on the visit."
            raise invalid("/held_on", f"The visit was held on {visit['held_on']}.", remedy)
        said = body.model_dump(exclude_unset=True, exclude={"held_on"})
        given = VisitReportCreate.model_validate(said | {"visit_id": id})
        key = await visit_reports.insert(unit.session, unit.who, given)
        return await answer_id(unit, visit_reports, key, 201)

    return await unit.once(produce)


@verbs.post("/customers/{id}/visit-report", operation_id="report_unplanned_visit", **verb(visit_reports, 201))
async def report_unplanned(unit: UnitDep, id: KeyPath, body: Annotated[VisitReporting, Body()]) -> Response:  # noqa: A002
    """A visit nobody planned: the held visit and its report at once, so that a phone sends them once."""
    unit.require("customers", "write")
    unit.require("visits", "write")
    unit.require("visit-reports", "write")

    async def produce() -> Response:
        customer = await taken(unit, customers, id)
        held_on = body.held_on or await company.today(unit.session)
        held = VisitCreate(customer_id=customer["id"], status="held", planned_on=held_on, held_on=held_on)
        visit = await visits.insert(unit.session, unit.who, held)
        said = body.model_dump(exclude_unset=True, exclude={"held_on"})
        given = VisitReportCreate.model_validate(said | {"visit_id": visit})
        key = await visit_reports.insert(unit.session, unit.who, given)
        return await answer_id(unit, visit_reports, key, 201)

    return await unit.once(produce)


async def _first_report(unit: UnitDep, visit: Plain) -> None:
    statement = select(VisitReport.id).where(VisitReport.visit_id == visit["id"])
    if (key := (await unit.session.execute(statement)).scalar_one_or_none()) is not None:
        raise company.conflict(f"The visit has its report already: change /visit-reports/{key}.")


@verbs.post("/visits/{id}/reschedule", operation_id="reschedule_visit", **verb(visits))
async def reschedule(unit: UnitDep, id: KeyPath, body: Annotated[VisitRescheduling, Body()]) -> Response:  # noqa: A002
    """Another day for a planned visit; the day it was first planned for stays."""
    return await change(unit, visits, id, body.model_dump(exclude_unset=True), only_when("planned"))


@verbs.post("/visits/{id}/cancel", operation_id="cancel_visit", **verb(visits))
async def cancel(unit: UnitDep, id: KeyPath, body: Annotated[VisitCancelling | None, Body()] = None) -> Response:  # noqa: A002
    values: dict[str, Any] = {"status": "cancelled", "cancelled_on": body.cancelled_on if body else None}
    if body and body.reason is not None:
        values["late_reason"] = body.reason
    return await change(unit, visits, id, values, only_when("planned"))
