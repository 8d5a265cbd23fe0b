"""The closed lists of words the records use, in standard CRM and sales terms."""

from typing import Literal, get_args

Role = Literal["rep", "manager", "director", "marketing", "admin"]
Language = Literal["fr", "en"]
CustomerClass = Literal["A", "B", "C"]
OpportunityStatus = Literal["open", "won", "lost"]
QuoteStatus = Literal["draft", "sent", "accepted", "refused", "expired", "superseded"]
OrderStatus = Literal["draft", "confirmed", "closed", "cancelled"]
InvoiceKind = Literal["invoice", "credit_note", "deposit", "pro_forma"]
InvoiceStatus = Literal["draft", "posted", "cancelled"]
VisitStatus = Literal["planned", "held", "cancelled"]
ReportStatus = Literal["draft", "submitted"]
InteractionKind = Literal["call", "email", "meeting", "follow_up", "other"]
LeadStatus = Literal["new", "working", "qualified", "disqualified", "converted"]
TaskStatus = Literal["open", "done", "cancelled"]
Priority = Literal["high", "normal", "low"]
RequestStatus = Literal["open", "closed"]
PlanStatus = Literal["draft", "active", "closed", "cancelled"]
ActionStatus = Literal["planned", "done", "cancelled"]
ScopeKind = Literal["company", "business_unit", "team", "rep"]
DuplicateKind = Literal["customers", "contacts"]


def words(literal: object) -> tuple[str, ...]:
    """The words of one list above, in its order."""
    return get_args(literal)
