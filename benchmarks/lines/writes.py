"""What it costs a writer that the sums are kept: the same writes with the triggers of the sums switched off."""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.generate import key
from benchmarks.load import Store
from benchmarks.table import Goal, Row
from cadran.kit.postgres import binary

ON, OFF = "bench_on", "bench_off"
MARKED = ("orders", "order_lines", "deliveries", "invoices", "customers")
WRITERS = 32
# One order with three lines, as a rep takes it: of any rep, or all of one rep on one day.
ORDER = """
\\set c random(1, {customers})
\\set r {rep}
BEGIN;
WITH taken AS (INSERT INTO orders (id, customer_id, rep_id, team_id, business_unit_id, confirmed_on, currency,
    net_amount, base_amount)
    VALUES (uuidv7(), {customer}, {user}, {team}, {unit}, current_date - {ago}::int, 'EUR', 30, 30)
    RETURNING id)
INSERT INTO order_lines (id, order_id, position, product_id, quantity, unit_price, net_amount, base_amount)
    SELECT uuidv7(), taken.id, p, {product}, 1, 10, 10, 10 FROM taken, generate_series(1, 3) p;
COMMIT;
"""


def _script(bench: Bench, *, hot: bool) -> str:
    return ORDER.format(
        customers=max(bench.sizes[0] // 25, 50), rep="7" if hot else "random(1, 200)", ago="0" if hot else ":r",
        customer=key("customer", ":c"), user=key("user", ":r"), team=key("team", "1 + :r % 20"),
        unit=key("unit", "1 + :r % 5"), product=key("product", ":r"),
    )  # fmt: skip


def _off(store: Store, database: str) -> None:
    with store.sql(database) as sql:
        for table in MARKED:
            for row in sql.fetch(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgname LIKE 'mark_%'", table
            ):
                sql.execute(f"ALTER TABLE {table} DISABLE TRIGGER {row['tgname']}")


def pgbench(store: Store, database: str, script: Path, clients: int, seconds: float) -> float:
    """Transactions a second."""
    command = [str(binary("pgbench")), "-n", "-h", str(store.server.socket_dir), "-p", str(store.server.port)]
    command += [
        "-U",
        "cadran",
        "-f",
        str(script),
        "-c",
        str(clients),
        "-j",
        "2",
        "-T",
        str(max(1, round(seconds))),
        "-M",
        "prepared",
    ]
    done = subprocess.run([*command, database], capture_output=True, text=True, check=False, cwd="/")  # noqa: S603
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench: {(done.stderr or done.stdout).strip().splitlines()[0]}")
    return float(found[1])


def _deadlocks(store: Store, database: str) -> int:
    with store.sql("postgres") as sql:
        return int(sql.one("SELECT deadlocks FROM pg_stat_database WHERE datname = $1", database))


def kept(bench: Bench) -> Iterator[Row]:
    """Single writes, many writers at one place, and a COPY, with the sums kept and without."""
    against, rounds = "KPI upkeep off", max(3, bench.rounds // 2)
    with bench.scratch(ON, OFF) as names, tempfile.TemporaryDirectory() as folder:
        _off(bench.store, OFF)
        for clients, hot, goal in ((1, False, Goal(most=1.25)), (WRITERS, True, Goal(least=0.6))):
            script = Path(folder) / f"{clients}.sql"
            script.write_text(_script(bench, hot=hot))
            found: dict[str, list[float]] = {name: [] for name in names}
            deadlocks = _deadlocks(bench.store, ON)
            for number in range(rounds):
                for name in names if number % 2 else reversed(names):
                    found[name].append(pgbench(bench.store, name, script, clients, bench.seconds))
            on, off = median(found[ON]), median(found[OFF])
            detail = f"{on:,.0f} a second against {off:,.0f}"
            if not hot:
                yield Row("Single write: an order of three lines", against, off / on, goal, detail)
                continue
            detail += f"; deadlocks: {_deadlocks(bench.store, ON) - deadlocks}"
            yield Row(f"{WRITERS} writers on one rep and day", against, on / off, goal, detail)
            locked = _deadlocks(bench.store, ON) - deadlocks
            yield Row("Deadlocks meanwhile", "none", locked, Goal(most=0, unit=""), told=str(locked))
        yield _copied(bench, names)
        with bench.store.sql(ON) as sql:
            bench.store.settle(ON)
            yield _verified(bench, sql.one("SELECT count(*) FROM orders"))


def _copied(bench: Bench, names: list[str]) -> Row:
    records = (
        f"SELECT uuidv7(), {key('customer', f'1 + n % {max(bench.sizes[0] // 25, 50)}')}, {key('user', '1 + n % 200')},"
        f" {key('team', '1 + n % 20')}, {key('unit', '1 + n % 5')}, 'CPY-' || n, current_date - (n % 1800)::int, 'EUR',"
        f" 30, 30 FROM generate_series(1, {bench.rows}) n"
    )
    columns = (
        "id, customer_id, rep_id, team_id, business_unit_id, number, confirmed_on, currency, net_amount, base_amount"
    )
    found: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        for number in range(2):
            for name in names if number % 2 else reversed(names):
                with bench.store.sql(name) as sql:
                    sql.run(sql.connection.copy_from_query(records, output=file, format="csv"))
                    started = time.perf_counter()
                    sql.run(
                        sql.connection.copy_to_table("orders", source=file, format="csv", columns=columns.split(", "))
                    )
                    found[name].append(time.perf_counter() - started)
    on, off = (min(found[name]) for name in names)
    return Row(
        f"COPY of {bench.rows:,} orders", "KPI upkeep off", on / off, Goal(most=1.3), f"{on:.2f} s against {off:.2f} s"
    )


def _verified(bench: Bench, orders: int) -> Row:
    """After all these writes, the sums are those of the documents."""
    import asyncio

    from cadran.cli import totals

    wrong = sum(asyncio.run(totals.verify(bench.store.url(ON))).values())
    return Row(
        f"`cadran verify` of {orders:,} orders after it",
        "the documents",
        wrong,
        Goal(most=0, unit=""),
        told=f"{wrong} sums differ",
    )
