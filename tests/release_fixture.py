"""Makes the release that is kept in tests/data, one for each version of the format: `python tests/release_fixture.py`.

A release that was made is never made again by another version: it stands for all releases of its version that are somewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from dataclasses import replace
from importlib.metadata import version

from releases import small_contents

from geo_service.release.folder_store import FolderStore
from geo_service.release.manifest import FORMAT_VERSION
from geo_service.settings import ReleaseSettings

__all__ = ["DATA", "make_fixture"]

DATA = Path(__file__).parent / "data"


def make_fixture() -> Path:
    """A small synthetic release whose parent was pruned, in this version's format; returns its folder of releases.

    Raises:
        SystemExit: There is one.
    """
    directory = DATA / f"release-{FORMAT_VERSION}"
    if directory.exists():
        raise SystemExit(f"{directory} is there: it stays as it was made")
    small = small_contents()
    libraries = ("pyarrow", "shapely", "geopandas")
    versions = {"geo-service": "0.1.0"} | {name: version(name) for name in libraries}
    here = FolderStore(ReleaseSettings(directory=directory))
    here.publish(replace(small_contents(households=50), versions=versions))
    here.publish(replace(small, versions=versions))
    here.prune(0)
    for path in (directory / "leases").iterdir():
        path.unlink()
    (directory / "leases").rmdir()
    (directory / "publishing.lock").unlink()
    return directory


if __name__ == "__main__":
    sys.stdout.write(f"{make_fixture()}\n")
