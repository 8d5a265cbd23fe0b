"""Every write of a business table leaves its row in the change log, in the same transaction, whoever wrote it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LOGGED = (
    "business_units", "teams", "users", "products", "stages", "customers", "contacts", "duplicate_dismissals",
    "opportunities", "quotes", "quote_lines", "visits", "visit_reports", "interactions", "orders", "order_lines",
    "deliveries", "invoices", "invoice_lines", "payments", "leads", "tasks", "service_requests", "action_plans",
    "plan_actions", "plan_customers", "plan_products", "targets", "settings", "api_keys",
)  # fmt: skip

# Statement-level with transition tables: a bulk load fires once. `seen` leaves out what is derived; a write that changes
# nothing else leaves no row. Secrets never reach the log.
FUNCTIONS = """
CREATE FUNCTION log_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO change (resource, record_id, operation, after)
    SELECT TG_TABLE_NAME, r.id, 'insert', to_jsonb(r) - '{search,password_hash,key_hash}'::text[] FROM new_rows r;
    RETURN NULL;
END $$;
CREATE FUNCTION log_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    derived CONSTANT text[] := '{version,updated_at,search,last_used_at}';
    secret CONSTANT text[] := '{search,password_hash,key_hash}';
BEGIN
    INSERT INTO change (resource, record_id, operation, before, after)
    SELECT TG_TABLE_NAME, o.id, 'update', o.was - secret, n.now - secret
    FROM (SELECT r.id, to_jsonb(r) AS was FROM old_rows r) o JOIN (SELECT r.id, to_jsonb(r) AS now FROM new_rows r) n USING (id)
    WHERE o.was - derived <> n.now - derived;
    RETURN NULL;
END $$;
CREATE FUNCTION log_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO change (resource, record_id, operation, before)
    SELECT TG_TABLE_NAME, r.id, 'delete', to_jsonb(r) - '{search,password_hash,key_hash}'::text[] FROM old_rows r;
    RETURN NULL;
END $$;
CREATE FUNCTION log_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('INSERT INTO change (resource, record_id, operation, before) SELECT %L, r.id, ''delete'','
        ' to_jsonb(r) - ''{search,password_hash,key_hash}''::text[] FROM %I r', TG_TABLE_NAME, TG_TABLE_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION keep_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the change log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON change
    FOR EACH STATEMENT EXECUTE FUNCTION keep_log();
"""

TRIGGERS = """
CREATE TRIGGER log_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_insert();
CREATE TRIGGER log_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_update();
CREATE TRIGGER log_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_delete();
CREATE TRIGGER log_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION log_truncate();
"""


def run(script: str) -> None:
    """asyncpg prepares one statement at a time: split the script where a statement ends a line."""
    statement = ""
    inside = False
    for line in script.strip().splitlines():
        statement += line + "\n"
        inside ^= line.count("$$") % 2 == 1
        if not inside and line.rstrip().endswith(";"):
            op.execute(statement)
            statement = ""


def upgrade() -> None:
    run(FUNCTIONS)
    for table in LOGGED:
        run(TRIGGERS.format(table=table))


def downgrade() -> None:
    for table in LOGGED:
        for event in ("insert", "update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER log_{event} ON {table}")
    op.execute("DROP TRIGGER change_append_only ON change")
    for function in ("keep_log()", "log_truncate()", "log_update()", "log_delete()", "log_insert()"):
        op.execute(f"DROP FUNCTION {function}")
