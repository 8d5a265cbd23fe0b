"""What one aims at: action plans, targets, and the company's settings."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cadran.kit.tables import RATE, Base, Owned, Record, finite, folded, one_of, reference, trigram
from cadran.rules.vocabulary import ActionStatus, Language, PlanStatus, ScopeKind, words


class ActionPlan(Owned):
    """Actions to win revenue with named customers and products."""

    __tablename__ = "action_plans"
    __table_args__ = (one_of("status", words(PlanStatus)), *finite("revenue_target"), trigram("action_plans"))

    name: Mapped[str]
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # its last day, included
    revenue_target: Mapped[Decimal | None]
    description: Mapped[str | None]
    search: Mapped[str] = folded("name")
    actions: Mapped[list["PlanAction"]] = relationship(
        "PlanAction",
        order_by="PlanAction.position",
        cascade="all, delete-orphan",
        lazy="raise",
        passive_deletes=True,
    )
    customers: Mapped[list["PlanCustomer"]] = relationship(
        "PlanCustomer", cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )
    products: Mapped[list["PlanProduct"]] = relationship(
        "PlanProduct", cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )


class PlanAction(Base):
    __tablename__ = "plan_actions"
    __table_args__ = (
        one_of("status", words(ActionStatus)),
        *finite("weight"),
        CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_on"),
        CheckConstraint("weight > 0", name="weight_positive"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    action_plan_id: Mapped[uuid.UUID] = reference("action_plans", cascade=True)
    position: Mapped[int]
    title: Mapped[str]
    weight: Mapped[Decimal] = mapped_column(default=Decimal(1), server_default="1")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    status: Mapped[str] = mapped_column(default="planned", server_default="planned")
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]


class PlanCustomer(Base):
    __tablename__ = "plan_customers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    action_plan_id: Mapped[uuid.UUID] = reference("action_plans", cascade=True)
    customer_id: Mapped[uuid.UUID] = reference("customers")


class PlanProduct(Base):
    __tablename__ = "plan_products"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    action_plan_id: Mapped[uuid.UUID] = reference("action_plans", cascade=True)
    product_id: Mapped[uuid.UUID] = reference("products")


class Target(Owned):
    """What a scope is to reach on one KPI from ``starts_on`` up to, not including, ``ends_on``."""

    __tablename__ = "targets"
    __table_args__ = (
        one_of("scope_kind", words(ScopeKind)),
        *finite("value"),
        CheckConstraint("(scope_kind = 'company') = (scope_id IS NULL)", name="scope_id"),
        CheckConstraint("starts_on < ends_on", name="period"),
        Index("uq_targets_exact", "kpi", "scope_kind", "scope_id", "starts_on", "ends_on", unique=True,
              postgresql_nulls_not_distinct=True),
    )  # fmt: skip

    kpi: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[uuid.UUID | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    value: Mapped[Decimal]


class Settings(Record):
    """The one row that says how this company counts."""

    __tablename__ = "settings"
    __table_args__ = (
        one_of("language", words(Language)),
        CheckConstraint("singleton", name="singleton"),
        CheckConstraint("fiscal_year_start_month BETWEEN 1 AND 12", name="fiscal_year_start_month"),
    )

    singleton: Mapped[bool] = mapped_column(default=True, server_default="true", unique=True)
    company_name: Mapped[str]
    language: Mapped[str] = mapped_column(default="fr", server_default="fr")
    country: Mapped[str] = mapped_column(default="FR", server_default="FR")
    region: Mapped[str | None]  # ISO 3166-2 subdivision, for its public holidays
    time_zone: Mapped[str] = mapped_column(default="Europe/Paris", server_default="Europe/Paris")
    currency: Mapped[str] = mapped_column(default="EUR", server_default="EUR")
    fiscal_year_start_month: Mapped[int] = mapped_column(default=1, server_default="1")
    monthly_weights: Mapped[list[str] | None] = mapped_column(JSONB)  # twelve, fiscal order; null: working days
    default_cycle_days: Mapped[int] = mapped_column(default=90, server_default="90")
    minimum_cycle_days: Mapped[int] = mapped_column(default=14, server_default="14")
    sector_cycle_days: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    default_visit_cadence_days: Mapped[int] = mapped_column(default=60, server_default="60")
    follow_up_working_days: Mapped[int] = mapped_column(default=7, server_default="7")
    expiring_days: Mapped[int] = mapped_column(default=7, server_default="7")
    attribution_days: Mapped[int] = mapped_column(default=30, server_default="30")
    margin_floor: Mapped[Decimal | None] = mapped_column(RATE)
    discount_ceiling: Mapped[Decimal | None] = mapped_column(RATE)
    is_demo: Mapped[bool] = mapped_column(default=False, server_default="false")


class ImportJob(Record):
    """One file taken in: what became of its rows."""

    __tablename__ = "imports"

    resource: Mapped[str]
    file_name: Mapped[str | None]
    status: Mapped[str]  # queued | running | checked | done | partial | refused | failed
    dry_run: Mapped[bool] = mapped_column(default=False)
    rows: Mapped[int] = mapped_column(default=0)
    rows_read: Mapped[int] = mapped_column(default=0, server_default="0")
    records_checked: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_written: Mapped[int] = mapped_column(default=0, server_default="0")
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    format: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    user_id: Mapped[uuid.UUID | None] = reference("users")
    finished_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
