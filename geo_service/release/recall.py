"""What a release was made from, taken out of it again, so that the next one can be made with one part of it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from geo_service.coverage.bands import DEFAULT_BANDS, Bands
from geo_service.coverage.report_tables import synthetic_note
from geo_service.errors import InputError
from geo_service.findings import Finding, FindingCode, Findings, Severity
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.query.questions import Features
from geo_service.release.inputs import input_credits
from geo_service.release.titles import REPORTED, SIDE_BY_SIDE, STRAIGHT, in_each_language
from geo_service.schemas import SurveyRound
from geo_service.schemas.survey import ROUND_SCHEMAS
from geo_service.vocabulary import Language, Service
from geo_service.wording import Worded, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.release.manifest import Collection, Input, Manifest
    from geo_service.release.protocol import Release

__all__ = ["Recalled", "recall", "recalled_frame"]

_CALLED = {"key_informants": "key_informants_by_village"}
"""Frames of a round that go by another name in a release."""

_MADE_ANEW = {
    "bases",
    "top_countries",
    "earlier_round",
    "methods",
    "bands",
    "presence_km",
    "max_distance_km",
    "facilities_each",
    "suppression",
}
"""Parameters that publishing says by itself."""

_INHABITANTS = "inhabitants"

_DTYPES = {
    PropertyType.TEXT: "string",
    PropertyType.INTEGER: "Int64",
    PropertyType.NUMBER: "float64",
    PropertyType.BOOLEAN: "boolean",
    PropertyType.DATE: "string",
}


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a release was made from.

    Attributes:
        survey: Its round; null for a release without one.
        villages: Its villages, those of the round where there is one; WGS84.
        facilities: By service; empty for a release without measured access.
        units: Its admin units of all levels; null for none.
        inputs: The files behind all of it, as the manifest names them, but for those of rounds: a round knows its own.
        findings: What was doubtful in the files; null where it was not kept.
        inhabitants: All inhabitants of units by P-code where they came from a file; null where they did not.
        earlier: The number of the round that change is counted from; null for none. The round itself is in a release of its own.
        options: What the numbers depend on, as `release_contents` takes it: `k`, `bands`, `presence_km`, `max_distance_km`.
        attributions: What has to be said beside what the inputs say.
        notes: What a reader has to know beside what follows from the rest; worded in each language.
        parameters: With what the inputs were read and joined.
    """

    survey: SurveyRound | None
    villages: gpd.GeoDataFrame
    facilities: dict[Service, gpd.GeoDataFrame]
    units: gpd.GeoDataFrame | None
    inputs: tuple[Input, ...]
    findings: Findings | None
    inhabitants: dict[str, int] | None
    earlier: int | None
    options: dict[str, Any]
    attributions: tuple[str, ...]
    notes: tuple[Worded, ...]
    parameters: dict[str, Any]


def recall(release: Release) -> Recalled:
    """What a release was made from; every frame fits its schema again.

    Published anew with the round that `earlier` names, it gives the same rows.

    Raises:
        InputError: It holds no villages, or frames that do not fit their schemas.
    """
    names = {one.name for one in release.manifest.collections}
    if "villages" not in names:
        raise InputError(f"release {release.manifest.id[:12]} has no villages; publish anew from the files")
    manifest = release.manifest
    survey = _survey(release) if manifest.round is not None else None
    return Recalled(
        survey=survey,
        villages=recalled_frame(release, "villages") if survey is None else survey.villages,
        facilities=_facilities(release) if "facilities" in names else {},
        units=_units(release, sorted(name for name in names if _is_level(name))),
        inputs=tuple(one for one in manifest.inputs if one.role not in {"round", "earlier_round"}),
        findings=_findings(release) if "findings" in names else None,
        inhabitants=_inhabitants(release) if _INHABITANTS in {one.role for one in manifest.inputs} else None,
        earlier=manifest.parameters.get("earlier_round"),
        options=_options(manifest.parameters),
        attributions=tuple(sorted({*manifest.licences} - {*input_credits(manifest.inputs)})),
        notes=tuple(_notes(manifest, survey)),
        parameters={key: value for key, value in manifest.parameters.items() if key not in _MADE_ANEW},
    )


def recalled_frame(release: Release, name: str) -> Any:
    """A collection as a frame with the types that it was published from, without `fid` and `id`; a layer is in EPSG:4326."""
    collection = release.collection(name)
    with release.batches(name, Features()) as batches:
        table = pa.Table.from_batches(batches, batches.schema)
    columns = {
        one.name: _column(table[one.name], collection, one.name)
        for one in collection.fields
        if one.name not in {FID, ID}
    }
    frame = pd.DataFrame(columns)
    if collection.geometry is None:
        return frame
    return gpd.GeoDataFrame(frame, geometry=collection.geometry, crs="EPSG:4326")


def _column(values: pa.ChunkedArray, collection: Collection, name: str) -> Any:
    field = next(one for one in collection.fields if one.name == name)
    if field.type is PropertyType.GEOMETRY:
        return gpd.array.from_wkb(values.to_numpy())
    if field.type is PropertyType.DATE:
        values = values.cast(pa.string())
    found = values.to_pandas().array
    if field.values:  # noqa: PD011 - the values that it can have
        ordered = name == "band" or name.endswith("_band")
        return pd.Categorical(found, categories=list(field.values), ordered=ordered)
    return pd.array(found, dtype=_DTYPES[field.type])


def _survey(release: Release) -> SurveyRound:
    about = release.manifest.round
    if about is None:  # pragma: no cover  # who calls has looked
        raise InputError("a release without a round has none")
    frames = {}
    for name, schema in ROUND_SCHEMAS.items():
        frame = recalled_frame(release, _CALLED.get(name, name))
        # The schemas ask for types of pandas that hold no null where there can be none.
        plain = {
            key: str(one.dtype) for key, one in schema.columns.items() if str(one.dtype) in {"int64", "bool"}
        }
        frames[name] = frame.astype({key: kind for key, kind in plain.items() if key in frame})
    sources = tuple(
        {"file": one.name, "sha256": one.sha256} for one in release.manifest.inputs if one.role == "round"
    )
    return SurveyRound(
        number=about.number,
        country=about.country,
        collected_from=about.collected_from,
        collected_to=about.collected_to,
        sources=sources,
        **frames,
    ).validate()


def _facilities(release: Release) -> dict[Service, gpd.GeoDataFrame]:
    sites = recalled_frame(release, "facilities")
    asked = dict.fromkeys(sites["service"].astype("string"))
    # A service whose layer is empty was measured all the same: its rows of access say `no_facility`.
    for one in release.manifest.collections:
        if one.name == "service_presence":
            with release.batches(one.name, Features(fields=("service",))) as batches:
                for batch in batches:
                    asked |= dict.fromkeys(batch["service"].to_pylist())
    return {
        service: sites[sites["service"] == service.value].reset_index(drop=True).astype({"service": "string"})
        for service in Service
        if service.value in asked
    }


def _units(release: Release, levels: list[str]) -> gpd.GeoDataFrame | None:
    if not levels:
        return None
    frames = [recalled_frame(release, name) for name in levels]
    units = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs="EPSG:4326")
    return units.astype({"level": "int64"})


def _findings(release: Release) -> Findings:
    frame = recalled_frame(release, "findings").astype(object)
    rows = frame.where(frame.notna(), None).to_dict("records")
    return Findings(
        Finding(
            Severity(row["severity"]),
            FindingCode(row["code"]),
            _worded(row, "message") or "",
            row["file"],
            row["layer"],
            row["row"],
            row["column"],
            row["value"],
            _worded(row, "suggestion"),
        )
        for row in rows
    )


def _worded(row: dict[str, Any], name: str) -> Worded | None:
    said = {language.value: row[f"{name}_{language}"] for language in Language}
    return None if said["en"] is None else _as_it_is(said)


def _as_it_is(said: dict[str, str]) -> Worded:
    return Wording(**{key: text.replace("{", "{{").replace("}", "}}") for key, text in said.items()})()


def _inhabitants(release: Release) -> dict[str, int]:
    """Inhabitants of the units of each level, as the tables that count by them say."""
    found: dict[str, int] = {}
    for one in release.manifest.collections:
        if one.kind == "table" and {"pcode", _INHABITANTS} <= {field.name for field in one.fields}:
            rows = recalled_frame(release, one.name)[["pcode", _INHABITANTS]].dropna()
            found |= dict(zip(rows["pcode"], rows[_INHABITANTS].astype(int), strict=True))
    return found


def _is_level(name: str) -> bool:
    return name.startswith("adm") and name[3:].isdigit()


def _options(parameters: dict[str, Any]) -> dict[str, Any]:
    """The options of `release_contents` that a manifest's parameters stand for."""
    bands = parameters.get("bands")
    said = {
        "k": parameters.get("facilities_each"),
        "bands": DEFAULT_BANDS if bands is None else Bands(tuple(bands["edges_km"])),
        "presence_km": parameters.get("presence_km"),
        "max_distance_km": parameters.get("max_distance_km"),
    }
    return {key: value for key, value in said.items() if value is not None}


def _notes(manifest: Manifest, survey: SurveyRound | None) -> Iterator[Worded]:
    """The notes that do not follow from what the release holds: those that do are made anew."""
    again = {in_each_language(one())[Language.EN] for one in (REPORTED, STRAIGHT, SIDE_BY_SIDE)}
    synthetic = None if survey is None else synthetic_note(survey)
    for note in manifest.notes:
        if note[Language.EN] not in {*again, synthetic}:
            yield _as_it_is({key.value: text for key, text in note.items()})
