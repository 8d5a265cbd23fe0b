"""What is kept of each day says what the documents say, whatever is written, from its commit on and as days pass."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from answers.little_company import DAY, Company, Writer
from answers.scribe import Scribe
from answers.test_kept_states import told
from cadran.answers import days
from cadran.answers.answer import Facts, answer
from cadran.answers.company import company
from cadran.answers.days import differences, keep_days
from cadran.answers.question import Question
from cadran.kit.db import Actor, Database
from cadran.metrics.facts import SummedCell
from cadran.metrics.kpi import Kpi
from cadran.metrics.periods import Period
from cadran.models.totals import day_sums, kept_facts, stale_totals
from cadran.queries.kept_days import FACTS, KEPT
from cadran.rules.principal import Principal

YEAR = Period(date(2025, 9, 1), date(2026, 9, 1))
UNEVEN = Period(date(2025, 2, 11), date(2026, 7, 4))
NOW = Period(DAY - timedelta(days=40), DAY + timedelta(days=20))


async def keep(session: AsyncSession, day: date = DAY) -> None:
    known = await company(session)
    while await keep_days(session, known, day):
        pass


def questions(known: Any, kpi: Kpi, people: list[UUID], teams: list[UUID], day: date) -> Iterator[Question]:
    whole = Question(known, None, YEAR, day, interval="month")
    yield from (whole, replace(whole, period=UNEVEN, interval=None), replace(whole, period=NOW, interval="day"))
    compared = replace(whole, period=NOW, interval=None, compare=("previous", "previous_year"))
    named = [name for name in ("rep", "team", "business_unit", "source") if name in kpi.dimensions]
    yield from (replace(compared, group_by=name) for name in named)
    yield replace(whole, group_by="rep", filters={"team": frozenset({teams[0], None})})
    manager = Principal(people[0], "M", "m@x.test", "manager", frozenset(teams[:1]), None, None, "fr")
    yield from (replace(compared, who=manager, group_by="rep"), replace(whole, who=replace(manager, role="rep")))


async def agree(session: AsyncSession, made: Company, day: date = DAY) -> None:
    """Every question, answered from what is kept and, once it is hidden, from the documents."""
    known = await company(session)
    people, teams = [row["id"] for row in made["users"]], [row["id"] for row in made["teams"]]
    asked = [(kpi, each) for kpi in KEPT.values() for each in questions(known, kpi, people, teams, day)]

    async def answers() -> list[Any]:
        found = [(kpi, await answer(session, kpi, each)) for kpi, each in asked]
        return [
            (told(kpi, one), [(window, result.value, result.components) for window, result in one.series])
            for kpi, one in found
        ]

    kept = await answers()
    async with session.begin_nested() as hidden:
        await session.execute(delete(kept_facts))
        true = await answers()
        await hidden.rollback()
    for (kpi, question), found, wanted in zip(asked, kept, true, strict=True):
        assert found == wanted, (kpi.name, question)


async def errors(session: AsyncSession, day: date = DAY) -> dict[str, int]:
    known = await company(session)
    found = {fact: await differences(session, known, fact, day) for fact in FACTS}
    return {fact: wrong for fact, wrong in found.items() if wrong}


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_written_and_as_days_pass(session: AsyncSession, seed: int) -> None:
    made = Writer(seed, 30).write()
    await made.store(session)
    await keep(session)
    there = select(day_sums.c.kpi, func.count()).group_by(day_sums.c.kpi)
    assert {name for name, n in await session.execute(there) if n > 5} == {*KEPT}
    await agree(session, made)
    scribe, day = Scribe(session, seed), DAY
    for _ in range(3):
        for _ in range(scribe.draw.randrange(10, 40)):
            await scribe.write()
        await agree(session, made, day)  # the days under a mark are read from the documents
        await keep(session, day)
        left = select(stale_totals.c.fact).where(stale_totals.c.fact.in_([*FACTS]), stale_totals.c.since <= day)
        assert not (await session.execute(left)).all()
        await agree(session, made, day)
        assert await errors(session, day) == {}
        day += timedelta(days=scribe.draw.randrange(1, 12))
        await agree(session, made, day)  # nobody has made the days since
    await keep(session, day)
    await agree(session, made, day)
    assert await errors(session, day) == {}


async def test_what_is_kept_is_what_answers(session: AsyncSession) -> None:
    await Writer(4, 30).write().store(session)
    await keep(session)
    known = await company(session)
    for kpi in KEPT.values():
        question = Question(known, None, YEAR, DAY)
        found = await Facts(session, kpi, question, [YEAR]).of(YEAR)
        assert found
        assert {type(cell) for cell in found[0]} == {SummedCell}, kpi.name
    await session.execute(text("UPDATE day_sums SET sums[1] = sums[1] + 1000 WHERE kpi = 'new_prospects'"))
    kpi = KEPT["new_prospects"]
    asked = Question(known, None, UNEVEN, DAY)
    value = (await answer(session, kpi, asked)).result.value
    assert value is not None
    assert value >= 1000
    assert await errors(session) != {}
    past = replace(asked, moment=known.end_of(DAY))
    assert ((await answer(session, kpi, past)).result.value or 0) < 1000
    by_class = replace(asked, group_by="customer_class")
    assert ((await answer(session, kpi, by_class)).result.value or 0) < 1000


async def test_a_write_without_its_mark_is_found(session: AsyncSession) -> None:
    await Writer(5, 20).write().store(session)
    await keep(session)
    await session.execute(text("ALTER TABLE leads DISABLE TRIGGER mark_delete"))
    await session.execute(text("DELETE FROM leads WHERE qualified_on <= '2026-07-01'"))
    await keep(session)
    assert set(await errors(session)) == {"leads"}
    await session.execute(stale_totals.insert().values(fact="leads", kind="all"))
    await keep(session)
    assert await errors(session) == {}


async def test_other_rules_and_a_truncation_make_everything_anew(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Writer(6, 20).write()
    await made.store(session)
    await keep(session)
    await session.execute(text("UPDATE settings SET attribution_days = 3"))
    await agree(session, made)
    await keep(session)
    await agree(session, made)
    assert await errors(session) == {}
    await session.execute(text("TRUNCATE leads"))
    await agree(session, made)
    await keep(session)
    assert not (await session.execute(select(day_sums.c.day).where(day_sums.c.kpi == "qualified_leads"))).all()
    monkeypatch.setattr(days, "MADE_BY", "another version")
    await session.execute(text("UPDATE day_sums SET sums[1] = sums[1] + 1000"))
    await agree(session, made)  # what another code has made is not read
    await keep(session)
    assert await errors(session) == {}


async def test_an_order_taken_while_the_first_one_is_cancelled(fresh_database: Database) -> None:
    """Each sees the other's past only: the second may have become the first by the time it is committed."""
    made = Writer(8, 30).write()
    confirmed = text("UPDATE orders SET status = 'confirmed', confirmed_on = :day, customer_id = :whose WHERE id = :id")
    async with fresh_database.session(Actor("test")) as session:
        await made.store(session)
        drafts = "UPDATE orders SET cancelled_on = NULL, closed_on = NULL, status = 'draft', confirmed_on = NULL"
        await session.execute(text(drafts))
        real = "SELECT id FROM customers WHERE NOT is_internal AND merged_into_id IS NULL LIMIT 1"
        customer = (await session.execute(text(real))).scalar_one()
        early, late = (await session.execute(text("SELECT id FROM orders ORDER BY id LIMIT 2"))).scalars().all()
        for order, day in ((early, date(2026, 3, 1)), (late, date(2026, 3, 30))):
            await session.execute(confirmed, {"id": order, "day": day, "whose": customer})
        await keep(session)
    async with fresh_database.session(Actor("slow")) as slow:
        between = await Scribe(slow, 1).repeat("orders", early)
        await slow.execute(confirmed, {"id": between, "day": date(2026, 3, 10), "whose": customer})
        async with fresh_database.session(Actor("quick")) as quick:
            cancelled = "UPDATE orders SET cancelled_on = '2026-03-02', status = 'cancelled' WHERE id = :id"
            await quick.execute(text(cancelled), {"id": early})
        async with fresh_database.session() as maker:
            await keep(maker)
    async with fresh_database.session() as session:
        await agree(session, made)
        await keep(session)
        await agree(session, made)
        assert await errors(session) == {}
