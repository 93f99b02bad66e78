"""Ways to write a map as one HTML file, and ways to print one."""

from __future__ import annotations

import gzip
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tests.benchmarks.contender import Contender, UnavailableError

if TYPE_CHECKING:
    import geopandas as gpd

    from geo_service.maps.picture import Picture
    from tests.benchmarks.map_data import MapData

__all__ = ["OURS", "PEERS", "PRINTED", "PageWriter"]


class PageWriter(Contender):
    """Writes a map of `details["data"]` to `details["path"]`."""

    kind: ClassVar[str] = "access"
    suffix: ClassVar[str] = "html"
    repeats = 5

    def prepare(self) -> None:
        """Read the frames."""
        data: MapData = self.details["data"]
        self.frames = data.frames(self.kind)
        self.path = Path(self.details["path"])

    @abstractmethod
    def run(self) -> None:
        """Write the file."""

    def remark(self, result: Any) -> str:  # noqa: ARG002 - the file is looked at, not the result
        """How many bytes it has, and compressed."""
        content = self.path.read_bytes()
        return f"bytes={len(content)} gzip={len(gzip.compress(content, 6))}"


class _Ours(PageWriter):
    def run(self) -> None:
        page = _folium_of(_picture_of(self.kind, self.frames))
        self.path.write_text(page.to_html(), encoding="utf-8")


class AccessPage(_Ours):
    """Ours of what the peers draw."""

    name = "geo_service access"
    note = "units shaded, villages by band and households, facilities, legends, search, tooltips; Leaflet is in the file"


class ConcentrationPage(_Ours):
    """Ours."""

    name, kind = "geo_service concentration", "concentration"


class GapsPage(_Ours):
    """Ours."""

    name, kind = "geo_service gaps", "gaps"


class CoveragePage(_Ours):
    """Ours."""

    name, kind = "geo_service coverage", "coverage"


class ChangePage(_Ours):
    """Ours."""

    name, kind = "geo_service change", "change"


class AgreementPage(_Ours):
    """Ours."""

    name, kind = "geo_service agreement", "agreement"


class _Peer(PageWriter):
    def prepare(self) -> None:
        super().prepare()
        shares = self.frames["beyond"][["pcode", "villages", "households", "households_beyond", "share"]]
        names = self.frames["units"][["pcode", "name_en", "geometry"]]
        self.units = self._drawn(names.merge(shares, on="pcode", how="left"))
        # What folium cannot write as JSON is not its fault.
        villages = self.frames["villages"].dropna(subset="geometry")
        self.villages = villages.assign(band=villages["band"].astype("object"))
        self.facilities = self.frames["facilities"][["facility_id", "facility_name", "geometry"]]

    def _drawn(self, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return units


class Explore(_Peer):
    """`GeoDataFrame.explore` of units, then of facilities and villages on the same map."""

    name = "geopandas explore"
    note = "units by share, facilities, villages by band, legends and tooltips of every column; needs 11 files from 5 other hosts, and tiles"

    def run(self) -> None:
        """Write it."""
        page = self.units.explore("share")
        self.facilities.explore(m=page, color="purple")
        self.villages.explore("band", m=page)
        page.save(self.path)


class ExploreSimplified(Explore):
    """The same of simplified polygons."""

    name = "geopandas explore, simplified"
    note = "as above, polygons simplified beforehand as ours are (not counted)"

    def _drawn(self, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        from geo_service.maps.encoding import SIMPLIFIED_DEGREES  # noqa: PLC0415 - ours is loaded only by who needs it

        return units.set_geometry(units.geometry.simplify_coverage(SIMPLIFIED_DEGREES))


class Choropleth(_Peer):
    """`folium.Choropleth` of units and `folium.GeoJson` of facilities and villages."""

    name = "folium.Choropleth"
    note = "units by share with a legend, facilities, villages as circles with names; no tooltips of units; needs as many files"

    def run(self) -> None:
        """Write it."""
        import folium  # noqa: PLC0415 - only in the process that measures it

        west, south, east, north = self.units.total_bounds
        page = folium.Map()
        page.fit_bounds([[south, west], [north, east]])
        folium.Choropleth(
            self.units[["pcode", "geometry"]],
            data=self.units,
            columns=["pcode", "share"],
            key_on="feature.properties.pcode",
            legend_name="Share of households beyond",
        ).add_to(page)
        folium.GeoJson(self.facilities, marker=folium.CircleMarker(radius=2)).add_to(page)
        folium.GeoJson(
            self.villages[["village_name", "geometry"]].fillna({"village_name": ""}),
            marker=folium.CircleMarker(radius=4),
            tooltip=folium.GeoJsonTooltip(["village_name"]),
        ).add_to(page)
        page.save(self.path)


class PrintedPng(PageWriter):
    """The map of access printed at the size of a page by ours, 300 dpi."""

    name, suffix = "geo_service access, PNG", "png"
    note = (
        "a page at 300 dpi: projection for the extent, scale bar, north arrow, legends with counts, sources"
    )
    repeats = 3

    def prepare(self) -> None:
        """Make the picture: that is counted with the pages."""
        super().prepare()
        self.picture = _picture_of(self.kind, self.frames)

    def run(self) -> None:
        """Print it."""
        try:
            from geo_service.maps.printed import PrintFormat, printed_bytes  # noqa: PLC0415 - as above
        except ImportError as error:
            raise UnavailableError(str(error)) from error
        self.path.write_bytes(printed_bytes(self.picture, PrintFormat(self.suffix)))


class PrintedSvg(PrintedPng):
    """The same."""

    name, suffix = "geo_service access, SVG", "svg"
    note = "text is text"


class PrintedPdf(PrintedPng):
    """The same."""

    name, suffix = "geo_service access, PDF", "pdf"
    note = "fonts embedded"


class GeoPlot(_Peer):
    """`GeoDataFrame.plot` of the same two layers, at the same size."""

    name, suffix = "geopandas plot, PNG", "png"
    note = "the same layers, colours and a legend: no scale bar, no projection, no text but a legend of colours; 300 dpi"
    repeats = 3

    def run(self) -> None:
        """Print it."""
        import matplotlib.pyplot as plt  # noqa: PLC0415 - only in the process that measures it

        figure, axes = plt.subplots(figsize=(10.2, 6.6))
        self.units.plot("share", ax=axes, legend=True, missing_kwds={"color": "lightgrey"})
        self.facilities.plot(ax=axes, color="purple", markersize=2)
        self.villages.plot("band", ax=axes, legend=True, markersize=4)
        figure.savefig(self.path, dpi=300)
        plt.close(figure)


def _picture_of(kind: str, frames: dict[str, Any]) -> Picture:
    from geo_service.maps import pictures  # noqa: PLC0415 - peers are measured without ours

    made: Picture = getattr(pictures, f"{kind}_picture")(**frames)
    return made


def _folium_of(picture: Picture) -> Any:
    try:
        from geo_service.maps.folium_map import folium_map  # noqa: PLC0415 - as above
    except ImportError as error:
        raise UnavailableError(str(error)) from error
    return folium_map(picture)


OURS: tuple[type[PageWriter], ...] = (
    AccessPage,
    ConcentrationPage,
    GapsPage,
    CoveragePage,
    ChangePage,
    AgreementPage,
)
PEERS: tuple[type[PageWriter], ...] = (Explore, ExploreSimplified, Choropleth)
PRINTED: tuple[type[PageWriter], ...] = (PrintedPng, PrintedSvg, PrintedPdf, GeoPlot)
