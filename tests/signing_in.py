"""A service with tokens, and browsers that sign in to it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import TokenFile
from geo_service.settings import ApiSettings, AuthSettings, UploadSettings
from geo_service.web.app import create_app

__all__ = [
    "HOST",
    "KEY",
    "NAME",
    "OWN",
    "VILLAGES",
    "app",
    "app_of",
    "client",
    "cookie_of",
    "kept",
    "sign_in",
    "status_with",
]

NAME = "geo-service-session"
HOST = "http://geo.example.org"
OWN = {"Origin": HOST}
VILLAGES = "/ogc/collections/villages/items?limit=1"
KEY = "a key of tests"


@pytest.fixture
def kept(tmp_path):
    """The tokens of an editor and of an analyst."""
    file = TokenFile(tmp_path / "tokens.json")
    editor, editor_text = file.add("Editor", Role.EDITOR)
    _, analyst_text = file.add("GIS unit", Role.ANALYST)
    return SimpleNamespace(file=file, editor=editor, editor_text=editor_text, analyst_text=analyst_text)


def app_of(store, tokens, *, is_local=False, auth=None, **settings):
    """A service over a store, with a file of tokens."""
    auth = auth or AuthSettings(tokens=tokens, session_key=KEY)
    return create_app(
        ApiSettings(store=str(store), **settings),
        auth=auth,
        uploads=UploadSettings(directory=tokens.parent / "jobs"),
        is_local=is_local,
    )


@pytest.fixture
def app(world, kept):
    """The service that they are for."""
    return app_of(world, kept.file.path)


@pytest.fixture
def client(app):
    """A browser."""
    with TestClient(app, base_url=HOST, follow_redirects=False) as made:
        yield made


def sign_in(client, token, query="", **headers):
    """The answer to a form that a page of the service has sent."""
    return client.post(
        f"/sign-in{query}", data={"token": token}, headers=OWN | headers, follow_redirects=False
    )


def cookie_of(answer, name=NAME):
    """The value of the cookie that an answer sets."""
    return re.match(rf"{name}=([^;]*);", answer.headers["set-cookie"])[1]


def status_with(client, cookie, url=VILLAGES, **headers):
    """The status of whoever has this header `Cookie`, and nothing that the client kept."""
    client.cookies.clear()
    return client.get(url, headers={"Cookie": cookie, **headers}).status_code
