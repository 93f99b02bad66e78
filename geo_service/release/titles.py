"""What the collections of a release are called, and what a reader of it has to know."""

from __future__ import annotations

from geo_service.vocabulary import Language
from geo_service.wording import Wording, in_language

__all__ = [
    "ACCESS_BY_UNIT",
    "MOBILITY_BY_UNIT",
    "REPORTED",
    "SIDE_BY_SIDE",
    "STRAIGHT",
    "SUPPRESSED",
    "TITLES",
    "in_each_language",
]

TITLES = {
    "villages": Wording(en="Villages", ru="Населённые пункты", kk="Елді мекендер"),
    "facilities": Wording(en="Facilities", ru="Объекты услуг", kk="Қызмет көрсету нысандары"),
    "adm0": Wording(en="Countries (ADM0)", ru="Страны (ADM0)", kk="Елдер (ADM0)"),
    "adm1": Wording(en="Regions (ADM1)", ru="Области (ADM1)", kk="Облыстар (ADM1)"),
    "adm2": Wording(en="Districts (ADM2)", ru="Районы (ADM2)", kk="Аудандар (ADM2)"),
    "access": Wording(
        en="Measured distance from each village to the nearest facilities of each service",
        ru="Измеренное расстояние от каждого населённого пункта до ближайших объектов каждой услуги",
        kk="Әр елді мекеннен әр қызметтің ең жақын нысандарына дейінгі өлшенген қашықтық",
    ),
    "reported_access": Wording(
        en="Access to services as key informants reported it",
        ru="Доступ к услугам по словам ключевых информаторов",
        kk="Негізгі ақпарат берушілер айтқан қызметтерге қолжетімділік",
    ),
    "mobility": Wording(
        en="Population groups in each village",
        ru="Группы населения в каждом населённом пункте",
        kk="Әр елді мекендегі халық топтары",
    ),
    "breakdowns": Wording(
        en="Population groups in each village by sex, country, year, kind and reason",
        ru="Группы населения в каждом населённом пункте по полу, стране, году, виду и причине",
        kk="Әр елді мекендегі халық топтары: жынысы, елі, жылы, түрі, себебі бойынша",
    ),
    "key_informants_by_village": Wording(
        en="Key informants of each village: how many of each role and sex",
        ru="Ключевые информаторы каждого населённого пункта: сколько по ролям и полу",
        kk="Әр елді мекеннің негізгі ақпарат берушілері: рөлі мен жынысы бойынша саны",
    ),
    "district_estimates": Wording(
        en="Estimates of population groups by district (B1)",
        ru="Оценки групп населения по районам (B1)",
        kk="Аудандар бойынша халық топтарының бағалауы (B1)",
    ),
    "villages_to_visit": Wording(
        en="Villages to visit, as declared in B1",
        ru="Населённые пункты для посещения, указанные в B1",
        kk="B1 сауалнамасында көрсетілген баратын елді мекендер",
    ),
    "findings": Wording(
        en="Findings: what is doubtful in the inputs",
        ru="Замечания: что во входных данных вызывает сомнения",
        kk="Ескертпелер: кіріс деректеріндегі күмәнді жерлер",
    ),
    "access_by_band": Wording(
        en="Measured access: households by distance band",
        ru="Измеренный доступ: домохозяйства по диапазонам расстояния",
        kk="Өлшенген қолжетімділік: қашықтық аралықтары бойынша үй шаруашылықтары",
    ),
    "service_presence": Wording(
        en="Measured access: villages that have each service",
        ru="Измеренный доступ: населённые пункты, в которых есть услуга",
        kk="Өлшенген қолжетімділік: қызметі бар елді мекендер",
    ),
    "service_access": Wording(
        en="Access of each village to each service, as reported and as measured",
        ru="Доступ каждого населённого пункта к каждой услуге: сообщённый и измеренный",
        kk="Әр елді мекеннің әр қызметке қолжетімділігі: хабарланған және өлшенген",
    ),
    "mobility_by_region": Wording(
        en="Population groups by region",
        ru="Группы населения по областям",
        kk="Облыстар бойынша халық топтары",
    ),
    "mobility_by_district": Wording(
        en="Population groups by district",
        ru="Группы населения по районам",
        kk="Аудандар бойынша халық топтары",
    ),
    "access_by_region": Wording(
        en="Villages and households without or far from each service, by region",
        ru="Населённые пункты и домохозяйства без каждой услуги или далеко от неё, по областям",
        kk="Әр қызметі жоқ немесе одан алыс елді мекендер мен үй шаруашылықтары, облыстар бойынша",
    ),
    "access_by_district": Wording(
        en="Villages and households without or far from each service, by district",
        ru="Населённые пункты и домохозяйства без каждой услуги или далеко от неё, по районам",
        kk="Әр қызметі жоқ немесе одан алыс елді мекендер мен үй шаруашылықтары, аудандар бойынша",
    ),
}
"""By the name of the collection; those of the report's tables say theirs themselves."""

STRAIGHT = Wording(
    en="Measured distances are straight over the WGS84 ellipsoid, not by road.",
    ru="Измеренные расстояния — по прямой на эллипсоиде WGS84, а не по дорогам.",
    kk="Өлшенген қашықтықтар — жолмен емес, WGS84 эллипсоиды бойынша түзу сызықпен.",
)

REPORTED = Wording(
    en="What key informants said is reported, not measured.",
    ru="Сказанное ключевыми информаторами — сообщено, а не измерено.",
    kk="Негізгі ақпарат берушілердің айтқаны — хабарланған, өлшенбеген.",
)

SIDE_BY_SIDE = Wording(
    en="Reported and measured access are kept apart; where a table has both, it says so.",
    ru="Сообщённый и измеренный доступ не смешиваются; если в таблице есть оба, это указано.",
    kk="Хабарланған және өлшенген қолжетімділік араластырылмайды; кестеде екеуі де болса, ол көрсетілген.",
)

MOBILITY_BY_UNIT = Wording(
    en="each group has a column of its individuals, and one of the villages where it is present (…_villages); villages in no unit of the layer, which are not in it: {outside}",
    ru="у каждой группы есть столбец численности и столбец населённых пунктов, где она есть (…_villages); населённых пунктов вне территорий слоя, которых в нём нет: {outside}",
    kk="әр топтың адам саны бағаны және ол бар елді мекендер бағаны (…_villages) бар; қабат аумақтарынан тыс, қабатта жоқ елді мекендер: {outside}",
)

ACCESS_BY_UNIT = Wording(
    en="columns that begin with reported_ are what key informants said, their shares of the households of the communities without the service; the others are measured, "
    "their shares of all households of the villages of the unit; villages in no unit of the layer, which are not in it: {outside}",
    ru="столбцы, начинающиеся с reported_, — сказанное ключевыми информаторами, доли от домохозяйств сообществ без услуги; остальные измерены, доли от всех домохозяйств "
    "населённых пунктов территории; населённых пунктов вне территорий слоя, которых в нём нет: {outside}",
    kk="reported_ деп басталатын бағандар — негізгі ақпарат берушілердің айтқаны, үлестері қызметі жоқ қауымдастықтардың үй шаруашылықтарынан; қалғандары өлшенген, "
    "үлестері аумақтағы елді мекендердің барлық үй шаруашылықтарынан; қабат аумақтарынан тыс, қабатта жоқ елді мекендер: {outside}",
)

SUPPRESSED = Wording(
    en="numbers of people and households from 1 to below {threshold} are hidden, numbers of a group that was counted in fewer than {villages} villages of a unit, and others "
    "from which they would follow; suppressed says where",
    ru="числа людей и домохозяйств от 1 и меньше {threshold} скрыты, численность группы, если на территории населённых пунктов с ней меньше {villages}, и другие числа, "
    "из которых они бы следовали; где — указано в suppressed",
    kk="1-ден басталатын және {threshold} санынан кіші адамдар мен үй шаруашылықтарының саны, аумақта {villages} санынан аз елді мекенде саналған топтың саны, сондай-ақ оларды "
    "табуға болатын сандар жасырылған; қай жерде екені suppressed бағанында",
)


def in_each_language(text: str) -> dict[Language, str]:
    """A sentence in each language; text that was worded in none as it is."""
    return {language: in_language(text, language) for language in Language}
