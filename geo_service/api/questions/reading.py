"""Rows of a release's collections, in the columns and the language of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from geo_service.api.problems import Problem, ProblemError
from geo_service.query.filters import Filter
from geo_service.query.questions import Features
from geo_service.vocabulary import SERVICES, Language, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from geo_service.api.context import Asked
    from geo_service.query.questions import SortKey
    from geo_service.release.manifest import Collection

__all__ = [
    "PLACE",
    "all_of",
    "collection_of",
    "equal_to",
    "has",
    "in_language",
    "read_rows",
    "service_labels",
    "shaped",
]

PLACE = ("longitude", "latitude")
"""What typed JSON says of a point in the place of a geometry."""

_LAST = ("synthetic", "suppressed")

_ARROW = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
_LANGUAGES = tuple(f"_{one}" for one in Language)


def has(asked: Asked, name: str) -> bool:
    """Whether who asks is shown a collection of that name."""
    return any(one.name == name for one in asked.release.manifest.collections)


def collection_of(asked: Asked, name: str, remedy: str) -> Collection:
    """A collection that a question needs.

    Args:
        asked: The request.
        name: The collection.
        remedy: What is missing without it and how to get it, one sentence.

    Raises:
        ProblemError: It is not there for who asks.
    """
    if not has(asked, name):
        raise ProblemError(Problem.NOT_FOUND, remedy)
    return asked.release.collection(name)


def read_rows(
    asked: Asked, name: str, *filters: Filter | None, sort: tuple[SortKey, ...] = (), geometry: bool = False
) -> pa.Table:
    """All rows of a collection for which every filter is true; for tables, which are small."""
    features = Features(filter=all_of(*filters), sort=sort, geometry=geometry)
    with asked.release.batches(name, features) as reader:
        return reader.read_all()


def equal_to(column: str, value: str | int | bool | None) -> Filter | None:
    """Rows whose column has that value; null for all where the value is."""
    if value is None:
        return None
    plain = value if isinstance(value, (bool, int)) else str(value)
    return Filter({"op": "=", "args": [{"property": column}, plain]})


def all_of(*filters: Filter | None) -> Filter | None:
    """Rows for which every filter is true; null where there is none."""
    trees = [one.tree for one in filters if one is not None]
    if not trees:
        return None
    return Filter(trees[0] if len(trees) == 1 else {"op": "and", "args": trees})


def in_language(rows: pa.Table, language: Language) -> pa.Table:
    """`label_en`, `label_ru` and `label_kk` become `label`; where it is not said in the language, as in English."""
    columns: dict[str, pa.ChunkedArray] = {}
    for name in rows.column_names:
        stem = name[:-3]
        if name.endswith(_LANGUAGES) and all(f"{stem}_{one}" in rows.column_names for one in Language):
            columns[stem] = pc.coalesce(rows[f"{stem}_{language}"], rows[f"{stem}_{Language.EN}"])
        else:
            columns[name] = rows[name]
    return pa.table(columns, metadata=rows.schema.metadata)


def shaped(
    asked: Asked,
    rows: pa.Table,
    model: type[BaseModel],
    called: Mapping[str, str] | None = None,
    **given: Any,
) -> pa.Table:
    """Rows in the columns of a model.

    Args:
        asked: The request.
        rows: In one language.
        model: Its fields are the columns, in their order. Those of a place are left out: a column `geometry` stays as it is and comes last.
        called: The column of `rows` that holds a field, where it has another name.
        given: Values of fields: an array, or one value for all rows where the rows do not have it.

    Returns:
        Fields that the rows do not have are null; but `suppressed` is then false, and `synthetic` as the round is.
    """
    of_round = asked.release.manifest.round
    given = {"suppressed": False, "synthetic": of_round and of_round.synthetic} | given
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    fields = {name: field for name, field in model.model_fields.items() if name not in PLACE}
    # What is said of the row as a whole stands at its end.
    for name, field in sorted(fields.items(), key=lambda one: one[0] in _LAST):
        kind = _arrow_type(field.annotation)
        source = (called or {}).get(name, name)
        if name in given and isinstance(given[name], (pa.Array, pa.ChunkedArray)):
            columns[name] = given[name].cast(kind)
        elif source in rows.column_names:
            columns[name] = rows[source].cast(kind)
        else:
            columns[name] = _constant(given.get(name), rows.num_rows, kind)
    if "geometry" in rows.column_names:
        columns["geometry"] = rows["geometry"]
    return pa.table(columns)


def service_labels(services: pa.ChunkedArray | pa.Array, language: Language) -> pa.Array:
    """What each service is called."""
    labels = {one.value: SERVICES[one].label(language) for one in Service}
    return pa.array([labels.get(one) for one in services.to_pylist()], pa.string())


def _constant(value: object, rows: int, kind: pa.DataType) -> pa.Array:
    return pa.nulls(rows, kind) if value is None else pa.repeat(pa.scalar(_plain(value), kind), rows)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value


def _arrow_type(annotation: Any) -> pa.DataType:
    """Of a field such as `int | None`; enumerations are text."""
    kinds = [one for one in get_args(annotation) if one is not type(None)] or [annotation]
    return _ARROW.get(kinds[0], pa.string())
