"""What is generated from the code and committed is what the code says today."""

import re
from pathlib import Path

import yaml
from typer.main import get_command

from cadran.app import create_app
from cadran.cli.main import app as command_line
from cadran.cli.pages import pages
from cadran.metrics.catalogue import KPIS
from cadran.models import LOGGED
from cadran.settings import Settings

ROOT = Path(__file__).parents[1]


def test_openapi_has_not_drifted() -> None:
    committed = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    assert committed == create_app(Settings()).openapi(), "run `make openapi`"


def test_operation_ids_are_unique() -> None:
    operations = [each for path in create_app(Settings()).openapi()["paths"].values() for each in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert len(ids) > 150


def test_pages_have_not_drifted() -> None:
    for name, text in pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run `make docs`"
    kpis = (ROOT / "docs/kpis.md").read_text(encoding="utf-8")
    assert all(f"`{kpi.name}`" in kpis and kpi.definition.fr in kpis for kpi in KPIS)


def test_every_relative_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_command_of_the_readme_exists() -> None:
    commands = get_command(command_line).commands  # type: ignore[attr-defined]
    named = re.findall(r"^(?:\| `)?cadran ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(commands)


def test_no_kpi_is_defined_twice() -> None:
    """The screens read definitions from the API: none stands in their sources."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "frontend/src").rglob("*.js*"))
    for kpi in KPIS:
        assert kpi.definition.fr[:60] not in sources, kpi.name
        assert kpi.definition.en[:60] not in sources, kpi.name


def test_every_logged_table_has_its_triggers() -> None:
    migration = (ROOT / "backend/migrations/versions/0002_change_log.py").read_text(encoding="utf-8")
    assert all(f'"{model.__tablename__}"' in migration for model in LOGGED)
