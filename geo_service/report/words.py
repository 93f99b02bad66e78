"""What writers say of their own, a word or two at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.wording import Wording

if TYPE_CHECKING:
    from geo_service.vocabulary import Language

__all__ = ["WORDS", "words_in"]

WORDS = {
    "suppressed": Wording(en="suppressed", ru="скрыто", kk="жасырылған"),
    "unknown": Wording(en="no data", ru="нет данных", kk="дерек жоқ"),
    "figure_number": Wording(en="Figure {number}", ru="Рисунок {number}", kk="{number}-сурет"),
    "table_number": Wording(en="Table {number}", ru="Таблица {number}", kk="{number}-кесте"),
    "contents": Wording(en="Contents", ru="Содержание", kk="Мазмұны"),
    "page": Wording(
        en="Page {number} of {all}", ru="Страница {number} из {all}", kk="{all} беттің {number}-беті"
    ),
    "release": Wording(en="Release", ru="Выпуск данных", kk="Деректер шығарылымы"),
    "sources": Wording(en="Sources", ru="Источники", kk="Дереккөздер"),
    "figures": Wording(en="Figures", ru="Числа отчёта", kk="Есептегі сандар"),
    "notes": Wording(en="Notes", ru="Примечания", kk="Ескертпелер"),
}


def words_in(language: Language) -> dict[str, str]:
    """All of them in a language, places left open."""
    return {name: getattr(wording, language.value) for name, wording in WORDS.items()}
