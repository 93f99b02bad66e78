"""The public visitor asks everything that there is, in every form, and sees nothing of villages and nothing that depends on them.

Routes, collections and parameters are found at run time: a new one is attacked without a change here, and fails until it is said what of it the public may see.
"""

from __future__ import annotations

import json
import re

import pytest
from api import client_of
from api_world import world
from attacks import attempts, by_token, crawled, got, manifest_of, plain, routes_of, secrets_in, twin_of

from geo_service.api.security.roles import Role
from geo_service.release.editions import PUBLIC_PREFIX
from geo_service.vocabulary import Dimension, PopulationGroup, Service

__all__ = ["world"]

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.xdist_group("public attacks")]

GROUPS = "|".join(PopulationGroup)
SERVICES = "|".join(Service)
DIMENSIONS = "|".join(Dimension)

PUBLIC_LAYERS = {"facilities", "country", "regions", "districts"} | {
    f"{what}_by_{level}" for what in ("mobility", "access") for level in ("region", "district")
}
PUBLIC_TABLES = re.compile(
    "(coverage|groups|concentration|services|households_without_service|reported_and_measured|agreement)(_by_(region|district))?"
    "|(access_by_band|service_presence)(_and_(region|district))?"
    f"|({GROUPS})(_by_(region|district)|_growth(_by_region)?|_top_countries)?"
    f"|({GROUPS})_by_({DIMENSIONS})(_and_region)?"
)
"""All tables that docs/suppression.md lists. Breakdowns and growth end at regions."""

OF_UNITS = {
    "pcode",
    "parent_pcode",
    "level",
    "name",
    "name_en",
    "name_ru",
    "name_kk",
    "kato",
    "iso3166_2",
    "valid_on",
    "fid",
    "id",
}
OF_FACILITIES = {
    "facility_id",
    "facility_name",
    "service",
    "service_label",
    "rank",
    "distance_m",
    "distance_km",
    "longitude",
    "latitude",
}
OF_TABLES = {
    *("area_km2", "band", "band_label", "base_individuals", "base_year", "basis", "by", "code", "codes", "compared", "countries"),
    *("difference", "equal", "group", "group_label", "growth", "households", "households_measured", "households_reported"),
    *("households_with", "households_without", "individuals", "inhabitants", "kind", "label", "location_quotient"),
    *("measured_farther", "measured_nearer", "no_band_reported", "not_asked", "not_measured", "one_apart", "per_1000_inhabitants"),
    *("districts", "per_km2", "population", "regions", "share", "share_equal", "share_measured", "share_present", "share_reported"),
    *("share_two_or_more_apart", "share_with", "status", "suppressed", "synthetic", "table", "two_or_more_apart", "weighted_kappa", "year"),
}  # fmt: skip
OF_RELEASES = {
    *(
        "round",
        "country",
        "collected_from",
        "collected_to",
        "release",
        "is_current",
        "since",
        "parent",
        "readable",
    ),
    *("title", "rows", "href"),
    *("map", "levels", "bases"),
    *("lang", "format", "type"),
}
COUNTS_OF_VILLAGES = re.compile(
    "villages(_(with|without|unknown|present|absent|uncounted|located|synthetic|measured|reported))?"
    f"|({GROUPS})_villages|(reported_)?({SERVICES})_villages_without"
)
WIDE = re.compile(
    f"({GROUPS})(_suppressed)?|({SERVICES})_suppressed"
    f"|(reported_)?({SERVICES})_(households|share)_beyond_[0-9_]+_km"
)

NUMBERS_SAID = {
    *("edges_km", "presence_km", "max_distance_km", "threshold", "least_villages", "suppressed_below"),
    *(
        "beyond_km",
        "number",
        "round",
        "of_rows",
        "longitude",
        "latitude",
        "facilities",
        "villages_outside",
        "beyond_km",
    ),
}
"""What `about` may say in numbers: rules, what was asked for, and counts of what everybody sees."""

OPEN_WITHOUT_A_COLLECTION = {
    *("/docs", "/docs/start.js", "/docs/{name}", "/static/{version}/{name:path}", "/openapi.json"),
    *("/sign-in", "/uploads/findings"),
    *("/health/live", "/health/ready", "/rounds", "/releases", "/tables", "/tables/{name}"),
    *("/", "/access/totals", "/access/bands", "/access/summary", "/access/agreement", "/access/nearest", "/mobility/concentration"),
    *("/", "/access/totals"),
    *("/mobility/breakdown", "/mobility/trends", "/coverage/assessment"),
    *("/maps", "/maps/concentration.{format}", "/maps/access.{format}", "/maps/gaps.{format}", "/maps/coverage.{format}"),
    *("/maps/agreement.{format}", "/maps/shapes/{level}.json", "/map-files/{kind}.html", "/oembed"),
    *("/reports", "/reports/{round}.{format}"),
    *("/ogc", "/ogc/", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/tileMatrixSets", "/ogc/tileMatrixSets/{scheme}"),
}  # fmt: skip
OPEN = OPEN_WITHOUT_A_COLLECTION | {
    f"/ogc/collections/{{name}}{rest}"
    for rest in (
        *("", "/queryables", "/sortables", "/schema", "/items", "/items/{feature_id:path}", "/tiles", "/tiles/{scheme}"),
        *("/tiles/{scheme}/tilejson", "/tiles/{scheme}/{z}/{y}/{x}"),
    )
}  # fmt: skip
"""The routes that answer the public at all. One that is not here has to refuse it."""


@pytest.fixture(scope="module")
def answers(world):
    return crawled(world)


@pytest.fixture(scope="module")
def names(world):
    """The names of collections that only others see, those of the release itself among them."""
    with client_of(world, Role.ANALYST) as analyst:
        layers = {one["id"] for one in analyst.get("/ogc/collections").json()["collections"]}
        tables = {one["table"] for one in analyst.get("/tables").json()["rows"]}
    there = {one.name for one in manifest_of(world).collections}
    hidden = {
        one
        for one in layers | tables | there
        if one not in PUBLIC_LAYERS and not PUBLIC_TABLES.fullmatch(one)
    }
    # The others' layers of the same names are checked by what is in them.
    assert {
        "villages",
        "service_access",
        "access",
        "mobility",
        "adm2",
        "breakdowns",
        "contradictions",
    } <= hidden
    assert {"villages_without_hospital", "public_groups", "key_informants"} <= hidden
    return sorted(
        hidden | {"Villages", "findings", "difference", "information_schema", "sqlite_master", "../villages"}
    )


def template_of(url, app):
    """The route that answers a URL."""
    path = url.partition("?")[0]
    fits = []
    for route in routes_of(app):
        pattern = re.sub(r"\{[^}:]+:path\}", "\x01", route.path)
        pattern = (
            re.escape(re.sub(r"\{[^}]+\}", "\x02", pattern)).replace("\x01", ".+").replace("\x02", "[^/]+")
        )
        if re.fullmatch(pattern, path):
            fits.append(route.path)
    return min(fits, key=lambda one: one.count("{"))


def rows_of(answer):
    """The rows of an answer in JSON, whatever of the forms it has."""
    if not answer.is_document:
        return []
    document = answer.json()
    if isinstance(document.get("rows"), list):
        return document["rows"]
    if document.get("type") == "Feature":
        return [document["properties"]]
    return [one["properties"] for one in document.get("features", ())] if "features" in document else []


def test_the_public_is_answered_by_the_routes_that_are_open_and_by_no_others(world, answers):
    with client_of(world, Role.PUBLIC) as client:
        answering = {template_of(url, client.app) for url, answer in answers.items() if answer.status < 300}
        there = {route.path for route in routes_of(client.app)}
    assert answering <= OPEN, "a route answers the public: say in OPEN that it may, or have it refuse"
    closed = {route for route in there if route not in OPEN}
    assert {
        "/access/gaps",
        "/audit",
        "/jobs/{job}",
        "/maps/change.{format}",
        "/metrics",
        "/facilities/{service}",
    } <= closed
    assert OPEN - answering <= {"/static/{version}/{name:path}", "/docs/{name}"}, "the attack misses routes"


def test_the_public_is_shown_the_collections_that_are_listed_and_no_others(answers):
    layers = {one["id"] for one in answers["/ogc/collections"].json()["collections"]}
    assert layers == PUBLIC_LAYERS
    tables = {one["table"] for one in answers["/tables"].json()["rows"]}
    assert [one for one in tables if not PUBLIC_TABLES.fullmatch(one)] == []
    assert len(tables) > 80


def test_the_public_sees_the_columns_that_are_listed_and_no_others(answers):
    known = OF_UNITS | OF_FACILITIES | OF_TABLES | OF_RELEASES
    unknown = {
        (column, url.partition("?")[0])
        for url, answer in answers.items()
        for row in rows_of(answer)[:1]
        for column in row
        if column not in known and not COUNTS_OF_VILLAGES.fullmatch(column) and not WIDE.fullmatch(column)
    }
    assert unknown == set(), "say that the public may see it, or hide it"


def test_schemas_tell_of_the_columns_that_are_listed_and_no_others(answers):
    known = OF_UNITS | OF_FACILITIES | OF_TABLES | {"geometry"}
    looked_at = 0
    for url, answer in answers.items():
        if answer.status == 200 and answer.media == "application/schema+json":
            for name in answer.json()["properties"]:
                looked_at += 1
                assert name in known or COUNTS_OF_VILLAGES.fullmatch(name) or WIDE.fullmatch(name), (
                    url,
                    name,
                )
    assert looked_at > 200


def test_what_answers_say_of_themselves_has_numbers_of_rules_only(answers):
    said = {}

    def walk(value, key, url):
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, name, url)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key, url)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            said.setdefault(key, url)

    for url, answer in answers.items():
        if answer.is_document:
            document = answer.json()
            walk(document.get("about"), "about", url)
            walk([one.get("about") for one in document.get("collections", ())], "about", url)
    assert {key: url for key, url in said.items() if key not in NUMBERS_SAID} == {}
    assert "threshold" in said


def test_nothing_that_the_public_gets_has_an_id_a_name_or_a_place_of_a_village(world, answers):
    for url, answer in answers.items():
        told = [one for one in secrets_in(plain(answer)) if one not in url]
        assert told == [], url
        assert secrets_in(str(answer.headers).replace(url, "")) == [] or "990000001" in url, url
    # The same search finds them where they are.
    with client_of(world, Role.ANALYST) as analyst:
        for format_ in ("geojson", "html", "csv", "xlsx", "gpkg", "parquet", "ndjson"):
            found = secrets_in(plain(got(analyst, f"/ogc/collections/villages/items?limit=5&f={format_}")))
            assert len(found) >= 5, format_


@pytest.mark.parametrize("form", ["/ogc/collections/{}/items", "/tables/{}"])
def test_what_others_see_is_not_there_for_the_public_under_any_name(world, names, form):
    shapes = [form]
    if form.startswith("/ogc"):
        stem = "/ogc/collections/{}"
        shapes = [
            *(f"{stem}{rest}" for rest in ("", "/queryables", "/sortables", "/schema", "/tiles", "/items/1")),
            *(
                f"{stem}{rest}"
                for rest in ("/items?f=csv", "/items?f=parquet", "/items?filter=1=1", "/items?limit=1")
            ),
            *(f"{stem}/tiles/WebMercatorQuad{rest}" for rest in ("", "/tilejson", "/5/11/21")),
        ]
    with client_of(world, Role.PUBLIC, rate_per_minute=0) as client:
        for at, name in enumerate(names):
            # Each name in one of the forms, and the worst ones in all.
            few = (
                shapes
                if name in {"villages", "access", "public_mobility_by_district"}
                else [shapes[0], shapes[at % len(shapes)]]
            )
            for shape in few:
                answer = client.get(shape.format(name))
                assert answer.status_code == 404, (shape, name)
                assert_tells_nothing(answer.text, name, names)


def assert_tells_nothing(text, asked, names):
    """A refusal names none of the hidden collections but the one that was asked for."""
    words = set(re.findall(r"[a-z0-9_]+", text.replace(asked, "")))
    assert words & {one for one in names if "_" in one or one.startswith("adm")} == set(), text
    assert PUBLIC_PREFIX not in text.replace(asked, "")


def test_a_name_that_is_hidden_is_refused_like_one_that_nobody_knows(world):
    with client_of(world, Role.PUBLIC) as client:
        for form in ("/ogc/collections/{}/items", "/ogc/collections/{}/schema", "/tables/{}"):
            said = []
            for name in ("service_access", "zervize_azzess"):
                answer = client.get(form.format(name)).json()
                said.append(re.sub("did you mean [^?]*[?] ", "", answer["detail"].replace(name, "?")).lower())
            assert said[0] == said[1]


# What a hidden number could change


@pytest.fixture(scope="module")
def twin(world):
    return twin_of(world)


def test_two_releases_that_differ_in_what_is_hidden_only_answer_the_public_alike(world, answers, twin):
    one, other = manifest_of(world), manifest_of(twin)
    digests = [{each.name: each.rows_sha256 for each in manifest.collections} for manifest in (one, other)]
    differs = {name for name in digests[0] if digests[0][name] != digests[1].get(name)}
    assert {"villages", "mobility", "mobility_by_district", "groups_by_district", "contradictions"} <= differs
    # Else a hidden number had been found in the guarded tables themselves, or other cells are hidden now: swap other villages then.
    assert [name for name in differs if name.startswith(PUBLIC_PREFIX)] == []
    assert digests[0].keys() == digests[1].keys()
    compared = 0
    with client_of(twin, Role.PUBLIC, rate_per_minute=0) as client:
        assert set(attempts(client)) <= answers.keys()
        # Of many of one kind, two of three: they are made by the same code.
        many = [
            url
            for url, each in answers.items()
            if each.status >= 400 or url.startswith(("/tables/", "/mobility/b"))
        ]
        for url in [one for one in answers if one not in many[1::3]]:
            answer, again = answers[url], got(client, url)
            assert again.status == answer.status, url
            first, second = (_without_ids(each, (one.id, other.id)) for each in (answer, again))
            assert first == second, url
            compared += answer.status == 200
    assert compared > 300
    with client_of(twin, Role.ANALYST) as client, client_of(world, Role.ANALYST) as before:
        url = "/tables/groups_by_district"
        assert client.get(url).json()["rows"] != before.get(url).json()["rows"]


def _without_ids(answer, ids):
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name
        in {
            "content-crs",
            "link",
            "x-release",
            "content-disposition",
            "cache-control",
            "vary",
            "ogc-numbermatched",
        }
    }
    text = re.sub(r"cursor=[\w-]+", "cursor", f"{plain(answer)} {json.dumps(headers)}")
    for one in ids:
        text = text.replace(one, "RELEASE").replace(one[:12], "RELEASE")
    return text


def test_nothing_of_another_role_is_left_for_the_public_on_the_same_service(world, answers):
    shared = [
        url
        for url in answers
        if re.search(
            r"/items\?limit=1000|/queryables|/schema|/tables/groups|adm=|/ogc/collections(/[a-z_]+)?$|/tilejson|/ogc/api|by=district",
            url,
        )
    ]
    assert len(shared) > 60
    with by_token(world) as client:
        for url in shared[::3]:
            client.get(url, headers={"Authorization": "Bearer analyst"})
            again = got(client, url)
            assert plain(again) == plain(answers[url]), url
