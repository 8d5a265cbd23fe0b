"""What is kept is what answers: changed by hand, it shows."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from answers.little_company import DAY, Writer
from answers.test_kept_states import keep
from cadran.answers.answer import answer
from cadran.answers.company import company
from cadran.answers.keeping_states import differences
from cadran.answers.parts import portfolio
from cadran.answers.question import Question
from cadran.answers.records import listed
from cadran.metrics.listing import listings
from cadran.metrics.periods import Period
from cadran.queries.registry import HISTORIES, KEPT


async def test_the_sums_by_rep_are_read(session: AsyncSession) -> None:
    """Changed by hand they show: the documents are not read where what is kept holds."""
    await Writer(3, 12).write().store(session)
    await keep(session)
    known = await company(session)
    asked = Question(known, None, Period(DAY.replace(day=1), DAY + timedelta(days=1)), DAY)
    kpi = KEPT["contact_completeness"]
    before = (await answer(session, kpi, asked)).result
    await session.execute(text("UPDATE state_totals SET sums[3] = sums[3] + 100 WHERE kpi = 'contact_completeness'"))
    assert (await answer(session, kpi, asked)).result.inputs["count"] > before.inputs["count"]
    assert await differences(session) > 0
    month, [churn] = replace(asked, period=Period(DAY.replace(day=1), date(2026, 8, 1))), HISTORIES
    base = (await answer(session, churn, month)).result.inputs["base"]
    await session.execute(
        text("UPDATE state_totals SET sums[2] = sums[2] + 9 WHERE kpi LIKE 'churn_rate 2026-07-01 %'")
    )
    assert (await answer(session, churn, month)).result.inputs["base"] > base
    await session.execute(
        text("UPDATE state_totals SET sums[1] = sums[1] + 100 WHERE kpi = 'count of contact_completeness'")
    )
    assert (await listed(session, kpi, asked, [listings(kpi)[0]], 1))[kpi.name].count > before.inputs["count"]
    past = replace(asked, day=DAY - timedelta(days=1))
    assert (await answer(session, kpi, past)).result.inputs["count"] <= before.inputs["count"]


async def test_a_list_is_read_where_it_is_kept(session: AsyncSession) -> None:
    """What is told of a record is what was kept of it; told otherwise by hand, it is told and found wrong."""
    await Writer(3, 12).write().store(session)
    await keep(session)
    known = await company(session)
    asked = Question(known, None, Period(DAY.replace(day=1), DAY + timedelta(days=1)), DAY)
    kpi, [listing] = KEPT["customer_completeness"], listings(KEPT["customer_completeness"])[1:]
    before = (await listed(session, kpi, asked, [listing], 3))[listing.name]
    assert before.rows[0].details["weight"] == 1
    assert await differences(session) == 0
    changed = text("UPDATE state_ranks SET told = replace(told, :one, :seven) WHERE list = :list")
    await session.execute(changed, {"list": listing.name, "one": '"weight":1', "seven": '"weight":7'})
    after = (await listed(session, kpi, asked, [listing], 3))[listing.name]
    assert [row.id for row in after.rows[:3]] == [row.id for row in before.rows[:3]]
    assert after.rows[0].details["weight"] == 7
    assert await differences(session) > 0


async def test_the_customers_to_watch_are_read_where_they_are_kept(session: AsyncSession) -> None:
    await Writer(3, 12).write().store(session)
    await keep(session)
    known = await company(session)
    asked = Question(known, None, Period(DAY.replace(day=1), DAY + timedelta(days=1)), DAY)
    before = await portfolio(session, asked)
    await session.execute(text("UPDATE state_totals SET sums[1] = sums[1] + 100 WHERE kpi = 'to watch'"))
    after = await portfolio(session, asked)
    assert after["over_limit"] >= before["over_limit"] + 100  # of each rep
    assert after["items"] == before["items"]
    assert await differences(session) > 0
