"""What left the record it hung on, by deletion or for another one: the change feed looks for it at every change of hands."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LEFT = (
    "operation = 'delete' OR operation = 'update' AND ("
    "before ->> 'customer_id' IS DISTINCT FROM after ->> 'customer_id'"
    " OR before ->> 'invoice_id' IS DISTINCT FROM after ->> 'invoice_id'"
    " OR before ->> 'order_line_id' IS DISTINCT FROM after ->> 'order_line_id')"
)


def upgrade() -> None:
    op.create_index("ix_change_left", "change", ["resource", "xid", "seq"], postgresql_where=text(LEFT))


def downgrade() -> None:
    op.drop_index("ix_change_left", "change")
