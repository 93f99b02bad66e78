"""A round written as the files of KoboToolbox, ODK Central and the plain layout: nothing lost, nothing added, synthetic in every row."""

from __future__ import annotations

import dataclasses
import io
import sys
import zipfile

import geopandas as gpd
import hxl
import openpyxl
import pandas as pd
import pytest
from frames import text
from hypothesis import given, settings
from hypothesis import strategies as st
from rounds import DISTRICTS, round_units, small_round

from geo_service.demo import sheets
from geo_service.demo.answers import PARENT, b1_answers, b2_answers
from geo_service.demo.exports import SYNTHETIC_ROUND_NOTE, write_kobo, write_odk, write_plain
from geo_service.demo.plain import HXL_TAGS, plain_tables
from geo_service.errors import InputError, MissingExtraError, OutputError
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.raw import LONG_SHEETS
from geo_service.vocabulary import (
    LANGUAGES,
    Dimension,
    Language,
    PopulationGroup,
    Reason,
    Service,
    moves_across_border,
)

ROUNDS = st.builds(small_round, villages=st.integers(1, 8), seed=st.integers(0, 10_000))
SURVEY = small_round(6)
CROSSING = [group for group in PopulationGroup if moves_across_border(group)]
B2_SHEETS = ["B2 Village assessment", q.INFORMANTS, *map(q.countries_repeat, CROSSING)]


def workbook(path):
    return pd.read_excel(path, sheet_name=None, engine="calamine", dtype="string")


def csvs(path):
    with zipfile.ZipFile(path) as archive:
        return {
            name: pd.read_csv(io.BytesIO(archive.read(name)), dtype="string") for name in archive.namelist()
        }


def as_real(survey):
    """The same round as if it had been surveyed."""
    return dataclasses.replace(survey, villages=survey.villages.assign(synthetic=False))


@pytest.fixture(scope="module")
def kobo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kobo")
    write_kobo(SURVEY, folder / "b2.xlsx", folder / "b1.xlsx")
    return folder


@pytest.fixture(scope="module")
def odk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odk")
    write_odk(SURVEY, folder / "b2.zip", folder / "b1.zip")
    return folder


# What the forms would have brought in


@settings(max_examples=12)
@given(survey=ROUNDS)
def test_answers_to_b2_hold_every_part_of_the_round_and_no_other(survey):
    answers = b2_answers(survey)
    rows = []
    for group in PopulationGroup:
        for dimension in Dimension:
            prefix = f"{group}_{dimension}_"
            for name in answers.submissions.columns[answers.submissions.columns.str.startswith(prefix)]:
                if dimension is not Dimension.COUNTRY:
                    parts = answers.submissions[name]
                    rows += [
                        (at, group, dimension, name.removeprefix(prefix), part)
                        for at, part in parts[parts.fillna(0) > 0].items()
                    ]
    for group in CROSSING:
        repeat = answers.repeats[q.countries_repeat(group)]
        columns = [
            repeat[name] for name in (PARENT, q.country_question(group), q.country_count_question(group))
        ]
        rows += [(at, group, Dimension.COUNTRY, code, part) for at, code, part in zip(*columns, strict=True)]
    found = {
        (answers.ids[at], str(group), str(dimension), code, part) for at, group, dimension, code, part in rows
    }

    assert found == set(survey.breakdowns.itertuples(index=False, name=None))
    assert len(rows) == len(found)


@settings(max_examples=12)
@given(survey=ROUNDS)
def test_a_dimension_is_answered_wholly_or_not_at_all(survey):
    submissions = b2_answers(survey).submissions
    answered = set(survey.breakdowns[["village_id", "group", "dimension"]].itertuples(index=False, name=None))
    for group in PopulationGroup:
        for dimension in set(Dimension) - {Dimension.COUNTRY}:
            parts = submissions.filter(regex=f"^{group}_{dimension}_")
            is_answered = [
                (one, str(group), str(dimension)) in answered for one in submissions[q.VILLAGE_CODE]
            ]
            assert parts.notna().all(axis=1).tolist() == is_answered
            assert parts.isna().all(axis=1).tolist() == [not one for one in is_answered]


@settings(max_examples=12)
@given(survey=ROUNDS)
def test_answers_to_b2_hold_groups_services_and_key_informants(survey):
    answers = b2_answers(survey)
    mobility = survey.mobility.set_index(["village_id", "group"])
    access = survey.reported_access.set_index(["village_id", "service"])
    for row in answers.submissions.to_dict("records"):
        for group in PopulationGroup:
            said = mobility.loc[(row[q.VILLAGE_CODE], group)]
            assert row[f"{group}_present"] == ("yes" if said["present"] else "no")
            for what in ("individuals", "households"):
                answer = row[f"{group}_{what}"]
                assert pd.isna(answer) if not said["present"] else answer == said[what]
        for service in Service:
            said = access.loc[(row[q.VILLAGE_CODE], service)]
            assert row[f"{service}_present"] == ("yes" if said["present"] else "no")
            assert (
                pd.isna(row[f"{service}_band"]) if said["present"] else row[f"{service}_band"] == said["band"]
            )

    rows = answers.repeats[q.INFORMANTS]
    people = rows.assign(village_id=answers.ids.iloc[rows[PARENT]].to_numpy())
    counted = people.groupby(["village_id", q.INFORMANT_ROLE, q.INFORMANT_SEX]).size()
    expected = survey.key_informants.astype("string").set_index(["village_id", "role", "sex"])["informants"]
    assert counted.to_dict() == expected.astype(int).to_dict()


def test_answers_to_b1_are_one_submission_a_district():
    answers = b1_answers(SURVEY)
    assert answers.submissions[q.DISTRICT].tolist() == list(DISTRICTS)
    estimates = SURVEY.district_estimates.set_index(["adm2_pcode", "group"])
    for row in answers.submissions.to_dict("records"):
        for group in PopulationGroup:
            said = estimates.loc[(row[q.DISTRICT], group)]
            assert row[f"{group}_present"] == ("yes" if said["present"] else "no")
            answer = row[q.estimate_question(group)]
            assert pd.isna(answer) if not said["present"] else answer == said["individuals"]
    visits = answers.repeats[q.TO_VISIT]
    assert visits[PARENT].is_monotonic_increasing
    assert set(visits[q.TO_VISIT_CODE]) == set(SURVEY.villages["village_id"])


def test_a_region_that_was_asked_as_a_whole_is_a_submission_without_a_district():
    region = SURVEY.district_estimates.head(5).assign(adm2_pcode=text([None] * 5))
    answers = b1_answers(
        dataclasses.replace(
            SURVEY, district_estimates=region, villages_to_visit=SURVEY.villages_to_visit.head(0)
        )
    )
    assert answers.submissions[q.REGION].tolist() == ["KAZ901"]
    assert answers.submissions[q.DISTRICT].isna().all()


def test_what_is_not_known_stays_empty():
    villages = SURVEY.villages.assign(
        interviewed_on=text([None] * 6),
        households=pd.array([None] * 6, dtype="Int64"),
        adm2_pcode=text([None] * 6),
    )
    villages = villages.set_geometry(gpd.GeoSeries([None] * 6, crs=villages.crs))
    mobility = SURVEY.mobility.assign(present=pd.array([None] * 30, dtype="boolean"))
    access = SURVEY.reported_access.assign(present=pd.array([None] * 36, dtype="boolean"))
    unknown = dataclasses.replace(
        SURVEY,
        villages=villages,
        mobility=mobility,
        reported_access=access,
        breakdowns=SURVEY.breakdowns.head(0),
    )
    submissions = b2_answers(unknown).submissions
    known = submissions.columns[submissions.notna().any()]
    bands = {q.band_question(service) for service in Service}
    assert set(known) - bands == {q.REGION, q.VILLAGE_CODE, q.VILLAGE_NAME, q.VILLAGE_POPULATION}


def test_years_of_the_round_are_asked():
    breakdowns = SURVEY.breakdowns.assign(code=SURVEY.breakdowns["code"].replace("2020", "2019"))
    submissions = b2_answers(dataclasses.replace(SURVEY, breakdowns=breakdowns)).submissions
    assert "labour_migrants_year_2019" in submissions


def test_a_reason_the_form_does_not_ask_is_not_dropped_silently():
    is_reason = (SURVEY.breakdowns["dimension"] == "reason") & (SURVEY.breakdowns["group"] == "returnees")
    breakdowns = SURVEY.breakdowns.assign(
        code=SURVEY.breakdowns["code"].mask(
            is_reason & (SURVEY.breakdowns["code"] == "family"), Reason.POVERTY
        )
    )
    with pytest.raises(InputError, match="returnees about reason poverty"):
        b2_answers(dataclasses.replace(SURVEY, breakdowns=breakdowns))


# KoboToolbox


def test_kobo_has_a_sheet_of_submissions_and_one_for_each_repeat(kobo):
    assert list(workbook(kobo / "b2.xlsx")) == B2_SHEETS
    assert list(workbook(kobo / "b1.xlsx")) == ["B1 District assessment", q.TO_VISIT]


def test_kobo_headers_say_the_groups_and_end_in_what_the_server_adds(kobo):
    main, informants, *_ = workbook(kobo / "b2.xlsx").values()
    assert [*main][:10] == [
        "place/interview_date", "place/region", "place/district", "place/village_code", "place/village_name",
        "place/location", "place/_location_latitude", "place/_location_longitude", "place/_location_altitude",
        "place/_location_precision",
    ]  # fmt: skip
    assert "labour_migrants/labour_migrants_sex/labour_migrants_sex_female" in main
    assert [*main][-11:] == [
        "synthetic", "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by",
        "__version__", "_tags", "_index",
    ]  # fmt: skip
    assert [*informants] == [
        "key_informants/informant_role", "key_informants/informant_sex", "synthetic", "_index",
        "_parent_table_name", "_parent_index", "_submission__id", "_submission__uuid",
        "_submission__submission_time", "_submission__validation_status", "_submission__notes",
        "_submission__status", "_submission__submitted_by", "_submission___version__", "_submission__tags",
    ]  # fmt: skip


def test_kobo_joins_rows_of_a_repeat_to_their_submission(kobo):
    main, *repeats = workbook(kobo / "b2.xlsx").values()
    assert main["_uuid"].is_unique
    assert main["_submitted_by"].isna().all()
    by_index = main.set_index("_index")
    for repeat in repeats:
        parents = by_index.loc[repeat["_parent_index"]]
        assert parents["_uuid"].tolist() == repeat["_submission__uuid"].tolist()
        assert parents["_id"].tolist() == repeat["_submission__id"].tolist()
        assert set(repeat["_parent_table_name"]) == {"B2 Village assessment"}
        assert repeat["_index"].tolist() == [str(number) for number in range(1, len(repeat) + 1)]


def test_a_point_is_there_whole_and_in_parts(kobo):
    main = workbook(kobo / "b2.xlsx")["B2 Village assessment"]
    for at, point in enumerate(SURVEY.villages.geometry):
        assert main["place/location"][at] == f"{point.y} {point.x} 0 0"
        assert float(main["place/_location_latitude"][at]) == point.y
        assert float(main["place/_location_longitude"][at]) == point.x


def test_counts_are_numbers_and_codes_are_text_in_a_workbook(kobo):
    book = openpyxl.load_workbook(kobo / "b2.xlsx")
    header, first, *_ = book["B2 Village assessment"].iter_rows(values_only=True)
    row = dict(zip(header, first, strict=True))
    assert row["place/village_code"] == "990000001"
    assert row["labour_migrants/labour_migrants_individuals"] == SURVEY.mobility["individuals"][0]


def test_headers_without_groups_are_the_names_of_questions(tmp_path):
    write_kobo(SURVEY, tmp_path / "b2.xlsx", group_prefix=False)
    main, informants, *_ = workbook(tmp_path / "b2.xlsx").values()
    assert {q.VILLAGE_NAME, "_location_latitude", "emigrants_sex_male", "hospital_band"} <= set(main)
    assert {q.INFORMANT_ROLE, q.INFORMANT_SEX} <= set(informants)


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_stand_for_names_and_codes(tmp_path, kobo, language):
    write_kobo(SURVEY, tmp_path / "b2.xlsx", units=round_units(), labels=language)
    named, labelled = workbook(kobo / "b2.xlsx"), workbook(tmp_path / "b2.xlsx")
    assert list(labelled) == list(named)
    for name, sheet in labelled.items():
        assert sheet.shape == named[name].shape
        assert len(set(sheet)) == len([*sheet])


def test_labels_are_those_of_the_form(tmp_path):
    write_kobo(SURVEY, tmp_path / "b2.xlsx", units=round_units(), labels=Language.RU, group_prefix=False)
    main, informants, countries, *_ = workbook(tmp_path / "b2.xlsx").values()
    assert main["Область"][0] == "Вымышленный регион KAZ901"
    assert main["Больница: есть ли в населённом пункте?"].head(2).tolist() == ["Нет", "Да"]
    assert "_Местоположение населённого пункта_latitude" in main
    assert set(informants["Ключевой информант: пол"]) <= {"Мужчины", "Женщины", "Неизвестно"}
    assert countries["Трудящиеся-мигранты: страна гражданства"][0] == "Узбекистан"


# ODK Central


def test_odk_has_a_csv_of_submissions_and_one_for_each_repeat(odk):
    assert list(csvs(odk / "b2.zip")) == ["B2.csv", *(f"B2-{name}.csv" for name in B2_SHEETS[1:])]
    assert list(csvs(odk / "b1.zip")) == ["B1.csv", "B1-villages_to_visit.csv"]


def test_odk_headers_are_those_of_central(odk):
    tables = csvs(odk / "b2.zip")
    main = tables["B2.csv"]
    assert [*main][:10] == [
        "SubmissionDate", "place-interview_date", "place-region", "place-district", "place-village_code",
        "place-village_name", "place-location-Latitude", "place-location-Longitude", "place-location-Altitude",
        "place-location-Accuracy",
    ]  # fmt: skip
    assert [*main][-12:] == [
        "synthetic", "meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent",
        "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion",
    ]  # fmt: skip
    assert [*tables["B2-labour_migrants_countries.csv"]] == [
        "labour_migrants_country", "labour_migrants_country_individuals", "synthetic", "PARENT_KEY", "KEY",
    ]  # fmt: skip


def test_odk_joins_rows_of_a_repeat_by_keys(odk):
    tables = csvs(odk / "b2.zip")
    keys = tables.pop("B2.csv")["KEY"]
    assert keys.is_unique
    assert keys.str.match(r"uuid:[0-9a-f-]{36}$").all()
    for table in tables.values():
        assert set(table["PARENT_KEY"]) <= set(keys)
        assert table["KEY"].is_unique
        assert all(
            key.startswith(parent) for key, parent in zip(table["KEY"], table["PARENT_KEY"], strict=True)
        )
    first = tables["B2-labour_migrants_countries.csv"]["KEY"][0]
    assert first == f"{keys[0]}/labour_migrants/labour_migrants_countries[1]"


def test_odk_headers_without_groups_are_the_names_of_questions(tmp_path):
    write_odk(SURVEY, tmp_path / "b2.zip", group_prefix=False)
    assert {q.VILLAGE_NAME, "location-Latitude", "hospital_band"} <= set(csvs(tmp_path / "b2.zip")["B2.csv"])


def test_kobo_and_odk_say_the_same(kobo, odk):
    of_kobo, of_odk = workbook(kobo / "b2.xlsx"), csvs(odk / "b2.zip")
    main = of_odk["B2.csv"].rename(columns=lambda name: name.replace("-", "/"))
    same = [name for name in main if name in of_kobo[B2_SHEETS[0]]]
    assert len(same) > 150
    pd.testing.assert_frame_equal(of_kobo[B2_SHEETS[0]][same], main[same], check_dtype=False)


# The plain layout


def test_plain_tables_are_the_frames_of_the_round():
    tables = plain_tables(SURVEY)
    assert list(tables) == ["villages", *LONG_SHEETS, "district_estimates", q.TO_VISIT]
    for name, columns in LONG_SHEETS.items():
        assert [*tables[name]] == [q.VILLAGE_CODE, *columns, q.SYNTHETIC]
    assert tables["breakdowns"]["individuals"].sum() == SURVEY.breakdowns["individuals"].sum()
    assert set(tables["mobility"]["present"]) == {"yes", "no"}


def test_a_plain_workbook_and_a_folder_of_csvs_hold_the_same(tmp_path):
    write_plain(SURVEY, tmp_path / "plain.xlsx")
    write_plain(SURVEY, tmp_path / "plain")
    for name, sheet in workbook(tmp_path / "plain.xlsx").items():
        pd.testing.assert_frame_equal(
            sheet, pd.read_csv(tmp_path / "plain" / f"{name}.csv", dtype="string"), check_dtype=False
        )


def test_hxl_is_understood_by_its_own_library(tmp_path):
    write_plain(SURVEY, tmp_path / "plain", hxl=True)
    write_plain(SURVEY, tmp_path / "plain.xlsx", hxl=True)
    options = hxl.InputOptions(allow_local=True)
    for name, table in plain_tables(SURVEY).items():
        with hxl.data(str(tmp_path / "plain" / f"{name}.csv"), options) as source:
            assert [column.display_tag for column in source.columns] == [HXL_TAGS[one] for one in table]
            assert [column.header for column in source.columns] == [*table]
            assert len(list(source)) == len(table)
        sheet = workbook(tmp_path / "plain.xlsx")[name]
        assert sheet.iloc[0].tolist() == [HXL_TAGS[one] for one in table]
        assert len(sheet) == len(table) + 1


# Synthetic, whole, and the same each time


def every_table(survey, folder):
    write_kobo(survey, folder / "b2.xlsx", folder / "b1.xlsx")
    write_odk(survey, folder / "b2.zip", folder / "b1.zip")
    write_plain(survey, folder / "plain.xlsx")
    write_plain(survey, folder / "plain")
    for path in sorted(folder.rglob("*.*")):
        if path.suffix == ".csv":
            yield pd.read_csv(path, dtype="string")
        else:
            yield from (csvs(path) if path.suffix == ".zip" else workbook(path)).values()


def test_a_synthetic_round_says_so_in_every_row_of_every_file(tmp_path):
    tables = list(every_table(SURVEY, tmp_path))
    assert len(tables) == 2 * (5 + 2) + 2 * 7
    for table in tables:
        assert (table[q.SYNTHETIC] == "yes").all()
    for name in ("b2.xlsx", "plain.xlsx"):
        assert openpyxl.load_workbook(tmp_path / name).properties.description == SYNTHETIC_ROUND_NOTE
    with zipfile.ZipFile(tmp_path / "b2.zip") as archive:
        assert archive.comment.decode() == SYNTHETIC_ROUND_NOTE


def test_a_round_that_was_surveyed_does_not_speak_of_synthetic(tmp_path):
    assert not any(q.SYNTHETIC in table for table in every_table(as_real(SURVEY), tmp_path))


def test_only_what_is_made_up_is_marked_so(tmp_path):
    mixed = SURVEY.villages.assign(synthetic=[True, False] * 3)
    write_kobo(dataclasses.replace(SURVEY, villages=mixed), tmp_path / "b2.xlsx")
    main, informants, *_ = workbook(tmp_path / "b2.xlsx").values()
    assert main[q.SYNTHETIC].tolist() == ["yes", "no"] * 3
    assert informants.groupby("_parent_index")[q.SYNTHETIC].first().to_dict() == {
        str(number): "yes" if number % 2 else "no" for number in range(1, 7)
    }


def test_the_same_round_is_the_same_files(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        list(every_table(SURVEY, folder))
    for path in (tmp_path / "one").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "other" / path.relative_to(tmp_path / "one")).read_bytes()


def test_nothing_is_written_when_one_of_two_files_is_there(tmp_path):
    (tmp_path / "b1.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"b1\.xlsx is there already"):
        write_kobo(SURVEY, tmp_path / "b2.xlsx", tmp_path / "b1.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["b1.xlsx"]
    write_kobo(SURVEY, tmp_path / "b2.xlsx", tmp_path / "b1.xlsx", overwrite=True)
    assert zipfile.is_zipfile(tmp_path / "b1.xlsx")


def test_a_round_without_b1_has_a_b1_without_rows(tmp_path):
    alone = dataclasses.replace(
        SURVEY,
        district_estimates=SURVEY.district_estimates.head(0),
        villages_to_visit=SURVEY.villages_to_visit.head(0),
    )
    write_kobo(alone, tmp_path / "b2.xlsx", tmp_path / "b1.xlsx")
    write_odk(alone, tmp_path / "b2.zip", tmp_path / "b1.zip")
    assert [len(sheet) for sheet in workbook(tmp_path / "b1.xlsx").values()] == [0, 0]
    assert [len(table) for table in csvs(tmp_path / "b1.zip").values()] == [0, 0]


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "_XLSX_ROWS", 30)
    with pytest.raises(OutputError, match="sheet 'mobility' holds 29 rows, these are 30"):
        write_plain(SURVEY, tmp_path / "plain.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_without_the_extra_says_which_one_has_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match="excel"):
        write_kobo(SURVEY, tmp_path / "b2.xlsx")
