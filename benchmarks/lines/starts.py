"""How soon the service answers after it is started, and what memory it holds."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.measure import memory
from benchmarks.service import Client, cadran, noop
from benchmarks.table import Goal, Row
from cadran.cli.store import migrate
from cadran.kit.postgres import EmbeddedPostgres

TIMES = 3


def cold(bench: Bench) -> Iterator[Row]:
    """`cadran serve` on no home at all, which it sets up, to the first answer."""
    yield _started(
        bench, "Cold start to first answer", "bare PostgreSQL set up and started + no-op app", Goal(), new=True
    )


def warm(bench: Bench) -> Iterator[Row]:
    """`cadran serve` with its own PostgreSQL on a home that stands, to the first answer."""
    with EmbeddedPostgres(_home(bench)) as server:
        migrate(server.url)
    yield _started(bench, "Warm start to first answer", "bare PostgreSQL start + no-op app", Goal(most=1.5))


def _home(bench: Bench) -> Path:
    return bench.store.server.home / "start"


def _started(bench: Bench, what: str, against: str, goal: Goal, *, new: bool = False) -> Row:
    """Both sides in turns, by the clock; ``new``: each on a home that is not there yet."""
    home = _home(bench)
    ours, bare = [], []
    for _ in range(TIMES + 1):
        _forget(home, new=new)
        started = time.perf_counter()
        with cadran(CADRAN_HOME=str(home), DATABASE_URL=""):
            ours.append(time.perf_counter() - started)
        _forget(home, new=new)
        started = time.perf_counter()
        service = noop()
        with EmbeddedPostgres(home), service:
            bare.append(time.perf_counter() - started)
    serve, nothing = median(ours[1:]), median(bare[1:])
    return Row(what, against, serve / nothing, goal, f"{serve:.2f} s against {nothing:.2f} s")


def _forget(home: Path, *, new: bool) -> None:
    if new:
        shutil.rmtree(home, ignore_errors=True)


def held(bench: Bench) -> Iterator[Row]:
    """Memory at rest, and after each kind of answer has been given many times."""
    bench.stop(bench.big)
    nothing = memory(bench.noop().pids)
    service = bench.service(bench.big)
    rest, against = memory(service.pids), "no-op app"
    yield Row("Memory at rest", against, rest / nothing, Goal(), f"{rest:.0f} MB against {nothing:.0f} MB")
    with Client(service, 8) as client:
        for path in ("/orders?limit=500", "/kpi/ordered_amount?period=last-year&group_by=rep", "/customers?limit=500"):
            client.burst(client.request(path), 24)
    load, postgres = memory(service.pids), memory(bench.store.backends(bench.big))
    detail = f"{load:.0f} MB against {nothing:.0f} MB; its PostgreSQL backends {postgres:.0f} MB"
    yield Row("Memory after load", against, load / nothing, Goal(), detail)
