"""oEmbed: other sites are told how to embed a map of this service, and nothing of other sites."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from api import client_of
from api_world import world

from geo_service.api.maps.embed import embed_code
from geo_service.api.security.roles import Role

__all__ = ["world"]

MAP = "http://testserver/maps/access.html?service=hospital&by=district&lang=ru"


@pytest.fixture(scope="module")
def public(world):
    with client_of(world, Role.PUBLIC) as client:
        yield client


def asked(client, url, more=""):
    return client.get(f"/oembed?url={quote(url, safe='')}{more}")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags_of(html):
    parser = Tags()
    parser.feed(html)
    return parser.found


def test_a_map_is_embedded_as_an_iframe_of_its_page(public):
    answer = asked(public, MAP)
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert (said["version"], said["type"], said["width"], said["height"]) == ("1.0", "rich", 800, 600)
    assert said["title"] == public.get(MAP.replace(".html", ".json")).json()["title"]
    [(tag, attributes)] = tags_of(said["html"])
    assert tag == "iframe"
    assert attributes["src"] == MAP
    assert attributes["title"] == said["title"]
    assert (attributes["width"], attributes["height"]) == ("800", "600")
    assert (attributes["loading"], attributes["allow"]) == ("lazy", "fullscreen")
    assert public.get(attributes["src"]).status_code == 200


def test_it_is_no_larger_than_asked_for(public):
    said = asked(public, MAP, "&maxwidth=320&maxheight=2000").json()
    assert (said["width"], said["height"]) == (320, 600)
    assert 'width="320" height="600"' in said["html"]
    assert asked(public, MAP, "&maxwidth=0").status_code == 400


def test_it_is_answered_as_xml_too_and_in_no_other_form(public):
    answer = asked(public, MAP, "&format=xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    said = asked(public, MAP, "&format=json").json()
    assert root.tag == "oembed"
    assert {one.tag: one.text for one in root} == {name: str(value) for name, value in said.items()}
    refused = asked(public, MAP, "&format=yaml")
    assert refused.status_code == 501
    assert refused.json()["type"] == "urn:geo-service:problem:not-implemented"


def test_a_page_says_where_its_answer_is(public):
    page = public.get(MAP).text
    [link] = [one for tag, one in tags_of(page) if one.get("type") == "application/json+oembed"]
    assert link["rel"] == "alternate"
    assert parse_qs(urlsplit(link["href"]).query)["url"] == [MAP]
    assert public.get(link["href"]).json()["title"] == link["title"]


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example.org/maps/access.html?service=hospital",
        "https://testserver/maps/access.html?service=hospital",
        "http://testserver:8080/maps/access.html?service=hospital",
        "http://testserver@evil.example.org/maps/coverage.html",
        "http://testserver.evil.example.org/maps/coverage.html",
        "http://evil.example.org\\@testserver/maps/coverage.html",
        "//testserver/maps/coverage.html",
        "/maps/coverage.html",
        "javascript:alert(1)//testserver/maps/coverage.html",
        "data:text/html,<script>alert(1)</script>",
        "http://testserver/maps/coverage.json",
        "http://testserver/maps/heat.html",
        "http://testserver/maps/../docs",
        "http://testserver/maps/%2e%2e/docs.html",
        "http://testserver/maps/coverage.html#<script>",
        'http://testserver/maps/coverage.html?"><script>alert(1)</script>',
        'http://testserver/maps/coverage.html?lang="onload="alert(1)',
        "http://testserver/maps/coverage.html?lang=ru&lang=en",
        "http://testserver/maps/coverage.html?foo=1",
        "http://testserver/maps/access.html",
        "http://testserver/maps/access.html?service=%ff",
        "http://testserver/maps/access.html?service=school&edges=x",
        "http://testserver/maps/coverage.html?adm=KAZ99",
        "http://testserver/maps/coverage.html?round=77",
        "http://testserver/maps/change.html?group=returnees",
        "http://[testserver/maps/coverage.html",
        "http://testserver/maps/coverage.html?k=3\n",
        "\x00",
    ],
)
def test_of_other_urls_there_is_nothing(public, url):
    answer = asked(public, url)
    assert answer.status_code == 404, answer.text
    assert "<" not in answer.json().get("html", "")


def test_the_map_of_an_earlier_round_is_titled_by_it(public):
    said = asked(public, "http://testserver/maps/coverage.html?round=2&lang=en")
    assert "Round 2" in said.json()["title"]


def test_whatever_stands_in_a_url_or_a_title_stays_in_its_attribute():
    nasty = """"><script>alert('1')</script>&amp;`\n\u2028 x="y"""
    [(tag, attributes)] = tags_of(
        embed_code(f"https://geo.example.org/maps/a.html?q={nasty}", nasty, "100%", 400)
    )
    assert tag == "iframe"
    assert set(attributes) == {"src", "title", "width", "height", "loading", "allow", "style"}
    assert attributes["title"] == nasty.replace("\n", " ")
    for url in ("javascript:alert(1)", "data:text/html,x", "/maps/a.html", " javascript:x"):
        with pytest.raises(ValueError, match="http or https"):
            embed_code(url, "x")
    assert not re.search(r"[<>]", embed_code("https://a.example/?<>", "<>")[8:-11])
