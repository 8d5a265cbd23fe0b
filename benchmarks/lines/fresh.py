"""Whether a number includes the write committed just before it was asked."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from benchmarks.bench import Bench
from benchmarks.generate import key
from benchmarks.load import Sql
from benchmarks.service import Client, address
from benchmarks.table import Goal, Row

FRESH, WRITERS = "bench_fresh", 4


@dataclass
class Writer:
    """Writes orders of one rep on some days, by SQL of its own, and asks the API for that rep's month after each."""

    sql: Sql
    client: Client
    rep: int
    days: list[date]
    chance: random.Random
    total: Decimal = Decimal(0)
    orders: dict[UUID, Decimal] = field(default_factory=dict)
    stale: int = 0

    def prepare(self) -> None:
        self.user = self.sql.one(f"SELECT {key('user', str(self.rep))}")
        self.path = address(
            "/kpi/ordered_amount", since=min(self.days).isoformat(), to=max(self.days).isoformat(), rep=self.user
        )
        self.total = self._read()

    def _read(self) -> Decimal:
        return Decimal(self.client.get(self.path)["value"])

    def step(self) -> None:
        """One write, committed, and one read."""
        self._write()
        self.stale += self._read() != self.total

    def _write(self) -> None:
        known, kind = list(self.orders), self.chance.random()
        if len(known) < 3 or kind < 0.5:
            amount = Decimal(self.chance.randint(1, 99_999_999)) / 100
            made = self.sql.one(
                "WITH made AS (INSERT INTO orders (id, customer_id, rep_id, team_id, business_unit_id, confirmed_on,"
                " currency, net_amount, base_amount)"
                f" VALUES (uuidv7(), {key('customer', '3')}, $1, {key('team', '1')}, {key('unit', '1')}, $2, 'EUR', $3,"
                " $3) RETURNING id)"
                " INSERT INTO order_lines (id, order_id, position, quantity, unit_price, net_amount, base_amount)"
                " SELECT uuidv7(), id, 1, 1, $3, $3, $3 FROM made RETURNING order_id",
                self.user, self.chance.choice(self.days[:-1]), amount,
            )  # fmt: skip
            self.orders[made] = amount
            self.total += amount
            return
        order = self.chance.choice(known)
        if kind < 0.75:
            amount = Decimal(self.chance.randint(1, 99_999_999)) / 100
            self.sql.execute(
                "UPDATE order_lines SET unit_price = $2, net_amount = $2, base_amount = $2 WHERE order_id = $1",
                order, amount,
            )  # fmt: skip
            self.total += amount - self.orders[order]
            self.orders[order] = amount
            return
        self.total -= self.orders.pop(order)
        if kind < 0.85:
            self.sql.execute("UPDATE orders SET status = 'cancelled', cancelled_on = confirmed_on WHERE id = $1", order)
        else:
            self.sql.execute("DELETE FROM orders WHERE id = $1", order)


def reads(bench: Bench) -> Iterator[Row]:
    """Inserts, changes, cancellations and deletions by several writers, each read back over HTTP at once."""
    with bench.scratch(FRESH):
        service = bench.service(FRESH)
        days = [date.fromordinal(bench.day.toordinal() - back) for back in range(29, -2, -1)]
        turns = bench.writes // WRITERS

        def work(number: int) -> int:
            with bench.store.sql(FRESH) as sql, Client(service) as client:
                writer = Writer(sql, client, 11 + number, days, random.Random(number))  # noqa: S311
                writer.prepare()
                for _ in range(turns):
                    writer.step()
                return writer.stale

        with ThreadPoolExecutor(WRITERS) as pool:
            stale = sum(pool.map(work, range(WRITERS)))
        what = f"Freshness: stale reads in {turns * WRITERS:,} mixed writes by {WRITERS}"
        yield Row(what, "the next read after a commit", stale, Goal(most=0, unit=""), told=str(stale))
