"""The embedded PostgreSQL, with real servers and real kills."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from cadran.kit import postgres
from cadran.kit.postgres import EmbeddedPostgres, PostgresError, binary, postgres_running

BACKEND = Path(postgres.__file__).parents[2]
ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root lends the server another account")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")

# A Cadran of its own process; stdin keeps it alive. The death signal can be left out, as on macOS.
SUPERVISOR = """
import pathlib, sys
from cadran.kit import postgres
if "orphan" in sys.argv:
    postgres.LAUNCHER = postgres.LAUNCHER.replace('sys.platform == "linux"', "False")
server = postgres.EmbeddedPostgres(pathlib.Path(sys.argv[1]), fsync=False)
server.start()
print(server._process.pid, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """Not `tmp_path`: its parent is closed to the account that runs PostgreSQL for root."""
    parent = Path(tempfile.mkdtemp(prefix="cadran-test-"))
    parent.chmod(0o755)
    yield parent / "home"
    shutil.rmtree(parent)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(home, fsync=False) as running:
        yield running


def query(server: EmbeddedPostgres, sql: str, **options: object) -> subprocess.CompletedProcess[str]:
    url = server.url.replace("+asyncpg", "")
    command = [str(binary("psql")), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **options)  # type: ignore[call-overload,no-any-return]


def answer(server: EmbeddedPostgres, sql: str) -> str:
    done = query(server, sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def supervisor(home: Path, *words: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(home), *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def server_pid_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def kill(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    process.send_signal(number)
    process.communicate(timeout=20)


async def test_first_start_answers_on_its_url_with_the_settings_we_rely_on(server: EmbeddedPostgres) -> None:
    engine = create_async_engine(server.url)
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT name, setting FROM pg_settings"))
        settings = {row.name: row.setting for row in rows}
        locale = await connection.execute(
            text("SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding) FROM pg_database")
        )
        assert {tuple(row) for row in locale} == {("b", "PG_UNICODE_FAST", "UTF8")}
    await engine.dispose()
    expected = {"data_checksums": "on", "listen_addresses": "", "jit": "off", "TimeZone": "UTC", "fsync": "off"}
    assert expected.items() <= settings.items()
    assert settings["server_version"].startswith("18.")
    assert postgres_running(server.home)


def test_trigrams_know_accented_letters(server: EmbeddedPostgres) -> None:
    if answer(server, "SELECT datctype FROM pg_database WHERE datname = 'cadran'") == "C":
        pytest.skip("this system has no UTF-8 locale")
    assert answer(server, "CREATE EXTENSION pg_trgm; SELECT show_trgm('é') = show_trgm('-')") == "f"


def test_restart_keeps_the_data(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        assert answer(server, "SHOW fsync") == "on"
        answer(server, "CREATE TABLE kept AS SELECT 1 AS n")
    assert not postgres_running(home)
    assert query(server, "SELECT 1").returncode != 0
    server.start()
    assert answer(server, "SELECT n FROM kept") == "1"
    server.stop()
    server.stop()


def test_a_killed_server_is_started_again_and_lost_nothing(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        answer(server, "CREATE TABLE kept AS SELECT 1 AS n")
        assert server._process is not None
        killed = server._process.pid
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: server._process is not None and server._process.pid != killed)
        assert eventually(lambda: query(server, "SELECT n FROM kept").stdout == "1\n")


def test_a_second_server_on_the_same_home_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(PostgresError) as refused:
        EmbeddedPostgres(server.home).start()
    assert str(refused.value) == (
        f"Another Cadran is already running on {server.home} (pid {os.getpid()})."
        " Stop it, or set CADRAN_HOME to another directory."
    )
    assert answer(server, "SELECT 1") == "1"


@only_linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_dies_with_its_killed_supervisor(home: Path, number: int) -> None:
    process = supervisor(home)
    server_pid_of(process)
    kill(process, number)
    assert eventually(lambda: not postgres_running(home))


def test_the_server_is_stopped_when_the_program_ends_without_stopping_it(home: Path) -> None:
    process = supervisor(home, "orphan")
    server_pid_of(process)
    process.communicate("\n", timeout=20)
    assert process.returncode == 0
    assert not postgres_running(home)


def test_the_orphan_of_a_killed_supervisor_is_stopped_and_replaced(home: Path) -> None:
    process = supervisor(home, "orphan")
    orphan = server_pid_of(process)
    kill(process)
    assert postgres_running(home)
    assert answer(EmbeddedPostgres(home), "CREATE TABLE kept AS SELECT 1 AS n; SELECT n FROM kept") == "1"
    with EmbeddedPostgres(home, fsync=False) as server:
        assert answer(server, "SELECT n FROM kept") == "1"
        assert server._process is not None
        assert server._process.pid != orphan


def test_after_the_kill_of_both_the_start_waits_for_the_last_backend(home: Path) -> None:
    process = supervisor(home)
    pid = server_pid_of(process)
    client = EmbeddedPostgres(home)
    # A loop that never waits does not notice the death of its server, and could still write to the data.
    loop = "DO $$ BEGIN WHILE clock_timestamp() < now() + '2 s' LOOP NULL; END LOOP; END $$"
    psql = [str(binary("psql")), "-Xqd", client.url.replace("+asyncpg", ""), "-c", loop]
    busy = subprocess.Popen(psql, stderr=subprocess.DEVNULL)
    active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%' AND state = 'active'"
    assert eventually(lambda: answer(client, active) == "1")
    begun = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    kill(process)
    with EmbeddedPostgres(home, fsync=False) as server:
        assert answer(server, "SELECT 1") == "1"
        assert time.monotonic() - begun > 1.5
    busy.wait(10)


def test_a_kill_during_initdb_leaves_no_half_cluster(home: Path) -> None:
    process = supervisor(home)
    assert eventually(lambda: any(home.glob("postgres.new-*/base")))
    kill(process)
    assert not (home / "postgres").exists()
    with EmbeddedPostgres(home, fsync=False) as server:
        assert answer(server, "SELECT 1") == "1"
        assert not any(home.glob("postgres.new-*"))


def test_a_stale_pid_file_naming_another_program_does_not_forbid_the_start(server: EmbeddedPostgres) -> None:
    pid_file, socket_lock = server.data / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"
    lines, owner = pid_file.read_text().splitlines(), pid_file.stat()
    server.stop()
    # The same user's, as in a container where the numbers begin at 1 each time.
    user = {"user": owner.st_uid, "group": owner.st_gid} if ROOT else {}
    other = subprocess.Popen(["sleep", "60"], cwd="/", **user)  # type: ignore[call-overload]
    try:
        for path in (pid_file, socket_lock):
            path.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
            os.chown(path, owner.st_uid, owner.st_gid)
        assert not postgres_running(server.home)
        server.start()
        assert answer(server, "SELECT 1") == "1"
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_data_of_another_version_are_refused(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("17\n")
    if ROOT:
        account = pwd.getpwnam("nobody")
        os.chown(home / "postgres", account.pw_uid, account.pw_gid)
    with pytest.raises(PostgresError, match=r"PostgreSQL 17; this Cadran runs PostgreSQL 18.*restore"):
        EmbeddedPostgres(home).start()


def test_a_directory_of_something_else_is_left_alone(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "letters.txt").write_text("dear")
    with pytest.raises(PostgresError, match=r"not empty and holds no PostgreSQL data\. Set CADRAN_HOME"):
        EmbeddedPostgres(home).start()
    assert (home / "postgres" / "letters.txt").read_text() == "dear"


def test_a_start_that_fails_tells_why_and_leaves_nothing_running(server: EmbeddedPostgres) -> None:
    server.stop()
    settings = server.data / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "\nwork_mem = 'a lot'\n")
    with pytest.raises(PostgresError, match='invalid value for parameter "work_mem"'):
        server.start()
    assert not postgres_running(server.home)
    settings.write_text(good)
    server.start()
    assert answer(server, "SELECT 1") == "1"


def test_a_long_home_has_its_socket_elsewhere_and_private(home: Path) -> None:
    with EmbeddedPostgres(home / ("long, and 'quoted' " * 6), fsync=False) as server:
        assert answer(server, "SELECT 1") == "1"
        assert not server.socket_dir.is_relative_to(home)
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(server.socket_dir)


def test_a_link_in_place_of_the_socket_directory_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home / ("long" * 40), fsync=False)
    server.socket_dir.symlink_to(home.parent)
    try:
        with pytest.raises(PostgresError, match="is another user's"):
            server.start()
    finally:
        server.socket_dir.unlink()


def test_a_port_listens_on_this_machine_only_and_wants_a_password(home: Path) -> None:
    with EmbeddedPostgres(home, port=54939, fsync=False) as server:
        assert answer(server, "SHOW listen_addresses") == "127.0.0.1"
        command = [str(binary("psql")), "-Xwc", "SELECT 1", "-d", "host=127.0.0.1 port=54939 user=cadran dbname=cadran"]
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "no password supplied" in refused.stderr


def test_programs_of_the_wheel() -> None:
    for name in ("initdb", "postgres", "psql", "pg_dump", "pg_restore", "pg_basebackup"):
        assert binary(name).is_file()
    with pytest.raises(PostgresError, match="no program oracle"):
        binary("oracle")


@only_root
def test_another_user_of_the_machine_cannot_connect(server: EmbeddedPostgres) -> None:
    account = server.data.stat()
    as_server = query(server, "SELECT 1", user=account.st_uid, group=account.st_gid, extra_groups=[])
    assert "Peer authentication failed" in as_server.stderr
    as_daemon = query(server, "SELECT 1", user=1, group=1, extra_groups=[])
    assert "Permission denied" in as_daemon.stderr


@only_root
def test_a_home_closed_to_the_server_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(PostgresError, match=r"cannot enter .*\. Set CADRAN_HOME .* DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "closed" / "home").start()


@only_root
def test_a_package_closed_to_the_server_is_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = postgres._package()
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_suffix(".libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("*.a", "include"))
    monkeypatch.setattr(postgres, "_package", lambda: closed / package.name)
    home.mkdir(mode=0o700)  # ours, so it is opened
    with EmbeddedPostgres(home, fsync=False) as server:
        assert answer(server, "SELECT 1") == "1"
        assert Path(f"/proc/{server._process.pid}/exe").readlink().is_relative_to(home)  # type: ignore[union-attr]


@only_root
def test_it_runs_as_a_normal_user(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    paths = os.pathsep.join([str(BACKEND), str(postgres._package().parent)])
    program = f"""
import pathlib, subprocess
from cadran.kit.postgres import EmbeddedPostgres, binary
for _ in range(2):
    with EmbeddedPostgres(pathlib.Path({str(home)!r}), fsync=False) as server:
        url = server.url.replace("+asyncpg", "")
        subprocess.run([binary("psql"), "-XAtd", url, "-c", "SELECT session_user"], check=True)
"""
    for python in (sys.executable, "/usr/bin/python3"):
        check = ["/bin/sh", "-c", '"$0" -c "import sys; sys.exit(sys.version_info < (3, 11))"', python]
        if subprocess.run(check, cwd="/", capture_output=True, check=False, **user).returncode == 0:  # type: ignore[call-overload]
            break
    else:
        pytest.skip("every Python 3.11 of this machine is closed to nobody")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # type: ignore[call-overload]
        [python, "-c", program], cwd="/", env=environment, capture_output=True, text=True, check=False, **user
    )
    assert done.stdout == "cadran\ncadran\n", done.stderr
    assert (home / "postgres").stat().st_uid == nobody.pw_uid
    # Root may then take the home over: the server runs as the owner of the data.
    with EmbeddedPostgres(home, fsync=False) as server:
        assert answer(server, "SELECT 1") == "1"
