"""What is sold: products, opportunities, quotes, orders, deliveries, invoices, payments.

Amounts named ``net_amount`` are net of tax in the document's currency; ``base_amount`` is the same in the
company's currency, at the ``exchange_rate`` stored on the document (company units for one document unit).
"""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from cadran.kit.tables import (
    EXCHANGE_RATE,
    QUANTITY,
    RATE,
    Base,
    Owned,
    finite,
    folded,
    one_of,
    reference,
    sorts,
    trigram,
)
from cadran.rules.vocabulary import (
    InvoiceKind,
    InvoiceStatus,
    OpportunityStatus,
    OrderStatus,
    QuoteStatus,
    words,
)


class Product(Owned):
    __tablename__ = "products"
    __table_args__ = (
        *finite("list_price", "cost"),
        trigram("products"),
        Index("ix_products_search_id", "search", "id"),
    )

    reference: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    family: Mapped[str | None] = mapped_column(index=True)
    list_price: Mapped[Decimal | None]
    cost: Mapped[Decimal | None]
    vat_rate: Mapped[Decimal | None] = mapped_column(RATE)
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    search: Mapped[str] = folded("name", "reference", "family")


class Stage(Owned):
    """A step of the pipeline with its usual probability of signature."""

    __tablename__ = "stages"

    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    probability: Mapped[Decimal] = mapped_column(RATE)
    search: Mapped[str] = folded("name")


class Opportunity(Owned):
    __tablename__ = "opportunities"
    __table_args__ = (
        one_of("status", words(OpportunityStatus)),
        *finite("budget", "exchange_rate"),
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_on"),
        sorts("opportunities", "expected_signature_on"),
        trigram("opportunities"),
    )

    name: Mapped[str]
    customer_id: Mapped[uuid.UUID | None] = reference("customers")
    contact_id: Mapped[uuid.UUID | None] = reference("contacts")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    stage_id: Mapped[uuid.UUID | None] = reference("stages")
    product_id: Mapped[uuid.UUID | None] = reference("products")
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None] = mapped_column(index=True)
    budget: Mapped[Decimal | None]  # estimated, in the opportunity's currency
    currency: Mapped[str]
    exchange_rate: Mapped[Decimal] = mapped_column(EXCHANGE_RATE, default=Decimal(1), server_default="1")
    probability: Mapped[Decimal | None] = mapped_column(RATE)  # set by hand, overrides the stage's
    expected_signature_on: Mapped[date | None]
    wanted_delivery_on: Mapped[date | None]
    needs: Mapped[str | None]
    competition: Mapped[str | None]
    source: Mapped[str | None]
    lost_reason: Mapped[str | None]
    next_action: Mapped[str | None]
    next_action_on: Mapped[date | None]
    search: Mapped[str] = folded("name", "external_id")


class _Document(Owned):
    """What quotes, orders and invoices share. Totals are the server's, never a client's."""

    __abstract__ = True

    number: Mapped[str | None] = mapped_column(index=True)
    currency: Mapped[str]
    exchange_rate: Mapped[Decimal] = mapped_column(EXCHANGE_RATE, default=Decimal(1), server_default="1")
    net_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0", sort_order=800)
    base_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0", sort_order=801)
    notes: Mapped[str | None] = mapped_column(sort_order=802)

    @declared_attr
    def search(cls) -> Mapped[str]:
        found: Mapped[str] = folded("number", "external_id")
        return found


class _Line(Base):
    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-9)
    position: Mapped[int]
    description: Mapped[str | None]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    unit_price: Mapped[Decimal]
    discount_rate: Mapped[Decimal] = mapped_column(RATE, default=Decimal(0), server_default="0")
    net_amount: Mapped[Decimal]
    base_amount: Mapped[Decimal]
    vat_rate: Mapped[Decimal | None] = mapped_column(RATE)

    @declared_attr
    def product_id(cls) -> Mapped[uuid.UUID | None]:
        column: Mapped[uuid.UUID | None] = reference("products")
        return column


def _lines(line: str, parent: str) -> Any:
    return relationship(
        line, order_by=f"{line}.position", cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )


class Quote(_Document):
    """One version of a quote; ``root_id`` ties the versions together, only the latest counts."""

    __tablename__ = "quotes"
    __table_args__ = (
        one_of("status", words(QuoteStatus)),
        *finite("net_amount", "base_amount", "exchange_rate"),
        UniqueConstraint("root_id", "revision"),
        sorts("quotes", "sent_on"),
        trigram("quotes"),
    )

    customer_id: Mapped[uuid.UUID] = reference("customers")
    contact_id: Mapped[uuid.UUID | None] = reference("contacts")
    opportunity_id: Mapped[uuid.UUID | None] = reference("opportunities")
    owner_id: Mapped[uuid.UUID | None] = reference("users")
    root_id: Mapped[uuid.UUID | None] = reference("quotes")  # null on the first version
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    status: Mapped[str] = mapped_column(default="draft", server_default="draft")
    sent_on: Mapped[date | None]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    decided_on: Mapped[date | None] = mapped_column(index=True)
    next_follow_up_on: Mapped[date | None]
    refused_reason: Mapped[str | None]
    lines: Mapped[list["QuoteLine"]] = _lines("QuoteLine", "quote")


class QuoteLine(_Line):
    __tablename__ = "quote_lines"
    __table_args__ = tuple(finite("quantity", "unit_price", "net_amount", "base_amount", "list_price", "unit_cost"))

    quote_id: Mapped[uuid.UUID] = reference("quotes", cascade=True)
    list_price: Mapped[Decimal | None]
    unit_cost: Mapped[Decimal | None]


class Order(_Document):
    """A customer's order, stamped with the rep, team and business unit it counts for."""

    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", words(OrderStatus)),
        *finite("net_amount", "base_amount", "exchange_rate"),
        CheckConstraint("status = 'draft' OR confirmed_on IS NOT NULL", name="confirmed_on"),
        CheckConstraint("(status = 'cancelled') = (cancelled_on IS NOT NULL)", name="cancelled_on"),
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on"),
        Index("ix_orders_customer_confirmed", "customer_id", "confirmed_on"),
        sorts("orders", "confirmed_on"),
        trigram("orders"),
    )

    customer_id: Mapped[uuid.UUID] = reference("customers", index=False)
    contact_id: Mapped[uuid.UUID | None] = reference("contacts")
    opportunity_id: Mapped[uuid.UUID | None] = reference("opportunities")
    quote_id: Mapped[uuid.UUID | None] = reference("quotes", unique=True)  # a quote becomes an order once
    visit_id: Mapped[uuid.UUID | None] = reference("visits")
    rep_id: Mapped[uuid.UUID | None] = reference("users")
    team_id: Mapped[uuid.UUID | None] = reference("teams")
    business_unit_id: Mapped[uuid.UUID | None] = reference("business_units")
    status: Mapped[str] = mapped_column(default="confirmed", server_default="confirmed")
    confirmed_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    closed_on: Mapped[date | None]  # closed short: what is not delivered by then never will be
    customer_reference: Mapped[str | None]
    source: Mapped[str | None]
    lines: Mapped[list["OrderLine"]] = _lines("OrderLine", "order")


class OrderLine(_Line):
    __tablename__ = "order_lines"
    __table_args__ = tuple(finite("quantity", "unit_price", "net_amount", "base_amount", "list_price", "unit_cost"))

    order_id: Mapped[uuid.UUID] = reference("orders", cascade=True)
    external_id: Mapped[str | None] = mapped_column(index=True)
    list_price: Mapped[Decimal | None]
    unit_cost: Mapped[Decimal | None]
    promised_on: Mapped[date | None]  # else the order's


class Delivery(Owned):
    """A quantity of one order line delivered on one day; a return is negative."""

    __tablename__ = "deliveries"
    __table_args__ = (*finite("quantity"), sorts("deliveries", "delivered_on"))

    order_line_id: Mapped[uuid.UUID] = reference("order_lines")
    delivered_on: Mapped[date]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    number: Mapped[str | None]


class Invoice(_Document):
    """An invoice or credit note. Amounts are positive on both; ``kind`` gives the sign."""

    __tablename__ = "invoices"
    __table_args__ = (
        one_of("kind", words(InvoiceKind)),
        one_of("status", words(InvoiceStatus)),
        *finite("net_amount", "base_amount", "tax_amount", "gross_amount", "base_gross_amount", "exchange_rate"),
        CheckConstraint("status = 'draft' OR issued_on IS NOT NULL", name="issued_on"),
        CheckConstraint("(status = 'cancelled') = (cancelled_on IS NOT NULL)", name="cancelled_on"),
        Index("ix_invoices_customer_issued", "customer_id", "issued_on"),
        sorts("invoices", "issued_on"),
        trigram("invoices"),
    )

    customer_id: Mapped[uuid.UUID] = reference("customers", index=False)
    order_id: Mapped[uuid.UUID | None] = reference("orders")
    credited_invoice_id: Mapped[uuid.UUID | None] = reference("invoices")
    rep_id: Mapped[uuid.UUID | None] = reference("users")
    team_id: Mapped[uuid.UUID | None] = reference("teams")
    business_unit_id: Mapped[uuid.UUID | None] = reference("business_units")
    kind: Mapped[str] = mapped_column(default="invoice", server_default="invoice")
    status: Mapped[str] = mapped_column(default="posted", server_default="posted")
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    disputed: Mapped[bool] = mapped_column(default=False, server_default="false")
    tax_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    gross_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    base_gross_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    lines: Mapped[list["InvoiceLine"]] = _lines("InvoiceLine", "invoice")


class InvoiceLine(_Line):
    __tablename__ = "invoice_lines"
    __table_args__ = tuple(finite("quantity", "unit_price", "net_amount", "base_amount"))

    invoice_id: Mapped[uuid.UUID] = reference("invoices", cascade=True)
    order_line_id: Mapped[uuid.UUID | None] = reference("order_lines")


class Payment(Owned):
    """Money received for an invoice, tax included, in the invoice's currency."""

    __tablename__ = "payments"
    __table_args__ = (*finite("amount", "base_amount"), sorts("payments", "paid_on"))

    invoice_id: Mapped[uuid.UUID] = reference("invoices")
    paid_on: Mapped[date]
    amount: Mapped[Decimal]
    base_amount: Mapped[Decimal]  # at the invoice's rate, so that a paid invoice leaves nothing
    method: Mapped[str | None]
