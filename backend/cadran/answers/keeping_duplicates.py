"""Which customers and contacts look like one: made behind the writes, and verified (ADR 10)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Uuid, any_, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.matching import REACH, Pair
from cadran.kit.threads import in_thread
from cadran.models import Change, Contact, Customer
from cadran.models.duplicates import duplicate_cards, duplicate_keys, duplicate_kinds, duplicate_pairs
from cadran.models.totals import stale_totals
from cadran.queries.ask import array_of
from cadran.queries.card_versions import NEVER, versions
from cadran.queries.duplicates import (
    BEFORE,
    FACT,
    KINDS,
    NOW,
    PLACE,
    STILL,
    Found,
    Told,
    aware,
    cards,
    compared,
    contacts_of,
    marked,
    near,
)
from cadran.queries.made_by import MADE_BY
from cadran.rules.vocabulary import DuplicateKind

AT_ONCE, MANY = 1000, 20_000  # records; the first in a service, with a pause soon
LOCK = 7_205_759_407
MODELS: dict[DuplicateKind, Any] = {"customers": Customer, "contacts": Contact}
TABLES = (duplicate_cards, duplicate_keys, duplicate_pairs)
Key = tuple[int, str, UUID, datetime, datetime]


async def keep_duplicates(session: AsyncSession, at_once: int = AT_ONCE) -> bool:
    """One step, in the session's transaction: compares again the records marked longest, then ``at_once`` of those not
    made yet. Returns whether there is more to do. Does nothing while another process is at it.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(LOCK)))).scalar_one():
        return False
    kinds, marks = duplicate_kinds.c, stale_totals.c
    made = (await session.execute(select(kinds.made_by))).scalars().all()
    anew = select(marks.id).where(marks.fact == FACT, marks.kind == "all").limit(1)
    if made and (set(made) != {MADE_BY} or (await session.execute(anew)).first()):
        await session.execute(delete(duplicate_kinds))  # from now on nobody reads the rest
        return True
    if not made:
        await _begin(session)
        return True
    # What one transaction has taken out of a key is walked by all that it looks for there: never very many.
    oldest = (
        select(marks.id, marks.kind, marks.key)
        .where(marks.fact == FACT)
        .order_by(marks.id)
        .limit(min(at_once, AT_ONCE))
    )
    rows = (await session.execute(oldest)).all()
    if rows:
        whom = {kind: {row.key for row in rows if row.kind == kind} for kind in (*KINDS, PLACE)}
        theirs = (await session.execute(contacts_of(whom[PLACE]))).scalars() if whom[PLACE] else ()
        await make(session, "customers", whom["customers"])
        await make(session, "contacts", whom["contacts"].union(theirs))
        await session.execute(text("DELETE FROM stale_totals WHERE id = ANY(:ids)"), {"ids": [row.id for row in rows]})
    return await _next(session, at_once) or len(rows) == min(at_once, AT_ONCE)


async def _begin(session: AsyncSession) -> None:
    """Nothing is made. All marks are told by what is to be made."""
    for table in TABLES:
        await session.execute(delete(table))
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
    everybody = list(records)
    for start in range(0, len(everybody), MANY):
        await _make(session, kind, everybody[start : start + MANY])


async def _make(session: AsyncSession, kind: DuplicateKind, records: Sequence[UUID]) -> None:
    now, before = await _told(session, kind, records), await cards(session, kind, records)
    whom = [record for record in records if now.get(record) != before.get(record)]
    if not whom:
        return
    told = [each for record in whom for each in now.get(record, ())]
    keys, had = (
        {key for each in told for key in _keys(each)},
        {key for record in whom for each in before.get(record, ()) for key in _keys(each)},
    )
    card, pairs, those = duplicate_cards.c, duplicate_pairs.c, array_of(whom, Uuid)
    await session.execute(delete(duplicate_cards).where(card.record == any_(those), card.kind == kind))
    await session.execute(delete(duplicate_pairs).where(or_(pairs.first == any_(those), pairs.second == any_(those))))
    await _forget(session, had - keys)
    await _copy(session, duplicate_keys, keys - had)
    await _copy(session, duplicate_cards, [_card(kind, each) for each in told])
    found = await _paired(session, kind, told)
    if beside := await _bereft(session, kind, [each for record in whom for each in before.get(record, ())], keys):
        more = await compared(session, kind, beside, await near(session, beside, NOW))
        found |= more - await _pairs(session, kind, {each.row.id for each in beside})
    await _copy(session, duplicate_pairs, [_row(kind, each) for each in found])


async def _bereft(
    session: AsyncSession, kind: DuplicateKind, before: Iterable[Told], keys: Collection[Key]
) -> list[Told]:
    """Who stands side by side now, as others have left a key that many share. ``keys``: those there are now."""
    held = {(key, record) for key, _, record, _, until in keys if until == NEVER}
    left: list[Told] = []
    for each in before:
        lost = tuple(key for key in each.row.keys if each.until == NEVER and (key, each.row.id) not in held)
        left.extend(Told(replace(each.row, keys=(key,)), each.since, each.until) for key in lost)
    beside: dict[int, set[UUID]] = defaultdict(set)
    for n, record in await near(session, left, NOW):
        beside[n].add(record)
    # Of fewer, each was compared with all.
    records = {record for some in beside.values() if len(some) > 1 for record in some}
    return [each for some in (await cards(session, kind, records)).values() for each in some if each.until == NEVER]


async def _paired(session: AsyncSession, kind: DuplicateKind, told: Sequence[Told]) -> set[Found]:
    """The pairs of these cards, which are kept. What stands now is compared with what stands now, whoever stood between
    before.
    """
    standing = [each for each in told if each.until == NEVER]
    gone = [each for each in told if each.until < NEVER]
    found = set[Found]()
    for some, having in ((standing, NOW), (standing, BEFORE), (gone, STILL), (gone, BEFORE)):
        found |= await compared(session, kind, some, await near(session, some, having))
    return found


def _keys(told: Told) -> Iterable[Key]:
    return ((key, told.row.place, told.row.id, told.since, told.until) for key in told.row.keys)


async def _forget(session: AsyncSession, gone: Collection[Key]) -> None:
    if gone:
        columns = list(duplicate_keys.c)
        arrays = [
            array_of(values, column.type) for column, values in zip(columns, zip(*gone, strict=True), strict=True)
        ]
        those = func.unnest(*arrays).table_valued(*(column.name for column in columns)).render_derived(name="those")
        same = (column == those.c[column.name] for column in columns)
        await session.execute(delete(duplicate_keys).where(*same))


async def _copy(session: AsyncSession, table: Table, rows: Collection[tuple[Any, ...]]) -> None:
    driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table.name, records=rows)


async def _told(session: AsyncSession, kind: DuplicateKind, records: Collection[UUID]) -> dict[UUID, list[Told]]:
    spans, keyed = await versions(session, kind, records), KINDS[kind].keyed

    def made() -> dict[UUID, list[Told]]:
        found: dict[UUID, list[Told]] = {}
        for each in spans:
            found.setdefault(each.card.id, []).append(Told(keyed(each.card), each.since, each.until))
        return found

    return await in_thread(session, made)


async def _pairs(session: AsyncSession, kind: DuplicateKind, records: Collection[UUID]) -> set[Found]:
    pairs, whom = duplicate_pairs.c, array_of(records, Uuid)
    theirs = or_(pairs.first == any_(whom), pairs.second == any_(whom))
    pair = (pairs.first, pairs.second, pairs.since, pairs.until, pairs.score, pairs.reasons)
    return {
        Found(Pair(r.first, r.second, r.score, tuple(r.reasons)), aware(r.since), aware(r.until))
        for r in await session.execute(select(*pair).where(pairs.kind == kind, theirs))
    }


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
    now, before = await _told(session, kind, records), await cards(session, kind, records)
    wrong = sum(now.get(record) != before.get(record) for record in records)
    told = [each for some in now.values() for each in some]
    keys = duplicate_keys.c
    kept = select(*keys).where(keys.record == any_(array_of(records, Uuid)))
    had = {(*row[:3], aware(row[3]), aware(row[4])) for row in await session.execute(kept)}
    wrong += len({key for each in told for key in _keys(each)} ^ had)
    made, found = await _paired(session, kind, told), await _pairs(session, kind, records)
    odd = {each for each in made ^ found if under.isdisjoint((each.pair.first, each.pair.second))}
    # Neighbours may come and go where many share a key. That two look alike, and how much, depends on the two alone.
    alike = odd & made | await compared(session, kind, told, _places(told, odd & found))
    return wrong + len(odd - alike) + sum([not await _crowded(session, each.pair) for each in odd & alike])


def _places(told: Sequence[Told], pairs: Iterable[Found]) -> set[tuple[int, UUID]]:
    """As :func:`near` tells them: the place of each card of one of a pair, and the other."""
    others: dict[UUID, set[UUID]] = defaultdict(set)
    for found in pairs:
        others[found.pair.first].add(found.pair.second)
        others[found.pair.second].add(found.pair.first)
    return {(n, other) for n, each in enumerate(told) for other in others[each.row.id]}


async def _crowded(session: AsyncSession, pair: Pair) -> bool:
    """Whether each key the two share has had more holders than are compared."""
    few = text(f"""
        SELECT bool_and((SELECT count(*) FROM duplicate_keys k WHERE k.key = shared.key) > {REACH}) FROM (
            SELECT unnest(keys) AS key FROM duplicate_cards WHERE record = :first
            INTERSECT SELECT unnest(keys) FROM duplicate_cards WHERE record = :second
        ) shared
    """)
    return bool((await session.execute(few, {"first": pair.first, "second": pair.second})).scalar_one())
