"""What changed between two releases, against the frames they were made of and a dictionary-based oracle. All data here is made up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from releases import BIG, small_access, small_contents, small_villages, titled

from geo_service.errors import MissingExtraError, StoreError
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.release.difference import Difference, difference
from geo_service.release.digest import RowsDigest
from geo_service.release.folder_store import FolderStore
from geo_service.release.frames import frame_part
from geo_service.release.manifest import Collection, CollectionField, Manifest
from geo_service.release.parts import Contents, Part, arrow_schema
from geo_service.release.stores import copy_release, open_store
from geo_service.settings import ReleaseSettings
from geo_service.spatial.geodesy import GEOD
from tests.conftest import skip_or_fail
from tests.postgis_server import postgis_binaries, temporary_postgis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TableRelease:
    """As much of a release as comparing asks for, over tables in memory."""

    def __init__(self, contents: Contents, *, broken: str | None = None) -> None:
        self.tables = {
            part.name: pa.Table.from_batches(part.rows(), arrow_schema(part.fields))
            for part in contents.parts
        }
        self.broken = broken
        self.read: list[str] = []
        collections = tuple(self._collection(part) for part in contents.parts)
        self.manifest = Manifest(
            id="0" * 32,
            round=contents.round,
            inputs=contents.inputs,
            parameters=contents.parameters,
            versions=contents.versions,
            licences=contents.licences,
            notes=contents.notes,
            collections=collections,
        ).identified()

    def _collection(self, part: Part) -> Collection:
        table = self.tables[part.name]
        digest = RowsDigest(part.fields)
        digest.add(table)
        return Collection(
            name=part.name,
            kind=part.kind,
            title=part.title,
            file=f"{part.name}.parquet",
            sha256="0" * 64,
            rows_sha256=digest.hexdigest(),
            bytes=0,
            rows=table.num_rows,
            fields=part.fields,
            geometry=part.geometry,
            time=part.time,
            about=part.about,
        )

    @contextmanager
    def batches(self, name, features, rows=7) -> Iterator[pa.RecordBatchReader]:
        self.read.append(name)
        table = self.tables[name]
        if features.fields is not None:
            table = table.select([FID, ID, *features.fields])
        yield pa.RecordBatchReader.from_batches(table.schema, self._stream(name, table, rows))

    def _stream(self, name, table, rows) -> Iterator[pa.RecordBatch]:
        yield from table.to_batches(rows)
        if name == self.broken:
            raise StoreError(f"{name} is damaged")


def with_part(contents: Contents, part: Part) -> Contents:
    """The same with another collection, in its place where there is one of that name."""
    parts = [part if one.name == part.name else one for one in contents.parts]
    return replace(contents, parts=tuple(parts if part in parts else [*parts, part]))


def villages_part(villages: gpd.GeoDataFrame) -> Part:
    return frame_part(
        "villages",
        villages,
        kind="layer",
        title=titled("Villages"),
        key=["village_id"],
        dates=["interviewed_on"],
        time="interviewed_on",
    )


def access_part(access: gpd.GeoDataFrame) -> Part:
    return frame_part(
        "access",
        access,
        kind="layer",
        title=titled("Access"),
        key=["village_id", "service", "rank"],
        about={"basis": "measured", "method": "geodesic"},
    )


def frame_contents(frame: pd.DataFrame, key: list[str], name: str = "things") -> Contents:
    return Contents(parts=(frame_part(name, frame, kind="frame", title=titled(name), key=key),))


def compared(before: Contents, after: Contents, **options) -> Difference:
    return difference(TableRelease(before), TableRelease(after), **options)


def counts_of(found: Difference, collection: str) -> dict[str, int]:
    row = found.collections.set_index("collection").loc[collection]
    return {name: int(row[name]) for name in ("added", "removed", "changed", "same") if row[name]}


def details_of(found: Difference, **wanted: str) -> list[tuple]:
    rows = found.details
    for name, value in wanted.items():
        rows = rows[rows[name] == value]
    return list(
        rows[["id", "change", "field", "before", "after"]]
        .astype(object)
        .where(rows.notna(), None)
        .itertuples(index=False, name=None)
    )


def test_a_release_does_not_differ_from_itself_and_is_not_read() -> None:
    before, after = TableRelease(small_contents()), TableRelease(small_contents())
    found = difference(before, after)
    assert found.is_same
    assert before.read == after.read == []
    assert found.collections["same"].tolist() == [40, 3, 80, 40, 3]
    assert found.details.empty
    assert found.manifest.empty
    assert (found.before, found.after) == (before.manifest.id, after.manifest.id)


def test_other_households_are_a_change_of_that_field_with_both_numbers() -> None:
    villages = small_villages()
    villages.loc[0, "households"] = 7
    villages.loc[3, "households"] = 8
    found = compared(small_contents(), with_part(small_contents(), villages_part(villages)))
    assert not found.is_same
    assert counts_of(found, "villages") == {"changed": 2, "same": 38}
    assert details_of(found) == [
        ("KZ-0000", "changed", "households", "100", "7"),
        ("KZ-0003", "changed", "households", None, "8"),
    ]
    assert found.details["pcode"].tolist() == ["KAZ001", "KAZ001"]
    assert found.details["village_id"].tolist() == ["KZ-0000", "KZ-0003"]
    assert found.fields.to_dict("records") == [{"collection": "villages", "field": "households", "rows": 2}]


def test_a_moved_point_has_the_geodesic_distance_in_metres() -> None:
    villages = small_villages()
    villages.loc[0, "geometry"] = shapely.Point(66.01, 48.02)
    found = compared(small_contents(), with_part(small_contents(), villages_part(villages)))
    [row] = found.details.to_dict("records")
    assert row["field"] == "geometry"
    assert (row["before"], row["after"]) == ("POINT (66 48)", "POINT (66.01 48.02)")
    assert row["moved_m"] == pytest.approx(GEOD.inv(66, 48, 66.01, 48.02)[2], abs=1e-6)


def test_a_village_that_moved_along_the_curve_has_another_place_in_the_file_and_the_others_are_the_same() -> (
    None
):
    villages = small_villages()
    villages.loc[0, "geometry"] = shapely.Point(-70, -30)
    found = compared(small_contents(), with_part(small_contents(), villages_part(villages)))
    assert counts_of(found, "villages") == {"changed": 1, "same": 39}


def test_a_point_that_came_or_went_has_no_distance() -> None:
    villages = small_villages()
    villages.loc[6, "geometry"] = shapely.Point(1.5, 2.5)
    villages.loc[0, "geometry"] = None
    found = compared(small_contents(), with_part(small_contents(), villages_part(villages)))
    assert details_of(found) == [
        ("KZ-0000", "changed", "geometry", "POINT (66 48)", None),
        ("KZ-0006", "changed", "geometry", None, "POINT (1.5 2.5)"),
    ]
    assert found.details["moved_m"].isna().all()


def test_an_area_of_another_shape_says_only_that() -> None:
    units = gpd.GeoDataFrame(
        {"pcode": ["KAZ001", "KAZ002"]},
        geometry=[shapely.box(1, 1, 2, 2), shapely.box(2, 2, 3, 3)],
        crs="EPSG:4326",
    )
    other = units.copy()
    other.loc[1, "geometry"] = shapely.box(2, 2, 3, 3.5)

    def contents(frame):
        return Contents((frame_part("adm1", frame, kind="layer", title=titled("x"), key=["pcode"]),))

    found = compared(contents(units), contents(other))
    assert details_of(found) == [("KAZ002", "changed", "geometry", None, "shape changed")]
    assert found.units[["pcode", "changed"]].to_numpy().tolist() == [["KAZ002", 1]]
    assert found.units["level"].isna().all()


def test_villages_that_are_gone_or_new_are_counted_by_unit_also_where_rows_have_no_unit_of_their_own() -> (
    None
):
    found = compared(small_contents(41), small_contents(40))
    assert counts_of(found, "villages") == {"removed": 1, "same": 40}
    assert counts_of(found, "access") == {"removed": 2, "same": 80}
    assert counts_of(found, "mobility") == {"removed": 1, "same": 40}
    units = found.units.set_index("collection")
    assert units["removed"].to_dict() == {"villages": 1, "access": 2, "mobility": 1}
    assert units["level"].unique().tolist() == [1]
    assert units["pcode"].unique().tolist() == ["KAZ002"]
    assert set(found.villages["village_id"]) == {"KZ-0040"}
    assert found.collections.set_index("collection")["villages"]["access"] == 1
    back = compared(small_contents(40), small_contents(41))
    assert back.units.set_index("collection")["added"].to_dict() == units["removed"].to_dict()


def test_access_rows_say_from_which_band_to_which_by_service() -> None:
    access = small_access(small_villages())
    school = access.index[(access["service"] == "school") & access["band"].notna()][:3]
    bands = access["band"].cat.categories
    old = access.loc[school, "band"].tolist()
    access.loc[school[0], "band"] = None
    access.loc[school[1:], "band"] = bands[-1]
    found = compared(small_contents(), with_part(small_contents(), access_part(access)))
    expected = Counter(
        (one, new) for one, new in zip(old, [None, bands[-1], bands[-1]], strict=True) if one != new
    )
    given = found.bands.astype(object).where(found.bands.notna(), None)
    assert set(given["service"]) == {"school"}
    assert {(row.before, row.after): row.rows for row in given.itertuples()} == expected
    assert found.services[["collection", "service", "changed"]].to_numpy().tolist() == [
        ["access", "school", sum(expected.values())]
    ]
    assert set(found.details["field"]) == {"band"}
    assert set(found.details["service"]) == {"school"}


def test_a_row_in_another_unit_counts_in_the_new_one() -> None:
    villages = small_villages()
    villages.loc[0, "adm1_pcode"] = "KAZ003"
    found = compared(small_contents(), with_part(small_contents(), villages_part(villages)))
    assert found.units[["pcode", "changed"]].to_numpy().tolist() == [["KAZ003", 1]]


def test_the_limit_leaves_out_details_and_villages_and_no_count() -> None:
    every = compared(small_contents(), small_contents(households=500))
    some = compared(small_contents(), small_contents(households=500), limit=5)
    none = compared(small_contents(), small_contents(households=500), limit=0)
    assert len(every.details) == every.collections["details"].sum() == 108
    assert (every.details_left_out, some.details_left_out, none.details_left_out) == (0, 103, 108)
    assert some.details.equals(every.details.head(5))
    assert none.details.empty
    for one in (some, none):
        for name in ("collections", "units", "services", "fields", "bands"):
            assert getattr(one, name).equals(getattr(every, name))
    assert some.villages.groupby("collection").size().to_dict() == {"villages": 5, "access": 5}


def test_a_collection_of_only_one_release_is_named_with_its_rows() -> None:
    more = with_part(
        small_contents(), frame_part("more", pd.DataFrame({"n": [1, 2]}), kind="frame", title=titled("x"))
    )
    found = compared(small_contents(), more)
    row = found.collections.set_index("collection").loc["more"]
    assert pd.isna(row["rows_before"])
    assert (row["rows_after"], row["added"]) == (2, 2)
    assert not found.is_same
    back = compared(more, small_contents())
    assert back.collections["collection"].iloc[-1] == "more"
    assert back.collections.set_index("collection").loc["more", "removed"] == 2
    assert back.details.empty


def test_columns_of_only_one_or_of_another_type_are_named_and_change_no_row() -> None:
    before = pd.DataFrame({"k": ["a", "b"], "gone": [1, 2], "n": [1, 2], "t": ["1", "2"]})
    after = pd.DataFrame({"k": ["a", "b"], "n": [1.0, 2.5], "t": [1, 2], "new": ["x", None]})
    found = compared(frame_contents(before, ["k"]), frame_contents(after, ["k"]))
    columns = found.columns.astype(object).where(found.columns.notna(), None)
    assert columns.drop(columns="collection").to_numpy().tolist() == [
        ["gone", "integer", None, False],
        ["n", "integer", "number", True],
        ["t", "text", "integer", False],
        ["new", None, "text", False],
    ]
    assert details_of(found) == [("b", "changed", "n", "2", "2.5")]


def test_big_integers_dates_quotes_and_nulls_are_compared_and_told_exactly() -> None:
    frame = pd.DataFrame(
        {
            "k": ["a", "b"],
            "a \"name\" with 100 % and 'quotes'": pd.array([BIG, None], dtype="Int64"),
            "select": pd.array(["x'; DROP TABLE changes; --", "й"], dtype="string"),
            "on": pd.array(["2024-02-29", None], dtype="string"),
            "group": pd.array([True, False], dtype="boolean"),
        }
    )
    other = frame.copy()
    other.iloc[0, 1] = BIG + 1
    other.iloc[1, 2] = None
    other.iloc[1, 3] = "2024-03-01"
    other.iloc[1, 4] = None

    def contents(one):
        return Contents((frame_part("t", one, kind="table", title=titled("x"), key=["k"], dates=["on"]),))

    assert details_of(compared(contents(frame), contents(other))) == [
        ("a", "changed", "a \"name\" with 100 % and 'quotes'", str(BIG), str(BIG + 1)),
        ("b", "changed", "select", "й", None),
        ("b", "changed", "on", None, "2024-03-01"),
        ("b", "changed", "group", "false", None),
    ]


def test_columns_that_only_swapped_their_names_are_compared_by_name() -> None:
    before = pd.DataFrame({"k": ["a"], "men": [1], "women": [2]})
    after = before.rename(columns={"men": "women", "women": "men"})
    found = compared(frame_contents(before, ["k"]), frame_contents(after, ["k"]))
    assert {(field, old, new) for _, _, field, old, new in details_of(found)} == {
        ("men", "1", "2"),
        ("women", "2", "1"),
    }


def test_the_manifest_rows_name_inputs_parameters_and_versions_that_differ() -> None:
    before = small_contents()
    other_input = before.inputs[0].model_copy(update={"sha256": "1" * 64, "licence": "CC0-1.0"})
    after = replace(
        before,
        inputs=(other_input,),
        parameters={"bands": {"edges_km": [5, 10]}, "presence_km": 1.5},
        versions={"geo-service": "0.2.0"},
        licences=("ODbL",),
        round=before.round and before.round.model_copy(update={"number": 4}),
    )
    found = compared(before, after)
    rows = found.manifest.astype(object).where(found.manifest.notna(), None)
    assert {tuple(row) for row in rows.to_numpy().tolist()} == {
        ("round", "number", "3", "4"),
        ("input", "villages villages.gpkg.sha256", "0" * 64, "1" * 64),
        ("input", "villages villages.gpkg.licence", None, "CC0-1.0"),
        ("parameter", "bands.edges_km", "[5, 10, 15, 20, 25]", "[5, 10]"),
        ("parameter", "presence_km", None, "1.5"),
        ("version", "geo-service", "0.1.0", "0.2.0"),
        ("licence", "Synthetic, made for tests", "Synthetic, made for tests", None),
        ("licence", "ODbL", None, "ODbL"),
    }
    assert found.is_same


def test_what_a_collection_says_of_itself_is_compared() -> None:
    part = small_contents().parts[2]
    other = replace(part, about={"basis": "measured", "method": "road"})
    found = compared(small_contents(), with_part(small_contents(), other))
    assert found.manifest.to_numpy().tolist() == [["collection", "access.about.method", "geodesic", "road"]]


def test_it_says_which_collection_it_compares() -> None:
    told: list[str] = []
    compared(small_contents(), small_contents(households=9), progress=told.append)
    assert told == ["villages", "access"]


def test_a_release_that_breaks_off_raises_its_own_error() -> None:
    before = TableRelease(small_contents())
    after = TableRelease(small_contents(households=9), broken="access")
    with pytest.raises(StoreError, match="access is damaged"):
        difference(before, after)


def test_too_little_memory_is_one_clear_error() -> None:
    with pytest.raises(StoreError, match="villages cannot be compared"):
        compared(
            small_contents(4000),
            small_contents(4000, households=9),
            settings=ReleaseSettings(memory="1MB", threads=1),
        )


def test_without_duckdb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match="releases"):
        compared(small_contents(), small_contents())


def test_releases_of_a_folder_differ_as_what_they_were_made_of(tmp_path: Path) -> None:
    villages = small_villages()
    villages.loc[0, "geometry"] = shapely.Point(66.01, 48.02)
    before, after = small_contents(41), with_part(small_contents(households=120), villages_part(villages))
    store = FolderStore(ReleaseSettings(directory=tmp_path))
    ids = [store.publish(contents).id for contents in (before, after)]
    with store.open(ids[0]) as old, store.open(ids[1]) as new:
        found = difference(old, new)
    same_frames(found, compared(before, after))
    assert (found.before, found.after) == tuple(ids)


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
def test_a_release_in_postgis_is_compared_with_one_in_a_folder(tmp_path: Path) -> None:
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    store = FolderStore(ReleaseSettings(directory=tmp_path))
    before, after = small_contents(41), small_contents(households=120)
    first, second = (store.publish(contents).id for contents in (before, after))
    with temporary_postgis() as url:
        database = open_store(url)
        try:
            copy_release(store, database, first)
            with database.open(first) as old, store.open(second) as new, store.open(first) as kept:
                same_frames(difference(old, new), compared(before, after))
                same_frames(difference(new, old), compared(after, before))
                assert difference(old, kept).is_same
        finally:
            database.close()


def same_frames(found: Difference, wanted: Difference) -> None:
    """Every frame alike; ids of releases are those of their stores."""
    for name in (one.name for one in fields(Difference)):
        if name not in {"before", "after"}:
            pd.testing.assert_frame_equal(getattr(found, name), getattr(wanted, name))


VALUES = {
    "text": st.one_of(st.none(), st.sampled_from(["", "a", "A", "ё", "Қ", "'", '"', "1"])),
    "integer": st.one_of(st.none(), st.sampled_from([0, 1, -1, BIG, BIG + 1])),
    "number": st.one_of(st.none(), st.sampled_from([0.0, 0.1, -2.5, 1e300])),
    "boolean": st.one_of(st.none(), st.booleans()),
    "date": st.one_of(st.none(), st.sampled_from([dt.date(2024, 2, 29), dt.date(1969, 12, 31)])),
    "geometry": st.one_of(
        st.none(), st.sampled_from([shapely.to_wkb(shapely.Point(x, 50)) for x in (0, 1, 1.5)])
    ),
}
FIELDS = (
    CollectionField(name=FID, type=PropertyType.INTEGER, nullable=False),
    CollectionField(name=ID, type=PropertyType.TEXT, nullable=False),
    CollectionField(name="village_id", type=PropertyType.TEXT),
    CollectionField(name="service", type=PropertyType.TEXT),
    CollectionField(name="band", type=PropertyType.TEXT),
    *(CollectionField(name=f"a {kind}", type=PropertyType(kind)) for kind in VALUES),
)
ROWS = st.dictionaries(
    st.sampled_from([f"{letter}{digit}" for letter in "aбZ" for digit in range(4)]),
    st.tuples(VALUES["text"], VALUES["text"], VALUES["text"], *VALUES.values()),
    max_size=12,
)


def oracle_contents(rows: dict[str, tuple]) -> Contents:
    columns = list(
        zip(*((place, key, *row) for place, (key, row) in enumerate(rows.items(), 1)), strict=True)
    )
    table = pa.Table.from_arrays(
        [
            pa.array(columns[place] if columns else [], one.type)
            for place, one in enumerate(arrow_schema(FIELDS))
        ],
        schema=arrow_schema(FIELDS),
    )
    part = Part("things", "layer", titled("Things"), FIELDS, lambda: iter(table.to_batches()), "a geometry")
    return Contents((part,))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, ROWS)
def test_counts_and_details_are_those_of_two_dictionaries(before: dict, after: dict) -> None:
    found = compared(oracle_contents(before), oracle_contents(after))
    names = [one.name for one in FIELDS[2:]]
    added, removed = after.keys() - before.keys(), before.keys() - after.keys()
    differing = {
        (key, name)
        for key in before.keys() & after.keys()
        for name, old, new in zip(names, before[key], after[key], strict=True)
        if old != new
    }
    changed = {key for key, _ in differing}
    wanted = {"added": len(added), "removed": len(removed), "changed": len(changed)}
    wanted["same"] = len(before.keys() & after.keys()) - len(changed)
    assert counts_of(found, "things") == {name: count for name, count in wanted.items() if count}
    told = list(zip(found.details["id"], found.details["change"], found.details["field"], strict=True))
    assert {(key, field) for key, change, field in told if change == "changed"} == differing
    assert {key for key, change, _ in told if change == "added"} == added
    assert {key for key, change, _ in told if change == "removed"} == removed
    assert len(told) == len(differing) + len(added) + len(removed)
    assert [key for key, *_ in told] == sorted(key for key, *_ in told)
    assert dict(found.fields[["field", "rows"]].to_numpy().tolist()) == Counter(name for _, name in differing)
    by_service: Counter = Counter()
    for key in added | removed | changed:
        newest = after.get(key) or before[key]
        by_service[newest[1] if newest[1] is not None or key not in before else before[key][1]] += 1
    given = found.services.astype(object).where(found.services.notna(), None)
    assert (
        dict(zip(given["service"], given[["added", "removed", "changed"]].sum(axis=1), strict=True))
        == by_service
    )
