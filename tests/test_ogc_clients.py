"""Real clients on a real socket: GDAL's OAPIF driver, OWSLib and QGIS, and what each of them asked the service."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import owslib.ogcapi.features as owslib_features
import pyogrio
import pytest

from tests.conftest import skip_or_fail
from tests.ogc_server import ogc_server
from tests.ogc_world import collections_of, editor, epsg, rows, world

__all__ = ["editor", "world"]

pytestmark = pytest.mark.xdist_group("OGC clients")

SYSTEM_PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="session")
def served(world):
    with ogc_server(world) as server:
        yield server


@pytest.fixture
def server(served):
    served.forget()
    return served


def read(server, layer, **options):
    return pyogrio.read_dataframe(f"OAPIF:{server.url}", layer=layer, **options)


def last_asked(server, name):
    return server.asked(f"/collections/{name}/items")[-1]


def test_gdal_lists_every_collection_with_the_type_of_its_geometry(server, editor):
    listed = dict(pyogrio.list_layers(f"OAPIF:{server.url}"))
    assert set(listed) == {one["id"] for one in collections_of(editor)}
    assert (listed["villages"], listed["facilities"]) == ("Point", "Point")


def test_gdal_counts_by_the_number_that_the_service_says(server, editor):
    said = pyogrio.read_info(f"OAPIF:{server.url}", layer="villages", force_feature_count=True)
    assert said["features"] == len(rows(editor, "villages"))
    assert "CRS84" in said["crs"]
    assert set(said["fields"]) == set(rows(editor, "villages").columns) - {"geometry"}


def test_gdal_reads_all_pages_with_the_values_of_the_rows(server, editor):
    found = read(server, "villages", PAGE_SIZE=40).set_index("id")
    frame = rows(editor, "villages")
    assert len(found) == len(frame)
    assert len([one for one in server.asked("/collections/villages/items") if one["limit"] == ["40"]]) == 4
    mine = frame.loc[found.index]
    for column in ("village_name", "households", "adm2_pcode", "synthetic"):
        known = mine[column].notna().to_numpy()
        np.testing.assert_array_equal(found[column][known].to_numpy(), mine[column][known].to_numpy())
        assert found[column][~known].isna().all()
    days = mine["interviewed_on"].astype(str).tolist()
    assert found["interviewed_on"].dt.date.astype(str).tolist() == days
    assert [one if one is None else one.wkb for one in found.geometry] == [
        one if one is None else one.wkb for one in mine.geometry
    ]


def test_gdal_lets_the_service_filter_by_properties(server, editor):
    frame = rows(editor, "facilities")
    found = read(server, "facilities", where="service = 'hospital'")
    assert last_asked(server, "facilities")["service"] == ["hospital"]
    assert set(found["id"]) == set(frame["id"][frame["service"] == "hospital"])
    several = read(server, "villages", where="adm1_pcode = 'KAZ901' AND synthetic = 1 AND households > 200")
    assert last_asked(server, "villages")["adm1_pcode"] == ["KAZ901"]
    assert last_asked(server, "villages")["synthetic"] == ["1"]
    villages = rows(editor, "villages")
    assert set(several["id"]) == set(
        villages["id"][(villages["adm1_pcode"] == "KAZ901") & (villages["households"] > 200)]
    )


def test_gdal_lets_the_service_cut_out_a_box(server, editor):
    frame = rows(editor, "villages")
    found = read(server, "villages", bbox=(64.0, 46.0, 68.0, 47.5))
    assert [float(one) for one in last_asked(server, "villages")["bbox"][0].split(",")] == [
        64.0,
        46.0,
        68.0,
        47.5,
    ]
    assert set(found["id"]) == set(frame.cx[64.0:68.0, 46.0:47.5]["id"])


@pytest.mark.parametrize("code", [3857, 32642])
def test_gdal_reads_other_reference_systems(server, editor, code):
    found = read(server, "facilities", CRS=f"EPSG:{code}").set_index("id")
    assert last_asked(server, "facilities")["crs"] == [epsg(code)]
    expected = rows(editor, "facilities").loc[found.index].to_crs(code)
    np.testing.assert_allclose(found.geometry.x, expected.geometry.x, atol=1e-6)
    np.testing.assert_allclose(found.geometry.y, expected.geometry.y, atol=1e-6)


def test_owslib_reads_collections_queryables_and_pages_of_a_filter(server, editor):
    client = owslib_features.Features(server.url)
    assert set(client.feature_collections()) == {one["id"] for one in collections_of(editor)}
    assert client.conformance()["conformsTo"]
    assert "households" in client.collection_queryables("villages")["properties"]
    assert client.collection("villages")["id"] == "villages"
    frame = rows(editor, "villages")
    text = "households > 300 AND adm1_pcode IN ('KAZ901', 'KAZ902')"
    expected = set(frame["id"][(frame["households"] > 300) & frame["adm1_pcode"].isin(["KAZ901", "KAZ902"])])
    first = client.collection_items("villages", filter=text, limit=10)
    assert first["numberMatched"] == len(expected)
    assert last_asked(server, "villages")["filter"] == [text]
    box = client.collection_items("villages", bbox=[64, 46, 68, 47.5], limit=1000)
    assert {one["id"] for one in box["features"]} == set(frame.cx[64:68, 46:47.5]["id"])
    one = client.collection_item("villages", first["features"][0]["id"])
    assert one["properties"] == first["features"][0]["properties"]


@cache
def has_qgis():
    if not Path(SYSTEM_PYTHON).exists():
        return False
    command = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
url, name, subset = sys.argv[1:4]
uri = f"url='{url}' typename='{name}' pageSize='40'"
layer = QgsVectorLayer(uri, name, "OAPIF")
said = {"valid": layer.isValid(), "error": layer.dataProvider().error().message() if layer.dataProvider() else ""}
if layer.isValid():
    said["fields"] = [one.name() for one in layer.fields()]
    said["crs"] = layer.crs().authid()
    said["ids"] = [one["id"] if "id" in said["fields"] else one.id() for one in layer.getFeatures()]
    said["names"] = [one["village_name"] for one in layer.getFeatures()]
    said["count"] = layer.featureCount()
    fresh = QgsVectorLayer(uri + " restrictToRequestBBOX='1'", name, "OAPIF")
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(64, 46, 68, 47.5))
    said["box"] = [one["village_name"] for one in fresh.getFeatures(request)]
    filtered = QgsVectorLayer(uri, name, "OAPIF")
    said["taken"] = filtered.setSubsetString(subset)
    said["filtered"] = [one["village_name"] for one in filtered.getFeatures()]
    since = QgsVectorLayer(uri, name, "OAPIF")
    since.setSubsetString("interviewed_on >= '2023-12-20'")
    said["since"] = [one["village_name"] for one in since.getFeatures()]
print("said " + json.dumps(said, default=str), flush=True)
import os
os._exit(0)
"""


@pytest.mark.qgis
def test_qgis_reads_all_pages_cuts_out_a_box_and_filters(server, editor, tmp_path):
    if not has_qgis():
        skip_or_fail("qgis", "PyQGIS was not found: apt-get install python3-qgis qgis-providers")
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    command = [SYSTEM_PYTHON, "-c", QGIS, server.url, "villages", "adm1_pcode = 'KAZ901'"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    [line] = [one for one in run.stdout.splitlines() if one.startswith("said ")]
    said = json.loads(line.removeprefix("said "))
    assert said["valid"], said["error"]
    frame = rows(editor, "villages")
    assert said["count"] == len(frame)
    assert sorted(said["names"]) == sorted(frame["village_name"])
    assert {"village_name", "households", "interviewed_on"} <= set(said["fields"])
    assert sorted(said["box"]) == sorted(frame.cx[64:68, 46:47.5]["village_name"])
    assert said["taken"]
    assert sorted(said["filtered"]) == sorted(frame["village_name"][frame["adm1_pcode"] == "KAZ901"])
    asked = server.asked("/collections/villages/items")
    assert any("bbox" in one for one in asked)
    assert any(one.get("limit") == ["40"] and "cursor" in one for one in asked)
    days = frame["interviewed_on"].astype(str)
    assert sorted(said["since"]) == sorted(frame["village_name"][days >= "2023-12-20"])
    assert any(one.get("datetime", [""])[0].startswith("2023-12-20/") for one in asked)
