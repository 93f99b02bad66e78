"""The words of the service, complete in three languages."""

from __future__ import annotations

import json
import re
from enum import StrEnum

import pytest
from conftest import ROOT

from geo_service import vocabulary
from geo_service.errors import InputError
from geo_service.vocabulary import (
    LANGUAGES,
    OTHER_COUNTRY,
    REASONS_ASKED,
    SERVICES,
    TABLES,
    UNKNOWN_COUNTRY,
    AdminLevel,
    Band,
    Language,
    PopulationGroup,
    Reason,
    Service,
    countries,
    moves_across_border,
    parse_service,
)

KAZAKH_LETTERS = set("әғқңөұүһі")
RUSSIAN_LETTERS = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
TERMS = [
    pytest.param(term, id=f"{name}-{term.code}") for name, table in TABLES.items() for term in table.values()
]


@pytest.mark.parametrize("term", TERMS)
def test_every_term_has_a_label_in_every_language(term):
    for language in LANGUAGES:
        assert term.label(language).strip() == term.label(language) != ""


@pytest.mark.parametrize("term", TERMS)
def test_labels_are_written_in_the_letters_of_their_language(term):
    # The name of the disease is written in Latin letters in all three languages.
    ru, kk = (text.replace("COVID-19", "").casefold() for text in (term.ru, term.kk))
    assert {letter for letter in ru if letter.isalpha()} <= RUSSIAN_LETTERS
    assert {letter for letter in kk if letter.isalpha()} <= RUSSIAN_LETTERS | KAZAKH_LETTERS
    assert term.en.isascii()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_a_table_has_every_code_once_and_no_label_twice(table):
    codes = type(next(iter(table)))
    assert list(table) == list(codes)
    for language in LANGUAGES:
        labels = [term.label(language) for term in table.values()]
        assert len(set(labels)) == len(labels)


def test_the_codes_are_those_of_the_field():
    assert list(Service) == ["hospital", "polyclinic", "school", "market", "safe_drinking_water", "internet"]
    assert [group.value for group in PopulationGroup] == [
        "labour_migrants",
        "returnees",
        "emigrants",
        "internal_migrants",
        "internal_emigrants",
    ]
    assert [level.number for level in AdminLevel] == [0, 1, 2]


def test_an_unknown_language_or_service_is_refused_with_those_that_are_known():
    with pytest.raises(InputError, match="en, ru, kk"):
        SERVICES[Service.SCHOOL].label("fr")
    with pytest.raises(InputError, match="hospital, polyclinic"):
        parse_service("hospice")
    assert parse_service(" Hospital ") is Service.HOSPITAL


def test_every_enumeration_of_codes_has_its_table():
    enumerations = {
        one for one in vars(vocabulary).values() if isinstance(one, type) and issubclass(one, StrEnum)
    }
    assert {type(next(iter(table))) for table in TABLES.values()} == enumerations - {Language}


def test_countries_are_those_of_iso_3166_by_three_letters_then_other_and_unknown():
    known = countries()
    assert len(known) >= 249 + 2
    assert list(known)[-2:] == [OTHER_COUNTRY, UNKNOWN_COUNTRY]
    assert all(re.fullmatch("[A-Z]{3}", code) for code in list(known)[:-2])
    assert (known["UZB"].en, known["UZB"].ru, known["UZB"].kk) == ("Uzbekistan", "Узбекистан", "Өзбекстан")


@pytest.mark.parametrize("group", PopulationGroup)
def test_every_group_can_give_its_reasons_with_other_and_unknown_last(group):
    asked = REASONS_ASKED[group]
    assert len(set(asked)) == len(asked)
    assert asked[-2:] == (Reason.OTHER, Reason.UNKNOWN)


def test_internal_groups_have_no_country():
    assert [group for group in PopulationGroup if not moves_across_border(group)] == [
        PopulationGroup.INTERNAL_MIGRANTS,
        PopulationGroup.INTERNAL_EMIGRANTS,
    ]


def test_the_russian_terms_and_the_bands_are_those_of_the_report():
    folder = ROOT.parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("the Round 3 report is not beside this checkout")
    report = " ".join(
        next(folder.glob("*.txt")).read_text(encoding="utf-8").casefold().replace("-\n", "-").split()
    )
    figures = json.loads((folder / "round-3.json").read_text(encoding="utf-8"))
    for table in (vocabulary.SERVICES, vocabulary.POPULATION_GROUPS):
        for term in table.values():
            assert term.ru.casefold() in report, term
    by_distance = figures["service_access"]["households_by_distance_km"]
    assert set(by_distance) == set(Service)
    for bands in by_distance.values():
        assert [band for band in bands if band != "total_printed"] == list(Band)
