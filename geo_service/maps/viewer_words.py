"""The words of the viewer itself: its buttons, search, legend and table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.vocabulary import Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["viewer_words"]

_WORDS: Mapping[str, Wording] = {
    "zoom_in": Wording(en="Zoom in", ru="Приблизить", kk="Жақындату"),
    "zoom_out": Wording(en="Zoom out", ru="Отдалить", kk="Алыстату"),
    "fit": Wording(en="Show the whole map", ru="Показать карту целиком", kk="Картаны толық көрсету"),
    "full_screen": Wording(en="Full screen", ru="На весь экран", kk="Толық экран"),
    "print": Wording(en="Print", ru="Печать", kk="Басып шығару"),
    "layers": Wording(en="Layers", ru="Слои", kk="Қабаттар"),
    "legend": Wording(en="Legend", ru="Легенда", kk="Шартты белгілер"),
    "about": Wording(en="About this map", ru="Об этой карте", kk="Бұл карта туралы"),
    "count": Wording(en="Count", ru="Число", kk="Саны"),
    "search": Wording(en="Search by name", ru="Поиск по названию", kk="Атауы бойынша іздеу"),
    "found": Wording(en="Found: {count}", ru="Найдено: {count}", kk="Табылды: {count}"),
    "nothing_found": Wording(
        en="Nothing has this name.", ru="Ничего с таким названием нет.", kk="Мұндай атаумен ештеңе жоқ."
    ),
    "table": Wording(
        en="Data of this map as a table", ru="Данные карты в виде таблицы", kk="Карта деректері кесте түрінде"
    ),
    "layer": Wording(en="Layer", ru="Слой", kk="Қабат"),
    "name": Wording(en="Name", ru="Название", kk="Атауы"),
    "class": Wording(en="Class", ru="Класс", kk="Санаты"),
    "close": Wording(en="Close", ru="Закрыть", kk="Жабу"),
    "sources": Wording(en="Sources", ru="Источники", kk="Дереккөздер"),
    "map": Wording(en="Map", ru="Карта", kk="Карта"),
    "map_help": Wording(
        en="Arrow keys move the map, + and − change its scale, Escape closes what is open. The search finds places by name, and the table has what the map shows.",
        ru="Стрелки двигают карту, + и − меняют масштаб, Escape закрывает открытое. Поиск находит места по названию, а в таблице есть то, что показывает карта.",
        kk="Көрсеткі пернелер картаны жылжытады, + және − масштабын өзгертеді, Escape ашылғанды жабады. Іздеу орындарды атауы бойынша табады, ал кестеде картада көрсетілгеннің бәрі бар.",
    ),
    "km": Wording(en="km", ru="км", kk="км"),
    "m": Wording(en="m", ru="м", kk="м"),
    "failed": Wording(
        en="The map could not be loaded. Reload the page, or look at the text below.",
        ru="Карту загрузить не удалось. Обновите страницу или прочтите текст ниже.",
        kk="Картаны жүктеу мүмкін болмады. Бетті жаңартыңыз немесе төмендегі мәтінді оқыңыз.",
    ),
}


def viewer_words(language: Language | str) -> dict[str, str]:
    """What `GeoMap.draw` takes as `said`: each of the viewer's words in a language; `{count}` stands in one of them."""
    name = Language(language).value
    return {key: getattr(wording, name) for key, wording in _WORDS.items()}
