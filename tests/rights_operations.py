"""Every operation of the API as the rights are asked about it: what to send, and who in the world may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rights_world import COMMERCIAL, EVERYONE, OFFICE, PERSON, World

PASSWORD = "correct horse battery"
Bodies = Callable[[World, str], Any]

# The conventional routes

CHANGES: dict[str, dict[str, Any]] = {
    "business-units": {"name": "Changed"}, "teams": {"name": "Changed"}, "users": {"phone": "+33 1 23 45 67 89"},
    "products": {"name": "Changed"}, "stages": {"name": "Changed"}, "customers": {"city": "Changed"},
    "contacts": {"job_title": "Changed"}, "opportunities": {"name": "Changed"}, "quotes": {"notes": "Changed"},
    "visits": {"purpose": "Changed"}, "visit-reports": {"summary": "Changed"}, "interactions": {"notes": "Changed"},
    "orders": {"notes": "Changed"}, "deliveries": {"number": "Changed"}, "invoices": {"notes": "Changed"},
    "payments": {"method": "Changed"}, "leads": {"notes": "Changed"}, "tasks": {"title": "Changed"},
    "service-requests": {"title": "Changed"}, "action-plans": {"name": "Changed"}, "targets": {"value": "2000"},
}  # fmt: skip
# What names the person, or hangs on a record of the person's: whoever may not name or see it may not create.
CREATED: dict[str, Bodies] = {
    "customers": lambda world, kind: {"owner_id": person(world, kind)},
    "contacts": lambda world, kind: {"customer_id": of(world, "customers", kind)},
    **dict.fromkeys(
        ("opportunities", "quotes", "visits", "interactions", "service-requests"),
        lambda world, kind: {"customer_id": of(world, "customers", kind), "owner_id": person(world, kind)},
    ),
    "visit-reports": lambda world, kind: {"visit_id": of(world, "visits", kind), "author_id": person(world, kind)},
    **dict.fromkeys(
        ("orders", "invoices"),
        lambda world, kind: {"customer_id": of(world, "customers", kind), "rep_id": person(world, kind)},
    ),
    "deliveries": lambda world, kind: {"order_line_id": str(world.rows["orders"][kind]["lines"][0]["id"])},
    "payments": lambda world, kind: {"invoice_id": of(world, "invoices", kind)},
    **dict.fromkeys(("leads", "tasks", "action-plans"), lambda world, kind: {"owner_id": person(world, kind)}),
    "targets": lambda world, kind: {"scope_kind": "rep", "scope_id": person(world, kind)},
}


def person(world: World, kind: str) -> str:
    return str(world.people[PERSON[kind]].id)


def of(world: World, resource: str, kind: str) -> str:
    return str(world.ids[resource][kind])


# The verbs


@dataclass(frozen=True)
class Verb:
    """``first``: what the admin does before; ``makes``: the resources written besides, whose rights count as well."""

    path: str
    body: Bodies | dict[str, Any] | None = None
    first: tuple[tuple[str, Any], ...] = ()
    sql: str | None = None
    writers: frozenset[str] | None = None
    makes: tuple[str, ...] = ()
    # A stranger's record at the rep's customer: what follows from it names the one or hangs on the other.
    chained: bool = False

    @property
    def resource(self) -> str:
        return self.path.split("/")[1]


def twin(world: World, kind: str, resource: str) -> dict[str, str]:
    return {"into_id": str(world.twins[resource][kind])}


VERBS: dict[str, Verb] = {
    "merge_customer": Verb("/customers/{id}/merge", lambda world, kind: twin(world, kind, "customers")),
    "merge_contact": Verb("/contacts/{id}/merge", lambda world, kind: twin(world, kind, "contacts")),
    "win_opportunity": Verb("/opportunities/{id}/win", {}),
    "lose_opportunity": Verb("/opportunities/{id}/lose", {}),
    "reopen_opportunity": Verb("/opportunities/{id}/reopen", first=(("/opportunities/{id}/win", {}),)),
    "move_opportunity": Verb("/opportunities/{id}/stage", lambda world, _: {"stage_id": of(world, "stages", "own")}),
    "send_quote": Verb("/quotes/{id}/send", {}),
    "follow_up_quote": Verb("/quotes/{id}/follow-up", {}, (("/quotes/{id}/send", {}),)),
    "refuse_quote": Verb("/quotes/{id}/refuse", {}, (("/quotes/{id}/send", {}),)),
    "accept_quote": Verb("/quotes/{id}/accept", {}, makes=("orders",), chained=True),
    "revise_quote": Verb("/quotes/{id}/revise", {}, chained=True),
    "confirm_order": Verb("/orders/{id}/confirm", {}, (("/orders/{id}/cancel", {}),)),
    "cancel_order": Verb("/orders/{id}/cancel", {}),
    "close_order": Verb("/orders/{id}/close", {}),
    "deliver_order": Verb("/orders/{id}/deliver", {}, writers=frozenset(OFFICE), makes=("deliveries",)),
    "invoice_order": Verb("/orders/{id}/invoice", {}, writers=frozenset(OFFICE), makes=("invoices",)),
    "post_invoice": Verb(
        "/invoices/{id}/post", {}, sql="UPDATE invoices SET status = 'draft', issued_on = NULL WHERE id = :id"
    ),
    "cancel_invoice": Verb("/invoices/{id}/cancel", {}),
    "credit_invoice": Verb("/invoices/{id}/credit", {}),
    "pay_invoice": Verb("/invoices/{id}/payments", {}, makes=("payments",)),
    "hold_visit": Verb("/visits/{id}/hold", {}),
    "report_visit": Verb("/visits/{id}/report", {"summary": "Said yes"}, makes=("visit-reports",)),
    "report_unplanned_visit": Verb(
        "/customers/{id}/visit-report",
        {"summary": "Passing by"},
        writers=frozenset(COMMERCIAL),
        makes=("visits", "visit-reports"),
    ),
    "reschedule_visit": Verb("/visits/{id}/reschedule", {"planned_on": "2026-06-22"}),
    "cancel_visit": Verb("/visits/{id}/cancel", {}),
    "qualify_lead": Verb("/leads/{id}/qualify", {}),
    "disqualify_lead": Verb("/leads/{id}/disqualify", {"reason": "No budget"}),
    "convert_lead": Verb("/leads/{id}/convert", {}, makes=("customers", "contacts")),
    "complete_task": Verb("/tasks/{id}/done", {}),
    "reopen_task": Verb("/tasks/{id}/reopen", first=(("/tasks/{id}/done", {}),)),
    "snooze_task": Verb("/tasks/{id}/snooze", {"due_on": "2030-01-01"}),
    "close_service_request": Verb("/service-requests/{id}/close", {}),
    "reopen_service_request": Verb("/service-requests/{id}/reopen", first=(("/service-requests/{id}/close", {}),)),
    "complete_plan_action": Verb("/action-plans/{id}/actions/{action_id}/done", {}),
    "reopen_plan_action": Verb(
        "/action-plans/{id}/actions/{action_id}/reopen",
        first=(("/action-plans/{id}/actions/{action_id}/done", {}),),
    ),
    "set_user_password": Verb("/users/{id}/password", {"password": PASSWORD}),
}


# Everything else


@dataclass(frozen=True)
class Other:
    """``who``: the cast allowed; ``scope``: what a key needs; ``refused``: what the others are told."""

    method: str
    path: str | Callable[[World], str]
    who: set[str]
    scope: str | None
    body: Any = None
    refused: int = 403
    people_only: bool = False
    anyone: int | None = None  # the one answer to anybody, signed in or not
    only: tuple[str, ...] = ()  # a whole screen takes long: the roles that differ


def customers_csv(name: str) -> bytes:
    return f"external_id,name\r\n{name},Imported\r\n".encode()


def webhook(rest: str) -> Callable[[World], str]:
    return lambda world: f"/webhooks/{of(world, 'webhooks', 'own')}{rest}"


def delivery(rest: str) -> Callable[[World], str]:
    return lambda world: webhook(f"/deliveries/{of(world, 'deliveries of webhooks', 'own')}{rest}")(world)


OTHERS: dict[str, list[Other]] = {
    "healthz": [Other("GET", "/healthz", set(), None, anyone=200)],
    "readyz": [Other("GET", "/readyz", set(), None, anyone=200)],
    "list_problems": [Other("GET", "/problems", set(), None, anyone=200)],
    "get_problem": [Other("GET", "/problems/forbidden", set(), None, anyone=200)],
    "sign_in": [Other("POST", "/session", set(), None, {"email": "nobody@durand.test", "password": "x"}, anyone=401)],
    "sign_out": [Other("DELETE", "/session", set(), None, anyone=204)],
    "get_session": [Other("GET", "/session", EVERYONE, None)],
    "update_session": [Other("PATCH", "/session", EVERYONE, None, {"language": "en"}, people_only=True)],
    "change_password": [
        Other(
            "POST", "/session/password", EVERYONE, None, {"current": PASSWORD, "new": PASSWORD + "!"}, people_only=True
        )
    ],
    "list_kpis": [Other("GET", "/kpi", EVERYONE, "kpi:read")],
    "get_kpi": [
        Other("GET", "/kpi/invoiced_revenue?period=2026", COMMERCIAL, "kpi:read"),
        Other("GET", "/kpi/contact_completeness", EVERYONE, "kpi:read"),
    ],
    "list_kpi_records": [
        Other("GET", "/kpi/invoiced_revenue/records?period=2026", COMMERCIAL, "kpi:read"),
        Other("GET", "/kpi/contact_completeness/records", EVERYONE, "kpi:read"),
    ],
    "get_dashboard": [
        Other("GET", "/kpi/dashboards/activity", COMMERCIAL, "kpi:read"),
        Other("GET", "/kpi/dashboards/day", COMMERCIAL, "kpi:read", only=("anonymous", "rep", "marketing")),
        Other("GET", "/kpi/dashboards/data-health", EVERYONE, "kpi:read", only=("anonymous", "rep", "marketing")),
        Other("GET", "/kpi/dashboards/field", EVERYONE, "kpi:read", only=("anonymous", "rep", "marketing")),
    ],
    "get_pipeline_movement": [
        Other("GET", "/kpi/weighted_pipeline/movement?since=2026-01-01", COMMERCIAL, "kpi:read")
    ],
    "get_visits_calendar": [Other("GET", "/calendar/visits.ics", EVERYONE, "visits:read")],
    "get_customer_rhythm": [
        Other(
            "GET", lambda world: f"/kpi/customers/{of(world, 'customers', 'own')}/rhythm",
            {"rep", "manager", "marketing", *OFFICE}, "kpi:read", refused=404,
        )
    ],
    "get_customer_todo": [
        Other(
            "GET", lambda world: f"/kpi/customers/{of(world, 'customers', 'own')}/todo",
            {"rep", "manager", *OFFICE}, "kpi:read", refused=404, only=("anonymous", "rep", "stranger", "manager"),
        )
    ],
    "list_duplicates": [
        Other("GET", "/duplicates?kind=customers", EVERYONE, "customers:read"),
        Other("GET", "/duplicates?kind=contacts", EVERYONE, "contacts:read"),
    ],
    "dismiss_duplicate": [
        Other(
            "POST", "/duplicates/dismiss", {"rep", "manager", "marketing", *OFFICE}, "customers:write",
            lambda world: {
                "kind": "customers", "first_id": of(world, "customers", "own"),
                "second_id": str(world.twins["customers"]["own"]),
            },
            refused=404,
        )
    ],
    "reconsider_duplicate": [
        Other(
            "POST", "/duplicates/reconsider", {"rep", "manager", "marketing", *OFFICE}, "customers:write",
            lambda world: {
                "kind": "customers", "first_id": of(world, "customers", "own"),
                "second_id": str(world.twins["customers"]["own"]),
            },
            refused=404,
        )
    ],
    "create_import": [
        Other("POST", "/imports?resource=customers&dry_run=true", EVERYONE, "imports:write", customers_csv("I-1")),
        Other("POST", "/imports?resource=customers&background=true", EVERYONE, "imports:write", customers_csv("I-2")),
    ],
    "get_import": [
        Other("GET", lambda world: f"/imports/{of(world, 'imports', 'own')}", {"rep", "admin"}, "imports:read",
              refused=404),
    ],
    "get_import_refused": [
        Other("GET", lambda world: f"/imports/{of(world, 'imports', 'own')}/refused.csv", {"rep", "admin"},
              "imports:read", refused=404),
    ],
    "list_imports": [Other("GET", "/imports", EVERYONE, "imports:read")],
    "read_import_header": [Other("POST", "/imports/header", EVERYONE, "imports:write", customers_csv("I-3"))],
    "get_import_columns": [Other("GET", "/imports/columns/orders", EVERYONE, "imports:read")],
    "list_changes": [
        Other("GET", "/changes", EVERYONE, "changes:read"),
        Other("GET", "/changes?after=latest", EVERYONE, "changes:read"),
    ],
    "get_record_history": [
        Other(
            "GET", lambda world: f"/changes/customers/{of(world, 'customers', 'own')}",
            {"rep", "manager", "marketing", *OFFICE}, "customers:read", refused=404,
        )
    ],
    "stream_events": [Other("GET", "/events?wait=0", EVERYONE, "events:read")],
    "get_settings": [Other("GET", "/settings", EVERYONE, "settings:read")],
    "update_settings": [Other("PATCH", "/settings", {"admin"}, "settings:write", {"company_name": "Changed"})],
    "spread_target": [
        Other(
            "POST", "/targets/spread", {"manager", *OFFICE}, "targets:write",
            lambda world: {
                "kpi": "invoiced_revenue", "scope_kind": "rep", "scope_id": person(world, "own"), "year": 2031,
                "value": "1200",
            },
        )
    ],
    "get_target_grid": [
        Other("GET", "/targets/grid?kpi=invoiced_revenue&year=2026&level=rep", {"manager", "other_manager", *OFFICE},
              "targets:read"),
        Other("GET", "/targets/grid?kpi=invoiced_revenue&year=2026&level=company", OFFICE, "targets:read"),
    ],
    "preview_target_grid": [
        Other(
            "POST", "/targets/grid/preview", {"manager", *OFFICE}, "targets:read",
            lambda world: {
                "kpi": "invoiced_revenue", "year": 2031, "level": "rep", "by": "last_year",
                "spread": [{"scope_kind": "rep", "scope_id": person(world, "own"), "value": "1200"}],
            },
        )
    ],
    "save_target_grid": [
        Other(
            "POST", "/targets/grid", {"manager", *OFFICE}, "targets:write",
            lambda world: {
                "kpi": "invoiced_revenue", "year": 2031,
                "cells": [
                    {"scope_kind": "rep", "scope_id": person(world, "own"), "period": "2031-01", "value": "1200"}
                ],
            },
        ),
        Other(
            "POST", "/targets/grid", OFFICE, "targets:write",
            {
                "kpi": "invoiced_revenue", "year": 2031,
                "cells": [{"scope_kind": "company", "period": "2031", "value": "1200", "was": None}],
            },
        ),
    ],
    "list_import_refused": [
        Other("GET", lambda world: f"/imports/{of(world, 'imports', 'own')}/refused", {"rep", "admin"},
              "imports:read", refused=404),
    ],
    "list_webhooks": [Other("GET", "/webhooks", EVERYONE, "webhooks:read")],
    "create_webhook": [
        Other("POST", "/webhooks", {"admin"}, "webhooks:write",
              {"name": "New", "url": "https://hooks.example.com/", "events": ["orders.created"]}),
    ],
    "get_webhook": [Other("GET", webhook(""), {"admin"}, "webhooks:read", refused=404)],
    "update_webhook": [
        Other("PATCH", webhook(""), {"admin"}, "webhooks:write", {"name": "Changed"}, refused=404),
    ],
    "delete_webhook": [Other("DELETE", webhook(""), {"admin"}, "webhooks:write", refused=404)],
    "test_webhook": [Other("POST", webhook("/test"), {"admin"}, "webhooks:write", refused=404)],
    "list_webhook_deliveries": [Other("GET", webhook("/deliveries"), {"admin"}, "webhooks:read", refused=404)],
    "get_webhook_delivery": [Other("GET", delivery(""), {"admin"}, "webhooks:read", refused=404)],
    "replay_webhook_delivery": [Other("POST", delivery("/replay"), {"admin"}, "webhooks:write", refused=404)],
    "list_api_keys": [Other("GET", "/api-keys", EVERYONE, "api-keys:read")],
    "create_api_key": [
        Other("POST", "/api-keys", EVERYONE, None, {"name": "New", "scopes": ["*:write"]}, people_only=True)
    ],
    "get_api_key": [
        Other("GET", lambda world: f"/api-keys/{of(world, 'api-keys', 'own')}", {"rep", "admin"}, "api-keys:read",
              refused=404),
    ],
    "revoke_api_key": [
        Other("DELETE", lambda world: f"/api-keys/{of(world, 'api-keys', 'own')}", {"rep", "admin"}, "api-keys:write",
              refused=404),
    ],
}  # fmt: skip
