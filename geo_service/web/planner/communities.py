"""The communities of a question: those that a search finds, sorted, and one page of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from geo_service.api.kept import Kept
from geo_service.api.questions.gaps import gap_rows
from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.query.questions import Features
from geo_service.vocabulary import Basis
from geo_service.web.planner.order import name_order
from geo_service.web.planner.state import Order, Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.api.questions.gap_question import GapQuestion
    from geo_service.web.planner.state import State

__all__ = ["MOST_ON_A_PAGE", "ON_A_PAGE", "Communities", "communities_of", "sorted_by"]

ON_A_PAGE = 50
MOST_ON_A_PAGE = 2_000
"""Of `page=all`."""

_KEPT = 8
_rows: Kept[pa.Table] = Kept(_KEPT)

_COLUMNS = {
    Sort.NAME: "village_name",
    Sort.REGION: "adm1_name",
    Sort.DISTRICT: "adm2_name",
    Sort.HOUSEHOLDS: "households",
    Sort.BAND: "reported_band",
    Sort.KM: "distance_m",
    Sort.FACILITY: "facility_name",
}
_BANDS = {label: at for at, label in enumerate(DEFAULT_BANDS.labels)}
_DOWN = {Sort.HOUSEHOLDS, Sort.BAND, Sort.KM}
"""Numbers, of which the largest comes first where nobody says."""


@dataclass(frozen=True, slots=True)
class Communities:
    """A page of the communities.

    Attributes:
        rows: Fields of `GapRow`, those of this page.
        count: How many there are on all pages.
        page: From 1; 0 where the page has all that one may have.
        pages: How many pages there are, at least 1.
        first: The place of the first row of the page, from 1; 0 where there is none.
        selected: The id that was asked for, where it is among the rows of the page.
    """

    rows: list[dict[str, Any]]
    count: int
    page: int
    pages: int
    first: int
    selected: str | None


def sorted_by(state: State, basis: Basis) -> tuple[Sort, Order]:
    """By which column communities are sorted: as asked for, else the farthest where measured, else those with most households."""
    sort = state.sort if state.sort in _COLUMNS else None
    sort = sort or (Sort.KM if basis is Basis.MEASURED else Sort.HOUSEHOLDS)
    return sort, state.order or (Order.DOWN if sort in _DOWN else Order.UP)


def communities_of(question: GapQuestion, state: State) -> Communities:
    """The communities that a state asks for, in the language of the request.

    Args:
        question: Which communities have gaps.
        state: The search, the order and the page; a page that is not there is the last one.
    """
    rows = _found(question, state.q)
    order = _ordered(rows, *sorted_by(state, question.basis))
    pages = max(1, -(-len(order) // ON_A_PAGE))
    page = min(state.page, pages)
    if state.select is not None:
        ids = rows["village_id"].to_pylist()
        place = next((at for at, one in enumerate(order) if ids[one] == state.select), None)
        if place is not None and page:
            page = place // ON_A_PAGE + 1
    start, size = (0, MOST_ON_A_PAGE) if page == 0 else ((page - 1) * ON_A_PAGE, ON_A_PAGE)
    shown = rows.take(pa.array(order[start : start + size], pa.int64())).to_pylist()
    is_there = any(one["village_id"] == state.select for one in shown)
    return Communities(
        rows=shown,
        count=len(order),
        page=page,
        pages=pages,
        first=start + 1 if shown else 0,
        selected=state.select if is_there else None,
    )


def _found(question: GapQuestion, name: str | None) -> pa.Table:
    """All of them in the columns of `GapRow`, without geometry; read once of a release."""
    asked = question.asked

    def read() -> pa.Table:
        features = Features(filter=question.named(name), geometry=False)
        with asked.release.batches(question.source, features) as reader:
            return gap_rows(question, reader.read_all()).combine_chunks()

    of = (question.service, question.basis, question.beyond_km, question.within.adm, name)
    return _rows.get((asked.release.manifest.id, asked.language, *of), read)


def _ordered(rows: pa.Table, sort: Sort, order: Order) -> list[int]:
    """The places of the rows in their order; what is not known comes last, and of equals the first by name and id."""
    key: Callable[[Any], Any] = {Sort.BAND: lambda one: _BANDS.get(one, len(_BANDS))}.get(sort, _plain)
    values: list[Any] = [None if one is None else key(one) for one in rows[_COLUMNS[sort]].to_pylist()]
    names = [name_order(one or "") for one in rows["village_name"].to_pylist()]
    ids = rows["village_id"].to_pylist()
    known = sorted(
        (at for at, one in enumerate(values) if one is not None), key=lambda at: (names[at], ids[at])
    )
    known.sort(key=values.__getitem__, reverse=order is Order.DOWN)
    unknown = sorted(
        (at for at, one in enumerate(values) if one is None), key=lambda at: (names[at], ids[at])
    )
    return known + unknown


def _plain(value: Any) -> Any:
    return name_order(value) if isinstance(value, str) else value
