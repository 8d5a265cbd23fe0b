"""How many records each list holds of a customer, and the rank of the first, so that a list reads only what it shows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "state_ranks",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rep", sa.UUID()),
        sa.Column("customer", sa.UUID(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("rank", ARRAY(sa.Numeric()), nullable=False),
        sa.Index("ix_state_ranks_customer", "customer", "day"),
        sa.Index("ix_state_ranks_list", "list", "day", "rank"),
    )
    op.drop_column("state_sums", "behind")
    op.execute("DELETE FROM state_days")  # made anew, with ranks


def downgrade() -> None:
    op.execute("DELETE FROM state_days")
    op.execute("DELETE FROM state_sums")
    op.add_column("state_sums", sa.Column("behind", sa.Boolean(), nullable=False))
    op.drop_table("state_ranks")
