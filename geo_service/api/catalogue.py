"""Which collections of a release a role is shown, and under which names.

The public is shown boundaries, facilities, and those collections that were guarded when the release was published: they are called
`public_…` in the release and go by the name of the collection that they are the guarded edition of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.security.roles import Role
from geo_service.query.filters import Filter
from geo_service.release.editions import PUBLIC_PREFIX, Edition, View
from geo_service.vocabulary import SERVICES, Basis, Language, Service
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.release.manifest import Manifest
    from geo_service.release.protocol import Release

__all__ = ["PUBLIC_PREFIX", "edition_for", "layers", "tables"]

_OPEN = {
    "facilities": "facilities",
    "country": "adm0",
    "regions": "adm1",
    "districts": "adm2",
    "adm3": "adm3",
}
"""What is open to everybody, by the name it is shown under."""
_ADMIN = {source: name for name, source in _OPEN.items()}

_WITHOUT = Wording(
    en="Communities without: {service}",
    ru="Сообщества, где нет услуги: {service}",
    kk="Қызметі жоқ қауымдастықтар: {service}",
)


def edition_for(release: Release, role: Role) -> Edition:
    """What a role is shown of a release; the release stays its owner's."""
    public = role is Role.PUBLIC
    return Edition(release, dict(_public(release.manifest) if public else _whole(release.manifest)))


def layers(edition: Edition) -> list[str]:
    """The names of the collections with a geometry, in the order of the edition."""
    return [one.name for one in edition.manifest.collections if one.geometry is not None]


def tables(edition: Edition) -> list[str]:
    """The names of the collections without a geometry, in the order of the edition."""
    return [one.name for one in edition.manifest.collections if one.geometry is None]


def _public(manifest: Manifest) -> Iterator[tuple[str, View]]:
    for name, source in _OPEN.items():
        yield name, View(source)
    for one in manifest.collections:
        if one.name.startswith(PUBLIC_PREFIX):
            yield one.name.removeprefix(PUBLIC_PREFIX), View(one.name)


def _whole(manifest: Manifest) -> Iterator[tuple[str, View]]:
    names = [one.name for one in manifest.collections if not one.name.startswith(PUBLIC_PREFIX)]
    yield from ((_ADMIN.get(name, name), View(name)) for name in names)
    for service in _services(manifest):
        yield f"villages_without_{service}", _without(service, names)


def _services(manifest: Manifest) -> list[Service]:
    """The services that the release knows of: all that were asked about, or those that have a layer of facilities."""
    for name in ("service_access", "access"):
        for one in manifest.collections:
            if one.name == name:
                values = next((field.values for field in one.fields if field.name == "service"), ())
                return [service for service in Service if not values or service.value in values]
    return []


def _without(service: Service, names: list[str]) -> View:
    """Reported where key informants were asked, else measured; never one for the other."""
    title = {language: in_language(_WITHOUT(service=SERVICES[service]), language) for language in Language}
    is_service = {"op": "=", "args": [{"property": "service"}, service.value]}
    if "service_access" in names:
        is_without = {"op": "=", "args": [{"property": "reported_present"}, False]}
        only = Filter({"op": "and", "args": [is_service, is_without]})
        return View("service_access", only, title, {"basis": Basis.REPORTED.value})
    is_nearest = {"op": "=", "args": [{"property": "rank"}, 1]}
    is_without = {"op": "=", "args": [{"property": "present"}, False]}
    only = Filter({"op": "and", "args": [is_service, is_nearest, is_without]})
    return View("access", only, title, {"basis": Basis.MEASURED.value})
