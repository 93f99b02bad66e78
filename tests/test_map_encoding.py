"""What the viewer reads: tracks that give back each place, shapes without gaps, JSON that cannot end a script."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from map_pictures_for_tests import small_picture

from geo_service.maps.encoding import SHAPE_UNITS, picture_json, script_text, shapes_json, track

WHOLE = st.integers(-36_000_000, 36_000_000)


def places_of(text):
    """The places of a track, read letter by letter."""
    numbers, bits, shift = [], 0, 0
    for letter in text:
        part = ord(letter) - 63
        bits |= (part & 31) << shift
        shift += 5
        if not part & 32:
            numbers.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits = shift = 0
    return np.cumsum(np.array(numbers, dtype=np.int64).reshape(-1, 2), axis=0)


def polygon_of(rings):
    outer, *holes = (places_of(one) / SHAPE_UNITS for one in rings)
    return shapely.Polygon(outer, holes)


@given(st.lists(st.tuples(WHOLE, WHOLE), max_size=30))
def test_a_track_gives_back_every_place(places):
    given_places = np.array(places, dtype=np.int64).reshape(-1, 2)
    text = track(given_places)
    np.testing.assert_array_equal(places_of(text), given_places)
    assert not set(text) & set("<>&\"'")


def test_the_published_example_of_the_format_comes_out():
    # Google's example has latitude first, in 1/100,000 of a degree.
    places = np.array([[3_850_000, -12_020_000], [4_070_000, -12_095_000], [4_325_200, -12_645_300]])
    assert track(places) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_shapes_share_their_borders_and_lose_none():
    picture = small_picture()
    areas = picture.areas[0]
    said = shapes_json(areas)
    assert said["ids"] == list(areas.ids)
    drawn = gpd.GeoSeries(
        [shapely.union_all([polygon_of(one) for one in polygons]) for polygons in said["shapes"]]
    )
    whole = shapely.union_all(areas.geometry.to_numpy())
    assert shapely.union_all(drawn.to_numpy()).symmetric_difference(whole).area < 0.01 * whole.area
    assert drawn.area.sum() - shapely.union_all(drawn.to_numpy()).area < 1e-6


def test_json_in_a_page_cannot_end_its_script():
    said = picture_json(small_picture())
    text = script_text(said)
    assert "</" not in text
    assert "<!--" not in text
    assert json.loads(text) == said
