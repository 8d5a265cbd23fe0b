"""Days gone by are kept too, as they stood at their end, while they are asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("state_days", sa.Column("moment", sa.DateTime(timezone=True)))
    op.add_column("state_days", sa.Column("asked_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("state_days", "asked_on")
    op.drop_column("state_days", "moment")
