"""What B1 says of each district, checked and with its units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.groups import GROUPS
from geo_service.ingest.survey.checks.groups import check_presence, said_present
from geo_service.wording import Wording

if TYPE_CHECKING:
    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.cells import Lines

__all__ = ["check_estimates", "settled_estimates"]

_NO_PLACE = Wording(
    en="neither a region nor a district is given",
    ru="не указаны ни область, ни район",
    kk="облыс та, аудан да көрсетілмеген",
)
_AGAIN = Wording(
    en="this district was submitted already, in row {row}",
    ru="этот район уже есть в строке {row}",
    kk="бұл аудан {row}-жолда бар",
)
_KEEP_ONE = Wording(
    en="Keep one of the two rows", ru="Оставьте одну из двух строк", kk="Екі жолдың бірін қалдырыңыз"
)


def check_estimates(estimates: pd.DataFrame, lines: Lines, findings: Findings) -> None:
    """Find districts without a place, districts that are there twice, and estimates that contradict the presence of a group.

    Args:
        estimates: Of `estimate_answers`, with `adm1_pcode` and `adm2_pcode` (string, null where not known).
        lines: The numbers of rows.
        findings: Where errors and warnings are added.
    """

    def spot(at: int) -> dict[str, Any]:
        return lines.spot(int(estimates["line"][at]), str(estimates["column"][at]))

    check_presence(estimates, np.zeros(len(estimates), dtype=bool), spot, findings)
    rows = estimates.drop_duplicates("line")
    is_nowhere = rows[q.REGION].isna() & rows[q.DISTRICT].isna()
    for line in rows.loc[is_nowhere, "line"].tolist():
        findings.error(FindingCode.MISSING_VALUE, _NO_PLACE(), **lines.spot(line, q.REGION))
    place = [
        estimates[pcode].fillna(estimates[declared].str.casefold()).fillna("")
        for pcode, declared in (("adm1_pcode", q.REGION), ("adm2_pcode", q.DISTRICT))
    ]
    first = estimates.groupby([*place, estimates["group"]])["line"].transform("first")
    is_again = (first != estimates["line"]) & estimates["line"].isin(rows.loc[~is_nowhere, "line"])
    again = estimates[is_again].drop_duplicates("line")
    for at, line in again["line"].items():
        question = q.REGION if pd.isna(again[q.DISTRICT][at]) else q.DISTRICT
        findings.error(
            FindingCode.DUPLICATE_SUBMISSION,
            _AGAIN(row=lines.title(int(first[at]), beside=int(line))),
            **lines.spot(int(line), question),
            value=str(again[question][at]),
            suggestion=_KEEP_ONE(),
        )


def settled_estimates(estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimates with what follows from them, a row a unit and group.

    Districts of a region that cannot be told apart, as the boundaries hold none, stand together for it.

    Returns:
        `adm1_pcode`, `adm2_pcode` (string), `group` (a code, categorical), `present` (boolean), `individuals` (Int64), and `line` (int64) and `column`
        (string) of the first statement.
    """
    is_there, is_absent = said_present(estimates)
    individuals = estimates["individuals"].to_numpy()
    is_there |= ~is_absent & (individuals > 0)
    is_absent |= ~is_there & (individuals == 0)
    rows = estimates.assign(
        is_there=is_there,
        is_known=is_there | is_absent,
        individuals=estimates["individuals"].mask(is_absent, 0),
    )
    added = rows.groupby(["adm1_pcode", "adm2_pcode", "group"], dropna=False, as_index=False).agg(
        is_there=("is_there", "any"),
        is_known=("is_known", "any"),
        individuals=("individuals", lambda counts: counts.sum(skipna=False)),
        line=("line", "first"),
        column=("column", "first"),
    )
    return pd.DataFrame(
        {
            "adm1_pcode": added["adm1_pcode"].astype("string"),
            "adm2_pcode": added["adm2_pcode"].astype("string"),
            "group": pd.Categorical.from_codes(
                added["group"].to_numpy(dtype=np.int64), categories=[str(one) for one in GROUPS]
            ),
            "present": added["is_there"].astype("boolean").where(added["is_known"].astype(bool)),
            "individuals": added["individuals"].astype("Int64"),
            "line": added["line"].astype("int64"),
            "column": added["column"].astype("string"),
        }
    )
