"""Files taken in by the API's own rules: whole, replayable, each refusal by line and column."""

import io
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.imports import Outcome, import_file
from cadran.imports.columns import IMPORTABLE, columns_of
from cadran.kit.tabular import FileError
from cadran.models import Change, Customer, Order, OrderLine
from factories import People

CUSTOMERS = "external_id;name;owner;credit_limit\nC1;Fonderies du Rhin;rep@durand.test;1 500,50\nC2;Énergie Plus;;\n"
ORDERS = (
    "external_id,customer,confirmed_on,rep,line_external_id,line_quantity,line_unit_price,line_discount_rate\n"
    "O1,C1,2026-03-02,colleague@durand.test,1,10,2.50,0.1\n"
    "O2,C2,2026-03-03,,1,1,99,\n"
    "O1,C1,2026-03-02,colleague@durand.test,2,1,5,0\n"
)


@pytest.fixture
def take(session: AsyncSession, people: People) -> Any:
    async def work(resource: str, text: str, who: str = "admin", **options: Any) -> Outcome:
        data = text.encode()
        return await import_file(session, people.principal(who), resource, data, file_name="file.csv", **options)

    return work


async def count(session: AsyncSession, model: Any) -> int:
    return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def test_customers_and_orders(take: Any, session: AsyncSession, people: People) -> None:
    first = await take("customers", CUSTOMERS)
    assert (first.created, first.format["decimal"], first.format["delimiter"]) == (2, "comma", ";")
    found = (await session.execute(select(Customer).where(Customer.external_id == "C1"))).scalar_one()
    assert (found.owner_id, str(found.credit_limit), found.is_imported) == (people["rep"].id, "1500.500000", True)
    assert found.prospect_on is None  # an import says when; it is never assumed to be today
    second = await take("orders", ORDERS)
    assert (second.created, second.rows) == (2, 3)
    order = (await session.execute(select(Order).where(Order.external_id == "O1"))).scalar_one()
    assert (order.rep_id, order.team_id) == (people["colleague"].id, people.teams["north"].id)
    assert order.net_amount == 22.5 + 5
    assert await count(session, OrderLine) == 3


async def test_a_second_pass_changes_nothing(take: Any, session: AsyncSession) -> None:
    await take("customers", CUSTOMERS)
    await take("orders", ORDERS)
    before = await count(session, Change)
    again = [await take("customers", CUSTOMERS), await take("orders", ORDERS)]
    assert [(each.created, each.updated, each.unchanged) for each in again] == [(0, 0, 2), (0, 0, 2)]
    assert await count(session, Change) == before


async def test_a_changed_line_is_the_only_change(take: Any, session: AsyncSession) -> None:
    await take("customers", CUSTOMERS)
    await take("orders", ORDERS)
    changed = await take("orders", ORDERS.replace("1,1,99", "1,2,99"))
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    order = (await session.execute(select(Order.net_amount, Order.version).where(Order.external_id == "O2"))).one()
    assert (order.net_amount, order.version) == (198, 2)


BAD = """external_id,customer,confirmed_on,status,cancelled_on,\
line_quantity,line_unit_price,line_discount_rate,line_net_amount
A,C1,2026-02-30,,,1,1,,
B,C9,2026-01-01,,,1,1,,
C,C1,2026-01-01,,,many,1,,
D,C1,2026-01-01,,,1,1,3,
E,C1,2026-01-01,,,1,,,
F,C1,2026-01-01,lost,,1,1,,
G,C1,2026-01-01,cancelled,2025-12-31,1,1,,
H,C1,2026-01-01,,,1,10,,7
I,C1,,,,1,1,,
J,,2026-01-01,,,1,1,,
,C1,2026-01-01,,,1,1,,
L,C1,2026-01-01,,,1,NaN,,
M,C1,2026-01-01,,,1,1,,
"""
WHERE = {
    2: "confirmed_on", 3: "customer", 4: "line_quantity", 5: "line_discount_rate", 6: "line_unit_price", 7: "status",
    8: "cancelled_on", 9: "line_net_amount", 10: "confirmed_on", 11: "customer", 12: "external_id",
    13: "line_unit_price",
}  # fmt: skip


async def test_every_error_is_located_and_nothing_written(take: Any, session: AsyncSession) -> None:
    await take("customers", CUSTOMERS)
    found = await take("orders", BAD)
    where = {error["line"]: error["column"] for error in found.errors}
    assert where == WHERE, found.errors
    assert all(error["reason"] for error in found.errors)
    assert (found.accepted, found.refused) == (False, 12)
    assert await count(session, Order) == 0


async def test_partial_takes_the_good_rows(take: Any, session: AsyncSession) -> None:
    await take("customers", CUSTOMERS)
    found = await take("orders", BAD, partial=True)
    assert (found.accepted, found.created, found.refused) == (True, 1, 12)
    assert (await session.execute(select(Order.external_id))).scalars().all() == ["M"]


async def test_dry_run_leaves_nothing(take: Any, session: AsyncSession) -> None:
    found = await take("customers", CUSTOMERS, dry_run=True)
    assert (found.accepted, found.created) == (True, 2)
    assert await count(session, Customer) == 0


async def test_lines_of_a_document_agree(take: Any) -> None:
    await take("customers", CUSTOMERS)
    found = await take(
        "orders", ORDERS.replace("O1,C1,2026-03-02,colleague@durand.test,2", "O1,C2,2026-03-02,colleague@durand.test,2")
    )
    assert [(error["line"], error["column"]) for error in found.errors] == [(4, "customer")]


async def test_lines_in_a_file_of_their_own(take: Any, session: AsyncSession) -> None:
    await take("customers", CUSTOMERS)
    await take("orders", "external_id,customer,confirmed_on\nO1,C1,2026-03-02\n")
    lines = "order,external_id,quantity,unit_price\nO1,1,2,10\nO1,2,1,5\n"
    assert (await take("order-lines", lines)).updated == 1
    assert (await take("order-lines", lines)).unchanged == 1
    assert (await session.execute(select(Order.net_amount))).scalar_one() == 25
    missing = await take("order-lines", "order,external_id,quantity,unit_price\nO7,1,2,10\n")
    assert [(error["line"], error["column"]) for error in missing.errors] == [(2, "order")]


@pytest.mark.parametrize(
    ("resource", "text", "message"),
    [
        ("custmers", "name\nx\n", "Did you mean 'customers'"),
        ("customers", "name,citty\nx,y\n", "Did you mean 'city'"),
        ("customers", "owner,owner_id,name\n,,x\n", "say the same"),
        ("orders", "customer,line_quantity\nC1,1\n", "external_id"),
        ("customers", 'name,credit_limit\nx,"1,234"\n', "decimal="),
    ],
)
async def test_files_refused_whole(take: Any, resource: str, text: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        await take(resource, text)


async def test_a_rep_imports_only_what_a_rep_may_write(take: Any, people: People) -> None:
    await take("customers", CUSTOMERS)
    mine = await take("contacts", "external_id,customer,last_name\nK1,C1,Durand\n", who="rep")
    assert mine.created == 1
    others = await take("contacts", "external_id,customer,last_name\nK2,C2,Martin\n", who="rep")
    assert [(error["line"], error["column"]) for error in others.errors] == [(2, "customer")]
    denied = await take("products", "external_id,name\nP1,Vis\n", who="rep")
    assert not denied.accepted
    stolen = await take("orders", ORDERS.replace("O2", "O3"), who="rep")
    assert not stolen.accepted
    by_id = f"external_id,customer_id,last_name\nK3,{people['rep'].id},X\n"
    assert not (await take("contacts", by_id, who="rep")).accepted


async def test_over_http(as_user: Any) -> None:
    client = as_user("admin", scopes=frozenset({"*:write"}))
    headers = {"content-type": "text/csv"}
    answer = await client.post("/imports?resource=customers", content=CUSTOMERS.encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert (job["status"], job["created"], job["format"]["delimiter"]) == ("done", 2, ";")
    assert (await client.get(f"/imports/{job['id']}")).json()["rows"] == 2
    bad = await client.post("/imports?resource=orders", content=BAD.encode(), headers=headers)
    assert bad.json()["status"] == "refused"
    refused = await client.get(f"/imports/{bad.json()['id']}/refused.csv")
    assert refused.text.splitlines()[0] == "line,column,value,reason,remedy"
    assert len(refused.text.splitlines()) == 13
    unknown = await client.post("/imports?resource=nothing", content=b"a\n1\n", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "validation")
    form = await client.post("/imports?resource=customers&dry_run=true", files={"file": ("c.csv", CUSTOMERS.encode())})
    assert form.status_code == 201, form.text
    assert form.json()["status"] == "checked"


async def test_columns_in_the_files_own_words(as_user: Any) -> None:
    file = "Code;Raison sociale;Remarque\nX1;Acier & Fils;à revoir\nX2;Tôlerie Nord;\n".encode()
    named = {"resource": "customers", "columns": ["Code=external_id", "Raison sociale=name", "Remarque="]}
    headers = {"content-type": "text/csv"}
    client = as_user("admin")
    taken = await client.post("/imports", params=named, content=file, headers=headers)
    assert (taken.status_code, taken.json()["created"], taken.json()["errors"]) == (201, 2, [])
    found = await client.get("/customers/by-external-id/X2")
    assert found.json()["name"] == "Tôlerie Nord"
    unknown = await client.post("/imports", params=named | {"columns": ["Nom=name"]}, content=file, headers=headers)
    assert unknown.status_code == 422
    assert "'nom'" in unknown.text


async def test_the_columns_of_a_workbook_are_told_before_it_is_taken(as_user: Any) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        made.add_worksheet().write_column(0, 0, ["Raison sociale", "Acier & Fils", "Tôlerie Nord"])
    client = as_user("admin")
    headers = {"content-type": "application/octet-stream"}
    told = await client.post("/imports/header", content=book.getvalue(), headers=headers)
    assert told.json() == {"header": ["raison sociale"], "rows": 2}
    named = {"resource": "customers", "columns": ["raison sociale=name"]}
    taken = await client.post("/imports", params=named, content=book.getvalue(), headers=headers)
    assert (taken.status_code, taken.json()["created"], taken.json()["errors"]) == (201, 2, [])
    broken = await client.post("/imports/header", content=b"PK\x03\x04 no book", headers=headers)
    assert broken.status_code == 422


async def test_a_key_needs_both_scopes(as_user: Any) -> None:
    client = as_user("admin", scopes=frozenset({"imports:write"}))
    answer = await client.post(
        "/imports?resource=customers", content=b"name\nx\n", headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("name", IMPORTABLE)
def test_every_resource_has_its_columns(name: str) -> None:
    found = columns_of(name)
    assert found
    assert {column.kind for column in found.values()} <= {
        "text", "decimal", "date", "instant", "bool", "int", "id", "reference",
    }  # fmt: skip
