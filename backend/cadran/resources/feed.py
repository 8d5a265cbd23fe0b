"""The change feed: what became of each record a caller may see, in the order of the commits.

One item tells of one record in one transaction, its lines included. It carries the record as the caller reads it now,
or none when it is gone or out of sight: so a copy that stores what comes and drops what does not is exact, wherever it
stopped reading. A record that enters or leaves sight because another one changed hands (a customer given to another rep
takes its documents along) has its item too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Numeric, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.resource import Resource
from cadran.kit.types import rfc3339
from cadran.models import Invoice, Order, OrderLine, Visit
from cadran.queries import log
from cadran.queries.log import Place
from cadran.resources.entries import Entry, entries_of, tables_of
from cadran.resources.registry import BY_NAME
from cadran.rules.principal import Principal

CHUNKS, CHUNK = 20, 1000  # how far one request looks for items among changes the caller does not see
LAST = 2**63 - 1
Item = dict[str, Any]
# What decides who sees a record, and with it those seen through it.
SIGHT = frozenset({"owner_id", "rep_id", "team_id", "customer_id"})
_OF_CUSTOMER = (
    "contacts", "opportunities", "quotes", "orders", "invoices", "visits", "interactions", "tasks", "service-requests",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """``place``: where to read on. ``more``: there may be more already."""

    items: list[Item]
    place: Place
    more: bool


def allowed(who: Principal) -> frozenset[str]:
    """The resources whose changes a caller may be told of: those the key may read."""
    return frozenset(name for name in BY_NAME if who.allows(name, "read"))


async def page(session: AsyncSession, who: Principal, after: Place, names: frozenset[str], limit: int) -> Page:
    """At most ``limit`` items after a place; more only when a record changed hands with what hangs on it.

    It holds fewer, or none, though there is more, when the caller sees little of what was changed.
    """
    items: list[Item] = []
    place, most = after, min(CHUNK, 4 * limit + 50)
    for _ in range(CHUNKS):
        rows = await log.read(session, place, tables_of(names), most)
        entries = await entries_of(session, rows, names, place)
        for entry, found in zip(entries, await items_of(session, who, entries, place, names), strict=True):
            if found and len(items) >= limit:
                before = rows[entry.first - 1] if entry.first else None
                return Page(items, Place(before.xid, before.seq) if before else place, True)
            items += found
        if rows:
            place = Place(rows[-1].xid, rows[-1].seq)
        if len(rows) < most:
            return Page(items, place, False)
    return Page(items, place, True)


async def items_of(
    session: AsyncSession, who: Principal, entries: list[Entry], after: Place, names: frozenset[str]
) -> list[list[Item]]:
    """The items of each entry read after a place, in the same order."""
    shown: dict[UUID, Item] = {}
    for name, same in by_resource(entries).items():
        keys = {entry.key for entry in same}
        shown |= await _records(session, who, BY_NAME[name], BY_NAME[name].table.c.id.in_(keys))
    hidden = [entry for entry in entries if entry.key not in shown and entry.own]
    told = await _told_of(session, who, hidden, after)
    found: list[list[Item]] = []
    for entry in entries:
        items = []
        if entry.key in shown:
            operation = "create" if entry.made else "update"
            items.append(_item(entry, operation, shown[entry.key], _fields(entry, who)))
        elif id(entry) in told:
            items.append(_item(entry, told[id(entry)], None, []))
        if not who.sees_all and entry.resource.name in HANGING and not entry.changed().isdisjoint(SIGHT):
            items += await _moved(session, who, entry, names)
        found.append(items)
    return found


def by_resource(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries by the name of their resource."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.resource.name, []).append(entry)
    return found


async def _records(
    session: AsyncSession, who: Principal, resource: Resource, condition: ColumnElement[bool]
) -> dict[UUID, Item]:
    return await resource.records(session, who, condition)


async def _told_of(session: AsyncSession, who: Principal, entries: list[Entry], after: Place) -> dict[int, str]:
    """What to say of records the caller does not see now, by entry: nothing of those not seen at the time either."""
    if who.sees_all:
        return {id(entry): "delete" if entry.removed else "create" if entry.made else "update" for entry in entries}
    found: dict[int, str] = {}
    for name, same in by_resource(entries).items():
        images = [(entry, image) for entry in same for image in (entry.before, entry.after) if image is not None]
        maybe = await log.seen_since(session, BY_NAME[name].model, who, [image for _, image in images], after)
        suspects: dict[int, dict[int, Entry]] = {}
        for entry in (images[each][0] for each in maybe):
            suspects.setdefault(entry.place.xid, {})[id(entry)] = entry
        for xid, together in suspects.items():
            then = await _seen(session, who, together, "before", Place(xid, 0))
            later = await _seen(session, who, together, "after", Place(xid, LAST))
            for key in then | later:
                found[key] = "delete" if key not in later else "create" if together[key].made else "update"
    return found


async def _seen(session: AsyncSession, who: Principal, entries: dict[int, Entry], side: str, place: Place) -> set[int]:
    """Keys of the entries whose row, ``before`` or ``after`` the transaction, the caller saw at the place."""
    states = [(key, getattr(entry, side)) for key, entry in entries.items() if getattr(entry, side) is not None]
    model = next(iter(entries.values())).resource.model
    return {states[each][0] for each in await log.seen_at(session, model, who, [image for _, image in states], place)}


def _fields(entry: Entry, who: Principal) -> list[str]:
    """The fields an update changed; to who may not see amounts, no amount's name."""
    if entry.made:
        return []
    read, columns = entry.resource.read.model_fields, entry.resource.table.c
    changed = {name for name in entry.changed() if name in read} - {"version", "updated_at"}
    if not who.sees_amounts:
        changed = {name for name in changed if not isinstance(columns[name].type, Numeric)}
    return sorted(changed | entry.shown)


def _item(entry: Entry, operation: str, record: Item | None, fields: list[str]) -> Item:
    known = record or orjson.loads(entry.before or entry.after or "{}")
    return {
        "resource": entry.resource.name,
        "id": str(entry.key),
        "external_id": known.get("external_id"),
        "operation": operation,
        "at": rfc3339(entry.at),
        "fields": fields,
        "record": record,
    }


def _lines_of(condition: ColumnElement[bool]) -> Any:
    return select(OrderLine.id).join(Order, Order.id == OrderLine.order_id).where(condition)


def _column(resource: str, name: str) -> Any:
    return BY_NAME[resource].table.c[name]


# What is seen through a record: conditions on the tables that hang on it.
HANGING: dict[str, Any] = {
    "customers": lambda key: {
        **{name: _column(name, "customer_id") == key for name in _OF_CUSTOMER},
        "deliveries": _column("deliveries", "order_line_id").in_(_lines_of(Order.customer_id == key)),
        "payments": _column("payments", "invoice_id").in_(select(Invoice.id).where(Invoice.customer_id == key)),
        "visit-reports": _column("visit-reports", "visit_id").in_(select(Visit.id).where(Visit.customer_id == key)),
    },
    "orders": lambda key: {"deliveries": _column("deliveries", "order_line_id").in_(_lines_of(Order.id == key))},
    "invoices": lambda key: {"payments": _column("payments", "invoice_id") == key},
    "visits": lambda key: {"visit-reports": _column("visit-reports", "visit_id") == key},
}


async def _moved(session: AsyncSession, who: Principal, entry: Entry, names: frozenset[str]) -> list[Item]:
    """Items of what came into the caller's sight, or left it, with the entry's record."""
    found = []
    before, after = Place(entry.place.xid, 0), Place(entry.place.xid, LAST)
    for name, condition in HANGING[entry.resource.name](entry.key).items():
        if name not in names:
            continue
        resource = BY_NAME[name]
        hanging = set((await session.execute(select(resource.table.c.id).where(condition))).scalars())
        # What hung there at the time may be gone by now, or hang elsewhere: it left with this change if it did then.
        since = await log.left(session, resource.table.name, after) - hanging
        shown = await _records(session, who, resource, resource.table.c.id.in_(hanging))
        then = await _states_seen(session, who, resource, hanging | since, before)
        later = await _states_seen(session, who, resource, since & set(then), after)
        for key in sorted(hanging | since):
            about = Entry(0, entry.place, entry.at, resource, key)
            if key in shown and key not in then:
                found.append(_item(about, "update", shown[key], []))
            elif key in then and key not in shown and key not in later:
                gone = _item(about, "delete", None, [])
                found.append(gone | {"external_id": orjson.loads(then[key]).get("external_id")})
    return found


async def _states_seen(
    session: AsyncSession, who: Principal, resource: Resource, keys: set[UUID], place: Place
) -> dict[UUID, str]:
    """Those of the records that the caller saw at the place, as their rows stood then."""
    if not keys:
        return {}
    states = list((await log.states(session, resource.table.name, keys, place)).items())
    seen = await log.seen_at(session, resource.model, who, [state for _, state in states], place)
    return {states[each][0]: states[each][1] for each in seen}
