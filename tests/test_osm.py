"""OpenStreetMap extracts: villages and services, on all of Andorra and on small files for what it does not reach."""

from __future__ import annotations

import bz2
import gzip
import sys
from collections import Counter

import osmium
import pandas as pd
import pytest
import shapely

from geo_service.errors import FindingsError, InputError, MissingExtraError
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.osm.layers import is_osm_extract, osm_facilities, osm_villages, read_osm
from geo_service.ingest.osm.reader import centre_of
from geo_service.ingest.osm.tags import load_tag_table
from geo_service.schemas import FACILITIES, VILLAGES, validated
from geo_service.vocabulary import Service

SQUARE = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
INNER = {5: (0.2, 0.2), 6: (0.4, 0.2), 7: (0.4, 0.4), 8: (0.2, 0.4)}


def tags(**pairs):
    return "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in pairs.items())


def node(number, lon, lat, **pairs):
    return f'<node id="{number}" lon="{lon}" lat="{lat}">{tags(**pairs)}</node>'


def way(number, refs, **pairs):
    return f'<way id="{number}">{"".join(f"""<nd ref="{ref}"/>""" for ref in refs)}{tags(**pairs)}</way>'


def relation(number, members, **pairs):
    listed = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
    return f'<relation id="{number}">{listed}{tags(**pairs)}</relation>'


CORNERS = "".join(node(number, *place) for number, place in (SQUARE | INNER).items())


@pytest.fixture
def extract(tmp_path):
    def write(*parts, name="place.osm"):
        path = tmp_path / name
        path.write_text(f'<osm version="0.6">{"".join(parts)}</osm>', encoding="utf-8")
        return path

    return write


def read(path, **options):
    findings = Findings()
    layers = read_osm(path, findings=findings, **options)
    validated(layers.villages, VILLAGES, "villages")
    for layer in layers.facilities.values():
        validated(layer, FACILITIES, "facilities")
    assert not findings.errors
    return layers, [one for one in findings if one.code is not FindingCode.EMPTY_LAYER]


class Plain(osmium.SimpleHandler):
    """Counts tags object by object, by no code of ours."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()
        self.areas = set()
        self.multipolygons = set()

    def node(self, n):
        self._count("node", n)

    def way(self, w):
        self._count("way", w)

    def relation(self, r):
        if r.tags.get("type") in {"multipolygon", "boundary"}:
            self.multipolygons.add(r.id)

    def area(self, a):
        if not a.from_way() and a.num_rings()[0]:
            self.areas.add(a.orig_id())

    def _count(self, kind, thing):
        for key in ("place", "amenity", "shop", "internet_access"):
            if key in thing.tags:
                self.counts[kind, key, thing.tags[key]] += 1


@pytest.fixture(scope="module")
def andorra(real_data):
    path = real_data / "andorra_osm" / "andorra.osm.pbf"
    plain = Plain()
    plain.apply_file(str(path), locations=True)
    layers, findings = read(path)
    return layers, findings, plain


@pytest.mark.real_data
def test_andorra_has_its_59_settlements(andorra):
    layers, _, plain = andorra
    kinds = {kind: plain.counts["node", "place", kind] for kind in ("village", "hamlet", "town")}
    assert sum(kinds.values()) == 59
    assert layers.villages["place"].value_counts().to_dict() == kinds
    capital = layers.villages.set_index("village_name").loc["Andorra la Vella"]
    assert (capital["population"], capital["name_ru"]) == (24678, "Андорра-ла-Велья")
    assert layers.villages["households"].isna().all()
    assert layers.villages["footprint"].isna().all()


@pytest.mark.real_data
def test_andorra_has_its_hospitals_as_points_and_one_area_and_its_school(andorra):
    layers, _, plain = andorra
    hospitals = layers.facilities[Service.HOSPITAL]
    assert plain.counts["node", "amenity", "hospital"] == 6
    assert plain.counts["way", "amenity", "hospital"] == 1
    assert hospitals.geom_type.value_counts().to_dict() == {"Point": 6, "Polygon": 1}
    assert len(layers.facilities[Service.SCHOOL]) == plain.counts["node", "amenity", "school"] == 1
    assert len(layers.facilities[Service.INTERNET]) == plain.counts["node", "internet_access", "yes"] == 1
    assert layers.facilities[Service.POLYCLINIC].empty


@pytest.mark.real_data
def test_andorra_markets_are_its_supermarkets_and_shops_less_one_mapped_twice(andorra):
    layers, findings, plain = andorra
    assert plain.counts["node", "shop", "supermarket"] == 12
    assert plain.counts["way", "shop", "supermarket"] == 3
    assert plain.counts["node", "shop", "convenience"] == 2
    twice = [one for one in findings if one.code is FindingCode.DUPLICATE_FACILITY]
    assert [one.value for one in twice] == ["node/796044564"]
    markets = layers.facilities[Service.MARKET].set_index("facility_id")
    assert len(markets) == 12 + 3 + 2 - len(twice)
    assert markets.loc["way/176484662", "facility_name"] == "River"
    everything = pd.concat(layers.facilities.values())
    assert plain.counts["node", "amenity", "pharmacy"] == 3
    assert not everything["facility_name"].str.contains("arm[aà]cia", regex=True, na=False).any()


@pytest.mark.real_data
def test_every_broken_multipolygon_of_andorra_is_in_a_finding(andorra):
    _, findings, plain = andorra
    broken = {f"relation/{number}" for number in plain.multipolygons - plain.areas}
    said = [one for one in findings if one.code is FindingCode.BROKEN_RING]
    assert {osm_id for one in said for osm_id in one.value.split()} == broken
    [grassland] = [one for one in said if one.value == "relation/411235"]
    assert "(natural=grassland) is not an area: this extract lacks 1 of its 4 ways" in grassland.message


def test_a_village_is_a_point_with_its_names_and_population(extract):
    names = {"name": "Ақкөл", "name__en": "Akkol", "name__ru": "Акколь", "population": "14 382"}
    layers, findings = read(extract(node(7, 70.95, 51.99, place="town", **names)))
    [village] = layers.villages.to_dict("records")
    assert village["village_id"] == "node/7"
    assert (village["village_name"], village["name_en"], village["name_ru"]) == ("Ақкөл", "Akkol", "Акколь")
    assert (village["place"], village["population"]) == ("town", 14382)
    assert pd.isna(village["name_kk"])
    assert pd.isna(village["households"])
    assert village["geometry"].equals(shapely.Point(70.95, 51.99))
    assert findings == []


@pytest.mark.parametrize(
    ("text", "population"),
    [("826", 826), ("1,234", 1234), ("0", 0), ("about 50", None), ("-5", None), ("", None)],
)
def test_a_population_that_is_no_plain_number_is_null(extract, text, population):
    layers, _ = read(extract(node(7, 1, 2, place="village", population=text)))
    found = layers.villages.loc[0, "population"]
    assert (None if pd.isna(found) else found) == population


def test_a_village_mapped_as_an_area_has_its_point_on_it(extract):
    refs = [1, 2, 3, 4, 1]
    layers, _ = read(extract(CORNERS, way(12, refs, place="village", name="A")))
    [village] = layers.villages.to_dict("records")
    assert village["village_id"] == "way/12"
    assert village["footprint"].equals(shapely.box(0, 0, 1, 1))
    assert village["footprint"].covers(village["geometry"])


@pytest.mark.parametrize(
    "names",
    [
        ({"name": "A"}, {"name": "a"}),
        ({}, {"name": "A"}),
        ({"name": "A"}, {}),
        ({"name": "Б", "name__en": "B"}, {"name": "B"}),
    ],
)
def test_a_village_mapped_as_a_node_and_an_area_counts_once(extract, names):
    of_node, of_area = names
    centre, outline = (
        node(9, 0.5, 0.5, place="village", **of_node),
        way(12, [1, 2, 3, 4, 1], place="village", **of_area),
    )
    layers, _ = read(extract(CORNERS, centre, outline))
    [village] = layers.villages.to_dict("records")
    assert village["village_id"] == "node/9"
    assert village["geometry"].equals(shapely.Point(0.5, 0.5))
    assert village["footprint"].equals(shapely.box(0, 0, 1, 1))


def test_a_village_within_the_area_of_another_is_another(extract):
    other, own = node(9, 0.3, 0.3, place="hamlet", name="B"), node(10, 0.7, 0.7, place="town", name="A")
    layers, _ = read(extract(CORNERS, other, own, way(12, [1, 2, 3, 4, 1], place="town", name="A")))
    footprints = layers.villages.set_index("village_id")["footprint"]
    assert footprints.notna().to_dict() == {"node/9": False, "node/10": True}


def test_of_two_namesakes_in_an_area_the_one_of_its_kind_has_it(extract):
    others = node(9, 0.3, 0.3, place="hamlet", name="A"), node(10, 0.7, 0.7, place="town", name="A")
    layers, _ = read(extract(CORNERS, *others, way(12, [1, 2, 3, 4, 1], place="town", name="A")))
    footprints = layers.villages.set_index("village_id")["footprint"]
    assert footprints.notna().to_dict() == {"node/9": False, "node/10": True}


def test_an_area_without_a_name_around_several_villages_stays_one_of_its_own(extract):
    others = node(9, 0.3, 0.3, place="hamlet", name="A"), node(10, 0.7, 0.7, place="hamlet", name="B")
    layers, _ = read(extract(CORNERS, *others, way(12, [1, 2, 3, 4, 1], place="village")))
    assert list(layers.villages["village_id"]) == ["node/9", "node/10", "way/12"]


@pytest.mark.parametrize("centre", ["", node(9, 0.3, 0.3, place="village", name="A")])
def test_of_areas_with_one_name_within_each_other_the_smallest_is_the_footprint(extract, centre):
    outlines = (
        way(12, [1, 2, 3, 4, 1], place="village", name="A"),
        way(13, [5, 6, 7, 8, 5], place="village", name="A"),
    )
    layers, _ = read(extract(CORNERS, centre, *outlines))
    assert list(layers.villages["village_id"]) == ["node/9" if centre else "way/13"]
    assert layers.villages.loc[0, "footprint"].equals(shapely.box(0.2, 0.2, 0.4, 0.4))


def test_the_label_of_a_relation_is_its_village_whatever_its_name(extract):
    members = [("way", 12, "outer"), ("node", 9, "label")]
    land = relation(5, members, type="boundary", place="village", name="Rural district of A")
    layers, _ = read(
        extract(CORNERS, node(9, 3, 3, place="village", name="A"), way(12, [1, 2, 3, 4, 1]), land)
    )
    [village] = layers.villages.to_dict("records")
    assert village["village_id"] == "node/9"
    assert village["footprint"].equals(shapely.box(0, 0, 1, 1))


def test_a_village_drawn_as_a_line_is_a_point_in_its_middle(extract):
    layers, _ = read(extract(CORNERS, way(12, [1, 2], place="hamlet")))
    assert layers.villages.loc[0, "geometry"].equals(shapely.Point(0.5, 0))
    assert layers.villages.loc[0, "footprint"] is None


def test_facilities_are_points_lines_and_areas(extract):
    ring = relation(
        5, [("way", 12, "outer"), ("way", 13, "inner")], type="multipolygon", amenity="school", name="S"
    )
    layers, findings = read(
        extract(
            CORNERS,
            node(9, 5, 5, amenity="marketplace"),
            way(11, [1, 2], amenity="marketplace"),
            way(12, [1, 2, 3, 4, 1]),
            way(13, [5, 6, 7, 8, 5]),
            way(14, [1, 2, 3, 1], amenity="marketplace", area="no"),
            ring,
        )
    )
    markets = layers.facilities[Service.MARKET].set_index("facility_id")
    assert markets.geom_type.to_dict() == {"node/9": "Point", "way/11": "LineString", "way/14": "LineString"}
    [school] = layers.facilities[Service.SCHOOL].to_dict("records")
    assert (school["facility_id"], school["facility_name"], school["service"]) == (
        "relation/5",
        "S",
        "school",
    )
    assert school["geometry"].equals(shapely.box(0, 0, 1, 1) - shapely.box(0.2, 0.2, 0.4, 0.4))
    assert findings == []


def test_one_object_may_give_several_services_and_be_a_village(extract):
    layers, _ = read(extract(node(9, 5, 5, amenity="hospital", internet_access="wlan", place="village")))
    given = [service for service, layer in layers.facilities.items() if len(layer)]
    assert given == [Service.HOSPITAL, Service.INTERNET]
    assert len(layers.villages) == 1


def test_what_is_disused_private_or_not_drinkable_is_left_out(extract):
    layers, _ = read(
        extract(
            node(1, 5, 5, disused__amenity="hospital"),
            node(2, 5, 5, amenity="hospital", abandoned="yes"),
            node(3, 5, 5, amenity="drinking_water", access="private"),
            node(4, 5, 5, man_made="water_well", drinking_water="no"),
            node(5, 5, 5, place="village", ruins="yes"),
        )
    )
    assert all(layer.empty for layer in [layers.villages, *layers.facilities.values()])


def test_a_point_in_the_area_of_the_same_facility_counts_once(extract):
    layers, [finding] = read(
        extract(
            CORNERS,
            node(9, 0.5, 0.5, amenity="hospital", name="H"),
            way(12, [1, 2, 3, 4, 1], amenity="hospital"),
        )
    )
    [hospital] = layers.facilities[Service.HOSPITAL].to_dict("records")
    assert (hospital["facility_id"], hospital["facility_name"]) == ("way/12", "H")
    assert (finding.code, finding.layer) == (FindingCode.DUPLICATE_FACILITY, "hospital")


def test_a_way_that_crosses_itself_is_kept_as_a_point_with_a_finding(extract):
    layers, [finding] = read(extract(CORNERS, way(12, [1, 3, 2, 4, 1], amenity="hospital", name="H")))
    [hospital] = layers.facilities[Service.HOSPITAL].to_dict("records")
    assert hospital["geometry"].equals(shapely.Point(0.5, 0.5))
    assert finding.code is FindingCode.BROKEN_RING
    assert (
        "way/12 (amenity=hospital, name=H) has no usable geometry: its ring is broken: Self-intersection"
        in finding.message
    )
    assert finding.message.endswith("kept as a point at the centroid of its nodes")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("way", 1, "outer"), ("way", 2, "outer")], "its ways do not close into rings, or cross"),
        (
            [("way", 1, "outer"), ("way", 2, "outer"), ("way", 99, "outer")],
            "this extract lacks 1 of its 3 ways",
        ),
        (
            [("way", 1, "outer"), ("way", 2, "outer"), ("way", 3, "outer")],
            "this extract lacks 1 nodes of its ways",
        ),
    ],
)
def test_a_facility_whose_ring_is_broken_is_kept_as_a_point_with_a_finding(extract, members, reason):
    ways = way(1, [1, 2, 3]), way(2, [3, 4]), way(3, [4, 77, 1])
    layers, [finding] = read(
        extract(CORNERS, *ways, relation(5, members, type="multipolygon", amenity="school"))
    )
    [school] = layers.facilities[Service.SCHOOL].to_dict("records")
    assert school["facility_id"] == "relation/5"
    assert school["geometry"].equals(shapely.Point(0.5, 0.5))
    assert finding.code is FindingCode.BROKEN_RING
    assert reason in finding.message


def test_a_relation_of_relations_has_no_area_and_no_location(extract):
    layers, [finding] = read(
        extract(relation(5, [("relation", 6, "outer")], type="boundary", place="city", name="C"))
    )
    assert layers.villages.loc[0, "geometry"] is None
    assert finding.code is FindingCode.NO_GEOMETRY
    assert "it has no ways of its own; kept without a location" in finding.message


def test_a_broken_area_of_something_else_is_a_finding_and_boundaries_cut_by_the_extract_are_one(extract):
    cut = [("way", 1, "outer"), ("way", 99, "outer")]
    others = [
        relation(number, cut, type="boundary", boundary="administrative", name=f"B{number}")
        for number in range(5, 12)
    ]
    whole = relation(20, [("way", 1, "outer")], type="boundary", name="open")
    _, findings = read(
        extract(
            CORNERS, way(1, [1, 2, 3]), *others, whole, relation(30, cut, type="multipolygon", natural="wood")
        )
    )
    assert [one.value.split()[0] for one in findings] == ["relation/20", "relation/30", "relation/5"]
    assert (
        "relation/30 (natural=wood) is not an area: this extract lacks 1 of its 2 ways" in findings[1].message
    )
    assert findings[2].message.startswith("7 boundaries reach beyond this extract")
    assert "relation/9 (name=B9) and 2 more" in findings[2].message


@pytest.mark.parametrize("role", ["label", "admin_centre"])
def test_the_node_at_the_centre_of_a_broken_village_stands_for_it(extract, role):
    members = [("way", 1, "outer"), ("way", 99, "outer"), ("node", 9, role)]
    land = relation(5, members, type="boundary", place="village", name="Land")
    layers, [finding] = read(
        extract(CORNERS, node(9, 3, 3, place="village", name="A"), way(1, [1, 2, 3]), land)
    )
    assert list(layers.villages["village_id"]) == ["node/9"]
    assert finding.message.endswith("left out, because node/9 stands for it")


def test_a_namesake_among_the_nodes_of_a_broken_area_stands_for_it(extract):
    bow_tie = way(12, [1, 3, 2, 4, 1], place="village", name="A")
    other = node(8, 0.5, 0.4, place="village", name="B")
    layers, [finding] = read(extract(CORNERS, other, node(9, 0.5, 0.5, place="village", name="A"), bow_tie))
    assert list(layers.villages["village_id"]) == ["node/8", "node/9"]
    assert "node/9 stands for it" in finding.message


def test_nodes_that_the_extract_lacks_are_a_finding_and_the_rest_is_kept(extract):
    layers, findings = read(
        extract(
            CORNERS,
            way(12, [1, 77, 3, 1], amenity="school"),
            way(13, [77, 78], amenity="school"),
            way(14, [1, 1], shop="food"),
        )
    )
    [school] = layers.facilities[Service.SCHOOL].to_dict("records")
    assert school["geometry"].equals(shapely.Point(0.5, 0.5))
    assert layers.facilities[Service.MARKET].loc[0, "geometry"].equals(shapely.Point(0, 0))
    said = {one.value: (one.code, one.message) for one in findings}
    assert "this extract lacks 1 of its 4 nodes; kept as a point" in said["way/12"][1]
    assert "this extract lacks 2 of its 2 nodes; left out" in said["way/13"][1]
    assert said["way/13"][0] is FindingCode.NO_GEOMETRY
    assert "its nodes are all in one place; kept as a point" in said["way/14"][1]


def test_a_node_without_usable_coordinates_is_a_finding(extract):
    layers, findings = read(extract(node(1, 5, 95, place="village"), node(2, 5, 95, amenity="school")))
    assert layers.villages.loc[0, "geometry"] is None
    assert layers.facilities[Service.SCHOOL].empty
    assert {one.code for one in findings} == {FindingCode.NO_GEOMETRY}


def test_a_site_is_a_point_among_its_members(extract):
    site = relation(5, [("node", 1, ""), ("way", 12, ""), ("relation", 9, "")], type="site", amenity="school")
    nobodys = relation(6, [("node", 1, "")], type="site", tourism="museum")
    layers, [finding] = read(extract(CORNERS, way(12, [2, 3, 4]), site, nobodys))
    assert layers.facilities[Service.SCHOOL].loc[0, "geometry"].equals(shapely.Point(0.5, 0.5))
    assert finding.code is FindingCode.UNSUPPORTED_GEOMETRY


def test_numbers_below_zero_of_an_editor_are_findings_and_do_not_stop_the_reading(extract):
    outline = relation(-5, [("way", -12, "outer")], type="multipolygon", amenity="school")
    nobodys = relation(-6, [("way", -12, "outer")], type="multipolygon", natural="wood")
    mixed = relation(7, [("way", -12, "outer")], type="multipolygon", amenity="school")
    nodes = node(-1, 1, 1), node(-2, 2, 2, place="village")
    layers, findings = read(extract(*nodes, way(-12, [-1, -2, -1], shop="food"), nobodys, outline, mixed))
    assert list(layers.villages["village_id"]) == ["node/-2"]
    assert layers.facilities[Service.SCHOOL].empty
    said = {one.value: one.message for one in findings}
    assert "its number is below zero" in said["relation/-5"]
    assert "this extract lacks 1 of its 1 ways" in said["relation/7"]
    assert set(said) >= {"relation/-5", "relation/7"}


def test_an_object_that_is_there_twice_counts_once(extract):
    first, last = node(1, 5, 5, place="village", name="old"), node(1, 5, 5, place="village", name="new")
    layers, [finding] = read(extract(first, last))
    assert list(layers.villages["village_name"]) == ["new"]
    assert finding.code is FindingCode.DUPLICATE_ID


def test_the_centre_of_places_is_right_across_the_antimeridian():
    assert centre_of([(179, 0), (-179, 2)]).equals(shapely.Point(-180, 1))
    assert centre_of([]) is None


def test_an_own_tag_table_decides_what_is_read(extract, tmp_path):
    own = tmp_path / "tags.toml"
    own.write_text(
        '[village]\nmatch = [{ place = "isolated_dwelling" }]\n[services.internet]\nmatch = []',
        encoding="utf-8",
    )
    path = extract(
        node(1, 5, 5, place="isolated_dwelling"),
        node(2, 5, 5, place="village"),
        node(3, 5, 5, amenity="internet_cafe"),
    )
    findings = Findings()
    layers = read_osm(path, tags=load_tag_table(own), findings=findings)
    assert list(layers.villages["village_id"]) == ["node/1"]
    assert layers.facilities[Service.INTERNET].empty
    assert "internet" not in {one.layer for one in findings}


def test_each_layer_without_rows_is_a_warning(extract):
    findings = Findings()
    layers = read_osm(extract(), findings=findings)
    assert [one.layer for one in findings.warnings] == ["villages", *Service]
    assert findings.codes() == {FindingCode.EMPTY_LAYER}
    assert layers.villages.crs == layers.facilities[Service.SCHOOL].crs == "EPSG:4326"
    assert str(layers.villages["footprint"].dtype) == "geometry"


def test_one_layer_can_be_read_alone(extract):
    path, findings = extract(node(1, 5, 5, place="village"), node(2, 5, 5, amenity="school")), Findings()
    assert list(osm_villages(path, findings=findings)["village_id"]) == ["node/1"]
    assert list(osm_facilities(path, Service.SCHOOL, findings=findings)["facility_id"]) == ["node/2"]
    assert len(findings) == 0


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gz", "bz2"])
def test_compressed_extracts_are_read_too(extract, tmp_path, pack):
    plain = extract(node(1, 5, 5, place="village"))
    packed = tmp_path / f"place.osm.{'gz' if pack is gzip.compress else 'bz2'}"
    packed.write_bytes(pack(plain.read_bytes()))
    assert len(read(packed)[0].villages) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.osm.pbf", b"", "cannot be read"),
        ("a.osm.pbf", b"no protocol buffer at all", "cannot be read"),
        ("a.osm", b"", "cannot be read"),
        ("a.osm", b"<html></html>", "Unknown top-level element"),
        ("a.osm", b'<osm version="0.6"><node id="1" lat="1"', "XML parsing error"),
        ("a.osm", b'<osm version="0.6"><node id="1" lat="x" lon="1"/></osm>', "wrong format for coordinate"),
        ("a.osm.gz", b"not packed", "cannot be read"),
    ],
)
def test_a_file_that_is_no_extract_is_one_clear_error(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FindingsError, match=said) as raised:
        read_osm(path, findings=Findings())
    [error] = raised.value.findings
    assert (error.code, error.file) == (FindingCode.UNREADABLE, str(path))


@pytest.mark.real_data
def test_an_extract_that_is_cut_short_is_one_clear_error(real_data, tmp_path):
    path = tmp_path / "short.osm.pbf"
    path.write_bytes((real_data / "andorra_osm" / "andorra.osm.pbf").read_bytes()[:200_000])
    with pytest.raises(
        FindingsError, match=r"short\.osm\.pbf: .*cannot be read: PBF error.*download or export it again"
    ):
        read_osm(path, findings=Findings())


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(FindingsError, match="there is no such file"):
        read_osm(tmp_path / "absent.osm.pbf", findings=Findings())


def test_node_locations_can_be_kept_in_a_file(extract, tmp_path):
    index = tmp_path / "nodes.cache"
    layers, _ = read(
        extract(CORNERS, way(12, [1, 2, 3, 4, 1], amenity="school")), node_index=f"sparse_file_array,{index}"
    )
    assert layers.facilities[Service.SCHOOL].geom_type[0] == "Polygon"
    assert index.exists()


def test_an_unknown_node_index_is_refused_with_those_there_are(extract):
    with pytest.raises(InputError, match=r"node index 'nope' cannot be used .*use one of .*flex_mem"):
        read_osm(extract(), findings=Findings(), node_index="nope")


def test_progress_is_told_what_is_read(extract):
    told = []
    many = [node(number, 5, 5, amenity="bench") for number in range(1, 2002)]
    read(extract(*many), progress=lambda stage, found: told.append((stage, found)))
    assert told == [
        ("relations", 0),
        ("places and services", 1000),
        ("places and services", 2000),
        ("places and services", 2001),
    ]


def test_without_pyosmium_the_extra_is_named(extract, monkeypatch):
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'geo-service\[osm\]'"):
        read_osm(extract(), findings=Findings())


@pytest.mark.parametrize(
    ("name", "is_extract"),
    [
        ("a.osm.pbf", True),
        ("A.OSM.PBF", True),
        ("a.pbf", True),
        ("a.osm", True),
        ("a.osm.bz2", True),
        ("a.gpkg", False),
        ("osm.csv", False),
    ],
)
def test_an_extract_is_known_by_its_name(name, is_extract):
    assert is_osm_extract(name) is is_extract
