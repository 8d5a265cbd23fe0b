"""States of the past read updates and deletions after a moment: an index that leaves the many insertions out."""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_change_not_insert", "change", ["resource", "at"], postgresql_where=text("operation <> 'insert'")
    )


def downgrade() -> None:
    op.drop_index("ix_change_not_insert", "change")
