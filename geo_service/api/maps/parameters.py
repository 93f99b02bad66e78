"""Query parameters of maps, and which map has which."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.parameters import AdmParameter, BasisParameter, UnitLevel
from geo_service.maps.classes import Scheme
from geo_service.maps.measures import ChangeMeasure, Measure
from geo_service.maps.question import NEEDED, TAKEN, MapKind, MapQuestion
from geo_service.vocabulary import AdminLevel, Basis, Language, PopulationGroup, Service

__all__ = ["SENT", "MapFormat", "MapSize", "asked_model", "parameters_of", "question_of"]


class MapFormat(StrEnum):
    """What a map comes as."""

    HTML = "html"
    JSON = "json"
    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


class MapSize(StrEnum):
    """What a printed map is for."""

    PAGE = "page"
    HALF = "half"
    SLIDE = "slide"


_MOST_EDGES = 8
"""With what is above the last they are as many classes as can be told apart."""

_Group = Annotated[
    PopulationGroup,
    Query(
        description="The population group.",
        openapi_examples={"labour_migrants": {"value": "labour_migrants", "summary": "Labour migrants"}},
    ),
]
_Service = Annotated[
    Service,
    Query(
        description="The service.",
        openapi_examples={"hospital": {"value": "hospital", "summary": "Hospitals"}},
    ),
]
_Measure = Annotated[
    Measure | SkipJsonSchema[None], Query(description="What colours the units; else individuals.")
]
_Change = Annotated[
    ChangeMeasure | SkipJsonSchema[None],
    Query(description="What colours the units; else change relative to the earlier round."),
]
_Beyond = Annotated[
    Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)] | SkipJsonSchema[None],
    Query(
        description="Kilometres: households and communities whose nearest is farther. With basis=reported, and without a token always, an edge of the distance bands. "
        "Else 25 where access is shown, and communities that do not have the service where gaps are."
    ),
]
_By = Annotated[
    UnitLevel | SkipJsonSchema[None],
    Query(description="Which units are coloured; else regions, and with a region in `adm` its districts."),
]
_Scheme = Annotated[
    Scheme | SkipJsonSchema[None],
    Query(description="How the edges of classes are found; else as suits the map."),
]
_Classes = Annotated[
    Annotated[int, Field(ge=2, le=9)] | SkipJsonSchema[None], Query(description="How many classes; else 5.")
]
_Edges = Annotated[
    Annotated[str, Field(min_length=1, max_length=200)] | SkipJsonSchema[None],
    Query(
        description="Upper edges of classes, rising, with commas, for scheme=given; shares as fractions of 1."
    ),
]
_Size = Annotated[
    MapSize | SkipJsonSchema[None],
    Query(description="What png, svg and pdf are for: a page, half a page or a slide; else a page."),
]
_Dpi = Annotated[
    Annotated[int, Field(ge=50, le=300)] | SkipJsonSchema[None],
    Query(description="Dots per inch of a png; else 300. Others have no use for it."),
]
SENT: dict[str, Any] = {"size": _Size, "dpi": _Dpi}
"""How a map is sent, which is no part of the question."""

_OF_KIND: dict[str, Any] = {
    "group": _Group,
    "service": _Service,
    "basis": BasisParameter,
    "beyond_km": _Beyond,
    "measure": _Measure,
}
_OF_ALL: dict[str, Any] = {
    "by": _By,
    "scheme": _Scheme,
    "k": _Classes,
    "edges": _Edges,
    "adm": AdmParameter,
}


def parameters_of(kind: MapKind) -> dict[str, tuple[Any, Any]]:
    """The parameters of a map: of each its annotation and what it is without; `...` where it has to be given."""
    own = {name: _OF_KIND[name] for name in TAKEN[kind]}
    if kind is MapKind.CHANGE:
        own["measure"] = _Change
    return {
        name: (annotation, ... if name == NEEDED[kind] else None)
        for name, annotation in (own | _OF_ALL).items()
    }


def asked_model(kind: MapKind) -> type[BaseModel]:
    """A model of all parameters of the page of a map, for URLs that come as text."""
    fields: dict[str, Any] = parameters_of(kind) | {
        "lang": (Language | None, None),
        "round": (Annotated[int, Field(ge=0, le=100_000)] | None, None),
        **{name: (annotation, None) for name, annotation in SENT.items()},
    }
    return create_model(f"{kind}_map", __config__=ConfigDict(extra="forbid"), **fields)


def question_of(
    kind: MapKind,
    *,
    group: PopulationGroup | None = None,
    service: Service | None = None,
    basis: Basis | None = None,
    beyond_km: float | None = None,
    measure: Measure | ChangeMeasure | None = None,
    by: UnitLevel | None = None,
    scheme: Scheme | None = None,
    k: int | None = None,
    edges: str | None = None,
    adm: str | None = None,
) -> MapQuestion:
    """What a request asks for.

    Raises:
        ProblemError: `edges` are no rising numbers, or do not go with `scheme`.
    """
    if scheme is Scheme.GIVEN and edges is None:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            "scheme=given needs the upper edges of the classes: give 'edges'",
            parameter="scheme",
        )
    if edges is not None and scheme not in {None, Scheme.GIVEN}:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"'edges' go with scheme=given, not with {scheme}; leave one of them out",
            parameter="edges",
        )
    return MapQuestion(
        kind=kind,
        group=group,
        service=service,
        basis=basis,
        beyond_km=beyond_km,
        by=None if by is None else AdminLevel(by.value),
        measure=measure,
        scheme=scheme,
        classes=k,
        edges=() if edges is None else _edges(edges),
        adm=adm,
    )


def _edges(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    is_rising = all(low < high for low, high in pairwise(found))
    is_finite = all(abs(one) < float("inf") for one in found)
    if not (found and is_rising and is_finite and len(found) <= _MOST_EDGES):
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"'edges' are up to {_MOST_EDGES} rising numbers with commas, such as 0.05,0.1,0.25,0.5",
            parameter="edges",
        )
    return found
