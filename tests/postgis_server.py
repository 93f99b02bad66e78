"""A PostgreSQL server with PostGIS of one's own: made in a temporary directory, reached by a Unix socket, stopped afterwards.

Needs only the programs of PostgreSQL; as root they run as the user `postgres`, which PostgreSQL asks for.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PostgisError", "postgis_binaries", "temporary_postgis"]

START_SECONDS = 60
STOP_SECONDS = 30
LONGEST_SOCKET_PATH = 90
"""A socket's path may have 107 bytes with its own name."""

SERVER_OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "20",
    "log_min_messages": "warning",
}


class PostgisError(RuntimeError):
    """The server did not start; the message has the end of its log."""


def postgis_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, newest version first, whose PostgreSQL has PostGIS; null where there is none."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: _version(folder.parent.name)
    )
    folders = [*reversed(folders), *Path("/usr").glob("pgsql-*/bin")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        has_programs = all((folder / name).is_file() for name in ("initdb", "postgres", "pg_ctl", "psql"))
        if has_programs and any((share / "extension/postgis.control").is_file() for share in _shares(folder)):
            return folder
    return None


def _version(name: str) -> int:
    return int(name) if name.isdigit() else 0


def _shares(folder: Path) -> list[Path]:
    shares = [Path("/usr/share/postgresql") / folder.parent.name, folder.parent / "share"]
    pg_config = folder / "pg_config"
    if pg_config.is_file():
        asked = subprocess.run([pg_config, "--sharedir"], capture_output=True, text=True, check=False)
        shares.append(Path(asked.stdout.strip()))
    return shares


@contextmanager
def temporary_postgis(**options: str) -> Iterator[str]:
    """A fresh, empty database with PostGIS, as a `postgresql://` URL, until the block ends or this process dies.

    Args:
        options: Server settings beside or instead of `SERVER_OPTIONS`.

    Raises:
        PostgisError: PostGIS is not installed, root has no user `postgres` to run it as, or the server did not start.
    """
    programs = postgis_binaries()
    if programs is None:
        raise PostgisError("PostgreSQL with PostGIS was not found")
    root = tempfile.gettempdir() if len(tempfile.gettempdir()) < LONGEST_SOCKET_PATH - 20 else "/tmp"
    with tempfile.TemporaryDirectory(prefix="postgis-", dir=root) as name:
        folder = Path(name)
        as_owner = _as_owner(folder)
        data, log = folder / "data", folder / "log"
        _run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ],
            as_owner,
        )
        settings = SERVER_OPTIONS | {"unix_socket_directories": f"'{folder}'"} | options
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        pg_ctl = [programs / "pg_ctl", "-D", data]
        with _stopped_with_this_process(pg_ctl, as_owner):
            _run([*pg_ctl, "-w", "-t", str(START_SECONDS), "-l", log, "start"], as_owner, log)
            _run(
                [
                    programs / "psql",
                    "-X",
                    "-q",
                    "-h",
                    folder,
                    "-U",
                    "postgres",
                    "-c",
                    "CREATE EXTENSION postgis",
                ],
                as_owner,
                log,
            )
            yield f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"


def _as_owner(folder: Path) -> dict[str, Any]:
    """How to start a program so that the server may run, and give `folder` to its user."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    common: dict[str, Any] = {
        "cwd": folder,
        "env": environment | {"LC_ALL": "C"},
        "stdin": subprocess.DEVNULL,
    }
    if os.geteuid() != 0:
        return common
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise PostgisError("PostgreSQL does not run as root, and there is no user postgres") from None
    os.chown(folder, user.pw_uid, user.pw_gid)
    return common | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: list[Any], how: dict[str, Any], log: Path | None = None) -> None:
    # Output goes to a file: a pipe would stay open for as long as the server that pg_ctl leaves behind.
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=START_SECONDS + 30,
                check=False,
                **how,
            )
            failed = done.returncode != 0
        except (subprocess.TimeoutExpired, OSError) as error:
            raise PostgisError(f"{Path(command[0]).name}: {error}") from error
        if failed:
            output.seek(0)
            said = output.read().decode(errors="replace")
            more = log.read_text(errors="replace") if log is not None and log.exists() else ""
            raise PostgisError(f"{Path(command[0]).name} failed: {(said + more)[-2000:]}")


@contextmanager
def _stopped_with_this_process(pg_ctl: list[Any], how: dict[str, Any]) -> Iterator[None]:
    """Stop the server at the end, also when this process is killed: a shell waits for the end of a pipe that it holds."""
    stop = [*pg_ctl, "-m", "immediate", "-t", str(STOP_SECONDS), "stop"]
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", 'cat >/dev/null; exec "$@"', "sh", *stop],
        **(how | {"stdin": subprocess.PIPE}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watcher.stdin.close()
        watcher.wait(STOP_SECONDS + 10)
