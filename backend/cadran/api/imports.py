"""Bulk imports over HTTP: the file is the body; the answer says what became of each row."""

import asyncio
import csv
import io
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import null, select
from uuid_utils.compat import uuid7

from cadran.imports import import_file
from cadran.imports.columns import LINE_FILES, columns_of
from cadran.jobs.imports import noting, outcome_columns
from cadran.jobs.queue import IMPORT, enqueue
from cadran.kit.export import safe
from cadran.kit.problems import Problem, documented, invalid
from cadran.kit.routes import KeyPath
from cadran.kit.tabular import FileError, Stated, read
from cadran.kit.types import Instant, ShortText, StrictModel
from cadran.kit.unit import Unit, UnitDep
from cadran.models import ImportFile, ImportJob

router = APIRouter(tags=["imports"])
ERRORS = documented(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
SHOWN = 1000
FILES = (
    "text/csv",
    "application/jsonl",
    "application/x-ndjson",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
FILE_TYPES = frozenset({*FILES, "multipart/form-data"})
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in FILES},
    }
}


class RowError(BaseModel):
    line: int
    column: str
    value: str | None
    reason: str
    remedy: str


class ImportRead(BaseModel):
    """``errors``: the first thousand; ``/imports/{id}/refused.csv`` has them all."""

    id: UUID
    resource: str
    file_name: str | None
    status: Literal["queued", "running", "checked", "done", "partial", "refused", "failed"]
    dry_run: bool
    rows: int
    rows_read: int
    records_checked: int
    rows_written: int = Field(description="Lines of documents included.")
    created: int
    updated: int
    unchanged: int
    refused: int
    format: dict[str, str]
    errors: list[RowError]
    created_at: Instant
    finished_at: Instant | None


class ImportPage(BaseModel):
    items: list[ImportRead]
    next_cursor: str | None


class ImportQuery(StrictModel):
    resource: Annotated[str, Field(min_length=1, max_length=40, description="customers, orders, order-lines …")]
    file_name: ShortText | None = None
    dry_run: Annotated[bool, Field(description="Check all, write nothing.")] = False
    partial: Annotated[bool, Field(description="Take the good rows when others are refused.")] = False
    background: Annotated[bool, Field(description="Answer 202 at once; the import goes on as a job.")] = False
    encoding: Annotated[str | None, Field(max_length=20)] = None
    delimiter: Literal[";", ",", "tab"] | None = None
    date_format: Literal["yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy"] | None = None
    decimal: Literal["point", "comma"] | None = None
    columns: list[Annotated[str, Field(min_length=2, max_length=200, pattern="=")]] = Field(
        default_factory=list,
        max_length=200,
        description="`header=field` for a column in other words, `header=` to leave one out.",
    )


def _may(unit: Unit, resource: str) -> None:
    unit.require("imports", "write")
    unit.require(LINE_FILES.get(resource, (resource,))[0], "write")


async def _uploaded(request: Request) -> tuple[bytes, str]:
    """The file, sent as the body itself or as the one file of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form(max_files=1, max_fields=10) as form:
            for part in form.values():
                if not isinstance(part, str):
                    return await part.read(), part.filename or ""
        raise invalid("/file", "The form holds no file.", "Send one file.")
    names = {"application/jsonl": "rows.jsonl", "application/x-ndjson": "rows.jsonl", "text/csv": "rows.csv"}
    return await request.body(), names.get(kind, "")


@router.post(
    "/imports", operation_id="create_import", status_code=201, response_model=ImportRead,
    responses=ERRORS | {202: {"model": ImportRead, "description": "Queued; Location says where to ask how far it is."}},
    openapi_extra=UPLOAD,
)  # fmt: skip
async def create_import(unit: UnitDep, query: Annotated[ImportQuery, Query()], response: Response) -> Any:
    """Takes a file in: created or updated by external_id, all or nothing unless `partial`."""
    _may(unit, query.resource)
    data, name = await _uploaded(unit.request)
    if query.background:
        job = await _queue(unit, query, data, name)
        response.status_code = 202
        response.headers["Location"] = f"/imports/{job.id}"
        return _shown(job)
    stated = Stated(query.encoding, query.delimiter, query.date_format, query.decimal, query.columns)
    progress: dict[str, int] = {}
    try:
        found = await import_file(
            unit.session, unit.who, query.resource, data, file_name=query.file_name or name, stated=stated,
            dry_run=query.dry_run, partial=query.partial, progress=noting(progress),
        )  # fmt: skip
    except FileError as error:
        raise invalid("/", str(error), "Correct the file, or state the option.") from None
    job = ImportJob(
        id=uuid7(), resource=query.resource, file_name=query.file_name or name or None, dry_run=query.dry_run,
        user_id=_user(unit), **outcome_columns(found, progress),
    )  # fmt: skip
    return _shown(await _added(unit, job))


async def _queue(unit: Unit, query: ImportQuery, data: bytes, name: str) -> ImportJob:
    """The file kept and the job asked for, in one transaction. Raises a 422 on a resource that is none."""
    try:
        columns_of(query.resource)
    except FileError as error:
        raise invalid("?resource", str(error), "Name one of those.") from None
    stated = query.model_dump(include={"encoding", "delimiter", "date_format", "decimal", "columns"})
    options = {"stated": stated, "partial": query.partial, "name": query.file_name or name}
    job = ImportJob(
        id=uuid7(), resource=query.resource, file_name=query.file_name or name or None, status="queued",
        dry_run=query.dry_run, user_id=_user(unit), finished_at=null(),
    )  # fmt: skip
    await _added(unit, job)
    file = ImportFile(import_id=job.id, content=data, options=options, key_id=unit.who.key_id)
    unit.session.add(file)
    await unit.session.flush()
    await enqueue(unit.session, IMPORT, job.id)
    return job


async def _added(unit: Unit, job: ImportJob) -> ImportJob:
    unit.session.add(job)
    await unit.session.flush()
    await unit.session.refresh(job)
    return job


def _user(unit: Unit) -> UUID | None:
    return unit.who.user_id if unit.who.user_id.int else None


def _shown(job: ImportJob) -> dict[str, Any]:
    names = ImportRead.model_fields
    return {name: getattr(job, name) for name in names} | {"errors": job.errors[:SHOWN]}


class ImportsQuery(StrictModel):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: UUID | None = None


@router.get("/imports", operation_id="list_imports", response_model=ImportPage, responses=ERRORS)
async def list_imports(unit: UnitDep, query: Annotated[ImportsQuery, Query()]) -> Any:
    """One's own imports, the latest first; everybody's for the admin."""
    unit.require("imports", "read")
    statement = select(ImportJob).order_by(ImportJob.id.desc()).limit(query.limit + 1)
    if unit.who.role != "admin":
        statement = statement.where(ImportJob.user_id == unit.who.user_id)
    if query.cursor is not None:
        statement = statement.where(ImportJob.id < query.cursor)
    found = list((await unit.session.execute(statement)).scalars())
    page = found[: query.limit]
    return {"items": [_shown(job) for job in page], "next_cursor": str(page[-1].id) if len(found) > len(page) else None}


async def _job(unit: Unit, key: UUID) -> ImportJob:
    unit.require("imports", "read")
    statement = select(ImportJob).where(ImportJob.id == key)
    if unit.who.role != "admin":
        statement = statement.where(ImportJob.user_id == unit.who.user_id)
    found = (await unit.session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise Problem("not_found")
    return found


@router.get("/imports/{id:uuid}", operation_id="get_import", response_model=ImportRead, responses=ERRORS)
async def get_import(unit: UnitDep, id: KeyPath) -> Any:  # noqa: A002
    """What became of a file, or how far it is."""
    return _shown(await _job(unit, id))


@router.get("/imports/{id:uuid}/refused", operation_id="list_import_refused", responses=ERRORS, response_class=Response)
@router.get(
    "/imports/{id:uuid}/refused.csv", operation_id="get_import_refused", responses=ERRORS, response_class=Response
)
async def get_import_refused(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    """Every refused value with its line, column and reason."""
    job = await _job(unit, id)
    text = io.StringIO()
    writer = csv.DictWriter(text, ["line", "column", "value", "reason", "remedy"], extrasaction="ignore")
    writer.writeheader()
    for error in job.errors:
        writer.writerow({name: safe(value) if isinstance(value, str) else value for name, value in error.items()})
    headers = {"Content-Disposition": f'attachment; filename="refused-{id}.csv"', "Cache-Control": "private, no-store"}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


class ImportColumn(BaseModel):
    header: str
    field: str
    kind: str
    target: str | None
    line: bool


class ImportColumns(BaseModel):
    resource: str
    columns: list[ImportColumn]


@router.get(
    "/imports/columns/{resource}", operation_id="get_import_columns", response_model=ImportColumns, responses=ERRORS
)
async def get_import_columns(unit: UnitDep, resource: str) -> Any:
    """The headers an import of this resource takes."""
    unit.require("imports", "read")
    try:
        known = columns_of(resource)
    except FileError as error:
        raise Problem("not_found", str(error)) from None
    return {"resource": resource, "columns": [asdict(column) for column in known.values()]}


class FileHeader(BaseModel):
    header: list[str]
    rows: int


@router.post(
    "/imports/header", operation_id="read_import_header", response_model=FileHeader, responses=ERRORS,
    openapi_extra=UPLOAD,
)  # fmt: skip
async def read_import_header(unit: UnitDep) -> Any:
    """The names of a file's columns, in lower case, and how many rows follow; nothing is kept. To map columns of a
    workbook before it is imported.
    """
    unit.require("imports", "write")
    data, name = await _uploaded(unit.request)
    try:
        sheet = await asyncio.to_thread(read, data, name, Stated())
    except FileError as error:
        raise invalid("/", str(error), "Correct the file.") from None
    return {"header": sheet.header, "rows": len(sheet.rows)}
