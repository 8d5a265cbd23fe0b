"""Tasks: what somebody has to do by a day."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import Field

from cadran.kit.problems import Problem
from cadran.kit.resource import Resource, Write
from cadran.kit.routes import KeyPath
from cadran.kit.types import Day, ExternalId, Id, Instant, LongText, Read, ShortText, StrictModel
from cadran.kit.unit import UnitDep
from cadran.models import Task
from cadran.queries.visibility import visible
from cadran.resources import rights
from cadran.resources.activity import begun, not_to_come, same_customer, stated
from cadran.resources.documents import dated
from cadran.resources.verbs import change, only_when, verb
from cadran.rules.vocabulary import Priority, TaskStatus


class TaskCreate(StrictModel):
    external_id: ExternalId | None = None
    title: ShortText
    owner_id: Id | None = None
    customer_id: Id | None = None
    opportunity_id: Id | None = None
    quote_id: Id | None = None
    status: TaskStatus = "open"
    priority: Priority = "normal"
    created_on: Day | None = None
    due_on: Day | None = None
    done_on: Day | None = None
    notes: LongText | None = None


class TaskRead(Read):
    id: Id
    external_id: str | None
    title: str
    owner_id: Id | None
    customer_id: Id | None
    opportunity_id: Id | None
    quote_id: Id | None
    status: TaskStatus
    priority: Priority
    created_on: Day | None
    due_on: Day | None
    done_on: Day | None
    notes: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Whose it is, and the day it was done."""
    rights.require_role(write.who, rights.EVERYONE, "tasks")
    if write.removing:
        return
    if write.who.role == "marketing":
        _own(write)
    await rights.owned(write)
    await same_customer(write)
    await begun(write, "created_on")
    today = await not_to_come(write, "done_on")
    stated(write, "done", "done_on")
    dated(write, "done", "done_on", today)


def _own(write: Write) -> None:
    """Marketing has tasks of its own, and gives none to others."""
    if write.existing is None and "owner_id" not in write.given:
        write.values["owner_id"] = write.who.user_id
    if write.now("owner_id") != write.who.user_id:
        raise Problem("forbidden", "You may not give tasks to somebody else.")


tasks = Resource(
    name="tasks",
    model=Task,
    read=TaskRead,
    create=TaskCreate,
    visible=visible,
    sort=("due_on", "title", "priority", "status", "done_on", "created_on", "created_at", "updated_at"),
    default_sort="due_on",
    filters=(
        "id", "owner_id", "customer_id", "opportunity_id", "quote_id", "status", "priority", "created_on", "due_on",
        "done_on", "external_id", "updated_at",
    ),
    words={"status": TaskStatus, "priority": Priority},
    prepare=prepare,
    completed=frozenset({"owner_id", "customer_id", "created_on", "done_on"}),
    defaulted=frozenset({"done_on"}),
)  # fmt: skip

verbs = APIRouter(tags=["tasks"])


class TaskDoing(StrictModel):
    done_on: Day | None = Field(None, description="Default: today.")


class TaskSnoozing(StrictModel):
    due_on: Day


@verbs.post("/tasks/{id}/done", operation_id="complete_task", **verb(tasks))
async def done(unit: UnitDep, id: KeyPath, body: Annotated[TaskDoing | None, Body()] = None) -> Response:  # noqa: A002
    done_on = body.done_on if body else None
    return await change(unit, tasks, id, {"status": "done", "done_on": done_on}, only_when("open"))


@verbs.post("/tasks/{id}/reopen", operation_id="reopen_task", **verb(tasks))
async def reopen(unit: UnitDep, id: KeyPath) -> Response:  # noqa: A002
    return await change(unit, tasks, id, {"status": "open"}, only_when("done", "cancelled"))


@verbs.post("/tasks/{id}/snooze", operation_id="snooze_task", **verb(tasks))
async def snooze(unit: UnitDep, id: KeyPath, body: Annotated[TaskSnoozing, Body()]) -> Response:  # noqa: A002
    return await change(unit, tasks, id, {"due_on": body.due_on}, only_when("open"))
