"""What one does with an invoice beyond editing it: post, cancel, credit, record a payment."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import Field

from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.types import Day, Money, ShortText, StrictModel
from cadran.kit.unit import UnitDep
from cadran.resources import company, rights
from cadran.resources.documents import LINE, LineQuantity, quantities
from cadran.resources.invoices import InvoiceCreate, PaymentCreate, invoices, payments
from cadran.resources.verbs import OnDay, change, only_when, taken, verb

verbs = APIRouter(tags=["invoices"])
OptionalDay = Annotated[OnDay | None, Body()]


@verbs.post("/invoices/{id}/post", operation_id="post_invoice", **verb(invoices))
async def post(unit: UnitDep, id: KeyPath, body: OptionalDay = None) -> Response:  # noqa: A002
    given = {"issued_on": body.on} if body and body.on else {}
    return await change(unit, invoices, id, {"status": "posted"} | given, only_when("draft"))


@verbs.post("/invoices/{id}/cancel", operation_id="cancel_invoice", **verb(invoices))
async def cancel(unit: UnitDep, id: KeyPath, body: OptionalDay = None) -> Response:  # noqa: A002
    given = {"cancelled_on": body.on} if body and body.on else {}
    return await change(unit, invoices, id, {"status": "cancelled"} | given)


class InvoiceCredit(StrictModel):
    issued_on: Day | None = Field(None, description="Default: today.")
    number: ShortText | None = None
    lines: list[LineQuantity] | None = Field(None, max_length=500, description="Default: the whole invoice.")


@verbs.post("/invoices/{id}/credit", operation_id="credit_invoice", **verb(invoices, 201))
async def credit(unit: UnitDep, id: KeyPath, body: Annotated[InvoiceCredit | None, Body()] = None) -> Response:  # noqa: A002
    """Posts a credit note on the invoice, for all of it or for quantities of its lines; answers the credit note."""
    unit.require("invoices", "write")
    said = body or InvoiceCredit()

    async def produce() -> Response:
        existing = await taken(unit, invoices, id)
        rights.require_role(unit.who, rights.OFFICE, "invoices")
        only_when("posted")(existing)
        if existing["kind"] not in ("invoice", "deposit"):
            raise company.conflict("Only an invoice is credited.")
        invoice = await invoices.get(unit.session, unit.who, id)
        if said.lines is None and invoice["credited_amount"]:
            raise company.conflict("Part of it is credited already: say which lines to credit.")
        credited = quantities(invoice, said.lines)
        names = ("customer_id", "order_id", "rep_id", "team_id", "business_unit_id", "currency")
        given: dict[str, Any] = {name: invoice[name] for name in names} | {
            "kind": "credit_note",
            "credited_invoice_id": id,
            "exchange_rate": None if invoice["exchange_rate"] == 1 else invoice["exchange_rate"],
            "lines": [
                {name: line[name] for name in LINE if name != "net_amount"}
                | {"quantity": quantity, "order_line_id": line["order_line_id"]}
                | ({"net_amount": line["net_amount"]} if quantity == line["quantity"] else {})
                for line, quantity in credited
            ],
        }
        given |= said.model_dump(exclude_none=True, exclude={"lines"})
        key = await invoices.insert(unit.session, unit.who, InvoiceCreate.model_validate(given))
        return await answer_id(unit, invoices, key, 201)

    return await unit.once(produce)


class InvoicePayment(StrictModel):
    amount: Money | None = Field(
        None, description="Tax included, in the invoice's currency. Default: all that is open."
    )
    paid_on: Day | None = Field(None, description="Default: today.")
    method: ShortText | None = None


@verbs.post("/invoices/{id}/payments", operation_id="pay_invoice", **verb(payments, 201))
async def pay(unit: UnitDep, id: KeyPath, body: Annotated[InvoicePayment | None, Body()] = None) -> Response:  # noqa: A002
    """Records a payment; answers it."""
    unit.require("payments", "write")

    async def produce() -> Response:
        existing = await taken(unit, invoices, id)
        rights.require_role(unit.who, rights.OFFICE, "payments")
        only_when("posted")(existing)
        given = body.model_dump(exclude_none=True) if body else {}
        if "amount" not in given:
            given["amount"] = (await invoices.get(unit.session, unit.who, id))["open_amount"]
            if not given["amount"]:
                raise company.conflict("Nothing is open on this invoice.")
        payment = PaymentCreate.model_validate({"invoice_id": id} | given)
        key = await payments.insert(unit.session, unit.who, payment)
        return await answer_id(unit, payments, key, 201)

    return await unit.once(produce)
