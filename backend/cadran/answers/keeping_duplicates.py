"""Which customers and contacts look like one: made behind the writes, and verified (ADR 10)."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.matching import REACH, Pair
from cadran.kit.threads import in_thread
from cadran.models import Change, Contact, Customer
from cadran.models.duplicates import duplicate_cards, duplicate_keys, duplicate_kinds, duplicate_pairs
from cadran.models.totals import stale_totals
from cadran.queries.ask import array_of
from cadran.queries.card_versions import versions
from cadran.queries.duplicates import FACT, KINDS, Found, Told, aware, compared, contacts_of, marked
from cadran.queries.made_by import MADE_BY
from cadran.rules.vocabulary import DuplicateKind

AT_ONCE, MANY = 1000, 20_000  # records; the first in a service, with a pause soon
LOCK = 7_205_759_406
MODELS: dict[DuplicateKind, Any] = {"customers": Customer, "contacts": Contact}
TABLES = (duplicate_cards, duplicate_keys, duplicate_pairs)


async def keep_duplicates(session: AsyncSession, at_once: int = AT_ONCE) -> bool:
    """One step, in the session's transaction: compares again the records marked longest, then some of those not made
    yet. Returns whether there is more to do. Does nothing while another process is at it.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one():
        return False
    kinds, marks = duplicate_kinds.c, stale_totals.c
    made = (await session.execute(select(kinds.kind).where(kinds.made_by == MADE_BY))).scalars().all()
    oldest = select(marks.id, marks.kind, marks.key).where(marks.fact == FACT).order_by(marks.id).limit(at_once)
    rows = (await session.execute(oldest)).all()
    anew = select(marks.id).where(marks.fact == FACT, marks.kind == "all")
    if len(made) < len(KINDS) or (await session.execute(anew.limit(1))).first():
        await _begin(session)
        return True
    if rows:
        customers = frozenset(row.key for row in rows if row.kind == "customers")
        contacts = frozenset(row.key for row in rows if row.kind == "contacts")
        theirs = frozenset((await session.execute(contacts_of(customers))).scalars()) if customers else frozenset()
        await make(session, "customers", customers)
        await make(session, "contacts", contacts | theirs)
        await session.execute(text("DELETE FROM stale_totals WHERE id = ANY(:ids)"), {"ids": [row.id for row in rows]})
    return await _next(session, at_once) or len(rows) == at_once


async def _begin(session: AsyncSession) -> None:
    """Nothing is made. All marks are told by what is to be made."""
    await session.execute(text("SET LOCAL lock_timeout = '2s'"))
    await session.execute(text(f"TRUNCATE {', '.join(table.name for table in TABLES)}"))
    await session.execute(delete(duplicate_kinds))
    await session.execute(insert(duplicate_kinds), [{"kind": kind, "made_by": MADE_BY} for kind in KINDS])
    await session.execute(delete(stale_totals).where(stale_totals.c.fact == FACT))


async def _next(session: AsyncSession, at_once: int) -> bool:
    """Makes some more records of the first kind that is not done; False when both are."""
    kinds = duplicate_kinds.c
    undone = select(kinds.kind, kinds.upto).where(~kinds.done).order_by(kinds.kind).limit(1)
    row = (await session.execute(undone)).one_or_none()
    if row is None:
        return False
    model: Any = MODELS[row.kind]
    after = select(model.id).order_by(model.id).limit(at_once)
    if row.upto is not None:
        after = after.where(model.id > row.upto)
    records = (await session.execute(after)).scalars().all()
    await make(session, row.kind, records)
    progress = update(duplicate_kinds).where(kinds.kind == row.kind)
    if len(records) == at_once:
        await session.execute(progress.values(upto=records[-1]))
        return True
    await make(session, row.kind, await _deleted(session, model))
    await session.execute(progress.values(done=True))
    return True


async def _deleted(session: AsyncSession, model: Any) -> Sequence[UUID]:
    """Those of days gone by."""
    gone = select(Change.record_id).where(Change.resource == model.__tablename__, Change.operation == "delete")
    there = select(model.id).where(model.id == Change.record_id).exists()
    return (await session.execute(gone.where(~there).distinct())).scalars().all()


async def make(session: AsyncSession, kind: DuplicateKind, records: Collection[UUID]) -> None:
    """Makes again what these records' cards are and whom they look like."""
    if not records:
        return
    whom = array_of(records, Uuid)
    keys, cards, pairs = duplicate_keys.c, duplicate_cards.c, duplicate_pairs.c
    each = select(func.unnest(cards["keys"]).label("key"), cards.place, cards.record).where(cards.record == any_(whom))
    gone = each.subquery()
    await session.execute(
        delete(duplicate_keys).where(keys.key == gone.c.key, keys.place == gone.c.place, keys.record == gone.c.record)
    )
    await session.execute(delete(duplicate_cards).where(cards.record == any_(whom)))
    await session.execute(delete(duplicate_pairs).where(or_(pairs.first == any_(whom), pairs.second == any_(whom))))
    told = await _told(session, kind, records)
    found = await compared(session, kind, told, ())
    driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection

    async def copy(table: str, rows: Collection[tuple[Any, ...]]) -> None:
        await driver.copy_records_to_table(table, records=rows)

    await copy("duplicate_cards", [_card(kind, each) for each in told])
    await copy("duplicate_keys", {(key, each.row.place, each.row.id) for each in told for key in each.row.keys})
    await copy("duplicate_pairs", [_row(kind, each) for each in found])


async def _told(session: AsyncSession, kind: DuplicateKind, records: Collection[UUID]) -> list[Told]:
    spans, keyed = await versions(session, kind, records), KINDS[kind].keyed
    return await in_thread(session, lambda: [Told(keyed(each.card), each.since, each.until) for each in spans])


def _card(kind: str, told: Told) -> tuple[Any, ...]:
    row = told.row
    return kind, row.id, told.since, told.until, row.place, list(row.keys), row.told(), row.leans_on


def _row(kind: str, found: Found) -> tuple[Any, ...]:
    pair = found.pair
    return kind, pair.first, pair.second, found.since, found.until, pair.score, list(pair.reasons)


async def differences(session: AsyncSession) -> int:
    """How many cards and pairs kept, of records under no mark, are not what the records and the log make; 0, or
    something is wrong. Of a key that many share only neighbours are compared, those there were at the time.
    """
    wrong = 0
    for row in (await session.execute(select(duplicate_kinds).where(duplicate_kinds.c.done))).all():
        under = await marked(session, row.kind)
        if under is None or row.made_by != MADE_BY:
            continue
        model: Any = MODELS[row.kind]
        there = (await session.execute(select(model.id).order_by(model.id))).scalars().all()
        everyone = [each for each in [*there, *await _deleted(session, model)] if each not in under]
        for start in range(0, len(everyone), AT_ONCE):
            wrong += await _differing(session, row.kind, everyone[start : start + AT_ONCE], under)
    return wrong


async def _differing(
    session: AsyncSession, kind: DuplicateKind, records: Sequence[UUID], under: frozenset[UUID]
) -> int:
    whom, cards, pairs = array_of(records, Uuid), duplicate_cards.c, duplicate_pairs.c
    told = await _told(session, kind, records)
    card = (cards.record, cards.since, cards.until, cards.place, cards["keys"].label("shared"), cards.told)
    rows = await session.execute(select(*card).where(cards.record == any_(whom)))
    kept = {(r.record, aware(r.since), aware(r.until), r.place, tuple(r.shared), r.told) for r in rows}
    wrong = len({(t.row.id, t.since, t.until, t.row.place, t.row.keys, t.row.told()) for t in told} ^ kept)
    theirs = or_(pairs.first == any_(whom), pairs.second == any_(whom))
    pair = (pairs.first, pairs.second, pairs.since, pairs.until, pairs.score, pairs.reasons)
    found = {
        Found(Pair(r.first, r.second, r.score, tuple(r.reasons)), aware(r.since), aware(r.until))
        for r in await session.execute(select(*pair).where(pairs.kind == kind, theirs))
    }
    made = set(await compared(session, kind, told, records))
    odd = {each for each in made ^ found if under.isdisjoint((each.pair.first, each.pair.second))}
    return wrong + sum([not await _crowded(session, each) for each in odd])


async def _crowded(session: AsyncSession, found: Found) -> bool:
    """Whether the two share no key that few others have."""
    few = text(f"""
        SELECT count(*) FROM (
            SELECT unnest(keys) AS key FROM duplicate_cards WHERE record = :first
            INTERSECT SELECT unnest(keys) FROM duplicate_cards WHERE record = :second
        ) shared WHERE (SELECT count(DISTINCT record) FROM duplicate_keys k WHERE k.key = shared.key) <= {REACH}
    """)
    both = {"first": found.pair.first, "second": found.pair.second}
    return not (await session.execute(few, both)).scalar_one()
