"""Compare two by two only the records that share a key: costs grow with the records, not with their square."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Generic, Protocol, Self, TypeVar
from uuid import UUID

import orjson

ENOUGH = 12.0  # evidence from which two records are taken for one
REACH = 8  # of those that share a key, a record is compared with so many before it and after it by name


def score_of(evidence: float) -> float:
    """0 for none, 0.875 for just enough, towards 1."""
    return max(0.0, 1 - 2 ** (-evidence / 4))


THRESHOLD = score_of(ENOUGH)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that look like one, ``first`` < ``second``; ``reasons``: the fields that agree."""

    first: UUID
    second: UUID
    score: float
    reasons: tuple[str, ...]


Evidence = tuple[float, list[str]]  # powers of two, and the fields that agree


class Card(Protocol):
    @property
    def id(self) -> UUID: ...


C = TypeVar("C", bound=Card)


def keys_of(kind: str, *wanted: tuple[Any, ...]) -> tuple[int, ...]:
    """The keys that are whole, as 64-bit numbers: one with a missing part would gather what has nothing in common."""
    whole = dict.fromkeys(repr((kind, *each)).encode() for each in wanted if all(each))
    return tuple(int.from_bytes(hashlib.blake2b(each, digest_size=8).digest(), signed=True) for each in whole)


@dataclass(slots=True)
class Keyed:
    """A card as it is compared. ``place``: by which those that share one of its ``keys`` are walked."""

    id: UUID
    place: str
    keys: tuple[int, ...]

    @property
    def leans_on(self) -> UUID | None:
        """The other record that tells part of the card."""
        return None

    def told(self) -> str:
        """What is compared, as text, for :meth:`read`."""
        values = [getattr(self, each.name) for each in fields(self)[3:]]
        return orjson.dumps(values, default=sorted).decode()

    @classmethod
    def read(cls, record: UUID, place: str, keys: Iterable[int], told: str) -> Self:
        values = [frozenset(each) if isinstance(each, list) else each for each in orjson.loads(told)]
        return cls(record, place, tuple(keys), *values)


K = TypeVar("K", bound=Keyed)


def neighbours(rows: Iterable[K]) -> Iterator[tuple[K, K]]:
    """Rows of two records that share a key, ``REACH`` places apart at most; some more than once."""
    sharing: dict[int, list[K]] = defaultdict(list)
    for row in rows:
        for key in row.keys:
            sharing[key].append(row)
    for members in sharing.values():
        if len(members) > REACH:
            members.sort(key=lambda row: (row.place, row.id))
        for place, one in enumerate(members):
            for other in members[place + 1 : place + 1 + REACH]:
                if one.id != other.id:
                    yield one, other


@dataclass(frozen=True)
class Kind(Generic[C]):
    """How one kind of record is compared. ``keyed``: a card as it is compared; ``weigh``: what two say together."""

    card: type[C]
    form: type[Keyed]
    keyed: Callable[[C], Keyed]
    weigh: Callable[[Any, Any], Evidence | None]

    def pair(self, one: Keyed, other: Keyed) -> Pair | None:
        """The pair they are, if they score ``THRESHOLD`` or more."""
        first, second = (one, other) if one.id < other.id else (other, one)
        found = self.weigh(first, second)
        if found is None or found[0] < ENOUGH:
            return None
        return Pair(first.id, second.id, round(score_of(found[0]), 4), tuple(found[1]))

    def pairs(self, cards: Iterable[C]) -> list[Pair]:
        """The pairs among these, the surest first."""
        rows = {card.id: self.keyed(card) for card in cards}
        near = {(a.id, b.id) if a.id < b.id else (b.id, a.id) for a, b in neighbours(rows.values())}
        found = (self.pair(rows[one], rows[other]) for one, other in near)
        return surest_first(pair for pair in found if pair is not None)


def surest_first(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second))
