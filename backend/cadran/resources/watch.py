"""What changed for whom, by name alone: which resources hold changes that a caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.models import User
from cadran.queries import log
from cadran.queries.log import Place
from cadran.queries.visibility import is_public
from cadran.resources.entries import Entry, entries_of, tables_of
from cadran.resources.feed import HANGING, LAST, SIGHT, by_resource
from cadran.resources.registry import BY_NAME
from cadran.rules.principal import Principal

EVERY = frozenset(BY_NAME)
# Logged tables that are no resource of the feed, and where their change shows.
BESIDE = {"settings": "settings", "duplicate_dismissals": "duplicates"}
SCOPES = {"duplicates": "customers"}
TABLES = sorted(tables_of(EVERY) | set(BESIDE))
ALL = EVERY | set(BESIDE.values())
_PEOPLE, _TEAMS = ("owner_id", "rep_id", "scope_id"), ("team_id", "scope_id")


@dataclass
class Batch:
    """Some changes in a row. ``public``: resources everyone sees; ``entries``: those of the others.

    ``people`` and ``teams``: all whom these records name, now or before, themselves or through what they hang on. A rep
    or manager who is none of them sees nothing of it: the door need not be asked for a thousand listeners.
    """

    after: Place
    public: frozenset[str]
    entries: list[Entry]
    people: set[UUID] = field(default_factory=set)
    teams: set[UUID] = field(default_factory=set)

    def concerns(self, who: Principal) -> bool:
        if who.role == "rep":
            return who.user_id in self.people
        if who.role == "manager":
            return who.user_id in self.people or not who.team_ids.isdisjoint(self.teams)
        return True


async def batch_of(session: AsyncSession, rows: Sequence[Row[Any]], after: Place) -> Batch:
    """The changes read after a place, ready to be asked for many callers."""
    entries = await entries_of(session, rows, EVERY, after)
    public = {BESIDE[row.resource] for row in rows if row.resource in BESIDE}
    public |= {entry.resource.name for entry in entries if is_public(entry.resource.model)}
    found = Batch(after, frozenset(public), [entry for entry in entries if entry.resource.name not in public])
    images = [image for entry in found.entries for row in entry.own for image in (row.before, row.after) if image]
    for name, same in by_resource(found.entries).items():
        keys = {entry.key for entry in same if not entry.own}
        if keys:
            images += (await log.states(session, BY_NAME[name].table.name, keys, Place(LAST, LAST))).values()
    for image in map(orjson.loads, images):
        found.people |= {UUID(image[name]) for name in _PEOPLE if image.get(name)}
        found.teams |= {UUID(image[name]) for name in _TEAMS if image.get(name)}
    people, teams = await log.named_by(session, images, after)
    found.people |= people
    found.teams |= teams
    if found.people:
        of = select(User.team_id).where(User.id.in_(found.people), User.team_id.is_not(None))
        found.teams |= {team for team in (await session.execute(of)).scalars() if team is not None}
    return found


async def names_for(session: AsyncSession, who: Principal, batch: Batch) -> frozenset[str]:
    """The resources of the batch that hold a change the caller may see, or saw until it."""
    names = set(batch.public)
    if who.sees_all:
        names |= {entry.resource.name for entry in batch.entries}
    elif batch.concerns(who):
        for name, same in by_resource(batch.entries).items():
            if name not in names and may_read(who, name) and await _sees_any(session, who, same, batch.after):
                names.add(name)
                if name in HANGING and any(not entry.changed().isdisjoint(SIGHT) for entry in same):
                    names |= HANGING[name](same[0].key).keys()
    return frozenset(name for name in names if may_read(who, name))


def may_read(who: Principal, name: str) -> bool:
    return who.allows(SCOPES.get(name, name), "read")


async def _sees_any(session: AsyncSession, who: Principal, entries: list[Entry], after: Place) -> bool:
    resource = entries[0].resource
    keys = [entry.key for entry in entries]
    now = resource.selection(who).with_only_columns(resource.table.c.id).where(resource.table.c.id.in_(keys)).limit(1)
    if (await session.execute(now)).first() is not None:
        return True
    images = [entry.before for entry in entries if entry.before is not None]
    return bool(await log.seen_since(session, resource.model, who, images, after))
