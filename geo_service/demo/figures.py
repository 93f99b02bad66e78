"""Published figures of a round: what a report prints, as a JSON file holds it."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal  # pydantic reads it at run time
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from geo_service.errors import InputError
from geo_service.vocabulary import (
    UNKNOWN_COUNTRY,
    Band,
    InformantRole,
    MigrationKind,
    PopulationGroup,
    Reason,
    Service,
    Sex,
    countries,
)

__all__ = [
    "ROUND_3_PATH",
    "Figures",
    "GroupFigures",
    "InformantFigures",
    "RegionName",
    "RoundFigures",
    "ServiceFigures",
    "read_figures",
]

ROUND_3_PATH = Path(str(files("geo_service.demo") / "round_3.json"))
"""The figures of Round 3 of the Mobility Tracking Matrix in Kazakhstan (IOM, 2024)."""


def _known_country(code: str) -> str:
    if code not in countries():
        raise ValueError(f"'{code}' is no ISO 3166-1 alpha-3 code of a country, nor '{UNKNOWN_COUNTRY}'")
    return code


def _known_day(text: str) -> str:
    date.fromisoformat(text if len(text) > len("2024-01") else f"{text}-01")
    return text


_Count = Annotated[int, Field(ge=0, strict=True)]
_Share = Annotated[Decimal, Field(ge=0, le=100)]
_Country = Annotated[str, AfterValidator(_known_country)]
_Year = Annotated[str, Field(pattern=r"^\d{4}$")]
_MonthOrDay = Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$"), AfterValidator(_known_day)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class RoundFigures(_Model):
    """When a round was, and how much of the country it saw.

    Attributes:
        number: Which round.
        country: ISO 3166-1 alpha-3.
        level: What was assessed, `village`.
        first: The first month or day of interviews; `from` in the file.
        last: The last.
        regions: How many regions were assessed.
        villages_assessed: How many villages.
        enumerators: How many of each sex.
    """

    number: Annotated[int, Field(ge=1, strict=True)]
    country: _Country = "KAZ"
    level: Literal["village"] = "village"
    first: _MonthOrDay = Field(alias="from")
    last: _MonthOrDay = Field(alias="to")
    regions: _Count | None = None
    villages_assessed: Annotated[int, Field(ge=1, strict=True)]
    enumerators: dict[Sex, _Count] = {}

    @property
    def days(self) -> tuple[date, date]:
        """The first and last day: those of the month where only a month is printed."""
        return _first_day(self.first), _last_day(self.last)


class InformantFigures(_Model):
    """How many key informants answered: in all, by sex (percent) and by role."""

    total: _Count
    share_by_sex: dict[Sex, _Share] = {}
    by_role: dict[InformantRole, _Count] = {}


class RegionName(_Model):
    """What an assessed region is called in English, and in Russian as it is printed."""

    en: str
    ru_as_printed: str | None = None


class GroupFigures(_Model):
    """What is printed about a population group; shares are percent, null or empty is what is not printed.

    Attributes:
        individuals: How many people.
        households: How many households.
        villages_present: In how many villages it is.
        countries: How many countries of nationality, return or destination there are, those of `by_country` among them.
        by_country: Individuals by country; `by_nationality` in the file of labour migrants.
        share_by_country_printed: Beside it, and of `unknown`.
        share_by_sex: By sex.
        share_by_migration_type: By kind of migration.
        share_by_reason: By main reason.
        share_by_reason_note: What has to be said of them.
        by_year: Individuals by year of arrival or departure.
        growth_printed: `2023_vs_2022` and the like, percent.
        by_region: Individuals by P-code of the region.
        share_by_region_printed: Beside it, or in its place.
    """

    individuals: _Count
    households: _Count | None = None
    villages_present: _Count | None = None
    countries: _Count | None = None
    by_country: dict[_Country, _Count] = Field(
        default={}, validation_alias=AliasChoices("by_country", "by_nationality")
    )
    share_by_country_printed: dict[_Country, _Share] = Field(
        default={}, validation_alias=AliasChoices("share_by_country_printed", "share_by_nationality_printed")
    )
    share_by_sex: dict[Sex, _Share] = {}
    share_by_migration_type: dict[MigrationKind, _Share] = {}
    share_by_reason: dict[Reason, _Share] = {}
    share_by_reason_note: str | None = None
    by_year: dict[_Year, _Count] = {}
    growth_printed: dict[str, Decimal] = {}
    by_region: dict[str, _Count] = {}
    share_by_region_printed: dict[str, _Share] = {}


class ServiceFigures(_Model):
    """What is printed about access to services.

    Attributes:
        meaning: What the two tables count, in words.
        share_of_communities_with_service: Percent of the assessed villages that have it.
        households_by_distance_km: Households of the villages without it by reported distance band, and their printed total.
    """

    meaning: str | None = None
    share_of_communities_with_service: dict[Service, _Share] = {}
    households_by_distance_km: dict[Service, dict[Band | Literal["total_printed"], _Count]] = {}

    def households(self, service: Service) -> dict[Band, int]:
        """The printed cells of a service by band, zero where none is printed; no bands at all for a service without cells."""
        cells = self.households_by_distance_km.get(service)
        return {} if cells is None else {band: cells.get(band, 0) for band in Band}


class Figures(_Model):
    """All published figures of a round.

    Attributes:
        source: The publication.
        note: What has to be said of them.
        round: When, and how many villages.
        key_informants: Null where not printed; as are the groups and the services.
        regions: The regions that were assessed, by P-code.
        labour_migrants: A group; as the next four.
        service_access: Services of the villages.
    """

    source: str
    note: str | None = None
    round: RoundFigures
    key_informants: InformantFigures | None = None
    regions: dict[str, RegionName] = Field(min_length=1)
    labour_migrants: GroupFigures | None = None
    returnees: GroupFigures | None = None
    emigrants: GroupFigures | None = None
    internal_migrants: GroupFigures | None = None
    internal_emigrants: GroupFigures | None = None
    service_access: ServiceFigures = ServiceFigures()

    def groups(self) -> dict[PopulationGroup, GroupFigures]:
        """The groups that are printed, in the order of the vocabulary."""
        printed = {group: getattr(self, group.value) for group in PopulationGroup}
        return {group: figures for group, figures in printed.items() if figures is not None}


def read_figures(path: Path | str = ROUND_3_PATH) -> Figures:
    """The figures in a JSON file.

    Raises:
        InputError: It cannot be read, or is not of that form; the message says where in it.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the figures cannot be read: {error}") from error
    try:
        return Figures.model_validate_json(text)
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        at = ".".join(str(part) for part in first["loc"] if part != "[key]")
        more = f" (and {len(others)} more)" if others else ""
        raise InputError(f"{path}: {at + ': ' if at else ''}{first['msg']}{more}") from error


def _first_day(text: str) -> date:
    return date.fromisoformat(text if len(text) > len("2024-01") else f"{text}-01")


def _last_day(text: str) -> date:
    first = _first_day(text)
    if len(text) > len("2024-01"):
        return first
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])
