"""Which fields are filled, team by team."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cadran.metrics.facts import QualityCell
from cadran.metrics.rounding import ratio


@dataclass(frozen=True)
class Filled:
    """One cell of the matrix: weighted records that have the field, of those that should."""

    filled: int
    possible: int

    @property
    def share(self) -> Decimal | None:
        return ratio(self.filled, self.possible)


def field_matrix(cells: Iterable[QualityCell], fields: Sequence[str]) -> dict[Any, dict[str, Filled]]:
    """For each team (None: unassigned) and each field, how much is filled, a decision-maker weighing 3."""
    sums: dict[Any, dict[str, list[int]]] = {}
    for cell in cells:
        row = sums.setdefault(cell.team, {name: [0, 0] for name in fields})
        for name in fields:
            row[name][1] += cell.weight
            row[name][0] += 0 if name in cell.missing else cell.weight
    return {team: {name: Filled(*counts) for name, counts in row.items()} for team, row in sums.items()}
