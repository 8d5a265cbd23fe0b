"""Which customers and contacts look like one is kept, and triggers mark whose card a write touches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What a card says, by the kind of mark: of a contact also where its customer is, which means all contacts of it.
CARDS = {
    "customers": {
        "customers": "id, name, siren, siret, vat_number, street, postal_code, city, country, phone, email, website,"
        " is_internal, merged_into_id",
        "place": "id, name, street, postal_code, city, is_internal, merged_into_id",
    },
    "contacts": {"contacts": "id, first_name, last_name, email, phone, mobile, customer_id, merged_into_id"},
}
MARK = """
CREATE FUNCTION mark_duplicates_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO stale_totals (fact, kind) VALUES ('duplicates', 'all');
    ELSIF TG_OP = 'INSERT' THEN
        {mark} (SELECT kind, id FROM new_rows, unnest('{kinds}'::text[]) kind) r;
    ELSIF TG_OP = 'DELETE' THEN
        {mark} (SELECT kind, id FROM old_rows, unnest('{kinds}'::text[]) kind) r;
    ELSE
        {mark} ({changed}) r;
    END IF;
    RETURN NULL;
END $$
"""
INSERT = "INSERT INTO stale_totals (fact, kind, key) SELECT DISTINCT 'duplicates', kind, id FROM"
# Both ways: an id that is another one now has left its own.
CHANGED = """SELECT '{kind}' AS kind, id FROM (SELECT {card} FROM new_rows EXCEPT SELECT {card} FROM old_rows) c
        UNION ALL SELECT '{kind}', id FROM (SELECT id FROM old_rows EXCEPT SELECT id FROM new_rows) g"""
NEW, OLD = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
EVENTS = {"INSERT": f"REFERENCING {NEW}", "UPDATE": f"REFERENCING {OLD} {NEW}", "DELETE": f"REFERENCING {OLD}"}
EVENTS["TRUNCATE"] = ""
TABLES = ("duplicate_cards", "duplicate_keys", "duplicate_pairs", "duplicate_kinds")


def upgrade() -> None:
    def span() -> tuple[sa.Column[object], ...]:
        return tuple(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("since", "until"))

    op.create_table(
        "duplicate_cards",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.UUID(), nullable=False),
        *span(),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("keys", ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("customer", sa.UUID()),
    )
    op.create_index("ix_duplicate_cards_record", "duplicate_cards", ["record"])
    op.create_index("ix_duplicate_cards_customer", "duplicate_cards", ["customer"])
    op.create_table(
        "duplicate_keys",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(collation="C"), nullable=False),
        sa.Column("record", sa.UUID(), nullable=False),
        *span(),
    )
    for name, until in (("now", "until = 'infinity'"), ("before", "until < 'infinity'")):
        shared, those = ["key", "place", "record"], sa.text(until)
        op.create_index(f"ix_duplicate_keys_{name}", "duplicate_keys", shared, postgresql_where=those)
    op.create_table(
        "duplicate_pairs",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first", sa.UUID(), nullable=False),
        sa.Column("second", sa.UUID(), nullable=False),
        *span(),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", ARRAY(sa.Text()), nullable=False),
    )
    op.create_index("ix_duplicate_pairs_first", "duplicate_pairs", ["first"])
    op.create_index("ix_duplicate_pairs_second", "duplicate_pairs", ["second"])
    op.create_table(
        "duplicate_kinds",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("upto", sa.UUID()),
        sa.Column("done", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for table, cards in CARDS.items():
        changed = " UNION ALL ".join(CHANGED.format(kind=kind, card=card) for kind, card in cards.items())
        kinds = f"{{{','.join(cards)}}}"
        op.execute(MARK.format(table=table, mark=INSERT, kinds=kinds, changed=changed))
        for event, rows in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_duplicates_{event.lower()} AFTER {event} ON {table} {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION mark_duplicates_{table}()"
            )


def downgrade() -> None:
    for table in CARDS:
        op.execute(f"DROP FUNCTION mark_duplicates_{table}() CASCADE")
    op.execute("DELETE FROM stale_totals WHERE fact = 'duplicates'")
    for table in TABLES:
        op.drop_table(table)
