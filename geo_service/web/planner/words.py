"""Every word of the planner's page, in each language.

Numbers stand in sentences so that no word has to agree with them: Russian and Kazakh have other endings for 1, 2 and 5.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.vocabulary import Basis, Language, Service
from geo_service.web.planner.labels import LABELS
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Words", "words_of"]

_LACKING: Mapping[Service, tuple[str, str, str]] = MappingProxyType(
    {
        Service.HOSPITAL: ("a hospital", "больницы", "ауруханасы"),
        Service.POLYCLINIC: ("a polyclinic", "поликлиники", "емханасы"),
        Service.SCHOOL: ("a school", "школы", "мектебі"),
        Service.MARKET: ("a shop or market", "магазина", "дүкені"),
        Service.SAFE_DRINKING_WATER: (
            "safe drinking water",
            "безопасной питьевой воды",
            "қауіпсіз ауыз суы",
        ),
        Service.INTERNET: ("internet", "интернета", "интернеті"),
    }
)
"""After "without", after "без" and "от", before "жоқ"."""

_FROM_IN_KAZAKH: Mapping[Service, str] = MappingProxyType(
    {
        Service.HOSPITAL: "ауруханадан",
        Service.POLYCLINIC: "емханадан",
        Service.SCHOOL: "мектептен",
        Service.MARKET: "дүкеннен",
        Service.SAFE_DRINKING_WATER: "қауіпсіз ауыз судан",
        Service.INTERNET: "интернеттен",
    }
)

_WITHOUT = Wording(
    en="Communities without {service}",
    ru="Сообщества без {service}",
    kk="{service} жоқ қауымдастықтар",
)
_FARTHER = Wording(
    en="Communities farther than {km} km from {service}",
    ru="Сообщества дальше {km} км от {service}",
    kk="{service} {km} км-ден алыс қауымдастықтар",
)
_WHERE = Wording(en="{what} – {where}", ru="{what} – {where}", kk="{what} – {where}")
_GROUP_BY_UNIT = Wording(
    en="{group}: where they live",
    ru="{group}: где они живут",
    kk="{group}: қайда тұрады",
)


class Words:
    """The words of one language.

    Args:
        language: The language.
    """

    def __init__(self, language: Language) -> None:
        """Look up the labels."""
        self.language = language
        self.labels = MappingProxyType(
            {name: in_language(one(), language) for name, one in LABELS.items() if "{" not in one.en}
        )

    def __getitem__(self, name: str) -> str:
        """A label, as templates ask for it."""
        return self.labels[name]

    def say(self, label: str, /, **values: object) -> str:
        """A sentence with its places filled in."""
        return in_language(LABELS[label](**values), self.language)

    def title_of(self, service: Service, km: str | None) -> str:
        """What the communities of a question are called.

        Args:
            service: The service.
            km: Kilometres as a text; null for communities without it.
        """
        called = self.called(service, km)
        worded = _WITHOUT(service=called) if km is None else _FARTHER(service=called, km=km)
        text = in_language(worded, self.language)
        return text[:1].upper() + text[1:]

    def called(self, service: Service, km: str | None) -> str:
        """A service as it stands in those sentences."""
        if km is not None and self.language is Language.KK:
            return _FROM_IN_KAZAKH[service]
        return _LACKING[service][list(Language).index(self.language)]

    def at(self, what: str, where: str | None) -> str:
        """A title with its place."""
        return what if where is None else in_language(_WHERE(what=what, where=where), self.language)

    def of_group(self, label: str) -> str:
        """The title of a group by unit."""
        return in_language(_GROUP_BY_UNIT(group=label), self.language)

    def basis_sentence(self, basis: Basis) -> str:
        """What a basis is, as a sentence."""
        return self[f"basis_{basis}"]

    def basis_label(self, basis: Basis) -> str:
        """What a basis is called in the form."""
        return self[f"basis_short_{basis}"]


@cache
def words_of(language: Language) -> Words:
    """The words of a language."""
    return Words(language)
