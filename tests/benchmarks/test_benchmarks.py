"""The benchmarks run from end to end, on a company so small that their figures mean nothing."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from databases import ROOT

TINY = "--sizes 2000 --rounds 1 --writes 40 --seconds 0.1 --burst 8 --rows 100 --imported 20 --listeners 2"


@pytest.fixture
def home() -> Iterator[Path]:
    # Not below tmp_path: its parent is closed to the account that runs PostgreSQL for root.
    found = Path(tempfile.mkdtemp(prefix="cadran-bench-"))
    found.chmod(0o755)
    yield found
    shutil.rmtree(found, ignore_errors=True)


def broken(bench: Any) -> Iterator[Any]:
    """A line that cannot be measured."""
    raise RuntimeError("no such program")
    yield


def test_from_the_data_to_the_table(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.chdir(ROOT)
    benchmarks, measure = import_module("benchmarks.__main__"), import_module("benchmarks.measure")
    monkeypatch.setitem(benchmarks.GROUPS, "broken", (broken,))
    given = ["--home", str(home), "--results", str(tmp_path), *TINY.split(), "--only", "broken,fresh"]
    assert benchmarks.main(given) == 1, "a line could not be measured"
    (path,) = tmp_path.glob("*.json")
    told = json.loads(path.read_text())
    assert told["orders"] == [2000]
    failed, fresh = told["rows"]
    assert (failed["figure"], failed["detail"]) == (None, "no such program")
    assert (fresh["figure"], fresh["met"]) == (0, True)
    table = capsys.readouterr().out
    assert all(f"| {row['what']} |" in table for row in told["rows"])

    turns: list[str] = []
    sides = [measure.Side(lambda: turns.append("ours")), measure.Side(lambda: turns.append("theirs"))]
    assert len(measure.interleaved(sides, 2)) == 2
    assert turns == ["theirs", "ours", "ours", "theirs", "theirs", "ours"], "in turns, each first as often"
