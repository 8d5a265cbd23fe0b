"""What the database said, as a problem: the one map from SQLSTATE to an answer."""

import errno
import logging
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from cadran.kit.problems import Problem, field_error, request_id_of, response

log = logging.getLogger(__name__)

# Classes and codes after which the same request may well succeed: deadlock, lock or statement time-out, no room left, a
# server that starts, stops or follows another.
_PASSING = ("08", "40", "53", "55P03", "57014", "57P", "58", "25006", "25P03", "25P04")
# No way to the server: no route, or no socket where one was a moment ago.
_NO_WAY = {errno.ENOENT, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN}


def problem_of(error: BaseException) -> Problem | None:
    """The problem to answer for an error of the database or of the way to it; None when it is a mistake of ours."""
    for each in _chain(error):
        if isinstance(each, PoolTimeoutError):
            return Problem("overloaded", "Every database connection is taken.", headers={"Retry-After": "1"})
        if isinstance(each, StaleDataError):
            return Problem("conflict", "Somebody changed it meanwhile: read it again, then retry.")
        if isinstance(each, asyncpg.InvalidCachedStatementError):  # planned before a migration
            return _busy()
        if isinstance(each, asyncpg.PostgresError) and each.sqlstate:
            return _of_state(str(each.sqlstate), each)
        if isinstance(each, asyncpg.TargetServerAttributeNotMatched):  # no server leads yet
            return _busy()
        if isinstance(each, asyncpg.ClientConfigurationError):
            return None
        if isinstance(each, asyncpg.InterfaceError) and isinstance(each, ValueError):
            # The driver's own DataError, raised before anything was sent: a value no column could hold.
            return _refused("A value does not fit its field.", "Check types, lengths and ranges in the API's schema.")
        if isinstance(each, (asyncpg.InterfaceError, asyncpg.InternalClientError)) and "closed" in str(each):
            return _busy()
        if isinstance(each, OSError) and _unreachable(each):
            return _busy()
        if isinstance(each, DBAPIError) and each.connection_invalidated:
            return _busy()
    return None


def _unreachable(error: OSError) -> bool:
    """Whether it comes from the way to the server; an error about a file, which it then names, is ours."""
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)):
        return True
    return error.errno in _NO_WAY and error.filename is None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps and what caused it, innermost reasons last."""
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        each = rest.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        rest += [getattr(each, "orig", None), each.__cause__]


def _of_state(state: str, error: Any) -> Problem | None:
    if state.startswith(_PASSING):
        log.warning("database: %s %s", state, type(error).__name__)
        return _busy()
    if state == "23505":
        return _taken(error)
    if state in ("23503", "23001"):
        return _reference(error)
    if state == "23P01":
        return Problem("conflict", "It overlaps another record.")
    if state == "23502" and error.column_name:
        return _refused("It may not be empty.", "Give a value.", f"/{error.column_name}")
    if state == "23514":
        rule = str(error.constraint_name or "").removeprefix(f"ck_{error.table_name}_")
        return _refused(f"The values break the rule {rule!r}.", "Make the fields this rule is about agree.")
    if state.startswith("54"):
        return _refused("It is too long to be stored.", "Shorten its longest texts.")
    if state.startswith("22") or state == "23502":
        log.warning("database refused a value: %s %s", state, type(error).__name__)
        return _refused("A value does not fit its field.", "Check types, lengths and ranges in the API's schema.")
    return None


def _busy() -> Problem:
    return Problem("overloaded", "The database cannot serve this just now.", headers={"Retry-After": "2"})


def _refused(detail: str, remedy: str, pointer: str = "") -> Problem:
    return Problem("validation", f"{pointer}: {detail}" if pointer else detail, [field_error(pointer, detail, remedy)])


def _fields(error: Any) -> list[str]:
    """The columns of ``Key (a, lower(b))=(…) already exists.``, never the values, which may be another's secret."""
    found = re.match(r"Key \((.*?)\)=\(", error.detail or "", re.S)
    if found is None:
        return []
    without_types = re.sub(r"::[\w ]+(\[\])?", "", found[1])
    return re.findall(r"\b[a-z_]\w*\b(?!\s*\()", without_types)


def _taken(error: Any) -> Problem:
    names = _fields(error)
    errors = [
        field_error(f"/{name}", "Another record has this value.", "Choose another, or change that record.", "taken")
        for name in names
    ]
    detail = f"Another record already has this {' and '.join(names)}." if names else None
    return Problem("already_exists", detail, errors)


def _reference(error: Any) -> Problem:
    missing = "is not present in table" in (error.detail or "")
    if not missing:
        return Problem("in_use", f"{_words(error.table_name)} still refer to it: delete or move them first.")
    names = _fields(error)
    errors = [
        field_error(f"/{name}", "No such record.", "Give the id of a record you may see.", "unknown") for name in names
    ]
    return Problem("validation", f"/{names[0]}: No such record." if names else "A reference is unknown.", errors)


def _words(table: str | None) -> str:
    return (table or "other_records").replace("_", " ").capitalize()


def install(app: FastAPI) -> None:
    """Errors of the database leave as problems; those that are mistakes of ours go on to the edge's last resort."""

    async def on_error(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem is None:
            raise error
        return response(problem, request_id_of(request))

    kinds = (DBAPIError, PoolTimeoutError, StaleDataError, asyncpg.PostgresError, asyncpg.InterfaceError)
    for kind in (*kinds, asyncpg.InternalClientError, OSError):
        app.add_exception_handler(kind, on_error)
