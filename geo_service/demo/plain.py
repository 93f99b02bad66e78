"""A round in the plain layout: a workbook or a folder of CSVs with one table a sheet, for who has neither KoboToolbox nor ODK."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from geo_service.demo.answers import YES_NO
from geo_service.demo.sheets import write_sheets
from geo_service.export.staging import make_folder, staged
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.raw import LONG_SHEETS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.schemas import SurveyRound

__all__ = ["HXL_TAGS", "SYNTHETIC_ROUND_NOTE", "plain_tables", "write_plain"]

SYNTHETIC_ROUND_NOTE = "The rows marked synthetic are made up, not surveyed. Do not use for planning."

HXL_TAGS: Mapping[str, str] = MappingProxyType(
    {
        q.VILLAGE_CODE: "#loc+code",
        q.VILLAGE_NAME: "#loc+name",
        q.REGION: "#adm1+code",
        q.DISTRICT: "#adm2+code",
        q.LONGITUDE: "#geo+lon",
        q.LATITUDE: "#geo+lat",
        q.VILLAGE_HOUSEHOLDS: "#population+hh",
        q.VILLAGE_POPULATION: "#population+inhabitants",
        q.INTERVIEW_DATE: "#date+interview",
        q.SYNTHETIC: "#meta+synthetic",
        "role": "#respondent+role",
        "sex": "#respondent+sex",
        "informants": "#respondent+num",
        "group": "#population+type",
        "present": "#indicator+present",
        "individuals": "#population+ind",
        "households": "#population+moved+hh",
        "dimension": "#meta+dimension",
        "code": "#meta+part+code",
        "service": "#service+type",
        "band": "#service+distance",
    }
)
"""The hashtag of each column of the plain layout (https://hxlstandard.org)."""

_FRAMES = MappingProxyType(
    {
        "key_informants": "key_informants",
        "mobility": "mobility",
        "breakdowns": "breakdowns",
        "services": "reported_access",
    }
)


def write_plain(survey: SurveyRound, path: Path, *, hxl: bool = False, overwrite: bool = False) -> None:
    """Write a round as a workbook with a sheet a table, or as a folder with a CSV a table.

    Args:
        survey: Any round that is valid.
        path: A name that ends in `.xlsx`, else a folder, which is made when it is not there.
        hxl: Whether a row of HXL hashtags stands below the header.
        overwrite: Whether files that are there are replaced.

    Raises:
        OutputError: A file is there, or cannot be written, or a sheet has too many rows.
        MissingExtraError: It is a workbook and the extra `excel` is not installed.
    """
    tables = plain_tables(survey)
    tags = HXL_TAGS if hxl else None
    if path.suffix.lower() == ".xlsx":
        note = SYNTHETIC_ROUND_NOTE if survey.synthetic else ""
        with staged([path], overwrite=overwrite) as (workbook,):
            write_sheets(tables.items(), workbook, note=note, tags=tags)
        return
    make_folder(path)
    with staged([path / f"{name}.csv" for name in tables], overwrite=overwrite) as files:
        for file, table in zip(files, tables.values(), strict=True):
            header = [list(table), *([[HXL_TAGS[name] for name in table]] if hxl else [])]
            table.set_axis(pd.MultiIndex.from_arrays(header) if hxl else header[0], axis=1).to_csv(
                file, index=False
            )


def plain_tables(survey: SurveyRound) -> dict[str, pd.DataFrame]:
    """The tables of the plain layout by name: presence is `yes` or `no`, null is nothing, and a synthetic round says so in every row."""
    villages = survey.villages.reset_index(drop=True)
    tables = {
        "villages": pd.DataFrame(
            {
                q.VILLAGE_CODE: villages["village_id"],
                q.VILLAGE_NAME: villages["village_name"],
                q.REGION: villages["adm1_pcode"],
                q.DISTRICT: villages["adm2_pcode"],
                q.LONGITUDE: villages.geometry.x,
                q.LATITUDE: villages.geometry.y,
                q.VILLAGE_HOUSEHOLDS: villages["households"],
                q.VILLAGE_POPULATION: villages["population"],
                q.INTERVIEW_DATE: villages["interviewed_on"],
            }
        )
    }
    frames = dict(survey.frames())
    for name, columns in LONG_SHEETS.items():
        tables[name] = frames[_FRAMES[name]].rename(columns={"village_id": q.VILLAGE_CODE})[
            [q.VILLAGE_CODE, *columns]
        ]
    units = {"adm1_pcode": q.REGION, "adm2_pcode": q.DISTRICT}
    tables["district_estimates"] = survey.district_estimates.rename(columns=units)
    tables[q.TO_VISIT] = survey.villages_to_visit.rename(columns=units)
    return {name: _said(table, survey.synthetic) for name, table in tables.items()}


def _said(table: pd.DataFrame, synthetic: bool) -> pd.DataFrame:
    if "present" in table:
        table = table.assign(present=table["present"].map(YES_NO).astype("string"))
    return table.assign(**{q.SYNTHETIC: YES_NO[True]}) if synthetic else table
