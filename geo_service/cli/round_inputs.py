"""What the commands of rounds share: their options, and survey files read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer

from geo_service.errors import InputError
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.boundaries.usual import usual_sets
from geo_service.ingest.survey.store import load_round, stored_rounds
from geo_service.schemas import SurveyRound
from geo_service.settings import BoundarySettings, RoundSettings
from geo_service.vocabulary import AdminLevel, countries

__all__ = [
    "CountryOption",
    "EarlierOption",
    "RoundOption",
    "UnitsOption",
    "earlier_round",
    "load_units",
    "usual_units",
]

RoundOption = Annotated[int, typer.Option("--round", metavar="NUMBER", min=1, help="Which round.")]
CountryOption = Annotated[
    str, typer.Option("--country", metavar="CODE", help="ISO 3166-1 alpha-3, such as KAZ.")
]
UnitsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--boundaries",
        metavar="FILE_OR_NAME",
        help="Admin units: a file, or a name from `boundaries list`. Once for regions, once more for districts; "
        "for KAZ the regions that ship, and the districts where they have been fetched.",
    ),
]
EarlierOption = Annotated[
    int | None,
    typer.Option(
        "--earlier",
        metavar="NUMBER",
        min=1,
        help="The round to compare with; else the one before, where there is one.",
    ),
]


def load_units(country: str, given: Sequence[str] | None, findings: Findings) -> gpd.GeoDataFrame:
    """Regions and, where they are to be had, districts, in one frame of schema `ADMIN_UNITS`.

    Raises:
        InputError: None are given and none are known for the country; or one of those given cannot be used.
    """
    settings = BoundarySettings()
    names = list(given) if given else usual_units(country)
    layers = [load_boundaries(name, settings, findings=findings) for name in names]
    levels = [int(layer["level"].iloc[0]) for layer in layers]
    if len(set(levels)) < len(levels):
        raise InputError(f"--boundaries {names[-1]}: this level is given twice; give each level once")
    for name, layer, level in zip(names, layers, levels, strict=True):
        _refuse_other_country(name, layer, level, country)
    units = gpd.GeoDataFrame(pd.concat(layers, ignore_index=True), crs=layers[0].crs)
    if AdminLevel.REGION.number not in levels and AdminLevel.DISTRICT.number not in levels:
        raise InputError("the admin units hold neither regions nor districts; give them with --boundaries")
    return units


def usual_units(country: str) -> list[str]:
    """The sets of regions and, where they have been fetched, of districts that are used where none are given.

    Raises:
        InputError: None are known for the country.
    """
    names = usual_sets(country, BoundarySettings())
    if not names:
        raise InputError(
            f"no admin units are known for {country}; give them with --boundaries FILE_OR_NAME, once a level"
        )
    return names


def _refuse_other_country(name: str, layer: gpd.GeoDataFrame, level: int, country: str) -> None:
    """Stop where regions say by their parent that they are another country's."""
    if level != AdminLevel.REGION.number:
        return
    parents = layer["parent_pcode"].dropna().unique()
    if len(parents) == 1 and parents[0] in countries() and parents[0] != country:
        raise InputError(
            f"--boundaries {name}: these are regions of {parents[0]}, and --country is {country}"
        )


def earlier_round(
    country: str, number: int, given: int | None, settings: RoundSettings
) -> SurveyRound | None:
    """The round given, else the last one kept before `number`, null when there is none.

    Raises:
        InputError: The round that was given is not kept here.
    """
    if given is not None:
        return load_round(country, given, settings)
    before = [
        about["number"]
        for about in stored_rounds(settings)
        if about["country"] == country and about["number"] < number
    ]
    return load_round(country, max(before), settings) if before else None
