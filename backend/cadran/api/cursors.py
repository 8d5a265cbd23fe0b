"""Cursors of the change log, as clients keep them: a place, the log it is of, and the sight it was read with."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.problems import Problem, invalid
from cadran.models import User
from cadran.queries import log
from cadran.queries.log import Place
from cadran.resources.feed import allowed
from cadran.rules.principal import Principal

_MOST = 2**63
LATEST = "latest"


@dataclass(frozen=True)
class Cursors:
    """Writes and reads one caller's cursors. ``log``: which log it is; ``sight``: what decides what the caller sees."""

    log: str
    sight: str

    def write(self, place: Place) -> str:
        content = orjson.dumps([self.log, self.sight, place.xid, place.seq])
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    def read(self, cursor: str, pointer: str) -> Place:
        """Raises a 422 when it is none of ours, a 410 when it can no longer be followed without a gap."""
        try:
            kept, sight, xid, seq = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if not all(isinstance(each, str) for each in (kept, sight)):
                raise ValueError
            if not all(type(each) is int and 0 <= each < _MOST for each in (xid, seq)):
                raise ValueError
        except (ValueError, TypeError, binascii.Error):
            raise invalid(pointer, "This is no cursor of the change feed.", "Give the next_cursor received.") from None
        again = f"Read the lists again, from a new cursor (?after={LATEST})."
        if kept != self.log:
            raise Problem("gone", f"This cursor is of another database, or of before it was restored. {again}")
        if sight != self.sight:
            raise Problem("gone", f"What you may see has changed since this cursor. {again}")
        return Place(xid, seq)


async def cursors(session: AsyncSession, who: Principal) -> Cursors:
    """The caller's, as things stand."""
    people = []
    if who.role == "manager":
        team = select(User.id).where(User.team_id.in_(list(who.team_ids))).order_by(User.id)
        people = [str(key) for key in (await session.execute(team)).scalars()]
    own = [] if who.sees_all else [str(who.user_id), *sorted(map(str, who.team_ids))]
    sight = [who.role, sorted(allowed(who)), own, people]
    return Cursors(_short(await log.identity(session)), _short(orjson.dumps(sight).decode()))


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
