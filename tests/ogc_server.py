"""The service in a process of its own, as GDAL, OWSLib and QGIS meet it; for tests that look at what they asked.

GDAL asks while it holds Python's lock, so that a server in a thread of the same process could never answer it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OgcServer", "ogc_server"]

ROOT = Path(__file__).parents[1]
_START_S = 60
_LAG_S = 0.2


class OgcServer:
    """A running service.

    Attributes:
        url: Of its OGC API, without a slash at its end.
    """

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/ogc"
        self._process = process
        self._asked: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._asked.append(line.rstrip("\n"))

    def forget(self) -> None:
        """Begin the list of what was asked anew."""
        self._asked.clear()

    def asked(self, path: str) -> list[dict[str, list[str]]]:
        """The parameters of each request of a path below the landing page, in the order in which they were answered."""
        # A client has its answer before the line about it is here.
        time.sleep(_LAG_S)
        found = (urlsplit(one) for one in list(self._asked))
        return [parse_qs(one.query, keep_blank_values=True) for one in found if one.path == f"/ogc{path}"]


@contextmanager
def ogc_server(store: Path) -> Iterator[OgcServer]:
    """The service over the releases in a folder, everybody an editor, stopped at the end whatever happened."""
    command = [sys.executable, "-W", "ignore", __file__, str(store)]
    keys = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    environment = {key: os.environ[key] for key in keys if key in os.environ} | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        stuck = threading.Timer(_START_S, process.kill)
        stuck.start()
        try:
            first = process.stdout.readline()
            stuck.cancel()
            if not first.startswith("port "):
                raise RuntimeError("the service did not start")
            yield OgcServer(process, int(first.split()[1]))
        finally:
            stuck.cancel()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _serve(store: str) -> None:
    sys.path.insert(0, str(ROOT))
    import uvicorn  # noqa: PLC0415 - only in the process that serves

    from geo_service.settings import ApiSettings, AuthSettings  # noqa: PLC0415
    from geo_service.web.app import create_app  # noqa: PLC0415

    auth = AuthSettings(tokens=Path(store) / "no-tokens.json")
    app = create_app(ApiSettings(store=store), auth=auth, is_local=True)

    async def said(scope, receive, send) -> None:
        await app(scope, receive, send)
        if scope["type"] == "http":
            sys.stdout.write(f"{scope['path']}?{scope['query_string'].decode()}\n")

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    sys.stdout.write(f"port {listening.getsockname()[1]}\n")
    config = uvicorn.Config(said, log_level="error", lifespan="on", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    _serve(sys.argv[1])
