"""Distance bands: continuous, closed above, zero in the first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from geo_service.errors import InputError
from geo_service.wording import Worded, Wording

__all__ = ["DEFAULT_BANDS", "Bands", "band"]

_RULE = Wording(
    en="bands end at {edges} km, each with its upper edge; zero is in the first",
    ru="верхние границы интервалов: {edges} км включительно; ноль входит в первый",
    kk="аралықтардың жоғарғы шегі {edges} км, шегі қоса алынады; нөл біріншісіне кіреді",
)


@dataclass(frozen=True, slots=True)
class Bands:
    """Distance bands by their edges.

    Attributes:
        edges_km: Upper edges in kilometres, rising; beyond the last lies one more band.

    Raises:
        InputError: There are no edges, or they are not finite, above 0 and rising.

    Source:
        The default edges and labels are those of the Round 3 report of the Mobility Tracking Matrix in Kazakhstan.

    Example:
        >>> Bands().labels
        ('0-5', '6-10', '11-15', '16-20', '21-25', '>25')
        >>> Bands((2.5, 10)).labels
        ('0-2.5', '2.5-10', '>10')
    """

    edges_km: tuple[float, ...] = (5, 10, 15, 20, 25)

    def __post_init__(self) -> None:
        """Refuse edges that make no bands."""
        edges = np.asarray(self.edges_km, dtype=np.float64)
        if not (len(edges) and np.isfinite(edges).all() and edges[0] > 0 and (np.diff(edges) > 0).all()):
            raise InputError(
                f"bands need edges in km that are above 0 and rise, such as 5,10,15,20,25; not {self.edges_km}"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """One a band, nearest first. Between whole edges a wide band is named from the next whole kilometre, as the report does."""
        is_whole = all(float(edge).is_integer() for edge in self.edges_km)
        is_wide = all(high - low > 1 for low, high in pairwise(self.edges_km))
        starts = [_km(low + 1 if is_whole and is_wide else low) for low, _ in pairwise(self.edges_km)]
        ends = [_km(edge) for edge in self.edges_km]
        return (*(f"{low}-{high}" for low, high in zip(["0", *starts], ends, strict=True)), f">{ends[-1]}")

    @property
    def rule(self) -> Worded:
        """How a distance falls into a band, in words that stand beside every table, in each language."""
        return _RULE(edges=", ".join(_km(edge) for edge in self.edges_km))

    @property
    def dtype(self) -> pd.CategoricalDtype:
        """The ordered category of the labels."""
        return pd.CategoricalDtype(list(self.labels), ordered=True)


def _km(edge: float) -> str:
    return np.format_float_positional(edge, trim="-")


DEFAULT_BANDS = Bands()


def band(distance_m: pd.Series | np.ndarray, bands: Bands = DEFAULT_BANDS) -> pd.Series:
    """The band of each distance.

    Args:
        distance_m: Metres, 0 or more, shape (n,); null where there is none.
        bands: The edges.

    Returns:
        Ordered category of `bands.labels`, null where the distance is, with the index of `distance_m`; shape (n,).

    Raises:
        InputError: A distance is negative or infinite.

    Example:
        >>> band(pd.Series([0.0, 5000.0, 5400.0, 25000.1, None])).tolist()
        ['0-5', '0-5', '6-10', '>25', nan]
    """
    index = distance_m.index if isinstance(distance_m, pd.Series) else None
    metres = pd.Series(distance_m).to_numpy(dtype=np.float64, na_value=np.nan)
    is_bad = (metres < 0) | np.isinf(metres)
    if is_bad.any():
        raise InputError(
            f"row {int(np.flatnonzero(is_bad)[0])}: {metres[is_bad][0]} m is no distance; a missing one is null"
        )
    codes = np.searchsorted(np.asarray(bands.edges_km, dtype=np.float64) * 1000, metres, side="left")
    codes[np.isnan(metres)] = -1
    return pd.Series(pd.Categorical.from_codes(codes, dtype=bands.dtype), index=index, name="band")
