"""A small CRM with contradictory rows: visits and tasks due, plans, pipeline, win rate, orders, what is owed, rhythm.

Left out: taxes (the set's are fractions of a cent, an invoice's are not), leads never qualified (no KPI of ours counts
them), validity of phones (the data-quality tests compare it), and the contradictions themselves: a lost opportunity
that carries a sale is lost.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from real.conftest import Company, life_cycle
from real_data import expected, rows

DAY = "2025-07-09"
SIX = Decimal("0.000001")
STAGES = {"Prospecting": "0.20", "Proposal Sent": "0.50", "Negotiation": "0.75"}
VISITS = ("Meeting", "Demo")
NOW = {"as_of": DAY, "period": DAY}


def table(name: str) -> list[dict[str, str]]:
    return rows(f"sample_sales_crm/{name}.csv")


async def load(company: Company) -> None:
    await company.count()
    contacts = table("Contacts")
    await company.take("customers", [{"external_id": row["ContactID"], "name": row["ContactID"]} for row in contacts])
    await company.take(
        "contacts",
        [{"external_id": row["ContactID"], "customer": row["ContactID"], "last_name": row["FullName"],
          "email": row["Email"], "phone": row["Phone"]} for row in contacts],
    )  # fmt: skip
    await company.take(
        "stages", [{"external_id": name, "name": name, "probability": rate} for name, rate in STAGES.items()]
    )
    activities = table("Activity")
    customer_of = {row["LeadID"]: row["ContactID"] for row in table("Leads")}
    lead_of = {row["ActivityID"]: row["LeadID"] for row in activities}
    await company.take("leads", [_lead(row) for row in table("Leads")])
    await company.take(
        "visits",
        [_visit(row, customer_of[row["LeadID"]]) for row in activities if row["ActivityType"] in VISITS],
    )
    await company.take("tasks", [_task(row) for row in activities if row["ActivityType"] not in VISITS])
    await company.take(
        "opportunities", [_deal(row, customer_of[lead_of[row["ActivityID"]]]) for row in table("Opportunity")]
    )
    sales = {row["SalesID"]: row for row in table("Sales")}
    lines = table("SalesLines")
    await company.take("orders", [_ordered(sales[row["SalesID"]], row) for row in lines])
    await company.take("invoices", [_invoiced(sales[row["SalesID"]], row) for row in lines])
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in lines:
        if sales[row["SalesID"]]["PaymentStatus"] == "Paid":
            paid[row["SalesID"]] += Decimal(row["LinePrice"])
    await company.take(
        "payments",
        [{"external_id": key, "invoice": key, "paid_on": DAY, "amount": amount} for key, amount in paid.items()],
    )


def _lead(row: dict[str, str]) -> dict[str, Any]:
    status = {"New": "new", "Working": "working", "Qualified": "qualified", "Lost": "disqualified"}[row["LeadStatus"]]
    return {
        "external_id": row["LeadID"], "contact_name": row["ContactID"], "source": row["LeadSource"], "status": status,
        "created_on": row["CreatedDate"], "qualified_on": row["CreatedDate"] if status == "qualified" else "",
    }  # fmt: skip


def _visit(row: dict[str, str], customer: str) -> dict[str, Any]:
    done = row["Completed"] == "True"
    return {
        "external_id": row["ActivityID"], "customer": customer, "created_on": "2025-01-01", "purpose": row["Subject"],
        "planned_on": row["DueDate"], "held_on": row["DueDate"] if done else "",
        "status": "held" if done else "planned",
    }  # fmt: skip


def _task(row: dict[str, str]) -> dict[str, Any]:
    done = row["Completed"] == "True"
    return {
        "external_id": row["ActivityID"], "title": row["Subject"], "due_on": row["DueDate"], "created_on": "2025-01-01",
        "status": "done" if done else "open", "done_on": DAY if done else "",
    }  # fmt: skip


def _deal(row: dict[str, str], customer: str) -> dict[str, Any]:
    closed = {"Closed Won": "won", "Closed Lost": "lost"}.get(row["OpportunityStage"])
    return {
        "external_id": row["OpportunityID"], "name": row["OpportunityID"], "customer": customer,
        "stage": "" if closed else row["OpportunityStage"], "status": closed or "open",
        "budget": row["EstimatedValue"], "expected_signature_on": row["CloseDate"],
        # The set closes deals on days to come too: what matters here is that they are closed.
        "closed_on": min(row["CloseDate"], DAY) if closed else "", "opened_on": "2025-01-01",
    }  # fmt: skip


def _line(sale: dict[str, str], row: dict[str, str]) -> dict[str, Any]:
    price, quantity = Decimal(row["LinePrice"]), Decimal(row["Quantity"])
    return {
        "external_id": sale["SalesID"], "customer": sale["ContactID"], "line_quantity": quantity,
        "line_unit_price": (price / quantity).quantize(SIX), "line_net_amount": price,
    }  # fmt: skip


def _ordered(sale: dict[str, str], row: dict[str, str]) -> dict[str, Any]:
    price, quantity = Decimal(row["LinePrice"]), Decimal(row["Quantity"])
    cost = price * (1 - Decimal(row["ProfitMargin"]) / 100) / quantity
    return _line(sale, row) | {"confirmed_on": sale["SalesDate"], "line_unit_cost": cost.quantize(SIX)}


def _invoiced(sale: dict[str, str], row: dict[str, str]) -> dict[str, Any]:
    due = {"Overdue": "2025-07-08", "Pending": DAY}.get(sale["PaymentStatus"], sale["SalesDate"])
    return _line(sale, row) | {"issued_on": sale["SalesDate"], "due_on": due}


async def test_every_figure(company: Company) -> None:
    figures = expected("sample_sales_crm")
    await load(company)
    await _activities(company, figures)
    await _deals(company, figures)
    await _sales(company, figures)
    await life_cycle(company, figures, DAY)
    wanted = figures["contact_completeness"]
    found = await company.kpi("contact_completeness", **NOW)
    company.rate("completeness", found["value"], wanted["rate"])
    company.same("contacts", found["components"]["count"], wanted["contacts"])
    company.same("complete", found["components"]["complete"], wanted["complete"])
    leads = await company.kpi("qualified_leads", period="2025", as_of=DAY)
    company.same("qualified", leads["value"], figures["leads_by_status"]["Qualified"])
    company.settle(350)


async def _activities(company: Company, figures: dict[str, Any]) -> None:
    by_type = figures["activities_by_type"]
    overdue = await company.kpi("overdue_visits", **NOW)
    company.same("overdue visits", overdue["value"], sum(by_type[kind]["overdue"] for kind in VISITS))
    company.same("their records", len(await company.records("overdue_visits", **NOW)), overdue["value"])
    tasks = (await company.ask("/kpi/dashboards/day", **NOW))["lists"]["tasks"]
    late = sum(each["overdue"] for kind, each in by_type.items() if kind not in VISITS)
    company.same("late tasks", tasks["late"], late)


async def _deals(company: Company, figures: dict[str, Any]) -> None:
    for group in (await company.kpi("weighted_pipeline", **NOW, group_by="stage"))["groups"]:
        wanted = figures["pipeline_by_stage"][group["label"]]
        company.money(f"weighted {group['label']}", group["value"], wanted["weighted"])
        company.money(f"unweighted {group['label']}", group["components"]["unweighted"], wanted["amount"])
        company.same(f"deals {group['label']}", group["components"]["count"], wanted["deals"])
    closed, wanted = (await company.kpi("win_rate", period="2025", as_of=DAY))["components"], figures["win_rate"]
    company.same("won and lost", (closed["won"], closed["lost"]), (wanted["won"], wanted["lost"]))
    company.rate("win rate by value", closed["rate_by_amount"], wanted["value_rate"])


async def _sales(company: Company, figures: dict[str, Any]) -> None:
    span = {"from": "2024-07-01", "to": "2025-08-01", "as_of": DAY}
    net = await company.kpi("ordered_amount", **span, interval="month")
    mean = await company.kpi("average_basket", **span, interval="month")
    for point, basket in zip(net["series"], mean["series"], strict=True):
        month = point["period"]["label"]
        wanted = figures["ordered_by_month"][month]
        company.money(f"net {month}", point["value"], wanted["net"])
        company.money(f"basket {month}", basket["value"], wanted["basket"])
        company.same(f"orders {month}", point["components"]["count"], wanted["orders"])
        company.rate(f"margin rate {month}", point["components"]["margin_rate"], wanted["margin_rate"])
    owed = figures["by_payment_status"]
    found = await company.kpi("outstanding", **NOW)
    parts = found["components"]
    company.money("overdue", parts["overdue"], owed["Overdue"]["net"])
    company.money("not due", parts["unpaid_not_due"], owed["Pending"]["net"])
    billed = await company.kpi("invoiced_revenue", **span)
    company.same("invoices", billed["components"]["count"], sum(each["sales"] for each in owed.values()))
