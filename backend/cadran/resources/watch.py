"""What changed for whom, by name alone: which resources hold changes that a caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
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

    ``named``: the people and the teams whom these records name, now or before, themselves or through what they hang on;
    found when first asked for. A rep or manager who is none of them sees nothing of it: the door need not be asked for
    a thousand listeners.
    """

    after: Place
    public: frozenset[str]
    entries: list[Entry]
    named: tuple[set[UUID], set[UUID]] | None = None


async def batch_of(session: AsyncSession, rows: Sequence[Row[Any]], after: Place) -> Batch:
    """The changes read after a place, ready to be asked for many callers."""
    entries = await entries_of(session, rows, EVERY, after)
    public = {BESIDE[row.resource] for row in rows if row.resource in BESIDE}
    public |= {entry.resource.name for entry in entries if is_public(entry.resource.model)}
    return Batch(after, frozenset(public), [entry for entry in entries if entry.resource.name not in public])


async def _concerns(session: AsyncSession, who: Principal, batch: Batch) -> bool:
    if who.role not in ("rep", "manager"):
        return True
    if batch.named is None:
        batch.named = await _named_in(session, batch)
    people, teams = batch.named
    return who.user_id in people or (who.role == "manager" and not who.team_ids.isdisjoint(teams))


async def _named_in(session: AsyncSession, batch: Batch) -> tuple[set[UUID], set[UUID]]:
    images = [image for entry in batch.entries for row in entry.own for image in (row.before, row.after) if image]
    for name, same in by_resource(batch.entries).items():
        keys = {entry.key for entry in same if not entry.own}
        if keys:
            images += (await log.states(session, BY_NAME[name].table.name, keys, Place(LAST, LAST))).values()
    people, teams = await log.named_by(session, images, batch.after)
    for image in map(orjson.loads, images):
        people |= {UUID(image[name]) for name in _PEOPLE if image.get(name)}
        teams |= {UUID(image[name]) for name in _TEAMS if image.get(name)}
    if people:
        of = select(User.team_id).where(User.id.in_(people), User.team_id.is_not(None))
        teams |= {team for team in (await session.execute(of)).scalars() if team is not None}
    return people, teams


async def names_for(session: AsyncSession, who: Principal, batch: Batch) -> frozenset[str]:
    """The resources of the batch that hold a change the caller may see, or saw until it."""
    names = set(batch.public)
    if who.sees_all:
        names |= {entry.resource.name for entry in batch.entries}
    elif await _concerns(session, who, batch):
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
