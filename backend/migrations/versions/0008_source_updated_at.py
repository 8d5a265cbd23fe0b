"""When an outside system last said what a record is: an older push is told by it. No change of the record itself."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "business_units", "teams", "users", "products", "stages", "customers", "contacts", "opportunities", "quotes", "visits",
    "visit_reports", "interactions", "orders", "deliveries", "invoices", "payments", "leads", "tasks", "service_requests",
    "action_plans", "targets",
)  # fmt: skip
# What an update may change without leaving a row in the log.
LOG = """CREATE OR REPLACE FUNCTION log_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    derived CONSTANT text[] := '{{version,updated_at,search,last_used_at{more}}}';
    secret CONSTANT text[] := '{{search,password_hash,key_hash}}';
BEGIN
    INSERT INTO change (resource, record_id, operation, before, after)
    SELECT TG_TABLE_NAME, o.id, 'update', o.was - secret, n.now - secret
    FROM (SELECT r.id, to_jsonb(r) AS was FROM old_rows r) o JOIN (SELECT r.id, to_jsonb(r) AS now FROM new_rows r) n USING (id)
    WHERE o.was - derived <> n.now - derived;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("source_updated_at", sa.DateTime(timezone=True)))
    op.execute(LOG.format(more=",source_updated_at"))


def downgrade() -> None:
    op.execute(LOG.format(more=""))
    for table in TABLES:
        op.drop_column(table, "source_updated_at")
