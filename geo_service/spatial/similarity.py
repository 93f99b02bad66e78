"""How alike names are, once they are comparable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["MOST_PROPOSALS", "name_stem", "pair_similarity", "similarity"]

MOST_PROPOSALS = 3
"""How many candidates are proposed for a name that is not certain."""

# Абайский, Алгинский, Алматинская, Ивановское, and as English texts have them: Abaysky.
_ADJECTIVE = re.compile(r"(?<=[a-z]{3})(?:in)?sk(?:i|aia|oe|oi|ogo)$")
# Two names of one stem are less alike than two equal ones.
_OF_STEMS = 0.98
_NUMBER = re.compile(r"\d+")


def name_stem(key: str) -> str:
    """A `name_key` without the ending of a Russian adjective, which has the name of a place for its stem.

    Example:
        >>> name_stem("alginski"), name_stem("alga")
        ('alg', 'alga')
    """
    return _ADJECTIVE.sub("", key)


def similarity(keys: Sequence[str], known: Sequence[str]) -> NDArray[np.float32]:
    """How alike each key is to each known one: 100 the same, 0 nothing in common.

    Similarity is that of rapidfuzz's `fuzz.ratio` (insertions and deletions over both lengths), of the keys or, a little less, of their stems;
    half of it where they differ in a number, for `Razyezd 5` is not `Razyezd 7`.

    Args:
        keys: Of `name_key`, shape (n,).
        known: Of `name_key`, shape (m,).

    Returns:
        Shape (n, m).
    """
    of_keys = process.cdist(keys, known, scorer=fuzz.ratio, dtype=np.float32)
    of_stems = process.cdist(_stems(keys), _stems(known), scorer=fuzz.ratio, dtype=np.float32)
    numbers, known_numbers = _numbers(keys, known)
    return _combined(of_keys, of_stems, numbers[:, np.newaxis] == known_numbers)


def pair_similarity(keys: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
    """How alike each key is to the one in its place among the others, as `similarity` has it; shape (n,)."""
    of_keys = process.cpdist(keys, others, scorer=fuzz.ratio, dtype=np.float32)
    of_stems = process.cpdist(_stems(keys), _stems(others), scorer=fuzz.ratio, dtype=np.float32)
    numbers, other_numbers = _numbers(keys, others)
    return _combined(of_keys, of_stems, numbers == other_numbers)


def _stems(keys: Sequence[str]) -> list[str]:
    return [name_stem(key) for key in keys]


def _numbers(keys: Sequence[str], others: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which numbers stand in each key, those of the same numbers the same; shape (n,) and (m,)."""
    written = [" ".join(_NUMBER.findall(key)) for key in (*keys, *others)]
    _, which = np.unique(written, return_inverse=True)
    return which[: len(keys)], which[len(keys) :]


def _combined(
    of_keys: NDArray[np.float32], of_stems: NDArray[np.float32], is_same_number: NDArray[np.bool_]
) -> NDArray[np.float32]:
    score = np.maximum(of_keys, of_stems * np.float32(_OF_STEMS))
    return np.asarray(np.where(is_same_number, score, score / 2), dtype=np.float32)
