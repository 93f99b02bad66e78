"""One question of gaps, and how many communities and households it finds: what the list of communities, its totals and the planner's page are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.api.kept import Kept
from geo_service.api.questions.basis import basis_of
from geo_service.api.questions.gap_filters import (
    measured_gaps,
    refuse_unknown_service,
    reported_gaps,
    unknown_gaps,
)
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import all_of, equal_to, has
from geo_service.query.filters import Filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure
from geo_service.spatial.names import name_key
from geo_service.vocabulary import AdminLevel, Basis, Service

if TYPE_CHECKING:
    from geo_service.api.context import Asked
    from geo_service.api.questions.places import Within

__all__ = ["Counted", "GapQuestion", "counted_by", "gap_question"]

_MEASURES = (
    Measure(name="communities"),
    Measure(Aggregate.COUNT, "households", "counted"),
    Measure(Aggregate.SUM, "households", "households"),
)
_KEPT = 8
_names: Kept[dict[str, tuple[str, str]]] = Kept(_KEPT)
"""Of each village of a release its name in lower case and its key, by id."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many communities, and their households.

    Attributes:
        communities: How many.
        uncounted: Of them those whose households nobody counted.
        households: Of all the others together; null where none was counted, 0 of no communities.
    """

    communities: int
    uncounted: int
    households: int | None


@dataclass(frozen=True, slots=True)
class GapQuestion:
    """Which communities are meant.

    Attributes:
        asked: The request, of somebody who may see villages.
        service: The service.
        basis: Reported or measured, which the release has.
        beyond_km: Kilometres; null for communities without the service.
        within: Inside which units.
        side_by_side: Whether rows have what was reported beside what was measured.
        of_service: The rows of all communities that are asked about.
        gaps: Of them those that are a gap.
        unknown: Of them those of which it is not known.
    """

    asked: Asked
    service: Service
    basis: Basis
    beyond_km: float | None
    within: Within
    side_by_side: bool
    of_service: Filter | None
    gaps: Filter | None
    unknown: Filter | None

    @property
    def source(self) -> str:
        """The collection that the rows are in."""
        return "service_access" if self.side_by_side else "access"

    def counted(self, rows: Filter | None) -> Counted:
        """How many communities those rows are; as they are one a community."""
        return counted_by(self, rows, None)[None]

    def named(self, name: str | None) -> Filter | None:
        """Of the gaps those whose name has `name` in it, in whatever letters; all of them for null and for what has no letter."""
        wanted = (name or "").strip().casefold()
        if not wanted:
            return self.gaps
        key = name_key(wanted)
        # A letter that is left of many, as of "zzzz", is in most names.
        is_telling = len(key) > 1 or key.isdigit()
        found = [
            village
            for village, (plain, other) in self._names().items()
            if wanted in plain or (is_telling and key in other)
        ]
        return all_of(self.gaps, _one_of(found))

    def _names(self) -> dict[str, tuple[str, str]]:
        def read() -> dict[str, tuple[str, str]]:
            fields = ("village_id", "village_name")
            of_service = equal_to("service", self.service)
            with self.asked.release.batches(
                self.source, Features(filter=of_service, fields=fields)
            ) as reader:
                rows = reader.read_all()
            pairs = zip(rows["village_id"].to_pylist(), rows["village_name"].to_pylist(), strict=True)
            return {village: (name.casefold(), name_key(name)) for village, name in pairs if name}

        return _names.get((self.asked.release.manifest.id, self.source, self.service), read)


def gap_question(
    asked: Asked, service: Service, basis: Basis | None, beyond_km: float | None, adm: str | None
) -> GapQuestion:
    """The question, in terms of what the release has.

    Args:
        asked: The request, of somebody who may see villages.
        service: The service.
        basis: Reported or measured; null for reported where there is that.
        beyond_km: Kilometres; null for communities without the service.
        adm: Inside which units, P-codes with commas; null for all.

    Raises:
        ProblemError: The release does not know that service on this basis, or not by that distance, or has no such unit.
    """
    side_by_side = has(asked, "service_access")
    basis = basis_of(asked, basis, reported="service_access", measured="access")
    within = places_of(asked.release).within(adm, None, AdminLevel.COUNTRY)
    of_service = all_of(
        equal_to("service", service), within.of_villages, None if side_by_side else equal_to("rank", 1)
    )
    refuse_unknown_service(asked, basis, service)
    is_gap = (
        reported_gaps(beyond_km) if basis is Basis.REPORTED else measured_gaps(asked, beyond_km, side_by_side)
    )
    return GapQuestion(
        asked=asked,
        service=service,
        basis=basis,
        beyond_km=beyond_km,
        within=within,
        side_by_side=side_by_side,
        of_service=of_service,
        gaps=all_of(of_service, is_gap),
        unknown=all_of(of_service, unknown_gaps(basis, beyond_km, side_by_side)),
    )


def counted_by(question: GapQuestion, rows: Filter | None, column: str | None) -> dict[str | None, Counted]:
    """How many communities some rows are, by the units in a column; null for the whole, or for those that are in no unit.

    Args:
        question: The question that the rows are of.
        rows: Which rows.
        column: `adm1_pcode` or `adm2_pcode`; null for the whole, which then is there even where no row is.
    """
    by = () if column is None else (column,)
    aggregation = Aggregation(by=by, measures=_MEASURES, of=Features(filter=rows))
    found = question.asked.release.aggregate(question.source, aggregation).to_pylist()
    return {row.get(column) if column else None: _counted(row) for row in found}


def _counted(row: dict[str, int | None]) -> Counted:
    communities, known = row["communities"] or 0, row["counted"] or 0
    nobody = 0 if communities == 0 else None
    households = nobody if row["households"] is None else int(row["households"])
    return Counted(communities, communities - known, households)


def _one_of(villages: list[str]) -> Filter:
    """No village is none that rows have."""
    if not villages:
        is_null = {"op": "isNull", "args": [{"property": "village_id"}]}
        return Filter({"op": "and", "args": [is_null, {"op": "not", "args": [is_null]}]})
    return Filter({"op": "in", "args": [{"property": "village_id"}, villages]})
