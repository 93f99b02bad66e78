"""Which format a request is answered in, and how each is linked and named."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from geo_service.api.answers import Format, Link
from geo_service.api.formats.details import details_of
from geo_service.api.formats.media import EXTENSIONS, LAYER_FORMATS, MEDIA_TYPES, TABLE_FORMATS, alternates
from geo_service.api.formats.names import disposition, file_name, link_header
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.problems import Problem, ProblemError
from geo_service.query.filters import Filter
from geo_service.query.questions import Features

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def request(accept=None):
    headers = [] if accept is None else [(b"accept", accept.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "layer", "table"),
    [
        (None, "geojson", "json"),
        ("", "geojson", "json"),
        ("*/*", "geojson", "json"),
        (BROWSER, "html", "html"),
        ("application/xhtml+xml", "html", "html"),
        ("application/json", "geojson", "json"),
        ("application/geo+json, application/json", "geojson", "json"),
        ("application/json, text/plain, */*", "geojson", "json"),
        ("text/*", "html", "html"),
        ("text/csv", "csv", "csv"),
        ("text/csv;q=0.5, text/html;q=0.4", "csv", "csv"),
        ("text/html;q=0.4, application/x-ndjson;q=0.9", "ndjson", "ndjson"),
        ("text/csv; header=present; charset=utf-8", "csv", "csv"),
        ("TEXT/CSV", "csv", "csv"),
        ("application/x-sqlite3", "gpkg", "gpkg"),
        ("application/geopackage+sqlite3", "gpkg", "gpkg"),
        ("application/vnd.apache.parquet", "parquet", "parquet"),
        ("application/flatgeobuf, */*;q=0.1", "fgb", "json"),
        ("application/geo+json-seq, application/x-ndjson;q=0.1", "geojsonseq", "ndjson"),
        ("application/geo+json;q=0, application/json;q=0, */*", "html", "html"),
        ("text/csv;q=nonsense, text/html", "html", "html"),
        ("text/csv;q=7, text/html", "html", "html"),
        ("image/png, application/json;q=0.1", "geojson", "json"),
        (",,;;,application/json", "geojson", "json"),
    ],
)
def test_the_format_is_what_accept_likes_best(accept, layer, table):
    assert chosen_format(request(accept), None, LAYER_FORMATS) == layer
    assert chosen_format(request(accept), None, TABLE_FORMATS) == table


def test_f_goes_before_accept():
    assert chosen_format(request(BROWSER), Format.CSV, LAYER_FORMATS) is Format.CSV


def test_json_of_a_layer_is_geojson():
    assert chosen_format(request(), Format.JSON, LAYER_FORMATS) is Format.GEOJSON


@pytest.mark.parametrize(
    ("accept", "f", "parameter"),
    [
        ("image/png", None, "Accept"),
        ("application/geo+json", None, "Accept"),
        ("text/html;q=0", None, "Accept"),
        (None, Format.FGB, "f"),
        (BROWSER, Format.GEOJSON, "f"),
    ],
)
def test_what_is_not_there_is_refused_and_what_is_there_is_said(accept, f, parameter):
    with pytest.raises(ProblemError) as refused:
        chosen_format(request(accept), f, TABLE_FORMATS)
    assert refused.value.problem is Problem.NOT_ACCEPTABLE
    assert refused.value.parameter == parameter
    assert refused.value.allowed == [one.value for one in TABLE_FORMATS]


def test_every_format_has_a_media_type_and_an_extension():
    assert set(MEDIA_TYPES) == set(EXTENSIONS) == set(Format)
    assert len(set(EXTENSIONS.values())) == len(Format)


def test_alternates_keep_what_was_asked_and_change_the_format():
    here, *others = alternates("http://x/items?f=csv&filter=a%3E1&name=%D2%9A", LAYER_FORMATS, Format.CSV)
    assert here == Link("http://x/items?f=csv&filter=a%3E1&name=%D2%9A", "self", "text/csv", "CSV")
    assert [one.rel for one in others] == ["alternate"] * (len(LAYER_FORMATS) - 1)
    assert others[0] == Link(
        "http://x/items?filter=a%3E1&name=%D2%9A&f=geojson", "alternate", "application/geo+json", "GeoJSON"
    )


# Names of files


@pytest.mark.parametrize(
    ("details", "name"),
    [
        ("households-gt-100", "villages_households-gt-100_71ddc62b04df.csv"),
        ("households > 100", "villages_households-gt-100_71ddc62b04df.csv"),
        (None, "villages_71ddc62b04df.csv"),
        ("Қызылжар", "villages_Қызылжар_71ddc62b04df.csv"),
        ("../../etc/passwd", "villages_etc-passwd_71ddc62b04df.csv"),
        ('a"; filename=x.exe\r\nSet-Cookie: x', "villages_a-filename-x.exe-Set-Cookie-x_71ddc62b04df.csv"),
        ("x" * 500, f"villages_{'x' * 80}_71ddc62b04df.csv"),
    ],
)
def test_a_file_is_named_by_what_it_holds_of_which_release(details, name):
    assert file_name("villages", details, "71ddc62b04df" + "0" * 20, Format.CSV) == name


def test_a_name_in_cyrillic_is_said_twice_so_that_every_browser_saves_it():
    said = disposition("villages_Қызылжар_71ddc62b04df.csv")
    assert said.isascii()
    assert said.startswith(
        "attachment; filename=\"villages_71ddc62b04df.csv\"; filename*=UTF-8''villages_%D2%9A"
    )


def test_a_plain_name_is_said_once():
    assert disposition("villages_1.csv") == 'attachment; filename="villages_1.csv"'


@pytest.mark.parametrize(
    ("tree", "details"),
    [
        ({"op": ">", "args": [{"property": "households"}, 100]}, "households-gt-100"),
        ({"op": ">=", "args": [{"property": "share"}, 100.0]}, "share-ge-100"),
        ({"op": "=", "args": [{"property": "name"}, "Бурабай"]}, "name-Бурабай"),
        ({"op": "isNull", "args": [{"property": "name"}]}, "isNull-name"),
        (
            {"op": "and", "args": [{"op": "<", "args": [{"property": "a"}, 1]}, {"property": "b"}]},
            "a-lt-1-and-b",
        ),
        ({"op": "in", "args": [{"property": "a"}, [1, 2]]}, "a-in-1-2"),
        (
            {
                "op": "s_intersects",
                "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1, 2]}],
            },
            "geometry-s_intersects-Point",
        ),
    ],
)
def test_a_filter_is_said_in_short(tree, details):
    assert details_of(Features(filter=Filter(tree))) == details


def test_a_question_is_said_in_short():
    assert details_of(Features()) is None
    assert details_of(Features(box=(1.5, 2, 3, 4), ids=("a", "b"))) == "bbox-1.5-2-3-4_2-ids"


# Headers of links


def test_links_go_into_a_header_without_breaking_out_of_it():
    links = [
        Link("http://x/?a=1&b=Қ<>\r\nX: y", "next", "text/csv", 'a "quoted"\r\ntitle'),
        Link("http://x/{z}", "item", templated=True),
        Link("http://x/", "self", None, "Қазақша"),
    ]
    said = link_header(links)
    assert said.isascii()
    assert said == (
        '<http://x/?a=1&b=%D2%9A%3C%3E%0D%0AX:%20y>; rel="next"; type="text/csv"; title="a quotedtitle", '
        "<http://x/>; rel=\"self\"; title*=UTF-8''%D2%9A%D0%B0%D0%B7%D0%B0%D2%9B%D1%88%D0%B0"
    )


def test_long_links_leave_a_header_only_those_to_other_pages():
    links = [
        *alternates(f"http://x/?filter={'a' * 2_000}", LAYER_FORMATS),
        Link("http://x/?cursor=1", "next"),
    ]
    assert link_header(links) == '<http://x/?cursor=1>; rel="next"'
    assert link_header(links[:-1]) == ""
