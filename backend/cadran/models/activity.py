"""What one does: visits and their reports, interactions, leads, tasks, service requests."""

import uuid
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cadran.kit.tables import Owned, finite, folded, one_of, reference, sorts, trigram
from cadran.rules.vocabulary import (
    InteractionKind,
    LeadStatus,
    Priority,
    ReportStatus,
    RequestStatus,
    TaskStatus,
    VisitStatus,
    words,
)


class Visit(Owned):
    """A visit to a customer. ``first_planned_on`` never moves: rescheduling launders no lateness."""

    __tablename__ = "visits"
    __table_args__ = (
        one_of("status", words(VisitStatus)),
        CheckConstraint("(status = 'held') = (held_on IS NOT NULL)", name="held_on"),
        CheckConstraint("(status = 'cancelled') = (cancelled_on IS NOT NULL)", name="cancelled_on"),
        # With what a day's agenda counts and sorts by.
        Index(
            "ix_visits_planned_on",
            "planned_on",
            "id",
            postgresql_include=["status", "planned_time", "owner_id", "customer_id"],
        ),
        Index("ix_visits_customer_held", "customer_id", "held_on"),
    )

    customer_id: Mapped[uuid.UUID] = reference("customers", index=False)
    contact_id: Mapped[uuid.UUID | None] = reference("contacts")
    opportunity_id: Mapped[uuid.UUID | None] = reference("opportunities")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    # Stamped when the visit is held: visits per order are flows.
    rep_id: Mapped[uuid.UUID | None] = reference("users")
    team_id: Mapped[uuid.UUID | None] = reference("teams")
    business_unit_id: Mapped[uuid.UUID | None] = reference("business_units")
    status: Mapped[str] = mapped_column(default="planned", server_default="planned")
    created_on: Mapped[date | None]
    planned_on: Mapped[date]
    planned_time: Mapped[time | None]
    duration_minutes: Mapped[int | None]
    first_planned_on: Mapped[date]
    held_on: Mapped[date | None] = mapped_column(index=True)
    cancelled_on: Mapped[date | None]
    purpose: Mapped[str | None]
    late_reason: Mapped[str | None]
    next_action: Mapped[str | None]
    location: Mapped[str | None]


class VisitReport(Owned):
    """What came of a visit, at most one report each."""

    __tablename__ = "visit_reports"
    __table_args__ = (
        one_of("status", words(ReportStatus)),
        CheckConstraint("status = 'draft' OR submitted_at IS NOT NULL", name="submitted_at"),
        sorts("visit_reports", "submitted_at"),
    )

    visit_id: Mapped[uuid.UUID] = reference("visits", unique=True)
    author_id: Mapped[uuid.UUID | None] = reference("users")
    status: Mapped[str] = mapped_column(default="submitted", server_default="submitted")
    submitted_at: Mapped[datetime | None]
    summary: Mapped[str | None]
    customer_words: Mapped[str | None]
    outcome: Mapped[str | None]
    next_step: Mapped[str | None]
    next_step_on: Mapped[date | None]


class Interaction(Owned):
    """A logged contact with a customer: a call, a message, a quote followed up."""

    __tablename__ = "interactions"
    __table_args__ = (
        one_of("kind", words(InteractionKind)),
        sorts("interactions", "occurred_on"),
        Index("ix_interactions_customer_on", "customer_id", "occurred_on"),
    )

    customer_id: Mapped[uuid.UUID] = reference("customers", index=False)
    contact_id: Mapped[uuid.UUID | None] = reference("contacts")
    quote_id: Mapped[uuid.UUID | None] = reference("quotes")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    kind: Mapped[str]
    occurred_on: Mapped[date]
    answered: Mapped[bool] = mapped_column(default=True, server_default="true")
    notes: Mapped[str | None]


class Lead(Owned):
    """A lead. ``source`` is the first touch and never changes; ``qualified_on`` is the first move to qualified."""

    __tablename__ = "leads"
    __table_args__ = (
        one_of("status", words(LeadStatus)),
        *finite("estimated_amount"),
        sorts("leads", "created_on"),
        trigram("leads"),
        Index("ix_leads_search_id", "search", "id"),
    )

    company_name: Mapped[str | None]
    contact_name: Mapped[str | None]
    job_title: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    source: Mapped[str | None] = mapped_column(index=True)
    product_id: Mapped[uuid.UUID | None] = reference("products")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    # Stamped at the first qualification.
    rep_id: Mapped[uuid.UUID | None] = reference("users")
    team_id: Mapped[uuid.UUID | None] = reference("teams")
    business_unit_id: Mapped[uuid.UUID | None] = reference("business_units")
    status: Mapped[str] = mapped_column(default="new", server_default="new")
    created_on: Mapped[date | None]
    qualified_on: Mapped[date | None] = mapped_column(index=True)
    converted_on: Mapped[date | None]
    customer_id: Mapped[uuid.UUID | None] = reference("customers")
    opportunity_id: Mapped[uuid.UUID | None] = reference("opportunities")
    estimated_amount: Mapped[Decimal | None]
    disqualified_reason: Mapped[str | None]
    notes: Mapped[str | None]
    search: Mapped[str] = folded("company_name", "contact_name", "email")


class Task(Owned):
    __tablename__ = "tasks"
    __table_args__ = (
        one_of("status", words(TaskStatus)),
        one_of("priority", words(Priority)),
        CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_on"),
        sorts("tasks", "due_on"),
        trigram("tasks"),
        Index("ix_tasks_done_on", "done_on", postgresql_where=text("done_on IS NOT NULL")),
        Index(
            "ix_tasks_open",
            "priority",
            "due_on",
            "id",
            postgresql_where=text("done_on IS NULL AND status <> 'cancelled'"),
            postgresql_include=["created_on", "owner_id", "customer_id"],
        ),
    )

    title: Mapped[str]
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    customer_id: Mapped[uuid.UUID | None] = reference("customers")
    opportunity_id: Mapped[uuid.UUID | None] = reference("opportunities")
    quote_id: Mapped[uuid.UUID | None] = reference("quotes")
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    priority: Mapped[str] = mapped_column(default="normal", server_default="normal")
    created_on: Mapped[date | None]
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    notes: Mapped[str | None]
    search: Mapped[str] = folded("title")


class ServiceRequest(Owned):
    """What a customer asked for after the sale; open until closed."""

    __tablename__ = "service_requests"
    __table_args__ = (
        one_of("status", words(RequestStatus)),
        one_of("priority", words(Priority)),
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on"),
        sorts("service_requests", "opened_on"),
        trigram("service_requests"),
    )

    title: Mapped[str]
    customer_id: Mapped[uuid.UUID] = reference("customers")
    contact_id: Mapped[uuid.UUID | None] = reference("contacts")
    order_id: Mapped[uuid.UUID | None] = reference("orders")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    kind: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    priority: Mapped[str] = mapped_column(default="normal", server_default="normal")
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    description: Mapped[str | None]
    search: Mapped[str] = folded("title", "external_id")
