"""Contacts: the people one meets at a customer's."""

from cadran.kit.problems import invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.types import Day, ExternalId, Flag, Id, Instant, Read, ShortText, StrictModel
from cadran.models import Contact
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.rules.vocabulary import Language


class ContactCreate(StrictModel):
    external_id: ExternalId | None = None
    customer_id: Id | None = None
    first_name: ShortText | None = None
    last_name: ShortText | None = None
    job_title: ShortText | None = None
    department: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None
    mobile: ShortText | None = None
    language: Language | None = None
    is_decision_maker: Flag = False
    created_on: Day | None = None
    verified_on: Day | None = None


class ContactRead(Read):
    id: Id
    external_id: str | None
    customer_id: Id | None
    first_name: str | None
    last_name: str | None
    job_title: str | None
    department: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    language: Language | None
    is_decision_maker: bool
    created_on: Day | None
    verified_on: Day | None
    merged_into_id: Id | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """A contact as it is: a bad phone or e-mail is a matter of data health, not refused."""
    rights.require_role(write.who, rights.EVERYONE, "contacts")
    if write.who.role in ("rep", "manager") and write.now("customer_id") is None:
        raise invalid("/customer_id", "A contact belongs to a customer.", "Give customer_id.")
    if write.existing is None and "created_on" not in write.given and not write.imported:
        write.values["created_on"] = await company.today(write.session)


contacts = Resource(
    name="contacts",
    model=Contact,
    read=ContactRead,
    create=ContactCreate,
    visible=visible,
    sort=("last_name", "first_name", "job_title", "created_on", "updated_at"),
    default_sort="last_name",
    filters=(
        "id", "customer_id", "department", "is_decision_maker", "email", "created_on", "verified_on", "merged_into_id",
        "external_id", "updated_at",
    ),
    prepare=prepare,
    completed=frozenset({"created_on"}),
)  # fmt: skip
