"""Village coverage and exact service-access distances: the names that a notebook uses.

```python
import geo_service as gs

findings = gs.Findings()
villages = gs.read_villages("villages.gpkg", findings)
hospitals = gs.read_facilities("hospitals.geojson", gs.Service.HOSPITAL, findings)
findings.raise_errors()
regions = gs.load_boundaries("kaz-adm1")
rows = gs.access(gs.locate(villages, regions), {gs.Service.HOSPITAL: hospitals})
print(gs.access_by_band(rows, gs.AdminLevel.REGION, units=regions))

survey = gs.read_round(["B1.xlsx", "B2.xlsx"], number=3, country="KAZ", units=regions)
tables = gs.report_tables(survey, units=regions, access=rows)
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geo_service._version import __version__

if TYPE_CHECKING:
    from geo_service.coverage.access import access
    from geo_service.coverage.audit.rules import audit
    from geo_service.coverage.bands import Bands, band
    from geo_service.coverage.comparison import compare_rounds
    from geo_service.coverage.concentration import concentration
    from geo_service.coverage.gaps import assessment_coverage, households_beyond, villages_without
    from geo_service.coverage.report_tables import report_tables
    from geo_service.coverage.tables import access_by_band, service_presence
    from geo_service.distance.live import LiveIndex
    from geo_service.distance.nearest import nearest
    from geo_service.errors import GeoServiceError
    from geo_service.export.tables import write_table
    from geo_service.export.vector import write_layer
    from geo_service.findings import Findings
    from geo_service.ingest.boundaries.load import load_boundaries
    from geo_service.ingest.figures import read_figure_tree
    from geo_service.ingest.layers import LayerOptions, read_facilities, read_households, read_villages
    from geo_service.ingest.osm.layers import read_osm
    from geo_service.ingest.survey.read_round import read_round
    from geo_service.maps.folium_maps import (
        access_map,
        agreement_map,
        change_map,
        concentration_map,
        coverage_map,
        gaps_map,
    )
    from geo_service.spatial.locate import locate
    from geo_service.vocabulary import AdminLevel, PopulationGroup, Service

__all__ = [
    "AdminLevel",
    "Bands",
    "Findings",
    "GeoServiceError",
    "LayerOptions",
    "LiveIndex",
    "PopulationGroup",
    "Service",
    "__version__",
    "access",
    "access_by_band",
    "access_map",
    "agreement_map",
    "assessment_coverage",
    "audit",
    "band",
    "change_map",
    "compare_rounds",
    "concentration",
    "concentration_map",
    "coverage_map",
    "gaps_map",
    "households_beyond",
    "load_boundaries",
    "locate",
    "nearest",
    "read_facilities",
    "read_figure_tree",
    "read_households",
    "read_osm",
    "read_round",
    "read_villages",
    "report_tables",
    "service_presence",
    "villages_without",
    "write_layer",
    "write_table",
]

_WHERE = {
    "access": "coverage.access",
    "audit": "coverage.audit.rules",
    "Bands": "coverage.bands",
    "band": "coverage.bands",
    "compare_rounds": "coverage.comparison",
    "concentration": "coverage.concentration",
    "assessment_coverage": "coverage.gaps",
    "households_beyond": "coverage.gaps",
    "villages_without": "coverage.gaps",
    "report_tables": "coverage.report_tables",
    "access_by_band": "coverage.tables",
    "service_presence": "coverage.tables",
    "LiveIndex": "distance.live",
    "nearest": "distance.nearest",
    "GeoServiceError": "errors",
    "write_table": "export.tables",
    "write_layer": "export.vector",
    "Findings": "findings",
    "load_boundaries": "ingest.boundaries.load",
    "read_figure_tree": "ingest.figures",
    "LayerOptions": "ingest.layers",
    "read_facilities": "ingest.layers",
    "read_households": "ingest.layers",
    "read_villages": "ingest.layers",
    "read_osm": "ingest.osm.layers",
    "read_round": "ingest.survey.read_round",
    "access_map": "maps.folium_maps",
    "agreement_map": "maps.folium_maps",
    "change_map": "maps.folium_maps",
    "concentration_map": "maps.folium_maps",
    "coverage_map": "maps.folium_maps",
    "gaps_map": "maps.folium_maps",
    "locate": "spatial.locate",
    "AdminLevel": "vocabulary",
    "PopulationGroup": "vocabulary",
    "Service": "vocabulary",
}
"""Imported when they are first asked for: a service that asks releases needs none of it, and starts in half the time."""


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
