"""What B1 says: the estimate of each group in each district, and the villages to visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import counts, days, stacked, whole_column, yes_no
from geo_service.ingest.survey.answers.choices import GROUP_WORDS
from geo_service.ingest.survey.answers.groups import GROUPS
from geo_service.ingest.survey.answers.reading import NOWHERE, chosen
from geo_service.ingest.survey.raw import KEY, SUBMITTED_AT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.ingest.survey.answers.reading import Reading
    from geo_service.ingest.survey.raw import SurveySheet

__all__ = ["day_answers", "estimate_answers", "visit_answers"]

_LONG_COLUMN = "group"
_PLACE = (q.REGION, q.DISTRICT)


def estimate_answers(reading: Reading) -> pd.DataFrame:
    """The estimates of B1 in both layouts.

    Returns:
        One row a statement on a group: `line` (int64), `region`, `district` (string), `group` (int64, position in `GROUPS`), `present`
        (boolean), `individuals` (float64), `is_bad` (bool: what stands for the individuals is no number), and `present_column`,
        `column` (string: the questions under which presence and individuals stand).
    """
    sheets = reading.raw.districts
    wide = [sheet for sheet in sheets if _LONG_COLUMN not in sheet.frame]
    long = [sheet for sheet in sheets if _LONG_COLUMN in sheet.frame]
    frame = pd.concat([_wide(reading, wide), _long(reading, long)], ignore_index=True)
    is_said = frame["present"].notna() | frame["individuals"].notna() | frame["is_bad"]
    return frame[is_said].reset_index(drop=True)


def _wide(reading: Reading, sheets: Sequence[SurveySheet]) -> pd.DataFrame:
    places = _places(reading, sheets)
    asked = {
        "present": [q.group_question(group, "present") for group in GROUPS],
        "column": [q.estimate_question(group) for group in GROUPS],
    }
    rows = places.loc[places.index.repeat(len(GROUPS))].reset_index(drop=True)
    rows["group"] = np.tile(np.arange(len(GROUPS)), len(places))
    position = pd.Series(np.arange(len(places)) * len(GROUPS), index=places["line"])

    cells = stacked(reading.lines, sheets, asked["present"])
    said = yes_no(cells, reading.lines, reading.findings)
    present = np.full(len(rows), None, dtype=object)
    present[position.reindex(cells.line).to_numpy() + cells.asked] = said.to_numpy(dtype=object)
    cells = stacked(reading.lines, sheets, asked["column"])
    at = position.reindex(cells.line).to_numpy() + cells.asked
    individuals, is_bad = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
    individuals[at], is_bad[at] = counts(cells, reading.lines, reading.findings)
    return rows.assign(
        present=pd.array(present, dtype="boolean"),
        individuals=individuals,
        is_bad=is_bad,
        present_column=pd.array(asked["present"] * len(places), dtype="string"),
        column=pd.array(asked["column"] * len(places), dtype="string"),
    )


def _long(reading: Reading, sheets: Sequence[SurveySheet]) -> pd.DataFrame:
    places = _places(reading, sheets)
    group = chosen(reading, sheets, _LONG_COLUMN, GROUP_WORDS, GROUPS)
    present = yes_no(whole_column(reading.lines, sheets, "present"), reading.lines, reading.findings)
    individuals, is_bad = counts(
        whole_column(reading.lines, sheets, "individuals"), reading.lines, reading.findings
    )
    rows = places.assign(
        group=group,
        present=present,
        individuals=individuals,
        is_bad=is_bad,
        present_column=pd.array(["present"] * len(places), dtype="string"),
        column=pd.array(["individuals"] * len(places), dtype="string"),
    )
    return rows[group != NOWHERE]


def _places(reading: Reading, sheets: Sequence[SurveySheet]) -> pd.DataFrame:
    cells = {question: whole_column(reading.lines, sheets, question) for question in (KEY, *_PLACE)}
    text = {question: one.text.str.strip() for question, one in cells.items()}
    frame = pd.DataFrame({"line": cells[KEY].line} | text)
    return frame.mask(frame == "")


def day_answers(reading: Reading) -> pd.DataFrame:
    """When each district was asked: `line` (int64), `interviewed_on` and `submitted_on` (string, ISO dates), one row a submission of B1."""
    sheets = [sheet for sheet in reading.raw.districts if _LONG_COLUMN not in sheet.frame]
    held, sent = (whole_column(reading.lines, sheets, name) for name in (q.INTERVIEW_DATE, SUBMITTED_AT))
    return pd.DataFrame(
        {
            "line": held.line,
            "interviewed_on": days(held, reading.lines, reading.findings),
            "submitted_on": days(sent, reading.lines, None),
        }
    )


def visit_answers(reading: Reading) -> pd.DataFrame:
    """The villages that B1 points to.

    Returns:
        One row a village: `line` (int64), `region`, `district`, `village_code`, `village_name` (string). Region and district are those of
        the submission where the row has none.
    """
    sheets = reading.raw.to_visit
    rows = _places(reading, sheets)
    wide = [sheet for sheet in reading.raw.districts if _LONG_COLUMN not in sheet.frame]
    asked = _places(reading, wide).dropna(subset=[KEY]).drop_duplicates(KEY).set_index(KEY)
    for question in _PLACE:
        rows[question] = rows[question].fillna(
            pd.Series(asked[question].reindex(rows[KEY].array).array, index=rows.index)
        )
    for column, names in (
        ("village_code", (q.TO_VISIT_CODE, q.VILLAGE_CODE)),
        ("village_name", (q.TO_VISIT_NAME, q.VILLAGE_NAME)),
    ):
        first, second = (whole_column(reading.lines, sheets, name).text.str.strip() for name in names)
        text = first.fillna(second)
        rows[column] = text.mask(text == "")
    is_named = rows["village_code"].notna() | rows["village_name"].notna()
    return rows.loc[is_named, ["line", *_PLACE, "village_code", "village_name"]].reset_index(drop=True)
