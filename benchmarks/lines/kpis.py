"""KPIs as the data grow, and against plain SQL tuned for the one question."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.load import Sql
from benchmarks.measure import Side, interleaved
from benchmarks.service import address
from benchmarks.table import Goal, Row
from cadran.answers.dashboards import SCREENS

PER_ROUND = 5


def question(bench: Bench, name: str, *, calendar: bool = True) -> str:
    """The address of a KPI by rep: by month over twelve months, or over some other days."""
    start, end = bench.year if calendar else bench.uneven
    asked = {"since": start.isoformat(), "to": end.isoformat(), "group_by": "rep"}
    return address(f"/kpi/{name}", **asked, **({"interval": "month"} if calendar else {}))


def growth(bench: Bench) -> Iterator[Row]:
    """The same question, of little and of much data, through the HTTP API."""
    against = f"itself at {bench.sizes[0]:,} orders"
    kinds = {"whole months": (True, Goal(most=1.2)), "any from/to": (False, Goal(most=4))}
    for name in ("average_basket", "invoiced_revenue"):
        for kind, (calendar, goal) in kinds.items():
            path = question(bench, name, calendar=calendar)
            sides = [bench.asking(each, path, PER_ROUND) for each in (bench.small, bench.big)]
            small, big = interleaved(sides, bench.rounds)
            what = f"`{name}` by rep, {kind}, at {bench.sizes[-1]:,} orders"
            detail = f"{big} against {small}"
            yield Row(f"{what}: PostgreSQL CPU", against, big.postgres / small.postgres, goal, detail)
            yield Row(f"{what}: wall", against, big.wall / small.wall, goal, detail)


def screens(bench: Bench) -> Iterator[Row]:
    """The four screens whole, of little and of much data."""
    for screen in SCREENS:
        path = f"/kpi/dashboards/{screen}"
        small, big = interleaved([bench.asking(each, path, 1) for each in (bench.small, bench.big)], bench.rounds)
        what = f"Screen `{screen}`, whole, at {bench.sizes[-1]:,} orders: wall"
        against = f"itself at {bench.sizes[0]:,} orders"
        yield Row(what, against, big.wall / small.wall, Goal(most=1.2), f"{big} against {small}")


# Only what the question needs, in a table and an index of its own: nothing plain is quicker.
REFERENCE = """
CREATE SCHEMA IF NOT EXISTS reference;
CREATE TABLE IF NOT EXISTS reference.orders AS
    SELECT customer_id, rep_id, confirmed_on, status, base_amount FROM orders WHERE confirmed_on IS NOT NULL;
CREATE INDEX IF NOT EXISTS covering ON reference.orders (confirmed_on) INCLUDE (rep_id, status, base_amount);
CREATE INDEX IF NOT EXISTS rhythm ON reference.orders (customer_id, confirmed_on) INCLUDE (status);
"""
GROUPED = """
SELECT rep_id, extract(year FROM confirmed_on) * 12 + extract(month FROM confirmed_on) AS month,
    count(*), sum(base_amount), sum(base_amount) / count(*)
FROM reference.orders WHERE confirmed_on >= $1 AND confirmed_on < $2 AND status <> 'cancelled' GROUP BY 1, 2
"""
LIFE = """
WITH days AS (SELECT DISTINCT customer_id, confirmed_on FROM reference.orders WHERE status <> 'cancelled'),
gaps AS (SELECT customer_id, confirmed_on,
    confirmed_on - lag(confirmed_on) OVER (PARTITION BY customer_id ORDER BY confirmed_on) AS gap FROM days),
rhythm AS (SELECT customer_id, max(confirmed_on) AS last_on, greatest(CASE WHEN count(*) >= 3
    THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) ELSE 90 END, 14) AS cycle FROM gaps GROUP BY customer_id)
SELECT count(*) FILTER (WHERE $1 - last_on > 2 * cycle), count(*) FROM rhythm
"""


def reference(bench: Bench) -> Sql:
    """A connection to the big database, in which the table of the references stands."""
    sql = bench.sql(bench.big)
    if sql.one("SELECT to_regclass('reference.rhythm')") is None:
        for statement in filter(str.strip, REFERENCE.split(";")):
            sql.execute(statement)
        sql.execute("VACUUM (ANALYZE) reference.orders")
    return sql


def against_sql(bench: Bench) -> Iterator[Row]:
    """Through Cadran's whole API, against the statement alone."""
    sql = reference(bench)
    pids = [sql.one("SELECT pg_backend_pid()")]
    start, end = bench.year
    grouped = Side(lambda: sql.fetch(GROUPED, start, end), postgres=lambda: pids)
    ours, plain = interleaved(
        [bench.asking(bench.big, question(bench, "average_basket"), PER_ROUND), grouped], bench.rounds
    )
    what = f"Amount, count, basket by rep and month, a year of {bench.sizes[-1]:,} orders"
    against, detail = "plain GROUP BY, covering index; no HTTP", f"{ours} against {plain}"
    yield Row(f"{what}: wall", against, plain.wall / ours.wall, Goal(least=10, unit=" × faster"), detail)
    yield Row(f"{what}: PostgreSQL", against, plain.wall / ours.postgres, Goal(least=10, unit=" × faster"), detail)
    lived = Side(lambda: sql.fetch(LIFE, bench.day), postgres=lambda: pids)
    asked = bench.asking(bench.big, "/kpi/lost_customers", 1)
    ours, plain = interleaved([asked, lived], max(2, bench.rounds // 3))
    yield Row(
        f"Life cycle (`lost_customers`), {bench.sizes[-1]:,} orders", "plain SQL, covering index; no HTTP",
        plain.wall / ours.wall, Goal(least=100, unit=" × faster"), f"{ours} against {plain}",
    )  # fmt: skip
