"""A number is the same wherever it is read, and the recipes that can be run do what they say, on the demo company."""

import asyncio
import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client import Client
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from assisting import assistant, told
from cadran.cli.main import app
from cadran.metrics.catalogue import KPIS
from databases import ROOT
from served import demo_company, session_of

RECIPES = ROOT / "docs/recipes"
NAMES = [kpi.name for kpi in KPIS if not kpi.companion]


@dataclass
class Site:
    address: str
    keys: dict[str, str]

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def client(self, role: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.address, headers=self.headers(role), timeout=60)


@pytest.fixture(scope="module")
async def site(server_url: str) -> AsyncIterator[Site]:
    async with demo_company(server_url) as address:
        keys = {}
        for role in ("director", "manager", "rep"):
            cookies, origin = await session_of(address, role), {"Origin": address}
            async with httpx.AsyncClient(base_url=address, cookies=cookies, headers=origin) as person:
                asked = {"name": "Sheet", "scopes": ["*:read", "kpi:read", "mcp:read"]}
                made = await person.post("/api-keys", json=asked)
                assert made.status_code == 201, made.text
                keys[role] = made.json()["key"]
        yield Site(address, keys)


def in_csv(body: bytes, french: bool) -> str:
    reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";" if french else ",")
    (row,) = [row for row in reader if row["part"] == "total"]
    return row["value"].replace(",", ".") if french else row["value"]


def in_workbook(body: bytes) -> Any:
    header, *rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    (row,) = [row for row in rows if row[header.index("part")] == "total"]
    value = row[header.index("value")]
    assert value == "" or isinstance(value, (int, float)), "a number, not text"
    return value


def same(told: Any, wanted: str | None) -> bool:
    if wanted is None:
        return told in ("", None)
    return told not in ("", None) and Decimal(str(told)) == Decimal(wanted)


async def scopes(site: Site) -> dict[str, tuple[str, dict[str, str]]]:
    async with site.client("director") as client:
        users = (await client.get("/users", params={"role": "rep", "limit": 50})).json()["items"]
        teams = (await client.get("/teams")).json()["items"]
        rep = next(user for user in users if user["team_id"])
        team = next(team for team in teams if team["id"] == rep["team_id"])
        units = (await client.get("/business-units")).json()["items"]
    return {
        "company": ("director", {}),
        "business unit": ("director", {"business_unit": team["business_unit_id"] or units[0]["id"]}),
        "team": ("director", {"team": team["id"]}),
        "rep": ("director", {"rep": rep["id"]}),
        "what a manager sees": ("manager", {}),
        "what a rep sees": ("rep", {}),
    }


def by_command(site: Site, role: str, name: str, asked: dict[str, str]) -> Any:
    options = [part for key, value in asked.items() for part in (f"--{key.replace('_', '-')}", value)]
    arguments = ["kpi", name, "--url", site.address, "--format", "json", *options]
    done = CliRunner().invoke(app, arguments, env={"CADRAN_API_KEY": site.keys[role]})
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["value"]


async def by_assistant(client: Client, name: str, filters: dict[str, str]) -> Any:
    listed = {dimension: [key] for dimension, key in filters.items()}
    return (await told(client, "ask_kpi", name=name, period="last-quarter", **listed))["value"]


async def test_a_number_is_the_same_wherever_it_is_read(site: Site) -> None:
    assert {kpi.number for kpi in KPIS if kpi.name in NAMES} == set(range(1, 14))
    found, different = 0, []
    for scope, (role, filters) in (await scopes(site)).items():
        async with site.client(role) as client, assistant(site.address, site.headers(role)) as reader:
            for name in NAMES:
                asked = {"period": "last-quarter", **filters}

                async def get(name: str = name, asked: dict[str, str] = asked, **more: str) -> httpx.Response:
                    return (await client.get(f"/kpi/{name}", params=asked | more)).raise_for_status()

                wanted = (await get()).json()["value"]
                told = {
                    "csv": in_csv((await get(format="csv")).content, french=False),
                    "excel-fr": in_csv((await get(format="csv", dialect="excel-fr")).content, french=True),
                    "xlsx": in_workbook((await get(format="xlsx")).content),
                    "command line": await asyncio.to_thread(by_command, site, role, name, asked),
                    "assistant": await by_assistant(reader, name, filters),
                }
                found += wanted is not None and Decimal(wanted) != 0
                different += [(scope, name, way, value) for way, value in told.items() if not same(value, wanted)]
    assert different == []
    assert found > 3 * len(NAMES), "numbers, and not only zeros"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (RECIPES / page).read_text(encoding="utf-8"), re.DOTALL)


async def execute(site: Site, folder: Path, *command: str) -> str:
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={"CADRAN": site.address, "KEY": site.keys["director"], "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the recipe is written for curl")
async def test_the_recipes_of_curl(site: Site, tmp_path: Path) -> None:
    number, table, records, nightly = blocks("curl.md", "sh")
    assert json.loads(await execute(site, tmp_path, "sh", "-c", number))["name"] == "invoiced_revenue"
    await execute(site, tmp_path, "sh", "-c", table)
    assert (tmp_path / "baskets.csv").read_bytes().startswith(b"\xef\xbb\xbfkpi;part;")
    await execute(site, tmp_path, "sh", "-c", records)
    assert (tmp_path / "invoices.xlsx").read_bytes().startswith(b"PK")
    await execute(site, tmp_path, "sh", "-c", nightly)
    before = (tmp_path / "customers.csv").read_bytes()
    assert before.startswith(b"id,")
    await execute(site, tmp_path, "sh", "-c", nightly.replace("-o customers.csv", "-w '%{http_code}' -o customers.csv"))
    assert (tmp_path / "customers.csv").read_bytes() == before


async def test_the_recipes_of_python(site: Site, tmp_path: Path) -> None:
    groups, records = [
        await execute(site, tmp_path, sys.executable, "-c", code) for code in blocks("python.md", "python")
    ]
    assert groups
    assert "amount" in records


def test_the_recipes_name_kpis_there_are() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in RECIPES.glob("*.md"))
    named = set(re.findall(r"kpi/(\w+)", text))
    assert len(named) > 3
    assert named <= {kpi.name for kpi in KPIS}
