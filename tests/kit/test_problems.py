"""Errors on the wire: one shape, each field named with its remedy, each code documented, nothing hostile echoed."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import Body, FastAPI, HTTPException, Query

from cadran.kit import problems
from cadran.kit.problems import CODES, Problem, clean, field_error, invalid
from cadran.kit.types import Count, Flag, Id, PositiveMoney, ShortText, StrictModel

MEMBERS = {"type", "title", "status", "code", "detail", "errors", "request_id"}


class Line(StrictModel):
    quantity: Count
    price: PositiveMoney


class Order(StrictModel):
    number: ShortText
    customer_id: Id
    status: Literal["draft", "confirmed"] = "draft"
    urgent: Flag = False
    lines: list[Line]


class Search(StrictModel):
    limit: Annotated[int, Query(ge=1, le=500)] = 50


def small_app() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    problems.install(app)
    problems.document(app)

    @app.get("/orders")
    async def listed(query: Annotated[Search, Query()]) -> dict[str, int]:
        return {"limit": query.limit}

    @app.post("/orders")
    async def create(order: Annotated[Order, Body()]) -> dict[str, str]:
        return {"number": order.number}

    @app.get("/orders/{id}")
    async def one(id: Id) -> None:  # noqa: A002
        return None

    @app.get("/raise/{code}")
    async def fail(code: str) -> None:
        raise Problem(code, headers={"X-Why": "test"})

    @app.get("/http/{status}")
    async def fail_by_status(status: int) -> None:
        raise HTTPException(status)

    @app.get("/hostile")
    async def hostile() -> None:
        error = field_error("/a\ud800", "bad \x00 \udfff", "mend \x1b it")
        raise Problem("validation", "detail \ud800\x00", [error])

    return app


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=small_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as found:
        yield found


def problem(answer: httpx.Response, code: str) -> dict[str, Any]:
    """The body, checked against the one shape."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert set(body) == MEMBERS
    assert body["code"] == code
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == answer.status_code == CODES[code].status
    assert body["title"] == CODES[code].title
    assert all(set(error) == {"pointer", "code", "detail", "remedy"} for error in body["errors"])
    assert all(error["remedy"] for error in body["errors"])
    return body


GOOD: dict[str, Any] = {"number": "A1", "customer_id": "018f0000-0000-7000-8000-000000000000", "lines": []}


@pytest.mark.parametrize(
    ("change", "pointer", "remedy"),
    [
        ({"number": ...}, "/number", "Add it."),
        ({"numbr": "A1"}, "/numbr", "Remove it, or check its spelling."),
        ({"number": 12}, "/number", "Write text."),
        ({"number": "x" * 201}, "/number", "Shorten it to at most 200 characters."),
        ({"customer_id": "12"}, "/customer_id", "Give the id of a record, a UUID."),
        ({"status": "lost"}, "/status", "Give 'draft' or 'confirmed'."),
        ({"urgent": "yes"}, "/urgent", "Give true or false."),
        ({"lines": {}}, "/lines", "Give a list."),
        ({"lines": [3]}, "/lines/0", "Give a JSON object."),
        ({"lines": [{"quantity": -1, "price": "1"}]}, "/lines/0/quantity", "Give 0 or more."),
        ({"lines": [{"quantity": 2**31, "price": "1"}]}, "/lines/0/quantity", "Give 2147483647 or less."),
        ({"lines": [{"quantity": "1", "price": "1"}]}, "/lines/0/quantity", "Give a whole number."),
        ({"lines": [{"quantity": 1, "price": "-1"}]}, "/lines/0/price", "Give 0 or more."),
        ({"a/b~c": 1}, "/a~1b~0c", "Remove it, or check its spelling."),
        ({"\ud800": 1}, "", "Remove the broken Unicode."),
    ],
)
async def test_a_refused_body_names_the_field_and_the_remedy(
    api: httpx.AsyncClient, change: dict[str, Any], pointer: str, remedy: str
) -> None:
    sent = {name: value for name, value in (GOOD | change).items() if value is not ...}
    answer = await api.post("/orders", content=json.dumps(sent), headers={"content-type": "application/json"})
    body = problem(answer, "validation")
    assert [(error["pointer"], error["remedy"]) for error in body["errors"]] == [(pointer, remedy)]
    assert body["detail"].startswith(f"{pointer or 'The body'}: ")


async def test_a_good_body_passes(api: httpx.AsyncClient) -> None:
    assert (await api.post("/orders", json=GOOD)).json() == {"number": "A1"}


async def test_every_error_of_a_body_is_told_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.post("/orders", json={"number": "", "lines": [{}]})
    pointers = [error["pointer"] for error in problem(answer, "validation")["errors"]]
    assert pointers == ["/number", "/customer_id", "/lines/0/quantity", "/lines/0/price"]


@pytest.mark.parametrize(
    ("path", "pointer", "remedy"),
    [
        ("/orders?limit=0", "?limit", "Give 1 or more."),
        ("/orders?limit=-9223372036854775809", "?limit", "Give 1 or more."),
        ("/orders?limit=many", "?limit", "Give a whole number."),
        ("/orders?limt=5", "?limt", "Remove it, or check its spelling."),
        ("/orders/12", "path:id", "Give the id of a record, a UUID."),
    ],
)
async def test_parameters_are_pointed_at(api: httpx.AsyncClient, path: str, pointer: str, remedy: str) -> None:
    body = problem(await api.get(path), "validation")
    assert [(error["pointer"], error["remedy"]) for error in body["errors"]] == [(pointer, remedy)]


async def test_the_whole_body_is_the_empty_pointer(api: httpx.AsyncClient) -> None:
    body = problem(await api.post("/orders", json=[1]), "validation")
    assert [error["pointer"] for error in body["errors"]] == [""]
    assert body["detail"].startswith("The body: ")


async def test_broken_json_is_not_an_invalid_field(api: httpx.AsyncClient) -> None:
    problem(await api.post("/orders", content=b"{", headers={"content-type": "application/json"}), "malformed_json")


@pytest.mark.parametrize("code", sorted(CODES))
async def test_every_code_answers_and_its_type_leads_to_its_meaning(api: httpx.AsyncClient, code: str) -> None:
    answer = await api.get(f"/raise/{code}")
    body = problem(answer, code)
    assert body["detail"] == CODES[code].meaning
    assert answer.headers["x-why"] == "test"
    page = (await api.get(body["type"])).json()
    assert page["title"] == CODES[code].title
    assert page["meaning"] == CODES[code].meaning
    assert answer.headers.get("retry-after") == ("2" if CODES[code].status == 503 else None)
    assert answer.headers.get("www-authenticate") == ("Bearer" if CODES[code].status == 401 else None)


async def test_the_list_of_codes_is_complete(api: httpx.AsyncClient) -> None:
    items = (await api.get("/problems")).json()["items"]
    assert [item["code"] for item in items] == list(CODES)
    problem(await api.get("/problems/unheard_of"), "not_found")


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "malformed_request"), (401, "unauthorized"), (409, "conflict"), (418, "malformed_request"),
     (422, "validation"), (429, "rate_limited"), (502, "internal"), (503, "overloaded")],
)  # fmt: skip
async def test_the_frameworks_own_errors_take_our_shape(api: httpx.AsyncClient, status: int, code: str) -> None:
    problem(await api.get(f"/http/{status}"), code)


async def test_unknown_paths_and_methods(api: httpx.AsyncClient) -> None:
    problem(await api.get("/nowhere"), "not_found")
    for method in ("PUT", "OPTIONS", "BREW"):
        answer = await api.request(method, "/orders")
        problem(answer, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_nothing_hostile_is_echoed(api: httpx.AsyncClient) -> None:
    body = problem(await api.get("/hostile"), "validation")
    assert body["errors"] == [{"pointer": "/a�", "code": "invalid", "detail": "bad � �", "remedy": "mend � it"}]
    assert body["detail"] == "detail ��"


def test_clean_keeps_what_people_write_and_cuts_what_is_endless() -> None:
    assert clean("12\u202f345,00\u00a0€ — été 東京") == "12\u202f345,00\u00a0€ — été 東京"
    assert len(clean("x" * 10_000)) == 500


def test_a_problem_on_one_field() -> None:
    found = invalid("/price", "It is negative.", "Give 0 or more.")
    assert found.status == 422
    assert found.errors == [field_error("/price", "It is negative.", "Give 0 or more.")]
    assert found.detail == "/price: It is negative."


def test_openapi_describes_our_shape_and_no_other() -> None:
    schema = small_app().openapi()
    assert "HTTPValidationError" not in json.dumps(schema)
    refused = schema["paths"]["/orders"]["post"]["responses"]["422"]
    assert refused == {"$ref": "#/components/responses/Problem422"}
    assert list(schema["components"]["responses"]["Problem422"]["content"]) == ["application/problem+json"]
    assert set(schema["components"]["schemas"]["Problem"]["required"]) == MEMBERS
