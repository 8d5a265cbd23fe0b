"""Whom one sells to: customers, their contacts, and the pairs found to be no duplicates."""

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cadran.kit.tables import Owned, Record, finite, folded, one_of, reference, trigram
from cadran.rules.vocabulary import CustomerClass, DuplicateKind, Language, words


class Customer(Owned):
    """A company one sells to, from its first day as a prospect (``prospect_on``)."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("customer_class", words(CustomerClass)),
        *finite("credit_limit"),
        trigram("customers"),
        Index("ix_customers_search_id", "search", "id"),
        # The few that no number counts: see ``queries.ask.real``.
        Index("ix_customers_not_real", "id", postgresql_where=text("is_internal OR merged_into_id IS NOT NULL")),
    )

    name: Mapped[str]  # legal name
    siren: Mapped[str | None]
    siret: Mapped[str | None]
    vat_number: Mapped[str | None]
    sector: Mapped[str | None] = mapped_column(index=True)
    street: Mapped[str | None]
    postal_code: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str | None]  # ISO 3166 alpha-2
    phone: Mapped[str | None]
    email: Mapped[str | None]
    website: Mapped[str | None]
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    customer_class: Mapped[str | None]
    source: Mapped[str | None]
    prospect_on: Mapped[date | None] = mapped_column(index=True)
    # Stamped on its first day as a prospect: moving the customer later rewrites no history.
    prospect_rep_id: Mapped[uuid.UUID | None] = reference("users")
    prospect_team_id: Mapped[uuid.UUID | None] = reference("teams")
    prospect_business_unit_id: Mapped[uuid.UUID | None] = reference("business_units")
    is_imported: Mapped[bool] = mapped_column(default=False, server_default="false")  # came by a bulk import
    is_internal: Mapped[bool] = mapped_column(default=False, server_default="false")
    credit_limit: Mapped[Decimal | None]
    order_cycle_days: Mapped[int | None]
    visit_cadence_days: Mapped[int | None]
    verified_on: Mapped[date | None]
    merged_into_id: Mapped[uuid.UUID | None] = reference("customers")
    notes: Mapped[str | None]
    search: Mapped[str] = folded("name", "city", "siren", "external_id")


class Contact(Owned):
    __tablename__ = "contacts"
    __table_args__ = (
        one_of("language", words(Language)),
        trigram("contacts"),
        Index("ix_contacts_search_id", "search", "id"),
        Index("ix_contacts_last_name", text("fold(last_name)"), "id"),
    )

    customer_id: Mapped[uuid.UUID | None] = reference("customers")
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    job_title: Mapped[str | None]  # the exact function
    department: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    mobile: Mapped[str | None]
    language: Mapped[str | None]
    is_decision_maker: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_on: Mapped[date | None]
    verified_on: Mapped[date | None]
    merged_into_id: Mapped[uuid.UUID | None] = reference("contacts")
    search: Mapped[str] = folded("last_name", "first_name", "email")


class DuplicateDismissal(Record):
    """Two records somebody looked at and found to be different; ``first_id`` < ``second_id``."""

    __tablename__ = "duplicate_dismissals"
    __table_args__ = (one_of("kind", words(DuplicateKind)), UniqueConstraint("first_id", "second_id"))

    kind: Mapped[str]
    first_id: Mapped[uuid.UUID]
    second_id: Mapped[uuid.UUID]
    dismissed_by_id: Mapped[uuid.UUID | None] = reference("users")
