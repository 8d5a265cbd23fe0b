"""The command line on a home of its own: what it does, what it says, and how it ends."""

import asyncio
import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from cadran.app import create_app
from cadran.cli.main import app
from cadran.kit.db import Database, engine
from cadran.kit.postgres import EmbeddedPostgres
from cadran.settings import Settings

PASSWORD = "correct horse battery"
ADMIN = "ada@example.com"
Run = Callable[..., Result]
CUSTOMERS = "external_id;name;owner\nC1;Durand SA;ada@example.com\nC2;Béziers Outillage;ada@example.com\n"
ORDERS = (
    "external_id;number;customer;rep;confirmed_on;line_description;line_quantity;line_unit_price\n"
    "O1;SO-1;C1;ada@example.com;03/02/2026;Roulement;10;12,34\n"
    "O1;SO-1;C1;ada@example.com;03/02/2026;Graisse;3;0,55\n"
    "O2;SO-2;C2;ada@example.com;17/03/2026;Roulement;7;99,99\n"
)
TOTAL = Decimal("824.98")  # 123.40 + 1.65 + 699.93


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # Not below tmp_path: its parent is closed to the account that runs PostgreSQL for root.
    folder = Path(tempfile.mkdtemp(prefix="cadran-cli-"))
    folder.chmod(0o755)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    """A server that runs meanwhile, as under `cadran serve`: commands find it and leave it running."""
    with EmbeddedPostgres(home, fsync=False) as found:
        yield found


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("DATABASE_URL", "CADRAN_PASSWORD", "CADRAN_ADMIN_PASSWORD", "CADRAN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CADRAN_HOME", str(home))

    def invoke(*arguments: object, code: int = 0, **environment: str) -> Result:
        done: Result = CliRunner().invoke(app, [str(each) for each in arguments], env=environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    return invoke


@pytest.fixture
def company(server: EmbeddedPostgres, run: Run) -> Run:
    """The commands on a company that has its administrator."""
    again = CliRunner().invoke(app, ["init", "--name", "Durand", "--admin", ADMIN, "--password", PASSWORD])
    assert again.exit_code == 0 or "already holds a company" in again.output, again.output
    return run


@pytest.fixture
def trading(company: Run, tmp_path: Path) -> Run:
    for resource, text in (("customers", CUSTOMERS), ("orders", ORDERS)):
        file = tmp_path / f"{resource}.csv"
        file.write_bytes(text.encode("cp1252"))
        company("import", resource, file)
    return company


def asked(url: str, key: str, path: str) -> httpx.Response:
    """The API's own answer, by the key."""

    async def ask() -> httpx.Response:
        store = Database(engine(url, 2))
        transport = httpx.ASGITransport(app=create_app(Settings(), store))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(path, headers={"Authorization": f"Bearer {key}"})
        finally:
            await store.close()

    return asyncio.run(ask())


def test_help_and_version(run: Run) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run("--version").output)
    assert "backup" in run("--help").output
    assert run("fly", code=2).output


def test_init_refuses_what_is_no_company_before_touching_anything(run: Run, home: Path) -> None:
    given = ("init", "--name", "Durand", "--admin", ADMIN, "--password", PASSWORD)
    assert "time zone" in run(*given, "--time-zone", "Mars/Olympus", code=2).output
    assert "currency" in run(*given, "--currency", "XXY", code=2).output
    assert "public holidays" in run(*given, "--country", "ZZ", code=2).output
    assert "--language" in run(*given, "--language", "de", code=2).output
    assert "needs a name" in run("init", "--name", " ", "--admin", ADMIN, "--password", PASSWORD, code=2).output


def test_a_second_company_is_refused(company: Run) -> None:
    said = company("init", "--name", "Other", "--admin", ADMIN, "--password", PASSWORD, code=1).output
    assert "already holds a company" in said
    assert "CADRAN_HOME" in said
    assert "empty one" in company("demo", code=1).output


def test_users(company: Run) -> None:
    add = ("user", "add", "rene@example.com", "--name", "René", "--password", PASSWORD)
    assert "may sign in as rep" in company(*add).output
    assert "is a user already" in company(*add, code=1).output
    assert "--role is one of" in company(*add, "--role", "king", code=2).output
    assert (
        "is not an e-mail address"
        in company("user", "add", "rene", "--name", "R", "--password", PASSWORD, code=2).output
    )
    short = company("user", "add", "b@example.com", "--name", "B", "--password", "short", code=2)
    assert "at least 12" in short.output
    assert "No team is called" in company(
        "user", "add", "c@example.com", "--name", "C", "--team", "Nowhere", "--password", PASSWORD, code=1
    ).output  # fmt: skip
    company("user", "disable", "rene@example.com")
    listed = company("user", "list").output
    assert re.search(r"rene@example.com +rep +René +\(disabled\)", listed)
    assert re.search(rf"{ADMIN} +admin", listed)
    assert "last administrator" in company("user", "disable", ADMIN, code=1).output
    assert "No user has" in company("user", "password", "nobody@example.com", "--password", PASSWORD, code=1).output
    assert company("user", "password", ADMIN, CADRAN_PASSWORD=PASSWORD + "!").output == "Password set.\n"


def test_a_key_opens_what_it_says_until_it_is_revoked(company: Run, server: EmbeddedPostgres) -> None:
    made = company("key", "create", "erp", "--user", ADMIN, "--scope", "kpi:read")
    key = made.stdout.strip()
    assert key.startswith("cdr_live_")
    assert "shown this once" in made.stderr
    assert asked(server.url, key, "/kpi").status_code == 200
    assert asked(server.url, key, "/orders").status_code == 403
    listed = company("key", "list").output
    assert key not in listed
    prefix = next(line.split("…")[0] for line in listed.splitlines() if " erp " in line and line.endswith("valid"))
    assert key.startswith(prefix)
    company("key", "revoke", prefix)
    assert asked(server.url, key, "/kpi").status_code == 401
    assert "No valid key" in company("key", "revoke", prefix, code=1).output
    assert "Unknown scope" in company("key", "create", "x", "--user", ADMIN, "--scope", "all", code=2).output


def test_import_tells_what_it_read_and_what_it_refused(company: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "customers.csv", tmp_path / "bad.csv"
    good.write_bytes(CUSTOMERS.encode("cp1252"))
    bad.write_text("external_id,name,owner\nC8,,\nC9,Fine,nobody@example.com\n", encoding="utf-8")
    assert "2 records would be created" in company("import", "customers", good, "--dry-run").stdout
    first = company("import", "customers", good)
    assert "2 records were created" in first.stdout
    assert "cp1252" in first.stderr
    assert "0 records were created, 0 updated, 2 unchanged" in company("import", "customers", good).stdout
    refused = company("import", "customers", bad, "--refused", tmp_path / "refused.csv", code=1)
    assert "line 2, name" in refused.stderr
    assert "line 3, owner 'nobody@example.com'" in refused.stderr
    assert "nothing was written" in refused.stderr
    with (tmp_path / "refused.csv").open(encoding="utf-8") as file:
        assert [(row["line"], row["column"]) for row in csv.DictReader(file)] == [("2", "name"), ("3", "owner")]
    bad.write_text("external_id,nmae\nC8,X\n", encoding="utf-8")
    assert "'name'" in company("import", "customers", bad, code=2).stderr
    assert "cannot be imported" in company("import", "clients", good, code=2).stderr
    company("import", "customers", tmp_path / "none.csv", code=2)


def test_a_kpi_is_the_api_s_to_the_cent(trading: Run, server: EmbeddedPostgres) -> None:
    key = trading("key", "create", "sheet", "--user", ADMIN, "--scope", "kpi:read").stdout.strip()
    path = "/kpi/ordered_amount?period=2026&interval=quarter&group_by=customer&compare=previous_year"
    options = ("--period", "2026", "--interval", "quarter", "--group-by", "customer", "--compare", "previous_year")
    answer = asked(server.url, key, path).json()
    assert Decimal(answer["value"]) == TOTAL
    told = json.loads(trading("kpi", "ordered_amount", *options, "--format", "json").stdout)
    varying = {"as_of", "computed_at"}  # the instant of the question
    assert {name: value for name, value in told.items() if name not in varying} == {
        name: value for name, value in answer.items() if name not in varying
    }
    sheet = trading("kpi", "ordered_amount", *options, "--format", "csv").stdout_bytes
    assert sheet == asked(server.url, key, path + "&format=csv").content
    assert any(
        Decimal(cell) == TOTAL
        for row in csv.reader(io.StringIO(sheet.decode("utf-8-sig")))
        for cell in row
        if _number(cell)
    )
    text = trading("kpi", "ordered_amount", *options, "--lang", "en").stdout
    assert text.splitlines()[0] == "Orders, 2026: 824.98 EUR"
    assert "Béziers Outillage" in text
    records = trading("kpi", "ordered_amount", "--period", "2026", "--records").stdout
    assert "SO-1" in records
    assert "2 records" in records
    assert trading("kpi", "ordered_amount", "--period", "2026", "--rep", ADMIN, "--lang", "en").stdout.startswith(
        "Orders, 2026: 824.98"
    )


def _number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def test_a_kpi_that_cannot_be_answered_says_why(company: Run) -> None:
    assert "average_basket" in company("kpi", "list").stdout
    wrong = company("kpi", "ordered_amount", "--period", "yesteryear", code=2)
    assert "?period" in wrong.stderr
    assert wrong.stdout == ""
    company("kpi", "no_such_kpi", code=2)
    assert "--format is" in company("kpi", "ordered_amount", "--format", "pdf", code=2).stderr
    assert "No user has the e-mail" in company("kpi", "ordered_amount", "--rep", "x@example.com", code=1).stderr
    nobody = company("kpi", "ordered_amount", "--url", "http://127.0.0.1:1", code=1)
    assert "does not answer" in nobody.stderr


def test_a_backup_comes_back_and_a_flipped_byte_is_found(trading: Run, tmp_path: Path) -> None:
    amount = ("kpi", "ordered_amount", "--period", "2026", "--lang", "en")
    before = trading(*amount).stdout
    file = tmp_path / "night" / "cadran.backup"
    assert "Backed up to" in trading("backup", file).output
    more = tmp_path / "orders.csv"
    more.write_bytes(
        (ORDERS.splitlines()[0] + "\nO3;SO-3;C1;ada@example.com;18/03/2026;Vis;1;1000,00\n").encode("cp1252")
    )
    trading("import", "orders", more)
    after = trading(*amount).stdout
    assert "1,824.98" in after.replace("\u202f", ",")
    whole = file.read_bytes()
    flipped = tmp_path / "flipped.backup"
    for place in (len(whole) // 2, len(whole) // 3):
        flipped.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert "damaged" in trading("restore", flipped, "--replace", code=1).output
    flipped.write_bytes(b"no backup at all")
    assert "is not a backup" in trading("restore", flipped, "--replace", code=1).output
    assert "--replace" in trading("restore", file, code=1).output
    assert trading(*amount).stdout == after
    assert trading("restore", file, "--replace").output.endswith("Restored.\n")
    assert trading(*amount).stdout == before


def test_a_server_elsewhere_that_is_not_there_is_one_clear_line(run: Run) -> None:
    said = run("user", "list", code=1, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert said.stderr.startswith("The database refused: ")
    assert len(said.stderr.strip().splitlines()) == 1


def test_a_command_starts_and_stops_its_own_server(run: Run) -> None:
    """Nothing runs on this home: the first command sets it up, works, and leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="cadran-cold-"))
    folder.chmod(0o755)
    try:
        assert "up to date" in run("migrate", CADRAN_HOME=str(folder / "home")).output
        assert not list((folder / "home").rglob("postmaster.pid"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_an_empty_database_says_what_to_do(run: Run, server: EmbeddedPostgres) -> None:
    said = run("verify", code=1, DATABASE_URL=server.url.replace("/cadran?", "/postgres?")).stderr
    assert 'relation "settings" does not exist' in said
    assert "cadran migrate" in said
    assert "CADRAN_HOME" in said
