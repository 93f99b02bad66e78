"""A survey round from the sheets of its files: answers read, places recognised, everything checked in one pass."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.districts import day_answers, estimate_answers, visit_answers
from geo_service.ingest.survey.answers.groups import GROUPS, SERVICES, mobility_answers, service_answers
from geo_service.ingest.survey.answers.informants import informant_answers
from geo_service.ingest.survey.answers.parts import part_answers
from geo_service.ingest.survey.answers.reading import NOWHERE, Reading
from geo_service.ingest.survey.answers.units import declared_units, report_unknown, report_unresolved
from geo_service.ingest.survey.answers.villages import village_answers
from geo_service.ingest.survey.checks.districts import check_estimates, settled_estimates
from geo_service.ingest.survey.checks.groups import (
    check_mobility,
    check_services,
    settled_mobility,
    settled_services,
)
from geo_service.ingest.survey.checks.outliers import check_against_earlier, check_against_estimates
from geo_service.ingest.survey.checks.parts import check_parts, groups_with_parts, settled_parts
from geo_service.ingest.survey.checks.places import check_declared, check_known, lying_in, settled_units
from geo_service.ingest.survey.checks.villages import (
    check_days,
    check_informants,
    check_same_village,
    check_submissions,
    check_twice,
)
from geo_service.ingest.survey.crosswalk import village_proposals
from geo_service.ingest.survey.places import place_villages
from geo_service.schemas import WGS84, SurveyRound
from geo_service.vocabulary import Band, InformantRole, Service, Sex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from enum import StrEnum

    from numpy.typing import NDArray

    from geo_service.findings import Findings, Place
    from geo_service.ingest.survey.answers.grid import Grid
    from geo_service.ingest.survey.answers.parts import Parts
    from geo_service.ingest.survey.answers.units import Declared
    from geo_service.ingest.survey.crosswalk import Crosswalk
    from geo_service.ingest.survey.raw import RawSurvey

__all__ = ["assemble_round"]


def assemble_round(
    raw: RawSurvey,
    *,
    number: int,
    country: str,
    units: gpd.GeoDataFrame | None,
    findings: Findings,
    today: date,
    gazetteer: gpd.GeoDataFrame | None = None,
    crosswalk: Crosswalk | None = None,
    earlier: SurveyRound | None = None,
    proposals: list[pd.DataFrame] | None = None,
) -> SurveyRound:
    """Make the frames of a round and find all that is wrong or doubtful in its sheets.

    Args:
        raw: The sheets.
        number: Which round.
        country: ISO 3166-1 alpha-3.
        units: Schema `ADMIN_UNITS`, regions and, where they are known, districts; null for none, and then only P-codes are understood.
        findings: Where everything is added. With an error among it the round is there to be looked at, not to be kept.
        today: No interview can have been later.
        gazetteer: The villages that are known, as `place_villages` takes them; null when none are given.
        crosswalk: What a reviewer decided about names; null for nothing.
        earlier: The round to compare with; null for none.
        proposals: Where the candidates for units and villages that were not recognised are added, of `CROSSWALK_COLUMNS`; null for nowhere.

    Returns:
        The round, which fits its schemas. A village that was submitted again is in it once, as in its first row.
    """
    reading = Reading.of(raw, findings)
    answers, to_review = _placed(_answers(reading), reading, units, crosswalk)
    is_again = _check(answers, reading, today)
    villages = place_villages(answers.villages, gazetteer, crosswalk, findings, _spots(reading))
    is_again = check_same_village(villages, is_again, reading.lines, findings)
    if proposals is not None:
        proposals.extend([village_proposals(villages), *to_review])

    village_id = _ids(villages)
    mobility = settled_mobility(answers.mobility, groups_with_parts(answers.parts, len(villages)))
    mobility.insert(0, "village_id", village_id.repeat(len(GROUPS)).reset_index(drop=True))
    estimates = settled_estimates(answers.estimates)
    check_against_estimates(mobility, villages, estimates, reading.lines, findings)
    if earlier is not None:
        check_against_earlier(mobility, answers.groups_at, earlier.mobility, earlier.number, findings)
    days = villages["interviewed_on"].dropna()
    return SurveyRound(
        number=number,
        country=country,
        collected_from=None if days.empty else str(days.min()),
        collected_to=None if days.empty else str(days.max()),
        villages=_villages(villages, village_id)[~is_again].reset_index(drop=True),
        key_informants=_key_informants(answers.informants, village_id, is_again),
        mobility=mobility[~is_again.repeat(len(GROUPS))].reset_index(drop=True),
        breakdowns=_breakdowns(settled_parts(answers.parts), village_id, is_again),
        reported_access=_reported_access(settled_services(answers.services), village_id, is_again),
        district_estimates=estimates.drop(columns=["line", "column"]),
        villages_to_visit=answers.visits[["adm1_pcode", "adm2_pcode", "village_code", "village_name"]],
        sources=raw.sources,
    )


# Answers


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a survey says, as the functions of the same names return it."""

    villages: pd.DataFrame
    informants: pd.DataFrame
    mobility: pd.DataFrame
    groups_at: Grid
    services: pd.DataFrame
    services_at: Grid
    parts: Parts
    estimates: pd.DataFrame
    visits: pd.DataFrame


def _answers(reading: Reading) -> _Answers:
    return _Answers(
        village_answers(reading),
        informant_answers(reading),
        *mobility_answers(reading),
        *service_answers(reading),
        part_answers(reading),
        estimate_answers(reading),
        visit_answers(reading),
    )


def _check(answers: _Answers, reading: Reading, today: date) -> NDArray[np.bool_]:
    """Find what is wrong with the answers themselves; which villages are submitted again, shape (n,)."""
    villages, lines, findings = answers.villages, reading.lines, reading.findings
    check_submissions(villages, lines, findings)
    check_days(villages, villages.index.to_numpy(), lines, findings, today)
    held = day_answers(reading)
    check_days(held, held["line"].to_numpy(), lines, findings, today)
    has_parts = groups_with_parts(answers.parts, len(villages))
    check_mobility(answers.mobility, answers.groups_at, villages, has_parts, findings)
    check_parts(answers.parts, answers.mobility, answers.groups_at, findings, today)
    check_services(answers.services, answers.services_at, findings)
    check_estimates(answers.estimates, lines, findings)
    is_again = check_twice(villages, lines, findings)
    check_informants(answers.informants, is_again, lines, findings)
    return is_again


# Places


def _placed(
    answers: _Answers, reading: Reading, units: gpd.GeoDataFrame | None, crosswalk: Crosswalk | None
) -> tuple[_Answers, Sequence[pd.DataFrame]]:
    """The answers with `adm1_pcode` and `adm2_pcode`, what is wrong with them found; and the candidates for units that are not known."""
    lines, findings, villages = reading.lines, reading.findings, answers.villages
    frames = [villages.assign(line=villages.index), answers.estimates, answers.visits]
    places = [frame[["line", q.REGION, q.DISTRICT]] for frame in frames]
    declared = declared_units(pd.concat(places, ignore_index=True), units, crosswalk, findings)
    ends = np.cumsum([0, *map(len, frames)])
    of_villages, of_estimates, of_visits = (
        declared.part(start, stop) for start, stop in itertools.pairwise(ends.tolist())
    )
    lying = lying_in(villages, units)
    is_located = (lying.adm1_pcode.notna() | lying.adm2_pcode.notna()).to_numpy(dtype=bool)
    report_unresolved(of_villages, places[0], units, is_located, lines, findings)
    report_unknown(of_estimates, places[1], units, lines, findings)
    if units is not None:
        check_declared(of_villages, lying, units, lines, findings)
    adm1, adm2 = settled_units(of_villages, lying)
    villages = villages.assign(adm1_pcode=adm1, adm2_pcode=adm2)
    check_known(villages, units, lines, findings)
    estimates, visits = _declared(answers.estimates, of_estimates), _declared(answers.visits, of_visits)
    return replace(answers, villages=villages, estimates=estimates, visits=visits), declared.to_review


def _declared(frame: pd.DataFrame, declared: Declared) -> pd.DataFrame:
    return frame.assign(adm1_pcode=declared.adm1_pcode, adm2_pcode=declared.adm2_pcode)


def _spots(reading: Reading) -> Callable[[int, str], tuple[Place, int | None, str]]:
    def at(village: int, question: str) -> tuple[Place, int | None, str]:
        spot = reading.lines.spot(village, question)
        return spot["place"], spot["row"], spot["column"]

    return at


def _ids(placed: pd.DataFrame) -> pd.Series:
    """The id of each village; one of its row where it has neither name nor code, which is an error."""
    stand_in = "row " + pd.Series(np.arange(len(placed)), dtype="int64").astype("string")
    return placed["village_id"].astype("string").reset_index(drop=True).fillna(stand_in)


# Frames


def _villages(placed: gpd.GeoDataFrame, village_id: pd.Series) -> gpd.GeoDataFrame:
    frame = {
        "village_id": village_id,
        "village_name": placed["village_name"],
        "households": placed["households"].astype("Int64"),
        "adm1_pcode": placed["adm1_pcode"].astype("string"),
        "adm2_pcode": placed["adm2_pcode"].astype("string"),
        "population": placed["population"].astype("Int64"),
        "interviewed_on": placed["interviewed_on"],
        "matched_by": placed["matched_by"],
        "synthetic": placed["synthetic"],
    }
    return gpd.GeoDataFrame(frame, geometry=placed.geometry, crs=WGS84)


def _key_informants(
    informants: pd.DataFrame, village_id: pd.Series, is_again: NDArray[np.bool_]
) -> pd.DataFrame:
    is_usable = (informants["role"] != NOWHERE) & (informants["informants"] > 0)
    rows = informants[is_usable & ~is_again[informants["village"]]]
    added = rows.groupby(["village", "role", "sex"], as_index=False)["informants"].sum()
    return pd.DataFrame(
        {
            "village_id": village_id.iloc[added["village"]].reset_index(drop=True),
            "role": _coded(added["role"], InformantRole),
            "sex": _coded(added["sex"], Sex),
            "informants": added["informants"].astype("int64"),
        }
    )


def _breakdowns(parts: pd.DataFrame, village_id: pd.Series, is_again: NDArray[np.bool_]) -> pd.DataFrame:
    parts.insert(0, "village_id", village_id.iloc[parts["village"]].reset_index(drop=True))
    return parts[~is_again[parts["village"]]].drop(columns="village").reset_index(drop=True)


def _reported_access(
    services: pd.DataFrame, village_id: pd.Series, is_again: NDArray[np.bool_]
) -> pd.DataFrame:
    width = len(SERVICES)
    frame = pd.DataFrame(
        {
            "village_id": village_id.repeat(width).reset_index(drop=True),
            "service": _coded(np.tile(np.arange(width), len(village_id)), Service),
            "present": services["present"],
            "band": pd.Categorical(services["band"], categories=[str(band) for band in Band], ordered=True),
        }
    )
    return frame[~is_again.repeat(width)].reset_index(drop=True)


def _coded(positions: pd.Series | NDArray[np.int64], codes: type[StrEnum]) -> pd.Categorical:
    return pd.Categorical.from_codes(np.asarray(positions), categories=[str(code) for code in codes])
