"""Maven CRM: weighted pipeline and win rate by agent, manager and region; won deals as orders for the life cycle.

Left out: sales cycle days and average won value, which are no KPI of ours.
"""

import csv
import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from real.conftest import Company, life_cycle
from real_data import FOLDER, expected

DAY = "2017-12-31"
STAGES = {"Prospecting": "0.1", "Engaging": "0.3"}


def table(name: str) -> list[dict[str, str]]:
    path = FOLDER / "maven_crm" / "CRM+Sales+Opportunities.zip"
    if not path.exists():
        pytest.skip("real data absent: set CADRAN_REAL_DATA to the folder that holds maven_crm")
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"CRM+Sales+Opportunities/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def load(company: Company) -> None:
    await company.count(currency="USD")
    agents, accounts, deals = table("sales_teams"), table("accounts"), table("sales_pipeline")
    prices = {row["product"]: row["sales_price"] for row in table("products")}
    offices = sorted({row["regional_office"] for row in agents})
    await company.take("business-units", [{"external_id": each, "name": each} for each in offices])
    teams = {row["manager"]: row["regional_office"] for row in agents}
    await company.take(
        "teams", [{"external_id": name, "name": name, "business_unit": office} for name, office in teams.items()]
    )
    await company.take(
        "users",
        [{"external_id": row["sales_agent"], "name": row["sales_agent"], "team": row["manager"], "role": "rep",
          "email": row["sales_agent"].lower().replace(" ", ".") + "@maven.test"} for row in agents],
    )  # fmt: skip
    await company.take("customers", [{"external_id": row["account"], "name": row["account"]} for row in accounts])
    await company.take(
        "stages", [{"external_id": name, "name": name, "probability": rate} for name, rate in STAGES.items()]
    )
    await company.take("opportunities", [_deal(row, prices) for row in deals])
    won = [row for row in deals if row["deal_stage"] == "Won"]
    await company.take(
        "orders",
        [{"external_id": row["opportunity_id"], "customer": row["account"], "rep": row["sales_agent"],
          "confirmed_on": row["close_date"], "line_quantity": 1, "line_unit_price": row["close_value"]} for row in won],
    )  # fmt: skip


def _deal(row: dict[str, str], prices: dict[str, str]) -> dict[str, Any]:
    closed = {"Won": "won", "Lost": "lost"}.get(row["deal_stage"])
    product = row["product"].replace("GTXPro", "GTX Pro")
    return {
        "external_id": row["opportunity_id"],
        "name": row["opportunity_id"],
        "customer": row["account"],
        "owner": row["sales_agent"],
        "stage": "" if closed else row["deal_stage"],
        "status": closed or "open",
        "opened_on": row["engage_date"],
        "closed_on": row["close_date"],
        "budget": row["close_value"] if closed else prices[product],
    }


def _closed(company: Company, what: str, found: dict[str, Any], wanted: dict[str, Any]) -> None:
    parts = found["components"]
    company.rate(f"win rate {what}", found["value"], wanted["win_rate"])
    company.same(f"won and lost {what}", (parts["won"], parts["lost"]), (wanted["won"], wanted["lost"]))
    company.money(f"won value {what}", parts["won_amount"], wanted["won_value"])


async def test_every_figure(company: Company) -> None:
    figures = expected("maven_crm")
    await load(company)
    year = {"period": "2017", "as_of": DAY}
    for dimension, name in (("rep", "agent"), ("team", "manager"), ("business_unit", "region")):
        for group in (await company.kpi("win_rate", **year, group_by=dimension))["groups"]:
            _closed(company, group["label"], group, figures[f"results_by_{name}"][group["label"]])
    for dimension, name in (("stage", "stage"), ("rep", "agent")):
        for group in (await company.kpi("weighted_pipeline", **year, group_by=dimension))["groups"]:
            wanted = figures[f"pipeline_by_{name}"][group["label"]]
            company.money(f"weighted {group['label']}", group["value"], wanted["weighted"])
            company.money(f"unweighted {group['label']}", group["components"]["unweighted"], wanted["amount"])
            company.same(f"deals {group['label']}", group["components"]["count"], wanted["deals"])
    users = (await company.ask("/users", limit=500, role="rep"))["items"]
    for user in users:
        months = figures["won_by_agent_month"].get(user["name"])
        if months:
            found = await company.kpi("win_rate", **year, rep=user["id"], interval="month")
            for point in found["series"]:
                wanted = months.get(point["period"]["label"], {"deals": 0, "value": 0})
                company.same(f"{user['name']} won", point["components"]["won"], wanted["deals"])
                company.money(f"{user['name']} won", point["components"]["won_amount"], wanted["value"])
    await life_cycle(company, figures, DAY)
    first = await company.kpi("new_customers", period="2017", interval="month", as_of=DAY)
    for point in first["series"]:
        month = point["period"]["label"]
        company.same(f"new {month}", point["value"], figures["new_customers_by_month"].get(month, 0))
    records = await company.records("weighted_pipeline", **year)
    alone = [row for row in records if row["customer_id"] is None]
    company.same("no account", len(alone), figures["stale_open_deals"]["no_account"])
    total = sum((Decimal(row["contribution"]) for row in records), Decimal(0))
    company.money("records", total, sum(stage["weighted"] for stage in figures["pipeline_by_stage"].values()))
    company.settle(700)
