"""Sums kept by day and month say what the documents say, whatever is written, by whomever, and from its commit on."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.answers.keeping import keeping, rebuild, verify
from cadran.kit.db import Actor, Database
from cadran.metrics.counting import invoice_counts, order_counts, order_measure, signed_invoice_amount
from cadran.metrics.facts import InvoiceCell, OrderCell
from cadran.metrics.kpi import Context
from cadran.metrics.periods import Period
from cadran.models import Order, Settings
from cadran.models.totals import MEASURES, order_totals, stale_totals
from cadran.queries.ask import Ask, bucket, cells, within
from cadran.queries.flows import INVOICE_TOTALS, ORDER_TOTALS, TOTALS
from cadran.queries.kept_days import FACTS as BY_DAY
from cadran.queries.totals import Totals, answers, cells_of, cover, differences, refresh
from factories import Maker, People, hire

TODAY = date(2026, 11, 23)
NOTHING = dict.fromkeys(("orders", "invoices", *BY_DAY, "states", "duplicates"), 0)  # that ``verify`` finds wrong
KINDS = {"orders": OrderCell, "invoices": InvoiceCell}
Sums = dict[Any, list[Decimal]]


def summed(found: list[Any], ask: Ask) -> Sums:
    """What the metrics make of the cells, by bucket and dimension."""
    context = Context(day=ask.day, period=Period(ask.bounds[0], ask.bounds[-1]))
    sums: Sums = defaultdict(lambda: [Decimal(0)] * 6)
    for cell in found:
        if isinstance(cell, OrderCell):
            made = [order_measure(name, cell, context) for name in MEASURES]
            made.append(Decimal(cell.n if order_counts(cell, ask.day) else 0))
        else:
            made = [signed_invoice_amount(cell, context), Decimal(cell.n if invoice_counts(cell, context) else 0)]
        key = (cell.day, cell.rep, cell.team, cell.business_unit)
        sums[key] = [have + more for have, more in zip(sums[key], [*made, *[Decimal(0)] * 6], strict=False)]
    return {key: values for key, values in sums.items() if any(values)}


async def both(session: AsyncSession, totals: Totals, ask: Ask) -> tuple[Sums, Sums]:
    """The question answered from the sums kept and from the documents, seen at one moment."""
    kind = KINDS[totals.fact]
    documents = totals.rows(ask, lambda on: bucket(ask, on), lambda on: within(ask, on))
    return (
        summed(await cells(session, cells_of(totals, ask), kind), ask),
        summed(await cells(session, documents, kind), ask),
    )


def questions(people: People) -> Iterator[Ask]:
    months = [date(2025 + (m // 12), m % 12 + 1, 1) for m in range(25)]
    year = (date(2026, 1, 1), date(2027, 1, 1))
    november = tuple(date(2026, 11, 1) + timedelta(days=n) for n in range(31))
    rep, north = people["rep"].id, people.teams["north"].id
    yield Ask(None, TODAY, bounds=year)
    yield Ask(None, TODAY, bounds=tuple(months), dimensions=frozenset({"rep"}))
    yield Ask(None, TODAY, bounds=november, dimensions=frozenset({"team", "business_unit"}))
    yield Ask(None, TODAY, bounds=(date(2025, 3, 14), date(2026, 11, 9)), filters={"team": frozenset({north})})
    yield Ask(None, TODAY, bounds=year, filters={"rep": frozenset({rep, None})}, who=people.principal("manager"))
    spans = (Period(date(2025, 11, 1), date(2025, 11, 20)), Period(date(2026, 10, 15), date(2026, 11, 24)))
    yield Ask(None, TODAY, bounds=tuple(day for span in spans for day in (span.start, span.end)), spans=spans)


async def agree(session: AsyncSession, people: People) -> None:
    for totals in TOTALS:
        assert await differences(session, totals, TODAY) == 0
        for ask in questions(people):
            assert answers(ask)
            kept, true = await both(session, totals, ask)
            assert kept == true, (totals.fact, ask)


class Trader:
    """Writes whatever a company may write, at random."""

    def __init__(self, session: AsyncSession, people: People, customers: list[UUID], seed: int) -> None:
        self.session, self.people, self.customers, self.draw = session, people, customers, random.Random(seed)

    def day(self) -> date:
        return TODAY - timedelta(days=int(self.draw.expovariate(1 / 90)) - 5)

    async def one(self, table: str, where: str = "true") -> Any:
        found = await self.session.execute(text(f"SELECT id FROM {table} WHERE {where} ORDER BY random() LIMIT 1"))
        return found.scalar()

    async def run(self, statement: str, **values: Any) -> None:
        await self.session.execute(text(statement), values)

    async def write(self) -> None:
        choices = (
            self.order, self.order, self.order, self.invoice, self.invoice, self.line, self.deliver, self.deliver,
            self.close, self.cancel, self.move, self.reprice, self.remove, self.customer, self.remove_invoice,
        )  # fmt: skip
        await self.draw.choice(choices)()

    def whom(self) -> dict[str, Any]:
        name = self.draw.choice(("rep", "colleague", "stranger", None))
        user = self.people[name] if name else None
        team = next((each for each in self.people.teams.values() if user and each.id == user.team_id), None)
        return {
            "rep": user and user.id, "team": team and team.id, "unit": team and team.business_unit_id,
            "customer": self.draw.choice(self.customers),
        }  # fmt: skip

    async def order(self) -> None:
        key = uuid4()
        await self.run(
            "INSERT INTO orders (id, customer_id, rep_id, team_id, business_unit_id, status, confirmed_on, currency, "
            "net_amount, base_amount) VALUES (:id, :customer, :rep, :team, :unit, 'confirmed', :day, 'EUR', 0, 0)",
            id=key, day=self.day(), **self.whom(),
        )  # fmt: skip
        for _ in range(self.draw.randrange(4)):
            await self.line(key)

    async def line(self, order: UUID | None = None) -> None:
        order = order or await self.one("orders")
        if order is not None:
            await self.run(
                "INSERT INTO order_lines (id, order_id, position, quantity, unit_price, discount_rate, net_amount, "
                "base_amount, list_price, unit_cost) "
                "VALUES (:id, :order, 9, :quantity, 1, 0, :net, :net, :list, :cost)",
                id=uuid4(), order=order, quantity=self.draw.randrange(1, 9),
                net=Decimal(self.draw.randrange(1, 10**6)) / 100, list=self.draw.choice((None, Decimal("12.5"))),
                cost=self.draw.choice((None, Decimal("3.333333"))),
            )  # fmt: skip

    async def deliver(self) -> None:
        line = await self.one("order_lines")
        if line is not None:
            await self.run(
                "INSERT INTO deliveries (id, order_line_id, delivered_on, quantity) "
                "VALUES (:id, :line, :day, :quantity)",
                id=uuid4(), line=line, day=self.day(), quantity=self.draw.randrange(1, 5),
            )  # fmt: skip

    async def close(self) -> None:
        await self.run(
            "UPDATE orders SET status = 'closed', closed_on = :day WHERE id = :id AND status = 'confirmed'",
            id=await self.one("orders", "status = 'confirmed'"), day=self.day(),
        )  # fmt: skip

    async def cancel(self) -> None:
        for table in ("orders", "invoices"):
            wanted = "confirmed" if table == "orders" else "posted"
            await self.run(
                f"UPDATE {table} SET status = 'cancelled', cancelled_on = :day WHERE id = :id AND status = '{wanted}'",
                id=await self.one(table, f"status = '{wanted}'"), day=self.day(),
            )  # fmt: skip

    async def move(self) -> None:
        await self.run(
            "UPDATE orders SET rep_id = :rep, team_id = :team, business_unit_id = :unit, confirmed_on = :day, "
            "customer_id = :customer WHERE id = :id",
            id=await self.one("orders"), day=self.day(), **self.whom(),
        )  # fmt: skip

    async def reprice(self) -> None:
        await self.run(
            "UPDATE order_lines SET base_amount = base_amount + 1, quantity = quantity + 1 WHERE order_id = :id",
            id=await self.one("orders"),
        )

    async def remove(self) -> None:
        order = await self.one("orders")
        await self.run(
            "DELETE FROM deliveries WHERE order_line_id IN (SELECT id FROM order_lines WHERE order_id = :id)", id=order
        )
        await self.run("DELETE FROM orders WHERE id = :id", id=order)

    async def customer(self) -> None:
        await self.run(
            "UPDATE customers SET is_internal = NOT is_internal WHERE id = :id", id=self.draw.choice(self.customers)
        )

    async def invoice(self) -> None:
        await self.run(
            "INSERT INTO invoices (id, customer_id, rep_id, team_id, business_unit_id, kind, status, issued_on, "
            "currency, net_amount, base_amount, tax_amount, gross_amount, base_gross_amount) VALUES "
            "(:id, :customer, :rep, :team, :unit, :kind, 'posted', :day, 'EUR', :net, :net, 0, :net, :net)",
            id=uuid4(), kind=self.draw.choice(("invoice", "invoice", "credit_note", "deposit")), day=self.day(),
            net=Decimal(self.draw.randrange(1, 10**6)) / 100, **self.whom(),
        )  # fmt: skip

    async def remove_invoice(self) -> None:
        await self.run("DELETE FROM invoices WHERE id = :id", id=await self.one("invoices"))


async def some_customers(make: Maker) -> list[UUID]:
    return [(await make("customers", name=f"Customer {n}"))["id"] for n in range(6)]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_written(session: AsyncSession, people: People, make: Maker, seed: int) -> None:
    trader = Trader(session, people, await some_customers(make), seed)
    for _ in range(40):
        await trader.order()
        await trader.invoice()
        await trader.write()
    assert await refresh(session, TOTALS, TODAY) > 0
    assert (await session.execute(select(func.count()).select_from(order_totals))).scalar_one() > 20
    await agree(session, people)
    for _ in range(8):
        for _ in range(trader.draw.randrange(1, 12)):
            await trader.write()
        await agree(session, people)  # stale sums are read from the documents
        if trader.draw.random() < 0.6:
            await refresh(session, TOTALS, TODAY)
            await agree(session, people)


async def test_sums_are_read_where_they_hold(session: AsyncSession, people: People, make: Maker) -> None:
    """A sum changed by hand shows: the documents are not read for it. Under a mark, they are."""
    trader = Trader(session, people, await some_customers(make), 1)
    for _ in range(40):
        await trader.order()
    await refresh(session, TOTALS, TODAY)
    ask = Ask(None, TODAY, bounds=(date(2026, 1, 1), date(2027, 1, 1)))
    _, true = await both(session, ORDER_TOTALS, ask)
    await session.execute(update(order_totals).values(n=order_totals.c.n + 1_000))
    kept, _ = await both(session, ORDER_TOTALS, ask)
    assert kept != true
    assert await differences(session, ORDER_TOTALS, TODAY) > 0
    await session.execute(stale_totals.insert().values(fact="orders", kind="all"))
    assert await both(session, ORDER_TOTALS, ask) == (true, true)
    assert await refresh(session, TOTALS, TODAY) == 1
    assert await differences(session, ORDER_TOTALS, TODAY) == 0


async def test_what_is_dated_ahead_counts_on_its_day(session: AsyncSession, people: People, make: Maker) -> None:
    trader = Trader(session, people, await some_customers(make), 2)
    await trader.order()
    order = await trader.one("orders")
    await trader.line(order)
    soon = TODAY + timedelta(days=2)
    await session.execute(update(Order).values(confirmed_on=TODAY, status="closed", closed_on=TODAY))
    await trader.run(
        "INSERT INTO deliveries (id, order_line_id, delivered_on, quantity) "
        "SELECT uuidv7(), id, :day, 1 FROM order_lines",
        day=soon,
    )
    await refresh(session, TOTALS, TODAY)
    for day in (TODAY, soon - timedelta(days=1), soon):
        kept, true = await both(session, ORDER_TOTALS, Ask(None, day, bounds=(date(2026, 11, 1), date(2026, 12, 1))))
        assert kept == true
        assert bool(kept and next(iter(kept.values()))[0]) is (day == soon)
    assert await refresh(session, TOTALS, soon) == 1


async def test_everything_is_stale_after_truncate_or_in_another_time_zone(
    session: AsyncSession, people: People, make: Maker
) -> None:
    trader = Trader(session, people, await some_customers(make), 3)
    for _ in range(30):
        await trader.order()
        await trader.invoice()
    await refresh(session, TOTALS, TODAY)
    await session.execute(text("TRUNCATE deliveries"))
    await session.execute(update(Settings).values(time_zone="Pacific/Auckland"))
    marked = await session.execute(select(stale_totals.c.fact).where(stale_totals.c.kind == "all"))
    assert {*marked.scalars()} == {"invoices", "orders", "states", *BY_DAY}
    await agree(session, people)
    await session.execute(text("TRUNCATE invoices CASCADE"))
    await agree(session, people)
    await refresh(session, TOTALS, TODAY)
    await agree(session, people)
    kept, _ = await both(session, INVOICE_TOTALS, Ask(None, TODAY, bounds=(date(2025, 1, 1), date(2027, 1, 1))))
    assert kept == {}


async def test_other_questions_read_the_documents(session: AsyncSession) -> None:
    ask = Ask(None, TODAY, bounds=(date(2026, 1, 1), date(2027, 1, 1)))
    for other in (
        replace(ask, dimensions=frozenset({"customer"})),
        replace(ask, dimensions=frozenset({"record"})),
        replace(ask, filters={"product": frozenset({uuid4()})}),
        replace(ask, bounds=()),
    ):
        assert not answers(other)
    for totals in TOTALS:
        said = str(
            cells_of(totals, replace(ask, dimensions=frozenset({"customer"}))).compile(dialect=postgresql.dialect())
        )
        assert totals.table.name not in said


def test_whole_months_and_what_is_left() -> None:
    ask = Ask(None, TODAY, bounds=(date(2026, 8, 15), date(2026, 11, 10), date(2027, 1, 1)))
    months, left = cover(ask)
    assert months == [date(2026, 9, 1), date(2026, 10, 1)]
    assert left == [Period(date(2026, 8, 15), date(2026, 9, 1)), Period(date(2026, 11, 1), date(2026, 11, 24))]


async def test_many_writers_and_one_who_sums(fresh_database: Database) -> None:
    """Commits, roll-backs and refreshes at once: at each pause the sums are those of the documents."""
    async with fresh_database.session(Actor("test")) as session:
        people = await hire(session)
        customers = await some_customers(Maker(session, people.principal("admin")))

    async def writes(seed: int) -> None:
        draw = random.Random(seed)
        for turn in range(15):
            try:
                async with fresh_database.session(Actor("writer")) as session:
                    trader = Trader(session, people, customers, seed * 100 + turn)
                    for _ in range(draw.randrange(1, 6)):
                        await trader.write()
                    if draw.random() < 0.2:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            except DBAPIError as error:
                # A line for an order just removed; two who take the same documents in other orders, or wait too long.
                if getattr(error.orig, "sqlstate", "") not in ("23001", "23503", "40P01", "55P03"):
                    raise

    async def sums(stop: asyncio.Event) -> int:
        done = 0
        while not stop.is_set():
            async with fresh_database.session() as session:
                done += await refresh(session, TOTALS, TODAY)
            await asyncio.sleep(0.005)
        return done

    for round_ in range(3):
        stop = asyncio.Event()
        summing = asyncio.create_task(sums(stop))
        await asyncio.gather(*(writes(round_ * 10 + n) for n in range(6)))
        stop.set()
        assert await summing > 0
        async with fresh_database.session() as session:
            await agree(session, people)
            await refresh(session, TOTALS, TODAY)
            left = (
                select(func.count())
                .select_from(stale_totals)
                .where(stale_totals.c.since <= TODAY, stale_totals.c.fact.in_(["orders", "invoices"]))
            )
            assert (await session.execute(left)).scalar_one() == 0
            await agree(session, people)


async def test_a_write_without_its_mark_is_found(session: AsyncSession, people: People, make: Maker) -> None:
    """Were a trigger missing, these tests and ``cadran verify`` would tell."""
    trader = Trader(session, people, await some_customers(make), 4)
    for _ in range(20):
        await trader.order()
    await refresh(session, TOTALS, TODAY)
    await session.execute(text("ALTER TABLE order_lines DISABLE TRIGGER mark_insert"))
    await session.execute(update(Order).values(confirmed_on=date(2026, 3, 3)))
    await refresh(session, TOTALS, TODAY)
    await trader.line()
    kept, true = await both(session, ORDER_TOTALS, Ask(None, TODAY, bounds=(date(2026, 1, 1), date(2027, 1, 1))))
    assert kept != true
    assert await verify(session) == NOTHING | {"orders": 1}
    await rebuild(Database(await session.connection()))
    assert await verify(session) == NOTHING


async def test_the_service_keeps_them(fresh_database: Database) -> None:
    async with fresh_database.session(Actor("test")) as session:
        people = await hire(session)
        trader = Trader(session, people, await some_customers(Maker(session, people.principal("admin"))), 5)
        await trader.order()
    async with keeping(fresh_database):
        for turn in range(2):
            for _ in range(300):
                async with fresh_database.session() as session:
                    if not (await session.execute(select(func.count()).select_from(stale_totals))).scalar_one():
                        break
                await asyncio.sleep(0.1)
            async with fresh_database.session() as session:
                assert (await session.execute(select(func.count()).select_from(order_totals))).scalar_one() > 0
                assert (await session.execute(select(func.count()).select_from(stale_totals))).scalar_one() == 0
                assert await verify(session) == NOTHING
                if turn == 0:
                    await session.execute(update(Order).values(confirmed_on=date(2026, 3, 3)))
