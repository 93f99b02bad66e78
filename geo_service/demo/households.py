"""Households of villages that meet printed sums exactly: who lacks a service at which distance, and how many households they have.

The report prints, for each service and distance band, the households of the villages without the service whose nearest one is that far.
Two programmes give villages such households, one service after the other:

1. `bands_of_villages`: a linear programme decides which villages lack the service and in which band, so that their households nearly
   add up to the cells, at the least cost.
2. `whole_households`: an integer programme moves the households as little as it can so that every cell is met exactly.

Both are solved by HiGHS (Q. Huangfu and J. A. J. Hall, Parallelizing the dual revised simplex method, Math. Prog. Comp. 10, 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HAS_SERVICE", "bands_of_villages", "whole_households"]

HAS_SERVICE = -1
"""Stands for a band where the village has the service."""

_COST_OF_A_HOUSEHOLD_MISSED = 10.0
"""More than any village costs by the household, so that cells come first."""
_GOOD_ENOUGH = 0.02
"""How near to the least possible sum of changes the integer programme stops; the cells are exact in any case."""


def bands_of_villages(
    households: NDArray[np.int64],
    cost: NDArray[np.float64],
    may_be_in: NDArray[np.bool_],
    cells: NDArray[np.int64],
    without: int,
) -> NDArray[np.int64]:
    """Which villages lack a service, and in which band.

    Args:
        households: Of each village as far as they are known, shape (n,).
        cost: Of putting a village in a band, shape (n, bands); having the service costs nothing.
        may_be_in: Whether a village may be put in a band, shape (n, bands); set aside where there is no other way.
        cells: Households to be met in each band, shape (bands,).
        without: How many villages lack the service: at least as many as there are cells that are not 0.

    Returns:
        Shape (n,): the position of the band, or `HAS_SERVICE`. A cell of 0 has no village, every other at least one.
    """
    count, bands = cost.shape
    # The variables: which share of each village is in each band, village by village; then what each cell lacks, and has too much.
    shares, misses = count * bands, 2 * bands
    no_miss = sparse.csr_array((1, misses))
    in_one_band = sparse.kron(sparse.eye_array(count), np.ones((1, bands)))
    in_cell = sparse.kron(households[np.newaxis, :], sparse.eye_array(bands))
    missed = sparse.kron(np.array([[1, -1]]), sparse.eye_array(bands))
    solved = linprog(
        np.concatenate([cost.ravel(), np.full(misses, _COST_OF_A_HOUSEHOLD_MISSED)]),
        A_ub=sparse.hstack([in_one_band, sparse.csr_array((count, misses))]),
        b_ub=np.ones(count),
        A_eq=sparse.vstack(
            [sparse.hstack([in_cell, missed]), sparse.hstack([np.ones((1, shares)), no_miss])]
        ),
        b_eq=np.append(cells, without),
        bounds=np.column_stack(
            [np.zeros(shares + misses), np.append(may_be_in & (cells > 0), np.full(misses, np.inf))]
        ),
    )
    # Without an answer (too few villages may be anywhere), the cheapest will do.
    share = -cost if solved.x is None else solved.x[:shares].reshape(count, bands)
    return _whole_villages(share, households, cells, without)


def _whole_villages(
    share: NDArray[np.float64], households: NDArray[np.int64], cells: NDArray[np.int64], without: int
) -> NDArray[np.int64]:
    """The band of each village from its shares; a programme with so few sums to meet splits only a handful of villages."""
    is_used = cells > 0
    lacking = np.argsort(-share.sum(axis=1), kind="stable")[:without]
    band = np.full(len(share), HAS_SERVICE)
    band[lacking] = np.where(is_used, share[lacking], -np.inf).argmax(axis=1)
    for empty in np.flatnonzero(is_used):
        villages_in = np.bincount(band[lacking], minlength=len(cells))
        if not villages_in[empty]:
            spare = lacking[villages_in[band[lacking]] > 1]
            band[spare[np.abs(households[spare] - cells[empty]).argmin()]] = empty
    return band


def whole_households(
    expected: NDArray[np.int64],
    farthest: NDArray[np.int64],
    bands: NDArray[np.int64],
    cells: NDArray[np.int64],
) -> NDArray[np.int64] | None:
    """Households that meet every cell and differ from `expected` as little as can be, in proportion to it.

    Args:
        expected: Shape (n,), at least 1.
        farthest: By how many households each village may differ from it, shape (n,).
        bands: The band of each village and service, or `HAS_SERVICE`, shape (n, services).
        cells: Households to be met, shape (services, bands).

    Returns:
        Shape (n,), at least 1; null where no households meet the cells.
    """
    village, service = np.nonzero(bands != HAS_SERVICE)
    cell = service * cells.shape[1] + bands[village, service]
    adds = sparse.csr_array((np.ones(len(cell)), (cell, village)), shape=(cells.size, len(expected)))
    missing = cells.ravel() - adds @ expected
    most = np.concatenate([farthest, np.minimum(farthest, expected - 1)])
    solved = milp(
        np.tile(1 / expected, 2),
        constraints=LinearConstraint(sparse.hstack([adds, -adds]), missing, missing),
        bounds=Bounds(0, most),
        integrality=np.ones(len(most)),
        options={"mip_rel_gap": _GOOD_ENOUGH},
    )
    if not solved.success:
        return None
    more, less = np.rint(solved.x).astype(np.int64).reshape(2, -1)
    return np.asarray(expected + more - less)
