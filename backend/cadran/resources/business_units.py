"""Business units: groups of teams."""

from cadran.kit.resource import Resource, Write
from cadran.kit.types import ExternalId, Flag, Id, Instant, Read, ShortText, StrictModel
from cadran.models import BusinessUnit
from cadran.queries.visibility import visible
from cadran.resources import rights
from cadran.resources.scopes import unaimed


class BusinessUnitCreate(StrictModel):
    external_id: ExternalId | None = None
    name: ShortText
    is_active: Flag = True


class BusinessUnitRead(Read):
    id: Id
    external_id: str | None
    name: str
    is_active: bool
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    rights.require_role(write.who, rights.ADMIN, "business units")
    if write.removing:
        await unaimed(write, "business_unit")


business_units = Resource(
    name="business-units",
    model=BusinessUnit,
    read=BusinessUnitRead,
    create=BusinessUnitCreate,
    visible=visible,
    sort=("name", "created_at", "updated_at"),
    default_sort="name",
    filters=("id", "is_active", "external_id", "updated_at"),
    prepare=prepare,
)
