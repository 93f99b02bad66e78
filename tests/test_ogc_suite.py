"""The abstract tests of OGC API - Features - Part 1 (OGC 17-069r4, annex A.2) over every collection, for an editor and for everybody."""

from __future__ import annotations

import datetime as dt

import pytest
from openapi_spec_validator import validate

from tests.ogc_world import both, collections_of, editor, follow, link, public, world

__all__ = ["both", "editor", "public", "world"]

# What it runs is run by the other tests of OGC API too; tracing would double its time.

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
GEOJSON = "application/geo+json"


def parameters(api, path):
    """The parameters of GET of a path, references resolved, by name."""
    shared = api["components"]["parameters"]
    listed = api["paths"][path]["get"]["parameters"]
    found = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in listed]
    assert len({one["name"] for one in found}) == len(found)
    return {one["name"]: one for one in found}


@pytest.fixture
def api(both):
    return both.get("/ogc/api").json()


def names(client):
    return [one["id"] for one in collections_of(client)]


@pytest.mark.parametrize("path", ["/ogc", "/ogc/"])
def test_the_landing_page_leads_to_the_description_the_conformance_and_the_data(both, path):
    answer = both.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    page = answer.json()
    there = {(one["rel"], one["type"]) for one in page["links"]}
    assert {
        ("self", "application/json"),
        ("alternate", "text/html"),
        ("service-desc", OPENAPI),
        ("service-doc", "text/html"),
        ("conformance", "application/json"),
        ("data", "application/json"),
    } <= there
    assert all(one["href"].startswith("http://testserver/ogc") for one in page["links"])


def test_every_link_of_every_document_leads_to_what_its_type_says(both):
    seen, waiting = set(), ["http://testserver/ogc"]
    while waiting:
        url = waiting.pop()
        if url in seen or "{" in url:
            continue
        seen.add(url)
        answer = both.get(url)
        assert answer.status_code == 200, url
        if answer.headers["content-type"] != "application/json":
            continue
        document = answer.json()
        documents = [document, *document.get("collections", [])[:2], *document.get("tilesets", [])]
        for one in (one for some in documents for one in some.get("links", [])):
            skipped = (
                one.get("templated")
                or one["rel"] in {"items", "enclosure"}
                or "/villages_without" in one["href"]
            )
            if not skipped and one["href"] not in seen:
                waiting.append(one["href"])
                found = both.get(one["href"]).headers["content-type"]
                assert found.split(";")[0] == one["type"].split(";")[0], one
    assert len(seen) > 30


def test_the_description_is_openapi_3_0_and_says_so(both):
    landing = both.get("/ogc").json()
    answer = both.get(link(landing, "service-desc", OPENAPI))
    assert answer.headers["content-type"] == OPENAPI
    assert answer.json()["openapi"].startswith("3.0.")
    validate(answer.json())
    page = both.get(link(landing, "service-doc", "text/html"))
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text


def test_the_description_is_given_to_those_who_ask_for_its_own_type(both):
    answer = both.get("/ogc/api", headers={"Accept": OPENAPI})
    assert answer.headers["content-type"] == OPENAPI


def test_the_description_has_a_path_for_each_collection_and_for_no_other(both, api):
    there = {path.split("/")[2] for path in api["paths"] if path.startswith("/collections/")}
    assert there == set(names(both))
    assert api["servers"] == [{"url": "http://testserver/ogc"}]


def test_every_path_of_the_description_answers(both, api):
    for path in api["paths"]:
        if "{" not in path and "without" not in path:
            assert (
                both.get(f"/ogc{path}", params={"limit": 1} if path.endswith("items") else None).status_code
                == 200
            )


def test_the_conformance_classes_are_uris_of_ogc_each_once(both):
    found = both.get("/ogc/conformance").json()["conformsTo"]
    assert len(set(found)) == len(found)
    assert all(one.startswith("http://www.opengis.net/spec/") for one in found)
    part_1 = {
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}"
        for one in ("core", "geojson", "html", "oas30")
    }
    assert part_1 <= set(found)


def test_each_collection_is_its_entry_in_the_list(both):
    for entry in collections_of(both):
        answer = both.get(f"/ogc/collections/{entry['id']}")
        assert answer.status_code == 200
        assert answer.json() == entry


def test_each_collection_has_what_the_standard_asks_for(both):
    listed = both.get("/ogc/collections").json()
    assert {"self", "alternate"} <= {one["rel"] for one in listed["links"]}
    for entry in listed["collections"]:
        assert entry["itemType"] == "feature"
        assert entry["title"]
        rels = {(one["rel"], one.get("type")) for one in entry["links"]}
        assert {
            ("items", GEOJSON),
            ("items", "text/html"),
            ("self", "application/json"),
            ("alternate", "text/html"),
        } <= rels
        assert set(entry["crs"]) <= set(listed["crs"])
        assert entry["storageCrs"] in entry["crs"]
        west, south, east, north = entry["extent"]["spatial"]["bbox"][0]
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
        for first, last in entry["extent"].get("temporal", {}).get("interval", []):
            assert dt.datetime.fromisoformat(first) <= dt.datetime.fromisoformat(last)


def test_a_collection_that_there_is_not_is_not_found(both):
    for path in (
        "",
        "/items",
        "/items/1",
        "/queryables",
        "/schema",
        "/sortables",
        "/tiles",
        "/tiles/WebMercatorQuad",
    ):
        answer = both.get(f"/ogc/collections/nothing{path}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_everybody_sees_no_collection_of_villages(public, editor):
    hidden = set(names(editor)) - set(names(public))
    assert {"villages", "access", "service_access"} <= hidden
    for name in hidden:
        for path in ("", "/items", "/queryables", "/tiles/WebMercatorQuad/0/0/0"):
            assert public.get(f"/ogc/collections/{name}{path}").status_code == 404


def test_limit_bbox_and_datetime_are_declared_as_the_standard_has_them(both, api):
    for name in names(both):
        said = parameters(api, f"/collections/{name}/items")
        for one in ("limit", "bbox", "datetime"):
            assert (said[one]["in"], said[one]["required"], said[one]["style"], said[one]["explode"]) == (
                "query",
                False,
                "form",
                False,
            )
        limit = said["limit"]["schema"]
        assert limit["type"] == "integer"
        assert 1 == limit["minimum"] <= limit["default"] <= limit["maximum"]
        assert limit["maximum"] >= 1000
        box = said["bbox"]["schema"]
        assert (box["type"], box["items"]["type"], box["minItems"], box["maxItems"]) == (
            "array",
            "number",
            4,
            6,
        )
        assert said["datetime"]["schema"]["type"] == "string"


def test_every_property_is_a_parameter_of_its_own(both, api):
    for name in names(both):
        said = parameters(api, f"/collections/{name}/items")
        properties = both.get(f"/ogc/collections/{name}/queryables").json()["properties"]
        for one, schema in properties.items():
            assert ("geometry" in schema.get("format", "")) or said[one]["schema"]["type"] == schema["type"]


def test_features_are_geojson_that_says_how_many_and_when(both):
    for entry in collections_of(both):
        answer = both.get(f"/ogc/collections/{entry['id']}/items")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == GEOJSON
        page = answer.json()
        assert page["type"] == "FeatureCollection"
        assert page["numberReturned"] == len(page["features"]) <= 100
        assert page["numberMatched"] == entry["numberMatched"] >= page["numberReturned"]
        assert abs(dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(page["timeStamp"])) < dt.timedelta(
            minutes=5
        )
        there = {(one["rel"], one["type"]) for one in page["links"]}
        assert {("self", GEOJSON), ("alternate", "text/html"), ("collection", "application/json")} <= there
        assert ("next" in {rel for rel, _ in there}) == (page["numberMatched"] > page["numberReturned"])
        for one in page["features"]:
            assert one["type"] == "Feature"
            assert isinstance(one["id"], str)
            assert isinstance(one["properties"], dict)


def test_pages_have_all_features_once_and_as_many_as_they_say(both):
    for entry in collections_of(both):
        limit = max(1, entry["numberMatched"] // 3)
        pages = list(follow(both, f"/ogc/collections/{entry['id']}/items", limit=limit))
        ids = [one["id"] for page in pages for one in page["features"]]
        assert len(ids) == len(set(ids)) == entry["numberMatched"]
        assert {page["numberMatched"] for page in pages} == {entry["numberMatched"]}
        assert all(page["numberReturned"] == limit for page in pages[:-1])


def test_a_limit_above_the_maximum_is_cut_down_to_it(world):
    from tests.api import client_of  # noqa: PLC0415

    with client_of(world, max_limit=1000) as client:
        page = client.get("/ogc/collections/service_access/items", params={"limit": 1001}).json()
        assert page["numberReturned"] == min(1000, page["numberMatched"])
        huge = client.get("/ogc/collections/villages/items", params={"limit": "9" * 18})
        assert huge.status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1.5"),
        ("limit", "ten"),
        ("limit", ""),
        ("limit", "9" * 40),
        ("bbox", "1,2,3"),
        ("bbox", "1,2,3,4,5"),
        ("bbox", "a,2,3,4"),
        ("bbox", "1,2,3,nan"),
        ("bbox", "1,4,3,2"),
        ("bbox", "-181,0,0,1"),
        ("bbox", "0,0,0,91"),
        ("bbox", ""),
        ("bbox-crs", "EPSG:4326"),
        ("crs", "http://www.opengis.net/def/crs/EPSG/0/1"),
        ("filter-crs", "x"),
        ("filter-lang", "cql"),
        ("filter", "nothing = 1"),
        ("filter", "="),
        ("datetime", "yesterday"),
        ("datetime", "2024-01-31/2024-01-01"),
        ("datetime", "2024-13-01"),
        ("datetime", ".."),
        ("sortby", "nothing"),
        ("sortby", "geometry"),
        ("sortby", "id,id"),
        ("properties", "nothing"),
        ("properties", ""),
        ("lang", "de"),
        ("cursor", "x"),
        ("f", "docx"),
        ("unknown", "1"),
        ("fid", "one"),
        ("fid", "9" * 18),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused_by_name(both, name, value):
    for collection in ("facilities", "regions", "access_by_district"):
        answer = both.get(f"/ogc/collections/{collection}/items", params={name: value})
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().get("parameter", name) == name


def test_a_parameter_that_is_given_twice_is_refused(both):
    answer = both.get("/ogc/collections/regions/items?limit=1&limit=2")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "limit")


def test_a_format_that_nobody_has_is_not_acceptable(both):
    answer = both.get("/ogc/collections/regions/items", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert both.get("/ogc/collections", headers={"Accept": "image/png"}).status_code == 406


def test_each_feature_is_found_by_its_id_as_it_is_in_the_collection(both):
    for entry in collections_of(both):
        page = both.get(f"/ogc/collections/{entry['id']}/items", params={"limit": 3}).json()
        for one in page["features"]:
            answer = both.get(f"/ogc/collections/{entry['id']}/items/{one['id']}")
            assert answer.headers["content-type"] == GEOJSON
            feature = answer.json()
            rels = {rel["rel"] for rel in feature["links"]}
            assert {"self", "alternate", "collection"} <= rels
            assert {key: feature[key] for key in ("type", "id", "geometry", "properties")} == one
        assert both.get(link(feature, "alternate", "text/html")).status_code == 200


def test_a_feature_that_there_is_not_is_not_found(both):
    for name in ("facilities", "regions", "access_by_district"):
        for one in ("nothing", "a/b", "%00", "%F0%9F%90%AA"):
            assert both.get(f"/ogc/collections/{name}/items/{one}").status_code == 404
        assert both.get(f"/ogc/collections/{name}/items/x", params={"limit": 1}).status_code == 400


def test_documents_are_pages_for_browsers(both):
    for path in (
        "",
        "/conformance",
        "/collections",
        "/collections/regions",
        "/collections/regions/queryables",
        "/api",
    ):
        answer = both.get(f"/ogc{path}", headers={"Accept": "text/html,*/*;q=0.8"})
        assert answer.headers["content-type"].startswith("text/html")
        assert '<html lang="en">' in answer.text


def test_documents_speak_the_language_that_is_asked_for(both):
    for language, title in (("ru", "Области"), ("kk", "Облыстар")):
        said = both.get("/ogc/collections/regions", params={"lang": language})
        assert title in said.json()["title"]
        assert said.headers["content-language"] == language
        assert f"lang={language}" in link(said.json(), "items", GEOJSON)
        by_header = both.get("/ogc/collections/regions", headers={"Accept-Language": f"{language}-KZ,en"})
        assert by_header.json()["title"] == said.json()["title"]


def test_links_begin_with_the_address_that_the_service_is_reached_under(world):
    from tests.api import client_of  # noqa: PLC0415

    with client_of(world, public_url="https://geo.example.org/mtm") as client:
        page = client.get("/ogc/collections/villages/items", params={"limit": 1}).json()
        whole = [page, client.get("/ogc").json(), client.get("/ogc/collections/villages").json()]
        for one in (one for document in whole for one in document["links"]):
            assert one["href"].startswith("https://geo.example.org/mtm/ogc")
        api = client.get("/ogc/api").json()
        assert api["servers"] == [{"url": "https://geo.example.org/mtm/ogc"}]
