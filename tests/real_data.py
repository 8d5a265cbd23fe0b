"""Real public sets, read from where they are and never copied here."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("CADRAN_REAL_DATA") or Path(__file__).parents[2] / "shared" / "data")


def rows(name: str, *, skip_spaces: bool = False) -> list[dict[str, str]]:
    """The rows of one CSV file; skips the test where the set is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"real data absent: set CADRAN_REAL_DATA to the folder that holds {name}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=skip_spaces))


def expected(name: str) -> dict[str, Any]:
    """The expected figures of one set, by name; skips the test where they are absent."""
    path = FOLDER / "expected" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"real data absent: set CADRAN_REAL_DATA to the folder that holds expected/{name}.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["kpis"]
    return {key: entry["value"] for key, entry in found.items()}
