"""The facilities of a service that are nearest to a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa
import shapely
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.context import Asked, AskedOfRound
from geo_service.api.kept import Kept
from geo_service.api.questions.basis import missing
from geo_service.api.questions.models import About, Envelope, Row
from geo_service.api.questions.parameters import LAYERS, LayerFormat, OneService, described
from geo_service.api.questions.reading import equal_to, has, shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.query.questions import Features
from geo_service.release.titles import STRAIGHT
from geo_service.vocabulary import SERVICES, Basis, Method, Service
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from geo_service.distance.nearest import FacilityIndex

__all__ = ["NearestAbout", "NearestFacilities", "NearestRow", "access_nearest", "router"]

router = APIRouter(tags=["access"])

_TITLE = Wording(
    en="The nearest to {lon}, {lat}: {service}",
    ru="Ближайшие к {lon}, {lat}: {service}",
    kk="{lon}, {lat} нүктесіне ең жақын: {service}",
)
_RULE = Wording(
    en="distances are geodesics on WGS84, of lines and areas to their nearest place, 0 inside; ties go to the smaller facility_id",
    ru="расстояния — геодезические на WGS84, до ближайшего места линий и площадей, внутри — 0; при равенстве первым идёт меньший facility_id",
    kk="қашықтықтар — WGS84 бойынша геодезиялық, сызықтар мен аудандардың ең жақын жеріне дейін, ішінде — 0; тең болса, facility_id кішісі бірінші",
)
_KEPT = 24
"""Layers of facilities whose index is remembered: those of four releases."""


class NearestRow(Row):
    """One facility."""

    rank: Annotated[int, Field(description="1 for the nearest.")]
    facility_id: str
    facility_name: str | None
    service: Service
    service_label: str
    distance_m: Annotated[float, Field(description="In a straight line over the WGS84 ellipsoid, metres.")]
    distance_km: Annotated[float, Field(description="The same in kilometres, rounded to the metre.")]
    longitude: Annotated[
        float | None, Field(description="Degrees, WGS84; null for a facility that is a line or an area.")
    ]
    latitude: Annotated[
        float | None, Field(description="Degrees, WGS84; null for a facility that is a line or an area.")
    ]


class NearestAbout(About):
    """What the numbers of the answer mean, and from where they were measured."""

    service: Service
    longitude: float
    latitude: float
    facilities: Annotated[int, Field(description="How many facilities of the service there are.")]


class NearestFacilities(Envelope):
    """The facilities nearest to a place, the nearest first."""

    about: NearestAbout
    rows: list[NearestRow]


@dataclass(frozen=True)
class _Indexed:
    rows: pa.Table
    index: FacilityIndex


@router.get(
    "/access/nearest",
    response_model=NearestFacilities,
    **described(
        "access_nearest",
        "The nearest facilities to a place",
        "The facilities of a service that are nearest to a place, measured exactly over the WGS84 ellipsoid in a straight line: the same as measuring every one.",
        LAYERS,
        "access/nearest?lon=71.43&lat=51.13&service=hospital",
        "access/nearest?lon=71.43&lat=51.13&service=school&k=10&f=geojson",
    ),
)
def access_nearest(
    request: Request,
    asked: AskedOfRound,
    service: OneService,
    lon: Annotated[
        float,
        Query(
            description="Longitude, degrees (WGS84).",
            ge=-180,
            le=180,
            allow_inf_nan=False,
            openapi_examples={"Astana": {"value": 71.43}},
        ),
    ],
    lat: Annotated[
        float,
        Query(
            description="Latitude, degrees (WGS84).",
            ge=-90,
            le=90,
            allow_inf_nan=False,
            openapi_examples={"Astana": {"value": 51.13}},
        ),
    ],
    k: Annotated[int, Query(description="How many facilities.", ge=1, le=50)] = 5,
    f: LayerFormat = None,
) -> Response:
    """The nearest facilities of a service, exactly."""
    indexed = _index_of(asked, service)
    ranked = indexed.index.ask(np.array([lon]), np.array([lat]), k)
    found = ranked.facility[0] >= 0  # -1 stands for none
    rows = indexed.rows.take(pa.array(indexed.index.positions[ranked.facility[0][found]]))
    metres = ranked.distance_m[0][found]
    language = asked.language
    title = _TITLE(lon=f"{lon:g}", lat=f"{lat:g}", service=SERVICES[service])
    about = about_of(
        asked,
        asked.release.collection("facilities"),
        title=in_language(title, language),
        basis=Basis.MEASURED.value,
        method=Method.GEODESIC.value,
        rule=in_language(_RULE(), language),
        notes=[in_language(STRAIGHT(), language)],
    )
    return reply(
        asked,
        request,
        f,
        LAYERS,
        name=f"nearest_{service}",
        about=NearestAbout(
            **about.model_dump(), service=service, longitude=lon, latitude=lat, facilities=len(indexed.rows)
        ),
        rows=shaped(
            asked,
            rows,
            NearestRow,
            rank=pa.array(np.arange(1, len(metres) + 1)),
            service_label=SERVICES[service].label(language),
            distance_m=pa.array(metres),
            distance_km=pa.array((metres / 1000).round(3)),
        ),
        geometry="geometry",
        feature_id="facility_id",
        details=f"{lon:g}_{lat:g}",
    )


_indexed: Kept[_Indexed] = Kept(_KEPT)


def _index_of(asked: Asked, service: Service) -> _Indexed:
    """The index of a release's facilities; facilities of a release never change and are open to all."""

    def indexed() -> _Indexed:
        # Only for the first question: a service is up a second sooner without them.
        import geopandas as gpd  # noqa: PLC0415

        from geo_service.distance.nearest import FacilityIndex  # noqa: PLC0415

        rows = _facilities(asked, service)
        layer = gpd.GeoDataFrame(
            {"facility_id": rows["facility_id"].to_pylist()},
            geometry=shapely.from_wkb(rows["geometry"].to_numpy()),
            crs="EPSG:4326",
        )
        return _Indexed(rows, FacilityIndex(layer))

    return _indexed.get((asked.release.manifest.id, service), indexed)


def _facilities(asked: Asked, service: Service) -> pa.Table:
    remedy = "publish one with a layer of such facilities"
    if not has(asked, "facilities"):
        raise missing("facilities", remedy)
    with asked.release.batches("facilities", Features(filter=equal_to("service", service))) as reader:
        rows = reader.read_all()
    if not rows.num_rows:
        raise missing(f"facilities of {service}", remedy)
    return rows
