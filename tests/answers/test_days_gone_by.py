"""Days gone by are kept as they stood while somebody asks for them."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from answers.little_company import DAY, Writer
from answers.test_kept_states import NOON, YEAR_AGO, keep, told
from cadran.answers import keeping_states
from cadran.answers.answer import answer
from cadran.answers.company import company
from cadran.answers.keeping_states import differences, keep_states
from cadran.answers.question import Question
from cadran.kit.db import Database
from cadran.metrics.kpi import Kpi
from cadran.metrics.periods import Period
from cadran.models.totals import stale_totals, state_days
from cadran.queries import state_marks
from cadran.queries.registry import BY_PERIOD, KEPT
from cadran.queries.state_marks import stale


def month_of(month: int) -> Period:
    return Period(date(2026, month, 1), date(2026, month + 1, 1))


async def test_a_day_gone_by_is_kept_while_it_is_asked_for(fresh_database: Database) -> None:
    made = Writer(6, 12).write()
    async with fresh_database.session() as session:
        await made.store(session)
        await keep(session)
        known = await company(session)
    kpi = KEPT["outstanding"]

    async def ask(month: int, **more: Any) -> Any:
        async with fresh_database.session() as session:
            return told(kpi, await answer(session, kpi, Question(known, None, month_of(month), DAY, **more)))

    async def days(after: timedelta = timedelta()) -> set[date]:
        async with fresh_database.session() as session:
            while await keep_states(session, NOON + after):
                pass
            whole = select(state_days.c.day).where(state_days.c.part == "all")
            return set((await session.execute(whole)).scalars()) - {DAY, YEAR_AGO}

    before = await ask(3)
    assert await days() == {date(2026, 3, 31)}
    async with fresh_database.session() as session:
        await session.execute(
            text("UPDATE state_totals SET sums = '{0,0,0,0,0,0,0,0,0,0,0,0}' WHERE day = '2026-03-31'")
        )
    assert await ask(3) != before  # what is kept is read
    async with fresh_database.session() as session:
        assert await differences(session) > 0
        await session.execute(stale_totals.insert().values(fact="states", kind="all"))
    assert await days() == {date(2026, 3, 31)}
    assert await ask(3) == before
    # Looked at from then, rules and all: read from the documents, and no reason to keep it.
    end = known.end_of(date(2026, 2, 28))
    await ask(2, moment=end)
    for month in (1, 4, 5, 6):
        await ask(month)
    await ask(3, compare=("previous_year",))
    assert await days() == {date(2026, month, {1: 31, 3: 31, 4: 30, 5: 31, 6: 30}[month]) for month in (1, 3, 4, 5, 6)}
    year_ago = {DAY, YEAR_AGO, YEAR_AGO + timedelta(days=1), YEAR_AGO + timedelta(days=7), DAY + timedelta(days=7)}
    assert await days(timedelta(days=7)) - year_ago == set()


async def long_ago(session: AsyncSession) -> None:
    """All that is there was written years before the day a year ago, says the log."""
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await session.execute(text("UPDATE change SET at = '2024-05-01'"))
    for table in ("customers", "contacts", "opportunities", "quotes"):
        await session.execute(text(f"UPDATE {table} SET created_at = '2024-05-01'"))
    await session.execute(text("SET LOCAL session_replication_role = origin"))


async def both(session: AsyncSession, kpi: Kpi) -> tuple[Any, Any]:
    """The answer with that of a year ago, as kept and by the documents."""
    known = await company(session)
    asked = Question(known, None, month_of(7), DAY, compare=("previous_year",))
    kept = told(kpi, await answer(session, kpi, asked))
    async with session.begin_nested() as hidden:
        await session.execute(delete(state_days))
        true = told(kpi, await answer(session, kpi, asked))
        await hidden.rollback()
    return kept, true


async def test_a_quote_deleted_with_its_later_version(session: AsyncSession) -> None:
    """Then the first version, which the later one had replaced, counts for its own deal again."""
    await Writer(3, 12).write().store(session)
    real = text("SELECT id FROM customers WHERE NOT is_internal AND merged_into_id IS NULL ORDER BY id LIMIT 2")
    one, other = (await session.execute(real)).scalars().all()
    ids = {"deal": uuid4(), "first": uuid4(), "second": uuid4(), "one": one, "other": other}

    async def write(*statements: str) -> None:
        for statement in statements:
            await session.execute(text(statement), {name: key for name, key in ids.items() if f":{name}" in statement})

    columns = "customer_id, status, currency, id, root_id, opportunity_id, revision, sent_on, base_amount"
    quote = f"INSERT INTO quotes ({columns})"
    await write(
        "INSERT INTO opportunities (id, name, customer_id, status, opened_on, budget, currency, probability)"
        " VALUES (:deal, 'Deal', :other, 'open', '2025-01-05', 100, 'EUR', 1)",
        f"{quote} VALUES (:one, 'sent', 'EUR', :first, NULL, :deal, 1, '2025-02-01', 7000)",
    )
    await long_ago(session)
    await write(f"{quote} VALUES (:one, 'sent', 'EUR', :second, :first, NULL, 2, '2025-03-01', 9000)")
    await keep(session)
    [kpi] = BY_PERIOD
    kept, true = await both(session, kpi)
    assert kept == true
    await write("DELETE FROM quotes WHERE id = :second", "DELETE FROM quotes WHERE id = :first")
    kept, true = await both(session, kpi)
    assert kept == true
    await keep(session)
    kept, true = await both(session, kpi)
    assert kept == true
    assert await differences(session) == 0


async def test_a_customer_deleted_since(session: AsyncSession) -> None:
    await Writer(3, 12).write().store(session)
    gone = {"id": uuid4()}
    await session.execute(
        text("INSERT INTO customers (id, name, prospect_on) VALUES (:id, 'Gone', '2024-05-01')"), gone
    )
    await long_ago(session)
    await session.execute(text("DELETE FROM customers WHERE id = :id"), gone)
    await keep(session)
    kpi = KEPT["customer_completeness"]
    kept, true = await both(session, kpi)
    assert kept == true
    await session.execute(text("DELETE FROM state_sums WHERE customer = :id"), gone)
    assert await differences(session) > 0


async def test_what_is_written_meanwhile_is_made_again_too(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Writer(3, 12).write().store(session)
    await keep(session)
    await session.execute(text("UPDATE customers SET verified_on = '2026-01-01'"))
    usual, written = keeping_states._make_again, 0

    async def meanwhile(*given: Any) -> None:
        nonlocal written
        await usual(*given)
        written += 1
        if written < 3:
            await session.execute(text("UPDATE customers SET verified_on = '2026-01-02'"))

    monkeypatch.setattr(keeping_states, "_make_again", meanwhile)
    await keep(session, 5)
    assert written > 3
    assert await stale(session) == (frozenset(), False)
    assert await differences(session) == 0


async def test_a_mark_of_everybody_that_comes_meanwhile_stays(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Writer(3, 12).write().store(session)
    await keep(session)
    usual = keeping_states.oldest

    async def later(session: AsyncSession, most: int) -> state_marks.Marks:
        await session.execute(text("UPDATE settings SET default_cycle_days = 20"))
        return await usual(session, most)

    monkeypatch.setattr(keeping_states, "oldest", later)
    await session.execute(text("UPDATE customers SET verified_on = '2026-01-01'"))
    await keeping_states.keep_states(session, NOON)
    assert (await stale(session))[1]


async def test_more_marks_than_are_looked_up_at_once(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer written to many times is made again once, with all the marks that name it."""
    monkeypatch.setattr(state_marks, "MOST", 4)
    made = Writer(5, 12).write()
    await made.store(session)
    await keep(session)
    for day in ("2026-01-02", "2026-01-03", "2026-01-04"):
        await session.execute(
            text("UPDATE orders SET updated_at = now() WHERE confirmed_on < :day"), {"day": date.fromisoformat(day)}
        )
        await session.execute(text("UPDATE visits SET updated_at = now()"))
        await session.execute(text("UPDATE order_lines SET position = position"))
    marks = await state_marks.oldest(session, 2)
    assert marks.more
    assert len(marks.of(frozenset(marks.whom(2)))) > 4
    await keep(session, 2)
    assert await stale(session) == (frozenset(), False)
    assert await differences(session) == 0
