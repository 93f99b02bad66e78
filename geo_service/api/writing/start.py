"""Jobs into processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING

import pyogrio

if TYPE_CHECKING:
    from geo_service.api.writing.jobs import JobFolder
    from geo_service.api.writing.models import Job
    from geo_service.settings import ApiSettings

__all__ = ["closed_in", "start"]

_DRIVERS = {"GeoJSON", "GeoJSONSeq", "GPKG", "FlatGeobuf", "ESRI Shapefile", "KML", "LIBKML"}
"""What uploads are read with. Others can name further files or hosts, which GDAL would then open for whoever sent them."""

_NOWHERE = "127.0.0.1:9"

# A job waits for its turn before it imports anything: those that wait take next to no memory.
_MAIN = """
import fcntl, os, sys
turn = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(turn, fcntl.LOCK_EX)
from geo_service.api.writing.run import main
main(sys.argv[2], sys.argv[3])
"""


def start(job: Job, lock: int, jobs: JobFolder, settings: ApiSettings) -> None:
    """Start the process of a job; it goes on when this worker ends.

    Args:
        job: The job.
        lock: The descriptor that keeps it locked until its process ends.
        jobs: Where jobs are and what they may take.
        settings: Where releases are.

    Raises:
        OSError: There is no room for another process.
    """
    environment = closed_in(os.environ) | {
        "GEO_SERVICE_UPLOADS_MAX_S": str(jobs.settings.max_s),
        "GEO_SERVICE_UPLOADS_MAX_MEMORY": str(jobs.settings.max_memory),
    }
    if settings.store is not None:
        environment["GEO_SERVICE_API_STORE"] = settings.store
    process = subprocess.Popen(  # noqa: S603 - its arguments are this program's own
        [sys.executable, "-c", _MAIN, str(jobs.turn), str(jobs.path), job.id],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,
    )
    # Somebody has to ask how it ended, or it stays in the table of processes.
    threading.Thread(target=process.wait, name=f"job {job.id}", daemon=True).start()


def closed_in(environment: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """An environment in which libraries that read layers open the file they are given, and nothing that it names."""
    kept = {key: value for key, value in environment.items() if key.lower() != "no_proxy"}
    return kept | {
        "GDAL_SKIP": _other_drivers(),
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
        # GeoJSON may name a URL of its reference system, which GDAL asks for: it finds nobody there.
        "GDAL_HTTP_PROXY": _NOWHERE,
        "GDAL_HTTPS_PROXY": _NOWHERE,
        "GDAL_HTTP_TIMEOUT": "1",
        "PROJ_NETWORK": "OFF",
    }


@cache
def _other_drivers() -> str:
    return ",".join(sorted(set(pyogrio.list_drivers()) - _DRIVERS))
