"""Both stores filled with the same releases, and what they have to answer: worked out here from the rows, without any database."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geo_service.query.questions import Aggregate, Features
from geo_service.release.folder_store import FolderStore
from geo_service.release.frames import frame_part
from geo_service.release.parts import Contents
from geo_service.release.stores import copy_release
from geo_service.settings import PostgisSettings, ReleaseSettings
from tests.conftest import skip_or_fail
from tests.postgis_server import postgis_binaries, shared_server
from tests.releases import NAMES, titled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from geo_service.query.questions import Aggregation, Box, SortKey
    from geo_service.release.protocol import Release, Store

__all__ = [
    "MANY",
    "WORDS",
    "aggregated",
    "day",
    "folder_store",
    "ids",
    "ids_where",
    "in_box",
    "odd_contents",
    "postgis_store",
    "read_all",
    "rows_of",
    "sorted_rows",
    "walk",
]

MANY = 40_000
"""Rows of the collection `many`: more than two row groups."""

LARGEST, SMALLEST = 2**63 - 1, -(2**63)
WORDS = (
    *NAMES,
    "а",
    "А",
    "ё",
    "Е",
    "Z",
    "z",
    "a",
    "",
    " ",
    "İ",
    "ß",
    "ﬁ",
    "𐍈 beyond 16 bits",
    "\uffff",
    "%",
    "line\nfeed",
)
NUMBERS = (0.1, -0.0, 0.0, 1e308, -1e308, 5e-324, 1 / 3, 2.5, -2.5, 1e15, None)
INTEGERS = (LARGEST, SMALLEST, 0, -1, 1, 2**53 + 1, -(2**53) - 1, None)
DAYS = ("0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "2024-03-01", "9999-12-31", None)
SHAPES = (
    "LINESTRING (60 40, 61 41, 62 40)",
    "POLYGON ((60 40, 64 40, 64 44, 60 44, 60 40), (61 41, 62 41, 62 42, 61 42, 61 41))",
    "MULTIPOINT ((61.5 41.5), (70 45))",
    "MULTIPOLYGON (((70 45, 71 45, 71 46, 70 45)), ((-1 -1, 1 -1, 1 1, -1 1, -1 -1)))",
    "MULTILINESTRING ((179 10, 180 10), (-180 10, -179 10))",
    "GEOMETRYCOLLECTION (POINT (61 41), LINESTRING (0 0, 1 1))",
    "POINT EMPTY",
    "POLYGON EMPTY",
    "POINT (62 40)",
    "POINT (180 90)",
    "POINT (-180 -90)",
    None,
)
LONGITUDES = (-180.0, -179.5, -0.0, 0.0, 60.0, 66.7, 179.5, 180.0)
LATITUDES = (-90.0, -45.25, 0.0, 45.25, 90.0)


def odd_contents() -> Contents:
    """Made-up layers of what is rare: the ends of each type, many ties, the antimeridian, every kind of geometry, a long one."""
    count = 240
    picked = {
        name: [values[i * step % len(values)] for i in range(count)]
        for name, values, step in (
            ("word", WORDS, 7),
            ("number", NUMBERS, 3),
            ("whole", INTEGERS, 5),
            ("day", DAYS, 2),
            ("yes", (True, False, None), 1),
        )
    }
    places = gpd.GeoDataFrame(
        {
            "key": pd.array([f"{WORDS[i % len(WORDS)]}/{i}" for i in range(count)], dtype="string"),
            "word": pd.array(
                [None if i % 9 == 0 else one for i, one in enumerate(picked["word"])], dtype="string"
            ),
            "number": pd.array(picked["number"], dtype="Float64"),
            "whole": pd.array(picked["whole"], dtype="Int64"),
            "small": pd.array([None if i % 5 == 1 else i % 13 - 6 for i in range(count)], dtype="Int64"),
            "share": pd.array([None if i % 8 == 2 else i / 16 for i in range(count)], dtype="Float64"),
            "day": pd.array(picked["day"], dtype="string"),
            "yes": pd.array(picked["yes"], dtype="boolean"),
        },
        geometry=[
            None
            if i % 12 == 5
            else shapely.Point(LONGITUDES[i % len(LONGITUDES)], LATITUDES[i % len(LATITUDES)])
            for i in range(count)
        ],
        crs="EPSG:4326",
    )
    shapes = gpd.GeoDataFrame(
        {"key": pd.array([f"s{i:02d}" for i in range(len(SHAPES))], dtype="string")},
        geometry=[None if one is None else shapely.from_wkt(one) for one in SHAPES],
        crs="EPSG:4326",
    )
    numbers = np.arange(MANY)
    many = gpd.GeoDataFrame(
        {
            "key": pd.array([f"m{one * 7919 % MANY:06d}" for one in numbers], dtype="string"),
            "group": pd.array(
                [None if one % 6 == 5 else "абвгд"[one % 6] for one in numbers], dtype="string"
            ),
            "value": pd.array(numbers % 1000, dtype="Int64"),
        },
        geometry=gpd.points_from_xy(50 + numbers * 7919 % 3500 / 100, 41 + numbers * 104_729 % 1400 / 100),
        crs="EPSG:4326",
    )
    nothing = pd.DataFrame({"key": pd.array([], dtype="string"), "value": pd.array([], dtype="Int64")})
    return Contents(
        parts=(
            frame_part(
                "places", places, kind="layer", title=titled("Places"), key=["key"], dates=["day"], time="day"
            ),
            frame_part("shapes", shapes, kind="layer", title=titled("Shapes"), key=["key"]),
            frame_part("many", many, kind="layer", title=titled("Many"), key=["key"]),
            frame_part("nothing", nothing, kind="frame", title=titled("Nothing"), key=["key"]),
        ),
        licences=("Synthetic, made for tests",),
        notes=(titled("Synthetic data"),),
    )


@contextmanager
def folder_store(folder: Path, *all_contents: Contents) -> Iterator[FolderStore]:
    """A store of files with these releases; the last one counts."""
    store = FolderStore(ReleaseSettings(directory=folder))
    for contents in all_contents:
        store.publish(contents)
    yield store
    store.close()


@contextmanager
def postgis_store(folder: Path, *all_contents: Contents) -> Iterator[Store]:
    """A store in a fresh database with these releases, pushed from a folder; the last one counts."""
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    from geo_service.release.postgis_store import PostgisStore  # noqa: PLC0415 - an optional extra
    from tests.postgis_releases import fresh_database  # noqa: PLC0415 - an optional extra

    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(shared_server()))
        store = PostgisStore(url, PostgisSettings())
        stack.callback(store.close)
        files = stack.enter_context(folder_store(folder, *all_contents))
        for entry in reversed(files.entries()):
            copy_release(files, store, entry.id)
        yield store


def rows_of(contents: Contents, name: str) -> list[dict[str, Any]]:
    """The rows that went in, in their order."""
    part = next(one for one in contents.parts if one.name == name)
    return [row for batch in part.rows() for row in batch.to_pylist()]


def ids(table: pa.Table) -> list[str]:
    """The `id` of each row."""
    return table["id"].to_pylist()


def ids_where(contents: Contents, name: str, holds: Callable[[dict[str, Any]], bool]) -> list[str]:
    """The `id` of each row that went in and for which it holds."""
    return [row["id"] for row in rows_of(contents, name) if holds(row)]


def read_all(release: Release, name: str, features: Features = Features(), rows: int = 65_536) -> pa.Table:  # noqa: B008
    """All batches as one table."""
    with release.batches(name, features, rows) as reader:
        return reader.read_all()


def walk(release: Release, name: str, features: Features, limit: int) -> pa.Table:
    """All pages as one table; each but the last is full, and none follows the last."""
    pages, cursor = [], None
    while True:
        page = release.page(name, features, limit, cursor)
        pages.append(page.features)
        if page.next is None:
            assert page.features.num_rows <= limit
            return pa.concat_tables(pages)
        assert page.features.num_rows == limit
        cursor = page.next


def sorted_rows(rows: Sequence[dict[str, Any]], sort: Sequence[SortKey]) -> list[dict[str, Any]]:
    """As `Features.sort` says: by code point, null last whichever the direction, then by `fid`."""
    ordered = sorted(rows, key=lambda row: row["fid"])
    for key in reversed(sort):
        known = [row for row in ordered if row[key.name] is not None]
        known.sort(key=lambda row, name=key.name: row[name], reverse=key.descending)
        ordered = known + [row for row in ordered if row[key.name] is None]
    return ordered


def in_box(wkb: bytes | None, box: Box) -> bool:
    """Whether a geometry shares a point with a box, which may cross the antimeridian."""
    if wkb is None:
        return False
    west, south, east, north = box
    boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    geometry = shapely.from_wkb(wkb)
    return any(_meets(geometry, (left, south, right, north)) for left, right in boxes)


def _meets(geometry: shapely.Geometry, box: Box) -> bool:
    west, south, east, north = box
    if (west, south) == (east, north):
        return bool(shapely.intersects(geometry, shapely.Point(west, south)))
    if west == east or south == north:
        return bool(shapely.intersects(geometry, shapely.LineString([(west, south), (east, north)])))
    return bool(shapely.intersects(geometry, shapely.box(*box)))


_OF: dict[Aggregate, Callable[[list[Any]], Any]] = {
    Aggregate.COUNT: len,
    Aggregate.DISTINCT: lambda values: len(set(values)),
    Aggregate.SUM: lambda values: sum(values) if values else None,
    Aggregate.MEAN: lambda values: sum(values) / len(values) if values else None,
    Aggregate.MIN: lambda values: min(values) if values else None,
    Aggregate.MAX: lambda values: max(values) if values else None,
}


def aggregated(rows: Sequence[dict[str, Any]], aggregation: Aggregation) -> list[dict[str, Any]]:
    """An aggregation in Python; `aggregation.of` is not looked at."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {} if aggregation.by else {(): list(rows)}
    for row in rows if aggregation.by else ():
        groups.setdefault(tuple(row[name] for name in aggregation.by), []).append(row)
    answer = []
    for key in sorted(groups, key=_null_last):
        line = dict(zip(aggregation.by, key, strict=True))
        for one in aggregation.measures:
            values = (
                [row[one.of] for row in groups[key] if row[one.of] is not None] if one.of else groups[key]
            )
            line[one.column] = _OF[one.aggregate](values)
        answer.append(line)
    return answer


def _null_last(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is None, "" if value is None else value) for value in key]


def day(text: str) -> dt.date:
    """A date."""
    return dt.date.fromisoformat(text)
