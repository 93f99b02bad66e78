"""Maps over HTTP: every kind, in every form, to every role; what is kept, who may embed, what is refused."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
import threading

import pytest
from api import client_of
from api_world import DISTRICTS, REGIONS, world
from attacks import secrets_in

from geo_service.api.maps import pictures, warm
from geo_service.api.maps.parameters import MapFormat, parameters_of
from geo_service.api.security.roles import Role
from geo_service.maps.question import MapKind
from geo_service.maps.released_offers import maps_of
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings

__all__ = ["world"]

MAPS = [
    "concentration.{}?group=labour_migrants&by=district",
    "concentration.{}?group=returnees&measure=location_quotient&scheme=equal&k=4",
    "access.{}?service=hospital&by=district",
    "access.{}?service=hospital&basis=measured&beyond_km=15&scheme=given&edges=0.1,0.5",
    "gaps.{}?service=school&basis=measured&by=district&lang=kk",
    "gaps.{}?service=hospital&beyond_km=25&adm=KAZ901",
    "coverage.{}?lang=ru",
    "change.{}?group=returnees&by=district",
    "agreement.{}?service=market&by=district",
]
HELD_BACK = {MAPS[7]}
"""What the public is not shown."""


@pytest.fixture(scope="module")
def analyst(world):
    with client_of(world, Role.ANALYST) as client:
        yield client


@pytest.fixture(scope="module")
def public(world):
    with client_of(world, Role.PUBLIC) as client:
        yield client


@pytest.mark.parametrize("url", MAPS)
def test_an_analyst_gets_every_map_as_what_its_viewer_reads_and_as_a_page(analyst, url):
    answer = analyst.get(f"/maps/{url.format('json')}")
    assert answer.status_code == 200, answer.text
    picture = answer.json()
    assert picture["title"]
    assert picture["summary"]
    assert picture["layers"][0]["kind"] == "areas"
    assert any("Synthetic" in one or "интетик" in one for one in picture["notes"])
    page = analyst.get(f"/maps/{url.format('html')}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    [shown] = re.findall(r'<script type="application/json" id="map-data">(.+?)</script>', page.text)
    assert json.loads(shown)["picture"] == picture
    assert page.headers["content-disposition"].startswith('inline; filename="')
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*(src=|application/json))|style=|onload=", page.text)


@pytest.mark.parametrize("url", MAPS)
def test_the_public_gets_maps_without_villages_or_is_told_that_there_is_none(public, url):
    printed = ("svg",) if url in MAPS[::4] else ()
    for form in ("json", "html", *printed):
        answer = public.get(f"/maps/{url.format(form)}")
        if url in HELD_BACK:
            assert answer.status_code == 404
            assert "not shown to everybody" in answer.json()["detail"]
            continue
        assert answer.status_code == 200, answer.text
        assert secrets_in(answer.text) == []
        if form == "json":
            layers = answer.json()["layers"]
            codes = {one for layer in layers for one in layer["ids"]}
            facilities = {one for one in codes if one.startswith("synthetic-")}
            assert codes - facilities <= {*REGIONS, *DISTRICTS}


def test_hidden_numbers_are_a_class_of_their_own(public):
    layers = public.get("/maps/concentration.json?group=labour_migrants&by=district").json()["layers"]
    kinds = {one["kind"]: one["count"] for one in layers[0]["classes"]}
    rows = public.get("/mobility/concentration?group=labour_migrants&by=district").json()["rows"]
    hidden = [
        one["pcode"] for one in rows if one["pcode"] and one["individuals"] is None and one["suppressed"]
    ]
    assert kinds["suppressed"] == len(hidden) > 0


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_a_map_is_printed(analyst, form):
    answer = analyst.get(f"/maps/coverage.{form}?size=half&dpi=60")
    assert answer.status_code == 200
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[form]
    assert answer.content.startswith(begins)
    assert f'.{form}"' in answer.headers["content-disposition"]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert ("style-src 'unsafe-inline'" in policy) == (form == "svg")


def test_only_what_everybody_may_see_is_shown_by_other_sites(public, analyst):
    header = "cross-origin-resource-policy"
    assert public.get("/maps/coverage.svg").headers[header] == "cross-origin"
    assert analyst.get("/maps/coverage.svg").headers[header] == "same-origin"
    assert public.get("/maps/coverage.html").headers[header] == "same-origin"


def test_a_png_is_drawn_once_and_a_large_one_is_not_kept(analyst, monkeypatch):
    drawn = []
    from geo_service.maps import printed  # noqa: PLC0415

    real = printed.printed_bytes

    def counted(*given, **more):
        drawn.append(more["dpi"])
        return real(*given, **more)

    monkeypatch.setattr(printed, "printed_bytes", counted)
    first, again = (analyst.get("/maps/coverage.png?dpi=51").content for _ in range(2))
    assert first == again
    assert drawn == [51]
    monkeypatch.setattr(pictures, "_MOST_OF_AN_IMAGE", 10)
    for _ in range(2):
        assert analyst.get("/maps/coverage.png?dpi=52").content.startswith(b"\x89PNG")
    assert drawn == [51, 52, 52]


def test_where_too_many_are_drawn_one_more_is_refused_for_now(analyst, monkeypatch):
    none_left = threading.BoundedSemaphore(1)
    none_left.acquire()
    monkeypatch.setattr(pictures, "_drawing", none_left)
    answer = analyst.get("/maps/coverage.pdf?size=slide")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["type"] == "urn:geo-service:problem:busy"


def test_what_is_known_is_not_sent_again_and_head_says_the_same(public):
    url = "/maps/access.html?service=hospital&lang=en"
    first = public.get(url)
    tag = first.headers["etag"]
    again = public.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    head = public.head(url)
    assert head.headers["content-length"] == first.headers["content-length"]
    assert first.headers["x-release"] == head.headers["x-release"]
    assert public.get(url + "&by=district", headers={"If-None-Match": tag}).status_code == 200


def test_polygons_are_of_a_release_and_then_kept_for_ever(public):
    page = public.get("/maps/coverage.json")
    release = page.headers["x-release"]
    named = public.get(f"/maps/shapes/district.json?release={release}")
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    said = named.json()
    assert said["level"] == "district"
    assert said["ids"] == sorted(DISTRICTS)
    assert len(said["shapes"]) == len(DISTRICTS)
    unnamed = public.get("/maps/shapes/district.json")
    assert unnamed.json() == said
    assert "immutable" not in unnamed.headers["cache-control"]
    tag = named.headers["etag"]
    known = public.get(f"/maps/shapes/district.json?release={release}", headers={"If-None-Match": tag})
    assert known.status_code == 304
    assert public.get(f"/maps/shapes/district.json?release={'0' * 32}").status_code == 404
    assert public.get("/maps/shapes/district.json?release=../x").status_code == 400
    assert public.get("/maps/shapes/country.json").json()["allowed"] == ["region", "district"]
    assert f"release={release}" in public.get("/maps/coverage.html").text


def test_what_the_maps_list_says_can_be_drawn_can_be_drawn(public, analyst):
    for client, hidden in ((public, {"change"}), (analyst, set())):
        rows = client.get("/maps").json()["rows"]
        assert {one["map"] for one in rows} == {one.value for one in MapKind} - hidden
        seen = {}
        for row in rows:
            seen.setdefault(row["map"], row)
        for row in seen.values():
            for by in row["levels"].split(", "):
                joint = "&" if "?" in row["href"] else "?"
                for basis in (row["bases"] or "").split(", "):
                    more = f"&basis={basis}" if basis else ""
                    url = row["href"].replace(".html", ".json") + f"{joint}by={by}{more}"
                    assert client.get(url).status_code == 200, url
    page = public.get("/maps?f=html&lang=kk")
    assert "Шығарылым карталары" in page.text
    ru = public.get("/maps?lang=ru&round=3").json()["rows"][0]["href"]
    assert ru.endswith("/maps/concentration.html?group=labour_migrants&lang=ru&round=3")


def test_nothing_measured_nor_compared_is_offered_of_a_round_that_has_none(world, analyst):
    store = FolderStore(ReleaseSettings(directory=world))
    older = next(one.manifest for one in store.entries() if one.manifest.round.number == 2)
    offers = {one.kind: one for one in maps_of(older)}
    assert [one.value for one in offers[MapKind.ACCESS].bases] == ["reported"]
    assert {MapKind.CHANGE, MapKind.AGREEMENT} & offers.keys() <= {MapKind.AGREEMENT}
    refused = analyst.get("/maps/access.json?service=school&basis=measured&round=2")
    assert refused.status_code == 404
    assert "published without facilities" in refused.json()["detail"]
    assert analyst.get("/maps/change.json?group=returnees&round=2").status_code == 404


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("/maps/heat.html", 404, "there are concentration, access, gaps"),
        ("/maps/access.gif?service=school", 404, "'html', 'json', 'png', 'svg' or 'pdf'"),
        ("/maps/access.html", 400, "'service' has to be given"),
        ("/maps/access.html?service=school&group=returnees", 400, "'group' is not a parameter here"),
        ("/maps/concentration.html?group=returnees&service=school", 400, "not a parameter here"),
        ("/maps/coverage.html?by=country", 400, "'region' or 'district'"),
        ("/maps/coverage.html?k=1", 400, "greater than or equal to 2"),
        ("/maps/coverage.html?dpi=900", 400, "less than or equal to 300"),
        ("/maps/coverage.html?k=3&k=4", 400, "given more than once"),
        ("/maps/coverage.html?edges=3,1", 400, "rising numbers"),
        ("/maps/coverage.html?edges=nan", 400, "rising numbers"),
        ("/maps/coverage.html?edges=1,x", 400, "rising numbers"),
        ("/maps/coverage.html?scheme=given", 400, "needs the upper edges"),
        ("/maps/coverage.html?scheme=equal&edges=1,2", 400, "'edges' go with scheme=given"),
        ("/maps/coverage.html?adm=KAZ99", 404, "is not the P-code"),
        ("/maps/coverage.html?adm=KAZ901001&by=region", 400, "is a district, with no regions inside"),
        ("/maps/coverage.html?adm=%00", 404, "is not the P-code"),
        ("/maps/access.html?service=school&beyond_km=7", 404, "one of 0, 5, 10, 15, 20, 25 km"),
        ("/maps/access.html?service=school&beyond_km=-1", 400, "greater than or equal to 0"),
        ("/maps/change.html?group=returnees&measure=share", 400, "'same_change'"),
        ("/maps/coverage.html?round=9", 404, "no release of round 9"),
    ],
)
def test_what_makes_no_map_is_one_clear_problem(analyst, url, status, said):
    answer = analyst.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_every_parameter_is_described_with_its_values(analyst):
    paths = analyst.get("/openapi.json").json()["paths"]
    for kind in MapKind:
        described = paths[f"/maps/{kind}.{{format}}"]["get"]
        names = {one["name"] for one in described["parameters"]}
        assert set(parameters_of(kind)) <= names
        assert {"format", "round", "lang", "size", "dpi"} <= names
        assert set(described["responses"]["200"]["content"]) == {
            *("text/html", "application/json", "image/png", "image/svg+xml", "application/pdf")
        }
    assert len(MapFormat) == 5


def test_who_may_embed_and_a_base_map_are_settings(world):
    tiles = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"
    with client_of(
        world,
        Role.PUBLIC,
        frame_ancestors=("'self'", "https://un.example.org"),
        tile_url=tiles,
        tile_attribution="Tiles: Example",
    ) as client:
        page = client.get("/maps/coverage.html")
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'self' https://un.example.org" in policy
        assert "img-src 'self' data: blob: https://*.tiles.example.org;" in policy
        assert page.headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "Tiles: Example" in page.text
        assert "https://un.example.org" in client.get("/maps/coverage.svg").headers["content-security-policy"]


def test_without_a_base_map_a_page_names_no_other_host(public):
    page = public.get("/maps/access.html?service=hospital").text
    assert set(re.findall(r"https?://([^/\"' ]+)", page)) <= {"testserver"}


def test_what_maps_need_is_loaded_beside_the_service_and_what_is_missing_holds_nothing_up(monkeypatch):
    for name in warm._MODULES:
        assert importlib.util.find_spec(name), name
    monkeypatch.setattr(warm, "_MODULES", ("no_such_module", "this"))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    sys.modules.pop("this", None)
    thread = warm.warm_later(0)
    thread.join(60)
    assert not thread.is_alive()
    assert "this" in sys.modules
