"""What a filter cannot ask, and the one sentence that says so."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from geo_service.errors import FilterError
from geo_service.query.dialects import DuckdbDialect, PostgisDialect
from geo_service.query.filters import Filter, parse_filter
from geo_service.query.predicates import filter_clause
from geo_service.settings import FilterSettings
from tests.filter_worlds import ADM1, VILLAGES


def refusal(text, layer=VILLAGES, **limits):
    said = set()
    for dialect in (DuckdbDialect(), PostgisDialect()):
        with pytest.raises(FilterError) as caught:
            filter_clause(
                parse_filter(text, limits=FilterSettings(**limits)),
                layer.queryables,
                dialect,
                layer.source(dialect),
            )
        said.add(str(caught.value))
    assert len(said) == 1, "both stores refuse the same with the same words"
    message = said.pop()
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nobody = 1", "'nobody' is not a property of villages"),
        ("read_csv('x') = 1", "'read_csv' is not an operator or function"),
        ("t_within(interviewed_on, DATE('2024-01-01'))", "'t_Within'".lower()),
        ("accenti(village_name) = 'x'", "ACCENTI"),
        ("a_equals(village_name, ('x', 'y'))", "'a_equals' is not"),
        (
            "village_name = 5",
            "'village_name' is text and 5 is number, so they cannot be compared; write texts in single quotes",
        ),
        ("households = 'five'", "'households' is integer and 'five' is text"),
        ("interviewed_on > '2024-01-01'", "DATE('2024-01-31')"),
        ("interviewed_on > 5", "'interviewed_on' is date"),
        ("village_name = NULL", "IS NULL"),
        ("village_name", "'village_name' is text and not a condition"),
        ("households + 1", "'+' gives a value and not a condition"),
        ("casei(village_name)", "'casei' gives a value"),
        ("5", "5 is not a condition"),
        ('village_name = "Бурабай"', "geometry; a text stands in single quotes"),
        ("'text'", "'text' is not a condition"),
        ("synthetic > FALSE", "booleans have no order"),
        ("synthetic between TRUE and FALSE", "booleans have no order"),
        ("casei(households) = 'x'", "CASEI takes text, not integer"),
        ("casei(village_name, 'x') = 'x'", "'CASEI' takes 1 value"),
        ("households like '1%'", "LIKE takes text"),
        ("village_name like village_id", "LIKE takes a pattern that is a text"),
        ("village_name + 1 = 2", "'+' takes numbers, and 'village_name' is text"),
        ("geometry = 'x'", "'geometry' is a geometry"),
        (
            "s_intersects(village_name, POINT(1 2))",
            "'village_name' is text, and S_INTERSECTS needs a geometry",
        ),
        ("s_intersects(geometry, 'POINT(1 2)')", "S_INTERSECTS takes geometries"),
        ("s_intersects(geometry)", "takes two geometries"),
        ("t_after(village_name, DATE('2024-01-01'))", "T_AFTER takes dates"),
        ("t_after(interviewed_on, 'x')", "T_AFTER takes dates"),
        ("t_after(interviewed_on, INTERVAL('2024-02-01', '2024-01-01'))", "ends before it begins"),
        ("interviewed_on > DATE('2024-02-31')", "'2024-02-31' is not a date"),
        ("interviewed_on > DATE('2024-1-1')", "'2024-1-1' is not a date"),
        ("2 ^ households > 1", "exponent of ^"),
        ("households ^ 11 > 1", "exponent of ^"),
        ("households % (households % 3) = 1", "% inside of %"),
        ("households > 9007199254740992", "the number 9007199254740992 of the filter is beyond ±2^53"),
        ("households > -1e300", "beyond ±2^53"),
        ("households > 1e400", "infinite"),
        ("households > 1e-300", "too close to zero"),
        ("s_intersects(geometry, POINT(181 0))", "not on the globe"),
        ("s_intersects(geometry, POINT(0 91))", "not on the globe"),
        ("s_intersects(geometry, BBOX(0, 5, 1, 4))", "south 5 above its north 4"),
        ("s_intersects(geometry, BBOX(0, 5, 1))", "four numbers"),
        ("s_intersects(geometry, POLYGON((0 0, 1 0, 1 1, 0 1)))", "not closed"),
        ("s_intersects(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "not valid"),
        ("s_intersects(geometry, POLYGON EMPTY)", "empty"),
        ("s_intersects(geometry, LINESTRING(0 0))", "two positions or more"),
        ("s_intersects(geometry, GEOMETRYCOLLECTION(POINT(1 2)))", "'GeometryCollection' is not"),
        ("s_dwithin(geometry, POINT(66 48))", "S_DWITHIN takes a geometry, a point, a distance"),
        ("s_dwithin(geometry, POINT(66 48), -1)", "distance of 0 or more"),
        ("s_dwithin(geometry, POINT(66 48), 1, 'feet')", "metres"),
        ("s_dwithin(geometry, LINESTRING(66 48, 67 49), 1)", "point to point"),
        ("village_name = 'x' garbage", "line 1, character 20"),
        ("village_name = 'x", "line 1, character 16"),
        ("  ", "is empty"),
        ("village_name = 'a\0b'", "NUL"),
        ("village_name = 'a\ud800b'", "surrogate"),
    ],
)
def test_a_filter_that_cannot_be_asked_names_its_part(text, named):
    assert named.casefold() in refusal(text).casefold()


def test_distances_are_not_measured_to_polygons():
    message = refusal("s_dwithin(geometry, POINT(66 48), 1000)", ADM1)
    assert "adm1 has other geometries" in message


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ({"op": "in", "args": [{"property": "fid"}, []]}, "one value or more"),
        ({"op": "and", "args": [True]}, "two conditions or more"),
        ({"op": "not", "args": []}, "takes 1 value"),
        ({"op": "=", "args": [{"property": "fid"}, [1]]}, "a list where one value belongs"),
        ({"op": "=", "args": [{"property": "fid"}, 2**53]}, "beyond ±2^53"),
        ({"op": "=", "args": [{"property": "fid"}, float("nan")]}, "infinite or none"),
        ({"op": "=", "args": [{"property": "fid"}, 1], "x": 1}, "none of CQL2's"),
        ({"op": "=", "args": [{"property": "fid"}, {1, 2}]}, "type set"),
        ({1: 2}, "not text"),
        ({}, "nothing"),
    ],
)
def test_json_that_cannot_be_asked_names_its_part(tree, named):
    assert named in refusal(tree)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"op": "not", "op": "not", "args": [true]}', "'op' twice"),
        ('{"op": "=", "args": [{"property": "fid"}, NaN]}', "NaN"),
        ("{", "not JSON"),
        ('{"op":"not","args":[' * 500, "nests"),
    ],
)
def test_text_that_is_no_json_is_said(text, named):
    assert named in refusal(text)


def nested(many):
    tree = {"op": "=", "args": [{"property": "fid"}, 1]}
    for _ in range(many):
        tree = {"op": "not", "args": [tree]}
    return tree


def test_each_limit_is_the_last_that_is_taken():
    text = "fid = 1" + " " * 3
    assert parse_filter(text, limits=FilterSettings(max_characters=10))
    assert "the most is 9" in refusal(text, max_characters=9)
    assert parse_filter(nested(8), limits=FilterSettings(max_depth=10))
    assert "more than 9 deep" in refusal(nested(8), max_depth=9)
    assert parse_filter("fid in (1, 2, 3)", limits=FilterSettings(max_nodes=5))
    assert "more than 4 operators" in refusal("fid in (1, 2, 3)", max_nodes=4)
    line = "s_intersects(geometry, LINESTRING(1 2, 3 4, 5 6))"
    assert parse_filter(line, limits=FilterSettings(max_vertices=3))
    assert "more than 2 positions" in refusal(line, max_vertices=2)


def test_many_brackets_in_a_long_text_are_refused_as_json_takes_them():
    names = " or ".join(f"village_name = '{i}'" for i in range(200))
    text = "(" * 9 + names + ")" * 9
    assert "CQL2 JSON" in refusal(text)
    assert parse_filter("(" * 3 + names + ")" * 3)
    assert parse_filter("(" * 9 + "fid = 1" + ")" * 9)


def test_brackets_quotes_and_operators_inside_texts_count_for_nothing():
    assert parse_filter(
        "village_name LIKE '--((not -------------------------------------- and''((((' and fid = 1"
    )


def test_a_filter_is_what_it_asks():
    one, same = parse_filter("fid=1"), parse_filter(json.dumps({"op": "=", "args": [{"property": "fid"}, 1]}))
    assert one == same
    assert hash(one) == hash(same)
    assert one != parse_filter("fid=2")
    assert one != "fid=1"
    assert isinstance(one, Filter)


def test_only_text_and_objects_are_filters():
    with pytest.raises(FilterError, match="text or a JSON object"):
        parse_filter(5)


@pytest.mark.parametrize(
    ("missing", "asked"),
    [
        ("cql2", "from geo_service.query.filters import parse_filter; parse_filter('a=1')"),
        ("sqlalchemy", "import geo_service.query.statements"),
        ("sqlalchemy", "import geo_service.query.dialects.postgis"),
    ],
)
def test_without_the_parser_or_sqlalchemy_the_extra_is_named(missing, asked):
    script = f"import sys; sys.modules[{missing!r}] = None\n{asked}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in done.stderr
    assert "geo-service[releases]" in done.stderr
