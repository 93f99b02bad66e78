"""What a map is asked to show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.errors import InputError
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.measures import ChangeMeasure, Measure

if TYPE_CHECKING:
    from geo_service.vocabulary import AdminLevel, Basis, PopulationGroup, Service

__all__ = ["NEEDED", "TAKEN", "MapKind", "MapQuestion"]


class MapKind(StrEnum):
    """What maps there are."""

    CONCENTRATION = "concentration"
    ACCESS = "access"
    GAPS = "gaps"
    COVERAGE = "coverage"
    CHANGE = "change"
    AGREEMENT = "agreement"


TAKEN: dict[MapKind, tuple[str, ...]] = {
    MapKind.CONCENTRATION: ("group", "measure"),
    MapKind.ACCESS: ("service", "basis", "beyond_km"),
    MapKind.GAPS: ("service", "basis", "beyond_km"),
    MapKind.COVERAGE: (),
    MapKind.CHANGE: ("group", "measure"),
    MapKind.AGREEMENT: ("service",),
}
"""What each kind can be asked beside units and classes, as attributes of `MapQuestion`."""

NEEDED: dict[MapKind, str | None] = {
    kind: next((one for one in names if one in {"group", "service"}), None) for kind, names in TAKEN.items()
}
"""What a kind cannot be drawn without."""

_LEAST_CLASSES, _MOST_CLASSES = 2, 9
_ONLY_SOME_TAKE = ("group", "service", "basis", "beyond_km", "measure")


@dataclass(frozen=True, slots=True)
class MapQuestion:
    """A map that is asked for. What its kind has no use for has to be null.

    Attributes:
        kind: Which map.
        group: The population group: of `concentration` and `change`, which need one.
        service: The service: of `access`, `gaps` and `agreement`, which need one.
        basis: Reported or measured: of `access` and `gaps`; null for reported where there is that, else measured.
        beyond_km: Kilometres: of `access` and `gaps`. Null for where the last distance band begins (25 km) in `access`, and for the communities that do not
            have the service at all in `gaps`.
        by: Which units are coloured, region or district; null for regions where there are some, and for the districts of the regions that `adm` names.
        measure: Of `concentration` a `Measure`, of `change` a `ChangeMeasure`; null for that of the map.
        scheme: How classes are found; null for that of the map.
        classes: How many there are, from 2 to 9; null for 5.
        edges: Upper edges of classes, rising, with the scheme `given` or null; empty for none.
        adm: P-codes of regions or districts, with commas: only what is inside them; null for all.

    Raises:
        InputError: Something that the kind needs is missing, or something that it has no use for is given.
    """

    kind: MapKind
    group: PopulationGroup | None = None
    service: Service | None = None
    basis: Basis | None = None
    beyond_km: float | None = None
    by: AdminLevel | None = None
    measure: Measure | ChangeMeasure | None = None
    scheme: Scheme | None = None
    classes: int | None = None
    edges: tuple[float, ...] = ()
    adm: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no map."""
        needed = NEEDED[self.kind]
        if needed is not None and getattr(self, needed) is None:
            raise InputError(f"the map '{self.kind}' needs a {needed}; say which")
        for name in _ONLY_SOME_TAKE:
            if getattr(self, name) is not None and name not in TAKEN[self.kind]:
                takers = ", ".join(kind.value for kind, names in TAKEN.items() if name in names)
                raise InputError(
                    f"the map '{self.kind}' has no {name}; leave it out, or ask for one of: {takers}"
                )
        measures = ChangeMeasure if self.kind is MapKind.CHANGE else Measure
        if self.measure is not None and not isinstance(self.measure, measures):
            raise InputError(
                f"'{self.measure}' is not what the map '{self.kind}' shows; it shows {', '.join(measures)}"
            )
        if self.classes is not None and not _LEAST_CLASSES <= self.classes <= _MOST_CLASSES:
            raise InputError(f"a map has {_LEAST_CLASSES} to {_MOST_CLASSES} classes and not {self.classes}")
        if self.edges and self.scheme not in {None, Scheme.GIVEN}:
            raise InputError(
                f"edges are of the scheme 'given', not of '{self.scheme}'; leave one of them out"
            )
        if self.scheme is Scheme.GIVEN and not self.edges:
            raise InputError("the scheme 'given' needs the upper edges of the classes; give some")

    @property
    def classing(self) -> Classing | None:
        """How numbers are put into classes; null for as the map does it."""
        if self.scheme is None and self.classes is None and not self.edges:
            return None
        plain = Classing()
        scheme = self.scheme or (Scheme.GIVEN if self.edges else plain.scheme)
        return Classing(scheme, self.classes or plain.k, self.edges)
