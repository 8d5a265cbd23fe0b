"""Which log a webhook's place lies in: after a restore, transactions are counted anew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook_states", sa.Column("log", sa.Text()))
    op.add_column("webhook_states", sa.Column("since_seq", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("webhook_states", "since_seq")
    op.drop_column("webhook_states", "log")
