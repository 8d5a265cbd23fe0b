"""What counts, and for how much: the status rules of orders, invoices, quotes, opportunities and visits.

A state dated after the day asked has not happened yet: an order cancelled in June still counts for May asked as of May.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cadran.metrics.facts import (
    ZERO,
    InvoiceCell,
    LeadCell,
    OpportunityCell,
    OrderCell,
    OrderDays,
    OrderLineCell,
    QuoteCell,
    ReceivableCell,
    VisitCell,
)
from cadran.metrics.kpi import Context, Rules
from cadran.metrics.workdays import Calendar

QuoteState = Literal["draft", "open", "accepted", "refused", "expired", "superseded"]
Age = Literal["0-7", "8-15", "16-30", "31-60", "60+"]
Part = Literal["none", "whole", "delivered"]
Ageing = Literal["not_due", "1-30", "31-60", "61-90", "91+"]


def happened(on: date | None, day: date) -> bool:
    return on is not None and on <= day


def signed_invoice_amount(cell: InvoiceCell, context: Context) -> Decimal:
    """Net amount of a posted invoice, minus that of a posted credit note, else 0."""
    if invoice_part(cell, context.day) == "none":
        return ZERO
    return -cell.amount if cell.kind == "credit_note" else cell.amount


def invoice_part(cell: InvoiceCell, day: date) -> Part:
    """Whether an invoice or a credit note counts, and counts whole."""
    posted = cell.status != "draft" and not happened(cell.cancelled_on, day)
    return "whole" if posted and cell.kind in ("invoice", "credit_note") else "none"


def invoice_counts(cell: InvoiceCell, context: Context) -> bool:
    return cell.status != "draft" and cell.kind == "invoice" and not happened(cell.cancelled_on, context.day)


def order_counts(cell: OrderCell | OrderDays | OrderLineCell, day: date) -> bool:
    return cell.status != "draft" and not happened(cell.cancelled_on, day)


def order_part(cell: OrderCell, day: date) -> Part:
    """What of an order counts: one closed short counts for what was delivered."""
    if not order_counts(cell, day):
        return "none"
    return "delivered" if happened(cell.closed_on, day) else "whole"


def order_measure(name: str, cell: OrderCell, context: Context) -> Decimal:
    part = order_part(cell, context.day)
    if part == "none":
        return ZERO
    found: Decimal = getattr(cell, name if part == "whole" else f"delivered_{name}")
    return found


# Opportunities


def is_open(cell: OpportunityCell, day: date) -> bool:
    return (cell.opened_on is None or cell.opened_on <= day) and not happened(cell.closed_on, day)


def opportunity_amount(cell: OpportunityCell) -> Decimal:
    """The latest live quote's net amount, else the estimated budget, else 0."""
    if cell.quote_amount is not None:
        return cell.quote_amount
    return cell.budget if cell.budget is not None else ZERO


def probability(cell: OpportunityCell) -> Decimal:
    """The one set by hand, else the stage's, else 0."""
    if cell.manual_probability is not None:
        return cell.manual_probability
    return cell.stage_probability if cell.stage_probability is not None else ZERO


def weighted(cell: OpportunityCell) -> Decimal:
    """Amount × probability, exact: only sums are rounded."""
    return opportunity_amount(cell) * probability(cell)


def is_slipped(cell: OpportunityCell, day: date) -> bool:
    return is_open(cell, day) and cell.expected_signature_on is not None and cell.expected_signature_on < day


# Visits


def is_overdue(cell: VisitCell, day: date) -> bool:
    """Planned before the day, neither held nor cancelled by its end."""
    return (
        cell.planned_on is not None
        and cell.planned_on < day
        and not happened(cell.held_on, day)
        and not happened(cell.cancelled_on, day)
        and (cell.created_on is None or cell.created_on <= day)
    )


def days_late(cell: VisitCell, day: date) -> int:
    """Days since the day first planned: rescheduling launders no lateness."""
    since = cell.first_planned_on or cell.planned_on or day
    return max((day - since).days, 0)


def is_held(cell: VisitCell, day: date) -> bool:
    return happened(cell.held_on, day) and not happened(cell.cancelled_on, day)


# Quotes


def quote_state(cell: QuoteCell, day: date) -> QuoteState:
    """The state at the end of ``day``; an undecided quote past its last day of validity has expired."""
    if cell.status == "draft" or not happened(cell.sent_on, day):
        return "draft"
    if cell.status == "superseded":
        return "superseded"
    if happened(cell.decided_on, day):
        if cell.status in ("accepted", "refused", "expired"):
            return cell.status  # type: ignore[return-value]
    elif cell.expires_on is not None and cell.expires_on < day:
        return "expired"
    return "open"


def decision_day(cell: QuoteCell) -> date | None:
    """When it was accepted, refused, or ran out: the day after its last day of validity."""
    if cell.decided_on is not None or cell.expires_on is None:
        return cell.decided_on
    return cell.expires_on + timedelta(days=1)


def follow_up_reason(
    cell: QuoteCell, day: date, rules: Rules, calendar: Calendar
) -> Literal["date_reached", "silent", "expiring"] | None:
    """Why an open quote is to be followed up, or None."""
    if quote_state(cell, day) != "open":
        return None
    if cell.expires_on is not None and 0 <= (cell.expires_on - day).days <= rules.expiring_days:
        return "expiring"
    if cell.next_follow_up_on is not None:
        return "date_reached" if cell.next_follow_up_on <= day else None
    last = max(filter(None, (cell.sent_on, cell.last_contact_on)))
    silent = calendar.count(last + timedelta(days=1), day + timedelta(days=1))
    return "silent" if silent >= rules.follow_up_working_days else None


def quote_age(cell: QuoteCell, day: date) -> Age:
    """Days since it was sent, by the five classes."""
    days = (day - (cell.sent_on or day)).days
    for most, name in ((7, "0-7"), (15, "8-15"), (30, "16-30"), (60, "31-60")):
        if days <= most:
            return name  # type: ignore[return-value]
    return "60+"


# Outstanding, tax included


def _at_price(cell: OrderLineCell, quantity: Decimal) -> Decimal:
    return cell.gross_amount * quantity / cell.quantity if cell.quantity else ZERO


def to_deliver_quantity(cell: OrderLineCell, day: date) -> Decimal:
    if not order_counts(cell, day) or happened(cell.closed_on, day) or not happened(cell.confirmed_on, day):
        return ZERO
    return max(cell.quantity - max(cell.delivered, cell.invoiced), ZERO)


def to_deliver(cell: OrderLineCell, day: date) -> Decimal:
    return _at_price(cell, to_deliver_quantity(cell, day))


def delivered_not_invoiced(cell: OrderLineCell, day: date) -> Decimal:
    if not order_counts(cell, day) or not happened(cell.confirmed_on, day):
        return ZERO
    return _at_price(cell, max(cell.delivered - cell.invoiced, ZERO))


def is_late_delivery(cell: OrderLineCell, day: date) -> bool:
    """Promised before the day and not fully delivered by its end."""
    return (
        order_counts(cell, day)
        and happened(cell.confirmed_on, day)
        and not happened(cell.closed_on, day)
        and cell.promised_on is not None
        and cell.promised_on < day
        and cell.delivered < cell.quantity
    )


def late_amount(cell: OrderLineCell, day: date) -> Decimal:
    """What is still to be delivered of a late line, tax included, else 0."""
    return _at_price(cell, cell.quantity - max(cell.delivered, ZERO)) if is_late_delivery(cell, day) else ZERO


def unpaid(cell: ReceivableCell, day: date) -> Decimal:
    """Posted − paid − credited; a credit note tied to no invoice is owed to the customer, so negative."""
    if cell.status == "draft" or not happened(cell.issued_on, day) or happened(cell.cancelled_on, day):
        return ZERO
    if cell.kind == "credit_note":
        return -(cell.gross_amount - cell.paid)
    return cell.gross_amount - cell.paid - cell.credited if cell.kind == "invoice" else ZERO


def ageing(cell: ReceivableCell, day: date) -> Ageing:
    """Days past the due date, by class; an invoice without one is not due."""
    days = (day - cell.due_on).days if cell.due_on else 0
    if days <= 0:
        return "not_due"
    for most, name in ((30, "1-30"), (60, "31-60"), (90, "61-90")):
        if days <= most:
            return name  # type: ignore[return-value]
    return "91+"


def late_net_amount(cell: OrderLineCell, day: date) -> Decimal:
    """What is still to be delivered of a late line, net of tax, else 0."""
    if not is_late_delivery(cell, day) or not cell.quantity:
        return ZERO
    return cell.net_amount * (cell.quantity - max(cell.delivered, ZERO)) / cell.quantity


# Leads


def is_qualified(cell: LeadCell, day: date) -> bool:
    return happened(cell.qualified_on, day)
