"""Opportunities: what may be signed, how likely, when; won or lost in the end."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import Field

from cadran.kit.resource import Resource, Write
from cadran.kit.routes import KeyPath
from cadran.kit.types import (
    Currency,
    Day,
    ExchangeRate,
    ExternalId,
    Id,
    Instant,
    LongText,
    PositiveMoney,
    Rate,
    Read,
    ShortText,
    StrictModel,
)
from cadran.kit.unit import UnitDep
from cadran.models import Opportunity
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.resources.documents import dated, moved, ordered_dates
from cadran.resources.verbs import change, only_when, verb
from cadran.rules import transitions
from cadran.rules.vocabulary import OpportunityStatus


class OpportunityCreate(StrictModel):
    external_id: ExternalId | None = None
    name: ShortText
    customer_id: Id | None = None
    contact_id: Id | None = None
    owner_id: Id | None = None
    stage_id: Id | None = None
    product_id: Id | None = None
    status: OpportunityStatus = "open"
    opened_on: Day | None = None
    closed_on: Day | None = None
    budget: PositiveMoney | None = None
    currency: Currency | None = None
    exchange_rate: ExchangeRate | None = None
    probability: Rate | None = None
    expected_signature_on: Day | None = None
    wanted_delivery_on: Day | None = None
    needs: LongText | None = None
    competition: LongText | None = None
    source: ShortText | None = None
    lost_reason: ShortText | None = None
    next_action: ShortText | None = None
    next_action_on: Day | None = None


class OpportunityRead(Read):
    id: Id
    external_id: str | None
    name: str
    customer_id: Id | None
    contact_id: Id | None
    owner_id: Id | None
    stage_id: Id | None
    product_id: Id | None
    status: OpportunityStatus
    opened_on: Day | None
    closed_on: Day | None
    budget: PositiveMoney | None
    currency: str
    exchange_rate: ExchangeRate
    probability: Rate | None
    expected_signature_on: Day | None
    wanted_delivery_on: Day | None
    needs: str | None
    competition: str | None
    source: str | None
    lost_reason: str | None
    next_action: str | None
    next_action_on: Day | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Owner, currency, and the closing day that goes with won and lost."""
    rights.require_role(write.who, rights.COMMERCIAL, "opportunities")
    if write.removing:
        return
    await rights.owned(write)
    await company.priced(write)
    moved(write, transitions.OPPORTUNITIES)
    day = await company.today(write.session)
    if write.existing is None and "opened_on" not in write.given and not write.imported:
        closed = write.values.get("closed_on")
        write.values["opened_on"] = min(day, closed) if closed else day
    dated(write, "lost" if write.now("status") == "lost" else "won", "closed_on", day)
    ordered_dates(write, "opened_on", "closed_on")


opportunities = Resource(
    name="opportunities",
    model=Opportunity,
    read=OpportunityRead,
    create=OpportunityCreate,
    visible=visible,
    sort=("name", "expected_signature_on", "budget", "opened_on", "closed_on", "status", "created_at", "updated_at"),
    default_sort="expected_signature_on",
    filters=(
        "id", "customer_id", "owner_id", "stage_id", "product_id", "status", "opened_on", "closed_on", "budget",
        "source", "expected_signature_on", "external_id", "updated_at",
    ),
    words={"status": OpportunityStatus},
    prepare=prepare,
    completed=frozenset({"owner_id", "currency", "exchange_rate", "opened_on", "closed_on"}),
    defaulted=frozenset({"currency", "exchange_rate", "closed_on"}),
)  # fmt: skip

verbs = APIRouter(tags=["opportunities"])


class OpportunityClosing(StrictModel):
    closed_on: Day | None = Field(None, description="Default: today.")


class OpportunityLosing(OpportunityClosing):
    lost_reason: ShortText | None = None


class OpportunityMoving(StrictModel):
    stage_id: Id


@verbs.post("/opportunities/{id}/win", operation_id="win_opportunity", **verb(opportunities))
async def win(unit: UnitDep, id: KeyPath, body: Annotated[OpportunityClosing | None, Body()] = None) -> Response:  # noqa: A002
    given = body.model_dump(exclude_none=True) if body else {}
    return await change(unit, opportunities, id, {"status": "won"} | given, only_when("open"))


@verbs.post("/opportunities/{id}/lose", operation_id="lose_opportunity", **verb(opportunities))
async def lose(unit: UnitDep, id: KeyPath, body: Annotated[OpportunityLosing | None, Body()] = None) -> Response:  # noqa: A002
    given = body.model_dump(exclude_none=True) if body else {}
    return await change(unit, opportunities, id, {"status": "lost"} | given, only_when("open"))


@verbs.post("/opportunities/{id}/reopen", operation_id="reopen_opportunity", **verb(opportunities))
async def reopen(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    return await change(unit, opportunities, id, {"status": "open"})


@verbs.post("/opportunities/{id}/stage", operation_id="move_opportunity", **verb(opportunities))
async def move(unit: UnitDep, id: KeyPath, body: Annotated[OpportunityMoving, Body()]) -> Response:  # noqa: A002
    return await change(unit, opportunities, id, {"stage_id": body.stage_id})
