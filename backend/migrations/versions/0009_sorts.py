"""The lists' own order by an index that ends in the id: a page costs the same at any depth, of few rows or of many."""

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Had an index on the day alone, which the new one replaces.
REPLACED = {
    "quotes": "sent_on", "orders": "confirmed_on", "deliveries": "delivered_on", "invoices": "issued_on",
    "payments": "paid_on", "visits": "planned_on", "leads": "created_on", "tasks": "due_on",
    "service_requests": "opened_on",
}  # fmt: skip
NEW = {"opportunities": "expected_signature_on", "visit_reports": "submitted_at", "interactions": "occurred_on"}


def upgrade() -> None:
    for table, column in REPLACED.items():
        op.drop_index(f"ix_{table}_{column}", table)
    for table, column in (REPLACED | NEW).items():
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])
    op.create_index("ix_contacts_last_name", "contacts", [text("fold(last_name)"), "id"])


def downgrade() -> None:
    op.drop_index("ix_contacts_last_name", "contacts")
    for table, column in (REPLACED | NEW).items():
        op.drop_index(f"ix_{table}_{column}", table)
    for table, column in REPLACED.items():
        op.create_index(f"ix_{table}_{column}", table, [column])
