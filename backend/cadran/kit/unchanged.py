"""A 304 that costs one look at the change log: nothing was written since the answer somebody holds was made."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.export import LOG_STATE
from cadran.kit.shortcut import Again
from cadran.kit.unit import Unit, fresh

MOST = 10_000  # answers remembered by a process, without their bodies
QUARTER = 900  # seconds: in no time zone does a day begin within one
_VARYING = ("accept", "accept-language")


@dataclass(frozen=True)
class _Made:
    state: str | None
    headers: dict[str, str]


async def unless_unchanged(unit: Unit, produce: Callable[[], Awaitable[Response]]) -> Response:
    """``produce``'s answer, or a 304 to who holds it. Only for answers that follow from logged tables and the day.

    The state of the log is read before the answer is made: what is written meanwhile makes it another state.
    """
    if "as_of" in unit.request.query_params:  # an instant may be to come or past: it needs a look at the clock
        return await produce()
    known, state, key = _known(unit), await _state(unit.session), _key(unit)
    made = known.get(key)
    if made is not None and made.state == state and fresh(unit.request, made.headers["etag"]):
        known.move_to_end(key)
        unit.remember(*_again(known, key), held=True)
        return Response(status_code=304, headers=made.headers)
    answer = await produce()
    if answer.status_code in (200, 304) and "etag" in answer.headers:
        kept = {name: answer.headers[name] for name in ("etag", "vary", "cache-control") if name in answer.headers}
        known[key] = _Made(state, kept)
        unit.remember(*_again(known, key), held=True)
        if len(known) > MOST:
            known.popitem(last=False)
    return answer


def _again(known: OrderedDict[Hashable, _Made], key: Any) -> tuple[Callable[[], Any], Again]:
    def again(request: Request, rows: Sequence[Any]) -> Response | None:
        made = known.get(key)
        unmoved = made is not None and key[-1] == _quarter() and made.state == rows[0]["state"]
        if made is None or not unmoved or not fresh(request, made.headers["etag"]):
            return None
        known.move_to_end(key)
        return Response(status_code=304, headers=made.headers)

    return lambda: LOG_STATE, again


def _quarter() -> int:
    return int(time.time() // QUARTER)


def _known(unit: Unit) -> OrderedDict[Hashable, _Made]:
    of_app = unit.request.app.state
    if not hasattr(of_app, "unchanged"):
        of_app.unchanged = OrderedDict()
    found: OrderedDict[Hashable, _Made] = of_app.unchanged
    return found


async def _state(session: AsyncSession) -> str | None:
    found: str | None = (await session.execute(LOG_STATE)).scalar_one_or_none()
    return found


def _key(unit: Unit) -> Hashable:
    request = unit.request
    said = tuple(request.headers.get(name) for name in _VARYING)
    return unit.who, request.url.path, request.url.query, said, _quarter()
