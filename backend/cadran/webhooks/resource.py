"""Webhooks as a resource: what may be asked for, checked against what the caller may read."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import company
from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Plain, Resource, Write
from cadran.kit.types import Flag, Id, Instant, Read, ShortText, StrictModel, decimal, plain_text, text
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.periods import PeriodError, parse
from cadran.models import Webhook, WebhookState
from cadran.queries.labels import NAMED
from cadran.queries.visibility import visible
from cadran.resources.rights import ADMIN, require_role
from cadran.rules.principal import Principal
from cadran.webhooks.events import PATTERNS, names
from cadran.webhooks.thresholds import KEYED, Comparison, identity

Url: Any = text(2000, pattern="https?://[!-~]+")
Pattern: Any = Literal[tuple(PATTERNS)]
KpiName: Any = Literal[tuple(BY_NAME)]
Keys = Annotated[list[UUID | Literal["unassigned"]] | None, Field(max_length=100)]
Words = Annotated[list[ShortText] | None, Field(max_length=100)]
Limit: Any = decimal(12, 6)
NotNegative: Any = decimal(12, 6, least=0)


class ThresholdFilters(StrictModel):
    """Whose figure, as in ``GET /kpi/{name}``."""

    rep: Keys = None
    team: Keys = None
    business_unit: Keys = None
    customer: Keys = None
    product: Keys = None
    stage: Keys = None
    source: Words = None
    sector: Words = None
    customer_class: Words = None


class ThresholdCreate(StrictModel):
    kpi: KpiName
    period: Annotated[ShortText, Field(description="this-month, last-quarter, 2026-11 …")] = "this-month"
    filters: ThresholdFilters = Field(default_factory=ThresholdFilters)
    comparison: Comparison
    value: Annotated[Limit, Field(description="In the KPI's unit: 0.18 is 18 %.")]
    hysteresis: Annotated[
        NotNegative, Field(description="How far back beyond the value the KPI must come before it is told of again.")
    ] = Decimal(0)


class ThresholdRead(Read):
    id: Id
    kpi: str
    period: str
    filters: dict[str, list[str]]
    comparison: Comparison
    value: str
    hysteresis: str


class WebhookCreate(StrictModel):
    name: ShortText
    url: Annotated[Url, Field(description="https, to a public address.")]
    events: Annotated[list[Pattern], Field(max_length=100)] = Field(
        default_factory=list, description="orders.created, orders.*, or * for every record."
    )
    thresholds: Annotated[list[ThresholdCreate], Field(max_length=50)] = Field(
        default_factory=list, description="Told as kpi.crossed and kpi.recovered."
    )
    is_active: Flag = True


class WebhookRead(Read):
    id: Id
    name: str
    url: str
    events: list[str]
    thresholds: list[ThresholdRead]
    is_active: bool
    disabled_at: Instant | None
    disabled_reason: str | None
    failing_since: Instant | None = Field(description="Since when nothing has arrived; null while all is well.")
    user_id: Id = Field(description="Who made it: messages hold what that person may read.")
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


class WebhookMade(WebhookRead):
    secret: str | None = Field(description="whsec_…, in this answer only; null when the answer is replayed.")


async def prepare(write: Write) -> None:
    require_role(write.who, ADMIN, "webhooks")
    if write.removing:
        return
    values = write.values
    if values.get("events") is not None:
        values["events"] = sorted(set(values["events"]))
    if values.get("thresholds") is not None:
        values["thresholds"] = await _thresholds(write, values["thresholds"])
    # Whatever is changed, the URL for one: a key sends nothing anywhere that it may not read itself.
    for name in sorted(names(write.now("events"))):
        _may_read(write.who, name, "/events")
    if write.now("thresholds"):
        _may_read(write.who, "kpi", "/thresholds")
    if not write.now("events") and not write.now("thresholds"):
        raise invalid("/events", "It would tell of nothing.", "Give an event or a threshold.")
    if write.existing is not None and write.changes("is_active"):
        values |= {"disabled_at": None, "disabled_reason": None}
        if values["is_active"]:
            await _from_now_on(write.session, write.existing["id"])
        else:
            values |= {"disabled_at": datetime.now(UTC), "disabled_reason": f"By {write.who.email}."}


def _may_read(who: Principal, resource: str, pointer: str) -> None:
    if not who.allows(resource, "read"):
        raise Problem("forbidden", f"{pointer}: this API key lacks the scope {resource}:read.")


async def _thresholds(write: Write, given: list[Plain]) -> list[Plain]:
    """As they are kept: plain JSON, each with its id, none twice. Raises a 422."""
    known = await company(write.session)
    kept: dict[str, Plain] = {}
    for position, each in enumerate(given):
        place = f"/thresholds/{position}"
        filters = {name: sorted({str(key) for key in keys}) for name, keys in each["filters"].items() if keys}
        await _filters(write.session, each["kpi"], filters, place)
        try:
            parse(each["period"], known.today(), known.fiscal_start_month)
        except PeriodError as error:
            raise invalid(f"{place}/period", str(error), "Write it as one of those.") from None
        numbers = {name: plain_text(each[name]) for name in ("value", "hysteresis")}
        threshold = {**each, **numbers, "filters": filters}
        threshold["id"] = str(identity(threshold))
        kept[threshold["id"]] = threshold
    return list(kept.values())


async def _filters(session: AsyncSession, kpi: str, filters: dict[str, list[str]], place: str) -> None:
    for name, keys in filters.items():
        pointer = f"{place}/filters/{name}"
        if name not in BY_NAME[kpi].dimensions:
            offered = ", ".join(BY_NAME[kpi].dimensions)
            raise invalid(pointer, f"{kpi} is not told apart by {name}.", f"Use {offered}.")
        wanted = {UUID(key) for key in keys if key != "unassigned"} if name in KEYED else set()
        if wanted:
            model = NAMED[name]
            found = set((await session.execute(select(model.id).where(model.id.in_(wanted)))).scalars())
            if found != wanted:
                raise invalid(pointer, "No such record.", "Give the id of a record you may see.")


async def _from_now_on(session: AsyncSession, key: UUID) -> None:
    """Enabled again: what it had not sent goes out, what happened meanwhile is left to ``GET /changes``."""
    fresh = {
        "after_xid": func.pg_current_xact_id(), "after_seq": 0, "failing_since": None, "failures": 0,
        "quiet_until": None,
    }  # fmt: skip
    await session.execute(update(WebhookState).where(WebhookState.webhook_id == key).values(fresh))


def _failing(webhooks: Any) -> ColumnElement[Any]:
    return (
        select(WebhookState.failing_since)
        .where(WebhookState.webhook_id == webhooks.c.id)
        .correlate(webhooks)
        .scalar_subquery()
    )


def finish(found: Plain) -> None:
    """Thresholds in their own order of fields, which the store does not keep."""
    found["thresholds"] = [ThresholdRead.model_validate(each).model_dump(mode="json") for each in found["thresholds"]]


webhooks = Resource(
    name="webhooks",
    model=Webhook,
    read=WebhookRead,
    create=WebhookCreate,
    visible=visible,
    sort=("name", "created_at", "disabled_at"),
    default_sort="name",
    filters=("id", "is_active", "disabled_at"),
    prepare=prepare,
    computed={"failing_since": _failing},
    finish=finish,
)
