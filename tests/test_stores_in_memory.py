"""A release that a service keeps in memory answers as one that is read from its files each time."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest
from releases import small_contents
from store_fixtures import postgis  # noqa: F401 - a fixture
from stores import odd_contents, walk

from geo_service.errors import DamagedReleaseError, StoreError
from geo_service.query.criteria import parse_box, parse_fields, parse_sort
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregation, Features, Measure
from geo_service.release.folder_store import FolderStore
from geo_service.release.postgis_store import PostgisStore
from geo_service.release.row_groups import RowGroups
from geo_service.settings import PostgisSettings, ReleaseSettings

QUESTIONS = [
    Features(),
    Features(fields=()),
    Features(fields=parse_fields("village_name"), geometry=False),
    Features(filter=parse_filter("households > 110")),
    Features(filter=parse_filter("S_INTERSECTS(geometry, BBOX(66, 48, 68, 50))")),
    Features(box=parse_box("66,48,68,50")),
    Features(sort=parse_sort("-households,village_name")),
    Features(ids=("KZ-0003", "KZ-0020", "nobody")),
]


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    plain = FolderStore(ReleaseSettings(directory=folder))
    for contents in (odd_contents(), small_contents()):
        plain.publish(contents)
    return plain, FolderStore(ReleaseSettings(directory=folder, in_memory=10_000_000, page_memory=3_000_000))


@pytest.fixture
def both(stores):
    plain, kept = stores
    with plain.open() as one, kept.open() as other:
        yield one, other


@pytest.mark.parametrize("features", QUESTIONS, ids=range(len(QUESTIONS)))
def test_every_question_has_the_same_answer(both, features):
    one, other = both
    for _ in range(2):
        assert other.count("villages", features) == one.count("villages", features)
        first, second = (walk(release, "villages", features, 7) for release in both)
        assert second.equals(first, check_metadata=True)
        with one.batches("villages", features) as first, other.batches("villages", features) as second:
            assert second.read_all().equals(first.read_all(), check_metadata=True)


def test_pages_aggregates_features_and_tiles_are_the_same(both):
    one, other = both
    by = Aggregation(by=("adm1_pcode",), measures=(Measure(),))
    assert other.aggregate("villages", by).equals(one.aggregate("villages", by))
    assert other.feature("villages", "KZ-0003").equals(
        one.feature("villages", "KZ-0003"), check_metadata=True
    )
    assert other.tile("villages", Features(), 4, 10, 5) == one.tile("villages", Features(), 4, 10, 5) != b""
    for collection in one.manifest.collections:
        first, second = (release.page(collection.name, Features(), 100) for release in both)
        assert second.features.equals(first.features, check_metadata=True), collection.name


def test_pages_over_several_row_groups_are_the_rows_in_their_order(stores):
    plain, kept = stores
    many = next(one.id for one in plain.entries() if any(c.name == "many" for c in one.manifest.collections))
    with plain.open(many) as one, kept.open(many) as other:
        with one.batches("many", Features()) as reader:
            whole = reader.read_all()
        cursor, at = None, 0
        while True:
            page = other.page("many", Features(), 9_000, cursor)
            assert page.features.equals(whole.slice(at, 9_000))
            at, cursor = at + page.features.num_rows, page.next
            if cursor is None:
                break
        assert at == whole.num_rows


def test_what_is_kept_has_a_bound_and_goes_with_its_release(stores):
    _, kept = stores
    many = next(one.id for one in kept.entries() if any(c.name == "many" for c in one.manifest.collections))
    groups = kept._row_groups.kept
    with kept.open(many) as release:
        for collection in release.manifest.collections:
            release.page(collection.name, Features(), 40_000)
        assert 0 < groups.bytes <= 3_000_000
        assert groups.bytes == sum(one.nbytes for one in groups._kept.values())
        folder = release._folder
    assert not [one for one, _ in groups.keys() if folder in one.parents]  # noqa: SIM118
    assert groups.bytes == sum(one.nbytes for one in groups._kept.values())


def test_many_threads_read_the_same_pages_at_once(both):
    _, other = both
    expected = other.page("villages", Features(), 40).features
    found = []

    def ask():
        found.extend(other.page("villages", Features(filter=query), 40).features for query in (None, within))

    within = parse_filter("households > 0 OR households IS NULL")
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 16
    assert all(one.equals(expected) for one in found)


def test_a_closed_release_gives_no_page_from_memory(stores):
    _, kept = stores
    release = kept.open()
    release.page("villages", Features(), 5)
    release.close()
    with pytest.raises(StoreError, match="closed"):
        release.page("villages", Features(), 5)


def test_a_damaged_file_is_said_to_be_one(tmp_path):
    store = FolderStore(ReleaseSettings(directory=tmp_path, page_memory=1_000_000))
    manifest = store.publish(small_contents())
    file = tmp_path / manifest.id / manifest.collection("villages").file
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[40:400] = b"\xff" * 360
    file.write_bytes(bytes(content))
    with store.open() as release, pytest.raises(DamagedReleaseError, match="verify"):
        release.page("villages", Features(), 5)


def test_rows_beyond_the_end_are_none(both):
    one, _ = both
    file = one._folder / one.collection("villages").file
    for first, count, rows in ((0, 3, 3), (38, 10, 2), (40, 1, 0), (2**62, 5, 0)):
        found = RowGroups(0).rows(file, ["fid", "village_name"], first, count)
        assert isinstance(found, pa.Table)
        assert found.num_rows == rows
        assert found["fid"].to_pylist() == list(range(first + 1, first + 1 + rows))


@pytest.mark.postgis
@pytest.mark.xdist_group("stores in postgis")
def test_postgis_gives_the_same_pages_from_memory_and_lets_go_of_them(postgis):  # noqa: F811
    plain = postgis["store"]
    kept = PostgisStore(plain._server._conninfo, PostgisSettings(page_memory=3_000_000))
    try:
        for name in ("small", "odd"):
            release = postgis[name].manifest.id
            with plain.open(release) as one, kept.open(release) as other:
                for collection in one.manifest.collections:
                    for limit in (7, 5_000):
                        if collection.rows > 1_000 * limit:
                            continue
                        first, second = (
                            walk(of, collection.name, Features(geometry=False), limit) for of in (one, other)
                        )
                        assert second.equals(first, check_metadata=True), collection.name
                assert 0 < kept._kept.bytes <= 3_000_000
            with pytest.raises(StoreError, match="closed"):
                other.page("villages" if name == "small" else "many", Features(), 5)
            assert kept._kept.bytes == 0
    finally:
        kept.close()
