"""The same answer from DuckDB's own table, filled beforehand and stale from then on."""

import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.lines.kpis import PER_ROUND, question, reference
from benchmarks.measure import Side, interleaved
from benchmarks.table import Goal, Row

GROUPED = """
SELECT rep_id, year(confirmed_on) * 12 + month(confirmed_on) AS month, count(*), sum(base_amount), avg(base_amount)
FROM orders WHERE confirmed_on >= ? AND confirmed_on < ? AND status <> 'cancelled' GROUP BY 1, 2
"""


def native(bench: Bench) -> Iterator[Row]:
    """Cadran's API against a native DuckDB table in memory."""
    what = f"Amount, count, basket by rep and month, a year of {bench.sizes[-1]:,} orders"
    if find_spec("duckdb") is None:
        raise RuntimeError("duckdb is not installed: pip install -e '.[bench]'")
    duckdb: Any = import_module("duckdb")

    sql = reference(bench)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as duck:
        file = Path(folder) / "orders.csv"
        rows = "SELECT rep_id, confirmed_on, status, base_amount FROM reference.orders"
        sql.run(sql.connection.copy_from_query(rows, output=file, format="csv", header=True))
        types = "{'rep_id': 'UUID', 'confirmed_on': 'DATE', 'status': 'VARCHAR', 'base_amount': 'DECIMAL(20, 6)'}"
        duck.execute(f"CREATE TABLE orders AS SELECT * FROM read_csv('{file}', header = true, types = {types})")
        asked = Side(lambda: duck.execute(GROUPED, [*bench.year]).fetchall())
        sides = [bench.asking(bench.big, question(bench, "average_basket"), PER_ROUND), asked]
        ours, ducks = interleaved(sides, bench.rounds)
    goal, detail = Goal(least=20, unit=" × faster"), f"{ours} against {ducks}"
    # The goal is for ten million orders; of fewer DuckDB makes shorter work, Cadran as long a one.
    yield Row(f"{what}: wall", "DuckDB, native table; no HTTP, stale", ducks.wall / ours.wall, goal, detail)
    yield Row(f"{what}: PostgreSQL", "DuckDB, native table; stale", ducks.wall / ours.postgres, goal, detail)
