"""Admin units of the page: which level totals are by, the totals themselves, and where a group is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.api.kept import Kept
from geo_service.api.questions.guarded_totals import TOTALS_TABLES
from geo_service.api.questions.mobility import concentration_of
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import equal_to, has, read_rows
from geo_service.api.questions.splits import split_name
from geo_service.api.questions.totals import totals_of
from geo_service.api.security.roles import Role
from geo_service.vocabulary import AdminLevel, Basis
from geo_service.web.planner.order import name_order
from geo_service.web.planner.state import Ask, Order, Sort

if TYPE_CHECKING:
    from geo_service.api.context import Asked
    from geo_service.api.questions.models import About
    from geo_service.api.questions.totals import Totals
    from geo_service.web.planner.state import State

__all__ = [
    "GROUP_COLUMNS",
    "UNIT_COLUMNS",
    "group_rows",
    "level_of",
    "levels",
    "sorted_units",
    "totals",
    "whole",
    "whole_group",
]

_KEPT = 64
_kept: Kept[Totals] = Kept(_KEPT)
_groups: Kept[tuple[About, list[dict[str, Any]]]] = Kept(_KEPT)

_COLUMNS = {AdminLevel.REGION: "adm1_pcode", AdminLevel.DISTRICT: "adm2_pcode"}

UNIT_COLUMNS = {
    Sort.NAME: "name",
    Sort.VILLAGES: "villages",
    Sort.WITHOUT: "villages_without",
    Sort.HOUSEHOLDS: "households_without",
    Sort.SHARE: "share",
}
"""The columns of the totals that can be sorted by."""

GROUP_COLUMNS = {
    Sort.NAME: "name",
    Sort.INDIVIDUALS: "individuals",
    Sort.SHARE: "share",
    Sort.PER_1000: "per_1000_inhabitants",
}
"""Those of a group by unit."""


def levels(asked: Asked, ask: Ask, basis: Basis | None) -> list[AdminLevel]:
    """By which units there are totals for who asks."""
    return [level for level in _COLUMNS if _is_there(asked, ask, basis, level)]


def _is_there(asked: Asked, ask: Ask, basis: Basis | None, level: AdminLevel) -> bool:
    if ask is Ask.MOBILITY:
        return has(asked, split_name("concentration", level))
    if asked.role.includes(Role.ANALYST):
        name = "service_access" if has(asked, "service_access") else "access"
        columns = {one.name for one in asked.release.collection(name).fields} if has(asked, name) else set()
        return _COLUMNS[level] in columns and bool(places_of(asked.release).codes(level))
    return basis is not None and has(asked, split_name(TOTALS_TABLES[basis], level))


def level_of(asked: Asked, state: State, there: list[AdminLevel]) -> AdminLevel | None:
    """By which units totals are: as asked for where that fits, else regions, inside a region its districts; null where there are none."""
    places = places_of(asked.release)
    inside = {places.level(one) for one in (state.adm or "").split(",")} - {None}
    if AdminLevel.DISTRICT in inside:
        return AdminLevel.DISTRICT if AdminLevel.DISTRICT in there else None
    if state.by is not None and AdminLevel(state.by.value) in there:
        return AdminLevel(state.by.value)
    if inside and AdminLevel.DISTRICT in there:
        return AdminLevel.DISTRICT
    return there[0] if there else None


def totals(asked: Asked, state: State, basis: Basis | None, by: AdminLevel | None) -> Totals:
    """The totals as `/access/totals` answers them, read once of a release.

    Raises:
        ProblemError: There is nothing of that to be seen.
    """
    key = (asked.release.manifest.id, asked.role is Role.PUBLIC, asked.language, state.service, basis)
    return _kept.get(
        (*key, state.beyond_km, by, state.adm),
        lambda: totals_of(asked, state.service, basis, state.beyond_km, by, state.adm),
    )


def whole(asked: Asked, state: State, basis: Basis | None) -> tuple[Totals, dict[str, Any]]:
    """All that is asked for in one row: of the country, or of the units of `adm` together; a number is null where one of theirs is."""
    found = totals(asked, state, basis, None)
    rows = found[1]
    row: dict[str, Any] = {"suppressed": any(one["suppressed"] for one in rows)}
    for name in ("villages", "villages_without", "villages_unknown", "households", "households_without"):
        values = [one[name] for one in rows]
        row[name] = None if None in values else sum(values)
    is_known = row["households"] and row["households_without"] is not None
    row["share"] = row["households_without"] / row["households"] if is_known else None
    return found, row


def group_rows(asked: Asked, state: State, by: AdminLevel) -> tuple[About, list[dict[str, Any]]]:
    """Where a group is, as `/mobility/concentration` answers it, read once of a release."""
    key = (asked.release.manifest.id, asked.role is Role.PUBLIC, asked.language, state.group, by, state.adm)

    def read() -> tuple[About, list[dict[str, Any]]]:
        about, rows = concentration_of(asked, state.group, by, state.adm)
        return about, rows.to_pylist()

    return _groups.get(key, read)


def whole_group(asked: Asked, state: State) -> dict[str, Any] | None:
    """The group in the country, or in the units of `adm` together, as the table of groups has it; a number is null where one of theirs is.

    Returns:
        `individuals`, `villages`, `villages_present`, `suppressed`; null where the release has no such table.
    """
    within = places_of(asked.release).within(state.adm, None, AdminLevel.COUNTRY)
    name = split_name("groups", within.by)
    if not has(asked, name):
        return None
    rows = read_rows(asked, name, within.of_units, equal_to("group", state.group)).to_pylist()
    found: dict[str, Any] = {"suppressed": any(one.get("suppressed") for one in rows)}
    for column in ("individuals", "villages", "villages_present"):
        values = [one[column] for one in rows]
        found[column] = None if None in values else sum(values)
    return found


def sorted_units(
    rows: list[dict[str, Any]], columns: dict[Sort, str], sort: Sort, order: Order
) -> list[dict[str, Any]]:
    """Rows in an order; what is not known comes last, and what is in no unit at the very end."""

    def value(row: dict[str, Any]) -> Any:
        found = row[columns[sort]]
        return name_order(found) if isinstance(found, str) else found

    named = sorted(rows, key=lambda row: name_order(row["name"] or row["pcode"] or ""))
    known = [one for one in named if value(one) is not None and one["pcode"] is not None]
    known.sort(key=value, reverse=order is Order.DOWN)
    unknown = [one for one in named if value(one) is None and one["pcode"] is not None]
    return known + unknown + [one for one in named if one["pcode"] is None]
