"""The identities that the tables of a release have, as `geo_service.coverage` defines their columns."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from geo_service.coverage.labels import REST, UNKNOWN
from geo_service.report.identities.numbers import Side
from geo_service.report.identities.rules import (
    Adds,
    AtMost,
    Follows,
    Found,
    Same,
    ShareOf,
    less,
    over,
    total,
)
from geo_service.vocabulary import (
    OTHER_COUNTRY,
    AdminLevel,
    Band,
    Basis,
    Dimension,
    PopulationGroup,
    Sex,
    moves_across_border,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo_service.report.identities.rules import Rule

__all__ = ["declared"]

_CHANGE = re.compile(r"change_since_round_\d+")
_NO_COUNTRY = (OTHER_COUNTRY, UNKNOWN)


def declared(names: Iterable[str]) -> Iterator[Rule]:
    """Every identity between the tables of a release.

    Args:
        names: Of its tables; change is since whichever round they say.
    """
    changes = sorted({found[0] for name in names if (found := _CHANGE.match(name))})
    return chain(
        _coverage(),
        _informants(),
        _groups(),
        *map(_group, PopulationGroup),
        *(_dimension(group, one) for group in PopulationGroup for one in Dimension),
        *map(_countries, filter(moves_across_border, PopulationGroup)),
        _services(),
        _agreement(),
        _measured(),
        *map(_change, changes),
    )


def _add_up(table: str, *columns: str, keys: tuple[str, ...] = ()) -> Iterator[Rule]:
    """Each column of the table's splits adds up to the table itself."""
    for column in columns:
        side = Side(table, (column,), keys)
        yield Adds(side, side)


def _coverage() -> Iterator[Rule]:
    parts = ("villages_located", "villages_synthetic", "villages_uncounted")
    yield from _add_up("coverage", "villages", *parts, "households", "population")
    for column in parts:
        yield AtMost("coverage", column, "villages")
    units = Side("coverage", but=("pcode", (None,)))
    for level in (AdminLevel.REGION, AdminLevel.DISTRICT):
        yield Adds(units, Side("coverage", (f"{level}s",)), (level,))


def _informants() -> Iterator[Rule]:
    by_role, by_sex = "key_informants", "key_informants_by_sex"
    sexes = [sex.value for sex in Sex]
    yield Follows(by_role, "informants", total(*sexes))
    yield ShareOf(by_role, "share", "informants")
    known = [Sex.MALE.value, Sex.FEMALE.value]
    for sex in known:
        yield Follows(by_role, f"share_{sex}", over(sex, *known))
    yield ShareOf(by_sex, "share", "informants")
    for sex in sexes:
        yield Same(Side(by_sex, ("informants",), only=("sex", sex)), Side(by_role, (sex,)))
    yield Same(Side(by_sex, ("all_informants",), ("sex",)), Side(by_role, ("informants",)))
    yield from _add_up(by_role, "informants", *sexes, keys=("role",))
    yield from _add_up(by_sex, "informants", "all_informants", keys=("sex",))


_COUNTED_OF_GROUPS = (
    "villages",
    "villages_present",
    "villages_absent",
    "villages_unknown",
    "villages_uncounted",
    "individuals",
    "households",
)


def _in_groups(table: str) -> Iterator[Rule]:
    """What the rows of all groups have to be, and those of one."""
    yield Follows(table, "villages", total("villages_present", "villages_absent", "villages_unknown"))
    yield AtMost(table, "villages_uncounted", "villages_present")
    yield Follows(table, "share_present", over("villages_present", "villages_present", "villages_absent"))
    yield ShareOf(table, "share", "individuals", ("group",), by_unit=False)


def _groups() -> Iterator[Rule]:
    yield from _in_groups("groups")
    yield from _add_up("groups", *_COUNTED_OF_GROUPS, keys=("group",))
    yield Same(Side("groups", ("villages",), ("group",)), Side("coverage", ("villages",)), is_most=True)
    for column in ("individuals", "share"):
        yield Same(
            Side("concentration", (column,), ("group",)),
            Side("groups", (column,), ("group",)),
        )
    yield Follows("concentration", "per_km2", over("individuals", "area_km2"))


def _group(group: PopulationGroup) -> Iterator[Rule]:
    """The tables of one group by unit."""
    yield from _in_groups(group)
    for column in _COUNTED_OF_GROUPS:
        of_group = Side("groups", (column,), only=("group", group))
        yield Adds(Side(group, (column,)), of_group)
        yield Same(Side(group, (column,)), of_group)
    yield Same(Side(group, ("countries",)), Side("groups", ("countries",), only=("group", group)))


def _dimension(group: PopulationGroup, dimension: Dimension) -> Iterator[Rule]:
    """The individuals of a group by a dimension, the unknown among them."""
    table, individuals = f"{group}_by_{dimension}", ("individuals",)
    yield ShareOf(table, "share", "individuals")
    yield Same(Side(table, individuals), Side("groups", individuals, only=("group", group)))
    yield Same(Side(table, individuals), Side(group, individuals))
    if dimension is not Dimension.COUNTRY:
        yield from _add_up(table, "individuals", keys=("code",))
    if dimension is Dimension.YEAR:
        growth = f"{group}_growth"
        yield Found(growth, "base_individuals", "base_year", table, "individuals")
        yield Found(growth, "individuals", "year", table, "individuals")
        yield Follows(growth, "difference", less("individuals", "base_individuals"))
        yield Follows(growth, "growth", over("difference", "base_individuals"))


def _countries(group: PopulationGroup) -> Iterator[Rule]:
    """The largest countries have their own row, the others are one; by unit too."""
    every, largest = f"{group}_by_country", f"{group}_top_countries"
    of_group = ("group", group.value)
    yield ShareOf(largest, "share", "individuals")
    yield Found(largest, "individuals", "code", every, "individuals", but=REST)
    yield Same(Side(largest, ("individuals",)), Side("groups", ("individuals",), only=of_group))
    yield Same(Side(largest, ("codes",), but=("code", (UNKNOWN,))), Side(every, but=("code", (UNKNOWN,))))
    yield Adds(Side(every, ("individuals",), ("code",)), Side(largest, ("individuals",), ("code",)))
    # By unit only the largest countries have a row of their own: the tables of the whole alone tell how many there are.
    named = Side(every, but=("code", _NO_COUNTRY))
    yield Same(Side("groups", ("countries",), only=of_group), named, levels=(None,))


def _services() -> Iterator[Rule]:
    by_band = "households_without_service"
    counted = ("villages", "villages_with", "villages_without", "villages_unknown")
    households = ("households_with", "households_without")
    yield Follows("services", "villages", total(*counted[1:]))
    yield Follows("services", "share_with", over("villages_with", "villages_with", "villages_without"))
    yield from _add_up("services", *counted, *households, keys=("service",))
    of_service = ("service",)
    yield Same(Side("services", ("villages",), of_service), Side("coverage", ("villages",)), is_most=True)
    yield Same(Side("services", households, of_service), Side("coverage", ("households",)), is_most=True)
    yield ShareOf(by_band, "share", "households", ("service",))
    yield AtMost(by_band, "villages_uncounted", "villages")
    yield from _add_up(by_band, "villages", "villages_uncounted", "households", keys=("service", "band"))
    for part in ("villages", "households"):
        yield Same(Side("services", (f"{part}_without",), of_service), Side(by_band, (part,), of_service))


def _agreement() -> Iterator[Rule]:
    of_service = ("service",)
    apart = ("one_apart", "two_or_more_apart")
    why_not = ("not_asked", "no_band_reported", "not_measured")
    directions = ("measured_nearer", "measured_farther")
    yield Follows("agreement", "compared", total("equal", *apart))
    yield Follows("agreement", "villages", total("compared", *why_not))
    for part in ("equal", "two_or_more_apart"):
        yield Follows("agreement", f"share_{part}", over(part, "compared"))
    yield Same(Side("agreement", directions, of_service), Side("agreement", apart, of_service))
    counted = ("villages", "compared", "equal", *apart, *directions, *why_not)
    yield from _add_up("agreement", *counted, keys=of_service)
    for column, answer in (("villages", "villages"), ("not_asked", "villages_unknown")):
        yield Same(Side("agreement", (column,), of_service), Side("services", (answer,), of_service))
    yield Same(
        Side("agreement", ("no_band_reported",), of_service),
        Side("households_without_service", ("villages",), of_service, only=("band", UNKNOWN)),
    )
    beside = "reported_and_measured"
    for basis in Basis:
        yield ShareOf(beside, f"share_{basis}", f"households_{basis}", of_service)
        villages = Side(beside, (f"villages_{basis}",), of_service)
        yield Same(villages, Side("agreement", ("compared",), of_service))
        for part in ("villages", "households"):
            yield from _add_up(beside, f"{part}_{basis}", keys=("service", "band"))
    either = [Side(beside, (f"households_{basis}",), of_service) for basis in Basis]
    yield Same(either[0], either[1])
    for band in [*Band][1:]:
        # A service that is there counts in the first band, so only of the others is this a part.
        yield Same(
            Side(beside, ("villages_reported",), of_service, only=("band", band)),
            Side("households_without_service", ("villages",), of_service, only=("band", band)),
            is_most=True,
        )


def _measured() -> Iterator[Rule]:
    of_service, bands = ("service",), "access_by_band"
    counted = ("villages", "villages_with", "villages_without", "villages_unknown")
    yield Follows("service_presence", "villages", total(*counted[1:]))
    yield Follows(
        "service_presence", "share_with", over("villages_with", "villages_with", "villages_without")
    )
    yield from _add_up("service_presence", *counted, keys=of_service)
    yield ShareOf(bands, "share", "households", of_service)
    yield from _add_up(bands, "villages", "households", keys=("service", "band", "status"))
    for table, column in (
        (bands, "villages"),
        (bands, "households"),
        ("service_presence", "villages"),
    ):
        yield Same(Side(table, (column,), of_service), Side("coverage", (column,)))


def _change(table: str) -> Iterator[Rule]:
    villages = ("villages_earlier", "villages_later", "villages_both", "villages_lost", "villages_gained")
    individuals = ("individuals_earlier", "individuals_later")
    same = ("same_earlier", "same_later")
    yield Follows(table, "villages_earlier", total("villages_both", "villages_lost"))
    yield Follows(table, "villages_later", total("villages_both", "villages_gained"))
    yield AtMost(table, "villages_same", "villages_both")
    for change, (earlier, later) in (("change", individuals), ("same_change", same)):
        yield Follows(table, change, less(later, earlier))
        yield Follows(table, f"{change}_relative", over(change, earlier))
    for column, most in zip(same, individuals, strict=True):
        yield AtMost(table, column, most)
    counted = (*villages, "villages_same", *individuals, *same)
    yield from _add_up(table, *counted, keys=("group",))
    for column in ("villages", "individuals"):
        yield Same(Side("groups", (column,), ("group",)), Side(table, (f"{column}_later",), ("group",)))
