"""The tag table: what makes a village, what gives a service, and how a user's own table is read."""

from __future__ import annotations

import tomllib

import pytest

from geo_service.errors import InputError
from geo_service.ingest.osm.tags import default_tag_table_text, load_tag_table
from geo_service.vocabulary import Service

TABLE = load_tag_table()


def write(tmp_path, text):
    path = tmp_path / "tags.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("tags", "services"),
    [
        ({"amenity": "hospital"}, [Service.HOSPITAL]),
        ({"healthcare": "hospital"}, [Service.HOSPITAL]),
        ({"amenity": "clinic"}, [Service.POLYCLINIC]),
        ({"amenity": "doctors", "healthcare": "doctor"}, [Service.POLYCLINIC]),
        ({"healthcare": "centre"}, [Service.POLYCLINIC]),
        ({"amenity": "clinic", "healthcare": "dentist"}, []),
        ({"amenity": "pharmacy"}, []),
        ({"amenity": "school"}, [Service.SCHOOL]),
        ({"amenity": "school", "access": "private"}, [Service.SCHOOL]),
        ({"amenity": "school", "isced:level": "0"}, []),
        ({"amenity": "kindergarten"}, []),
        ({"amenity": "university"}, []),
        ({"shop": "convenience"}, [Service.MARKET]),
        ({"shop": "alcohol;convenience"}, [Service.MARKET]),
        ({"shop": "hairdresser"}, []),
        ({"amenity": "marketplace"}, [Service.MARKET]),
        ({"amenity": "drinking_water"}, [Service.SAFE_DRINKING_WATER]),
        ({"amenity": "drinking_water", "drinking_water": "no"}, []),
        ({"man_made": "water_tap"}, [Service.SAFE_DRINKING_WATER]),
        ({"man_made": "water_tap", "drinking_water:legal": "no"}, []),
        ({"man_made": "water_tap", "access": "private"}, []),
        ({"man_made": "water_well"}, []),
        ({"man_made": "water_well", "drinking_water": "yes"}, [Service.SAFE_DRINKING_WATER]),
        ({"natural": "spring"}, []),
        ({"natural": "spring", "drinking_water": "yes"}, [Service.SAFE_DRINKING_WATER]),
        ({"tourism": "alpine_hut", "drinking_water": "yes"}, []),
        ({"amenity": "internet_cafe"}, [Service.INTERNET]),
        ({"amenity": "library", "internet_access": "wlan"}, [Service.INTERNET]),
        ({"amenity": "library", "internet_access": "no"}, []),
        ({"man_made": "mast", "communication:mobile_phone": "yes"}, []),
        ({"amenity": "hospital", "internet_access": "yes"}, [Service.HOSPITAL, Service.INTERNET]),
        ({"disused:amenity": "hospital"}, []),
        ({"amenity": "hospital", "disused": "yes"}, []),
        ({"amenity": "hospital", "operational_status": "closed"}, []),
    ],
)
def test_the_services_of_an_object_follow_from_its_tags(tags, services):
    assert list(TABLE.services_of(tags)) == services
    assert TABLE.wants(tags) is bool(services)


@pytest.mark.parametrize(
    ("place", "is_village"),
    [("city", True), ("town", True), ("village", True), ("hamlet", True)]
    + [(other, False) for other in ("isolated_dwelling", "farm", "suburb", "quarter", "locality", "country")],
)
def test_settlements_are_villages_and_their_parts_and_lone_houses_are_not(place, is_village):
    assert TABLE.is_village({"place": place}) is is_village


def test_a_settlement_that_was_given_up_is_no_village():
    assert not TABLE.is_village({"abandoned:place": "village"})
    assert not TABLE.is_village({"place": "village", "abandoned": "yes"})


def test_the_shipped_table_covers_every_service_and_names_its_source():
    shipped = tomllib.loads(default_tag_table_text())
    assert list(shipped["services"]) == [*Service]
    assert default_tag_table_text().count("# OSM wiki: ") >= len(Service)


def test_a_column_takes_the_first_key_that_is_not_blank():
    assert TABLE.column("name", {"name": " ", "official_name": "Ақкөл ", "int_name": "Akkol"}) == "Ақкөл"
    assert TABLE.column("name_kk", {"name": "Ақкөл"}) is None


def test_the_table_that_is_printed_can_be_given_back(tmp_path):
    assert load_tag_table(write(tmp_path, default_tag_table_text())) == TABLE


def test_a_table_that_is_given_replaces_the_shipped_one_and_others_stay(tmp_path):
    own = load_tag_table(
        write(
            tmp_path,
            '[village]\nmatch = [{ place = "isolated_dwelling" }]\n[services.market]\nmatch = [{ shop = "*" }]',
        )
    )
    assert own.is_village({"place": "isolated_dwelling"})
    assert not own.is_village({"place": "village"})
    assert own.services_of({"shop": "anything"}) == (Service.MARKET,)
    assert own.services[Service.HOSPITAL] == TABLE.services[Service.HOSPITAL]
    assert own.columns == TABLE.columns


def test_an_empty_match_switches_a_layer_off(tmp_path):
    own = load_tag_table(write(tmp_path, "[services.internet]\nmatch = []"))
    assert own.services_of({"amenity": "internet_cafe"}) == ()


def test_a_table_can_be_narrowed_to_the_layers_that_are_needed():
    narrow = TABLE.only([Service.SCHOOL], villages=False)
    assert list(narrow.services) == [Service.SCHOOL]
    assert narrow.first_keys() == ("amenity",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[village\nmatch = []", r"the tag table is not TOML: .*line 1"),
        (
            "[services.dentist]\nmatch = []",
            r"\[services\.dentist\]: service 'dentist' is not known; use one of hospital",
        ),
        (
            "[villages]\nmatch = []",
            r"the file has 'villages', which means nothing here; use everything, columns, village",
        ),
        ("[village]\nmatches = []", r"\[village\] has 'matches', which means nothing here; use"),
        ("[village]\nexclude = []", r"\[village\] has no 'match'"),
        ("village = 3", r"\[village\] must be a table with 'match' and 'exclude', not a number"),
        ("services = 'x'", "'services' must be a table, not a text"),
        ("[services]\nschool = true", r"\[services\.school\] must be a table .*not true or false"),
        ("[village]\nmatch = 'place'", r"\[village\] 'match' must be a list of rules, not a text"),
        ("[village]\nmatch = ['place']", r"\[village\] 'match', rule 1 must be like .* not a text"),
        ("[village]\nmatch = [{}]", r"\[village\] 'match', rule 1 must be like"),
        (
            "[village]\nmatch = [{ place = 3 }]",
            r"rule 1, key 'place' must be a text or a list of texts, not a number",
        ),
        (
            "[village]\nmatch = [{ place = ['a', 2] }]",
            r"rule 1, key 'place' must be a text or a list of texts",
        ),
        ("[village]\nmatch = [{ place = [] }]", r"key 'place' has no value"),
        ("[everything]\nmatch = []", r"\[everything\] has 'match', which means nothing here; use exclude"),
        ("[columns]\nnom = 'name'", r"\[columns\] has 'nom', which means nothing here; use name, name_en"),
        ("[columns]\nname = 3", r"\[columns\] 'name' must be a text or a list of texts, not a number"),
    ],
)
def test_a_wrong_table_is_refused_with_its_file_table_and_key(tmp_path, text, said):
    with pytest.raises(InputError, match=rf"tags\.toml: .*{said}"):
        load_tag_table(write(tmp_path, text))


def test_a_table_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"absent\.toml: the tag table cannot be read"):
        load_tag_table(tmp_path / "absent.toml")
    (tmp_path / "koi8.toml").write_bytes("# деревня".encode("koi8-r"))
    with pytest.raises(InputError, match=r"koi8\.toml: the tag table cannot be read"):
        load_tag_table(tmp_path / "koi8.toml")
