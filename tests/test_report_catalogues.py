"""Catalogues of the report: whole, in step with the code, and sentences from them."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from geo_service.report import catalogues
from geo_service.report import sections as sections_of_the_report
from geo_service.report.catalogues import (
    LANGUAGES,
    catalogue_path,
    faults,
    main,
    read_catalogue,
    sentences_of_sections,
    updated,
)
from geo_service.report.document import Figure, FigureState, FigureStyle, Paragraph, plain
from geo_service.report.messages import Messages, joined, paragraph, sentences
from geo_service.vocabulary import Language

TEMPLATES = sentences_of_sections()
NO_FIGURES = re.compile(
    r"\b(?:B1|B2|WGS84|SHA-256)\b|\b(?:0-5|6-10|5[.,]4|5)\s(?:km|км)|\b100\s?%", re.IGNORECASE
)
"""Names, distance bands and the whole of a chart: what a digit may be of that is in no table."""
NAMES_IN_LATIN = {"MTM", "DTM", "WGS", "SHA", "OpenStreetMap", "B", "P"}

each_domain = pytest.mark.parametrize("domain", sorted(TEMPLATES))
each_language = pytest.mark.parametrize("language", LANGUAGES)


def forms(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


def ids(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def messages_of(domain, language):
    return [one for one in read_catalogue(domain, language) if one.id]


@each_language
@each_domain
def test_every_sentence_is_translated_and_the_file_is_as_the_tool_writes_it(domain, language):
    assert faults(domain, language, TEMPLATES[domain]) == []


@each_language
def test_there_are_no_other_catalogues(language):
    there = {path.stem for path in catalogue_path("any", language).parent.glob("*")}
    assert there == set(TEMPLATES)


@each_language
@each_domain
def test_translations_have_the_places_of_the_sentence(domain, language):
    for message in messages_of(domain, language):
        for form in forms(message):
            assert places(form) == places(ids(message)[-1]), form


@each_language
@each_domain
def test_no_number_is_part_of_a_sentence(domain, language):
    for message in messages_of(domain, language):
        for text in (*ids(message), *forms(message)):
            assert not re.search(r"\d", NO_FIGURES.sub("", text)), text


@each_language
@each_domain
def test_translations_have_no_english_words(domain, language):
    for message in messages_of(domain, language):
        for form in forms(message):
            words = set(re.findall("[A-Za-z]+", re.sub(r"\{\w+\}", "", form)))
            assert words <= NAMES_IN_LATIN, form


@each_language
@each_domain
def test_translations_end_as_the_sentence_does(domain, language):
    for message in messages_of(domain, language):
        for form in forms(message):
            for mark in ".:":
                assert form.endswith(mark) == ids(message)[-1].endswith(mark), form


def test_each_module_asks_for_the_catalogue_that_its_sentences_are_in():
    folder = Path(sections_of_the_report.__file__).parent
    for path in folder.rglob("*.py"):
        domain = path.relative_to(folder).parts[0].removesuffix(".py")
        for asked in re.findall(r'Messages\([^"()]*"(\w+)"', path.read_text()):
            assert asked == domain, path.name


# The tool


def sections(folder, text):
    (folder / "one.py").write_text(text)
    return folder


def test_sentences_are_what_is_said_and_not_columns_of_tables(tmp_path):
    code = (
        'm.say("A {b}.", b=row.text("label"))\nself.m.say_n("{n} a", "{n} as", f)\nmessages.text("Heading")\n'
    )
    [(domain, found)] = sentences_of_sections(sections(tmp_path, code)).items()
    assert domain == "one"
    assert [one.id for one in found if one.id] == ["A {b}.", ("{n} a", "{n} as"), "Heading"]


def test_a_package_is_one_domain(tmp_path):
    (tmp_path / "groups").mkdir()
    for name in ("first", "second"):
        (tmp_path / "groups" / f"{name}.py").write_text(f'm.text("{name}")\n')
    [(domain, found)] = sentences_of_sections(tmp_path).items()
    assert (domain, [one.id for one in found if one.id]) == ("groups", ["first", "second"])


@pytest.mark.parametrize("said", ['m.say("a" if b else "c")', 'm.text(f"{a}")', "m.say(a)", "m.say()"])
def test_a_sentence_that_is_no_literal_is_refused(tmp_path, said):
    with pytest.raises(ValueError, match=r"one\.py:1: a sentence has to be a literal"):
        sentences_of_sections(sections(tmp_path, said))


def template(*messages):
    made = Catalog()
    for message in messages:
        made.add(message)
    return made


def test_a_catalogue_keeps_translations_drops_what_is_gone_and_marks_what_is_only_like_it():
    catalogue = Catalog(locale="ru")
    catalogue.add("Key informants were interviewed.", "Ключевые информаторы опрошены.")
    catalogue.add("Villages", "Населённые пункты")
    catalogue.add("Gone, and like nothing else", "Нет")
    text = updated(catalogue, template("Villages", "All key informants were interviewed.")).decode()
    assert 'msgid "Villages"\nmsgstr "Населённые пункты"' in text
    assert "#, fuzzy" in text
    assert "Gone" not in text
    assert "nplurals=3" in text


def test_the_tool_writes_empty_translations_and_says_that_they_are_missing(tmp_path, monkeypatch, capsys):
    (tmp_path / "sections").mkdir()
    for language in LANGUAGES:
        (tmp_path / "locale" / language.value).mkdir(parents=True)
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    made = {"one": template("Villages", ("{n} village", "{n} villages"))}
    monkeypatch.setattr(catalogues, "sentences_of_sections", lambda: made)
    assert main(["--check"]) == 1
    assert not (tmp_path / "locale" / "ru" / "one.po").exists()
    assert main(["one"]) == 1
    assert "kk/one.po: 'Villages' is not translated" in capsys.readouterr().out
    path = tmp_path / "locale" / "ru" / "one.po"
    path.write_text(path.read_text().replace('msgid "Villages"\n', '#, fuzzy\nmsgid "Villages"\n'))
    path.write_text(path.read_text().replace('msgstr ""\n\nmsgid "{n}', 'msgstr "x"\n\nmsgid "{n}'))
    assert "ru/one.po: 'Villages' is fuzzy" in faults("one", Language.RU, made["one"])


# Sentences


def figure(value, text=None):
    if value is None:
        return Figure("t", 0, "c", None, "no data", FigureStyle.COUNT, FigureState.UNKNOWN)
    return Figure("t", 0, "c", float(value), text or f"{value:,}", FigureStyle.COUNT)


EN = Messages(Language.EN, "summary")
ONE, MANY = "{n} key informant was interviewed.", "{n} key informants were interviewed."


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "Опрошен 1 ключевой информатор."),
        (2, "Опрошены 2 ключевых информатора."),
        (5, "Опрошено 5 ключевых информаторов."),
        (11, "Опрошено 11 ключевых информаторов."),
        (21, "Опрошен 21 ключевой информатор."),
        (1245, "Опрошено 1,245 ключевых информаторов."),
    ],
)
def test_russian_has_three_plural_forms(count, said):
    m = Messages(Language.RU, "summary")
    assert plain(m.say_n(ONE, MANY, figure(count))) == said


def test_english_has_two_plural_forms_and_kazakh_one_wording():
    assert [plain(EN.say_n(ONE, MANY, figure(n))) for n in (1, 2)] == [
        "1 key informant was interviewed.",
        "2 key informants were interviewed.",
    ]
    kk = Messages(Language.KK, "summary")
    assert [plain(kk.say_n(ONE, MANY, figure(n))) for n in (1, 2)] == [
        "1 негізгі ақпарат берушіден сұхбат алынды.",
        "2 негізгі ақпарат берушіден сұхбат алынды.",
    ]


def test_nothing_is_said_about_a_number_that_is_not_known_or_a_text_that_is_empty():
    assert EN.say_n(ONE, MANY, figure(None)) == ()
    assert EN.say("{a} and {b}", a=figure(1), b=figure(None)) == ()
    assert EN.say("{a}", a="") == ()
    assert EN.say("{a}", a=()) == ()


@pytest.mark.parametrize("number", [1, 1.5, None])
def test_a_bare_number_is_refused(number):
    with pytest.raises(TypeError, match="no figure of a table"):
        EN.say("{a}", a=number)


def test_a_place_without_a_value_is_refused():
    with pytest.raises(KeyError):
        EN.say("{a}")


def test_figures_stay_figures_in_sentences():
    first, second = figure(1), figure(2)
    assert EN.say("From {a} to {b}.", a=first, b=(second, " more")) == (
        "From ",
        first,
        " to ",
        second,
        " more",
        ".",
    )


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["A"], "A"), (["A", "B"], "A и B"), (["A", "B", "C", "D"], "A, B, C и D")]
)
def test_lists_are_joined_as_the_language_does(items, said):
    assert plain(joined(items, Language.RU)) == said


def test_sentences_and_paragraphs_leave_out_what_says_nothing():
    one = figure(1)
    assert sentences([(), ("A.",), (), (one, ".")]) == ("A.", " ", one, ".")
    assert paragraph((), ()) == []
    assert paragraph(("A.",), (), is_lead=True) == [Paragraph(("A.",), is_lead=True)]
