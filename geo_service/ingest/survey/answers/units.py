"""The region and district that a row declares, as P-codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.crosswalk import decide_units, report_unused, unit_proposals
from geo_service.spatial.matching import match_units
from geo_service.vocabulary import AdminLevel
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.cells import Lines
    from geo_service.ingest.survey.crosswalk import Crosswalk
    from geo_service.spatial.matching import Proposal
    from geo_service.wording import Worded

__all__ = ["Declared", "declared_units", "report_unknown", "report_unresolved"]

_LEVELS = {q.REGION: AdminLevel.REGION, q.DISTRICT: AdminLevel.DISTRICT}
_P_CODE = r"^[A-Z]{3}\d{3,}$"

_NO_SUCH_UNIT = Wording(
    en="no unit is surely meant by '{said}'",
    ru="нельзя с уверенностью сказать, какая территория названа «{said}»",
    kk="«{said}» деп қай аумақ аталғанын сенімді айту мүмкін емес",
)
_BY_LOCATION = Wording(
    en="no unit is surely meant by '{said}'; the location decides for the villages that declare it ({count})",
    ru="нельзя с уверенностью сказать, какая территория названа «{said}»; для населённых пунктов, где она указана ({count}), решают координаты",
    kk="«{said}» деп қай аумақ аталғанын сенімді айту мүмкін емес; оны көрсеткен {count} елді мекен үшін координаттар шешеді",
)
_NEAREST = Wording(
    en="Write the P-code; it may be {proposals}",
    ru="Запишите P-код; возможно, это {proposals}",
    kk="P-кодты жазыңыз; бұл {proposals} болуы мүмкін",
)
_WRITE_THE_CODE = Wording(
    en="Write its P-code, or its name as the boundaries have it",
    ru="Запишите её P-код или название, как в границах",
    kk="Оның P-кодын немесе шекаралардағы атауын жазыңыз",
)
_NO_DISTRICTS = Wording(
    en="the boundaries hold no districts; only the region is known of the villages ({count})",
    ru="в границах нет районов; для населённых пунктов ({count}) известна только область",
    kk="шекараларда аудандар жоқ; {count} елді мекен үшін тек облыс белгілі",
)
_NO_UNITS = Wording(
    en="no boundaries are given; the units of the villages ({count}) are not known",
    ru="границы не заданы; область и район населённых пунктов ({count}) неизвестны",
    kk="шекаралар берілмеген; {count} елді мекеннің облысы мен ауданы белгісіз",
)
_ADD_BOUNDARIES = Wording(
    en="Give boundaries of that level, or write P-codes",
    ru="Задайте границы этого уровня или запишите P-коды",
    kk="Осы деңгейдегі шекараларды беріңіз немесе P-кодтарды жазыңыз",
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What units rows declare.

    Attributes:
        adm1_pcode: String, null where no region is surely meant; shape (n,), RangeIndex.
        adm2_pcode: Likewise of districts.
        region: What is declared and is none of the regions that can be told: the positions of the rows.
        district: Likewise of districts.
        proposals: What may be meant, by question and text.
        to_review: The same as rows of a crosswalk, of `CROSSWALK_COLUMNS`.
    """

    adm1_pcode: pd.Series
    adm2_pcode: pd.Series
    region: NDArray[np.intp]
    district: NDArray[np.intp]
    proposals: Mapping[tuple[str, str], tuple[Proposal, ...]]
    to_review: Sequence[pd.DataFrame]

    def part(self, start: int, stop: int) -> Declared:
        """What the rows from `start` to before `stop` declare."""
        adm1, adm2 = (
            one.iloc[start:stop].reset_index(drop=True) for one in (self.adm1_pcode, self.adm2_pcode)
        )
        region, district = (
            one[(one >= start) & (one < stop)] - start for one in (self.region, self.district)
        )
        return Declared(adm1, adm2, region, district, self.proposals, self.to_review)


def declared_units(
    places: pd.DataFrame, units: gpd.GeoDataFrame | None, crosswalk: Crosswalk | None, findings: Findings
) -> Declared:
    """Find the units that rows declare by P-code, KATO, ISO 3166-2 or name, as `match_units` does, a reviewer's decisions first.

    A P-code is taken as it is where the units do not hold its level: that of a district when it begins with that of its region.

    Args:
        places: `region` and `district` (string, null where nothing is declared), shape (n,), RangeIndex.
        units: Schema `ADMIN_UNITS`, regions and maybe districts; null for none.
        crosswalk: What was reviewed; null for nothing.
        findings: Where what is wrong with the crosswalk is added.
    """
    regions, districts = (_of_level(units, level) for level in _LEVELS.values())
    matched = _Matching(crosswalk, findings)
    adm1 = matched.codes(q.REGION, places[q.REGION], regions, None)
    adm2 = matched.codes(q.DISTRICT, places[q.DISTRICT], districts, adm1)
    if districts is None:
        adm2 = adm2.where(adm1.isna() | _starts_with(adm2, adm1))
    else:
        parent = pd.Series(districts["parent_pcode"].array, index=districts["pcode"].array)
        adm1 = adm1.fillna(pd.Series(parent.reindex(adm2.array).array, dtype="string"))
    if crosswalk is not None:
        report_unused(crosswalk, matched.decided_in, matched.decided_in.values(), findings)
    region, district = (
        np.flatnonzero(places[name].notna() & code.isna())
        for name, code in ((q.REGION, adm1), (q.DISTRICT, adm2))
    )
    return Declared(adm1, adm2, region, district, matched.proposals, matched.to_review)


@dataclass(frozen=True, slots=True)
class _Matching:
    """What is found level by level, and what was not."""

    crosswalk: Crosswalk | None
    findings: Findings
    proposals: dict[tuple[str, str], tuple[Proposal, ...]] = field(default_factory=dict)
    decided_in: dict[str, pd.Series] = field(default_factory=dict)
    to_review: list[pd.DataFrame] = field(default_factory=list)

    def codes(
        self, question: str, declared: pd.Series, units: gpd.GeoDataFrame | None, parents: pd.Series | None
    ) -> pd.Series:
        if units is None:
            written = declared.str.strip().str.upper()
            return written.where(written.str.match(_P_CODE))
        found = match_units(declared, units, parents)
        if self.crosswalk is not None:
            found = decide_units(found, declared, self.crosswalk, units, self.findings, parents)
            self.decided_in[_LEVELS[question]] = found["decided_in"]
        for text, may_be in zip(declared, found["proposals"], strict=True):
            if may_be:
                self.proposals[question, str(text)] = may_be
        self.to_review.append(unit_proposals(found, declared, _LEVELS[question], parents))
        return found["pcode"].reset_index(drop=True)


def _of_level(units: gpd.GeoDataFrame | None, level: AdminLevel) -> gpd.GeoDataFrame | None:
    if units is None:
        return None
    of_level = units[units["level"] == level.number]
    return of_level if len(of_level) else None


def _starts_with(code: pd.Series, start: pd.Series) -> pd.Series:
    same = [
        not pd.isna(one) and not pd.isna(other) and one.startswith(other)
        for one, other in zip(code, start, strict=True)
    ]
    return pd.Series(same, dtype=bool)


# What there is to say


def report_unknown(
    declared: Declared,
    places: pd.DataFrame,
    units: gpd.GeoDataFrame | None,
    lines: Lines,
    findings: Findings,
) -> None:
    """Add an error for each row of B1 that declares a unit which is not known, unless the boundaries do not hold its level.

    Args:
        declared: Of `declared_units`.
        places: As given there, with `line`; several rows of one line are one.
        units: As given there.
        lines: The numbers of rows.
        findings: Where errors are added.
    """
    for question, level in _LEVELS.items():
        if _of_level(units, level) is None:
            continue
        rows = places.loc[getattr(declared, question)].drop_duplicates("line")
        for line, said in zip(rows["line"], rows[question], strict=True):
            findings.error(
                FindingCode.UNKNOWN_UNIT,
                _NO_SUCH_UNIT(said=str(said)),
                **lines.spot(int(line), question),
                value=str(said),
                suggestion=_remedy(declared, question, str(said)),
            )


def report_unresolved(
    declared: Declared,
    places: pd.DataFrame,
    units: gpd.GeoDataFrame | None,
    is_located: NDArray[np.bool_],
    lines: Lines,
    findings: Findings,
) -> None:
    """Say of villages which units they declare that are not known: each is an error, unless its location decides.

    Where the boundaries do not hold a level at all, that is said once.

    Args:
        declared: Of `declared_units`.
        places: As given there, with `line`.
        units: As given there.
        is_located: Whether the unit that a village lies in is known, shape (n,).
        lines: The numbers of rows.
        findings: Where errors and warnings are added.
    """
    for question, level, message in (
        (q.REGION, AdminLevel.REGION, _NO_UNITS),
        (q.DISTRICT, AdminLevel.DISTRICT, _NO_DISTRICTS),
    ):
        rows = getattr(declared, question)
        if not len(rows):
            continue
        if _of_level(units, level) is None:
            spot = lines.spot(int(places["line"][rows[0]]), question) | {"row": None}
            findings.warning(
                FindingCode.UNKNOWN_UNIT, message(count=len(rows)), **spot, suggestion=_ADD_BOUNDARIES()
            )
            continue
        for said, of_said in places.loc[rows].groupby(question, sort=False).groups.items():
            _report_said(
                str(said), np.asarray(of_said), declared, places, question, is_located, lines, findings
            )


def _report_said(
    said: str,
    rows: NDArray[np.intp],
    declared: Declared,
    places: pd.DataFrame,
    question: str,
    is_located: NDArray[np.bool_],
    lines: Lines,
    findings: Findings,
) -> None:
    remedy = _remedy(declared, question, said)
    decided = rows[is_located[rows]]
    if len(decided):
        spot = lines.spot(int(places["line"][decided[0]]), question)
        message = _BY_LOCATION(said=said, count=len(decided))
        findings.warning(FindingCode.UNKNOWN_UNIT, message, **spot, value=said, suggestion=remedy)
    for at in rows[~is_located[rows]].tolist():
        spot = lines.spot(int(places["line"][at]), question)
        message = _NO_SUCH_UNIT(said=said)
        findings.error(FindingCode.UNKNOWN_UNIT, message, **spot, value=said, suggestion=remedy)


def _remedy(declared: Declared, question: str, said: str) -> Worded:
    may_be = declared.proposals.get((question, said), ())
    if not may_be:
        return _WRITE_THE_CODE()
    return _NEAREST(proposals=", ".join(f"{one.pcode} ({one.name}, {one.score:.0f})" for one in may_be))
