"""Each conformance class of filters that is declared, held against what filters answer."""

from __future__ import annotations

import json

import pytest
import shapely

from tests.ogc_world import editor, rows, world

__all__ = ["editor", "world"]

CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
PART_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"


def found(client, name, text, **parameters):
    answer = client.get(
        f"/ogc/collections/{name}/items",
        params={"filter": text, "limit": 10_000, "properties": "id"} | parameters,
    )
    assert answer.status_code == 200, answer.text[:300]
    return {one["id"] for one in answer.json()["features"]}


def of(frame, condition):
    """The ids of rows for which a condition is true; what is null is not."""
    kept = set()
    for row in frame.itertuples():
        try:
            if condition(row):
                kept.add(row.id)
        except TypeError:
            continue
    return kept


BOX = shapely.box(65, 46.5, 70, 47.6)
POLYGON = shapely.Polygon([(64, 46), (72, 46), (68, 48)])
SCALAR = {
    "basic-cql2": [
        ("households > 500", lambda r: r.households > 500),
        ("households >= 500 AND population < 3000", lambda r: r.households >= 500 and r.population < 3000),
        ("households <> 500", lambda r: r.households != 500 and r.households == r.households),
        ("adm1_pcode = 'KAZ901' OR adm1_pcode = 'KAZ902'", lambda r: r.adm1_pcode in {"KAZ901", "KAZ902"}),
        ("NOT (adm1_pcode = 'KAZ901')", lambda r: isinstance(r.adm1_pcode, str) and r.adm1_pcode != "KAZ901"),
        ("adm2_pcode IS NULL", lambda r: not isinstance(r.adm2_pcode, str)),
        ("adm2_pcode IS NOT NULL", lambda r: isinstance(r.adm2_pcode, str)),
        ("synthetic = TRUE", lambda r: r.synthetic),
        ("interviewed_on < DATE('2023-12-20')", lambda r: str(r.interviewed_on) < "2023-12-20"),
        (
            "interviewed_on >= TIMESTAMP('2023-12-20T00:00:00Z')",
            lambda r: str(r.interviewed_on) >= "2023-12-20",
        ),
    ],
    "advanced-comparison-operators": [
        ("households BETWEEN 100 AND 300", lambda r: 100 <= r.households <= 300),
        ("adm1_pcode IN ('KAZ901', 'KAZ903')", lambda r: r.adm1_pcode in {"KAZ901", "KAZ903"}),
        ("village_name LIKE '%1_'", lambda r: len(r.village_name) > 1 and r.village_name[-2] == "1"),
        ("village_name NOT LIKE 'Synthetic%'", lambda r: not r.village_name.startswith("Synthetic")),
    ],
    "case-insensitive-comparison": [
        ("CASEI(adm1_pcode) = CASEI('kaz901')", lambda r: r.adm1_pcode == "KAZ901"),
        ("CASEI(village_name) LIKE CASEI('SYNTHETIC%7')", lambda r: r.village_name.endswith("7")),
        (
            "CASEI(adm1_pcode) IN (CASEI('kaz901'), CASEI('kAz902'))",
            lambda r: r.adm1_pcode in {"KAZ901", "KAZ902"},
        ),
    ],
    "temporal-functions": [
        ("T_AFTER(interviewed_on, DATE('2023-12-20'))", lambda r: str(r.interviewed_on) > "2023-12-20"),
        ("T_BEFORE(interviewed_on, DATE('2023-12-20'))", lambda r: str(r.interviewed_on) < "2023-12-20"),
        ("T_EQUALS(interviewed_on, DATE('2023-12-20'))", lambda r: str(r.interviewed_on) == "2023-12-20"),
        (
            "T_DURING(INTERVAL(interviewed_on, interviewed_on), INTERVAL('2023-12-10','2023-12-20'))",
            lambda r: "2023-12-10" < str(r.interviewed_on) < "2023-12-20",
        ),
        (
            "T_INTERSECTS(interviewed_on, INTERVAL('2023-12-10','..'))",
            lambda r: str(r.interviewed_on) >= "2023-12-10",
        ),
        (
            "T_DISJOINT(interviewed_on, INTERVAL('..','2023-12-10'))",
            lambda r: str(r.interviewed_on) > "2023-12-10",
        ),
    ],
    "property-property": [
        ("population > households", lambda r: r.population > r.households),
        ("village_id = village_name", lambda r: r.village_id == r.village_name),
        ("5 < households", lambda r: r.households > 5),
        ("interviewed_on = interviewed_on", lambda r: r.interviewed_on is not None),
    ],
    "arithmetic": [
        ("population = households * 4", lambda r: r.population == r.households * 4),
        ("households + 100 > population / 2", lambda r: r.households + 100 > r.population / 2),
        ("households % 7 = 3", lambda r: r.households % 7 == 3),
    ],
}
SPATIAL = {
    "basic-spatial-functions": [
        ("S_INTERSECTS(geometry, BBOX(65,46.5,70,47.6))", lambda g: g.intersects(BOX)),
        ("S_INTERSECTS(geometry, POINT(66 47))", lambda g: g.intersects(shapely.Point(66, 47))),
    ],
    "basic-spatial-functions-plus": [
        (f"S_INTERSECTS(geometry, {POLYGON.wkt})", lambda g: g.intersects(POLYGON)),
        (
            "S_INTERSECTS(geometry, LINESTRING(64 46.2, 72 48))",
            lambda g: g.intersects(shapely.LineString([(64, 46.2), (72, 48)])),
        ),
        (
            "S_INTERSECTS(geometry, MULTIPOINT(66 47, 70 47))",
            lambda g: g.intersects(shapely.MultiPoint([(66, 47), (70, 47)])),
        ),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(66 47), LINESTRING(70 46.1, 72 46.2)))",
            lambda g: (
                g.intersects(shapely.Point(66, 47))
                or g.intersects(shapely.LineString([(70, 46.1), (72, 46.2)]))
            ),
        ),
        (
            "S_INTERSECTS(MULTIPOLYGON(((64 46, 66 46, 65 47, 64 46)), ((70 46, 72 46, 71 47, 70 46))), geometry)",
            lambda g: g.intersects(
                shapely.MultiPolygon(
                    [
                        shapely.Polygon(((64, 46), (66, 46), (65, 47))),
                        shapely.Polygon(((70, 46), (72, 46), (71, 47))),
                    ]
                )
            ),
        ),
    ],
    "spatial-functions": [
        ("S_WITHIN(geometry, BBOX(63,45,68.6,49))", lambda g: g.within(shapely.box(63, 45, 68.6, 49))),
        ("S_DISJOINT(geometry, BBOX(65,46.5,70,47.6))", lambda g: g.disjoint(BOX)),
        (
            "S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(66 47)))",
            lambda g: g.disjoint(shapely.Point(66, 47)),
        ),
        ("S_CONTAINS(geometry, POINT(66.3 46.4))", lambda g: g.contains(shapely.Point(66.3, 46.4))),
        (
            "S_CROSSES(LINESTRING(64 46.2, 72 48), geometry)",
            lambda g: shapely.LineString([(64, 46.2), (72, 48)]).crosses(g),
        ),
        (f"S_OVERLAPS(geometry, {POLYGON.wkt})", lambda g: g.overlaps(POLYGON)),
        (f"S_TOUCHES(geometry, {POLYGON.wkt})", lambda g: g.touches(POLYGON)),
        (f"S_EQUALS(geometry, {POLYGON.wkt})", lambda g: g.equals(POLYGON)),
    ],
}


def test_every_class_of_filters_that_is_declared_is_tested_here(editor):
    declared = set(editor.get("/ogc/conformance").json()["conformsTo"])
    of_cql2 = {one.removeprefix(CQL2) for one in declared if one.startswith(CQL2)}
    assert of_cql2 == {*SCALAR, *SPATIAL, "cql2-text", "cql2-json"}
    part_3 = {one.removeprefix(PART_3) for one in declared if one.startswith(PART_3)}
    assert part_3 == {"filter", "features-filter", "queryables", "queryables-query-parameters"}


@pytest.mark.parametrize(("text", "condition"), [one for cases in SCALAR.values() for one in cases])
def test_a_filter_of_values_finds_what_it_says_in_text_and_in_json(editor, text, condition):
    frame = rows(editor, "villages")
    expected = of(frame, condition)
    assert found(editor, "villages", text) == expected
    assert found(editor, "villages", as_json(text), **{"filter-lang": "cql2-json"}) == expected


@pytest.mark.parametrize(("text", "condition"), [one for cases in SPATIAL.values() for one in cases])
def test_a_filter_of_places_finds_what_it_says_in_text_and_in_json(editor, text, condition):
    for name in ("districts", "facilities"):
        expected = of(rows(editor, name), lambda row: condition(row.geometry))
        assert found(editor, name, text) == expected
        assert found(editor, name, as_json(text), **{"filter-lang": "cql2-json"}) == expected


def as_json(text):
    from geo_service.query.filters import _parsed  # noqa: PLC0415

    return json.dumps(_parsed("parse_text", text))


@pytest.mark.parametrize(
    "text",
    [
        "households >",
        "nothing = 1",
        "households = 'x'",
        "ACCENTI(village_name) = 'x'",
        "S_INTERSECTS(geometry, POINT(200 0))",
        "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(200 0)))",
        "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(66 47)))",
        "nothing(1) = 2",
        "(" * 200,
        "households = 1 AND " * 400 + "households = 1",
    ],
)
def test_a_filter_that_cannot_be_asked_is_refused_and_named(editor, text):
    for path in ("items", "tiles/WebMercatorQuad/0/0/0"):
        answer = editor.get(f"/ogc/collections/villages/{path}", params={"filter": text})
        assert (answer.status_code, answer.json()["parameter"]) == (400, "filter")
        assert answer.json()["type"] == "urn:geo-service:problem:invalid-filter"


def test_json_is_not_text_and_text_is_not_json(editor):
    text = "households > 500"
    for written, language in ((text, "cql2-json"), (as_json(text), "cql2-text")):
        answer = editor.get(
            "/ogc/collections/villages/items", params={"filter": written, "filter-lang": language}
        )
        assert answer.status_code == 400
