"""What a customer or a contact said from one moment to another, told by the log by the rules of :mod:`asof`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.duplicates import ContactCard, CustomerCard
from cadran.kit.tables import Base
from cadran.models import Change, Contact, Customer
from cadran.queries.ask import array_of
from cadran.rules.vocabulary import DuplicateKind

EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)  # as PostgreSQL's two infinities
_REAL = ("is_internal", "merged_into_id")
_CUSTOMER = CustomerCard.__slots__[1:]
_PLACE = ("name", "street", "postal_code", "city")  # of a contact's customer
_CONTACT = ContactCard.__slots__[1:7]

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A card, from ``since`` on and before ``until``."""

    card: Any
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class _Stretch:
    since: datetime
    until: datetime
    row: Row | None


async def versions(session: AsyncSession, kind: DuplicateKind, records: Collection[UUID]) -> list[Version]:
    """All that these records ever said, those deleted since among them; nothing while internal or merged."""
    if kind == "customers":
        told = await _stretches(session, Customer, records, (*_CUSTOMER, *_REAL))
        return [each for record, spans in told.items() for each in _joined(_customer_cards(record, spans))]
    told = await _stretches(session, Contact, records, (*_CONTACT, "merged_into_id"))
    theirs = {row for spans in told.values() for span in spans if (row := _customer_of(span.row)) is not None}
    customers = await _stretches(session, Customer, theirs, (*_PLACE, *_REAL))
    return [each for record, spans in told.items() for each in _joined(_contact_cards(record, spans, customers))]


async def _stretches(
    session: AsyncSession, model: type[Base], records: Collection[UUID], names: Sequence[str]
) -> dict[UUID, list[_Stretch]]:
    if not records:
        return {}
    table: Any = model.__table__
    those = array_of(records, Uuid)
    there = select(table.c.id, *(table.c[name] for name in names)).where(table.c.id == any_(those))
    now: dict[UUID, Row] = {row["id"]: row for row in (await session.execute(there)).mappings()}
    logged = (
        select(Change.record_id, Change.operation, Change.at, Change.before)
        .where(Change.resource == table.name, Change.record_id == any_(those))
        .order_by(Change.record_id, Change.seq)
    )
    log: dict[UUID, list[Any]] = defaultdict(list)
    for row in await session.execute(logged):
        log[row.record_id].append(row)
    return {record: list(_told(log[record], now.get(record))) for record in records}


def _told(log: Iterable[Any], now: Row | None) -> Iterator[_Stretch]:
    """Before it was written first, a record says what it says today; before any other change, what that one found."""
    since = EVER
    for each in log:
        yield _Stretch(since, each.at, now if each.operation == "insert" else each.before)
        since = each.at
    yield _Stretch(since, NEVER, now)


def _real(row: Row | None) -> Row | None:
    """As :func:`ask.real` says in SQL."""
    return row if row is not None and row["is_internal"] is False and row["merged_into_id"] is None else None


def _customer_of(row: Row | None) -> UUID | None:
    customer = None if row is None else row.get("customer_id")
    return UUID(customer) if isinstance(customer, str) else customer


def _customer_cards(record: UUID, spans: Iterable[_Stretch]) -> Iterator[Version]:
    for span in spans:
        if span.since < span.until and (row := _real(span.row)) is not None:
            yield Version(CustomerCard(record, *(row.get(name) for name in _CUSTOMER)), span.since, span.until)


def _contact_cards(
    record: UUID, spans: Iterable[_Stretch], customers: Mapping[UUID, Sequence[_Stretch]]
) -> Iterator[Version]:
    for span in spans:
        if span.row is None or span.row.get("merged_into_id") is not None:
            continue
        own: list[Any] = [span.row.get(name) for name in _CONTACT[:-1]]
        customer = _customer_of(span.row)
        if customer is None:
            if span.since < span.until:
                yield Version(ContactCard(record, *own), span.since, span.until)
            continue
        for theirs in customers[customer]:
            since, until = max(span.since, theirs.since), min(span.until, theirs.until)
            if since >= until:
                continue
            if (row := _real(theirs.row)) is None:  # it shows nothing, but will once the customer is real
                yield Version(ContactCard(record, customer_id=customer), since, until)
                continue
            place = [row.get(name) for name in _PLACE]
            yield Version(ContactCard(record, *[*own, customer, *place]), since, until)


def _joined(found: Iterable[Version]) -> Iterator[Version]:
    """A change of what is not on the card makes no other card."""
    last: Version | None = None
    for each in found:
        if last is not None and last.until == each.since and last.card == each.card:
            last = Version(last.card, last.since, each.until)
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last
