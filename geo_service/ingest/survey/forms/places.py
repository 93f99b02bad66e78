"""Where an answer is from: the questions about date, region, district and village that both forms ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.checks.villages import FIRST_DAY
from geo_service.ingest.survey.forms.form import Choice, Question, QuestionKind, Section, labelled
from geo_service.vocabulary import ADMIN_LEVELS, AdminLevel, Term
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

__all__ = [
    "date_question",
    "place_choices",
    "place_section",
    "unit_questions",
    "village_code",
    "village_name",
]

PLACE = Wording(en="Place and date", ru="Место и дата", kk="Орны мен күні")
DATE = Wording(en="Date of the interview", ru="Дата интервью", kk="Сұхбат күні")
NOT_A_DAY = Wording(
    en="The interview cannot be in the future, nor before {first}.",
    ru="Интервью не может быть в будущем и не может быть раньше {first}.",
    kk="Сұхбат болашақта да, {first} күнінен бұрын да болуы мүмкін емес.",
)
VILLAGE_NAME = Wording(en="Name of the village", ru="Название населённого пункта", kk="Елді мекеннің атауы")
VILLAGE_CODE = Wording(
    en="Code of the village (KATO or P-code)",
    ru="Код населённого пункта (КАТО или P-код)",
    kk="Елді мекеннің коды (ӘАОЖ немесе P-код)",
)
CODE_HINT = Wording(
    en="Nine digits, or letters of the country and digits. Leave it empty when it is not known.",
    ru="Девять цифр либо буквы страны и цифры. Оставьте пустым, если код неизвестен.",
    kk="Тоғыз цифр немесе ел әріптері мен цифрлар. Код белгісіз болса, бос қалдырыңыз.",
)
NOT_A_CODE = Wording(
    en="A KATO code has nine digits; a P-code has two or three capital letters, then digits.",
    ru="Код КАТО состоит из девяти цифр; P-код — из двух или трёх заглавных латинских букв и цифр.",
    kk="ӘАОЖ коды тоғыз цифрдан тұрады; P-код екі немесе үш бас латын әрпінен және цифрлардан тұрады.",
)

_IS_CODE = "regex(., '^([0-9]{9}|[A-Z]{2,3}[0-9]{2,12})$')"


def place_section(*questions: Question) -> Section:
    """The group `place` with its questions."""
    return Section("place", PLACE(), questions)


def date_question() -> Question:
    """When the interview was: not in the future, nor before `FIRST_DAY`."""
    return Question(
        q.INTERVIEW_DATE,
        QuestionKind.DATE,
        DATE(),
        required="yes",
        constraint=f". >= date('{FIRST_DAY}') and . <= today()",
        constraint_message=NOT_A_DAY(first=FIRST_DAY),
    )


def unit_questions(units: gpd.GeoDataFrame | None) -> tuple[Question, Question]:
    """Region and district: chosen from `units` (schema `ADMIN_UNITS`) where they hold that level, else written.

    A district is never required: a city of republican significance has none.
    """
    listed = place_choices(units)
    region_label, district_label = (
        labelled(ADMIN_LEVELS[one]) for one in (AdminLevel.REGION, AdminLevel.DISTRICT)
    )
    if q.REGION in listed:
        region = Question(q.REGION, QuestionKind.SELECT_ONE, region_label, choices=q.REGION, required="yes")
    else:
        region = Question(q.REGION, QuestionKind.TEXT, region_label, required="yes")
    if q.DISTRICT not in listed:
        return region, Question(q.DISTRICT, QuestionKind.TEXT, district_label)
    in_region = f"region = ${{{q.REGION}}}" if q.REGION in listed else ""
    return region, Question(
        q.DISTRICT, QuestionKind.SELECT_ONE, district_label, choices=q.DISTRICT, choice_filter=in_region
    )


def place_choices(units: gpd.GeoDataFrame | None) -> Mapping[str, tuple[Choice, ...]]:
    """The choices `region` and `district` by P-code, each list only where `units` (schema `ADMIN_UNITS`) hold the level.

    A name that is null in a language is that of the next of Russian, English, Kazakh, at last the P-code.
    """
    if units is None:
        return {}
    lists = {}
    for name, level in ((q.REGION, AdminLevel.REGION), (q.DISTRICT, AdminLevel.DISTRICT)):
        of_level = units[units["level"] == level.number].sort_values("pcode")
        if len(of_level):
            parents = of_level["parent_pcode"] if level is AdminLevel.DISTRICT else [None] * len(of_level)
            lists[name] = tuple(
                Choice(code, labelled(_name(code, *names)), None if pd.isna(parent) else parent)
                for code, *names, parent in zip(
                    of_level["pcode"],
                    of_level["name_en"],
                    of_level["name_ru"],
                    of_level["name_kk"],
                    parents,
                    strict=True,
                )
            )
    return lists


def village_name(name: str) -> Question:
    """The name of a village under the question `name`; required."""
    return Question(name, QuestionKind.TEXT, VILLAGE_NAME(), required="yes")


def village_code(name: str) -> Question:
    """The code of a village under the question `name`: a KATO of nine digits or a P-code, or nothing."""
    return Question(
        name,
        QuestionKind.TEXT,
        VILLAGE_CODE(),
        hint=CODE_HINT(),
        constraint=_IS_CODE,
        constraint_message=NOT_A_CODE(),
    )


def _name(code: str, en: object, ru: object, kk: object) -> Term:
    known = [str(name) for name in (ru, en, kk) if not pd.isna(name)]
    other = known[0] if known else code
    return Term(code, *(other if pd.isna(name) else str(name) for name in (en, ru, kk)))
