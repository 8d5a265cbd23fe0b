"""Northwind: orders by rep, month and customer, the roll-up along managers, life cycle, new customers, contacts.

Left out: late deliveries by required date (a count of whole orders ever, which is no KPI of ours) and phone validity by
country, which the data-quality tests compare.
"""

import struct
from decimal import Decimal
from typing import Any

from real.conftest import Company, life_cycle
from real_data import expected, rows

SIX = Decimal("0.000001")
# Sums such as 4,500.275 that single-precision lines, kept to six decimals, leave a millionth under the half cent.
TIES = ("net 5 1997-05", "net 7", "net 1996-10", "net 1997-02", "under 7")


async def test_every_figure(company: Company) -> None:
    figures = expected("northwind")
    await company.count(currency="USD")
    people = rows("northwind/csv/employees.csv")
    await company.take(
        "users",
        [{"external_id": f"R{row['employee_id']}", "name": row["employee_id"],
          "email": f"r{row['employee_id']}@nw.test",
          "role": "rep"} for row in people],
    )  # fmt: skip
    known = rows("northwind/csv/customers.csv")
    await company.take(
        "customers",
        [{"external_id": row["customer_id"], "name": row["customer_id"], "postal_code": row["postal_code"],
          "city": row["city"], "phone": row["phone"]} for row in known],
    )  # fmt: skip
    await company.take(
        "contacts",
        [{"external_id": row["customer_id"], "customer": row["customer_id"], "last_name": row["contact_name"],
          "job_title": row["contact_title"], "phone": row["phone"]} for row in known],
    )  # fmt: skip
    products = sorted({row["product_id"] for row in rows("northwind/csv/products.csv")})
    await company.take("products", [{"external_id": f"P{each}", "name": each} for each in products])
    headers = {row["order_id"]: row for row in rows("northwind/csv/orders.csv")}
    await company.take(
        "orders", [_line(headers[row["order_id"]], row) for row in rows("northwind/csv/order_details.csv")]
    )
    users = (await company.ask("/users", limit=500, role="rep"))["items"]
    reps = {user["name"]: user["id"] for user in users if user["external_id"]}
    await _ordered(company, figures, reps)
    await life_cycle(company, figures, "1998-05-06")
    first = await company.kpi("new_customers", **{"from": "1996-07-01", "to": "1998-06-01"}, interval="month")
    for point in first["series"]:
        month = point["period"]["label"]
        company.same(f"new {month}", point["value"], figures["new_customers_by_month"].get(month, 0))
    wanted = figures["contact_completeness"]
    found = await company.kpi("contact_completeness")
    company.rate("completeness", found["value"], wanted["rate"])
    company.same("contacts", (found["components"]["count"], found["components"]["complete"]), (91, wanted["complete"]))
    company.settle(1_300, TIES)


def _line(order: dict[str, str], row: dict[str, str]) -> dict[str, Any]:
    price, quantity, discount = (Decimal(row[name]) for name in ("unit_price", "quantity", "discount"))
    # The source keeps prices and discounts in single precision: its nets are given as it has them, to six decimals.
    net = _single(price) * quantity * (1 - _single(discount))
    return {
        "external_id": order["order_id"],
        "customer": order["customer_id"],
        "rep": f"R{order['employee_id']}",
        "confirmed_on": order["order_date"],
        "line_product": f"P{row['product_id']}",
        "line_quantity": quantity,
        "line_unit_price": price,
        "line_discount_rate": discount.quantize(SIX),
        "line_net_amount": net.quantize(SIX),
        "line_list_price": price,
    }


def _single(value: Decimal) -> Decimal:
    return Decimal(struct.unpack("f", struct.pack("f", value))[0])


def _same(company: Company, what: str, point: dict[str, Any], wanted: dict[str, Any]) -> None:
    company.money(f"net {what}", point["value"], wanted["net"])
    company.same(f"orders {what}", point["components"]["count"], wanted["orders"])
    company.rate(f"discount {what}", point["components"]["discount_rate"], wanted["discount_rate"])


async def _ordered(company: Company, figures: dict[str, Any], reps: dict[str, str]) -> None:
    span = {"from": "1996-07-01", "to": "1998-06-01"}
    for rep, months in figures["ordered_by_rep_month"].items():
        found = await company.kpi("ordered_amount", **span, interval="month", rep=reps[rep])
        basket = await company.kpi("average_basket", **span, interval="month", rep=reps[rep])
        for point, mean in zip(found["series"], basket["series"], strict=True):
            month = point["period"]["label"]
            if month in months:
                _same(company, f"{rep} {month}", point, months[month])
                company.money(f"basket {rep} {month}", mean["value"], months[month]["basket"])
            else:
                company.same(f"{rep} {month}", (point["value"], mean["value"]), ("0.00", None))
        _same(company, rep, found, figures["ordered_by_rep"][rep])
    for point in (await company.kpi("ordered_amount", **span, interval="month"))["series"]:
        month = point["period"]["label"]
        if month in figures["ordered_by_month"]:
            _same(company, month, point, figures["ordered_by_month"][month])
    for group in (await company.kpi("ordered_amount", **span, group_by="customer"))["groups"]:
        _same(company, group["label"], group, figures["ordered_by_customer"][group["label"]])
    under = {"2": list(reps), "5": ["5", "6", "7", "9"]}
    for boss, wanted in figures["ordered_by_manager_rollup"].items():
        team = [reps[each] for each in under.get(boss, [boss])]
        company.money(f"under {boss}", (await company.kpi("ordered_amount", **span, rep=team))["value"], wanted)
