"""Editions: some collections of a release under names of their own, some with a filter that no question gets around."""

from __future__ import annotations

import pytest
from api_world import VILLAGES, world
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.api.catalogue import edition_for, layers, tables
from geo_service.api.security.roles import Role
from geo_service.errors import CursorError, NotFoundError
from geo_service.query.filters import Filter, parse_filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey
from geo_service.release.editions import Edition, View
from geo_service.release.stores import open_store
from geo_service.vocabulary import Language, Service

pytestmark = pytest.mark.xdist_group("api world")

__all__ = ["world"]

FAR = Filter({"op": "=", "args": [{"property": "service"}, "school"]})
TITLE = {language: f"Schools ({language})" for language in Language}


@pytest.fixture(scope="module")
def release(world):
    with open_store(str(world)).open() as opened:
        yield opened


@pytest.fixture(scope="module")
def edition(release):
    views = {
        "schools": View("service_access", FAR, TITLE, {"basis": "reported", "own": 1}),
        "places": View("villages"),
        "gone": View("not_there"),
    }
    return Edition(release, views)


def ids(edition, name, **asked):
    with edition.batches(name, Features(**asked)) as reader:
        return reader.read_all()["id"].to_pylist()


def test_an_edition_shows_what_is_there_under_its_own_names(edition, release):
    assert [one.name for one in edition.manifest.collections] == ["schools", "places"]
    assert edition.manifest.id == release.manifest.id
    shown = edition.collection("schools")
    assert shown.title == TITLE
    assert shown.rows == VILLAGES
    assert edition.collection("places").title == release.collection("villages").title


def test_what_a_view_says_of_itself_counts_before_what_its_source_says(edition, release):
    about = edition.collection("schools").about
    assert release.collection("service_access").about["basis"] == "reported, measured"
    assert about["basis"] == "reported"
    assert about["own"] == 1
    assert about["band_rule"]


@pytest.mark.parametrize("name", ["service_access", "villages", "access", "gone", "not_there", "adm1", ""])
def test_the_names_of_the_release_are_not_known_in_an_edition(edition, name):
    questions = [
        lambda: edition.collection(name),
        lambda: edition.view(name),
        lambda: edition.schema(name, Features()),
        lambda: edition.feature(name, "990000001"),
        lambda: edition.page(name, Features(), 1),
        lambda: edition.count(name, Features()),
        lambda: ids(edition, name),
        lambda: edition.aggregate(name, Aggregation((), (Measure(Aggregate.COUNT),))),
        lambda: edition.tile(name, Features(), 0, 0, 0),
    ]
    for ask in questions:
        with pytest.raises(NotFoundError) as raised:
            ask()
        for hidden in ("service_access", "mobility", "breakdowns", "adm1, "):
            assert hidden not in str(raised.value).replace(f"'{name}'", "")


def test_a_feature_outside_the_filter_is_not_there(edition):
    assert edition.feature("schools", "990000001.school").num_rows == 1
    for one in ("990000001.hospital", "990000001.school\0", "no\nline", "x" * 500):
        with pytest.raises(NotFoundError, match="is not the id of a feature of schools"):
            edition.feature("schools", one)
    with pytest.raises(NotFoundError, match="is not the id of a feature of places"):
        edition.feature("places", "x")


ESCAPES = [
    "service = 'hospital'",
    "service = 'hospital' OR service = 'school'",
    "NOT (service = 'school')",
    "service <> 'school'",
    "1 = 1",
    "1 = 1 OR service IS NULL",
    "id LIKE '%hospital%'",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_filter_reaches_what_a_view_leaves_out(edition, text):
    asked = Features(filter=parse_filter(text))
    found = ids(edition, "schools", filter=asked.filter)
    assert all(one.endswith(".school") for one in found)
    assert edition.count("schools", asked) == len(found)
    counted = edition.aggregate("schools", Aggregation((), (Measure(Aggregate.COUNT),), asked))
    assert counted.column(counted.column_names[-1])[0].as_py() == len(found)


def test_ids_boxes_and_sorting_stay_inside_the_filter(edition):
    both = ("990000001.hospital", "990000001.school")
    assert ids(edition, "schools", ids=both) == ["990000001.school"]
    assert edition.count("schools", Features(ids=both)) == 1
    page = edition.page("schools", Features(sort=(SortKey("distance_m", descending=True),)), 1000)
    assert {one.as_py() for one in page.features["service"]} == {"school"}


def test_pages_of_a_view_hold_each_feature_once_and_a_cursor_serves_no_other_view(edition, release):
    found, cursor = [], None
    while True:
        page = edition.page("schools", Features(), 40, cursor)
        found += page.features["id"].to_pylist()
        if page.next is None:
            break
        cursor = page.next
    assert len(found) == len(set(found)) == VILLAGES
    other = Edition(
        release,
        {
            "markets": View("service_access", parse_filter("service = 'market'")),
            "all": View("service_access"),
        },
    )
    for name in other.manifest.collections:
        with pytest.raises(CursorError):
            other.page(name.name, Features(), 40, cursor)


def test_aggregates_count_within_the_filter(edition, release):
    by = Aggregation(("service",), (Measure(Aggregate.COUNT), Measure(Aggregate.SUM, "households")))
    table = edition.aggregate("schools", by)
    assert table["service"].to_pylist() == ["school"]
    whole = release.aggregate("service_access", by).to_pylist()
    assert table.to_pylist() == [one for one in whole if one["service"] == "school"]


def test_tiles_are_of_the_filter_and_of_the_name_shown(edition, release):
    tile = edition.tile("schools", Features(), 0, 0, 0)
    assert b"schools" in tile
    assert b"service_access" not in tile
    assert b"hospital" not in tile
    assert b"hospital" in release.tile("service_access", Features(), 0, 0, 0)


def test_closing_an_edition_leaves_the_release_open(release):
    with Edition(release, {"places": View("villages")}) as edition:
        edition.close()
    assert release.count("villages", Features()) == VILLAGES


# Of roles


def test_analysts_are_shown_everything_but_the_guarded_copies(release):
    edition = edition_for(release, Role.ANALYST)
    assert layers(edition) == [
        "villages",
        "facilities",
        "country",
        "regions",
        "districts",
        "access",
        "service_access",
        *(f"{what}_by_{by}" for what in ("mobility", "access") for by in ("region", "district")),
        *(f"villages_without_{service}" for service in Service),
    ]
    assert not any(name.startswith("public_") for name in [*layers(edition), *tables(edition)])
    assert {"mobility", "breakdowns", "contradictions", "groups_by_district"} <= set(tables(edition))


def test_the_public_is_shown_what_is_open_and_what_was_guarded(release):
    edition = edition_for(release, Role.PUBLIC)
    by_unit = [f"{what}_by_{by}" for what in ("mobility", "access") for by in ("region", "district")]
    assert layers(edition) == ["facilities", "country", "regions", "districts", *by_unit]
    assert {"groups", "groups_by_district", "access_by_band", "services"} <= set(tables(edition))
    for one in edition.manifest.collections:
        source = edition.view(one.name).source
        assert source in {"facilities", "adm0", "adm1", "adm2"} or source.startswith("public_")
        assert not {"village_id", "village_name"} & {field.name for field in one.fields}


def test_villages_without_a_service_are_those_of_which_it_was_reported(release):
    edition = edition_for(release, Role.ANALYST)
    for service in Service:
        name = f"villages_without_{service}"
        shown = edition.collection(name)
        assert shown.about["basis"] == "reported"
        said = parse_filter(f"service = '{service}' AND present = FALSE")
        assert shown.rows == release.count("reported_access", Features(filter=said)) > 0
        assert len(set(shown.title.values())) == len(Language)


NAMES = [
    "mobility",
    "villages",
    "access",
    "service_access",
    "groups",
    "public_groups",
    "reported_access",
    "findings",
]


@settings(max_examples=40)
@given(name=st.sampled_from(NAMES) | st.text(max_size=20))
def test_the_public_reaches_no_source_that_is_not_its_own(release, name):
    edition = edition_for(release, Role.PUBLIC)
    try:
        source = edition.view(name).source
    except NotFoundError:
        return
    assert source == f"public_{name}" or source in {"facilities", "adm0", "adm1", "adm2"}
