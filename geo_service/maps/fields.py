"""What the values of tooltips, tables and facts of maps are called, in each language."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIELDS"]

FIELDS: Mapping[str, Wording] = MappingProxyType(
    {
        "individuals": Wording(en="Individuals", ru="Человек", kk="Адам саны"),
        "share": Wording(
            en="Share of the group in all units",
            ru="Доля от группы во всех территориях",
            kk="Барлық аумақтағы топтан үлесі",
        ),
        "per_1000_inhabitants": Wording(
            en="Per 1,000 inhabitants", ru="На 1\u00a0000 жителей", kk="1\u00a0000 тұрғынға шаққанда"
        ),
        "per_km2": Wording(en="Per km²", ru="На км²", kk="1 км²-ге шаққанда"),
        "location_quotient": Wording(
            en="Location quotient", ru="Коэффициент локализации", kk="Локализация коэффициенті"
        ),
        "inhabitants": Wording(en="Inhabitants", ru="Жители", kk="Тұрғындар"),
        "area_km2": Wording(en="Area, km²", ru="Площадь, км²", kk="Ауданы, км²"),
        "villages": Wording(en="Villages", ru="Населённые пункты", kk="Елді мекендер"),
        "villages_visited": Wording(
            en="Villages assessed", ru="Обследовано населённых пунктов", kk="Зерттелген елді мекендер"
        ),
        "villages_known": Wording(
            en="Villages known", ru="Известно населённых пунктов", kk="Белгілі елді мекендер"
        ),
        "villages_assessed": Wording(
            en="Of them assessed", ru="Из них обследовано", kk="Олардың ішінде зерттелгені"
        ),
        "villages_share": Wording(
            en="Share of villages assessed",
            ru="Доля обследованных пунктов",
            kk="Зерттелген елді мекендер үлесі",
        ),
        "households": Wording(en="Households", ru="Домохозяйства", kk="Үй шаруашылықтары"),
        "households_known": Wording(
            en="Households known", ru="Известно домохозяйств", kk="Белгілі үй шаруашылықтары"
        ),
        "households_assessed": Wording(
            en="Households in villages assessed",
            ru="Домохозяйства в обследованных пунктах",
            kk="Зерттелген елді мекендердегі үй шаруашылықтары",
        ),
        "households_share": Wording(
            en="Share of households in villages assessed",
            ru="Доля домохозяйств в обследованных пунктах",
            kk="Зерттелген елді мекендердегі үй шаруашылықтарының үлесі",
        ),
        "population": Wording(en="Population", ru="Население", kk="Халық саны"),
        "villages_beyond": Wording(
            en="Villages over {km} km away",
            ru="Населённых пунктов дальше {km} км",
            kk="{km} км-ден алыс елді мекендер",
        ),
        "households_beyond": Wording(
            en="Households over {km} km away",
            ru="Домохозяйств дальше {km} км",
            kk="{km} км-ден алыс үй шаруашылықтары",
        ),
        "share_beyond": Wording(
            en="Share of the unit's households",
            ru="Доля от домохозяйств территории",
            kk="Аумақтың үй шаруашылықтарынан үлесі",
        ),
        "villages_without": Wording(
            en="Communities without", ru="Сообществ без услуги", kk="Қызметі жоқ қауымдастықтар"
        ),
        "one_apart": Wording(en="One band apart", ru="Отличие на один интервал", kk="Бір аралыққа айырма"),
        "households_without": Wording(
            en="Households in them", ru="Домохозяйств в них", kk="Олардағы үй шаруашылықтары"
        ),
        "band": Wording(en="Distance band", ru="Интервал расстояния", kk="Қашықтық аралығы"),
        "distance_km": Wording(en="Straight line, km", ru="По прямой, км", kk="Түзу сызық бойымен, км"),
        "facility": Wording(en="Nearest facility", ru="Ближайший объект", kk="Ең жақын нысан"),
        "same_earlier": Wording(
            en="Individuals, Round {earlier}, same villages",
            ru="Человек, раунд {earlier}, те же пункты",
            kk="Адам саны, {earlier}-раунд, сол елді мекендер",
        ),
        "same_later": Wording(
            en="Individuals, this round, same villages",
            ru="Человек, этот раунд, те же пункты",
            kk="Адам саны, осы раунд, сол елді мекендер",
        ),
        "same_change": Wording(en="Change", ru="Изменение", kk="Өзгеріс"),
        "same_change_relative": Wording(en="Change, %", ru="Изменение, %", kk="Өзгеріс, %"),
        "villages_same": Wording(en="Same villages", ru="Тех же населённых пунктов", kk="Сол елді мекендер"),
        "compared": Wording(
            en="Villages compared", ru="Сравнено населённых пунктов", kk="Салыстырылған елді мекендер"
        ),
        "two_or_more_apart": Wording(
            en="Two or more bands apart",
            ru="Отличие на два интервала и более",
            kk="Екі және одан көп аралыққа айырма",
        ),
        "measured_nearer": Wording(en="Measured nearer", ru="Измеренное ближе", kk="Өлшенгені жақын"),
        "measured_farther": Wording(en="Measured farther", ru="Измеренное дальше", kk="Өлшенгені алыс"),
        "share_equal": Wording(
            en="Share of those compared in the same band",
            ru="Доля сравненных с тем же интервалом",
            kk="Салыстырылғандардағы сол аралықтың үлесі",
        ),
        "reported_band": Wording(en="Reported", ru="По сообщениям", kk="Хабарланған"),
        "measured_band": Wording(en="Measured", ru="По измерениям", kk="Өлшенген"),
        "agreement": Wording(en="Comparison", ru="Сравнение", kk="Салыстыру"),
        # Facts
        "basis": Wording(en="Basis", ru="Основа", kk="Негізі"),
        "method": Wording(en="Method", ru="Метод", kk="Әдіс"),
        "round": Wording(en="Round", ru="Раунд", kk="Раунд"),
        "collected": Wording(en="Collected", ru="Сбор данных", kk="Дерек жинау"),
        "release": Wording(en="Release", ru="Выпуск", kk="Шығарылым"),
        "boundaries": Wording(en="Boundaries", ru="Границы", kk="Шекаралар"),
    }
)
