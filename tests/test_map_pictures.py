"""Pictures of population groups: where they are, and how they changed."""

from __future__ import annotations

import datetime as dt
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from frames import units as made_units

from geo_service.errors import InputError
from geo_service.maps.about import MapAbout
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.encoding import json_text, picture_json
from geo_service.maps.measures import ChangeMeasure, Measure
from geo_service.maps.picture import ClassKind
from geo_service.maps.pictures import change_picture, concentration_picture
from geo_service.maps.pictures.marks import round_sizes
from geo_service.maps.pictures.units import bounds_of
from geo_service.vocabulary import Language

CODES = ("KAZ001001", "KAZ001002", "KAZ001003", "KAZ001004", "KAZ001005", "KAZ001006")
GROUP = "labour_migrants"


def squares(codes=CODES, level=2):
    return made_units({code: shapely.box(60 + at, 48, 61 + at, 49) for at, code in enumerate(codes)}, level)


def concentration(individuals=(0, 40, 90, 1600, None), codes=CODES[:5], suppressed=None, group=GROUP):
    counts = pd.array(list(individuals), dtype="Int64")
    table = pd.DataFrame(
        {
            "pcode": pd.array(list(codes), dtype="string"),
            "group": group,
            "individuals": counts,
            "share": (counts / counts.sum()).astype("Float64"),
            "inhabitants": pd.array([10_000] * len(counts), dtype="Int64"),
            "per_1000_inhabitants": (counts / 10).astype("Float64"),
            "area_km2": 8000.0,
            "per_km2": (counts / 8000).astype("Float64"),
            "location_quotient": (counts / 80).astype("Float64"),
        }
    )
    return table if suppressed is None else table.assign(suppressed=list(suppressed))


def legend(layer):
    return [(one.label, one.count, one.kind) for one in layer.classes]


def class_of(layer, code):
    return layer.classes[layer.class_of[layer.ids.index(code)]]


def said(layer, code):
    return dict(zip(layer.fields, layer.values[layer.ids.index(code)], strict=True))  # noqa: PD011


def everything_said(picture):
    texts = [picture.title, picture.summary, picture.disclaimer, *picture.notes]
    for fact in picture.facts:
        texts += fact
    for layer in picture.layers:
        texts += [layer.name, *layer.fields, *(one.label for one in layer.classes)]
    return texts


def test_units_are_in_classes_and_the_legend_counts_all_of_them():
    picture = concentration_picture(
        concentration(),
        squares(),
        GROUP,
        classing=Classing(Scheme.GIVEN, edges=(50, 100)),
        about=MapAbout(round=3, country="KAZ"),
    )
    assert picture.title == "Labour migrants by district, Round 3, Kazakhstan"
    assert picture.name == "labour_migrants_by_district"
    areas = picture.areas[0]
    assert legend(areas) == [
        ("0", 1, ClassKind.VALUE),
        ("1–50", 1, ClassKind.VALUE),
        ("51–100", 1, ClassKind.VALUE),
        (">100", 1, ClassKind.VALUE),
        ("No village assessed", 1, ClassKind.NO_DATA),
        ("No data", 1, ClassKind.NO_DATA),
    ]
    assert class_of(areas, CODES[4]).label == "No data"
    assert class_of(areas, CODES[5]).label == "No village assessed"
    assert said(areas, CODES[3])["Individuals"] == "1,600"
    assert set(said(areas, CODES[5]).values()) == {""}
    assert picture.bounds == (60, 48, 66, 49)


def test_a_hidden_number_is_neither_zero_nor_missing():
    table = concentration((0, None, 12, None, 30), suppressed=(False, True, True, False, False))
    picture = concentration_picture(table, squares(), GROUP)
    areas, circles = picture.layers
    assert class_of(areas, CODES[1]).kind is ClassKind.SUPPRESSED
    assert class_of(areas, CODES[2]).kind is ClassKind.VALUE
    assert class_of(areas, CODES[3]).label == "No data"
    assert said(areas, CODES[1])["Individuals"] == "hidden"
    assert said(areas, CODES[3])["Individuals"] == ""
    assert set(circles.ids) == {CODES[2], CODES[4]}
    assert any("Hidden is not zero" in note for note in picture.notes)
    assert "Individuals in these, in total: 42." in picture.summary


def test_areas_of_circles_are_as_the_numbers_and_their_legend_is_round():
    circles = concentration_picture(concentration(), squares(), GROUP).points[0]
    assert circles.ids == (CODES[3], CODES[2], CODES[1])
    per_person = circles.radius**2 / np.array([1600, 90, 40])
    assert np.allclose(per_person, per_person[0])
    assert [one.label for one in circles.sizes] == ["1,000", "200", "50"]
    assert [one.radius**2 / int(one.label.replace(",", "")) for one in circles.sizes] == pytest.approx(
        [per_person[0]] * 3
    )
    polygons = squares().set_index("pcode").geometry
    assert all(
        polygons[code].contains(point) for code, point in zip(circles.ids, circles.geometry, strict=True)
    )


@pytest.mark.parametrize(
    ("most", "sizes"), [(0, []), (1, [1]), (7, [5, 1]), (216_000, [200_000, 50_000, 10_000])]
)
def test_sizes_in_a_legend_are_round_and_few(most, sizes):
    assert round_sizes(most) == sizes


def test_without_anybody_there_are_no_circles():
    picture = concentration_picture(concentration((0, 0, 0, 0, None)), squares(), GROUP)
    assert picture.points == ()
    assert picture.summary == "Districts with a number: 4 of 6. Individuals in these, in total: 0."


def test_without_any_number_the_summary_says_so():
    picture = concentration_picture(concentration([None] * 5), squares(), GROUP)
    assert picture.summary == "Districts with a number: 0 of 6. No unit has a number that can be shown."


def test_the_summary_names_the_largest_only_where_there_is_one():
    one = concentration_picture(concentration(), squares(), GROUP)
    assert one.summary.endswith("The most among these: Unit KAZ001004, 1,600.")
    two = concentration_picture(concentration((5, 5, 1, 1, 1)), squares(), GROUP)
    assert two.summary.endswith("The most among these: 5, in as many units: 2.")


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("language", Language)
def test_every_measure_is_said_in_every_language(measure, language):
    about = MapAbout(
        language=language,
        round=3,
        country="KAZ",
        release="6932eaad71dffc3d",
        collected=(dt.date(2023, 12, 1), dt.date(2024, 1, 31)),
        boundaries="COD-AB",
        sources=("Borders: somebody", "Borders: somebody"),
        notes=("Something else.",),
        is_synthetic=True,
        is_guarded=True,
    )
    picture = concentration_picture(concentration(), squares(), GROUP, measure=measure, about=about)
    assert picture.name == f"{GROUP}{'' if measure == 'individuals' else f'_{measure}'}_by_district"
    assert re.fullmatch(r"[a-z0-9_]+", picture.name)
    assert picture.sources == ("Borders: somebody",)
    assert "6932eaad71df" in dict(picture.facts).values()
    assert len(picture.facts) == 5
    assert len(picture.notes) == 4
    assert not any("{" in text or not text for text in everything_said(picture))
    if language != Language.EN:
        rest = " ".join(everything_said(picture)).replace("COD-AB", "").replace("6932eaad71df", "")
        rest = (
            rest.replace("Something else.", "")
            .replace("P-код", "")
            .replace("KAZ001004", "")
            .replace("Unit", "")
        )
        assert not re.search(r"[A-Za-z]{2,}", rest), rest
    json_text(picture_json(picture))


def test_a_share_says_what_it_is_of():
    picture = concentration_picture(concentration(), squares(), GROUP, measure="share")
    assert "of the group in all units" in picture.summary
    assert picture.areas[0].name == "Share of the group in all units"
    assert [label for label, count, _ in legend(picture.areas[0]) if count][:2] == ["0%", ">1–2.5%"]


def test_names_are_in_the_language_where_there_are_some():
    russian = concentration_picture(concentration(), squares(), GROUP, about=MapAbout(Language.RU))
    assert russian.areas[0].labels[0] == "Район KAZ001001"
    kazakh = concentration_picture(concentration(), squares(), GROUP, about=MapAbout(Language.KK))
    assert kazakh.areas[0].labels[0] == "Unit KAZ001001"
    nameless = squares().assign(name_en=None, name_ru=None)
    assert concentration_picture(concentration(), nameless, GROUP).areas[0].labels[0] == CODES[0]


def test_a_country_that_is_not_known_stands_by_its_code_and_regions_by_their_word():
    regions = squares(("KAZ001", "KAZ002"), level=1)
    table = concentration((1, 2), codes=("KAZ001", "KAZ002"))
    picture = concentration_picture(table, regions, GROUP, about=MapAbout(Language.RU, 2, "XXX"))
    assert picture.title == "Трудящиеся-мигранты по областям, раунд 2, XXX"
    whole = concentration_picture(concentration((3,), ("KAZ",)), squares(("KAZ",), level=0), GROUP)
    assert (whole.title, whole.name) == ("Labour migrants", "labour_migrants")


def test_rows_of_other_units_and_other_groups_are_left_out():
    table = pd.concat(
        [
            concentration(),
            concentration((9,), ("KAZ009009",)),
            concentration((8,), (None,)),
            concentration(group="returnees"),
        ]
    )
    picture = concentration_picture(table, squares(), GROUP)
    assert sum(one.count for one in picture.areas[0].classes) == len(CODES)


@pytest.mark.parametrize(
    ("individuals", "place", "note"),
    [
        ((9, 8), None, "Individuals in no district of this map, whom its totals leave out: 17."),
        ((9, 8), "Somewhere", "Individuals in no district of this map, whom its totals leave out: 8."),
        ((9, None), None, "Data in no district of this map are left out of its totals."),
        ((9, None), "Somewhere", "Data in no district of this map are left out of its totals."),
        ((None, 8), "Somewhere", "Individuals in no district of this map, whom its totals leave out: 8."),
        ((9, 0), "Somewhere", None),
        ((0, 0), None, None),
    ],
)
def test_individuals_of_no_unit_are_said_to_be_left_out_unless_they_are_elsewhere(individuals, place, note):
    table = pd.concat([concentration(), concentration(individuals, ("KAZ009009", None))])
    picture = concentration_picture(table, squares(), GROUP, about=MapAbout(place=place))
    said_of_it = [one for one in picture.notes if "in no district" in one]
    assert said_of_it == ([] if note is None else [note])
    assert "in total: 1,730." in picture.summary


@pytest.mark.parametrize(
    ("language", "title"),
    [
        (Language.EN, "Labour migrants by district, P, Round 3, Kazakhstan"),
        (Language.RU, "Трудящиеся-мигранты по районам, P, раунд 3, Казахстан"),
        (Language.KK, "Еңбек мигранттары, аудандар бойынша, P, 3-раунд, Қазақстан"),
    ],
)
def test_the_place_that_a_map_is_narrowed_to_is_in_its_title(language, title):
    about = MapAbout(language, 3, "KAZ", "P")
    assert concentration_picture(concentration(), squares(), GROUP, about=about).title == title


@pytest.mark.parametrize(
    ("change", "said_of_it"),
    [
        ({"group": "tourists"}, "no population group; use labour_migrants"),
        ({"group": "returnees"}, "no rows of the group 'returnees'; it has labour_migrants"),
        ({"measure": "density"}, "no measure of concentration; use individuals"),
        ({"units": squares().iloc[:0]}, "no admin units"),
        ({"units": pd.concat([squares(), squares(("KAZ001",), 1)])}, "of the levels 1, 2"),
        ({"units": squares(level=3)}, "3 is no level"),
        (
            {"units": squares().assign(geometry=gpd.GeoSeries([None] * 6, crs=4326))},
            "KAZ001001 has no polygon",
        ),
        ({"table": concentration().drop(columns="pcode")}, "no column 'pcode'"),
        ({"table": concentration().drop(columns="group")}, "no column 'group'"),
        ({"table": concentration().drop(columns="individuals")}, "no column 'individuals'"),
        ({"table": pd.concat([concentration()] * 2)}, "unit KAZ001001 more than once"),
        ({"table": concentration((1, -2, 3, 4, 5))}, "below 0"),
    ],
)
def test_what_makes_no_map_is_refused_with_a_reason(change, said_of_it):
    given = {"table": concentration(), "units": squares(), "group": GROUP} | change
    with pytest.raises(InputError, match=said_of_it):
        concentration_picture(given.pop("table"), given.pop("units"), given.pop("group"), **given)


def test_the_bounds_of_a_country_across_the_antimeridian_go_the_shorter_way():
    parts = gpd.GeoSeries([shapely.box(177, -19, 180, -16), shapely.box(-180, -18, -178, -16)], crs=4326)
    assert bounds_of(parts) == (177, -19, -178, -16)
    wide = gpd.GeoSeries([shapely.box(-170, 0, -10, 1), shapely.box(-20, 0, 170, 1)], crs=4326)
    assert bounds_of(wide) == (-170, 0, 170, 1)


def compared(earlier=(100, 100, 100, 50, 0, None), later=(100, 130, 40, 53, 7, 5)):
    first, second = (pd.array(list(one), dtype="Int64") for one in (earlier, later))
    by = second - first
    relative = by.astype("Float64") / pd.array([one or None for one in earlier], dtype="Float64")
    return pd.DataFrame(
        {
            "pcode": pd.array(CODES, dtype="string"),
            "group": GROUP,
            "villages_same": 3,
            "same_earlier": first,
            "same_later": second,
            "same_change": by,
            "same_change_relative": relative,
        }
    )


def test_a_change_has_the_same_classes_up_and_down_around_none():
    picture = change_picture(squares(), compared(), GROUP, earlier_round=2, about=MapAbout(round=3))
    areas = picture.areas[0]
    assert legend(areas) == [
        ("Decrease >50%", 1, ClassKind.VALUE),
        ("No change", 1, ClassKind.VALUE),
        ("Increase >0–10%", 1, ClassKind.VALUE),
        ("Increase >25–50%", 1, ClassKind.VALUE),
        ("Not known in both rounds", 2, ClassKind.NO_DATA),
    ]
    assert picture.title == "Labour migrants: change from Round 2, by district, Round 3"
    assert said(areas, CODES[1])["Change"] == "+30"
    assert said(areas, CODES[2])["Change, %"] == "−60%"
    assert picture.summary == (
        "Districts with a number: 4 of 6. Increase: 2, decrease: 1, no change: 1. "
        "In the same villages: 350 individuals in Round 2, then 323."
    )


def test_colours_of_a_change_are_symmetric():
    up = change_picture(squares(), compared(), GROUP, earlier_round=2, measure=ChangeMeasure.ABSOLUTE)
    down = change_picture(
        squares(),
        compared((100, 130, 40, 53, 7, None), (100, 100, 100, 50, 0, 5)),
        GROUP,
        earlier_round=2,
        measure=ChangeMeasure.ABSOLUTE,
    )
    first, second = ({one.label: one.count for one in picture.areas[0].classes} for picture in (up, down))
    turned = {"Decrease": "Increase", "Increase": "Decrease"}
    assert {
        re.sub("Decrease|Increase", lambda one: turned[one[0]], label): n for label, n in first.items()
    } == second
    assert up.name == "labour_migrants_change_from_round_2_absolute_by_district"


@pytest.mark.parametrize("language", Language)
def test_a_change_is_said_in_every_language_also_where_nothing_can_be_compared(language):
    nothing = compared([None] * 6, [1] * 6).assign(suppressed=[True] + [False] * 5)
    picture = change_picture(squares(), nothing, GROUP, earlier_round=2, about=MapAbout(language))
    assert [one.kind for one in picture.areas[0].classes] == [ClassKind.SUPPRESSED, ClassKind.NO_DATA]
    assert not any("{" in text for text in everything_said(picture))


@pytest.mark.parametrize(
    ("options", "said_of_it"),
    [
        ({"measure": "growth"}, "no measure of change"),
        ({"group": "tourists"}, "no population group"),
        ({"classing": Classing(Scheme.GIVEN, edges=(0.1, 0.2, 0.3, 0.4))}, "at most 3"),
    ],
)
def test_what_makes_no_map_of_change_is_refused(options, said_of_it):
    given = {"group": GROUP, "earlier_round": 2} | options
    with pytest.raises(InputError, match=said_of_it):
        change_picture(squares(), compared(), given.pop("group"), **given)
