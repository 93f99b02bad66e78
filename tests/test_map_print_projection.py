from __future__ import annotations

from math import degrees, pi

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from pyproj import Geod, Transformer

from geo_service.maps.printed import PrintSize, figure_of, projection_for, projection_name
from geo_service.maps.printed.compass import bar_metres
from geo_service.maps.printed.ground import ground_of
from geo_service.maps.printed.layers import simplified
from geo_service.maps.printed.parts import Box
from geo_service.vocabulary import Language
from tests.map_pictures_for_tests import large_picture
from tests.printed_pictures import EXTENTS, cells, extent_picture

GEOD = Geod(ellps="WGS84")
PAPER = Box(0, 0, 600, 400)
KINDS = {
    "andorra": "Albers",
    "chile": "Lambert",
    "chukotka": "Lambert",
    "fiji": "Lambert",
    "gabon": "Lambert",
    "indonesia": "Cylindrical",
    "kazakhstan": "Albers",
    "svalbard": "Lambert",
    "world": "Equal Earth",
}


@pytest.mark.parametrize("name", EXTENTS)
def test_areas_on_the_map_are_those_on_the_earth(name):
    bounds = EXTENTS[name]
    forth = Transformer.from_crs("EPSG:4326", projection_for(bounds), always_xy=True)
    for cell in shapely.get_parts(cells(bounds)):
        fine = shapely.segmentize(cell, 0.05 if name != "world" else 0.5)
        drawn = shapely.transform(fine, lambda at: np.column_stack(forth.transform(at[:, 0], at[:, 1])))
        true = abs(GEOD.geometry_area_perimeter(fine)[0])
        assert drawn.area == pytest.approx(true, rel=0.002)


def test_web_mercator_would_not_pass_that_test():
    forth = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    cell = shapely.box(60, 50, 61, 51)
    drawn = shapely.transform(cell, lambda at: np.column_stack(forth.transform(at[:, 0], at[:, 1])))
    assert drawn.area > 2 * abs(GEOD.geometry_area_perimeter(cell)[0])


@pytest.mark.parametrize("name", EXTENTS)
def test_the_projection_suits_the_extent_and_its_middle(name):
    bounds = EXTENTS[name]
    assert projection_name(bounds, Language.EN).startswith(KINDS[name])
    assert projection_for(bounds).is_projected
    west, south, east, north = bounds
    east = east if east >= west else east + 360
    forth = Transformer.from_crs("EPSG:4326", projection_for(bounds), always_xy=True)
    x, _ = forth.transform((west + east) / 2, (south + north) / 2)
    assert abs(x) < 6_000


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.EN, "Albers equal-area conic projection, standard parallels 43.1° N and 52.9° N."),
        (
            Language.RU,
            "Равновеликая коническая проекция Альберса, стандартные параллели 43,1° с. ш. и 52,9° с. ш.",
        ),
        (
            Language.KK,
            "Альберстің тең шамалы конустық проекциясы, стандартты параллельдері 43,1° с. е. және 52,9° с. е.",
        ),
    ],
)
def test_the_projection_is_named_in_the_language_of_the_map(language, said):
    assert projection_name(EXTENTS["kazakhstan"], language).replace("\u00a0", " ") == said


def test_a_projection_south_and_west_says_so():
    said = projection_name(EXTENTS["chile"], Language.EN).replace("\u00a0", " ")
    assert said == "Lambert azimuthal equal-area projection, centred on 36.7° S, 71.1° W."


@pytest.mark.parametrize(
    "bounds", [(10, 10, 10, 10), (-180, 60, 180, 90), (-180, -90, 180, -60), (-180, -90, 180, 90)]
)
def test_a_point_a_polar_cap_and_the_world_have_a_projection(bounds):
    west, south, _, north = bounds
    forth = Transformer.from_crs("EPSG:4326", projection_for(bounds), always_xy=True)
    assert np.all(np.isfinite(forth.transform(west, (south + north) / 2)))


@pytest.mark.parametrize("name", ["chukotka", "fiji"])
def test_what_the_antimeridian_parts_is_in_one_piece(name):
    ground = ground_of(extent_picture(EXTENTS[name]))
    west, _, east, _ = ground.extent
    bounds = EXTENTS[name]
    true = GEOD.line_length([bounds[0], bounds[2]], [bounds[1], bounds[1]])
    assert east - west == pytest.approx(true, rel=0.1)
    shapes = ground.layers[0][1]
    assert {one.geom_type for one in shapes} == {"Polygon"}
    assert shapely.union_all(shapes).geom_type == "Polygon"


@pytest.mark.parametrize("name", EXTENTS)
def test_the_scale_bar_is_as_long_as_it_says(name):
    view = ground_of(extent_picture(EXTENTS[name])).view(PAPER)
    metres = bar_metres(view, 130)
    points = metres / (view.metres_per_point * view.ground_metres())
    assert 130 / 2.5 <= points <= 130
    assert float(str(metres)[0]) in {1, 2, 5}
    west, south, east, north = view.extent
    x, y, half = (west + east) / 2, (south + north) / 2, points * view.metres_per_point / 2
    true = GEOD.line_length(*view.back.transform([x - half, x, x + half], [y, y, y]))
    assert true == pytest.approx(metres, rel=0.01)


def test_the_drawn_scale_bar_has_that_length():
    picture = extent_picture(EXTENTS["kazakhstan"])
    figure = figure_of(picture, PrintSize.HALF)
    (bar,) = (one for one in figure.axes[0].artists if type(one).__name__ == "ScaleBar")
    FigureCanvasAgg(figure).draw()
    frame = figure.axes[0]
    seen = frame.get_xlim()[1] - frame.get_xlim()[0]
    assert bar.info.length_px * bar.dx == pytest.approx(bar.fixed_value)
    assert 0.08 < bar.info.length_px / seen < 0.22


def test_the_arrow_points_to_the_north_pole():
    view = ground_of(extent_picture(EXTENTS["kazakhstan"])).view(PAPER)
    west, south, east, north = view.extent
    y = (south + north) / 2
    left, middle, right = (degrees(view.north(x, y) - pi / 2) for x in (west, (west + east) / 2, east))
    # The meridians of a conic projection meet in the north: east of the middle they lean to the left.
    assert middle == pytest.approx(0, abs=0.3)
    assert left == pytest.approx(-right, abs=0.5)
    assert 10 < right < 25


def test_the_arrow_points_up_outside_the_world():
    view = ground_of(extent_picture(EXTENTS["world"])).view(PAPER)
    assert view.north(view.extent[2], view.extent[3]) == pi / 2


def test_neighbours_are_simplified_together_and_none_is_lost():
    ground = ground_of(large_picture(60, 10))
    view = ground.view(PAPER)
    before = ground.layers[0][1]
    after = simplified(before, view)
    assert sum(map(shapely.get_num_coordinates, after)) < sum(map(shapely.get_num_coordinates, before)) / 2
    assert not shapely.is_empty(after).any()
    assert shapely.area(after).sum() == pytest.approx(shapely.union_all(after).area, rel=1e-6)
    # No border moves by more than is seen: 0.1 mm of paper, and a little more where a wedge is cut off.
    moved = [one.hausdorff_distance(other) for one, other in zip(before, after, strict=True)]
    assert max(moved) < 3 * 0.1 * 72 / 25.4 * view.metres_per_point
