"""Sums by day of what is dated, the pipeline kept for its periods, and one trigger a table that leaves all marks."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The day a record was written first, as the log says: a script may date its creation as it likes.
UNTIL = """greatest(r.created_at::date, (SELECT max(c.at)::date FROM change c
    WHERE c.record_id = r.id AND c.operation = 'insert'))"""
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
VERSION = "coalesce(r.root_id, r.id)"  # a quote and all its versions
# For each table the marks a row of it leaves: the fact, what kind of thing it names, its key, its day; of a state that is
# kept for days gone by, from which of them on it counts (until the day it was written first). What is named rather than
# dated is looked up when the mark is read, so that it holds whatever another transaction does meanwhile.
MARKS = {
    "customers": (("states", "customer", "r.id", "'-infinity'::date"), ("prospects", "day", "", "r.prospect_on")),
    "contacts": (("states", "customer", f"coalesce(r.customer_id, {NOBODY})", ""),),
    "visits": (
        ("states", "customer", "r.customer_id", ""),
        ("held_visits", "day", "", "r.held_on"),
        ("held_visits_with_orders", "day", "", "r.held_on"),
        ("held_visits_with_orders", "near", "CASE WHEN r.held_on IS NOT NULL THEN r.customer_id END", "r.held_on"),
    ),
    "visit_reports": (("held_visits", "visit", "r.visit_id", ""),),
    "interactions": (("states", "customer", "r.customer_id", ""),),
    "service_requests": (("states", "customer", "r.customer_id", ""),),
    "leads": (("leads", "day", "", "r.created_on"), ("leads", "day", "", "r.qualified_on")),
    "opportunities": (
        ("states", "customer", f"coalesce(r.customer_id, {NOBODY})", "coalesce(r.opened_on, '-infinity')"),
        ("states", "deal", "r.id", "coalesce(r.opened_on, '-infinity')"),
        ("closed_opportunities", "day", "", "r.closed_on"),
    ),
    "quotes": (
        ("states", "customer", "r.customer_id", "r.sent_on"),
        ("states", "quote", VERSION, "r.sent_on"),
        ("states", "deal", "r.opportunity_id", "r.sent_on"),
        ("closed_opportunities", "quote", VERSION, ""),
        ("closed_opportunities", "deal", "r.opportunity_id", ""),
        ("decided_quotes", "quote", VERSION, ""),
        ("decided_quotes", "day", "", "coalesce(r.decided_on, r.expires_on + 1)"),
    ),
    "orders": (
        ("orders", "day", "", "r.confirmed_on"),
        ("states", "customer", "r.customer_id", ""),
        ("held_visits_with_orders", "near", "r.customer_id", "r.confirmed_on"),
        ("held_visits_with_orders", "visit", "r.visit_id", ""),
        ("first_orders", "day", "", "r.confirmed_on"),
        ("first_orders", "first", "r.customer_id", "r.confirmed_on"),
    ),
    "order_lines": (("orders", "order", "r.order_id", ""), ("states", "order", "r.order_id", "")),
    "deliveries": (("orders", "line", "r.order_line_id", ""), ("states", "line", "r.order_line_id", "")),
    "invoices": (
        ("invoices", "day", "", "r.issued_on"),
        ("states", "customer", "r.customer_id", ""),
        ("states", "invoice", "r.id", ""),
        ("states", "invoice", "r.credited_invoice_id", ""),
    ),
    "invoice_lines": (("states", "line", "r.order_line_id", ""),),
    "payments": (("states", "invoice", "r.invoice_id", ""),),
    "action_plans": (("states", "plan", "r.id", ""),),
    "plan_customers": (("states", "plan", "r.action_plan_id", ""),),
    "plan_products": (("states", "plan", "r.action_plan_id", ""),),
}
NEW_HERE = ("visit_reports", "leads", "action_plans", "plan_customers", "plan_products")
BY_DAY = (
    "prospects", "leads", "held_visits", "held_visits_with_orders", "closed_opportunities", "decided_quotes",
    "first_orders",
)  # fmt: skip
SUMMED = ("orders", "invoices")
OF_CUSTOMERS = (*SUMMED, *(fact for fact in BY_DAY if fact != "prospects"))
# A version to come takes the place of the one decided on the day it is sent.
TO_COME = f"""
        UNION ALL SELECT 'decided_quotes', 'quote', {VERSION}, NULL, r.sent_on, NULL
        WHERE r.sent_on >= current_date"""
COMING = f"""
INSERT INTO stale_totals (fact, kind, key, since)
SELECT DISTINCT 'decided_quotes', 'quote', {VERSION}, r.sent_on FROM quotes r WHERE r.sent_on >= current_date
"""
MARK = """
CREATE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO stale_totals (fact, kind) SELECT fact, 'all' FROM unnest('{facts}'::text[]) fact;
    ELSIF TG_OP = 'INSERT' THEN
        {insert} new_rows r, {marks};
    ELSIF TG_OP = 'DELETE' THEN
        {insert} old_rows r, {marks};
    ELSE
        {insert} (TABLE new_rows UNION ALL TABLE old_rows) r, {marks};
    END IF;
    RETURN NULL;
END $$
"""
INSERT = "INSERT INTO stale_totals (fact, kind, key, day, since, until) SELECT DISTINCT m.* FROM"
NEW, OLD = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
EVENTS = {"INSERT": NEW, "UPDATE": f"{OLD} {NEW}", "DELETE": OLD}

# Whom a customer's documents count for does not move with the customer; whether they count at all does.
REAL = f"""
CREATE FUNCTION mark_real() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stale_totals (fact, kind, key)
    SELECT fact, 'customer', n.id FROM new_rows n JOIN old_rows o USING (id),
        unnest('{{{",".join(OF_CUSTOMERS)}}}'::text[]) fact
    WHERE (n.is_internal, n.merged_into_id) IS DISTINCT FROM (o.is_internal, o.merged_into_id);
    -- Whose the deals were before counts too: the log tells by the deal.
    INSERT INTO stale_totals (fact, kind, key, day, until)
    SELECT 'states', 'deal', d.id, '-infinity'::date, d.created_at::date
    FROM new_rows n JOIN old_rows o USING (id) JOIN opportunities d ON d.customer_id = n.id
    WHERE (n.is_internal, n.merged_into_id) IS DISTINCT FROM (o.is_internal, o.merged_into_id);
    RETURN NULL;
END $$
"""
# In another time zone it may be another day: what happened today may be to come.
RULES = """
CREATE FUNCTION mark_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stale_totals (fact, kind) SELECT fact, 'all' FROM unnest('{facts}'::text[]) fact;
    RETURN NULL;
END $$
"""


def _told(marks: tuple[tuple[str, str, str, str], ...], more: str) -> str:
    def row(fact: str, kind: str, key: str, day: str) -> str:
        until = UNTIL if fact == "states" and day else "NULL::date"
        return f"('{fact}', '{kind}', {key or 'NULL::uuid'}, {day or 'NULL::date'}, '-infinity'::date, {until})"

    rows = ", ".join(row(*mark) for mark in marks)
    where = "m.key IS NOT NULL OR (m.day IS NOT NULL AND m.fact <> 'states')"
    return f"LATERAL (VALUES {rows}{more}) m (fact, kind, key, day, since, until) WHERE {where}"


def made(table: str) -> str:
    """The function of a table's triggers; made again when 0018 is taken back."""
    facts = ",".join(dict.fromkeys(fact for fact, *_ in MARKS[table]))
    told = _told(MARKS[table], TO_COME if table == "quotes" else "")
    return MARK.format(table=table, facts=f"{{{facts}}}", marks=told, insert=INSERT)


def upgrade() -> None:
    _drop_old()
    op.create_table(
        "day_sums",
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.UUID()) for name in ("rep", "team", "business_unit")),
        sa.Column("source", sa.Text()),
        sa.Column("stamped", sa.Boolean(), nullable=False),
        sa.Column("sums", ARRAY(sa.Numeric()), nullable=False),
    )
    op.create_index("ix_day_sums_day", "day_sums", ["kpi", "grain", "day"])
    op.create_table(
        "kept_facts",
        sa.Column("fact", sa.Text(), primary_key=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("upto", sa.Date(), nullable=False),
    )
    op.create_index("ix_quotes_expires_on", "quotes", ["expires_on"])
    op.add_column("stale_totals", sa.Column("until", sa.Date()))
    op.add_column("state_sums", sa.Column("stage", sa.UUID()))
    op.add_column("state_totals", sa.Column("stage", sa.UUID()))
    op.add_column("state_days", sa.Column("part", sa.Text(), server_default="all", nullable=False))
    op.add_column("state_days", sa.Column("windows", ARRAY(sa.Date()), server_default="{}", nullable=False))
    for table in MARKS:
        op.execute(made(table))
        for event, rows in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}()"
            )
        op.execute(
            f"CREATE TRIGGER mark_truncate AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}()"
        )
    op.execute(REAL)
    op.execute(
        f"CREATE TRIGGER mark_real AFTER UPDATE ON customers REFERENCING {EVENTS['UPDATE']} "
        "FOR EACH STATEMENT EXECUTE FUNCTION mark_real()"
    )
    op.execute(RULES.format(facts=f"{{{','.join((*SUMMED, *BY_DAY))}}}"))
    op.execute(
        "CREATE TRIGGER mark_rules AFTER UPDATE ON settings FOR EACH ROW WHEN ((OLD.time_zone, OLD.attribution_days) "
        "IS DISTINCT FROM (NEW.time_zone, NEW.attribution_days)) EXECUTE FUNCTION mark_rules()"
    )
    op.execute(
        "CREATE TRIGGER mark_other_rules AFTER INSERT OR DELETE ON settings FOR EACH ROW EXECUTE FUNCTION mark_rules()"
    )
    op.execute(COMING)


def _drop_old() -> None:
    """The triggers of 0004 and 0012, two a table; those on rules stay."""
    for table in ("orders", "order_lines", "deliveries", "invoices"):
        op.execute(f"DROP FUNCTION mark_{table}() CASCADE")
    op.execute("DROP FUNCTION mark_customers() CASCADE")
    op.execute("DROP FUNCTION mark_all() CASCADE")
    for table in MARKS:
        if table not in NEW_HERE:
            op.execute(f"DROP FUNCTION mark_states_{table}() CASCADE")


def downgrade() -> None:
    for table in MARKS:
        op.execute(f"DROP FUNCTION mark_{table}() CASCADE")
    op.execute("DROP FUNCTION mark_real() CASCADE")
    op.execute("DROP FUNCTION mark_rules() CASCADE")
    for fact in BY_DAY:
        op.execute(f"DELETE FROM stale_totals WHERE fact = '{fact}'")
    for table in ("state_days", "state_sums", "state_totals"):  # made anew
        op.execute(f"DELETE FROM {table}")
    op.drop_column("state_totals", "stage")
    op.drop_column("state_sums", "stage")
    op.drop_column("state_days", "windows")
    op.drop_column("state_days", "part")
    op.drop_column("stale_totals", "until")
    op.drop_index("ix_quotes_expires_on", "quotes")
    op.drop_table("kept_facts")
    op.drop_table("day_sums")
    for earlier in ("0004", "0012"):
        context.script.get_revision(earlier).module.make_marks()
