"""Who listens, and what is told to them: one task reads the log after each commit and tells every listener.

No listener holds a connection. A commit of this process wakes the task at once; those of others are found by looking at
the log four times a second while somebody listens. Nothing is ever notified inside a business transaction.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cadran.api.auth import standing
from cadran.kit.db import Database
from cadran.queries import log as change_log
from cadran.queries.log import Place
from cadran.resources.watch import TABLES, batch_of, names_for
from cadran.rules.principal import Principal

log = logging.getLogger(__name__)
MOST = 2000  # changes looked at in one go
LOOK, SOON, GATHER, CHECK, REST = 0.25, 0.01, 0.04, 1.0, 2.0  # seconds


@dataclass(eq=False)
class Listener:
    """``credential``: digest of the session's token or the key; the stream ends with it. ``names``: resources changed
    since the last event, up to ``place``. They only add up: a slow listener costs no memory.

    ``woken``: something to tell, the end, or time for a sign of life.
    """

    who: Principal
    credential: bytes | None
    place: Place
    names: set[str] = field(default_factory=set)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False
    _timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def tell(self, names: frozenset[str]) -> None:
        if names:
            self.names |= names
            self.woken.set()

    def take(self) -> frozenset[str]:
        self.woken.clear()
        names, self.names = frozenset(self.names), set()
        return names

    def end_after(self, seconds: float) -> None:
        self._timers["end"] = asyncio.get_running_loop().call_later(seconds, self.close)

    def wake_every(self, seconds: float) -> None:
        """For signs of life: a timer for each wait would cost every event a third of its time."""
        if "life" in self._timers:
            self.woken.set()
        self._timers["life"] = asyncio.get_running_loop().call_later(seconds, self.wake_every, seconds)

    def rest(self) -> None:
        for timer in self._timers.values():
            timer.cancel()

    def close(self) -> None:
        self.closed = True
        self.woken.set()


def _sight(who: Principal) -> Principal:
    """Equal for callers who see the same."""
    return replace(who, name="", email="", language="", key_id=None)


class Live:
    """The listeners of one process. ``database``: asked for when needed, since it opens after the application."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self.database = database
        self._listening: dict[Principal, set[Listener]] = {}  # by sight: who sees the same is told the same
        self.place, self.closing = change_log.START, False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> list[Listener]:
        return [listener for same in self._listening.values() for listener in same]

    def committed(self) -> None:
        """Something of this process was committed."""
        self._news.set()

    def join(self, who: Principal, credential: bytes | None, newest: Place) -> Listener:
        """A listener told of everything after its ``place``: ``newest``, or where the others are."""
        if self._task is None or self._task.done():
            self.place = newest
            self._news = asyncio.Event()
            self._task = asyncio.create_task(self._run())
        found = Listener(who, credential, self.place)
        self._listening.setdefault(_sight(who), set()).add(found)
        if self.closing:
            found.close()
        return found

    def leave(self, listener: Listener) -> None:
        listener.rest()
        sight = _sight(listener.who)
        same = self._listening.get(sight, set())
        same.discard(listener)
        if not same:
            self._listening.pop(sight, None)

    def close(self) -> None:
        """Ends every stream: the server stops."""
        self.closing = True
        for listener in self.listeners:
            listener.close()
        self._news.set()

    async def _run(self) -> None:
        checked, told, pause = time.monotonic(), 0.0, LOOK
        while self._listening and not self.closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()
            # The first commit is told at once; those that follow closely are one event.
            await asyncio.sleep(max(0.0, told + GATHER - time.monotonic()))
            committed = self._news.is_set()
            self._news.clear()
            try:
                if await self._tell():
                    told, pause = time.monotonic(), LOOK
                else:
                    # A commit is not read before an older transaction has ended, mostly a short one.
                    pause = SOON if committed else min(2 * pause, LOOK)
                if time.monotonic() - checked >= CHECK:
                    checked = time.monotonic()
                    await self._check()
            except Exception:  # a database that is away comes back: the log is read on from where it was
                log.exception("Live events wait for the database.")
                await asyncio.sleep(REST)

    async def _tell(self) -> bool:
        """Whether there was something to tell."""
        more, anything = True, False
        while more:
            async with self.database().session() as session:
                rows = await change_log.read(session, self.place, TABLES, MOST)
                more = len(rows) == MOST
                if not rows:
                    return anything
                batch = await batch_of(session, rows, self.place)
                told: dict[Principal, frozenset[str]] = {}
                # One that joins meanwhile starts where the batch does.
                while unknown := [sight for sight in self._listening if sight not in told]:
                    for sight in unknown:
                        told[sight] = await names_for(session, sight, batch)
                self.place = Place(rows[-1].xid, rows[-1].seq)
                for sight, names in told.items():
                    for listener in self._listening.get(sight, ()):
                        listener.place = self.place
                        listener.tell(names)
            anything = True
        return anything

    async def _check(self) -> None:
        """Closes the streams of who signed out, whose key ended, or whose rights are others by now."""
        known = {listener.credential for listener in self.listeners if listener.credential is not None}
        if not known:
            return
        async with self.database().session() as session:
            found = await standing(session, known)
        for listener in self.listeners:
            if listener.credential in known:
                who = found.get(listener.credential)
                if who is None or _sight(who) != _sight(listener.who):
                    listener.close()
