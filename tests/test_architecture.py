"""Laws of the house: the arrows between its rooms, what may stand where, and that nothing is said twice."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from cadran.kit.tables import Base
from cadran.metrics.catalogue import KPIS
from cadran.models import LOGGED
from cadran.resources.registry import BY_NAME
from databases import ROOT

PACKAGE = ROOT / "backend/cadran"
SCREENS = ROOT / "frontend/src"
LONGEST = 400
GENERATED = {"0001_first_tables.py"}  # by Alembic, in one piece


def sources(*folders: Path, endings: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.suffix in endings)


def test_imports_run_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout)


@pytest.mark.parametrize("room", ["metrics", "rules"])
def test_what_decides_imports_the_standard_library_only(room: str) -> None:
    allowed = sys.stdlib_module_names | {"cadran.metrics", "cadran.rules"}
    for path in sources(PACKAGE / room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [node.module or ""]
            for name in names:
                parts = name.split(".")
                assert parts[0] in allowed or ".".join(parts[:2]) in allowed, f"{path.name} imports {name}"


def test_the_kit_knows_no_model() -> None:
    """Neither a model's class, nor a table's or resource's name, but in comments and docstrings."""
    classes = {mapper.class_.__name__ for mapper in Base.registry.mappers} - {"Session"}  # SQLAlchemy's own, too
    tables = {*Base.metadata.tables, *BY_NAME} - {"change", "settings"}  # two common words: classes tell them
    for path in sources(PACKAGE / "kit"):
        text = path.read_text(encoding="utf-8")
        names = {token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == 1}
        assert not names & classes, f"{path.name} names {names & classes}"
        words = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
        assert not words & tables, f"{path.name} names {words & tables}"


def test_a_kpi_is_declared_once() -> None:
    names = [kpi.name for kpi in KPIS]
    assert len(names) == len(set(names))
    declared = "".join(path.read_text(encoding="utf-8") for path in sources(PACKAGE / "metrics/catalogue"))
    for name in names:
        assert len(re.findall(rf'^ +(?:name=)?"{name}",$', declared, re.MULTILINE)) == 1, name


def test_no_text_of_a_kpi_stands_anywhere_else() -> None:
    """Label apart (a word such as "Encours" is also plain French): screens and pages read texts from the catalogue."""
    elsewhere = [path for path in sources(PACKAGE) if "catalogue" not in path.parts]
    elsewhere += sources(SCREENS, endings=(".js", ".jsx", ".ts"))
    texts = {path: " ".join(path.read_text(encoding="utf-8").split()) for path in elsewhere}
    for kpi in KPIS:
        for said in (kpi.definition.fr, kpi.definition.en, kpi.formula.fr, kpi.formula.en):
            found = [path.name for path, text in texts.items() if len(said) > 20 and said[:60] in text]
            assert not found, f"{kpi.name}: {said[:60]!r} also stands in {found}"


def test_what_the_migrations_log_is_what_the_models_log() -> None:
    logged: set[str] = set()
    for path in sources(ROOT / "backend/migrations/versions"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LOGGED":
                logged |= set(ast.literal_eval(node.value))
    assert logged == {model.__tablename__ for model in LOGGED}
    never = {"change", "idempotency_keys", "sessions", "sign_in_failures", "imports"}  # no business of the company
    never |= {"webhook_states", "webhook_deliveries", "import_files", "digests"}  # secrets; what goes away by itself
    never |= {"order_totals", "invoice_totals", "stale_totals"}  # told by the documents
    never |= {"duplicate_cards", "duplicate_keys", "duplicate_kinds", "duplicate_pairs"}  # by the records and this log
    never |= {"state_days", "state_ranks", "state_sums", "state_totals", "day_sums", "kept_facts"}  # likewise
    assert logged | never == set(Base.metadata.tables)


def test_every_migration_goes_down() -> None:
    for path in sources(ROOT / "backend/migrations/versions"):
        if path.name != "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            down = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "downgrade"]
            assert down, path.name
            assert not all(isinstance(step, (ast.Pass, ast.Expr)) and _empty(step) for step in down[0].body), path.name


def _empty(step: ast.stmt) -> bool:
    return isinstance(step, ast.Pass) or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))


def test_files_are_short() -> None:
    files = [*sources(ROOT / "backend", ROOT / "tests"), *sources(SCREENS, endings=(".js", ".jsx"))]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert len(lengths) > 150
    long = {path.name: lines for path, lines in lengths.items() if lines > LONGEST and path.name not in GENERATED}
    assert not long
