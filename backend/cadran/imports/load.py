"""A file taken in: read, matched, checked row by row by the API's own rules, then written at once, in one go."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.imports.columns import KNOWN_BY, LINE_FILES, Column, lines_of, match, resource_of
from cadran.imports.shapes import Outcome, Record, is_uuid
from cadran.imports.write import write_all
from cadran.kit import tabular
from cadran.kit.children import keep_ids
from cadran.kit.problems import Problem, clean
from cadran.kit.resource import DOORS, MODELS, Write
from cadran.kit.tabular import FileError, Sheet, Stated
from cadran.models import Customer, Invoice, Order, Product, Team, User
from cadran.resources.lookups import forget, remember
from cadran.rules.principal import Principal

Progress = Callable[[str, int, int], None]
MOST_ERRORS = 100_000
CHUNK = 10_000


def _silent(stage: str, done: int, total: int) -> None:
    return None


class _Import:
    def __init__(
        self, session: AsyncSession, who: Principal, name: str, sheet: Sheet, stated: Stated, progress: Progress
    ) -> None:
        self.session, self.who, self.name, self.sheet, self.progress = session, who, name, sheet, progress
        self.resource, self.only_lines = resource_of(name)
        self.child = lines_of(self.resource)
        self.columns = match(name, sheet.header)
        self.outcome = Outcome(name, dry_run=False, rows=len(sheet.rows), format=sheet.format)
        self.mark = tabular.decimal_mark(self._values("decimal"), stated.decimal)
        self.dates = tabular.date_format(self._values("date", "instant"), stated.date_format)
        self.outcome.format |= {"decimal": self.mark, "dates": self.dates}
        self.headers = {(column.field, column.line): column.header for column in self.columns}
        self.read: list[dict[str, Any]] = [{} for _ in self.columns]  # what each column's cells mean: most repeat

    def _values(self, *kinds: str) -> Iterable[Any]:
        for position, column in enumerate(self.columns):
            if column.kind in kinds:
                yield from set(tabular.column(self.sheet.rows, position))

    def refuse(self, line: int, column: str, value: Any, reason: str, remedy: str = "") -> None:
        if len(self.outcome.errors) < MOST_ERRORS:
            shown = None if value is None else clean(str(value), 100)
            entry = {"line": line, "column": column, "value": shown, "reason": reason, "remedy": remedy}
            self.outcome.errors.append(entry)

    # Reading

    async def records(self) -> list[Record]:
        """Rows as records, cells converted, references resolved, lines grouped under their document."""
        references = await self._references()
        grouped = self.child is not None and any(column.line for column in self.columns)
        key = ("external_id", False)
        if (grouped or self.only_lines) and key not in self.headers:
            missing = LINE_FILES[self.name][1] if self.only_lines else "external_id"
            raise FileError(f"Lines are grouped by the document's column {missing!r}, which the file lacks: add it.")
        found: dict[Any, Record] = {}
        for place, (line, cells) in enumerate(self.sheet.rows):
            values, child, good = self._row(line, cells, references)
            external = values.get("external_id")
            if (grouped or self.only_lines) and external is None and good:
                self.refuse(line, self.headers[key], None, "Empty.", "Name the document.")
                good = False
            record = found.setdefault(external if external is not None else ("row", place), Record([]))
            if record.lines and not grouped and not self.only_lines and external is not None:
                self.refuse(
                    line, self.headers[key], external, f"Stands at line {record.lines[0]} too.", "Keep one row."
                )
                good = False
            self._merge(record, line, values, good)
            if grouped or self.only_lines:
                record.children.append(child)
                record.child_lines.append(line)
            record.failed = record.failed or not good
            if place % 2000 == 0:
                self.progress("read", place, len(self.sheet.rows))
                await asyncio.sleep(0)
        self.progress("read", len(self.sheet.rows), len(self.sheet.rows))
        return list(found.values())

    def _merge(self, record: Record, line: int, values: dict[str, Any], good: bool) -> None:
        for name, value in values.items():
            if record.values.setdefault(name, value) != value:
                header = self.headers[name, False]
                self.refuse(
                    line, header, value, f"Differs from line {record.lines[0]} of the same document.", "Repeat it."
                )
                record.failed = True
        record.lines.append(line)

    def _row(
        self, line: int, cells: list[Any], references: Mapping[Column, Mapping[str, UUID]]
    ) -> tuple[dict[str, Any], dict[str, Any], bool]:
        values: dict[str, Any] = {}
        child: dict[str, Any] = {}
        good = True
        if len(cells) > len(self.columns) and any(not tabular.is_blank(cell) for cell in cells[len(self.columns) :]):
            self.refuse(line, "", None, "More cells than columns.", "Check the delimiter and the quotes.")
            good = False
        for column, cell, known in zip(self.columns, cells, self.read, strict=False):
            value = known.get(cell) if isinstance(cell, str) else None
            if value is None:
                if tabular.is_blank(cell):
                    continue
                try:
                    value = self._cell(column, cell, references)
                except ValueError as error:
                    self.refuse(line, column.header, cell, str(error))
                    good = False
                    continue
                if isinstance(cell, str):
                    known[cell] = value
            (child if column.line else values)[column.field] = value
        return values, child, good

    def _cell(self, column: Column, cell: Any, references: Mapping[Column, Mapping[str, UUID]]) -> Any:
        match column.kind:
            case "decimal":
                return tabular.to_decimal(cell, self.mark)
            case "date":
                return tabular.to_date(cell, self.dates)
            case "instant":
                return self._instant(cell)
            case "bool":
                return tabular.to_bool(cell)
            case "int":
                return tabular.to_int(cell)
            case "id":
                try:
                    key = UUID(str(cell).strip())
                except ValueError:
                    raise ValueError("Not an id: write a UUID, or use the column without _id.") from None
                if column in references and key.hex not in references[column]:
                    raise ValueError(f"No such record among {(column.target or '').replace('_', ' ')}.")
                return key
            case "reference":
                found = references[column].get(tabular.to_text(cell).casefold())
                if found is None:
                    raise ValueError(f"No such record among {(column.target or '').replace('_', ' ')}.")
                return found
            case _:
                return tabular.to_text(cell)

    def _instant(self, cell: Any) -> datetime:
        if isinstance(cell, str) and "T" in cell:
            found = datetime.fromisoformat(cell)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return datetime.combine(tabular.to_date(cell, self.dates), time(12), UTC)

    async def _references(self) -> dict[Column, dict[str, UUID]]:
        """For each column that names records: their ids by what they are known by, visible to the caller."""
        found: dict[Column, dict[str, UUID]] = {}
        for position, column in enumerate(self.columns):
            if column.target is None:
                continue
            texts = sorted({tabular.to_text(cell) for cell in tabular.column(self.sheet.rows, position)})
            by_id = column.kind == "id"
            found[column] = await (self._seen(column.target, texts) if by_id else self._known(column.target, texts))
        return found

    async def _seen(self, table_name: str, texts: list[str]) -> dict[str, UUID]:
        """The ids among ``texts`` of records the caller may see."""
        model = MODELS[table_name]
        table: Any = model.__table__
        keys = [UUID(each) for each in texts if is_uuid(each)]
        found: dict[str, UUID] = {}
        for start in range(0, len(keys), CHUNK):
            wanted = table.c.id.in_(keys[start : start + CHUNK])
            rows = await self.session.execute(select(table.c.id).where(wanted, DOORS[model](model, self.who, None)))
            found |= {key.hex: key for key in rows.scalars()}
        return found

    async def _known(self, table_name: str, texts: list[str]) -> dict[str, UUID]:
        model = MODELS[table_name]
        table: Any = model.__table__
        seen = DOORS[model](model, self.who, None)
        found: dict[str, UUID] = {}
        names = [name for name in (KNOWN_BY.get(table_name), "external_id") if name]
        for start in range(0, len(texts), CHUNK):
            part = texts[start : start + CHUNK]
            for name in names:  # the external id comes last, so it wins
                column = table.c[name]
                wanted = [each.lower() for each in part] if name == "email" else part
                rows = await self.session.execute(select(column, table.c.id).where(column.in_(wanted), seen))
                found |= {known.casefold(): key for known, key in rows}
        return found

    # Checking

    async def prepared(self, records: list[Record]) -> list[Write]:
        """The writes of the good records, completed and checked by the resource's own rules."""
        await self._remember(records)
        existing, before = await self._existing(records)
        writes = []
        for place, record in enumerate(records):
            if place % 200 == 0:
                self.progress("check", place, len(records))
                await asyncio.sleep(0)
            if record.failed:
                continue
            stands = existing.get(record.values.get("external_id"))
            if self.only_lines and stands is None:
                header = self.headers["external_id", False]
                self.refuse(
                    record.lines[0], header, record.values["external_id"], "No such document.", "Import it first."
                )
                record.failed = True
                continue
            write = await self._write(record, stands, before)
            if write is None:
                record.failed = True
            else:
                writes.append(write)
        self.progress("check", len(records), len(records))
        return writes

    async def _write(
        self, record: Record, stands: dict[str, Any] | None, before: Mapping[UUID, list[dict[str, Any]]]
    ) -> Write | None:
        resource, child = self.resource, self.child
        body = dict(record.values)
        if "number" in resource.create.model_fields and self.child is not None and body.get("number") is None:
            body["number"] = body.get("external_id")  # the source's own name for it, rather than one of ours
        if record.children and child is not None:
            body[child.field] = record.children
        try:
            if self.only_lines and child is not None and stands is not None:
                return await self._lines_write(record, stands, before)
            given = resource.create.model_validate(body)
            values, children = resource.values_of(given)
            sent = frozenset(given.model_fields_set)
            if child is not None and child.field not in sent:
                children.pop(child.field, None)
            if stands is not None:
                kept = resource.fixed | (resource.completed - sent)
                values = {name: value for name, value in values.items() if name not in kept}
            write = Write(self.session, self.who, resource, values, sent, stands, children, imported=True)
            if stands is not None:
                self._match_children(write, stands, before)
            await resource.prepare(write)
        except ValidationError as error:
            self._refuse_fields(record, error.errors(include_url=False, include_context=False))
            return None
        except Problem as problem:
            self._refuse_problem(record, problem)
            return None
        return write

    async def _lines_write(
        self, record: Record, stands: dict[str, Any], before: Mapping[UUID, list[dict[str, Any]]]
    ) -> Write | None:
        """Lines added to a document, or put in place of those of the same external id."""
        assert self.child is not None  # noqa: S101 - asked for lines only
        (line_model,) = self.resource.create.model_fields[self.child.field].annotation.__args__  # type: ignore[union-attr]
        new = []
        for position, row in enumerate(record.children):
            try:
                new.append(line_model.model_validate(row).model_dump(exclude_unset=True))
            except ValidationError as error:
                errors = error.errors(include_url=False, include_context=False)
                self._refuse_fields(
                    record, [{**each, "loc": (self.child.field, position, *each["loc"])} for each in errors]
                )
                return None
        standing = before.get(stands["id"], [])
        names = {row.get("external_id") for row in new if row.get("external_id")}
        kept = [dict(row) for row in standing if row.get("external_id") not in names]
        write = Write(
            self.session,
            self.who,
            self.resource,
            {},
            frozenset(),
            stands,
            {self.child.field: [*kept, *new]},
            imported=True,
        )
        self._match_children(write, stands, before)
        await self.resource.prepare(write)
        return write

    def _match_children(
        self, write: Write, stands: dict[str, Any], before: Mapping[UUID, list[dict[str, Any]]]
    ) -> None:
        if self.child is not None:
            write.before[self.child.field] = before.get(stands["id"], [])
            keep_ids(self.child, write.children.get(self.child.field) or [], write.before[self.child.field])

    def _refuse_fields(self, record: Record, errors: Iterable[Any]) -> None:
        for error in errors:
            message = str(error["msg"]).removeprefix("Value error, ")
            self._refuse_at(record, error["loc"], error.get("input"), message)

    def _refuse_problem(self, record: Record, problem: Problem) -> None:
        if not problem.errors:
            self.refuse(record.lines[0], "", None, problem.detail)
        for error in problem.errors:
            place = [int(part) if part.isdigit() else part for part in error["pointer"].split("/")[1:]]
            self._refuse_at(record, place, None, error["detail"], error["remedy"])

    def _refuse_at(self, record: Record, place: Any, value: Any, reason: str, remedy: str = "") -> None:
        """A refusal by the place the rules give, as the line and column of the file."""
        name = str(place[0]) if place else ""
        line, inside = record.lines[0], False
        if self.child is not None and name == self.child.field and len(place) > 2:
            position, name, inside = int(place[1]), str(place[2]), True
            offset = max(len(record.children) - len(record.child_lines), 0)
            line = record.child_lines[min(max(position - offset, 0), len(record.child_lines) - 1)]
            value = record.children[min(position, len(record.children) - 1)].get(name, value)
        elif value is None or isinstance(value, dict):
            value = record.values.get(name)
        prefix = f"{self.child.field.removesuffix('s')}_" if inside and self.child and not self.only_lines else ""
        self.refuse(line, self.headers.get((name, inside), prefix + name), value, reason, remedy)

    async def _remember(self, records: list[Record]) -> None:
        await remember(self.session, User)
        await remember(self.session, Team)
        for model, name in ((Customer, "customer_id"), (Order, "order_id"), (Invoice, "invoice_id")):
            keys = {record.values[name] for record in records if record.values.get(name)}
            await remember(self.session, model, keys)
        rows = [row for record in records for row in record.children]
        await remember(self.session, Product, {row["product_id"] for row in rows if row.get("product_id")})

    async def _existing(
        self, records: list[Record]
    ) -> tuple[dict[str | None, dict[str, Any]], dict[UUID, list[dict[str, Any]]]]:
        """Records already there by external id, locked, and their lines."""
        found: dict[str | None, dict[str, Any]] = {}
        before: dict[UUID, list[dict[str, Any]]] = {}
        if not self.resource.has_external_id:
            return found, before
        names = [record.values["external_id"] for record in records if record.values.get("external_id")]
        table = self.resource.table
        for start in range(0, len(names), CHUNK):
            statement = self.resource.selection(self.who).where(table.c.external_id.in_(names[start : start + CHUNK]))
            for row in (await self.session.execute(statement.with_for_update(of=table))).mappings():
                found[row["external_id"]] = dict(row)
        if self.child is not None:
            keys = [row["id"] for row in found.values()]
            inner: Any = self.child.model.__table__
            for start in range(0, len(keys), CHUNK):
                parent = inner.c[self.child.parent]
                rows = select(inner).where(parent.in_(keys[start : start + CHUNK])).order_by(parent, inner.c.position)
                for row in (await self.session.execute(rows)).mappings():
                    before.setdefault(row[self.child.parent], []).append(dict(row))
        return found, before


async def import_file(
    session: AsyncSession,
    who: Principal,
    resource: str,
    data: bytes,
    *,
    file_name: str = "",
    stated: Stated | None = None,
    dry_run: bool = False,
    partial: bool = False,
    progress: Progress = _silent,
) -> Outcome:
    """Takes a file in, in the session's transaction. Raises FileError when it cannot be read at all.

    All or nothing, unless ``partial``: then good documents are taken, each whole or not at all. ``dry_run`` checks all
    and leaves nothing.
    """
    wanted = stated or Stated()
    sheet = await asyncio.to_thread(tabular.read, data, file_name, wanted)
    await session.execute(text("SET LOCAL statement_timeout = '600s'"))
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '600s'"))
    work = _Import(session, who, resource, sheet, wanted, progress)
    outcome = work.outcome
    outcome.dry_run = dry_run
    try:
        records = await work.records()
        writes = await work.prepared(records)
        outcome.refused = sum(len(record.lines) for record in records if record.failed)
        outcome.errors.sort(key=lambda error: error["line"])
        outcome.accepted = not outcome.errors or (partial and bool(writes))
        if outcome.accepted:
            nested = await session.begin_nested()
            counts = await write_all(session, work.resource, work.child, writes, progress)
            outcome.created, outcome.updated, outcome.unchanged = counts
            await (nested.rollback() if dry_run else nested.commit())
    finally:
        forget(session)
    return outcome
