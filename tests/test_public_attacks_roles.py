"""The walls between roles: who may write, which tokens count, and that what one role was given is of no use to another."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from api import client_of
from api_world import world
from attacks import attempts, by_token, forged, got, manifest_of, plain, routes_of, twin_of
from fastapi.testclient import TestClient

from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import TokenFile
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ApiSettings, AuthSettings, ReleaseSettings, UploadSettings
from geo_service.web.app import create_app

__all__ = ["world"]

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.xdist_group("public attacks")]

DISTRICTS = "/ogc/collections/mobility_by_district/items"
ANALYST = {"Authorization": "Bearer analyst"}
EDITOR = {"Authorization": "Bearer editor"}


@pytest.fixture(scope="module")
def client(world):
    with by_token(world) as made:
        yield made


@pytest.fixture(scope="module")
def earlier(world):
    """The id of the release of Round 2."""
    store = FolderStore(ReleaseSettings(directory=world))
    return next(one.id for one in store.entries() if one.manifest and one.manifest.round.number == 2)


# Writing


def test_only_editors_write(client):
    paths = [
        (method, route.path)
        for route in routes_of(client.app)
        for method in route.methods - {"GET", "HEAD", "OPTIONS"}
    ]
    assert ("POST", "/rounds") in paths
    assert ("POST", "/facilities/{service}") in paths
    for method, path in paths:
        url = re.sub(r"\{[^}]+\}", "school", path)
        for headers in ({}, ANALYST):
            files = {"file": ("sites.csv", b"lon,lat\n64.1,46.1\n")}
            answer = client.request(method, url, headers=headers, files=files)
            assert answer.status_code == 403, (method, path)
            assert client.request(method, url, headers=headers).status_code == 403, (method, path)


def test_only_editors_see_jobs(client):
    for headers in ({}, ANALYST):
        assert client.get(f"/jobs/{'0' * 32}", headers=headers).status_code == 403
    assert client.get(f"/jobs/{'0' * 32}", headers=EDITOR).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "COPY"])
def test_no_other_method_gets_anything(client, method):
    for route in routes_of(client.app):
        url = re.sub(r"\{[^}]+\}", "villages", route.path)
        answer = client.request(method, url, headers={"X-HTTP-Method-Override": "GET"})
        assert 400 <= answer.status_code < 500, (method, route.path)
        assert "990000" not in answer.text


# Tokens


def test_a_token_that_is_over_or_taken_back_is_refused_and_none_is_the_public(world, tmp_path):
    kept = TokenFile(tmp_path / "tokens.json")
    _, analyst = kept.add("GIS unit", Role.ANALYST)
    gone, revoked = kept.add("Left", Role.EDITOR)
    kept.revoke(gone.id)
    _, over = kept.add("Guest", Role.EDITOR, dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=0.2))
    app = create_app(
        ApiSettings(store=str(world)),
        auth=AuthSettings(tokens=kept.path),
        uploads=UploadSettings(),
        is_local=True,
    )
    villages = "/ogc/collections/villages/items?limit=1"
    with TestClient(app, base_url="http://127.0.0.1") as asked:
        assert asked.get(villages, headers={"Authorization": f"Bearer {analyst}"}).status_code == 200
        # Tokens are configured, so that whoever has none is the public also on this machine.
        assert asked.get(villages).status_code == 404
        assert asked.get("/ogc/collections").status_code == 200
        until = dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=5)
        while asked.get("/rounds", headers={"Authorization": f"Bearer {over}"}).status_code == 200:
            assert dt.datetime.now(tz=dt.UTC) < until
        wrong = (revoked, over, f"{analyst}x", analyst[:-1], "editor", "", "gs_", f"{analyst} {analyst}")
        for text in wrong:
            for url in (villages, "/rounds", "/ogc"):
                answer = asked.get(url, headers={"Authorization": f"Bearer {text}"})
                assert answer.status_code == 401, text
                assert analyst not in answer.text
        for header in (f"Basic {analyst}", analyst, f"Token {analyst}"):
            assert asked.get(villages, headers={"Authorization": header}).status_code == 401
        twice = [("Authorization", f"Bearer {revoked}"), ("Authorization", f"Bearer {analyst}")]
        assert asked.get(villages, headers=twice).status_code == 401
        # A token counts in its header only.
        assert asked.get(f"{villages}&access_token={analyst}").status_code in {400, 404}
        assert asked.get(villages, cookies=None, headers={"Cookie": f"token={analyst}"}).status_code == 404
        for name in ("X-Forwarded-User", "X-Role", "X-Forwarded-Authorization", "Proxy-Authorization"):
            assert asked.get(villages, headers={name: f"Bearer {analyst}"}).status_code == 404


def test_without_tokens_a_service_that_others_reach_is_for_the_public(world, tmp_path):
    auth = AuthSettings(tokens=tmp_path / "none.json")
    for is_local, status in ((False, 404), (True, 200)):
        app = create_app(
            ApiSettings(store=str(world)), auth=auth, uploads=UploadSettings(), is_local=is_local
        )
        with TestClient(app, base_url="http://127.0.0.1") as asked:
            assert asked.get("/ogc/collections/villages/items?limit=1").status_code == status
            assert asked.post("/rounds").status_code == (403 if status == 404 else 415)


# Caches


def test_what_is_kept_of_one_role_is_never_given_to_another(client):
    urls = [one for one in attempts(client) if "/tiles/" not in one and "f=" not in one][::6]
    urls += [f"{DISTRICTS}?f=csv", "/ogc/collections/mobility_by_district/tiles/WebMercatorQuad/0/0/0"]
    compared = 0
    for url in urls:
        own, others = client.get(url), client.get(url, headers=ANALYST)
        if url.startswith(("/docs", "/static")):
            assert own.status_code != 200 or own.content == others.content
            continue
        assert (
            "authorization" in others.headers.get("vary", "").lower()
            or "no-store" in others.headers["cache-control"]
        ), url
        kept = others.headers.get("cache-control", "")
        if "no-store" in kept or others.status_code >= 300:
            continue
        assert "public" not in kept.replace("must-revalidate", ""), url
        assert "private" in kept, url
        assert own.headers.get("etag") != others.headers["etag"], url
        # A tag of another role says nothing of whether anything is there.
        for tag in (others.headers["etag"], f"W/{others.headers['etag']}", '"guess"'):
            again = client.get(url, headers={"If-None-Match": tag})
            assert again.status_code == own.status_code, url
            assert again.status_code != 304
        compared += 1
    assert compared > 40


def test_heads_options_ranges_and_codings_show_no_more(client):
    hidden = "/ogc/collections/villages/items"
    for headers in (
        {},
        {"Range": "bytes=0-100"},
        {"Accept-Encoding": "zstd"},
        {"Accept": "text/csv"},
        {"If-None-Match": "*"},
    ):
        assert client.head(hidden, headers=headers).status_code == 404
        assert client.get(hidden, headers=headers).status_code == 404
        assert client.get("/access/gaps?service=hospital", headers=headers).status_code == 403
        assert client.get("/audit", headers=headers).status_code == 403
    assert client.options(hidden).status_code == client.options("/ogc/collections/nothing/items").status_code
    lengths = {
        name: value for name, value in client.head(DISTRICTS).headers.items() if name.startswith("ogc-")
    }
    assert lengths == {
        name: value for name, value in client.get(DISTRICTS).headers.items() if name.startswith("ogc-")
    }
    bodies = {
        coding: client.get(f"{DISTRICTS}?limit=1000", headers={"Accept-Encoding": coding}).json()["features"]
        for coding in ("gzip", "identity")
    }
    assert bodies["gzip"] == bodies["identity"]
    part = client.get(f"{DISTRICTS}?limit=1000", headers={"Range": "bytes=0-10"})
    assert part.json()["features"] == bodies["gzip"]


# Cursors and releases


def test_cursors_of_others_are_of_no_use(client):
    for sort in ("", "&sortby=returnees", "&sortby=-labour_migrants", "&filter=villages>0"):
        url = f"{DISTRICTS}?limit=3{sort}"
        theirs = next(
            one["href"] for one in client.get(url, headers=ANALYST).json()["links"] if one["rel"] == "next"
        )
        theirs = theirs.removeprefix("http://testserver")
        assert client.get(theirs, headers=ANALYST).status_code == 200
        assert client.get(theirs).status_code == 400
        own = next(one["href"] for one in client.get(url).json()["links"] if one["rel"] == "next")
        assert client.get(own.removeprefix("http://testserver")).status_code == 200
    villages = client.get("/ogc/collections/villages/items?limit=3", headers=ANALYST).json()["links"]
    cursor = next(one["href"] for one in villages if one["rel"] == "next").partition("cursor=")[2]
    for path in (f"{DISTRICTS}?limit=3&", "/tables/groups?", "/tables/coverage_by_district?limit=2&"):
        assert client.get(f"{path}cursor={cursor}").status_code == 400
    assert client.get(f"/ogc/collections/villages/items?limit=3&cursor={cursor}").status_code == 404


def test_a_cursor_that_nobody_gave_opens_no_collection_of_any_release(client, world, earlier):
    current = manifest_of(world).id
    for release in (current, earlier, "0" * 32):
        for path in (
            "/ogc/collections/villages/items?limit=1",
            "/ogc/collections/public_mobility_by_district/items?limit=1",
            "/tables/mobility?limit=1",
            "/tables/access?limit=1",
            "/tables/contradictions?limit=1",
        ):
            answer = client.get(f"{path}&cursor={forged(release)}")
            assert answer.status_code in {400, 404}, path
        for path in (
            "/ogc/collections?",
            "/ogc/collections/villages?",
            "/ogc/collections/mobility_by_district?",
        ):
            answer = client.get(f"{path}cursor={forged(release)}")
            assert answer.status_code in {200, 400, 404}
            assert "villages_without" not in str([one["id"] for one in answer.json().get("collections", ())])


def test_earlier_rounds_have_the_same_walls(client):
    for url in (
        "/tables/mobility",
        "/tables/groups_by_sex",
        "/tables/key_informants",
        "/tables/public_groups",
        "/tables/villages",
    ):
        assert client.get(f"{url}?round=2").status_code == 404
    assert client.get("/access/gaps?service=school&round=2").status_code == 403
    assert client.get("/audit?round=2").status_code == 403
    names = {one["table"] for one in client.get("/tables?round=2").json()["rows"]}
    more = {one["table"] for one in client.get("/tables?round=2", headers=ANALYST).json()["rows"]}
    assert names < more
    assert not any("by_sex_and_district" in one or "contradictions" in one for one in names)


@pytest.mark.parametrize("path", ["/releases", "/rounds"])
def test_lists_of_releases_tell_the_public_only_of_those_that_answer_it(world, path):
    twin = twin_of(world)
    with client_of(twin, Role.PUBLIC) as asked:
        shown = plain(got(asked, path))
    current, before = manifest_of(twin).id, manifest_of(world).id
    assert current in shown
    assert before not in shown
