"""The first records of each list with what it shows of them; the sums by day and month also of everybody together; the
few tasks that are open found by an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    forget()
    op.drop_column("state_ranks", "n")
    op.add_column("state_ranks", sa.Column("resource", sa.Text()))
    op.add_column("state_ranks", sa.Column("record", sa.UUID()))
    op.add_column("state_ranks", sa.Column("told", sa.Text()))
    op.create_index("ix_tasks_done_on", "tasks", ["done_on"])
    op.execute("INSERT INTO stale_totals (fact, kind) VALUES ('orders', 'all'), ('invoices', 'all')")


def downgrade() -> None:
    forget()
    op.drop_index("ix_tasks_done_on", "tasks")
    for name in ("resource", "record", "told"):
        op.drop_column("state_ranks", name)
    op.add_column("state_ranks", sa.Column("n", sa.Integer(), nullable=False))
    for table in ("order_totals", "invoice_totals"):
        op.execute(f"DELETE FROM {table} WHERE grain LIKE '% of all'")


def forget() -> None:
    """What is kept is made anew."""
    op.execute("DELETE FROM state_days")
    for table in ("state_ranks", "state_sums", "state_totals"):
        op.execute(f"TRUNCATE {table}")
