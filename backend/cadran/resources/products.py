"""Products, and the stages of the pipeline."""

from pydantic import Field

from cadran.kit.resource import Resource
from cadran.kit.types import Count, ExternalId, Flag, Id, Instant, PositiveMoney, Rate, Read, ShortText, StrictModel
from cadran.models import Product, Stage
from cadran.queries.visibility import visible
from cadran.resources.rights import OFFICE, writers


class ProductCreate(StrictModel):
    external_id: ExternalId | None = None
    reference: ShortText | None = Field(None, description="The catalogue number (SKU), unique.")
    name: ShortText
    family: ShortText | None = None
    list_price: PositiveMoney | None = None
    cost: PositiveMoney | None = None
    vat_rate: Rate | None = None
    is_active: Flag = True


class ProductRead(Read):
    id: Id
    external_id: str | None
    reference: str | None
    name: str
    family: str | None
    list_price: PositiveMoney | None
    cost: PositiveMoney | None
    vat_rate: Rate | None
    is_active: bool
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


products = Resource(
    name="products",
    model=Product,
    read=ProductRead,
    create=ProductCreate,
    visible=visible,
    sort=("name", "reference", "family", "list_price", "updated_at"),
    default_sort="name",
    filters=("id", "family", "reference", "is_active", "list_price", "external_id", "updated_at"),
    prepare=writers(OFFICE),
)


class StageCreate(StrictModel):
    external_id: ExternalId | None = None
    name: ShortText
    position: Count = 0
    probability: Rate


class StageRead(Read):
    id: Id
    external_id: str | None
    name: str
    position: int
    probability: Rate
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


stages = Resource(
    name="stages",
    model=Stage,
    read=StageRead,
    create=StageCreate,
    visible=visible,
    sort=("position", "name", "probability"),
    default_sort="position",
    filters=("id", "external_id"),
    prepare=writers(OFFICE),
)
