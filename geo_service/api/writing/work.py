"""What jobs do: a new release of an uploaded round, or of uploaded facilities, from all else that the current one was made of."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from geo_service.errors import InputError
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.layers import LayerOptions, read_facilities, read_villages
from geo_service.ingest.survey.crosswalk import read_crosswalk
from geo_service.ingest.survey.read_round import read_round
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.inputs import file_input
from geo_service.release.recall import Recalled, recall
from geo_service.release.stores import copy_release, open_store
from geo_service.settings import BoundarySettings, ReleaseSettings, SuppressionSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Service, countries

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.release.manifest import Input, Manifest
    from geo_service.release.protocol import Store
    from geo_service.schemas import SurveyRound

__all__ = ["facilities_release", "round_release"]

_SHIPPED = {"KAZ": "kaz-adm1"}
_FROM = "facilities_from"
"""The parameter that says which service's facilities came from which file, by checksum."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What both kinds of work have."""

    store: str | None
    scratch: Path
    check_only: bool
    findings: Findings
    tell: Callable[[str], None]


def round_release(
    store: str | None,
    inputs: dict[str, list[Path]],
    fields: dict[str, Any],
    *,
    scratch: Path,
    findings: Findings,
    tell: Callable[[str], None],
) -> str | None:
    """Publish a release of an uploaded round, with the facilities and units of the current one.

    Args:
        store: Where releases are.
        inputs: `files` of B1 and B2, and perhaps `villages` and `crosswalk`.
        fields: `number`, `country`, `check_only`.
        scratch: A folder for what goes afterwards.
        findings: Where everything that is wrong or doubtful is added.
        tell: Told each step.

    Returns:
        The id of the release; null when only a check was asked for.

    Raises:
        FindingsError: The data have errors.
        InputError: Something else does not fit.
    """
    work = _Work(store, scratch, bool(fields["check_only"]), findings, tell)
    number, country = int(fields["number"]), str(fields["country"])
    if country not in countries():
        raise InputError(f"'{country}' is not the code of a country; give ISO 3166-1 alpha-3, such as KAZ")
    kept = open_store(store)
    try:
        base = _current(kept)
        units = _units(base, country, findings)
        villages = None
        if inputs.get("villages"):
            villages = locate(read_villages(inputs["villages"][0], findings), units, findings=findings)
        crosswalk = read_crosswalk(inputs["crosswalk"][0], findings) if inputs.get("crosswalk") else None
        before = _earlier(kept, country, number)
        survey = read_round(
            inputs["files"],
            findings,
            number=number,
            country=country,
            units=units,
            gazetteer=villages,
            crosswalk=crosswalk,
            earlier=before,
            progress=lambda file: tell(f"reading {Path(file).name}"),
        )
        findings.raise_errors()
        made_of: dict[str, Any] = {"survey_round": survey, "units": units, "earlier": before, "inputs": []}
        if base is not None:
            made_of |= _rest(base) | {"facilities": base.facilities or None}
        return _publish(kept, work, made_of)
    finally:
        kept.close()


def facilities_release(
    store: str | None,
    inputs: dict[str, list[Path]],
    fields: dict[str, Any],
    *,
    scratch: Path,
    findings: Findings,
    tell: Callable[[str], None],
) -> str | None:
    """Publish the current release anew with other facilities of one service.

    Args:
        store: Where releases are.
        inputs: One `file`.
        fields: `service`, `check_only`, and perhaps `crs`, `encoding`, `lon`, `lat`, `id`, `name`, `attribution`, `licence`.
        scratch: A folder for what goes afterwards.
        findings: Where everything that is wrong or doubtful is added.
        tell: Told each step.

    Returns:
        The id of the release; null when only a check was asked for.

    Raises:
        FindingsError: The data have errors.
        InputError: Something else does not fit, or there is no release yet.
    """
    work = _Work(store, scratch, bool(fields["check_only"]), findings, tell)
    service, [file] = Service(fields["service"]), inputs["file"]
    named = {key: fields.get(key) or None for key in ("crs", "encoding", "lon", "lat", "id", "name")}
    tell(f"reading {file.name}")
    sites = read_facilities(file, service, findings, LayerOptions(**named, option_prefix=""))
    findings.raise_errors()
    kept = open_store(store)
    try:
        base = _current(kept)
        if base is None:
            raise InputError("there is no release to change; send a round first")
        before = None if base.survey is None else _earlier(kept, base.survey.country, base.survey.number)
        added = file_input(
            "facilities",
            file,
            rows=len(sites),
            licence=fields.get("licence") or None,
            attribution=fields.get("attribution") or None,
        )
        made_of = {
            "survey_round": base.survey,
            "villages": base.villages if base.survey is None else None,
            "facilities": base.facilities | {service: sites},
            "units": base.units,
            "earlier": before,
            **_rest(base, service, added),
        }
        return _publish(kept, work, made_of)
    finally:
        kept.close()


def _current(store: Store) -> Recalled | None:
    if store.current() is None:
        return None
    with store.open() as release:
        return recall(release)


def _earlier(store: Store, country: str, number: int) -> SurveyRound | None:
    """The last round before this one that was published; the release of it that came last."""
    before = [
        (entry.manifest.round.number, entry.since, entry.id)
        for entry in store.entries()
        if entry.manifest is not None and entry.manifest.round is not None and entry.damage is None
        if entry.manifest.round.country == country and entry.manifest.round.number < number
    ]
    if not before:
        return None
    with store.open(max(before)[2]) as release:
        return recall(release).survey


def _units(base: Recalled | None, country: str, findings: Findings) -> gpd.GeoDataFrame:
    """The units of the current release where it is of that country, else those that ship."""
    if (
        base is not None
        and base.units is not None
        and (base.survey is None or base.survey.country == country)
    ):
        return base.units
    if country not in _SHIPPED:
        raise InputError(
            f"no admin units are known for {country}; publish once with --boundaries: geo-service releases publish"
        )
    return load_boundaries(_SHIPPED[country], BoundarySettings(), findings=findings)


def _rest(base: Recalled, service: Service | None = None, added: Input | None = None) -> dict[str, Any]:
    """All but layers and rounds that goes on as it was; files whose facilities were replaced are named no more."""
    came_from = dict(base.parameters.get(_FROM) or {})
    inputs = list(base.inputs)
    if service is not None and added is not None:
        gone = came_from.get(service.value)
        came_from[service.value] = added.sha256
        inputs = [one for one in inputs if one.sha256 != gone or gone in came_from.values()]
        inputs = [one for one in inputs if one.sha256 != added.sha256] + [added]
    return base.options | {
        "inputs": inputs,
        "attributions": base.attributions,
        "notes": base.notes,
        "parameters": base.parameters | {_FROM: came_from or None},
    }


def _publish(store: Any, work: _Work, made_of: dict[str, Any]) -> str | None:
    with ExitStack() as stack:
        work.tell("measuring")
        contents = stack.enter_context(
            release_contents(**made_of, findings=work.findings, suppression=SuppressionSettings())
        )
        if work.check_only:
            return None
        if isinstance(store, FolderStore):
            published: Manifest = store.publish(contents, lambda step: work.tell(f"publishing {step}"))
            return published.id
        beside = FolderStore(ReleaseSettings(directory=work.scratch / "release"))
        beside.publish(contents, lambda step: work.tell(f"publishing {step}"))
        return copy_release(beside, store, progress=lambda step: work.tell(f"copying {step}"))
