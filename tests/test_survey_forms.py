"""The forms of B1 and B2: what they ask, in three languages, and that a phone refuses what the importer would."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from frames import text
from hypothesis import given, settings
from hypothesis import strategies as st
from odk_phone import OdkPhone
from pyxform.xls2xform import convert
from rounds import round_units

from geo_service.errors import MissingExtraError
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import MOST_INDIVIDUALS
from geo_service.ingest.survey.forms import (
    LANGUAGE_NAMES,
    QuestionKind,
    Step,
    b1_form,
    b2_form,
    form_version,
    survey_form,
    xlsform_bytes,
    xlsform_sheets,
)
from geo_service.vocabulary import (
    LANGUAGES,
    REASONS_ASKED,
    Band,
    Dimension,
    InformantRole,
    Language,
    MigrationKind,
    PopulationGroup,
    Service,
    Sex,
    YearAside,
    countries,
    moves_across_border,
)
from geo_service.wording import in_language

UNITS = round_units()
REGIONS_ONLY = UNITS[UNITS["level"] == 1]
PLACES = {"no units": None, "regions": REGIONS_ONLY, "regions and districts": UNITS}
FORMS = {
    f"{step} with {name}": survey_form(step, units, country="KAZ")
    for step in Step
    for name, units in PLACES.items()
}
XF = {
    "f": "http://www.w3.org/2002/xforms",
    "h": "http://www.w3.org/1999/xhtml",
    "jr": "http://openrosa.org/javarosa",
}
LATIN = re.compile(r"[A-Za-z]+")
# The engine of the phone starts once, and a form is converted once.
pytestmark = pytest.mark.xdist_group("forms")
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
every_name = pytest.mark.parametrize("name", FORMS)


@cache
def converted(name):
    """The XForm that servers make of a form of `FORMS`, and what pyxform has to say about it."""
    warnings = []
    return convert(xlsform_bytes(FORMS[name]), warnings=warnings).xform, warnings


def asked(form):
    return {question.name: question for _, question in form.questions()}


# What is asked


@every_form
def test_no_question_is_asked_under_two_names_or_twice(form):
    names = [question.name for _, question in form.questions()]
    sections = {section.name for around, _ in form.questions() for section in around}
    assert len(set(names)) == len(names)
    assert not sections & set(names)


def test_b2_asks_everything_the_frames_of_a_round_hold():
    form = b2_form(UNITS, (2021, 2022))
    expected = {
        q.INTERVIEW_DATE, q.REGION, q.DISTRICT, q.VILLAGE_CODE, q.VILLAGE_NAME, q.LOCATION, q.VILLAGE_HOUSEHOLDS,
        q.VILLAGE_POPULATION, q.INFORMANT_ROLE, q.INFORMANT_SEX, q.check_question(q.INFORMANTS),
    }  # fmt: skip
    for group in PopulationGroup:
        expected |= {q.group_question(group, what) for what in ("present", "individuals", "households")}
        parts = {
            Dimension.SEX: [*Sex],
            Dimension.YEAR: ["2021", "2022", *YearAside],
            Dimension.KIND: [*MigrationKind],
            Dimension.REASON: REASONS_ASKED[group],
        }
        expected |= {q.part_question(group, one, code) for one, codes in parts.items() for code in codes}
        if moves_across_border(group):
            expected |= {q.country_question(group), q.country_count_question(group)}
            expected.add(q.check_question(q.countries_repeat(group)))
    for service in Service:
        expected |= {q.presence_question(service), q.band_question(service)}
    assert set(asked(form)) == expected


def test_b1_asks_presence_estimate_and_villages_to_visit():
    expected = {q.INTERVIEW_DATE, q.REGION, q.DISTRICT, q.TO_VISIT_CODE, q.TO_VISIT_NAME}
    for group in PopulationGroup:
        expected |= {q.group_question(group, "present"), q.estimate_question(group)}
    assert set(asked(b1_form(UNITS))) == expected


def test_choices_are_the_codes_of_the_vocabulary():
    codes = {
        name: [one.code for one in listed] for name, listed in b2_form(UNITS, country="KAZ").choices.items()
    }
    assert codes == {
        "yes_no": ["yes", "no"],
        "roles": [*InformantRole],
        "sexes": [*Sex],
        "bands": [*Band],
        "countries": [code for code in countries() if code != "KAZ"],
        "region": sorted(REGIONS_ONLY["pcode"]),
        "district": sorted(set(UNITS["pcode"]) - set(REGIONS_ONLY["pcode"])),
    }


def test_a_year_that_is_given_twice_is_asked_once():
    assert b2_form(years=(2023, 2022, 2023)) == b2_form(years=(2022, 2023))


def test_nothing_is_asked_about_a_person_but_role_and_sex():
    for form in (b1_form(UNITS), b2_form(UNITS)):
        texts = {name for name, one in asked(form).items() if one.kind is QuestionKind.TEXT}
        assert texts <= {q.VILLAGE_CODE, q.VILLAGE_NAME, q.TO_VISIT_CODE, q.TO_VISIT_NAME}
        kinds = {row[0].split()[0] for row in xlsform_sheets(form)["survey"][1:]}
        groups = {f"{end}_{kind}" for end in ("begin", "end") for kind in ("group", "repeat")}
        assert kinds <= groups | {*QuestionKind}
    in_row = [
        one.name for around, one in b2_form().questions() if q.INFORMANTS in {each.name for each in around}
    ]
    assert in_row == [q.INFORMANT_ROLE, q.INFORMANT_SEX]


def test_without_units_places_are_written_and_with_them_chosen():
    kinds = {
        name: [asked(b1_form(units))[one].kind for one in (q.REGION, q.DISTRICT)]
        for name, units in PLACES.items()
    }
    assert kinds == {
        "no units": [QuestionKind.TEXT, QuestionKind.TEXT],
        "regions": [QuestionKind.SELECT_ONE, QuestionKind.TEXT],
        "regions and districts": [QuestionKind.SELECT_ONE, QuestionKind.SELECT_ONE],
    }


def test_districts_alone_are_chosen_without_their_regions():
    form = b1_form(UNITS[UNITS["level"] == 2])
    assert asked(form)[q.REGION].kind is QuestionKind.TEXT
    assert asked(form)[q.DISTRICT].choice_filter == ""


def test_a_unit_without_a_name_in_a_language_goes_by_another_at_last_by_its_code():
    nameless = REGIONS_ONLY.assign(
        name_en=text(["First", None]), name_ru=text([None, None]), name_kk=text([None, None])
    )
    first, second = b1_form(nameless).choices[q.REGION]
    assert [in_language(first.label, one) for one in LANGUAGES] == ["First"] * 3
    assert [in_language(second.label, one) for one in LANGUAGES] == [second.code] * 3


# In three languages


@every_form
def test_no_label_is_there_twice_in_a_language(form):
    for language in LANGUAGES:
        labels = [in_language(question.label, language) for _, question in form.questions()]
        assert len(set(labels)) == len(labels)


@every_form
def test_russian_and_kazakh_are_not_english(form):
    for _, question in form.questions():
        for said in (question.label, question.hint, question.constraint_message):
            for language in (Language.RU, Language.KK):
                words = LATIN.findall(in_language(said or "", language))
                assert set(words) <= {"P", "COVID"}, said


@every_name
def test_the_xform_says_everything_in_three_languages_and_nothing_is_empty(name):
    xform, warnings = converted(name)
    assert warnings == []
    translations = ET.fromstring(xform).findall(".//f:translation", XF)
    assert {one.get("lang") for one in translations} == set(LANGUAGE_NAMES.values())
    said = [
        {
            each.get("id"): [value.text for value in each.findall("f:value", XF)]
            for each in one.findall("f:text", XF)
        }
        for one in translations
    ]
    for one, other in pairwise(said):
        assert one.keys() == other.keys()
    assert all(
        value and value.strip() not in {"", "-"}
        for one in said
        for values in one.values()
        for value in values
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_begins_in_the_language_given(language):
    xform = convert(xlsform_bytes(b1_form(), language)).xform
    first = ET.fromstring(xform).find(".//f:translation[@default]", XF)
    assert first.get("lang") == LANGUAGE_NAMES[language]


# As XLSForm and XForm


@every_name
def test_every_rule_is_in_the_xform_and_every_constraint_has_a_message(name):
    xform, _ = converted(name)
    binds = {
        one.get("nodeset").rpartition("/")[2]: one for one in ET.fromstring(xform).findall(".//f:bind", XF)
    }
    for question in asked(FORMS[name]).values():
        bind = binds[question.name]
        if question.kind is QuestionKind.INTEGER:
            assert bind.get("type") == "int"
            assert bind.get("constraint").startswith(". >= ")
        assert (bind.get("constraint") is None) == (question.constraint == "")
        assert (bind.get("relevant") is None) == (question.relevant == "")
        if question.constraint:
            assert bind.get(f"{{{XF['jr']}}}constraintMsg")


def test_the_same_form_is_the_same_bytes_and_another_form_another_version():
    assert xlsform_bytes(b2_form(UNITS)) == xlsform_bytes(b2_form(UNITS))
    versions = {form_version(form) for form in FORMS.values()}
    assert len(versions) == len(FORMS)
    assert form_version(b2_form(years=(2023,))) != form_version(b2_form(years=(2024,)))


def test_the_workbook_has_the_sheets_of_an_xlsform():
    book = openpyxl.load_workbook(io.BytesIO(xlsform_bytes(b2_form())), read_only=True)
    assert book.sheetnames == ["survey", "choices", "settings"]
    settings_row = [cell.value for cell in list(book["settings"])[1]]
    assert settings_row[:2] == ["B2 Village assessment", "B2"]
    book.close()


def test_a_form_without_the_extra_says_which_one_has_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match="excel"):
        xlsform_bytes(b1_form())


# On a phone

LM = "/data/labour_migrants[1]"
SEX = f"{LM}/labour_migrants_sex[1]/labour_migrants_sex"
ROW = f"{LM}/labour_migrants_countries"
FIRST_ROW = {q.INFORMANT_ROLE: "other", q.INFORMANT_SEX: "unknown"}


@pytest.fixture(scope="module")
def engine():
    phone = OdkPhone()
    yield phone
    phone.close()


@pytest.fixture(scope="module")
def xforms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("xforms")
    for step in Step:
        (folder / f"{step}.xml").write_text(
            converted(f"{step} with regions and districts")[0], encoding="utf-8"
        )
    return folder


def fill_in(engine, xforms):
    """Open B2 and fill it in so that it can be sent: no group is there, and every service is."""
    engine.open(xforms / "B2.xml")
    engine.date("/data/place[1]/interview_date", "2023-12-01")
    engine.text("/data/place[1]/region", "KAZ901")
    engine.text("/data/place[1]/village_name", "Synthetic village")
    for name, value in FIRST_ROW.items():
        engine.text(f"/data/key_informants[1]/{name}", value)
    for group in PopulationGroup:
        engine.text(f"/data/{group}[1]/{group}_present", "no")
    for service in Service:
        engine.text(f"/data/services[1]/{service}_present", "yes")
    return engine


def add_ten(phone):
    """Add ten labour migrants of whom no part is given."""
    phone.text(f"{LM}/labour_migrants_present", "yes")
    phone.integer(f"{LM}/labour_migrants_individuals", 10)
    phone.remove(f"{ROW}[1]")
    return phone


@pytest.fixture
def phone(engine, xforms):
    phone = fill_in(engine, xforms)
    assert phone.send() == "SENT"
    return phone


@pytest.fixture
def ten(phone):
    ten = add_ten(phone)
    assert ten.send() == "SENT"
    return ten


def give_country(phone, row, country, individuals):
    phone.text(f"{ROW}[{row}]/labour_migrants_country", country)
    return phone.integer(f"{ROW}[{row}]/labour_migrants_country_individuals", individuals)


def test_a_phone_refuses_an_interview_in_the_future_and_long_ago(phone):
    tomorrow = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=2)
    assert phone.date("/data/place[1]/interview_date", tomorrow.isoformat()) == "CONSTRAINT_VIOLATED"
    assert phone.date("/data/place[1]/interview_date", "1989-12-31") == "CONSTRAINT_VIOLATED"
    assert phone.date("/data/place[1]/interview_date", "1990-01-01") == "OK"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("990000001", "OK"),
        ("KAZ014001", "OK"),
        ("KZ14", "OK"),
        ("99000000", "CONSTRAINT_VIOLATED"),
        ("9900000011", "CONSTRAINT_VIOLATED"),
        ("kaz014001", "CONSTRAINT_VIOLATED"),
        ("Synthetic", "CONSTRAINT_VIOLATED"),
    ],
)
def test_a_phone_takes_a_kato_or_a_p_code_and_nothing_else(phone, code, said):
    assert phone.text("/data/place[1]/village_code", code) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (-1, "CONSTRAINT_VIOLATED"),
        (0, "OK"),
        (MOST_INDIVIDUALS, "OK"),
        (MOST_INDIVIDUALS + 1, "CONSTRAINT_VIOLATED"),
    ],
)
def test_a_phone_refuses_negative_and_huge_counts(phone, count, said):
    assert phone.integer("/data/place[1]/village_households", count) == said


def test_a_phone_refuses_more_households_than_inhabitants_of_a_village(phone):
    phone.integer("/data/place[1]/village_households", 30)
    assert phone.integer("/data/place[1]/village_population", 29) == "CONSTRAINT_VIOLATED"
    assert phone.integer("/data/place[1]/village_population", 30) == "OK"


def test_a_phone_refuses_to_send_without_a_key_informant(phone):
    phone.remove("/data/key_informants[1]")
    assert phone.send() == "REQUIRED_BUT_EMPTY /data/key_informants_check"
    for name, value in FIRST_ROW.items():
        phone.text(f"/data/key_informants[1]/{name}", value)
    assert phone.send() == "SENT"


def test_a_phone_refuses_a_group_that_is_there_with_nobody_in_it(ten):
    assert ten.integer(f"{LM}/labour_migrants_individuals", 0) == "CONSTRAINT_VIOLATED"


def test_a_phone_refuses_more_households_than_individuals(ten):
    assert ten.integer(f"{LM}/labour_migrants_households", 11) == "CONSTRAINT_VIOLATED"
    assert ten.integer(f"{LM}/labour_migrants_households", 10) == "OK"
    ten.integer(f"{LM}/labour_migrants_individuals", 9)
    assert ten.send() == "CONSTRAINT_VIOLATED /data/labour_migrants/labour_migrants_households"


def test_households_may_be_known_where_individuals_are_not(phone):
    phone.text(f"{LM}/labour_migrants_present", "yes")
    assert phone.integer(f"{LM}/labour_migrants_households", 11) == "OK"
    assert phone.send() == "SENT"


def test_a_dimension_that_is_begun_has_to_be_finished(ten):
    ten.integer(f"{SEX}_male", 10)
    assert (
        ten.send()
        == "REQUIRED_BUT_EMPTY /data/labour_migrants/labour_migrants_sex/labour_migrants_sex_unknown"
    )
    assert ten.integer(f"{SEX}_unknown", 0) == "OK"
    assert ten.send() == "SENT"


def test_parts_can_be_moved_from_one_to_another(ten):
    for part, count in (("male", 4), ("female", 6), ("unknown", 0)):
        assert ten.integer(f"{SEX}_{part}", count) == "OK"
    assert ten.integer(f"{SEX}_male", 7) == "OK"
    assert (
        ten.send()
        == "CONSTRAINT_VIOLATED /data/labour_migrants/labour_migrants_sex/labour_migrants_sex_unknown"
    )
    assert ten.integer(f"{SEX}_female", 3) == "OK"
    assert ten.send() == "SENT"


@settings(max_examples=25)
@given(parts=st.lists(st.none() | st.integers(0, 11), min_size=3, max_size=3) | st.permutations([0, 3, 7]))
def test_a_phone_sends_parts_that_add_up_or_are_all_empty_and_no_others(engine, xforms, parts):
    ten = add_ten(fill_in(engine, xforms))
    given_parts = {sex: part for sex, part in zip(Sex, parts, strict=True) if part is not None}
    said = [ten.integer(f"{SEX}_{sex}", part) for sex, part in given_parts.items()]
    is_sent = ten.send() == "SENT" and "CONSTRAINT_VIOLATED" not in said
    adds_up = sum(given_parts.values()) == 10
    # Whoever gives any part says of how many it is not known, though it be of nobody.
    assert is_sent is (not given_parts or (adds_up and Sex.UNKNOWN in given_parts))


@pytest.mark.parametrize("dimension", ["year", "kind"])
def test_years_and_kinds_add_up_too(ten, dimension):
    path = f"{LM}/labour_migrants_{dimension}[1]/labour_migrants_{dimension}"
    first = {"year": "2020", "kind": "long_term"}[dimension]
    ten.integer(f"{path}_{first}", 4)
    assert ten.integer(f"{path}_unknown", 5) == "CONSTRAINT_VIOLATED"
    assert ten.integer(f"{path}_unknown", 6) == "OK"
    assert ten.send() == "SENT"


def test_reasons_may_be_fewer_than_the_individuals_and_not_more(ten):
    path = f"{LM}/labour_migrants_reason[1]/labour_migrants_reason"
    assert ten.integer(f"{path}_family", 8) == "OK"
    assert ten.send() == "SENT"
    assert ten.integer(f"{path}_poverty", 3) == "CONSTRAINT_VIOLATED"
    assert ten.integer(f"{path}_poverty", 2) == "OK"


def test_countries_add_up_over_their_rows(ten):
    give_country(ten, 1, "UZB", 4)
    assert ten.send() == "REQUIRED_BUT_EMPTY /data/labour_migrants/labour_migrants_countries_check"
    give_country(ten, 2, "KGZ", 6)
    assert ten.send() == "SENT"
    ten.integer(f"{LM}/labour_migrants_individuals", 11)
    assert ten.send() == "REQUIRED_BUT_EMPTY /data/labour_migrants/labour_migrants_countries_check"


def test_a_country_is_there_once_and_can_be_corrected(ten):
    assert give_country(ten, 1, "UZB", 4) == "OK"
    assert give_country(ten, 2, "UZB", 6) == "CONSTRAINT_VIOLATED"
    assert give_country(ten, 2, "KGZ", 6) == "OK"
    assert ten.send() == "SENT"


def test_a_row_of_countries_is_whole(ten):
    ten.text(f"{ROW}[1]/labour_migrants_country", "UZB")
    assert ten.send().startswith("REQUIRED_BUT_EMPTY /data/labour_migrants/labour_migrants_countries/")


def test_answers_to_a_group_that_turns_out_not_to_be_there_stop_nothing(ten):
    ten.integer(f"{SEX}_male", 4)
    give_country(ten, 1, "UZB", 4)
    assert ten.send() != "SENT"
    ten.text(f"{LM}/labour_migrants_present", "no")
    assert ten.send() == "SENT"


def test_b1_asks_for_villages_where_somebody_is(engine, xforms):
    engine.open(xforms / "B1.xml")
    engine.date("/data/place[1]/interview_date", "2023-12-01")
    engine.text("/data/place[1]/region", "KAZ901")
    for group in PopulationGroup:
        engine.text(f"/data/{group}[1]/{group}_present", "no")
    assert engine.send() == "SENT"
    engine.text("/data/returnees[1]/returnees_present", "yes")
    assert engine.integer("/data/returnees[1]/returnees_estimate", 0) == "CONSTRAINT_VIOLATED"
    assert engine.send() == "REQUIRED_BUT_EMPTY /data/villages_to_visit/visit_village_name"
    engine.text("/data/villages_to_visit[1]/visit_village_name", "Synthetic village")
    assert engine.send() == "SENT"
