"""Ways to get the tables of a survey round from its workbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.coverage.report_tables import report_tables
from geo_service.demo.exports import write_kobo
from geo_service.demo.synthetic_round import synthetic_round_3
from geo_service.errors import MissingExtraError
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.survey.read_round import read_round
from tests.benchmarks.contender import Contender, UnavailableError

if TYPE_CHECKING:
    import geopandas as gpd

    from geo_service.schemas import SurveyRound

__all__ = ["ImportAndTabulate", "ImportOnly", "PandasAlone", "PandasOpenpyxl"]

VILLAGES = 1245


class RoundContender(Contender):
    """A contender over the workbook that KoboToolbox would give of a synthetic round, written once a size."""

    repeats = 3

    def prepare(self) -> None:
        """Write the workbook, unless another contender has."""
        self.path = Path(self.inputs.folder) / f"B2-{self.rows}.xlsx"
        if not self.path.exists():
            try:
                write_kobo(repeated(synthetic_round_3(), self.rows // VILLAGES), self.path)
            except MissingExtraError as error:
                raise UnavailableError(str(error)) from error

    def remark(self, result: Any) -> str:
        return f"{self.path.stat().st_size / 1e6:.1f} MB, {result}"


class ImportOnly(RoundContender):
    """Ours without tables: read, matched to its regions and checked."""

    name = "geo_service, import only"

    def run(self) -> Any:
        return f"{len(self.imported(load_boundaries('kaz-adm1')).villages):,} villages"

    def imported(self, units: gpd.GeoDataFrame) -> SurveyRound:
        """The round from its workbook."""
        return read_round([self.path], number=3, country="KAZ", units=units)


class ImportAndTabulate(ImportOnly):
    """Ours: read, matched to its regions, checked, and every table of the report."""

    name = "geo_service, import and every table"

    def run(self) -> Any:
        units = load_boundaries("kaz-adm1")
        tables = report_tables(self.imported(units), units=units)
        return f"{len(tables)} tables"


class PandasAlone(RoundContender):
    """Only read: every sheet as a frame, by the same reader of workbooks."""

    name = "pandas.read_excel, calamine, every sheet"
    engine = "calamine"

    def run(self) -> Any:
        frames = pd.read_excel(self.path, sheet_name=None, engine=self.engine)
        return f"{sum(frame.size for frame in frames.values()):,} cells"


class PandasOpenpyxl(PandasAlone):
    """Only read, by the reader that pandas takes unless told."""

    name = "pandas.read_excel, openpyxl, every sheet"
    engine = "openpyxl"
    repeats = 1


def repeated(survey: SurveyRound, times: int) -> SurveyRound:
    """The same villages and answers so many times, under other ids and names."""

    def many(frame: pd.DataFrame) -> pd.DataFrame:
        parts = []
        for time in range(times):
            part = frame.copy()
            for column in {"village_id", "village_name"} & set(frame):
                part[column] = part[column] + f"-{time}" if time else part[column]
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    names = ("villages", "key_informants", "mobility", "breakdowns", "reported_access")
    return replace(survey, **{name: many(getattr(survey, name)) for name in names})
