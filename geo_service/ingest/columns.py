"""Which column is which: by the name given, by HXL hashtag, else by the usual names.

HXL is the Humanitarian Exchange Language, https://hxlstandard.org; its row of hashtags stands below the header.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.findings import FindingCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.findings import Findings, Place

__all__ = ["USUAL_NAMES", "Columns", "find_column", "is_hxl_row", "listed"]

USUAL_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lon": (
            "longitude", "lon", "long", "lng", "x", "point_x", "x_coord", "coord_x", "gps_longitude", "_gps_longitude",
            "_longitude", "geopoint_longitude", "долгота", "бойлық",
        ),
        "lat": (
            "latitude", "lat", "y", "point_y", "y_coord", "coord_y", "gps_latitude", "_gps_latitude", "_latitude",
            "geopoint_latitude", "широта", "ендік",
        ),
        "wkt": ("wkt", "geometry_wkt", "wkt_geom", "geom_wkt", "the_geom", "geometry", "geom"),
        "village_id": (
            "village_id", "settlement_id", "site_id", "location_id", "place_id", "household_id", "kato", "като", "код_като",
            "pcode", "p_code", "osm_id", "geonameid", "id", "code", "код", "коды", "uuid", "_uuid", "_id", "fid",
        ),
        "facility_id": (
            "facility_id", "hospital_id", "school_id", "site_id", "place_id", "kato", "osm_id", "geonameid", "id", "code",
            "код", "коды", "uuid", "_uuid", "_id", "fid", "facil_id",
        ),
        "name": (
            "village_name", "facility_name", "settlement_name", "site_name", "name", "name_en", "name:en", "name_ru",
            "name:ru", "name_kk", "name:kk", "village", "settlement", "facility", "название", "наименование",
            "населенный_пункт", "село", "атауы", "елді_мекен", "ауыл", "vill_name", "facil_name",
        ),
        "households": (
            "households", "household_count", "n_households", "num_households", "hh", "hhs", "nb_hh", "hh_count",
            "households_total", "total_households", "number_of_households", "домохозяйства", "домохозяйств",
            "количество_домохозяйств", "число_домохозяйств", "кол_во_домохозяйств", "всего_домохозяйств",
            "үй_шаруашылықтары", "үй_шаруашылықтарының_саны", "үй_шаруашылығы",
        ),
        "declared_adm1_pcode": (
            "declared_adm1_pcode", "decl_adm1", "adm1_pcode", "admin1pcode", "adm1_code", "admin1_pcode",
        ),
        "declared_adm2_pcode": (
            "declared_adm2_pcode", "decl_adm2", "adm2_pcode", "admin2pcode", "adm2_code", "admin2_pcode",
        ),
        "declared_adm1_name": (
            "declared_adm1_name", "decl_a1_nm", "adm1_name", "admin1_name", "adm1_en", "adm1_ru", "region", "oblast",
            "область", "облыс",
        ),
        "declared_adm2_name": (
            "declared_adm2_name", "decl_a2_nm", "adm2_name", "admin2_name", "adm2_en", "adm2_ru", "district", "rayon",
            "район", "аудан",
        ),
    }
)  # fmt: skip
"""The names that a column of each role usually has, the likeliest first, and those that this service writes; case, spaces, dots and dashes do not matter."""

# Survey tools name a point's columns after its question: `_village_gps_longitude`.
_USUAL_ENDINGS: Mapping[str, str] = MappingProxyType({"lon": "_longitude", "lat": "_latitude"})

_HXL_TAGS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "lon": re.compile(r"#geo(\+\w+)*\+(lon|long|longitude)\b"),
        "lat": re.compile(r"#geo(\+\w+)*\+(lat|latitude)\b"),
        "village_id": re.compile(r"#loc(\+\w+)*\+(code|id)\b|#meta\+id\b"),
        "facility_id": re.compile(r"#(loc|meta)(\+\w+)*\+(code|id)\b"),
        "name": re.compile(r"#loc(\+\w+)*\+name\b|#loc$"),
        "households": re.compile(r"#(population|reached|affected|inneed)(\+\w+)*\+hh\b"),
        "declared_adm1_pcode": re.compile(r"#adm1(\+\w+)*\+code\b"),
        "declared_adm2_pcode": re.compile(r"#adm2(\+\w+)*\+code\b"),
        "declared_adm1_name": re.compile(r"#adm1(\+\w+)*\+name\b|#adm1$"),
        "declared_adm2_name": re.compile(r"#adm2(\+\w+)*\+name\b|#adm2$"),
    }
)
# As the standard has it, so that `#N/A` and `#REF!` of a spreadsheet are none.
_HASHTAG = re.compile(r"#[a-z]\w*(\s*\+\s*[a-z]\w*)*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file.

    Attributes:
        names: As they stand in the file.
        hxl: The hashtag of each that has one, by name; empty where the file has no HXL row.
    """

    names: tuple[str, ...]
    hxl: Mapping[str, str]

    def by_role(self, role: str) -> str | None:
        """The column of a role, by hashtag, else by the usual names; null when there is none."""
        if tag := _HXL_TAGS.get(role):
            for name, hashtag in self.hxl.items():
                if tag.match(re.sub(r"\s", "", hashtag).lower()):
                    return name
        folded = {_folded(name): name for name in reversed(self.names)}
        usual_names = (folded[usual] for usual in USUAL_NAMES[role] if usual in folded)
        ending = _USUAL_ENDINGS.get(role)
        alike = [name for fold, name in folded.items() if ending is not None and fold.endswith(ending)]
        return next(usual_names, alike[0] if len(alike) == 1 else None)


def find_column(
    columns: Columns,
    role: str,
    given: str | None,
    findings: Findings,
    place: Place,
    *,
    option: str | None = None,
) -> str | None:
    """The column of a role: the one given, else the one that looks like it, else null.

    A column that was given and is not there is an error among `findings`, whose remedy names `option`.
    """
    if given is None:
        return columns.by_role(role)
    if given in columns.names:
        return given
    findings.error(
        FindingCode.MISSING_COLUMN,
        f"there is no column '{given}'; there are {listed(columns.names)}",
        place,
        column=given,
        suggestion=f"Give one of them with {option}" if option else None,
    )
    return None


def is_hxl_row(cells: Sequence[object]) -> bool:
    """Whether a row is one of HXL hashtags: at least half of the cells that hold something are hashtags."""
    texts = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    tags = [text for text in texts if _HASHTAG.fullmatch(text)]
    return bool(tags) and len(tags) * 2 >= len(texts)


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names in quotation marks for a message; `none` when there is none."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown or "none"


def _folded(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).strip().casefold().replace("ё", "е")
    return re.sub(r"[\s.\-]+", "_", text).rstrip("_")
