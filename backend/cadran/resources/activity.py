"""What the records of one's activity share: they belong together, and what is done is not to come."""

from datetime import date
from typing import Any

from sqlalchemy import select

from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Write
from cadran.models import Contact, Opportunity, Order, Quote
from cadran.resources import company, rights

STAMPS = ("rep_id", "team_id", "business_unit_id")
_OF_A_CUSTOMER: dict[str, Any] = {
    "contact_id": Contact, "opportunity_id": Opportunity, "quote_id": Quote, "order_id": Order,
}  # fmt: skip


async def same_customer(write: Write) -> None:
    """A contact, opportunity, quote or order named beside a customer is that customer's; alone it brings its own.

    Raises a 422.
    """
    for column, model in _OF_A_CUSTOMER.items():
        if column not in write.resource.table.c or write.now(column) is None:
            continue
        if not (write.changes(column) or write.changes("customer_id")):
            continue
        found = (
            await write.session.execute(select(model.customer_id).where(model.id == write.now(column)))
        ).scalar_one_or_none()
        if found is None or found == write.now("customer_id"):
            continue
        if write.now("customer_id") is not None:
            name = column.removesuffix("_id")
            raise invalid(f"/{column}", f"This {name} is another customer's.", f"Name the customer's own {name}.")
        write.values["customer_id"] = found


async def not_to_come(write: Write, *columns: str) -> date:
    """What is done has been done by today, which is returned. Raises a 422."""
    day = await company.today(write.session)
    for column in columns:
        if write.changes(column) and write.values[column] is not None and write.values[column] > day:
            remedy = f"Give {day} or an earlier day."
            raise invalid(f"/{column}", f"{write.values[column]} is still to come.", remedy)
    return day


async def begun(write: Write, column: str) -> None:
    """A new record's first day is today; history taken in keeps what is not known of it empty."""
    if write.existing is None and column not in write.given and not write.imported:
        write.values[column] = await company.today(write.session)


def stated(write: Write, status: str, column: str) -> None:
    """History taken in says when: today would be a false date. Raises a 422."""
    if write.imported and write.now("status") == status and write.now(column) is None:
        raise invalid(f"/{column}", f"A record that is {status} has this date.", f"Give {column}.")


async def counts_for(write: Write, *, becomes: bool) -> None:
    """Stamps whom a record counts for when it ``becomes`` one that counts: its owner, that person's team and unit,
    where the caller does not state them. Raises a 403 on naming whom one may not.
    """
    said = {name for name in STAMPS if name in write.given and write.changes(name)}
    if any(write.values[name] is not None for name in said - {"rep_id"}) and not write.who.sees_all:
        raise Problem("forbidden", "Only the office may state the team or business unit a record counts for.")
    if becomes and "rep_id" not in write.given:
        write.values["rep_id"] = write.now("owner_id")
    if "rep_id" in said and write.values["rep_id"] is not None:
        await rights.may_name(write, write.values["rep_id"])
    if becomes or said:
        await company.stamped(write)


def counts_for_nobody(write: Write, detail: str, remedy: str) -> None:
    """Clears the stamps of a record that does not count yet, or any more. Raises a 422 on one stated."""
    for name in STAMPS:
        if name in write.given and write.values.get(name) is not None:
            raise invalid(f"/{name}", detail, remedy)
        write.values[name] = None
