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
    from geo_service.api.writing.models import Job
    from geo_service.settings import ApiSettings, UploadSettings

__all__ = ["start"]

_DRIVERS = {"GeoJSON", "GeoJSONSeq", "GPKG", "FlatGeobuf", "ESRI Shapefile", "KML", "LIBKML", "SQLite"}
"""What uploads are read with. Others can name further files or hosts, which GDAL would then open for whoever sent them."""


def start(job: Job, lock: int, settings: ApiSettings, uploads: UploadSettings) -> None:
    """Start the process of a job; it goes on when this worker ends.

    Args:
        job: The job.
        lock: The descriptor that keeps it locked until its process ends.
        settings: Where releases are.
        uploads: Where jobs are and what they may take.
    """
    environment = os.environ | {
        "GDAL_SKIP": _other_drivers(),
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
        "GDAL_HTTP_TIMEOUT": "1",
        "GEO_SERVICE_UPLOADS_MAX_S": str(uploads.max_s),
        "GEO_SERVICE_UPLOADS_MAX_MEMORY": str(uploads.max_memory),
    }
    if settings.store is not None:
        environment["GEO_SERVICE_API_STORE"] = settings.store
    process = subprocess.Popen(  # noqa: S603 - its arguments are this program's own
        [sys.executable, "-m", "geo_service.api.writing.run", str(uploads.directory), job.id],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,
    )
    # Somebody has to ask how it ended, or it stays in the table of processes.
    threading.Thread(target=process.wait, name=f"job {job.id}", daemon=True).start()


@cache
def _other_drivers() -> str:
    return ",".join(sorted(set(pyogrio.list_drivers()) - _DRIVERS))
