"""Ways to find the admin unit that a point lies in."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.spatial.locate import locate
from tests.benchmarks.contender import Contender, UnavailableError, first_of_each
from tests.benchmarks.inputs import districts, settlements

__all__ = ["Locate", "LocateSnapping", "SjoinIntersects", "SjoinWithin"]


class JoinContender(Contender):
    """A contender over points and admin units ordered by P-code."""

    repeats = 5

    def prepare(self) -> None:
        """Read the units and the points: the real places where `places` is asked for."""
        found = districts()
        if found is None:
            raise UnavailableError("there are no admin units here")
        self.units = found[0].sort_values("pcode", ignore_index=True)
        if self.details.get("places"):
            points = settlements()
            if points is None:
                raise UnavailableError("the places of Kazakhstan are not here")
        else:
            points = gpd.GeoSeries(
                gpd.points_from_xy(*self.inputs.lon_lat("households", self.rows).T), crs="EPSG:4326"
            )
        self.rows = len(points)
        self.villages = gpd.GeoDataFrame({"row": np.arange(self.rows)}, geometry=points)
        self.position = pd.Series(np.arange(len(self.units)), index=self.units["pcode"])


class Locate(JoinContender):
    """Ours, without snapping: what lies outside stays outside."""

    name = "geo_service locate, no snapping"
    note = "borders go to the smaller P-code"
    snap_km = 0.0

    def prepare(self) -> None:
        super().prepare()
        locate(self.villages[:1000], self.units, snap_km=self.snap_km)

    def run(self) -> Any:
        return locate(self.villages, self.units, snap_km=self.snap_km)

    def answer(self, result: Any) -> np.ndarray:
        codes = result["adm2_pcode"].fillna(result["adm1_pcode"])
        return self.position.reindex(codes).fillna(-1).to_numpy().astype(np.intp)[:, None]

    def remark(self, result: Any) -> str:
        return f"{int(result['adm2_pcode'].fillna(result['adm1_pcode']).isna().sum()):,} unassigned"


class LocateSnapping(Locate):
    """Ours, with the default snapping to the nearest unit."""

    name = "geo_service locate, snap 2 km"
    note = "what lies just outside goes to the nearest unit by geodesic distance"
    snap_km = 2.0

    def remark(self, result: Any) -> str:
        return f"{super().remark(result)}, {int(result['snapped'].sum()):,} snapped"


class SjoinWithin(JoinContender):
    """geopandas, points strictly inside."""

    name = "geopandas.sjoin, within"
    predicate = "within"

    def run(self) -> Any:
        return gpd.sjoin(
            self.villages, self.units[["pcode", "geometry"]], how="left", predicate=self.predicate
        )

    def answer(self, result: Any) -> np.ndarray:
        inside = result[result["index_right"].notna()]
        chosen = inside["index_right"].to_numpy().astype(np.intp)
        return first_of_each(inside["row"].to_numpy(), chosen, self.rows)

    def remark(self, result: Any) -> str:
        return f"{int(result['index_right'].isna().sum()):,} unassigned"


class SjoinIntersects(SjoinWithin):
    """geopandas, points inside or on the border."""

    name = "geopandas.sjoin, intersects"
    predicate = "intersects"
