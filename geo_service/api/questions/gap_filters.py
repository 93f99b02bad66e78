"""Which rows of access are gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.gap_models import GapOrder
from geo_service.api.questions.reading import all_of, equal_to
from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.query.filters import Filter
from geo_service.query.questions import Features, SortKey
from geo_service.vocabulary import Basis, Service, Status

if TYPE_CHECKING:
    from geo_service.api.context import Asked

__all__ = ["measured_gaps", "order_of", "refuse_unknown_service", "reported_gaps", "unknown_gaps"]

_FARTHEST = [Status.NO_FACILITY.value, Status.UNREACHABLE.value, Status.BEYOND_LIMIT.value]
"""Without a distance, but farther than any."""


def refuse_unknown_service(asked: Asked, basis: Basis, service: Service) -> None:
    """Refuse a service that the release knows nothing of.

    Raises:
        ProblemError: It has no access to that service on this basis.
    """
    source = "service_access" if basis is Basis.REPORTED else "access"
    if not asked.release.count(source, Features(filter=equal_to("service", service))):
        remedy = (
            "ask for another" if basis is Basis.REPORTED else "publish it with a layer of such facilities"
        )
        raise ProblemError(
            Problem.NOT_FOUND,
            f"the release has no {basis} access to {service}; {remedy}",
            parameter="service",
        )


def reported_gaps(beyond_km: float | None) -> Filter | None:
    """Communities without the service as key informants said, where that is given with the nearest beyond so many kilometres.

    Raises:
        ProblemError: `beyond_km` is not an edge of the bands that informants are asked by.
    """
    is_without = equal_to("reported_present", value=False)
    if beyond_km is None:
        return is_without
    edges = [0.0, *map(float, DEFAULT_BANDS.edges_km)]
    if beyond_km not in edges:
        raise ProblemError(
            Problem.NOT_FOUND,
            "what was reported is known by distance band only: with basis=reported 'beyond_km' is one of "
            f"{', '.join(f'{one:g}' for one in edges)}; or ask basis=measured",
            parameter="beyond_km",
            allowed=[f"{one:g}" for one in edges],
        )
    farther = list(DEFAULT_BANDS.labels[edges.index(beyond_km) :])
    return all_of(is_without, Filter({"op": "in", "args": [{"property": "reported_band"}, farther]}))


def measured_gaps(asked: Asked, beyond_km: float | None, side_by_side: bool) -> Filter | None:
    """Communities without the service, or farther from it than so many kilometres, as measured; like `villages_without`.

    Args:
        asked: The request.
        beyond_km: Kilometres; null for the rule of presence.
        side_by_side: Whether rows have what was reported beside what was measured.

    Raises:
        ProblemError: Facilities were not looked for that far.
    """
    if beyond_km is None:
        return equal_to("measured_present" if side_by_side else "present", value=False)
    searched_km = asked.release.manifest.parameters.get("max_distance_km")
    if searched_km is not None and searched_km < beyond_km:
        raise ProblemError(
            Problem.NOT_FOUND,
            f"facilities were looked for up to {searched_km:g} km, so what lies beyond {beyond_km:g} km is not known; ask for less",
            parameter="beyond_km",
        )
    is_farther = {"op": ">", "args": [{"property": "distance_m"}, beyond_km * 1000]}
    has_none = {"op": "in", "args": [{"property": "status"}, _FARTHEST]}
    return Filter({"op": "or", "args": [has_none, is_farther]})


def unknown_gaps(basis: Basis, beyond_km: float | None, side_by_side: bool) -> Filter | None:
    """Communities of which it is not known whether they are a gap."""
    if basis is Basis.MEASURED:
        if beyond_km is None:
            return _is_null("measured_present" if side_by_side else "present")
        no_location = equal_to("status", Status.NO_LOCATION)
        return Filter(
            {"op": "or", "args": [_is_null("status").tree, no_location.tree if no_location else {}]}
        )
    if beyond_km is None:
        return _is_null("reported_present")
    # A band is missing also where it was not asked for: where the service is there.
    without_band = all_of(equal_to("reported_present", value=False), _is_null("reported_band"))
    return Filter(
        {"op": "or", "args": [_is_null("reported_present").tree, without_band.tree if without_band else {}]}
    )


def _is_null(column: str) -> Filter:
    return Filter({"op": "isNull", "args": [{"property": column}]})


def order_of(sort: GapOrder) -> tuple[SortKey, ...]:
    """What comes first; at last always the village, so that pages are of one order."""
    distance, households = SortKey("distance_m", descending=True), SortKey("households", descending=True)
    first = (distance, households) if sort is GapOrder.DISTANCE else (households, distance)
    return (*first, SortKey("village_id"))
