"""Maps of a release: what of it somebody is shown, as a picture.

Frames are read through the release that is handed in and through nothing else. The edition of the public has no villages and only guarded tables, so a map made
of it has none either.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.errors import NotFoundError
from geo_service.maps.about import MapAbout
from geo_service.maps.measures import ChangeMeasure, Measure
from geo_service.maps.pictures import (
    access_picture,
    agreement_picture,
    change_picture,
    concentration_picture,
    coverage_picture,
    gaps_picture,
)
from geo_service.maps.question import MapKind, MapQuestion
from geo_service.maps.released_access import AccessFrames
from geo_service.maps.released_frames import Drawn, Frames, drawn_units, equal
from geo_service.release.titles import REPORTED, SIDE_BY_SIDE, STRAIGHT, in_each_language
from geo_service.vocabulary import Basis, Language

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from geo_service.maps.picture import Picture
    from geo_service.release.protocol import Release

__all__ = ["earlier_round", "released_picture"]

_CHANGE = re.compile(r"change_since_round_(\d+)")
_SAID_ANYWAY = (REPORTED, STRAIGHT, SIDE_BY_SIDE)
"""Notes of a release that each map says in its own words where they concern it."""


def released_picture(release: Release, question: MapQuestion, language: Language) -> Picture:
    """The map that a question asks for.

    Args:
        release: A release, or what of it somebody is shown.
        question: Which map.
        language: Of its texts and names.

    Raises:
        NotFoundError: What is shown of the release does not have what the map needs: units, a table, a service, a distance.
        InputError: The question makes no map.
    """
    frames = Frames(release)
    drawn = drawn_units(frames, question.by, question.adm)
    return _PICTURES[question.kind](frames, drawn, question, language)


def earlier_round(release: Release) -> int | None:
    """The round that the release counts change from; null where it counts none, or does not show it."""
    found = [_CHANGE.match(one.name) for one in release.manifest.collections]
    return max((int(one[1]) for one in found if one), default=None)


def _concentration(frames: Frames, drawn: Drawn, question: MapQuestion, language: Language) -> Picture:
    stem = "concentration_by_"
    is_group = equal("group", str(question.group))
    table = frames.table(stem, drawn.by, "concentration of groups", is_group, drawn.of_units)
    if table.empty:
        raise NotFoundError(f"the release has nothing about {question.group} in these {drawn.by}s")
    return concentration_picture(
        table,
        drawn.units,
        str(question.group),
        measure=question.measure if isinstance(question.measure, Measure) else Measure.INDIVIDUALS,
        classing=question.classing,
        about=_about(frames, drawn, language, f"{stem}{drawn.by}"),
    )


def _access(frames: Frames, drawn: Drawn, question: MapQuestion, language: Language) -> Picture:
    assert question.service is not None  # noqa: S101 - the question saw to it
    beyond_km = question.beyond_km
    if beyond_km is None:
        beyond_km = AccessFrames.default_km(frames, question.basis)
    access = AccessFrames(frames, drawn, question.service, question.basis, beyond_km)
    beyond = access.by_unit()
    return access_picture(
        drawn.units,
        beyond,
        question.service,
        beyond_km=beyond_km,
        basis=access.basis,
        villages=access.villages(only_gaps=False),
        facilities=_facilities(frames, drawn, question) if access.basis is Basis.MEASURED else None,
        classing=question.classing,
        about=_about(frames, drawn, language, access.table),
    )


def _gaps(frames: Frames, drawn: Drawn, question: MapQuestion, language: Language) -> Picture:
    assert question.service is not None  # noqa: S101 - the question saw to it
    access = AccessFrames(frames, drawn, question.service, question.basis, question.beyond_km)
    called = {"villages_beyond": "villages_without", "households_beyond": "households_without"}
    return gaps_picture(
        drawn.units,
        access.by_unit().rename(columns=called),
        question.service,
        basis=access.basis,
        beyond_km=question.beyond_km,
        villages=access.villages(only_gaps=True),
        classing=question.classing,
        about=_about(frames, drawn, language, access.table),
    )


def _coverage(frames: Frames, drawn: Drawn, question: MapQuestion, language: Language) -> Picture:
    stem = "coverage_by_"
    table = frames.table(stem, drawn.by, "assessment of a survey round", drawn.of_units)
    villages = None
    if frames.has("villages"):
        known = ["village_id", "village_name", "households", "population"]
        villages = frames.read_layer("villages", drawn.of_villages, fields=known)
        villages = villages.drop(columns=["fid", "id"])
    return coverage_picture(
        drawn.units,
        table,
        villages=villages,
        classing=question.classing,
        about=_about(frames, drawn, language, f"{stem}{drawn.by}"),
    )


def _change(frames: Frames, drawn: Drawn, question: MapQuestion, language: Language) -> Picture:
    earlier = earlier_round(frames.release)
    if earlier is None:
        raise NotFoundError(
            "what is shown of this release has no change since an earlier round; it was published without the round before it, "
            "or change is not shown to everybody"
        )
    stem = f"change_since_round_{earlier}_by_"
    is_group = equal("group", str(question.group))
    return change_picture(
        drawn.units,
        frames.table(stem, drawn.by, "change between rounds", is_group, drawn.of_units),
        str(question.group),
        earlier_round=earlier,
        measure=question.measure if isinstance(question.measure, ChangeMeasure) else ChangeMeasure.RELATIVE,
        classing=question.classing,
        about=_about(frames, drawn, language, f"{stem}{drawn.by}"),
    )


def _agreement(frames: Frames, drawn: Drawn, question: MapQuestion, language: Language) -> Picture:
    stem = "agreement_by_"
    is_service = equal("service", str(question.service))
    table = frames.table(
        stem, drawn.by, "comparison of reported and measured access", is_service, drawn.of_units
    )
    if table.empty and drawn.of_units is None:
        raise NotFoundError(f"the release compares nothing about {question.service}; ask for another service")
    villages = None
    if frames.has("service_access"):
        villages = frames.read_layer("service_access", is_service, drawn.of_villages)
        villages = villages.drop(columns=["fid", "id"])
    return agreement_picture(
        drawn.units,
        table,
        str(question.service),
        villages=villages,
        classing=question.classing,
        about=_about(frames, drawn, language, f"{stem}{drawn.by}"),
    )


_PICTURES: dict[MapKind, Callable[[Frames, Drawn, MapQuestion, Language], Picture]] = {
    MapKind.CONCENTRATION: _concentration,
    MapKind.ACCESS: _access,
    MapKind.GAPS: _gaps,
    MapKind.COVERAGE: _coverage,
    MapKind.CHANGE: _change,
    MapKind.AGREEMENT: _agreement,
}


def _facilities(frames: Frames, drawn: Drawn, question: MapQuestion) -> gpd.GeoDataFrame | None:
    """Those of the service around the units: the nearest of a village may be across a border."""
    if not frames.has("facilities"):
        return None
    west, south, east, north = (float(one) for one in drawn.units.total_bounds)
    return frames.read_layer(
        "facilities",
        equal("service", str(question.service)),
        fields=["facility_id", "facility_name", "service"],
        box=None if question.adm is None else (west, south, east, north),
    ).drop(columns=["fid", "id"])


def _about(frames: Frames, drawn: Drawn, language: Language, table: str | None) -> MapAbout:
    """What the release says of itself; guarded where the table is."""
    manifest = frames.release.manifest
    survey = manifest.round
    usual = [in_each_language(one()) for one in _SAID_ANYWAY]
    # The first note of made-up answers says so, which the map says as well.
    notes = manifest.notes[1:] if survey is not None and survey.synthetic else manifest.notes
    about = MapAbout(
        language=language,
        place=drawn.place(language),
        release=manifest.id,
        sources=manifest.licences,
        notes=tuple(one.get(language, one[Language.EN]) for one in notes if one not in usual),
        boundaries=", ".join(dict.fromkeys(one.name for one in manifest.inputs if one.role == "boundaries"))
        or None,
        is_guarded=table is not None and frames.release.collection(table).about.get("edition") == "public",
    )
    if survey is None:
        return about
    first, last = survey.collected_from, survey.collected_to
    return replace(
        about,
        round=survey.number,
        country=survey.country,
        collected=(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) if first and last else None,
        is_synthetic=survey.synthetic,
    )
