"""Time, as the clock on the wall and the processors tell it, of a subject and its reference taken in turns."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Seconds of one call: on the wall; of the server's processors, and of PostgreSQL's (0 where it has none)."""

    wall: float
    server: float = 0.0
    postgres: float = 0.0

    def __str__(self) -> str:
        parts = [_told(self.wall)]
        parts += [f"server {_told(self.server)}"] if self.server else []
        parts += [f"PostgreSQL {_told(self.postgres)}"] if self.postgres else []
        return f"{parts[0]} ({', '.join(parts[1:])} CPU)" if parts[1:] else parts[0]


def _told(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.3g} ms" if seconds >= 0.001 else f"{seconds * 1_000_000:.0f} µs"


def cpu(pids: Iterable[int]) -> float:
    """Seconds the processors gave to these processes, all their threads; what has ended meanwhile counts no more."""
    total = 0
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(path.read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return total / 1e9


def memory(pids: Iterable[int]) -> float:
    """MB these processes hold, what they share counted once (Pss)."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


@dataclass(frozen=True)
class Side:
    """What is timed: ``call`` does it ``times`` times, after ``ready``. Whose processors: functions, as backends come
    and go.
    """

    call: Callable[[], object]
    server: Callable[[], Iterable[int]] = tuple
    postgres: Callable[[], Iterable[int]] = tuple
    times: int = 1
    ready: Callable[[], object] = tuple


def once(side: Side) -> Cost:
    """The cost of one call, of ``times`` made in a row."""
    side.ready()
    server, postgres = list(side.server()), list(side.postgres())
    before = cpu(server), cpu(postgres)
    started = time.perf_counter()
    side.call()
    wall = time.perf_counter() - started
    after = cpu(server), cpu(postgres)
    return Cost(wall / side.times, (after[0] - before[0]) / side.times, (after[1] - before[1]) / side.times)


def interleaved(sides: list[Side], rounds: int) -> list[Cost]:
    """The median cost of each side, over rounds in which each has its turn, after one that is not counted."""
    found: list[list[Cost]] = [[] for _ in sides]
    for number in range(rounds + 1):
        order = range(len(sides)) if number % 2 else reversed(range(len(sides)))
        for place in order:
            cost = once(sides[place])
            if number:
                found[place].append(cost)
    return [medians(costs) for costs in found]


def medians(costs: list[Cost]) -> Cost:
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.server for cost in costs),
        median(cost.postgres for cost in costs),
    )
