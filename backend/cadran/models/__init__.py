"""The tables, by area. Importing this package loads them all."""

from cadran.models.activity import Interaction, Lead, ServiceRequest, Task, Visit, VisitReport
from cadran.models.crm import Contact, Customer, DuplicateDismissal
from cadran.models.digests import Digest
from cadran.models.duplicates import duplicate_cards, duplicate_keys, duplicate_kinds, duplicate_pairs
from cadran.models.hooks import ImportFile, Webhook, WebhookDelivery, WebhookState
from cadran.models.log import Change, IdempotencyKey
from cadran.models.people import ApiKey, BusinessUnit, Session, SignInFailure, Team, User
from cadran.models.planning import (
    ActionPlan,
    ImportJob,
    PlanAction,
    PlanCustomer,
    PlanProduct,
    Settings,
    Target,
)
from cadran.models.sales import (
    Delivery,
    Invoice,
    InvoiceLine,
    Opportunity,
    Order,
    OrderLine,
    Payment,
    Product,
    Quote,
    QuoteLine,
    Stage,
)
from cadran.models.totals import (
    day_sums,
    invoice_totals,
    kept_facts,
    order_totals,
    stale_totals,
    state_days,
    state_ranks,
    state_sums,
    state_totals,
)

# Tables whose every write is logged; the order lets a parent come before its children.
LOGGED = (
    BusinessUnit, Team, User, Product, Stage, Customer, Contact, DuplicateDismissal, Opportunity, Quote, QuoteLine,
    Visit, VisitReport, Interaction, Order, OrderLine, Delivery, Invoice, InvoiceLine, Payment, Lead, Task,
    ServiceRequest, ActionPlan, PlanAction, PlanCustomer, PlanProduct, Target, Settings, ApiKey,
    Webhook,
)  # fmt: skip

__all__ = [
    "LOGGED", "ActionPlan", "ApiKey", "BusinessUnit", "Change", "Contact", "Customer", "Delivery", "Digest",
    "DuplicateDismissal",
    "IdempotencyKey", "ImportFile", "ImportJob", "Interaction", "Invoice", "InvoiceLine", "Lead", "Opportunity",
    "Order", "OrderLine", "Payment", "PlanAction", "PlanCustomer", "PlanProduct", "Product", "Quote", "QuoteLine",
    "ServiceRequest", "Session", "Settings", "SignInFailure", "Stage", "Target", "Task", "Team", "User", "Visit",
    "VisitReport", "Webhook", "WebhookDelivery", "WebhookState",
    "day_sums", "duplicate_cards", "duplicate_keys", "duplicate_kinds", "duplicate_pairs", "invoice_totals",
    "kept_facts", "order_totals", "stale_totals", "state_days", "state_ranks", "state_sums", "state_totals",
]  # fmt: skip
