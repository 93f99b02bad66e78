"""A report as PDF, typeset by Typst: A4, tagged (PDF/UA-1), with bookmarks, alternative texts and its fonts in it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import MissingExtraError, OutputError

if TYPE_CHECKING:
    from geo_service.report.document import Report

__all__ = ["pdf_bytes"]

_WEIGHTS = ("Regular", "Semibold", "Bold")
_NO_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def pdf_bytes(report: Report) -> bytes:
    """Typeset a report.

    Args:
        report: The report. Its texts come out as they are; those of charts and maps stay text.

    Returns:
        A PDF that conforms to PDF/UA-1. Its date is the last day of the data collection, so that the same report has the same bytes.

    Raises:
        MissingExtraError: Typst, matplotlib or the typeface is not installed.
        OutputError: Typst cannot typeset the report.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415
        import typst  # noqa: PLC0415

        from geo_service.maps.printed.fonts import Face, sans_folder  # noqa: PLC0415
        from geo_service.report.typst.data import typeset  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a report as PDF", "report") from error
    made = typeset(report)
    with tempfile.TemporaryDirectory(prefix="geo-service-report-") as name:
        root = Path(name)
        fonts = root / "fonts"
        fonts.mkdir()
        for weight in _WEIGHTS:
            shutil.copyfile(sans_folder() / f"SourceSansPro-{weight}.otf", fonts / f"{weight}.otf")
        for face in (Face.REGULAR, Face.BOLD):
            shutil.copyfile(Path(mpl.get_data_path()) / "fonts" / "ttf" / face, fonts / face)
        for file, content in made.files.items():
            (root / file).write_bytes(content)
        (root / "data.json").write_text(json.dumps(made.data, ensure_ascii=False), encoding="utf-8")
        template = files("geo_service.report") / "typst" / "report.typ"
        (root / "report.typ").write_bytes(template.read_bytes())
        day = report.date
        try:
            written = typst.Compiler(
                str(root / "report.typ"),
                root=str(root),
                font_paths=typst.Fonts(
                    include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)]
                ),
                ignore_system_fonts=True,
            ).compile(
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) if day else _NO_DATE,
            )
        except typst.TypstError as error:
            raise OutputError(f"the report cannot be typeset: {error.message}") from error
    if not isinstance(written, bytes):
        raise OutputError("the report cannot be typeset: Typst wrote no PDF")
    return written
