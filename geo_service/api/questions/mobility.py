"""Where population groups are, who they are, and how they change."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.answers import Format
from geo_service.api.context import Asked, AskedOfRound
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.basis import missing
from geo_service.api.questions.mobility_models import (
    BreakdownRow,
    ChangeAbout,
    ChangeRow,
    ConcentrationRow,
    MobilityAbout,
    MobilityBreakdown,
    MobilityChange,
    MobilityConcentration,
    MobilityTrends,
    TrendRow,
)
from geo_service.api.questions.mobility_rows import largest, with_polygons
from geo_service.api.questions.parameters import (
    LAYERS,
    TABLES,
    AdmParameter,
    ByParameter,
    GroupParameter,
    LayerFormat,
    TableFormat,
    UnitParameter,
    described,
)
from geo_service.api.questions.places import Within, places_of
from geo_service.api.questions.reading import equal_to, in_language, read_rows, shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.api.questions.splits import table_of
from geo_service.vocabulary import (
    POPULATION_GROUPS,
    AdminLevel,
    Dimension,
    PopulationGroup,
    moves_across_border,
)
from geo_service.wording import Wording
from geo_service.wording import in_language as worded_in

__all__ = [
    "concentration_of",
    "mobility_breakdown",
    "mobility_changes",
    "mobility_concentration",
    "mobility_trends",
    "router",
]

router = APIRouter(tags=["mobility"])

_LARGEST = Wording(
    en="only the {top} largest of each unit are shown, without those that are unknown",
    ru="показаны только {top} крупнейших по каждой территории, без неизвестных",
    kk="әр аумақтың {top} ең ірісі ғана көрсетілген, белгісіздерсіз",
)
_CHANGE = re.compile(r"change_since_round_(\d+)")
_NEEDS_SHAPE = frozenset({Format.GEOJSON, Format.FGB, Format.GEOJSONSEQ})


@router.get(
    "/mobility/concentration",
    response_model=MobilityConcentration,
    **described(
        "mobility_concentration",
        "Where a group is concentrated",
        "People of a group by admin unit: how many, their share of the group, for each 1,000 inhabitants and each square kilometre. With `geometry=true`, and in formats that "
        "need a geometry, each row comes with the polygon of its unit: a layer to colour.",
        LAYERS,
        "mobility/concentration?group=returnees",
        "mobility/concentration?group=labour_migrants&by=region&f=geojson",
    ),
)
def mobility_concentration(
    request: Request,
    asked: AskedOfRound,
    group: GroupParameter,
    by: UnitParameter = None,
    adm: AdmParameter = None,
    geometry: Annotated[
        bool, Query(description="Whether rows come with the polygons of their units; typed JSON has none.")
    ] = False,
    f: LayerFormat = None,
) -> Response:
    """Where a group is concentrated."""
    with_shape = geometry or chosen_format(request, f, LAYERS) in _NEEDS_SHAPE
    about, rows = concentration_of(
        asked, group, None if by is None else AdminLevel(by.value), adm, geometry=with_shape
    )
    return reply(
        asked,
        request,
        f,
        LAYERS,
        name=f"{group}_concentration",
        about=about,
        rows=rows,
        geometry="geometry" if with_shape else None,
        feature_id="pcode" if with_shape else None,
        details="_".join(part for part in (about.by, adm) if part),
        with_place=False,
    )


def concentration_of(
    asked: Asked, group: PopulationGroup, by: AdminLevel | None, adm: str | None, *, geometry: bool = False
) -> tuple[MobilityAbout, pa.Table]:
    """Where a group is concentrated, as the role may see it.

    Args:
        asked: The request.
        group: The group.
        by: The level of the rows; null for regions, or with `adm` the level of its units.
        adm: Inside which units, P-codes with commas; null for all.
        geometry: Whether a last column `geometry` has the polygons of the units, WKB in degrees.

    Returns:
        What the numbers mean, and rows in the columns of `ConcentrationRow`.

    Raises:
        ProblemError: There is nothing of that to be seen.
    """
    within = places_of(asked.release).within(adm, by, AdminLevel.REGION)
    name = table_of(asked, "concentration", within, "concentration of groups")
    rows = _read(asked, name, within, group)
    if geometry:
        rows = with_polygons(asked, rows, within.by)
    return _about(asked, name, within, group), shaped(asked, rows, ConcentrationRow, {"group_label": "label"})


@router.get(
    "/mobility/breakdown",
    response_model=MobilityBreakdown,
    **described(
        "mobility_breakdown",
        "Who the people of a group are",
        "People of a group by country, year, sex, kind or reason. By region of the countries only the largest, and the rest in one row.",
        TABLES,
        "mobility/breakdown?group=returnees&dimension=sex",
        "mobility/breakdown?group=labour_migrants&dimension=country&top=5&lang=ru",
    ),
)
def mobility_breakdown(
    request: Request,
    asked: AskedOfRound,
    group: GroupParameter,
    dimension: Annotated[
        Dimension,
        Query(
            description="By what; `country` only of groups that cross a border.",
            openapi_examples={"sex": {"value": "sex"}},
        ),
    ],
    by: ByParameter = None,
    adm: AdmParameter = None,
    top: Annotated[
        Annotated[int, Field(ge=1, le=1_000)] | SkipJsonSchema[None],
        Query(description="Only so many of the largest in each unit, the largest first."),
    ] = None,
    f: TableFormat = None,
) -> Response:
    """The parts of a group."""
    if dimension is Dimension.COUNTRY and not moves_across_border(group):
        raise ProblemError(
            Problem.NOT_FOUND,
            f"{group} stay in their country, so they have no breakdown by country; ask for another dimension",
            parameter="dimension",
            allowed=[one.value for one in Dimension if one is not Dimension.COUNTRY],
        )
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    name = table_of(asked, f"{group}_by_{dimension}", within, f"breakdown of {group} by {dimension}")
    rows = _read(asked, name, within)
    notes = []
    if top is not None:
        rows = largest(rows, top)
        notes = [worded_in(_LARGEST(top=top), asked.language)]
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=f"{group}_by_{dimension}",
        about=_about(asked, name, within, group, dimension, notes=notes),
        rows=shaped(asked, rows, BreakdownRow),
        details="_".join(part for part in (within.by, top and f"top_{top}", adm) if part),
    )


@router.get(
    "/mobility/trends",
    response_model=MobilityTrends,
    **described(
        "mobility_trends",
        "How a group grows by year",
        "People of a group by the year that they arrived or left in, each year against an earlier one. /mobility/changes says how groups changed since an earlier round.",
        TABLES,
        "mobility/trends?group=returnees",
        "mobility/trends?group=emigrants&by=region",
    ),
)
def mobility_trends(
    request: Request,
    asked: AskedOfRound,
    group: GroupParameter,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """Growth by year."""
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    name = table_of(asked, f"{group}_growth", within, f"growth of {group}")
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=f"{group}_growth",
        about=_about(asked, name, within, group, Dimension.YEAR),
        rows=shaped(asked, _read(asked, name, within), TrendRow),
        details="_".join(part for part in (within.by, adm) if part),
    )


@router.get(
    "/mobility/changes",
    response_model=MobilityChange,
    **described(
        "mobility_changes",
        "How groups changed since an earlier round",
        "People of each group in two rounds: in all communities of each, and in those that both visited, which alone tell a change from a change of coverage. "
        "Only where the release was published with an earlier round.",
        TABLES,
    ),
)
def mobility_changes(
    request: Request,
    asked: AskedOfRound,
    group: Annotated[
        PopulationGroup | SkipJsonSchema[None],
        Query(description="Only this population group; else all of them."),
    ] = None,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """Change between rounds."""
    found = [_CHANGE.fullmatch(one.name) for one in asked.release.manifest.collections]
    rounds = [int(one[1]) for one in found if one]
    if not rounds:
        raise missing(
            "change since an earlier round"
            + ("" if asked.role.value != "public" else " that the public is shown"),
            "an editor can publish one with the round before it",
        )
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    name = table_of(asked, f"change_since_round_{max(rounds)}", within, "change between rounds")
    about = about_of(asked, asked.release.collection(name), within)
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=f"change_since_round_{max(rounds)}",
        about=ChangeAbout(**about.model_dump(), earlier_round=max(rounds)),
        rows=shaped(asked, _read(asked, name, within, group), ChangeRow, {"group_label": "label"}),
        details="_".join(part for part in (group, within.by, adm) if part),
    )


def _read(asked: Asked, name: str, within: Within, group: PopulationGroup | None = None) -> pa.Table:
    return in_language(read_rows(asked, name, within.of_units, equal_to("group", group)), asked.language)


def _about(
    asked: Asked,
    name: str,
    within: Within,
    group: PopulationGroup,
    dimension: Dimension | None = None,
    **more: Any,
) -> MobilityAbout:
    about = about_of(asked, asked.release.collection(name), within, **more)
    return MobilityAbout(
        **about.model_dump(),
        group=group,
        group_label=POPULATION_GROUPS[group].label(asked.language),
        dimension=dimension,
    )
