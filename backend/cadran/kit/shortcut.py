"""Reads asked before, in one round trip: who asks and what is asked are one statement on a bare connection.

The first time, a read takes the usual way (routes, dependencies, a session), which leaves here how it was made, never
what it answered: the statement, and the caller's mark, all that who they are follows from. Asked again, the statement
brings the records and the caller's mark of the same moment. Another mark, or none, is for the usual way to judge, and
so is whatever goes wrong.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import asyncpg
from fastapi import Request, Response
from sqlalchemy import Integer, Uuid, bindparam, literal_column, select, true
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from starlette.types import ASGIApp, Receive, Scope, Send

from cadran.kit.db import Database
from cadran.kit.dberrors import problem_of
from cadran.kit.edge import header
from cadran.kit.problems import request_id_of, response

MOST = 2000  # reads remembered by a process, by caller and address
LONGEST = 1000  # characters of a query string worth remembering
ID = bindparam("id", None, Uuid)  # in place of the id an address ends in
_ONE: Any = literal_column("1", Integer)
_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]
_ENDS_IN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Again = Callable[[Request, Sequence[Any]], Response | None]


@dataclass(frozen=True)
class Credential:
    """What came to say who asks. ``kind``: how it came; ``secret``: its digest."""

    kind: str
    secret: bytes


@dataclass(frozen=True)
class Caller:
    """``standing``: brings the ``mark`` of who holds the credential now (:secret), if it is in force."""

    credential: Credential
    name: str
    mark: str
    standing: Any


@dataclass(frozen=True)
class _Read:
    caller: Caller
    statement: Callable[[], Any]
    again: Again
    route: Any
    held: bool

    @cached_property
    def compiled(self) -> tuple[str, list[str], dict[str, Any]]:
        """SQL as asyncpg takes it, the names of its parameters, and their values."""
        # Limited, so that the mark is made once and not with each of the rows beside it.
        who, what = self.caller.standing.limit(_ONE).subquery("who"), self.statement().subquery("what")
        whole = select(who.c.mark, *what.c).select_from(who.outerjoin(what, true()))
        made: Any = whole.compile(dialect=_DIALECT)
        expanded = made.construct_expanded_state({"secret": b"", "id": None})
        return expanded.statement, list(expanded.positiontup), dict(expanded.parameters)


class Reads:
    """What was asked, and how it was answered."""

    def __init__(self, credential_of: Callable[[Request], Credential | None]) -> None:
        self.credential_of = credential_of
        self._known: OrderedDict[Hashable, _Read] = OrderedDict()

    def remember(self, request: Request, statement: Callable[[], Any], again: Again, *, held: bool = False) -> None:
        """``again`` answers from the rows of ``statement`` (made when first needed), or leaves it to the usual way.
        ``held``: it has an answer for those only who hold one (If-None-Match).
        """
        caller: Caller | None = request.scope["state"].get("caller")
        if caller is None or len(request.scope["query_string"]) > LONGEST:
            return
        key, _ = _key(request, caller.credential)
        self._known[key] = _Read(caller, statement, again, request.scope.get("route"), held)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def forget(self) -> None:
        self._known.clear()

    async def answer(self, request: Request) -> Response | None:
        if not self._known:
            return None
        credential = self.credential_of(request)
        if credential is None:
            return None
        key, ending = _key(request, credential)
        read = self._known.get(key)
        if read is None or (read.held and not header(request.scope, b"if-none-match")):
            return None
        self._known.move_to_end(key)
        statement, names, values = read.compiled
        own = {"secret": credential.secret, "id": ending}
        database: Database = request.app.state.database
        try:
            found = await database.fetch(statement, [own[name] if name in own else values[name] for name in names])
        except TimeoutError as error:
            problem = problem_of(error)
            return None if problem is None else response(problem, request_id_of(request))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return None
        if not found or found[0]["mark"] != read.caller.mark:
            self._known.pop(key, None)  # another request of the same caller may have been quicker
            return None
        request.scope["state"]["principal_id"] = read.caller.name
        request.scope["route"] = read.route
        return read.again(request, found)


def _key(request: Request, credential: Credential) -> tuple[Hashable, str | None]:
    scope, ending = request.scope, None
    path: str = scope["path"]
    if _ENDS_IN_ID.fullmatch(path[-36:]):
        path, ending = path[:-36], path[-36:]
    said = [value for name, value in scope["headers"] if name in (b"accept", b"accept-language")]
    return (credential.kind, credential.secret, path, ending is None, scope["query_string"], *said), ending


class Shortcut:
    """ASGI middleware, around the packing of what is as large as ``packed``, within which :class:`Found` stands."""

    def __init__(self, app: ASGIApp, reads: Reads, packed: int) -> None:
        self.app, self.reads, self.packed = app, reads, packed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            answer = await self.reads.answer(Request(scope))
            if answer is not None:
                large = len(answer.body) >= self.packed
                if large and "gzip" in header(scope, b"accept-encoding"):
                    scope["state"]["found"] = answer
                    await self.app(scope, receive, send)
                    return
                if large:  # as the packing says of what it lets through
                    answer.headers.add_vary_header("Accept-Encoding")
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Found:
    """ASGI middleware: sends what :class:`Shortcut` found."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope.get("state", {}).get("found", self.app)(scope, receive, send)
