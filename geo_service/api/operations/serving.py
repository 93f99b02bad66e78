"""The service with uvicorn: one process, or several that share a socket."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import socket
import tempfile
from typing import TYPE_CHECKING, Literal

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from geo_service.api.operations.hosts import is_loopback
from geo_service.api.operations.logs import log_settings
from geo_service.errors import InputError

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["GRACE_S", "IS_LOCAL", "app_of_environment", "listening", "serve"]

IS_LOCAL = "GEO_SERVICE_SERVED_LOCALLY"
"""How a process that serves is told that it can be reached from this machine only."""
GRACE_S = 30
"""How long a stop waits for what is being answered, in seconds."""
_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_BACKLOG = 2048


def app_of_environment() -> FastAPI:
    """The app with the settings of the environment: what each worker makes."""
    # What is imported stays: looking for garbage in it takes time, now and later.
    gc.disable()
    try:
        # Here, so that a process that only keeps workers does not load it.
        from geo_service.api.app import create_app  # noqa: PLC0415

        return create_app(is_local=os.environ.get(IS_LOCAL) == "1")
    finally:
        gc.freeze()
        gc.enable()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; close it afterwards.

    Args:
        host: A name or an address.
        port: 0 for a free one.

    Raises:
        InputError: It cannot: the message says why.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"nothing can listen on {host}:{port}: {why}; choose another with --port or --host"
        ) from None
    listener.set_inheritable(True)
    return listener


def serve(listener: socket.socket, *, host: str, workers: int, log: Literal["json", "text"]) -> None:
    """Serve until SIGTERM or SIGINT, and then finish what is being answered, within `GRACE_S`.

    Args:
        listener: What it listens on.
        host: Where that is.
        workers: Processes; one that dies is started again.
        log: The form of the log.
    """
    os.environ[IS_LOCAL] = "1" if is_loopback(host) else "0"
    config = Config(
        "geo_service.api.operations.serving:app_of_environment",
        factory=True,
        workers=workers,
        http="geo_service.api.operations.wire:BoundedHttp",
        ws="none",
        log_config=log_settings(log),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=_BACKLOG,
    )
    if workers == 1:
        for one in (signal.SIGTERM, signal.SIGINT):
            # uvicorn raises the signal once more when all is finished: that is then a good end.
            signal.signal(one, lambda *_: None)
        Server(config).run([listener])
        return
    # Before any worker starts: it decides where they count.
    os.environ[_METRICS] = tempfile.mkdtemp(prefix="geo-service-metrics-")
    try:
        Multiprocess(config, [listener]).run()
    finally:
        shutil.rmtree(os.environ.pop(_METRICS), ignore_errors=True)
