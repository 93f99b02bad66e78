"""A survey round from the files that its forms gave back, in one call."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.findings import Findings, collecting
from geo_service.ingest.survey.read import read_survey
from geo_service.ingest.survey.rounds import assemble_round

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    import geopandas as gpd
    import pandas as pd

    from geo_service.ingest.survey.crosswalk import Crosswalk
    from geo_service.schemas import SurveyRound

__all__ = ["read_round"]


def read_round(
    files: Iterable[Path | str],
    findings: Findings | None = None,
    *,
    number: int,
    country: str,
    units: gpd.GeoDataFrame | None = None,
    gazetteer: gpd.GeoDataFrame | None = None,
    crosswalk: Crosswalk | None = None,
    earlier: SurveyRound | None = None,
    today: date | None = None,
    encoding: str | None = None,
    proposals: list[pd.DataFrame] | None = None,
    progress: Callable[[str], None] | None = None,
) -> SurveyRound:
    """Read and check the files of a round: `read_survey`, then `assemble_round`.

    Args:
        files: What the forms of B1 and B2 gave back; see `read_survey`.
        findings: Where everything is added; the round is to be kept only if none of it is an error. Null to have errors raised.
        number: Which round.
        country: ISO 3166-1 alpha-3.
        units: Schema `ADMIN_UNITS`, regions and, where they are known, districts; null for none.
        gazetteer: The villages that are known; null when none are given.
        crosswalk: What a reviewer decided about names; null for nothing.
        earlier: The round to compare with; null for none.
        today: No interview can have been later; null for the day it is.
        encoding: Of CSVs without a byte order mark; null for UTF-8.
        proposals: Where the candidates for places that were not recognised are added; null for nowhere.
        progress: Called with the name of each file before it is read.

    Returns:
        The round, whose frames fit their schemas.

    Raises:
        FindingsError: No file can be read; or there are errors and `findings` is null.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    with collecting(findings) as found:
        raw = read_survey(map(Path, files), found, encoding=encoding, progress=progress)
        return assemble_round(
            raw,
            number=number,
            country=country,
            units=units,
            findings=found,
            today=today or datetime.now(tz=UTC).astimezone().date(),
            gazetteer=gazetteer,
            crosswalk=crosswalk,
            earlier=earlier,
            proposals=proposals,
        )
