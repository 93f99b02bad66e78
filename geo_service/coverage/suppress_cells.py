"""Cells that are hidden so that nobody can compute them: which numbers of linked tables have to go beside the small ones.

A table that is published with its totals gives a hidden cell back by subtraction, so that others have to be hidden with it. Who attacks has every
published cell, every total, and knows that what is hidden is a whole number, not below some least one, and how the cells were chosen by this module's
rule. A cell is safe when the tables could as well have been others: whole numbers with the same totals and the same published cells, among which that
cell takes `width + 1` values or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, sparse

from geo_service.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cells", "suppress"]

_HIDDEN_COST = 1e-3
"""What moving a cell costs that is hidden already: little, and not nothing, so that the moves that are found are short."""
_WHOLE = 1e-6
"""How far from a whole number what the solver gives may be."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of tables that share totals.

    Attributes:
        value: Whole numbers of 0 or more, int64, shape (n,).
        lower: The least that anybody has to suppose of a cell that is hidden, at most its value; int64, shape (n,).
        shown: Whether a cell is in a table at all, shape (n,). What is not shown, such as what a region has beside its districts, is
            known only as far as it can be computed. Shown zeros are never hidden.
        width: Of each cell, if it is hidden: how far the least and the largest value that it may have are apart at least; int64, shape (n,). 0 where
            that does not matter.
        relations: Totals and their parts, sparse, shape (m, n), of 1 and -1, so that `relations @ value` is 0.
        block: Which cells stand closest, int64, shape (n,): what hides a cell is looked for in its block first.
    """

    value: NDArray[np.int64]
    lower: NDArray[np.int64]
    shown: NDArray[np.bool_]
    width: NDArray[np.int64]
    relations: sparse.csr_array
    block: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Raises InputError where a sum does not hold: nothing follows from totals that are none."""
        if (self.relations @ self.value).any():
            raise InputError("the tables contradict one another: a total is not the sum of its parts")
        if (self.lower > self.value).any() or (self.lower < 0).any():
            raise InputError("a cell is below the least that it can be")


def suppress(cells: Cells, primary: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which cells to hide, so that no hidden one can be narrowed to fewer than `width + 1` values.

    One cell after the other gets a certificate: another set of tables with the same totals, found as the cheapest change that moves the cell far
    enough. Every shown cell that the change touches is hidden, and with that the change is one that nobody can rule out. Large cells are
    dear. There is always such a change: all numbers twice as large have the same totals, though that hides them all.

    Args:
        cells: The cells.
        primary: Which may not be shown whatever follows, shape (n,); cells of 0 are never hidden. Those that are not shown are only guarded against being computed.

    Returns:
        Which shown cells are hidden, shape (n,); the same for the same cells.

    Source:
        M. Fischetti, J. J. Salazar-González, Models and algorithms for optimizing cell suppression in tabular data with linear
        constraints, J. American Statistical Association 95 (2000); J. P. Kelly, B. L. Golden, A. A. Assad, Cell suppression: disclosure protection for
        sensitive tabular data, Networks 22 (1992).
    """
    search = _Search(cells, primary & (cells.value > 0))
    search.protect(np.flatnonzero(primary & (cells.value > 0)))
    # What was hidden for the sake of others has to be safe as well, which may hide more.
    while len(rest := np.flatnonzero(search.hidden & search.is_narrow())):
        search.protect(rest)
    return search.hidden


class _Search:
    """What is hidden so far, and how far each cell can be moved by the certificates found."""

    def __init__(self, cells: Cells, primary: NDArray[np.bool_]) -> None:
        self.cells = cells
        self.hidden = primary & cells.shown
        self.slack = cells.value - cells.lower
        self.up = np.zeros(len(cells.value), dtype=np.int64)
        self.down = np.zeros_like(self.up)
        # A shown zero stays, so that it cannot move.
        self.movable = ~cells.shown | (cells.value > 0)
        self.cost = np.sqrt(cells.value) + 1.0
        self.columns = cells.relations.tocsc()
        self.blocks: dict[int, tuple[NDArray[np.int64], sparse.csr_array]] = {}

    def is_narrow(self) -> NDArray[np.bool_]:
        return self.up + self.down < self.cells.width

    def protect(self, those: NDArray[np.int64]) -> None:
        """Find certificates for cells, those that have to move the farthest first."""
        order = np.lexsort((those, -self.cells.value[those], -self.cells.width[those]))
        for cell in those[order]:
            if self.up[cell] + self.down[cell] >= self.cells.width[cell]:
                continue
            move = self._move(int(cell))
            self.hidden |= (move != 0) & self.cells.shown
            self._learn(move)
            self._learn(-move)

    def _learn(self, move: NDArray[np.int64]) -> None:
        """Note how far a move, taken as often as it can be, gets each of its cells."""
        at = np.flatnonzero(move)
        falls = at[move[at] < 0]
        times = int((self.slack[falls] // -move[falls]).min()) if len(falls) else int(self.cells.width.max())
        far = move[at] * times
        self.up[at] = np.maximum(self.up[at], far)
        self.down[at] = np.maximum(self.down[at], -far)

    def _move(self, cell: int) -> NDArray[np.int64]:
        """The cheapest change of cells, whole numbers, that moves `cell` as far up as it has to."""
        far = int(self.cells.width[cell] - self.down[cell])
        for block in (int(self.cells.block[cell]), -1):
            found = self._cheapest(cell, far, block)
            if found is not None:
                return found
        times = -(-far // int(self.cells.value[cell]))
        return np.where(self._linked(cell), self.cells.value * times, 0)

    def _cheapest(self, cell: int, far: int, block: int) -> NDArray[np.int64] | None:
        members, relations = self._of_block(block)
        hidden = self.hidden[members] | ~self.cells.shown[members]
        cost = np.where(hidden, _HIDDEN_COST, self.cost[members])
        at = int(np.searchsorted(members, cell))
        least, most = np.zeros(2 * len(members)), np.full(2 * len(members), np.inf)
        most[len(members) :] = self.slack[members]
        least[at], most[len(members) + at] = far, 0
        both, bounds = sparse.hstack([relations, -relations], format="csc"), np.column_stack([least, most])
        costs = np.concatenate([cost, cost])
        zero = np.zeros(relations.shape[0])
        solved = optimize.linprog(costs, A_eq=both, b_eq=zero, bounds=bounds, method="highs")
        move = self._whole(solved.x, members)
        if solved.x is not None and move is None:
            exact = optimize.milp(
                costs,
                integrality=np.ones(len(costs)),
                bounds=optimize.Bounds(least, most),
                constraints=optimize.LinearConstraint(both, zero, zero),
                options={"mip_rel_gap": 0.1, "node_limit": 1000},
            )
            move = self._whole(exact.x, members)
        return move

    def _whole(
        self, solution: NDArray[np.float64] | None, members: NDArray[np.int64]
    ) -> NDArray[np.int64] | None:
        """What a solution moves; null unless it is exactly a change that leaves every total as it is."""
        if solution is None:
            return None
        moved = solution[: len(members)] - solution[len(members) :]
        if np.abs(moved - moved.round()).max() > _WHOLE:
            return None
        move = np.zeros(len(self.cells.value), dtype=np.int64)
        move[members] = moved.round().astype(np.int64)
        is_change = not (self.cells.relations @ move).any() and bool((move >= -self.slack).all())
        return move if is_change else None

    def _of_block(self, block: int) -> tuple[NDArray[np.int64], sparse.csr_array]:
        """The cells of a block that can move, rising, and the relations among them; -1 is all cells."""
        if block not in self.blocks:
            is_member = self.movable & ((self.cells.block == block) | (block == -1))
            members = np.flatnonzero(is_member)
            touching = self.columns[:, members].tocsr()
            self.blocks[block] = members, touching[np.diff(touching.indptr) > 0]
        return self.blocks[block]

    def _linked(self, cell: int) -> NDArray[np.bool_]:
        """The cells that a chain of relations links to a cell."""
        pattern = abs(self.cells.relations)
        _, of = sparse.csgraph.connected_components(pattern.T @ pattern, directed=False)
        linked: NDArray[np.bool_] = of == of[cell]
        return linked
