"""Which records look like one, as it is kept: what comparing all of them says, at any moment, whatever is written."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers import keeping_duplicates
from cadran.answers.keeping_duplicates import differences, keep_duplicates
from cadran.kit.db import Actor, Database
from cadran.kit.problems import Problem
from cadran.models import Contact, Customer
from cadran.models.totals import stale_totals
from cadran.queries import duplicates
from cadran.queries.duplicates import KINDS, look_alikes
from factories import Maker

NAMES = ("Acme", "ACME SARL", "Acmé Lyon", "Bolt", "Bolt & fils", None)
FIRST, LAST = ("Zoé", "Zoe", "Paul", None), ("Martin", "Martyn", "Durand")
EMAILS, CITIES = ("a@x.test", "b@x.test", None), ("Lyon", "Lille", None)


async def keep(session: AsyncSession, at_once: int = keeping_duplicates.AT_ONCE) -> None:
    while await keep_duplicates(session, at_once):
        pass


async def write(session: AsyncSession, draw: random.Random) -> None:
    """One write of any kind to a customer or a contact, by SQL as an integrator might."""
    customers = list((await session.execute(select(Customer.id))).scalars())
    contacts = list((await session.execute(select(Contact.id))).scalars())
    customer = draw.choice(customers)
    card = {"name": draw.choice(NAMES), "city": draw.choice(CITIES), "email": draw.choice(EMAILS)}
    person = {"first_name": draw.choice(FIRST), "last_name": draw.choice(LAST), "email": draw.choice(EMAILS)}
    step = draw.randrange(10)
    if step == 0 and len(customers) < 12:
        await session.execute(insert(Customer).values(**{**card, "name": card["name"] or "Autre"}))
    elif step == 1 and len(contacts) < 12:
        await session.execute(insert(Contact).values(**person, customer_id=draw.choice([customer, None])))
    elif step == 2 and len(contacts) > 4:
        await session.execute(delete(Contact).where(Contact.id == draw.choice(contacts)))
    elif step == 3:
        await session.execute(
            update(Contact).where(Contact.id == draw.choice(contacts)).values(customer_id=draw.choice([customer, None]))
        )
    elif step == 4:
        await session.execute(
            update(Customer).where(Customer.id == customer).values(is_internal=draw.random() < 0.3, merged_into_id=None)
        )
    elif step == 5:
        other = draw.choice([each for each in customers if each != customer])
        await session.execute(update(Customer).where(Customer.id == customer).values(merged_into_id=other))
    elif step == 6:
        await session.execute(update(Customer).where(Customer.id == customer).values(notes=str(draw.random())))
    elif step == 7 and card["name"]:
        await session.execute(update(Customer).where(Customer.id == customer).values(**card))
    else:
        await session.execute(update(Contact).where(Contact.id == draw.choice(contacts)).values(**person))


async def company_of(make: Maker, draw: random.Random, count: int = 6) -> None:
    customers = [await make("customers", name=NAMES[n % 5], city=draw.choice(CITIES)) for n in range(count)]
    for n in range(count):
        await make(
            "contacts", first_name=FIRST[n % 3], last_name=draw.choice(LAST), customer_id=customers[n // 2]["id"]
        )


async def forget(session: AsyncSession) -> None:
    """Half of the records were there before anything was logged."""
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await session.execute(text("DELETE FROM change WHERE md5(record_id::text) < '8'"))
    await session.execute(text("SET LOCAL session_replication_role = origin"))


async def compared_anew(session: AsyncSession, moment: datetime | None) -> list[Any]:
    return [await duplicates._all_compared(session, kind, moment) for kind in KINDS]


async def kept(session: AsyncSession, moment: datetime | None) -> list[Any]:
    found = [await duplicates._kept(session, kind, moment) for kind in KINDS]
    assert None not in found
    return found


async def now(session: AsyncSession) -> datetime:
    moment: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return moment.astimezone(UTC)


@pytest.mark.parametrize("seed", range(8))
async def test_kept_and_compared_anew_agree(session: AsyncSession, make: Maker, seed: int) -> None:
    draw = random.Random(seed)
    await company_of(make, draw)
    await forget(session)
    moments: list[datetime | None] = [None, datetime(2020, 1, 1, tzinfo=UTC), await now(session)]
    await keep(session, 4)
    seen = 0
    for _ in range(8):
        for _ in range(draw.randrange(1, 5)):
            await write(session, draw)
        moments.append(await now(session))
        if draw.random() < 0.5:
            await keep_duplicates(session, draw.choice([1, 3]))
        for moment in moments:
            expected = await compared_anew(session, moment)
            assert await kept(session, moment) == expected, moment
            seen += sum(map(len, expected))
        assert await differences(session) == 0
    assert seen > 20
    await keep(session)
    assert not (await session.execute(stale_totals.select().where(stale_totals.c.fact == "duplicates"))).all()
    for moment in moments:
        assert await kept(session, moment) == await compared_anew(session, moment), moment
    assert await differences(session) == 0


async def test_a_first_making_is_taken_up_where_it_stopped(session: AsyncSession, make: Maker) -> None:
    await company_of(make, random.Random(1), 5)
    assert await keep_duplicates(session, 2)
    assert await keep_duplicates(session, 2)
    assert await duplicates._kept(session, "contacts", None) is None  # not yet: all are compared by who asks
    found = await look_alikes(session, "contacts")
    await keep(session, 2)
    assert await duplicates._kept(session, "contacts", None) == found != []
    assert not await keep_duplicates(session, 2)


async def test_what_other_rules_made_is_made_anew(
    session: AsyncSession, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await company_of(make, random.Random(2))
    await keep(session)
    for module in (duplicates, keeping_duplicates):
        monkeypatch.setattr(module, "MADE_BY", "other rules")
    assert await duplicates._kept(session, "contacts", None) is None
    await keep(session)
    assert await kept(session, None) == await compared_anew(session, None)


async def test_a_wrong_card_or_pair_is_found(session: AsyncSession, make: Maker) -> None:
    await company_of(make, random.Random(3))
    await keep(session)
    assert await differences(session) == 0
    for statement in (
        "DELETE FROM duplicate_pairs",
        "UPDATE duplicate_pairs SET score = 0.9",
        "UPDATE duplicate_cards SET place = 'x'",
        "DELETE FROM duplicate_cards WHERE kind = 'customers'",
    ):
        async with session.begin_nested() as point:
            await session.execute(text(statement))
            assert await differences(session) > 0, statement
            await point.rollback()


async def test_too_many_marks_have_all_compared(
    session: AsyncSession, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await company_of(make, random.Random(4))
    await keep(session)
    await session.execute(update(Contact).values(last_name="Martin", first_name="Zoé"))
    expected = await compared_anew(session, None)
    assert await kept(session, None) == expected
    monkeypatch.setattr(duplicates, "marked", partial(duplicates.marked, most=3))
    assert await duplicates._kept(session, "contacts", None) is None
    assert await look_alikes(session, "contacts") == expected[1]


async def test_what_would_take_minutes_is_not_begun(
    session: AsyncSession, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "LARGE", 5)
    await company_of(make, random.Random(5))
    with pytest.raises(Problem) as raised:
        await look_alikes(session, "contacts")
    assert raised.value.status == 503
    await keep(session)
    assert await look_alikes(session, "contacts")


Written = Callable[..., Awaitable[UUID]]


@pytest.fixture
def written(session: AsyncSession) -> Written:
    """Writes a customer: a new one, or one there is."""

    async def write(one: UUID | None = None, **values: Any) -> UUID:
        if one is not None:
            await session.execute(update(Customer).where(Customer.id == one).values(**values))
            return one
        new: UUID = (await session.execute(insert(Customer).values(**values).returning(Customer.id))).scalar_one()
        return new

    return write


async def one_pair(session: AsyncSession) -> None:
    """Right after the write, and once it is made; whether anything had been made before."""
    for _ in range(2):
        if await duplicates._kept(session, "customers", None) is not None:
            assert [len(found) for found in await kept(session, None)] == [1, 0]
        assert [len(found) for found in await compared_anew(session, None)] == [1, 0]
        await keep(session)
        assert await differences(session) == 0


async def test_what_records_once_said_hides_nobody(session: AsyncSession, written: Written) -> None:
    twins = [await written(name="Zeta Industrie", city="Lyon", email="a@zeta.test") for _ in range(2)]
    for n in range(20):
        for one in twins:
            await written(one, phone=f"047800{n:02}{twins.index(one)}1")
    await one_pair(session)


@pytest.mark.parametrize("making", [True, False])
async def test_who_had_a_key_once_hides_nobody(session: AsyncSession, written: Written, making: bool) -> None:
    for n in range(20):
        other = await written(name=f"Acme M{n:02}", email="x@acme.test", phone="0478123456")
        await written(other, email=f"m@other{n}.test", phone=None)
    if making:
        await keep(session)
    for name in ("Acme A Lyon", "Acme Z Lyon"):
        await written(name=name, email="x@acme.test", phone="0478123456")
    await one_pair(session)


@pytest.mark.parametrize("making", [True, False])
async def test_who_was_merged_hides_nobody(session: AsyncSession, written: Written, making: bool) -> None:
    ends = [await written(name=f"Acme {name} Lyon", email="x@acme.test", phone="0478123456") for name in "AZ"]
    between = [await written(name=f"Acme M{n:02}", email="x@acme.test", phone="0478123456") for n in range(20)]
    if making:
        await keep(session)
    for other in between:
        await written(other, merged_into_id=ends[0])
    if making:
        await keep(session)  # they stand side by side only now
    await one_pair(session)


async def test_another_id_takes_the_pairs_along(session: AsyncSession, written: Written) -> None:
    one, _ = [await written(name="Acme", city="Lyon") for _ in range(2)]
    await one_pair(session)
    await session.execute(update(Customer).where(Customer.id == one).values(id=uuid4()))
    await one_pair(session)


async def test_a_contact_shows_once_its_customer_is_real(session: AsyncSession, make: Maker, written: Written) -> None:
    hidden = await written(name="Acme", city="Lyon", is_internal=True)
    contact = await make("contacts", customer_id=hidden, first_name="Zoé", last_name="Martin", email="zoe@x.test")
    await make("contacts", first_name="Zoe", last_name="Martin", email="zoe@x.test", customer_id=None)
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await session.execute(text("DELETE FROM change WHERE resource = 'contacts'"))
    await session.execute(text("SET LOCAL session_replication_role = origin"))
    await session.execute(update(Contact).where(Contact.id == contact["id"]).values(customer_id=None))
    await keep(session)
    await written(hidden, is_internal=False)
    for moment in (None, datetime(2020, 1, 1, tzinfo=UTC)):
        assert await kept(session, moment) == await compared_anew(session, moment)
    await keep(session)
    assert await differences(session) == 0


async def test_a_crowd_costs_no_more_than_its_neighbours(session: AsyncSession, make: Maker) -> None:
    """Of a key that many share each is compared with the nearest by name, those there were when it was written."""
    customer = await make("customers", name="Acme")
    names = [f"{a}{b}{c}" for a in "bcdfg" for b in "aeiou" for c in ("lin", "mar", "ton", "ves")]
    for name in names:
        await session.execute(
            insert(Contact).values(last_name=name, first_name="Zoé", phone="0478000001", customer_id=customer["id"])
        )
    await keep(session)
    await session.execute(
        insert(Contact).values(last_name="balin", first_name="Zoe", phone="0478000001", customer_id=customer["id"])
    )
    pairs = await duplicates._kept(session, "contacts", None)
    assert pairs is not None
    twice = await session.execute(select(Contact.id).where(Contact.last_name == "balin"))
    assert frozenset(twice.scalars()) in {frozenset((pair.first, pair.second)) for pair in pairs}
    await keep(session)
    assert await duplicates._kept(session, "contacts", None) == pairs
    assert await differences(session) == 0
    # That not all are compared excuses no pair that is none.
    two = "SELECT min(id::text)::uuid, max(id::text)::uuid FROM contacts WHERE last_name IN ('bavin', 'guves', 'balin')"
    pair = f"SELECT 'contacts', a, b, '-infinity', 'infinity', 0.99, '{{name}}' FROM ({two}) two (a, b)"
    columns = "kind, first, second, since, until, score, reasons"
    await session.execute(text(f"INSERT INTO duplicate_pairs ({columns}) {pair}"))
    assert await differences(session) > 0


async def test_a_truncation_has_all_made_anew(fresh_database: Database) -> None:
    async with fresh_database.session(Actor("test")) as session:
        await session.execute(insert(Customer), [{"name": name} for name in ("Acme", "Acme", "Bolt")])
    async with fresh_database.session() as session:
        await keep(session)
        assert len(await look_alikes(session, "customers")) == 1
        before = await now(session)
    async with fresh_database.session(Actor("test")) as session:
        await session.execute(text("TRUNCATE customers CASCADE"))
        assert await look_alikes(session, "customers") == []
        await session.execute(insert(Customer), [{"name": name} for name in ("Acme", "Bolt", "Bolt", "Bolt")])
    async with fresh_database.session() as session:
        await keep(session)
        for moment in (None, before):
            assert await kept(session, moment) == await compared_anew(session, moment)
        assert len(await look_alikes(session, "customers")) == 3
        assert await differences(session) == 0
