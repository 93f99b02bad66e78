"""The words of pages themselves, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from geo_service.export.headings import column_heading
from geo_service.vocabulary import Language
from geo_service.wording import Wording

__all__ = ["about_label", "words"]

_WORDS: Mapping[str, Wording] = {
    "about": Wording(en="About these numbers", ru="Об этих данных", kk="Бұл деректер туралы"),
    "table": Wording(en="Table", ru="Таблица", kk="Кесте"),
    "map": Wording(en="Map", ru="Карта", kk="Карта"),
    "map_help": Wording(
        en="Arrow keys move the map, + and − change its scale. The table below has the same places.",
        ru="Стрелки двигают карту, + и − меняют масштаб. В таблице ниже те же места.",
        kk="Көрсеткі пернелер картаны жылжытады, + және − масштабын өзгертеді. Төмендегі кестеде сол жерлер бар.",
    ),
    "no_places": Wording(
        en="None of these rows has a place.",
        ru="Ни у одной из этих строк нет места на карте.",
        kk="Бұл жолдардың ешқайсысының картада орны жоқ.",
    ),
    "formats": Wording(en="Other formats", ru="Другие форматы", kk="Басқа пішімдер"),
    "see_also": Wording(en="See also", ru="См. также", kk="Тағы қараңыз"),
    "previous": Wording(en="Previous page", ru="Предыдущая страница", kk="Алдыңғы бет"),
    "next": Wording(en="Next page", ru="Следующая страница", kk="Келесі бет"),
    "synthetic": Wording(
        en="Synthetic data: made up, not surveyed.",
        ru="Синтетические данные: вымышлены, не собраны опросом.",
        kk="Синтетикалық деректер: ойдан шығарылған, сауалнамадан алынбаған.",
    ),
    "pages": Wording(en="Pages", ru="Страницы", kk="Беттер"),
    "nothing": Wording(en="There are no rows.", ru="Строк нет.", kk="Жолдар жоқ."),
    "cut": Wording(
        en="The page shows no more rows than these; the other formats have all.",
        ru="Страница показывает только эти строки; в других форматах есть все.",
        kk="Бет тек осы жолдарды көрсетеді; басқа пішімдерде бәрі бар.",
    ),
    "yes": Wording(en="yes", ru="да", kk="иә"),
    "no": Wording(en="no", ru="нет", kk="жоқ"),
    "zoom_in": Wording(en="Zoom in", ru="Приблизить", kk="Жақындату"),
    "zoom_out": Wording(en="Zoom out", ru="Отдалить", kk="Алыстату"),
    "rel_collection": Wording(en="The collection", ru="Набор данных", kk="Деректер жинағы"),
    "rel_help": Wording(
        en="What can be asked here", ru="Что здесь можно спросить", kk="Мұнда не сұрауға болады"
    ),
    "skip": Wording(en="To the table", ru="К таблице", kk="Кестеге өту"),
}

_SHOWN = Wording(
    en="{shown} of {total} rows", ru="Строк: {shown} из {total}", kk="Жолдар: {total} ішінен {shown}"
)

_ABOUT: Mapping[str, Wording] = {
    "basis": Wording(en="Basis", ru="Основа", kk="Негізі"),
    "method": Wording(en="Method", ru="Метод", kk="Әдіс"),
    "rule": Wording(en="Rule", ru="Правило", kk="Ереже"),
    "base": Wording(en="Counted of", ru="Считается от", kk="Неден есептеледі"),
    "by": Wording(en="By", ru="По", kk="Бөлінісі"),
    "adm": Wording(en="Units", ru="Единицы", kk="Бірліктер"),
    "round": Wording(en="Round", ru="Раунд", kk="Раунд"),
    "number": Wording(en="number", ru="номер", kk="нөмірі"),
    "country": Wording(en="Country", ru="Страна", kk="Ел"),
    "collected_from": Wording(en="Collected from", ru="Сбор данных с", kk="Дерек жинау басталған күн"),
    "collected_to": Wording(en="Collected to", ru="Сбор данных по", kk="Дерек жинау аяқталған күн"),
    "synthetic": Wording(en="Synthetic", ru="Синтетические данные", kk="Синтетикалық деректер"),
    "release": Wording(en="Release", ru="Выпуск", kk="Шығарылым"),
    "bands": Wording(en="Distance bands", ru="Интервалы расстояний", kk="Қашықтық аралықтары"),
    "edges_km": Wording(en="edges, km", ru="границы, км", kk="шектері, км"),
    "presence_km": Wording(
        en="Present within, km", ru="Есть в пределах, км", kk="Бар деп саналатын қашықтық, км"
    ),
    "beyond_km": Wording(en="Beyond, km", ru="Дальше, км", kk="Қашықтығы артық, км"),
    "service": Wording(en="Service", ru="Услуга", kk="Қызмет"),
    "communities": Wording(en="Communities", ru="Сообщества", kk="Қауымдастықтар"),
    "communities_uncounted": Wording(
        en="of them without a number of households",
        ru="из них без числа домохозяйств",
        kk="олардың ішінде үй шаруашылықтарының саны белгісізі",
    ),
    "communities_unknown": Wording(
        en="Communities of which it is not known",
        ru="Сообщества, о которых это не известно",
        kk="Бұл белгісіз қауымдастықтар",
    ),
    "of_communities": Wording(en="of all communities", ru="из всех сообществ", kk="барлық қауымдастықтардан"),
    "of_households": Wording(
        en="of all households", ru="из всех домохозяйств", kk="барлық үй шаруашылықтарынан"
    ),
    "group": Wording(en="Group", ru="Группа", kk="Топ"),
    "dimension": Wording(en="Dimension", ru="Признак", kk="Белгі"),
    "suppressed": Wording(en="Suppressed", ru="Скрыто", kk="Жасырылған"),
    "threshold": Wording(en="threshold", ru="порог", kk="шегі"),
    "filter": Wording(en="Filter", ru="Фильтр", kk="Сүзгі"),
    "bbox": Wording(en="Box", ru="Рамка", kk="Шектік тіктөртбұрыш"),
    "datetime": Wording(en="Time", ru="Время", kk="Уақыт"),
    "collection": Wording(en="Collection", ru="Набор", kk="Жинақ"),
    "notes": Wording(en="Notes", ru="Примечания", kk="Ескертпелер"),
    "note": Wording(en="Note", ru="Примечание", kk="Ескертпе"),
    "attributions": Wording(
        en="Sources and licences", ru="Источники и лицензии", kk="Дереккөздер мен лицензиялар"
    ),
    "attribution": Wording(
        en="Sources and licences", ru="Источники и лицензии", kk="Дереккөздер мен лицензиялар"
    ),
    "licences": Wording(
        en="Sources and licences", ru="Источники и лицензии", kk="Дереккөздер мен лицензиялар"
    ),
}


@cache
def words(language: Language) -> Mapping[str, str]:
    """The words of a page by name; `shown` has places for `shown` and `total`."""
    said = {name: getattr(one, language.value) for name, one in _WORDS.items()}
    return said | {"shown": getattr(_SHOWN, language.value)}


def about_label(name: str, language: Language) -> str:
    """What a member of `about` is called; its own name where there is no word for it."""
    if name in _ABOUT:
        return str(getattr(_ABOUT[name], language.value))
    heading = column_heading(name, language)
    return name.replace("_", " ") if heading == name else heading
