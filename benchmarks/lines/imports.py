"""A file taken in over HTTP, every rule checked, against the same rows copied in by `psql`."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.generate import key
from benchmarks.service import Refused, address
from benchmarks.table import Goal, Row
from cadran.kit.postgres import binary

TAKEN = "bench_import"


def files(bench: Bench) -> Iterator[Row]:
    """Contacts and orders by `POST /imports`."""
    with bench.scratch(TAKEN):
        for resource in ("contacts", "orders"):
            ours, psql = [], []
            for number in range(2):
                bench.store.settle(TAKEN)  # what the turn before left to make again is none of this one's
                ours.append(_posted(bench, resource, number))
                psql.append(_copied(bench, resource, number))
            rest, copy = min(ours), min(psql)
            detail = f"{bench.imported / rest:,.0f} rows a second against {bench.imported / copy:,.0f}"
            yield Row(
                f"REST import of {bench.imported:,} {resource}", "`psql \\copy`", copy / rest, Goal(least=0.45), detail
            )


def _csv(bench: Bench, resource: str, mark: str) -> bytes:
    lines = ["external_id,last_name,email,phone" if resource == "contacts" else
             "external_id,customer,confirmed_on,currency,line_external_id,line_quantity,line_unit_price"]  # fmt: skip
    for n in range(bench.imported):
        if resource == "contacts":
            lines.append(f"{mark}-{n},Durand{n},d{n}@client.example,+33612345678")
        else:
            lines.append(f"{mark}-{n},CUS-{1 + n % 50},{bench.day.isoformat()},EUR,{mark}-{n}-1,2,15.50")
    return "\n".join([*lines, ""]).encode()


def _posted(bench: Bench, resource: str, number: int) -> float:
    client, body = bench.client(TAKEN), _csv(bench, resource, f"R{number}")
    started = time.perf_counter()
    path = address("/imports", resource=resource)
    status, _, found = client.ask(path, "POST", body, {"content-type": "text/csv"})
    took = time.perf_counter() - started
    if status != 201 or found["created"] != bench.imported:
        raise Refused(f"{resource}: {status} {str(found)[:300]}")
    return took


def _copied(bench: Bench, resource: str, number: int) -> float:
    """The same rows with the ids a program would have looked up and made, written beforehand."""
    made = {
        "contacts": {
            "contacts (id, external_id, last_name, email, phone)": "SELECT uuidv7(), $1 || n, 'Durand' || n,"
            " 'd' || n || '@client.example', '+33612345678' FROM generate_series(1, $2::int) n"
        },
        "orders": {
            "orders (id, external_id, number, customer_id, confirmed_on, currency, net_amount, base_amount)": "SELECT"
            f" {_id(1, number)}, $1 || n, $1 || n, {key('customer', '1 + n % 50')}, current_date, 'EUR', 31, 31"
            " FROM generate_series(1, $2::int) n",
            "order_lines (id, order_id, external_id, position, quantity, unit_price, net_amount, base_amount)": "SELECT"
            f" {_id(2, number)}, {_id(1, number)}, $1 || n || '-1', 1, 2, 15.5, 31, 31"
            " FROM generate_series(1, $2::int) n",
        },
    }[resource]  # fmt: skip
    server = bench.store.server
    with tempfile.TemporaryDirectory() as folder, bench.store.sql(TAKEN) as sql:
        command = [str(binary("psql")), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-h", str(server.socket_dir)]
        command += ["-p", str(server.port), "-U", "cadran", "-d", TAKEN]
        for place, (target, query) in enumerate(made.items()):
            file = Path(folder) / f"{place}.csv"
            rows = sql.fetch(query, f"P{number}-", bench.imported)
            file.write_text("".join(",".join(map(str, row.values())) + "\n" for row in rows), encoding="utf-8")
            command += ["-c", f"\\copy {target} FROM '{file}' CSV"]
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603
        took = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"psql: {done.stderr.strip()[:300]}")
    return took


def _id(kind: int, number: int) -> str:
    return f"('{kind:04x}{number:04x}-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid"
