"""What a release was made from and with: files by checksum, libraries by version."""

from __future__ import annotations

import glob
import hashlib
from importlib.metadata import version
from typing import TYPE_CHECKING

import pyproj
import shapely

from geo_service import _version
from geo_service.errors import InputError
from geo_service.release.manifest import Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geo_service.schemas import SurveyRound

__all__ = ["file_input", "input_credits", "library_versions", "round_inputs"]

_LIBRARIES = ("geopandas", "numpy", "pandas", "pyarrow", "pyproj", "scipy", "shapely")


def library_versions() -> dict[str, str]:
    """The versions of this package and of the libraries that numbers and bytes depend on, by name."""
    versions = {name: version(name) for name in _LIBRARIES}
    geos = ".".join(map(str, shapely.geos_version))
    return {"geo-service": _version.__version__, **versions, "GEOS": geos, "PROJ": pyproj.proj_version_str}


def file_input(
    role: str,
    path: Path,
    *,
    name: str | None = None,
    rows: int | None = None,
    licence: str | None = None,
    attribution: str | None = None,
) -> Input:
    """A file that the release was made from; a folder or a shapefile counts with the names and bytes of all its files.

    Args:
        role: As in `Input`.
        path: The file.
        name: What it is called; null for the file's own name.
        rows: How many rows were taken from it; null where that says nothing.
        licence: What it may be used under; null where that is not known.
        attribution: Who must be named; null for nobody.

    Raises:
        InputError: It cannot be read.
    """
    try:
        if path.is_dir():
            sha256 = _sha256_of_all(path, [one for one in path.rglob("*") if one.is_file()])
        elif path.suffix.lower() == ".shp":
            parts = [one for one in path.parent.glob(f"{glob.escape(path.stem)}.*") if _is_part(one)]
            sha256 = _sha256_of_all(path.parent, parts)
        else:
            sha256 = _sha256(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    return Input(
        role=role, name=name or path.name, sha256=sha256, rows=rows, licence=licence, attribution=attribution
    )


def round_inputs(survey: SurveyRound, role: str = "round") -> tuple[Input, ...]:
    """The files that a round was read from."""
    return tuple(Input(role=role, name=one["file"], sha256=one["sha256"]) for one in survey.sources)


def input_credits(inputs: Iterable[Input]) -> Iterator[str]:
    """Whom to name and under which licence, of each input that says so."""
    for one in inputs:
        if one.attribution or one.licence:
            licence = f"({one.licence})" if one.licence else None
            yield f"{one.name}: {' '.join(said for said in (one.attribution, licence) if said)}"


def _is_part(path: Path) -> bool:
    return path.suffix.lower() in {".shp", ".dbf", ".shx", ".prj", ".cpg"}


def _sha256_of_all(folder: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for one in sorted(files):
        digest.update(f"{one.relative_to(folder).as_posix()}\0{_sha256(one)}\n".encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
