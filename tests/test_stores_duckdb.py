"""What is DuckDB's own matter: which doors are closed, what is loaded and when, odd folders, damaged files, memory."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from geo_service.errors import (
    DamagedReleaseError,
    FilterError,
    MissingExtraError,
    NotFoundError,
    StoreError,
)
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregation, Features, SortKey
from geo_service.release.duckdb_release import DuckdbRelease
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings
from tests.releases import small_contents
from tests.stores import MANY, folder_store, odd_contents, read_all

SPATIAL = Features(filter=parse_filter("S_INTERSECTS(geometry, LINESTRING(66 48, 66.7 48))"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with folder_store(tmp_path_factory.mktemp("releases"), small_contents()) as store:
        yield store


@pytest.fixture(scope="module")
def odd_store(tmp_path_factory):
    with folder_store(tmp_path_factory.mktemp("odd"), odd_contents()) as store:
        yield store


@pytest.fixture(scope="module")
def release(store):
    with store.open() as release:
        yield release


@pytest.fixture
def own_store(tmp_path):
    """One whose files may be spoiled."""
    with folder_store(tmp_path, small_contents()) as store:
        yield store


def file_of(store, name):
    return Path(store.name) / store.current() / f"{name}.parquet"


# Opening


def test_opening_loads_no_database_and_reads_no_file(store):
    text = (
        "import sys, pathlib\n"
        "from geo_service.release.folder_store import FolderStore\n"
        "from geo_service.settings import ReleaseSettings\n"
        "from geo_service.query.questions import Features\n"
        "store = FolderStore(ReleaseSettings(directory=pathlib.Path(sys.argv[1])))\n"
        "release = store.open()\n"
        "assert release.manifest.collections and 'duckdb' not in sys.modules\n"
        "print(release.count('villages', Features()))\n"
        "assert 'duckdb' in sys.modules and 'duckdb_extension_spatial' not in sys.modules\n"
        "release.close()\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", text, store.name], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("40\n", "")


def test_the_spatial_extension_is_loaded_by_the_first_question_that_needs_it(store):
    with store.open() as release:
        release.page("villages", Features(box=(60, 40, 70, 50), sort=(SortKey("village_name"),)), 5)
        release.feature("villages", "KZ-0001")
        assert list(release._databases) == [False]
        assert release.count("villages", SPATIAL) == 2
        assert set(release._databases) == {False, True}


@pytest.mark.parametrize("package", ["duckdb", "duckdb_extension_spatial"])
def test_without_the_package_the_extra_is_named(store, monkeypatch, package):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))

    def ask():
        with store.open() as release:
            release.count("villages", SPATIAL)

    with pytest.raises(MissingExtraError, match="needs the extra 'releases'"):
        ask()


def test_an_extension_of_another_version_is_as_none(store, monkeypatch):
    monkeypatch.setattr("duckdb.__version__", "0.0.1")
    with store.open() as release, pytest.raises(MissingExtraError, match=r"with DuckDB 0\.0\.1"):
        release.count("villages", SPATIAL)


# Closed doors


@pytest.mark.parametrize("spatial", [False, True], ids=["plain", "spatial"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "SELECT * FROM st_read('/etc/passwd')",
        "COPY (SELECT 1) TO '/var/lib/written-by-a-test.csv'",
        "ATTACH '/var/lib/written-by-a-test.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SELECT * FROM duckdb_secrets()",
        "SELECT getenv('HOME')",
        "SELECT * FROM store",
    ],
)
def test_the_database_reads_nothing_but_its_release(release, sql, spatial):
    import duckdb  # noqa: PLC0415

    with release._connection(spatial=spatial) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql).fetchall()


def test_another_release_cannot_be_read_either(odd_store, store):
    import duckdb  # noqa: PLC0415

    with (
        store.open() as release,
        release._connection(spatial=False) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.execute("SELECT * FROM read_parquet($1)", [str(file_of(odd_store, "many"))])


def test_settings_reach_the_database(store):
    settings = ReleaseSettings(directory=Path(store.name), memory="321MB", threads=1)
    asked = "SELECT current_setting('memory_limit'), current_setting('threads'), current_setting('temp_directory')"
    with FolderStore(settings).open() as release, release._connection(spatial=False) as connection:
        memory, threads, scratch = connection.execute(asked).fetchone()
    assert (memory, threads) == ("306.1 MiB", 1)
    assert Path(scratch).parent == Path(tempfile.gettempdir())


# Folders and files


@pytest.mark.parametrize(
    "name",
    ["Шығару 2024", 'O\'Neil "x"', "[a]*?{b,c}", "a\\b", "%20 $1 :x %s", "; DROP TABLE x; --", "a#b?c=d"],
)
def test_any_folder_name_will_do(tmp_path, name):
    with folder_store(tmp_path / name, small_contents()) as store, store.open() as release:
        assert release.count("villages", Features()) == 40
        assert read_all(release, "coverage_by_region").num_rows == 3


@pytest.mark.usefixtures("own_store")
def test_a_folder_may_be_given_relative_to_another(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path.parent)
    with FolderStore(ReleaseSettings(directory=Path(tmp_path.name))).open() as release:
        monkeypatch.chdir("/")
        assert release.count("villages", Features()) == 40


def spoil_half(data):
    return data[: len(data) // 2]


def spoil_footer(data):
    length = int.from_bytes(data[-8:-4], "little")
    return data[: -8 - length] + bytes(one ^ 0xFF for one in data[-8 - length : -8]) + data[-8:]


def spoil_pages(data):
    turned = bytearray(data)
    for at in range(100, len(data) // 2, 7):
        turned[at] ^= 0xFF
    return bytes(turned)


@pytest.mark.parametrize("spoil", [spoil_half, spoil_footer, spoil_pages, None])
def test_a_file_spoiled_while_it_is_open_is_said_to_be_damaged_and_the_others_answer(own_store, spoil):
    with own_store.open() as release:
        file = file_of(own_store, "villages")
        data = file.read_bytes()
        file.unlink()
        if spoil is not None:
            file.write_bytes(spoil(data))
        for ask in (
            lambda: read_all(release, "villages"),
            lambda: release.page("villages", Features(), 5),
            lambda: release.feature("villages", "KZ-0001"),
        ):
            with pytest.raises(
                DamagedReleaseError, match=f"releases verify {release.manifest.id[:12]}"
            ) as raised:
                ask()
            assert "\n" not in str(raised.value)
        assert release.count("adm1", Features()) == 3


def test_a_file_spoiled_in_its_middle_is_said_in_the_middle_of_the_stream(tmp_path):
    with folder_store(tmp_path, odd_contents()) as store, store.open() as release:
        file = file_of(store, "many")
        data = bytearray(file.read_bytes())
        for at in range(len(data) * 6 // 10, len(data) * 8 // 10, 11):
            data[at] ^= 0xFF
        file.write_bytes(data)
        with (
            pytest.raises(DamagedReleaseError, match="releases verify"),
            release.batches("many", Features(), rows=100) as reader,
        ):
            for _ in reader:
                pass


def test_after_an_error_inside_duckdb_the_next_question_is_answered(store):
    import duckdb  # noqa: PLC0415

    with store.open() as release:
        assert release.count("villages", Features()) == 40
        with pytest.raises(DamagedReleaseError, match="database has been invalidated"), release._in_words():
            raise duckdb.FatalException("FATAL Error: database has been invalidated")
        assert release._databases == {}
        assert release.count("villages", Features()) == 40


# Order and memory


def test_a_stream_in_many_threads_keeps_the_order_without_sorting(odd_store):
    settings = ReleaseSettings(directory=Path(odd_store.name), threads=8)
    with FolderStore(settings).open() as release:
        for features in (Features(), Features(filter=parse_filter("value > 300"), fields=())):
            fids = read_all(release, "many", features, rows=700)["fid"].to_pylist()
            assert fids == sorted(fids)
            assert len(fids) == release.count("many", features)


def test_sorting_beyond_the_memory_goes_to_disk_and_leaves_nothing_there(odd_store, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = ReleaseSettings(directory=Path(odd_store.name), memory="24MB", threads=2)
    with FolderStore(settings).open() as release:
        features = Features(sort=(SortKey("value", descending=True),))
        assert read_all(release, "many", features, rows=1000).num_rows == MANY
    assert list(tmp_path.iterdir()) == []


def test_a_question_beyond_all_memory_is_refused_and_says_how_to_give_more(odd_store, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = ReleaseSettings(directory=Path(odd_store.name), memory="1MB")
    with (
        FolderStore(settings).open() as release,
        pytest.raises(StoreError, match="GEO_SERVICE_RELEASES_MEMORY"),
    ):
        release.aggregate("many", Aggregation(("key", "group", "value")))


# The end


def test_closing_ends_the_streams_that_are_being_read(odd_store):
    release = odd_store.open()
    with release.batches("many", Features(), rows=100) as reader:
        reader.read_next_batch()
        release.close()
        with pytest.raises(StoreError, match="was closed"):
            for _ in reader:
                pass
    assert release._databases == {}


def test_closing_tells_the_store_once(odd_store):
    told = []
    with odd_store.open() as other:
        folder = Path(odd_store.name) / other.manifest.id
        release = DuckdbRelease(
            folder, other.manifest, ReleaseSettings(), on_close=lambda: told.append("closed")
        )
    with release:
        assert release.count("shapes", Features()) == 12
        assert told == []
    release.close()
    assert told == ["closed"]


def test_an_error_in_the_reader_s_own_work_stays_its_own(store):
    with (
        store.open() as release,
        pytest.raises(OSError, match="mine"),
        release.batches("villages", Features()),
    ):
        raise OSError("mine")


def test_the_files_stay_as_they_were(store):
    folder = Path(store.name) / store.current()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with store.open() as release:
        release.page("villages", Features(sort=(SortKey("village_name"),)), 5)
        release.count("villages", SPATIAL)
        with pytest.raises(NotFoundError):
            release.feature("villages", "none")
        with pytest.raises(FilterError):
            release.count("villages", Features(box=(1, 2, 3, float("nan"))))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["id"] == store.current()
    assert store.verify(store.current()) == []
