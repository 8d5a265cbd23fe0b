"""The agenda of a day and the tasks open are counted in their indexes, however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_visits_planned_on", "visits")
    op.create_index(
        "ix_visits_planned_on", "visits", ["planned_on", "id"],
        postgresql_include=["status", "planned_time", "owner_id", "customer_id"],
    )  # fmt: skip
    op.create_index(
        "ix_tasks_open", "tasks", ["priority", "due_on", "id"],
        postgresql_where=sa.text("done_on IS NULL AND status <> 'cancelled'"),
        postgresql_include=["created_on", "owner_id", "customer_id"],
    )  # fmt: skip
    op.drop_index("ix_tasks_done_on", "tasks")
    op.create_index("ix_tasks_done_on", "tasks", ["done_on"], postgresql_where=sa.text("done_on IS NOT NULL"))
    op.create_index(
        "ix_customers_not_real", "customers", ["id"],
        postgresql_where=sa.text("is_internal OR merged_into_id IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_customers_not_real", "customers")
    op.drop_index("ix_tasks_done_on", "tasks")
    op.create_index("ix_tasks_done_on", "tasks", ["done_on"])
    op.drop_index("ix_tasks_open", "tasks")
    op.drop_index("ix_visits_planned_on", "visits")
    op.create_index("ix_visits_planned_on", "visits", ["planned_on", "id"])
