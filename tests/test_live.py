"""The live index: any sequence of changes gives what the bulk engine gives from scratch."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service import nearest
from geo_service.distance.live import LiveIndex
from geo_service.errors import InputError

VILLAGES = gpd.GeoDataFrame(
    {"village_id": pd.array([f"v{number}" for number in range(12)], dtype="string")},
    geometry=gpd.points_from_xy(
        [0, 1, 2, 179.9, -179.9, 70, 71, 0, 90, 180, 5, 5], [0, 0, 0.5, 10, 10, 45, 45, 90, 89.9, -90, 5, -5]
    ),
    crs="EPSG:4326",
)
PLACE = st.tuples(st.floats(-180, 178), st.floats(-90, 88)) | st.sampled_from(
    [(0.5, 0.0), (178.0, 10.0), (0.0, 88.0)]
)


@st.composite
def geometries(draw):
    x, y = draw(PLACE)
    kind = draw(st.sampled_from(["point", "area", "line"]))
    if kind == "point":
        return shapely.Point(x, y)
    size = draw(st.floats(0.01, 2))
    return (
        shapely.box(x, y, x + size, y + size)
        if kind == "area"
        else shapely.LineString([(x, y), (x + size, y + size)])
    )


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "move"]), st.integers(0, 30), geometries()), max_size=12
)


def bulk(sites, k, limit_km):
    layer = gpd.GeoSeries(list(sites.values()), index=list(sites), crs="EPSG:4326")
    return nearest(VILLAGES, layer, k, limit_km)


def different(before, after):
    """The villages whose answers are not the same."""
    assert before.index.equals(after.index)
    assert before.dtypes.equals(after.dtypes)
    is_same = (before.astype(object) == after.astype(object)) | (before.isna() & after.isna())
    return before.index[~is_same.all(axis=1)].unique()


@settings(max_examples=40)
@given(steps=STEPS, k=st.integers(1, 3), limit_km=st.none() | st.sampled_from([50.0, 3000.0]))
def test_random_changes_give_the_answers_of_the_bulk_engine_and_touch_only_affected_villages(
    steps, k, limit_km
):
    live, sites = LiveIndex(), {}
    before = bulk(sites, k, limit_km)
    for number, (step, choice, geometry) in enumerate(steps):
        known = sorted(sites)
        if step == "add" or not known:
            name = f"f{number:02d}"
            change = live.add(name, geometry)
            sites[name] = geometry
        elif step == "remove":
            name = known[choice % len(known)]
            change = live.remove(name)
            del sites[name]
        else:
            name = known[choice % len(known)]
            change = live.move(name, geometry)
            sites[name] = geometry

        after = bulk(sites, k, limit_km)
        pd.testing.assert_frame_equal(live.nearest(VILLAGES, k, limit_km), after, rtol=0, atol=1e-6)

        access = gpd.GeoDataFrame(before.join(VILLAGES))
        touched = set(live.affected(change, access, limit_km))
        assert set(VILLAGES["village_id"][different(before, after)]) <= touched
        before = after


def test_a_far_facility_touches_only_the_villages_near_it():
    sites = {"a": shapely.Point(0, 0), "b": shapely.Point(70, 45)}
    live = LiveIndex(sites.items())
    access = gpd.GeoDataFrame(bulk(sites, 1, None).join(VILLAGES)).iloc[[0, 1, 2, 5, 6]]

    change = live.add("c", shapely.Point(71, 45))

    assert set(live.affected(change, access)) == {"v6"}


def test_an_id_that_is_taken_or_not_there_is_refused():
    live = LiveIndex([("a", shapely.Point(0, 0))])
    with pytest.raises(InputError, match="'a' is there already"):
        live.add("a", shapely.Point(1, 1))
    with pytest.raises(InputError, match="no facility 'b'"):
        live.remove("b")
    assert "a" in live
    assert len(live) == 1


@pytest.mark.parametrize("bad", [None, shapely.Point(), shapely.Point(500, 0), shapely.Point(0, np.nan)])
def test_a_facility_is_not_moved_to_nowhere(bad):
    live = LiveIndex([("a", shapely.Point(0, 0))])

    with pytest.raises(InputError, match="'a'"):
        live.move("a", bad)

    assert live.nearest(VILLAGES.iloc[[0]])["distance_m"].tolist() == [0.0]


def test_a_village_without_a_point_has_no_location():
    live = LiveIndex([("a", shapely.Point(0, 0))])

    answer = live.nearest(gpd.GeoSeries([None], crs="EPSG:4326"), k=2)

    assert answer["status"].tolist() == ["no_location", "no_location"]
