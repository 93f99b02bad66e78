"""B2: what key informants of a village are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.forms.counts import count, must_hold
from geo_service.ingest.survey.forms.form import Form, Question, QuestionKind, Section
from geo_service.ingest.survey.forms.groups import group_section
from geo_service.ingest.survey.forms.lists import (
    BAND_LIST,
    COUNTRY_LIST,
    ROLE_LIST,
    SEX_LIST,
    YES_NO_LIST,
    band_choices,
    country_choices,
    role_choices,
    sex_choices,
    yes_no_choices,
)
from geo_service.ingest.survey.forms.places import (
    date_question,
    place_choices,
    place_section,
    unit_questions,
    village_code,
    village_name,
)
from geo_service.vocabulary import SERVICES, PopulationGroup, Service
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

__all__ = ["YEARS_ASKED", "b2_form"]

YEARS_ASKED = (2020, 2021, 2022, 2023)
"""The years of arrival or departure that Round 3 of Kazakhstan asks about one by one."""

LOCATION = Wording(
    en="Location of the village", ru="Местоположение населённого пункта", kk="Елді мекеннің орналасқан жері"
)
VILLAGE_HOUSEHOLDS = Wording(
    en="Households in the village",
    ru="Домохозяйств в населённом пункте",
    kk="Елді мекендегі үй шаруашылықтары",
)
VILLAGE_POPULATION = Wording(
    en="Inhabitants of the village", ru="Жителей в населённом пункте", kk="Елді мекен тұрғындары"
)
FEWER_INHABITANTS = Wording(
    en="Enter a whole number up to 10,000,000, not less than the households.",
    ru="Введите целое число до 10 000 000, не меньше числа домохозяйств.",
    kk="10 000 000-нан аспайтын, үй шаруашылықтарының санынан кем емес бүтін сан енгізіңіз.",
)
INFORMANTS = Wording(en="Key informants", ru="Ключевые информанты", kk="Негізгі ақпарат берушілер")
INFORMANT_ROLE = Wording(en="Key informant: role", ru="Ключевой информант: роль", kk="Ақпарат беруші: рөлі")
INFORMANT_SEX = Wording(en="Key informant: sex", ru="Ключевой информант: пол", kk="Ақпарат беруші: жынысы")
INFORMANT_HINT = Wording(
    en="One entry a person. Write down no name, telephone number or anything else about the person.",
    ru="Одна запись на человека. Не записывайте имени, телефона или чего-либо ещё о человеке.",
    kk="Әр адамға бір жазба. Адамның есімін, телефонын немесе ол туралы басқа ештеңе жазбаңыз.",
)
NO_INFORMANTS = Wording(
    en="There must be at least one key informant. Go back and add one.",
    ru="Нужен хотя бы один ключевой информант. Вернитесь и добавьте.",
    kk="Кемінде бір ақпарат беруші болуы керек. Қайтып барып қосыңыз.",
)
SERVICES_SECTION = Wording(en="Services", ru="Услуги", kk="Қызметтер")
SERVICE_PRESENT = Wording(
    en="{service}: available in the village?",
    ru="{service}: есть ли в населённом пункте?",
    kk="{service}: елді мекенде бар ма?",
)
SERVICE_BAND = Wording(
    en="{service}: distance to the nearest",
    ru="{service}: расстояние до ближайшего места",
    kk="{service}: ең жақын орынға дейінгі қашықтық",
)
BAND_HINT = Wording(
    en="Leave it empty when it is not known.",
    ru="Оставьте пустым, если неизвестно.",
    kk="Белгісіз болса, бос қалдырыңыз.",
)


def b2_form(
    units: gpd.GeoDataFrame | None = None, years: Sequence[int] = YEARS_ASKED, country: str = ""
) -> Form:
    """The form of B2, one submission a village.

    Args:
        units: Schema `ADMIN_UNITS`, regions and maybe districts to choose from; a level that is not there is written as text.
        years: The calendar years of arrival or departure that are asked one by one.
        country: ISO 3166-1 alpha-3 of the country surveyed, which nobody comes from or goes to; empty leaves every country in the list.
    """
    return Form(
        "B2",
        "B2 Village assessment",
        (
            _place(units),
            *_informants(),
            *(group_section(group, sorted(set(years))) for group in PopulationGroup),
            Section(
                "services", SERVICES_SECTION(), tuple(one for service in Service for one in _service(service))
            ),
        ),
        {
            YES_NO_LIST: yes_no_choices(),
            ROLE_LIST: role_choices(),
            SEX_LIST: sex_choices(),
            COUNTRY_LIST: country_choices(country),
            BAND_LIST: band_choices(),
            **place_choices(units),
        },
    )


def _place(units: gpd.GeoDataFrame | None) -> Section:
    return place_section(
        date_question(),
        *unit_questions(units),
        village_code(q.VILLAGE_CODE),
        village_name(q.VILLAGE_NAME),
        Question(q.LOCATION, QuestionKind.GEOPOINT, LOCATION()),
        count(q.VILLAGE_HOUSEHOLDS, VILLAGE_HOUSEHOLDS()),
        count(
            q.VILLAGE_POPULATION,
            VILLAGE_POPULATION(),
            at_least=q.VILLAGE_HOUSEHOLDS,
            message=FEWER_INHABITANTS(),
        ),
    )


def _informants() -> tuple[Section, Question]:
    rows = Section(
        q.INFORMANTS,
        INFORMANTS(),
        (
            Question(
                q.INFORMANT_ROLE,
                QuestionKind.SELECT_ONE,
                INFORMANT_ROLE(),
                choices=ROLE_LIST,
                hint=INFORMANT_HINT(),
                required="yes",
            ),
            Question(
                q.INFORMANT_SEX, QuestionKind.SELECT_ONE, INFORMANT_SEX(), choices=SEX_LIST, required="yes"
            ),
        ),
        repeats=True,
    )
    return rows, must_hold(q.check_question(q.INFORMANTS), NO_INFORMANTS(), f"count(${{{q.INFORMANTS}}}) > 0")


def _service(service: Service) -> tuple[Question, Question]:
    present = q.presence_question(service)
    return (
        Question(
            present,
            QuestionKind.SELECT_ONE,
            SERVICE_PRESENT(service=SERVICES[service]),
            choices=YES_NO_LIST,
            required="yes",
        ),
        Question(
            q.band_question(service),
            QuestionKind.SELECT_ONE,
            SERVICE_BAND(service=SERVICES[service]),
            choices=BAND_LIST,
            hint=BAND_HINT(),
            relevant=f"${{{present}}} = 'no'",
        ),
    )
