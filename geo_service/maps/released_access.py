"""Access to a service for maps: villages with their bands, and units with how many are beyond a distance or without.

Where villages are shown, units are counted from them; else from the tables by distance band, which say the same where nothing is hidden.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.bands import DEFAULT_BANDS, Bands
from geo_service.errors import NotFoundError
from geo_service.maps.released_frames import equal
from geo_service.vocabulary import Basis, Service, Status

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.maps.released_frames import Drawn, Frames

__all__ = ["AccessFrames"]

_BEYOND_ALL = [Status.NO_FACILITY.value, Status.UNREACHABLE.value, Status.BEYOND_LIMIT.value]
"""Without a distance, but farther than any."""

_TABLES = {Basis.REPORTED: "services", Basis.MEASURED: "access_by_band"}
_VILLAGES = {Basis.REPORTED: "service_access", Basis.MEASURED: "access"}
_REMEDIES = {
    Basis.REPORTED: "it is of no survey round, or was published by an earlier version; ask for measured access",
    Basis.MEASURED: "it was published without facilities; ask for reported access",
}


class AccessFrames:
    """Access to one service as it is shown of a release.

    Args:
        frames: What is shown.
        drawn: The units that the map is of.
        service: The service.
        basis: Null for reported where there is that, else measured.
        beyond_km: Kilometres; null for whether the service is there at all.

    Raises:
        NotFoundError: There is no such access; or what is beyond so many kilometres is not known.
    """

    def __init__(
        self, frames: Frames, drawn: Drawn, service: Service, basis: Basis | None, beyond_km: float | None
    ) -> None:
        """Read nothing yet."""
        self._frames = frames
        self._drawn = drawn
        self._service = service
        self.by_village = any(frames.has(one) for one in _VILLAGES.values())
        self.basis = _basis(frames, basis, _VILLAGES if self.by_village else _TABLES)
        self.beyond_km = beyond_km
        if beyond_km is not None:
            self._refuse_unknown_distance(beyond_km)

    @property
    def table(self) -> str | None:
        """The table that units are counted from; null where they are counted from villages."""
        if self.by_village:
            return None
        stem = "coverage_by" if self.basis is Basis.REPORTED else "access_by_band_and"
        return f"{stem}_{self._drawn.by}"

    @staticmethod
    def default_km(frames: Frames, basis: Basis | None) -> float:
        """Where the last distance band begins that is known, kilometres."""
        is_reported = basis is not Basis.MEASURED and (frames.has("service_access") or frames.has("services"))
        bands = DEFAULT_BANDS if is_reported else _bands(frames)
        searched_km = None if is_reported else frames.release.manifest.parameters.get("max_distance_km")
        return max(
            (float(one) for one in bands.edges_km if searched_km is None or one <= searched_km),
            default=float(bands.edges_km[0]),
        )

    def villages(self, *, only_gaps: bool) -> gpd.GeoDataFrame | None:
        """The villages with what is known of their access.

        Args:
            only_gaps: Only those beyond the distance, or without the service.

        Returns:
            `village_id`, `village_name`, `households`, `band`, where measured also `distance_m`, `facility_name` and `status`; null where villages are not shown.

        Raises:
            NotFoundError: Nothing is known of the service.
        """
        if not self.by_village:
            return None
        rows = self._rows
        shown = rows[self._is_gap(rows)] if only_gaps else rows
        known = ["village_id", "village_name", "households", "band"]
        if self.basis is Basis.MEASURED:
            known += ["distance_m", "facility_name", "status"]
        return shown[[*known, "geometry"]].reset_index(drop=True)

    def by_unit(self) -> pd.DataFrame:
        """Units with how much of them is beyond the distance, or without the service.

        Returns:
            `pcode` (null for villages in no unit), `villages`, `villages_beyond` (Int64), `households`, `households_beyond` (Int64) and `share` (float64, of the
            households of the unit); where villages are not shown, `suppressed`, with null for what is hidden, and without households where no table has them.

        Raises:
            NotFoundError: There is no such table, or nothing is known of the service.
        """
        if not self.by_village:
            table = self._from_tables()
            if table.empty and self._drawn.of_units is None:
                raise self._nothing()
        else:
            rows = self._rows
            is_gap = self._is_gap(rows)
            households = rows["households"]
            counted = pd.DataFrame(
                {
                    "pcode": rows[self._drawn.column].array,
                    "villages": np.ones(len(rows), dtype="int64"),
                    "villages_beyond": is_gap.astype("int64"),
                    "households": households.array,
                    "households_beyond": households.where(is_gap, 0).where(households.notna()).array,
                }
            )
            table = counted.groupby("pcode", dropna=False).sum().reset_index()
        if "households" in table:
            share = table["households_beyond"] / table["households"].where(table["households"] > 0)
            table["share"] = share.to_numpy(dtype=np.float64, na_value=np.nan)
        return table

    @cached_property
    def _rows(self) -> gpd.GeoDataFrame:
        """A row a village: `present`, `band`, `distance_m`, `status` on the basis."""
        source = _VILLAGES[Basis.REPORTED if self._frames.has("service_access") else Basis.MEASURED]
        is_service = equal("service", self._service)
        side_by_side = source == "service_access"
        rows = self._frames.read_layer(
            source,
            is_service,
            self._drawn.of_villages,
            None if side_by_side else equal("rank", 1),
        )
        if rows.empty and not self._frames.read(source, is_service, fields=["village_id"]).size:
            raise self._nothing()
        if self._drawn.column not in rows:
            raise NotFoundError(
                f"the villages of the release have no {self._drawn.by}; ask for another level, or publish one with its boundaries"
            )
        if side_by_side:
            rows = rows.rename(columns={f"{self.basis}_present": "present", f"{self.basis}_band": "band"})
        return rows

    def _is_gap(self, rows: pd.DataFrame) -> NDArray[np.bool_]:
        """Which rows are gaps: as /access/gaps has them."""
        is_without = (~rows["present"]).fillna(value=False).to_numpy(dtype=bool)
        if self.beyond_km is None:
            return np.asarray(is_without, dtype=bool)
        if self.basis is Basis.REPORTED:
            return np.asarray(
                is_without & rows["band"].isin(self._farther()).to_numpy(dtype=bool), dtype=bool
            )
        has_none = rows["status"].isin(_BEYOND_ALL).to_numpy(dtype=bool)
        return np.asarray(has_none | (rows["distance_m"] > self.beyond_km * 1000).to_numpy(dtype=bool))

    def _from_tables(self) -> pd.DataFrame:
        by, within = self._drawn.by, self._drawn.of_units
        is_service = equal("service", self._service)
        if self.basis is Basis.MEASURED:
            if self.beyond_km is None:
                return _presence(
                    self._frames.table("service_presence_and_", by, "measured access", is_service, within)
                )
            rows = self._frames.table("access_by_band_and_", by, "measured access", is_service, within)
            is_beyond = rows["band"].isin(self._farther()) | (
                rows["band"].isna() & rows["status"].isin(_BEYOND_ALL)
            )
            whole = _sums(rows)
            return _beside(whole, _sums(rows[is_beyond]))
        whole = self._frames.table("coverage_by_", by, "assessment of a round", within)
        said = self._frames.table("services_by_", by, "reported access", is_service, within)
        if said.empty:
            return pd.DataFrame()
        whole = _shown(whole, "villages", "households")
        if self.beyond_km is None:
            gaps = said.rename(columns={"villages": "asked", "villages_without": "villages"})
            return _beside(whole, _shown(gaps, "villages", "households_without"))
        rows = self._frames.table("households_without_service_by_", by, "reported access", is_service, within)
        return _beside(whole, _sums(rows[rows["band"].isin(self._farther())]))

    def _farther(self) -> list[str]:
        """The bands beyond the distance, which is an edge or 0."""
        bands = DEFAULT_BANDS if self.basis is Basis.REPORTED else _bands(self._frames)
        return list(bands.labels[[0.0, *map(float, bands.edges_km)].index(float(self.beyond_km or 0)) :])

    def _refuse_unknown_distance(self, beyond_km: float) -> None:
        if self.basis is Basis.MEASURED:
            searched_km = self._frames.release.manifest.parameters.get("max_distance_km")
            if searched_km is not None and searched_km < beyond_km:
                raise NotFoundError(
                    f"facilities were looked for up to {searched_km:g} km, so what lies beyond {beyond_km:g} km is not known; ask for less"
                )
            if self.by_village:
                return
            edges = list(map(float, _bands(self._frames).edges_km))
            why, remedy = "what is shown of measured access is by distance band only", ""
        else:
            edges = [0.0, *map(float, DEFAULT_BANDS.edges_km)]
            why, remedy = "what was reported is known by distance band only", "; or ask for measured access"
        if beyond_km not in edges:
            raise NotFoundError(
                f"{why}: the distance is one of {', '.join(f'{one:g}' for one in edges)} km{remedy}"
            )

    def _nothing(self) -> NotFoundError:
        return NotFoundError(f"the release has no {self.basis} access to {self._service}; ask for another")


def _basis(frames: Frames, basis: Basis | None, sources: dict[Basis, str]) -> Basis:
    there = {one: frames.has(source) for one, source in sources.items()}
    if basis is None:
        basis = Basis.REPORTED if there[Basis.REPORTED] else Basis.MEASURED
    if not there[basis]:
        other = any(there.values())
        remedy = _REMEDIES[basis] if other else "publish one of a survey round, or with facilities"
        raise NotFoundError(f"the release has no {basis} access; {remedy}")
    return basis


def _bands(frames: Frames) -> Bands:
    said = frames.release.manifest.parameters.get("bands")
    return Bands(tuple(said["edges_km"])) if said else DEFAULT_BANDS


def _presence(table: pd.DataFrame) -> pd.DataFrame:
    """Villages only: nobody counted their households there."""
    found = table[["pcode", "villages"]].assign(villages_beyond=table["villages_without"])
    return found.assign(suppressed=_is_hidden(table, "villages_without"))


def _shown(table: pd.DataFrame, villages: str, households: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pcode": table["pcode"],
            "villages": table[villages],
            "households": table[households],
            "suppressed": _is_hidden(table, households),
        }
    )


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Units with the sums of their rows; null where one of them is hidden."""
    hidden = rows.assign(suppressed=_is_hidden(rows, "households"))
    by_unit = hidden.groupby("pcode", dropna=False)
    households = by_unit["households"].sum()
    is_hidden = by_unit["suppressed"].any().astype("boolean")
    return pd.DataFrame(
        {
            "villages": by_unit["villages"].sum(),
            "households": households.mask(is_hidden),
            "suppressed": is_hidden,
        }
    ).reset_index()


def _is_hidden(table: pd.DataFrame, column: str) -> pd.Series:
    """Of which rows the number is hidden, and not unknown."""
    if "suppressed" not in table:
        return pd.Series(data=False, index=table.index, dtype="boolean")
    return table["suppressed"].astype("boolean").fillna(value=False) & table[column].isna()


def _beside(whole: pd.DataFrame, beyond: pd.DataFrame) -> pd.DataFrame:
    """The whole of each unit beside what is beyond, of which a unit without rows has none."""
    found = whole.merge(beyond, on="pcode", how="left", suffixes=("", "_beyond"))
    is_hidden = found["suppressed_beyond"].astype("boolean").fillna(value=False)
    households = found["households_beyond"].astype("Int64")
    return found.assign(
        villages_beyond=found["villages_beyond"].astype("Int64").fillna(0),
        households_beyond=households.fillna(0).mask(is_hidden),
        suppressed=is_hidden | found["suppressed"],
    ).drop(columns="suppressed_beyond")
