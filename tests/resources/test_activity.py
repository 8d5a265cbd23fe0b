"""Visits and their reports, interactions, tasks, service requests, leads: what is done, when, for whom it counts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.resources.registry import BY_NAME
from factories import Maker, People


@pytest.fixture
def rep(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("rep")
    return client


@pytest.fixture
async def customer(make: Maker, people: People) -> str:
    """One of the rep's."""
    return str((await make("customers", owner_id=str(people["rep"].id)))["id"])


def today(days: int = 0) -> str:
    return (datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date() + timedelta(days=days)).isoformat()


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def pointers(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    errors = response.json()["errors"]
    assert all(error["remedy"] for error in errors)
    return [error["pointer"] for error in errors]


async def planned(rep: httpx.AsyncClient, customer: str, **more: Any) -> dict[str, Any]:
    return ok(await rep.post("/visits", json={"customer_id": customer, "planned_on": today(-3)} | more), 201)  # type: ignore[no-any-return]


async def test_a_new_visit_is_ones_own_and_remembers_its_first_day(
    rep: httpx.AsyncClient, customer: str, people: People
) -> None:
    visit = await planned(rep, customer, planned_time="09:30")
    assert visit["owner_id"] == str(people["rep"].id)
    assert (visit["status"], visit["first_planned_on"], visit["created_on"]) == ("planned", today(-3), today())
    assert visit["planned_time"] == "09:30"
    assert visit["rep_id"] is visit["team_id"] is visit["business_unit_id"] is None


async def test_rescheduling_launders_no_lateness(rep: httpx.AsyncClient, customer: str) -> None:
    visit = await planned(rep, customer, planned_time="09:30")
    place = f"/visits/{visit['id']}"
    moved = ok(await rep.post(f"{place}/reschedule", json={"planned_on": today(5), "late_reason": "Strike"}))
    assert (moved["planned_on"], moved["first_planned_on"]) == (today(5), today(-3))
    assert (moved["late_reason"], moved["planned_time"]) == ("Strike", "09:30")
    patched = ok(await rep.patch(place, json={"planned_on": today(9)}, headers={"If-Match": "*"}))
    assert (patched["planned_on"], patched["first_planned_on"]) == (today(9), today(-3))
    answer = await rep.patch(place, json={"first_planned_on": today(9)}, headers={"If-Match": "*"})
    assert pointers(answer) == ["/first_planned_on"]


async def test_a_held_visit_counts_for_who_held_it_for_ever(
    rep: httpx.AsyncClient, as_user: Any, customer: str, people: People
) -> None:
    visit = await planned(rep, customer)
    held = ok(await rep.post(f"/visits/{visit['id']}/hold"))
    assert (held["status"], held["held_on"], held["rep_id"]) == ("held", today(), str(people["rep"].id))
    assert held["team_id"] == str(people.teams["north"].id)
    assert held["business_unit_id"] == str(people.units["east"].id)
    given = ok(
        await as_user("director").patch(
            f"/visits/{visit['id']}", json={"owner_id": str(people["stranger"].id)}, headers={"If-Match": "*"}
        )
    )
    assert (given["owner_id"], given["rep_id"]) == (str(people["stranger"].id), str(people["rep"].id))
    assert (await rep.post(f"/visits/{visit['id']}/hold")).status_code == 409


async def test_visit_dates_agree_with_the_status(rep: httpx.AsyncClient, customer: str) -> None:
    body = {"customer_id": customer, "planned_on": today(-3)}
    assert pointers(await rep.post("/visits", json=body | {"held_on": today(-2)})) == ["/held_on"]
    assert pointers(await rep.post("/visits", json=body | {"status": "held", "held_on": today(1)})) == ["/held_on"]
    assert pointers(await rep.post("/visits", json=body | {"rep_id": None, "planned_time": "25:00"})) == [
        "/planned_time"
    ]
    history = ok(await rep.post("/visits", json=body | {"status": "cancelled", "cancelled_on": today(-2)}), 201)
    assert history["cancelled_on"] == today(-2)


async def test_cancelled_visits_are_no_longer_held_or_moved(rep: httpx.AsyncClient, customer: str) -> None:
    visit = await planned(rep, customer)
    cancelled = ok(await rep.post(f"/visits/{visit['id']}/cancel", json={"reason": "Customer away"}))
    assert (cancelled["status"], cancelled["cancelled_on"], cancelled["late_reason"]) == (
        "cancelled", today(), "Customer away",
    )  # fmt: skip
    for name, body in (("hold", {}), ("cancel", {}), ("report", {}), ("reschedule", {"planned_on": today(3)})):
        assert (await rep.post(f"/visits/{visit['id']}/{name}", json=body)).status_code == 409
    again = ok(await rep.patch(f"/visits/{visit['id']}", json={"status": "planned"}, headers={"If-Match": "*"}))
    assert again["cancelled_on"] is None


async def test_reporting_holds_the_visit_once(rep: httpx.AsyncClient, customer: str, people: People) -> None:
    visit = await planned(rep, customer)
    place = f"/visits/{visit['id']}/report"
    body = {"summary": "They want a quote", "held_on": today(-1)}
    report = ok(await rep.post(place, json=body, headers={"Idempotency-Key": "one"}), 201)
    assert report["visit_id"] == visit["id"]
    assert (report["status"], report["author_id"]) == ("submitted", str(people["rep"].id))
    assert report["submitted_at"] is not None
    held = ok(await rep.get(f"/visits/{visit['id']}"))
    assert (held["status"], held["held_on"]) == ("held", today(-1))
    assert ok(await rep.post(place, json=body, headers={"Idempotency-Key": "one"}), 201) == report
    assert (await rep.post(place, json=body)).status_code == 409
    # What was held and reported cannot become as if it had not been.
    undone = await rep.patch(f"/visits/{visit['id']}", json={"status": "planned"}, headers={"If-Match": "*"})
    assert undone.status_code == 409
    assert (await rep.delete(f"/visits/{visit['id']}", headers={"If-Match": "*"})).status_code == 409


async def test_a_visit_nobody_planned_is_reported_at_once(
    rep: httpx.AsyncClient, customer: str, people: People
) -> None:
    said = {"summary": "Passing by", "held_on": "2026-03-02"}
    sent = {"headers": {"Idempotency-Key": "from-the-phone"}, "json": said}
    first = await rep.post(f"/customers/{customer}/visit-report", **sent)
    again = await rep.post(f"/customers/{customer}/visit-report", **sent)
    assert (first.status_code, again.json()) == (201, first.json())
    visits = (await rep.get("/visits", params={"customer_id": customer})).json()["items"]
    assert [(visit["id"], visit["status"], visit["held_on"]) for visit in visits] == [
        (first.json()["visit_id"], "held", "2026-03-02")
    ]
    assert visits[0]["rep_id"] == str(people["rep"].id)
    to_come = await rep.post(f"/customers/{customer}/visit-report", json={"held_on": "2199-01-01"})
    assert to_come.status_code == 422
    assert len((await rep.get("/visits", params={"customer_id": customer})).json()["items"]) == 1


async def test_only_the_report_of_a_held_visit_is_submitted(rep: httpx.AsyncClient, customer: str) -> None:
    visit = await planned(rep, customer)
    assert pointers(await rep.post("/visit-reports", json={"visit_id": visit["id"]})) == ["/status"]
    draft = ok(await rep.post("/visit-reports", json={"visit_id": visit["id"], "status": "draft"}), 201)
    assert draft["submitted_at"] is None
    submit = {"json": {"status": "submitted"}, "headers": {"If-Match": "*"}}
    assert pointers(await rep.patch(f"/visit-reports/{draft['id']}", **submit)) == ["/status"]
    ok(await rep.post(f"/visits/{visit['id']}/hold"))
    assert ok(await rep.patch(f"/visit-reports/{draft['id']}", **submit))["submitted_at"] is not None


async def test_a_report_taken_in_late_counts_from_the_day_of_its_visit(
    make: Maker, session: AsyncSession, people: People
) -> None:
    visit = await make("visits", planned_on="2025-03-10", status="held", held_on="2025-03-11")
    resource = BY_NAME["visit-reports"]
    given = resource.create.model_validate({"visit_id": visit["id"]})
    key = await resource.insert(session, people.principal("admin"), given, imported=True)
    report = await resource.get(session, people.principal("admin"), key)
    assert report["submitted_at"] == datetime(2025, 3, 11, 22, 59, 59, tzinfo=UTC)


async def test_history_without_its_date_is_refused_rather_than_dated_today(
    make: Maker, session: AsyncSession, people: People
) -> None:
    resource = BY_NAME["visits"]
    body = await make.body("visits", status="held")
    with pytest.raises(Exception, match="/held_on"):
        await resource.insert(session, people.principal("admin"), resource.create.model_validate(body), imported=True)


async def test_the_neighbours_visits_are_not_there(rep: httpx.AsyncClient, as_user: Any, customer: str) -> None:
    visit = await planned(rep, customer)
    assert (await as_user("stranger").get(f"/visits/{visit['id']}")).status_code == 404
    assert (await as_user("stranger").post(f"/visits/{visit['id']}/hold")).status_code == 404
    assert (await as_user("marketing").get(f"/visits/{visit['id']}")).status_code == 404
    assert ok(await as_user("manager").get(f"/visits/{visit['id']}"))["id"] == visit["id"]
    assert pointers(
        await as_user("stranger").post("/visits", json={"customer_id": customer, "planned_on": today()})
    ) == ["/customer_id"]


async def test_nobody_gives_visits_beyond_their_teams(
    rep: httpx.AsyncClient, as_user: Any, customer: str, people: People
) -> None:
    body = {"customer_id": customer, "planned_on": today()}
    colleague, stranger = str(people["colleague"].id), str(people["stranger"].id)
    assert (await rep.post("/visits", json=body | {"owner_id": colleague})).status_code == 403
    assert ok(await as_user("manager").post("/visits", json=body | {"owner_id": colleague}), 201)
    assert (await as_user("manager").post("/visits", json=body | {"owner_id": stranger})).status_code == 403
    held = body | {"status": "held", "team_id": str(people.teams["south"].id)}
    assert (await rep.post("/visits", json=held)).status_code == 403


async def test_a_contact_of_another_customer_is_refused(rep: httpx.AsyncClient, make: Maker, people: People) -> None:
    own = str(people["rep"].id)
    one, two = [str((await make("customers", owner_id=own))["id"]) for _ in range(2)]
    contact = str((await make("contacts", customer_id=one))["id"])
    body = {"customer_id": two, "contact_id": contact, "kind": "call"}
    assert pointers(await rep.post("/interactions", json=body)) == ["/contact_id"]
    call = ok(await rep.post("/interactions", json=body | {"customer_id": one}), 201)
    assert (call["occurred_on"], call["answered"]) == (today(), True)
    assert pointers(await rep.post("/interactions", json=body | {"customer_id": one, "occurred_on": today(1)})) == [
        "/occurred_on"
    ]


async def test_tasks_are_done_once_and_reopened(rep: httpx.AsyncClient, customer: str, people: People) -> None:
    task = ok(await rep.post("/tasks", json={"title": "Call back", "customer_id": customer, "due_on": today(1)}), 201)
    assert (task["owner_id"], task["created_on"], task["done_on"]) == (str(people["rep"].id), today(), None)
    place = f"/tasks/{task['id']}"
    assert ok(await rep.post(f"{place}/snooze", json={"due_on": today(4)}))["due_on"] == today(4)
    assert pointers(await rep.patch(place, json={"done_on": today()}, headers={"If-Match": "*"})) == ["/done_on"]
    stale = await rep.post(f"{place}/done", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    done = ok(await rep.post(f"{place}/done", headers={"If-Match": '"2"'}))
    assert (done["status"], done["done_on"]) == ("done", today())
    assert (await rep.post(f"{place}/done")).status_code == 409
    assert (await rep.post(f"{place}/snooze", json={"due_on": today(9)})).status_code == 409
    reopened = ok(await rep.post(f"{place}/reopen"))
    assert (reopened["status"], reopened["done_on"]) == ("open", None)
    cancelled = ok(await rep.patch(place, json={"status": "cancelled"}, headers={"If-Match": "*"}))
    assert cancelled["done_on"] is None


async def test_a_task_on_an_opportunity_is_its_customers(rep: httpx.AsyncClient, make: Maker, customer: str) -> None:
    opportunity = await make("opportunities", customer_id=customer)
    task = ok(await rep.post("/tasks", json={"title": "Price", "opportunity_id": str(opportunity["id"])}), 201)
    assert task["customer_id"] == customer


async def test_marketing_has_tasks_of_its_own_only(as_user: Any, people: People) -> None:
    marketing = as_user("marketing")
    task = ok(await marketing.post("/tasks", json={"title": "Fair"}), 201)
    assert task["owner_id"] == str(people["marketing"].id)
    body = {"title": "Fair", "owner_id": str(people["rep"].id)}
    assert (await marketing.post("/tasks", json=body)).status_code == 403


async def test_service_requests_close_and_reopen(rep: httpx.AsyncClient, customer: str) -> None:
    body = {"title": "Wrong bearing", "customer_id": customer}
    request = ok(await rep.post("/service-requests", json=body), 201)
    assert (request["status"], request["opened_on"]) == ("open", today())
    place = f"/service-requests/{request['id']}"
    assert pointers(await rep.post(f"{place}/close", json={"closed_on": today(-1)})) == ["/closed_on"]
    assert ok(await rep.post(f"{place}/close"))["closed_on"] == today()
    assert (await rep.post(f"{place}/close")).status_code == 409
    assert ok(await rep.post(f"{place}/reopen"))["closed_on"] is None
    old = body | {"status": "closed", "opened_on": "2025-01-05", "closed_on": "2025-01-09"}
    assert ok(await rep.post("/service-requests", json=old), 201)["opened_on"] == "2025-01-05"


async def test_the_first_qualification_of_a_lead_holds_for_ever(
    rep: httpx.AsyncClient, as_user: Any, people: People
) -> None:
    lead = ok(await rep.post("/leads", json={"company_name": "Acme", "source": "fair"}), 201)
    assert (lead["status"], lead["created_on"], lead["qualified_on"], lead["rep_id"]) == ("new", today(), None, None)
    place = f"/leads/{lead['id']}"
    qualified = ok(await rep.post(f"{place}/qualify"))
    assert (qualified["status"], qualified["qualified_on"]) == ("qualified", today())
    assert (qualified["rep_id"], qualified["team_id"]) == (str(people["rep"].id), str(people.teams["north"].id))
    assert ok(await rep.post(f"{place}/disqualify", json={"reason": "No budget"}))["qualified_on"] == today()
    director = as_user("director")
    moved = {"json": {"owner_id": str(people["stranger"].id)}, "headers": {"If-Match": "*"}}
    assert ok(await director.patch(place, **moved))["rep_id"] == str(people["rep"].id)
    again = ok(await director.post(f"{place}/qualify"))
    assert (again["rep_id"], again["disqualified_reason"]) == (str(people["rep"].id), None)
    for name, value in (("qualified_on", today(-1)), ("rep_id", str(people["stranger"].id))):
        answer = await director.patch(place, json={name: value}, headers={"If-Match": "*"})
        assert pointers(answer) == [f"/{name}"]
    assert pointers(await rep.patch(place, json={"source": "web"}, headers={"If-Match": "*"})) == ["/source"]


async def test_lead_days_stay_in_order(rep: httpx.AsyncClient) -> None:
    body = {"company_name": "Acme", "status": "qualified"}
    assert pointers(await rep.post("/leads", json={"source": "fair"})) == ["/company_name"]
    assert pointers(await rep.post("/leads", json=body | {"qualified_on": today(1)})) == ["/qualified_on"]
    days = {"created_on": "2025-02-02", "qualified_on": "2025-02-01"}
    assert pointers(await rep.post("/leads", json=body | days)) == ["/qualified_on"]
    assert pointers(await rep.post("/leads", json=body | {"status": "new", "qualified_on": "2025-02-01"})) == [
        "/qualified_on"
    ]
    assert pointers(await rep.post("/leads", json=body | {"status": "converted"})) == ["/customer_id"]
    old = ok(await rep.post("/leads", json=body | {"qualified_on": "2025-02-01"}), 201)
    assert old["created_on"] == "2025-02-01"


async def test_a_lead_becomes_a_customer_a_contact_and_an_opportunity_once(
    rep: httpx.AsyncClient, make: Maker, people: People
) -> None:
    product = str((await make("products"))["id"])
    body = {
        "company_name": "Acme", "contact_name": "Jean Paul Petit", "job_title": "Buyer", "email": "jp@acme.example",
        "source": "fair", "product_id": product, "estimated_amount": "12000",
    }  # fmt: skip
    lead = ok(await rep.post("/leads", json=body), 201)
    place = f"/leads/{lead['id']}/convert"
    converted = ok(await rep.post(place, json={"opportunity": {"name": "First order"}}))
    assert (converted["status"], converted["converted_on"], converted["qualified_on"]) == (
        "converted",
        today(),
        today(),
    )
    customer = ok(await rep.get(f"/customers/{converted['customer_id']}"))
    assert (customer["name"], customer["source"], customer["owner_id"]) == ("Acme", "fair", str(people["rep"].id))
    contact = ok(await rep.get("/contacts", params={"customer_id": customer["id"]}))["items"][0]
    assert (contact["first_name"], contact["last_name"], contact["job_title"]) == ("Jean Paul", "Petit", "Buyer")
    opportunity = ok(await rep.get(f"/opportunities/{converted['opportunity_id']}"))
    assert (opportunity["name"], opportunity["budget"]) == ("First order", "12000.00")
    assert (opportunity["customer_id"], opportunity["product_id"]) == (customer["id"], product)
    assert (await rep.post(place)).status_code == 409


async def test_a_lead_may_be_a_known_customers(rep: httpx.AsyncClient, as_user: Any, customer: str) -> None:
    lead = ok(await rep.post("/leads", json={"contact_name": "Anne"}), 201)
    place = f"/leads/{lead['id']}/convert"
    assert pointers(await rep.post(place)) == ["/customer_id"]
    assert ok(await rep.post(place, json={"customer_id": customer}))["customer_id"] == customer
    narrow = as_user("rep", scopes=frozenset({"leads:write"}))
    other = ok(await narrow.post("/leads", json={"company_name": "Beta"}), 201)
    assert (await narrow.post(f"/leads/{other['id']}/convert")).status_code == 403


async def test_marketing_writes_leads_and_reads_no_amount(as_user: Any, rep: httpx.AsyncClient, people: People) -> None:
    marketing, director = as_user("marketing"), as_user("director")
    lead = ok(await rep.post("/leads", json={"company_name": "Acme", "estimated_amount": "500"}), 201)
    seen = ok(await marketing.get(f"/leads/{lead['id']}"))
    assert seen["estimated_amount"] is None
    body = {"estimated_amount": None, "owner_id": str(people["colleague"].id)}
    ok(await marketing.patch(f"/leads/{lead['id']}", json=body, headers={"If-Match": "*"}))
    kept = ok(await director.get(f"/leads/{lead['id']}"))
    assert (kept["estimated_amount"], kept["owner_id"]) == ("500.00", str(people["colleague"].id))
