"""Service requests: what a customer asks for after the sale, open until closed."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import Field

from cadran.kit.problems import invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.routes import KeyPath
from cadran.kit.types import Day, ExternalId, Id, Instant, LongText, Read, ShortText, StrictModel
from cadran.kit.unit import UnitDep
from cadran.models import ServiceRequest
from cadran.queries.visibility import visible
from cadran.resources import rights
from cadran.resources.activity import not_to_come, same_customer, stated
from cadran.resources.documents import dated, ordered_dates
from cadran.resources.verbs import change, only_when, verb
from cadran.rules.vocabulary import Priority, RequestStatus


class ServiceRequestCreate(StrictModel):
    external_id: ExternalId | None = None
    title: ShortText
    customer_id: Id
    contact_id: Id | None = None
    order_id: Id | None = None
    owner_id: Id | None = None
    kind: ShortText | None = None
    status: RequestStatus = "open"
    priority: Priority = "normal"
    opened_on: Day | None = None
    closed_on: Day | None = None
    description: LongText | None = None


class ServiceRequestRead(Read):
    id: Id
    external_id: str | None
    title: str
    customer_id: Id
    contact_id: Id | None
    order_id: Id | None
    owner_id: Id | None
    kind: str | None
    status: RequestStatus
    priority: Priority
    opened_on: Day
    closed_on: Day | None
    description: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Whose it is, the day it was opened and the day it was closed."""
    rights.require_role(write.who, rights.COMMERCIAL, "service requests")
    if write.removing:
        return
    await rights.owned(write)
    await same_customer(write)
    today = await not_to_come(write, "opened_on", "closed_on")
    stated(write, "closed", "closed_on")
    dated(write, "closed", "closed_on", today)
    if write.existing is None and not write.imported and write.values.get("opened_on") is None:
        write.values["opened_on"] = min(today, write.values.get("closed_on") or today)
    if write.now("opened_on") is None:
        raise invalid("/opened_on", "A request has the day it was opened.", "Give opened_on.")
    ordered_dates(write, "opened_on", "closed_on")


service_requests = Resource(
    name="service-requests",
    model=ServiceRequest,
    read=ServiceRequestRead,
    create=ServiceRequestCreate,
    visible=visible,
    sort=("opened_on", "closed_on", "title", "priority", "status", "created_at", "updated_at"),
    default_sort="-opened_on",
    filters=(
        "id", "customer_id", "contact_id", "order_id", "owner_id", "kind", "status", "priority", "opened_on",
        "closed_on", "external_id", "updated_at",
    ),
    words={"status": RequestStatus, "priority": Priority},
    prepare=prepare,
    completed=frozenset({"owner_id", "opened_on", "closed_on"}),
    defaulted=frozenset({"opened_on", "closed_on"}),
)  # fmt: skip

verbs = APIRouter(tags=["service-requests"])


class ServiceRequestClosing(StrictModel):
    closed_on: Day | None = Field(None, description="Default: today.")


@verbs.post("/service-requests/{id}/close", operation_id="close_service_request", **verb(service_requests))
async def close(unit: UnitDep, id: KeyPath, body: Annotated[ServiceRequestClosing | None, Body()] = None) -> Response:  # noqa: A002
    closed_on = body.closed_on if body else None
    return await change(unit, service_requests, id, {"status": "closed", "closed_on": closed_on}, only_when("open"))


@verbs.post("/service-requests/{id}/reopen", operation_id="reopen_service_request", **verb(service_requests))
async def reopen(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    return await change(unit, service_requests, id, {"status": "open"}, only_when("closed"))
