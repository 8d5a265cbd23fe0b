"""What each command does. Every one works on ``DATABASE_URL``, or on the embedded server under ``CADRAN_HOME``."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cadran import __version__
from cadran.cli import accounts, backups, figures, mails, totals
from cadran.cli.store import database, fail, migrate, pending, run
from cadran.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(accounts.users, name="user")
app.add_typer(accounts.keys, name="key")
console = Console(stderr=True)


def main() -> None:
    app()


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar a stage on standard error; silent when it is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        stages: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=total)
            bar.update(stages[stage], completed=done, total=total)

        yield report


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


# Eager: answered before a command is missed.
Version = Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)]


@app.callback()
def options(version: Version = False) -> None:
    """What every command shares."""


@app.command()
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo company if there is none yet.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default HOST or 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; default PORT or 8000.")] = None,
) -> None:
    """Start the service: API, screens and, without DATABASE_URL, its own PostgreSQL."""
    from cadran.app import create_app
    from cadran.cli import serving

    settings = Settings()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with database(settings, quiet=False) as url:
        if settings.database_url is None:
            _quietly(migrate, url)
        elif run(pending(url)):
            raise fail("The database's schema is not this version's. Run `cadran migrate` first.")
        if demo:
            _demo(url, only_if_empty=True)
        address, at = host or settings.host, port or settings.port
        shown = "localhost" if address in ("127.0.0.1", "0.0.0.0", "::1", "::") else address  # noqa: S104
        typer.secho(f"Cadran is on http://{shown}:{at}/  (Ctrl-C stops it)", fg=typer.colors.GREEN)
        serving.serve(create_app(settings.model_copy(update={"database_url": url}), work=settings.work), address, at)


def _quietly(work: Callable[[str], None], url: str) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    work(url)


@app.command()
def work() -> None:
    """Do jobs only (webhooks, imports in the background), beside any number of `cadran serve`."""
    from cadran.cli.working import work_until_stopped

    settings = Settings()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    with database(settings) as url:
        typer.secho("Working on jobs  (Ctrl-C stops)", fg=typer.colors.GREEN)
        run(work_until_stopped(settings.model_copy(update={"database_url": url})))


@app.command()
def verify() -> None:
    """Recompute what is kept (sums by day and month, states by customer, duplicates) and say what differs (nothing)."""
    with database(Settings()) as url:
        found = run(totals.verify(url))
    for fact, wrong in found.items():
        typer.echo(f"{fact}: {'as the documents' if not wrong else f'{wrong} differ'}")
    if any(found.values()):
        raise fail("Run `cadran rebuild`, and report how it came to this.")


@app.command()
def rebuild() -> None:
    """Make what is kept (sums by day and month, states by customer, duplicates) again from the documents."""
    with database(Settings()) as url:
        run(totals.rebuild(url))
    typer.echo("The sums are those of the documents.")


@app.command("migrate")
def migrate_command() -> None:
    """Bring the schema to this version."""
    with database(Settings()) as url:
        _quietly(migrate, url)
    typer.echo("The schema is up to date.")


@app.command()
def init(
    name: Annotated[str, typer.Option(prompt="Company name", help="The company's name.")],
    admin: Annotated[str, typer.Option(prompt="Administrator's e-mail", help="The first user, who may do everything.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="CADRAN_ADMIN_PASSWORD")
    ],
    country: Annotated[str, typer.Option(help="ISO 3166 code, for public holidays.")] = "FR",
    region: Annotated[str | None, typer.Option(help="ISO 3166-2 region, for its own holidays.")] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="Of the company, whatever the viewer's.")] = "Europe/Paris",
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Create an empty company and its administrator."""
    company = accounts.checked_company(name, country, region, currency, time_zone, language)
    with database(Settings()) as url:
        _quietly(migrate, url)
        run(accounts.create_company(url, company, admin, password))
    typer.echo(f"{name} is ready. Start with `cadran serve` and sign in as {admin}.")


@app.command()
def demo() -> None:
    """Load the demo company (generated, labelled as such) into an empty database."""
    with database(Settings()) as url:
        _quietly(migrate, url)
        _demo(url, only_if_empty=False)


def _demo(url: str, *, only_if_empty: bool) -> None:
    with progress_bar() as report:
        found = run(accounts.load_demo(url, report, only_if_empty=only_if_empty))
    if found is not None:
        typer.echo("Demo company loaded. Sign in with any of:")
        for email, role in found.shown:
            typer.echo(f"  {email:<42} {role}")
        typer.echo(f"  password of all: {found.password}")


@app.command("import")
def import_command(
    resource: Annotated[str, typer.Argument(help="customers, orders, invoices …")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, XLSX or JSON Lines.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Take the good rows when others are refused.")] = False,
    delimiter: Annotated[str | None, typer.Option(help="; , or tab, when not recognised.")] = None,
    encoding: Annotated[str | None, typer.Option(help="utf-8, cp1252 …, when not recognised.")] = None,
    date_format: Annotated[str | None, typer.Option(help="yyyy-mm-dd, dd/mm/yyyy or mm/dd/yyyy.")] = None,
    decimal: Annotated[str | None, typer.Option(help="comma or point.")] = None,
    refused: Annotated[Path | None, typer.Option(help="Write the refused rows to this CSV file.")] = None,
) -> None:
    """Import a file: created or updated by external_id, all or nothing unless --partial."""
    from cadran.cli import importing

    stated = {"delimiter": delimiter, "encoding": encoding, "date_format": date_format, "decimal": decimal}
    with database(Settings()) as url, progress_bar() as report:
        outcome = run(importing.import_path(url, resource, file, file.read_bytes(), dry_run, partial, stated, report))
    importing.tell(outcome, refused)
    if not outcome.accepted:
        raise typer.Exit(1)


@app.command()
def kpi(
    name: Annotated[str, typer.Argument(help="For example average_basket; `list` names them all.")],
    period: Annotated[str | None, typer.Option(help="2026-Q3, this-month, last-quarter …")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day; with --to instead of --period.")] = None,
    to: Annotated[str | None, typer.Option(help="The day after the last.")] = None,
    interval: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    group_by: Annotated[str | None, typer.Option(help="rep, team, business_unit, customer, product …")] = None,
    compare: Annotated[list[str] | None, typer.Option(help="previous, previous_year.")] = None,
    as_of: Annotated[str | None, typer.Option(help="A past day or instant.")] = None,
    rep: Annotated[list[str] | None, typer.Option(help="A user's id or e-mail.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="A team's id.")] = None,
    business_unit: Annotated[list[str] | None, typer.Option(help="A business unit's id.")] = None,
    records: Annotated[bool, typer.Option("--records", help="The rows behind the number.")] = False,
    output: Annotated[str, typer.Option("--format", help="text, json, csv or xlsx.")] = "text",
    dialect: Annotated[str, typer.Option(help="CSV: standard or excel-fr.")] = "standard",
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    url: Annotated[str | None, typer.Option(help="A Cadran elsewhere, asked over HTTP.")] = None,
    key: Annotated[str | None, typer.Option(envvar="CADRAN_API_KEY", help="The API key for --url.")] = None,
) -> None:
    """Ask a KPI, here or of a Cadran elsewhere."""
    asked = {
        "period": period, "from": since, "to": to, "interval": interval, "group_by": group_by, "compare": compare,
        "as_of": as_of, "rep": rep, "team": team, "business_unit": business_unit,
    }  # fmt: skip
    parameters = {name: value for name, value in asked.items() if value}
    if output not in ("text", "json", "csv", "xlsx"):
        raise fail("--format is text, json, csv or xlsx.", 2)
    if output in ("csv", "xlsx"):
        parameters |= {"format": output, "dialect": dialect}
    path = "/kpi" if name == "list" else f"/kpi/{name}/records" if records else f"/kpi/{name}"
    if url:
        answer = figures.ask_elsewhere(url, key, path, {} if name == "list" else parameters)
    else:
        with database(Settings()) as here:
            answer = run(figures.ask_here(here, path, {} if name == "list" else parameters))
    figures.show(answer, output, "en" if lang == "en" else "fr")


@app.command()
def digest(
    email: Annotated[str, typer.Argument(help="Whose.")],
    send: Annotated[bool, typer.Option("--send", help="Send it now instead of printing it.")] = False,
) -> None:
    """Print the digest a user would receive this morning, or send it."""
    with database(Settings()) as url:
        typer.echo(run(mails.digest_of(url, Settings(), email, send=send)))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it.")]) -> None:
    """Write the whole database to one file, with its checksum."""
    with database(Settings()) as url:
        size = backups.backup(url, file)
    typer.echo(f"Backed up to {file} ({size / 1_000_000:.1f} MB).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Even if the database holds a company.")] = False,
) -> None:
    """Restore a backup, after checking that no byte of it changed."""
    with database(Settings()) as url:
        backups.restore(url, file, replace=replace)
        _quietly(migrate, url)
    typer.echo("Restored.")


@app.command()
def openapi(file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("openapi.yaml")) -> None:
    """Write the API's description (OpenAPI 3.1)."""
    import yaml

    from cadran.app import create_app

    os.environ.setdefault("DATABASE_URL", "")
    text = yaml.safe_dump(create_app(Settings()).openapi(), allow_unicode=True, sort_keys=False, width=120)
    file.write_text(text, encoding="utf-8")


@app.command()
def docs(folder: Annotated[Path, typer.Argument(help="Where docs/ is.")] = Path("docs")) -> None:
    """Write the pages generated from the catalogue: kpis.md and problems.md."""
    from cadran.cli.pages import write

    write(folder)
