"""Logs as lines of JSON, or as text for a terminal. Neither has tokens, addresses, queries or names of people in it."""

from __future__ import annotations

import datetime as dt
import logging
import logging.config
from typing import Any, Literal

import orjson

__all__ = ["JsonLines", "TextLines", "log_settings"]

_OWN = (
    "request_id",
    "method",
    "route",
    "status",
    "ms",
    "bytes",
    "role",
    "caller",
    "release",
)


class JsonLines(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, what is known of the request, and `error` with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        said: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, tz=dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name in _OWN if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return orjson.dumps(said, default=str).decode()


class TextLines(logging.Formatter):
    """For a terminal: the time, the level and the message, with what took how long."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line, and its traceback where it has one."""
        time = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        more = ""
        if hasattr(record, "ms"):
            more = f"  {record.ms} ms  {record.bytes} B  {record.role or '-'}  {record.request_id}"  # type: ignore[attr-defined]
        text = f"{time} {record.levelname.lower():7} {record.getMessage()}{more}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class _NotTwice(logging.Filter):
    """The server's own line on an error of the app: `Requests` has said it, with the request's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Exception in ASGI application")


def log_settings(form: Literal["json", "text"]) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes, for this service and its server, on standard error.

    Args:
        form: Lines of JSON, or text for a terminal.
    """
    lines = JsonLines if form == "json" else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": lines}},
        "filters": {"not_twice": {"()": _NotTwice}},
        "handlers": {
            "errors": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "lines",
                "filters": ["not_twice"],
            }
        },
        "loggers": {
            "geo_service": {"level": "INFO", "handlers": ["errors"], "propagate": False},
            "uvicorn": {"level": "INFO", "handlers": ["errors"], "propagate": False},
            "uvicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
        },
        "root": {"level": "WARNING", "handlers": ["errors"]},
    }
