"""``cadran import``: a file from disk, what became of it, and the rows refused."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from cadran.cli.figures import OPERATOR
from cadran.cli.store import fail
from cadran.imports import Outcome, import_file
from cadran.kit.db import Actor, Database, engine
from cadran.kit.tabular import FileError, Stated

SHOWN = 20


async def import_path(
    url: str,
    resource: str,
    file: Path,
    data: bytes,
    dry_run: bool,
    partial: bool,
    stated: dict[str, Any],
    report: Callable[[str, int, int], None],
) -> Outcome:
    store = Database(engine(url, 1))
    try:
        async with store.session(Actor("import")) as session:
            return await import_file(
                session, OPERATOR, resource, data, file_name=file.name, stated=Stated(**stated),
                dry_run=dry_run, partial=partial, progress=report,
            )  # fmt: skip
    except FileError as error:
        raise fail(f"{file}: {error}", 2) from None
    finally:
        await store.close()


def tell(outcome: Outcome, refused: Path | None) -> None:
    """What was recognised, what was done, and the first refusals; all of them in ``refused``."""
    typer.echo("Read as " + ", ".join(f"{name} {value}" for name, value in outcome.format.items()), err=True)
    for error in outcome.errors[:SHOWN]:
        value = "" if error["value"] is None else f" {error['value']!r}"
        typer.echo(
            f"line {error['line']}, {error['column'] or 'row'}{value}: {error['reason']} {error['remedy']}", err=True
        )
    if len(outcome.errors) > SHOWN:
        typer.echo(f"… and {len(outcome.errors) - SHOWN} more refusals (--refused FILE writes them all).", err=True)
    if refused is not None and outcome.errors:
        with refused.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["line", "column", "value", "reason", "remedy"])
            writer.writeheader()
            writer.writerows(outcome.errors)
    done = "would be" if outcome.dry_run else "were"
    if outcome.accepted:
        typer.echo(
            f"{outcome.rows} rows: {outcome.created} records {done} created, {outcome.updated} updated, "
            f"{outcome.unchanged} unchanged; {outcome.refused} rows refused."
        )
    else:
        typer.echo(f"{outcome.rows} rows, {outcome.refused} refused: nothing was written.", err=True)
