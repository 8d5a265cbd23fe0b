"""A customer's records are found by the indexes that begin with the customer: none of its own, which misled plans."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("orders", "invoices", "visits", "interactions")


def upgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_customer_id", table)


def downgrade() -> None:
    for table in TABLES:
        op.create_index(f"ix_{table}_customer_id", table, ["customer_id"])
