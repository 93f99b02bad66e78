"""Signing in from a browser: what the cookie is good for, and how it ends."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from api_world import world
from fastapi.testclient import TestClient
from pydantic import SecretStr
from signing_in import (
    HOST,
    KEY,
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
from test_oidc import RSA, claims, provider, shared, signed

from geo_service.api.security import session as module
from geo_service.api.security.oidc import SignedTokens
from geo_service.api.security.roles import Role
from geo_service.api.security.session import SessionCookie, Sessions
from geo_service.settings import ApiSettings, AuthSettings

__all__ = ["app", "client", "kept", "provider", "shared", "world"]

pytestmark = pytest.mark.xdist_group("public attacks")


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
