"""Links to the API for all that the page shows: files of the tables, the map as a file, and the map for other sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from geo_service.api.answers import Format
from geo_service.api.formats.media import FORMAT_NAMES, bare_type
from geo_service.api.maps.pictures import shapes_urls
from geo_service.api.questions.parameters import LAYERS, TABLES
from geo_service.api.reports.routes import REPORT_TYPES
from geo_service.api.security.roles import Role
from geo_service.report.written import ReportFormat
from geo_service.web.planner.state import Ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.api.context import Asked
    from geo_service.vocabulary import AdminLevel, Basis
    from geo_service.web.planner.state import State

__all__ = ["Download", "Downloads", "downloads_of"]

_ORDER = (
    Format.XLSX,
    Format.CSV,
    Format.GEOJSON,
    Format.GPKG,
    Format.FGB,
    Format.PARQUET,
    Format.JSON,
    Format.NDJSON,
    Format.GEOJSONSEQ,
)
"""What planners want most first."""

_MAP_FILES = (("PNG", "png", "image/png"), ("SVG", "svg", "image/svg+xml"), ("PDF", "pdf", "application/pdf"))


@dataclass(frozen=True, slots=True)
class Download:
    """A link to a file.

    Attributes:
        name: Of its format, for people.
        href: Where it is.
        type: Its media type.
        file: What it is called where the answer gives it no name, as answers that browsers show do not.
    """

    name: str
    href: str
    type: str
    file: str


@dataclass(frozen=True, slots=True)
class Downloads:
    """What can be taken away.

    Attributes:
        communities: The table of communities; empty for who may not see them.
        totals: The table of units.
        maps: The map as a picture.
        report: The report of the round, all of it; empty where the release is of none.
        map_html: The map as a page, for frames of other sites.
        map_file: The same as a file that needs no internet.
        map_json: What the viewer draws.
        shapes: The address of the polygons by their level.
        api: The totals or the group by API.
    """

    communities: list[Download]
    totals: list[Download]
    maps: list[Download]
    report: list[Download]
    map_html: str
    map_file: str
    map_json: str
    shapes: dict[str, str]
    api: str


def downloads_of(asked: Asked, state: State, basis: Basis | None, by: AdminLevel | None) -> Downloads:
    """The links of a state.

    Args:
        asked: The request.
        state: What was asked for.
        basis: The basis that is answered on.
        by: By which units totals and the map are.
    """
    release: dict[str, object] = {"round": state.round, "lang": asked.language.value}
    place: dict[str, object] = {"adm": state.adm}
    if state.ask is Ask.ACCESS:
        what: dict[str, object] = {
            "service": state.service.value,
            "basis": basis and basis.value,
            "beyond_km": None if state.beyond_km is None else f"{state.beyond_km:g}",
        }
        communities = f"{asked.base}/access/gaps?{_query(what | place | {'q': state.q} | release)}"
        rows = f"{asked.base}/access/totals?{_query(what | {'by': by and by.value} | place | release)}"
        offered, kind = TABLES, "gaps"
    else:
        what = {"group": state.group.value}
        communities = ""
        rows = (
            f"{asked.base}/mobility/concentration?{_query(what | {'by': by and by.value} | place | release)}"
        )
        offered, kind = LAYERS, "concentration"
    of_map = _query(what | {"by": by and by.value} | place | release)
    is_shown = state.ask is Ask.ACCESS and asked.role.includes(Role.ANALYST)
    page = f"{asked.base}/maps/{kind}"
    stem = f"{kind}_{state.service if state.ask is Ask.ACCESS else state.group}"
    return Downloads(
        communities=_files(communities, LAYERS, f"{stem}_communities") if is_shown else [],
        totals=_files(rows, offered, f"{stem}_totals"),
        maps=[
            Download(name, f"{page}.{ending}?{of_map}", media, f"{stem}_map.{ending}")
            for name, ending, media in _MAP_FILES
        ],
        report=_report(asked),
        map_html=f"{page}.html?{of_map}",
        map_file=f"{asked.base}/map-files/{kind}.html?{of_map}",
        map_json=f"{page}.json?{of_map}",
        shapes={
            level.value: url for level, url in shapes_urls(asked.base, asked.release.manifest.id).items()
        },
        api=rows,
    )


def _files(url: str, offered: Sequence[Format], stem: str) -> list[Download]:
    return [
        Download(FORMAT_NAMES[one], f"{url}&f={one.value}", bare_type(one), f"{stem}.{one.value}")
        for one in _ORDER
        if one in offered
    ]


def _report(asked: Asked) -> list[Download]:
    survey = asked.release.manifest.round
    if survey is None:
        return []
    href = f"{asked.base}/reports/{survey.number}"
    return [
        Download(
            one.upper(),
            f"{href}.{one}?lang={asked.language}",
            REPORT_TYPES[one].partition(";")[0],
            f"report_round_{survey.number}_{asked.language}.{one}",
        )
        for one in ReportFormat
    ]


def _query(values: dict[str, object]) -> str:
    return urlencode([(name, str(value)) for name, value in values.items() if value is not None])
