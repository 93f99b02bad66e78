"""The tables of the page: columns with links that sort, and rows of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.vocabulary import BANDS, Basis
from geo_service.web.planner.communities import (
    MOST_ON_A_PAGE,
    ON_A_PAGE,
    communities_of,
    sorted_by,
)
from geo_service.web.planner.state import Order, Sort
from geo_service.web.planner.units import GROUP_COLUMNS, UNIT_COLUMNS, sorted_units

if TYPE_CHECKING:
    from geo_service.api.context import Asked
    from geo_service.api.questions.gap_question import GapQuestion
    from geo_service.maps.numbers import Numbers
    from geo_service.web.planner.state import State
    from geo_service.web.planner.words import Words

__all__ = ["Cell", "Column", "Pager", "Row", "Table", "communities_table", "group_table", "totals_table"]

_BAR = 100
"""How wide the bar of a whole share is."""

_NUMBERS = {
    Sort.HOUSEHOLDS,
    Sort.KM,
    Sort.VILLAGES,
    Sort.WITHOUT,
    Sort.SHARE,
    Sort.INDIVIDUALS,
    Sort.PER_1000,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        label: Its heading.
        href: Where the table is sorted by it, or the other way round; null where it is not sorted by.
        sorted: What `aria-sort` says; null where the table is not sorted by it.
        is_number: Whether its cells stand at the right.
    """

    label: str
    href: str | None = None
    sorted: str | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        text: What it says.
        bar: The width of its bar of 100; null for none.
        is_quiet: Whether it says that there is no number.
    """

    text: str
    bar: float | None = None
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        id: Of the village or the unit; null for villages in no unit.
        name: Its heading.
        href: Where it leads.
        cells: The others.
        is_selected: Whether it is looked at.
    """

    id: str | None
    name: str
    href: str | None
    cells: list[Cell]
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where other rows of a table are; null for what there is not."""

    shown: str
    place: str | None
    previous: str | None
    next: str | None
    all: tuple[str, str] | None
    paged: str | None
    cleared: str | None = None
    named: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    columns: list[Column]
    rows: list[Row]
    together: Row | None = None
    pager: Pager | None = None
    nothing: str = ""


def communities_table(question: GapQuestion, state: State, words: Words, numbers: Numbers) -> Table:
    """The communities, one page of them."""
    asked = question.asked
    sort, order = sorted_by(state, question.basis)
    found = communities_of(question, state)
    is_reported, is_measured = (
        question.basis is Basis.REPORTED,
        question.side_by_side or question.basis is Basis.MEASURED,
    )
    # In one region the column would say the same in each row.
    region = [] if len(question.within.adm or ()) == 1 else [Sort.REGION]
    shown = [Sort.NAME, *region, Sort.DISTRICT, Sort.HOUSEHOLDS]
    shown += [Sort.BAND] if is_reported else []
    shown += [Sort.KM, Sort.FACILITY] if is_measured else []
    down = {Sort.HOUSEHOLDS, Sort.BAND, Sort.KM}
    rows = [
        Row(
            id=one["village_id"],
            name=one["village_name"] or one["village_id"],
            href=state.href(asked.base, select=one["village_id"], page=state.page)
            + f"#v-{one['village_id']}",
            cells=[_cell(one, column, words, numbers) for column in shown[1:]],
            is_selected=one["village_id"] == found.selected,
        )
        for one in found.rows
    ]
    nothing = words["rows_none"] if state.q is None else words.say("rows_not_named", q=state.q)
    return Table(
        columns=[_column(asked, state, one, words[one.value], (sort, order), down) for one in shown],
        rows=rows,
        pager=_pager(asked, state, found, words, numbers),
        nothing=nothing,
    )


def totals_table(
    asked: Asked,
    state: State,
    rows: list[dict[str, Any]],
    whole: dict[str, Any],
    words: Words,
    numbers: Numbers,
) -> Table:
    """The totals by unit, those with most households without the service first, and all of them together at the end."""
    without = words["villages_without"]
    if state.beyond_km is not None:
        without = words.say("villages_beyond", km=numbers.exact(state.beyond_km))
    columns = [
        Column(words["unit"]),
        Column(words["villages"], is_number=True),
        Column(without, is_number=True),
        Column(words["villages_unknown"], is_number=True),
        Column(words["households_without"], is_number=True),
        Column(words["share"], is_number=True),
    ]
    ordered = sorted_units(rows, UNIT_COLUMNS, Sort.HOUSEHOLDS, Order.DOWN)
    made = [_unit_row(asked, state, one, _totals_cells(one, words, numbers), words) for one in ordered]
    together = Row(None, words["whole"], None, _totals_cells(whole, words, numbers))
    return Table(columns, made, together=together if len(made) > 1 else None, nothing=words["totals_none"])


def group_table(
    asked: Asked, state: State, rows: list[dict[str, Any]], words: Words, numbers: Numbers
) -> Table:
    """A group by unit."""
    sort = state.sort if state.sort in GROUP_COLUMNS else Sort.INDIVIDUALS
    order = state.order or (Order.UP if sort is Sort.NAME else Order.DOWN)
    labels = {
        Sort.NAME: "unit",
        Sort.INDIVIDUALS: "individuals",
        Sort.SHARE: "share_of_group",
        Sort.PER_1000: "per_1000",
    }
    down = {*labels} - {Sort.NAME}
    columns = [_column(asked, state, one, words[label], (sort, order), down) for one, label in labels.items()]
    columns += [Column(words["per_km2"], is_number=True), Column(words["quotient"], is_number=True)]
    ordered = sorted_units(rows, GROUP_COLUMNS, sort, order)
    made = [_unit_row(asked, state, one, _group_cells(one, words, numbers), words) for one in ordered]
    return Table(columns, made, nothing=words["totals_none"])


def _column(
    asked: Asked, state: State, sort: Sort, label: str, by: tuple[Sort, Order], down: set[Sort]
) -> Column:
    is_sorted = sort is by[0]
    first = Order.DOWN if sort in down else Order.UP
    order = {Order.UP: Order.DOWN, Order.DOWN: Order.UP}[by[1]] if is_sorted else first
    said = {Order.UP: "ascending", Order.DOWN: "descending"}[by[1]]
    return Column(
        label,
        state.href(asked.base, sort=sort, order=order),
        said if is_sorted else None,
        sort in _NUMBERS,
    )


def _cell(row: dict[str, Any], column: Sort, words: Words, numbers: Numbers) -> Cell:
    match column:
        case Sort.REGION | Sort.DISTRICT:
            level = "adm1" if column is Sort.REGION else "adm2"
            text = row[f"{level}_name"] or row[f"{level}_pcode"]
        case Sort.HOUSEHOLDS:
            text = None if row["households"] is None else numbers.count(row["households"])
        case Sort.BAND:
            labels = {code.value: term.label(words.language) for code, term in BANDS.items()}
            text = labels.get(row["reported_band"], row["reported_band"])
        case Sort.KM:
            text = None if row["distance_m"] is None else numbers.km(row["distance_m"])
        case _:
            text = row["facility_name"]
    return Cell(words["not_known"], is_quiet=True) if text is None else Cell(text)


def _pager(asked: Asked, state: State, found: Any, words: Words, numbers: Numbers) -> Pager:
    last = found.first + len(found.rows) - 1 if found.rows else 0
    counted = {"first": found.first, "last": last, "total": found.count}

    def page(number: int) -> str:
        return state.href(asked.base, page=number)

    place = words.say("page_of", page=numbers.count(found.page), pages=numbers.count(found.pages))
    every = None
    if found.page and found.count > ON_A_PAGE:
        most = min(found.count, MOST_ON_A_PAGE)
        name = "show_all" if most == found.count else "show_most"
        every = (page(0), words.say(name, count=numbers.count(most)))
    return Pager(
        shown=words.say("rows_shown", **{name: numbers.count(one) for name, one in counted.items()}),
        place=place if found.page and found.pages > 1 else None,
        previous=page(found.page - 1) if found.page > 1 else None,
        next=page(found.page + 1) if 0 < found.page < found.pages else None,
        all=every,
        paged=page(1) if found.page == 0 and found.count > ON_A_PAGE else None,
        cleared=None if state.q is None else state.href(asked.base, q=None),
        named=None
        if state.q is None
        else words.say("rows_named", q=state.q, count=numbers.count(found.count)),
    )


def _unit_row(asked: Asked, state: State, row: dict[str, Any], cells: list[Cell], words: Words) -> Row:
    code = row["pcode"]
    if code is None:
        return Row(None, words["no_unit"], None, cells)
    href = state.href(asked.base, adm=code, by=None)
    return Row(code, row["name"] or code, None if code == state.adm else href, cells)


def _totals_cells(row: dict[str, Any], words: Words, numbers: Numbers) -> list[Cell]:
    missing = Cell(words["hidden" if row["suppressed"] else "not_known"], is_quiet=True)
    counts = [
        missing if row[name] is None else Cell(numbers.count(row[name]))
        for name in ("villages", "villages_without", "villages_unknown", "households_without")
    ]
    return [*counts, _share(row["share"], numbers, missing)]


def _group_cells(row: dict[str, Any], words: Words, numbers: Numbers) -> list[Cell]:
    missing = Cell(words["hidden" if row["suppressed"] else "not_known"], is_quiet=True)
    people = missing if row["individuals"] is None else Cell(numbers.count(row["individuals"]))
    rates = [
        missing if row[name] is None else Cell(numbers.rate(row[name]))
        for name in ("per_1000_inhabitants", "per_km2", "location_quotient")
    ]
    return [people, _share(row["share"], numbers, missing), *rates]


def _share(share: float | None, numbers: Numbers, missing: Cell) -> Cell:
    return missing if share is None else Cell(numbers.share(share), bar=round(share * _BAR, 1))
