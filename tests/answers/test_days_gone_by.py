"""Days gone by are kept as they stood while somebody asks for them."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text

from answers.little_company import DAY, Writer
from answers.test_kept_states import NOON, YEAR_AGO, keep, told
from cadran.answers.answer import answer
from cadran.answers.company import company
from cadran.answers.keeping_states import differences, keep_states
from cadran.answers.question import Question
from cadran.kit.db import Database
from cadran.metrics.periods import Period
from cadran.models.totals import stale_totals, state_days
from cadran.queries.registry import KEPT


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
