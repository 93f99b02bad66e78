"""Cells with names, told one after the other and related by their totals, then hidden together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from geo_service.coverage.suppress_audit import exposed
from geo_service.coverage.suppress_cells import Cells, suppress
from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable

    from numpy.typing import NDArray

__all__ = ["System"]


@dataclass
class System:
    """Named cells of tables that share totals. The same name in two tables is one cell.

    Attributes:
        threshold: From which value a number may be shown; cells of 1 to one less are hidden.
    """

    threshold: int
    _at: dict[Hashable, int] = field(default_factory=dict)
    _value: list[int] = field(default_factory=list)
    _lower: list[int] = field(default_factory=list)
    _shown: list[bool] = field(default_factory=list)
    _width: list[int] = field(default_factory=list)
    _primary: list[bool] = field(default_factory=list)
    _block: list[int] = field(default_factory=list)
    _blocks: dict[Hashable, int] = field(default_factory=dict)
    _relations: list[tuple[list[int], list[int]]] = field(default_factory=list)

    def cell(
        self,
        name: Hashable,
        value: int,
        block: Hashable,
        *,
        at_least: int = 0,
        shown: bool = True,
        hide: bool = False,
        width: int = 0,
    ) -> Hashable:
        """Tell a cell; a second time under the same name it has to have the same value.

        Args:
            name: Its name.
            value: Its value, null being 0.
            block: What it stands closest to, see `Cells.block`.
            at_least: What anybody can suppose of it without the tables. A shown cell that is not 0 is known to be 1 at least.
            shown: Whether it is in a table.
            hide: Whether it is hidden whatever its value; nothing for 0.
            width: How far its least and largest value are to be apart when it is hidden, if more than `threshold - 1`.

        Raises:
            InputError: The value is below 0, or another than before.
        """
        if value < 0:
            raise InputError(f"the tables contradict one another: {name} would be {value}")
        if name in self._at:
            if self._value[self._at[name]] != value:
                raise InputError(
                    f"the tables contradict one another: {name} is {self._value[self._at[name]]} and {value}"
                )
            return name
        is_primary = value > 0 and (hide or value < self.threshold)
        self._at[name] = len(self._value)
        self._value.append(value)
        self._lower.append(min(value, max(at_least, 1 if shown else 0)))
        self._shown.append(shown)
        self._width.append(max(width, self.threshold - 1) if shown or is_primary else 0)
        self._primary.append(is_primary)
        self._block.append(self._blocks.setdefault(block, len(self._blocks)))
        return name

    def relate(self, whole: Iterable[Hashable], parts: Iterable[Hashable]) -> None:
        """Say that the cells of `whole` add up to what those of `parts` do; both by name."""
        self._relations.append(([self._at[one] for one in whole], [self._at[one] for one in parts]))

    def beside(
        self,
        name: Hashable,
        whole: Iterable[Hashable],
        parts: Iterable[Hashable],
        block: Hashable,
        *,
        is_there: bool = True,
        **how: Any,
    ) -> None:
        """Say that `whole` is `parts` and something beside them that no table shows.

        Args:
            name: A name for what is beside.
            whole: Cells by name.
            parts: Cells by name.
            block: As in `cell`.
            is_there: Whether there can be anything; if not, `parts` add up to `whole`.
            how: Of what is beside, as in `cell`.
        """
        whole, parts = list(whole), list(parts)
        value = self.value_of(whole) - self.value_of(parts)
        if is_there or value:
            parts.append(self.cell(name, value, block, shown=False, **how))
        self.relate(whole, parts)

    def value_of(self, names: Iterable[Hashable]) -> int:
        """The sum of cells."""
        return sum(self._value[self._at[one]] for one in names)

    def __contains__(self, name: object) -> bool:
        """Whether a cell was told."""
        return name in self._at

    def cells(self) -> Cells:
        """The cells, in the order in which they were told."""
        shape = (len(self._relations), len(self._value))
        rows = [row for row, sides in enumerate(self._relations) for side in sides for _ in side]
        columns = [at for sides in self._relations for side in sides for at in side]
        signs = [
            sign for sides in self._relations for sign, side in zip((1, -1), sides, strict=True) for _ in side
        ]
        relations = sparse.coo_array((np.array(signs, dtype=np.int64), (rows, columns)), shape=shape).tocsr()
        return Cells(
            value=np.array(self._value, dtype=np.int64),
            lower=np.array(self._lower, dtype=np.int64),
            shown=np.array(self._shown, dtype=bool),
            width=np.array(self._width, dtype=np.int64),
            relations=relations,
            block=np.array(self._block, dtype=np.int64),
        )

    @property
    def primary(self) -> NDArray[np.bool_]:
        """Which cells are hidden for themselves, shape (n,)."""
        return np.array(self._primary, dtype=bool)

    def hidden(self) -> set[Hashable]:
        """The names of the cells that are hidden."""
        if not self.primary.any():
            return set()
        hidden = suppress(self.cells(), self.primary)
        return {name for name, at in self._at.items() if hidden[at]}

    def exposed(self, hidden: Collection[Hashable]) -> list[Hashable]:
        """The names of cells that can be narrowed too far when those of `hidden` are hidden; see `suppress_audit.exposed`."""
        if not self._at:
            return []
        names = list(self._at)
        cells = self.cells()
        is_hidden = np.array([name in hidden for name in names], dtype=bool)
        return [names[one.cell] for one in exposed(cells, is_hidden, self.primary & ~cells.shown)]
