"""Sums kept by day and month, and triggers that mark those a write makes stale."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MEASURES = ("amount", "list_amount", "list_net", "cost_amount", "cost_net")
STATES = {
    "order_totals": (("status", sa.Text(), False), ("cancelled_on", sa.Date(), True), ("closed_on", sa.Date(), True)),
    "invoice_totals": (("kind", sa.Text(), False), ("status", sa.Text(), False), ("cancelled_on", sa.Date(), True)),
}
SUMS = {"order_totals": (*MEASURES, *(f"delivered_{name}" for name in MEASURES)), "invoice_totals": ("amount",)}

# Table, fact, and the mark each of its rows leaves. What is named rather than dated is looked up when the sums are
# read or made again, so that a mark holds whatever another transaction does to the same document meanwhile.
MARKS = (
    ("orders", "orders", "'day', NULL::uuid, r.confirmed_on", "r.confirmed_on IS NOT NULL"),
    ("order_lines", "orders", "'order', r.order_id, NULL::date", "true"),
    ("deliveries", "orders", "'line', r.order_line_id, NULL::date", "true"),
    ("invoices", "invoices", "'day', NULL::uuid, r.issued_on", "r.issued_on IS NOT NULL"),
)
MARK = """
CREATE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO stale_totals (fact, kind) VALUES ('{fact}', 'all');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stale_totals (fact, kind, key, day) SELECT DISTINCT '{fact}', {mark} FROM new_rows r WHERE {where};
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stale_totals (fact, kind, key, day) SELECT DISTINCT '{fact}', {mark} FROM old_rows r WHERE {where};
    END IF;
    RETURN NULL;
END $$
"""
NEW, OLD = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
EVENTS = {"INSERT": NEW, "UPDATE": f"{OLD} {NEW}", "DELETE": OLD}

# Whom a customer's documents count for does not move with the customer; whether they count at all does.
CUSTOMERS = """
CREATE FUNCTION mark_customers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stale_totals (fact, kind, key)
    SELECT fact, 'customer', n.id FROM new_rows n JOIN old_rows o USING (id), unnest('{orders,invoices}'::text[]) fact
    WHERE (n.is_internal, n.merged_into_id) IS DISTINCT FROM (o.is_internal, o.merged_into_id);
    RETURN NULL;
END $$
"""
# In another time zone it may be another day: what happened today may be to come.
SETTINGS = """
CREATE FUNCTION mark_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stale_totals (fact, kind) VALUES ('orders', 'all'), ('invoices', 'all');
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    for table, states in STATES.items():
        op.create_table(
            table,
            sa.Column("grain", sa.Text(), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("month", sa.Date(), nullable=False),
            *(sa.Column(name, sa.UUID()) for name in ("rep", "team", "business_unit")),
            *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in states),
            sa.Column("n", sa.Integer(), nullable=False),
            *(sa.Column(name, sa.Numeric(), nullable=False) for name in SUMS[table]),
        )
        op.create_index(f"ix_{table}_day", table, ["grain", "day"])
        op.create_index(f"ix_{table}_month", table, ["grain", "month"])
    op.create_table(
        "stale_totals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.UUID()),
        sa.Column("day", sa.Date()),
        sa.Column("since", sa.Date(), server_default=sa.text("'-infinity'"), nullable=False),
    )
    op.create_index("ix_stale_totals_fact", "stale_totals", ["fact", "kind"])
    make_marks()
    # Until they are first made, no sum holds.
    op.execute("INSERT INTO stale_totals (fact, kind) VALUES ('orders', 'all'), ('invoices', 'all')")


def make_marks() -> None:
    """The triggers; made again when 0015 is taken back."""
    for table, fact, mark, where in MARKS:
        op.execute(MARK.format(table=table, fact=fact, mark=mark, where=where))
        for event, rows in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}()"
            )
        op.execute(
            f"CREATE TRIGGER mark_truncate AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}()"
        )
    op.execute(CUSTOMERS)
    op.execute(
        f"CREATE TRIGGER mark_update AFTER UPDATE ON customers REFERENCING {EVENTS['UPDATE']} "
        "FOR EACH STATEMENT EXECUTE FUNCTION mark_customers()"
    )
    op.execute(SETTINGS)
    op.execute(
        "CREATE TRIGGER mark_update AFTER UPDATE ON settings FOR EACH ROW "
        "WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION mark_all()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER mark_update ON settings")
    op.execute("DROP TRIGGER mark_update ON customers")
    for table, *_ in MARKS:
        for event in (*EVENTS, "TRUNCATE"):
            op.execute(f"DROP TRIGGER mark_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION mark_{table}()")
    op.execute("DROP FUNCTION mark_customers()")
    op.execute("DROP FUNCTION mark_all()")
    for table in ("stale_totals", "invoice_totals", "order_totals"):
        op.drop_table(table)
