"""Signing in from a browser: what the cookie is good for, and what others can do with a browser that has one."""

from __future__ import annotations

import datetime as dt
import re
import time
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from api_world import world
from fastapi.testclient import TestClient
from pydantic import SecretStr
from test_oidc import RSA, claims, provider, shared, signed

from geo_service.api.security import session as module
from geo_service.api.security.oidc import SignedTokens
from geo_service.api.security.roles import Role
from geo_service.api.security.session import SessionCookie, Sessions, is_for_people
from geo_service.api.security.tokens import TokenFile
from geo_service.settings import ApiSettings, AuthSettings, UploadSettings
from geo_service.web.app import create_app
from geo_service.web.sign_in import own_path

__all__ = ["provider", "shared", "world"]

pytestmark = pytest.mark.xdist_group("public attacks")

NAME = "geo-service-session"
HOST = "http://geo.example.org"
OWN = {"Origin": HOST}
VILLAGES = "/ogc/collections/villages/items?limit=1"
KEY = "a key of tests"


@pytest.fixture
def kept(tmp_path):
    file = TokenFile(tmp_path / "tokens.json")
    editor, editor_text = file.add("Editor", Role.EDITOR)
    _, analyst_text = file.add("GIS unit", Role.ANALYST)
    return SimpleNamespace(file=file, editor=editor, editor_text=editor_text, analyst_text=analyst_text)


def app_of(store, tokens, *, is_local=False, auth=None, **settings):
    auth = auth or AuthSettings(tokens=tokens, session_key=KEY)
    return create_app(
        ApiSettings(store=str(store), **settings),
        auth=auth,
        uploads=UploadSettings(directory=tokens.parent / "jobs"),
        is_local=is_local,
    )


@pytest.fixture
def app(world, kept):
    return app_of(world, kept.file.path)


@pytest.fixture
def client(app):
    with TestClient(app, base_url=HOST, follow_redirects=False) as made:
        yield made


def sign_in(client, token, query="", **headers):
    return client.post(
        f"/sign-in{query}", data={"token": token}, headers=OWN | headers, follow_redirects=False
    )


def cookie_of(answer, name=NAME):
    return re.match(rf"{name}=([^;]*);", answer.headers["set-cookie"])[1]


def status_with(client, cookie, url=VILLAGES, **headers):
    """The status of whoever has this header `Cookie`, and nothing that the client kept."""
    client.cookies.clear()
    return client.get(url, headers={"Cookie": cookie, **headers}).status_code


# What the cookie is


def test_a_token_in_the_form_gives_its_role_until_one_signs_out(client, kept):
    assert client.get(VILLAGES).status_code == 404
    page = client.get("/sign-in?next=/coverage/assessment&lang=ru")
    assert page.headers["cache-control"] == "no-store"
    assert 'autocomplete="current-password"' in page.text
    answer = sign_in(client, f" {kept.analyst_text}\n", "?next=/coverage/assessment")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOST}/coverage/assessment")
    assert answer.headers["cache-control"] == "no-store"
    found = client.get(VILLAGES)
    assert found.status_code == 200
    assert found.headers["cache-control"] == "private, no-cache"
    assert "cookie" in found.headers["vary"].lower()
    assert "analyst" in client.get("/sign-in").text
    out = client.post("/sign-out", headers=OWN)
    assert (out.status_code, cookie_of(out)) == (303, "")
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert client.get(VILLAGES).status_code == 404


def test_the_cookie_has_no_token_and_no_script_sees_it(client, kept):
    answer = sign_in(client, kept.analyst_text)
    said = answer.headers["set-cookie"]
    assert kept.analyst_text.rsplit("_", 1)[1] not in said
    assert said.endswith("; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax")
    # It is no token either.
    header = {"Authorization": f"Bearer {cookie_of(answer)}"}
    client.cookies.clear()
    assert client.get(VILLAGES, headers=header).status_code == 401


@pytest.mark.parametrize(
    ("public_url", "scheme", "root_path", "name", "path", "is_secure"),
    [
        (None, "http", "", NAME, "/", False),
        (None, "https", "", f"__Host-{NAME}", "/", True),
        ("https://geo.example.org", "http", "", f"__Host-{NAME}", "/", True),
        ("https://geo.example.org/mtm/", "http", "", f"__Secure-{NAME}", "/mtm", True),
        ("http://geo.example.org/mtm", "http", "", NAME, "/mtm", False),
        (None, "http", "/mtm", NAME, "/mtm", False),
    ],
)
def test_the_cookie_is_for_this_service_only_and_for_https_where_people_come_by_it(
    public_url, scheme, root_path, name, path, is_secure
):
    cookie = SessionCookie(ApiSettings(public_url=public_url))
    scope = {"scheme": scheme, "root_path": root_path, "headers": [(b"cookie", f"{name}=abc".encode())]}
    said = cookie.set(scope, "abc", 60)
    assert said.startswith(f"{name}=abc; Path={path}; Max-Age=60; HttpOnly; SameSite=Lax")
    assert said.endswith("; Secure") == is_secure
    assert cookie.given(scope) == "abc"
    # A cookie without the prefix may have been set by a neighbour, or without https.
    plain = {**scope, "headers": [(b"cookie", f"{NAME}=abc".encode())]}
    assert (cookie.given(plain) is None) == is_secure


def test_any_worker_knows_a_session_and_no_other_service_does(world, kept):
    def made(key, **auth):
        return app_of(
            world, kept.file.path, auth=AuthSettings(tokens=kept.file.path, session_key=key, **auth)
        )

    with TestClient(made(KEY), base_url=HOST) as first:
        cookie = f"{NAME}={cookie_of(sign_in(first, kept.editor_text))}"
    statuses = []
    for other in (made(KEY), made("another key"), made(""), made(KEY, oidc_audience="else")):
        with TestClient(other, base_url=HOST) as client:
            statuses.append(status_with(client, cookie))
    assert statuses == [200, 401, 401, 401]


# How it ends


def test_a_session_ends_at_once_with_its_token_and_its_cookie_is_taken_back(client, kept):
    sign_in(client, kept.editor_text)
    stolen = client.cookies[NAME]
    assert client.get("/uploads/new").status_code == 200
    kept.file.revoke(kept.editor.id)
    # Whoever believes to be signed in is told once, and not shown less in silence.
    told = client.get(VILLAGES)
    assert (told.status_code, told.json()["parameter"]) == (401, "Cookie")
    assert (cookie_of(told), told.headers["cache-control"]) == ("", "no-store")
    assert client.get(VILLAGES).status_code == 404
    assert client.get("/ogc/collections").status_code == 200
    assert status_with(client, f"{NAME}={stolen}") == 401
    page = client.get("/uploads/new", headers={"Cookie": f"{NAME}={stolen}"})
    assert (page.status_code, cookie_of(page)) == (403, "")
    page = client.get("/sign-in", headers={"Cookie": f"{NAME}={stolen}"})
    assert (page.status_code, cookie_of(page), page.headers["cache-control"]) == (200, "", "no-store")
    page = client.get(VILLAGES, headers={"Cookie": f"{NAME}={stolen}", "Sec-Fetch-Mode": "navigate"})
    assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert cookie_of(page) == ""
    assert "You are signed out" in page.text


def test_a_session_lasts_some_hours_and_no_longer_than_its_token(kept, monkeypatch):
    sessions = Sessions(AuthSettings(session_key=KEY), kept.file, None)
    until = dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=1)
    _, short_text = kept.file.add("Guest", Role.ANALYST, until)
    long, short = sessions.begin(kept.editor_text), sessions.begin(short_text)
    assert (long.seconds, long.caller.role) == (28_800, Role.EDITOR)
    assert 3_590 < short.seconds <= 3_600
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 3_601)
    assert sessions.caller(short.value) is None
    assert sessions.caller(long.value).role is Role.EDITOR
    monkeypatch.setattr(module.time, "time", lambda: now + 28_801)
    assert sessions.caller(long.value) is None


def test_a_session_of_a_signed_token_ends_with_it_and_with_its_key(world, kept, provider):
    auth = AuthSettings(
        tokens=kept.file.path, oidc_issuer=provider.url, oidc_audience="geo-service", session_key=KEY
    )
    with TestClient(
        app_of(world, kept.file.path, auth=auth), base_url=HOST, follow_redirects=False
    ) as client:
        answer = sign_in(client, signed(claims(provider)))
        assert answer.status_code == 303
        assert 290 < int(re.search(r"Max-Age=(\d+)", answer.headers["set-cookie"])[1]) <= 300
        cookie = f"{NAME}={cookie_of(answer)}"
        assert status_with(client, cookie) == 200
        assert status_with(client, cookie, "/uploads/new") == 403
        wrong = signed(claims(provider, exp=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)))
        assert sign_in(client, wrong).status_code == 401
        del provider.keys["rsa"]
        keys = client.app.state.authenticator._signed
        keys._fetched = keys._tried = float("-inf")
        assert status_with(client, cookie) == 401
        provider.keys["rsa"] = RSA
        keys._fetched = keys._tried = float("-inf")
        assert status_with(client, cookie) == 200
        provider.up = False
        keys._fetched = keys._tried = float("-inf")
        keys._keys = {}
        assert status_with(client, cookie) == 503


def test_tokens_that_cannot_be_read_are_503_for_whoever_is_or_would_be_signed_in(client, kept):
    sign_in(client, kept.editor_text)
    kept.file.path.write_text("no tokens")
    assert client.get(VILLAGES).status_code == 503
    page = sign_in(client, kept.editor_text)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert str(kept.file.path) not in page.text


# Cookies that somebody made


def test_a_cookie_that_nobody_was_given_is_of_no_use(client, kept):
    good = cookie_of(sign_in(client, kept.analyst_text))
    content, _, mac = good.partition(".")
    swapped = cookie_of(sign_in(client, kept.editor_text)).partition(".")[0]
    for wrong in (
        *(f"{swapped}.{mac}", f"{content}.{mac[:-1]}", f"{content}.", f".{mac}", mac, content, "x", "a.b"),
        *(f"{content}.{'A' * 43}", f"{content}x.{mac}", kept.analyst_text, "null", "[]", "9" * 20_000),
        *(
            f"bnVsbA.{'A' * 43}",
            f"W10.{'A' * 43}",
            f"e30.{'A' * 43}",
            f"eyJ0b2tlbiI6e319.{'A' * 43}",
            '"',
            "%00",
        ),
    ):
        assert status_with(client, f"{NAME}={wrong}") == 401, wrong[:80]
    assert status_with(client, f"{NAME}={good}") == 200
    assert status_with(client, f"other=1; {NAME}={good}; third=3") == 200
    assert status_with(client, f"x{NAME}={good}; {NAME}x={good}") == 404
    # Of several one is somebody else's, and nobody knows which.
    assert status_with(client, f"{NAME}={good}; {NAME}={swapped}.{mac}") == 401
    assert status_with(client, f"{NAME}={good}; {NAME}={good}") == 401
    assert status_with(client, f"{NAME}={good}; big={'x' * 40_000}") == 431


def test_a_session_that_claims_a_role_needs_the_key(kept, provider):
    auth = AuthSettings(oidc_issuer=provider.url, oidc_audience="geo-service", session_key=KEY)
    signers = SignedTokens(auth)
    said = {"name": "oidc:0", "role": "editor", "key": "rsa", "ends": int(time.time()) + 60}
    own, guessed = (
        Sessions(auth.model_copy(update={"session_key": SecretStr(key)}), kept.file, signers)
        for key in (KEY, "guessed")
    )
    assert own.caller(own._sealed(said, "")).role is Role.EDITOR
    assert own.caller(guessed._sealed(said, "")) is None
    # Nor is that of a token one of an issuer: its hash is not in it.
    assert own.caller(own._sealed({"token": kept.editor.id, "ends": said["ends"]}, "")) is None


def test_signing_in_takes_no_session_that_was_there_before(client, kept):
    planted = cookie_of(sign_in(client, kept.analyst_text))
    answer = client.post(
        "/sign-in", data={"token": kept.editor_text}, headers=OWN | {"Cookie": f"{NAME}={planted}"}
    )
    assert cookie_of(answer) not in {planted, ""}
    assert status_with(client, f"{NAME}={planted}", "/uploads/new") == 403
    assert status_with(client, f"{NAME}={cookie_of(answer)}", "/uploads/new") == 200


def test_a_token_in_its_header_goes_before_the_cookie_right_or_wrong(client, kept):
    sign_in(client, kept.editor_text)
    analyst = {"Authorization": f"Bearer {kept.analyst_text}"}
    assert client.get("/uploads/new").status_code == 200
    assert client.get("/uploads/new", headers=analyst).status_code == 403
    assert client.get(VILLAGES, headers={"Authorization": "Bearer gs_wrong"}).status_code == 401
    assert client.get(VILLAGES, headers={"Authorization": ""}).status_code == 401
    client.cookies.set(NAME, "stale")
    assert client.get(VILLAGES, headers=analyst).status_code == 200


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
