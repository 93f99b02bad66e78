"""Ways to read villages and services from an OpenStreetMap extract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyogrio

from geo_service.errors import MissingExtraError
from geo_service.findings import Findings
from geo_service.ingest.osm.layers import read_osm
from tests.benchmarks.contender import Contender, UnavailableError

__all__ = ["GdalOsm", "GdalOsmWanted", "ReadOsm"]

LAYERS = ("points", "multipolygons")
WANTED = {
    "points": "place IS NOT NULL OR other_tags LIKE '%\"amenity\"%' OR other_tags LIKE '%\"shop\"%'",
    "multipolygons": "place IS NOT NULL OR amenity IS NOT NULL OR shop IS NOT NULL",
}


class OsmContender(Contender):
    """A contender over one extract."""

    repeats = 5

    def prepare(self) -> None:
        """Find the extract."""
        self.path = Path(self.details["path"])
        if not self.path.is_file():
            raise UnavailableError(f"there is no {self.path.name} here")


class ReadOsm(OsmContender):
    """Ours: villages and six services, broken rings kept, doubles dropped."""

    name = "geo_service read_osm"
    note = "villages and six services by the tag table, each once"

    def prepare(self) -> None:
        super().prepare()
        try:
            read_osm(self.path, findings=Findings())
        except MissingExtraError as error:
            raise UnavailableError(str(error)) from error

    def run(self) -> Any:
        findings = Findings()
        return read_osm(self.path, findings=findings), findings

    def remark(self, result: Any) -> str:
        layers, findings = result
        facilities = sum(len(layer) for layer in layers.facilities.values())
        return f"{len(layers.villages):,} villages, {facilities:,} facilities, {len(findings):,} findings"


class GdalOsm(OsmContender):
    """GDAL's OSM driver, both layers whole: nothing is sorted into villages and services yet."""

    name = "pyogrio (GDAL OSM), all of points and multipolygons"

    def run(self) -> Any:
        return [self.read(layer) for layer in LAYERS]

    def read(self, layer: str) -> Any:
        """One layer as a frame."""
        return pyogrio.read_dataframe(self.path, layer=layer)

    def remark(self, result: Any) -> str:
        return f"{sum(len(frame) for frame in result):,} objects"


class GdalOsmWanted(GdalOsm):
    """GDAL's OSM driver with a filter: only what has one of the main keys."""

    name = "pyogrio (GDAL OSM), where place, amenity or shop"

    def read(self, layer: str) -> Any:
        return pyogrio.read_dataframe(self.path, layer=layer, where=WANTED[layer])
