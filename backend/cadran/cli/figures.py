"""KPIs from the command line: the very answers of the API, asked in this process or over HTTP."""

import sys
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import orjson
from fastapi import Request
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.app import create_app
from cadran.cli.store import fail
from cadran.kit.db import Database, engine
from cadran.rules.principal import Principal
from cadran.settings import Settings

OPERATOR = Principal(user_id=UUID(int=0), name="command line", email="command line", role="admin")


async def ask_here(url: str, path: str, parameters: dict[str, Any]) -> httpx.Response:
    """Asks the service in this process, as the operator of the machine."""
    store = Database(engine(url, 2))
    app = create_app(Settings(), store)

    async def operator(request: Request, session: AsyncSession) -> Principal:
        return OPERATOR

    app.state.authenticate = operator
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
            return await client.get(path, params=await _emails(client, parameters))
    finally:
        await store.close()


async def _emails(client: httpx.AsyncClient, parameters: dict[str, Any]) -> dict[str, Any]:
    """Reps may be named by e-mail."""
    if not any("@" in each for each in parameters.get("rep", ())):
        return parameters
    found = []
    for each in parameters["rep"]:
        known = (await client.get("/users", params={"q": each, "limit": 50})).json()["items"] if "@" in each else []
        same = [user["id"] for user in known if user["email"] == each.lower()]
        if "@" in each and not same:
            raise fail(f"No user has the e-mail {each}.")
        found.append(same[0] if same else each)
    return parameters | {"rep": found}


def ask_elsewhere(url: str, key: str | None, path: str, parameters: dict[str, Any]) -> httpx.Response:
    """Asks a Cadran over HTTP with an API key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        return httpx.get(url.rstrip("/") + path, params=parameters, headers=headers, timeout=30)
    except httpx.HTTPError as error:
        raise fail(f"{url} does not answer: {error}") from None


def show(answer: httpx.Response, output: str, language: str) -> None:
    """Prints an answer; a problem ends the command with its detail and remedy."""
    if answer.status_code >= 400:
        raise fail(_problem(answer), 1 if answer.status_code >= 500 else 2)
    if output in ("csv", "xlsx"):
        sys.stdout.buffer.write(answer.content)
        return
    data = answer.json()
    if output == "json":
        sys.stdout.buffer.write(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")
    elif "items" in data and "name" not in data:
        for entry in data["items"]:
            print(f"{entry['name']:<24} {entry['label'][language]}")
    elif "items" in data:
        _show_records(data)
    else:
        _show_answer(data, language)


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    remedies = [f"  {each['pointer']}: {each['remedy']}" for each in problem.get("errors", [])]
    return "\n".join([problem.get("detail", "Refused."), *remedies])


def _figure(value: Any, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "ratio":
        return f"{Decimal(value) * 100:.1f} %"
    return f"{Decimal(value):,}".replace(",", "\u202f")


def _show_answer(data: dict[str, Any], language: str) -> None:
    unit = data["unit"]
    period, currency = data["period"], data["currency"] or ""
    print(f"{data['label'][language]}, {period['label']}: {_figure(data['value'], unit)} {currency}".rstrip())
    if data["reason"]:
        print(f"  {data['reason'][language]}")
    if data["target"] is not None:
        share, expected = _figure(data["attainment"], "ratio"), _figure(data["expected_to_date"], unit)
        print(f"  target {_figure(data['target'], unit)}, attained {share}, expected to date {expected}")
    for each in data["comparisons"]:
        change = _figure(each["change"], "ratio")
        print(f"  {each['kind']} {each['period']['label']}: {_figure(each['value'], unit)} ({change})")
    for caveat in data["warnings"]:
        print(f"  ! {caveat['message'][language]}")
    rows = [(each["period"]["label"], each) for each in data["series"]]
    rows += [(each["label"] or "unassigned", each) for each in data["groups"]]
    if rows:
        table = Table(box=None)
        for title in ("", "value", "target", "attained"):
            table.add_column(title, justify="left" if not title else "right")
        for label, each in rows:
            aims = (_figure(each.get("target"), unit), _figure(each.get("attainment"), "ratio"))
            table.add_row(label, _figure(each["value"], unit), *aims)
        Console().print(table)


def _show_records(data: dict[str, Any]) -> None:
    table = Table(box=None)
    for title in ("", "", "customer", "owner", "on", *data["totals"]):
        table.add_column(title)
    for item in data["items"]:
        given = [item[name] or "" for name in ("resource", "title", "customer", "owner", "on")]
        table.add_row(*given, *(str(value) for value in item["contributions"].values()))
    Console().print(table)
    print(f"{data['count']} records, totals {data['totals']}")
