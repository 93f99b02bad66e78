"""Filters that nobody would write: whatever comes in, a `FilterError` or a statement with bound values comes out."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo_service.errors import FilterError
from geo_service.query.dialects import DuckdbDialect, PostgisDialect
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Features
from geo_service.query.statements import features_statement
from geo_service.settings import FilterSettings
from tests.filter_sql import assert_nothing_from_outside
from tests.filter_strategies import conditions
from tests.filter_worlds import VILLAGES, asked, duckdb_asker, in_postgis

DIALECTS = [DuckdbDialect(), PostgisDialect()]

WORDS = [
    "households",
    "elevation_m",
    "village_name",
    "interviewed_on",
    "synthetic",
    "geometry",
    "fid",
    "id",
    "nobody",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "div",
    "(",
    ")",
    ",",
    "'",
    '"',
    "''",
    "and",
    "or",
    "not",
    "is",
    "null",
    "in",
    "like",
    "between",
    "casei",
    "accenti",
    "true",
    "false",
    "1",
    "2.5",
    "1e9",
    "-3",
    "9007199254740993",
    "1e400",
    "DATE('2024-01-31')",
    "DATE('2024-02-31')",
    "TIMESTAMP('2024-01-31T00:00:00Z')",
    "INTERVAL('2024-01-01','..')",
    "BBOX(66,48,70,52)",
    "BBOX(1,2)",
    "POINT(66",
    "48)",
    "POINT(999",
    "0)",
    "POLYGON((0",
    "0,1",
    "0,1",
    "1,0",
    "0))",
    "LINESTRING(0",
    "0)",
    "s_intersects",
    "s_within",
    "S_DWITHIN",
    "t_after",
    "t_during",
    "'Бу%'",
    "'m'",
    "read_csv",
    "pg_sleep",
    "\\",
    ";",
    "--",
    "/*",
    "*/",
    "$1",
    "%s",
    "\u2028",
    "\ufeff",
    "É",
    "𝔸",
]

KEYS = [
    "op",
    "args",
    "property",
    "date",
    "timestamp",
    "interval",
    "bbox",
    "type",
    "coordinates",
    "geometries",
    "x",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([*VILLAGES.queryables.names(), *WORDS, "Point", "Polygon", "..", "2024-01-31"]),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=25,
)
OPERATIONS = st.recursive(
    SCALARS | st.sampled_from(VILLAGES.queryables.names()).map(lambda name: {"property": name}),
    lambda inner: st.builds(
        lambda op, args: {"op": op, "args": args},
        st.sampled_from(
            [
                "=",
                "<>",
                "<",
                "and",
                "or",
                "not",
                "between",
                "in",
                "like",
                "isNull",
                "casei",
                "accenti",
                "+",
                "/",
                "%",
                "^",
                "div",
                "s_intersects",
                "s_dwithin",
                "t_after",
                "t_during",
            ]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)
VALID = conditions(
    number_names=["households", "elevation_m"],
    text_names=["village_name"],
    boolean_names=["synthetic"],
    date_name="interviewed_on",
    spatial_operators=["s_intersects", "s_within"],
)
often = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def check(given_filter, language=None):
    """Whether it is a filter of the villages; what is, has its values bound."""
    try:
        tree = parse_filter(given_filter, language)
        for dialect in DIALECTS:
            statement = features_statement(
                VILLAGES.source(dialect), VILLAGES.queryables, Features(filter=tree), dialect
            )
            sql, _ = dialect.compile(statement)
            assert_nothing_from_outside(sql, VILLAGES.queryables)
    except FilterError as refused:
        said = str(refused)
    else:
        return True
    assert said, "an error says something"
    assert "\n" not in said, "in one line"
    return False


@given(st.text(max_size=60) | st.text(alphabet="()'\"=<>-+*/%^,. \\aAnotdr01\0\ud800", max_size=60))
@settings(often, max_examples=400)
@example("")
@example("\ud800 = 1")
@example("a = '\0'")
@example("'")
@example('"')
@example("{")
def test_any_text_is_a_filter_or_an_error(text):
    check(text)
    check(text, "json")
    check(text, "text")


@given(st.lists(st.sampled_from(WORDS), max_size=20))
@settings(often, max_examples=500)
def test_any_words_of_the_language_are_a_filter_or_an_error(words):
    check(" ".join(words))


@given(TREES | OPERATIONS)
@settings(often, max_examples=600)
@example({"op": "=", "args": [{"property": "fid"}, math.inf]})
@example({"op": "=", "args": [{"property": "fid"}, 10**400]})
@example({"op": "in", "args": [{"property": "fid"}, []]})
@example({"op": "and", "args": []})
@example([])
@example({"op": "like", "args": [{"property": "village_name"}, "\\"]})
def test_any_json_is_a_filter_or_an_error(tree):
    check(tree)
    with suppress(ValueError):
        check(json.dumps(tree), "json")


@given(VALID, st.data())
@settings(often, max_examples=300)
def test_a_changed_filter_is_a_filter_or_an_error(tree, data):
    text = json.dumps(tree, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text)))
    upto = data.draw(st.integers(at, min(len(text), at + 12)))
    inside = data.draw(st.sampled_from([*WORDS, "[", "]", "{", "}", ":", "null", ""]) | st.text(max_size=3))
    check(text[:at] + inside + text[upto:], "json")


@given(VALID)
@settings(often, max_examples=100)
def test_a_filter_is_a_filter(tree):
    assert check(tree)


def _p(name):
    return {"property": name}


wild_numbers = st.recursive(
    st.sampled_from(["households", "elevation_m", "fid", "register_number"]).map(_p)
    | st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-90, -1e-90, 9e15, -9e15, 3.3]),
    lambda inner: (
        st.builds(
            lambda op, a, b: {"op": op, "args": [a, b]},
            st.sampled_from(["+", "-", "*", "/", "%", "div"]),
            inner,
            inner,
        )
        | st.builds(
            lambda a, b: {"op": "^", "args": [a, b]},
            inner,
            st.sampled_from([-10.0, -1.5, -1.0, 0.0, 0.5, 2.0, 3.7, 10.0]),
        )
    ),
    max_leaves=10,
)
wild = st.builds(
    lambda op, a, b: {"op": op, "args": [a, b]}, st.sampled_from(["<", ">="]), wild_numbers, wild_numbers
)


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
def test_no_arithmetic_is_an_error_of_a_database():
    ask_duckdb = duckdb_asker(VILLAGES)
    with in_postgis(VILLAGES) as ask_postgis:

        @given(wild)
        @settings(often, max_examples=200)
        def check_both(tree):
            try:
                parsed = parse_filter(tree)
                first = asked(VILLAGES, parsed, DIALECTS[0], ask_duckdb)
            except FilterError as error:
                assert "% inside of %" in str(error) or "nests" in str(error)  # noqa: PT017 - both are refusals
                return
            second = asked(VILLAGES, parsed, DIALECTS[1], ask_postgis)
            assert first == second

        check_both()


AT_THE_LIMITS = """
import random, sys, threading
from geo_service.errors import FilterError
from geo_service.query.filters import parse_filter
from geo_service.settings import FilterSettings

limits = FilterSettings(max_depth=40, max_nodes=10**4, max_characters=10**6, max_vertices=10**5)
n = 20_000
texts = []
for many in (30, 44, 1990, n):
    texts += [
        "(" * many + "a=1" + ")" * many, "(" * many, "not " * many + "a=1", "NOT(" * many + "a=1" + ")" * many,
        "a=" + "-" * many + "1", "a=" + "- " * many + "1", "a=" + "+".join(["1"] * many), "a=" + "^".join(["1"] * many),
        " and ".join(["a=1"] * many), " or ".join(["a=1"] * many), " and ".join(["a=1 or b=2"] * many),
        "f(" * many + "a" + ")" * many, "a in (" + ",".join(["1"] * many) + ")", "=".join(["a"] * many), " like ".join(["a"] * many),
        " is null".join(["a"] * many), "a between " + " between ".join(["1 and 2"] * many), "casei(" * many + "a" + ")" * many + "='x'",
        "g(LINESTRING(" + ",".join(["1 2"] * many) + "))", "GEOMETRYCOLLECTION(" * many + "POINT(1 2)" + ")" * many,
        "f(a," + "(" * many + "1,2" + ")" * many + ")", "INTERVAL(" * many + "'..','..'" + ")" * many,
        "'" + "(" * many + "' = a", "a = '\\\\' and " + "(" * many + "b=1" + ")" * many, "a='" + "\\\\'" * many + "(" * many,
        '"' + "(" * many + '"=1', "a=" + "(a+1)*" * many + "1", "((a=1) and " * many + "(b=1)" + ")" * many,
        "not -" * many + "1", "a = 1 and not " * many + "b=1", "{" * many, "[" * many, '{"op":"not","args":[' * many + "true" + "]}" * many,
    ]
chance = random.Random(20240131)
pieces = ["(", "(", "(", ")", "not ", "-", "a", "=", "1", "+", " and ", " or ", ",", "'", '"', " like ", "casei(", "^", "x'", "\\\\", " in ", " between "]
texts += ["".join(chance.choices(pieces, k=chance.choice((50, 400, 5000)))) for _ in range(150)]
def parse_all():
    for text in texts:
        for language in ("text", "json"):
            try:
                parse_filter(text, language, limits)
            except FilterError:
                pass
    print("survived", len(texts))

threading.stack_size(2048 * 1024)
thread = threading.Thread(target=parse_all)
thread.start()
thread.join()
"""


def test_the_parser_survives_the_deepest_and_longest_at_the_widest_limits():
    # In a process of its own: a parser that goes too deep ends its process, which no `except` holds. In a thread, whose stack is
    # smaller than that of a process.
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_LIMITS],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "survived" in done.stdout


@pytest.mark.parametrize("limit", ["max_characters", "max_depth", "max_nodes", "max_vertices"])
def test_no_limit_can_be_set_beyond_what_was_tried(limit):
    with pytest.raises(ValidationError, match="less than or equal to"):
        FilterSettings(**{limit: 10**6 + 1})
