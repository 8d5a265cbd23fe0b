"""What each customer adds to the KPIs that are states, kept for the day, and triggers that mark whom a write touches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Each table, and the marks a row of it leaves: a customer, or a document whose customers are looked up when the mark is
# read, so that it holds whatever another transaction does to the document meanwhile. No customer is one, too.
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
MARKS = {
    "customers": "('customer', r.id)",
    "contacts": f"('customer', coalesce(r.customer_id, {NOBODY}))",
    "visits": "('customer', r.customer_id)",
    "interactions": "('customer', r.customer_id)",
    "service_requests": "('customer', r.customer_id)",
    "opportunities": "('customer', r.customer_id)",
    "quotes": "('customer', r.customer_id), ('quote', coalesce(r.root_id, r.id)), ('deal', r.opportunity_id)",
    "orders": "('customer', r.customer_id)",
    "order_lines": "('order', r.order_id)",
    "deliveries": "('line', r.order_line_id)",
    "invoices": "('customer', r.customer_id), ('invoice', r.id), ('invoice', r.credited_invoice_id)",
    "invoice_lines": "('line', r.order_line_id)",
    "payments": "('invoice', r.invoice_id)",
}
MARK = """
CREATE FUNCTION mark_states_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO stale_totals (fact, kind) VALUES ('states', 'all');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stale_totals (fact, kind, key)
        SELECT DISTINCT 'states', m.kind, m.key FROM new_rows r, LATERAL (VALUES {marks}) m (kind, key)
        WHERE m.key IS NOT NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stale_totals (fact, kind, key)
        SELECT DISTINCT 'states', m.kind, m.key FROM old_rows r, LATERAL (VALUES {marks}) m (kind, key)
        WHERE m.key IS NOT NULL;
    END IF;
    RETURN NULL;
END $$
"""
NEW, OLD = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
EVENTS = {"INSERT": NEW, "UPDATE": f"{OLD} {NEW}", "DELETE": OLD}

# The company's rules and the stages' probabilities are everybody's.
ALL = """
CREATE FUNCTION mark_states_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stale_totals (fact, kind) VALUES ('states', 'all');
    RETURN NULL;
END $$
"""
RULES = ("settings", "stages")


def upgrade() -> None:
    op.create_table(
        "state_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("upto", sa.UUID()),
        sa.Column("done", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "state_sums",
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer", sa.UUID(), nullable=False),
        sa.Column("rep", sa.UUID()),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.Column("sums", ARRAY(sa.Numeric()), nullable=False),
    )
    op.create_index("ix_state_sums_customer", "state_sums", ["customer", "day"])
    op.create_index("ix_state_sums_kpi", "state_sums", ["kpi", "day", "rep"])
    op.create_table(
        "state_totals",
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rep", sa.UUID()),
        sa.Column("sums", ARRAY(sa.Numeric()), nullable=False),
    )
    op.create_index("ix_state_totals_kpi", "state_totals", ["kpi", "day"])
    make_marks()
    op.execute(ALL)
    for table in RULES:
        op.execute(
            f"CREATE TRIGGER mark_states AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_states_all()"
        )


def make_marks() -> None:
    """The triggers; made again when 0015 is taken back."""
    for table, marks in MARKS.items():
        op.execute(MARK.format(table=table, marks=marks))
        for event, rows in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_states_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION mark_states_{table}()"
            )
        op.execute(
            f"CREATE TRIGGER mark_states_truncate AFTER TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION mark_states_{table}()"
        )


def downgrade() -> None:
    for table in RULES:
        op.execute(f"DROP TRIGGER mark_states ON {table}")
    op.execute("DROP FUNCTION mark_states_all()")
    for table in MARKS:
        for event in (*EVENTS, "TRUNCATE"):
            op.execute(f"DROP TRIGGER mark_states_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION mark_states_{table}()")
    op.execute("DELETE FROM stale_totals WHERE fact = 'states'")
    for table in ("state_totals", "state_sums", "state_days"):
        op.drop_table(table)
