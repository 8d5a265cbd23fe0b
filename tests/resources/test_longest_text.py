"""The longest texts a record takes, in letters of four bytes that hardly compress: kept, or refused for their length.

A search column holds several fields, and an entry of its index at most 2,704 bytes.
"""

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from factories import Maker


def longest(limit: int, field: str) -> str:
    draw = random.Random(field)
    return "".join(chr(draw.randrange(0x20000, 0x2A6DF)) for _ in range(limit))


def texts(app: FastAPI, path: str) -> dict[str, str]:
    """Every field of free text that a POST takes, filled to its limit."""
    schema: dict[str, Any] = app.openapi()
    body = schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    fields = schema["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"]
    found = {}
    for name, field in fields.items():
        for each in field.get("anyOf", [field]):
            if each.get("maxLength", 0) >= 100 and "format" not in each:
                found[name] = longest(each["maxLength"], name)
    return found


@pytest.mark.parametrize(
    "path", ["/contacts", "/leads", "/products", "/teams", "/business-units", "/opportunities", "/service-requests"]
)
async def test_kept(path: str, app: FastAPI, as_user: Callable[..., httpx.AsyncClient], make: Maker) -> None:
    body = texts(app, path)
    assert body
    body.pop("disqualified_reason", None)  # of a lead that is disqualified
    if path in ("/contacts", "/opportunities", "/service-requests"):
        body["customer_id"] = str((await make("customers"))["id"])
    answer = await as_user("admin").post(path, json=body)
    assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in body} == body


async def test_refused(app: FastAPI, as_user: Callable[..., httpx.AsyncClient]) -> None:
    body = texts(app, "/customers")
    admin = as_user("admin")
    answer = await admin.post("/customers", json=body)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["remedy"] == "Shorten its longest texts."
    body["city"] = "Béziers"
    assert (await admin.post("/customers", json=body)).status_code == 201
