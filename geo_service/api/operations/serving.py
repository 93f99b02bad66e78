"""The service with uvicorn: one process, or several that share a socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from typing import Literal

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from geo_service.api.operations.hosts import is_loopback
from geo_service.api.operations.logs import log_settings
from geo_service.errors import InputError

__all__ = ["GRACE_S", "IS_LOCAL", "listening", "serve"]

IS_LOCAL = "GEO_SERVICE_SERVED_LOCALLY"
"""How a process that serves is told that it can be reached from this machine only."""
GRACE_S = 30
"""How long a stop waits for what is being answered, in seconds."""
_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_BACKLOG = 2048


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


def serve(
    listener: socket.socket, app: str, *, host: str, workers: int, log: Literal["json", "text"]
) -> None:
    """Serve until SIGTERM or SIGINT, and then finish what is being answered, within `GRACE_S`.

    Args:
        listener: What it listens on.
        app: Where the function is that makes the app, such as `package.module:function`; each worker calls it.
        host: Where that is.
        workers: Processes; one that dies is started again.
        log: The form of the log.
    """
    os.environ[IS_LOCAL] = "1" if is_loopback(host) else "0"
    config = Config(
        app,
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
