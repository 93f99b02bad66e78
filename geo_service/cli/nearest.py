"""`geo-service nearest`: the nearest facilities of one place."""

from __future__ import annotations

from typing import Annotated

import geopandas as gpd
import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import FindingsOption, JsonOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.layers import (
    CrsOption,
    EncodingOption,
    FacilityIdOption,
    FacilityLatOption,
    FacilityLonOption,
    FacilityNameOption,
    LayerSource,
    TagsOption,
    facility_options,
    parse_facilities,
)
from geo_service.distance.nearest import nearest
from geo_service.schemas import WGS84
from geo_service.vocabulary import SERVICES, Language

__all__ = ["nearest_command"]


def nearest_command(
    lon: Annotated[float, typer.Argument(metavar="LON", min=-180, max=180, help="Longitude in degrees.")],
    lat: Annotated[float, typer.Argument(metavar="LAT", min=-90, max=90, help="Latitude in degrees.")],
    facilities: Annotated[
        list[str],
        typer.Option(
            "--facilities", "-f", metavar="SERVICE=FILE", help="As for `access`; again for each service."
        ),
    ],
    k: Annotated[int, typer.Option("--k", min=1, help="How many of each service.")] = 1,
    max_km: Annotated[
        float | None, typer.Option("--max-km", min=0, help="Look no farther than this.")
    ] = None,
    findings: FindingsOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    facility_lon: FacilityLonOption = None,
    facility_lat: FacilityLatOption = None,
    facility_id: FacilityIdOption = None,
    facility_name: FacilityNameOption = None,
    osm_tags: TagsOption = None,
    language: Annotated[Language, typer.Option("--lang", help="The language of labels.")] = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the nearest facilities of one place, straight over the WGS84 ellipsoid and not by road.

    Example: `geo-service nearest 51.17 43.65 -f hospital=hospitals.geojson --k 3`. Put `--` before a negative longitude.
    """
    layers = parse_facilities(facilities)
    reporter = Reporter(as_json=as_json, quiet=quiet)
    here = gpd.GeoSeries.from_xy([lon], [lat], crs=WGS84)
    table = Table(title=f"Nearest to {lon:g}, {lat:g}", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("service", "rank", "facility", "name", "km", "status"):
        table.add_column(heading, justify="right" if heading in {"rank", "km"} else "left")
    rows = []
    with reporter.findings(findings, overwrite=overwrite) as found:
        of_facilities = facility_options(
            crs, encoding, facility_lon, facility_lat, facility_id, facility_name
        )
        source = LayerSource(found, reporter, facility_options=of_facilities, tags=osm_tags)
        _, sites = source.read(None, layers)
        found.raise_errors()
        for service, layer in sites.items():
            names = layer.set_index("facility_id")["facility_name"].to_dict()
            for row in nearest(here, layer, k, max_km).itertuples():
                is_there = row.status == "ok"
                name = names.get(row.facility_id) if is_there else None
                rows.append(
                    {
                        "service": service.value,
                        "rank": row.rank,
                        "facility_id": row.facility_id if is_there else None,
                        "facility_name": name if isinstance(name, str) else None,
                        "distance_m": row.distance_m if is_there else None,
                        "status": row.status,
                    }
                )
    for one in rows:
        km = "" if one["distance_m"] is None else f"{one['distance_m'] / 1000:,.3f}"
        label = SERVICES[one["service"]].label(language)
        texts = (
            label,
            str(one["rank"]),
            one["facility_id"] or "",
            one["facility_name"] or "",
            km,
            one["status"],
        )
        table.add_row(*map(escape, texts))
    reporter.say(table)
    reporter.finish(
        {"longitude": lon, "latitude": lat, "basis": "measured", "method": "geodesic", "nearest": rows}
    )
