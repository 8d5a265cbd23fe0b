"""Quotes, version by version: sent, followed up, accepted into an order once."""

from pydantic import Field
from sqlalchemy import Integer, cast, func, select

from cadran.kit.problems import invalid
from cadran.kit.resource import Children, Resource, Write
from cadran.kit.types import (
    Currency,
    Day,
    ExchangeRate,
    ExternalId,
    Id,
    Instant,
    LongText,
    Money,
    Read,
    ShortText,
    StrictModel,
)
from cadran.models import Quote, QuoteLine
from cadran.queries.visibility import visible
from cadran.resources import company, documents, rights
from cadran.resources.documents import PricedLineCreate, PricedLineRead
from cadran.rules import transitions
from cadran.rules.vocabulary import QuoteStatus

DECIDED = ("accepted", "refused", "expired")


class QuoteCreate(StrictModel):
    external_id: ExternalId | None = None
    number: ShortText | None = Field(None, description="Default: the next D-YYYY-NNNN.")
    customer_id: Id
    contact_id: Id | None = None
    opportunity_id: Id | None = None
    owner_id: Id | None = None
    status: QuoteStatus = "draft"
    sent_on: Day | None = None
    expires_on: Day | None = None
    decided_on: Day | None = None
    next_follow_up_on: Day | None = None
    refused_reason: ShortText | None = None
    currency: Currency | None = None
    exchange_rate: ExchangeRate | None = None
    net_amount: Money | None = Field(None, description="Checked against the lines when sent.")
    notes: LongText | None = None
    lines: list[PricedLineCreate] = Field(default_factory=list, max_length=500)


class QuoteRead(Read):
    id: Id
    external_id: str | None
    number: str | None
    revision: int
    root_id: Id | None
    customer_id: Id
    contact_id: Id | None
    opportunity_id: Id | None
    owner_id: Id | None
    status: QuoteStatus
    sent_on: Day | None
    expires_on: Day | None
    decided_on: Day | None
    next_follow_up_on: Day | None
    refused_reason: str | None
    currency: str
    exchange_rate: ExchangeRate
    net_amount: Money
    base_amount: Money
    notes: str | None
    lines: list[PricedLineRead]
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def next_number(write: Write, letter: str, year: int) -> str:
    """The next number of the year, ``D-2026-0042``; the lock makes two writers take two numbers."""
    table = write.resource.table
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"{write.resource.name}:{letter}:{year}", 0))
    await write.session.execute(select(lock))
    prefix = f"{letter}-{year}-"
    pattern = f"^{prefix}[0-9]{{4,9}}$"
    digits = func.substr(table.c.number, len(prefix) + 1)
    # The bounds are for the index: without them every number of every year would be read.
    years = (table.c.number >= prefix, table.c.number < f"{prefix}:", table.c.number.op("~")(pattern))
    last = (await write.session.execute(select(func.max(cast(digits, Integer))).where(*years))).scalar()
    return f"{prefix}{(last or 0) + 1:04d}"


async def prepare(write: Write) -> None:
    """Owner, currency, lines, and the days that go with sent and decided."""
    rights.require_role(write.who, rights.COMMERCIAL, "quotes")
    if write.removing:
        return
    if write.existing is None and "owner_id" not in write.given:
        write.values["owner_id"] = await documents.customer_owner(write)
        if write.values["owner_id"] is None and not write.imported:
            write.values["owner_id"] = write.who.user_id
    if write.changes("owner_id"):
        await rights.may_name(write, write.values["owner_id"])
    await company.priced(write)
    documents.moved(write, transitions.QUOTES)
    day = await company.today(write.session)
    status = write.now("status")
    if status != "draft" and write.now("sent_on") is None and status != "superseded":
        write.values["sent_on"] = min(filter(None, (day, write.now("decided_on"))))
    documents.dated(write, status if status in DECIDED else "accepted", "decided_on", day)
    documents.ordered_dates(write, "sent_on", "decided_on")
    if write.now("expires_on") is not None and write.now("sent_on") is not None:
        documents.ordered_dates(write, "sent_on", "expires_on")
    await documents.price_lines(write, ("list_price", "unit_cost"))
    if status not in ("draft", "superseded") and write.existing is None and not write.children.get("lines"):
        raise invalid("/lines", "A quote that is sent has lines.", "Give at least one line.")
    if write.existing is None and write.values.get("number") is None:
        write.values["number"] = await next_number(write, "D", (write.now("sent_on") or day).year)


quotes = Resource(
    name="quotes",
    model=Quote,
    read=QuoteRead,
    create=QuoteCreate,
    visible=visible,
    sort=(
        "number", "sent_on", "expires_on", "decided_on", "next_follow_up_on", "net_amount", "status", "created_at",
        "updated_at",
    ),
    default_sort="-sent_on",
    sums={"base_amount": lambda table: table.c.base_amount},
    filters=(
        "id", "customer_id", "owner_id", "opportunity_id", "status", "sent_on", "expires_on", "decided_on", "number",
        "next_follow_up_on", "net_amount", "external_id", "root_id", "updated_at",
    ),
    words={"status": QuoteStatus},
    children=(Children("lines", QuoteLine, "quote_id"),),
    prepare=prepare,
    completed=frozenset({"owner_id", "currency", "exchange_rate", "number", "sent_on", "decided_on"}),
    defaulted=frozenset({"currency", "exchange_rate", "number", "sent_on", "decided_on"}),
)  # fmt: skip
