"""IBM's accounts receivable: invoiced by month and customer, outstanding and its ageing on two days, rhythm."""

from datetime import datetime
from typing import Any

from real.conftest import Company, life_cycle
from real_data import expected, rows


def day(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007


async def test_every_figure(company: Company) -> None:
    figures = expected("ibm_ar")
    found = rows("ibm_ar/WA_Fn-UseC_-Accounts-Receivable.csv")
    await company.count()
    await company.take(
        "customers", [{"external_id": c, "name": c} for c in sorted({row["customerID"] for row in found})]
    )
    await company.take("invoices", [_invoice(row) for row in found])
    await company.take(
        "payments",
        [
            {"external_id": row["invoiceNumber"], "invoice": row["invoiceNumber"], "paid_on": day(row["SettledDate"]),
             "amount": row["InvoiceAmount"]}
            for row in found
        ],
    )  # fmt: skip
    # The set has no orders: an invoice stands for one, so that the customers' rhythm can be told.
    await company.take("orders", [_order(row) for row in found])
    span = {"from": "2012-01-01", "to": "2014-01-01"}
    billed = await company.kpi("invoiced_revenue", **span, interval="month")
    for point in billed["series"]:
        wanted = figures["invoiced_by_month"][point["period"]["label"]]
        company.money(point["period"]["label"], point["value"], wanted["amount"])
        company.same(point["period"]["label"], point["components"]["count"], wanted["invoices"])
    for group in (await company.kpi("invoiced_revenue", **span, group_by="customer"))["groups"]:
        company.money(group["label"], group["value"], figures["invoiced_by_customer"][group["label"]]["amount"])
    for on in ("2013-06-30", "2012-12-31"):
        await _outstanding(company, figures, on)
    await life_cycle(company, figures, "2013-11-30")
    company.settle(300)


def _invoice(row: dict[str, str]) -> dict[str, Any]:
    return {
        "external_id": row["invoiceNumber"], "customer": row["customerID"], "issued_on": day(row["InvoiceDate"]),
        "due_on": day(row["DueDate"]), "disputed": row["Disputed"], "line_quantity": 1,
        "line_unit_price": row["InvoiceAmount"],
    }  # fmt: skip


def _order(row: dict[str, str]) -> dict[str, Any]:
    on = day(row["InvoiceDate"])
    return {
        "external_id": row["invoiceNumber"], "customer": row["customerID"], "confirmed_on": on, "closed_on": on,
        "status": "closed", "line_quantity": 1, "line_unit_price": row["InvoiceAmount"],
    }  # fmt: skip


async def _outstanding(company: Company, figures: dict[str, Any], on: str) -> None:
    whole = figures[f"outstanding_{on}"]
    found = await company.kpi("outstanding", as_of=on, period=on, group_by="customer")
    company.money(f"outstanding {on}", found["value"], whole["outstanding"])
    company.money(f"overdue {on}", found["components"]["overdue"], whole["overdue"])
    for name in ("not_due", "1-30", "31-60", "61-90", "91+"):
        wanted = figures[f"outstanding_{on}_by_age"].get(">90" if name == "91+" else name, {"amount": 0})
        company.money(f"{name} {on}", found["components"][f"unpaid_{name}"], wanted["amount"])
    groups = {group["label"]: group["value"] for group in found["groups"]}
    company.same(f"customers {on}", len(groups), whole["customers"])
    for name, amount in figures[f"outstanding_{on}_by_customer"].items():
        company.money(f"{name} {on}", groups.get(name), amount)
    company.same(f"invoices {on}", len(await company.records("outstanding", as_of=on, period=on)), whole["invoices"])
