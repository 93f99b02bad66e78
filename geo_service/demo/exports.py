"""A round as the files that KoboToolbox and ODK Central give for its forms.

The layouts are those of KoboToolbox's XLSX export (https://support.kobotoolbox.org/export_download.html) and of ODK Central's zip of
CSVs (https://docs.getodk.org/central-submissions/). Names of people are never in them: who submitted is left empty.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pandas as pd

from geo_service.demo.answers import PARENT, YES_NO, Answers, b1_answers, b2_answers
from geo_service.demo.plain import SYNTHETIC_ROUND_NOTE, write_plain
from geo_service.demo.sheets import write_sheets, write_zipped_csvs
from geo_service.export.staging import staged
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.forms import QuestionKind, form_version
from geo_service.wording import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import geopandas as gpd

    from geo_service.ingest.survey.forms import Question, Section
    from geo_service.schemas import SurveyRound
    from geo_service.vocabulary import Language

__all__ = ["SYNTHETIC_ROUND_NOTE", "write_kobo", "write_odk", "write_plain"]

_FIRST_ID = 1_000_001
_INDEX = "_index"
_KOBO_POINT = ("latitude", "longitude", "altitude", "precision")
_ODK_POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")


def write_kobo(
    survey: SurveyRound,
    b2_path: Path,
    b1_path: Path | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    labels: Language | None = None,
    group_prefix: bool = True,
    overwrite: bool = False,
) -> None:
    """Write a round as the workbooks of KoboToolbox: a sheet of submissions, and one for each repeat.

    Args:
        survey: Any round that is valid.
        b2_path: Of the workbook of B2.
        b1_path: Of the workbook of B1; null for none.
        units: Schema `ADMIN_UNITS`; with them regions and districts have labels too.
        labels: The language of headers and choices; null for names and codes.
        group_prefix: Whether headers say the groups of a question, as in `place/village_name`.
        overwrite: Whether files that are there are replaced.

    Raises:
        InputError: The round has answers that the form does not ask for.
        OutputError: A file is there, or cannot be written, or a sheet has too many rows.
        MissingExtraError: The extra `excel` is not installed.
    """
    each = _each(survey, b2_path, b1_path, units)
    with staged(each, overwrite=overwrite) as paths:
        for path, answers in zip(paths, each.values(), strict=True):
            write_sheets(_kobo_sheets(answers, survey, labels, group_prefix), path, note=_note(survey))


def write_odk(
    survey: SurveyRound,
    b2_path: Path,
    b1_path: Path | None = None,
    *,
    group_prefix: bool = True,
    overwrite: bool = False,
) -> None:
    """Write a round as the zips of ODK Central: a CSV of submissions, and one for each repeat, joined by keys.

    Args:
        survey: Any round that is valid.
        b2_path: Of the zip of B2.
        b1_path: Of the zip of B1; null for none.
        group_prefix: Whether headers say the groups of a question, as in `place-village_name`.
        overwrite: Whether files that are there are replaced.

    Raises:
        InputError: The round has answers that the form does not ask for.
        OutputError: A file is there, or cannot be written.
    """
    each = _each(survey, b2_path, b1_path, None)
    with staged(each, overwrite=overwrite) as paths:
        for path, answers in zip(paths, each.values(), strict=True):
            write_zipped_csvs(_odk_tables(answers, survey, group_prefix), path, note=_note(survey))


def _each(
    survey: SurveyRound, b2_path: Path, b1_path: Path | None, units: gpd.GeoDataFrame | None
) -> dict[Path, Answers]:
    both = {b2_path: b2_answers(survey, units)}
    return both if b1_path is None else both | {b1_path: b1_answers(survey, units)}


def _note(survey: SurveyRound) -> str:
    return SYNTHETIC_ROUND_NOTE if survey.synthetic else ""


def _kobo_sheets(
    answers: Answers, survey: SurveyRound, labels: Language | None, group_prefix: bool
) -> Iterator[tuple[str, pd.DataFrame]]:
    def header(sections: Sequence[Section], question: Question, *, point: str = "") -> str:
        around = [one.name if labels is None else in_language(one.label, labels) for one in sections]
        own = question.name if labels is None else in_language(question.label, labels)
        return "/".join([*(around if group_prefix else []), f"_{own}_{point}" if point else own])

    keys = _instance_ids(answers, survey)
    count = len(keys)
    copied = pd.DataFrame(
        {
            "_id": range(_FIRST_ID, _FIRST_ID + count),
            "_uuid": keys,
            "_submission_time": answers.submitted_on + "T12:00:00",
            "_validation_status": _nothing(count),
            "_notes": _nothing(count),
            "_status": pd.Series(["submitted_via_web"] * count, dtype="string"),
            "_submitted_by": _nothing(count),
            "__version__": pd.Series([form_version(answers.form)] * count, dtype="string"),
            "_tags": _nothing(count),
        }
    )
    main, synthetic = answers.form.title, _synthetic(answers, survey)
    submissions = _answered(answers, None, header, _KOBO_POINT, labels, whole_point=True)
    index = pd.Series(range(1, count + 1), name=_INDEX)
    yield main, pd.concat([submissions, synthetic, copied, index], axis=1)
    for repeat, rows in answers.repeats.items():
        parents = copied.iloc[rows[PARENT]].add_prefix("_submission_").reset_index(drop=True)
        joins = pd.DataFrame(
            {
                _INDEX: range(1, len(rows) + 1),
                "_parent_table_name": pd.Series([main] * len(rows), dtype="string"),
                "_parent_index": rows[PARENT] + 1,
            }
        )
        entries = _answered(answers, repeat, header, _KOBO_POINT, labels, whole_point=True)
        is_synthetic = synthetic.iloc[rows[PARENT]].reset_index(drop=True)
        yield repeat, pd.concat([entries, is_synthetic, joins, parents], axis=1)


def _odk_tables(
    answers: Answers, survey: SurveyRound, group_prefix: bool
) -> Iterator[tuple[str, pd.DataFrame]]:
    def header(sections: Sequence[Section], question: Question, *, point: str = "") -> str:
        # Central names the questions of a repeat from the repeat on.
        inner = [one.name for one in sections]
        repeats = [number for number, one in enumerate(sections, start=1) if one.repeats]
        around = inner[max(repeats, default=0) :] if group_prefix else []
        return "-".join([*around, question.name, *([point] if point else [])])

    keys = "uuid:" + _instance_ids(answers, survey)
    count = len(keys)
    form_id, synthetic = answers.form.form_id, _synthetic(answers, survey)
    last = pd.DataFrame(
        {
            "meta-instanceID": keys,
            "KEY": keys,
            "SubmitterID": _nothing(count),
            "SubmitterName": _nothing(count),
            "AttachmentsPresent": [0] * count,
            "AttachmentsExpected": [0] * count,
            "Status": _nothing(count),
            "ReviewState": _nothing(count),
            "DeviceID": _nothing(count),
            "Edits": [0] * count,
            "FormVersion": pd.Series([form_version(answers.form)] * count, dtype="string"),
        }
    )
    submitted = (answers.submitted_on + "T12:00:00.000Z").rename("SubmissionDate")
    submissions = _answered(answers, None, header, _ODK_POINT)
    yield f"{form_id}.csv", pd.concat([submitted, submissions, synthetic, last], axis=1)
    sections_of = {around[-1].name: around for around, _ in answers.form.questions() if around}
    for repeat, rows in answers.repeats.items():
        path = "/".join(section.name for section in sections_of[repeat])
        parents = keys.iloc[rows[PARENT]].reset_index(drop=True)
        number = (rows.groupby(PARENT).cumcount() + 1).astype("string")
        joins = pd.DataFrame({"PARENT_KEY": parents, "KEY": parents + f"/{path}[" + number + "]"})
        entries = _answered(answers, repeat, header, _ODK_POINT)
        is_synthetic = synthetic.iloc[rows[PARENT]].reset_index(drop=True)
        yield f"{form_id}-{repeat}.csv", pd.concat([entries, is_synthetic, joins], axis=1)


def _answered(
    answers: Answers,
    repeat: str | None,
    header: Callable[..., str],
    point: Sequence[str],
    labels: Language | None = None,
    *,
    whole_point: bool = False,
) -> pd.DataFrame:
    """The answers of the submissions, or of one repeat, under the headers of the file; a point in its four numbers."""
    frame = answers.submissions if repeat is None else answers.repeats[repeat]
    columns = {}
    for sections, question in answers.form.questions():
        inside = next((one.name for one in sections if one.repeats), None)
        if inside != repeat:
            continue
        values = frame[question.name]
        if question.kind is QuestionKind.GEOPOINT:
            if whole_point:
                columns[header(sections, question)] = values
            numbers = values.str.split(" ", expand=True).reindex(columns=range(len(point)))
            for at, name in enumerate(point):
                columns[header(sections, question, point=name)] = pd.to_numeric(numbers[at]).astype("Float64")
        elif labels is not None and question.choices:
            shown = {
                one.code: in_language(one.label, labels) for one in answers.form.choices[question.choices]
            }
            columns[header(sections, question)] = values.map(lambda code, shown=shown: shown.get(code, code))
        else:
            columns[header(sections, question)] = values
    return pd.DataFrame(columns)


def _instance_ids(answers: Answers, survey: SurveyRound) -> pd.Series:
    """A UUID for each submission, the same whenever it is written."""
    name = f"round {survey.number} of {survey.country}, {answers.form.form_id}, "
    return pd.Series([str(uuid.uuid5(uuid.NAMESPACE_OID, name + one)) for one in answers.ids], dtype="string")


def _synthetic(answers: Answers, survey: SurveyRound) -> pd.DataFrame:
    """The column `synthetic`; no column when nothing in the round is made up."""
    if not survey.synthetic:
        return pd.DataFrame(index=range(len(answers.synthetic)))
    return pd.DataFrame({q.SYNTHETIC: pd.Series(answers.synthetic).map(YES_NO).astype("string")})


def _nothing(count: int) -> pd.Series:
    return pd.Series([pd.NA] * count, dtype="string")
