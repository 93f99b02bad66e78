"""Sentences in three languages: complete, with the same places, and carried by findings."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
import string

import pytest

import geo_service
from geo_service.findings import FindingCode, Findings
from geo_service.vocabulary import LANGUAGES, SERVICES, Language, Service
from geo_service.wording import Wording, in_language

EMPTY = Wording(en="{service} has none", ru="{service}: нет", kk="{service}: жоқ")


def wordings() -> list[tuple[str, Wording]]:
    """Every sentence of the package."""
    found = []
    for module in pkgutil.walk_packages(geo_service.__path__, "geo_service."):
        if module.name.endswith("__main__"):
            continue
        names = vars(importlib.import_module(module.name))
        found += [(f"{module.name}.{name}", one) for name, one in names.items() if isinstance(one, Wording)]
    return found


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize(("name", "wording"), wordings())
def test_a_sentence_is_there_in_every_language_with_the_same_places(name, wording):
    texts = [getattr(wording, language.value) for language in LANGUAGES]
    assert all(text.strip() == text != "" for text in texts), name
    assert len({frozenset(places(text)) for text in texts}) == 1, name
    # One that only puts labels together has no word of its own to translate.
    has_words = any(letter.isalpha() for letter in re.sub(r"\{\w+\}", "", texts[0]))
    assert len(set(texts)) == (len(texts) if has_words else 1), name


def test_a_term_stands_by_its_label_in_each_language():
    sentence = EMPTY(service=SERVICES[Service.SCHOOL])
    assert sentence == "School has none"
    assert in_language(sentence, Language.RU) == "Школа: нет"
    assert in_language(sentence, "kk") == "Мектеп: жоқ"
    assert in_language("as it is", "ru") == "as it is"


def test_a_sentence_keeps_its_languages_through_a_pickle():
    assert in_language(pickle.loads(pickle.dumps(EMPTY(service="x"))), "ru") == "x: нет"


def test_a_finding_is_shown_and_written_in_the_language_asked_for(tmp_path):
    findings = Findings()
    findings.error(FindingCode.MISSING_VALUE, EMPTY(service="x"), suggestion=EMPTY(service="y"))
    assert str(findings.errors[0]) == "x has none. y has none"
    assert findings.to_frame("ru").loc[0, ["message", "suggestion"]].tolist() == ["x: нет", "y: нет"]
    findings.write(tmp_path / "findings.csv", "kk")
    assert "x: жоқ" in (tmp_path / "findings.csv").read_text(encoding="utf-8")
