"""Signing in from a browser: what other sites can do with one that is signed in, and what is put into the form."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from api_world import world
from fastapi.testclient import TestClient
from signing_in import (
    HOST,
    NAME,
    OWN,
    VILLAGES,
    app,
    app_of,
    client,
    cookie_of,
    kept,
    sign_in,
    status_with,
)

from geo_service.api.security.session import is_for_people
from geo_service.web.sign_in import own_path

__all__ = ["app", "client", "kept", "world"]

pytestmark = pytest.mark.xdist_group("public attacks")


# Other sites


FOREIGN = (
    {},
    {"Origin": "https://evil.example.org"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": f"{HOST}.evil.example.org"},
    {"Origin": "http://sub.geo.example.org"},
    {"Origin": f"{HOST}:8080"},
    {"Origin": "https://map.example.org"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example.org"},
    {"Sec-Fetch-Site": "cross-site", "Origin": HOST},
    {"Sec-Fetch-Site": "same-site", "Origin": HOST},
    {"Referer": f"{HOST}/uploads/new"},
)


def test_another_site_can_neither_sign_anybody_in_or_out_nor_send_for_whoever_is(world, kept):
    app = app_of(world, kept.file.path, cors_origins=("https://map.example.org",))
    files = {"file": ("sites.csv", b"lon,lat\n64.1,46.1\n")}
    with TestClient(app, base_url=HOST, follow_redirects=False) as client:
        for headers in FOREIGN:
            answer = client.post("/sign-in", data={"token": kept.editor_text}, headers=headers)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), headers
        sign_in(client, kept.editor_text)
        for headers in FOREIGN:
            for path in (
                "/facilities/school",
                "/rounds",
                "/uploads/rounds",
                "/uploads/facilities",
                "/sign-out",
            ):
                answer = client.post(path, files=files, headers=headers)
                assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), (path, headers)
        two = [("Origin", HOST), ("Origin", "https://evil.example.org")]
        assert client.post("/facilities/school", files=files, headers=two).status_code == 403
        # A form as a page of this service sends it, in whatever way the browser says so.
        for headers in (OWN, {"Sec-Fetch-Site": "same-origin"}, OWN | {"Sec-Fetch-Site": "same-origin"}):
            assert client.post("/facilities/school", headers=headers).status_code == 415
        # A proxy that speaks https: the browser knows the origin, the service does not.
        proxied = {"Origin": HOST.replace("http:", "https:"), "Sec-Fetch-Site": "same-origin"}
        assert client.post("/facilities/school", headers=proxied).status_code == 415
        client.cookies.clear()
        # A token needs no origin: no other site has it.
        token = {"Authorization": f"Bearer {kept.editor_text}"}
        assert client.post("/facilities/school", headers=token).status_code == 415
        asked = {"Origin": "https://map.example.org", "Access-Control-Request-Method": "POST"}
        preflight = client.options("/uploads/rounds", headers=asked)
        assert "access-control-allow-credentials" not in preflight.headers


@pytest.mark.parametrize("name", ["/uploads/rounds", "/sign-in"])
def test_on_a_service_of_one_machine_other_sites_fill_in_no_form(world, tmp_path, name):
    app = app_of(world, tmp_path / "none.json", is_local=True)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.post(name, headers={"Origin": "https://evil.example.org"}).status_code == 403
        assert client.post(name).status_code == 403
        own = client.post(name, headers={"Origin": "http://127.0.0.1:8000"})
        assert own.status_code in {400, 415}


def test_a_public_answer_may_be_kept_and_one_of_a_session_may_not(client, kept):
    url = "/coverage/assessment"
    public = client.get(url)
    sign_in(client, kept.analyst_text)
    own = client.get(url)
    assert public.headers["cache-control"].startswith("public")
    assert own.headers["cache-control"] == "private, no-cache"
    assert public.headers["etag"] != own.headers["etag"]
    for one in (public, own):
        assert {"cookie", "authorization"} <= set(one.headers["vary"].lower().replace(" ", "").split(","))
    client.cookies.clear()
    again = client.get(url, headers={"If-None-Match": own.headers["etag"]})
    assert again.status_code == 200
    known = client.get(url, headers={"If-None-Match": public.headers["etag"]})
    assert (known.status_code, "Cookie" in known.headers["vary"]) == (304, True)
    # An answer that takes a cookie back is for nobody else.
    over = client.get(url, headers={"Cookie": f"{NAME}=stale"})
    assert (over.status_code, over.headers["cache-control"]) == (401, "no-store")


# The form


def test_a_wrong_token_is_said_without_being_repeated(client, kept):
    for wrong in (f"{kept.editor_text}x", "<script>alert(1)</script>", "gs_" + "a" * 15_000, "ключ"):
        page = sign_in(client, wrong, "?lang=ru")
        assert (page.status_code, page.headers["cache-control"]) == (401, "no-store")
        assert "Этот токен не действует" in page.text
        assert 'role="alert"' in page.text
        assert wrong[:40] not in page.text
        assert "set-cookie" not in page.headers
    assert sign_in(client, "  ").status_code == 400
    for body in ({"token": ["a", "b"]}, {"token": kept.editor_text, "role": "editor"}):
        assert client.post("/sign-in", data=body, headers=OWN).status_code == 400
    assert client.post("/sign-in", json={"token": kept.editor_text}, headers=OWN).status_code == 415
    assert client.post("/sign-in", files={"token": b"x"}, headers=OWN).status_code == 415
    large = sign_in(client, "x" * 70_000)
    assert (large.status_code, large.headers["content-type"]) == (413, "text/html; charset=utf-8")
    # A token in a URL would stand in logs and histories.
    assert client.get(f"/sign-in?token={kept.editor_text}").status_code == 400


def test_guessing_has_a_limit_that_no_other_address_feels(app, kept):
    with TestClient(app, base_url=HOST, client=("192.0.2.1", 1), follow_redirects=False) as guesser:
        statuses = [sign_in(guesser, "gs_guess").status_code for _ in range(22)]
        assert statuses[:20] == [401] * 20
        assert statuses[-1] == 429
        assert "retry-after" in sign_in(guesser, kept.editor_text).headers
    with TestClient(app, base_url=HOST, client=("192.0.2.2", 1), follow_redirects=False) as other:
        assert sign_in(other, kept.editor_text).status_code == 303


def test_a_session_counts_for_its_token_and_a_stale_one_for_the_address(world, kept):
    with TestClient(app_of(world, kept.file.path, rate_per_minute=8), base_url=HOST) as client:
        cookie = f"{NAME}={cookie_of(client.post('/sign-in', data={'token': kept.editor_text}, headers=OWN, follow_redirects=False))}"
        statuses = [status_with(client, f"{NAME}=stale") for _ in range(9)]
        assert (statuses[0], statuses[-1]) == (401, 429)
        assert status_with(client, cookie, "/ogc") == 200
        token = {"Authorization": f"Bearer {kept.editor_text}"}
        left = [client.get("/ogc", headers=token).headers["ratelimit"] for _ in range(2)]
        assert left == ['"minute";r=6;t=60', '"minute";r=5;t=60']


@pytest.mark.parametrize(
    "given",
    [
        *(
            "//evil.example.org",
            "///evil.example.org",
            "/\\evil.example.org",
            "\\\\evil.example.org",
            "/%5cevil.example.org",
        ),
        *(
            "https://evil.example.org",
            "https:evil.example.org",
            "javascript:alert(1)",
            "evil.example.org",
            "@evil",
            "",
        ),
        *(
            "/%2fevil.example.org/..",
            "/%2Fevil",
            "/%252fevil",
            "/a/../../evil",
            "/%2e%2e/evil",
            "/a/%252e%252e/evil",
        ),
        *(
            "/a\r\nSet-Cookie: a=b",
            "/a\nb",
            "/a%0d%0aSet-Cookie:%20a=b",
            "/\t/evil",
            "/ /evil",
            "/\x00",
            "/é",
            f"/{'a' * 5_000}",
        ),
    ],
)
def test_another_place_than_a_path_of_the_service_is_its_first_page(given):
    assert own_path(given) == "/"


OWN_PATHS = ("/", "/uploads/new", "/?service=hospital&lang=kk", "/access/gaps?q=%D0%90%20b&x=//a", "/a/b;c=d")


def test_one_comes_back_to_where_one_was_and_nowhere_else(client, kept):
    for given in OWN_PATHS:
        assert own_path(given) == given
        answer = sign_in(client, kept.editor_text, f"?next={quote(given, safe='')}")
        assert answer.headers["location"] == f"{HOST}{given}"
    for given in ("//evil.example.org", "https://evil.example.org", "/a\r\nSet-Cookie: a=b", '"><script>'):
        answer = sign_in(client, kept.editor_text, f"?next={quote(given, safe='')}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{HOST}/")
        assert answer.headers["set-cookie"].startswith(NAME)
        page = client.get(f"/sign-in?next={quote(given, safe='')}").text
        assert not re.search(r'(href|action)="(?!http://geo\.example\.org/|#|data:,)', page)
        assert "<script>" not in page


def test_where_nobody_has_to_sign_in_the_page_says_so(world, tmp_path):
    for is_local, said in ((True, "everybody here is an editor"), (False, "no token was ever made")):
        app = app_of(world, tmp_path / "none.json", is_local=is_local)
        with TestClient(app, base_url="http://127.0.0.1") as client:
            page = client.get("/sign-in", headers={"Cookie": f"{NAME}=of-another-service"})
            assert said in page.text
            assert "<form" not in page.text
            assert client.get(VILLAGES, headers={"Cookie": f"{NAME}=x"}).status_code == (
                200 if is_local else 404
            )
            wrong = client.post("/sign-in", data={"token": "gs_x"}, headers={"Origin": "http://127.0.0.1"})
            assert wrong.status_code == 401


def test_no_site_lays_its_buttons_over_a_form_though_maps_may_be_embedded(world, kept):
    app = app_of(world, kept.file.path, frame_ancestors=("https://elsewhere.example.org",))
    with TestClient(app, base_url=HOST) as client:
        for path in ("/sign-in", "/uploads/new", "/uploads/findings"):
            assert "frame-ancestors 'none'" in client.get(path).headers["content-security-policy"]
        assert "elsewhere" in client.get("/docs").headers["content-security-policy"]


def test_heads_and_options_of_the_pages_do_nothing(client):
    assert client.head("/sign-in").status_code == 200
    assert client.head("/sign-out").status_code == 405
    for path in ("/sign-in", "/sign-out", "/uploads/new", "/uploads/rounds"):
        answer = client.options(path)
        assert (answer.status_code, "set-cookie" in answer.headers) == (405, False)
    assert client.get("/sign-out").status_code == 405
    assert client.put("/sign-in", headers=OWN).status_code == 405


def test_pages_of_people_are_known_by_their_path():
    assert all(map(is_for_people, ("/", "/sign-in", "/sign-out", "/uploads/new")))
    assert not any(map(is_for_people, ("/rounds", "/sign-in/x", "/uploadsx", "/access/gaps", "")))
