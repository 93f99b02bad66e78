"""The villages of a survey among the known villages: what is certain is taken, what is not is said with its candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.survey.crosswalk import VILLAGE_LEVEL, Crosswalk, decide, known_targets, report_unused
from geo_service.ingest.survey.questions import VILLAGE_CODE, VILLAGE_NAME
from geo_service.schemas import WGS84
from geo_service.spatial.crs import to_wgs84
from geo_service.spatial.gazetteer import FAR_APART_KM, NEAR_KM, Doubt, match_villages
from geo_service.spatial.names import name_key
from geo_service.vocabulary import PlaceMatch
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo_service.spatial.gazetteer import VillageProposal
    from geo_service.wording import Worded

    WhereIs = Callable[[int, str], tuple[Place, int | None, str]]

__all__ = ["place_villages"]

_UNMATCHED = Wording(
    en="'{name}' is none of the known villages there",
    ru="«{name}» нет среди известных населённых пунктов этой территории",
    kk="«{name}» осы аумақтағы белгілі елді мекендердің арасында жоқ",
)
_CORRECT_IT = Wording(
    en="Correct its code or name, or add it to the list of known villages",
    ru="Исправьте код или название либо добавьте его в список известных населённых пунктов",
    kk="Кодын немесе атауын түзетіңіз, не оны белгілі елді мекендер тізіміне қосыңыз",
)
_PROPOSED = Wording(
    en="'{name}' is not surely a known village; the likeliest, with scores of 100: {candidates}",
    ru="нельзя с уверенностью сказать, какой населённый пункт назван «{name}»; вероятнее всего, с оценкой из 100: {candidates}",
    kk="«{name}» деп қай елді мекен аталғанын сенімді айту мүмкін емес; ең ықтималдары, 100-ден бағасымен: {candidates}",
)
_ACCEPT_IT = Wording(
    en="Accept one of them in a crosswalk file, or correct the name",
    ru="Примите один из них в таблице соответствия или исправьте название",
    kk="Сәйкестік кестесінде олардың бірін қабылдаңыз немесе атауын түзетіңіз",
)
_DOUBTS = {
    Doubt.NAMESAKES: Wording(
        en="several known villages there are called '{name}': {candidates}",
        ru="там несколько известных населённых пунктов с названием «{name}»: {candidates}",
        kk="ол жерде «{name}» деп аталатын бірнеше белгілі елді мекен бар: {candidates}",
    ),
    Doubt.SHARED: Wording(
        en="'{name}' is not the only row that may be this known village: {candidates}",
        ru="«{name}» — не единственная строка, которая может означать этот населённый пункт: {candidates}",
        kk="«{name}» — осы елді мекенді білдіруі мүмкін жалғыз жол емес: {candidates}",
    ),
    Doubt.FAR_APART: Wording(
        en="the known village called '{name}' lies over {far_km} km from the place that was given: {candidates}",
        ru="известный населённый пункт «{name}» находится дальше {far_km} км от указанного места: {candidates}",
        kk="«{name}» деп аталатын белгілі елді мекен көрсетілген жерден {far_km} км-ден алыс орналасқан: {candidates}",
    ),
    Doubt.NEIGHBOURS: Wording(
        en="several known villages lie within {near_km} km of '{name}': {candidates}",
        ru="в пределах {near_km} км от «{name}» несколько известных населённых пунктов: {candidates}",
        kk="«{name}» маңында {near_km} км ішінде бірнеше белгілі елді мекен бар: {candidates}",
    ),
    Doubt.CODE_OF_ANOTHER: Wording(
        en="the code is that of the known village '{known}', and '{name}' is the name of another one there; the code counts",
        ru="код относится к известному населённому пункту «{known}», а «{name}» — название другого; учитывается код",
        kk="код белгілі «{known}» елді мекенінікі, ал «{name}» — басқасының атауы; код есепке алынады",
    ),
}
_NAMELESS = Wording(
    en="a village without a name", ru="населённый пункт без названия", kk="атауы жоқ елді мекен"
)


def place_villages(
    villages: pd.DataFrame,
    gazetteer: gpd.GeoDataFrame | None,
    crosswalk: Crosswalk | None,
    findings: Findings,
    at: WhereIs,
) -> gpd.GeoDataFrame:
    """Recognise each village of a survey among the known ones, as `match_villages` does, a reviewer's decisions first.

    What is not certain is a warning with its candidates (`proposed_match`, `ambiguous_match`), as is what nothing is like
    (`unmatched_village`); without a gazetteer nobody is warned.

    Args:
        villages: A row a village, RangeIndex: `village_code`, `village_name`, `adm1_pcode`, `adm2_pcode` (string, null where not known) and `geometry`
            (points in any CRS) or `lon` and `lat` (degrees, NaN where not known).
        gazetteer: The known villages, schema `VILLAGES`, with `adm1_pcode` and `adm2_pcode` (`locate` gives them) and, where known, `name_en`, `name_ru`,
            `name_kk`, `pcode`, `kato`; null when none are given.
        crosswalk: What was reviewed; null for nothing. Without a gazetteer the ids in it are taken as they are.
        findings: Where warnings and errors are added.
        at: Says for a position in `villages` and a question (`village_code`, `village_name`) the file, row and header to name.

    Returns:
        `villages` with `village_id` (string: that of the known village; else its own code; else the P-code of its district and its name made comparable;
        null where it has neither code nor name), `village_name` (as declared, else as known), `matched_by` (category, all of `PlaceMatch`), `proposals`
        (a tuple of `VillageProposal`, for `village_proposals`) and `geometry` in WGS84, that of the known village where it had none.
    """
    placed = _with_points(villages)
    rules = None
    if crosswalk is not None:
        rules = (
            crosswalk.of_level(VILLAGE_LEVEL)
            if gazetteer is None
            else known_targets(crosswalk, VILLAGE_LEVEL, gazetteer["village_id"], findings)
        )
    decided = pd.Series(pd.NA, index=placed.index, dtype="string")
    if rules is not None and crosswalk is not None:
        decisions = decide(
            rules,
            placed["village_code"],
            placed["village_name"],
            (placed["adm2_pcode"], placed["adm1_pcode"]),
        )
        report_unused(crosswalk, [VILLAGE_LEVEL], [decisions["decided_in"]], findings)
        decided = decisions["matched_code"]
    if gazetteer is None:
        by = pd.Series(
            np.where(decided.notna(), PlaceMatch.CROSSWALK, PlaceMatch.UNMATCHED), index=placed.index
        )
        nothing = pd.Series([()] * len(placed), index=placed.index, dtype=object)
        return _described(placed, decided, by, nothing)
    found = match_villages(placed, gazetteer, decided)
    known = gazetteer.reset_index(drop=True).reindex(found["known"].astype("float64"))
    known = known.set_axis(placed.index)
    placed["village_name"] = placed["village_name"].fillna(known["village_name"])
    placed["geometry"] = placed.geometry.where(
        placed.geometry.notna(), to_wgs84(known.geometry, "the known villages")
    )
    by = found["by"].fillna(PlaceMatch.UNMATCHED.value)
    placed = _described(placed, known["village_id"], by, found["proposals"])
    _report(placed, found["doubt"], known["village_name"], findings, at)
    return placed


def _with_points(villages: pd.DataFrame) -> gpd.GeoDataFrame:
    """A copy with a geometry in WGS84, made of `lon` and `lat` where it has none."""
    if "geometry" in villages:
        return to_wgs84(gpd.GeoDataFrame(villages), "the villages").copy()
    points = gpd.points_from_xy(villages["lon"].astype("float64"), villages["lat"].astype("float64"))
    geometry = gpd.GeoSeries(points, index=villages.index, crs=WGS84).where(villages["lon"].notna(), None)
    return gpd.GeoDataFrame(villages.copy(), geometry=geometry, crs=WGS84)


def _described(
    placed: gpd.GeoDataFrame, known_id: pd.Series, by: pd.Series, proposals: pd.Series
) -> gpd.GeoDataFrame:
    village_id = known_id.fillna(placed["village_code"].str.strip())
    return placed.assign(
        village_id=village_id.fillna(_id_by_name(placed[village_id.isna()])),
        matched_by=pd.Categorical(by, categories=[one.value for one in PlaceMatch]),
        proposals=proposals,
    )


def _id_by_name(placed: gpd.GeoDataFrame) -> pd.Series:
    """`KAZ014001:janaozen`, the same however the name is spelled; null where there is no name."""
    key = placed["village_name"].map(name_key, na_action="ignore").astype("string").replace("", pd.NA)
    around = placed["adm2_pcode"].fillna(placed["adm1_pcode"])
    return (around + ":").fillna("") + key


def _report(
    placed: gpd.GeoDataFrame, doubts: pd.Series, known_name: pd.Series, findings: Findings, at: WhereIs
) -> None:
    is_unmatched = placed["matched_by"] == PlaceMatch.UNMATCHED.value
    rows = np.flatnonzero(is_unmatched | doubts.notna())
    columns = (placed["village_name"], placed["village_code"], doubts, known_name, placed["proposals"])
    for row, name, code, doubt, known, proposals in zip(
        rows.tolist(), *(column.iloc[rows].tolist() for column in columns), strict=True
    ):
        question, said = (VILLAGE_CODE, code) if pd.isna(name) else (VILLAGE_NAME, name)
        if pd.isna(said) and pd.isna(doubt):
            continue
        place, line, column = at(row, question)
        value = None if pd.isna(said) else str(said)
        about, message, remedy = _worded(
            value or _NAMELESS(), None if pd.isna(doubt) else Doubt(doubt), proposals, str(known)
        )
        findings.warning(about, message, place, row=line, column=column, value=value, suggestion=remedy)


def _worded(
    name: str, doubt: Doubt | None, proposals: Sequence[VillageProposal], known: str
) -> tuple[FindingCode, Worded, Worded]:
    """What there is to say of a village, and what to do about it."""
    candidates = ", ".join(map(_shown, proposals))
    if doubt is not None:
        message = _DOUBTS[doubt](
            name=name, candidates=candidates, known=known, far_km=f"{FAR_APART_KM:g}", near_km=f"{NEAR_KM:g}"
        )
        remedy = _CORRECT_IT if doubt is Doubt.CODE_OF_ANOTHER else _ACCEPT_IT
        return FindingCode.AMBIGUOUS_MATCH, message, remedy()
    if proposals:
        return FindingCode.PROPOSED_MATCH, _PROPOSED(name=name, candidates=candidates), _ACCEPT_IT()
    return FindingCode.UNMATCHED_VILLAGE, _UNMATCHED(name=name), _CORRECT_IT()


def _shown(proposal: VillageProposal) -> str:
    far = "" if proposal.distance_km is None else f", {proposal.distance_km:g} km"
    return f"{proposal.name} ({proposal.village_id}: {proposal.score:g}{far})"
