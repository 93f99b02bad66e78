"""A service that is asked: a server process of one worker on a loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.benchmarks.api_cases import KIND
from tests.benchmarks.api_data import COLLECTION
from tests.benchmarks.api_http import free_port
from tests.benchmarks.contender import UnavailableError

if TYPE_CHECKING:
    from tests.benchmarks.api_cases import Ask
    from tests.benchmarks.api_data import Villages

__all__ = ["Service", "uvicorn_options"]


class Service(ABC):
    """A server process.

    Attributes:
        name: How the report calls it.
        note: What a reader must know.
        prefix: Where its API begins.
        trivial: A path that costs nothing.
        as_json: The value of `f` for GeoJSON.
    """

    name: ClassVar[str]
    note: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    trivial: ClassVar[str] = "/"
    as_json: ClassVar[str] = "json"

    def __init__(self, folder: Path, villages: Villages, postgis: str) -> None:
        """Nothing is started yet.

        Args:
            folder: With `releases` and `villages.gpkg`; for files of its own too.
            villages: What it serves.
            postgis: The server's URL, or why there is none.
        """
        self.folder, self.villages, self.postgis = folder, villages, postgis
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{type(self).__name__}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may not answer yet.

        Raises:
            UnavailableError: It cannot run here, and why.
        """
        arguments, environment = self.command()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                env={**os.environ, **environment},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @abstractmethod
    def command(self) -> tuple[list[str], dict[str, str]]:
        """The arguments of Python and what is added to the environment.

        Raises:
            UnavailableError: It cannot run here, and why.
        """

    def stop(self) -> None:
        """End it, at once where it does not by itself."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def path(self, ask: Ask) -> str:
        """The question as this service is asked it.

        Raises:
            UnavailableError: It cannot be asked that.
        """
        if ask.tile is not None:
            return self.tile_path(*ask.tile)
        items = f"{self.prefix}/collections/{COLLECTION}/items"
        if ask.number is not None:
            return f"{items}/{quote(self.feature_id(ask.number))}?f={self.as_json}"
        query: dict[str, Any] = {"f": self.as_json, "limit": ask.limit}
        if ask.box is not None:
            query |= {"bbox": ",".join(map(str, ask.box)), **self.kind_wanted()}
        if ask.offset:
            query |= self.place(ask.offset)
        return f"{items}?{urlencode(query)}"

    def tile_path(self, zoom: int, column: int, row: int) -> str:
        """Where a tile is.

        Raises:
            UnavailableError: It has none.
        """
        return f"{self.prefix}/collections/{COLLECTION}/tiles/WebMercatorQuad/{zoom}/{row}/{column}?f=mvt"

    def kind_wanted(self) -> dict[str, str]:
        """The parameters that leave features of one kind."""
        return {"filter": f"kind = '{KIND}'", "filter-lang": "cql2-text"}

    def place(self, offset: int) -> dict[str, str]:
        """The parameters of a page after so many features."""
        return {"offset": str(offset)}

    def feature_id(self, number: int) -> str:
        """How it calls feature `number`, from 1."""
        return str(number)

    def peak_mb(self) -> float:
        """The most memory that its processes ever had, added up, in MB; without the database."""
        if self.process is None:
            return float("nan")
        return sum(_peak_mb(pid) for pid in _tree(self.process.pid))

    def cpu_s(self) -> float:
        """Seconds of processor time that its processes have used, and those of the database."""
        roots = [self.process.pid] if self.process is not None else []
        if self.postgis.startswith("postgresql://"):
            folder = Path(parse_qs(urlsplit(self.postgis).query)["host"][0])
            with suppress(OSError, ValueError):
                roots.append(
                    int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
                )
        return sum(_cpu_s(pid) for root in roots for pid in _tree(root))

    def error(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return " / ".join(lines[-3:])[-300:] or "nothing in its log"

    def needs_postgis(self) -> str:
        """The URL of the server.

        Raises:
            UnavailableError: There is none.
        """
        if not self.postgis.startswith("postgresql://"):
            raise UnavailableError(self.postgis)
        return self.postgis


def uvicorn_options(port: int) -> list[str]:
    """One worker on this port that says little."""
    return [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--log-level",
        "warning",
        "--no-access-log",
    ]


def _tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for child in children:
            found += _tree(int(child))
    return found


def _peak_mb(pid: int) -> float:
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return 0.0


def _cpu_s(pid: int) -> float:
    """Of a process, and of its children that are no more."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0
