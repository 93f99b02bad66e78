"""Where sets of admin units are kept: the folder that ships with the package, and the directory of fetched and added sets.

A stored set is a directory of its own, made beside its place and then renamed, so that it is whole or not there:

```text
<directory>/kaz-adm2-geokz/
├── units.parquet     GeoParquet in the schema ADMIN_UNITS
├── metadata.json     source, licence, attribution, checksums, when it was fetched
└── original/         the files as they came
```
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geo_service.settings import BoundarySettings

__all__ = [
    "SHIPPED_SETS",
    "OriginalFile",
    "SetMetadata",
    "boundaries_folder",
    "credits_of",
    "read_metadata",
    "require_free_name",
    "save_set",
    "set_path",
    "staging_directory",
    "stored_names",
]

SHIPPED_SETS: Mapping[str, str] = MappingProxyType({"kaz-adm1": "kaz_adm1.geojson"})
"""The sets that come with the package, by name, with their file in `boundaries_folder()`."""

_SHIPPED_CREDITS = {
    "kaz-adm1": ("CC BY-IGO, CC BY 4.0", "OCHA COD-AB; names: geokz by Alexander Rodionov"),
}

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_UNITS, _METADATA, _ORIGINAL = "units.parquet", "metadata.json", "original"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file as it came.

    Attributes:
        name: Its name in `original/`.
        url: Where it came from; a path for an added layer.
        bytes: Its size.
        sha256: Its checksum, as lower-case hexadecimal digits.
    """

    name: str
    url: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SetMetadata:
    """What is known of a stored set.

    Attributes:
        name: What it is called.
        title: What it is, one line.
        level: 0 country, 1 region, 2 district.
        units: How many.
        licence: The licence it may be used under; null when it was not said.
        attribution: Who must be named where it is shown; null when it was not said.
        source: The page or path it came from.
        stored: When it was stored, ISO 8601 in UTC.
        original: The files it was made from.
    """

    name: str
    title: str
    level: int
    units: int
    licence: str | None
    attribution: str | None
    source: str
    stored: str
    original: tuple[OriginalFile, ...] = ()


def boundaries_folder() -> Path:
    """The folder of what ships with the package: inside it when installed from a wheel, beside it in a checkout.

    Raises:
        InputError: It is in neither place: the installation is broken.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "_boundaries", package.parent / "boundaries"):
        if (folder / "sources.toml").is_file():
            return folder
    raise InputError(f"the boundaries that ship with geo-service are not beside {package}; install it again")


def require_free_name(name: str, settings: BoundarySettings, *, overwrite: bool) -> None:
    """Say no to a name that cannot be stored under.

    Raises:
        InputError: It is not a plain name, or a set of that name ships with the package.
        OutputError: A stored set has it and `overwrite` is false.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"'{name}' cannot name a set; use lower-case letters, digits, dashes, dots and underscores"
        )
    if name in SHIPPED_SETS:
        raise InputError(f"'{name}' ships with geo-service; choose another name")
    if not overwrite and (settings.directory / name).exists():
        raise OutputError(f"there is a set '{name}' already; --overwrite replaces it")


def staging_directory(settings: BoundarySettings) -> tempfile.TemporaryDirectory[str]:
    """A directory beside the stored sets to make a new one in; what is left in it goes away with its context.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        settings.directory.mkdir(parents=True, exist_ok=True)
        staging = tempfile.TemporaryDirectory(prefix=".new-", dir=settings.directory)
        (Path(staging.name) / _ORIGINAL).mkdir()
    except OSError as error:
        raise OutputError(
            f"no set can be kept in {settings.directory}: {error.strerror}; "
            f"GEO_SERVICE_BOUNDARIES_DIRECTORY names another place"
        ) from error
    return staging


def save_set(
    staging: Path, units: gpd.GeoDataFrame, metadata: SetMetadata, settings: BoundarySettings
) -> Path:
    """Write units and metadata into the staging directory and move it into its place, over an older set of that name.

    Args:
        staging: From `staging_directory`, its `original/` already filled.
        units: Frame of `ADMIN_UNITS`.
        metadata: Goes beside them.
        settings: Where sets are kept.

    Returns:
        The directory of the set.

    Raises:
        OutputError: It cannot be written; an older set of that name is still there.
    """
    target = settings.directory / metadata.name
    made, replaced = staging / "set", staging / "replaced"
    try:
        made.mkdir()
        (staging / _ORIGINAL).rename(made / _ORIGINAL)
        units.to_parquet(made / _UNITS)
        text = json.dumps(asdict(metadata), ensure_ascii=False, indent=1)
        (made / _METADATA).write_text(text + "\n", encoding="utf-8")
        if target.exists():
            target.rename(replaced)
        try:
            made.rename(target)
        except OSError:
            if replaced.exists():
                replaced.rename(target)
            raise
    except OSError as error:
        raise OutputError(f"{target}: the set cannot be written: {error.strerror}") from error
    shutil.rmtree(replaced, ignore_errors=True)
    return target


def stored_names(settings: BoundarySettings) -> list[str]:
    """The names of the fetched and added sets, sorted."""
    if not settings.directory.is_dir():
        return []
    return sorted(path.parent.name for path in settings.directory.glob(f"[!.]*/{_UNITS}"))


def set_path(name: str, settings: BoundarySettings) -> Path | None:
    """The file of a shipped, fetched or added set, in the schema `ADMIN_UNITS`; null when there is no such set."""
    if name in SHIPPED_SETS:
        return boundaries_folder() / SHIPPED_SETS[name]
    path = settings.directory / name / _UNITS
    return path if _NAME.fullmatch(name) and path.is_file() else None


def read_metadata(name: str, settings: BoundarySettings) -> SetMetadata:
    """What is known of a stored set.

    Raises:
        InputError: There is no such set, or its metadata cannot be read.
    """
    path = settings.directory / name / _METADATA
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        original = tuple(OriginalFile(**one) for one in known.pop("original"))
        return SetMetadata(
            **{one.name: known[one.name] for one in fields(SetMetadata) if one.name in known},
            original=original,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: the metadata of the set '{name}' cannot be read; fetch or add it again"
        ) from error


def credits_of(name: str, settings: BoundarySettings) -> tuple[str | None, str | None]:
    """The licence of a set and who must be named where it is shown; null for what was not said, both for a file that is no set.

    Raises:
        InputError: The metadata of a stored set cannot be read.
    """
    if name in _SHIPPED_CREDITS:
        return _SHIPPED_CREDITS[name]
    if set_path(name, settings) is None:
        return None, None
    metadata = read_metadata(name, settings)
    return metadata.licence, metadata.attribution
