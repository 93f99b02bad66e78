"""Made-up people: in which villages each population group is, how many they are, and their parts, such that every printed figure holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.demo.allocation import apportioned, both_margins, completed, counts_of_shares
from geo_service.errors import InputError
from geo_service.vocabulary import (
    OTHER_COUNTRY,
    UNKNOWN_COUNTRY,
    Dimension,
    MigrationKind,
    Reason,
    Sex,
    YearAside,
    countries,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo_service.demo.figures import GroupFigures

__all__ = ["breakdown_of", "households_of", "individuals_of", "parts_of"]

_PEOPLE_A_VILLAGE = 50
"""Where it is not printed in how many villages a group is: as many people in each."""
_SPREAD = 0.3
"""The standard deviation of the logarithm of a group's share of a village."""

_LIKELY_COUNTRIES = (
    *("RUS", "UZB", "KGZ", "TJK", "TUR", "CHN", "AZE", "DEU", "TKM", "BLR", "UKR", "GEO", "ARM"),
    *("KOR", "MNG", "IND", "PAK", "AFG", "IRN", "ARE", "POL", "CZE", "GBR", "USA", "ITA", "FRA"),
    *("ISR", "MDA", "BGR", "EGY", "JPN", "SWE"),
)
"""Where people of Kazakhstan and its neighbours come from and go to, the likeliest first; taken when only their number is printed."""


def individuals_of(
    figures: GroupFigures,
    region: NDArray[np.object_],
    room: NDArray[np.int64],
    assessed: list[str],
    what: str,
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """How many people of a group each village has.

    Args:
        figures: What is printed about the group.
        region: The P-code of the region of each village, null where it has none; shape (n,).
        room: For how many people there is room in each village, shape (n,): larger villages have more; exceeded only where a region's
            figure cannot do without.
        assessed: The P-codes of the assessed regions; elsewhere there is nobody.
        what: The name of the group in the figures, for messages.
        random: Where the draw comes from.

    Returns:
        Shape (n,): 0 in villages where the group is not.

    Raises:
        InputError: No villages can have these figures; the message says which.
    """
    by_region = _by_region(figures, assessed, what)
    people = np.array([by_region[code] for code in assessed], dtype=np.int64)
    villages = [np.flatnonzero(region == code) for code in assessed]
    sizes = np.array([len(one) for one in villages])
    for code, has, holds in zip(assessed, people, sizes, strict=True):
        if has and not holds:
            raise InputError(f"{what}.by_region.{code}: {has} people, but no village lies in that region")
    present = _villages_present(figures, people, sizes, what)
    individuals = np.zeros(len(region), dtype=np.int64)
    for inside, total, many in zip(villages, people, present, strict=True):
        if not total:
            continue
        weight = np.maximum(room[inside], 1) * random.lognormal(0, _SPREAD, len(inside))
        here = random.choice(len(inside), many, replace=False, p=weight / weight.sum())
        most = np.maximum(room[inside[here]], 1)
        most = most if most.sum() >= total else np.full(many, total)
        individuals[inside[here]] = apportioned(int(total), weight[here], 1, most, f"{what}.by_region")
    return individuals


def _villages_present(
    figures: GroupFigures, people: NDArray[np.int64], sizes: NDArray[np.int64], what: str
) -> NDArray[np.int64]:
    """In how many villages of each region the group is, from its people and villages there; shape (regions,)."""
    least, most = np.minimum(people, 1), np.minimum(people, sizes)
    usual = np.clip(figures.individuals // _PEOPLE_A_VILLAGE, least.sum(), most.sum())
    villages = int(usual) if figures.villages_present is None else figures.villages_present
    return apportioned(villages, sizes * np.sqrt(people), least, most, f"{what}.villages_present")


def _by_region(figures: GroupFigures, assessed: list[str], what: str) -> dict[str, int]:
    """People by assessed region: counts as printed, else shares; what lacks is spread over the regions that are not printed."""
    for name in ("by_region", "share_by_region_printed"):
        if unknown := sorted(set(getattr(figures, name)) - set(assessed)):
            raise InputError(f"{what}.{name}.{unknown[0]}: it is not among the assessed regions (regions)")
    known = dict(figures.by_region) or counts_of_shares(
        figures.share_by_region_printed, figures.individuals, f"{what}.share_by_region_printed"
    )
    left = figures.individuals - sum(known.values())
    others = [code for code in assessed if code not in known]
    if left < 0 or (left and not others):
        raise InputError(
            f"{what}.by_region: the regions add to {sum(known.values())}, individuals are {figures.individuals}"
        )
    parts = apportioned(left, np.ones(len(others)), 0, left, f"{what}.by_region")
    return known | {code: int(part) for code, part in zip(others, parts, strict=True)}


def households_of(
    figures: GroupFigures,
    individuals: NDArray[np.int64],
    room: NDArray[np.int64],
    what: str,
    random: np.random.Generator,
) -> NDArray[np.int64] | None:
    """Households of a group by village, at least one where it is and no more than people; null where they are not printed.

    Args:
        figures: What is printed about the group.
        individuals: Of `individuals_of`, shape (n,).
        room: All households of each village, shape (n,): exceeded only where the figure cannot do without.
        what: The name of the group in the figures, for messages.
        random: Where the draw comes from.

    Raises:
        InputError: There are fewer households than villages or more than people.
    """
    if figures.households is None:
        return None
    villages = int((individuals > 0).sum())
    if not villages <= figures.households <= individuals.sum():
        raise InputError(
            f"{what}.households: {figures.households} cannot be those of {individuals.sum()} people in {villages} villages"
        )
    most = np.minimum(individuals, np.maximum(room, 1))
    most = most if most.sum() >= figures.households else individuals
    beyond_one = random.multivariate_hypergeometric(
        np.maximum(most - 1, 0), figures.households - villages, method="marginals"
    )
    return np.asarray(beyond_one + (individuals > 0))


def parts_of(figures: GroupFigures, what: str) -> dict[Dimension, dict[str, int]]:
    """The individuals of a group by each dimension that is printed, and by code; with what is not known they add up to all.

    Counts stand as they are printed, and shares are turned into counts that round to them (`counts_of_shares`).

    Args:
        figures: What is printed about the group.
        what: The name of the group in the figures, for messages.

    Raises:
        InputError: Figures of a dimension cannot all be parts of the individuals; the message says which.
    """
    total = figures.individuals
    parts = {
        Dimension.COUNTRY: _countries(figures, what),
        Dimension.YEAR: figures.by_year
        and completed(figures.by_year, total, YearAside.UNKNOWN, f"{what}.by_year"),
    }
    shares: tuple[tuple[Dimension, str, str], ...] = (
        (Dimension.SEX, "share_by_sex", Sex.UNKNOWN),
        (Dimension.KIND, "share_by_migration_type", MigrationKind.UNKNOWN),
        (Dimension.REASON, "share_by_reason", Reason.UNKNOWN),
    )
    for dimension, name, unknown in shares:
        counts = counts_of_shares(getattr(figures, name), total, f"{what}.{name}")
        parts[dimension] = counts and completed(counts, total, unknown, f"{what}.{name}")
    return {dimension: parts[dimension] for dimension in Dimension if parts[dimension]}


def _countries(figures: GroupFigures, what: str) -> dict[str, int]:
    """Individuals by country: those printed, the unknown, and as many more countries as are counted, each smaller than the smallest printed."""
    shares = {
        code: share
        for code, share in figures.share_by_country_printed.items()
        if code not in figures.by_country
    }
    known = figures.by_country | counts_of_shares(
        shares, figures.individuals, f"{what}.share_by_country_printed"
    )
    aside = {OTHER_COUNTRY, UNKNOWN_COUNTRY}
    named = {code: count for code, count in known.items() if count and code not in aside}
    more = 0 if figures.countries is None else figures.countries - len(named)
    left = figures.individuals - sum(known.values())
    if more < 0:
        raise InputError(
            f"{what}.countries: {figures.countries} are fewer than the {len(named)} that are printed"
        )
    if not more or left < 0:
        # What is known not to be unknown is of other countries.
        rest = OTHER_COUNTRY if UNKNOWN_COUNTRY in known else UNKNOWN_COUNTRY
        return known and completed(known, figures.individuals, rest, f"{what}.by_country")
    likely = dict.fromkeys([*_LIKELY_COUNTRIES, *countries()])
    others = [code for code in likely if code not in known and code not in aside][:more]
    smallest = min(named.values(), default=figures.individuals)
    parts = apportioned(left, 1 / np.arange(1, len(others) + 1), 1, smallest, f"{what}.countries")
    return known | {code: int(part) for code, part in zip(others, parts, strict=True)}


def breakdown_of(
    individuals: NDArray[np.int64], parts: Mapping[str, int], random: np.random.Generator
) -> pd.DataFrame:
    """The parts of one dimension in each village: `village` (position), `code` (string), `individuals` (int64, at least 1).

    Args:
        individuals: Shape (n,).
        parts: Their sum by code.
        random: Where the draw comes from.
    """
    cells = both_margins(individuals, np.array(list(parts.values()), dtype=np.int64), random)
    village, part = np.nonzero(cells)
    codes = pd.array(list(parts), dtype="string").take(part)
    return pd.DataFrame({"village": village, "code": codes, "individuals": cells[village, part]})
