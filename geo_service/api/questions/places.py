"""Admin units of a release: their names, which is inside which, and what `adm` and `by` ask for."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from geo_service.api.kept import Kept
from geo_service.api.problems import Problem, ProblemError
from geo_service.query.filters import Filter
from geo_service.query.questions import Aggregation, Features
from geo_service.vocabulary import AdminLevel, Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo_service.release.editions import Edition

__all__ = ["Places", "Within", "places_of"]

_KEPT = 16
"""Releases whose units are remembered."""
_NEAR = 5
_SHOWN = 40
_MOST = 200
_LAYERS = {AdminLevel.REGION: "regions", AdminLevel.DISTRICT: "districts"}


@dataclass(frozen=True, slots=True)
class _Unit:
    level: AdminLevel
    parent: str | None
    names: Mapping[Language, str | None]


@dataclass(frozen=True, slots=True)
class Within:
    """What rows are wanted.

    Attributes:
        by: The level that rows are split by.
        adm: The units as they were asked for; null for all.
        pcodes: The units of `by` that are inside them; null for all.
        regions: Those of `adm` that are regions.
        districts: Those of `adm` that are districts.
    """

    by: AdminLevel
    adm: tuple[str, ...] | None = None
    pcodes: tuple[str, ...] | None = None
    regions: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()

    @property
    def of_units(self) -> Filter | None:
        """Which rows of a table by `by`; null for all."""
        return None if self.pcodes is None else _is_in("pcode", self.pcodes)

    @property
    def of_villages(self) -> Filter | None:
        """Which villages; null for all."""
        if self.adm is None:
            return None
        inside = [
            _is_in(column, codes).tree
            for column, codes in (("adm1_pcode", self.regions), ("adm2_pcode", self.districts))
            if codes
        ]
        return Filter(inside[0] if len(inside) == 1 else {"op": "or", "args": inside})


class Places:
    """The regions and districts of an edition.

    Args:
        edition: Its layers of units count, and the units of its villages where it shows them.
    """

    def __init__(self, edition: Edition) -> None:
        """Read them."""
        self._units: dict[str, _Unit] = {}
        there = {one.name: {field.name for field in one.fields} for one in edition.manifest.collections}
        for level, layer in _LAYERS.items():
            if layer in there:
                self._read_layer(edition, level, layer)
        columns = tuple(one for one in ("adm1_pcode", "adm2_pcode") if one in there.get("villages", ()))
        if columns:
            for row in edition.aggregate("villages", Aggregation(by=columns)).to_pylist():
                region, district = row.get("adm1_pcode"), row.get("adm2_pcode")
                if region:
                    self._units.setdefault(region, _Unit(AdminLevel.REGION, None, {}))
                if district:
                    self._units.setdefault(district, _Unit(AdminLevel.DISTRICT, region, {}))

    def _read_layer(self, edition: Edition, level: AdminLevel, layer: str) -> None:
        with edition.batches(layer, Features(geometry=False)) as reader:
            for row in reader.read_all().to_pylist():
                names = {one: row.get(f"name_{one}") or row.get("name_en") for one in Language}
                self._units[row["pcode"]] = _Unit(level, row.get("parent_pcode"), names)

    def name(self, pcode: str | None, language: Language) -> str | None:
        """The name of a unit; null where it is not known."""
        unit = self._units.get(pcode or "")
        return None if unit is None else unit.names.get(language)

    def level(self, pcode: str) -> AdminLevel | None:
        """Region or district; null for what is no unit here."""
        unit = self._units.get(pcode)
        return None if unit is None else unit.level

    def parent(self, pcode: str) -> str | None:
        """The region of a district, where that is known."""
        unit = self._units.get(pcode)
        return None if unit is None else unit.parent

    def codes(self, level: AdminLevel) -> list[str]:
        """The P-codes of a level, sorted."""
        return sorted(code for code, unit in self._units.items() if unit.level is level)

    def within(self, adm: str | None, by: AdminLevel | None, otherwise: AdminLevel) -> Within:
        """What `adm` and `by` ask for together.

        Args:
            adm: P-codes with commas between them; null for all.
            by: The level of the rows; null for the lowest level of `adm`.
            otherwise: The level where neither says one.

        Raises:
            ProblemError: A code is of no unit, or `by` has no rows inside one.
        """
        if adm is None:
            return Within(by or otherwise)
        codes = self._checked(adm)
        levels = {self._units[code].level for code in codes}
        lowest = AdminLevel.DISTRICT if AdminLevel.DISTRICT in levels else AdminLevel.REGION
        by = by or lowest
        if by is AdminLevel.COUNTRY or (by is AdminLevel.REGION and lowest is AdminLevel.DISTRICT):
            raise ProblemError(
                Problem.INVALID_PARAMETER,
                f"rows by {by} are not inside the units of 'adm'; ask by={lowest}, or leave 'by' out",
                parameter="by",
                allowed=[lowest.value] if lowest is AdminLevel.DISTRICT else ["region", "district"],
            )
        regions = tuple(code for code in codes if self._units[code].level is AdminLevel.REGION)
        districts = tuple(code for code in codes if self._units[code].level is AdminLevel.DISTRICT)
        inside = [code for code, unit in self._units.items() if unit.parent in regions and unit.level is by]
        own = [code for code in codes if self._units[code].level is by]
        return Within(by, codes, tuple(sorted({*inside, *own})), regions, districts)

    def _checked(self, adm: str) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(part.strip() for part in adm.split(",")))
        if len(codes) > _MOST:
            raise ProblemError(
                Problem.INVALID_PARAMETER, f"'adm' names more than {_MOST} units; name fewer", parameter="adm"
            )
        for code in codes:
            if code not in self._units:
                known = sorted(self._units)
                near = get_close_matches(code[:_SHOWN].upper(), known, n=_NEAR, cutoff=0.5) or known[:_NEAR]
                meant = f"; there are {', '.join(near)}" if near else ": it has no admin units"
                raise ProblemError(
                    Problem.NOT_FOUND,
                    f"'{code[:_SHOWN]}' is not the P-code of a region or district of this release{meant}",
                    parameter="adm",
                    allowed=near,
                )
        return codes


_places: Kept[Places] = Kept(_KEPT)


def places_of(edition: Edition) -> Places:
    """The units of an edition; those of a release are read once."""
    has_villages = any(one.name == "villages" for one in edition.manifest.collections)
    return _places.get((edition.manifest.id, has_villages), lambda: Places(edition))


def _is_in(column: str, codes: Iterable[str]) -> Filter:
    """No code is none that rows have."""
    values = list(codes)
    if not values:
        return Filter({"op": "and", "args": [_isnull(column), {"op": "not", "args": [_isnull(column)]}]})
    return Filter({"op": "in", "args": [{"property": column}, values]})


def _isnull(column: str) -> dict[str, object]:
    return {"op": "isNull", "args": [{"property": column}]}
