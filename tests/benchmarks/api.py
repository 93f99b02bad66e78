"""`python -m tests.benchmarks.api`: our HTTP API beside pygeoapi and tipg, with the same rows on the same machine.

All services run at once, each with one worker, and are asked one after the other: case by case, so that none has the machine in a
better hour. Before it is measured each answer is compared with what it should hold.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from geo_service.release.stores import copy_release
from tests.benchmarks.api_cases import CASES, api_cases
from tests.benchmarks.api_data import made_frame, write_geopackage, write_postgis, write_release
from tests.benchmarks.api_http import HEADERS, checked, seconds_of_server, wait_for
from tests.benchmarks.api_report import ApiConditions, ApiRow, case_table, write_api_report
from tests.benchmarks.api_services import SERVICES
from tests.benchmarks.api_wrk import has_wrk, timed
from tests.benchmarks.contender import UnavailableError
from tests.benchmarks.release_inputs import postgis_store, store_in
from tests.postgis_server import PostgisError, temporary_postgis

if TYPE_CHECKING:
    from tests.benchmarks.api_cases import ApiCase
    from tests.benchmarks.api_data import Villages
    from tests.benchmarks.api_service import Service

POSTGIS = {
    "shared_buffers": "512MB",
    "maintenance_work_mem": "256MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_connections": "60",
}
"""What anybody would set on a server of this kind."""
SLOW, LONGEST_S = 3, 30
"""A slow service is given as long as it needs for so many answers a connection, and at most so many seconds."""


def main() -> None:
    """Measure, print and write."""
    asked = _arguments()
    console = Console(width=None if Console().is_terminal else 140)
    if not has_wrk():
        raise SystemExit("wrk is not installed; on Debian: apt-get install wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="api-benchmark-")))
        try:
            postgis = stack.enter_context(temporary_postgis(**POSTGIS))
        except PostgisError as error:
            postgis = f"PostGIS did not start: {error}"
        console.print(f"writing {asked.size:,} villages")
        villages = _written(folder, asked.size, postgis)
        conditions = ApiConditions.now(villages.described, asked.seconds, asked.connections)
        services, skipped = _started(folder, villages, postgis, stack)
        for name, why in skipped.items():
            console.print(f"[yellow]{name}: {why}")
        rows: dict[str, list[ApiRow]] = {}
        cases = [case for case in api_cases(villages) if asked.only.lower() in case.name]
        for case in cases:
            rows[case.name] = []
            for service in services:
                console.print(f"  {case.name}: {service.name}", style="dim")
                rows[case.name].append(_measured(service, case, asked.seconds, asked.connections))
            console.print(case_table(case, rows[case.name]))
        memory = {service.name: service.peak_mb() for service in services}
        notes = {service.name: service.note for service in services}
        conditions.load_after = os.getloadavg()[0]
        for path in write_api_report(
            asked.output_dir, conditions, cases, rows, memory, notes, skipped, console
        ):
            console.print(f"wrote {path}")


def _written(folder: Path, size: int, postgis: str) -> Villages:
    villages = write_release(folder / "releases", *made_frame(folder, size))
    write_geopackage(folder / "villages.gpkg", villages)
    if postgis.startswith("postgresql://"):
        write_postgis(postgis, villages)
        store = postgis_store(postgis)
        try:
            copy_release(store_in(folder / "releases"), store)
        finally:
            store.close()
    return villages


def _started(
    folder: Path, villages: Villages, postgis: str, stack: ExitStack
) -> tuple[list[Service], dict[str, str]]:
    """The services that answer, and why others do not."""
    services, skipped = [], {}
    for kind in SERVICES:
        service = kind(folder, villages, postgis)
        stack.callback(service.stop)
        try:
            service.start()
            wait_for(service)
            services.append(service)
        except UnavailableError as error:
            skipped[service.name] = str(error)
    return services, skipped


def _measured(service: Service, case: ApiCase, seconds: float, connections: int) -> ApiRow:
    row = ApiRow(service.name)
    try:
        paths = [service.path(ask) for ask in case.asks]
        row.once_s, row.bytes, headers = checked(service, case, paths)
        long_s = min(max(seconds, SLOW * row.once_s * connections), LONGEST_S)
        # What a service loads once is not measured.
        timed(service.base, paths, seconds=1, connections=connections, headers=headers)
        before_s = service.cpu_s()
        row.timing = timed(service.base, paths, seconds=long_s, connections=connections, headers=headers)
        if row.timing.requests:
            row.cpu_ms = (service.cpu_s() - before_s) / row.timing.requests * 1e3
        if case.unchanged:
            _alone(service, row, paths, seconds, headers)
    except UnavailableError as error:
        row.skipped = str(error)
    except (RuntimeError, OSError) as error:
        row.skipped = f"{type(error).__name__}: {error}"
    return row


def _alone(service: Service, row: ApiRow, paths: list[str], seconds: float, headers: dict[str, str]) -> None:
    """How long the server takes when one connection asks: what it says itself, and what a path that costs nothing takes."""
    before = seconds_of_server(service)
    row.alone = timed(service.base, paths, seconds=seconds, connections=1, headers=headers)
    after = seconds_of_server(service)
    row.trivial = timed(service.base, [service.trivial], seconds=seconds, connections=1, headers=HEADERS)
    if before is not None and after is not None and after[1] > before[1]:
        row.server_ms = (after[0] - before[0]) / (after[1] - before[1]) * 1e3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.api", description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="villages (default: %(default)s)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=5,
        help="of each service and case, more where it is slow (default: %(default)s)",
    )
    parser.add_argument("--connections", type=int, default=8, help="kept open (default: %(default)s)")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help=f"only cases with this in their name: {', '.join(CASES)}"
    )
    parser.add_argument(
        "--output-dir", type=Path, default=Path("bench-results"), help="(default: %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
