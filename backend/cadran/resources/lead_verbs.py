"""What becomes of a lead: qualified, disqualified, or converted into a customer and an opportunity, once."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import Field

from cadran.kit.problems import invalid
from cadran.kit.resource import Plain, Values
from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.types import Day, Id, PositiveMoney, ShortText, StrictModel
from cadran.kit.unit import Unit, UnitDep
from cadran.resources import company
from cadran.resources.contacts import ContactCreate, contacts
from cadran.resources.customers import CustomerCreate, customers
from cadran.resources.leads import leads
from cadran.resources.opportunities import OpportunityCreate, opportunities
from cadran.resources.verbs import change, only_when, taken, verb

verbs = APIRouter(tags=["leads"])


class LeadQualifying(StrictModel):
    qualified_on: Day | None = Field(None, description="Default: today. The first qualification holds for ever.")


class LeadDisqualifying(StrictModel):
    reason: ShortText


class OpportunityOfLead(StrictModel):
    """What is not said comes from the lead."""

    name: ShortText | None = None
    stage_id: Id | None = None
    budget: PositiveMoney | None = Field(None, description="In the company's currency. Default: the lead's estimate.")
    expected_signature_on: Day | None = None


class LeadConverting(StrictModel):
    """Links ``customer_id``, else creates a customer (and its contact) from the lead."""

    customer_id: Id | None = None
    opportunity: OpportunityOfLead | None = None
    converted_on: Day | None = Field(None, description="Default: today.")


@verbs.post("/leads/{id}/qualify", operation_id="qualify_lead", **verb(leads))
async def qualify(unit: UnitDep, id: KeyPath, body: Annotated[LeadQualifying | None, Body()] = None) -> Response:  # noqa: A002
    values: Values = {"status": "qualified"}
    if body and body.qualified_on:
        values["qualified_on"] = body.qualified_on
    return await change(unit, leads, id, values, only_when("new", "working", "disqualified"))


@verbs.post("/leads/{id}/disqualify", operation_id="disqualify_lead", **verb(leads))
async def disqualify(unit: UnitDep, id: KeyPath, body: Annotated[LeadDisqualifying, Body()]) -> Response:  # noqa: A002
    values: Values = {"status": "disqualified", "disqualified_reason": body.reason}
    return await change(unit, leads, id, values, only_when("new", "working", "qualified"))


@verbs.post("/leads/{id}/convert", operation_id="convert_lead", **verb(leads))
async def convert(unit: UnitDep, id: KeyPath, body: Annotated[LeadConverting | None, Body()] = None) -> Response:  # noqa: A002
    """Converts the lead, once; a lead not yet qualified is so by the same move."""
    unit.require("leads", "write")
    asked = body or LeadConverting()

    async def produce() -> Response:
        lead = await taken(unit, leads, id)
        only_when("new", "working", "qualified")(lead)
        day = asked.converted_on or await company.today(unit.session)
        customer = asked.customer_id or lead["customer_id"] or await _customer(unit, lead, day)
        values: Values = {"status": "converted", "converted_on": day, "customer_id": customer}
        if asked.opportunity is not None:
            values["opportunity_id"] = await _opportunity(unit, lead, customer, asked.opportunity)
        await leads.change(unit.session, unit.who, lead, values)
        return await answer_id(unit, leads, id)

    return await unit.once(produce)


async def _customer(unit: Unit, lead: Plain, day: date) -> UUID:
    if lead["company_name"] is None:
        remedy = "Give customer_id, or the lead's company_name first."
        raise invalid("/customer_id", "The lead names no company to make a customer of.", remedy)
    unit.require("customers", "write")
    known: Values = {"name": lead["company_name"], "source": lead["source"], "prospect_on": lead["created_on"] or day}
    if lead["owner_id"] is not None:
        known["owner_id"] = lead["owner_id"]
    key = await customers.insert(unit.session, unit.who, CustomerCreate.model_validate(known))
    if lead["contact_name"] is not None:
        unit.require("contacts", "write")
        first, _, last = lead["contact_name"].rpartition(" ")
        person = {name: lead[name] for name in ("job_title", "email", "phone")}
        names = {"first_name": first or None, "last_name": last}
        await contacts.insert(
            unit.session, unit.who, ContactCreate.model_validate({"customer_id": key} | names | person)
        )
    return key


async def _opportunity(unit: Unit, lead: Plain, customer: UUID, asked: OpportunityOfLead) -> UUID:
    unit.require("opportunities", "write")
    said = asked.model_dump(exclude_unset=True)
    known: Values = {
        "name": lead["company_name"] or lead["contact_name"],
        "customer_id": customer,
        "product_id": lead["product_id"],
        "source": lead["source"],
        "budget": lead["estimated_amount"],
    }
    if lead["owner_id"] is not None:
        known["owner_id"] = lead["owner_id"]
    known |= {name: value for name, value in said.items() if value is not None}
    return await opportunities.insert(unit.session, unit.who, OpportunityCreate.model_validate(known))
