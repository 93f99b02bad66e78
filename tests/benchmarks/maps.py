"""`python -m tests.benchmarks.maps`: writing our maps, their size and how soon they are drawn, beside plain `explore` and `folium.Choropleth`.

Each way of writing runs in a process of its own, in turns; then all files are opened in one Chromium, in turns too.
"""

from __future__ import annotations

import argparse
import os
import socket
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from tests.benchmarks.cases import Case
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.map_data import made_data
from tests.benchmarks.map_paint import ServedSize, chromium_path, painted, served_sizes
from tests.benchmarks.map_peers import OURS, PEERS, PRINTED
from tests.benchmarks.map_report import MapConditions, MapRow, case_table, map_row, write_map_report
from tests.benchmarks.runner import run_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.map_data import MapData
    from tests.benchmarks.map_peers import PageWriter

LOG_WIDTH = 170
SERVED = "/maps/access.html?service=hospital&basis=measured&beyond_km=25"


def main() -> None:
    """Measure, print and write."""
    asked = _arguments()
    console = Console()
    if not console.is_terminal:
        console.width = LOG_WIDTH
    program = chromium_path()
    with tempfile.TemporaryDirectory(prefix="map-benchmark-") as name, _progress(console) as progress:
        task = progress.add_task("making a round, villages and releases", total=None)
        folder = Path(name)
        data = made_data(folder)
        chosen = {case: made for case, made in data.items() if asked.only in case}
        described = "; ".join(f"{case}: {made.described}" for case, made in chosen.items())
        conditions = MapConditions.now(described, program)
        if "districts" not in data:
            progress.console.print(
                "[yellow]The districts are not there (GEO_SERVICE_TEST_DATA): regions only."
            )
        progress.update(task, total=len(chosen) + 2, completed=0)
        rows: dict[str, list[MapRow]] = {}

        def tell(doing: str) -> None:
            progress.update(task, description=doing)

        for case, made in chosen.items():
            ours = [one for one in OURS if one.kind in made.kinds]
            rows[case] = _measured(case, made, [*ours, *PEERS], folder, asked.repeats, tell)
            if program:
                _paint(rows[case], program, asked.loads, tell)
            progress.console.print(case_table(f"{case}: {made.described}", rows[case]))
            progress.advance(task)
        whole = "districts" if "districts" in chosen else next(iter(chosen))
        printed = _measured("printed", chosen[whole], PRINTED, folder, asked.repeats, tell)
        progress.console.print(case_table(f"printed: {chosen[whole].described}", printed))
        progress.advance(task)
        served, why = None, "there is no Chromium"
        if program:
            tell("the served page")
            served, why = _served(chosen[whole].releases, program, asked.loads)
        conditions.load_after = os.getloadavg()[0]
    for path in write_map_report(asked.output_dir, conditions, chosen, rows, printed, served or why, console):
        console.print(f"wrote {path}")


def _measured(
    case: str,
    data: MapData,
    ways: Sequence[type[PageWriter]],
    folder: Path,
    repeats: int,
    tell: Callable[[str], None],
) -> list[MapRow]:
    """Time, memory and size of each way, ours first."""
    paths = {one: folder / f"{case} {one.__name__}.{one.suffix}".replace(" ", "-") for one in ways}
    contenders = [(one, 1, {"data": data, "path": path}) for one, path in paths.items()]
    inputs = Inputs(folder, 1, 1, data.described)
    result = run_case(Case(case, contenders), inputs, repeats, lambda doing: tell(f"{case}: {doing}"))
    return [map_row(row, path) for row, path in zip(result.rows, paths.values(), strict=True)]


def _paint(rows: list[MapRow], program: str, loads: int, tell: Callable[[str], None]) -> None:
    found = painted(program, [row.path for row in rows if row.path.exists()], loads, tell)
    for row in rows:
        row.paint = found.get(row.path)


def _served(store: Path, program: str, loads: int) -> tuple[ServedSize | None, str]:
    """What a browser loads of a page that the service serves; else why that is not known."""
    try:
        with _service(store) as url:
            return served_sizes(program, url + SERVED, loads), ""
    except Exception as error:  # noqa: BLE001 - the rest of the report is worth having without it
        return None, f"{type(error).__name__}: {error}".splitlines()[0]


@contextmanager
def _service(store: Path) -> Iterator[str]:
    from geo_service.settings import ApiSettings, AuthSettings  # noqa: PLC0415 - the rest runs without the service
    from geo_service.web.app import create_app  # noqa: PLC0415

    auth = AuthSettings(tokens=store / "no-tokens.json")
    app = create_app(ApiSettings(store=str(store)), auth=auth, is_local=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.05)
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _progress(console: Console) -> Progress:
    columns = (SpinnerColumn(), MofNCompleteColumn(), BarColumn(20), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.description}"), console=console, transient=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.maps", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each (default: %(default)s)")
    parser.add_argument("--loads", type=int, default=5, help="loads of each page (default: %(default)s)")
    parser.add_argument(
        "--only",
        default="",
        metavar="TEXT",
        help="only cases with this in their name: regions, districts, 10,000 villages",
    )
    parser.add_argument(
        "--output-dir", type=Path, default=Path("bench-results"), help="(default: %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
