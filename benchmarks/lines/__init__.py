"""The lines of the table in its order, in groups that can be asked for by name."""

from collections.abc import Callable, Iterator

from benchmarks.bench import Bench
from benchmarks.lines import duck, endpoints, fresh, imports, kpis, live, starts, writes
from benchmarks.table import Row

Line = Callable[[Bench], Iterator[Row]]

GROUPS: dict[str, tuple[Line, ...]] = {
    "kpis": (kpis.growth, kpis.against_sql),
    "screens": (kpis.screens,),
    "duckdb": (duck.native,),
    "fresh": (fresh.reads,),
    "writes": (writes.kept,),
    "endpoints": (endpoints.answers,),
    "pages": (endpoints.pages,),
    "imports": (imports.files,),
    "live": (live.told,),
    "starts": (starts.cold, starts.warm, starts.held),
}
