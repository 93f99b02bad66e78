"""A release put together: a survey round or villages, facilities and admin units in, all of its parts out."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geo_service.coverage.access import DEFAULT_PRESENCE_KM
from geo_service.coverage.bands import DEFAULT_BANDS, Bands
from geo_service.coverage.report_tables import DEFAULT_TOP, report_tables, synthetic_note
from geo_service.errors import InputError
from geo_service.release.frames import feature_ids, frame_part, spatial_order
from geo_service.release.inputs import input_credits, library_versions, round_inputs
from geo_service.release.layers import service_access_part, unit_parts
from geo_service.release.layers_public import public_parts
from geo_service.release.manifest import RoundOf
from geo_service.release.measured import MeasuredAccess, measured_access
from geo_service.release.parts import Contents, Part
from geo_service.release.tables import access_tables, in_three_languages, table_parts
from geo_service.release.titles import REPORTED, SIDE_BY_SIDE, STRAIGHT, TITLES, in_each_language
from geo_service.schemas import ADMIN_UNITS, FACILITIES, VILLAGES, validated
from geo_service.settings import SuppressionSettings
from geo_service.spatial.crs import to_wgs84
from geo_service.vocabulary import Basis, Language, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from geo_service.findings import Findings
    from geo_service.release.manifest import Input
    from geo_service.schemas import SurveyRound

__all__ = ["release_contents"]

_KEYS = {
    "key_informants": ("village_id", "role", "sex"),
    "mobility": ("village_id", "group"),
    "breakdowns": ("village_id", "group", "dimension", "code"),
    "reported_access": ("village_id", "service"),
    "district_estimates": (),
    "villages_to_visit": (),
}
"""What identifies a row of the frames of a round; none where only its place does."""


@contextmanager
def release_contents(
    *,
    survey_round: SurveyRound | None = None,
    villages: gpd.GeoDataFrame | None = None,
    facilities: Mapping[Service, gpd.GeoDataFrame] | None = None,
    units: gpd.GeoDataFrame | None = None,
    earlier: SurveyRound | None = None,
    inhabitants: Mapping[str, float] | pd.Series | None = None,
    findings: Findings | None = None,
    inputs: Sequence[Input] = (),
    attributions: Iterable[str] = (),
    notes: Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    k: int = 1,
    max_distance_km: float | None = None,
    bands: Bands = DEFAULT_BANDS,
    presence_km: float = DEFAULT_PRESENCE_KM,
    suppression: SuppressionSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Contents]:
    """All that a release holds, until the block ends: what is measured is kept in a temporary file.

    Args:
        survey_round: A round; its villages are those of the release. Null for a release of `villages`.
        villages: Schema `VILLAGES`, with `adm1_pcode` and `adm2_pcode` where `locate` gave them. Null with a round.
        facilities: Schema `FACILITIES` by service; null for a release without measured access.
        units: Schema `ADMIN_UNITS`, of one level or several; null for none.
        earlier: The round that change is counted from; null for none.
        inhabitants: As for `report_tables`.
        findings: What was doubtful in the inputs; null for none.
        inputs: The files that all of this came from; those of the rounds need not be among them.
        attributions: What has to be said beside what the inputs say.
        notes: What a reader has to know beside what follows from the inputs; sentences, worded in each language or not.
        parameters: With what the inputs were read and joined, such as `snap_km`; null values are left out. Null for nothing.
        k: As for `access`, like the next three.
        max_distance_km: Kilometres; null for no limit.
        bands: The distance bands.
        presence_km: Kilometres.
        suppression: How the numbers of the public edition are guarded; null for the settings of the environment.
        progress: Called with the number of villages measured so far.

    Raises:
        InputError: There are no villages or both kinds, or a frame does not fit its schema.

    Example:
        >>> from geo_service.demo.synthetic_round import synthetic_round_3
        >>> with release_contents(survey_round=synthetic_round_3()) as contents:
        ...     [part.name for part in contents.parts[:3]]
        ['villages', 'service_access', 'key_informants_by_village']
    """
    if (survey_round is None) == (villages is None):
        raise InputError("a release is of one round or of one layer of villages; give one of them")
    if villages is None and survey_round is not None:
        villages = survey_round.villages
    points = _in_order(villages)
    with ExitStack() as stack:
        measured = None
        if facilities:
            measured = stack.enter_context(
                measured_access(
                    points,
                    facilities,
                    keep=survey_round is not None,
                    progress=progress,
                    k=k,
                    max_distance_km=max_distance_km,
                    bands=bands,
                    presence_km=presence_km,
                )
            )
        if units is not None:
            units = validated(units, ADMIN_UNITS, "the admin units")
        access = None if survey_round is None or measured is None else _as_access(measured)
        tables = {
            language: _tables(survey_round, units, measured, access, earlier, inhabitants, language)
            for language in Language
        }
        about = None if measured is None else measured.about
        guard = suppression or SuppressionSettings()
        guarded = [*public_parts(tables, units, about, guard)]
        made = [
            *_layer_parts(points, facilities, units, measured),
            *([] if survey_round is None else [service_access_part(survey_round, access)]),
            *unit_parts(tables[Language.EN], units, about),
            *([] if survey_round is None else _round_parts(survey_round)),
            *table_parts(tables.__getitem__),
            *([] if findings is None else [_findings_part(findings)]),
            *guarded,
        ]
        every_input = _by_role(
            [
                *([] if survey_round is None else round_inputs(survey_round)),
                *([] if earlier is None else round_inputs(earlier, "earlier_round")),
                *inputs,
            ]
        )
        yield Contents(
            parts=tuple(made),
            inputs=every_input,
            parameters=_parameters(survey_round, earlier, measured, k)
            | ({"suppression": guard.model_dump()} if guarded else {})
            | _plain(parameters or {}),
            versions=library_versions(),
            licences=tuple(sorted({*input_credits(every_input), *attributions})),
            notes=(*_notes(survey_round, measured), *map(in_each_language, notes)),
            round=None if survey_round is None else _round_of(survey_round),
        )


def _by_role(inputs: Iterable[Input]) -> tuple[Input, ...]:
    """Inputs in one order, whatever order they were given in."""
    return tuple(sorted(inputs, key=lambda one: (one.role, one.name, one.sha256, one.rows or 0)))


def _in_order(villages: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """The villages in the order that all layers of them have, without their place in the file: that is no property of a village."""
    points = validated(to_wgs84(villages, "the villages"), VILLAGES, "the villages")
    points = points.drop(columns="source_row", errors="ignore")
    return points.iloc[spatial_order(points.geometry, feature_ids(points, ["village_id"], "villages"))]


def _layer_parts(
    villages: gpd.GeoDataFrame,
    facilities: Mapping[Service, gpd.GeoDataFrame] | None,
    units: gpd.GeoDataFrame | None,
    measured: MeasuredAccess | None,
) -> Iterator[Part]:
    interviewed = "interviewed_on" if "interviewed_on" in villages else None
    yield _part(
        "villages", villages, ["village_id"], dates=[interviewed] if interviewed else [], time=interviewed
    )
    if facilities:
        sites = pd.concat(
            [validated(facilities[one], FACILITIES, f"the facilities of {one}") for one in facilities],
            ignore_index=True,
        ).astype({"service": pd.CategoricalDtype([service.value for service in Service])})
        crs = next(iter(facilities.values())).crs
        yield _part("facilities", gpd.GeoDataFrame(sites, crs=crs), ["service", "facility_id"])
    if units is not None:
        for level, of_level in units.groupby("level", sort=True):
            yield _part(f"adm{level}", of_level, ["pcode"], dates=["valid_on"], time="valid_on")
    if measured is not None:
        title = in_each_language(TITLES["access"]())
        yield Part(
            "access", "layer", title, measured.fields, measured.rows, "geometry", about=_plain(measured.about)
        )


def _round_parts(survey: SurveyRound) -> Iterator[Part]:
    for name, frame in survey.frames():
        if name == "villages":
            continue
        # The report has a table called `key_informants`.
        called = "key_informants_by_village" if name == "key_informants" else name
        yield _part(called, frame, _KEYS[name], kind="frame", about={"basis": Basis.REPORTED.value})


def _tables(
    survey: SurveyRound | None,
    units: gpd.GeoDataFrame | None,
    measured: MeasuredAccess | None,
    access: gpd.GeoDataFrame | None,
    earlier: SurveyRound | None,
    inhabitants: Mapping[str, float] | pd.Series | None,
    language: Language,
) -> dict[str, pd.DataFrame]:
    """All tables of the release in a language, in the order of the report."""
    tables: dict[str, pd.DataFrame] = {}
    if survey is not None:
        tables |= report_tables(
            survey, units=units, access=access, earlier=earlier, inhabitants=inhabitants, language=language
        )
    if measured is not None:
        tables |= access_tables(measured.counted, units, language)
    return tables


def _as_access(measured: MeasuredAccess) -> gpd.GeoDataFrame:
    rows = gpd.GeoDataFrame(measured.counted, geometry="geometry", crs="EPSG:4326")
    rows.attrs = dict(measured.about)
    return rows


def _findings_part(findings: Findings) -> Part:
    """What was doubtful; of files only their names, so that no folder of anybody's machine is published."""
    versions = {language: findings.to_frame(language) for language in Language}
    frame = in_three_languages(versions, "findings")
    frame["file"] = frame["file"].map(lambda file: PurePath(file).name, na_action="ignore").astype("string")
    # They were found in the order in which files were read, which says nothing.
    by = list(dict.fromkeys(["file", "layer", "row", "code", *frame]))
    frame = frame.sort_values(by, kind="stable", na_position="first")
    return _part("findings", frame, (), kind="frame")


def _part(name: str, frame: pd.DataFrame, key: Sequence[str], *, kind: Any = "layer", **said: Any) -> Part:
    return frame_part(name, frame, kind=kind, title=in_each_language(TITLES[name]()), key=key, **said)


def _plain(about: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in about.items() if value is not None}


def _parameters(
    survey: SurveyRound | None, earlier: SurveyRound | None, measured: MeasuredAccess | None, k: int
) -> dict[str, Any]:
    """What the numbers depend on beside the inputs."""
    said: dict[str, Any] = {"bases": [] if survey is None else [Basis.REPORTED.value]}
    if survey is not None:
        said["top_countries"] = DEFAULT_TOP
    if earlier is not None:
        said["earlier_round"] = earlier.number
    if measured is not None:
        about = measured.about
        said["bases"].append(about["basis"])
        said |= {
            "methods": [about["method"]],
            "bands": {"edges_km": about["edges_km"], "rule": about["band_rule"]},
            "presence_km": about["presence_km"],
            "max_distance_km": about["max_distance_km"],
            "facilities_each": k,
        }
    return said


def _notes(survey: SurveyRound | None, measured: MeasuredAccess | None) -> Iterator[dict[Language, str]]:
    if survey is not None:
        if survey.synthetic:
            yield {language: synthetic_note(survey, language) or "" for language in Language}
        yield in_each_language(REPORTED())
    if measured is not None:
        yield in_each_language(STRAIGHT())
    if survey is not None and measured is not None:
        yield in_each_language(SIDE_BY_SIDE())


def _round_of(survey: SurveyRound) -> RoundOf:
    return RoundOf(
        number=survey.number,
        country=survey.country,
        collected_from=survey.collected_from,
        collected_to=survey.collected_to,
        synthetic=survey.synthetic,
    )
