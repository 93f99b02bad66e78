"""Tiles and what is said of them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.ogc_world import both, editor, public, rows, world

__all__ = ["both", "editor", "public", "world"]

MVT = "application/vnd.mapbox-vector-tile"


def test_the_tilesets_of_every_collection_lead_to_tiles(both):
    for entry in both.get("/ogc/collections").json()["collections"]:
        here = f"/ogc/collections/{entry['id']}/tiles"
        [tileset] = both.get(here).json()["tilesets"]
        assert tileset["tileMatrixSetURI"].endswith("/WebMercatorQuad")
        whole = both.get(next(one["href"] for one in tileset["links"] if one["rel"] == "self")).json()
        [template] = [one for one in whole["links"] if one["rel"] == "item"]
        assert template["templated"]
        url = template["href"].format(tileMatrix=0, tileRow=0, tileCol=0)
        answer = both.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, MVT)
        assert entry["id"].encode() in answer.content
        said = both.get(f"{here}/WebMercatorQuad/tilejson").json()
        assert said["tilejson"] == "3.0.0"
        assert both.get(said["tiles"][0].format(z=0, x=0, y=0)).content == answer.content
        assert said["vector_layers"][0]["id"] == entry["id"]
        assert "fid" not in said["vector_layers"][0]["fields"]


def test_a_tile_is_at_its_row_and_column(editor):
    one = rows(editor, "facilities").iloc[0]
    x = int((one.geometry.x + 180) / 360 * 2**4)
    here = "/ogc/collections/facilities/tiles/WebMercatorQuad/4"
    assert editor.get(f"{here}/5/{x}").status_code == 200
    assert editor.get(f"{here}/{x}/5").status_code == 204
    assert editor.get(f"{here}/{x}/5").content == b""


@pytest.mark.parametrize(
    "tile", ["23/0/0", "0/1/0", "0/0/1", "1/2/0", "-1/0/0", "a/0/0", "0/0/0.5", "99999999999/0/0"]
)
def test_a_tile_that_there_is_not_is_not_found(both, tile):
    answer = both.get(f"/ogc/collections/regions/tiles/WebMercatorQuad/{tile}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_another_tile_matrix_set_is_not_found(both):
    for path in ("", "/tilejson", "/0/0/0"):
        assert both.get(f"/ogc/collections/regions/tiles/WorldCRS84Quad{path}").status_code == 404
    assert both.get("/ogc/tileMatrixSets/WorldCRS84Quad").status_code == 404


def test_a_tile_has_only_what_a_filter_leaves(both):
    url = "/ogc/collections/facilities/tiles/WebMercatorQuad/0/0/0"
    whole = both.get(url).content
    for parameters in ({"service": "hospital"}, {"filter": "service = 'hospital'"}):
        part = both.get(url, params=parameters).content
        assert b"hospital" in part
        assert b"market" not in part
        assert len(part) < len(whole)
    named = both.get(url, params={"properties": "service"}).content
    assert b"facility_name" in whole
    assert b"facility_name" not in named


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "1"), ("bbox", "0,0,1,1"), ("x", "1"), ("properties", "nothing")]
)
def test_a_parameter_that_tiles_do_not_have_is_refused(both, name, value):
    answer = both.get("/ogc/collections/regions/tiles/WebMercatorQuad/0/0/0", params={name: value})
    assert (answer.status_code, answer.json()["parameter"]) == (400, name)


def test_tiles_come_in_one_format(both):
    url = "/ogc/collections/regions/tiles/WebMercatorQuad/0/0/0"
    assert both.get(url, params={"f": "mvt"}).status_code == 200
    assert both.get(url, params={"f": "png"}).status_code == 406


def test_the_tile_matrices_halve_from_level_to_level(both):
    said = both.get("/ogc/tileMatrixSets/WebMercatorQuad").json()
    matrices = said["tileMatrices"]
    assert [one["id"] for one in matrices] == [str(level) for level in range(23)]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717)
    for wide, near in pairwise(matrices):
        assert near["cellSize"] == wide["cellSize"] / 2
        assert near["matrixWidth"] == near["matrixHeight"] == 2 * wide["matrixWidth"]
