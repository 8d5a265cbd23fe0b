"""The company's settings: one record, read by everyone signed in, written by admins."""

from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlalchemy import literal, select

from cadran.checks.holidays import knows_country
from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.routes import READ, WRITE, answer
from cadran.kit.types import (
    Count,
    Country,
    Currency,
    DaysCount,
    Id,
    Instant,
    Rate,
    Read,
    ShortText,
    StrictModel,
    decimal,
    plain_text,
    text,
    whole,
)
from cadran.kit.unit import Unit, UnitDep, check_version
from cadran.models import Invoice, Opportunity, Order, Quote, Settings
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.rules.vocabulary import Language

MonthWeight: Any = decimal(6, 4, least=0)
Month: Any = whole(1, 12)
Region: Any = text(10, pattern="[A-Za-z0-9]{1,3}(-[A-Za-z0-9]{1,4})?")


class SettingsFields(StrictModel):
    company_name: ShortText
    language: Language = "fr"
    country: Country = "FR"
    region: Region | None = Field(None, description="ISO 3166-2 subdivision, for its public holidays.")
    time_zone: ShortText = "Europe/Paris"
    currency: Currency = "EUR"
    fiscal_year_start_month: Month = 1
    monthly_weights: Annotated[list[MonthWeight], Field(min_length=12, max_length=12)] | None = Field(
        None, description="How a year's target spreads over its months, in fiscal order. Null: by working days."
    )
    default_cycle_days: DaysCount = 90
    minimum_cycle_days: Count = 14
    sector_cycle_days: Annotated[dict[ShortText, DaysCount | None], Field(max_length=500)] = Field(
        default_factory=dict, description="Days by sector; null takes a sector out."
    )
    default_visit_cadence_days: DaysCount = 60
    follow_up_working_days: DaysCount = 7
    expiring_days: Count = 7
    attribution_days: DaysCount = 30
    margin_floor: Rate | None = None
    discount_ceiling: Rate | None = None


class SettingsRead(Read):
    id: Id
    company_name: str
    language: Language
    country: str
    region: str | None
    time_zone: str
    currency: str
    fiscal_year_start_month: int
    monthly_weights: list[str] | None
    default_cycle_days: int
    minimum_cycle_days: int
    sector_cycle_days: dict[str, int]
    default_visit_cadence_days: int
    follow_up_working_days: int
    expiring_days: int
    attribution_days: int
    margin_floor: Rate | None
    discount_ceiling: Rate | None
    is_demo: bool
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """What a type cannot say of the settings."""
    rights.require_role(write.who, rights.ADMIN, "settings")
    values = write.values
    if write.changes("time_zone") and values["time_zone"] not in available_timezones():
        raise invalid("/time_zone", "No such time zone.", "Give an IANA name such as Europe/Paris.")
    if write.changes("country") and not knows_country(values["country"]):
        raise invalid("/country", "Its public holidays are not known.", "Give an ISO 3166-1 code such as FR.")
    if (weights := values.get("monthly_weights")) is not None:
        if not any(weights):
            raise invalid("/monthly_weights", "Every weight is 0.", "Give at least one month some weight, or null.")
        values["monthly_weights"] = [plain_text(Decimal(weight)) for weight in weights]
    if "sector_cycle_days" in values:
        known = write.existing["sector_cycle_days"] if write.existing is not None else {}
        merged = known | values["sector_cycle_days"]
        values["sector_cycle_days"] = {sector: days for sector, days in merged.items() if days is not None}
    if write.existing is not None and write.changes("currency"):
        await _no_documents(write)


async def _no_documents(write: Write) -> None:
    for model in (Opportunity, Quote, Order, Invoice):
        if (await write.session.execute(select(literal(1)).select_from(model).limit(1))).first() is not None:
            raise company.conflict("Amounts are recorded in the present currency: it can no longer change.")


settings = Resource(
    name="settings",
    model=Settings,
    read=SettingsRead,
    create=SettingsFields,
    visible=visible,
    sort=("created_at",),
    default_sort="created_at",
    prepare=prepare,
    deletable=False,
)
SettingsUpdate = settings.update

verbs = APIRouter(tags=["settings"])


def _known(found: Any) -> Any:
    """Raises a 404 while the company is not set up."""
    if found is None:
        raise Problem("not_found", "The company is not set up yet.")
    return found


async def _answer(unit: Unit) -> Response:
    row = _known((await unit.session.execute(settings.shown(unit.who))).one_or_none())
    return answer(unit.request, (row.version, settings.finished(row.body)))


@verbs.get("/settings", operation_id="get_settings", response_model=SettingsRead, responses=READ)
async def get_settings(unit: UnitDep) -> Response:
    unit.require("settings", "read")
    return await _answer(unit)


@verbs.patch(
    "/settings", operation_id="update_settings", response_model=SettingsRead, responses=WRITE,
    openapi_extra={"requestBody": {"content": {"application/merge-patch+json": {
        "schema": {"$ref": "#/components/schemas/SettingsFieldsUpdate"}}}}},
)  # fmt: skip
async def update_settings(unit: UnitDep, body: Annotated[SettingsUpdate, Body()]) -> Response:  # type: ignore[valid-type]
    unit.require("settings", "write")
    locked = settings.selection(unit.who).with_for_update(of=settings.table)
    existing = dict(_known((await unit.session.execute(locked)).mappings().one_or_none()))
    check_version(unit, existing["version"])
    values, _ = settings.values_of(body, only_sent=True)
    await settings.change(unit.session, unit.who, existing, values)
    unit.session.info.pop("company", None)
    return await _answer(unit)
