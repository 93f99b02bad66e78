"""The statements that compare a collection of two releases, tables `before` and `after` of one database.

They have names only, and no value from outside. `changes`, which the first of them makes, has a row for each row that is not the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Text,
    and_,
    case,
    cast,
    column,
    distinct,
    func,
    literal_column,
    null,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects import postgresql

from geo_service.query.properties import ID, PropertyType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, FromClause, Select, TableClause

    from geo_service.release.manifest import CollectionField

__all__ = [
    "BAND",
    "KEYS",
    "SIDES",
    "UNITS",
    "as_sql",
    "bands_statement",
    "changes_statement",
    "count_statement",
    "details_statement",
    "differing_statement",
    "grouped_statement",
    "known_keys",
    "places_statement",
    "stream_statement",
]

SIDES = ("before", "after")
UNITS: tuple[tuple[int | None, str], ...] = ((1, "adm1_pcode"), (2, "adm2_pcode"), (None, "pcode"))
KEYS = ("village_id", "service", "group", "adm1_pcode", "adm2_pcode", "pcode")
"""Columns that say whom a row is about; `changes` has each of them, null where the collection has not."""
BAND = "band"

_KINDS = ("added", "removed", "changed")


def as_sql(statement: Select[Any]) -> str:
    """The text of a statement, for DuckDB."""
    # Of the ways to mark values this one leaves a per cent sign in a name as it is.
    return str(statement.compile(dialect=postgresql.dialect(paramstyle="qmark")))  # type: ignore[no-untyped-call]


def stream_statement(names: Iterable[str]) -> Select[Any]:
    """These columns of the table `stream`."""
    return select(*_table("stream", names).c)


def places_statement(units: Sequence[str]) -> Select[Any]:
    """The units of each village of the table `stream`."""
    villages = _table("stream", ("village_id", *units))
    values = (func.any_value(villages.c[one]).label(one) for one in units)
    return select(villages.c["village_id"], *values).group_by(villages.c["village_id"])


def known_keys(columns: Mapping[str, Sequence[str]], places: Mapping[str, Sequence[str]]) -> set[str]:
    """The keys that rows of `changes` have; arguments as for `changes_statement`."""
    return set(_known(_sources(columns, places)))


def changes_statement(
    columns: Mapping[str, Sequence[str]],
    fields: Sequence[CollectionField],
    places: Mapping[str, Sequence[str]],
) -> Select[Any]:
    """The rows of `changes`.

    Args:
        columns: What each side has.
        fields: What is compared; `differs_0` and so on say where it differs.
        places: The units that villages have on each side, in tables `before_places` and `after_places`; empty without such tables.
    """
    sources = _sources(columns, places)
    old, new = (sources[side] for side in SIDES)
    pairs: FromClause = old.join(new, old.c[ID] == new.c[ID], full=True)
    for side in places:
        of = sources[f"{side}_places"]
        pairs = pairs.join(of, of.c["village_id"] == sources[side].c["village_id"], isouter=True)
    known = _known(sources)
    come, gone = old.c[ID].is_(None), new.c[ID].is_(None)
    differs = [and_(~come, ~gone, old.c[one.name].is_distinct_from(new.c[one.name])) for one in fields]
    change = case((come, _text("added")), (gone, _text("removed")), else_=_text("changed"))
    has_band = any(one.name == BAND for one in fields)
    return (
        select(
            func.coalesce(new.c[ID], old.c[ID]).label(ID),
            change.label("change"),
            *(_first(known.get(key, ())).label(key) for key in KEYS),
            *(
                cast(sources[side].c[BAND] if has_band else null(), Text).label(f"{BAND}_{side}")
                for side in SIDES
            ),
            *(one.label(f"differs_{place}") for place, one in enumerate(differs)),
        )
        .select_from(pairs)
        .where(or_(come, gone, *differs))
    )


def count_statement(name: str) -> Select[Any]:
    """How many rows a table has."""
    return select(func.count()).select_from(table(name))


def differing_statement(fields: int) -> Select[Any]:
    """In how many rows each field differs."""
    changes = _changes(fields)
    counts: list[ColumnElement[Any]] = [
        func.count().filter(changes.c[f"differs_{place}"]) for place in range(fields)
    ]
    return select(*counts).select_from(changes)


def grouped_statement(key: str | None = None, *, villages: bool = True) -> Select[Any]:
    """How many rows came, went and changed, and of how many villages; by a key, null last."""
    changes = _changes()
    counts: list[ColumnElement[Any]] = [
        func.count().filter(changes.c["change"] == _text(kind)) for kind in _KINDS
    ]
    if villages:
        counts.append(func.count(distinct(changes.c["village_id"])))
    if key is None:
        return select(*counts).select_from(changes)
    of = changes.c[key]
    return select(of, *counts).group_by(of).order_by(of.nulls_last())


def bands_statement() -> Select[Any]:
    """How many rows went from one band to another, by service."""
    changes = _changes()
    old, new = (changes.c[f"{BAND}_{side}"] for side in SIDES)
    keys = (changes.c["service"], old, new)
    return (
        select(*keys, func.count())
        .where(changes.c["change"] == _text("changed"), old.is_distinct_from(new))
        .group_by(*keys)
        .order_by(*(one.nulls_last() for one in keys))
    )


def details_statement(fields: Sequence[CollectionField], limit: int | None) -> Select[Any]:
    """Which fields of which rows differ, and what they held.

    Columns: id, village, service, group, the smallest unit, change, the place of the field (-1 for a whole row), then before and after as text,
    then both as WKB; a geometry has the latter two, any other field the former.
    """
    changes: FromClause = _changes(len(fields))
    top: ColumnElement[Any] | None = None if limit is None else literal_column(str(int(limit)))
    if top is not None:
        # Each row has a detail or more; sorting ids alone takes little memory however many rows there are.
        first = select(changes.c[ID]).order_by(changes.c[ID]).limit(top).subquery("first_ones")
        changes = select(changes).where(changes.c[ID].in_(select(first.c[ID]))).cte("first_changes")
    rows = [changes.c[one] for one in (ID, "change", *KEYS)]
    whole = select(*rows, literal_column("-1").label("place")).where(changes.c["change"] != _text("changed"))
    each = (
        select(*rows, literal_column(str(place)).label("place")).where(changes.c[f"differs_{place}"])
        for place in range(len(fields))
    )
    every = union_all(whole, *each).subquery("every")
    picked = select(every).order_by(every.c[ID], every.c["place"])
    chosen = (picked if top is None else picked.limit(top)).subquery("chosen")
    sides = [_table(side, (ID, *(one.name for one in fields))) for side in SIDES]
    source: FromClause = chosen
    for side in sides:
        source = source.join(side, side.c[ID] == chosen.c[ID], isouter=True)
    smallest = func.coalesce(*(chosen.c[one] for one in ("adm2_pcode", "adm1_pcode", "pcode")))
    keys = [chosen.c[one] for one in (ID, "village_id", "service", "group")]
    held = [_held(chosen.c["place"], side, fields, shapes) for shapes in (False, True) for side in sides]
    return (
        select(*keys, smallest, chosen.c["change"], chosen.c["place"], *held)
        .select_from(source)
        .order_by(chosen.c[ID], chosen.c["place"])
    )


def _held(
    place: ColumnElement[Any], side: TableClause, fields: Sequence[CollectionField], shapes: bool
) -> ColumnElement[Any]:
    """What the field of that place held: of geometries WKB, of others text."""
    choices = [
        (place == literal_column(str(number)), side.c[one.name] if shapes else cast(side.c[one.name], Text))
        for number, one in enumerate(fields)
        if (one.type is PropertyType.GEOMETRY) is shapes
    ]
    return case(*choices, else_=null()) if choices else null()


def _changes(fields: int = 0) -> TableClause:
    differs = (f"differs_{place}" for place in range(fields))
    bands = (f"{BAND}_{side}" for side in SIDES)
    return _table("changes", (ID, "change", *KEYS, *bands, *differs))


def _table(name: str, columns: Iterable[str]) -> TableClause:
    return table(name, *(column(one) for one in columns))


def _sources(
    columns: Mapping[str, Sequence[str]], places: Mapping[str, Sequence[str]]
) -> dict[str, TableClause]:
    villages = {f"{side}_places": ("village_id", *units) for side, units in places.items()}
    return {name: _table(name, of) for name, of in {**columns, **villages}.items()}


def _known(sources: Mapping[str, TableClause]) -> dict[str, list[ColumnElement[Any]]]:
    """Where each key can be read from, the later release first; without those that are nowhere."""
    order = [f"{side}{what}" for side in reversed(SIDES) for what in ("", "_places")]
    tables = [sources[name] for name in order if name in sources]
    known: dict[str, list[ColumnElement[Any]]] = {}
    for key in KEYS:
        known[key] = [cast(one.c[key], Text) for one in tables if key in one.c]
    return {key: of for key, of in known.items() if of}


def _first(values: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    return func.coalesce(*values) if values else cast(null(), Text)


def _text(one: str) -> ColumnElement[Any]:
    return literal_column(f"'{one}'", Text)
