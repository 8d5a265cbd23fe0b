from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.metrics.facts import QualityCell
from cadran.models import Contact, Customer, DuplicateDismissal
from cadran.queries import duplicates
from cadran.queries.ask import Ask
from cadran.queries.quality import contacts, customer_cards, duplicated, quality
from factories import Maker, People

DAY = date(2026, 11, 23)
ASK = Ask(None, DAY, dimensions=frozenset({"record"}))
FULL = {
    "siret": "73282932000074", "street": "1 rue Verte", "postal_code": "69001", "city": "Lyon", "country": "FR",
    "sector": "Industry", "phone": "04 78 00 00 01", "prospect_on": "2020-01-01", "verified_on": "2025-11-23",
}  # fmt: skip


def by_record(cells: list[QualityCell]) -> dict[Any, QualityCell]:
    return {cell.record: cell for cell in cells}


async def test_a_contact_counts_for_its_customers_owner(session: AsyncSession, make: Maker, people: People) -> None:
    acme = await make("customers", name="Acme", owner_id=people["rep"].id, sector="Steel", customer_class="A")
    chief = await make(
        "contacts", customer_id=acme["id"], first_name="Ada", last_name="Byron", job_title="Directrice",
        department="n/a", email="ada@acme", phone="04 78 00 00 01", mobile="xxx", is_decision_maker=True,
        verified_on="2024-11-23", created_on="2024-01-01",
    )  # fmt: skip
    cell = by_record(await contacts(session, ASK))[chief["id"]]
    assert (cell.rep, cell.team) == (people["rep"].id, people.teams["north"].id)
    assert cell.business_unit == people.units["east"].id
    assert (cell.customer, cell.sector, cell.customer_class) == (acme["id"], "Steel", "A")
    assert (cell.weight, cell.filled, cell.possible, cell.missing) == (3, 4, 5, ("department",))
    assert (cell.valid, cell.checked, cell.invalid) == (1, 2, ("email",))
    assert (cell.freshness, cell.verified, cell.resource) == (Decimal(0), True, "contacts")


async def test_a_customer_card_has_seven_fields(session: AsyncSession, make: Maker, people: People) -> None:
    whole = await make("customers", name="Acme", owner_id=people["rep"].id, **FULL)
    bare = await make("customers", name="xxx", owner_id=None, city="Lyon", sector=None, prospect_on="2020-01-01")
    await make("contacts", customer_id=whole["id"], is_decision_maker=True, created_on="2024-01-01")
    cells = by_record(await customer_cards(session, ASK))
    full = cells[whole["id"]]
    assert (full.filled, full.possible, full.missing, full.weight) == (7, 7, (), 1)
    assert (full.valid, full.checked, full.invalid) == (2, 2, ())
    assert full.freshness == Decimal("0.5")
    empty = cells[bare["id"]]
    assert empty.missing == ("name", "registration", "address", "sector", "phone", "owner", "decision_maker")
    assert (empty.rep, empty.freshness, empty.verified, empty.resource) == (None, Decimal(0), False, "customers")


async def test_internal_merged_and_later_records_are_out(session: AsyncSession, make: Maker) -> None:
    dated = {"prospect_on": "2020-01-01"}
    kept = await make("customers", **dated)
    internal = await make("customers", is_internal=True, **dated)
    merged = await make("customers", **dated)
    later = await make("customers", prospect_on="2026-11-24")
    await session.execute(update(Customer).where(Customer.id == merged["id"]).values(merged_into_id=kept["id"]))
    one = await make("contacts", customer_id=kept["id"], created_on="2026-11-23")
    orphan = await make("contacts", customer_id=None, created_on="2026-11-23")
    two = await make("contacts", customer_id=kept["id"], created_on="2026-11-23")
    await make("contacts", customer_id=kept["id"], created_on="2026-11-24")
    await make("contacts", customer_id=internal["id"], created_on="2026-11-23")
    await make("contacts", customer_id=merged["id"], created_on="2026-11-23")
    await session.execute(update(Contact).where(Contact.id == two["id"]).values(merged_into_id=one["id"]))
    assert set(by_record(await contacts(session, ASK))) == {one["id"], orphan["id"]}
    assert set(by_record(await customer_cards(session, ASK))) == {kept["id"]}
    tomorrow = replace(ASK, day=date(2026, 11, 24))
    assert set(by_record(await customer_cards(session, tomorrow))) == {kept["id"], later["id"]}


async def test_the_scope_asked_and_the_door_hold(session: AsyncSession, make: Maker, people: People) -> None:
    for name in ("rep", "colleague", "stranger"):
        customer = await make("customers", owner_id=people[name].id, prospect_on="2020-01-01")
        await make("contacts", customer_id=customer["id"], created_on="2020-01-01")

    async def counts(ask: Ask) -> tuple[int, int, int]:
        found = await contacts(session, ask), await customer_cards(session, ask), await quality(session, ask)
        return len(found[0]), len(found[1]), len(found[2])

    assert await counts(ASK) == (3, 3, 6)
    assert await counts(replace(ASK, who=people.principal("rep"))) == (1, 1, 2)
    assert await counts(replace(ASK, who=people.principal("manager"))) == (2, 2, 4)
    assert await counts(replace(ASK, filters={"team": frozenset({people.teams["south"].id})})) == (1, 1, 2)


async def test_values_are_checked_only_where_they_are_read(session: AsyncSession, make: Maker) -> None:
    customer = await make("customers", prospect_on="2020-01-01", phone="12")
    await make("contacts", customer_id=customer["id"], email="no", created_on="2020-01-01")
    sums = replace(ASK, dimensions=frozenset())
    assert sum(cell.checked for cell in await contacts(session, sums) + await customer_cards(session, sums)) == 0
    assert sum(cell.checked for cell in await contacts(session, ASK) + await customer_cards(session, ASK)) == 2
    assert sum(cell.checked for cell in await quality(session, sums)) == 2


async def test_what_is_at_stake_is_twelve_months_of_invoices(session: AsyncSession, make: Maker) -> None:
    customer = await make("customers", prospect_on="2020-01-01")
    contact = await make("contacts", customer_id=customer["id"], created_on="2020-01-01")
    for day in ("2026-11-23", "2025-11-24", "2025-11-23", "2026-11-24"):
        invoice = await make("invoices", customer_id=customer["id"])
        await session.execute(
            text("UPDATE invoices SET status = 'posted', issued_on = :day WHERE id = :id"),
            {"day": date.fromisoformat(day), "id": invoice["id"]},
        )
    assert by_record(await contacts(session, ASK))[contact["id"]].stake == Decimal("250.00")
    assert by_record(await customer_cards(session, ASK))[customer["id"]].stake == Decimal("250.00")


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records were handed to the search, each time it ran; nothing is remembered from other tests."""
    counted: list[int] = []
    for finder in duplicates._finders.values():
        monkeypatch.setattr(finder, "_found", OrderedDict())
        find = finder.find

        def counting(mark: Any, cards: list[Any], find: Any = find) -> Any:
            counted.append(len(cards))
            return find(mark, cards)

        monkeypatch.setattr(finder, "find", counting)
    return counted


async def test_records_in_an_unresolved_pair_are_marked(
    session: AsyncSession, make: Maker, searches: list[int]
) -> None:
    one = await make("customers", name="Acme SARL", city="Lyon", prospect_on="2020-01-01")
    two = await make("customers", name="ACME", city="Lyon", prospect_on="2020-01-01")
    other = await make("customers", name="Bolt", city="Lyon", prospect_on="2020-01-01")
    assert await duplicated(session, ASK) == {one["id"], two["id"]}
    marked = {cell.record for cell in await quality(session, ASK) if cell.duplicated}
    assert marked == {one["id"], two["id"]}
    assert searches == [3, 0]  # customers, contacts: once each, though asked twice

    await session.execute(update(Customer).where(Customer.id == other["id"]).values(name="Acme"))
    assert await duplicated(session, ASK) == {one["id"], two["id"], other["id"]}
    assert searches == [3, 0, 3]

    for pair in await duplicates.unresolved(session, "customers"):
        if other["id"] in (pair.first, pair.second):
            session.add(DuplicateDismissal(kind="customers", first_id=pair.first, second_id=pair.second))
    await session.flush()
    assert await duplicated(session, ASK) == {one["id"], two["id"]}
    await session.execute(update(Customer).where(Customer.id == two["id"]).values(merged_into_id=one["id"]))
    assert await duplicated(session, ASK) == frozenset()


async def test_uniqueness_is_asked_as_it_stood(session: AsyncSession, make: Maker) -> None:
    await make("customers", name="Acme", city="Lyon", prospect_on="2020-01-01")
    two = await make("customers", name="Bolt", city="Lyon", prospect_on="2020-01-01")
    before = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    assert isinstance(before, datetime)
    await session.execute(update(Customer).where(Customer.id == two["id"]).values(name="Acme"))
    assert len(await duplicated(session, ASK)) == 2
    assert await duplicated(session, replace(ASK, moment=before.astimezone(UTC))) == frozenset()
    assert len(await quality(session, replace(ASK, moment=before))) == 2
