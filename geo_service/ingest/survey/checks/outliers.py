"""Numbers that may be true and are worth a second look: far from the earlier round, or from what B1 expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.findings import FindingCode
from geo_service.ingest.survey.answers.groups import GROUPS
from geo_service.vocabulary import POPULATION_GROUPS
from geo_service.wording import Wording

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.cells import Lines
    from geo_service.ingest.survey.answers.grid import Grid

__all__ = [
    "ESTIMATE_FACTOR",
    "LEAST_CHANGE_FACTOR",
    "LEAST_INDIVIDUALS",
    "MOST_DEVIATIONS",
    "check_against_earlier",
    "check_against_estimates",
    "is_outlying_change",
]

LEAST_INDIVIDUALS = 50
"""Below this in both numbers a change is no outlier, however large its factor."""
LEAST_CHANGE_FACTOR = 4.0
"""A village's number is an outlier only when it grew or shrank by this factor more than was usual."""
MOST_DEVIATIONS = 3.5
"""And by more than so many robust standard deviations."""
ESTIMATE_FACTOR = 2.0
"""A district's sum is an outlier when it is this many times B1's estimate, or the other way round."""

_LEAST_VILLAGES = 10
_ADDED = 10.0
_MAD_TO_DEVIATION = 1.4826

_CHANGED = Wording(
    en="{group}: {now} individuals, {then} in round {number}; other villages did not change like that",
    ru="{group}: {now} человек, в раунде {number} — {then}; в других населённых пунктах таких изменений нет",
    kk="{group}: {now} адам, {number}-раундта — {then}; басқа елді мекендерде мұндай өзгеріс жоқ",
)
_OFF_ESTIMATE = Wording(
    en="{group}: B1 estimates {estimate} individuals, and the villages of B2 have {added}",
    ru="{group}: по оценке B1 — {estimate} человек, а в населённых пунктах B2 — {added}",
    kk="{group}: B1 бағалауы бойынша {estimate} адам, ал B2 елді мекендерінде — {added}",
)
_LOOK = Wording(
    en="Look whether a digit is missing or too many",
    ru="Проверьте, нет ли лишней или пропущенной цифры",
    kk="Артық немесе қалып қойған цифр жоқ па, тексеріңіз",
)


def is_outlying_change(now: NDArray[np.float64], then: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each number changed unlike the others.

    The change is r = ln((now + 10) / (then + 10)); an outlier is where |r - m| is over both ln `LEAST_CHANGE_FACTOR` and `MOST_DEVIATIONS`
    times 1.4826 MAD, with m the median and MAD the median absolute deviation of r: the modified z-score of B. Iglewicz and D. C. Hoaglin, How to
    Detect and Handle Outliers (1993). With fewer than 10 numbers m and MAD are 0. What is below `LEAST_INDIVIDUALS` in both is left aside.

    Args:
        now: Shape (n,), NaN where not known, which is no outlier.
        then: Likewise.

    Example:
        >>> import numpy as np
        >>> is_outlying_change(np.array([100.0, 1000.0]), np.array([120.0, 100.0])).tolist()
        [False, True]
    """
    change = np.log((now + _ADDED) / (then + _ADDED))
    is_compared = np.isfinite(change) & (np.fmax(now, then) >= LEAST_INDIVIDUALS)
    usual = deviation = 0.0
    if is_compared.sum() >= _LEAST_VILLAGES:
        usual = float(np.median(change[is_compared]))
        deviation = _MAD_TO_DEVIATION * float(np.median(np.abs(change[is_compared] - usual)))
    with np.errstate(invalid="ignore"):
        is_far = np.abs(change - usual) > max(np.log(LEAST_CHANGE_FACTOR), MOST_DEVIATIONS * deviation)
    return np.asarray(is_compared & is_far)


def check_against_earlier(
    mobility: pd.DataFrame, grid: Grid, earlier: pd.DataFrame, number: int, findings: Findings
) -> None:
    """Warn of villages whose individuals of a group changed unlike those of other villages.

    Args:
        mobility: Schema `MOBILITY`, the groups of a village together.
        grid: Where its rows stand.
        earlier: Schema `MOBILITY`, of the earlier round.
        number: Which that was.
        findings: Where warnings are added.
    """
    columns = ["village_id", "group", "individuals"]
    before = earlier[columns].astype({"group": "string"}).drop_duplicates(["village_id", "group"])
    both = mobility[columns].astype({"group": "string"})
    both = both.merge(before, how="left", on=["village_id", "group"], suffixes=("", "_then"))
    now, then = (
        both[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("individuals", "individuals_then")
    )
    for position, group in enumerate(GROUPS):
        rows = np.arange(position, len(both), len(GROUPS))
        for at in rows[is_outlying_change(now[rows], then[rows])].tolist():
            counts = {"now": int(now[at]), "then": int(then[at])}
            findings.warning(
                FindingCode.OUTLIER,
                _CHANGED(group=POPULATION_GROUPS[group], number=number, **counts),
                **grid.spot(at, "individuals"),
                value=str(counts["now"]),
                suggestion=_LOOK(),
            )


def check_against_estimates(
    mobility: pd.DataFrame, villages: pd.DataFrame, estimates: pd.DataFrame, lines: Lines, findings: Findings
) -> None:
    """Warn of estimates of B1 that the villages of B2 do not bear out.

    Compared is the sum over the villages of a unit, with 10 added to either, where one of the two is `LEAST_INDIVIDUALS` or more. An estimate of
    a region as a whole is compared with all of its villages, unless some of its districts have one of their own. A sum with numbers that are not known
    is only ever too large.

    Args:
        mobility: Schema `MOBILITY`, the groups of a village together.
        villages: `adm1_pcode` and `adm2_pcode`, a row a village in the same order.
        estimates: One row a unit and group: `adm1_pcode`, `adm2_pcode`, `group` (a code), `individuals` (float64), `line` and `column`.
        lines: The numbers of rows.
        findings: Where warnings are added.
    """
    places = villages.loc[villages.index.repeat(len(GROUPS)), ["adm1_pcode", "adm2_pcode"]]
    said = places.reset_index(drop=True).assign(
        group=mobility["group"].astype("string"),
        added=mobility["individuals"].astype("float64"),
        is_open=mobility["individuals"].isna() & mobility["present"].fillna(value=True),
    )
    by_district = _sums(said.dropna(subset=["adm2_pcode"]), "adm2_pcode")
    by_region = _sums(said.dropna(subset=["adm1_pcode"]), "adm1_pcode")
    divided = set(estimates.loc[estimates["adm2_pcode"].notna(), "adm1_pcode"].dropna())
    is_whole = estimates["adm2_pcode"].isna()
    pairs = [
        (estimates[~is_whole], "adm2_pcode", by_district),
        (estimates[is_whole & ~estimates["adm1_pcode"].isin(divided)], "adm1_pcode", by_region),
    ]
    for expected, unit, sums in pairs:
        both = expected.merge(sums, how="inner", on=[unit, "group"])
        ratio = (both["added"] + _ADDED) / (both["individuals"] + _ADDED)
        is_large = both[["added", "individuals"]].max(axis=1) >= LEAST_INDIVIDUALS
        is_off = (ratio >= ESTIMATE_FACTOR) | ((ratio <= 1 / ESTIMATE_FACTOR) & ~both["is_open"])
        for at in np.flatnonzero(is_large & is_off & both["individuals"].notna()).tolist():
            row = both.iloc[at]
            counts = {"estimate": int(row["individuals"]), "added": int(row["added"])}
            findings.warning(
                FindingCode.OUTLIER,
                _OFF_ESTIMATE(group=POPULATION_GROUPS[row["group"]], **counts),
                **lines.spot(int(row["line"]), row["column"]),
                value=f"{counts['estimate']} ≠ {counts['added']}",
                suggestion=_LOOK(),
            )


def _sums(said: pd.DataFrame, unit: str) -> pd.DataFrame:
    return said.groupby([unit, "group"], as_index=False).agg(
        added=("added", "sum"), is_open=("is_open", "any")
    )
