"""What the verbs beside the conventional routes share: one state change, once, under the same rules as a patch."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from cadran.kit.resource import Plain, Resource, Values
from cadran.kit.routes import WRITE, answer_id, taking
from cadran.kit.types import Day, StrictModel
from cadran.kit.unit import Unit, check_version
from cadran.resources.company import conflict

Refuse = Callable[[Plain], None]


class OnDay(StrictModel):
    on: Day | None = Field(None, description="Default: today.")


def verb(answered: Resource, status: int = 200) -> dict[str, Any]:
    """The route options of a verb that answers a record of this resource."""
    extra = taking("Idempotency-Key", "If-Match")
    return {"response_model": answered.read, "responses": WRITE, "status_code": status, "openapi_extra": extra}


async def taken(unit: Unit, resource: Resource, key: UUID) -> Plain:
    """The visible row, locked; If-Match is checked where it is sent. Raises a 404 or a 412."""
    existing = await resource.locked(unit.session, unit.who, key)
    if unit.request.headers.get("if-match"):
        check_version(unit, existing["version"])
    return existing


async def change(unit: Unit, resource: Resource, key: UUID, values: Values, refuse: Refuse | None = None) -> Response:
    """Writes ``values`` as a patch would. ``refuse`` sees the row as it stands and raises what forbids the verb."""
    unit.require(resource.name, "write")

    async def produce() -> Response:
        existing = await taken(unit, resource, key)
        if refuse is not None:
            refuse(existing)
        await resource.change(unit.session, unit.who, existing, values)
        return await answer_id(unit, resource, key)

    return await unit.once(produce)


def only_when(*statuses: str) -> Refuse:
    """A ``refuse`` that raises a 409 unless the record is in one of these states."""

    def refuse(existing: Plain) -> None:
        if existing["status"] not in statuses:
            raise conflict(f"It is {existing['status']}; this is for a record that is {' or '.join(statuses)}.")

    return refuse
