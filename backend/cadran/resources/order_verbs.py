"""What one does with an order beyond editing it: confirm, cancel, close short, deliver, invoice."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from cadran.kit.problems import invalid
from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.types import Day, ShortText, StrictModel
from cadran.kit.unit import UnitDep
from cadran.models import Delivery
from cadran.resources import company, rights
from cadran.resources.documents import LINE, LineQuantity, quantities
from cadran.resources.invoices import InvoiceCreate, invoices
from cadran.resources.orders import bump_order, orders
from cadran.resources.verbs import OnDay, change, only_when, taken, verb

verbs = APIRouter(tags=["orders"])
OptionalDay = Annotated[OnDay | None, Body()]


@verbs.post("/orders/{id}/confirm", operation_id="confirm_order", **verb(orders))
async def confirm(unit: UnitDep, id: KeyPath, body: OptionalDay = None) -> Response:  # noqa: A002
    """A draft becomes an order; one cancelled or closed short by mistake is one again."""
    given = {"confirmed_on": body.on} if body and body.on else {}
    return await change(unit, orders, id, {"status": "confirmed"} | given)


@verbs.post("/orders/{id}/cancel", operation_id="cancel_order", **verb(orders))
async def cancel(unit: UnitDep, id: KeyPath, body: OptionalDay = None) -> Response:  # noqa: A002
    given = {"cancelled_on": body.on} if body and body.on else {}
    return await change(unit, orders, id, {"status": "cancelled"} | given)


@verbs.post("/orders/{id}/close", operation_id="close_order", **verb(orders))
async def close(unit: UnitDep, id: KeyPath, body: OptionalDay = None) -> Response:  # noqa: A002
    """Closes it short: it counts for what was delivered, and nothing more is to come."""
    given = {"closed_on": body.on} if body and body.on else {}
    return await change(unit, orders, id, {"status": "closed"} | given)


class OrderDelivery(StrictModel):
    delivered_on: Day | None = Field(None, description="Default: today.")
    number: ShortText | None = None
    lines: list[LineQuantity] | None = Field(
        None, max_length=500, description="Default: all that is left to deliver. A return is negative."
    )


@verbs.post("/orders/{id}/deliver", operation_id="deliver_order", **verb(orders))
async def deliver(unit: UnitDep, id: KeyPath, body: Annotated[OrderDelivery | None, Body()] = None) -> Response:  # noqa: A002
    """Records quantities delivered, even beyond what was ordered."""
    unit.require("deliveries", "write")
    said = body or OrderDelivery()

    async def produce() -> Response:
        order = await taken(unit, orders, id)
        rights.require_role(unit.who, rights.OFFICE, "deliveries")
        only_when("confirmed", "closed")(order)
        on = said.delivered_on or await company.today(unit.session)
        if on < order["confirmed_on"]:
            raise invalid("/delivered_on", "Before the order was confirmed.", "Give a later day.")
        shipped = quantities(await orders.get(unit.session, unit.who, id), said.lines, "delivered")
        if not shipped:
            raise company.conflict("Nothing is left to deliver.")
        table: Any = Delivery.__table__
        common = {"delivered_on": on, "number": said.number}
        rows = [common | {"id": uuid7(), "order_line_id": line["id"], "quantity": each} for line, each in shipped]
        await unit.session.execute(table.insert(), rows)
        await bump_order(unit.session, id)
        return await answer_id(unit, orders, id)

    return await unit.once(produce)


class OrderBilling(StrictModel):
    issued_on: Day | None = Field(None, description="Default: today.")
    due_on: Day | None = None
    number: ShortText | None = None
    lines: list[LineQuantity] | None = Field(None, max_length=500, description="Default: all that is left to invoice.")


@verbs.post("/orders/{id}/invoice", operation_id="invoice_order", **verb(invoices, 201))
async def invoice(unit: UnitDep, id: KeyPath, body: Annotated[OrderBilling | None, Body()] = None) -> Response:  # noqa: A002
    """Posts an invoice for the order's lines still to invoice, or for the quantities given; answers the invoice."""
    unit.require("orders", "write")
    unit.require("invoices", "write")
    said = body or OrderBilling()

    async def produce() -> Response:
        existing = await taken(unit, orders, id)
        rights.require_role(unit.who, rights.OFFICE, "invoices")
        only_when("confirmed", "closed")(existing)
        order = await orders.get(unit.session, unit.who, id)
        billed = quantities(order, said.lines, "invoiced")
        if not billed:
            raise company.conflict("Nothing is left to invoice.")
        given: dict[str, Any] = {
            "customer_id": order["customer_id"],
            "order_id": id,
            "currency": order["currency"],
            "exchange_rate": None if order["exchange_rate"] == 1 else order["exchange_rate"],
            "lines": [
                {name: line[name] for name in LINE if name != "net_amount"}
                | {"quantity": quantity, "order_line_id": line["id"]}
                | ({"net_amount": line["net_amount"]} if quantity == line["quantity"] else {})
                for line, quantity in billed
            ],
        }
        given |= said.model_dump(exclude_none=True, exclude={"lines"})
        key = await invoices.insert(unit.session, unit.who, InvoiceCreate.model_validate(given))
        await bump_order(unit.session, id)
        return await answer_id(unit, invoices, key, 201)

    return await unit.once(produce)
