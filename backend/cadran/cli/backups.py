"""The whole database in one file: a dump and its checksum, so that a changed byte is found before anything."""

import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from cadran import __version__
from cadran.cli.store import fail
from cadran.kit.postgres import binary

DUMP, MANIFEST = "database.dump", "manifest.json"
# Another cluster counts its transactions anew: what the log holds must come before all that it will count, in the order
# written. Who reads on from a place in the log begins with what is written from now on.
SETTLE = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM change WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) THEN
        ALTER TABLE change DISABLE TRIGGER change_append_only;
        UPDATE change SET xid = '3';
        ALTER TABLE change ENABLE TRIGGER change_append_only;
        IF to_regclass('webhook_states') IS NOT NULL THEN
            UPDATE webhook_states SET after_xid = '3', after_seq = (SELECT coalesce(max(seq), 0) FROM change);
        END IF;
    END IF;
END $$
"""


def plain(url: str) -> str:
    """The URL as PostgreSQL's own programs take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([binary(program), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise fail(f"{program} failed: {lines[-1][:300]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backup(url: str, file: Path) -> int:
    """Writes the backup, whole or not at all; returns its size in bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        dump = Path(folder) / DUMP
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", f"--dbname={plain(url)}")
        manifest = {"version": __version__, "made_at": datetime.now(UTC).isoformat(), "sha256": _digest(dump)}
        draft = Path(folder) / "backup"
        with tarfile.open(draft, "w") as archive:
            content = json.dumps(manifest).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            archive.add(dump, DUMP)
        draft.replace(file)
    return file.stat().st_size


def restore(url: str, file: Path, *, replace: bool) -> None:
    """Checks the backup, then restores it in one transaction. Refuses a database in use unless ``replace``."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
            manifest = json.loads((Path(folder) / MANIFEST).read_bytes())
            intact = manifest["sha256"] == _digest(Path(folder) / DUMP)
        except (tarfile.TarError, OSError, ValueError, KeyError):
            raise fail(f"{file} is not a backup of Cadran, or is damaged.") from None
        if not intact:
            raise fail(f"{file} is damaged: its checksum differs. Nothing was restored.")
        if _holds_a_company(url) and not replace:
            raise fail("The database holds a company. Give --replace to put the backup in its place.")
        _run(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={plain(url)}",
            str(Path(folder) / DUMP),
        )  # fmt: skip
        _run("psql", "--no-psqlrc", "-q", "--set=ON_ERROR_STOP=1", f"--dbname={plain(url)}", f"--command={SETTLE}")


def _holds_a_company(url: str) -> bool:
    query = "SELECT to_regclass('settings') IS NOT NULL AND EXISTS (SELECT 1 FROM pg_class WHERE relname = 'settings')"
    probe = [str(binary("psql")), "--no-psqlrc", "-qtA", f"--dbname={plain(url)}", "-c"]
    there = subprocess.run([*probe, query], capture_output=True, text=True, check=False).stdout  # noqa: S603
    if there.strip() != "t":
        return False
    count = subprocess.run([*probe, "SELECT count(*) FROM settings"], capture_output=True, text=True, check=False)  # noqa: S603
    return count.stdout.strip() not in ("", "0")
