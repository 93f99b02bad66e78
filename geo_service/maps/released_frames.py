"""Frames of what somebody is shown of a release, for maps: tables, villages, facilities, and the units that are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from geo_service.coverage.tables import unit_names
from geo_service.errors import InputError, NotFoundError
from geo_service.query.filters import Filter
from geo_service.query.questions import Features
from geo_service.vocabulary import AdminLevel, Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.query.questions import Box
    from geo_service.release.protocol import Release

__all__ = ["LEVELS", "Drawn", "Frames", "drawn_units", "equal", "one_of"]

LEVELS = (AdminLevel.REGION, AdminLevel.DISTRICT)
"""Those whose units are drawn."""

_LAYERS = {
    AdminLevel.COUNTRY: ("country", "adm0"),
    AdminLevel.REGION: ("regions", "adm1"),
    AdminLevel.DISTRICT: ("districts", "adm2"),
}
"""What layers of units are called: where somebody is shown them, and in the release itself."""

_CRS = "EPSG:4326"
_MOST_UNITS = 200
_NAMED = 3
_NEAR = 5
_SHOWN = 40
_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype()}


class Frames:
    """The collections of a release as frames: only those that whoever handed it over shows.

    Args:
        release: A release, or an edition of one.
    """

    def __init__(self, release: Release) -> None:
        """Ask nothing yet."""
        self.release = release
        self._names = {one.name for one in release.manifest.collections}

    def has(self, name: str) -> bool:
        """Whether there is such a collection."""
        return name in self._names

    def layer_of(self, level: AdminLevel) -> str | None:
        """The layer of the units of a level; null where there is none."""
        return next((one for one in _LAYERS[level] if one in self._names), None)

    def read(self, name: str, *where: Filter | None, fields: Sequence[str] | None = None) -> pd.DataFrame:
        """Rows without a geometry.

        Args:
            name: The collection.
            where: What has to be true of a row; null for nothing.
            fields: The columns, as far as the collection has them; null for all.

        Returns:
            Counts are Int64, texts string, numbers float64; null where nothing is known.
        """
        features = Features(filter=_all_of(where), fields=self._known(name, fields), geometry=False)
        with self.release.batches(name, features) as reader:
            return _frame(reader.read_all())

    def read_layer(
        self,
        name: str,
        *where: Filter | None,
        fields: Sequence[str] | None = None,
        box: Box | None = None,
    ) -> gpd.GeoDataFrame:
        """Rows with their geometry, EPSG:4326, null where a row has none; as `read` else."""
        column = self.release.collection(name).geometry
        known = self._known(name, fields)
        if known is not None and column is not None:
            known = (*known, column)
        with self.release.batches(name, Features(filter=_all_of(where), fields=known, box=box)) as reader:
            rows = reader.read_all()
        shapes = shapely.from_wkb(rows[column].to_numpy(zero_copy_only=False))
        return gpd.GeoDataFrame(_frame(rows.drop_columns([column])), geometry=shapes, crs=_CRS)

    def table(self, stem: str, by: AdminLevel, what: str, *where: Filter | None) -> pd.DataFrame:
        """A table that is split by a level of units, such as `coverage_by_` and `region`.

        Args:
            stem: How its name begins.
            by: The level.
            what: What it holds, for the message.
            where: As for `read`.

        Raises:
            NotFoundError: There is no such table; the message says by which levels there is one.
        """
        if not self.has(f"{stem}{by}"):
            there = [one.value for one in LEVELS if self.has(f"{stem}{one}")]
            remedy = (
                f"there is one by {' and by '.join(there)}"
                if there
                else "it was published without one, or it is not shown to everybody"
            )
            raise NotFoundError(f"what is shown of this release has no {what} by {by}; {remedy}")
        return self.read(f"{stem}{by}", *where)

    def _known(self, name: str, fields: Sequence[str] | None) -> tuple[str, ...] | None:
        if fields is None:
            return None
        there = {one.name for one in self.release.collection(name).fields}
        return tuple(one for one in fields if one in there)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The units that a map is of.

    Attributes:
        by: Their level.
        units: Schema `ADMIN_UNITS`, those that are drawn.
        of_villages: Which villages are inside; null for all.
        of_units: Which rows of a table by `by` are theirs; null for all.
        within: The units that were asked for, without geometry, in the order asked; null for all.
    """

    by: AdminLevel
    units: gpd.GeoDataFrame
    of_villages: Filter | None = None
    of_units: Filter | None = None
    within: gpd.GeoDataFrame | None = None

    @property
    def column(self) -> str:
        """The column of villages that has the P-code of their unit."""
        return f"adm{self.by.number}_pcode"

    def place(self, language: Language) -> str | None:
        """The names of the units that were asked for, P-codes where there is none: only the first of many; null for all."""
        if self.within is None:
            return None
        names = unit_names(self.within, language)
        shown = [names.get(code, code) for code in map(str, self.within["pcode"])]
        return ", ".join(shown[:_NAMED]) + ("…" if len(shown) > _NAMED else "")


def drawn_units(frames: Frames, by: AdminLevel | None, adm: str | None) -> Drawn:
    """The units that a map is of.

    Args:
        frames: What is shown of the release.
        by: The level, region or district; null for regions where there are some, and for the districts of the regions that `adm` names.
        adm: P-codes with commas: only what is inside them; null for all.

    Raises:
        NotFoundError: There are no units of that level, or none of such a code.
        InputError: `by` is the country, or has no units inside `adm`.
    """
    there = [one for one in LEVELS if frames.layer_of(one) is not None]
    if by is AdminLevel.COUNTRY:
        raise InputError("a map is by region or by district, not by country")
    if not there or (by is not None and by not in there):
        what = f"boundaries of {by}s" if by else "boundaries of regions or districts"
        has = f"there are those of {there[0]}s" if there else "publish one with boundaries"
        raise NotFoundError(f"the release has no {what}; {has}")
    if adm is None:
        by = by or there[0]
        return Drawn(by, _units(frames, by))
    within, regions, districts = _asked_for(frames, adm, there)
    if by is AdminLevel.REGION and districts:
        raise InputError(f"{districts[0]} is a district, with no regions inside; ask by district")
    by = by or (AdminLevel.DISTRICT if AdminLevel.DISTRICT in there else AdminLevel.REGION)
    units = _units(frames, by)
    parents = units["parent_pcode"].isin(regions) if by is AdminLevel.DISTRICT else False
    inside = units[units["pcode"].isin(within["pcode"]) | parents].reset_index(drop=True)
    if inside.empty:
        raise NotFoundError(
            f"the release has no {by}s inside {', '.join(within['pcode'])[:_SHOWN]}; leave 'by' out"
        )
    of_units = one_of("pcode", inside["pcode"].tolist())
    return Drawn(by, inside, _of_villages(regions, districts), of_units, within)


def equal(column: str, value: str | int | bool) -> Filter:
    """Rows whose column has that value."""
    plain = value if isinstance(value, (bool, int)) else str(value)
    return Filter({"op": "=", "args": [{"property": column}, plain]})


def one_of(column: str, values: Sequence[str]) -> Filter:
    """Rows whose column has one of those values, of which there is at least one."""
    return Filter({"op": "in", "args": [{"property": column}, list(map(str, values))]})


def _units(frames: Frames, level: AdminLevel) -> gpd.GeoDataFrame:
    layer = frames.layer_of(level)
    if layer is None:
        raise NotFoundError(f"the release has no boundaries of {level}s; publish one with them")
    return frames.read_layer(layer).drop(columns=["fid", "id"]).sort_values("pcode", ignore_index=True)


def _asked_for(
    frames: Frames, adm: str, there: Sequence[AdminLevel]
) -> tuple[gpd.GeoDataFrame, list[str], list[str]]:
    """The units that are asked for, with their names; the codes of those that are regions, and of those that are districts."""
    codes = list(dict.fromkeys(part.strip() for part in adm.split(",")))
    if len(codes) > _MOST_UNITS:
        raise InputError(f"'adm' names more than {_MOST_UNITS} units; name fewer")
    named = {
        level: frames.read(layer, fields=["pcode", *(f"name_{one}" for one in Language)])
        for level in there
        if (layer := frames.layer_of(level)) is not None
    }
    known = {level: set(rows["pcode"]) for level, rows in named.items()}
    every = sorted(set().union(*known.values()))
    for code in codes:
        if code not in every:
            near = get_close_matches(code[:_SHOWN].upper(), every, n=_NEAR, cutoff=0.5) or every[:_NEAR]
            raise NotFoundError(
                f"'{code[:_SHOWN]}' is not the P-code of a region or district of this release; there are {', '.join(near)}"
            )
    regions, districts = ([one for one in codes if one in known.get(level, ())] for level in LEVELS)
    every_name = pd.concat(named.values()).drop_duplicates("pcode").set_index("pcode")
    return gpd.GeoDataFrame(every_name.loc[codes].reset_index()), regions, districts


def _of_villages(regions: Sequence[str], districts: Sequence[str]) -> Filter:
    inside = [
        one_of(column, codes).tree
        for column, codes in (("adm1_pcode", regions), ("adm2_pcode", districts))
        if codes
    ]
    return Filter(inside[0] if len(inside) == 1 else {"op": "or", "args": inside})


def _all_of(filters: Sequence[Filter | None]) -> Filter | None:
    trees = [one.tree for one in filters if one is not None]
    if not trees:
        return None
    return Filter(trees[0] if len(trees) == 1 else {"op": "and", "args": trees})


def _frame(rows: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas(types_mapper=_TYPES.get)
    return frame
