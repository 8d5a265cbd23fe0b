"""Customers: a company one sells to, from its first day as a prospect."""

from cadran.kit.resource import Resource, Write
from cadran.kit.types import (
    Country,
    Day,
    DaysCount,
    ExternalId,
    Flag,
    Id,
    Instant,
    LongText,
    PositiveMoney,
    Read,
    ShortText,
    StrictModel,
)
from cadran.models import Customer
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.rules.vocabulary import CustomerClass


class CustomerCreate(StrictModel):
    external_id: ExternalId | None = None
    name: ShortText
    siren: ShortText | None = None
    siret: ShortText | None = None
    vat_number: ShortText | None = None
    sector: ShortText | None = None
    street: ShortText | None = None
    postal_code: ShortText | None = None
    city: ShortText | None = None
    country: Country | None = None
    phone: ShortText | None = None
    email: ShortText | None = None
    website: ShortText | None = None
    owner_id: Id | None = None
    customer_class: CustomerClass | None = None
    source: ShortText | None = None
    prospect_on: Day | None = None
    prospect_rep_id: Id | None = None
    is_internal: Flag = False
    credit_limit: PositiveMoney | None = None
    order_cycle_days: DaysCount | None = None
    visit_cadence_days: DaysCount | None = None
    verified_on: Day | None = None
    notes: LongText | None = None


class CustomerRead(Read):
    id: Id
    external_id: str | None
    name: str
    siren: str | None
    siret: str | None
    vat_number: str | None
    sector: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    country: str | None
    phone: str | None
    email: str | None
    website: str | None
    owner_id: Id | None
    customer_class: CustomerClass | None
    source: str | None
    prospect_on: Day | None
    prospect_rep_id: Id | None
    prospect_team_id: Id | None
    prospect_business_unit_id: Id | None
    is_imported: bool
    is_internal: bool
    credit_limit: PositiveMoney | None
    order_cycle_days: int | None
    visit_cadence_days: int | None
    verified_on: Day | None
    merged_into_id: Id | None
    notes: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Owner, first prospect day, and whom the prospect counts for from then on."""
    rights.require_role(write.who, rights.EVERYONE, "customers")
    await rights.owned(write)
    values = write.values
    if write.who.role == "marketing":
        values.pop("credit_limit", None)
    if write.existing is None:
        values["is_imported"] = write.imported
        if "prospect_on" not in write.given and not write.imported:
            values["prospect_on"] = await company.today(write.session)
    if write.existing is None or write.changes("prospect_on") or write.changes("prospect_rep_id"):
        await _stamp_prospect(write)


async def _stamp_prospect(write: Write) -> None:
    rep = write.values.get("prospect_rep_id")
    if rep is None and "prospect_rep_id" not in write.given:
        rep = write.now("owner_id") if write.existing is None else write.existing["prospect_rep_id"]
    stamp = Write(write.session, write.who, write.resource, {"rep_id": rep}, frozenset())
    await company.stamped(stamp)
    write.values |= {
        "prospect_rep_id": rep,
        "prospect_team_id": stamp.values.get("team_id"),
        "prospect_business_unit_id": stamp.values.get("business_unit_id"),
    }


customers = Resource(
    name="customers",
    model=Customer,
    read=CustomerRead,
    create=CustomerCreate,
    visible=visible,
    sort=("name", "city", "customer_class", "prospect_on", "created_at", "updated_at"),
    default_sort="name",
    filters=(
        "id", "owner_id", "sector", "city", "postal_code", "country", "customer_class", "source", "prospect_on",
        "is_internal", "is_imported", "verified_on", "merged_into_id", "external_id", "siren", "updated_at",
    ),
    words={"customer_class": CustomerClass},
    prepare=prepare,
    amounts=frozenset({"credit_limit"}),
    completed=frozenset({"owner_id", "prospect_on", "prospect_rep_id"}),
)  # fmt: skip
