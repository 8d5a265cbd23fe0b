"""Pages written from what the code declares, so that no definition stands twice."""

from pathlib import Path

from cadran.kit.problems import CODES
from cadran.metrics.catalogue import KPIS
from cadran.metrics.kpi import Kpi

NOTE = "<!-- Written by `cadran docs`; edit the catalogue instead. -->\n\n"
TITLES = {
    "activity": "1. Steer the activity",
    "day": "2. Organise one’s day",
    "data-health": "3. Keep customer data healthy",
    "field": "4. Feel the field",
}


def write(folder: Path) -> None:
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {"kpis.md": _kpis(), "problems.md": _problems()}


def _kpis() -> str:
    parts = [f"# The thirteen KPIs\n\n{NOTE}"]
    for screen, title in TITLES.items():
        parts.append(f"## {title}\n\n")
        parts += [_kpi(kpi) for kpi in KPIS if kpi.dashboard == screen]
    return "".join(parts).rstrip() + "\n"


def _kpi(kpi: Kpi) -> str:
    beside = ", a companion" if kpi.companion else ""
    examples = "\n".join(
        f"- {each.text.en}: **{'null' if each.value is None else each.value}**" for each in kpi.examples
    )
    dimensions = ", ".join(f"`{each}`" for each in kpi.dimensions)
    components = ", ".join(f"`{name}`" for name in kpi.components) or "none"
    return (
        f"### `{kpi.name}` — {kpi.label.en} / {kpi.label.fr}\n\n"
        f"KPI {kpi.number}{beside}; {kpi.unit}, a {kpi.kind}; definition version {kpi.definition_version}.\n\n"
        f"{kpi.definition.en}\n\n*{kpi.definition.fr}*\n\n"
        f"Formula: {kpi.formula.en}. By {dimensions}. Beside it: {components}.\n\n"
        f"Examples:\n\n{examples}\n\n"
    )


def _problems() -> str:
    rows = "\n".join(f"| `{name}` | {code.status} | {code.title} | {code.meaning} |" for name, code in CODES.items())
    return f"# Problems\n\n{NOTE}| code | status | title | meaning |\n|---|---|---|---|\n{rows}\n"
