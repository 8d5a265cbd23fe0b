"""Every resource, in an order that lets a parent come before what refers to it."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Text, func

from cadran.kit import resource as engine
from cadran.kit.resource import Resource
from cadran.queries import visibility
from cadran.resources import opportunities as opportunity_file
from cadran.resources import sales_verbs
from cadran.resources.contacts import contacts
from cadran.resources.customers import customers
from cadran.resources.invoices import invoices, payments
from cadran.resources.opportunities import opportunities
from cadran.resources.orders import deliveries, orders
from cadran.resources.products import products, stages
from cadran.resources.quotes import quotes

RESOURCES: tuple[Resource, ...] = (
    products,
    stages,
    customers,
    contacts,
    opportunities,
    quotes,
    orders,
    deliveries,
    invoices,
    payments,
)
VERBS: tuple[APIRouter, ...] = (
    opportunity_file.verbs,
    sales_verbs.verbs,
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
    | {name: lambda table: func.coalesce(table.c.number, table.c.external_id) for name in ("quotes", "orders", "invoices")}
    | {"visits": lambda table: table.c.planned_on.cast(Text)}
)  # fmt: skip
