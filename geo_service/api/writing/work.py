"""What jobs do: a new release of an uploaded round, or of uploaded facilities, from all else that the current one was made of."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.api.writing.archives import refuse_virtual_tables
from geo_service.api.writing.base import (
    Base,
    current_base,
    earlier_of,
    refuse_stale,
    round_before,
    units_of,
)
from geo_service.api.writing.models import PUBLISHING
from geo_service.errors import InputError
from geo_service.findings import Findings
from geo_service.ingest.layers import LayerOptions, read_facilities, read_villages
from geo_service.ingest.survey.crosswalk import read_crosswalk
from geo_service.ingest.survey.read_round import read_round
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.inputs import file_input
from geo_service.release.stores import copy_release, open_store
from geo_service.settings import ReleaseSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from geo_service.release.manifest import Input
    from geo_service.release.postgis_store import PostgisStore

__all__ = ["Work", "facilities_release", "round_release"]

_READ_WITH = ("layer", "crs", "encoding", "lon", "lat", "id", "name")


@dataclass(frozen=True, slots=True)
class Work:
    """What a job works with.

    Attributes:
        store: Where releases are; null for the folder of `ReleaseSettings`.
        inputs: The uploaded files by their fields.
        fields: What else was sent, and `check_only`.
        scratch: A folder for what goes afterwards.
        findings: Where everything that is wrong or doubtful is added.
        tell: Told each step.
    """

    store: str | None
    inputs: dict[str, list[Path]]
    fields: dict[str, Any]
    scratch: Path
    findings: Findings
    tell: Callable[[str], None]

    def file(self, field: str) -> Path | None:
        """The one file of a field; null where none was sent."""
        return next(iter(self.inputs.get(field, [])), None)


def round_release(work: Work) -> str | None:
    """Publish a release of an uploaded round, with the facilities and units of the current one where it is of the same country.

    Args:
        work: Its files are `files` of B1 and B2, and perhaps `villages` and `crosswalk`; its fields `number` and `country`.

    Returns:
        The id of the release; null when only a check was asked for.

    Raises:
        FindingsError: The data have errors.
        InputError: Something else does not fit.
        BusyError: Somebody else is publishing, or has published meanwhile.
        StoreError: The store cannot be used.
    """
    country, number = str(work.fields["country"]), int(work.fields["number"])
    findings = work.findings
    with closing(open_store(work.store)) as store:
        current = current_base(store)
        base = None if current is None or _is_of_another(current, country) else current
        inputs: list[Input] = []
        units = None if base is None else base.made_of.units
        if units is None:
            units, inputs = units_of(country, findings)
        earlier = round_before(store, country, number)
        crosswalk = work.file("crosswalk")
        survey = read_round(
            work.inputs["files"],
            findings,
            number=number,
            country=country,
            units=units,
            gazetteer=_gazetteer(work, units),
            crosswalk=None if crosswalk is None else read_crosswalk(crosswalk, findings),
            earlier=earlier,
            progress=lambda file: work.tell(f"reading {Path(file).name}"),
        )
        findings.raise_errors()
        made_of: dict[str, Any] = {"survey_round": survey, "units": units, "earlier": earlier}
        if base is None:
            made_of["inputs"] = inputs
        else:
            goes_on = base.goes_on() | base.under_a_round()
            goes_on["inputs"] = [*goes_on["inputs"], *inputs]
            made_of |= goes_on | {"facilities": base.made_of.facilities or None}
            findings = Findings([*base.findings_without(_files_of_round(base)), *findings])
        return _publish(store, work, current, made_of, findings)


def facilities_release(work: Work) -> str | None:
    """Publish the current release anew with other facilities of one service.

    Args:
        work: Its file is `file`; its fields are `service`, and perhaps `layer`, `crs`, `encoding`, `lon`, `lat`, `id`, `name`,
            `attribution`, `licence`.

    Returns:
        The id of the release; null when only a check was asked for.

    Raises:
        FindingsError: The data have errors.
        InputError: Something else does not fit, or there is no release yet.
        BusyError: Somebody else is publishing, or has published meanwhile.
        StoreError: The store cannot be used.
    """
    service, file = Service(work.fields["service"]), work.inputs["file"][0]
    named = {key: work.fields.get(key) or None for key in _READ_WITH}
    work.tell(f"reading {file.name}")
    refuse_virtual_tables(file)
    sites = read_facilities(file, service, work.findings, LayerOptions(**named, option_prefix=""))
    work.findings.raise_errors()
    said = {key: work.fields.get(key) or None for key in ("licence", "attribution")}
    with closing(open_store(work.store)) as store:
        base = current_base(store)
        if base is None:
            raise InputError("there is no release to change; send a round first")
        before = base.made_of
        sites_of = before.facilities | {service: sites}
        replacing = base.with_facilities(service, file_input("facilities", file, rows=len(sites), **said))
        made_of = {
            "survey_round": before.survey,
            "villages": before.villages if before.survey is None else None,
            "facilities": {one: sites_of[one] for one in Service if one in sites_of},
            "units": before.units,
            "earlier": earlier_of(store, before),
            **base.goes_on(),
            **replacing,
        }
        gone = {one.name for one in before.inputs} - {one.name for one in replacing["inputs"]}
        findings = Findings([*base.findings_without({*gone, file.name}), *work.findings])
        return _publish(store, work, base, made_of, findings)


def _is_of_another(base: Base, country: str) -> bool:
    survey = base.made_of.survey
    return survey is not None and survey.country != country


def _files_of_round(base: Base) -> set[str]:
    survey = base.made_of.survey
    return set() if survey is None else {one["file"] for one in survey.sources}


def _gazetteer(work: Work, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    file = work.file("villages")
    if file is None:
        return None
    work.tell(f"reading {file.name}")
    refuse_virtual_tables(file)
    return locate(read_villages(file, work.findings), units, findings=work.findings)


def _publish(
    store: FolderStore | PostgisStore,
    work: Work,
    base: Base | None,
    made_of: dict[str, Any],
    findings: Findings,
) -> str | None:
    work.tell("measuring")
    with release_contents(**made_of, findings=findings) as contents:
        if work.fields["check_only"]:
            return None
        if isinstance(store, FolderStore):
            refuse_stale(store, base)
            return store.publish(contents, lambda step: work.tell(f"{PUBLISHING}: {step}")).id
        beside = FolderStore(ReleaseSettings(directory=work.scratch / "release"))
        beside.publish(contents, lambda step: work.tell(f"preparing: {step}"))
        refuse_stale(store, base)
        return copy_release(beside, store, progress=lambda step: work.tell(f"{PUBLISHING}: {step}"))
