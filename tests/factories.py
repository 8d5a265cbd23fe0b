"""Made-up records: a small sales force, and one valid body for each resource.

A new resource needs its entry in ``BODIES``: the law tests of ``test_resources.py`` walk them. A value that is a
:class:`Ref` becomes the id of a record of that resource, made first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from cadran.models import BusinessUnit, Settings, Team, User
from cadran.rules.principal import Principal

_numbers = count(1)


@dataclass(frozen=True)
class Ref:
    """The ``field`` of a record of this resource, made for the occasion. ``lines/0/id`` goes down."""

    resource: str
    field: str = "id"


@dataclass(frozen=True)
class People:
    """Business unit *east* has team *north* (manager, rep, colleague); *west* has *south* (other_manager, stranger)."""

    users: dict[str, User]
    teams: dict[str, Team]
    units: dict[str, BusinessUnit]

    def __getitem__(self, name: str) -> User:
        return self.users[name]

    def principal(self, name: str, scopes: frozenset[str] | None = None) -> Principal:
        """The person, or an API key of theirs when ``scopes`` are given."""
        user = self.users[name]
        led = {team.id for team in self.teams.values() if team.manager_id == user.id}
        own = {user.team_id} if user.team_id else set()
        teams = frozenset(led | own) if user.role in ("manager", "rep") else frozenset()
        role: Any = user.role
        key = None if scopes is None else uuid7()
        return Principal(user.id, user.name, user.email, role, teams, scopes, key, user.language)


async def hire(session: AsyncSession) -> People:
    """Settings of a French company, two business units, two teams, eight people: one for each role and then some."""
    units = {name: BusinessUnit(name=name.title()) for name in ("east", "west")}
    session.add_all([Settings(company_name="Durand SA"), *units.values()])
    await session.flush()
    teams = {
        "north": Team(name="North", business_unit_id=units["east"].id),
        "south": Team(name="South", business_unit_id=units["west"].id),
    }
    session.add_all(teams.values())
    await session.flush()
    cast = {
        "admin": ("admin", None), "director": ("director", None), "marketing": ("marketing", None),
        "manager": ("manager", "north"), "rep": ("rep", "north"), "colleague": ("rep", "north"),
        "other_manager": ("manager", "south"), "stranger": ("rep", "south"),
    }  # fmt: skip
    users = {
        name: User(
            name=name.replace("_", " ").title(), email=f"{name}@durand.test", role=role,
            team_id=teams[team].id if team else None,
        )
        for name, (role, team) in cast.items()
    }  # fmt: skip
    session.add_all(users.values())
    await session.flush()
    teams["north"].manager_id, teams["south"].manager_id = users["manager"].id, users["other_manager"].id
    await session.flush()
    return People(users, teams, units)


def _line(**more: Any) -> dict[str, Any]:
    return {"description": "Bearing 6204", "quantity": "10", "unit_price": "12.50", **more}


# One valid body for each resource; ``n`` is a number never given twice.
BODIES: dict[str, Callable[[int], dict[str, Any]]] = {
    "business-units": lambda n: {"name": f"Unit {n}"},
    "teams": lambda n: {"name": f"Team {n}", "business_unit_id": Ref("business-units")},
    "users": lambda n: {"name": f"User {n}", "email": f"user{n}@example.com", "role": "rep", "team_id": Ref("teams")},
    "products": lambda n: {
        "name": f"Product {n}", "reference": f"P-{n}", "family": "Bearings", "list_price": "15.00", "cost": "8.00",
        "vat_rate": "0.2",
    },
    "stages": lambda n: {"name": f"Stage {n}", "position": n, "probability": "0.4"},
    "customers": lambda n: {"name": f"Customer {n}", "city": "Lyon", "sector": "Industry"},
    "contacts": lambda n: {
        "customer_id": Ref("customers"), "first_name": "Anne", "last_name": f"Martin {n}", "job_title": "Buyer",
    },
    "opportunities": lambda n: {
        "name": f"Opportunity {n}", "customer_id": Ref("customers"), "stage_id": Ref("stages"), "budget": "5000",
    },
    "quotes": lambda n: {"customer_id": Ref("customers"), "number": f"Q-{n}", "lines": [_line()]},
    "orders": lambda n: {"customer_id": Ref("customers"), "number": f"O-{n}", "lines": [_line()]},
    "deliveries": lambda n: {"order_line_id": Ref("orders", "lines/0/id"), "quantity": "4", "number": f"D-{n}"},
    "invoices": lambda n: {"customer_id": Ref("customers"), "number": f"I-{n}", "lines": [_line(vat_rate="0.2")]},
    "payments": lambda n: {"invoice_id": Ref("invoices"), "amount": "50.00", "external_id": f"E-{n}"},
    "visits": lambda n: {"customer_id": Ref("customers"), "planned_on": "2026-06-15", "purpose": f"Visit {n}"},
    "visit-reports": lambda n: {"visit_id": Ref("visits"), "status": "draft", "summary": f"Report {n}"},
    "interactions": lambda n: {"customer_id": Ref("customers"), "kind": "call", "notes": f"Call {n}"},
    "leads": lambda n: {"company_name": f"Lead {n}", "source": "fair", "product_id": Ref("products")},
    "tasks": lambda n: {"title": f"Task {n}"},
    "service-requests": lambda n: {"title": f"Request {n}", "customer_id": Ref("customers")},
    "action-plans": lambda n: {
        "name": f"Plan {n}", "starts_on": "2026-01-01", "ends_on": "2026-06-30", "revenue_target": "100000",
        "actions": [{"title": "Call them all", "weight": "1"}],
    },
    "targets": lambda n: {
        "kpi": "invoiced_revenue", "scope_kind": "company", "starts_on": f"{1950 + n % 200}-01-01",
        "ends_on": f"{1950 + n % 200}-02-01", "value": "1000",
    },
}  # fmt: skip


class Maker:
    """Creates records through the resources' own rules, without HTTP."""

    def __init__(self, session: AsyncSession, who: Principal) -> None:
        self.session, self.who = session, who

    async def __call__(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """The row as read after its creation from the resource's body, ``fields`` on top."""
        from cadran.resources.registry import BY_NAME

        resource = BY_NAME[name]
        given = resource.create.model_validate(await self.body(name, **fields))
        key: UUID = await resource.insert(self.session, self.who, given)
        return await resource.get(self.session, self.who, key)

    async def body(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """A valid body to send, its references made first."""
        wanted = BODIES[name](next(_numbers)) | fields
        return {field: await self._resolved(value) for field, value in wanted.items()}

    async def _resolved(self, value: Any) -> Any:
        if not isinstance(value, Ref):
            return value
        found: Any = await self(value.resource)
        for step in value.field.split("/"):
            found = found[int(step) if isinstance(found, list) else step]
        return str(found)
