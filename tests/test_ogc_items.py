"""Which features come and where they are, against the rows of the store and PROJ itself."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from tests.ogc_world import CRS84, both, collections_of, editor, epsg, follow, link, public, rows, world

__all__ = ["both", "editor", "public", "world"]

EVERYWHERE = {"limit": 10_000}


def ids(client, name, **parameters):
    """The ids of all features, and that as many are matched as there are."""
    answer = client.get(f"/ogc/collections/{name}/items", params=EVERYWHERE | parameters)
    assert answer.status_code == 200, answer.text[:400]
    page = answer.json()
    found = [one["id"] for one in page["features"]]
    assert page["numberMatched"] == len(found)
    return found


def within(frame, box):
    """The ids of rows that share a point with a box in degrees."""
    return set(frame["id"][frame.geometry.intersects(shapely.box(*box)).to_numpy()])


@pytest.mark.parametrize("name", ["facilities", "regions", "districts", "villages"])
def test_coordinates_in_each_reference_system_are_those_of_proj_in_the_order_of_its_axes(editor, name):
    frame = rows(editor, name)
    entry = editor.get(f"/ogc/collections/{name}").json()
    assert len(entry["crs"]) > 3
    for uri in entry["crs"]:
        answer = editor.get(f"/ogc/collections/{name}/items", params={"crs": uri, "limit": 40})
        assert answer.headers["content-crs"] == f"<{uri}>"
        code = "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rpartition('/')[2]}"
        to = Transformer.from_crs("OGC:CRS84", CRS.from_user_input(code))
        for one in answer.json()["features"]:
            mine = frame.geometry[one["id"]]
            if mine is None:
                assert one["geometry"] is None
                continue
            lon, lat = shapely.get_coordinates(mine).T
            expected = np.column_stack(to.transform(lon, lat))
            found = shapely.get_coordinates(shapely.geometry.shape(one["geometry"]))
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)


def test_latitude_comes_first_in_epsg_4326_and_longitude_in_crs84(editor):
    one = rows(editor, "villages").dropna(subset="geometry").iloc[0]
    for uri, expected in (
        (CRS84, [one.geometry.x, one.geometry.y]),
        (epsg(4326), [one.geometry.y, one.geometry.x]),
    ):
        feature = editor.get(f"/ogc/collections/villages/items/{one['id']}", params={"crs": uri})
        assert feature.headers["content-crs"] == f"<{uri}>"
        assert feature.json()["geometry"]["coordinates"] == expected


def test_the_reference_systems_are_those_of_the_web_and_the_utm_zones_of_the_data(editor):
    uris = editor.get("/ogc/collections/villages").json()["crs"]
    assert uris == [CRS84, epsg(4326), epsg(3857), epsg(32641), epsg(32642), epsg(32643)]


def test_other_formats_than_geojson_come_in_degrees_only(editor):
    for chosen in ("csv", "html", "gpkg"):
        refused = editor.get("/ogc/collections/regions/items", params={"crs": epsg(3857), "f": chosen})
        assert (refused.status_code, refused.json()["parameter"]) == (400, "crs")
        taken = editor.get("/ogc/collections/regions/items", params={"crs": CRS84, "f": chosen})
        assert taken.headers["content-crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("name", ["facilities", "districts"])
def test_a_box_finds_what_shares_a_point_with_it(both, name):
    frame = rows(both, name)
    west, south, east, north = frame.total_bounds
    middle = ((west + east) / 2, (south + north) / 2)
    boxes = [
        (west, south, east, north),
        (west, south, *middle),
        (*middle, east, north),
        (0, 0, 1, 1),
        (-180, -90, 180, 90),
        (-180, -90, 180, 0),
        (-180, 89, 180, 90),
        (-1, 40, 1, 60),
    ]
    for box in boxes:
        text = ",".join(map(repr, map(float, box)))
        assert set(ids(both, name, bbox=text)) == within(frame, box)
        with_heights = [*box[:2], -10, *box[2:], 10]
        assert set(ids(both, name, bbox=",".join(map(str, with_heights)))) == within(frame, box)


def test_a_box_whose_west_is_east_of_its_east_crosses_the_antimeridian(both):
    frame = rows(both, "facilities")
    middle = float(np.median(frame.geometry.x))
    expected = within(frame, (middle, -90, 180, 90)) | within(frame, (-180, -90, -170, 90))
    assert set(ids(both, "facilities", bbox=f"{middle},-90,-170,90")) == expected
    flipped = {"bbox": f"-90,{middle},90,-170", "bbox-crs": epsg(4326)}
    assert set(ids(both, "facilities", **flipped)) == expected


@pytest.mark.parametrize("code", [3857, 32641, 32642, 32643, 4326])
def test_a_box_in_another_reference_system_is_a_box_there(both, code):
    frame = rows(both, "facilities")
    to = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    a, b = to.transform(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    for low, high in ((0.2, 0.7), (0.4, 0.95), (0.05, 0.3)):
        box = [np.quantile(a, low), np.quantile(b, low), np.quantile(a, high), np.quantile(b, high)]
        # Away from the points that the quantiles are: the edges of a box in UTM are followed within a metre.
        box = [float(one) + (1e-7 if code == 4326 else 5) for one in box]
        expected = set(frame["id"][(a >= box[0]) & (a <= box[2]) & (b >= box[1]) & (b <= box[3])])
        found = ids(both, "facilities", **{"bbox": ",".join(map(repr, box)), "bbox-crs": epsg(code)})
        assert set(found) == expected


def test_pages_of_a_box_in_another_reference_system_go_on_in_it(editor):
    box = {"bbox": "5000000,-20000000,20037508,20000000", "bbox-crs": epsg(3857), "crs": epsg(32642)}
    pages = list(follow(editor, "/ogc/collections/facilities/items", limit=100, **box))
    found = [one["id"] for page in pages for one in page["features"]]
    assert len(found) == len(set(found)) == len(rows(editor, "facilities"))
    assert all(abs(one["geometry"]["coordinates"][1]) > 1e6 for page in pages for one in page["features"])


@pytest.mark.parametrize(
    "time",
    [
        "2023-12-10",
        "2023-12-10T12:00:00Z",
        "2023-12-01/2023-12-10",
        "2023-12-05/..",
        "../2023-12-05",
        "/2023-12-05",
        "2023-12-05/",
        "1900-01-01/1900-12-31",
        "2023-12-05T23:30:00-03:00/2023-12-20T00:00:00Z",
    ],
)
def test_a_time_finds_the_features_of_its_days(editor, time):
    parts = time.split("/")
    ends = [parts[0], parts[-1]]

    def day(text):
        moment = dt.datetime.fromisoformat(text) if "T" in text else None
        return moment.astimezone(dt.UTC).date() if moment else dt.date.fromisoformat(text)

    first, last = (None if one in {"", ".."} else day(one) for one in ends)
    frame = rows(editor, "villages")
    expected = {
        key
        for key, when in zip(frame["id"], frame["interviewed_on"], strict=True)
        if when is not None and (first is None or when >= first) and (last is None or when <= last)
    }
    assert set(ids(editor, "villages", datetime=time)) == expected


def test_of_features_without_a_time_none_is_within_one(both):
    assert ids(both, "facilities", datetime="../..") == []
    assert ids(both, "facilities", datetime="2024-01-01/..") == []


def test_the_extent_in_time_is_that_of_the_rows(editor):
    for entry in collections_of(editor):
        for first, last in entry["extent"].get("temporal", {}).get("interval", []):
            name = editor.get(link(entry, "http://www.opengis.net/def/rel/ogc/1.0/schema")).json()[
                "properties"
            ]
            column = next(key for key, one in name.items() if one.get("x-ogc-role") == "primary-instant")
            days = rows(editor, entry["id"])[column].dropna()
            assert (first[:10], last[:10]) == (min(days).isoformat(), max(days).isoformat())


def test_each_property_is_a_parameter_that_finds_its_value(both):
    for name in ("facilities", "regions", "access_by_district"):
        frame = rows(both, name)
        for one in (one for one in frame.columns if one != "geometry"):
            known = frame[one].dropna()
            if not len(known):
                continue
            value = known.iloc[len(known) // 2]
            text = str(value).lower() if isinstance(value, bool | np.bool_) else str(value)
            expected = set(frame["id"][(frame[one] == value).fillna(False).to_numpy(dtype=bool)])
            assert set(ids(both, name, **{one: text})) == expected, one


def test_parameters_are_all_of_them_conditions(editor):
    frame = rows(editor, "facilities")
    expected = {
        key
        for key, service, point in zip(frame["id"], frame["service"], frame.geometry, strict=True)
        if service in {"school", "market"} and point.x <= 68 and service == "school"
    }
    found = ids(
        editor, "facilities", service="school", bbox="-180,-90,68,90", filter="service IN ('school','market')"
    )
    assert set(found) == expected
    assert expected


def test_a_value_with_any_sign_is_only_a_value(both):
    for value in ("' OR 1=1 --", "%", "_", "", "a,b", "😀", '"', "\\"):
        assert ids(both, "facilities", service=value) == []
    refused = both.get("/ogc/collections/facilities/items", params={"service": "a\0b"})
    assert refused.status_code == 400


def test_sorting_goes_by_the_keys_with_null_last(editor):
    frame = rows(editor, "villages")
    for text, ascending in (
        ("households", [True]),
        ("-households", [False]),
        ("-adm2_pcode,+households", [False, True]),
    ):
        keys = [one.strip("+-") for one in text.split(",")]
        expected = frame.sort_values([*keys, "fid"], ascending=[*ascending, True], na_position="last")["id"]
        assert ids(editor, "villages", sortby=text) == list(expected)
        pages = follow(editor, "/ogc/collections/villages/items", limit=37, sortby=text)
        assert [one["id"] for page in pages for one in page["features"]] == list(expected)


def test_only_the_properties_that_are_asked_for_come_with_the_geometry(both):
    for chosen in ("name_ru,pcode", "pcode", "fid,pcode"):
        page = both.get("/ogc/collections/regions/items", params={"properties": chosen}).json()
        assert all(set(one["properties"]) == set(chosen.split(",")) for one in page["features"])
        assert all(one["geometry"] for one in page["features"])
    table = both.get("/ogc/collections/regions/items", params={"properties": "pcode", "f": "csv", "limit": 2})
    assert table.text.splitlines()[0].startswith("id,pcode")


def test_a_filter_of_the_geometry_is_in_the_system_that_it_says(editor):
    frame = rows(editor, "facilities")
    x, y = frame.geometry.x.median(), frame.geometry.y.median()
    expected = within(frame, (x, y, 180, 90))
    for code, far in ((3857, (9e6, 8e6)), (4326, (60.0, 80.0))):
        to = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
        corner = to.transform(x, y)
        text = f"S_INTERSECTS(geometry, BBOX({corner[0]!r},{corner[1]!r},{far[0]},{far[1]}))"
        assert set(ids(editor, "facilities", **{"filter": text, "filter-crs": epsg(code)})) == expected
        ring = [corner, (far[0], corner[1]), far, (corner[0], far[1]), corner]
        polygon = ", ".join(f"{a!r} {b!r}" for a, b in ring)
        text = f"S_INTERSECTS(geometry, POLYGON(({polygon})))"
        assert set(ids(editor, "facilities", **{"filter": text, "filter-crs": epsg(code)})) == expected


def test_a_filter_in_utm_is_asked_in_utm(editor):
    frame = rows(editor, "facilities")
    to = Transformer.from_crs("OGC:CRS84", "EPSG:32642")
    a, b = to.transform(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    box = [
        float(np.quantile(a, 0.2)),
        float(np.quantile(b, 0.2)),
        float(np.quantile(a, 0.7)),
        float(np.quantile(b, 0.7)),
    ]
    box = [one + 5 for one in box]
    expected = set(frame["id"][(a >= box[0]) & (a <= box[2]) & (b >= box[1]) & (b <= box[3])])
    text = f"S_INTERSECTS(geometry, BBOX({','.join(map(repr, box))}))"
    assert set(ids(editor, "facilities", **{"filter": text, "filter-crs": epsg(32642)})) == expected


def test_how_many_features_there_are_is_counted_once_for_a_question(editor, monkeypatch):
    from geo_service.release.editions import Edition  # noqa: PLC0415

    counted = []
    count = Edition.count

    def counting(self, name, features):
        counted.append(name)
        return count(self, name, features)

    monkeypatch.setattr(Edition, "count", counting)
    parameters = {"filter": "service = 'market' AND fid > 3", "limit": 5}
    pages = list(follow(editor, "/ogc/collections/facilities/items", **parameters))
    assert len(pages) > 2
    assert counted == ["facilities"]
    list(follow(editor, "/ogc/collections/villages/items", limit=50))
    assert counted == ["facilities"]


def test_a_file_has_the_whole_collection_and_a_page_of_one_as_many_as_its_limit(both):
    whole = both.get("/ogc/collections/facilities/items", params={"f": "csv"})
    assert len(whole.text.splitlines()) == 1 + len(rows(both, "facilities"))
    page = both.get("/ogc/collections/facilities/items", params={"f": "csv", "limit": 7})
    assert len(page.text.splitlines()) == 8
    assert 'rel="next"' in page.headers["link"]
    assert page.headers["ogc-numberreturned"] == "7"
    assert page.headers["ogc-numbermatched"] == str(len(rows(both, "facilities")))
    lines, url = 0, "/ogc/collections/facilities/items?f=ndjson&limit=100"
    while url:
        answer = both.get(url)
        lines += len(answer.text.splitlines())
        url = answer.links.get("next", {}).get("url")
    assert lines == len(rows(both, "facilities"))


def test_a_mistake_in_a_file_is_found_before_its_first_byte(both):
    for chosen in ("csv", "gpkg", "fgb", "parquet", "xlsx", "geojsonseq"):
        refused = both.get("/ogc/collections/facilities/items", params={"f": chosen, "filter": "nothing = 1"})
        assert (refused.status_code, refused.json()["parameter"]) == (400, "filter")


def test_properties_have_the_types_of_the_schema(both):
    kinds = {"string": str, "integer": int, "number": int | float, "boolean": bool}
    for entry in collections_of(both):
        schema = both.get(link(entry, "http://www.opengis.net/def/rel/ogc/1.0/schema")).json()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        roles = [one.get("x-ogc-role") for one in schema["properties"].values()]
        assert roles.count("id") == roles.count("primary-geometry") == 1
        page = both.get(link(entry, "items", "application/geo+json"), params={"limit": 20}).json()
        for one in page["features"]:
            assert set(one["properties"]) == set(schema["properties"]) - {"id", "geometry"}
            for key, value in one["properties"].items():
                if value is None:
                    assert key not in schema["required"]
                    continue
                said = schema["properties"][key]
                assert isinstance(value, kinds[said["type"]])
                assert value in said.get("enum", [value])


def test_what_can_be_sorted_by_is_all_but_the_geometry(both):
    there = both.get("/ogc/collections/regions/sortables").json()["properties"]
    assert set(there) == set(both.get("/ogc/collections/regions/queryables").json()["properties"]) - {
        "geometry"
    }
    for one in there:
        assert both.get("/ogc/collections/regions/items", params={"sortby": f"-{one}"}).status_code == 200
