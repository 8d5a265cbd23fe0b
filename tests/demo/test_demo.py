"""The demo company: it loads on any day, says something on every KPI, shows every warning, and lets every role in."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.company import company
from cadran.answers.dashboards import SCREENS, dashboard
from cadran.answers.data import answer_data
from cadran.answers.question import Question
from cadran.checks.validity import valid_siren, valid_siret, valid_vat
from cadran.demo import PASSWORD, CompanyExists, generate, load, plan
from cadran.demo.world import World
from cadran.kit.db import Database, engine
from cadran.metrics.catalogue import BY_NAME, KPIS
from cadran.metrics.periods import parse
from cadran.models import (
    LOGGED,
    Change,
    Contact,
    Customer,
    Invoice,
    InvoiceLine,
    Opportunity,
    Order,
    OrderLine,
    Payment,
    Settings,
    Team,
    User,
    Visit,
    VisitReport,
)
from cadran.queries.duplicates import unresolved
from cadran.resources.registry import RESOURCES
from cadran.rules.documents import totals
from cadran.rules.principal import Principal
from databases import PATIENT, SEEN, clone, drop

MID_MONTH, NEW_YEAR, LEAP_DAY = date(2026, 11, 17), date(2027, 1, 1), date(2028, 2, 29)
# Visits count once their orders had time to come: on the first days of a year, those of the months before.
PERIODS = ("this-month", "this-year", "last-3-months")


def real_today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date()


async def principal(session: AsyncSession, user: User) -> Principal:
    led = set((await session.execute(select(Team.id).where(Team.manager_id == user.id))).scalars())
    teams = frozenset(led | ({user.team_id} if user.team_id else set()))
    role: Any = user.role
    scoped = teams if user.role in ("rep", "manager") else frozenset()
    return Principal(user.id, user.name, user.email, role, scoped, None, None, user.language)


async def everyone(session: AsyncSession, *roles: str) -> list[Principal]:
    statement = select(User).where(User.role.in_(roles), User.is_active).order_by(User.email)
    return [await principal(session, user) for user in (await session.execute(statement)).scalars()]


async def asked(session: AsyncSession, who: Principal, day: date, period: str, **how: Any) -> Question:
    return Question(company=await company(session), who=who, period=parse(period, day), day=day, **how)


async def figure(session: AsyncSession, name: str, who: Principal, day: date) -> Any:
    for period in PERIODS:
        found = await answer_data(session, BY_NAME[name], await asked(session, who, day, period))
        if found["value"] is not None:
            return found["value"]
    return None


@pytest.fixture(scope="module", params=[MID_MONTH, NEW_YEAR, LEAP_DAY], ids=str)
async def company_of(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[tuple[Database, date]]:
    """A database of its own with the demo as it stands on a day."""
    url = await clone(server_url)
    found = Database(engine(url, 2, **PATIENT))
    async with found.session() as session:
        await load(session, request.param)
    yield found, request.param
    await found.close()
    await drop(url)


@pytest.fixture
async def demo(company_of: tuple[Database, date]) -> AsyncIterator[AsyncSession]:
    async with company_of[0].session() as found:
        yield found


@pytest.fixture
def day(company_of: tuple[Database, date]) -> date:
    return company_of[1]


@pytest.fixture(scope="module")
def world() -> World:
    return generate(MID_MONTH)


async def test_every_kpi_has_a_value_for_the_director_and_a_rep(demo: AsyncSession, day: date) -> None:
    [director] = await everyone(demo, "director")
    sellers = await everyone(demo, "rep")
    for kpi in KPIS:
        assert await figure(demo, kpi.name, director, day) is not None, f"{kpi.name}: nothing for the director"
        for rep in sellers:
            if await figure(demo, kpi.name, rep, day) is not None:
                break
        else:
            pytest.fail(f"{kpi.name}: nothing for any rep")


async def test_the_month_is_alive_and_on_pace(demo: AsyncSession, day: date) -> None:
    [director] = await everyone(demo, "director")
    for name in ("invoiced_revenue", "ordered_amount"):
        found = await answer_data(demo, BY_NAME[name], await asked(demo, director, day, "this-month", group_by="rep"))
        assert Decimal(found["value"]) > 0
        if found["pace"] is not None and Decimal(found["expected_to_date"]):
            assert Decimal("0.95") <= Decimal(found["pace"]) <= Decimal("1.08"), (name, found["pace"])
            paces = [Decimal(group["pace"]) for group in found["groups"] if group["pace"] is not None]
            assert any(pace > Decimal("1.05") for pace in paces)
            assert any(pace < Decimal("0.95") for pace in paces)


async def test_each_warning_appears_somewhere(demo: AsyncSession, day: date) -> None:
    codes: set[str] = set()
    for who in await everyone(demo, "director", "manager"):
        for name in ("ordered_amount", "order_count", "average_basket", "new_prospects", "visit_to_order_ratio"):
            for period in ("this-year", "last-3-months"):
                found = await answer_data(demo, BY_NAME[name], await asked(demo, who, day, period))
                codes |= {warning["code"] for warning in found["warnings"]}
    assert codes >= {
        "list_net_coverage", "cost_net_coverage", "price_guard", "immature", "parent_differs", "parts_differ",
        "members_without_target", "quotient_of_unlike_members",
    }  # fmt: skip


async def test_the_price_guard_holds_for_the_company_but_not_for_one_team(demo: AsyncSession, day: date) -> None:
    [director] = await everyone(demo, "director")
    broken = {}
    for who in [director, *await everyone(demo, "manager")]:
        found = await answer_data(demo, BY_NAME["ordered_amount"], await asked(demo, who, day, "last-3-months"))
        broken[who.name] = any(warning["code"] == "price_guard" for warning in found["warnings"])
    assert [name for name, failed in broken.items() if failed] == ["Laurence Pujol"]


async def test_every_screen_has_its_sentence(demo: AsyncSession, day: date) -> None:
    [director] = await everyone(demo, "director")
    for screen in SCREENS:
        found = await dashboard(demo, screen, await asked(demo, director, day, "this-month"))
        assert found["company"].endswith("(démo)")
        assert found["headline"]["fr"], screen


async def test_the_director_has_something_to_act_on(demo: AsyncSession, day: date) -> None:
    [director] = await everyone(demo, "director")
    found = await dashboard(demo, "day", await asked(demo, director, day, "this-month"))
    kpis, lists = found["kpis"], found["lists"]
    assert {"visit", "quote", "invoice", "delivery", "task"} <= set(lists["todo_counts"])
    planned = {visit["owner_id"] for visit in lists["agenda"] if visit["planned_time"] is not None}
    assert len(planned) == 14, "every rep has visits today"
    ages = kpis["outstanding"]["components"]
    assert all(Decimal(ages[f"unpaid_{age}"]) > 0 for age in ("not_due", "1-30", "31-60", "61-90", "91+"))
    assert ages["late_deliveries"]
    assert ages["open_requests"]
    assert kpis["overdue_visits"]["components"]["over_week"]
    assert kpis["quotes_to_follow_up"]["components"]["expiring"]
    field = await dashboard(demo, "field", await asked(demo, director, day, "this-month"))
    states = field["kpis"]["action_plan_progress"]["components"]
    assert all(states[state] for state in ("on_track", "late", "effort_without_result", "result_without_effort"))


async def test_life_cycles_and_duplicates_are_there(demo: AsyncSession, day: date) -> None:
    [director] = await everyone(demo, "director")
    for name in ("inactive_customers", "lost_customers", "new_customers", "due_customers"):
        found = await answer_data(demo, BY_NAME[name], await asked(demo, director, day, "last-3-months"))
        assert found["value"] > 0, name
    assert 10 <= len(await unresolved(demo, "customers")) <= 20
    assert 10 <= len(await unresolved(demo, "contacts")) <= 20


async def _fingerprint(session: AsyncSession) -> dict[str, str]:
    found = {}
    for model in LOGGED:
        name = model.__tablename__
        # The salt of a password is never twice the same, nor is the clock.
        rows = "(to_jsonb(r) - '{password_hash,created_at,updated_at}'::text[])::text"
        statement = text(f"SELECT md5(string_agg({rows}, '' ORDER BY r.id)) FROM {name} r")
        found[name] = (await session.execute(statement)).scalar_one()
    return found


async def test_two_loads_of_a_day_are_identical(session: AsyncSession) -> None:
    prints = []
    for _ in range(2):
        nested = await session.begin_nested()
        await load(session, NEW_YEAR)
        prints.append(await _fingerprint(session))
        await nested.rollback()
    assert prints[0] == prints[1]
    missing = {name for name, found in prints[0].items() if found is None}
    assert missing == {"api_keys", "webhooks"}  # What only a person makes.


async def test_it_goes_into_an_empty_company_only(session: AsyncSession) -> None:
    session.add(Settings(company_name="Durand SA"))
    await session.flush()
    with pytest.raises(CompanyExists):
        await load(session, MID_MONTH)


async def test_progress_is_told_and_the_log_names_the_demo(session: AsyncSession) -> None:
    told: list[tuple[str, int, int]] = []
    accounts = await load(session, MID_MONTH, lambda *step: told.append(step))
    assert {stage for stage, _, _ in told} == {"generate", "load"}
    assert told[-1][1] == told[-1][2] > 30_000
    assert set((await session.execute(select(Change.actor).distinct())).scalars()) == {"demo"}
    logged = (await session.execute(select(func.count()).select_from(Change))).scalar_one()
    assert logged == told[-1][2]
    assert {account.role for account in accounts.shown} == {"rep", "manager", "director", "marketing", "admin"}
    assert (await session.execute(select(Settings.is_demo))).scalar_one() is True


async def test_every_role_signs_in(client: httpx.AsyncClient, session: AsyncSession) -> None:
    accounts = await load(session, real_today())
    await session.commit()
    assert len(PASSWORD) >= 12
    for account in accounts.shown:
        sent = {"email": account.email, "password": accounts.password}
        signed = await client.post("/session", json=sent, headers={"origin": "http://testserver"})
        assert signed.status_code in (200, 201), signed.text
        client.cookies.clear()


async def test_every_list_and_screen_answers_over_http(
    app: Any, client: httpx.AsyncClient, session: AsyncSession
) -> None:
    await load(session, real_today())
    for role in ("director", "rep", "marketing"):
        app.state.known[role] = (await everyone(session, role))[0]
    await session.commit()
    for role in app.state.known:
        client.headers[SEEN] = role
        if role in ("director", "marketing"):
            for resource in RESOURCES:
                found = await client.get(f"/{resource.name}", params={"limit": 100})
                hidden = role == "marketing" and found.status_code == 403
                assert found.status_code == 200 or hidden, (role, resource.name, found.text)
        for screen in SCREENS:
            found = await client.get(f"/kpi/dashboards/{screen}")
            hidden = role == "marketing" and screen in ("activity", "day")
            assert found.status_code == (403 if hidden else 200), (role, screen, found.text)


# What the API would have made of the same figures


def test_documents_add_up_as_the_api_makes_them(world: World) -> None:
    for model, line_model, key in ((Order, OrderLine, "order_id"), (Invoice, InvoiceLine, "invoice_id")):
        lines: dict[Any, list[dict[str, Any]]] = {}
        for line in world.rows[line_model]:
            lines.setdefault(line[key], []).append(line)
        for row in world.rows[model]:
            found = totals(lines[row["id"]], row["exchange_rate"])
            assert (row["net_amount"], row["base_amount"]) == (found.net, found.base)
            if model is Invoice:
                assert (row["gross_amount"], row["base_gross_amount"]) == (found.gross, found.base_gross)


def test_nobody_pays_more_than_is_owed(world: World) -> None:
    paid: dict[Any, Decimal] = {}
    for row in world.rows[Payment]:
        paid[row["invoice_id"]] = paid.get(row["invoice_id"], Decimal(0)) + row["amount"]
    owed = {row["id"]: row["gross_amount"] for row in world.rows[Invoice]}
    assert paid
    assert all(amount <= owed[key] for key, amount in paid.items())


def test_nothing_has_happened_after_today(world: World) -> None:
    done = {
        "confirmed_on", "cancelled_on", "closed_on", "issued_on", "paid_on", "delivered_on", "held_on", "decided_on",
        "qualified_on", "converted_on", "done_on", "sent_on", "occurred_on", "opened_on", "created_on", "verified_on",
        "prospect_on",
    }  # fmt: skip
    for model, rows in world.rows.items():
        for row in rows:
            late = {name for name in done & set(row) if row[name] is not None and row[name] > world.today}
            assert not late, (model.__tablename__, late, row)


def test_nobody_orders_or_visits_on_a_day_off(world: World) -> None:
    off = [
        row
        for row in world.rows[Order]
        if row.get("confirmed_on") and not world.calendar.is_working_day(row["confirmed_on"])
    ]
    assert {row["source"] for row in off} <= {"EDI"}, "only machines order on the 1st, whatever the day"
    held = [row["held_on"] for row in world.rows[Visit] if row["status"] == "held"]
    assert all(world.calendar.is_working_day(on) for on in held)


def test_registration_numbers_hold_their_keys(world: World) -> None:
    given = {
        name: [row[name] for row in world.rows[Customer] if row.get(name)] for name in ("siren", "siret", "vat_number")
    }
    assert all(len(values) > 200 for values in given.values())
    assert all(map(valid_siren, given["siren"]))
    assert all(map(valid_siret, given["siret"]))
    assert all(valid_vat(value, "FR") for value in given["vat_number"])


def test_customers_speak_in_many_different_words(world: World) -> None:
    said = [row["customer_words"] for row in world.rows[VisitReport]]
    assert len(set(said)) >= 40
    latest = sorted(world.rows[VisitReport], key=lambda row: row["submitted_at"] or datetime.min.replace(tzinfo=UTC))
    assert len({row["customer_words"] for row in latest[-20:]}) >= 15


def test_the_company_is_of_the_size_meant(world: World) -> None:
    sizes = {model.__tablename__: len(rows) for model, rows in world.rows.items()}
    assert 330 <= sizes["customers"] <= 380
    assert 850 <= sizes["contacts"] <= 1100
    assert sizes["products"] == 120
    assert 2000 <= sizes["orders"] <= 3200
    assert sum(row["status"] == "open" for row in world.rows[Opportunity]) == 90
    assert any(not row["email"] or "xxx" in row["email"] for row in world.rows[Contact])
    assert sum(plan.skills(world)[key] > 1 for key in plan.skills(world)) > 4
