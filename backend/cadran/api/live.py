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
from typing import Any

from cadran.api.auth import standing
from cadran.kit.db import Database
from cadran.queries import log as change_log
from cadran.queries.log import Place
from cadran.resources.watch import TABLES, batch_of, names_for
from cadran.rules.principal import Principal

log = logging.getLogger(__name__)
MOST = 2000  # changes looked at in one go
AT_ONCE = 25  # listeners woken in one go
LOOK, GATHER, CHECK, REST = 0.25, 0.04, 1.0, 2.0  # seconds


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
        # All up to ``place`` is told, and all that had ended at the snapshot ``seen``: an open transaction, as long as
        # it may take, holds back the place one can resume at, but no event.
        self.place, self.seen = change_log.START, change_log.seen_until(change_log.START)
        self.closing = False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> list[Listener]:
        return [listener for same in self._listening.values() for listener in same]

    def committed(self) -> None:
        """Something of this process was committed."""
        self._news.set()

    def join(self, who: Principal, credential: bytes | None, newest: Place) -> Listener:
        """A listener told of everything committed from now on. ``newest``: the newest place."""
        if self._task is None or self._task.done():
            self.place, self.seen = newest, change_log.seen_until(newest)
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
        checked, told = time.monotonic(), 0.0
        while self._listening and not self.closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._news.wait()
            # The first commit is told at once; those that follow closely are one event.
            await asyncio.sleep(max(0.0, told + GATHER - time.monotonic()))
            self._news.clear()
            try:
                if await self._tell():
                    told = time.monotonic()
                if time.monotonic() - checked >= CHECK:
                    checked = time.monotonic()
                    await self._check()
            except Exception:  # a database that is away comes back: the log is read on from where it was
                log.exception("Live events wait for the database.")
                await asyncio.sleep(REST)

    async def _tell(self) -> bool:
        """Whether there was something to tell."""
        after, first = self.place, None
        while True:
            news = await change_log.news(self.database(), self.seen, after, TABLES, MOST)
            first = first or news  # what is committed while the rest is read may be told twice
            told = await self._names(news.rows, after) if news.rows else {}
            last = len(news.rows) < MOST
            if last:
                self.seen, self.place = first.snapshot, first.settled
            await self._wake(told)
            if last:
                return bool(first.rows)
            after = Place(news.rows[-1].xid, news.rows[-1].seq)

    async def _wake(self, told: dict[Principal, frozenset[str]]) -> None:
        woken = 0
        for sight, same in list(self._listening.items()):
            names = told.get(sight, frozenset[str]())
            for listener in list(same):
                listener.place = self.place
                listener.tell(names)
                woken += bool(names)
                if names and woken % AT_ONCE == 0:
                    # What these are sent goes out before the next are woken, and other requests have their turn.
                    await asyncio.sleep(0)

    async def _names(self, rows: list[Any], after: Place) -> dict[Principal, frozenset[str]]:
        """For each sight, the resources it is told of."""
        # Takes no connection before one asks: mostly nobody needs to.
        async with self.database().session() as session:
            batch = await batch_of(session, rows, after)
            return {sight: await names_for(session, sight, batch) for sight in list(self._listening)}

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
