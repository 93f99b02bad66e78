"""What tests of OGC API share: clients of the made-up country, and its rows as nobody but the store has them."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from geo_service.api.catalogue import edition_for, layers
from geo_service.api.security.roles import Role
from geo_service.query.questions import Features
from geo_service.release.stores import open_store
from tests.api import client_of
from tests.api_world import world

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CRS84", "both", "collections_of", "editor", "epsg", "follow", "link", "public", "rows", "world"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def epsg(code):
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


@pytest.fixture(scope="session")
def editor(world):
    with client_of(world, Role.EDITOR) as client:
        client.role, client.store = Role.EDITOR, world
        yield client


@pytest.fixture(scope="session")
def public(world):
    with client_of(world, Role.PUBLIC) as client:
        client.role, client.store = Role.PUBLIC, world
        yield client


@pytest.fixture(params=["editor", "public"])
def both(request):
    """A client that sees everything, then one that sees what everybody may."""
    return request.getfixturevalue(request.param)


def collections_of(client):
    """The entries of the list of collections."""
    answer = client.get("/ogc/collections")
    assert answer.status_code == 200
    return answer.json()["collections"]


def link(document, rel, media=None):
    """The address of the first link of a relation and a type."""
    return next(
        one["href"]
        for one in document["links"]
        if one["rel"] == rel and (media is None or one["type"] == media)
    )


def follow(client, url, **parameters):
    """Each page from a URL to the last."""
    answer = client.get(url, params=parameters or None)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not following:
            return
        answer = client.get(following[0])


def rows(client, name):
    """All features of a collection as the store has them, by id; dates as text."""
    return _rows(client.store, client.role, name)


@cache
def _rows(store: Path, role: Role, name: str) -> gpd.GeoDataFrame:
    with closing(open_store(str(store))) as opened, opened.open() as release:
        edition = edition_for(release, role)
        assert name in layers(edition)
        with edition.batches(name, Features()) as reader:
            table = reader.read_all()
        geometry = edition.collection(name).geometry
    columns = {one: table[one].to_pylist() for one in table.column_names if one != geometry}
    shapes = shapely.from_wkb(table[geometry].to_numpy())
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326").set_index("id", drop=False)
