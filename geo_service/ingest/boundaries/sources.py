"""Fetching one of the larger sets of admin units that are listed, or adding a layer of one's own.

A fetched set is whole or not there: all its files are fetched and verified, and its units read, before its
directory is renamed into place.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pandas as pd

from geo_service.errors import FetchError, InputError
from geo_service.findings import Findings
from geo_service.ingest.boundaries.catalog import Source, SourceFile, SourceIndex, find_source, list_sources
from geo_service.ingest.boundaries.columns import LEVELS, UnitColumns
from geo_service.ingest.boundaries.download import download, download_json
from geo_service.ingest.boundaries.load import read_admin_units
from geo_service.ingest.boundaries.store import (
    OriginalFile,
    SetMetadata,
    require_free_name,
    save_set,
    staging_directory,
)
from geo_service.ingest.readers import split_layer_name

if TYPE_CHECKING:
    import geopandas as gpd

    from geo_service.ingest.boundaries.download import Progress
    from geo_service.settings import BoundarySettings

__all__ = ["add", "fetch", "find_source", "list_sources"]


def fetch(
    name: str,
    settings: BoundarySettings,
    *,
    iso3: str | None = None,
    level: int | None = None,
    sources: Path | None = None,
    overwrite: bool = False,
    findings: Findings | None = None,
    progress: Progress | None = None,
) -> SetMetadata:
    """Fetch a set, read it and keep it under its name, or under `NAME-iso3-admLEVEL` when it has parameters.

    Args:
        name: One of `list_sources`.
        settings: Where sets are kept, the largest file taken, how long to wait.
        iso3: The country, ISO 3166-1 alpha-3, for a set that has it for a parameter.
        level: 0, 1 or 2, for a set that has it for a parameter.
        sources: Another list of sets.
        overwrite: Whether a set of that name is replaced.
        findings: Gets warnings, such as units that were repaired.
        progress: Called with a file's name, its bytes so far and its size (null when not known).

    Returns:
        What is now known of the set; `load_boundaries` reads it by its name.

    Raises:
        InputError: There is no such set, or a parameter is missing or wrong.
        FetchError: A file cannot be fetched or is not what it should be. Nothing is kept.
        FindingsError: The units cannot be used. Nothing is kept.
        OutputError: There is a set of that name already, or it cannot be written.
    """
    source = _with_parameters(find_source(name, sources), iso3, level)
    require_free_name(source.name, settings, overwrite=overwrite)
    with staging_directory(settings) as staging:
        source, origin = _resolved(source, settings)
        original = Path(staging) / "original"
        kept = [_fetch_file(one, original, settings, origin, progress) for one in source.files]
        main = original / kept[0].name
        if source.member is not None:
            main = _extract(main, source.member, settings.max_bytes)
        units = _read(main, source, kept[0].url, Findings() if findings is None else findings)
        metadata = _metadata(
            source.name,
            source.title,
            units,
            licence=source.licence,
            attribution=source.attribution,
            source=source.homepage,
            original=tuple(kept),
        )
        save_set(Path(staging), units, metadata, settings)
    return metadata


def _with_parameters(source: Source, iso3: str | None, level: int | None) -> Source:
    given = {"iso3": iso3, "level": level}
    for parameter, value in given.items():
        if parameter in source.parameters and value is None:
            raise InputError(f"the set '{source.name}' is one a country and level; say --{parameter}")
        if parameter not in source.parameters and value is not None:
            raise InputError(f"the set '{source.name}' has no --{parameter}; leave it out")
    if not source.parameters:
        return source
    if iso3 is not None and not re.fullmatch(r"[A-Za-z]{3}", iso3):
        raise InputError(f"'{iso3}' is not a country's ISO 3166-1 alpha-3 code, such as KAZ")
    if level is not None and level not in LEVELS:
        raise InputError(f"level {level} is not known; it is 0 (country), 1 (region) or 2 (district)")
    values = {"iso3": str(iso3).lower(), "ISO3": str(iso3).upper(), "level": str(level)}
    filled: dict[str, Any] = _filled(source.model_dump(exclude={"name", "parameters", "level"}), values)
    suffixes = [str(iso3).lower()] * (iso3 is not None) + [f"adm{level}"] * (level is not None)
    name = "-".join([source.name, *suffixes])
    return Source.model_validate({**filled, "name": name, "level": source.level if level is None else level})


def _filled(described: Any, values: dict[str, str]) -> Any:
    """`described` with `{key}` replaced in all its texts."""
    if isinstance(described, str):
        return re.sub(r"\{(iso3|ISO3|level)\}", lambda match: values[match[1]], described)
    if isinstance(described, dict):
        return {key: _filled(one, values) for key, one in described.items()}
    if isinstance(described, list | tuple):
        return [_filled(one, values) for one in described]
    return described


def _resolved(source: Source, settings: BoundarySettings) -> tuple[Source, str | None]:
    """The source with its file in place of its index, and the address of the index; unchanged when it has none."""
    index = source.index
    if index is None:
        return source, None
    document = download_json(index.url, timeout_s=settings.timeout_s)
    item = document if index.items is None else _picked(document, index)
    known = {
        key: str(_looked_up(document, path, index.url))
        for key, path in (("licence", index.licence), ("attribution", index.attribution))
        if path is not None
    }
    link = str(_looked_up(item, index.link, index.url))
    return source.model_copy(update={**known, "index": None, "files": (SourceFile(url=link),)}), index.url


def _picked(document: Any, index: SourceIndex) -> Any:
    items = _looked_up(document, str(index.items), index.url)
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and all(
            fnmatchcase(str(item.get(key, "")), pattern) for key, pattern in index.where.items()
        ):
            return item
    wanted = ", ".join(f"{key} {pattern}" for key, pattern in index.where.items())
    raise FetchError(f"{index.url}: it lists no file with {wanted}; see {index.url} for what there is")


def _looked_up(document: Any, path: str, url: str) -> Any:
    for key in path.split("."):
        if not isinstance(document, dict) or document.get(key) is None:
            raise FetchError(f"{url}: the answer has no '{path}'; the service may have changed")
        document = document[key]
    return document


def _fetch_file(
    file: SourceFile, folder: Path, settings: BoundarySettings, origin: str | None, progress: Progress | None
) -> OriginalFile:
    name = PurePosixPath(unquote(urlsplit(file.url).path)).name
    if not re.fullmatch(r"[\w][\w .()+-]*", name):
        raise FetchError(f"{file.url}: its last part is not the name of a file")
    digest = download(
        file.url,
        folder / name,
        max_bytes=settings.max_bytes,
        timeout_s=settings.timeout_s,
        sha256=file.sha256,
        origin=origin,
        progress=progress,
    )
    return OriginalFile(name, file.url, (folder / name).stat().st_size, digest)


def _read(main: Path, source: Source, url: str, findings: Findings) -> gpd.GeoDataFrame:
    """The units of a fetched file; findings name its address, since the file itself is on its way to its place."""
    found = Findings()
    try:
        return read_admin_units(
            main, source.unit_columns(), findings=found, level=source.level, layer=source.layer
        )
    finally:
        findings.extend(replace(one, file=url) for one in found)
        findings.raise_errors()


def _extract(archive: Path, pattern: str, max_bytes: int) -> Path:
    """The file of a zip archive whose name matches, put beside the archive."""
    try:
        with zipfile.ZipFile(archive) as files:
            found = [
                one for one in files.infolist() if fnmatchcase(PurePosixPath(one.filename).name, pattern)
            ]
            if not found:
                raise FetchError(f"{archive.name} has no {pattern}; it has {', '.join(files.namelist())}")
            if found[0].file_size > max_bytes:
                raise FetchError(f"{archive.name}: {pattern} is larger than the limit of {max_bytes:,} bytes")
            target = archive.parent / PurePosixPath(found[0].filename).name
            with files.open(found[0]) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
    except zipfile.BadZipFile as error:
        raise FetchError(f"{archive.name} is not a zip archive that can be read: {error}") from error
    return target


def add(
    path: str | Path,
    name: str,
    settings: BoundarySettings,
    columns: UnitColumns | None = None,
    *,
    level: int | None = None,
    valid_on: str | None = None,
    title: str | None = None,
    licence: str | None = None,
    attribution: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    overwrite: bool = False,
    findings: Findings | None = None,
) -> SetMetadata:
    """Keep a layer of one's own as a set, mapped into `ADMIN_UNITS`.

    Args:
        path: Whatever `read_layer` reads.
        name: What the set will be called.
        settings: Where sets are kept.
        columns: Which of its columns is what; null to go by the usual names.
        level: The level of its units, where the columns do not say it.
        valid_on: An ISO date on which the division was in force, for all units; null for what the columns say.
        title: What it is, one line; null for its name.
        licence: What it may be used under.
        attribution: Who must be named.
        crs: The reference system of a file that says none.
        layer: The layer in the file; null for the only one.
        encoding: The encoding of a Shapefile's text; null for the one it says.
        overwrite: Whether a set of that name is replaced.
        findings: Gets warnings, such as units that were repaired.

    Returns:
        What is now known of the set; `load_boundaries` reads it by its name.

    Raises:
        InputError: The name cannot be used.
        FindingsError: The units cannot be used. Nothing is kept.
        OutputError: There is a set of that name already, or it cannot be written.
    """
    require_free_name(name, settings, overwrite=overwrite)
    units = read_admin_units(
        path,
        columns,
        findings=Findings() if findings is None else findings,
        level=level,
        crs=crs,
        layer=layer,
        encoding=encoding,
    )
    if valid_on is not None:
        units["valid_on"] = pd.Series(valid_on, index=units.index, dtype="string")
    file, _ = split_layer_name(path)
    with staging_directory(settings) as staging:
        metadata = _metadata(
            name,
            title or name,
            units,
            licence=licence,
            attribution=attribution,
            source=str(path),
            original=_described(file) if file.is_file() else (),
        )
        save_set(Path(staging), units, metadata, settings)
    return metadata


def _described(path: Path) -> tuple[OriginalFile, ...]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return (OriginalFile(path.name, path.resolve().as_uri(), path.stat().st_size, digest),)


def _metadata(
    name: str,
    title: str,
    units: gpd.GeoDataFrame,
    *,
    licence: str | None,
    attribution: str | None,
    source: str,
    original: tuple[OriginalFile, ...],
) -> SetMetadata:
    return SetMetadata(
        name=name,
        title=title,
        level=int(units["level"].iloc[0]),
        units=len(units),
        licence=licence,
        attribution=attribution,
        source=source,
        stored=datetime.now(UTC).isoformat(timespec="seconds"),
        original=original,
    )
