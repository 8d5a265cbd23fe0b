"""Two cards of the same customer or person become one: the survivor takes over everything that names the other."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Resource
from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.tables import Base
from cadran.kit.types import Id, StrictModel
from cadran.kit.unit import Unit, UnitDep, check_version
from cadran.models import PlanCustomer
from cadran.resources import company, rights
from cadran.resources.contacts import contacts
from cadran.resources.customers import customers
from cadran.resources.verbs import verb

verbs = APIRouter()


class Merging(StrictModel):
    into_id: Id


@verbs.post("/customers/{id}/merge", operation_id="merge_customer", tags=["customers"], **verb(customers))
async def merge_customer(unit: UnitDep, id: KeyPath, body: Annotated[Merging, Body()]) -> Response:  # noqa: A002
    """Moves its documents and contacts to ``into_id`` and leaves it as a merged duplicate; answers the survivor."""
    return await _merge(unit, customers, id, body.into_id)


@verbs.post("/contacts/{id}/merge", operation_id="merge_contact", tags=["contacts"], **verb(contacts))
async def merge_contact(unit: UnitDep, id: KeyPath, body: Annotated[Merging, Body()]) -> Response:  # noqa: A002
    """Moves what names it to ``into_id`` and leaves it as a merged duplicate; answers the survivor."""
    return await _merge(unit, contacts, id, body.into_id)


async def _merge(unit: Unit, resource: Resource, key: UUID, into: UUID) -> Response:
    unit.require(resource.name, "write")
    rights.require_role(unit.who, rights.EVERYONE, resource.name)

    async def produce() -> Response:
        if key == into:
            raise invalid("/into_id", "A record is not its own duplicate.", "Give the id of the record to keep.")
        # Both at once and in one order, so that two merges crossing each other do not wait for ever.
        table = resource.table
        pair = resource.selection(unit.who).where(table.c.id.in_([key, into])).order_by(table.c.id).with_for_update()
        found = {row["id"]: row for row in (await unit.session.execute(pair)).mappings()}
        if key not in found:
            raise Problem("not_found")
        if into not in found:
            raise invalid("/into_id", "No such record.", "Give the id of a record you may see.")
        merged, survivor = found[key], found[into]
        if unit.request.headers.get("if-match"):
            check_version(unit, merged["version"])
        if merged["merged_into_id"] is not None or survivor["merged_into_id"] is not None:
            raise company.conflict("One of the two is merged already.")
        await _move(unit.session, resource, key, into)
        values = {"merged_into_id": into, "version": merged["version"] + 1}
        await unit.session.execute(table.update().where(table.c.id == key).values(values))
        return await answer_id(unit, resource, into)

    return await unit.once(produce)


async def _move(session: AsyncSession, resource: Resource, key: UUID, into: UUID) -> None:
    """Every reference to ``key`` becomes one to ``into``."""
    for table in Base.metadata.sorted_tables:
        for column in table.c:
            if not column.references(resource.table.c.id):
                continue
            values: dict[str, Any] = {column.name: into}
            if "version" in table.c:
                values["version"] = table.c.version + 1
            await session.execute(table.update().where(column == key).values(values))
    if resource is customers:
        twin = aliased(PlanCustomer)
        twice = select(twin.id).where(
            twin.action_plan_id == PlanCustomer.action_plan_id, twin.customer_id == into, twin.id < PlanCustomer.id
        )
        await session.execute(delete(PlanCustomer).where(PlanCustomer.customer_id == into, twice.exists()))
