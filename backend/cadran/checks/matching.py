"""Compare two by two only the records that share a cheap key, and remember what was compared.

Costs grow with the records, not with their square: a key shared by many is walked in the order of names, each record
with its next neighbours only.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

ENOUGH = 12.0  # evidence from which two records are taken for one
CROWD = 24  # records sharing one key, beyond which only neighbours by name are compared
NEIGHBOURS = 6


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


@dataclass(slots=True)
class Keyed:
    id: UUID
    order: str  # by which a crowd is walked
    blocks: list[tuple[Any, ...]]


class Index(Generic[C]):
    """Remembers what it compared: the next update costs what has changed since, not the whole.

    Records are known by their id's integer, which hashes and compares faster than a UUID and in the same order.
    """

    def __init__(self, keyed: Callable[[C], Any], compare: Callable[[Any, Any], Evidence | None]) -> None:
        self._keyed, self._compare = keyed, compare
        self._cards: dict[int, C] = {}
        self._rows: dict[int, Keyed] = {}
        self._blocks: dict[tuple[Any, ...], list[int]] = {}
        self._pairs: dict[tuple[int, int], Pair] = {}

    def update(self, cards: Iterable[C]) -> list[Pair]:
        """The pairs among exactly these records: those scoring ``THRESHOLD`` or more, the surest first."""
        wanted = {card.id.int: card for card in cards}
        gone = {key for key, card in self._cards.items() if wanted.get(key) != card}
        new = {key for key in wanted if key in gone or key not in self._cards}
        if gone:
            self._forget(gone)
        for key in new:
            self._rows[key] = row = self._keyed(wanted[key])
            for block in row.blocks:
                self._blocks.setdefault(block, []).append(key)
        self._cards = wanted
        for first, second in self._candidates(new):
            one, other = self._rows[first], self._rows[second]
            evidence = self._compare(one, other)
            if evidence is not None and evidence[0] >= ENOUGH:
                self._pairs[first, second] = Pair(one.id, other.id, round(score_of(evidence[0]), 4), tuple(evidence[1]))
        return sorted(self._pairs.values(), key=lambda pair: (-pair.score, pair.first, pair.second))

    def _forget(self, gone: set[int]) -> None:
        for block in {block for key in gone for block in self._rows.pop(key).blocks}:
            left = [key for key in self._blocks.pop(block) if key not in gone]
            if left:
                self._blocks[block] = left
        self._pairs = {ids: pair for ids, pair in self._pairs.items() if gone.isdisjoint(ids)}

    def _candidates(self, new: set[int]) -> set[tuple[int, int]]:
        """Pairs sharing a key of which one at least is new."""
        found: set[tuple[int, int]] = set()
        for block in {block for key in new for block in self._rows[key].blocks}:
            members = self._blocks[block]
            reach = len(members)
            if reach == 1:
                continue
            if reach > CROWD:
                members = sorted(members, key=lambda key: (self._rows[key].order, key))
                reach = NEIGHBOURS
            for place, one in enumerate(members):
                fresh = one in new
                for other in members[place + 1 : place + 1 + reach]:
                    if fresh or other in new:
                        found.add((one, other) if one < other else (other, one))
        return found
