"""Tables out: nothing a spreadsheet would run, numbers stay numbers, and who writes French reads French."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import and_
from starlette.requests import Request

from cadran.kit.export import XLSX, csv_rows, of, safe, wanted_format, xlsx_file
from cadran.kit.paging import encode, keys, stretches
from cadran.kit.problems import Problem
from cadran.models import Customer, Order
from factories import Maker

HOSTILE = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\rx"]
ROW = [
    "=1+1",
    Decimal("-1234.50"),
    7,
    True,
    None,
    date(2026, 11, 23),
    datetime(2026, 11, 23, 9, 41, tzinfo=UTC),
    "é;,\n",
]
HEADER = [f"c{number}" for number in range(len(ROW))]


async def joined(chunks: Any) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text) == "'" + text


async def test_csv_for_programs() -> None:
    written = (await joined(csv_rows(HEADER, of([ROW])))).decode()
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [
        "'=1+1", "-1234.50", "7", "true", "", "2026-11-23", "2026-11-23T09:41:00Z", "é;,\n",
    ]  # fmt: skip


async def test_csv_for_excel_in_french() -> None:
    written = (await joined(csv_rows(HEADER, of([ROW]), "excel-fr"))).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))[1] == [
        "'=1+1", "-1234,50", "7", "VRAI", "", "23/11/2026", "2026-11-23T09:41:00Z", "é;,\n",
    ]  # fmt: skip


async def test_xlsx_holds_numbers_and_dates() -> None:
    book = await joined(xlsx_file(HEADER, of([ROW, list(HOSTILE)]), "rows"))
    first, second = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[1:]
    assert first[:4] == ["=1+1", -1234.5, 7, True]
    assert first[5] == date(2026, 11, 23)
    assert first[6] == datetime(2026, 11, 23, 9, 41)  # noqa: DTZ001 - a spreadsheet knows no time zone
    assert second[: len(HOSTILE)] == HOSTILE, "text, not formulas"
    assert b"<f>" not in book


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("*/*", "json"), ("text/csv", "csv"), (XLSX, "xlsx"), ("application/json;q=0.5, text/csv", "csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "json"), ("text/csv;q=0, application/*", "json"),
    ],
)  # fmt: skip
def test_accept_chooses(accept: str, wanted: str) -> None:
    request = Request({"type": "http", "method": "GET", "headers": [(b"accept", accept.encode())]})
    assert wanted_format(request, None) == wanted


async def test_an_export_is_whole_whatever_its_pages(make: Maker, as_user: Any, session: Any) -> None:
    customers = [{"id": uuid4(), "name": f"=Customer {number % 7}"} for number in range(1203)]
    await session.execute(Customer.__table__.insert(), customers)
    client: httpx.AsyncClient = as_user("admin")
    answer = await client.get("/customers?format=csv&sort=-city,name")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["id"] for row in rows} == {str(each["id"]) for each in customers}
    assert len(rows) == 1203
    assert {row["name"][:2] for row in rows} == {"'="}
    assert answer.headers["content-disposition"] == 'attachment; filename="customers.csv"'


@pytest.mark.parametrize("sort", ["city", "-city", "city,-name", "-city,prospect_on", "name", "-prospect_on,-city"])
async def test_pages_put_together_are_the_list(make: Maker, as_user: Any, session: Any, sort: str) -> None:
    """With values and without, equal ones and others, a page that ends on either side of where the values end."""
    words = (None, "b", "é", "B", None, "a", "e")
    days = (date(2026, 1, 2), None, date(2025, 1, 2), date(2026, 1, 2), None)
    rows = [
        {"id": uuid4(), "name": f"C{n % 4}", "city": words[n % 7], "prospect_on": days[n % 5]} for n in range(40)
    ]  # fmt: skip
    await session.execute(Customer.__table__.insert(), rows)
    client: httpx.AsyncClient = as_user("admin")
    whole = [row["id"] for row in (await client.get("/customers", params={"sort": sort, "limit": 500})).json()["items"]]
    assert len(whole) == len(set(whole)) >= 40
    for limit in (1, 3, 13):
        found, cursor = [], None
        while cursor is not None or not found:
            asked = {"sort": sort, "limit": limit} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/customers", params=asked)).json()
            found += [row["id"] for row in page["items"]]
            cursor = page["next_cursor"]
        assert found == whole
    shown = (await client.get("/customers", params={"sort": sort, "limit": 500})).json()["items"]
    first = sort.split(",")[0].removeprefix("-")
    values = [row[first] for row in shown]
    assert None not in values[: len(values) - values.count(None)], "those without a value come last, either way"


async def test_names_sort_as_people_read_them(make: Maker, as_user: Any) -> None:
    for name in ("Zola", "éclair", "Eau", "Abel", "eden"):
        await make("customers", name=name, city=name)
        await make("contacts", last_name=name)
    client: httpx.AsyncClient = as_user("admin")
    wanted = ["Abel", "Eau", "éclair", "eden", "Zola"]
    for path, field in (("/customers?sort=name", "name"), ("/customers?sort=city", "city")):
        found = [row[field] for row in (await client.get(path)).json()["items"]]
        assert [name for name in found if name in wanted] == wanted, path
    found = [row["last_name"] for row in (await client.get("/contacts?sort=last_name")).json()["items"]]
    assert found == wanted


async def test_search_forgives(make: Maker, as_user: Any) -> None:
    await make("customers", name="Société Générale des Roulements", city="Nîmes")
    client: httpx.AsyncClient = as_user("admin")
    for typed in ("societe", "GÉNÉRALE", "roul nim", "nîmes", "roulemnets", "génerale des roulement"):
        items = (await client.get("/customers", params={"q": typed})).json()["items"]
        assert [row["city"] for row in items] == ["Nîmes"], typed
    assert (await client.get("/customers", params={"q": "xylophone"})).json()["items"] == []


def test_cursors_are_of_their_list_and_sort() -> None:
    sort = keys(Order.__table__, "-confirmed_on,number", ("confirmed_on", "number"), "number")
    row = {"_key_0": date(2026, 1, 2), "_key_1": None, "_key_2": uuid4()}
    cursor = encode(sort, row)
    assert "number IS NULL" in str(and_(*stretches(sort, cursor)[0].where))
    other = keys(Order.__table__, "confirmed_on,number", ("confirmed_on", "number"), "number")
    forged = [
        encode(sort, row | {"_key_2": None}), encode(sort, row | {"_key_0": "9999-01-01"}), cursor[:-4], "", "????",
        encode(sort, row | {"_key_2": "x"}), encode(sort, row | {"_key_0": 5}), encode(sort, row | {"_key_1": "a\x00"}),
    ]  # fmt: skip
    for wrong, by in [(cursor, other), *((each, sort) for each in forged)]:
        with pytest.raises(Problem):
            stretches(by, wrong)
