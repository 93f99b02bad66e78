"""What an attacker can compute: how narrow linear programming makes every hidden cell, whatever way the cells were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, sparse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo_service.coverage.suppress_cells import Cells

__all__ = ["Exposed", "exposed"]

_ROUNDING = 1e-6
_UNBOUNDED = 3
"""The status that scipy gives for a program without a largest value."""


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
        wanted = np.where(asked[here], cells.width[here], 0)
        for at, least, most in _narrow(among, cells.value[here], cells.lower[here], wanted):
            found.append(Exposed(int(here[at]), least, most))
    return sorted(found, key=lambda one: one.cell)


def _narrow(
    relations: sparse.csr_array,
    value: NDArray[np.int64],
    lower: NDArray[np.int64],
    width: NDArray[np.int64],
) -> Iterator[tuple[int, int, int]]:
    """The cells whose least and largest value are closer than `width` when all others may have any that keeps the totals, with both."""
    bounds = np.column_stack([lower, np.full(len(lower), np.inf)])
    least, most = value.astype(np.float64), value.astype(np.float64)
    totals = relations @ value
    for at in np.flatnonzero(width):
        for sign in (-1.0, 1.0):
            # Each solution is tables that fit, and says something of all of its cells.
            if most[at] - least[at] >= width[at] - _ROUNDING:
                break
            towards = np.zeros(len(value))
            towards[at] = sign
            solved = optimize.linprog(towards, A_eq=relations, b_eq=totals, bounds=bounds, method="highs")
            if solved.status == _UNBOUNDED:
                most[at] = np.inf
            elif solved.x is not None:
                least, most = np.minimum(least, solved.x), np.maximum(most, solved.x)
        if most[at] - least[at] < width[at] - _ROUNDING:
            yield int(at), int(np.ceil(least[at] - _ROUNDING)), int(np.floor(most[at] + _ROUNDING))
