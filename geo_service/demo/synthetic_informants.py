"""Made-up key informants, such that the printed figures by role and sex hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.demo.allocation import completed, counts_of_shares
from geo_service.demo.figures import InformantFigures
from geo_service.errors import InputError
from geo_service.vocabulary import InformantRole, Sex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["synthetic_informants"]


def synthetic_informants(
    figures: InformantFigures | None, village_id: pd.Series, random: np.random.Generator
) -> pd.DataFrame:
    """Schema `KEY_INFORMANTS`: one or more in each village, the first of them in the commonest role.

    Args:
        figures: What is printed; null for one informant a village, of whom nothing more is known.
        village_id: Of each village, string.
        random: Where the draw comes from.

    Raises:
        InputError: There are fewer informants than villages, or their parts add to more than all.
    """
    villages = len(village_id)
    figures = InformantFigures(total=villages) if figures is None else figures
    total = figures.total
    if total < villages:
        raise InputError(
            f"key_informants.total: {total} cannot be one or more in each of {villages} villages"
        )
    roles = completed(figures.by_role, total, InformantRole.OTHER, "key_informants.by_role")
    sexes = counts_of_shares(figures.share_by_sex, total, "key_informants.share_by_sex")
    role = _repeated(dict(sorted(roles.items(), key=lambda role: -role[1])))
    others = random.integers(villages, size=total - villages)
    people = pd.DataFrame(
        {
            "village": np.append(np.arange(villages), others),
            "role": np.append(random.permutation(role[:villages]), random.permutation(role[villages:])),
            "sex": random.permutation(
                _repeated(completed(sexes, total, Sex.UNKNOWN, "key_informants.share_by_sex"))
            ),
        }
    ).astype({"role": pd.CategoricalDtype([*InformantRole]), "sex": pd.CategoricalDtype([*Sex])})
    counted = people.groupby(list(people), observed=True).size().reset_index(name="informants")
    counted.insert(0, "village_id", village_id.array.take(counted.pop("village").to_numpy()))
    return counted


def _repeated(counts: Mapping[str, int]) -> NDArray[np.object_]:
    return np.repeat(np.array(list(counts), dtype=object), list(counts.values()))
