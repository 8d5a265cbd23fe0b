"""What an outside system's record was when it was deleted: a push from before that must find it, and does not bring it back."""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_change_deleted", "change", ["resource", text("(before ->> 'external_id')")],
        postgresql_where=text("operation = 'delete'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_change_deleted", "change")
