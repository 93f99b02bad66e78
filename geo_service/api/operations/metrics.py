"""Metrics for Prometheus. With several workers they are those of all of them, by files in `PROMETHEUS_MULTIPROC_DIR`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from geo_service.api.live import LiveReleases

__all__ = ["DIRECTORY", "RequestMetrics", "exposition"]

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment that names the folder that workers share."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})

_REGISTRY = CollectorRegistry()
_LABELS = ("method", "route", "status")
_COUNTED = Counter("geo_service_requests", "Requests that were answered.", _LABELS, registry=_REGISTRY)
_SENT = Counter("geo_service_sent_bytes", "Bytes of bodies that were sent.", ("route",), registry=_REGISTRY)
_TOOK = Histogram(
    "geo_service_request_seconds",
    "Time from a request to the end of its answer.",
    ("route",),
    buckets=_SECONDS,
    registry=_REGISTRY,
)
_RUNNING = Gauge(
    "geo_service_requests_in_progress",
    "Requests that are being answered.",
    multiprocess_mode="livesum",
    registry=_REGISTRY,
)


class RequestMetrics:
    """Counts requests; one a process is enough, as the numbers are the process's."""

    def __init__(self) -> None:
        """Nothing is counted yet; children are kept, as finding one costs more than counting."""
        self._kept: dict[tuple[str, str, int], tuple[Counter, Counter, Histogram]] = {}

    def begin(self) -> None:
        """A request came."""
        _RUNNING.inc()

    def end(self, method: str, route: str, status: int, seconds: float, sent: int) -> None:
        """It was answered, or its client went away.

        Args:
            method: As it was sent; one that nobody knows is counted as `OTHER`.
            route: The template of the route.
            status: Of HTTP.
            seconds: From its first byte to the last of the answer.
            sent: Bytes of the body.
        """
        _RUNNING.dec()
        key = (method if method in _METHODS else "OTHER", route, status)
        kept = self._kept.get(key)
        if kept is None:
            counted = _COUNTED.labels(key[0], route, str(status))
            kept = self._kept[key] = (counted, _SENT.labels(route), _TOOK.labels(route))
        kept[0].inc()
        kept[1].inc(sent)
        kept[2].observe(seconds)


class _Releases(Collector):
    def __init__(self, live: LiveReleases) -> None:
        self._live = live

    def collect(self) -> Iterator[Metric]:
        state = self._live.state()
        opened = GaugeMetricFamily("geo_service_open_releases", "Releases open in the worker that answers.")
        opened.add_metric([], len(state.opened))
        yield opened
        lost = GaugeMetricFamily("geo_service_store_lost_seconds", "How long the store could not be reached.")
        lost.add_metric([], state.lost_s or 0.0)
        yield lost
        info = GaugeMetricFamily("geo_service_release_info", "The release that counts.", labels=["release"])
        if state.current is not None:
            info.add_metric([state.current], 1)
        yield info


def exposition(live: LiveReleases) -> bytes:
    """All metrics in Prometheus's text format.

    Args:
        live: Of the worker that answers.
    """
    releases = CollectorRegistry()
    releases.register(_Releases(live))
    return _of_workers() + generate_latest(releases)


def _of_workers() -> bytes:
    folder = os.environ.get(DIRECTORY)
    if not folder:
        return generate_latest(_REGISTRY)
    for path in Path(folder).glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        # Workers that were killed said nothing of it.
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
        except OSError:
            continue
    together = CollectorRegistry()
    with suppress(FileNotFoundError):
        MultiProcessCollector(together, path=folder)  # type: ignore[no-untyped-call]
        return generate_latest(together)
    return b""
