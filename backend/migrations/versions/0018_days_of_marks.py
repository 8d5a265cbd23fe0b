"""Marks of states tell for which days gone by a write counts: most count for none, and leave them alone. Sums by day and
month keep what counts of a document once its state changes no more.
"""

from alembic import context, op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# When a row was written first; one just inserted need not be looked up in the log. Lines have neither a date of their
# own nor one of creation: their document's is looked up when the mark is read.
LINES = ("order_lines", "invoice_lines")
LINE_NOW = "current_date"
LINE_LOGGED = "(SELECT max(c.at)::date FROM change c WHERE c.record_id = r.id AND c.operation = 'insert')"
NOW, LOGGED = (f"greatest(r.created_at::date, {on})" for on in (LINE_NOW, LINE_LOGGED))
EVER = "'-infinity'::date"
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
# Instead of the marks of states in 0015: kind, key, and the first day that a row can count for.
STATES = {
    "contacts": (("customer", f"coalesce(r.customer_id, {NOBODY})", "coalesce(r.created_on, '-infinity')"),),
    "visits": (("customer", "r.customer_id", "least(r.planned_on, r.held_on)"),),
    "interactions": (("customer", "r.customer_id", "r.occurred_on"),),
    "service_requests": (("customer", "r.customer_id", "r.opened_on"),),
    "orders": (("customer", "r.customer_id", "r.confirmed_on"),),
    "order_lines": (("order", "r.order_id", EVER),),
    "deliveries": (("line", "r.order_line_id", "r.delivered_on"),),
    "invoices": (
        ("customer", "r.customer_id", "r.issued_on"),
        ("invoice", "r.id", "r.issued_on"),
        ("invoice", "r.credited_invoice_id", "r.issued_on"),
    ),
    "invoice_lines": (("line", "r.order_line_id", EVER),),
    "payments": (("invoice", "r.invoice_id", "r.paid_on"),),
}
MARK = """
CREATE OR REPLACE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO stale_totals (fact, kind) SELECT fact, 'all' FROM unnest('{facts}'::text[]) fact;
    ELSIF TG_OP = 'INSERT' THEN
        {insert} new_rows r, {new};
    ELSIF TG_OP = 'DELETE' THEN
        {insert} old_rows r, {old};
    ELSE
        {insert} (TABLE new_rows UNION ALL TABLE old_rows) r, {old};
    END IF;
    RETURN NULL;
END $$
"""


def _told(table: str, until: str) -> str:
    """What a row of the table marks; ``until``: the SQL of when it was written first."""
    before = context.script.get_revision("0015").module
    others = [mark for mark in before.MARKS[table] if mark[0] != "states" or table not in STATES]
    marks = [*others, *(("states", *mark) for mark in STATES.get(table, ()))]

    def row(fact: str, kind: str, key: str, day: str) -> str:
        last = until if fact == "states" and day else "NULL::date"
        return f"('{fact}', '{kind}', {key or 'NULL::uuid'}, {day or 'NULL::date'}, '-infinity'::date, {last})"

    rows = ", ".join(row(*mark) for mark in marks)
    where = "m.key IS NOT NULL OR (m.day IS NOT NULL AND m.fact <> 'states')"
    more = before.TO_COME if table == "quotes" else ""
    return f"LATERAL (VALUES {rows}{more}) m (fact, kind, key, day, since, until) WHERE {where}"


def upgrade() -> None:
    before = context.script.get_revision("0015").module
    for table, marks in before.MARKS.items():
        facts = f"{{{','.join(dict.fromkeys(fact for fact, *_ in marks))}}}"
        new, old = (LINE_NOW, LINE_LOGGED) if table in LINES else (NOW, LOGGED)
        told = {"new": _told(table, new), "old": _told(table, old)}
        op.execute(MARK.format(table=table, facts=facts, insert=before.INSERT, **told))
    op.execute("INSERT INTO stale_totals (fact, kind) VALUES ('orders', 'all'), ('invoices', 'all')")


def downgrade() -> None:
    before = context.script.get_revision("0015").module
    op.execute("INSERT INTO stale_totals (fact, kind) VALUES ('orders', 'all'), ('invoices', 'all')")
    for table in before.MARKS:
        op.execute(before.made(table).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
