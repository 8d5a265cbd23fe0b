"""What is generated from the code and committed is what the code says today."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from cadran.app import create_app
from cadran.cli.main import app as command_line
from cadran.cli.pages import pages
from cadran.imports.columns import columns_of
from cadran.kit.export import XLSX
from cadran.kit.problems import CODES
from cadran.metrics.catalogue import KPIS, pipeline
from cadran.metrics.kpi import evaluate
from cadran.settings import Settings

ROOT = Path(__file__).parents[1]


def test_openapi_has_not_drifted() -> None:
    committed = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    assert committed == create_app(Settings()).openapi(), "run `make openapi`"


def test_operation_ids_are_unique_and_name_functions() -> None:
    """They are what generated clients call: `list_customers`, `get_kpi`."""
    operations = [each for path in create_app(Settings()).openapi()["paths"].values() for each in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert len(ids) > 150
    assert [each for each in ids if not re.fullmatch("[a-z]+(_[a-z]+)*", each)] == []
    assert {"list_customers", "get_customer", "create_quote", "get_kpi", "put_order_by_external_id"} <= set(ids)


def test_every_error_is_a_problem() -> None:
    described = create_app(Settings()).openapi()
    errors = 0
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if int(status) < 400:
                    continue
                name = response.get("$ref", "").rsplit("/", 1)[-1]
                told = described["components"]["responses"][name] if name else response
                assert told["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }, f"{method} {path} {status}"
                errors += 1
    assert errors > 1000


def test_no_schema_is_left_open() -> None:
    """Nothing is null, and only files are described by their media type alone."""
    files = ("text/csv", XLSX)

    def walk(value: Any, at: str) -> None:
        assert value is not None, at
        if isinstance(value, dict):
            assert value or at.endswith(files), at
            for name, held in value.items():
                walk(held, f"{at}/{name}")
        elif isinstance(value, list):
            for position, held in enumerate(value):
                walk(held, f"{at}/{position}")

    walk(create_app(Settings()).openapi(), "")


def test_pages_have_not_drifted() -> None:
    for name, text in pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run `make docs`"
    kpis = (ROOT / "docs/kpis.md").read_text(encoding="utf-8")
    assert all(f"`{kpi.name}`" in kpis and kpi.definition.fr in kpis for kpi in KPIS)
    problems = (ROOT / "docs/problems.md").read_text(encoding="utf-8")
    assert all(f"| `{code}` | {CODES[code].status} |" in problems for code in CODES)


def test_every_relative_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_command_of_the_readme_exists() -> None:
    commands = get_command(command_line).commands  # type: ignore[attr-defined]
    named = re.findall(r"^(?:\| `)?cadran ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(commands)


def test_every_option_of_the_pages_exists() -> None:
    """On a line of shell that begins with cadran, and of cadran in a sentence."""
    commands = get_command(command_line).commands  # type: ignore[attr-defined]
    seen = 0
    for page in (ROOT / "README.md", ROOT / "docs/importing.md"):
        for line in re.findall(r"^cadran .+|(?<=`)cadran [^`]+", page.read_text(encoding="utf-8"), re.MULTILINE):
            _, name, *words = shlex.split(line)
            command = commands[name]
            if hasattr(command, "commands") and words:
                command = command.commands[words[0]]
            known = {option for parameter in command.params for option in parameter.opts}
            options = {word for word in words if word.startswith("--")}
            assert options <= known, line
            seen += len(options)
    assert seen > 10


def test_the_columns_told_of_exist() -> None:
    told = set(re.findall(r"`(line_\w+)`", (ROOT / "docs/importing.md").read_text(encoding="utf-8")))
    assert len(told) > 5
    assert told <= set(columns_of("orders")) | set(columns_of("invoices"))
    assert {"customer", "rep", "external_id"} <= set(columns_of("orders"))
    assert "owner" in columns_of("customers")
    assert "order" in columns_of("order-lines")


def examples_of_contributing() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs/contributing.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_kpi_of_the_guide_works() -> None:
    """Written where the guide says, it computes what its own examples say."""
    names = dict(vars(pipeline))
    exec(examples_of_contributing()[0], names)  # noqa: S102 - the guide's own code is what is tested
    kpi = names["lost_amount"]
    assert kpi.name not in {each.name for each in KPIS}
    assert kpi.examples
    for example in kpi.examples:
        assert evaluate(kpi, example.cells, example.context).value == example.value


def test_the_resource_of_the_guide_works() -> None:
    """Its model and declaration give every conventional route; apart, since a table declared stays declared."""
    _, model, _, _, resource = examples_of_contributing()
    program = [
        model,
        "import cadran.models, cadran.resources.registry\ncadran.models.Competitor = Competitor",
        resource,
        "from cadran.kit.routes import router_of\nprint(len(router_of(competitors).routes))",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 8
