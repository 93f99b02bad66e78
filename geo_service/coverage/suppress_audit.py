"""What an attacker can compute: how narrow linear programming makes every hidden cell, whatever way the cells were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.coverage.suppress_cells import Cells

__all__ = ["Exposed", "exposed"]

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Exposed:
    """A cell that can be narrowed too far.

    Attributes:
        cell: Its position.
        least: The least value that it may have.
        most: The largest.
    """

    cell: int
    least: int
    most: int


def exposed(cells: Cells, hidden: NDArray[np.bool_], also: NDArray[np.bool_] | None = None) -> list[Exposed]:
    """The hidden cells that can be narrowed to fewer than `width + 1` values.

    Args:
        cells: The cells.
        hidden: Which shown cells are hidden, shape (n,).
        also: Which of those that are not shown have to be safe too, shape (n,); null for none.

    Returns:
        Those that are exposed, in the order of their positions; none when all is well.
    """
    unknown = hidden | ~cells.shown
    asked = hidden if also is None else hidden | also
    members = np.flatnonzero(unknown)
    if not len(members):
        return []
    relations = cells.relations[:, members]
    touching = abs(relations)
    _, part_of = sparse.csgraph.connected_components(touching.T @ touching, directed=False)
    found = []
    for part in np.unique(part_of[asked[members]]):
        inside = np.flatnonzero(part_of == part)
        among = relations[:, inside].tocsr()
        among = among[np.diff(among.indptr) > 0]
        here = members[inside]
        for at in np.flatnonzero(asked[here] & (cells.width[here] > 0)):
            least, most = _range(among, cells.value[here], cells.lower[here], int(at))
            if most - least < cells.width[here[at]]:
                found.append(Exposed(int(here[at]), int(least), int(most)))
    return sorted(found, key=lambda one: one.cell)


def _range(
    relations: sparse.csr_array, value: NDArray[np.int64], lower: NDArray[np.int64], at: int
) -> tuple[float, float]:
    """The least and the largest value of a cell when all others may have any that keeps the totals; infinity for no largest."""
    bounds = np.column_stack([lower, np.full(len(lower), np.inf)])
    towards = np.zeros(len(value))
    ends = []
    for sign in (1.0, -1.0):
        towards[at] = sign
        solved = optimize.linprog(
            towards, A_eq=relations, b_eq=relations @ value, bounds=bounds, method="highs"
        )
        ends.append(np.inf if solved.status == 3 or solved.x is None else float(solved.x[at]))
    least, most = ends
    largest = np.floor(most + _ROUNDING) if np.isfinite(most) else float(np.iinfo(np.int64).max)
    return float(np.ceil(least - _ROUNDING)), float(largest)
