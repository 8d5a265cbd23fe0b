"""The MCP server as the official client sees it, through a real server: same answers and rights as the REST API."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from mcp.shared.exceptions import MCPError
from mcp.types import TextContent
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from assisting import assistant, refused, told
from cadran.api.assistant_tools import TOOLS, Nothing, Tool
from cadran.kit.db import Actor, Database, engine
from cadran.kit.unit import Unit
from cadran.resources.api_keys import SCOPES
from databases import ROOT, clone, drop
from factories import hire
from following import Office, Serving, key

ALL = "mcp:read", "*:read"
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


@dataclass
class Place:
    office: Office
    address: str
    ids: dict[str, str]

    async def key(self, name: str, *scopes: str) -> dict[str, str]:
        return await key(self.office, name, *scopes)

    async def post(self, headers: dict[str, str], message: Any = HELLO, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60) as client:
            return await client.post("/mcp", json=message, **more)


@pytest.fixture(scope="module")
async def place(server_url: str, bare_app: FastAPI) -> AsyncIterator[Place]:
    url = await clone(server_url)
    database = Database(engine(url, 2))
    async with database.session(Actor("test")) as session:
        people = await hire(session)
    office, ids = Office(bare_app, database, people), {}
    for whose, name in (("rep", "Société Générale d’Équipement"), ("stranger", "Équipement du Midi")):
        customer = await office.make("customers", name=name, owner_id=office.id(whose))
        order = await office.make("orders", customer_id=str(customer["id"]), rep_id=office.id(whose))
        ids |= {whose: str(customer["id"]), f"{whose}'s order": str(order["id"])}
    assert isinstance(database.bind, AsyncEngine)
    serving = Serving(url)
    await asyncio.to_thread(serving.start)
    yield Place(office, serving.address, ids)
    await asyncio.to_thread(serving.stop)
    await database.close()
    await drop(url)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_it_tells_what_it_can_do(place: Place, mode: str) -> None:
    async with assistant(place.address, await place.key("rep", *ALL), mode) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {
            "search_records", "get_record", "list_kpis", "ask_kpi", "explain_kpi", "kpi_records"
        }  # fmt: skip
        for tool in tools:
            assert tool.description
            assert tool.annotations
            assert tool.annotations.read_only_hint
            assert "format" not in tool.input_schema["properties"]
        assert (await told(client, "list_kpis"))["items"]
        with pytest.raises(MCPError, match="no such tool"):
            await client.call_tool("delete_record", {})


async def test_it_says_what_the_api_says(place: Place) -> None:
    headers = await place.key("director", *ALL)
    async with (
        assistant(place.address, headers) as client,
        httpx.AsyncClient(base_url=place.address, headers=headers) as api,
    ):
        found = (await told(client, "search_records", q="societe equipement"))["found"]
        (customers,) = [each for each in found if each["resource"] == "customers"]
        assert [item["id"] for item in customers["items"]] == [place.ids["rep"]]
        only = (await told(client, "search_records", q="equipement", resources=["customers"], limit=1))["found"]
        assert [(each["resource"], len(each["items"]), each["more"]) for each in only] == [("customers", 1, True)]

        order = await told(client, "get_record", resource="orders", id=place.ids["rep's order"])
        assert order["record"] == (await api.get("/orders/" + place.ids["rep's order"])).json()
        assert order["record"]["lines"]

        listed = (await told(client, "list_kpis"))["items"]
        assert [kpi["name"] for kpi in listed] == [kpi["name"] for kpi in (await api.get("/kpi")).json()["items"]]

        asked: dict[str, Any] = {"from": "2020-01-01", "to": "2030-01-01", "rep": [place.office.id("rep")]}
        more = {"group_by": "customer", "compare": ["previous"], "interval": "year"}
        answer = await told(client, "ask_kpi", name="ordered_amount", **asked, **more)
        same = (await api.get("/kpi/ordered_amount", params=asked | more)).json()
        assert float(same["value"]) > 0
        own = {"as_of", "records", "groups_count"}
        assert {k: v for k, v in answer.items() if k not in own} == {k: v for k, v in same.items() if k not in own}

        explained = await told(client, "explain_kpi", name="ordered_amount", **asked)
        assert {"definition", "formula", "definition_version", "inputs"} < set(explained)
        assert explained["answer"]["value"] == same["value"]
        assert explained["answer"]["warnings"] == same["warnings"]

        behind = await told(client, "kpi_records", name="ordered_amount", **asked)
        assert [item["id"] for item in behind["items"]] == [place.ids["rep's order"]]
        assert behind["totals"]["amount"] == same["value"]

        # In the text, for assistants that read nothing else, as in the structure; unknown is null, never absent.
        empty = await client.call_tool("ask_kpi", {"name": "win_rate"})
        (content,) = empty.content
        assert isinstance(content, TextContent)
        assert json.loads(content.text) == empty.structured_content
        assert empty.structured_content["value"] is None
        assert empty.structured_content["reason"]


async def test_a_mistake_is_told_with_its_remedy(place: Place) -> None:
    async with assistant(place.address, await place.key("rep", *ALL)) as client:
        for field, tool, arguments in (
            ("?name", "ask_kpi", {"name": "happiness"}),
            ("?period", "ask_kpi", {"name": "win_rate", "period": "someday"}),
            ("?colour", "ask_kpi", {"name": "win_rate", "colour": "red"}),
            ("?format", "ask_kpi", {"name": "win_rate", "format": "csv"}),
            ("?group_by", "kpi_records", {"name": "win_rate", "group_by": "rep"}),
            ("?rep.0", "explain_kpi", {"name": "win_rate", "rep": ["Camille"]}),
            ("?q", "search_records", {"q": ""}),
            ("?resources.0", "search_records", {"q": "a", "resources": ["api-keys"]}),
            ("?id", "get_record", {"resource": "orders", "id": "SO-1"}),
        ):
            problem = await refused(client, tool, **arguments)
            assert (problem["status"], problem["code"]) == (422, "validation"), tool
            assert problem["errors"][0]["pointer"].removesuffix(".uuid") == field
            assert all(error["remedy"] for error in problem["errors"])


async def test_what_one_may_not_see_is_not_there(place: Place) -> None:
    other = place.ids["stranger"]
    async with assistant(place.address, await place.key("rep", *ALL)) as rep:
        found = (await told(rep, "search_records", q="equipement"))["found"]
        assert {item["id"] for each in found for item in each["items"]} == {place.ids["rep"]}
        assert (await refused(rep, "get_record", resource="customers", id=other))["code"] == "not_found"
        assert (await refused(rep, "get_record", resource="customers", id=str(uuid4())))["code"] == "not_found"
        for tool in ("ask_kpi", "explain_kpi", "kpi_records"):
            assert (await refused(rep, tool, name="ordered_amount", customer=[other]))["code"] == "not_found"
        behind = await told(rep, "kpi_records", name="ordered_amount", **{"from": "2020-01-01", "to": "2030-01-01"})
        assert [item["id"] for item in behind["items"]] == [place.ids["rep's order"]]
    async with assistant(place.address, await place.key("marketing", *ALL)) as marketing:
        names = {kpi["name"] for kpi in (await told(marketing, "list_kpis"))["items"]}
        assert "contact_completeness" in names
        assert "ordered_amount" not in names
        assert (await refused(marketing, "ask_kpi", name="ordered_amount"))["code"] == "forbidden"
        assert (await refused(marketing, "explain_kpi", name="ordered_amount"))["code"] == "forbidden"


async def test_a_key_reads_what_its_scopes_name(place: Place) -> None:
    order = {"resource": "orders", "id": place.ids["rep's order"]}
    async with assistant(place.address, await place.key("director", "mcp:read", "customers:read")) as client:
        found = (await told(client, "search_records", q="equipement"))["found"]
        assert {each["resource"] for each in found} == {"customers"}
        for tool, arguments, scope in (
            ("search_records", {"q": "equipement", "resources": ["customers", "orders"]}, "orders:read"),
            ("get_record", order, "orders:read"),
            ("list_kpis", {}, "kpi:read"),
            ("ask_kpi", {"name": "win_rate"}, "kpi:read"),
            ("explain_kpi", {"name": "win_rate"}, "kpi:read"),
            ("kpi_records", {"name": "win_rate"}, "kpi:read"),
        ):
            problem = await refused(client, tool, **arguments)
            assert problem["code"] == "forbidden"
            assert scope in problem["detail"]
    async with assistant(place.address, await place.key("director", "mcp:read", "kpi:read")) as client:
        assert (await told(client, "ask_kpi", name="win_rate"))["name"] == "win_rate"
        assert (await refused(client, "search_records", q="equipement"))["code"] == "forbidden"


async def test_who_is_let_in(place: Place) -> None:
    mistyped = {"authorization": "Bearer cdr_live_nothing"}
    for headers in ({}, mistyped):
        answer = await place.post(headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    without = await place.post(await place.key("director", "kpi:read", "customers:write"))
    assert (without.status_code, without.json()["code"]) == (403, "forbidden")
    assert "mcp:read" in without.json()["detail"]
    headers = await place.key("director", *ALL)
    as_password = await place.post({}, auth=("anyone", headers["authorization"].removeprefix("Bearer ")))
    assert as_password.json()["result"]["serverInfo"]["name"] == "cadran"
    assert "ratelimit" in as_password.headers
    async with httpx.AsyncClient(base_url=place.address, headers=headers) as client:
        for method in ("GET", "DELETE"):
            answer = await client.request(method, "/mcp")
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert (await place.post(headers, {"q": "x" * 1_100_000})).status_code == 413


async def test_the_guide_says_what_there_is(place: Place) -> None:
    guide = (ROOT / "docs/assistants.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE) == list(TOOLS)
    assert set(re.findall(r"`(\S+:(?:read|write))`", guide)) <= SCOPES
    (program,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    secret = (await place.key("rep", *ALL))["authorization"].removeprefix("Bearer ")
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60,
        env={"CADRAN": place.address, "KEY": secret, "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert re.fullmatch(r"[0-9.]+ EUR\n", done.stdout), done.stderr


async def test_the_database_takes_no_writing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even from a tool that would: and what is no answer to the assistant leaves as any failure does."""

    async def write(unit: Unit, asked: Nothing) -> dict[str, Any]:
        await unit.session.execute(text("UPDATE customers SET city = 'Nowhere'"))
        return {}

    monkeypatch.setitem(TOOLS, "write", Tool("write", "Write", "", Nothing, write))
    headers = await place.key("admin", *ALL)
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "write", "arguments": {}}}
    answer = await place.post(headers, call)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    async with place.office.database.session() as session:
        statement = text("SELECT count(*) FROM customers WHERE city = 'Nowhere'")
        assert (await session.execute(statement)).scalar_one() == 0
