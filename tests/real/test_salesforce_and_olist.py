"""Salesforce's sample: completeness, pipeline by stage. Olist: 8,000 qualified leads and what became of them.

Left out of Salesforce: validity of e-mails and phones (the data-quality tests compare it) and leads by source, which
have no date of qualification. Left out of Olist: deals by SDR and SR with declared revenues, which are no KPI of ours.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from real.conftest import Company
from real_data import expected, rows

DAY = "2026-03-08"


def american(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%y").date().isoformat() if text else ""  # noqa: DTZ007


async def test_salesforce(company: Company) -> None:
    figures = expected("salesforce_de")
    await company.count()
    accounts = rows("salesforce_de/Account.csv")
    await company.take("customers", [{"external_id": row["Id"], "name": row["Name"]} for row in accounts])
    known = {row["Id"] for row in accounts}
    await company.take(
        "contacts",
        [{"external_id": row["Id"], "customer": row["AccountId"] if row["AccountId"] in known else "",
          "last_name": row["Name"], "job_title": row["Title"], "department": row["Department"], "email": row["Email"],
          "phone": row["Phone"]} for row in rows("salesforce_de/Contact.csv")],
    )  # fmt: skip
    deals = rows("salesforce_de/Opportunity.csv")
    rates = {row["StageName"]: float(row["Probability"]) / 100 for row in deals if row["IsClosed"] == "FALSE"}
    await company.take(
        "stages", [{"external_id": name, "name": name, "probability": rate} for name, rate in rates.items()]
    )
    await company.take("opportunities", [_deal(row, known) for row in deals])
    wanted = figures["contact_completeness"]
    found = await company.kpi("contact_completeness", as_of=DAY, period=DAY)
    company.rate("completeness", found["value"], wanted["rate"])
    company.same("contacts", found["components"]["count"], wanted["contacts"])
    company.same("complete", found["components"]["complete"], wanted["complete"])
    missing = Counter(
        name
        for row in await company.records("contact_completeness", as_of=DAY, period=DAY)
        for name in row["details"]["missing"]
    )
    for name, field in (
        ("name", "name"),
        ("function", "job_title"),
        ("department", "department"),
        ("email", "email"),
        ("phone", "phone"),
    ):
        company.same(name, wanted["contacts"] - missing[field], wanted["filled"][name])
    for group in (await company.kpi("weighted_pipeline", group_by="stage", as_of=DAY, period=DAY))["groups"]:
        stage = figures["pipeline_by_stage"][group["label"]]
        company.money(group["label"], group["value"], stage["weighted"])
        company.money(group["label"], group["components"]["unweighted"], stage["amount"])
        company.same(group["label"], group["components"]["count"], stage["deals"])
    pipeline = await company.kpi("weighted_pipeline", as_of=DAY, period=DAY)
    company.same("slipped", pipeline["components"]["slipped"], figures["overdue_open_opportunities"])
    closed = await company.kpi("win_rate", **{"from": "2015-01-01", "to": "2036-01-01"})
    company.rate("win rate", closed["value"], figures["win_rate"]["rate"])
    company.rate("win rate by amount", closed["components"]["rate_by_amount"], figures["win_rate"]["rate_amount"])
    company.settle(30)


def _deal(row: dict[str, str], known: set[str]) -> dict[str, Any]:
    status = "open" if row["IsClosed"] == "FALSE" else "won" if row["IsWon"] == "TRUE" else "lost"
    return {
        "external_id": row["Id"],
        "name": row["Name"],
        "customer": row["AccountId"] if row["AccountId"] in known else "",
        "stage": row["StageName"] if status == "open" else "",
        "status": status,
        "budget": row["Amount"],
        "expected_signature_on": american(row["CloseDate"]),
        # The set closes deals on days to come too: what matters here is that they are closed.
        "closed_on": "" if status == "open" else min(american(row["CloseDate"]), DAY),
    }


def european(text: str) -> str:
    return datetime.strptime(text.split()[0], "%d-%m-%Y").date().isoformat() if text else ""  # noqa: DTZ007


async def test_olist(company: Company) -> None:
    figures = expected("olist_funnel")
    await company.count(currency="BRL")
    won = {row["mql_id"]: european(row["won_date"]) for row in rows("olist_funnel/olist_closed_deals_dataset.csv")}
    found = rows("olist_funnel/olist_marketing_qualified_leads_dataset.csv")
    await company.take("leads", [_lead(row, won.get(row["mql_id"], "")) for row in found])
    span = {"from": "2017-06-01", "to": "2018-06-01"}
    by_source = await company.kpi("qualified_leads", **span, group_by="source")
    for group in by_source["groups"]:
        wanted = figures["leads_by_source"][group["label"] or "(empty)"]
        company.same(f"leads {group['label']}", group["value"], wanted["leads"])
        company.same(f"won {group['label']}", group["components"]["converted"], wanted["won"])
        company.rate(f"conversion {group['label']}", group["components"]["conversion_rate"], wanted["conversion"])
    for point in (await company.kpi("qualified_leads", **span, interval="month"))["series"]:
        wanted = figures["leads_by_month"][point["period"]["label"]]
        company.same(point["period"]["label"], point["value"], wanted["leads"])
        company.same(point["period"]["label"], point["components"]["converted"], wanted["won"])
    for source in figures["leads_by_source"]:
        asked = "unassigned" if source == "(empty)" else source
        for point in (await company.kpi("qualified_leads", **span, interval="month", source=asked))["series"]:
            month = point["period"]["label"]
            wanted = figures["leads_by_month_and_source"].get(month, {}).get(source, 0)
            company.same(f"{source} {month}", point["value"], wanted)
    company.settle(150)


def _lead(row: dict[str, str], won: str) -> dict[str, Any]:
    first = european(row["first_contact_date"])
    return {
        "external_id": row["mql_id"], "company_name": row["mql_id"], "source": row["origin"], "created_on": first,
        "status": "converted" if won else "qualified", "qualified_on": first,
        "converted_on": max(won, first) if won else "",
    }  # fmt: skip
