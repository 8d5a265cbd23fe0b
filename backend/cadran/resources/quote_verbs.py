"""What one does with a quote beyond editing it: send, follow up, refuse, accept into an order once, revise."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Plain
from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.types import Day, Flag, LongText, ShortText, StrictModel
from cadran.kit.unit import Unit, UnitDep
from cadran.models import Interaction, Opportunity, Order, Quote
from cadran.resources import company, rights
from cadran.resources.documents import LINE, PRICES
from cadran.resources.orders import OrderCreate, orders
from cadran.resources.quotes import QuoteCreate, quotes
from cadran.resources.verbs import change, only_when, taken, verb

verbs = APIRouter(tags=["quotes"])


class QuoteSending(StrictModel):
    sent_on: Day | None = Field(None, description="Default: today.")
    expires_on: Day | None = None
    next_follow_up_on: Day | None = None


@verbs.post("/quotes/{id}/send", operation_id="send_quote", **verb(quotes))
async def send(unit: UnitDep, id: KeyPath, body: Annotated[QuoteSending | None, Body()] = None) -> Response:  # noqa: A002
    given = body.model_dump(exclude_none=True) if body else {}
    return await change(unit, quotes, id, {"status": "sent"} | given, only_when("draft", "sent"))


class QuoteFollowUp(StrictModel):
    occurred_on: Day | None = Field(None, description="Default: today.")
    next_follow_up_on: Day | None = Field(None, description="When to follow up again; null: after the usual silence.")
    answered: Flag = True
    notes: LongText | None = None


@verbs.post("/quotes/{id}/follow-up", operation_id="follow_up_quote", **verb(quotes))
async def follow_up(unit: UnitDep, id: KeyPath, body: Annotated[QuoteFollowUp | None, Body()] = None) -> Response:  # noqa: A002
    """Logs the contact and sets when to follow up next: the quote leaves the list until then."""
    unit.require("quotes", "write")
    said = body or QuoteFollowUp()

    async def produce() -> Response:
        quote = await taken(unit, quotes, id)
        rights.require_role(unit.who, rights.COMMERCIAL, "quotes")
        only_when("sent")(quote)
        today = await company.today(unit.session)
        on = said.occurred_on or today
        if on > today:
            raise invalid("/occurred_on", "A follow-up has taken place.", "Give today or a day before.")
        if said.next_follow_up_on is not None and said.next_follow_up_on <= on:
            raise invalid("/next_follow_up_on", "The next follow-up comes after this one.", "Give a later day.")
        table: Any = Interaction.__table__
        await unit.session.execute(
            table.insert().values(
                id=uuid7(), customer_id=quote["customer_id"], contact_id=quote["contact_id"], quote_id=id,
                owner_id=unit.who.user_id, kind="follow_up", occurred_on=on, answered=said.answered, notes=said.notes,
            )
        )  # fmt: skip
        await quotes.change(unit.session, unit.who, quote, {"next_follow_up_on": said.next_follow_up_on})
        return await answer_id(unit, quotes, id)

    return await unit.once(produce)


class QuoteRefusal(StrictModel):
    decided_on: Day | None = Field(None, description="Default: today.")
    refused_reason: ShortText | None = None


@verbs.post("/quotes/{id}/refuse", operation_id="refuse_quote", **verb(quotes))
async def refuse(unit: UnitDep, id: KeyPath, body: Annotated[QuoteRefusal | None, Body()] = None) -> Response:  # noqa: A002
    given = body.model_dump(exclude_none=True) if body else {}
    return await change(unit, quotes, id, {"status": "refused"} | given, only_when("sent"))


class QuoteAcceptance(StrictModel):
    decided_on: Day | None = Field(None, description="Default: today.")
    number: ShortText | None = Field(None, description="Of the order. Default: the next.")
    promised_on: Day | None = None
    customer_reference: ShortText | None = None
    win_opportunity: Flag = Field(True, description="Also mark the quote's opportunity as won.")


@verbs.post("/quotes/{id}/accept", operation_id="accept_quote", **verb(orders, 201))
async def accept(unit: UnitDep, id: KeyPath, body: Annotated[QuoteAcceptance | None, Body()] = None) -> Response:  # noqa: A002
    """Accepts the quote and makes its order, once; answers the order. A second time: 409 with ``order_id``."""
    unit.require("quotes", "write")
    unit.require("orders", "write")
    said = body or QuoteAcceptance()

    async def produce() -> Response:
        existing = await taken(unit, quotes, id)
        made = (await unit.session.execute(select(Order.id).where(Order.quote_id == id))).scalar_one_or_none()
        if made is not None:
            raise Problem("conflict", "This quote is an order already.", extra={"order_id": str(made)})
        on = said.decided_on or await company.today(unit.session)
        if existing["status"] == "draft":
            await quotes.change(unit.session, unit.who, existing, {"status": "sent", "sent_on": on})
            existing = await quotes.locked(unit.session, unit.who, id)
        await quotes.change(unit.session, unit.who, existing, {"status": "accepted", "decided_on": on})
        quote = await quotes.get(unit.session, unit.who, id)
        key = await orders.insert(unit.session, unit.who, _order_of(quote, said, on))
        if said.win_opportunity and quote["opportunity_id"] is not None:
            await _win(unit, quote["opportunity_id"], on)
        return await answer_id(unit, orders, key, 201)

    return await unit.once(produce)


def _order_of(quote: Plain, said: QuoteAcceptance, on: date) -> OrderCreate:
    given: dict[str, Any] = {
        "quote_id": quote["id"],
        "confirmed_on": on,
        "exchange_rate": None if quote["exchange_rate"] == 1 else quote["exchange_rate"],
        "lines": [{name: line[name] for name in LINE + PRICES} for line in quote["lines"]],
    }
    given |= {name: quote[name] for name in ("customer_id", "contact_id", "opportunity_id", "currency")}
    if quote["owner_id"] is not None:
        given["rep_id"] = quote["owner_id"]
    given |= said.model_dump(include={"number", "promised_on", "customer_reference"}, exclude_none=True)
    return OrderCreate.model_validate(given)


async def _win(unit: Unit, key: UUID, on: date) -> None:
    table: Any = Opportunity.__table__
    won = {"status": "won", "closed_on": func.greatest(on, table.c.opened_on), "version": table.c.version + 1}
    await unit.session.execute(table.update().where(table.c.id == key, table.c.status == "open").values(won))


class QuoteRevision(StrictModel):
    expires_on: Day | None = None


@verbs.post("/quotes/{id}/revise", operation_id="revise_quote", **verb(quotes, 201))
async def revise(unit: UnitDep, id: KeyPath, body: Annotated[QuoteRevision | None, Body()] = None) -> Response:  # noqa: A002
    """A new draft version of the quote; the one before it is superseded."""
    unit.require("quotes", "write")
    expires_on = body.expires_on if body else None

    async def produce() -> Response:
        existing = await taken(unit, quotes, id)
        only_when("draft", "sent", "refused", "expired")(existing)
        quote = await quotes.get(unit.session, unit.who, id)
        root = existing["root_id"] or id
        table: Any = Quote.__table__
        last = select(func.max(table.c.revision)).where((table.c.root_id == root) | (table.c.id == root))
        revision = (await unit.session.execute(last)).scalar_one() + 1
        copied = ("customer_id", "contact_id", "opportunity_id", "owner_id", "currency", "notes")
        given: dict[str, Any] = {name: quote[name] for name in copied} | {
            "expires_on": expires_on,
            "exchange_rate": None if quote["exchange_rate"] == 1 else quote["exchange_rate"],
            "lines": [{name: line[name] for name in LINE + PRICES} for line in quote["lines"]],
        }
        number = f"{(quote['number'] or str(root)[:8]).split('/')[0]}/{revision}"
        await quotes.change(unit.session, unit.who, existing, {"status": "superseded"})
        fixed = {"root_id": root, "revision": revision, "number": number}
        key = await quotes.insert(unit.session, unit.who, QuoteCreate.model_validate(given), **fixed)
        return await answer_id(unit, quotes, key, 201)

    return await unit.once(produce)
