"""The benchmarks run from end to end, on a company so small that their figures mean nothing."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

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


def test_every_kind_of_line_is_measured(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.chdir(ROOT)
    benchmarks = pytest.importorskip("benchmarks.__main__")
    given = ["--home", str(home), "--results", str(tmp_path), *TINY.split(), "--only", "fresh,endpoints"]
    assert benchmarks.main(given) == 0
    (path,) = tmp_path.glob("*.json")
    told = json.loads(path.read_text())
    assert told["orders"] == [2000]
    rows = {row["what"]: row for row in told["rows"]}
    assert next(row for what, row in rows.items() if what.startswith("Freshness"))["figure"] == 0
    assert all(row["figure"] > 0 for row in rows.values() if "FastAPI" in row["against"])
    table = capsys.readouterr().out
    assert all(f"| {what} |" in table for what in rows)
