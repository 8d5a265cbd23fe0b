"""Targets: what a scope is to reach on one KPI over any period; and a year's figure spread over its twelve months."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Integer, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.holidays import holidays_of
from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Plain, Resource, Values, Write, json_bytes
from cadran.kit.routes import WRITE
from cadran.kit.types import Day, ExternalId, Id, Instant, Read, StrictModel, decimal, money_text, text, whole
from cadran.kit.unit import Unit, UnitDep
from cadran.metrics import targets as metrics
from cadran.metrics.catalogue import BY_NAME, KPIS
from cadran.metrics.periods import Period, PeriodError, between, buckets, label, parse
from cadran.metrics.workdays import Calendar
from cadran.models import Settings, Target, User
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.resources.scopes import MODELS, exists
from cadran.rules.vocabulary import ScopeKind

AIMED = tuple(kpi.name for kpi in KPIS if kpi.takes_target)
KpiName = Literal[AIMED]  # type: ignore[valid-type]
Year: Any = whole(1901, 2198)
Value: Any = decimal(12, 6, least=0, show=money_text)
PeriodText: Any = text(40)
MonthWeight: Any = decimal(6, 4, least=0)


class TargetCreate(StrictModel):
    """``period`` says both days at once: 2026-11, 2026-Q4, 2026 (fiscal), 2026-W47."""

    external_id: ExternalId | None = None
    kpi: KpiName
    scope_kind: ScopeKind
    scope_id: Id | None = Field(None, description="A business unit, a team or a user; null for the company.")
    period: PeriodText | None = None
    starts_on: Day | None = None
    ends_on: Day | None = Field(None, description="Excluded.")
    value: Value = Field(description="In the KPI's own unit.")


class TargetRead(Read):
    id: Id
    external_id: str | None
    kpi: KpiName
    scope_kind: ScopeKind
    scope_id: Id | None
    period: str
    starts_on: Day
    ends_on: Day
    value: Value
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """The scope exists and is the caller's to aim; the days come from ``period`` or stand by themselves."""
    rights.require_role(write.who, rights.MANAGEMENT, "targets")
    if write.existing is not None:
        await _may_aim(write, write.existing["scope_kind"], write.existing["scope_id"])
    if write.removing:
        return
    kind, key = write.now("scope_kind"), write.now("scope_id")
    if kind == "company" and key is not None:
        raise invalid("/scope_id", "The company's target has no scope_id.", "Leave scope_id out.")
    if kind != "company" and (key is None or not await exists(write.session, kind, key)):
        raise invalid("/scope_id", f"No such {kind}.", f"Give the id of a {kind}; a rep is a user.")
    await _may_aim(write, kind, key)
    await _dated(write)


async def _may_aim(write: Write, kind: str, key: UUID | None) -> None:
    """A manager aims the own teams and their reps. Raises a 403."""
    who = write.who
    if who.sees_all:
        return
    team = key
    if kind == "rep":
        team = (await write.session.execute(select(User.team_id).where(User.id == key))).scalar_one_or_none()
    if kind not in ("team", "rep") or team not in who.team_ids:
        raise Problem("forbidden", "You may set targets for your teams and their reps only.")


async def _dated(write: Write) -> None:
    written = write.values.pop("period", None)
    if written is not None:
        period = await _read(write, written)
        for name, day in (("starts_on", period.start), ("ends_on", period.end)):
            if name in write.given and write.values.get(name) not in (None, day):
                raise invalid(f"/{name}", f"period says {day}.", "Give period, or starts_on and ends_on.")
            write.values[name] = day
    for name in ("starts_on", "ends_on"):
        if write.now(name) is None:
            raise invalid(f"/{name}", "A target has its period.", "Give period, or starts_on and ends_on.")
    try:
        between(write.now("starts_on"), write.now("ends_on"))
    except PeriodError as error:
        raise invalid("/ends_on", str(error), "Give a later day: it is excluded.") from None


async def _read(write: Write, written: str) -> Period:
    try:
        return parse(written, await company.today(write.session), await _fiscal_start(write.session))
    except PeriodError as error:
        raise invalid("/period", str(error), "Write 2026-11, 2026-Q4 or 2026.") from None


async def _fiscal_start(session: AsyncSession) -> int:
    return await session.scalar(select(Settings.fiscal_year_start_month)) or 1


def _aimed(targets: Any) -> ColumnElement[Any]:
    """The name of the business unit, team or rep aimed at."""
    names = {
        kind: select(model.name).where(model.id == targets.c.scope_id).correlate(targets).scalar_subquery()
        for kind, model in MODELS.items()
    }
    return case(*((targets.c.scope_kind == kind, name) for kind, name in names.items()))


def _first_month(targets: Any) -> ColumnElement[Any]:
    return func.coalesce(select(Settings.fiscal_year_start_month).limit(1).scalar_subquery(), 1, type_=Integer)


def finish(found: Plain) -> None:
    """``period`` as it is written, in place of the first month of the fiscal year."""
    first, days = found["period"], (date.fromisoformat(found["starts_on"]), date.fromisoformat(found["ends_on"]))
    found["period"] = label(between(*days, first), first)


targets = Resource(
    name="targets",
    model=Target,
    read=TargetRead,
    create=TargetCreate,
    visible=visible,
    sort=("starts_on", "ends_on", "kpi", "scope_kind", "value", "created_at", "updated_at"),
    default_sort="-starts_on",
    filters=("id", "kpi", "scope_kind", "scope_id", "starts_on", "ends_on", "external_id", "updated_at"),
    words={"kpi": KpiName, "scope_kind": ScopeKind},
    prepare=prepare,
    computed={"period": _first_month},
    named={"scope_id": _aimed},
    finish=finish,
    completed=frozenset({"starts_on", "ends_on"}),
    defaulted=frozenset({"starts_on", "ends_on"}),
)

verbs = APIRouter(tags=["targets"])


class TargetSpreading(StrictModel):
    kpi: KpiName
    scope_kind: ScopeKind
    scope_id: Id | None = None
    year: Annotated[Year, Field(description="The fiscal year.")]
    value: Value
    weights: Annotated[list[MonthWeight], Field(min_length=12, max_length=12)] | None = Field(
        None, description="Twelve, from the first month of the fiscal year. Default: the company's, else working days."
    )


class TargetsSpread(BaseModel):
    items: list[TargetRead]


@verbs.post(
    "/targets/spread", operation_id="spread_target", status_code=201, response_model=TargetsSpread, responses=WRITE
)
async def spread(unit: UnitDep, body: Annotated[TargetSpreading, Body()]) -> Response:
    """Creates twelve monthly targets that add up to the year's, to the last decimal."""
    unit.require("targets", "write")
    kpi = BY_NAME[body.kpi]
    if kpi.kind == "stock" or not kpi.additive:
        raise invalid("/kpi", f"{kpi.name} does not add up over months.", "Set its target for each period.")
    if body.weights is not None and not any(body.weights):
        raise invalid("/weights", "Every weight is 0.", "Give at least one month some weight.")

    async def produce() -> Response:
        made = []
        for month, value in await _shares(unit, body):
            values = {"kpi": body.kpi, "scope_kind": body.scope_kind, "scope_id": body.scope_id}
            days = {"starts_on": month.start, "ends_on": month.end}
            await _free(unit, values | days, month.start)
            given = TargetCreate.model_validate(values | days | {"value": value})
            key = await targets.insert(unit.session, unit.who, given)
            made.append(key)
        found = await targets.records(unit.session, unit.who, Target.id.in_(made))
        content = json_bytes({"items": [found[key] for key in made]})
        return Response(content, 201, media_type="application/json")

    return await unit.once(produce)


async def _shares(unit: Unit, body: TargetSpreading) -> list[tuple[Period, Decimal]]:
    row: Any = (
        await unit.session.execute(
            select(Settings.fiscal_year_start_month, Settings.monthly_weights, Settings.country, Settings.region)
        )
    ).first()
    first, own, country, region = row or (1, None, "FR", None)
    weights = body.weights or ([Decimal(weight) for weight in own] if own else None)
    book = metrics.TargetBook((), calendar=Calendar(holidays_of(country, region)), weights=weights,
                              fiscal_start_month=first)  # fmt: skip
    year = parse(str(body.year), date(body.year, 1, 1), first)
    whole = metrics.Target(body.kpi, metrics.Scope(body.scope_kind, body.scope_id), year, body.value)
    return [(month, book.share(whole, month)[0]) for month in buckets(year, "month", first)]


async def _free(unit: Unit, values: Values, day: date) -> None:
    """Raises a 409 when this very target is set already."""
    conditions = [getattr(Target, name).is_not_distinct_from(value) for name, value in values.items()]
    if (await unit.session.execute(select(Target.id).where(*conditions))).first() is not None:
        raise Problem("already_exists", f"A target is already set for the month of {day:%Y-%m}: delete it first.")
