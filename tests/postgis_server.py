"""A PostgreSQL server with PostGIS of one's own: made in a temporary directory, reached by a Unix socket, stopped afterwards.

Needs only the programs of PostgreSQL; as root they run as the user `postgres`, which PostgreSQL asks for. One can be killed as a machine
that loses its power would, and started again.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "PostgisError",
    "TemporaryServer",
    "postgis_binaries",
    "shared_server",
    "temporary_postgis",
    "temporary_server",
]

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


@dataclass(frozen=True)
class TemporaryServer:
    """A server that runs until its block ends.

    Attributes:
        url: Of its database with PostGIS, as its superuser.
        folder: Where its data, its log and its socket are.
        programs: The folder of `pg_ctl`.
        how: How to start a program as its user.
    """

    url: str
    folder: Path
    programs: Path
    how: dict[str, Any]

    def kill(self) -> None:
        """End every process of it with SIGKILL, at once, and wait until they are gone."""
        first = int((self.folder / "data/postmaster.pid").read_text().split("\n", 1)[0])
        # Stopped, it starts no others while they are being listed.
        os.kill(first, signal.SIGSTOP)
        own = [first, *_children(first)]
        for process in own:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + STOP_SECONDS
        while any(_is_running(process) for process in own):
            if time.monotonic() > deadline:
                raise PostgisError("the server did not die")
            time.sleep(0.005)

    def start(self) -> None:
        """Start it again after `kill`; it recovers what was committed."""
        # Where nobody waits for orphans the dead server still has a process number, and would be taken for a living one.
        for name in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.folder / name).unlink(missing_ok=True)
        log = self.folder / "log"
        pg_ctl = [self.programs / "pg_ctl", "-D", self.folder / "data"]
        _run([*pg_ctl, "-w", "-t", str(START_SECONDS), "-l", log, "start"], self.how, log)


def _children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    return [process for process, above in pairs if above == parent]


def _is_running(process: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


@cache
def shared_server() -> TemporaryServer:
    """One server for all tests of this process that take a database each and do not kill it; gone with the process."""
    stack = ExitStack()
    server = stack.enter_context(temporary_server(max_connections="60"))
    atexit.register(stack.close)
    return server


@contextmanager
def temporary_postgis(**options: str) -> Iterator[str]:
    """A fresh, empty database with PostGIS, as a `postgresql://` URL, until the block ends or this process dies.

    Args:
        options: Server settings beside or instead of `SERVER_OPTIONS`.

    Raises:
        PostgisError: PostGIS is not installed, root has no user `postgres` to run it as, or the server did not start.
    """
    with temporary_server(**options) as server:
        yield server.url


@contextmanager
def temporary_server(**options: str) -> Iterator[TemporaryServer]:
    """As `temporary_postgis`, with the means to kill it and to start it again.

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
            url = f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
            yield TemporaryServer(url, folder, programs, as_owner)


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
