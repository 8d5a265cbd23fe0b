"""What is kept of each customer's states says what the documents say, whatever is written, from its commit on."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import column, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from answers.little_company import DAY, Company, Writer
from answers.scribe import CHANGED, REMOVED, Scribe
from cadran.answers import keeping_states
from cadran.answers.answer import answer
from cadran.answers.company import company
from cadran.answers.keeping_states import differences, keep_states
from cadran.answers.movement import movement_sums
from cadran.answers.parts import portfolio
from cadran.answers.question import Question
from cadran.answers.records import listed, page, rows
from cadran.kit.db import Actor, Database
from cadran.metrics.catalogue import BY_NAME
from cadran.metrics.kpi import Kpi
from cadran.metrics.listing import BIGGEST, listings
from cadran.metrics.periods import Period
from cadran.metrics.rounding import half_up
from cadran.models.totals import stale_totals, state_days, state_sums, state_totals
from cadran.queries import kept_states, state_marks
from cadran.queries.ask import Ask, one_reading
from cadran.queries.made_by import MADE_BY
from cadran.queries.registry import BY_PERIOD, HISTORIES, KEPT
from cadran.rules.principal import Principal

NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
PLANS = BY_NAME["action_plan_progress"]
YEAR_AGO = date(2025, 7, 15)  # as many working days into its month
WEEKS = Period(date(2026, 4, 27), date(2026, 7, 20))  # twelve, the last one with DAY in it
DIMENSIONS = ("rep", "team", "business_unit", "customer", "sector", "customer_class")


async def age(session: AsyncSession) -> None:
    """Half of the records were written years ago, says the log."""
    await session.execute(text("SET LOCAL statement_timeout = '60s'"))  # nobody has counted the rows: plans are odd
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await session.execute(
        text("UPDATE change SET at = at - interval '9 years' WHERE md5(record_id::text) < '8' AND at > '2020-01-01'")
    )
    for table in ("quotes", "orders", "invoices"):
        await session.execute(
            text(f"UPDATE {table} SET created_at = created_at - interval '9 years' WHERE md5(id::text) < '8'")
        )
    await session.execute(text("SET LOCAL session_replication_role = origin"))


async def is_kept(session: AsyncSession, day: date, moment: datetime | None = None) -> bool:
    return await kept_states.kept_day(session, Ask(moment, day, looked_back=moment is not None), MADE_BY) is not None


async def keep(session: AsyncSession, at_once: int = keeping_states.AT_ONCE) -> None:
    while await keep_states(session, NOON, at_once):
        pass


def questions(known: Any, people: list[UUID], teams: list[UUID]) -> Iterator[Question]:
    period = Period(DAY.replace(day=1), DAY + timedelta(days=17))
    whole = Question(company=known, who=None, period=period, day=DAY)
    yield whole
    yield from (replace(whole, group_by=dimension) for dimension in DIMENSIONS)
    yield replace(whole, filters={"team": frozenset({teams[0], None})}, group_by="rep")
    yield replace(whole, filters={"rep": frozenset(people[:2]), "sector": frozenset({"retail", None})})
    manager = Principal(people[0], "M", "m@x.test", "manager", frozenset(teams[:1]), None, None, "fr")
    yield replace(whole, who=manager, group_by="team")
    compared = replace(whole, period=Period(DAY.replace(day=1), date(2026, 8, 1)), compare=("previous_year",))
    yield from (replace(compared, group_by=dimension) for dimension in ("team", "customer", "sector"))
    yield replace(compared, filters={"team": frozenset({teams[0], None})}, group_by="rep")
    yield replace(compared, who=manager, group_by="team")
    yield replace(whole, who=replace(manager, role="rep"))


def told(kpi: Kpi, found: Any) -> Any:
    def of(result: Any) -> Any:
        # A quotient has no last digit: the order of a sum tells in the 28th.
        return result.value, result.components, {name: half_up(n, 12) for name, n in result.inputs.items() if n}

    return (
        of(found.result),
        [of(each.result) for each in found.comparisons],
        {key: (of(result), [of(each.result) for each in then]) for key, result, then in found.groups},
    )


async def agree(session: AsyncSession, made: Company) -> None:
    """Every question, answered from what is kept and, once it is hidden, from the documents."""
    known = await company(session)
    people, teams = [row["id"] for row in made["users"]], [row["id"] for row in made["teams"]]
    asked = list(questions(known, people, teams))
    kpis = [*KEPT.values(), *HISTORIES, *BY_PERIOD]
    assert await is_kept(session, DAY)
    assert await is_kept(session, YEAR_AGO, known.end_of(YEAR_AGO))

    async def answers() -> list[Any]:
        return [told(kpi, await answer(session, kpi, each)) for kpi in kpis for each in asked]

    async def deals() -> list[Any]:
        """The pipeline by stage and week by week, how it moved, and the biggest deals."""
        [kpi], found = BY_PERIOD, list[Any]()
        for each in (asked[0], asked[-1], next(one for one in asked if one.filters)):
            weeks = replace(each, group_by=None, compare=(), interval="week", period=WEEKS)
            series = (await answer(session, kpi, weeks)).series
            found.append([(window, result.value, result.components) for window, result in series])
            staged = replace(each, group_by="stage", compare=("previous_year",))
            found.append(told(kpi, await answer(session, kpi, staged)))
            found.append((await movement_sums(session, each, DAY.replace(day=1) - timedelta(days=1)), "movement"))
            found.append(told(PLANS, await answer(session, PLANS, replace(each, filters={}, group_by="rep"))))
            shown = (await listed(session, kpi, each, [BIGGEST], 3))[BIGGEST.name]
            found.append((shown.rows[:3], shown.count))
        return [replace(one[0], records={}) if one[-1] == "movement" else one for one in found]

    async def records() -> list[Any]:
        alone = [asked[0], asked[-1]]
        return [sorted(await rows(session, kpi, each), key=str) for kpi in KEPT.values() for each in alone]

    async def lists() -> list[Any]:
        """The first three records of each list, how many it holds, and the customers to watch."""
        found: list[Any] = []
        past = replace(asked[0], period=Period(YEAR_AGO.replace(day=1), YEAR_AGO + timedelta(days=1)))
        theirs = {id(one.who): one for one in asked}.values()
        for each in (past, *(replace(one, group_by=None, compare=()) for one in theirs)):
            for kpi in KEPT.values():
                shown = await listed(session, kpi, each, listings(kpi), 3)
                found.append({name: (one.rows[:3], one.count) for name, one in shown.items()})
                given, start, sums = await page(session, kpi, each, lambda rows: min(2, len(rows)), 2)
                found.append((given.rows[2:4], given.count, start, {name: half_up(n, 12) for name, n in sums.items()}))
            found.append(await portfolio(session, each))
        return found

    kept, behind, shown, pipeline = await answers(), await records(), await lists(), await deals()
    async with session.begin_nested() as hidden:
        await session.execute(delete(state_days))
        true, all_behind, all_shown, whole = await answers(), await records(), await lists(), await deals()
        await hidden.rollback()
    for place, (found, wanted) in enumerate(zip(kept, true, strict=True)):
        assert found == wanted, (kpis[place // len(asked)].name, asked[place % len(asked)])
    assert behind == all_behind
    for found, wanted in zip(pipeline, whole, strict=True):
        assert found == wanted
    for found, wanted in zip(shown, all_shown, strict=True):
        assert found == wanted


def keep_fewer(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Lists keep ``most`` records of each customer: of the others the documents are to be read."""
    shorter = {
        kpi.name: tuple(replace(listing, shown=min(listing.shown, most)) for listing in listings(kpi))
        for kpi in (*KEPT.values(), *BY_PERIOD)
    }
    monkeypatch.setattr(keeping_states, "listings", lambda kpi: shorter[kpi.name])
    monkeypatch.setattr(keeping_states, "LISTINGS", {name: lists[1:] for name, lists in shorter.items()})


@pytest.mark.parametrize(("seed", "most", "at_once"), [(0, 300, 250), (1, 1, 2), (2, 0, 250)])
async def test_whatever_is_written(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch, seed: int, most: int, at_once: int
) -> None:
    keep_fewer(monkeypatch, most)
    made = Writer(seed, 20).write()
    await made.store(session)
    await age(session)
    await keep(session, at_once)
    kept = select(state_sums.c.day, func.count().label("n")).group_by(state_sums.c.day)
    weeks = {WEEKS.start + timedelta(days=7 * each + 6) for each in range(11)}
    assert {row.day for row in await session.execute(kept) if row.n > 1} == {DAY, YEAR_AGO, *weeks}
    assert (
        await session.execute(select(func.count()).select_from(stale_totals).where(stale_totals.c.fact == "states"))
    ).scalar_one() == 0
    await agree(session, made)
    scribe = Scribe(session, seed)
    for _ in range(3):
        for _ in range(scribe.draw.randrange(10, 40)):
            await scribe.write()
        if (await session.execute(text("SELECT 1 FROM stale_totals WHERE kind = 'all' AND fact = 'states'"))).first():
            await keep(session, at_once)
        await agree(session, made)  # whom a mark names is read from the documents
        await keep(session, at_once)
        await agree(session, made)
        assert await differences(session) == 0


async def test_many_writers_and_one_who_keeps(fresh_database: Database) -> None:
    """Commits, roll-backs and makings at once: at each pause what is kept says what the documents say."""
    made = Writer(7, 14).write()
    async with fresh_database.session(Actor("test")) as session:
        await made.store(session)
        await age(session)

    async def writes(seed: int) -> None:
        for turn in range(12):
            try:
                async with fresh_database.session(Actor("writer")) as session:
                    scribe = Scribe(session, seed * 100 + turn)
                    for _ in range(scribe.draw.randrange(1, 6)):
                        await scribe.write()
                    if scribe.draw.random() < 0.2:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") not in ("40P01", "55P03"):  # in each other's way
                    raise

    async def keeps(stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with fresh_database.session() as session:
                await keep_states(session, NOON)
            await asyncio.sleep(0.005)

    async with fresh_database.session() as session:
        end = (await company(session)).end_of(YEAR_AGO)
    for round_ in range(3):
        stop = asyncio.Event()
        keeping = asyncio.create_task(keeps(stop))
        await asyncio.gather(*(writes(round_ * 10 + n) for n in range(6)))
        stop.set()
        await keeping
        async with fresh_database.session() as session:
            if await is_kept(session, DAY) and await is_kept(session, YEAR_AGO, end):
                await agree(session, made)
            await keep(session)
            await agree(session, made)
            assert await differences(session) == 0


_LINE = "SELECT o.customer_id FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE l.id = r.order_line_id"
OTHERS = ("leads", "plan_customers")  # which mark no customer
# Whose states a row of each table makes, looked up in another way than the marks are.
WHOSE = {
    **{name: "r.customer_id" for name in CHANGED if "customer_id" in CHANGED[name] and name not in OTHERS},
    "customers": "r.id",
    "order_lines": "(SELECT o.customer_id FROM orders o WHERE o.id = r.order_id)",
    "deliveries": f"({_LINE})",
    "invoice_lines": f"({_LINE})",
    "payments": "(SELECT i.customer_id FROM invoices i WHERE i.id = r.invoice_id)",
}


@pytest.mark.parametrize("table", WHOSE)
async def test_every_write_marks_whom_it_touches(session: AsyncSession, table: str) -> None:
    await Writer(4, 30).write().store(session)
    whose = text(f"SELECT r.id, {WHOSE[table]} AS customer FROM {table} r ORDER BY r.id")
    found = [row for row in await session.execute(whose) if row.customer is not None]
    assert len(found) > 2
    scribe = Scribe(session, 1)
    for row in found[:3]:
        for statement in (f"UPDATE {table} SET id = id WHERE id = :id", f"DELETE FROM {table} WHERE id = :id"):
            await session.execute(delete(stale_totals))
            try:
                async with session.begin_nested():
                    await session.execute(text(statement), {"id": row.id})
            except DBAPIError:
                continue  # others hold on to it
            assert row.customer in (await state_marks.stale(session))[0], statement
    await session.execute(delete(stale_totals))
    if table in set(REMOVED) - {"quotes"}:  # no two of one revision
        made = await scribe.repeat(table)
        whom = text(f"SELECT {WHOSE[table]} FROM {table} r WHERE r.id = :id")
        assert (await session.execute(whom, {"id": made})).scalar() in {None, *(await state_marks.stale(session))[0]}


async def test_a_write_marks_whom_its_document_hung_on(session: AsyncSession) -> None:
    """Kept as it stood, a day gone by may see the order with the customer it has been taken from since."""
    made = Writer(4, 30).write()
    await made.store(session)
    line = made["order_lines"][0]
    order = next(row for row in made["orders"] if row["id"] == line["order_id"])
    other = next(row["id"] for row in made["customers"] if row["id"] != order["customer_id"])
    elsewhere = next(row["id"] for row in made["orders"] if row["id"] != order["id"])
    for statement in (
        "UPDATE orders SET customer_id = :other WHERE id = :order",
        "UPDATE order_lines SET order_id = :elsewhere WHERE id = :line",
        "DELETE FROM stale_totals",
    ):
        values = {"other": other, "order": order["id"], "elsewhere": elsewhere, "line": line["id"]}
        await session.execute(
            text(statement), {name: value for name, value in values.items() if f":{name}" in statement}
        )
    delivery = "INSERT INTO deliveries (id, order_line_id, quantity, delivered_on) VALUES (:id, :line, 1, '2025-02-01')"
    await session.execute(text(delivery), {"id": uuid4(), "line": line["id"]})
    theirs = select(column("customer_id")).select_from(text("orders")).where(text("id = :id"))
    now = (await session.execute(theirs, {"id": elsewhere})).scalar()
    assert {order["customer_id"], other, now} <= (await state_marks.stale(session))[0]


async def test_deals_of_nobody_and_deals_that_moved_and_went(session: AsyncSession) -> None:
    """A quote changes a deal without a customer; a deal handed to another customer, then deleted, leaves the first."""
    made = Writer(9, 30).write()
    await made.store(session)
    await session.execute(text("UPDATE opportunities SET closed_on = NULL, status = 'open', opened_on = '2026-01-05'"))
    alone, moved = (await session.execute(text("SELECT id FROM opportunities ORDER BY id LIMIT 2"))).scalars().all()
    await session.execute(text("UPDATE opportunities SET customer_id = NULL WHERE id = :id"), {"id": alone})
    await session.execute(text("UPDATE quotes SET opportunity_id = NULL"))
    await session.execute(text("DELETE FROM quotes WHERE opportunity_id = :id"), {"id": moved})
    await keep(session)
    quote = (
        "UPDATE quotes SET opportunity_id = :id, status = 'sent', sent_on = '2026-07-01', decided_on = NULL,"
        " expires_on = NULL WHERE id = (SELECT id FROM quotes WHERE root_id IS NULL ORDER BY id LIMIT 1)"
    )
    await session.execute(text(quote), {"id": alone})
    await agree(session, made)
    await keep(session)
    await agree(session, made)
    other = (
        "UPDATE opportunities SET customer_id = (SELECT id FROM customers WHERE id IS DISTINCT FROM customer_id"
        " ORDER BY id LIMIT 1) WHERE id = :id"
    )
    await session.execute(text(other), {"id": moved})
    await keep(session)
    await session.execute(text("UPDATE leads SET opportunity_id = NULL"))
    await session.execute(text("UPDATE orders SET opportunity_id = NULL"))
    await session.execute(text("UPDATE visits SET opportunity_id = NULL"))
    await session.execute(text("DELETE FROM opportunities WHERE id = :id"), {"id": moved})
    await agree(session, made)
    await keep(session)
    await agree(session, made)
    assert await differences(session) == 0


async def test_a_write_without_its_mark_is_found(session: AsyncSession) -> None:
    """Were a trigger missing, these tests and ``cadran verify`` would tell."""
    await Writer(3, 12).write().store(session)
    await keep(session)
    await session.execute(text("ALTER TABLE contacts DISABLE TRIGGER mark_update"))
    await session.execute(text("UPDATE contacts SET job_title = NULL, department = 'Purchasing'"))
    assert await state_marks.stale(session) == (frozenset(), False)
    assert await differences(session) > 0
    await session.execute(stale_totals.insert().values(fact="states", kind="all"))
    await keep(session)
    assert await differences(session) == 0


async def test_another_day_other_rules_and_a_truncation(session: AsyncSession) -> None:
    made = Writer(5, 12).write()
    await made.store(session)
    await keep(session)
    await session.execute(text("UPDATE settings SET default_cycle_days = 20, follow_up_working_days = 1"))
    assert not await is_kept(session, DAY)
    await keep(session)
    await agree(session, made)
    await session.execute(text("TRUNCATE deliveries"))
    assert not await is_kept(session, DAY)
    await keep(session)
    await agree(session, made)
    evening = NOON + timedelta(hours=9)
    while await keep_states(session, evening):
        pass
    tomorrow, year_before = DAY + timedelta(days=1), YEAR_AGO + timedelta(days=1)
    whole = select(state_days.c.day).where(state_days.c.part == "all").order_by(state_days.c.day)
    days = list((await session.execute(whole)).scalars())
    assert days == [YEAR_AGO, year_before, DAY, tomorrow]
    while await keep_states(session, evening + timedelta(hours=6)):
        pass
    assert set((await session.execute(whole)).scalars()) == {year_before, tomorrow}
    there = set((await session.execute(select(state_sums.c.day))).scalars())
    assert there == set((await session.execute(select(state_days.c.day))).scalars())
    assert await differences(session) == 0
    await session.execute(update(state_days).values(made_by="an older version"))
    assert not await is_kept(session, tomorrow)


@pytest.mark.parametrize("again", [False, True])
async def test_a_day_made_anew_under_a_reading(session: AsyncSession, again: bool) -> None:
    """The reading found the day whole; what is left of it, or made by other rules since, is not what it found."""
    await Writer(3, 12).write().store(session)
    known = await company(session)
    asked = Question(known, None, Period(DAY, DAY + timedelta(days=1)), DAY, group_by="rep")
    true = [told(kpi, await answer(session, kpi, asked)) for kpi in KEPT.values()]
    listed = [sorted(await rows(session, kpi, asked), key=str) for kpi in KEPT.values()]
    await keep(session)
    with one_reading(session):
        assert await is_kept(session, DAY)
        async with session.begin_nested():  # somebody else's transaction
            await session.execute(update(state_days).values(done=again, upto=None))
            await session.execute(delete(state_sums))
            await session.execute(delete(state_totals))
        assert [told(kpi, await answer(session, kpi, asked)) for kpi in KEPT.values()] == true
        assert [sorted(await rows(session, kpi, asked), key=str) for kpi in KEPT.values()] == listed
