"""What a new release goes on from: the current one, the round before, the units of a country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geo_service.errors import BusyError, InputError
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.boundaries.store import credits_of, set_path
from geo_service.ingest.boundaries.usual import usual_sets
from geo_service.ingest.survey.store import is_stored, load_round, stored_rounds
from geo_service.release.inputs import file_input
from geo_service.release.recall import Recalled, recall
from geo_service.settings import BoundarySettings, RoundSettings

if TYPE_CHECKING:
    from geo_service.findings import Finding, Findings
    from geo_service.release.manifest import Input, RoundOf
    from geo_service.release.protocol import Store
    from geo_service.schemas import SurveyRound
    from geo_service.vocabulary import Service

__all__ = ["Base", "current_base", "earlier_of", "refuse_stale", "round_before", "units_of"]

_FROM = "facilities_from"
"""The parameter that says which service's facilities came from which file, by checksum."""
_OF_VILLAGES = {"snap_km"}
"""Parameters of a release without a round."""


@dataclass(frozen=True, slots=True)
class Base:
    """The release that is changed.

    Attributes:
        id: Its id.
        made_of: What it was made from.
    """

    id: str
    made_of: Recalled

    def goes_on(self) -> dict[str, Any]:
        """All but layers and rounds that the next release has as this one does, as `release_contents` takes it."""
        base = self.made_of
        return base.options | {
            "inhabitants": base.inhabitants,
            "attributions": base.attributions,
            "notes": base.notes,
        }

    def under_a_round(self) -> dict[str, Any]:
        """The same with inputs and parameters, without those of villages that a round takes the place of."""
        base = self.made_of
        kept = {key: value for key, value in base.parameters.items() if key not in _OF_VILLAGES}
        return {"inputs": [one for one in base.inputs if one.role != "villages"], "parameters": kept}

    def findings_without(self, files: set[str]) -> list[Finding]:
        """What was doubtful in its files but for these."""
        return [one for one in self.made_of.findings or [] if one.file not in files]

    def with_facilities(self, service: Service, added: Input) -> dict[str, Any]:
        """Inputs and parameters after the facilities of a service were replaced: files that nothing is from any more are named no more."""
        base = self.made_of
        came_from = dict(base.parameters.get(_FROM) or {})
        gone = came_from.get(service.value)
        came_from[service.value] = added.sha256
        still = set(came_from.values())
        is_known = {one.value for one in base.facilities} <= set(came_from)
        inputs = [
            one
            for one in base.inputs
            if one.sha256 in still or (one.sha256 != gone and not (is_known and one.role == added.role))
        ]
        inputs = [one for one in inputs if (one.role, one.sha256) != (added.role, added.sha256)]
        return {"inputs": [*inputs, added], "parameters": base.parameters | {_FROM: came_from}}


def current_base(store: Store) -> Base | None:
    """The current release of a store; null where there is none.

    Raises:
        InputError: It has no villages.
    """
    current = store.current()
    if current is None:
        return None
    with store.open(current) as release:
        return Base(current, recall(release))


def refuse_stale(store: Store, base: Base | None) -> None:
    """Stop where another release has become the current one since `base` was read.

    Raises:
        BusyError: One has.
    """
    if store.current() != (base.id if base else None):
        raise BusyError("somebody else published at the same time")


def round_before(store: Store, country: str, number: int) -> SurveyRound | None:
    """The last round before this one that was published or is kept here; null for none.

    Args:
        store: Of releases.
        country: ISO 3166-1 alpha-3.
        number: Of the round that is sent.
    """
    known = [one.number for one, _ in _published(store) if one.country == country]
    known += [one["number"] for one in stored_rounds(RoundSettings()) if one["country"] == country]
    earlier = [one for one in known if one < number]
    return _round(store, country, max(earlier)) if earlier else None


def earlier_of(store: Store, base: Recalled) -> SurveyRound | None:
    """The round that the current release counts change from; null for none.

    Raises:
        InputError: It is nowhere here.
    """
    if base.survey is None or base.earlier is None:
        return None
    earlier = _round(store, base.survey.country, base.earlier)
    if earlier is None:
        raise InputError(
            f"the current release counts change since round {base.earlier}, which is not here any more; send that round first"
        )
    return earlier


def units_of(country: str, findings: Findings) -> tuple[gpd.GeoDataFrame, list[Input]]:
    """The units of a country that nothing was published of yet, schema `ADMIN_UNITS`, and the files they are from.

    Raises:
        InputError: None are known.
    """
    settings = BoundarySettings()
    names = usual_sets(country, settings)
    if not names:
        raise InputError(
            f"no admin units are known for {country}; publish once from the command line, with --boundaries"
        )
    layers = {name: load_boundaries(name, settings, findings=findings) for name in names}
    units = gpd.GeoDataFrame(pd.concat(layers.values(), ignore_index=True), crs="EPSG:4326")
    inputs = []
    for name, layer in layers.items():
        if (path := set_path(name, settings)) is not None:
            licence, attribution = credits_of(name, settings)
            said = {"licence": licence, "attribution": attribution}
            inputs.append(file_input("boundaries", path, name=name, rows=len(layer), **said))
    return units, inputs


def _published(store: Store) -> list[tuple[RoundOf, str]]:
    """The rounds that releases are of, those that came last first."""
    manifests = [one.manifest for one in store.entries() if one.manifest is not None]
    return [(one.round, one.id) for one in manifests if one.round is not None]


def _round(store: Store, country: str, number: int) -> SurveyRound | None:
    for of, release_id in _published(store):
        if (of.country, of.number) == (country, number):
            with store.open(release_id) as release:
                return recall(release).survey
    settings = RoundSettings()
    return load_round(country, number, settings) if is_stored(country, number, settings) else None
