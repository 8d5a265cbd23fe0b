"""The table of speed: `python -m benchmarks [--sizes 100000,1000000] [--only kpis,writes] …`."""

import argparse
import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.lines import GROUPS, Line
from benchmarks.load import Store
from benchmarks.table import Goal, Row, markdown, write_json

HERE = Path(__file__).parent


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    sizes = [100_000, 1_000_000]
    parser.add_argument(
        "--sizes", type=_numbers, default=sizes, help="orders of each database (default 100000,1000000)"
    )
    parser.add_argument("--rounds", type=int, default=7, help="turns of each side; medians are told")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(GROUPS), help=", ".join(GROUPS))
    parser.add_argument("--writes", type=int, default=3000, help="mixed writes read back at once")
    parser.add_argument("--listeners", type=_numbers, default=[100, 1000], help="of live events")
    parser.add_argument("--rows", type=int, default=100_000, help="of a COPY")
    parser.add_argument("--imported", type=int, default=10_000, help="rows of the imported file")
    parser.add_argument("--seconds", type=float, default=4, help="each turn of writers lasts")
    parser.add_argument("--burst", type=int, default=400, help="requests of each turn of an endpoint")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where the JSON goes")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("CADRAN_BENCH_HOME", ".cadran-bench")))
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return sorted(int(each.replace("_", "")) for each in text.split(","))


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every line could be measured, whether or not its goal is met."""
    given = options(arguments)
    started, rows = time.monotonic(), list[Row]()
    with Store(given.home) as store:
        bench = Bench(
            store, given.sizes, given.rounds, given.writes, tuple(given.listeners), given.rows, given.imported,
            given.seconds, given.burst,
        )  # fmt: skip
        try:
            bench.names = {orders: store.prepare(orders) for orders in given.sizes}
            for group in given.only:
                for line in GROUPS[group]:
                    rows += measured(line, bench)
        except KeyboardInterrupt:
            print("Stopped: what was measured until now follows.")
        finally:
            bench.close()
    about: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "orders": given.sizes, "rounds": given.rounds,
        "seconds": round(time.monotonic() - started), "python": platform.python_version(), "cores": os.cpu_count(),
    }  # fmt: skip
    path = given.results / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    write_json(path, about, rows)
    print(f"\n{markdown(rows)}\n\n{about['seconds']} s, {os.cpu_count()} cores; as JSON in {path}")
    return int(any(row.figure is None for row in rows))


def measured(line: Line, bench: Bench) -> list[Row]:
    """The rows of a line; one that fails is a row that says why, and the others go on."""
    name, rows, started = f"{line.__module__.rpartition('.')[2]}.{line.__name__}", list[Row](), time.monotonic()
    print(f"{name} …", flush=True)
    try:
        for row in line(bench):
            rows.append(row)
            print(f"  {row.what}: {row.shown} (goal {row.goal})", flush=True)
    except Exception as error:
        traceback.print_exc()
        said = (str(error) or type(error).__name__).splitlines()[0][:200]
        rows.append(Row(f"{name} ({(line.__doc__ or '').splitlines()[0]})", "", None, Goal(), said))
    print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
