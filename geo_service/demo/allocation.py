"""Whole numbers that add up: totals split into parts within bounds, shares turned into counts, tables with both margins given."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from numpy.typing import ArrayLike, NDArray

    Code = TypeVar("Code", bound=str)

__all__ = ["apportioned", "both_margins", "completed", "counts_of_shares", "share_bounds"]

_HALVINGS = 120
_NEXT_TO_NOTHING = 1e-9


def apportioned(
    total: int, weights: ArrayLike, least: ArrayLike, most: ArrayLike, what: str
) -> NDArray[np.int64]:
    """Split `total` into whole parts as near to the proportions of `weights` as the bounds of each part permit.

    Largest remainders (Hamilton's method) decide who gets what rounding leaves; of equals the first.

    Args:
        total: What the parts add up to.
        weights: Shape (n,), not negative; what has none is filled last.
        least: Shape (n,) or one for all: no part is smaller.
        most: Shape (n,) or one for all: no part is larger.
        what: The figure, for the message.

    Returns:
        Shape (n,), int64.

    Raises:
        InputError: No such parts exist.
    """
    weight = np.asarray(weights, dtype=np.float64)
    low = np.broadcast_to(np.asarray(least, dtype=np.int64), weight.shape)
    high = np.broadcast_to(np.asarray(most, dtype=np.int64), weight.shape)
    if (low > high).any() or not low.sum() <= total <= high.sum():
        raise InputError(
            f"{what}: {total} cannot be met; what else is given allows {low.sum()} to {high.sum()}"
        )
    if not len(weight):
        return low.copy()
    largest = weight.max()
    relative = np.maximum(weight / largest, _NEXT_TO_NOTHING) if largest else np.ones(len(weight))
    parts = _filled_to(total, relative, low, high)
    whole = np.floor(parts).astype(np.int64)
    while missing := total - int(whole.sum()):
        room = np.flatnonzero(whole < high)
        first = room[np.argsort(whole[room] - parts[room], kind="stable")][:missing]
        whole[first] += 1
    return whole


def _filled_to(
    total: int, weight: NDArray[np.float64], low: NDArray[np.int64], high: NDArray[np.int64]
) -> NDArray[np.float64]:
    """`weight` times one factor, held within the bounds, with a sum that is `total` or barely under it."""
    none, all_ = 0.0, float((high / weight).max()) + 1.0
    for _ in range(_HALVINGS):
        factor = (none + all_) / 2
        if np.clip(weight * factor, low, high).sum() > total:
            all_ = factor
        else:
            none = factor
    return np.asarray(np.clip(weight * none, low, high))


def share_bounds(share: Decimal, total: int) -> tuple[int, int]:
    """The least and the most of `total` that round to `share` percent, with as many decimals as it is printed with.

    Exact halves are left out, as some round them up and some to even. The first is above the second where no count will do.

    Example:
        >>> share_bounds(Decimal("34"), 1245)
        (418, 429)
    """
    exponent = share.as_tuple().exponent
    half = Decimal(5).scaleb(min(int(exponent), 0) - 1)
    low, high = ((share + side) * total / 100 for side in (-half, half))
    least = int(low.to_integral_value(ROUND_FLOOR)) + 1
    most = int(high.to_integral_value(ROUND_CEILING)) - 1
    return max(least, 0), min(most, total)


def counts_of_shares(shares: Mapping[Code, Decimal], total: int, what: str) -> dict[Code, int]:
    """A count for each share that rounds to it, adding up to no more than `total`.

    Shares that may all be of `total` are, each within its rounding: those that add to 99 or 101 percent too. Of shares that add to less than
    rounding explains, what lacks is left over.

    Raises:
        InputError: No counts have these shares: they add to too much, or `total` is too small for one.
    """
    bounds = [share_bounds(share, total) for share in shares.values()]
    for (code, share), (least, most) in zip(shares.items(), bounds, strict=True):
        if least > most:
            raise InputError(f"{what}.{code}: no whole number of {total} is {share} %")
    fewest, highest = sum(least for least, _ in bounds), sum(most for _, most in bounds)
    together = sum(shares.values(), Decimal(0))
    if fewest > total:
        raise InputError(f"{what}: shares that add to {together} % cannot all be of the same {total}")
    parts = apportioned(
        total if highest >= total else min(max(round(together * total / 100), fewest), highest),
        [float(share) for share in shares.values()],
        [least for least, _ in bounds],
        [most for _, most in bounds],
        what,
    )
    return {code: int(part) for code, part in zip(shares, parts, strict=True)}


def completed(counts: Mapping[Code, int], total: int, rest: str, what: str) -> dict[str, int]:
    """The counts, and under `rest` what they lack of `total`.

    Raises:
        InputError: They add to more, or to less with `rest` among them.
    """
    left = total - sum(counts.values())
    if left < 0 or (left and rest in counts):
        raise InputError(f"{what}: the parts add to {total - left}, all are {total}")
    return {str(code): count for code, count in counts.items()} | ({str(rest): left} if left else {})


def both_margins(
    rows: NDArray[np.int64], columns: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """A random table of whole numbers with these sums of rows and of columns.

    Everyone is drawn without replacement, so each table is as likely as the ways there are to make it (the multivariate
    hypergeometric distribution).

    Args:
        rows: Shape (n,), not negative.
        columns: Shape (k,), not negative, with the same sum.
        random: Where the draw comes from.

    Returns:
        Shape (n, k), int64.
    """
    row = np.repeat(np.arange(len(rows)), rows)
    column = random.permutation(np.repeat(np.arange(len(columns)), columns))
    cells = np.bincount(row * len(columns) + column, minlength=len(rows) * len(columns))
    return cells.reshape(len(rows), len(columns)).astype(np.int64)
