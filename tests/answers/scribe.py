"""Whoever writes at random into a company that stands, to see that what is kept of it stays true."""

import random
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

# What a write may change, of which table, each to the value another row has there.
CHANGED = {
    "customers": (
        "owner_id", "sector", "is_internal", "order_cycle_days", "merged_into_id", "verified_on", "phone",
        "prospect_on", "prospect_team_id", "source", "is_imported",
    ),
    "contacts": ("customer_id", "email", "is_decision_maker", "verified_on", "job_title"),
    "visits": ("customer_id", "planned_on", "held_on", "cancelled_on", "owner_id", "rep_id"),
    "visit_reports": ("submitted_at", "status"),
    "leads": ("created_on", "qualified_on", "converted_on", "owner_id", "rep_id", "source", "customer_id"),
    "interactions": ("customer_id", "occurred_on", "answered"),
    "service_requests": ("customer_id", "opened_on", "closed_on"),
    "opportunities": ("customer_id", "owner_id", "budget", "stage_id", "closed_on", "status"),
    "quotes": ("customer_id", "owner_id", "sent_on", "decided_on", "expires_on", "opportunity_id", "base_amount"),
    "orders": ("customer_id", "rep_id", "visit_id", "confirmed_on", "cancelled_on", "closed_on", "promised_on"),
    "order_lines": ("order_id", "quantity", "base_amount", "promised_on"),
    "deliveries": ("order_line_id", "quantity", "delivered_on"),
    "invoices": ("customer_id", "issued_on", "due_on", "cancelled_on", "credited_invoice_id", "base_gross_amount"),
    "invoice_lines": ("order_line_id", "invoice_id", "quantity"),
    "payments": ("invoice_id", "paid_on", "base_amount"),
    "users": ("team_id",),
    "teams": ("business_unit_id",),
    "stages": ("probability",),
    "action_plans": ("starts_on", "status"),
    "plan_customers": ("customer_id", "action_plan_id"),
    "plan_products": ("product_id", "action_plan_id"),
}  # fmt: skip
REMOVED = (
    "opportunities", "contacts", "interactions", "service_requests", "deliveries", "invoice_lines", "payments",
    "order_lines", "orders", "invoices", "quotes", "visits", "visit_reports", "leads", "plan_customers",
    "plan_products",
)  # fmt: skip


class Scribe:
    """Writes at random into a company that stands."""

    def __init__(self, session: AsyncSession, seed: int) -> None:
        self.session, self.draw = session, random.Random(seed)

    async def write(self) -> None:
        try:
            async with self.session.begin_nested():
                await self.draw.choice((self.change, self.change, self.change, self.remove, self.repeat))()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "")[:2] != "23":  # a reference or a rule of the table stands against it
                raise

    async def one(self, table: str) -> UUID | None:
        found = await self.session.execute(text(f"SELECT id FROM {table} ORDER BY md5(id::text || :seed) LIMIT 1"), {
            "seed": str(self.draw.random())
        })  # fmt: skip
        key: UUID | None = found.scalar()
        return key

    async def change(self) -> None:
        table = self.draw.choice(list(CHANGED))
        column = self.draw.choice(CHANGED[table])
        statement = f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE id = :other) WHERE id = :id"
        await self.session.execute(text(statement), {"id": await self.one(table), "other": await self.one(table)})

    async def remove(self) -> None:
        table = self.draw.choice(REMOVED)
        await self.session.execute(text(f"DELETE FROM {table} WHERE id = :id"), {"id": await self.one(table)})

    async def repeat(self, table: str | None = None, one: UUID | None = None) -> UUID:
        """The same record once more."""
        table = table or self.draw.choice(REMOVED)
        columns = (await self.session.execute(text(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = CAST(:t AS regclass) "
            "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' "
            "AND attname NOT IN ('id', 'external_id', 'source_system', 'number')"
        ), {"t": table})).scalar()  # fmt: skip
        key = uuid4()
        statement = f"INSERT INTO {table} (id, {columns}) SELECT :new, {columns} FROM {table} WHERE id = :id"
        await self.session.execute(text(statement), {"id": one or await self.one(table), "new": key})
        return key
