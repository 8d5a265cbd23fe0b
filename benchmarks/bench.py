"""What every line of the table is given: the databases, the servers on them, and how long it may take."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from benchmarks.load import Sql, Store
from benchmarks.measure import Side
from benchmarks.service import Client, Service, cadran, noop


@dataclass
class Bench:
    """``sizes``: orders of each database, the smallest first; ``writes``: mixed writes whose effect is read back;
    ``listeners``: of live events; ``rows``: of a COPY; ``lines``: of an imported file; ``seconds``: of writers at work.
    """

    store: Store
    sizes: list[int]
    rounds: int = 7
    writes: int = 3000
    listeners: tuple[int, ...] = (100, 1000)
    rows: int = 100_000
    imported: int = 10_000
    seconds: float = 4
    burst: int = 400
    names: dict[int, str] = field(default_factory=dict)
    _services: dict[str, Service] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def small(self) -> str:
        return self.names[self.sizes[0]]

    @property
    def big(self) -> str:
        return self.names[self.sizes[-1]]

    @cached_property
    def day(self) -> date:
        """The last day of the generated companies."""
        return min(self.store.day(name) for name in self.names.values())

    @property
    def year(self) -> tuple[date, date]:
        """The twelve whole months before the current one."""
        end = self.day.replace(day=1)
        return end.replace(year=end.year - 1), end

    @property
    def uneven(self) -> tuple[date, date]:
        """From one day to another that are no bounds of anything, two years and some apart."""
        return self.day - timedelta(days=1000), self.day - timedelta(days=111)

    def size(self, name: str) -> int:
        return next(orders for orders, known in self.names.items() if known == name)

    def service(self, database: str) -> Service:
        """Cadran on a database that is kept; it runs until the end."""
        if database not in self._services:
            url, key = self.store.url(database), self.store.api_key(database)
            self._services[database] = self._stack.enter_context(cadran(key, DATABASE_URL=url))
            self.store.settle(database)
        return self._services[database]

    def noop(self) -> Service:
        if "" not in self._services:
            self._services[""] = self._stack.enter_context(noop())
        return self._services[""]

    def asking(
        self, database: str, path: str, times: int, width: int = 1, headers: Mapping[str, str] | None = None
    ) -> Side:
        """GETs of Cadran, each with the processors' time."""
        service = self.service(database)
        client = self._stack.enter_context(Client(service, width))
        request = client.request(path, headers=headers)
        status, _, _ = client.send(request)
        return Side(
            lambda: client.burst(request, times, status if status == 304 else 200),
            lambda: service.pids, lambda: self.store.backends(database), times, client.open,
        )  # fmt: skip

    def doing_nothing(self, times: int, width: int = 1) -> Side:
        service = self.noop()
        client = self._stack.enter_context(Client(service, width))
        request = client.request("/noop")
        return Side(lambda: client.burst(request, times), lambda: service.pids, times=times, ready=client.open)

    def client(self, database: str) -> Client:
        return self._stack.enter_context(Client(self.service(database)))

    def sql(self, database: str) -> Sql:
        """A connection kept until the end."""
        return self._stack.enter_context(self.store.sql(database))

    @contextmanager
    def scratch(self, *names: str, served: bool = True) -> Iterator[list[str]]:
        """Copies of the small database to write into, with Cadran running on each; they go at the end."""
        self.stop(self.small)
        with ExitStack() as stack:
            for name in names:
                stack.callback(self.store.drop, name)
                self.store.clone(self.small, name)
            for name in names if served else ():
                key = self.store.api_key(name)
                service = stack.enter_context(cadran(key, DATABASE_URL=self.store.url(name)))
                self._services[name] = service
                stack.callback(self._services.pop, name)
            yield list(names)

    def stop(self, database: str) -> None:
        """Stops the server on a database, which nobody may use while it is copied."""
        service = self._services.pop(database, None)
        if service is not None:
            service.stop()

    def close(self) -> None:
        self._stack.close()
