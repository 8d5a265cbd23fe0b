"""Action plans: weighted actions to win revenue with named customers and products."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Path, Response
from pydantic import Field

from cadran.kit.problems import Problem, invalid
from cadran.kit.resource import Children, Plain, Resource, Values, Write
from cadran.kit.routes import KeyPath, answer_id
from cadran.kit.types import (
    Day,
    ExternalId,
    Id,
    Instant,
    LongText,
    PositiveMoney,
    Read,
    ShortText,
    StrictModel,
    Weight,
)
from cadran.kit.unit import Unit, UnitDep
from cadran.models import ActionPlan, PlanAction, PlanCustomer, PlanProduct
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.resources.documents import ordered_dates
from cadran.resources.verbs import taken, verb
from cadran.rules.vocabulary import ActionStatus, PlanStatus

_MANY: Any = Field(default_factory=list, max_length=500)


class PlanActionCreate(StrictModel):
    id: Id | None = None
    title: ShortText
    weight: Weight = Decimal(1)
    owner_id: Id | None = None
    status: ActionStatus = "planned"
    due_on: Day | None = None
    done_on: Day | None = None


class PlanActionRead(Read):
    id: Id
    position: int
    title: str
    weight: Weight
    owner_id: Id | None
    status: ActionStatus
    due_on: Day | None
    done_on: Day | None


class ActionPlanCreate(StrictModel):
    external_id: ExternalId | None = None
    name: ShortText
    owner_id: Id | None = None
    status: PlanStatus = "active"
    starts_on: Day
    ends_on: Day = Field(description="Its last day, included.")
    revenue_target: PositiveMoney | None = None
    description: LongText | None = None
    actions: Annotated[list[PlanActionCreate], _MANY]
    customer_ids: Annotated[list[Id], _MANY]
    product_ids: Annotated[list[Id], _MANY]


class ActionPlanRead(Read):
    id: Id
    external_id: str | None
    name: str
    owner_id: Id | None
    status: PlanStatus
    starts_on: Day
    ends_on: Day
    revenue_target: PositiveMoney | None
    description: str | None
    actions: list[PlanActionRead]
    customer_ids: list[Id]
    product_ids: list[Id]
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Owner, days in order, and each action with its own day done."""
    rights.require_role(write.who, rights.COMMERCIAL, "action plans")
    if write.removing:
        return
    await rights.owned(write)
    ordered_dates(write, "starts_on", "ends_on")
    known = {row["id"]: row for row in write.before.get("actions", [])}
    today = await company.today(write.session)
    for position, row in enumerate(write.children.get("actions") or []):
        was = known.get(row.get("id"), {})
        for name, default in _UNSAID.items():
            row.setdefault(name, was.get(name, default))
        place = f"/actions/{position}/done_on"
        if row["status"] == "done":
            row["done_on"] = row["done_on"] or today
            if row["done_on"] > today:
                raise invalid(place, f"{row['done_on']} is still to come.", f"Give {today} or an earlier day.")
        elif row["done_on"] is not None:
            if row["done_on"] != was.get("done_on"):
                raise invalid(place, "Only an action that is done has it.", "Set status to done, or leave it out.")
            row["done_on"] = None


_UNSAID: Values = {"weight": Decimal(1), "owner_id": None, "status": "planned", "due_on": None, "done_on": None}

action_plans = Resource(
    name="action-plans",
    model=ActionPlan,
    read=ActionPlanRead,
    create=ActionPlanCreate,
    visible=visible,
    sort=("name", "status", "starts_on", "ends_on", "revenue_target", "created_at", "updated_at"),
    default_sort="-starts_on",
    filters=("id", "owner_id", "status", "starts_on", "ends_on", "external_id", "updated_at"),
    words={"status": PlanStatus},
    children=(
        Children("actions", PlanAction, "action_plan_id"),
        Children("customer_ids", PlanCustomer, "action_plan_id", plain="customer_id", ordered=False),
        Children("product_ids", PlanProduct, "action_plan_id", plain="product_id", ordered=False),
    ),
    prepare=prepare,
    completed=frozenset({"owner_id"}),
)

verbs = APIRouter(tags=["action-plans"])
ActionPath = Annotated[UUID, Path(description="The action's id.")]


class PlanActionDoing(StrictModel):
    done_on: Day | None = Field(None, description="Default: today.")


@verbs.post("/action-plans/{id}/actions/{action_id}/done", operation_id="complete_plan_action", **verb(action_plans))
async def done(
    unit: UnitDep, id: KeyPath, action_id: ActionPath, body: Annotated[PlanActionDoing | None, Body()] = None  # noqa: A002
) -> Response:  # fmt: skip
    return await _move(unit, id, action_id, "planned", {"status": "done", "done_on": body.done_on if body else None})


@verbs.post("/action-plans/{id}/actions/{action_id}/reopen", operation_id="reopen_plan_action", **verb(action_plans))
async def reopen(unit: UnitDep, id: KeyPath, action_id: ActionPath) -> Response:  # noqa: A002
    return await _move(unit, id, action_id, "done", {"status": "planned", "done_on": None})


async def _move(unit: Unit, key: UUID, action_id: UUID, expected: str, values: Values) -> Response:
    """One action's state, within its plan. Raises a 404 or a 409."""
    unit.require("action-plans", "write")

    async def produce() -> Response:
        plan = await taken(unit, action_plans, key)
        rows: list[Plain] = (await action_plans.get(unit.session, unit.who, key))["actions"]
        action = next((row for row in rows if row["id"] == action_id), None)
        if action is None:
            raise Problem("not_found")
        if action["status"] != expected:
            raise company.conflict(f"The action is {action['status']}; this is for one that is {expected}.")
        action.update(values)
        await action_plans.change(unit.session, unit.who, plan, {}, {"actions": [dict(row) for row in rows]})
        return await answer_id(unit, action_plans, key)

    return await unit.once(produce)
