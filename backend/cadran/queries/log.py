"""The change log read in the order of the commits, and who could see what it names.

The order is ``(xid, seq)``, read up to the first transaction still open: before it all have ended, so nothing can
appear any more before a place already read. Timestamps and sequences have no such order: rows committed late would be
missed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, BigInteger, Integer, Row, Text, Uuid, bindparam, column, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.db import Database
from cadran.models import Customer, Invoice, Order, OrderLine, Visit
from cadran.models.log import LEFT
from cadran.queries.visibility import visible
from cadran.rules.principal import Principal


@dataclass(frozen=True, order=True)
class Place:
    """Where one stands in the log: every change up to and with this one is known."""

    xid: int
    seq: int


START = Place(0, 0)
_AFTER = "(c.xid, c.seq) > (CAST(CAST(:xid AS text) AS xid8), :seq)"

# The snapshot's xmin, but for the transactions of other databases of the server, which never write here. One that
# nobody can be found to run counts as ours.
_SETTLED = """c.xid < coalesce((
    SELECT o.xid FROM pg_snapshot_xip(pg_current_snapshot()) AS o(xid) WHERE NOT EXISTS (
        SELECT FROM pg_stat_activity AS a WHERE a.backend_xid = o.xid::xid AND a.datname <> current_database())
    ORDER BY o.xid LIMIT 1
), pg_snapshot_xmax(pg_current_snapshot()))"""

# ``before`` and ``after`` stay JSON text: most are never looked at.
_COLUMNS = """c.xid::text::bigint AS xid, c.seq, c.at, c.resource, c.record_id, c.operation,
        CASE WHEN c.resource = ANY(:wanted) THEN c.before::text END AS before,
        CASE WHEN c.resource = ANY(:wanted) THEN c.after::text END AS after"""
_READ = text(f"""
    SELECT {_COLUMNS} FROM change AS c
    WHERE {_AFTER} AND {_SETTLED}
    ORDER BY c.xid, c.seq LIMIT :most
""").bindparams(bindparam("wanted", type_=ARRAY(Text)))
_LAST = f"""
    SELECT c.xid::text::bigint AS xid, c.seq FROM change AS c
    WHERE {_SETTLED} ORDER BY c.xid DESC, c.seq DESC LIMIT 1
"""
_SEEN = "CAST(CAST(:seen AS text) AS pg_snapshot)"
_NEWS = text(f"""
    SELECT pg_current_snapshot()::text AS snapshot, coalesce(s.xid, 0) AS settled_xid,
        coalesce(s.seq, 0) AS settled_seq, n.*
    FROM (SELECT) AS always LEFT JOIN ({_LAST}) AS s ON true LEFT JOIN (
        SELECT {_COLUMNS} FROM change AS c
        WHERE {_AFTER} AND c.xid >= pg_snapshot_xmin({_SEEN}) AND NOT pg_visible_in_snapshot(c.xid, {_SEEN})
        ORDER BY c.xid, c.seq LIMIT :most
    ) AS n ON true
    ORDER BY n.xid, n.seq
""").bindparams(bindparam("wanted", type_=ARRAY(Text)))
_TOLD = text(f"""
    SELECT c.record_id FROM change AS c
    WHERE c.record_id = ANY(:keys) AND c.xid = CAST(CAST(:of AS text) AS xid8) AND NOT {_AFTER}
""").bindparams(bindparam("keys", type_=ARRAY(Uuid)))
_TOLD_BY = f"""
    SELECT DISTINCT {{key}} FROM change AS c CROSS JOIN LATERAL jsonb_populate_record(
        NULL::{{part}}, coalesce(c.after, c.before)) AS r {{join}}
    WHERE c.xid = CAST(CAST(:of AS text) AS xid8) AND NOT {_AFTER} AND c.resource = '{{part}}'
"""
# The cluster and the table itself: a database restored elsewhere, or over this one, counts its transactions anew.
_IDENTITY = text("SELECT system_identifier::text || '/' || 'change'::regclass::oid FROM pg_control_system()")


def _at(place: Place) -> dict[str, Any]:
    return {"xid": str(place.xid), "seq": place.seq}


async def read(session: AsyncSession, after: Place, wanted: Iterable[str], most: int) -> Sequence[Row[Any]]:
    """The next ``most`` changes of any table; ``before`` and ``after``, JSON text, of the tables ``wanted`` only."""
    return (await session.execute(_READ, {**_at(after), "wanted": list(wanted), "most": most})).all()


@dataclass(frozen=True)
class News:
    """``snapshot``: what had ended when it was read; ``settled``: the newest place then; ``rows``: the changes."""

    snapshot: str
    settled: Place
    rows: list[Any]


def seen_until(place: Place) -> str:
    """The snapshot of who has seen the changes up to a place, but perhaps not all of its transaction."""
    return f"{max(place.xid, 1)}:{max(place.xid, 1)}:"


async def news(database: Database, seen: str, after: Place, wanted: Iterable[str], most: int) -> News:
    """The next ``most`` changes after a place of transactions that had not ended at the snapshot ``seen``.

    They are read as soon as they are committed, though older transactions are still open: who goes on with the new
    snapshot misses none. One round trip.
    """
    found = await database.glance(_NEWS, {**_at(after), "seen": seen, "wanted": list(wanted), "most": most})
    rows = [SimpleNamespace(**row) for row in found if row["xid"] is not None]
    return News(found[0]["snapshot"], Place(found[0]["settled_xid"], found[0]["settled_seq"]), rows)


async def last(session: AsyncSession) -> Place:
    """The newest place."""
    row = (await session.execute(text(_LAST))).one_or_none()
    return START if row is None else Place(row.xid, row.seq)


async def identity(session: AsyncSession) -> str:
    """Which log this is: places of another mean nothing here."""
    return str((await session.execute(_IDENTITY)).scalar_one())


async def told(
    session: AsyncSession, place: Place, keys: set[UUID], parts: Iterable[tuple[str, str, str]]
) -> set[UUID]:
    """Those of these records that the transaction ``place`` lies in had changed by then, itself or in its ``parts``:
    their table, the SQL of the record's id in a row ``r`` of it, and a join it needs.
    """
    of = {**_at(place), "of": str(place.xid)}
    found = set((await session.execute(_TOLD, {**of, "keys": list(keys)})).scalars())
    for part, key, join in parts:
        statement = text(_TOLD_BY.format(part=part, key=key, join=join))
        found |= set((await session.execute(statement, of)).scalars())
    return found & keys


# Records that others are seen through, each after those that name it: (model, column that names it, tables that do).
_WORLD: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (OrderLine, "order_line_id", ()),
    (Order, "order_id", ("order_lines",)),
    (Invoice, "invoice_id", ()),
    (Visit, "visit_id", ()),
    (Customer, "customer_id", ("orders", "invoices", "visits")),
)
# Under the table's own name, the few rows that matter as they stood at a place: before their first change after it. The
# one door, asked in the same statement, then looks into these.
_STOOD = """
SELECT t.* FROM {table} AS t WHERE t.id IN ({keys}) AND NOT EXISTS (
    SELECT FROM change AS c WHERE c.record_id = t.id AND c.resource = '{table}' AND {after})
UNION ALL
SELECT r.* FROM (
    SELECT DISTINCT ON (c.record_id) c.operation, c.before FROM change AS c
    WHERE c.record_id IN ({keys}) AND c.resource = '{table}' AND {after} ORDER BY c.record_id, c.xid, c.seq
) AS c CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, c.before) AS r WHERE c.operation <> 'insert'
"""
# The same rows as they are and in every state since the place: who sees nothing then saw nothing at any time since.
_EVER = """
SELECT t.* FROM {table} AS t WHERE t.id IN ({keys})
UNION ALL
SELECT r.* FROM change AS c CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, c.before) AS r
WHERE c.record_id IN ({keys}) AND c.resource = '{table}' AND c.operation <> 'insert' AND {after}
"""


def _world(form: str, place: Place, named: dict[str, set[UUID]]) -> list[Any]:
    found = []
    for model, name, through in _WORLD:
        table = model.__tablename__
        keys = " UNION ALL ".join([f"SELECT unnest(:{name})", *(f"SELECT {name} FROM {each}" for each in through)])
        statement = text(form.format(table=table, keys=keys, after=_AFTER)).bindparams(
            bindparam(name, list(named[name]), type_=ARRAY(Uuid)),
            bindparam("xid", str(place.xid), type_=Text, unique=True),
            bindparam("seq", place.seq, type_=BigInteger, unique=True),
        )
        found.append(statement.columns(*model.__table__.c).cte(table))
    return found


_STATES = """
SELECT k.id, CASE WHEN c.operation IS NULL THEN to_jsonb(t)::text
    WHEN c.operation <> 'insert' THEN c.before::text END AS state
FROM unnest(:keys) AS k(id) LEFT JOIN {table} AS t ON t.id = k.id LEFT JOIN LATERAL (
    SELECT c.operation, c.before FROM change AS c WHERE c.record_id = k.id AND c.resource = :table AND {after}
    ORDER BY c.xid, c.seq LIMIT 1
) AS c ON true
"""


async def seen_at(session: AsyncSession, model: Any, who: Principal, images: Sequence[str], place: Place) -> set[int]:
    """Positions of the ``images`` (JSON of a row of ``model``) that ``who`` saw when all stood as at ``place``."""
    return await _seen(session, model, who, images, _world(_STOOD, place, _named(images)))


async def seen_since(
    session: AsyncSession, model: Any, who: Principal, images: Sequence[str], place: Place
) -> set[int]:
    """Positions of the ``images`` that ``who`` may have seen at some time since: a superset, found at once for many."""
    return await _seen(session, model, who, images, _world(_EVER, place, _named(images)))


async def named_by(session: AsyncSession, images: Sequence[str], after: Place) -> tuple[set[UUID], set[UUID]]:
    """The people and the teams named by what the images' rows hang on, at any time since a place."""
    if not images:
        return set(), set()
    nobody = literal(None, Uuid)
    owners = [select(model.owner_id, nobody) for model in (Customer, Visit)]
    stamped = [select(model.rep_id, model.team_id) for model in (Order, Invoice, Visit)]
    statement = union_all(*owners, *stamped)
    rows = (await session.execute(statement.add_cte(*_world(_EVER, after, _named(images))))).all()
    return {row[0] for row in rows if row[0]}, {row[1] for row in rows if row[1]}


def _named(images: Sequence[str]) -> dict[str, set[UUID]]:
    named: dict[str, set[UUID]] = {name: set() for _, name, _ in _WORLD}
    for image in map(orjson.loads, images):
        for name, keys in named.items():
            if image.get(name) is not None:
                keys.add(UUID(image[name]))
    return named


async def _seen(session: AsyncSession, model: Any, who: Principal, images: Sequence[str], world: list[Any]) -> set[int]:
    if not images:
        return set()
    table, place = model.__table__, column("place", Integer)
    rows = (
        text(
            "SELECT i.place, r.* FROM jsonb_array_elements(CAST(:images AS jsonb)) WITH ORDINALITY AS i(image, place)"
            f" CROSS JOIN LATERAL jsonb_populate_record(NULL::{table.name}, i.image) AS r"
        )
        .bindparams(bindparam("images", f"[{','.join(images)}]", type_=Text))
        .columns(place, *table.c)
        .subquery()
    )
    statement = select(rows.c.place).where(visible(model, who, rows)).add_cte(*world)
    return {number - 1 for number in (await session.execute(statement)).scalars()}


async def states(session: AsyncSession, table: str, keys: Iterable[UUID], place: Place) -> dict[UUID, str]:
    """The rows of ``table`` as they stood at ``place``, as JSON text; those that were not there are left out."""
    statement = text(_STATES.format(table=table, after=_AFTER)).bindparams(bindparam("keys", type_=ARRAY(Uuid)))
    rows = await session.execute(statement, {**_at(place), "keys": list(keys), "table": table})
    return {row.id: row.state for row in rows if row.state is not None}


async def left(session: AsyncSession, table: str, after: Place) -> set[UUID]:
    """The rows of ``table`` deleted since a place, or moved to another customer, invoice or line."""
    statement = text(f"SELECT c.record_id FROM change AS c WHERE c.resource = :table AND ({LEFT}) AND {_AFTER}")
    return set((await session.execute(statement, {**_at(after), "table": table})).scalars())
