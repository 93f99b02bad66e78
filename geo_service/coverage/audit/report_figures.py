"""The figures of a round's report tables, named as `docs/audit.md` says, so that they can be audited as those in print are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from geo_service.coverage.labels import UNKNOWN
from geo_service.vocabulary import Basis, Dimension, PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["AUDITED", "Rows", "report_figures"]

Rows: TypeAlias = "Iterable[Mapping[str, Any]]"

_LEVELS = ("region", "district")
_DECIMALS = 7
"""Of percentages: as exact as a double is after a division."""
_COVERAGE = ("villages", "households", "population")
_GROUPS = ("individuals", "households", "villages_present", "countries")


def _names() -> tuple[str, ...]:
    of_groups = [
        f"{group}_{rest}"
        for group in PopulationGroup
        for rest in (*(f"by_{one}" for one in (*Dimension, *_LEVELS)), "growth")
    ]
    of_all = [
        f"{name}{by}" for name in ("coverage", "households_without_service") for by in ("", "_by_region")
    ]
    return (
        "groups",
        *of_all,
        "coverage_by_district",
        *of_groups,
        "services",
        "key_informants",
        "access_by_band",
    )


AUDITED = _names()
"""The tables that figures are taken from, where they are there."""


def report_figures(tables: Mapping[str, Rows]) -> dict[str, Any]:
    """A tree of names and numbers for `figure_tree`.

    Args:
        tables: Rows of report tables by name, as `report_tables` or a release has them; those not in `AUDITED` say nothing here.

    Returns:
        Of each group its whole and its tables by unit, sex, country, year, kind, reason and growth; of each service the households by distance; of the
        round what was assessed. Shares and growth are percentages; what is null is left out.

    Example:
        >>> report_figures({"coverage": [{"villages": 2, "households": 30, "population": None}]})
        {'coverage': {'villages': 2, 'households': 30}}
    """
    figures: dict[str, Any] = {}
    for row in tables.get("coverage", ()):
        _put(figures, ["coverage"], {name: row.get(name) for name in _COVERAGE})
    for level in _LEVELS:
        for name in _COVERAGE:
            by_unit = _by(tables.get(f"coverage_by_{level}", ()), "pcode", name)
            _put(figures, ["coverage", f"{name}_by_{level}"], by_unit)
    for row in tables.get("groups", ()):
        _put(figures, [str(row["group"])], {name: row.get(name) for name in _GROUPS})
    for group in PopulationGroup:
        _of_group(figures, group.value, tables)
    _of_services(figures, tables)
    informants = list(tables.get("key_informants", ()))
    _put(figures, ["key_informants", "by_role"], _by(informants, "role", "informants"))
    _put(figures, ["key_informants", "share_by_role"], _percent(_by(informants, "role", "share")))
    return figures


def _of_group(figures: dict[str, Any], group: str, tables: Mapping[str, Rows]) -> None:
    for by, key in (*((one.value, "code") for one in Dimension), *((level, "pcode") for level in _LEVELS)):
        rows = list(tables.get(f"{group}_by_{by}", ()))
        _put(figures, [group, f"by_{by}"], _by(rows, key, "individuals"))
        _put(figures, [group, f"share_by_{by}"], _percent(_by(rows, key, "share")))
    growth = {
        f"{row['year']}_vs_{row['base_year']}": row["growth"] for row in tables.get(f"{group}_growth", ())
    }
    _put(figures, [group, "growth"], _percent(growth))


def _of_services(figures: dict[str, Any], tables: Mapping[str, Rows]) -> None:
    for name, basis in (("households_without_service", Basis.REPORTED), ("access_by_band", Basis.MEASURED)):
        by_service: dict[str, dict[str, Any]] = {}
        for row in tables.get(name, ()):
            bands = by_service.setdefault(str(row["service"]), {})
            # Statuses without a distance, such as no location and no facility, are one rest.
            band, households = str(row.get("band") or UNKNOWN), row.get("households")
            bands[band] = households if band not in bands else _sum(bands[band], households)
        for service, bands in by_service.items():
            _put(figures, [basis.value, "households_by_distance", service], bands)
    with_it = _by(tables.get("services", ()), "service", "villages_with")
    _put(figures, [Basis.REPORTED.value, "villages_with_by_service"], with_it)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _by(rows: Rows, key: str, value: str) -> dict[str, Any]:
    return {str(row.get(key) or UNKNOWN): row.get(value) for row in rows}


def _percent(shares: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: None if one is None else round(one * 100, _DECIMALS) for key, one in shares.items()}


def _put(figures: dict[str, Any], path: list[str], values: Mapping[str, Any]) -> None:
    known = {key: value for key, value in values.items() if value is not None}
    if not known:
        return
    for name in path:
        figures = figures.setdefault(name, {})
    figures.update(known)
