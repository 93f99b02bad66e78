"""A round as the answers that its forms would have brought in: frames with the names of the questions."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.errors import InputError
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.forms import YEARS_ASKED, Form, QuestionKind, b1_form, b2_form
from geo_service.vocabulary import Dimension, PopulationGroup, Service, moves_across_border

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.schemas import SurveyRound

__all__ = ["PARENT", "YES_NO", "Answers", "b1_answers", "b2_answers"]

PARENT = "_parent"
"""The column of a repeat that says to which submission a row belongs: its position, from 0."""

_WHOLE = "Int32"

YES_NO: Mapping[bool, str] = MappingProxyType({True: "yes", False: "no"})
"""How a file says whether something is so."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All submissions of one form.

    Attributes:
        form: What was asked.
        submissions: One row a submission, one column a question outside of repeats, in the order asked: counts as Int32, all else as
            string; null where there is no answer. A location is `latitude longitude altitude accuracy`.
        repeats: For each repeat one row an entry, in the order of the submissions: `PARENT` (int64) and its questions.
        submitted_on: The ISO date of each submission, string; null where none is known.
        ids: What tells the submissions apart, whatever their order: string, unique.
        synthetic: Which submissions are made up, shape (n,).
    """

    form: Form
    submissions: pd.DataFrame
    repeats: Mapping[str, pd.DataFrame]
    submitted_on: pd.Series
    ids: pd.Series
    synthetic: NDArray[np.bool_]


def b2_answers(survey: SurveyRound, units: gpd.GeoDataFrame | None = None) -> Answers:
    """What the form of B2 would have brought in, a submission a village; its code is the round's `village_id`.

    As the form has it, counts of a group that is not there are empty, and in a dimension that was answered a part of nobody is 0.

    Args:
        survey: Any round that is valid.
        units: Schema `ADMIN_UNITS`, for the choices of regions and districts.

    Raises:
        InputError: The round breaks a group down by something that the form does not ask.
    """
    breakdowns = survey.breakdowns
    years = breakdowns.loc[breakdowns["dimension"] == Dimension.YEAR, "code"].unique()
    asked = sorted({int(year) for year in years if year.isdecimal()} | set(YEARS_ASKED))
    form = b2_form(units, asked, survey.country)
    index = pd.Index(survey.villages["village_id"])
    mobility_at, parts_at, access_at, informants_at = (
        _positions(index, frame["village_id"])
        for frame in (survey.mobility, breakdowns, survey.reported_access, survey.key_informants)
    )
    count = len(index)
    columns = (
        _of_place(survey.villages)
        | _of_groups(survey.mobility, mobility_at, count)
        | _of_parts(form, breakdowns, parts_at, count)
        | _of_services(survey.reported_access, access_at, count)
    )
    return Answers(
        form,
        _in_order(form, columns, count),
        _repeats_of_b2(survey, informants_at, parts_at),
        survey.villages["interviewed_on"].reset_index(drop=True),
        survey.villages["village_id"].reset_index(drop=True),
        survey.villages["synthetic"].to_numpy(),
    )


def b1_answers(survey: SurveyRound, units: gpd.GeoDataFrame | None = None) -> Answers:
    """What the form of B1 would have brought in, a submission a district, or a region that was asked as a whole.

    Args:
        survey: Any round that is valid; one without B1 has no submissions.
        units: Schema `ADMIN_UNITS`, for the choices of regions and districts.
    """
    form = b1_form(units)
    estimates, to_visit = survey.district_estimates, survey.villages_to_visit
    codes = ["adm1_pcode", "adm2_pcode"]
    asked = pd.MultiIndex.from_frame(pd.concat([estimates[codes], to_visit[codes]]).fillna(""))
    districts = asked.unique()
    at, at_visit = np.split(districts.get_indexer(asked), [len(estimates)])
    days = pd.Series(pd.array([survey.collected_from] * len(districts), dtype="string"))
    columns = {
        q.INTERVIEW_DATE: days,
        q.REGION: _text(districts.get_level_values(0)),
        q.DISTRICT: _text(districts.get_level_values(1)),
    }
    for group in PopulationGroup:
        present, individuals = _of_group(estimates, at, group, len(districts), "present", "individuals")
        columns[q.group_question(group, "present")] = present.map(YES_NO)
        columns[q.estimate_question(group)] = individuals.where(present.fillna(value=False))
    rows = pd.DataFrame(
        {
            PARENT: at_visit,
            q.TO_VISIT_CODE: to_visit["village_code"].to_numpy(),
            q.TO_VISIT_NAME: to_visit["village_name"].to_numpy(),
        }
    )
    return Answers(
        form,
        _in_order(form, columns, len(districts)),
        {q.TO_VISIT: rows.sort_values(PARENT, kind="stable", ignore_index=True)},
        days,
        pd.Series(["-".join(one) for one in districts], dtype="string"),
        np.full(len(districts), survey.synthetic),
    )


def _positions(index: pd.Index, ids: pd.Series) -> NDArray[np.intp]:
    # Each id is looked up once: as a column they take little memory, as Python's strings much.
    at, unique = pd.factorize(ids)
    return np.asarray(index.get_indexer(unique)[at])


def _in_order(form: Form, columns: Mapping[str, pd.Series], count: int) -> pd.DataFrame:
    """A column for each question that is asked once a submission, empty where `columns` has none."""
    asked = {
        question.name: _WHOLE if question.kind is QuestionKind.INTEGER else "string"
        for sections, question in form.questions()
        if not any(section.repeats for section in sections)
    }
    nothing = pd.Series([pd.NA] * count)
    return pd.DataFrame({name: columns.get(name, nothing).astype(dtype) for name, dtype in asked.items()})


def _of_place(villages: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    places = villages.reset_index(drop=True)
    lat, lon = places.geometry.y.astype("string"), places.geometry.x.astype("string")
    return {
        q.INTERVIEW_DATE: places["interviewed_on"],
        q.REGION: places["adm1_pcode"],
        q.DISTRICT: places["adm2_pcode"],
        q.VILLAGE_CODE: places["village_id"],
        q.VILLAGE_NAME: places["village_name"],
        q.LOCATION: (lat + " " + lon + " 0 0").mask(places.geometry.isna()),
        q.VILLAGE_HOUSEHOLDS: places["households"],
        q.VILLAGE_POPULATION: places["population"],
    }


def _of_groups(mobility: pd.DataFrame, at: NDArray[np.intp], count: int) -> dict[str, pd.Series]:
    columns = {}
    for group in PopulationGroup:
        present, *counts = _of_group(mobility, at, group, count, "present", "individuals", "households")
        columns[q.group_question(group, "present")] = present.map(YES_NO)
        for what, values in zip(("individuals", "households"), counts, strict=True):
            columns[q.group_question(group, what)] = values.where(present.fillna(value=False))
    return columns


def _of_group(
    frame: pd.DataFrame, at: NDArray[np.intp], group: PopulationGroup, count: int, *names: str
) -> list[pd.Series]:
    is_group = (frame["group"] == group).to_numpy()
    rows = frame.loc[is_group, [*names]].set_axis(at[is_group]).reindex(range(count))
    return [rows[name] for name in names]


def _of_parts(form: Form, breakdowns: pd.DataFrame, at: NDArray[np.intp], count: int) -> dict[str, pd.Series]:
    rows_of = breakdowns.groupby(["group", "dimension"], observed=True).indices
    # Millions of rows have a few dozen codes: each is looked up once.
    code_at, codes = pd.factorize(breakdowns["code"])
    individuals = breakdowns["individuals"].to_numpy()
    asked = {sections[-1].name: sections[-1] for sections, _ in form.questions() if sections}
    columns: dict[str, pd.Series] = {}
    for (group, dimension), rows in rows_of.items():
        if dimension == Dimension.COUNTRY:
            continue
        section = f"{group}_{dimension}"
        questions = [one.name for one in asked[section].members]
        column = pd.Index(questions).get_indexer([f"{section}_{code}" for code in codes])[code_at[rows]]
        if (column < 0).any():
            unknown = ", ".join(sorted(codes[np.unique(code_at[rows][column < 0])]))
            raise InputError(f"the form of B2 does not ask {group} about {dimension} {unknown}")
        parts = np.zeros((count, len(questions)), dtype=np.int32)
        parts[at[rows], column] = individuals[rows]
        not_answered = np.ones(count, dtype=bool)
        not_answered[at[rows]] = False
        for number, name in enumerate(questions):
            columns[name] = pd.Series(pd.arrays.IntegerArray(parts[:, number].copy(), not_answered))
    return columns


def _of_services(reported: pd.DataFrame, at: NDArray[np.intp], count: int) -> dict[str, pd.Series]:
    columns = {}
    for service in Service:
        is_service = (reported["service"] == service).to_numpy()
        rows = reported.loc[is_service, ["present", "band"]].set_axis(at[is_service]).reindex(range(count))
        columns[q.presence_question(service)] = rows["present"].map(YES_NO)
        columns[q.band_question(service)] = rows["band"].astype("string")
    return columns


def _repeats_of_b2(
    survey: SurveyRound, informants_at: NDArray[np.intp], parts_at: NDArray[np.intp]
) -> dict[str, pd.DataFrame]:
    informants = survey.key_informants
    rows = pd.DataFrame(
        {
            PARENT: informants_at,
            q.INFORMANT_ROLE: informants["role"].astype("string").to_numpy(),
            q.INFORMANT_SEX: informants["sex"].astype("string").to_numpy(),
        }
    )
    repeats = {q.INFORMANTS: rows.loc[rows.index.repeat(informants["informants"])]}
    is_country = (survey.breakdowns["dimension"] == Dimension.COUNTRY).to_numpy()
    for group in filter(moves_across_border, PopulationGroup):
        is_asked = is_country & (survey.breakdowns["group"] == group).to_numpy()
        repeats[q.countries_repeat(group)] = pd.DataFrame(
            {
                PARENT: parts_at[is_asked],
                q.country_question(group): survey.breakdowns.loc[is_asked, "code"].to_numpy(),
                q.country_count_question(group): survey.breakdowns.loc[is_asked, "individuals"].to_numpy(),
            }
        )
    return {
        name: frame.sort_values(PARENT, kind="stable", ignore_index=True) for name, frame in repeats.items()
    }


def _text(values: pd.Index) -> pd.Series:
    text = pd.Series(values, dtype="string")
    return text.mask(text == "")
