"""Survey rounds as the sheets that a reader makes of their files, in both layouts. What tests put into them is made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from rounds import small_round

from geo_service.findings import Place
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.raw import KEY, SUBMITTED_AT, RawSurvey, SurveySheet
from geo_service.vocabulary import Dimension, PopulationGroup

FIRST_ROW = 3
"""Of every sheet here: there is a header and a row of tags."""


def sheet(frame: pd.DataFrame, name: str) -> SurveySheet:
    """A sheet of text whose headers are the questions with `Q: ` before them."""
    return SurveySheet(
        frame.astype("string").reset_index(drop=True),
        np.arange(len(frame), dtype=np.int64) + FIRST_ROW,
        Place("survey.xlsx", name),
        {column: f"Q: {column}" for column in frame.columns},
    )


def wide(survey) -> RawSurvey:
    """The layout of a phone's form: a column a question, repeats for informants, countries and the villages to visit."""
    main = _places(survey).set_index(KEY)
    columns = {}
    for one in survey.mobility.itertuples():
        columns.setdefault(q.group_question(one.group, "present"), {})[one.village_id] = _yes_no(one.present)
        columns.setdefault(q.group_question(one.group, "individuals"), {})[one.village_id] = one.individuals
        columns.setdefault(q.group_question(one.group, "households"), {})[one.village_id] = one.households
    is_country = survey.breakdowns["dimension"] == Dimension.COUNTRY
    for one in survey.breakdowns[~is_country].itertuples():
        part = q.part_question(one.group, one.dimension, one.code)
        columns.setdefault(part, {})[one.village_id] = one.individuals
    for one in survey.reported_access.itertuples():
        columns.setdefault(q.presence_question(one.service), {})[one.village_id] = _yes_no(one.present)
        columns.setdefault(q.band_question(one.service), {})[one.village_id] = one.band
    answers = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    main = main.join(answers.reindex(main.index)).reset_index()

    people = survey.key_informants.loc[
        survey.key_informants.index.repeat(survey.key_informants["informants"])
    ]
    repeats = {
        q.INFORMANTS: (
            sheet(
                pd.DataFrame(
                    {
                        KEY: people["village_id"],
                        q.INFORMANT_ROLE: people["role"],
                        q.INFORMANT_SEX: people["sex"],
                    }
                ),
                q.INFORMANTS,
            ),
        )
    }
    for group in PopulationGroup:
        rows = survey.breakdowns[is_country & (survey.breakdowns["group"] == group)]
        name = q.countries_repeat(group)
        frame = {
            KEY: rows["village_id"],
            q.country_question(group): rows["code"],
            q.country_count_question(group): rows["individuals"],
        }
        repeats[name] = (sheet(pd.DataFrame(frame), name),)
    return RawSurvey(
        villages=(sheet(main, "B2"),), repeats=repeats, **_wide_districts(survey), sources=survey.sources
    )


def long(survey) -> RawSurvey:
    """The plain layout: a row a statement."""
    services = survey.reported_access.assign(present=survey.reported_access["present"].map(_yes_no))
    mobility = survey.mobility.assign(present=survey.mobility["present"].map(_yes_no))
    frames = {
        "key_informants": survey.key_informants,
        "mobility": mobility,
        "breakdowns": survey.breakdowns,
        "services": services,
    }
    estimates = survey.district_estimates.rename(columns={"adm1_pcode": q.REGION, "adm2_pcode": q.DISTRICT})
    estimates = estimates.assign(present=estimates["present"].map(_yes_no))
    estimates.insert(0, KEY, [f"b1-{at}" for at in range(len(estimates))])
    visits = survey.villages_to_visit.rename(columns={"adm1_pcode": q.REGION, "adm2_pcode": q.DISTRICT})
    visits = visits.assign(**{KEY: [f"visit-{at}" for at in range(len(visits))]})
    return RawSurvey(
        villages=(sheet(_places(survey), "villages"),),
        long={
            name: (sheet(frame.rename(columns={"village_id": KEY}), name),) for name, frame in frames.items()
        },
        districts=(sheet(estimates, "district_estimates"),),
        to_visit=(sheet(visits, "villages_to_visit"),),
        sources=survey.sources,
    )


def changed(raw: RawSurvey, name: str, at: int, question: str, value: str | None) -> RawSurvey:
    """The survey with another value in one cell of its sheet `name`; a column that is not there is made."""

    def put(one: SurveySheet) -> SurveySheet:
        if one.place.layer != name:
            return one
        frame = one.frame.copy()
        if question not in frame:
            frame[question] = pd.Series(pd.NA, index=frame.index, dtype="string")
        frame.loc[at, question] = pd.NA if value is None else value
        return SurveySheet(frame, one.rows, one.place, one.headers)

    return each_sheet(raw, put)


def more_rows(raw: RawSurvey, name: str, rows: list[dict[str, str]]) -> RawSurvey:
    """The survey with rows more at the end of its sheet `name`."""

    def put(one: SurveySheet) -> SurveySheet:
        if one.place.layer != name:
            return one
        return sheet(pd.concat([one.frame, pd.DataFrame(rows, dtype="string")], ignore_index=True), name)

    return each_sheet(raw, put)


def each_sheet(raw: RawSurvey, put) -> RawSurvey:
    """The survey with every sheet as `put` makes it."""
    return RawSurvey(
        villages=tuple(map(put, raw.villages)),
        repeats={name: tuple(map(put, sheets)) for name, sheets in raw.repeats.items()},
        long={name: tuple(map(put, sheets)) for name, sheets in raw.long.items()},
        districts=tuple(map(put, raw.districts)),
        to_visit=tuple(map(put, raw.to_visit)),
        sources=raw.sources,
    )


def sheets_of(raw: RawSurvey) -> list[SurveySheet]:
    """Every sheet."""
    found: list[SurveySheet] = []
    each_sheet(raw, lambda one: found.append(one) or one)
    return found


def _places(survey) -> pd.DataFrame:
    villages = survey.villages
    return pd.DataFrame(
        {
            KEY: villages["village_id"],
            SUBMITTED_AT: villages["interviewed_on"] + "T18:05:00",
            q.VILLAGE_CODE: villages["village_id"],
            q.VILLAGE_NAME: villages["village_name"],
            q.REGION: villages["adm1_pcode"],
            q.DISTRICT: villages["adm2_pcode"],
            q.INTERVIEW_DATE: villages["interviewed_on"],
            q.LONGITUDE: villages.geometry.x,
            q.LATITUDE: villages.geometry.y,
            q.VILLAGE_HOUSEHOLDS: villages["households"],
            q.VILLAGE_POPULATION: villages["population"],
            q.SYNTHETIC: villages["synthetic"].map(_yes_no),
        }
    )


def _wide_districts(survey) -> dict[str, tuple[SurveySheet, ...]]:
    estimates = survey.district_estimates
    keys = estimates["adm1_pcode"] + "/" + estimates["adm2_pcode"]
    main = pd.DataFrame({KEY: keys, q.REGION: estimates["adm1_pcode"], q.DISTRICT: estimates["adm2_pcode"]})
    main = main.drop_duplicates(KEY).set_index(KEY)
    for group in PopulationGroup:
        rows = estimates[estimates["group"] == group].set_index(keys[estimates["group"] == group])
        main[q.group_question(group, "present")] = rows["present"].map(_yes_no)
        main[q.estimate_question(group)] = rows["individuals"]
    visits = survey.villages_to_visit
    rows = {
        KEY: visits["adm1_pcode"] + "/" + visits["adm2_pcode"],
        q.TO_VISIT_CODE: visits["village_code"],
        q.TO_VISIT_NAME: visits["village_name"],
    }
    return {
        "districts": (sheet(main.reset_index(), "B1"),),
        "to_visit": (sheet(pd.DataFrame(rows), q.TO_VISIT),),
    }


def _yes_no(present: object) -> str | None:
    return None if pd.isna(present) else "yes" if present else "no"


def clean_round(villages: int = 8, seed: int = 3):
    """A made-up round with nothing to find: `small_round` whose reasons cover everybody and whose B1 expected just what B2 found."""
    survey = small_round(villages, seed)
    parts = survey.breakdowns
    key = ["village_id", "group"]
    reasons = parts[parts["dimension"] == Dimension.REASON].groupby(key, observed=True)["individuals"].sum()
    total = survey.mobility.set_index(key)["individuals"].reindex(reasons.index).astype("int64")
    rest = (total - reasons)[total > reasons].reset_index().assign(dimension="reason", code="unknown")
    parts = pd.concat([parts.astype({"group": str, "dimension": str}), rest], ignore_index=True)
    parts = parts.groupby([*key, "dimension", "code"], as_index=False)["individuals"].sum()
    district = survey.villages.set_index("village_id")["adm2_pcode"]
    mobility = survey.mobility.assign(adm2_pcode=survey.mobility["village_id"].map(district))
    found = mobility.groupby(["adm2_pcode", "group"], observed=True)["individuals"].sum()
    estimates = survey.district_estimates.set_index(["adm2_pcode", "group"])
    estimates["individuals"] = found.reindex(estimates.index).fillna(0)
    estimates["present"] = estimates["individuals"] > 0
    return replace(
        survey,
        villages=survey.villages.assign(
            synthetic=False, population=survey.villages["households"] + 3000
        ).assign(households=lambda one: one["households"] + 2500),
        breakdowns=parts,
        district_estimates=estimates.reset_index(),
    )
