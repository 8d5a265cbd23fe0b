"""The first tables, with the text folding that their search columns use."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cadran.models.log import Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


FOLD = """
CREATE FUNCTION fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT public.unaccent('public.unaccent', lower(value)) $$
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
    op.execute(FOLD)
    op.create_table(
        "business_units",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search", sa.Text(), sa.Computed("fold(coalesce(name, ''))", persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_units")),
        sa.UniqueConstraint("external_id", name=op.f("uq_business_units_external_id")),
    )
    op.create_table(
        "change",
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("record_id", sa.UUID(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "actor_id",
            sa.UUID(),
            server_default=sa.text("nullif(current_setting('cadran.actor_id', true), '')::uuid"),
            nullable=True,
        ),
        sa.Column(
            "actor",
            sa.Text(),
            server_default=sa.text("nullif(current_setting('cadran.actor', true), '')"),
            nullable=True,
        ),
        sa.Column(
            "request_id",
            sa.Text(),
            server_default=sa.text("nullif(current_setting('cadran.request_id', true), '')"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("xid", "seq", name=op.f("pk_change")),
    )
    op.create_index("ix_change_record", "change", ["record_id", "seq"], unique=False)
    op.create_index("ix_change_resource_at", "change", ["resource", "at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("list_price", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("cost", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("vat_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "fold(coalesce(name, '') || ' ' || coalesce(reference, '') || ' ' || coalesce(family, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("cost <> 'NaN'::numeric", name=op.f("ck_products_cost_finite")),
        sa.CheckConstraint("list_price <> 'NaN'::numeric", name=op.f("ck_products_list_price_finite")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("external_id", name=op.f("uq_products_external_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_products_reference")),
    )
    op.create_index(op.f("ix_products_family"), "products", ["family"], unique=False)
    op.create_index("ix_products_search_id", "products", ["search", "id"], unique=False)
    op.create_index(
        "ix_products_search_trigram",
        "products",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "settings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("singleton", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("country", sa.Text(), server_default="FR", nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), server_default="Europe/Paris", nullable=False),
        sa.Column("currency", sa.Text(), server_default="EUR", nullable=False),
        sa.Column("fiscal_year_start_month", sa.Integer(), server_default="1", nullable=False),
        sa.Column("monthly_weights", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("default_cycle_days", sa.Integer(), server_default="90", nullable=False),
        sa.Column("minimum_cycle_days", sa.Integer(), server_default="14", nullable=False),
        sa.Column("sector_cycle_days", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("default_visit_cadence_days", sa.Integer(), server_default="60", nullable=False),
        sa.Column("follow_up_working_days", sa.Integer(), server_default="7", nullable=False),
        sa.Column("expiring_days", sa.Integer(), server_default="7", nullable=False),
        sa.Column("attribution_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("margin_floor", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("discount_ceiling", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_settings_language")),
        sa.CheckConstraint(
            "fiscal_year_start_month BETWEEN 1 AND 12", name=op.f("ck_settings_fiscal_year_start_month")
        ),
        sa.CheckConstraint("singleton", name=op.f("ck_settings_singleton")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
        sa.UniqueConstraint("singleton", name=op.f("uq_settings_singleton")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_email"), "sign_in_failures", ["email"], unique=False)
    op.create_table(
        "stages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("probability", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search", sa.Text(), sa.Computed("fold(coalesce(name, ''))", persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stages")),
        sa.UniqueConstraint("external_id", name=op.f("uq_stages_external_id")),
    )
    op.create_table(
        "targets",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.UUID(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(scope_kind = 'company') = (scope_id IS NULL)", name=op.f("ck_targets_scope_id")),
        sa.CheckConstraint(
            "scope_kind IN ('company', 'business_unit', 'team', 'rep')", name=op.f("ck_targets_scope_kind")
        ),
        sa.CheckConstraint("value <> 'NaN'::numeric", name=op.f("ck_targets_value_finite")),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_targets_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("external_id", name=op.f("uq_targets_external_id")),
    )
    op.create_index(
        "uq_targets_exact",
        "targets",
        ["kpi", "scope_kind", "scope_id", "starts_on", "ends_on"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_unit_id", sa.UUID(), nullable=True),
        sa.Column("manager_id", sa.UUID(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search", sa.Text(), sa.Computed("fold(coalesce(name, ''))", persisted=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_units.id"], name=op.f("fk_teams_business_unit_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("external_id", name=op.f("uq_teams_external_id")),
    )
    op.create_index(op.f("ix_teams_business_unit_id"), "teams", ["business_unit_id"], unique=False)
    op.create_index(op.f("ix_teams_manager_id"), "teams", ["manager_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("fold(coalesce(name, '') || ' ' || coalesce(email, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_users_language")),
        sa.CheckConstraint("role IN ('rep', 'manager', 'director', 'marketing', 'admin')", name=op.f("ck_users_role")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_users_team_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("external_id", name=op.f("uq_users_external_id")),
    )
    op.create_index("ix_users_search_id", "users", ["search", "id"], unique=False)
    op.create_index(
        "ix_users_search_trigram",
        "users",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_users_team_id"), "users", ["team_id"], unique=False)
    op.create_table(
        "action_plans",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revenue_target", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search", sa.Text(), sa.Computed("fold(coalesce(name, ''))", persisted=True), nullable=False),
        sa.CheckConstraint("revenue_target <> 'NaN'::numeric", name=op.f("ck_action_plans_revenue_target_finite")),
        sa.CheckConstraint("status IN ('draft', 'active', 'closed', 'cancelled')", name=op.f("ck_action_plans_status")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_action_plans_owner_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_plans")),
        sa.UniqueConstraint("external_id", name=op.f("uq_action_plans_external_id")),
    )
    op.create_index(op.f("ix_action_plans_owner_id"), "action_plans", ["owner_id"], unique=False)
    op.create_index(
        "ix_action_plans_search_trigram",
        "action_plans",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("siren", sa.Text(), nullable=True),
        sa.Column("siret", sa.Text(), nullable=True),
        sa.Column("vat_number", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("customer_class", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("prospect_on", sa.Date(), nullable=True),
        sa.Column("prospect_rep_id", sa.UUID(), nullable=True),
        sa.Column("prospect_team_id", sa.UUID(), nullable=True),
        sa.Column("prospect_business_unit_id", sa.UUID(), nullable=True),
        sa.Column("is_imported", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_internal", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("credit_limit", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("order_cycle_days", sa.Integer(), nullable=True),
        sa.Column("visit_cadence_days", sa.Integer(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.UUID(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "fold(coalesce(name, '') || ' ' || coalesce(city, '') || ' ' || coalesce(siren, '') || ' ' || coalesce(external_id, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("credit_limit <> 'NaN'::numeric", name=op.f("ck_customers_credit_limit_finite")),
        sa.CheckConstraint("customer_class IN ('A', 'B', 'C')", name=op.f("ck_customers_customer_class")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["customers.id"], name=op.f("fk_customers_merged_into_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_customers_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["prospect_business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_customers_prospect_business_unit_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["prospect_rep_id"], ["users.id"], name=op.f("fk_customers_prospect_rep_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["prospect_team_id"], ["teams.id"], name=op.f("fk_customers_prospect_team_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customers_external_id")),
    )
    op.create_index(op.f("ix_customers_merged_into_id"), "customers", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_customers_owner_id"), "customers", ["owner_id"], unique=False)
    op.create_index(
        op.f("ix_customers_prospect_business_unit_id"), "customers", ["prospect_business_unit_id"], unique=False
    )
    op.create_index(op.f("ix_customers_prospect_on"), "customers", ["prospect_on"], unique=False)
    op.create_index(op.f("ix_customers_prospect_rep_id"), "customers", ["prospect_rep_id"], unique=False)
    op.create_index(op.f("ix_customers_prospect_team_id"), "customers", ["prospect_team_id"], unique=False)
    op.create_index("ix_customers_search_id", "customers", ["search", "id"], unique=False)
    op.create_index(
        "ix_customers_search_trigram",
        "customers",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_customers_sector"), "customers", ["sector"], unique=False)
    op.create_table(
        "duplicate_dismissals",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_id", sa.UUID(), nullable=False),
        sa.Column("second_id", sa.UUID(), nullable=False),
        sa.Column("dismissed_by_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('customers', 'contacts')", name=op.f("ck_duplicate_dismissals_kind")),
        sa.ForeignKeyConstraint(
            ["dismissed_by_id"], ["users.id"], name=op.f("fk_duplicate_dismissals_dismissed_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_dismissals")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_duplicate_dismissals_first_id_second_id")),
    )
    op.create_index(
        op.f("ix_duplicate_dismissals_dismissed_by_id"), "duplicate_dismissals", ["dismissed_by_id"], unique=False
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("format", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imports_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_user_id"), "imports", ["user_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("mobile", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("is_decision_maker", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "fold(coalesce(last_name, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(email, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_contacts_language")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_contacts_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["contacts.id"], name=op.f("fk_contacts_merged_into_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("external_id", name=op.f("uq_contacts_external_id")),
    )
    op.create_index(op.f("ix_contacts_customer_id"), "contacts", ["customer_id"], unique=False)
    op.create_index(op.f("ix_contacts_merged_into_id"), "contacts", ["merged_into_id"], unique=False)
    op.create_index("ix_contacts_search_id", "contacts", ["search", "id"], unique=False)
    op.create_index(
        "ix_contacts_search_trigram",
        "contacts",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "plan_actions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("action_plan_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=20, scale=6), server_default="1", nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="planned", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name=op.f("ck_plan_actions_done_on")),
        sa.CheckConstraint("status IN ('planned', 'done', 'cancelled')", name=op.f("ck_plan_actions_status")),
        sa.CheckConstraint("weight <> 'NaN'::numeric", name=op.f("ck_plan_actions_weight_finite")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_plan_actions_weight_positive")),
        sa.ForeignKeyConstraint(
            ["action_plan_id"], ["action_plans.id"], name=op.f("fk_plan_actions_action_plan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_plan_actions_owner_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_actions")),
    )
    op.create_index(op.f("ix_plan_actions_action_plan_id"), "plan_actions", ["action_plan_id"], unique=False)
    op.create_index(op.f("ix_plan_actions_owner_id"), "plan_actions", ["owner_id"], unique=False)
    op.create_table(
        "plan_customers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("action_plan_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_plan_id"], ["action_plans.id"], name=op.f("fk_plan_customers_action_plan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_plan_customers_customer_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_customers")),
    )
    op.create_index(op.f("ix_plan_customers_action_plan_id"), "plan_customers", ["action_plan_id"], unique=False)
    op.create_index(op.f("ix_plan_customers_customer_id"), "plan_customers", ["customer_id"], unique=False)
    op.create_table(
        "plan_products",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("action_plan_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_plan_id"], ["action_plans.id"], name=op.f("fk_plan_products_action_plan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_plan_products_product_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_products")),
    )
    op.create_index(op.f("ix_plan_products_action_plan_id"), "plan_products", ["action_plan_id"], unique=False)
    op.create_index(op.f("ix_plan_products_product_id"), "plan_products", ["product_id"], unique=False)
    op.create_table(
        "opportunities",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("stage_id", sa.UUID(), nullable=True),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("budget", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=18, scale=8), server_default="1", nullable=False),
        sa.Column("probability", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("expected_signature_on", sa.Date(), nullable=True),
        sa.Column("wanted_delivery_on", sa.Date(), nullable=True),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.Column("competition", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("next_action_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("fold(coalesce(name, '') || ' ' || coalesce(external_id, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("(status = 'open') = (closed_on IS NULL)", name=op.f("ck_opportunities_closed_on")),
        sa.CheckConstraint("budget <> 'NaN'::numeric", name=op.f("ck_opportunities_budget_finite")),
        sa.CheckConstraint("exchange_rate <> 'NaN'::numeric", name=op.f("ck_opportunities_exchange_rate_finite")),
        sa.CheckConstraint("status IN ('open', 'won', 'lost')", name=op.f("ck_opportunities_status")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_opportunities_contact_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_opportunities_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_opportunities_owner_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_opportunities_product_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stages.id"], name=op.f("fk_opportunities_stage_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunities")),
        sa.UniqueConstraint("external_id", name=op.f("uq_opportunities_external_id")),
    )
    op.create_index(op.f("ix_opportunities_closed_on"), "opportunities", ["closed_on"], unique=False)
    op.create_index(op.f("ix_opportunities_contact_id"), "opportunities", ["contact_id"], unique=False)
    op.create_index(op.f("ix_opportunities_customer_id"), "opportunities", ["customer_id"], unique=False)
    op.create_index(op.f("ix_opportunities_owner_id"), "opportunities", ["owner_id"], unique=False)
    op.create_index(op.f("ix_opportunities_product_id"), "opportunities", ["product_id"], unique=False)
    op.create_index(
        "ix_opportunities_search_trigram",
        "opportunities",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_opportunities_stage_id"), "opportunities", ["stage_id"], unique=False)
    op.create_table(
        "leads",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("rep_id", sa.UUID(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("business_unit_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="new", nullable=False),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("qualified_on", sa.Date(), nullable=True),
        sa.Column("converted_on", sa.Date(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("opportunity_id", sa.UUID(), nullable=True),
        sa.Column("estimated_amount", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("disqualified_reason", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "fold(coalesce(company_name, '') || ' ' || coalesce(contact_name, '') || ' ' || coalesce(email, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("estimated_amount <> 'NaN'::numeric", name=op.f("ck_leads_estimated_amount_finite")),
        sa.CheckConstraint(
            "status IN ('new', 'working', 'qualified', 'disqualified', 'converted')", name=op.f("ck_leads_status")
        ),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_units.id"], name=op.f("fk_leads_business_unit_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_leads_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_leads_opportunity_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_leads_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_leads_product_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["rep_id"], ["users.id"], name=op.f("fk_leads_rep_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_leads_team_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("external_id", name=op.f("uq_leads_external_id")),
    )
    op.create_index(op.f("ix_leads_business_unit_id"), "leads", ["business_unit_id"], unique=False)
    op.create_index(op.f("ix_leads_created_on"), "leads", ["created_on"], unique=False)
    op.create_index(op.f("ix_leads_customer_id"), "leads", ["customer_id"], unique=False)
    op.create_index(op.f("ix_leads_opportunity_id"), "leads", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_leads_owner_id"), "leads", ["owner_id"], unique=False)
    op.create_index(op.f("ix_leads_product_id"), "leads", ["product_id"], unique=False)
    op.create_index(op.f("ix_leads_qualified_on"), "leads", ["qualified_on"], unique=False)
    op.create_index(op.f("ix_leads_rep_id"), "leads", ["rep_id"], unique=False)
    op.create_index("ix_leads_search_id", "leads", ["search", "id"], unique=False)
    op.create_index(
        "ix_leads_search_trigram",
        "leads",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_leads_source"), "leads", ["source"], unique=False)
    op.create_index(op.f("ix_leads_team_id"), "leads", ["team_id"], unique=False)
    op.create_table(
        "quotes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("opportunity_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("root_id", sa.UUID(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("next_follow_up_on", sa.Date(), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=18, scale=8), server_default="1", nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("fold(coalesce(number, '') || ' ' || coalesce(external_id, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_quotes_base_amount_finite")),
        sa.CheckConstraint("exchange_rate <> 'NaN'::numeric", name=op.f("ck_quotes_exchange_rate_finite")),
        sa.CheckConstraint("net_amount <> 'NaN'::numeric", name=op.f("ck_quotes_net_amount_finite")),
        sa.CheckConstraint(
            "status IN ('draft', 'sent', 'accepted', 'refused', 'expired', 'superseded')", name=op.f("ck_quotes_status")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_quotes_contact_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_quotes_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_quotes_opportunity_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_quotes_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["root_id"], ["quotes.id"], name=op.f("fk_quotes_root_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("external_id", name=op.f("uq_quotes_external_id")),
        sa.UniqueConstraint("root_id", "revision", name=op.f("uq_quotes_root_id_revision")),
    )
    op.create_index(op.f("ix_quotes_contact_id"), "quotes", ["contact_id"], unique=False)
    op.create_index(op.f("ix_quotes_customer_id"), "quotes", ["customer_id"], unique=False)
    op.create_index(op.f("ix_quotes_decided_on"), "quotes", ["decided_on"], unique=False)
    op.create_index(op.f("ix_quotes_number"), "quotes", ["number"], unique=False)
    op.create_index(op.f("ix_quotes_opportunity_id"), "quotes", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_quotes_owner_id"), "quotes", ["owner_id"], unique=False)
    op.create_index(op.f("ix_quotes_root_id"), "quotes", ["root_id"], unique=False)
    op.create_index(
        "ix_quotes_search_trigram",
        "quotes",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_quotes_sent_on"), "quotes", ["sent_on"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("opportunity_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("rep_id", sa.UUID(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("business_unit_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="planned", nullable=False),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("planned_time", sa.Time(), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("first_planned_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_on IS NOT NULL)", name=op.f("ck_visits_cancelled_on")),
        sa.CheckConstraint("(status = 'held') = (held_on IS NOT NULL)", name=op.f("ck_visits_held_on")),
        sa.CheckConstraint("status IN ('planned', 'held', 'cancelled')", name=op.f("ck_visits_status")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_units.id"], name=op.f("fk_visits_business_unit_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_visits_contact_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_visits_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_visits_opportunity_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_visits_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["rep_id"], ["users.id"], name=op.f("fk_visits_rep_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_visits_team_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("external_id", name=op.f("uq_visits_external_id")),
    )
    op.create_index(op.f("ix_visits_business_unit_id"), "visits", ["business_unit_id"], unique=False)
    op.create_index(op.f("ix_visits_contact_id"), "visits", ["contact_id"], unique=False)
    op.create_index("ix_visits_customer_held", "visits", ["customer_id", "held_on"], unique=False)
    op.create_index(op.f("ix_visits_customer_id"), "visits", ["customer_id"], unique=False)
    op.create_index(op.f("ix_visits_held_on"), "visits", ["held_on"], unique=False)
    op.create_index(op.f("ix_visits_opportunity_id"), "visits", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_visits_owner_id"), "visits", ["owner_id"], unique=False)
    op.create_index(op.f("ix_visits_planned_on"), "visits", ["planned_on"], unique=False)
    op.create_index(op.f("ix_visits_rep_id"), "visits", ["rep_id"], unique=False)
    op.create_index(op.f("ix_visits_team_id"), "visits", ["team_id"], unique=False)
    op.create_table(
        "interactions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("quote_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("answered", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('call', 'email', 'meeting', 'follow_up', 'other')", name=op.f("ck_interactions_kind")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_interactions_contact_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_interactions_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_interactions_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quotes.id"], name=op.f("fk_interactions_quote_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
        sa.UniqueConstraint("external_id", name=op.f("uq_interactions_external_id")),
    )
    op.create_index(op.f("ix_interactions_contact_id"), "interactions", ["contact_id"], unique=False)
    op.create_index(op.f("ix_interactions_customer_id"), "interactions", ["customer_id"], unique=False)
    op.create_index("ix_interactions_customer_on", "interactions", ["customer_id", "occurred_on"], unique=False)
    op.create_index(op.f("ix_interactions_owner_id"), "interactions", ["owner_id"], unique=False)
    op.create_index(op.f("ix_interactions_quote_id"), "interactions", ["quote_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("opportunity_id", sa.UUID(), nullable=True),
        sa.Column("quote_id", sa.UUID(), nullable=True),
        sa.Column("visit_id", sa.UUID(), nullable=True),
        sa.Column("rep_id", sa.UUID(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("business_unit_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="confirmed", nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("customer_reference", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=18, scale=8), server_default="1", nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("fold(coalesce(number, '') || ' ' || coalesce(external_id, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_on IS NOT NULL)", name=op.f("ck_orders_cancelled_on")),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_orders_closed_on")),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_orders_base_amount_finite")),
        sa.CheckConstraint("exchange_rate <> 'NaN'::numeric", name=op.f("ck_orders_exchange_rate_finite")),
        sa.CheckConstraint("net_amount <> 'NaN'::numeric", name=op.f("ck_orders_net_amount_finite")),
        sa.CheckConstraint("status = 'draft' OR confirmed_on IS NOT NULL", name=op.f("ck_orders_confirmed_on")),
        sa.CheckConstraint("status IN ('draft', 'confirmed', 'closed', 'cancelled')", name=op.f("ck_orders_status")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_units.id"], name=op.f("fk_orders_business_unit_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_orders_contact_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_orders_opportunity_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_orders_quote_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["rep_id"], ["users.id"], name=op.f("fk_orders_rep_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_orders_team_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_orders_visit_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("external_id", name=op.f("uq_orders_external_id")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_orders_quote_id")),
    )
    op.create_index(op.f("ix_orders_business_unit_id"), "orders", ["business_unit_id"], unique=False)
    op.create_index(op.f("ix_orders_confirmed_on"), "orders", ["confirmed_on"], unique=False)
    op.create_index(op.f("ix_orders_contact_id"), "orders", ["contact_id"], unique=False)
    op.create_index("ix_orders_customer_confirmed", "orders", ["customer_id", "confirmed_on"], unique=False)
    op.create_index(op.f("ix_orders_customer_id"), "orders", ["customer_id"], unique=False)
    op.create_index(op.f("ix_orders_number"), "orders", ["number"], unique=False)
    op.create_index(op.f("ix_orders_opportunity_id"), "orders", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_orders_rep_id"), "orders", ["rep_id"], unique=False)
    op.create_index(
        "ix_orders_search_trigram",
        "orders",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_orders_team_id"), "orders", ["team_id"], unique=False)
    op.create_index(op.f("ix_orders_visit_id"), "orders", ["visit_id"], unique=False)
    op.create_table(
        "quote_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("quote_id", sa.UUID(), nullable=False),
        sa.Column("list_price", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("unit_cost", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("discount_rate", sa.Numeric(precision=9, scale=6), server_default="0", nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_quote_lines_base_amount_finite")),
        sa.CheckConstraint("list_price <> 'NaN'::numeric", name=op.f("ck_quote_lines_list_price_finite")),
        sa.CheckConstraint("net_amount <> 'NaN'::numeric", name=op.f("ck_quote_lines_net_amount_finite")),
        sa.CheckConstraint("quantity <> 'NaN'::numeric", name=op.f("ck_quote_lines_quantity_finite")),
        sa.CheckConstraint("unit_cost <> 'NaN'::numeric", name=op.f("ck_quote_lines_unit_cost_finite")),
        sa.CheckConstraint("unit_price <> 'NaN'::numeric", name=op.f("ck_quote_lines_unit_price_finite")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_quote_lines_product_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_quote_lines_quote_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_lines")),
    )
    op.create_index(op.f("ix_quote_lines_product_id"), "quote_lines", ["product_id"], unique=False)
    op.create_index(op.f("ix_quote_lines_quote_id"), "quote_lines", ["quote_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("opportunity_id", sa.UUID(), nullable=True),
        sa.Column("quote_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("priority", sa.Text(), server_default="normal", nullable=False),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search", sa.Text(), sa.Computed("fold(coalesce(title, ''))", persisted=True), nullable=False),
        sa.CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name=op.f("ck_tasks_done_on")),
        sa.CheckConstraint("priority IN ('high', 'normal', 'low')", name=op.f("ck_tasks_priority")),
        sa.CheckConstraint("status IN ('open', 'done', 'cancelled')", name=op.f("ck_tasks_status")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_tasks_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_tasks_opportunity_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_tasks_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_tasks_quote_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("external_id", name=op.f("uq_tasks_external_id")),
    )
    op.create_index(op.f("ix_tasks_customer_id"), "tasks", ["customer_id"], unique=False)
    op.create_index(op.f("ix_tasks_due_on"), "tasks", ["due_on"], unique=False)
    op.create_index(op.f("ix_tasks_opportunity_id"), "tasks", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_tasks_owner_id"), "tasks", ["owner_id"], unique=False)
    op.create_index(op.f("ix_tasks_quote_id"), "tasks", ["quote_id"], unique=False)
    op.create_index(
        "ix_tasks_search_trigram",
        "tasks",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "visit_reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("visit_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="submitted", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("customer_words", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_visit_reports_submitted_at")),
        sa.CheckConstraint("status IN ('draft', 'submitted')", name=op.f("ck_visit_reports_status")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_visit_reports_author_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_reports_visit_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_reports")),
        sa.UniqueConstraint("external_id", name=op.f("uq_visit_reports_external_id")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_visit_reports_visit_id")),
    )
    op.create_index(op.f("ix_visit_reports_author_id"), "visit_reports", ["author_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("credited_invoice_id", sa.UUID(), nullable=True),
        sa.Column("rep_id", sa.UUID(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("business_unit_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="invoice", nullable=False),
        sa.Column("status", sa.Text(), server_default="posted", nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("disputed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("tax_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("gross_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("base_gross_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=18, scale=8), server_default="1", nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("fold(coalesce(number, '') || ' ' || coalesce(external_id, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_on IS NOT NULL)", name=op.f("ck_invoices_cancelled_on")
        ),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_invoices_base_amount_finite")),
        sa.CheckConstraint("base_gross_amount <> 'NaN'::numeric", name=op.f("ck_invoices_base_gross_amount_finite")),
        sa.CheckConstraint("exchange_rate <> 'NaN'::numeric", name=op.f("ck_invoices_exchange_rate_finite")),
        sa.CheckConstraint("gross_amount <> 'NaN'::numeric", name=op.f("ck_invoices_gross_amount_finite")),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note', 'deposit', 'pro_forma')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint("net_amount <> 'NaN'::numeric", name=op.f("ck_invoices_net_amount_finite")),
        sa.CheckConstraint("status = 'draft' OR issued_on IS NOT NULL", name=op.f("ck_invoices_issued_on")),
        sa.CheckConstraint("status IN ('draft', 'posted', 'cancelled')", name=op.f("ck_invoices_status")),
        sa.CheckConstraint("tax_amount <> 'NaN'::numeric", name=op.f("ck_invoices_tax_amount_finite")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"], ["business_units.id"], name=op.f("fk_invoices_business_unit_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["credited_invoice_id"], ["invoices.id"], name=op.f("fk_invoices_credited_invoice_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["rep_id"], ["users.id"], name=op.f("fk_invoices_rep_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_invoices_team_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("external_id", name=op.f("uq_invoices_external_id")),
    )
    op.create_index(op.f("ix_invoices_business_unit_id"), "invoices", ["business_unit_id"], unique=False)
    op.create_index(op.f("ix_invoices_credited_invoice_id"), "invoices", ["credited_invoice_id"], unique=False)
    op.create_index(op.f("ix_invoices_customer_id"), "invoices", ["customer_id"], unique=False)
    op.create_index("ix_invoices_customer_issued", "invoices", ["customer_id", "issued_on"], unique=False)
    op.create_index(op.f("ix_invoices_issued_on"), "invoices", ["issued_on"], unique=False)
    op.create_index(op.f("ix_invoices_number"), "invoices", ["number"], unique=False)
    op.create_index(op.f("ix_invoices_order_id"), "invoices", ["order_id"], unique=False)
    op.create_index(op.f("ix_invoices_rep_id"), "invoices", ["rep_id"], unique=False)
    op.create_index(
        "ix_invoices_search_trigram",
        "invoices",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_invoices_team_id"), "invoices", ["team_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("list_price", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("unit_cost", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("discount_rate", sa.Numeric(precision=9, scale=6), server_default="0", nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_order_lines_base_amount_finite")),
        sa.CheckConstraint("list_price <> 'NaN'::numeric", name=op.f("ck_order_lines_list_price_finite")),
        sa.CheckConstraint("net_amount <> 'NaN'::numeric", name=op.f("ck_order_lines_net_amount_finite")),
        sa.CheckConstraint("quantity <> 'NaN'::numeric", name=op.f("ck_order_lines_quantity_finite")),
        sa.CheckConstraint("unit_cost <> 'NaN'::numeric", name=op.f("ck_order_lines_unit_cost_finite")),
        sa.CheckConstraint("unit_price <> 'NaN'::numeric", name=op.f("ck_order_lines_unit_price_finite")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
    )
    op.create_index(op.f("ix_order_lines_external_id"), "order_lines", ["external_id"], unique=False)
    op.create_index(op.f("ix_order_lines_order_id"), "order_lines", ["order_id"], unique=False)
    op.create_index(op.f("ix_order_lines_product_id"), "order_lines", ["product_id"], unique=False)
    op.create_table(
        "service_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("priority", sa.Text(), server_default="normal", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("fold(coalesce(title, '') || ' ' || coalesce(external_id, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_service_requests_closed_on")),
        sa.CheckConstraint("priority IN ('high', 'normal', 'low')", name=op.f("ck_service_requests_priority")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_service_requests_status")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_service_requests_contact_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_service_requests_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_service_requests_order_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_service_requests_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_requests")),
        sa.UniqueConstraint("external_id", name=op.f("uq_service_requests_external_id")),
    )
    op.create_index(op.f("ix_service_requests_contact_id"), "service_requests", ["contact_id"], unique=False)
    op.create_index(op.f("ix_service_requests_customer_id"), "service_requests", ["customer_id"], unique=False)
    op.create_index(op.f("ix_service_requests_opened_on"), "service_requests", ["opened_on"], unique=False)
    op.create_index(op.f("ix_service_requests_order_id"), "service_requests", ["order_id"], unique=False)
    op.create_index(op.f("ix_service_requests_owner_id"), "service_requests", ["owner_id"], unique=False)
    op.create_index(
        "ix_service_requests_search_trigram",
        "service_requests",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity <> 'NaN'::numeric", name=op.f("ck_deliveries_quantity_finite")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_deliveries_order_line_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("external_id", name=op.f("uq_deliveries_external_id")),
    )
    op.create_index(op.f("ix_deliveries_delivered_on"), "deliveries", ["delivered_on"], unique=False)
    op.create_index(op.f("ix_deliveries_order_line_id"), "deliveries", ["order_line_id"], unique=False)
    op.create_table(
        "invoice_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("discount_rate", sa.Numeric(precision=9, scale=6), server_default="0", nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_invoice_lines_base_amount_finite")),
        sa.CheckConstraint("net_amount <> 'NaN'::numeric", name=op.f("ck_invoice_lines_net_amount_finite")),
        sa.CheckConstraint("quantity <> 'NaN'::numeric", name=op.f("ck_invoice_lines_quantity_finite")),
        sa.CheckConstraint("unit_price <> 'NaN'::numeric", name=op.f("ck_invoice_lines_unit_price_finite")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_invoice_lines_order_line_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_invoice_lines_product_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
    )
    op.create_index(op.f("ix_invoice_lines_invoice_id"), "invoice_lines", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_invoice_lines_order_line_id"), "invoice_lines", ["order_line_id"], unique=False)
    op.create_index(op.f("ix_invoice_lines_product_id"), "invoice_lines", ["product_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount <> 'NaN'::numeric", name=op.f("ck_payments_amount_finite")),
        sa.CheckConstraint("base_amount <> 'NaN'::numeric", name=op.f("ck_payments_base_amount_finite")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_payments_invoice_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("external_id", name=op.f("uq_payments_external_id")),
    )
    op.create_index(op.f("ix_payments_invoice_id"), "payments", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_payments_paid_on"), "payments", ["paid_on"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_payments_paid_on"), table_name="payments")
    op.drop_index(op.f("ix_payments_invoice_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_invoice_lines_product_id"), table_name="invoice_lines")
    op.drop_index(op.f("ix_invoice_lines_order_line_id"), table_name="invoice_lines")
    op.drop_index(op.f("ix_invoice_lines_invoice_id"), table_name="invoice_lines")
    op.drop_table("invoice_lines")
    op.drop_index(op.f("ix_deliveries_order_line_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_delivered_on"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(
        "ix_service_requests_search_trigram",
        table_name="service_requests",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_service_requests_owner_id"), table_name="service_requests")
    op.drop_index(op.f("ix_service_requests_order_id"), table_name="service_requests")
    op.drop_index(op.f("ix_service_requests_opened_on"), table_name="service_requests")
    op.drop_index(op.f("ix_service_requests_customer_id"), table_name="service_requests")
    op.drop_index(op.f("ix_service_requests_contact_id"), table_name="service_requests")
    op.drop_table("service_requests")
    op.drop_index(op.f("ix_order_lines_product_id"), table_name="order_lines")
    op.drop_index(op.f("ix_order_lines_order_id"), table_name="order_lines")
    op.drop_index(op.f("ix_order_lines_external_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_invoices_team_id"), table_name="invoices")
    op.drop_index(
        "ix_invoices_search_trigram",
        table_name="invoices",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_invoices_rep_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_order_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_number"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_issued_on"), table_name="invoices")
    op.drop_index("ix_invoices_customer_issued", table_name="invoices")
    op.drop_index(op.f("ix_invoices_customer_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_credited_invoice_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_business_unit_id"), table_name="invoices")
    op.drop_table("invoices")
    op.drop_index(op.f("ix_visit_reports_author_id"), table_name="visit_reports")
    op.drop_table("visit_reports")
    op.drop_index(
        "ix_tasks_search_trigram", table_name="tasks", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}
    )
    op.drop_index(op.f("ix_tasks_quote_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_owner_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_opportunity_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_due_on"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_customer_id"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_quote_lines_quote_id"), table_name="quote_lines")
    op.drop_index(op.f("ix_quote_lines_product_id"), table_name="quote_lines")
    op.drop_table("quote_lines")
    op.drop_index(op.f("ix_orders_visit_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_team_id"), table_name="orders")
    op.drop_index(
        "ix_orders_search_trigram",
        table_name="orders",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_orders_rep_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_opportunity_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_number"), table_name="orders")
    op.drop_index(op.f("ix_orders_customer_id"), table_name="orders")
    op.drop_index("ix_orders_customer_confirmed", table_name="orders")
    op.drop_index(op.f("ix_orders_contact_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_confirmed_on"), table_name="orders")
    op.drop_index(op.f("ix_orders_business_unit_id"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_interactions_quote_id"), table_name="interactions")
    op.drop_index(op.f("ix_interactions_owner_id"), table_name="interactions")
    op.drop_index("ix_interactions_customer_on", table_name="interactions")
    op.drop_index(op.f("ix_interactions_customer_id"), table_name="interactions")
    op.drop_index(op.f("ix_interactions_contact_id"), table_name="interactions")
    op.drop_table("interactions")
    op.drop_index(op.f("ix_visits_team_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_rep_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_planned_on"), table_name="visits")
    op.drop_index(op.f("ix_visits_owner_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_opportunity_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_held_on"), table_name="visits")
    op.drop_index(op.f("ix_visits_customer_id"), table_name="visits")
    op.drop_index("ix_visits_customer_held", table_name="visits")
    op.drop_index(op.f("ix_visits_contact_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_business_unit_id"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_quotes_sent_on"), table_name="quotes")
    op.drop_index(
        "ix_quotes_search_trigram",
        table_name="quotes",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_quotes_root_id"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_owner_id"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_opportunity_id"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_number"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_decided_on"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_customer_id"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_contact_id"), table_name="quotes")
    op.drop_table("quotes")
    op.drop_index(op.f("ix_leads_team_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_source"), table_name="leads")
    op.drop_index(
        "ix_leads_search_trigram", table_name="leads", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}
    )
    op.drop_index("ix_leads_search_id", table_name="leads")
    op.drop_index(op.f("ix_leads_rep_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_qualified_on"), table_name="leads")
    op.drop_index(op.f("ix_leads_product_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_owner_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_opportunity_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_customer_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_created_on"), table_name="leads")
    op.drop_index(op.f("ix_leads_business_unit_id"), table_name="leads")
    op.drop_table("leads")
    op.drop_index(op.f("ix_opportunities_stage_id"), table_name="opportunities")
    op.drop_index(
        "ix_opportunities_search_trigram",
        table_name="opportunities",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_opportunities_product_id"), table_name="opportunities")
    op.drop_index(op.f("ix_opportunities_owner_id"), table_name="opportunities")
    op.drop_index(op.f("ix_opportunities_customer_id"), table_name="opportunities")
    op.drop_index(op.f("ix_opportunities_contact_id"), table_name="opportunities")
    op.drop_index(op.f("ix_opportunities_closed_on"), table_name="opportunities")
    op.drop_table("opportunities")
    op.drop_index(op.f("ix_plan_products_product_id"), table_name="plan_products")
    op.drop_index(op.f("ix_plan_products_action_plan_id"), table_name="plan_products")
    op.drop_table("plan_products")
    op.drop_index(op.f("ix_plan_customers_customer_id"), table_name="plan_customers")
    op.drop_index(op.f("ix_plan_customers_action_plan_id"), table_name="plan_customers")
    op.drop_table("plan_customers")
    op.drop_index(op.f("ix_plan_actions_owner_id"), table_name="plan_actions")
    op.drop_index(op.f("ix_plan_actions_action_plan_id"), table_name="plan_actions")
    op.drop_table("plan_actions")
    op.drop_index(
        "ix_contacts_search_trigram",
        table_name="contacts",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index("ix_contacts_search_id", table_name="contacts")
    op.drop_index(op.f("ix_contacts_merged_into_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_customer_id"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_imports_user_id"), table_name="imports")
    op.drop_table("imports")
    op.drop_index(op.f("ix_duplicate_dismissals_dismissed_by_id"), table_name="duplicate_dismissals")
    op.drop_table("duplicate_dismissals")
    op.drop_index(op.f("ix_customers_sector"), table_name="customers")
    op.drop_index(
        "ix_customers_search_trigram",
        table_name="customers",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index("ix_customers_search_id", table_name="customers")
    op.drop_index(op.f("ix_customers_prospect_team_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_prospect_rep_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_prospect_on"), table_name="customers")
    op.drop_index(op.f("ix_customers_prospect_business_unit_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_owner_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_merged_into_id"), table_name="customers")
    op.drop_table("customers")
    op.drop_index(op.f("ix_api_keys_user_id"), table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_index(
        "ix_action_plans_search_trigram",
        table_name="action_plans",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_action_plans_owner_id"), table_name="action_plans")
    op.drop_table("action_plans")
    op.drop_index(op.f("ix_users_team_id"), table_name="users")
    op.drop_index(
        "ix_users_search_trigram", table_name="users", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}
    )
    op.drop_index("ix_users_search_id", table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_teams_manager_id"), table_name="teams")
    op.drop_index(op.f("ix_teams_business_unit_id"), table_name="teams")
    op.drop_table("teams")
    op.drop_index("uq_targets_exact", table_name="targets", postgresql_nulls_not_distinct=True)
    op.drop_table("targets")
    op.drop_table("stages")
    op.drop_index(op.f("ix_sign_in_failures_email"), table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
    op.drop_table("settings")
    op.drop_index(
        "ix_products_search_trigram",
        table_name="products",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index("ix_products_search_id", table_name="products")
    op.drop_index(op.f("ix_products_family"), table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_change_resource_at", table_name="change")
    op.drop_index("ix_change_record", table_name="change")
    op.drop_table("change")
    op.drop_table("business_units")
    op.execute("DROP FUNCTION fold(text)")
