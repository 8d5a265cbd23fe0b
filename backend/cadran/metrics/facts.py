"""Facts: cells of a GROUP BY. A row is a cell with ``n = 1``; splitting or merging cells changes no KPI.

Amounts are net of tax in the company's currency unless their name says ``gross``; days are civil days in the company's
time zone. Dimensions not asked for are None, as are those a record does not have (then it falls in ``unassigned``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What every fact has: its count, its day for a flow, whom it counts for, and the record when it is one row."""

    n: int = 1
    day: date | None = None
    rep: UUID | None = None
    team: UUID | None = None
    business_unit: UUID | None = None
    customer: UUID | None = None
    product: UUID | None = None
    source: str | None = None
    sector: str | None = None
    customer_class: str | None = None
    record: UUID | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummedCell(Cell):
    """Cells of one KPI on one day, its inputs already summed over them."""

    stage: UUID | None = None
    sums: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCell(Cell):
    """Invoices and credit notes by day of issue. ``amount`` is positive on both kinds."""

    kind: str = "invoice"
    status: str = "posted"
    cancelled_on: date | None = None
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCell(Cell):
    """Orders by day of confirmation.

    ``amount``: net; ``list_amount`` and ``list_net``: list price × quantity, and net, over lines with a list price;
    ``cost_amount`` and ``cost_net``: cost × quantity, and net, over lines with a cost. The ``delivered_…`` twins are
    the same pro rata to the quantity delivered. By product an order counts once for each product it holds.
    """

    status: str = "confirmed"
    cancelled_on: date | None = None
    closed_on: date | None = None
    amount: Decimal = ZERO
    list_amount: Decimal = ZERO
    list_net: Decimal = ZERO
    cost_amount: Decimal = ZERO
    cost_net: Decimal = ZERO
    delivered_amount: Decimal = ZERO
    delivered_list_amount: Decimal = ZERO
    delivered_list_net: Decimal = ZERO
    delivered_cost_amount: Decimal = ZERO
    delivered_cost_net: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityCell(Cell):
    """One opportunity as it stands, or closed ones by day of closing. Amounts: None when not known."""

    status: str = "open"
    opened_on: date | None = None
    closed_on: date | None = None
    stage: UUID | None = None
    stage_probability: Decimal | None = None
    manual_probability: Decimal | None = None
    budget: Decimal | None = None
    quote_amount: Decimal | None = None
    expected_signature_on: date | None = None
    filled: int = 0  # of the six fields a row shows
    fields: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCell(Cell):
    """One visit planned or held."""

    status: str = "planned"
    created_on: date | None = None
    planned_on: date | None = None
    first_planned_on: date | None = None
    held_on: date | None = None
    cancelled_on: date | None = None
    report_submitted_on: date | None = None
    orders: int = 0  # attributed to it, see attribution.py
    customer_at_risk: Decimal = ZERO  # what its customer has at risk
    at_risk: Decimal = ZERO  # the same, on the customer's first overdue visit only: it counts once
    mature: bool = True
    holds_until: date | None = None  # the day to come from which its orders, or being mature, are told otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteCell(Cell):
    """The latest version of one quote."""

    status: str = "sent"
    sent_on: date | None = None
    decided_on: date | None = None
    expires_on: date | None = None
    next_follow_up_on: date | None = None
    last_contact_on: date | None = None
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineCell(Cell):
    """One order line with what was delivered and invoiced of it by then.

    ``gross_amount``: the whole line, tax included; ``net_amount``: before tax.
    """

    status: str = "confirmed"
    confirmed_on: date | None = None
    cancelled_on: date | None = None
    closed_on: date | None = None
    promised_on: date | None = None
    quantity: Decimal = ZERO
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO
    gross_amount: Decimal = ZERO
    net_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableCell(Cell):
    """One posted invoice, or a credit note tied to none, with what was paid and credited of it; tax included."""

    kind: str = "invoice"
    status: str = "posted"
    issued_on: date | None = None
    due_on: date | None = None
    cancelled_on: date | None = None
    gross_amount: Decimal = ZERO
    paid: Decimal = ZERO
    credited: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCell(Cell):
    """One service request."""

    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCell(Cell):
    """One contact or customer card: how many of its fields are filled, how many values are valid.

    ``weight``: 3 for a decision-maker, else 1; ``filled`` and ``possible`` count fields, unweighted.
    """

    weight: int = 1
    filled: int = 0
    possible: int = 0
    missing: tuple[str, ...] = ()
    valid: int = 0
    checked: int = 0
    freshness: Decimal = ZERO  # 0 to 1
    verified: bool = False
    duplicated: bool = False
    invalid: tuple[str, ...] = ()
    stake: Decimal = ZERO  # the customer's revenue over twelve months, to rank what to fix first


@dataclass(frozen=True, slots=True, kw_only=True)
class ProspectCell(Cell):
    """Customers by their first day as a prospect."""

    imported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDays:
    """The distinct days one customer's orders were confirmed, with whom the earliest counts for."""

    day: date
    rep: UUID | None = None
    team: UUID | None = None
    business_unit: UUID | None = None
    status: str = "confirmed"
    cancelled_on: date | None = None
    order: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCell(Cell):
    """One customer with its order history: base of the life cycle."""

    order_days: tuple[date, ...] = ()  # distinct, ascending
    own_cycle: int | None = None
    sector_cycle: int | None = None
    promises: tuple[tuple[date, date], ...] = ()  # from confirmation to the last day an undelivered promise holds
    first_order: OrderDays | None = None
    last_visit_on: date | None = None
    last_contact_on: date | None = None
    visit_cadence: int | None = None
    revenue: Decimal = ZERO  # invoiced over the last twelve months


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCell(Cell):
    """One action plan."""

    status: str = "active"
    starts_on: date | None = None
    ends_on: date | None = None  # its last day
    weight: Decimal = ZERO  # of the actions not cancelled
    weight_done: Decimal = ZERO
    revenue: Decimal = ZERO  # ordered since its start by its customers and products
    revenue_target: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCell(Cell):
    """Leads by day of first qualification (``day``) and of creation."""

    created_on: date | None = None
    qualified_on: date | None = None
    converted_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCell(Cell):
    """One task; never a KPI, it stands beside them on the day's screen."""

    status: str = "open"
    priority: str = "normal"
    due_on: date | None = None
    done_on: date | None = None
    created_on: date | None = None
