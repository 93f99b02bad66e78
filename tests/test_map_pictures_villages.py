"""Pictures of access, gaps, coverage and agreement: units with their villages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import shapely
from frames import facilities as made_facilities
from frames import units as made_units
from frames import villages as made_villages

from geo_service.errors import InputError
from geo_service.maps.about import MapAbout
from geo_service.maps.encoding import json_text, picture_json
from geo_service.maps.picture import ClassKind, Marker
from geo_service.maps.pictures import access_picture, agreement_picture, coverage_picture, gaps_picture
from geo_service.vocabulary import Band, Language, Service

CODES = ("A", "B", "C")
PLACES = [(60.1, 48.5), (60.9, 48.5), (61.5, 48.5), None, (61.6, 48.6), (61.7, 48.6), (61.8, 48.6)]
HOUSEHOLDS = [100, 400, None, 7, 0, 25, 9]


def units():
    return made_units({code: shapely.box(60 + at, 48, 61 + at, 49) for at, code in enumerate(CODES)})


def beyond():
    return pd.DataFrame(
        {
            "pcode": ["A", "B", None],
            "villages": [2, 4, 1],
            "villages_beyond": [1, 0, 1],
            "households": pd.array([500, 34, 7], dtype="Int64"),
            "households_beyond": pd.array([100, 0, 7], dtype="Int64"),
            "share": [0.2, 0.0, 1.0],
        }
    )


def villages(**columns):
    given = {
        "band": [">25", "0-5", "6-10", "0-5", None, None, None],
        "distance_m": [31_260.0, 0.0, 5400.0, np.nan, np.nan, np.nan, np.nan],
        "facility_name": ["Central", "Central", None, None, None, None, None],
        "status": ["ok", "ok", "ok", "no_location", "beyond_limit", None, "no_facility"],
    }
    return made_villages(PLACES, HOUSEHOLDS, **(given | columns))


def counts(layer):
    return {one.label: one.count for one in layer.classes if one.count}


def said(layer, code):
    return dict(zip(layer.fields, layer.values[layer.ids.index(code)], strict=True))  # noqa: PD011


def access(**options):
    given = {"beyond_km": 25, "basis": "measured", "villages": villages()} | options
    return access_picture(units(), given.pop("beyond", beyond()), "hospital", **given)


def test_units_are_shaded_by_share_and_villages_coloured_by_band():
    picture = access(facilities=made_facilities([(60.5, 48.5), (61.5, 48.5)]))
    areas, points, sites = picture.layers
    assert counts(areas) == {"0%": 1, ">10–25%": 1, "No village assessed": 1}
    assert said(areas, "A")["Households over 25 km away"] == "100"
    assert (sites.marker, len(sites.ids)) == (Marker.SQUARE, 2)
    assert counts(points) == {
        "0-5 km": 1,
        "6-10 km": 1,
        "Over 25 km": 1,
        "Beyond the limit": 1,
        "No facility": 1,
        "Distance not known": 1,
    }
    assert len([one for one in points.classes if one.kind is ClassKind.VALUE]) == len(Band) + 2
    assert points.is_searched
    assert said(points, "v0") == {
        "Households": "100",
        "Distance band": "Over 25 km",
        "Straight line, km": "31.3",
        "Nearest facility": "Central",
    }
    assert "Villages without a location, which are not on the map: 1." in picture.notes
    assert "Distances are measured in a straight line, not by road." in picture.notes
    assert picture.title == "Households over 25 km from the nearest hospital (measured), by district"
    assert picture.summary == (
        "Districts with a number: 2 of 3. Households in these over 25 km away: 100 of 534 (18.7%). "
        "The most among these: Unit A, 20% of its households."
    )


@pytest.mark.parametrize(
    ("language", "level", "note"),
    [
        (Language.EN, 1, "Villages in no region of this map, which its totals leave out: 1."),
        (Language.EN, 2, "Villages in no district of this map, which its totals leave out: 1."),
        (Language.RU, 1, "Населённых пунктов вне областей этой карты, не вошедших в её итоги: 1."),
        (Language.RU, 2, "Населённых пунктов вне районов этой карты, не вошедших в её итоги: 1."),
        (
            Language.KK,
            1,
            "Осы картаның облыстарынан тыс, қорытынды сандарға кірмейтін елді мекендер: 1.",
        ),
        (
            Language.KK,
            2,
            "Осы картаның аудандарынан тыс, қорытынды сандарға кірмейтін елді мекендер: 1.",
        ),
    ],
)
def test_villages_in_no_unit_are_said_to_be_left_out(language, level, note):
    drawn, options = units().assign(level=level), {"basis": "measured", "about": MapAbout(language)}
    table = beyond().rename(columns={"villages_beyond": "villages_without"})
    assert note in access_picture(drawn, beyond(), "school", beyond_km=25, **options).notes
    assert note in gaps_picture(drawn, table, "school", **options).notes
    assert note not in gaps_picture(drawn, table.dropna(subset="pcode"), "school", **options).notes


def test_unknown_households_are_the_smallest_and_said_to_be_unknown():
    points = access().points[0]
    radius = dict(zip(points.ids, points.radius, strict=True))
    assert radius["v2"] == radius["v4"] == min(radius.values()) > 0
    assert radius["v1"] == max(radius.values())
    assert said(points, "v2")["Households"] == "not known"
    assert said(points, "v4")["Households"] == "0"


def test_what_lies_beyond_a_search_is_in_the_last_band_only_where_the_search_went_so_far():
    far, near = villages(), villages()
    far.attrs["max_distance_km"], near.attrs["max_distance_km"] = 25, 20
    assert counts(access(villages=far).points[0])["Over 25 km"] == 2
    assert counts(access(villages=near).points[0])["Over 25 km"] == 1


def test_a_village_that_is_said_to_have_the_service_is_in_the_nearest_band():
    present = pd.array([True, False, None, None, True, None, None], dtype="boolean")
    reported = access(villages=villages(present=present), basis="reported")
    assert counts(reported.points[0])["0-5 km"] == 3
    assert "Reported by key informants, not measured." in reported.notes
    assert dict(reported.facts)["Basis"] == "Reported"
    assert "Method" not in dict(reported.facts)


def test_bands_with_other_edges_are_in_their_order():
    bands = pd.Categorical([">2"] * 3 + ["0-1"] * 4, categories=["0-1", "1-2", ">2"], ordered=True)
    points = access(villages=villages(band=bands, status=None)).points[0]
    assert [(one.label, one.count) for one in points.classes] == [("0-1 km", 3), ("1-2 km", 0), (">2 km", 3)]


def test_without_villages_only_units_are_shown():
    public = beyond().drop(columns=["households", "households_beyond"])
    picture = access(
        villages=None, beyond=public.assign(share=[None, 0.0, 1.0], suppressed=[True, False, False])
    )
    assert picture.points == ()
    assert counts(picture.areas[0])["Hidden (small numbers)"] == 1
    assert picture.summary == "Districts with a number: 1 of 3."


def test_facilities_are_those_of_the_service_and_areas_stand_at_a_point_in_them():
    area = shapely.box(60.1, 48.1, 60.2, 48.2)
    layer = pd.concat([made_facilities([area, (61, 48), None]), made_facilities([(60, 48)], "school")])
    sites = access(facilities=layer).points[-1]
    assert len(sites.ids) == 2
    assert area.contains(sites.geometry.iloc[0])
    assert access(facilities=layer[layer["service"] == "school"]).points[0].is_searched


def test_gaps_show_the_communities_without():
    table = beyond().rename(
        columns={"villages_beyond": "villages_without", "households_beyond": "households_without"}
    )
    picture = gaps_picture(units(), table, "school", basis="reported", villages=villages()[:2])
    areas, points = picture.layers
    assert counts(areas) == {"0": 1, "1": 1, "No village assessed": 1}
    assert counts(points) == {"Communities": 2}
    assert said(points, "v1")["Distance band"] == "0-5 km"
    assert picture.title == "Communities without a school (reported), by district"
    assert "Communities in these: 1 of 6." in picture.summary
    far = gaps_picture(units(), table, "school", basis="measured", beyond_km=2.5)
    assert far.title == "Communities over 2.5 km from the nearest school (measured), by district"
    assert far.name == "school_gaps_beyond_2_5_km_measured_by_district"


def test_no_community_without_is_an_empty_layer():
    table = beyond().rename(columns={"villages_beyond": "villages_without"})
    points = gaps_picture(units(), table, "school", basis="reported", villages=villages()[:0]).points[0]
    assert (points.ids, points.sizes, points.size_name) == ((), (), None)
    assert [one.count for one in points.classes] == [0]


def test_coverage_counts_villages_or_shares_of_the_known_ones():
    visited = pd.DataFrame(
        {"pcode": ["A", "B"], "villages": [2, 4], "households": [500, 34], "population": [9, None]}
    )
    picture = coverage_picture(units(), visited, villages=villages(population=5))
    assert counts(picture.areas[0]) == {"1–3": 1, "4": 1, "No village assessed": 1}
    assert said(picture.points[0], "v0")["Population"] == "5"
    assert picture.title == "Villages assessed by district"
    known = pd.DataFrame(
        {
            "pcode": ["A", "B"],
            "villages": [4, 0],
            "villages_assessed": [1, 0],
            "households": [10, 0],
            "households_assessed": [5, 0],
            "villages_share": [0.25, None],
            "households_share": [0.5, None],
        }
    )
    of_known = coverage_picture(units(), known)
    assert counts(of_known.areas[0]) == {">10–25%": 1, "No village known": 2}
    assert "Villages assessed in these: 1 of 4 that are known." in of_known.summary


def agreed():
    return pd.DataFrame(
        {
            "pcode": ["A", "B"],
            "service": "hospital",
            "villages": [2, 3],
            "compared": [2, 0],
            "equal": [1, 0],
            "one_apart": [0, 0],
            "two_or_more_apart": [1, 0],
            "measured_nearer": [1, 0],
            "measured_farther": [0, 0],
            "share_equal": [0.5, None],
        }
    )


def compared_villages():
    return made_villages(
        PLACES,
        HOUSEHOLDS,
        service="hospital",
        reported_band=["0-5", "0-5", ">25", None, "0-5", None, None],
        measured_band=["0-5", "6-10", "0-5", None, ">25", "0-5", None],
        distance_m=[1000.0, 6000.0, 10.0, None, 30_000.0, 5.0, None],
        bands_apart=pd.array([0, 1, -5, None, 5, None, None], dtype="Int64"),
        agreement=[
            "equal",
            "one_apart",
            "two_or_more_apart",
            "not_measured",
            "two_or_more_apart",
            "no_band_reported",
            "not_asked",
        ],
    )


def test_agreement_tells_nearer_from_farther_and_what_cannot_be_compared():
    picture = agreement_picture(units(), agreed(), "hospital", villages=compared_villages())
    assert counts(picture.areas[0]) == {">25–50%": 1, "No village assessed": 1, "No village compared": 1}
    assert counts(picture.points[0]) == {
        "Same band": 1,
        "One band apart": 1,
        "Measured nearer by two or more bands": 1,
        "Measured farther by two or more bands": 1,
        "Cannot be compared": 2,
    }
    assert said(picture.points[0], "v5")["Comparison"] == "No distance reported"
    assert dict(picture.facts)["Basis"] == "Reported; Measured"
    assert picture.title == "Distance to the nearest hospital: reported against measured, by district"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("service", Service)
def test_every_service_is_said_in_every_language(service, language):
    about = MapAbout(language, 3, "KAZ", is_synthetic=True)
    table = beyond().rename(columns={"villages_beyond": "villages_without"})
    rows = compared_villages().assign(service=service.value)
    sites = made_facilities([(60.5, 48.5)], service.value)
    pictures = [
        access_picture(
            units(),
            beyond(),
            service,
            beyond_km=25,
            basis="measured",
            villages=villages(),
            facilities=sites,
            about=about,
        ),
        gaps_picture(units(), table, service, basis="reported", villages=villages(), about=about),
        gaps_picture(units(), table, service, basis="measured", beyond_km=10, about=about),
        agreement_picture(
            units(), agreed().assign(service=service.value), service, villages=rows, about=about
        ),
    ]
    for picture in pictures:
        json_text(picture_json(picture))
        assert re.fullmatch(r"[a-z0-9_]+", picture.name)
        texts = [picture.title, picture.disclaimer, *picture.notes]
        for layer in picture.layers:
            texts += [layer.name, *layer.fields, *(entry.label for entry in layer.classes)]
        assert all(texts)
        assert not any("{" in text or "Wording" in text for text in [*texts, picture.summary])
        if language != Language.EN:
            assert not re.search(r"[A-Za-z]{2,}", " ".join(texts)), texts
        for layer in picture.layers:
            assert sum(one.count for one in layer.classes) == len(layer.ids) == len(layer.values)
            assert all(len(one) == len(layer.fields) for one in layer.values)  # noqa: PD011
            assert (layer.class_of >= 0).all()


@pytest.mark.parametrize(
    ("call", "said_of_it"),
    [
        (lambda: access(beyond_km=-1), "give 0 or more"),
        (lambda: access(beyond_km=np.inf), "give 0 or more"),
        (lambda: access(basis="guessed"), "use reported or measured"),
        (lambda: access(villages=villages().drop(columns="band")), "no column 'band'"),
        (lambda: access(villages=villages(band="near")), "'near' is none of the bands 0-5"),
        (lambda: access(beyond=beyond().drop(columns="share")), "no column 'share'"),
        (
            lambda: access_picture(units(), beyond(), "spa", beyond_km=1, basis="measured"),
            "use one of hospital",
        ),
        (lambda: gaps_picture(units(), beyond(), "school", basis="reported"), "no column 'villages_without'"),
        (lambda: gaps_picture(units(), beyond(), "school", basis="reported", beyond_km=-1), "give 0 or more"),
        (lambda: coverage_picture(units(), agreed().drop(columns="villages")), "no column 'villages'"),
        (
            lambda: agreement_picture(units(), agreed(), "school"),
            "no rows of the service 'school'; it has hospital",
        ),
        (lambda: agreement_picture(units(), agreed(), "hospital", villages=villages()), "access_agreement"),
    ],
)
def test_what_makes_no_map_is_refused_with_a_reason(call, said_of_it):
    with pytest.raises(InputError, match=said_of_it):
        call()
