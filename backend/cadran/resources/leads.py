"""Leads: who may become a customer. The source is the first touch, the first qualification counts once and for all."""

from cadran.kit.problems import invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.types import Day, ExternalId, Id, Instant, LongText, PositiveMoney, Read, ShortText, StrictModel
from cadran.models import Lead
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.resources.activity import STAMPS, begun, counts_for, counts_for_nobody, not_to_come
from cadran.resources.documents import moved, ordered_dates
from cadran.rules import transitions
from cadran.rules.vocabulary import LeadStatus


class LeadCreate(StrictModel):
    external_id: ExternalId | None = None
    company_name: ShortText | None = None
    contact_name: ShortText | None = None
    job_title: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None
    source: ShortText | None = None
    product_id: Id | None = None
    owner_id: Id | None = None
    rep_id: Id | None = None
    team_id: Id | None = None
    business_unit_id: Id | None = None
    status: LeadStatus = "new"
    created_on: Day | None = None
    qualified_on: Day | None = None
    converted_on: Day | None = None
    customer_id: Id | None = None
    opportunity_id: Id | None = None
    estimated_amount: PositiveMoney | None = None
    disqualified_reason: ShortText | None = None
    notes: LongText | None = None


class LeadRead(Read):
    id: Id
    external_id: str | None
    company_name: str | None
    contact_name: str | None
    job_title: str | None
    email: str | None
    phone: str | None
    source: str | None
    product_id: Id | None
    owner_id: Id | None
    rep_id: Id | None
    team_id: Id | None
    business_unit_id: Id | None
    status: LeadStatus
    created_on: Day | None
    qualified_on: Day | None
    converted_on: Day | None
    customer_id: Id | None
    opportunity_id: Id | None
    estimated_amount: PositiveMoney | None
    disqualified_reason: str | None
    notes: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Owner, days, and whom the lead counts for from its first qualification on."""
    rights.require_role(write.who, rights.EVERYONE, "leads")
    if write.removing:
        return
    if not write.who.sees_amounts and write.existing is not None:
        write.values.pop("estimated_amount", None)  # it read null: what is sent back of it says nothing
    if write.now("company_name") is None and write.now("contact_name") is None:
        raise invalid("/company_name", "A lead is a company or a person.", "Give company_name or contact_name.")
    await rights.owned(write)
    moved(write, transitions.LEADS)
    await begun(write, "created_on")
    today = await not_to_come(write, "created_on", "qualified_on", "converted_on")
    if write.now("status") == "converted":
        if write.now("customer_id") is None and not write.imported:  # a history may not say which
            remedy = "Give customer_id, or send POST /leads/{id}/convert."
            raise invalid("/customer_id", "A converted lead has become a customer.", remedy)
        if write.now("converted_on") is None and not write.imported:
            write.values["converted_on"] = today
    elif write.values.get("converted_on") is not None and write.changes("converted_on"):
        raise invalid("/converted_on", "The lead is not converted.", "Send POST /leads/{id}/convert.")
    if write.now("status") != "disqualified":
        write.values["disqualified_reason"] = None
    await _qualified(write)
    if "created_on" not in write.given and write.existing is None and write.values.get("created_on"):
        known = (write.values["created_on"], write.values.get("qualified_on"), write.values.get("converted_on"))
        write.values["created_on"] = min(day for day in known if day is not None)
    ordered_dates(write, "created_on", "qualified_on")
    ordered_dates(write, "qualified_on", "converted_on")


async def _qualified(write: Write) -> None:
    """The first qualification: its day, and the rep, team and business unit it counts for. Nothing moves them later."""
    was = None if write.existing is None else write.existing["qualified_on"]
    if was is not None:
        for name in ("qualified_on", *STAMPS):
            if write.changes(name):
                raise invalid(f"/{name}", "It was set at the first qualification and never changes.", "Leave it out.")
        return
    if write.now("qualified_on") is None and write.now("status") in ("qualified", "converted") and not write.imported:
        write.values["qualified_on"] = write.now("converted_on") or await company.today(write.session)
    if write.now("qualified_on") is None:
        counts_for_nobody(write, "Only a qualified lead counts for somebody.", "Set owner_id, or qualify the lead.")
        return
    if write.now("status") == "new":
        raise invalid("/qualified_on", "A new lead is not qualified yet.", "Set status to qualified, or leave it out.")
    await counts_for(write, becomes=True)


leads = Resource(
    name="leads",
    model=Lead,
    read=LeadRead,
    create=LeadCreate,
    visible=visible,
    sort=("company_name", "contact_name", "status", "source", "created_on", "qualified_on", "created_at", "updated_at"),
    default_sort="-created_on",
    filters=(
        "id", "source", "product_id", "owner_id", "rep_id", "team_id", "business_unit_id", "status", "created_on",
        "qualified_on", "converted_on", "customer_id", "external_id", "updated_at",
    ),
    words={"status": LeadStatus},
    prepare=prepare,
    amounts=frozenset({"estimated_amount"}),
    fixed=frozenset({"source"}),
    completed=frozenset({
        "owner_id", "rep_id", "team_id", "business_unit_id", "created_on", "qualified_on", "converted_on",
        "customer_id", "opportunity_id",
    }),
    defaulted=frozenset({"qualified_on", "converted_on"}),
)  # fmt: skip
