"""Which maps can be drawn of a release, as far as its manifest says: nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind
from geo_service.vocabulary import AdminLevel, Basis, PopulationGroup, Service

if TYPE_CHECKING:
    from geo_service.release.manifest import Manifest

__all__ = ["MapOffer", "maps_of"]

_LAYERS = {AdminLevel.REGION: {"regions", "adm1"}, AdminLevel.DISTRICT: {"districts", "adm2"}}
_BY_VILLAGE = {Basis.REPORTED: "service_access", Basis.MEASURED: "access"}
_BY_TABLE = {
    Basis.REPORTED: ("services_by_", "households_without_service_by_", "coverage_by_"),
    Basis.MEASURED: ("access_by_band_and_", "service_presence_and_"),
}


@dataclass(frozen=True, slots=True)
class MapOffer:
    """A kind of map that can be drawn.

    Attributes:
        kind: Which.
        levels: By which units.
        groups: Of which population groups; empty for a map of none.
        services: Of which services; empty for a map of none.
        bases: On which bases; empty where the kind has no choice.
    """

    kind: MapKind
    levels: tuple[AdminLevel, ...]
    groups: tuple[PopulationGroup, ...] = ()
    services: tuple[Service, ...] = ()
    bases: tuple[Basis, ...] = ()


def maps_of(manifest: Manifest) -> tuple[MapOffer, ...]:
    """The maps that can be drawn.

    Args:
        manifest: Of a release, or of what somebody is shown of one.
    """
    names = {one.name for one in manifest.collections}
    drawn = [level for level, layers in _LAYERS.items() if layers & names]

    def split(*stems: str) -> tuple[AdminLevel, ...]:
        return tuple(level for level in drawn if all(f"{stem}{level}" in names for stem in stems))

    services = _services(manifest)
    bases, levels = _access(manifest, names, drawn)
    change = next((one.removesuffix("_by_region") for one in sorted(names) if _is_change(one)), None)
    offers = (
        MapOffer(MapKind.CONCENTRATION, split("concentration_by_"), groups=tuple(PopulationGroup)),
        MapOffer(MapKind.ACCESS, levels, services=services, bases=bases),
        MapOffer(MapKind.GAPS, levels, services=services, bases=bases),
        MapOffer(MapKind.COVERAGE, split("coverage_by_")),
        MapOffer(MapKind.CHANGE, split(f"{change}_by_") if change else (), groups=tuple(PopulationGroup)),
        MapOffer(MapKind.AGREEMENT, split("agreement_by_"), services=services),
    )
    return tuple(one for one in offers if one.levels)


def _is_change(name: str) -> bool:
    return name.startswith("change_since_round_") and name.endswith("_by_region")


def _access(
    manifest: Manifest, names: set[str], drawn: list[AdminLevel]
) -> tuple[tuple[Basis, ...], tuple[AdminLevel, ...]]:
    by_village = [basis for basis, name in _BY_VILLAGE.items() if name in names]
    if by_village:
        source = _BY_VILLAGE[by_village[0]]
        columns = {field.name for one in manifest.collections if one.name == source for field in one.fields}
        return tuple(by_village), tuple(one for one in drawn if f"adm{one.number}_pcode" in columns)
    bases = tuple(
        basis
        for basis, stems in _BY_TABLE.items()
        if any(all(f"{stem}{level}" in names for stem in stems) for level in drawn)
    )
    levels = tuple(
        level
        for level in drawn
        if bases and all(f"{stem}{level}" in names for basis in bases for stem in _BY_TABLE[basis])
    )
    return bases, levels


def _services(manifest: Manifest) -> tuple[Service, ...]:
    """The services that the release knows of, as far as a list of values says."""
    for name in ("service_access", "access", "services", "access_by_band"):
        for one in manifest.collections:
            if one.name == name:
                values = next((field.values for field in one.fields if field.name == "service"), ())
                return tuple(service for service in Service if not values or service.value in values)
    return ()
