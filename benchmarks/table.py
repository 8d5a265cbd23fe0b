"""What was measured, as rows of one table and as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Goal:
    """``most`` or ``least``: the bound the figure keeps to."""

    most: float | None = None
    least: float | None = None
    unit: str = " ×"

    def __str__(self) -> str:
        if self.most is None and self.least is None:
            return "–"
        sign, bound = ("≤", self.most) if self.most is not None else ("≥", self.least)
        return f"{sign} {bound:g}{self.unit}"

    def met(self, figure: float | None) -> bool | None:
        if figure is None or (self.most is None and self.least is None):
            return None
        return (self.most is None or figure <= self.most) and (self.least is None or figure >= self.least)


@dataclass(frozen=True)
class Row:
    """``figure``: the ratio; None when the line failed, ``detail`` then says why. ``told``: the figure in words."""

    what: str
    against: str
    figure: float | None
    goal: Goal
    detail: str = ""
    told: str | None = None

    @property
    def shown(self) -> str:
        if self.told is not None:
            return self.told
        return "failed" if self.figure is None else f"{self.figure:.3g}{self.goal.unit}"

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**missed**", None: "–"}[self.goal.met(self.figure)]


HEAD = ("What", "Against, in the same run", "Today", "Goal", "", "Medians")


def markdown(rows: list[Row]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD)]
    lines += [(row.what, row.against, row.shown, str(row.goal), row.verdict, row.detail) for row in rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def write_json(path: Path, about: dict[str, Any], rows: list[Row]) -> None:
    made = [asdict(row) | {"goal": str(row.goal), "met": row.goal.met(row.figure)} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(about | {"rows": made}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
