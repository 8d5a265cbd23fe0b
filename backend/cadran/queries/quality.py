"""Facts about customer data itself: how complete, valid, fresh and unique contacts and customer cards are."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.checks.validity import contact_checks, customer_checks
from cadran.kit.threads import in_thread
from cadran.metrics.facts import ZERO, QualityCell, SummedCell
from cadran.models import Contact, Settings
from cadran.queries.ask import Ask, among, customers, dimensions, labelled, owners, real, remembered, scope
from cadran.queries.asof import at
from cadran.queries.duplicates import in_doubt
from cadran.queries.portfolio import revenue_by_customer
from cadran.rules.quality import contact_fields, customer_fields, freshness

DECISION_MAKER = 3  # what one weighs against another contact
Judge = Callable[[Any, str | None], tuple[dict[str, bool], dict[str, bool]]]


@remembered
async def contacts(session: AsyncSession, ask: Ask) -> list[QualityCell]:
    """One cell a contact known by the day asked, for its customer's owner; values are checked for rows only."""
    return await _contacts(session, ask, checked=ask.rows)


@remembered
async def customer_cards(session: AsyncSession, ask: Ask) -> list[QualityCell]:
    """One cell a customer known by the day asked, for its owner; values are checked for rows only."""
    return await _customer_cards(session, ask, checked=ask.rows)


@remembered
async def quality(session: AsyncSession, ask: Ask) -> list[QualityCell]:
    """Contacts and customer cards together, their values checked, those in an unresolved duplicate pair marked."""
    found = await without_doubles(session, ask)
    twice = await duplicated(session, ask)
    return [replace(cell, duplicated=True) if cell.record in twice else cell for cell in found]


@remembered
async def without_doubles(session: AsyncSession, ask: Ask) -> list[QualityCell]:
    """The same, none marked."""
    return await _contacts(session, ask, checked=True) + await _customer_cards(session, ask, checked=True)


async def doubles(session: AsyncSession, ask: Ask) -> list[SummedCell]:
    """What the records in an unresolved duplicate pair take off the ``unique`` ones."""
    twice = await duplicated(session, ask)
    if not twice:
        return []
    ask = replace(ask, filters={**ask.filters, "record": twice}, dimensions=frozenset())
    found = await _contacts(session, ask, checked=False) + await _customer_cards(session, ask, checked=False)
    whose = ("rep", "team", "business_unit", "customer", "sector", "customer_class")
    return [
        SummedCell(**{name: getattr(cell, name) for name in whose}, sums={"unique": -Decimal(cell.n)}) for cell in found
    ]


async def duplicated(session: AsyncSession, ask: Ask) -> frozenset[UUID]:
    """The customers and contacts in an unresolved duplicate pair at the moment asked, whoever owns the other."""
    return await in_doubt(session, ask.moment)


@remembered
async def _contacts(session: AsyncSession, ask: Ask, *, checked: bool) -> list[QualityCell]:
    contact, customer, owner = at(Contact, ask.moment), customers(ask), owners(ask)
    dims = dimensions(owner.columns(customer.c.owner_id), customer, contact.c.customer_id, contact.c.id)
    source = contact.outerjoin(customer, customer.c.id == contact.c.customer_id)
    names = (
        "first_name", "last_name", "job_title", "department", "email", "phone", "mobile", "is_decision_maker",
        "verified_on",
    )  # fmt: skip
    statement = (
        select(*labelled(dims), *(contact.c[name] for name in names), customer.c.country)
        .select_from(owner.join(source, customer.c.owner_id))
        .where(
            contact.c.merged_into_id.is_(None),
            or_(contact.c.created_on.is_(None), contact.c.created_on <= ask.day),
            real(customer, contact.c.customer_id),
            *scope(ask, dims),
        )
    )

    def judge(row: Any, country: str | None) -> tuple[dict[str, bool], dict[str, bool]]:
        fields = contact_fields(
            row.first_name, row.last_name, row.job_title, row.department, row.email, row.phone, row.mobile
        )
        return fields, contact_checks(row.email, row.phone, row.mobile, row.country or country) if checked else {}

    return await _cells(session, ask, (await session.execute(statement)).all(), dims, judge, "contacts")


@remembered
async def _customer_cards(session: AsyncSession, ask: Ask, *, checked: bool) -> list[QualityCell]:
    customer, owner = customers(ask), owners(ask)
    dims = dimensions(owner.columns(customer.c.owner_id), customer, customer.c.id, customer.c.id)
    names = (
        "name", "siren", "siret", "vat_number", "street", "postal_code", "city", "country", "phone", "email",
        "verified_on",
    )  # fmt: skip
    statement = (
        select(*labelled(dims), *(customer.c[name] for name in names))
        .select_from(owner.join(customer, customer.c.owner_id))
        .where(
            real(customer),
            or_(customer.c.prospect_on.is_(None), customer.c.prospect_on <= ask.day),
            *scope(ask, dims),
        )
    )
    deciding = set((await session.execute(_with_decision_maker(ask))).scalars())

    def judge(row: Any, country: str | None) -> tuple[dict[str, bool], dict[str, bool]]:
        fields = customer_fields(
            row.name, row.siren, row.siret, row.vat_number, row.street, row.postal_code, row.city, row.sector,
            row.phone, row.rep is not None, row.record in deciding,
        )  # fmt: skip
        if not checked:
            return fields, {}
        return fields, customer_checks(
            row.email, row.phone, row.siren, row.siret, row.vat_number, row.country or country
        )

    return await _cells(session, ask, (await session.execute(statement)).all(), dims, judge, "customers")


def _with_decision_maker(ask: Ask) -> Any:
    contact: FromClause = at(Contact, ask.moment)
    return (
        select(contact.c.customer_id)
        .where(
            contact.c.is_decision_maker,
            *([among(contact.c.customer_id, ask.filters["customer"])] if "customer" in ask.filters else []),
            contact.c.merged_into_id.is_(None),
            or_(contact.c.created_on.is_(None), contact.c.created_on <= ask.day),
        )
        .distinct()
    )


async def _cells(
    session: AsyncSession, ask: Ask, rows: Sequence[Any], dims: dict[str, Any], judge: Judge, resource: str
) -> list[QualityCell]:
    settings = at(Settings, ask.moment)
    country = (await session.execute(select(settings.c.country))).scalar()
    # What is at stake only ranks rows; sums do without it.
    stakes: dict[UUID | None, Decimal] = await revenue_by_customer(session, ask) if ask.rows else {}
    names = list(dims)

    def build() -> list[QualityCell]:
        found = []
        for row in rows:
            fields, checks = judge(row, country)
            missing = tuple(name for name, filled in fields.items() if not filled)
            invalid = tuple(name for name, valid in checks.items() if not valid)
            found.append(
                QualityCell(
                    **dict(zip(names, row, strict=False)),  # the dimensions come first
                    resource=resource,
                    weight=DECISION_MAKER if resource == "contacts" and row.is_decision_maker else 1,
                    filled=len(fields) - len(missing),
                    possible=len(fields),
                    missing=missing,
                    valid=len(checks) - len(invalid),
                    checked=len(checks),
                    invalid=invalid,
                    freshness=freshness(row.verified_on, ask.day),
                    verified=row.verified_on is not None,
                    stake=stakes.get(row.customer, ZERO),
                )
            )
        return found

    return await in_thread(session, build) if len(rows) > 500 else build()
