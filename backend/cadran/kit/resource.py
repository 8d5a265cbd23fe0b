"""A resource declared once: list, get, create, merge-patch, delete, replay by external id, export.

To add one: a model (``models/``), a ``Resource`` in ``resources/<name>.py`` with its read and create types, a line in
``resources/registry.py``, a migration. The update type (every field optional, null only where the field may be null),
the query type (from ``filters``) and the routes follow. Rules that need more than a type go in ``prepare``, which sees
the values about to be written and may complete or refuse them; what cannot be said so is a plain route beside it.
Nothing in this file knows a business word.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, create_model
from sqlalchemy import ColumnElement, FromClause, Numeric, delete, func, literal, null, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from cadran.kit.children import Children as Children
from cadran.kit.children import Plain as Plain
from cadran.kit.children import Values as Values
from cadran.kit.children import differs, keep_ids, rows_of, rows_sent, store
from cadran.kit.filters import ListQuery, SearchQuery, predicates, query_model, search
from cadran.kit.paging import Key, encode, gathered, keys, keys_at, page
from cadran.kit.problems import Problem, field_error
from cadran.kit.tables import column_names
from cadran.kit.totals import totals, totals_from
from cadran.kit.types import Instant, Money, Read, StrictModel
from cadran.kit.written import LABELS as LABELS
from cadran.kit.written import Computed, is_plain, record, references
from cadran.rules.principal import Principal


@dataclass
class Write:
    """One write about to happen.

    ``values``: columns to set; ``given``: the names the caller sent; ``existing``: the row as it stands, None for a new
    one; ``children``: the nested rows by field, None when not sent, each with what was sent of it; ``before``: the
    nested rows as they stand. ``removing``: the record is about to be deleted.
    """

    session: AsyncSession
    who: Principal
    resource: "Resource"
    values: Values
    given: frozenset[str]
    existing: Mapping[str, Any] | None = None
    children: dict[str, list[Values] | None] = field(default_factory=dict)
    before: dict[str, list[Plain]] = field(default_factory=dict)
    imported: bool = False
    removing: bool = False

    def now(self, name: str) -> Any:
        """What the column will hold once written."""
        if name in self.values:
            return self.values[name]
        return None if self.existing is None else self.existing[name]

    def changes(self, name: str) -> bool:
        return name in self.values and (self.existing is None or self.values[name] != self.existing[name])


Prepare = Callable[[Write], Awaitable[None]]
Finish = Callable[[Plain], None]
Door = Callable[[Any, Principal, FromClause | None], ColumnElement[bool]]


async def _nothing(write: Write) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """``visible``: the door; ``prepare``: completes or refuses a write; ``touched``: told of what was written or
    deleted; ``computed``: fields shown that are no columns, in SQL; ``named``: labels beyond those of foreign keys;
    ``amounts``: null for who sees none; ``finish``: sets what SQL cannot say in the JSON of a record; ``words``: the
    closed list of a column; ``sort``, ``filters``: columns offered, all of them fields of ``read``; ``sums``: money in
    one currency, told of a whole list beside its count.
    """

    name: str
    model: type[Any]
    read: type[Read]
    create: type[StrictModel]
    visible: Door
    sort: tuple[str, ...]
    default_sort: str
    filters: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Children, ...] = ()
    prepare: Prepare = _nothing
    touched: Prepare = _nothing
    computed: Computed = field(default_factory=dict)
    named: Computed = field(default_factory=dict)
    amounts: frozenset[str] = frozenset()
    finish: Finish | None = None
    sums: Mapping[str, Callable[[Any], ColumnElement[Any]]] = field(default_factory=dict)
    deletable: bool = True
    fixed: frozenset[str] = frozenset()  # set at creation, never changed afterwards
    completed: frozenset[str] = frozenset()  # filled by `prepare` when not sent: a replay that omits them keeps them
    defaulted: frozenset[str] = frozenset()  # those filled even when sent as null: a replay with null keeps them too

    @property
    def table(self) -> Any:
        return self.model.__table__

    @property
    def singular(self) -> str:
        last = self.name.replace("-", "_")
        if last.endswith("ies"):
            return last[:-3] + "y"
        return last[:-1] if last.endswith("s") else last

    @property
    def plural(self) -> str:
        return self.name.replace("-", "_")

    @cached_property
    def update(self) -> type[StrictModel]:
        fields: dict[str, Any] = {}
        for name, info in self.create.model_fields.items():
            if name in self.fixed:
                continue
            optional = info.asdict()
            attributes = {
                key: value for key, value in optional["attributes"].items() if key not in ("default", "default_factory")
            }
            kept: Any = optional["annotation"]
            for extra in optional["metadata"]:
                kept = Annotated[kept, extra]
            fields[name] = (kept, Field(None, **attributes))
        return create_model(self.create.__name__.removesuffix("Create") + "Update", __base__=StrictModel, **fields)

    @cached_property
    def upsert(self) -> type[StrictModel]:
        """What is sent to create or replace by external id: the record, and when its source last changed it."""
        said = Field(None, description="When the source changed it: a push older than the last one changes nothing.")
        name = self.create.__name__.removesuffix("Create") + "Upsert"
        return create_model(name, __base__=self.create, source_updated_at=(Instant | None, said))

    @cached_property
    def query(self) -> type[ListQuery]:
        return query_model(self.create.__name__.removesuffix("Create"), self.table, self.filters, self.words, self.sort)

    @cached_property
    def page(self) -> type[BaseModel]:
        name = self.read.__name__.removesuffix("Read") + "Page"
        items: Any = list[self.read]  # type: ignore[name-defined]
        totals: Any = (dict[str, Money] | None, Field(description="With a whole count: money of the whole list."))
        more: Any = (bool, Field(description="Whether the list holds more than `count`, which is `count_most` then."))
        return create_model(
            name,
            items=(items, ...),
            next_cursor=(str | None, ...),
            count=(int | None, ...),
            count_more=more,
            sums=totals,
        )

    @cached_property
    def columns(self) -> list[Any]:
        """What a write sees of the row as it stands."""
        return [column for column in self.table.c if column.name not in ("search", "password_hash", "key_hash")]

    @property
    def has_external_id(self) -> bool:
        return "external_id" in self.table.c

    # Reading

    @cached_property
    def _bodies(self) -> dict[bool, ColumnElement[bytes]]:
        """The JSON of a row, by whether the caller sees amounts."""
        hidden: Computed = {name: lambda _: null().cast(Numeric) for name in self.amounts}
        computed = {True: self.computed, False: {**self.computed, **hidden}}
        return {sees: record(self.table, self.read, made, self.named, self.children) for sees, made in computed.items()}

    def selection(self, who: Principal) -> Any:
        """Rows the caller may see, as a write needs them."""
        return select(*self.columns).where(self.visible(self.model, who, None))

    def shown(self, who: Principal) -> Any:
        """Records the caller may see: JSON, id and version."""
        return self._written(who).add_columns(self.table.c.id, self.table.c.version)

    def _written(self, who: Principal) -> Any:
        body = self._bodies[who.sees_amounts].label("body")
        return select(body).where(self.visible(self.model, who, None))

    @cached_property
    def _plain(self) -> bool:
        return self.finish is None and is_plain(self.table, self.read)

    def finished(self, body: bytes) -> bytes:
        """The JSON of a record as it is answered."""
        if self._plain:
            return body
        found = orjson.loads(body)
        if self.finish is not None:
            self.finish(found)
        return json_bytes(found)

    async def one(self, session: AsyncSession, who: Principal, condition: ColumnElement[bool]) -> tuple[int, bytes]:
        """Version and JSON of the one visible record. Raises a 404."""
        found = (await session.execute(self.shown(who).where(condition))).one_or_none()
        if found is None:
            raise Problem("not_found")
        return found.version, self.finished(found.body)

    async def records(
        self, session: AsyncSession, who: Principal, condition: ColumnElement[bool]
    ) -> dict[uuid.UUID, Plain]:
        """The JSON of the visible records, in plain Python, by id."""
        rows = await session.execute(self.shown(who).where(condition))
        return {row.id: orjson.loads(self.finished(row.body)) for row in rows}

    async def get(self, session: AsyncSession, who: Principal, key: uuid.UUID) -> Plain:
        """The fields of the visible record, as Python has them. Raises a 404."""
        _, body = await self.one(session, who, self.table.c.id == key)
        return self.read.model_validate_json(body).model_dump()

    async def locked(self, session: AsyncSession, who: Principal, key: uuid.UUID) -> Plain:
        """The visible row, locked until the end of the transaction; without children. Raises a 404."""
        statement = self.selection(who).where(self.table.c.id == key).with_for_update(of=self.table)
        found = (await session.execute(statement)).mappings().one_or_none()
        if found is None:
            raise Problem("not_found")
        return dict(found)

    async def page_of(self, session: AsyncSession, who: Principal, query: ListQuery) -> tuple[list[bytes], Plain]:
        """The JSON of the records of one page, and ``next_cursor``, ``count``, ``count_more`` and ``sums``."""
        base, sort = self._written(who).where(*predicates(query, self.table)), self.sorted(query)
        words = query.q if isinstance(query, SearchQuery) else None
        filtered = search(base, self.table, words) if words else base
        if words and not await _any(session, filtered):
            await session.execute(_RESEMBLING)
            filtered = search(base, self.table, words, typos=True)
        statement = gathered(page(filtered, sort, query.cursor, query.limit))
        found, rest = self.page_from((await session.execute(statement)).mappings().one(), query, sort)
        if query.count:
            counted = await session.execute(totals(self.table, self.sums, filtered, query.count_most))
            rest |= totals_from(self.sums, counted.mappings().one(), query.count_most)
        return found, rest

    def page_from(self, row: Any, query: ListQuery, sort: Sequence[Key]) -> tuple[list[bytes], Plain]:
        """The records of a page and what is told of the list, from the one row of its statement."""
        written: list[bytes] = row["body"] or []
        kept = written[: query.limit]
        cursor = encode(sort, keys_at(row, len(kept) - 1)) if len(written) > query.limit else None
        rest = {"next_cursor": cursor, "count": None, "count_more": False, "sums": None}
        return kept if self._plain else [self.finished(body) for body in kept], rest

    def page_statement(self, who: Principal, query: ListQuery) -> Any:
        """What brings a page of a list without a search text, and its total: one row."""
        filtered = self._written(who).where(*predicates(query, self.table))
        found = gathered(page(filtered, self.sorted(query), query.cursor, query.limit))
        if not query.count:
            return found
        counted, rows = totals(self.table, self.sums, filtered, query.count_most).subquery(), found.subquery()
        return select(*counted.c, *rows.c).select_from(counted.join(rows, true()))

    def page_again(self, row: Any, query: ListQuery, sort: Sequence[Key]) -> tuple[list[bytes], Plain]:
        """As :meth:`page_of`, from the row of :meth:`page_statement`."""
        found, rest = self.page_from(row, query, sort)
        if query.count:
            rest |= totals_from(self.sums, row, query.count_most)
        return found, rest

    def sorted(self, query: ListQuery) -> list[Key]:
        """How the list asked for is sorted. Raises a 422 naming the sorts offered."""
        return keys(self.table, query.sort, self.sort, self.default_sort)

    # Writing

    def values_of(self, given: BaseModel, *, only_sent: bool = False) -> tuple[Values, dict[str, list[Values] | None]]:
        """A body as column values and children."""
        nested = {child.field for child in self.children}
        values = given.model_dump(exclude_unset=only_sent, exclude=nested)
        sent = given.model_dump(exclude_unset=True, include=nested)
        return values, {
            child.field: rows_sent(child, sent.get(child.field))
            for child in self.children
            if not only_sent or child.field in sent
        }

    async def insert(
        self, session: AsyncSession, who: Principal, given: BaseModel, *, imported: bool = False, **fixed: Any
    ) -> uuid.UUID:
        """Creates a record from a body; returns its id."""
        values, children = self.values_of(given)
        write = Write(
            session, who, self, values | fixed, frozenset(given.model_fields_set), children=children, imported=imported
        )
        await self.check_references(write)
        await self.prepare(write)
        key: uuid.UUID = write.values.setdefault("id", uuid7())
        await session.execute(self.table.insert().values(self.own(write.values)))
        for child in self.children:
            await store(session, child, key, write.children.get(child.field) or [], [])
        await self.touched(write)
        return key

    async def change(
        self,
        session: AsyncSession,
        who: Principal,
        existing: Plain,
        values: Values,
        children: dict[str, list[Values] | None] | None = None,
        given: frozenset[str] | None = None,
    ) -> bool:
        """Writes what differs from the row as it stands (read for update); False when nothing does."""
        write = Write(session, who, self, values, given or frozenset(values), existing, children or {})
        await self.check_references(write)
        before = write.before
        for child in self.children:
            before[child.field] = await rows_of(session, child, existing["id"])
            keep_ids(child, write.children.get(child.field) or [], before[child.field])
        await self.prepare(write)
        new = {name: value for name, value in self.own(write.values).items() if value != existing[name]}
        moved = [
            child for child in self.children if differs(child, write.children.get(child.field), before[child.field])
        ]
        if not new and not moved:
            return False
        new["version"] = existing["version"] + 1
        await session.execute(
            self.table.update().where(self.table.c.id == existing["id"]).values(new | {"updated_at": func.now()})
        )
        for child in moved:
            await store(session, child, existing["id"], write.children[child.field] or [], before[child.field])
        await self.touched(write)
        return True

    async def remove(self, session: AsyncSession, who: Principal, existing: Plain) -> None:
        write = Write(session, who, self, {}, frozenset(), existing, removing=True)
        await self.prepare(write)
        await self.touched(write)
        await session.execute(delete(self.table).where(self.table.c.id == existing["id"]))

    def own(self, values: Values) -> Values:
        columns = column_names(self.table)
        return {name: value for name, value in values.items() if name in columns}

    async def check_references(self, write: Write) -> None:
        """Every record named must exist and be visible to the caller. Raises a 422 naming the fields."""
        places: dict[Any, dict[str, uuid.UUID]] = {}
        for column, target in references(self.table):
            if write.changes(column) and write.values[column] is not None:
                places.setdefault(target, {})[f"/{column}"] = write.values[column]
        for child in self.children:
            for column, target in references(child.model.__table__):
                for position, row in enumerate(write.children.get(child.field) or []):
                    if column != child.parent and row.get(column) is not None:
                        place = f"/{child.field}/{position}" + ("" if child.plain else f"/{column}")
                        places.setdefault(target, {})[place] = row[column]
        errors = []
        for target, named in places.items():
            known = await self.known(write, target, set(named.values()))
            unknown = [place for place, key in named.items() if key not in known]
            remedy = "Give the id of a record you may see."
            errors += [field_error(place, "No such record.", remedy, "unknown") for place in unknown]
        if errors:
            raise Problem("validation", f"{errors[0]['pointer']}: {errors[0]['detail']}", errors)

    async def known(self, write: Write, target: Any, named: set[uuid.UUID]) -> set[uuid.UUID]:
        """Those of these ids of ``target`` that the caller may see."""
        model = MODELS.get(target.name)
        seen = literal(True) if model is None or model not in DOORS else DOORS[model](model, write.who, None)
        statement = select(target.c.id).where(target.c.id.in_(named), seen)
        return set((await write.session.execute(statement)).scalars())


# Which model a table is, and its door, so that references are checked through it: filled by the registry.
MODELS: dict[str, type[Any]] = {}
DOORS: dict[type[Any], Door] = {}


async def _any(session: AsyncSession, statement: Any) -> bool:
    found = statement.with_only_columns(literal(1)).limit(1)
    return (await session.execute(found)).first() is not None


# Somewhat under the threshold of ``filters.search``: the index brings a few too many, never one too few.
_RESEMBLING = text("SELECT set_config('pg_trgm.word_similarity_threshold', '0.44', true)")


def json_bytes(data: Any) -> bytes:
    return orjson.dumps(data)
