"""Visit reports: what came of a visit, at most one each."""

from datetime import UTC, date, datetime, time

from sqlalchemy import select

from cadran.kit.problems import invalid
from cadran.kit.resource import Resource, Write
from cadran.kit.types import Day, ExternalId, Id, Instant, LongText, Read, ShortText, StrictModel
from cadran.models import Visit, VisitReport
from cadran.queries.visibility import visible
from cadran.resources import company, rights
from cadran.rules.vocabulary import ReportStatus


class ReportFields(StrictModel):
    """What a report says, whichever way it is written."""

    external_id: ExternalId | None = None
    author_id: Id | None = None
    summary: LongText | None = None
    customer_words: LongText | None = None
    outcome: ShortText | None = None
    next_step: ShortText | None = None
    next_step_on: Day | None = None


class VisitReportCreate(ReportFields):
    visit_id: Id
    status: ReportStatus = "submitted"
    submitted_at: Instant | None = None


class VisitReportRead(Read):
    id: Id
    external_id: str | None
    visit_id: Id
    author_id: Id | None
    status: ReportStatus
    submitted_at: Instant | None
    summary: str | None
    customer_words: str | None
    outcome: str | None
    next_step: str | None
    next_step_on: Day | None
    labels: dict[str, str | None]
    version: int
    created_at: Instant
    updated_at: Instant


async def prepare(write: Write) -> None:
    """Its author, and the instant it was submitted: only the report of a held visit is."""
    rights.require_role(write.who, rights.COMMERCIAL, "visit reports")
    if write.removing:
        return
    values = write.values
    if write.existing is None and "author_id" not in write.given and not write.imported:
        values["author_id"] = write.who.user_id
    if write.changes("author_id") and values["author_id"] is not None:
        await rights.may_name(write, values["author_id"])
    if write.now("status") == "draft":
        if values.get("submitted_at") is not None and "submitted_at" in write.given:
            raise invalid("/submitted_at", "A draft is not submitted.", "Set status to submitted, or leave it out.")
        values["submitted_at"] = None
        return
    await _submitted(write)


async def _submitted(write: Write) -> None:
    statement = select(Visit.status, Visit.held_on).where(Visit.id == write.now("visit_id"))
    visit = (await write.session.execute(statement)).one()
    if visit.status != "held":
        remedy = "Hold the visit first, send POST /visits/{id}/report, or keep the report as a draft."
        raise invalid("/status", f"The visit is {visit.status}, not held.", remedy)
    now = datetime.now(UTC)
    if write.now("submitted_at") is None:
        # History that does not say when it was submitted counts from the day of its visit.
        write.values["submitted_at"] = min(now, await _evening(write, visit.held_on)) if write.imported else now
    elif write.changes("submitted_at") and write.values["submitted_at"] > now:
        raise invalid("/submitted_at", "This instant is still to come.", "Leave it out: it is now.")


async def _evening(write: Write, day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), await company.zone(write.session)).astimezone(UTC)


visit_reports = Resource(
    name="visit-reports",
    model=VisitReport,
    read=VisitReportRead,
    create=VisitReportCreate,
    visible=visible,
    sort=("submitted_at", "next_step_on", "created_at", "updated_at"),
    default_sort="-submitted_at",
    filters=("id", "visit_id", "author_id", "status", "submitted_at", "next_step_on", "external_id", "updated_at"),
    words={"status": ReportStatus},
    prepare=prepare,
    fixed=frozenset({"visit_id"}),
    completed=frozenset({"author_id", "submitted_at"}),
    defaulted=frozenset({"submitted_at"}),
)
