"""Totals of access from the tables of a release: what those are shown who may not see villages, where small numbers are hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.basis import missing
from geo_service.api.questions.reading import equal_to, has, read_rows
from geo_service.api.questions.splits import table_of
from geo_service.coverage.bands import DEFAULT_BANDS, Bands
from geo_service.vocabulary import Basis, Service, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.api.context import Asked
    from geo_service.api.questions.places import Within

__all__ = ["TOTALS_TABLES", "band_edges", "guarded_totals"]

_BY_BAND = {Basis.REPORTED: "households_without_service", Basis.MEASURED: "access_by_band"}
_PRESENCE = {Basis.REPORTED: "services", Basis.MEASURED: "service_presence"}
_FARTHEST = {Status.NO_FACILITY.value, Status.UNREACHABLE.value, Status.BEYOND_LIMIT.value}
_NOT_SAID = "unknown"

_Row = dict[str, Any]


TOTALS_TABLES: Mapping[Basis, str] = MappingProxyType(_PRESENCE)
"""The table of each basis that has to be there for its totals."""


def band_edges(asked: Asked, basis: Basis) -> list[float]:
    """From which distances on what is known by distance band only can be asked."""
    return [0.0, *map(float, _bands(asked, basis).edges_km)]


def guarded_totals(
    asked: Asked, service: Service, basis: Basis, beyond_km: float | None, within: Within
) -> tuple[str, list[_Row]]:
    """The totals as the release's tables have them.

    Args:
        asked: The request.
        service: The service.
        basis: Reported or measured, which the release has.
        beyond_km: Kilometres, an edge of the bands; null for communities without the service.
        within: The level of the rows, and the units they are inside of.

    Returns:
        The table that says what the numbers mean, and rows of `pcode`, `villages`, `villages_without`, `villages_unknown`, `households`, `households_without`
        and `suppressed`. A number is null where it, or one that it is the sum of, is hidden; households without a service are not known where that was measured.

    Raises:
        ProblemError: There are no such tables, or `beyond_km` is no edge.
    """
    what = f"{basis} access"
    of_service = equal_to("service", service)

    def rows_of(name: str) -> list[_Row]:
        there: list[_Row] = read_rows(asked, name, within.of_units, of_service).to_pylist()
        return there

    presence = table_of(asked, _PRESENCE[basis], within, what)
    found = {row.get("pcode"): row for row in rows_of(presence)}
    if not found and not read_rows(asked, _PRESENCE[basis], of_service).num_rows:
        raise missing(f"{basis} access to {service}", "ask for another service")
    by_band = table_of(asked, _BY_BAND[basis], within, what)
    bands: dict[str | None, list[_Row]] = defaultdict(list)
    for row in rows_of(by_band):
        bands[row.get("pcode")].append(row)
    households = _households(asked, basis, within, bands)
    farther = None if beyond_km is None else _farther(asked, basis, beyond_km)
    rows = [_total(row, bands[code], households.get(code), basis, farther) for code, row in found.items()]
    return by_band if farther is not None else presence, rows


def _total(
    row: _Row, bands: list[_Row], households: int | None, basis: Basis, farther: frozenset[str] | None
) -> _Row:
    if farther is None:
        without, households_without = row["villages_without"], row.get("households_without")
        unknown = row["villages_unknown"]
    else:
        beyond = [one for one in bands if one["band"] in farther or one.get("status") in _FARTHEST]
        without, households_without = _sum(beyond, "villages"), _sum(beyond, "households")
        not_known = [one for one in bands if _is_unknown(one, basis)]
        unknown = _added(
            row["villages_unknown"] if basis is Basis.REPORTED else 0, _sum(not_known, "villages")
        )
    is_hidden = bool(row.get("suppressed")) or any(one.get("suppressed") for one in bands)
    return {
        "pcode": row.get("pcode"),
        "villages": row["villages"],
        "villages_without": without,
        "villages_unknown": unknown,
        "households": households,
        "households_without": households_without,
        "suppressed": is_hidden and (households is None or households_without is None),
    }


def _households(
    asked: Asked, basis: Basis, within: Within, bands: Mapping[str | None, list[_Row]]
) -> dict[str | None, int | None]:
    """All households of each unit: as they were assessed, or where no round was, those of all bands."""
    if has(asked, "coverage") and basis is Basis.REPORTED:
        name = table_of(asked, "coverage", within, "assessment of a survey round")
        rows = read_rows(asked, name, within.of_units).to_pylist()
        return {row.get("pcode"): row["households"] for row in rows}
    return {code: _sum(rows, "households") for code, rows in bands.items()}


def _farther(asked: Asked, basis: Basis, beyond_km: float) -> frozenset[str]:
    edges = band_edges(asked, basis)
    if beyond_km not in edges:
        raise ProblemError(
            Problem.NOT_FOUND,
            f"numbers of units are known by distance band only: 'beyond_km' is one of {', '.join(f'{one:g}' for one in edges)}; "
            "a token of the role analyst may ask for any where distances were measured",
            parameter="beyond_km",
            allowed=[f"{one:g}" for one in edges],
        )
    return frozenset(_bands(asked, basis).labels[edges.index(beyond_km) :])


def _bands(asked: Asked, basis: Basis) -> Bands:
    """Key informants are asked by the report's bands; what was measured has those that it was published with."""
    edges = (asked.release.manifest.parameters.get("bands") or {}).get("edges_km")
    return Bands(tuple(edges)) if basis is Basis.MEASURED and edges else DEFAULT_BANDS


def _is_unknown(row: _Row, basis: Basis) -> bool:
    if basis is Basis.REPORTED:
        return bool(row["band"] == _NOT_SAID)
    return row["band"] is None and row.get("status") not in _FARTHEST


def _sum(rows: Iterable[_Row], column: str) -> int | None:
    """Null where any is: who sees the sum of what is shown would take it for that of all."""
    total = 0
    for row in rows:
        if row[column] is None:
            return None
        total += row[column]
    return total


def _added(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
