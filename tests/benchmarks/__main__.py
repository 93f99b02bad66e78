"""The command: `python -m tests.benchmarks`, from the top of a checkout."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from tests.benchmarks.cases import make_cases
from tests.benchmarks.inputs import make_inputs
from tests.benchmarks.release_inputs import URL_FILE
from tests.benchmarks.report import Conditions, as_table, write_report
from tests.benchmarks.runner import CaseResult, run_case
from tests.postgis_server import PostgisError, postgis_binaries, temporary_postgis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.cases import Case

SCALING = (1, 10, 100)
LOG_WIDTH = 160
POSTGIS = {"shared_buffers": "512MB", "maintenance_work_mem": "256MB", "jit": "off"}
"""What anybody would set on a server of this kind."""


def main() -> None:
    """Measure, print and write."""
    asked = _arguments()
    points, facilities = asked.points, asked.facilities
    if asked.quick:
        points, facilities = min(points, 100_000), min(facilities, 5_000)
    scaling = [points * factor // 10 for factor in SCALING]
    console = Console()
    if not console.is_terminal:
        console.width = LOG_WIDTH
    results: list[CaseResult] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-"))
        inputs = make_inputs(Path(folder), points, facilities, max(scaling))
        conditions = Conditions.now(inputs.described, _postgis_version())
        cases = make_cases(points, facilities, scaling, asked.osm)
        cases = [case for case in cases if asked.only.lower() in case.name.lower()]
        console.print(f"{conditions.cores} cores. {inputs.described}.")
        stack.enter_context(_shared_postgis(Path(folder), cases))
        with Progress(
            SpinnerColumn(),
            MofNCompleteColumn(),
            BarColumn(20),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
        ) as progress:
            task = progress.add_task("", total=len(cases))
            for case in cases:
                result = run_case(
                    case,
                    inputs,
                    min(asked.repeats, 3) if asked.quick else asked.repeats,
                    lambda doing, case=case: progress.update(task, description=f"{case.name}: {doing}"),
                )
                results.append(result)
                progress.console.print(as_table(result))
                for verdict in result.verdicts:
                    colour, is_met = ("green", "met") if verdict.is_met else ("yellow", "not met")
                    progress.console.print(
                        f"wanted {verdict.text}: measured {verdict.measured:,.4g} {verdict.unit}, [{colour}]{is_met}[/]"
                    )
                # After each case: a run that is broken off keeps what it has.
                written = write_report(asked.output_dir, conditions, results)
                progress.advance(task)
        for path in written if results else []:
            console.print(f"wrote {path}")


@contextmanager
def _shared_postgis(folder: Path, cases: list[Case]) -> Iterator[None]:
    """A server for the cases that ask for one; its URL, or why there is none, is in a file of `folder`."""
    with ExitStack() as stack:
        if any(case.postgis for case in cases):
            try:
                said = stack.enter_context(temporary_postgis(**POSTGIS))
            except PostgisError as error:
                said = f"the server did not start: {error}"
            (folder / URL_FILE).write_text(said, encoding="utf-8")
        yield


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--points", type=int, default=1_000_000, help="household points (default: %(default)s)"
    )
    parser.add_argument(
        "--facilities", type=int, default=20_000, help="facilities a service (default: %(default)s)"
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="runs of each, fewer where slow (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="100,000 points, 5,000 facilities, 3 runs")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases with this in their name")
    parser.add_argument(
        "--osm", type=Path, action="append", default=[], metavar="FILE", help="an extract to read"
    )
    parser.add_argument(
        "--output-dir", type=Path, default=Path("bench-results"), help="(default: %(default)s)"
    )
    return parser.parse_args()


def _postgis_version() -> str | None:
    programs = postgis_binaries()
    if programs is None:
        return None
    asked = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    return f"PostgreSQL {asked.stdout.split()[2]}"


if __name__ == "__main__":
    main()
