"""What an answer costs beside one that does nothing: the same server settings, the same client, in turns."""

import base64
from collections.abc import Iterator, Mapping

import orjson

from benchmarks.bench import Bench
from benchmarks.generate import key
from benchmarks.measure import interleaved
from benchmarks.service import Refused, address
from benchmarks.table import Goal, Row

WIDTH = 8  # connections, so that neither waits for the other side of the wire
PAGE = "/orders"


def _ratio(bench: Bench, what: str, path: str, goal: Goal, burst: int, headers: Mapping[str, str] | None = None) -> Row:
    sides = [bench.asking(bench.big, path, burst, WIDTH, headers), bench.doing_nothing(bench.burst, WIDTH)]
    ours, nothing = interleaved(sides, bench.rounds)
    told = f"{ours} against {nothing}"
    return Row(what, "FastAPI no-op, requests a second", nothing.wall / ours.wall, goal, told)


def answers(bench: Bench) -> Iterator[Row]:
    """The KPI unchanged, one order, fifty orders."""
    start, end = bench.year
    path = address("/kpi/ordered_amount", since=start.isoformat(), to=end.isoformat())
    _, headers, _ = bench.client(bench.big).ask(path)
    unchanged = {"If-None-Match": headers["etag"]}
    burst = max(bench.burst // 4, 8)
    status, _, _ = bench.client(bench.big).ask(path, headers=unchanged)
    if status != 304:
        raise Refused(f"{status} where 304 was expected")
    yield _ratio(bench, "KPI, unchanged data (304)", path, Goal(least=0.6), burst, unchanged)
    sql = bench.sql(bench.big)
    order = sql.one(f"SELECT {key('order', str(bench.sizes[0] // 2))}")
    yield _ratio(bench, "Authenticated get of an order by id", f"/orders/{order}", Goal(least=0.4), burst)
    customer = sql.one(f"SELECT {key('customer', '7')}")
    yield _ratio(bench, "Authenticated get of a customer by id", f"/customers/{customer}", Goal(least=0.4), burst)
    yield _ratio(bench, "List of 50 customers", "/customers?limit=50", Goal(least=0.35), burst)
    yield _ratio(bench, "List of 50 orders with their lines", f"{PAGE}?limit=50", Goal(least=0.35), burst // 4)


def _deep(bench: Bench, share: float) -> str:
    """The cursor that the page at this share of the list would have been asked with, read off the list's own."""
    found = bench.client(bench.big).get(PAGE, limit=1)
    padded = found["next_cursor"] + "=" * (-len(found["next_cursor"]) % 4)
    spelled, _ = orjson.loads(base64.urlsafe_b64decode(padded))
    row = bench.sql(bench.big).fetch(
        "SELECT confirmed_on::text, id::text FROM orders WHERE confirmed_on IS NOT NULL"
        " ORDER BY confirmed_on DESC, id DESC OFFSET $1 LIMIT 1", int(bench.sizes[-1] * share * 0.99),
    )[0]  # fmt: skip
    return base64.urlsafe_b64encode(orjson.dumps([spelled, [*row.values()]])).decode().rstrip("=")


def pages(bench: Bench) -> Iterator[Row]:
    """Deep in a list, its total, and as one types."""
    # Ten rows a page: of fifty, most of the time would be theirs and hide what finding them costs.
    deep, orders = _deep(bench, 0.9), bench.sizes[-1]
    first = bench.asking(bench.big, f"{PAGE}?limit=10", 10)
    sides = [first, bench.asking(bench.big, address(PAGE, limit=10, cursor=deep), 10)]
    page, far = interleaved(sides, bench.rounds)
    what = f"Page at depth {int(orders * 0.9):,}"
    yield Row(what, "page 1", far.wall / page.wall, Goal(most=1.5), f"{far} against {page}")
    for what, more, goal in (
        ("as the screens ask it, to 10,000", "&count_most=10000", Goal(most=2)),
        ("exact", "", Goal()),
    ):
        sides = [first, bench.asking(bench.big, f"{PAGE}?limit=10&count=true{more}", 3)]
        page, counted = interleaved(sides, bench.rounds)
        detail = f"{counted} against {page}"
        yield Row(f"Total of a list of {orders:,}, {what}", "page 1", counted.wall / page.wall, goal, detail)
    contacts = bench.sql(bench.big).one("SELECT count(*) FROM contacts")
    page_one = bench.asking(bench.big, "/contacts?limit=10", 10)
    for kind, words in {"prefix": "mor", "substring": "revali", "typo": "lefevrre"}.items():
        sides = [page_one, bench.asking(bench.big, address("/contacts", limit=10, q=words), 2)]
        page, searched = interleaved(sides, max(2, bench.rounds // 2))
        what = f"Search as you type, {contacts:,} names, {kind} `{words}`"
        yield Row(what, "page 1", searched.wall / page.wall, Goal(most=50), f"{searched} against {page}")
