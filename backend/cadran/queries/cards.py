"""A record in one line, for the lists behind numbers: title, customer, owner and day."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import (
    ActionPlan,
    Contact,
    Customer,
    Invoice,
    Lead,
    Opportunity,
    Order,
    Quote,
    ServiceRequest,
    Task,
    User,
    Visit,
)


def _columns(model: Any) -> dict[str, Any]:
    """What of each kind makes its line; what a kind does not have is null."""
    number = func.coalesce(model.number, model.external_id) if hasattr(model, "number") else None
    first_of = {
        Customer: (model.name if model is Customer else None, None),
        Contact: (func.concat_ws(" ", Contact.first_name, Contact.last_name), None),
        Visit: (Visit.purpose, Visit.planned_on),
        Quote: (number, Quote.sent_on),
        Order: (number, Order.confirmed_on),
        Invoice: (number, Invoice.issued_on),
        Opportunity: (Opportunity.name, Opportunity.expected_signature_on),
        Lead: (func.coalesce(Lead.company_name, Lead.contact_name), Lead.created_on),
        ServiceRequest: (ServiceRequest.title, ServiceRequest.opened_on),
        ActionPlan: (ActionPlan.name, ActionPlan.ends_on),
        Task: (Task.title, Task.due_on),
    }
    title, on = first_of[model]
    owner = model.rep_id if model in (Order, Invoice) else getattr(model, "owner_id", None)
    customer = model.id if model is Customer else getattr(model, "customer_id", None)
    return {
        "title": literal(None) if title is None else title,
        "on": null() if on is None else on,
        "owner_id": null() if owner is None else owner,
        "customer_id": null() if customer is None else customer,
        "city": Customer.city,
        "status": getattr(model, "status", None) or null(),
    }


KINDS: dict[str, Any] = {
    "customers": Customer,
    "contacts": Contact,
    "visits": Visit,
    "quotes": Quote,
    "orders": Order,
    "invoices": Invoice,
    "opportunities": Opportunity,
    "leads": Lead,
    "service-requests": ServiceRequest,
    "action-plans": ActionPlan,
    "tasks": Task,
}


async def cards(session: AsyncSession, resource: str, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """One line a record, by id; a record deleted since is absent."""
    model = KINDS[resource]
    columns = _columns(model)
    customer, owner = columns.pop("customer_id"), columns.pop("owner_id")
    statement = select(
        model.id,
        customer.label("customer_id"),
        owner.label("owner_id"),
        *(column.label(name) for name, column in columns.items()),
        Customer.name.label("customer"),
        User.name.label("owner"),
    ).where(model.id.in_(list(ids)))
    if model is Customer:
        statement = statement.select_from(Customer).outerjoin(User, User.id == Customer.owner_id)
    else:
        own = Customer.id == customer if hasattr(model, "customer_id") else literal(False)
        who = User.id == owner if hasattr(model, "owner_id") or hasattr(model, "rep_id") else literal(False)
        if model is Contact:
            who = User.id == Customer.owner_id
        statement = statement.select_from(model).outerjoin(Customer, own).outerjoin(User, who)
    return {row["id"]: dict(row) for row in (await session.execute(statement)).mappings()}
