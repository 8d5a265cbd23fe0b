"""Superstore: net, orders, basket, discount and margin by region and month, by segment; life cycle, new customers.

Left out: sums by product category, which is no dimension of ours; margins in money, told as rates.
"""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from real.conftest import Company, life_cycle
from real_data import expected, rows

SIX = Decimal("0.000001")
SPAN = {"from": "2016-01-01", "to": "2020-01-01"}


def day(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007


async def load(company: Company) -> None:
    await company.count(currency="USD")
    sold = rows("superstore_us/Sample - Superstore.csv")
    regions = sorted({row["Region"] for row in sold})
    await company.take("teams", [{"external_id": name, "name": name} for name in regions])
    await company.take(
        "users",
        [{"external_id": name, "name": name, "email": f"{name.lower()}@superstore.test", "role": "rep", "team": name}
         for name in regions],
    )  # fmt: skip
    known = {row["Customer ID"]: row["Segment"] for row in sold}
    await company.take(
        "customers", [{"external_id": key, "name": key, "sector": segment} for key, segment in known.items()]
    )
    orders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sold:
        orders[row["Order ID"]].append(_line(row))
    await company.take("orders", [line for lines in orders.values() for line in lines])


def _line(row: dict[str, str]) -> dict[str, Any]:
    net, quantity = Decimal(row["Sales"]), Decimal(row["Quantity"])
    listed = net / (1 - Decimal(row["Discount"])) / quantity
    return {
        "external_id": row["Order ID"],
        "customer": row["Customer ID"],
        "rep": row["Region"],
        "confirmed_on": day(row["Order Date"]),
        "line_quantity": quantity,
        "line_unit_price": listed.quantize(SIX),
        "line_discount_rate": row["Discount"],
        "line_net_amount": net,
        "line_list_price": listed.quantize(SIX),
        "line_unit_cost": ((net - Decimal(row["Profit"])) / quantity).quantize(SIX),
    }


def _same(company: Company, what: str, found: dict[str, Any], basket: Any, wanted: dict[str, Any]) -> None:
    parts = found["components"]
    company.money(f"net {what}", found["value"], wanted["net"])
    company.money(f"basket {what}", basket, wanted["basket"])
    company.same(f"orders {what}", parts["count"], wanted["orders"])
    company.rate(f"discount {what}", parts["discount_rate"], wanted["discount_rate"])
    company.rate(f"margin rate {what}", parts["margin_rate"], wanted["margin_rate"])


async def test_every_figure(company: Company) -> None:
    figures = expected("superstore_us")
    await load(company)
    teams = {team["name"]: team["id"] for team in (await company.ask("/teams"))["items"]}
    for region, months in figures["ordered_by_region_month"].items():
        for interval, wanted in (("month", months), ("year", figures["ordered_by_region_year"][region])):
            net = await company.kpi("ordered_amount", **SPAN, interval=interval, team=teams[region])
            mean = await company.kpi("average_basket", **SPAN, interval=interval, team=teams[region])
            for point, basket in zip(net["series"], mean["series"], strict=True):
                label = point["period"]["label"]
                if label in wanted:
                    _same(company, f"{region} {label}", point, basket["value"], wanted[label])
                else:
                    company.same(f"{region} {label}", (point["value"], basket["value"]), ("0.00", None))
    net = await company.kpi("ordered_amount", **SPAN, group_by="sector")
    baskets = await company.kpi("average_basket", **SPAN, group_by="sector")
    means = {group["label"]: group["value"] for group in baskets["groups"]}
    for group in net["groups"]:
        _same(company, group["label"], group, means[group["label"]], figures["ordered_by_segment"][group["label"]])
    _same(company, "whole", net, baskets["value"], figures["ordered_by_country"]["United States"])
    await life_cycle(company, figures, "2019-12-31")
    first = await company.kpi("new_customers", **SPAN, interval="month")
    for point in first["series"]:
        month = point["period"]["label"]
        company.same(f"new {month}", point["value"], figures["new_customers_by_month"].get(month, 0))
    company.settle(1_180)
