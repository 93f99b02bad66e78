"""The names of the questions: the same in the forms, in the files that come back, and in the plain layout.

Each name is there once in its form, so that a file without its groups' names can be read too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.vocabulary import Dimension, InformantRole, PopulationGroup, Service, Sex

__all__ = [
    "DISTRICT",
    "INFORMANTS",
    "INFORMANT_ROLE",
    "INFORMANT_SEX",
    "INTERVIEW_DATE",
    "LATITUDE",
    "LOCATION",
    "LONGITUDE",
    "REGION",
    "SYNTHETIC",
    "TO_VISIT",
    "TO_VISIT_CODE",
    "TO_VISIT_NAME",
    "VILLAGE_CODE",
    "VILLAGE_HOUSEHOLDS",
    "VILLAGE_NAME",
    "VILLAGE_POPULATION",
    "band_question",
    "check_question",
    "countries_repeat",
    "country_count_question",
    "country_question",
    "estimate_question",
    "group_question",
    "informant_question",
    "part_question",
    "presence_question",
]

INTERVIEW_DATE = "interview_date"
REGION = "region"
DISTRICT = "district"
VILLAGE_CODE = "village_code"
VILLAGE_NAME = "village_name"
LOCATION = "location"
LONGITUDE = "longitude"
LATITUDE = "latitude"
VILLAGE_HOUSEHOLDS = "village_households"
VILLAGE_POPULATION = "village_population"
SYNTHETIC = "synthetic"

INFORMANTS = "key_informants"
"""The repeat of B2 with one row a key informant."""
INFORMANT_ROLE = "informant_role"
INFORMANT_SEX = "informant_sex"

TO_VISIT = "villages_to_visit"
"""The repeat of B1 with one row a village."""
TO_VISIT_CODE = "visit_village_code"
TO_VISIT_NAME = "visit_village_name"


def group_question(group: PopulationGroup, what: str) -> str:
    """`labour_migrants_present`, `labour_migrants_individuals`, `labour_migrants_households` (B2); in B1 only the first."""
    return f"{group}_{what}"


def estimate_question(group: PopulationGroup) -> str:
    """`labour_migrants_estimate`: the individuals of a group in a district, as B1 estimates them."""
    return f"{group}_estimate"


def part_question(group: PopulationGroup, dimension: Dimension, code: str) -> str:
    """`labour_migrants_sex_female`, `returnees_year_2023`, `emigrants_reason_family`: the individuals of one part.

    Countries are asked in a repeat; a file that has a column a country names it `labour_migrants_country_UZB`.
    """
    return f"{group}_{dimension}_{code}"


def countries_repeat(group: PopulationGroup) -> str:
    """`labour_migrants_countries`: the repeat with one row a country."""
    return f"{group}_countries"


def country_question(group: PopulationGroup) -> str:
    """`labour_migrants_country`: which country, in the repeat."""
    return f"{group}_country"


def country_count_question(group: PopulationGroup) -> str:
    """`labour_migrants_country_individuals`: how many individuals, in the repeat."""
    return f"{group}_country_individuals"


def presence_question(service: Service) -> str:
    """`hospital_present`."""
    return f"{service}_present"


def band_question(service: Service) -> str:
    """`hospital_band`: the reported distance band to the nearest, where there is none in the village."""
    return f"{service}_band"


def informant_question(role: InformantRole, sex: Sex) -> str:
    """`key_informants_local_authority_male`: how many of a role and sex, in a file that has a column for each."""
    return f"{INFORMANTS}_{role}_{sex}"


def check_question(repeat: str) -> str:
    """`key_informants_check`: there to stop a submission whose repeat breaks a rule; never has a value in one that was sent."""
    return f"{repeat}_check"
