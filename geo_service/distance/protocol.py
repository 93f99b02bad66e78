"""What an engine is: built once over the facilities of one service, then asked for many points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.vocabulary import Method

__all__ = ["NONE", "NearestEngine", "Ranked"]

NONE = -1
"""The facility position that stands for none."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The k nearest facilities of n points, nearest first.

    Attributes:
        facility: Positions of the facilities, shape (n, k); `NONE` where there are fewer than k.
        distance_m: Metres, shape (n, k); NaN where `facility` is `NONE`.
    """

    facility: NDArray[np.intp]
    distance_m: NDArray[np.float64]

    def within(self, limit_m: float) -> Ranked:
        """The same without what is farther than `limit_m`."""
        is_far = self.distance_m > limit_m
        return Ranked(np.where(is_far, NONE, self.facility), np.where(is_far, np.nan, self.distance_m))


class NearestEngine(Protocol):
    """Finds the nearest facilities of points by one method.

    An engine is given geometries in the order that ties go by and answers with their positions.
    """

    method: ClassVar[Method]

    def __init__(self, geometries: NDArray[np.object_]) -> None:
        """Index `geometries`, in longitude and latitude, none null or empty; shape (m,), m may be 0."""

    def nearest(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        k: int = 1,
        max_distance_m: float | None = None,
    ) -> Ranked:
        """The `k` nearest facilities of each point, none of them farther than `max_distance_m`.

        Args:
            lon: Longitude in degrees, shape (n,), finite.
            lat: Latitude in degrees, shape (n,), finite.
            k: How many, 1 or more.
            max_distance_m: Metres; null for no limit.
        """
        ...
