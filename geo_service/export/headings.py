"""What the columns of a round's tables are called by people, in each language."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.vocabulary import Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HEADINGS", "column_heading"]

HEADINGS: Mapping[str, Wording] = MappingProxyType(
    {
        name: Wording(en=en, ru=ru, kk=kk)
        for name, en, ru, kk in (
            ("pcode", "P-code", "P-код", "P-код"),
            ("name", "Unit", "Территория", "Аумақ"),
            ("adm1_pcode", "Region, P-code", "Область, P-код", "Облыс, P-код"),
            ("adm2_pcode", "District, P-code", "Район, P-код", "Аудан, P-код"),
            ("village_id", "Village, code", "Населённый пункт, код", "Елді мекен, коды"),
            ("village_name", "Village", "Населённый пункт", "Елді мекен"),
            ("code", "Code", "Код", "Код"),
            ("codes", "Codes in the row", "Кодов в строке", "Жолдағы кодтар"),
            ("label", "What", "Показатель", "Көрсеткіш"),
            ("group", "Group, code", "Группа, код", "Топ, коды"),
            ("role", "Role, code", "Роль, код", "Рөл, коды"),
            ("sex", "Sex, code", "Пол, код", "Жынысы, коды"),
            ("service", "Service, code", "Услуга, код", "Қызмет, коды"),
            ("service_label", "Service", "Услуга", "Қызмет"),
            ("band", "Distance band, code", "Интервал расстояния, код", "Қашықтық аралығы, коды"),
            ("band_label", "Distance band", "Интервал расстояния", "Қашықтық аралығы"),
            ("suppressed", "Numbers hidden", "Числа скрыты", "Сандар жасырылған"),
            ("status", "Measurement, code", "Измерение, код", "Өлшеу, коды"),
            ("synthetic", "Synthetic", "Синтетические данные", "Синтетикалық деректер"),
            (
                "regions",
                "Regions with villages assessed",
                "Области с пунктами",
                "Елді мекендері бар облыстар",
            ),
            (
                "districts",
                "Districts with villages assessed",
                "Районы с пунктами",
                "Елді мекендері бар аудандар",
            ),
            # Villages
            ("villages", "Villages", "Населённые пункты", "Елді мекендер"),
            ("villages_located", "Villages with a location", "С координатами", "Координаттары бар"),
            ("villages_synthetic", "Villages made up", "Вымышленные", "Ойдан шығарылған"),
            (
                "villages_uncounted",
                "Villages, number not known",
                "Пункты, где число неизвестно",
                "Саны белгісіз елді мекендер",
            ),
            (
                "villages_present",
                "Villages with the group",
                "Пункты, где группа есть",
                "Топ бар елді мекендер",
            ),
            (
                "villages_absent",
                "Villages without the group",
                "Пункты, где группы нет",
                "Топ жоқ елді мекендер",
            ),
            (
                "villages_unknown",
                "Villages not asked",
                "Пункты, где не спрашивали",
                "Сұралмаған елді мекендер",
            ),
            ("villages_with", "Villages with the service", "Пункты с услугой", "Қызметі бар елді мекендер"),
            (
                "villages_without",
                "Villages without the service",
                "Пункты без услуги",
                "Қызметі жоқ елді мекендер",
            ),
            (
                "villages_earlier",
                "Villages, earlier round",
                "Пункты, прежний раунд",
                "Елді мекендер, бұрынғы раунд",
            ),
            (
                "villages_later",
                "Villages, later round",
                "Пункты, новый раунд",
                "Елді мекендер, кейінгі раунд",
            ),
            (
                "villages_both",
                "Villages in both rounds",
                "Пункты обоих раундов",
                "Екі раундтың да елді мекендері",
            ),
            (
                "villages_lost",
                "Villages only in the earlier",
                "Пункты только прежнего",
                "Тек бұрынғы раундта",
            ),
            ("villages_gained", "Villages only in the later", "Пункты только нового", "Тек кейінгі раундта"),
            (
                "villages_same",
                "Same villages, number known in both",
                "Те же пункты, число известно в обоих",
                "Сол елді мекендер, саны екеуінде де белгілі",
            ),
            (
                "villages_reported",
                "Villages, reported",
                "Пункты, по сообщениям",
                "Елді мекендер, хабарланған",
            ),
            ("villages_measured", "Villages, measured", "Пункты, по измерениям", "Елді мекендер, өлшенген"),
            # People and households
            ("population", "Population", "Население", "Халық саны"),
            ("inhabitants", "Inhabitants", "Жители", "Тұрғындар"),
            ("individuals", "Individuals", "Человек", "Адам саны"),
            (
                "base_individuals",
                "Individuals, earlier year",
                "Человек, более ранний год",
                "Адам саны, ертерек жыл",
            ),
            (
                "individuals_earlier",
                "Individuals, earlier round",
                "Человек, прежний раунд",
                "Адам саны, бұрынғы раунд",
            ),
            (
                "individuals_later",
                "Individuals, later round",
                "Человек, новый раунд",
                "Адам саны, кейінгі раунд",
            ),
            (
                "same_earlier",
                "Same villages, earlier round",
                "Те же пункты, прежний раунд",
                "Сол елді мекендер, бұрынғы раунд",
            ),
            (
                "same_later",
                "Same villages, later round",
                "Те же пункты, новый раунд",
                "Сол елді мекендер, кейінгі раунд",
            ),
            ("households", "Households", "Домохозяйства", "Үй шаруашылықтары"),
            (
                "households_with",
                "Households with the service",
                "Домохозяйства с услугой",
                "Қызметі бар үй шаруашылықтары",
            ),
            (
                "households_without",
                "Households without the service",
                "Домохозяйства без услуги",
                "Қызметі жоқ үй шаруашылықтары",
            ),
            (
                "households_reported",
                "Households, reported",
                "Домохозяйства, по сообщениям",
                "Үй шаруашылықтары, хабарланған",
            ),
            (
                "households_measured",
                "Households, measured",
                "Домохозяйства, по измерениям",
                "Үй шаруашылықтары, өлшенген",
            ),
            ("countries", "Countries", "Страны", "Елдер"),
            # Key informants
            ("informants", "Key informants", "Ключевые информаторы", "Негізгі ақпарат берушілер"),
            (
                "all_informants",
                "All key informants",
                "Все ключевые информаторы",
                "Барлық негізгі ақпарат берушілер",
            ),
            ("male", "Men", "Мужчины", "Ер адамдар"),
            ("female", "Women", "Женщины", "Әйелдер"),
            ("unknown", "Sex not known", "Пол неизвестен", "Жынысы белгісіз"),
            ("share_male", "Share of men", "Доля мужчин", "Ер адамдар үлесі"),
            ("share_female", "Share of women", "Доля женщин", "Әйелдер үлесі"),
            # Shares, change and concentration
            ("share", "Share", "Доля", "Үлес"),
            (
                "share_present",
                "Share with the group",
                "Доля пунктов с группой",
                "Топ бар елді мекендер үлесі",
            ),
            (
                "share_with",
                "Share with the service",
                "Доля пунктов с услугой",
                "Қызметі бар елді мекендер үлесі",
            ),
            ("share_reported", "Share, reported", "Доля, по сообщениям", "Үлес, хабарланған"),
            ("share_measured", "Share, measured", "Доля, по измерениям", "Үлес, өлшенген"),
            ("share_equal", "Share in the same band", "Доля в том же интервале", "Сол аралықтағы үлес"),
            (
                "share_two_or_more_apart",
                "Share two or more bands apart",
                "Доля с отличием на два интервала и более",
                "Екі және одан көп аралыққа айырма үлесі",
            ),
            ("base_year", "Earlier year", "Более ранний год", "Ертерек жыл"),
            ("year", "Year", "Год", "Жыл"),
            ("difference", "Difference", "Разница", "Айырма"),
            ("growth", "Growth", "Прирост", "Өсім"),
            ("change", "Change", "Изменение", "Өзгеріс"),
            ("change_relative", "Relative change", "Относительное изменение", "Салыстырмалы өзгеріс"),
            ("same_change", "Change, same villages", "Изменение, те же пункты", "Өзгеріс, сол елді мекендер"),
            (
                "same_change_relative",
                "Relative change, same villages",
                "Относительное изменение, те же пункты",
                "Салыстырмалы өзгеріс, сол елді мекендер",
            ),
            ("per_1000_inhabitants", "Per 1,000 inhabitants", "На 1000 жителей", "1000 тұрғынға"),
            ("area_km2", "Area, km²", "Площадь, км²", "Аумағы, км²"),
            ("per_km2", "Per km²", "На км²", "1 км²-ге"),
            ("location_quotient", "Location quotient", "Коэффициент локализации", "Локализация коэффициенті"),
            # Agreement
            ("reported_present", "There, reported", "Есть, по сообщениям", "Бар, хабарланған"),
            ("measured_present", "There, measured", "Есть, по измерениям", "Бар, өлшенген"),
            ("reported_band", "Band, reported", "Интервал, по сообщениям", "Аралық, хабарланған"),
            ("measured_band", "Band, measured", "Интервал, по измерениям", "Аралық, өлшенген"),
            ("distance_m", "Distance, m", "Расстояние, м", "Қашықтық, м"),
            ("bands_apart", "Bands apart", "Разница в интервалах", "Аралықтар айырмасы"),
            ("agreement", "Agreement, code", "Согласие, код", "Келісім, коды"),
            ("agreement_label", "Agreement", "Согласие", "Келісім"),
            ("compared", "Villages compared", "Сравнено пунктов", "Салыстырылған елді мекендер"),
            ("equal", "Same band", "Тот же интервал", "Сол аралық"),
            ("one_apart", "One band apart", "Отличие на один интервал", "Бір аралыққа айырма"),
            (
                "two_or_more_apart",
                "Two or more bands apart",
                "Отличие на два интервала и более",
                "Екі және одан көп аралыққа айырма",
            ),
            ("measured_nearer", "Measured nearer", "По измерениям ближе", "Өлшенгені жақынырақ"),
            ("measured_farther", "Measured farther", "По измерениям дальше", "Өлшенгені алысырақ"),
            ("not_asked", "Not asked", "Не спрашивали", "Сұралмаған"),
            ("no_band_reported", "No distance reported", "Расстояние не названо", "Қашықтық айтылмаған"),
            ("not_measured", "Not measured", "Не измерено", "Өлшенбеген"),
            ("weighted_kappa", "Weighted kappa", "Взвешенная каппа", "Салмақталған каппа"),
        )
    }
)
"""By the machine name of a column, where it means the same in every table."""


def column_heading(name: str, language: Language | str = Language.EN) -> str:
    """What people call a column, in `language`; its machine name where it has no other.

    Example:
        >>> column_heading("per_km2"), column_heading("mood")
        ('Per km²', 'mood')
    """
    return HEADINGS[name]().in_language(Language(language)) if name in HEADINGS else name
