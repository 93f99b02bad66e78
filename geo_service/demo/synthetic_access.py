"""Made-up households of villages and access to services such that the printed shares and cells hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo_service.demo.allocation import share_bounds
from geo_service.demo.households import HAS_SERVICE, bands_of_villages, whole_households
from geo_service.errors import InputError
from geo_service.vocabulary import Band, Service

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.demo.figures import ServiceFigures

__all__ = ["NOT_PRINTED", "households_and_bands"]

NOT_PRINTED = -2
"""Stands for a band where nothing is printed about the service."""

_USUAL_HOUSEHOLDS = 300.0
_FEWEST_HOUSEHOLDS = 5
_SPREAD = 0.9
"""The standard deviation of the logarithm of households: one village in a hundred has eight times those of the middle one."""
_TOWN = 5.0
"""A village with this many times the mean households is a town, which seldom lacks anything."""
_CHANCE = 0.7
"""How much of who lacks what is chance beside size, in standard deviations of the logarithm of size."""
_REMOTE_IS_FAR = 2.0
"""How much weight it has that the remotest villages are in the farthest band."""

_KNOWN_WITHIN = 0.05
_MOST_OF_A_CELL = 0.25
"""What a village of known size may fill of a cell, so that others can make up the rest."""
_BOUNDLESS = 10**7
"""Households: more than any cell has."""
_ATTEMPTS = 40


@dataclass(frozen=True, slots=True)
class _Printed:
    """What has to be met: the services, how many villages lack each, and their households, shape (services, bands)."""

    services: list[Service]
    without: NDArray[np.int64]
    cells: NDArray[np.int64]

    @property
    def mean_households(self) -> float:
        """Of the villages that lack a service."""
        return float(self.cells.sum() / self.without.sum()) if self.cells.any() else _USUAL_HOUSEHOLDS


def households_and_bands(
    figures: ServiceFigures, known: NDArray[np.float64], random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Households of villages, and the band of the nearest of each service that they lack.

    Households are lognormal, or near those known. Small and remote villages lack most, and who lacks one service mostly lacks others. Where
    few villages have to meet many cells that cannot always be: then, attempt by attempt, who lacks what is spread out more.

    Args:
        figures: What is printed.
        known: The households that villages are known to have, NaN where not known; shape (n,).
        random: Where the draw comes from.

    Returns:
        Households, shape (n,), at least 1; and shape (n, services), in the order of `Service`: the position of a band in `Band`,
        `HAS_SERVICE` or `NOT_PRINTED`.

    Raises:
        InputError: No villages that meet the figures exist, or were found; the message says which figures.
    """
    printed = _printed(figures, len(known))
    bands = np.full((len(known), len(Service)), NOT_PRINTED)
    for attempt in range(_ATTEMPTS):
        drawn = random.lognormal(np.log(printed.mean_households) - _SPREAD**2 / 2, _SPREAD, len(known))
        expected = np.where(np.isnan(known), drawn, known).round().astype(np.int64).clip(_FEWEST_HOUSEHOLDS)
        within = _KNOWN_WITHIN if attempt < _ATTEMPTS // 2 else np.inf
        farthest = np.where(np.isnan(known), np.inf, within * expected).clip(max=_BOUNDLESS).astype(np.int64)
        households, of_printed = _attempt(printed, expected, farthest, 1 - attempt / 2, random)
        if households is not None:
            bands[:, [list(Service).index(service) for service in printed.services]] = of_printed
            return households, bands
    raise InputError(
        f"service_access: {len(known)} villages were not found that meet the shares of communities and the households by "
        "distance of every service together; give more villages, or fewer services"
    )


def _printed(figures: ServiceFigures, villages: int) -> _Printed:
    """The figures as numbers; a service whose households are not printed gets usual ones, alike in every band."""
    # Those with the fewest households first: what is tight takes what it needs, what is roomy makes up for it.
    services = sorted(
        figures.share_of_communities_with_service,
        key=lambda service: (sum(figures.households(service).values()), service),
    )
    without = [_villages_without(figures, service, villages) for service in services]
    cells = []
    for service, count in zip(services, without, strict=True):
        by_band = list(figures.households(service).values())
        used = min(count, len(Band))
        usual = round(_USUAL_HOUSEHOLDS * count / max(used, 1))
        cells.append(by_band or [usual] * used + [0] * (len(Band) - used))
    return _Printed(services, np.array(without, dtype=np.int64), np.array(cells, dtype=np.int64))


def _villages_without(figures: ServiceFigures, service: Service, villages: int) -> int:
    """How many villages lack a service, when that is possible with its households by distance."""
    share = figures.share_of_communities_with_service[service]
    what = f"service_access.share_of_communities_with_service.{service}"
    least, most = share_bounds(share, villages)
    if least > most:
        raise InputError(f"{what}: no whole number of {villages} villages is {share} %")
    without = villages - int(np.clip(round(float(share) * villages / 100), least, most))
    by_band = figures.households(service)
    households = sum(by_band.values())
    fewest = sum(count > 0 for count in by_band.values())
    if by_band and not fewest <= without <= households:
        raise InputError(
            f"{what}: {share} % of {villages} villages leave {without} without it, "
            f"but its {households} households by distance are those of {fewest} to {households} villages"
        )
    return without


def _attempt(
    printed: _Printed,
    expected: NDArray[np.int64],
    farthest: NDArray[np.int64],
    togetherness: float,
    random: np.random.Generator,
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64]]:
    """Households near those expected, null where none come out even, and the band of each printed service, shape (n, services)."""
    size = np.log(expected)
    smallness = (size.mean() - size) / max(float(size.std()), 1e-9) + random.normal(0, _CHANCE, len(size))
    remoteness = (smallness.argsort().argsort() + 0.5) / len(smallness)
    is_free = farthest == _BOUNDLESS
    households: NDArray[np.int64] | None = expected
    bands = np.full((len(expected), len(printed.services)), HAS_SERVICE)
    for column, (cells, without) in enumerate(zip(printed.cells, printed.without, strict=True)):
        if households is None or not without:
            continue
        lacks = smallness + random.normal(0, _CHANCE, len(size))
        lacks += togetherness * (bands != HAS_SERVICE).sum(axis=1)
        of_a_town = (households / printed.mean_households / _TOWN) ** 2
        farness = (cells.cumsum() - cells / 2) / cells.sum()
        bands[:, column] = bands_of_villages(
            households,
            (of_a_town - lacks)[:, np.newaxis] + _REMOTE_IS_FAR * np.abs(remoteness[:, np.newaxis] - farness),
            households[:, np.newaxis] <= cells * np.where(is_free, 1, _MOST_OF_A_CELL)[:, np.newaxis],
            cells,
            int(without),
        )
        households = whole_households(expected, farthest, bands[:, : column + 1], printed.cells[: column + 1])
    return households, bands
