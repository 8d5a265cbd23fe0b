"""Files as they come: recognised or stated, never guessed silently."""

from datetime import date
from decimal import Decimal

import pytest

from cadran.kit.tabular import (
    FileError,
    Stated,
    date_format,
    decimal_mark,
    read,
    to_bool,
    to_date,
    to_decimal,
    to_int,
)


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter"),
    [
        ("nom;ville\nÉtienne;Nîmes\n".encode(), "utf-8", ";"),
        ("nom;ville\nÉtienne;Nîmes\n".encode("utf-8-sig"), "utf-8", ";"),
        ("nom,ville\nÉtienne,Nîmes\n".encode("cp1252"), "cp1252", ","),
        ("nom\tville\nÉtienne\tNîmes\n".encode("utf-16"), "utf-16", "tab"),
        (b'nom,ville\r\n"\xc3\x89tienne","N\xc3\xaemes"\r\n', "utf-8", ","),
    ],
)
def test_formats_are_recognised_and_reported(data: bytes, encoding: str, delimiter: str) -> None:
    sheet = read(data, "x.csv", Stated())
    assert sheet.header == ["nom", "ville"]
    assert sheet.rows == [(2, ["Étienne", "Nîmes"])]
    assert sheet.format == {"encoding": encoding, "delimiter": delimiter}


def test_lines_count_as_an_editor_does() -> None:
    sheet = read(b'a,b\n1,"two\nlines"\n\n3,4\n', "x.csv", Stated())
    assert [line for line, _ in sheet.rows] == [2, 5]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"a;b,c\n1;2,3\n", "delimiter"),
        (b"a,a\n1,2\n", "twice"),
        (b"a,,c\n1,2,3\n", "no name"),
        (b'a,b\n"1,2\n', "quotes"),
        (b'{"a": {"b": 1}}\n', "flat"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        read(data, "x.csv", Stated())


def test_json_lines() -> None:
    sheet = read(b'{"a": 1}\n{"a": 2, "b": "x"}\n', "x.jsonl", Stated())
    assert sheet.header == ["a", "b"]
    assert sheet.rows == [(1, [1, None]), (2, [2, "x"])]


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["12", "3.5"], "point"),
        (["12", "3,5"], "comma"),
        (["1.234,56"], "comma"),
        (["1,234.56"], "point"),
        (["1 234,5"], "comma"),
        (["0,123"], "comma"),
        (["7"], "point"),
        (["1,234", "5,5"], "comma"),
    ],
)
def test_decimal_marks(values: list[str], mark: str) -> None:
    assert decimal_mark(values, None) == mark


@pytest.mark.parametrize("values", [["1,234"], ["1.5", "2,5"]])
def test_ambiguous_numbers_ask(values: list[str]) -> None:
    with pytest.raises(FileError, match="decimal="):
        decimal_mark(values, None)
    assert decimal_mark(values, "comma") == "comma"


def test_ambiguous_dates_ask() -> None:
    with pytest.raises(FileError, match="date_format="):
        date_format(["03/04/2026", "05/06/2026"], None)
    with pytest.raises(FileError, match="date_format="):
        date_format(["03/24/2026"], None)  # month first is never assumed
    assert date_format(["24/03/2026", "05/06/2026"], None) == "dd/mm/yyyy"
    assert date_format(["2026-03-24"], None) == "yyyy-mm-dd"


def test_cells() -> None:
    assert to_decimal("1 234,50 €", "comma") == Decimal("1234.50")
    assert to_decimal("12 %", "point") == Decimal("0.12")
    assert to_date("24/03/2026", "dd/mm/yyyy") == date(2026, 3, 24)
    assert to_date("03/24/2026", "mm/dd/yyyy") == date(2026, 3, 24)
    assert (to_bool("Oui"), to_bool("faux"), to_int("1 200")) == (True, False, 1200)
    for value in ("NaN", "Infinity", "1e999", "abc", ""):
        with pytest.raises(ValueError, match="number"):
            to_decimal(value, "point")
    for value in ("30/02/2026", "2026-13-01", "soon"):
        with pytest.raises(ValueError, match=r"date|calendar"):
            to_date(value, "dd/mm/yyyy")
