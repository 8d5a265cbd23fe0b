"""Interactions: each call, message or meeting with a customer."""

from cadran.kit.problems import invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.types import Day, ExternalId, Flag, Id, Instant, LongText, Read, StrictModel
from cadran.models import Interaction
from cadran.queries.visibility import visible
from cadran.resources import rights
from cadran.resources.activity import not_to_come, same_customer
from cadran.rules.vocabulary import InteractionKind


class InteractionCreate(StrictModel):
    external_id: ExternalId | None = None
    customer_id: Id
    contact_id: Id | None = None
    quote_id: Id | None = None
    owner_id: Id | None = None
    kind: InteractionKind
    occurred_on: Day | None = None
    answered: Flag = True
    notes: LongText | None = None


class InteractionRead(Read):
    id: Id
    external_id: str | None
    customer_id: Id
    contact_id: Id | None
    quote_id: Id | None
    owner_id: Id | None
    kind: InteractionKind
    occurred_on: Day
    answered: bool
    notes: str | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Whose it is, and its day: today unless said."""
    rights.require_role(write.who, rights.COMMERCIAL, "interactions")
    if write.removing:
        return
    await rights.owned(write)
    await same_customer(write)
    today = await not_to_come(write, "occurred_on")
    if write.now("occurred_on") is None:
        if write.imported:
            raise invalid("/occurred_on", "An interaction has its day.", "Give occurred_on.")
        write.values["occurred_on"] = today


interactions = Resource(
    name="interactions",
    model=Interaction,
    read=InteractionRead,
    create=InteractionCreate,
    visible=visible,
    sort=("occurred_on", "kind", "created_at", "updated_at"),
    default_sort="-occurred_on",
    filters=(
        "id", "customer_id", "contact_id", "quote_id", "owner_id", "kind", "occurred_on", "answered", "external_id",
        "updated_at",
    ),
    words={"kind": InteractionKind},
    prepare=prepare,
    completed=frozenset({"owner_id", "occurred_on"}),
    defaulted=frozenset({"occurred_on"}),
)  # fmt: skip
