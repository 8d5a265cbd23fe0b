"""Tables out: CSV for programs, CSV for Excel in French, XLSX with real numbers and dates. Formulas never get in."""

import asyncio
import csv
import hashlib
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Text, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.problems import Problem
from cadran.kit.unit import VARY, fresh
from cadran.rules.principal import Principal

Format = Literal["json", "csv", "xlsx"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones too: Excel reads them so


def wanted_format(request: Request, asked: Format | None) -> Format:
    """JSON unless ``?format=`` or Accept says otherwise. Raises a 406 when Accept admits none of the three."""
    if asked:
        return asked
    offered: dict[str, Format] = {"application/json": "json", "text/csv": "csv", XLSX: "xlsx", "*/*": "json"}
    offered |= {"application/*": "json", "text/*": "csv"}
    accept = request.headers.get("accept", "*/*")
    ranked = []
    for position, part in enumerate(accept.split(",")):
        media, *parameters = part.strip().lower().split(";")
        quality = next((each.strip()[2:] for each in parameters if each.strip().startswith("q=")), "1")
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if media.strip() in offered and weight > 0:
            ranked.append((-weight, position, offered[media.strip()]))
    if not ranked:
        raise Problem("not_acceptable")
    return min(ranked)[2]


def safe(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _csv_cell(value: Any, french: bool) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("VRAI" if value else "FAUX") if french else str(value).lower()
    if isinstance(value, (Decimal, int, float)):
        return str(value).replace(".", ",") if french else str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y") if french else value.isoformat()
    return safe(str(value))


async def csv_rows(
    header: Sequence[str], rows: AsyncIterator[Sequence[Any]], dialect: str = "standard"
) -> AsyncIterator[bytes]:
    """``excel-fr``: byte order mark, semicolons, decimal commas, dd/mm/yyyy."""
    french = dialect == "excel-fr"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if french else ",", lineterminator="\r\n")
    if french:
        buffer.write("\ufeff")
    writer.writerow(header)
    async for row in rows:
        writer.writerow([_csv_cell(value, french) for value in row])
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


async def xlsx_file(header: Sequence[str], rows: AsyncIterator[Sequence[Any]], title: str) -> AsyncIterator[bytes]:
    """Written row by row to a temporary file, then sent: memory stays flat."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(file, options | {"default_date_format": "yyyy-mm-dd", "remove_timezone": True})
        sheet = book.add_worksheet(title[:31])
        bold, instant = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, header, bold)
        sheet.freeze_panes(1, 0)
        line = 0
        async for row in rows:
            line += 1
            for column, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, bool):
                    sheet.write_boolean(line, column, value)
                elif isinstance(value, (Decimal, int, float)):
                    sheet.write_number(line, column, float(value))
                elif isinstance(value, datetime):
                    sheet.write_datetime(line, column, value, instant)
                elif isinstance(value, date):
                    sheet.write_datetime(line, column, datetime(value.year, value.month, value.day))  # noqa: DTZ001
                else:
                    sheet.write_string(line, column, str(value)[:32767])
        await asyncio.to_thread(book.close)  # compresses: long, and others wait
        file.seek(0)
        while chunk := file.read(64 * 1024):
            yield chunk


def attachment(
    request: Request,
    kind: Format,
    header: Sequence[str],
    rows: AsyncIterator[Sequence[Any]],
    name: str,
    dialect: str = "standard",
    stamp: bytes | None = None,
) -> Response:
    """A download of a table. ``stamp``: what its content depends on; with it, an ETag, and a 304 to who has it."""
    headers = {"Cache-Control": "private, no-cache", "Vary": VARY}
    if stamp is not None:
        written = hashlib.blake2b(f"{kind} {dialect} {list(header)} ".encode() + stamp, digest_size=12).hexdigest()
        headers["ETag"] = f'W/"{written}"'
        if fresh(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    body = csv_rows(header, rows, dialect) if kind == "csv" else xlsx_file(header, rows, name)
    return StreamingResponse(body, headers=headers, media_type=CSV if kind == "csv" else XLSX)


def stamp_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """The content of rows at hand, for their ETag."""
    return repr(rows).encode()


# The newest change, and the transactions older than it that may still bring one: when neither moved, no record did.
# Those of the server's other databases never bring one.
LOG_STATE = text("""
    SELECT concat_ws(' ', c.xid::text, c.seq::text, (
        SELECT string_agg(x::text, ',') FROM pg_snapshot_xip(pg_current_snapshot()) AS x WHERE x < c.xid
        AND NOT EXISTS (
            SELECT FROM pg_stat_activity AS a WHERE a.backend_xid = x::xid AND a.datname <> current_database())
    )) AS state FROM change AS c ORDER BY c.xid DESC, c.seq DESC LIMIT 1
""").columns(state=Text)


async def stamp_of_list(request: Request, session: AsyncSession, who: Principal) -> bytes:
    """What a list depends on, without reading it: the change log, who asks, what is asked, and the hour."""
    state = (await session.execute(LOG_STATE)).scalar_one_or_none()
    hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
    return f"{request.url.path}?{request.url.query} {who.user_id} {who.role} {hour} {state}".encode()


async def of(rows: Sequence[Sequence[Any]]) -> AsyncIterator[Sequence[Any]]:
    """Rows already at hand, as the writers take them."""
    for row in rows:
        yield row
