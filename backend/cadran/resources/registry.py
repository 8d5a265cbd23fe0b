"""Every resource, in an order that lets a parent come before what refers to it."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Text, func

from cadran.kit import resource as engine
from cadran.kit.resource import Resource
from cadran.queries import visibility
from cadran.resources import action_plans as plan_file
from cadran.resources import api_keys as key_file
from cadran.resources import invoice_verbs, lead_verbs, merging, order_verbs, quote_verbs, settings
from cadran.resources import opportunities as opportunity_file
from cadran.resources import service_requests as request_file
from cadran.resources import targets as target_file
from cadran.resources import tasks as task_file
from cadran.resources import users as user_file
from cadran.resources import visits as visit_file
from cadran.resources.action_plans import action_plans
from cadran.resources.business_units import business_units
from cadran.resources.contacts import contacts
from cadran.resources.customers import customers
from cadran.resources.interactions import interactions
from cadran.resources.invoices import invoices, payments
from cadran.resources.leads import leads
from cadran.resources.opportunities import opportunities
from cadran.resources.orders import deliveries, orders
from cadran.resources.products import products, stages
from cadran.resources.quotes import quotes
from cadran.resources.service_requests import service_requests
from cadran.resources.targets import targets
from cadran.resources.tasks import tasks
from cadran.resources.teams import teams
from cadran.resources.users import users
from cadran.resources.visit_reports import visit_reports
from cadran.resources.visits import visits

RESOURCES: tuple[Resource, ...] = (
    business_units,
    teams,
    users,
    products,
    stages,
    customers,
    contacts,
    opportunities,
    quotes,
    visits,
    visit_reports,
    interactions,
    orders,
    deliveries,
    invoices,
    payments,
    leads,
    tasks,
    service_requests,
    action_plans,
    targets,
)
VERBS: tuple[APIRouter, ...] = (
    merging.verbs,
    opportunity_file.verbs,
    quote_verbs.verbs,
    order_verbs.verbs,
    invoice_verbs.verbs,
    visit_file.verbs,
    lead_verbs.verbs,
    task_file.verbs,
    request_file.verbs,
    plan_file.verbs,
    target_file.verbs,
    settings.verbs,
    user_file.verbs,
    key_file.verbs,
)
BY_NAME: dict[str, Resource] = {resource.name: resource for resource in RESOURCES}


def _full_name(table: Any) -> Any:
    return func.concat_ws(" ", table.c.first_name, table.c.last_name)


engine.MODELS.update({model.__tablename__: model for model in visibility.MODELS})
engine.DOORS.update(dict.fromkeys(visibility.MODELS, visibility.visible))
engine.LABELS.update(
    {name: lambda table: table.c.name for name in (
        "business_units", "teams", "users", "products", "stages", "customers", "opportunities", "action_plans",
    )}
    | {"contacts": _full_name}
    | dict.fromkeys(("quotes", "orders", "invoices"), lambda table: func.coalesce(table.c.number, table.c.external_id))
    | {"visits": lambda table: table.c.planned_on.cast(Text)}
)  # fmt: skip
