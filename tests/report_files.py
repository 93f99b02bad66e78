"""The report of the made-up world in every form, written by the command once for all tests of their group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.report.written import ReportFormat

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GROUP", "report_command", "written"]

GROUP = "report of the world"

_WRITTEN: dict[Path, tuple[dict[ReportFormat, Path], str]] = {}
"""Each module that imports the fixture has one of its own; what it gives is made once."""


def report_command(world: Path, *arguments: object) -> Any:
    """The command over the world's releases."""
    return CliRunner().invoke(app, ["report", *map(str, arguments), "--store", str(world)])


@pytest.fixture(scope="session")
def written(world: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[ReportFormat, Path], str]:
    """The report of Round 3 in Russian for analysts, a file a form, and what the command said."""
    if world not in _WRITTEN:
        _WRITTEN[world] = _written(world, tmp_path_factory.mktemp("reports"))
    return _WRITTEN[world]


def _written(world: Path, folder: Path) -> tuple[dict[ReportFormat, Path], str]:
    outputs = {form: folder / f"report.{form}" for form in ReportFormat}
    given = [word for path in outputs.values() for word in ("-o", path)]
    result = report_command(world, "--round", 3, "--lang", "ru", *given, "--json")
    assert result.exit_code == 0, result.output
    return outputs, result.stdout
