"""Webhooks over HTTP: who is told of what, what was sent and how it went, once more, and a trial."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import func, insert, select, update

from cadran.kit.problems import Problem, invalid
from cadran.kit.routes import READ, WRITE, KeyPath, answer_id, reading_router_of, taking
from cadran.kit.types import Id, Instant, Read, StrictModel
from cadran.kit.unit import Unit, UnitDep, check_version
from cadran.models import WebhookDelivery, WebhookState
from cadran.resources.company import conflict
from cadran.resources.entries import BY_TABLE
from cadran.webhooks.events import CROSSED, RECOVERED, TEST
from cadran.webhooks.messages import GIVEN_UP, message, new_secret
from cadran.webhooks.resource import ThresholdCreate, WebhookCreate, WebhookMade, WebhookRead, webhooks
from cadran.webhooks.targets import Refused, check

router = APIRouter(tags=["webhooks"])
router.include_router(reading_router_of(webhooks))
WebhookUpdate = webhooks.update


class WebhookDeliveryRead(Read):
    id: Id = Field(description="The receiver's webhook-id, the same on every attempt.")
    webhook_id: Id
    type: str
    resource: str | None
    record_id: Id
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    response_status: int | None = Field(description="Of the last attempt; null when no answer came.")
    error: str | None
    created_at: Instant
    last_attempt_at: Instant | None
    next_attempt_at: Instant | None
    delivered_at: Instant | None
    expires_at: Instant = Field(description="When it is given up.")


class WebhookDeliveryDetail(WebhookDeliveryRead):
    payload: dict[str, Any] = Field(description="What is sent.")


class WebhookDeliveryPage(BaseModel):
    items: list[WebhookDeliveryRead]
    next_cursor: str | None


class DeliveriesQuery(StrictModel):
    status: Literal["pending", "delivered", "failed"] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: UUID | None = None


async def _target(request: Request, url: str) -> str:
    """The URL in its plain spelling. Raises a 422 when no message may go there."""
    try:
        return await check(url, internal=request.app.state.settings.webhook_internal)
    except Refused as refused:
        raise invalid("/url", str(refused), "Give an https URL at a public address.") from None


@router.post(
    "/webhooks", operation_id="create_webhook", status_code=201, response_model=WebhookMade, responses=WRITE,
    openapi_extra=taking("Idempotency-Key"),
)  # fmt: skip
async def create_webhook(unit: UnitDep, body: Annotated[WebhookCreate, Body()]) -> Response:
    """Tells a URL of events from now on, signed with the secret that this answer alone shows."""
    unit.require("webhooks", "write")
    made: list[str] = []

    async def produce() -> Response:
        given = body.model_copy(update={"url": await _target(unit.request, body.url)})
        key = await webhooks.insert(unit.session, unit.who, given, user_id=unit.who.user_id)
        made.append(new_secret())
        state = {"webhook_id": key, "secret": made[0], "after_xid": func.pg_current_xact_id(), "after_seq": 0}
        await unit.session.execute(insert(WebhookState).values(state))
        return _with(await answer_id(unit, webhooks, key, 201), None)

    # What is stored for a retry holds no secret.
    answer = await unit.once(produce)
    return _with(answer, made[0]) if made else answer


def _with(answer: Response, secret: str | None) -> Response:
    kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(orjson.dumps(orjson.loads(bytes(answer.body)) | {"secret": secret}), answer.status_code, kept)


@router.patch(
    "/webhooks/{id:uuid}", operation_id="update_webhook", response_model=WebhookRead, responses=WRITE,
    openapi_extra=taking("If-Match") | {"requestBody": {"content": {"application/merge-patch+json": {
        "schema": {"$ref": f"#/components/schemas/{WebhookUpdate.__name__}"}}}}},
)  # fmt: skip
async def update_webhook(unit: UnitDep, id: KeyPath, body: Annotated[WebhookUpdate, Body()]) -> Response:  # type: ignore[valid-type] # noqa: A002
    """Changes it. Enabled again, it sends what it had not, then what happens from now on."""
    unit.require("webhooks", "write")
    existing = await webhooks.locked(unit.session, unit.who, id)
    check_version(unit, existing["version"])
    values, _ = webhooks.values_of(body, only_sent=True)
    given: list[ThresholdCreate] | None = body.thresholds  # type: ignore[attr-defined]
    if given is not None:
        values["thresholds"] = [each.model_dump() for each in given]  # each is sent whole
    if values.get("url") is not None:
        values["url"] = await _target(unit.request, values["url"])
    await webhooks.change(unit.session, unit.who, existing, values)
    return await answer_id(unit, webhooks, id)


@router.delete(
    "/webhooks/{id:uuid}", operation_id="delete_webhook", status_code=204, responses=WRITE,
    openapi_extra=taking("If-Match"),
)  # fmt: skip
async def delete_webhook(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    """Removes it with all its messages, sent or not."""
    unit.require("webhooks", "write")
    existing = await webhooks.locked(unit.session, unit.who, id)
    check_version(unit, existing["version"])
    await webhooks.remove(unit.session, unit.who, existing)
    return Response(status_code=204)


@router.post(
    "/webhooks/{id:uuid}/test", operation_id="test_webhook", status_code=202, response_model=WebhookDeliveryRead,
    responses=WRITE,
)  # fmt: skip
async def test_webhook(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    """Sends a message of type webhook.test; its delivery says how it went."""
    unit.require("webhooks", "write")
    existing = await webhooks.locked(unit.session, unit.who, id)
    if not existing["is_active"]:
        raise conflict("It is disabled: enable it first.")
    row = message(id, TEST, id, {"id": str(id), "name": existing["name"]})
    await unit.session.execute(insert(WebhookDelivery).values(row))
    await _speak(unit, id)
    return await _answer(unit, id, row["id"], 202)


@router.get(
    "/webhooks/{id:uuid}/deliveries", operation_id="list_webhook_deliveries", response_model=WebhookDeliveryPage,
    responses=READ,
)  # fmt: skip
async def list_webhook_deliveries(unit: UnitDep, id: KeyPath, query: Annotated[DeliveriesQuery, Query()]) -> Any:  # noqa: A002
    """What was sent or waits, the latest first, for thirty days."""
    unit.require("webhooks", "read")
    await webhooks.get(unit.session, unit.who, id)
    rows = WebhookDelivery
    statement = select(rows).where(rows.webhook_id == id).order_by(rows.id.desc()).limit(query.limit + 1)
    if query.status is not None:
        statement = statement.where(rows.status == query.status)
    if query.cursor is not None:
        statement = statement.where(rows.id < query.cursor)
    found = list((await unit.session.execute(statement)).scalars())
    page = found[: query.limit]
    return {"items": page, "next_cursor": str(page[-1].id) if len(found) > len(page) else None}


@router.get(
    "/webhooks/{id:uuid}/deliveries/{delivery_id:uuid}", operation_id="get_webhook_delivery",
    response_model=WebhookDeliveryDetail, responses=READ,
)  # fmt: skip
async def get_webhook_delivery(unit: UnitDep, id: KeyPath, delivery_id: UUID) -> Response:  # noqa: A002
    """One message: how it went, and what it says."""
    unit.require("webhooks", "read")
    await webhooks.get(unit.session, unit.who, id)
    row = await _delivery(unit, id, delivery_id)
    if row.resource is not None:
        unit.require(BY_TABLE[row.resource].name, "read")
    elif row.type in (CROSSED, RECOVERED):
        unit.require("kpi", "read")
    return await _answer(unit, id, delivery_id)


@router.post(
    "/webhooks/{id:uuid}/deliveries/{delivery_id:uuid}/replay", operation_id="replay_webhook_delivery",
    status_code=202, response_model=WebhookDeliveryRead, responses=WRITE,
)  # fmt: skip
async def replay_webhook_delivery(unit: UnitDep, id: KeyPath, delivery_id: UUID) -> Response:  # noqa: A002
    """Sends a message once more, with the same id: a receiver that knows it may ignore it."""
    unit.require("webhooks", "write")
    existing = await webhooks.locked(unit.session, unit.who, id)
    if not existing["is_active"]:
        raise conflict("It is disabled: enable it first.")
    again = {
        "status": "pending", "next_attempt_at": func.now(), "expires_at": datetime.now(UTC) + GIVEN_UP,
        "delivered_at": None,
    }  # fmt: skip
    rows = WebhookDelivery
    await unit.session.execute(update(rows).where(rows.webhook_id == id, rows.id == delivery_id).values(again))
    await _speak(unit, id)
    return await _answer(unit, id, delivery_id, 202)


async def _speak(unit: Unit, key: UUID) -> None:
    """Somebody waits for it: no longer quiet."""
    await unit.session.execute(update(WebhookState).where(WebhookState.webhook_id == key).values(quiet_until=None))


async def _delivery(unit: Unit, key: UUID, delivery_id: UUID) -> WebhookDelivery:
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == key, WebhookDelivery.id == delivery_id)
    row = (await unit.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise Problem("not_found")
    return row


async def _answer(unit: Unit, key: UUID, delivery_id: UUID, status: int = 200) -> Response:
    row = await _delivery(unit, key, delivery_id)
    shown = WebhookDeliveryRead.model_validate(row).model_dump(mode="json")
    headers = {"Cache-Control": "private, no-cache"}
    if status == 202:
        headers["Location"] = f"/webhooks/{key}/deliveries/{delivery_id}"
    else:
        shown["payload"] = orjson.loads(row.body)
    return Response(orjson.dumps(shown), status, headers, "application/json")
