"""Pairs of customers and pairs of contacts that look like one, and that nobody has looked at yet (ADR 10)."""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    cast,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks import matching
from cadran.checks.duplicates import CONTACTS, CUSTOMERS, CustomerCard
from cadran.checks.matching import REACH, Card, Keyed, Pair, neighbours, surest_first
from cadran.kit.problems import Problem
from cadran.kit.threads import in_thread
from cadran.models import Contact, Customer, DuplicateDismissal
from cadran.models.duplicates import duplicate_cards, duplicate_kinds, duplicate_pairs
from cadran.models.totals import stale_totals
from cadran.queries.ask import array_of, real
from cadran.queries.asof import at
from cadran.queries.card_versions import NEVER
from cadran.queries.made_by import MADE_BY
from cadran.queries.remembered import until_written
from cadran.rules.vocabulary import DuplicateKind

C = TypeVar("C", bound=Card)
KINDS: dict[DuplicateKind, matching.Kind[Any]] = {"customers": CUSTOMERS, "contacts": CONTACTS}
FACT, PLACE = "duplicates", "place"  # of the marks; a customer whose contacts are meant
MOST = 2000  # records compared beside what is kept; beyond, all are
LARGE = 300_000  # records that a question may have compared; more take minutes
REMEMBERED = 32  # states of the records whose pairs are remembered while nothing is kept
_MOMENT = timedelta(microseconds=1)


@dataclass(slots=True)
class Told:
    """A card as it is compared, from ``since`` on and before ``until``."""

    row: Keyed
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Found:
    pair: Pair
    since: datetime
    until: datetime


# Who has a key: of those that many had once, few have it now, so the two have an index each.
NOW = "k.until = 'infinity'"
STILL = f"{NOW} AND k.since < p.until"
BEFORE = "k.until < 'infinity' AND k.since < p.until AND p.since < k.until"
# The nearest by name on either side.
_NEAR = """
SELECT DISTINCT p.n, near.record
FROM unnest(:ns, :keys, :places, :records, :since, :until) AS p (n, key, place, record, since, until), LATERAL (
    (SELECT k.record FROM duplicate_keys k WHERE k.key = p.key AND {having} AND {others}
        AND (k.place, k.record) < (p.place COLLATE "C", p.record) ORDER BY k.place DESC, k.record DESC LIMIT {reach})
    UNION ALL
    (SELECT k.record FROM duplicate_keys k WHERE k.key = p.key AND {having} AND {others}
        AND (k.place, k.record) > (p.place COLLATE "C", p.record) ORDER BY k.place, k.record LIMIT {reach})
) AS near
"""
_OTHERS = "k.record NOT IN (SELECT unnest(CAST(:without AS uuid[])))"
_TYPES: dict[str, Any] = {
    "ns": Integer,
    "keys": BigInteger,
    "places": Text,
    "records": Uuid,
    "since": DateTime(timezone=True),
    "until": DateTime(timezone=True),
}


async def near(
    session: AsyncSession, told: Sequence[Told], having: str, without: Collection[UUID] | None = None
) -> set[tuple[int, UUID]]:
    """By the place of a card among ``told``, those near it by one of its keys as kept, but for ``without``."""
    probes = [(n, key, each) for n, each in enumerate(told) for key in each.row.keys]
    if not probes:
        return set()
    # One record may have been there under several names.
    reach = 4 * REACH if having == BEFORE else REACH
    others = "k.record <> p.record" + (f" AND {_OTHERS}" if without else "")
    statement = text(_NEAR.format(having=having, others=others, reach=reach)).bindparams(
        *(bindparam(name, type_=ARRAY(kind)) for name, kind in _TYPES.items())
    )
    values: dict[str, Any] = {
        "ns": [n for n, _, _ in probes],
        "keys": [key for _, key, _ in probes],
        "places": [each.row.place for *_, each in probes],
        "records": [each.row.id for *_, each in probes],
        "since": [each.since for *_, each in probes],
        "until": [each.until for *_, each in probes],
    }
    if without:
        statement = statement.bindparams(bindparam("without", type_=ARRAY(Uuid)))
        values["without"] = list(without)
    return {(row.n, row.record) for row in await session.execute(statement, values)}


async def cards(session: AsyncSession, kind: DuplicateKind, records: Collection[UUID]) -> dict[UUID, list[Told]]:
    """The cards of these records, as kept, one after the other."""
    card, found = duplicate_cards.c, dict[UUID, list[Told]]()
    columns = (card.record, card.place, card["keys"].label("shared"), card.told, card.since, card.until)
    statement = select(*columns).where(card.record == any_(array_of(records, Uuid)), card.kind == kind)
    form = KINDS[kind].form
    for row in await session.execute(statement.order_by(card.since)) if records else ():
        read = form.read(row.record, row.place, row.shared, row.told)
        found.setdefault(row.record, []).append(Told(read, aware(row.since), aware(row.until)))
    return found


def aware(when: datetime) -> datetime:
    """The driver reads both infinities without a zone."""
    return when if when.tzinfo else when.replace(tzinfo=NEVER.tzinfo)


async def compared(
    session: AsyncSession, kind: DuplicateKind, told: Sequence[Told], found: Iterable[tuple[int, UUID]]
) -> set[Found]:
    """The pairs these make with the kept cards near them that have a key of theirs, for as long as both stand."""
    found = list(found)
    kept = await cards(session, kind, {record for _, record in found})
    both = ((told[n], other) for n, record in found for other in kept.get(record, ()))
    return await in_thread(session, _weighed, KINDS[kind], both)


def _weighed(how: matching.Kind[Any], both: Iterable[tuple[Told, Told]]) -> set[Found]:
    found = set()
    for one, other in both:
        since, until = max(one.since, other.since), min(one.until, other.until)
        if since < until and not set(one.row.keys).isdisjoint(other.row.keys):
            pair = how.pair(one.row, other.row)
            if pair is not None:
                found.add(Found(pair, since, until))
    return found


# Who is asked for


def _documents(kind: DuplicateKind, moment: datetime | None) -> tuple[Select[Any], Any]:
    """The cards at a moment, and the column of their ids."""
    customer = at(Customer, moment)
    if kind == "customers":
        cards = select(*(customer.c[name] for name in CustomerCard.__slots__)).where(real(customer))
        return cards, customer.c.id
    rows = at(Contact, moment)
    own = ("id", "first_name", "last_name", "email", "phone", "mobile", "customer_id")
    theirs = (customer.c.name.label("company"), customer.c.street, customer.c.postal_code, customer.c.city)
    cards = (
        select(*(rows.c[name] for name in own), *theirs)
        .select_from(rows.outerjoin(customer, customer.c.id == rows.c.customer_id))
        .where(rows.c.merged_into_id.is_(None), real(customer, rows.c.customer_id))
    )
    return cards, rows.c.id


async def marked(session: AsyncSession, kind: DuplicateKind, most: int = MOST) -> frozenset[UUID] | None:
    """The records written since they were made; None: too many to tell."""
    marks = stale_totals.c
    statement = select(marks.kind, marks.key).where(marks.fact == FACT).distinct().limit(most + 1)
    rows = (await session.execute(statement)).all()
    if len(rows) > most or any(row.kind == "all" for row in rows):
        return None
    found = [row.key for row in rows if row.kind == kind]
    customers = [row.key for row in rows if row.kind == PLACE]
    if kind == "contacts" and customers:
        found.extend((await session.execute(contacts_of(customers).limit(most + 1))).scalars())
    return None if len(found) > most else frozenset(found)


def contacts_of(customers: Collection[UUID]) -> Any:
    """The contacts on whose cards these customers have told, at any time, or tell now."""
    whom, cards = array_of(customers, Uuid), duplicate_cards.c
    now = select(Contact.id).where(Contact.customer_id == any_(whom))
    return now.union(select(cards.record).where(cards.customer == any_(whom)))


async def _version(session: AsyncSession, kind: DuplicateKind) -> str | None:
    """Names what is kept as a whole; None while it is not made. It is another one once it is made anew."""
    kinds = duplicate_kinds.c
    made = select(text("CAST(xmin AS text)")).select_from(duplicate_kinds)
    found = await session.execute(made.where(kinds.kind == kind, kinds.made_by == MADE_BY, kinds.done))
    version: str | None = found.scalar_one_or_none()
    return version


async def _kept(session: AsyncSession, kind: DuplicateKind, moment: datetime | None) -> list[Pair] | None:
    """The pairs as kept, but those of the records under a mark, which are compared now."""
    version = await _version(session, kind)
    whom = None if version is None else await marked(session, kind)
    if whom is None:
        return None
    when = NEVER - _MOMENT if moment is None else moment
    pairs, others = duplicate_pairs.c, array_of(whom, Uuid)
    standing = select(pairs.first, pairs.second, pairs.score, pairs.reasons).where(
        pairs.kind == kind,
        pairs.since <= when,
        pairs.until > when,
        pairs.first != all_(others),
        pairs.second != all_(others),
    )
    found = {Pair(row.first, row.second, row.score, tuple(row.reasons)) for row in await session.execute(standing)}
    if whom:
        (documents, record), how = _documents(kind, moment), KINDS[kind]
        rows = await session.execute(documents.where(record == any_(others)))
        told = [Told(how.keyed(how.card(*row)), when, when + _MOMENT) for row in rows]
        found.update(each for one, other in neighbours([each.row for each in told]) if (each := how.pair(one, other)))
        for having in (NOW,) if moment is None else (STILL, BEFORE):
            beside = await near(session, told, having, whom)
            found.update(each.pair for each in await compared(session, kind, told, beside))
    return surest_first(found) if await _version(session, kind) == version else None


# While nothing is kept


class Finder(Generic[C]):
    """One process's memory of what it found: the same records are not compared twice, whoever asks."""

    def __init__(self, kind: matching.Kind[C]) -> None:
        self._kind, self._lock = kind, Lock()
        self._found: OrderedDict[Hashable, list[Pair]] = OrderedDict()

    def known(self, mark: Hashable) -> list[Pair] | None:
        return self._found.get(mark)

    def find(self, mark: Hashable, cards: list[C]) -> list[Pair]:
        """Blocks until done: call it in a thread."""
        with self._lock:
            found = self._found.get(mark)
            if found is None:
                found = self._found[mark] = self._kind.pairs(cards)
                if len(self._found) > REMEMBERED:
                    self._found.popitem(last=False)
            return found


_finders: dict[DuplicateKind, Finder[Any]] = {name: Finder(kind) for name, kind in KINDS.items()}


async def _all_compared(session: AsyncSession, kind: DuplicateKind, moment: datetime | None) -> list[Pair]:
    (statement, _), finder = _documents(kind, moment), _finders[kind]
    inner = statement.subquery()
    hashed = func.hashtextextended(cast(tuple_(*inner.c), Text), 0, type_=BigInteger)
    mark: tuple[Any, ...] = tuple(
        (await session.execute(select(func.count(), func.sum(hashed)).select_from(inner))).one()
    )
    found = finder.known(mark)
    if found is not None:
        return found
    if mark[0] > LARGE:
        raise Problem("overloaded", "Which records look like one is being found out, in the background.")
    whole = [KINDS[kind].card(*row) for row in await session.execute(statement)]
    return await in_thread(session, finder.find, mark, whole)


async def look_alikes(session: AsyncSession, kind: DuplicateKind, moment: datetime | None = None) -> list[Pair]:
    """Every pair found, dismissed or not, the surest first."""

    async def found() -> list[Pair]:
        kept = await _kept(session, kind, moment)
        return await _all_compared(session, kind, moment) if kept is None else kept

    return await until_written(session, ("look-alikes", kind, moment), ("customers", "contacts"), found)


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
