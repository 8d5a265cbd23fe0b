"""The first records of each list with what it shows of them; how many there are is a sum like any other."""

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


def downgrade() -> None:
    forget()
    for name in ("resource", "record", "told"):
        op.drop_column("state_ranks", name)
    op.add_column("state_ranks", sa.Column("n", sa.Integer(), nullable=False))


def forget() -> None:
    """What is kept is made anew."""
    op.execute("DELETE FROM state_days")
    for table in ("state_ranks", "state_sums", "state_totals"):
        op.execute(f"TRUNCATE {table}")
