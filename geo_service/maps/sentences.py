"""The sentences of maps in each language: warnings, the disclaimer, and what a map shows to whoever does not see it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.vocabulary import AdminLevel
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["IN_NO_UNIT", "NOTES", "SUMMARIES"]

NOTES: Mapping[str, Wording] = MappingProxyType(
    {
        "synthetic": Wording(
            en="Synthetic data: made up, not surveyed.",
            ru="Синтетические данные: вымышлены, не собраны опросом.",
            kk="Синтетикалық деректер: ойдан шығарылған, сауалнамадан алынбаған.",
        ),
        "straight": Wording(
            en="Distances are measured in a straight line, not by road.",
            ru="Расстояния измерены по прямой, а не по дорогам.",
            kk="Қашықтықтар жолмен емес, түзу сызық бойымен өлшенген.",
        ),
        "reported": Wording(
            en="Reported by key informants, not measured.",
            ru="По сообщениям ключевых информаторов, не измерено.",
            kk="Негізгі ақпарат берушілер хабарлаған, өлшенбеген.",
        ),
        "guarded": Wording(
            en="Small numbers are hidden, and those from which they could be worked out. Hidden is not zero.",
            ru="Малые числа скрыты, как и те, по которым их можно вычислить. Скрыто не значит ноль.",
            kk="Аз сандар және оларды есептеп шығаруға болатын сандар жасырылған. Жасырылған сан нөл емес.",
        ),
        "not_located": Wording(
            en="Villages without a location, which are not on the map: {count}.",
            ru="Населённых пунктов без координат, которых нет на карте: {count}.",
            kk="Координаттары жоқ, картада көрсетілмеген елді мекендер: {count}.",
        ),
        "villages_left_out": Wording(
            en="Villages in no {unit} of this map, which its totals leave out: {count}.",
            ru="Населённых пунктов вне {unit} этой карты, не вошедших в её итоги: {count}.",
            kk="Осы картаның {unit} тыс, қорытынды сандарға кірмейтін елді мекендер: {count}.",
        ),
        "individuals_left_out": Wording(
            en="Individuals in no {unit} of this map, whom its totals leave out: {count}.",
            ru="Человек вне {unit} этой карты, не вошедших в её итоги: {count}.",
            kk="Осы картаның {unit} тыс жердегі, қорытынды сандарға кірмейтін адамдар: {count}.",
        ),
        "data_left_out": Wording(
            en="Data in no {unit} of this map are left out of its totals.",
            ru="Данные вне {unit} этой карты в её итоги не входят.",
            kk="Осы картаның {unit} тыс жердегі деректер қорытынды сандарға кірмейді.",
        ),
        "same_villages": Wording(
            en="Only villages of both rounds count, where the number is known in both.",
            ru="Учтены только населённые пункты обоих раундов, где численность известна в обоих.",
            kk="Тек екі раундқа да енген, саны екеуінде де белгілі елді мекендер есептелген.",
        ),
        "disclaimer": Wording(
            en="The boundaries and names shown on this map do not imply official endorsement or acceptance.",
            ru="Границы и названия на этой карте не означают их официального одобрения или признания.",
            kk="Осы картадағы шекаралар мен атаулар олардың ресми мақұлданғанын немесе танылғанын білдірмейді.",
        ),
    }
)

IN_NO_UNIT: Mapping[AdminLevel, Wording] = MappingProxyType(
    {
        AdminLevel.COUNTRY: Wording(en="country", ru="стран", kk="елдерінен"),
        AdminLevel.REGION: Wording(en="region", ru="областей", kk="облыстарынан"),
        AdminLevel.DISTRICT: Wording(en="district", ru="районов", kk="аудандарынан"),
    }
)
"""The units of the notes on what is left out: in Russian the genitive, in Kazakh what something lies outside of."""

SUMMARIES: Mapping[str, Wording] = MappingProxyType(
    {
        "total": Wording(
            en="Individuals in these, in total: {total}.",
            ru="Всего человек в них: {total}.",
            kk="Олардағы барлық адам саны: {total}.",
        ),
        "households_beyond": Wording(
            en="Households in these over {km} km away: {part} of {whole} ({share}).",
            ru="Домохозяйств дальше {km} км в них: {part} из {whole} ({share}).",
            kk="Олардағы {km} км-ден алыс үй шаруашылықтары: {whole} ішінен {part} ({share}).",
        ),
        "villages_without": Wording(
            en="Communities in these: {part} of {whole}.",
            ru="Таких сообществ в них: {part} из {whole}.",
            kk="Олардағы мұндай қауымдастықтар: {whole} ішінен {part}.",
        ),
        "villages": Wording(
            en="Villages assessed in these: {total}.",
            ru="Обследовано населённых пунктов в них: {total}.",
            kk="Олардағы зерттелген елді мекендер: {total}.",
        ),
        "villages_of": Wording(
            en="Villages assessed in these: {part} of {whole} that are known.",
            ru="Обследовано населённых пунктов в них: {part} из {whole} известных.",
            kk="Олардағы зерттелген елді мекендер: белгілі {whole} ішінен {part}.",
        ),
        "change": Wording(
            en="In the same villages: {earlier} individuals in Round {number}, then {later}.",
            ru="В тех же населённых пунктах, человек: {earlier} в раунде {number}, затем {later}.",
            kk="Сол елді мекендердегі адам саны: {number}-раундта {earlier}, кейін {later}.",
        ),
        "agreement": Wording(
            en="Villages in the same band: {part} of {whole} compared ({share}).",
            ru="Населённых пунктов с тем же интервалом: {part} из {whole} сравненных ({share}).",
            kk="Аралығы бірдей елді мекендер: салыстырылған {whole} ішінен {part} ({share}).",
        ),
        "most": Wording(
            en="The most among these: {unit}, {number}.",
            ru="Больше всего среди них: {unit}, {number}.",
            kk="Олардың ішінде ең көбі: {unit}, {number}.",
        ),
        "most_tied": Wording(
            en="The most among these: {number}, in as many units: {count}.",
            ru="Больше всего среди них: {number}, таких территорий: {count}.",
            kk="Олардың ішінде ең көбі: {number}, мұндай аумақтар: {count}.",
        ),
        "changes": Wording(
            en="{units}. Increase: {up}, decrease: {down}, no change: {same}.",
            ru="{units}. Рост: {up}, снижение: {down}, без изменений: {same}.",
            kk="{units}. Өсу: {up}, азаю: {down}, өзгеріссіз: {same}.",
        ),
        "share": Wording(
            en="{number} of the group in all units",
            ru="{number} от группы во всех территориях",
            kk="барлық аумақтағы топтың {number}",
        ),
        "individuals": Wording(en="{number}", ru="{number}", kk="{number}"),
        "per_1000_inhabitants": Wording(
            en="{number} per 1,000 inhabitants",
            ru="{number} на 1\u00a0000 жителей",
            kk="1\u00a0000 тұрғынға шаққанда {number}",
        ),
        "per_km2": Wording(en="{number} per km²", ru="{number} на км²", kk="1 км²-ге шаққанда {number}"),
        "location_quotient": Wording(
            en="location quotient {number}",
            ru="коэффициент локализации {number}",
            kk="локализация коэффициенті {number}",
        ),
        "of_households": Wording(
            en="{number} of its households",
            ru="{number} домохозяйств территории",
            kk="аумақ үй шаруашылықтарының {number}",
        ),
        "of_known": Wording(
            en="{number} of its known villages",
            ru="{number} известных населённых пунктов",
            kk="белгілі елді мекендердің {number}",
        ),
        "of_compared": Wording(
            en="{number} of the villages compared",
            ru="{number} сравненных населённых пунктов",
            kk="салыстырылған елді мекендердің {number}",
        ),
        "none": Wording(
            en="No unit has a number that can be shown.",
            ru="Ни по одной территории нет числа, которое можно показать.",
            kk="Ешбір аумақта көрсетуге болатын сан жоқ.",
        ),
    }
)
