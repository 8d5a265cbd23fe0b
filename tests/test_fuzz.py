"""Every operation of the OpenAPI under boundary, valid and invalid data, one request at a time: no input gives a 500.

The service is a real one (uvicorn, a pool, commits) on a database of its own, with a few records of every resource.
Random ids find nothing, so most cases are pointed at records that exist: what is fuzzed is the work, not the 404.
``--fuzz-cases=N`` says how many cases at least (``make fuzz``: 20,000).
"""

import asyncio
import itertools
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import hypothesis.errors
import pytest
import requests
import schemathesis
import uvicorn
from fastapi import Request
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.api.imports import FILES
from cadran.app import create_app
from cadran.kit.db import Actor, Database, engine
from cadran.resources.registry import BY_NAME
from cadran.rules.principal import Principal
from cadran.settings import Settings
from databases import clone, drop
from factories import Maker, hire

load_all_checks()
CHECKS = schemathesis.checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)


def as_sent(context: Any, value: Any) -> bytes:
    """A file's bytes as generated, whatever kind of file they are said to be."""
    return value if isinstance(value, bytes) else getattr(value, "data", None) or str(value).encode("utf-8", "replace")


schemathesis.serializer(*FILES)(as_sent)
# A reference's field and the resource it names, where that is not the field's own name in the plural.
NAMED = {
    "owner_id": "users", "rep_id": "users", "prospect_rep_id": "users", "manager_id": "users", "user_id": "users",
    "assignee_id": "users", "other_id": "customers", "opportunity_id": "opportunities", "delivery_id": "deliveries",
    "order_line_id": "order-lines",
}  # fmt: skip
RECORDS = 3
FIRST = 12  # a list of many filters has more cases at its edges than a run asks
SEED = 20261123


class Service:
    """The application in a thread, on a free port, as an administrator whatever the headers say."""

    def __init__(self, url: str) -> None:
        self.url, self.ids, self.trouble = url, defaultdict[str, list[str]](list), list[BaseException]()
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.server: uvicorn.Server | None = None

    def start(self) -> None:
        self.thread.start()
        end = time.monotonic() + 60
        while not (self.server and self.server.started):
            assert not self.trouble, self.trouble
            assert self.thread.is_alive(), "the service ended"
            assert time.monotonic() < end, "the service did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self.server:
            self.server.should_exit = True
        self.thread.join(30)
        self.socket.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # told by start()
            self.trouble.append(error)

    async def _serve(self) -> None:
        database = Database(engine(self.url))
        try:
            admin = await self._fill(database)
            app = create_app(Settings(CADRAN_RATE_LIMIT=10_000_000), database)

            async def authenticate(request: Request, session: AsyncSession) -> Principal:
                session.info["actor"] = Actor(admin.email, str(admin.user_id))
                return admin

            app.state.authenticate = authenticate
            config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="on")
            self.server = uvicorn.Server(config)
            await self.server.serve(sockets=[self.socket])
        finally:
            await database.close()

    async def _fill(self, database: Database) -> Principal:
        async with database.session(Actor("fuzz")) as session:
            people = await hire(session)
            make = Maker(session, people.principal("admin"))
            for name in BY_NAME:
                for _ in range(RECORDS):
                    row = await make(name)
                    self.ids[name].append(str(row["id"]))
                    for line in row.get("lines") or ():
                        self.ids[name.removesuffix("s") + "-lines"].append(str(line["id"]))
            return people.principal("admin", frozenset({"*:write"}))


@pytest.fixture(scope="module")
async def service(server_url: str) -> Any:
    url = await clone(server_url)
    found = Service(url)
    await asyncio.to_thread(found.start)
    yield found
    await asyncio.to_thread(found.stop)
    await drop(url)


def point(case: Any, ids: dict[str, list[str]], chance: random.Random) -> None:
    """Most ids of the path and of the body's references become those of records there are."""
    home = case.operation.path.split("/")[1]
    if case.path_parameters and "id" in case.path_parameters and ids.get(home) and chance.random() < 0.8:
        case.path_parameters["id"] = chance.choice(ids[home])
    if isinstance(case.body, (dict, list)):
        _point_body(case.body, ids, chance)


def _point_body(value: Any, ids: dict[str, list[str]], chance: random.Random) -> None:
    if isinstance(value, list):
        for each in value:
            _point_body(each, ids, chance)
    elif isinstance(value, dict):
        for name, held in value.items():
            resource = NAMED.get(name, name.removesuffix("_id").replace("_", "-") + "s")
            if name.endswith("_id") and isinstance(held, str) and ids.get(resource) and chance.random() < 0.9:
                value[name] = chance.choice(ids[resource])
            else:
                _point_body(held, ids, chance)


def generated(operation: Any, mode: GenerationMode, number: int, seed: int) -> list[Any]:
    """So many cases of one kind, or none where the operation takes nothing that could be of that kind."""
    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=number, deadline=None, database=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Any) -> None:
        found.append(case)

    with suppress(hypothesis.errors.Unsatisfiable):
        draw()
    return found[:number]


def boundaries(schema: Any, operation: Any, number: int, chance: random.Random) -> list[Any]:
    """A sample of the first cases (``FIRST`` for each wanted) at the edges of the schema, valid and not."""
    generation = schema.config.generation_for(operation=operation, phase="coverage")
    cases = schema.iter_coverage_cases(operation, generation_modes=list(GenerationMode), generation_config=generation)
    every = list(itertools.islice(cases, FIRST * number))
    return chance.sample(every, min(number, len(every)))


def rounds(schema: Any, operations: list[Any], wanted: int) -> Iterator[Any]:
    """Cases for every operation, round after round, until the caller has enough."""
    share = -(-wanted // len(operations))
    for turn in itertools.count():
        chance = random.Random(SEED + turn)
        for operation in operations:
            few = max(2, share // 4) if turn == 0 else 2
            yield from boundaries(schema, operation, share - 2 * few if turn == 0 else 4, chance)
            for mode in GenerationMode:
                yield from generated(operation, mode, few, SEED + turn)


def test_no_input_gives_a_500(service: Service, pytestconfig: pytest.Config) -> None:
    wanted: int = pytestconfig.getoption("--fuzz-cases")
    schema = schemathesis.openapi.from_url(f"{service.address}/openapi.json")
    operations = [each.ok() for each in schema.get_all_operations()]
    failures: dict[tuple[str, str], str] = {}
    asked, statuses, chance = Counter[str](), Counter[int](), random.Random(SEED)
    with requests.Session() as session:
        for case in rounds(schema, operations, wanted):
            if asked.total() >= wanted and len(asked) == len(operations):
                break
            point(case, service.ids, chance)
            if case.operation.path == "/events":  # else it never ends
                case.query = {"wait": 0} | dict(case.query or {})
            response = case.call(session=session, timeout=30)
            asked[case.operation.label] += 1
            statuses[response.status_code] += 1
            if response.status_code == 201:
                made = response.json().get("id")
                home = case.operation.path.split("/")[1]
                if made and case.operation.path == f"/{home}":
                    service.ids[home].append(made)
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as group:
                for failure in group.exceptions:
                    key = (case.operation.label, type(failure).__name__)
                    said = f"{response.status_code} {response.text[:600]}"
                    failures.setdefault(key, f"{failure}\n{case.as_curl_command()}\n{said}")
    print(f"{asked.total()} cases over {len(asked)} operations; statuses {dict(sorted(statuses.items()))}")
    assert not failures, "\n\n".join(f"{label} {kind}: {text}" for (label, kind), text in failures.items())
    assert asked.total() >= wanted >= 4000
    assert set(asked) == {operation.label for operation in operations}
    # The cases reached the work behind the door, too.
    assert sum(number for status, number in statuses.items() if status < 300) > asked.total() / 10
