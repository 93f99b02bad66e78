"""What the names of figures say: whether a number is a total, a share or a growth, of what, and by what it is broken down.

Names are read word by word in English, Russian and Kazakh, keys with the vocabulary; no path of any publication is known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geo_service.vocabulary import (
    BANDS,
    INFORMANT_ROLES,
    MIGRATION_KINDS,
    POPULATION_GROUPS,
    REASONS,
    SERVICES,
    SEXES,
    YEARS_ASIDE,
    Term,
    countries,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ASIDE",
    "HOUSEHOLDS",
    "INDIVIDUALS",
    "MEASURES",
    "PLACES",
    "POPULATION",
    "REST",
    "VILLAGES",
    "FigureKind",
    "Name",
    "Topic",
    "canonical_key",
    "closed_keys",
    "read_name",
    "topic_of_keys",
]

INDIVIDUALS = "individuals"
HOUSEHOLDS = "households"
VILLAGES = "villages"
POPULATION = "population"
MEASURES = frozenset({INDIVIDUALS, HOUSEHOLDS, VILLAGES})

REST = frozenset({"other", "rest"})
"""The keys of a row that holds all that is not told apart: a table that has one is whole."""

ASIDE = REST | {"unknown", "earlier"}
"""The keys that stand beside the parts proper of any table."""


class FigureKind(StrEnum):
    """What a number is."""

    COUNT = "count"
    SHARE = "share"
    GROWTH = "growth"


class Topic(StrEnum):
    """By what a table is broken down."""

    COUNTRY = "country"
    REGION = "region"
    DISTRICT = "district"
    YEAR = "year"
    SEX = "sex"
    MIGRATION = "migration"
    REASON = "reason"
    ROLE = "role"
    DISTANCE = "distance"
    SERVICE = "service"
    GROUP = "group"


PLACES = frozenset({Topic.REGION, Topic.DISTRICT})

_KIND_WORDS: Mapping[FigureKind, re.Pattern[str]] = MappingProxyType(
    {
        FigureKind.GROWTH: re.compile(r"growth|роста?|өсімі?"),
        FigureKind.SHARE: re.compile(r"shares?|percent\w*|pct|дол[яи]|процент\w*|үлес\w*|пайыз\w*"),
    }
)
# In percent they are growth; without, they may be a difference.
_CHANGE_WORDS = re.compile(r"change|increase|прироста?|изменени[ея]|өзгеріс\w*")
_INCREASE_WORDS = re.compile(r"increase|прироста?")
_MEASURE_WORDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        INDIVIDUALS: re.compile(r"individuals?|people|persons?|migrants|человек|лиц|численност\w*|адам\w*"),
        HOUSEHOLDS: re.compile(r"households?|hhs?|домохозяйств\w*"),
        VILLAGES: re.compile(r"villages?|communit(y|ies)|settlements?|с[её]л|с[её]ла|ауыл\w*"),
    }
)
_TOPIC_WORDS: Mapping[Topic, re.Pattern[str]] = MappingProxyType(
    {
        Topic.COUNTRY: re.compile(
            r"countr(y|ies)|nationalit(y|ies)|citizenships?|стран\w*|гражданств\w*|елдер\w*|азаматты\w*"
        ),
        Topic.REGION: re.compile(r"regions?|oblasts?|adm(in)?1|област\w*|регион\w*|облыс\w*"),
        Topic.DISTRICT: re.compile(r"districts?|rayons?|raions?|adm(in)?2|район\w*|аудан\w*"),
        Topic.YEAR: re.compile(r"years?|год\w*|жыл\w*"),
        Topic.SEX: re.compile(r"sex|gender|пола?|полу|жыныс\w*"),
        Topic.MIGRATION: re.compile(r"kinds?|migration|types?|вид\w*|түр\w*"),
        Topic.REASON: re.compile(r"reasons?|причин\w*|себе[пб]\w*"),
        Topic.ROLE: re.compile(r"roles?|рол\w*"),
        Topic.DISTANCE: re.compile(r"distances?|bands?|расстояни\w*|қашықты\w*"),
        Topic.SERVICE: re.compile(r"services?|услуг\w*|қызмет\w*"),
        Topic.GROUP: re.compile(r"groups?|групп\w*|топ|топтар\w*"),
    }
)
_POPULATION_WORDS = re.compile(r"inhabitants?|residents?|населени[ея]|жител\w*|халық\w*|халқы\w*|тұрғын\w*")
_TOTAL_WORDS = re.compile(r"total|sum|итого|всего|общее|общий|барлығы|жиыны")
_SUBTOTAL_WORDS = re.compile(r"subtotals?|подытог\w*|промежуточн\w*")
_BY_WORDS = frozenset({"by", "по"})
# A share with or without something, or of who could choose several answers, is a rate of each row, not a part of one whole.
_RATE_WORDS = frozenset({"with", "without", "having", "among", "multiple", "multi", "select"})
_NOISE = frozenset({"printed", "published", "of", "the", "in", "number", "km", "км", "and", "vs"})


@dataclass(frozen=True, slots=True)
class Name:
    """What one name says.

    Attributes:
        kind: Count, share or growth.
        stem: Of what: the words that say neither kind nor breakdown, `individuals`, `households` and `villages` each in one way.
        topic: By what it is broken down, where the name says so in words that are known.
        is_table: Whether the name says that a table stands below it.
        is_total: Whether it says that this is the total.
        is_subtotal: Whether it says that this sums some of the parts, which count already.
        is_top: Whether it says that only the largest are there.
        is_rate: Whether it says that each share has a whole of its own.
    """

    kind: FigureKind
    stem: tuple[str, ...]
    topic: Topic | None
    is_table: bool
    is_total: bool
    is_subtotal: bool
    is_top: bool
    is_rate: bool


@lru_cache(maxsize=4096)
def read_name(text: str) -> Name:
    """Read a name.

    Example:
        >>> name = read_name("share_of_households_by_distance_km")
        >>> name.kind.value, name.stem, name.topic.value
        ('share', ('households',), 'distance')
    """
    words = re.findall(r"[^\W_]+", text.casefold())
    kinds = {kind for kind, pattern in _KIND_WORDS.items() if any(map(pattern.fullmatch, words))}
    kinds |= {FigureKind.SHARE} if "%" in text else set()
    if FigureKind.SHARE in kinds and any(map(_CHANGE_WORDS.fullmatch, words)):
        kinds.add(FigureKind.GROWTH)
    kind = next((one for one in (FigureKind.GROWTH, FigureKind.SHARE) if one in kinds), FigureKind.COUNT)
    by = next((at for at, word in enumerate(words) if word in _BY_WORDS), len(words))
    topics = {_topic(word) for word in words[by:]} - {None}
    head = [word for word in words[:by] if not _says_nothing_of_what(word)]
    if kind is FigureKind.GROWTH:
        head = [word for word in head if not _INCREASE_WORDS.fullmatch(word)]
    topics |= {_topic(word) for word in head} - {None} if by == len(words) else set()
    is_subtotal = any(map(_SUBTOTAL_WORDS.fullmatch, words)) or {"sub", "total"} <= set(words)
    stem = [_measure(word) for word in head if by < len(words) or _topic(word) is None]
    return Name(
        kind=kind,
        stem=tuple(dict.fromkeys(stem)),
        topic=topics.pop() if len(topics) == 1 else None,
        is_table=by < len(words) or kind is not FigureKind.COUNT,
        is_total=any(map(_TOTAL_WORDS.fullmatch, words)) and not is_subtotal,
        is_subtotal=is_subtotal,
        is_top="top" in words,
        is_rate=not _RATE_WORDS.isdisjoint(words),
    )


def _says_nothing_of_what(word: str) -> bool:
    patterns = (*_KIND_WORDS.values(), _TOTAL_WORDS)
    return word in _NOISE or any(pattern.fullmatch(word) for pattern in patterns)


def _topic(word: str) -> Topic | None:
    return next((topic for topic, pattern in _TOPIC_WORDS.items() if pattern.fullmatch(word)), None)


def _measure(word: str) -> str:
    if _POPULATION_WORDS.fullmatch(word):
        return POPULATION
    return next((name for name, pattern in _MEASURE_WORDS.items() if pattern.fullmatch(word)), word)


# Keys

_LABELLED: Mapping[Topic, Mapping[Any, Term]] = MappingProxyType(
    {
        Topic.DISTANCE: BANDS,
        Topic.SERVICE: SERVICES,
        Topic.GROUP: POPULATION_GROUPS,
        Topic.ROLE: INFORMANT_ROLES,
        Topic.SEX: SEXES,
        Topic.MIGRATION: MIGRATION_KINDS,
        Topic.REASON: REASONS,
    }
)
_WRITTEN: Mapping[Topic, re.Pattern[str]] = MappingProxyType(
    {
        Topic.YEAR: re.compile(r"(19|20)\d\d"),
        Topic.DISTANCE: re.compile(r"\d+(\.\d+)?-\d+(\.\d+)?|>\d+(\.\d+)?"),
        Topic.REGION: re.compile(r"[a-z]{3}\d{2,3}"),
        Topic.DISTRICT: re.compile(r"[a-z]{3}\d{4,6}"),
    }
)
_REST_LABELS = ("rest", "the rest", "others", "остальные", "прочие", "другие", "қалғандары", "басқалары")
_OPEN_BAND = re.compile(r"(?:over|more than|более|свыше|>)\s*(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*\+")


@lru_cache(maxsize=4096)
def canonical_key(text: str) -> str:
    """The code of a key that is written as a code or a label of the vocabulary, else the key without case and units.

    Example:
        >>> canonical_key("Узбекистан"), canonical_key("Более 25 КМ"), canonical_key("KAZ014")
        ('UZB', '>25', 'kaz014')
    """
    folded = " ".join(text.casefold().replace("_", " ").replace("ё", "е").replace("–", "-").split())
    if folded in _codes():
        return _codes()[folded]
    plain = re.sub(r"\s*(km|км)\b\.?", "", folded)
    if band := _OPEN_BAND.fullmatch(plain):
        return f">{band[1] or band[2]}"
    return re.sub(r"\s*-\s*", "-", plain) if plain[:1].isdigit() else folded


def topic_of_keys(keys: Iterable[str]) -> Topic | None:
    """What canonical keys are codes of; null where they are not all of one kind, or only `other`, `unknown` and the like."""
    proper = set(keys) - ASIDE
    if not proper:
        return None
    for topic, pattern in _WRITTEN.items():
        if all(map(pattern.fullmatch, proper)):
            return topic
    for topic, terms in _LABELLED.items():
        if all(key in terms for key in proper):
            return topic
    return Topic.COUNTRY if all(key in countries() for key in proper) else None


def closed_keys(topic: Topic | None) -> frozenset[str] | None:
    """All keys that a whole table of this topic must have beside `other` and `unknown`; null where the vocabulary does not say."""
    if topic not in {Topic.SEX, Topic.MIGRATION, Topic.ROLE}:
        return None
    return frozenset(str(key) for key in _LABELLED[topic]) - ASIDE


@cache
def _codes() -> Mapping[str, str]:
    """The code of each folded code and label; where one label has two codes the first counts."""
    found = dict.fromkeys(_REST_LABELS, "rest")
    tables: list[Mapping[Any, Term]] = [*_LABELLED.values(), YEARS_ASIDE, countries()]
    for terms in tables:
        for code, term in terms.items():
            for text in (str(code), term.en, term.ru, term.kk):
                folded = " ".join(text.casefold().replace("_", " ").replace("ё", "е").split())
                found.setdefault(folded, str(code))
    return found
