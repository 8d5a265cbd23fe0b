"""Files in: CSV, XLSX and JSON Lines as rows of cells, with the format recognised or stated, never guessed silently."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import orjson
from python_calamine import CalamineError, CalamineWorkbook

DateFormat = Literal["yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy"]
DecimalMark = Literal["point", "comma"]
DELIMITERS = {";": ";", ",": ",", "tab": "\t", "\t": "\t"}
MOST_COLUMNS = 200
MOST_CELL = 10_000


class FileError(ValueError):
    """A file that cannot be read; the message says what to do, often which option to state."""


@dataclass(frozen=True)
class Stated:
    """What the caller says of the file; None: to be recognised. ``columns``: ``header=field`` where the file names a
    column in its own words, ``header=`` for one that is left out.
    """

    encoding: str | None = None
    delimiter: str | None = None
    date_format: DateFormat | None = None
    decimal: DecimalMark | None = None
    columns: Sequence[str] = ()


@dataclass
class Sheet:
    """``rows``: (line number, cells); ``format``: what was recognised or stated, to be reported."""

    header: list[str]
    rows: list[tuple[int, list[Any]]]
    format: dict[str, str] = field(default_factory=dict)


def read(data: bytes, name: str, stated: Stated) -> Sheet:
    """The file's header and rows, empty lines left out. Raises FileError."""
    if not data.strip():
        raise FileError("The file is empty.")
    if data[:4] == b"PK\x03\x04" or name.lower().endswith((".xlsx", ".xls", ".ods")):
        return _named(_checked(_workbook(data)), stated.columns)
    text, encoding = _decoded(data, stated.encoding)
    if name.lower().endswith((".jsonl", ".ndjson")) or text.lstrip()[:1] == "{":
        return _named(_checked(_json_lines(text, encoding)), stated.columns)
    return _named(_checked(_separated(text, encoding, stated.delimiter)), stated.columns)


def _named(sheet: Sheet, columns: Sequence[str]) -> Sheet:
    """The columns under the names stated for them; those given none are left out. Raises FileError."""
    names = {}
    for said in columns:
        header, _, field_name = said.rpartition("=")
        names[header.strip().lower()] = field_name.strip().lower()
    unknown = names.keys() - set(sheet.header)
    if unknown:
        raise FileError(f"The file has no column {sorted(unknown)[0]!r} to be named.")
    kept = [place for place, header in enumerate(sheet.header) if names.get(header, header)]
    if len(kept) < len(sheet.header):
        end = len(sheet.header)  # cells beyond the header stay where they are refused
        sheet.rows = [
            (line, [*(cells[place] for place in kept if place < len(cells)), *cells[end:]])
            for line, cells in sheet.rows
        ]
    sheet.header = [names.get(sheet.header[place], sheet.header[place]) for place in kept]
    return _checked(sheet)


def _checked(sheet: Sheet) -> Sheet:
    sheet.header = [str(name or "").strip().lower() for name in sheet.header]
    while sheet.header and not sheet.header[-1]:
        sheet.header.pop()
    twice = {name for name in sheet.header if sheet.header.count(name) > 1}
    if twice:
        raise FileError(f"The column {sorted(twice)[0]!r} stands twice in the header: rename or remove one.")
    if not sheet.header or not all(sheet.header):
        raise FileError("The first line names the columns: one has no name.")
    if len(sheet.header) > MOST_COLUMNS:
        raise FileError(f"At most {MOST_COLUMNS} columns can be taken.")
    return sheet


def _decoded(data: bytes, stated: str | None) -> tuple[str, str]:
    if stated is not None:
        try:
            return data.decode(stated).removeprefix("\ufeff"), stated
        except (LookupError, UnicodeDecodeError):
            raise FileError(f"The file is not in the encoding {stated[:40]!r}: state another one.") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        raise FileError("The encoding is neither UTF-8 nor cp1252: state it, for example encoding=cp850.") from None


def _separated(text: str, encoding: str, stated: str | None) -> Sheet:
    if stated is not None and stated not in DELIMITERS:
        raise FileError("The delimiter is one of ; , or tab.")
    delimiter = DELIMITERS[stated] if stated else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    csv.field_size_limit(10 * 1024 * 1024)
    rows: list[tuple[int, list[Any]]] = []
    try:
        header = next(reader)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError(f"Line {reader.line_num}: {error}. Check the quotes and the delimiter.") from None
    except StopIteration:
        raise FileError("The file is empty.") from None
    shown = "tab" if delimiter == "\t" else delimiter
    return Sheet(header, rows, {"encoding": encoding, "delimiter": shown})


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into the same, largest, number of columns."""
    sample = text[:65536].splitlines()[:50]
    widths: dict[str, int] = {}
    for mark in (";", ",", "\t"):
        try:
            found = {len(cells) for cells in csv.reader(sample[:-1] or sample, delimiter=mark) if cells}
        except csv.Error:
            continue
        if len(found) == 1:
            widths[mark] = found.pop()
    several = {mark: width for mark, width in widths.items() if width > 1}
    if not several:
        first = sample[0] if sample else ""
        present = [mark for mark in (";", ",", "\t") if mark in first]
        if len(present) == 1:
            return present[0]
        if not present:
            return ","
        raise FileError("The delimiter cannot be recognised: state it (delimiter=; or , or tab).")
    best = max(several.values())
    marks = [mark for mark, width in several.items() if width == best]
    if len(marks) > 1:
        raise FileError("The delimiter is ambiguous: state it (delimiter=; or , or tab).")
    return marks[0]


def _workbook(data: bytes) -> Sheet:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, IndexError, OSError) as error:
        raise FileError(f"The workbook cannot be read: {error}.") from None
    if not cells:
        raise FileError("The first sheet is empty.")
    rows = [
        (line, list(row)) for line, row in enumerate(cells[1:], start=2) if any(cell not in ("", None) for cell in row)
    ]
    return Sheet([str(name) for name in cells[0]], rows, {"workbook": "first sheet"})


def _json_lines(text: str, encoding: str) -> Sheet:
    header: dict[str, None] = {}
    found: list[tuple[int, dict[str, Any]]] = []
    for line, written in enumerate(text.splitlines(), start=1):
        if not written.strip():
            continue
        try:
            record = orjson.loads(written)
        except orjson.JSONDecodeError:
            raise FileError(f"Line {line}: not JSON.") from None
        if not isinstance(record, dict) or any(isinstance(value, (dict, list)) for value in record.values()):
            raise FileError(f"Line {line}: write one flat object a line.")
        header |= dict.fromkeys(record)
        found.append((line, record))
    rows = [(line, [record.get(name) for name in header]) for line, record in found]
    return Sheet(list(header), rows, {"encoding": encoding, "lines": "json"})


# Cells


_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d+")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[T ].*)?")
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f'’"))


def decimal_mark(values: Iterable[Any], stated: DecimalMark | None) -> DecimalMark:
    """Which mark a file's decimals use. Raises FileError when only numbers such as ``1,234`` would tell."""
    if stated:
        return stated
    comma = point = unsure = False
    for value in values:
        if not isinstance(value, str):
            continue
        text = value.strip().translate(_SPACES)
        commas, points = text.count(","), text.count(".")
        if commas and points:
            comma, point = comma or text.rfind(",") > text.rfind("."), point or text.rfind(".") > text.rfind(",")
        elif commas > 1 or points > 1:
            comma, point = comma or points > 1, point or commas > 1
        elif commas or points:
            mark = "," if commas else "."
            before, _, after = text.partition(mark)
            grouped = len(after) == 3 and 1 <= len(before.lstrip("+-")) <= 3 and before.lstrip("+-") != "0"
            if mark == "." or not grouped:
                comma, point = comma or mark == ",", point or mark == "."
            else:
                unsure = True
    if comma and point:
        raise FileError("Both decimal marks occur: state decimal=comma or decimal=point.")
    if unsure and not comma and not point:
        raise FileError("Numbers such as 1,234 are ambiguous: state decimal=comma or decimal=point.")
    return "comma" if comma else "point"


def to_decimal(value: Any, mark: DecimalMark) -> Decimal:
    """Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("Not a number.")
    if isinstance(value, (int, float, Decimal)):
        return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    text = str(value).strip().translate(_SPACES).removesuffix("€").removesuffix("$")
    share = text.endswith("%")
    text = text.removesuffix("%")
    text = text.replace(".", "").replace(",", ".") if mark == "comma" else text.replace(",", "")
    if len(text) > 40 or not _DECIMAL.fullmatch(text):
        raise ValueError("Not a number.")
    return Decimal(text) / 100 if share else Decimal(text)


def date_format(values: Iterable[Any], stated: DateFormat | None) -> DateFormat:
    """How a file writes dates. Month first is never assumed. Raises FileError when days and months cannot be told."""
    if stated:
        return stated
    slashed = day_first = month_first = False
    for value in values:
        found = _SLASHED.fullmatch(value.strip()) if isinstance(value, str) else None
        if found:
            slashed = True
            day_first = day_first or int(found[1]) > 12
            month_first = month_first or int(found[2]) > 12
    if not slashed:
        return "yyyy-mm-dd"
    if month_first or not day_first:
        raise FileError("Dates such as 03/04/2026 are ambiguous: state date_format=dd/mm/yyyy or mm/dd/yyyy.")
    return "dd/mm/yyyy"


def to_date(value: Any, written: DateFormat) -> date:
    """Raises ValueError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    iso = _ISO.fullmatch(text)
    slashed = _SLASHED.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if slashed and written != "yyyy-mm-dd":
            first, second, year = int(slashed[1]), int(slashed[2]), int(slashed[3])
            return date(year, second, first) if written == "dd/mm/yyyy" else date(year, first, second)
    except ValueError:
        raise ValueError("This day is not in the calendar.") from None
    raise ValueError(f"Not a date written {written}.")


_YES = frozenset({"true", "1", "yes", "y", "oui", "o", "vrai", "x"})
_NO = frozenset({"false", "0", "no", "n", "non", "faux"})


def to_bool(value: Any) -> bool:
    """Raises ValueError."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower().removesuffix(".0")
    if text in _YES or text in _NO:
        return text in _YES
    raise ValueError("Write true or false.")


def to_int(value: Any) -> int:
    """Raises ValueError."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = str(value).strip().translate(_SPACES)
    if not _PLAIN.fullmatch(text):
        raise ValueError("Write a whole number.")
    return int(text)


def to_text(value: Any) -> str:
    """A cell as text; a whole number of a workbook without its idle ``.0``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def column(rows: Sequence[tuple[int, Sequence[Any]]], position: int) -> Iterable[Any]:
    return (cells[position] for _, cells in rows if position < len(cells) and not is_blank(cells[position]))
