"""Pairs of customers and pairs of contacts that look like one, and that nobody has looked at yet."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Select, Text, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.duplicates import ContactCard, CustomerCard, contact_index, customer_index
from cadran.checks.matching import Card, Index, Pair
from cadran.kit.threads import in_thread
from cadran.models import Contact, Customer, DuplicateDismissal
from cadran.queries.ask import real
from cadran.queries.asof import at
from cadran.queries.remembered import until_written
from cadran.rules.vocabulary import DuplicateKind

C = TypeVar("C", bound=Card)
KEPT = 32  # states of the records whose pairs are remembered


class Finder(Generic[C]):
    """One process's memory of what it found: the same records are not compared twice, whoever asks."""

    def __init__(self, index: Index[C]) -> None:
        self._index, self._lock = index, Lock()
        self._found: OrderedDict[Hashable, list[Pair]] = OrderedDict()

    def known(self, mark: Hashable) -> list[Pair] | None:
        return self._found.get(mark)

    def find(self, mark: Hashable, cards: list[C]) -> list[Pair]:
        """Blocks until done: call it in a thread."""
        with self._lock:
            found = self._found.get(mark)
            if found is None:
                found = self._found[mark] = self._index.update(cards)
                if len(self._found) > KEPT:
                    self._found.popitem(last=False)
            return found


_finders: dict[DuplicateKind, Finder[Any]] = {
    "customers": Finder(customer_index()),
    "contacts": Finder(contact_index()),
}
_cards: dict[DuplicateKind, type[Any]] = {"customers": CustomerCard, "contacts": ContactCard}


def _customers(moment: datetime | None) -> Select[Any]:
    rows = at(Customer, moment)
    return select(*(rows.c[name] for name in CustomerCard.__slots__)).where(real(rows))


def _contacts(moment: datetime | None) -> Select[Any]:
    rows, customer = at(Contact, moment), at(Customer, moment)
    own = ("id", "first_name", "last_name", "email", "phone", "mobile", "customer_id")
    theirs = (customer.c.name.label("company"), customer.c.street, customer.c.postal_code, customer.c.city)
    return (
        select(*(rows.c[name] for name in own), *theirs)
        .select_from(rows.outerjoin(customer, customer.c.id == rows.c.customer_id))
        .where(rows.c.merged_into_id.is_(None), real(customer, rows.c.customer_id))
    )


async def _mark(session: AsyncSession, kind: DuplicateKind, moment: datetime | None, cards: Select[Any]) -> Hashable:
    """Names the state of the records: another one once a card has changed."""

    async def made() -> Hashable:
        inner = cards.subquery()
        hashed = func.hashtextextended(cast(tuple_(*inner.c), Text), 0, type_=BigInteger)
        return tuple((await session.execute(select(func.count(), func.sum(hashed)).select_from(inner))).one())

    return await until_written(session, ("cards", kind, moment), ("customers", "contacts"), made)


async def look_alikes(session: AsyncSession, kind: DuplicateKind, moment: datetime | None = None) -> list[Pair]:
    """Every pair found, dismissed or not, the surest first. Recomputed only for records that changed."""
    statement = _customers(moment) if kind == "customers" else _contacts(moment)
    mark = await _mark(session, kind, moment, statement)
    finder = _finders[kind]
    found = finder.known(mark)
    if found is not None:
        return found
    card = _cards[kind]
    cards = [card(*row) for row in await session.execute(statement)]
    return await in_thread(session, finder.find, mark, cards)


async def unresolved(session: AsyncSession, kind: DuplicateKind, moment: datetime | None = None) -> list[Pair]:
    """The pairs nobody has dismissed, the surest first; a merged record is in none."""
    found = await look_alikes(session, kind, moment)
    rows = at(DuplicateDismissal, moment)
    statement = select(rows.c.first_id, rows.c.second_id).where(rows.c.kind == kind)
    dismissed = {(first, second) for first, second in await session.execute(statement)}
    return [pair for pair in found if (pair.first, pair.second) not in dismissed]


async def in_doubt(session: AsyncSession, moment: datetime | None = None) -> frozenset[UUID]:
    """The customers and contacts that are in at least one unresolved pair."""
    pairs = await unresolved(session, "customers", moment) + await unresolved(session, "contacts", moment)
    return frozenset(key for pair in pairs for key in (pair.first, pair.second))
