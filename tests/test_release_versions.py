"""Releases made by earlier versions stay readable: one of each version of the format is kept in tests/data."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from publishers import store
from release_fixture import DATA, make_fixture

from geo_service.errors import DamagedReleaseError
from geo_service.query.questions import Features
from geo_service.release.manifest import FORMAT_VERSION, read_manifest
from geo_service.release.parts import Part
from geo_service.release.writer import write_part

KEPT = sorted(path.name for path in DATA.glob("release-*"))


@pytest.fixture(params=KEPT)
def old(request, tmp_path):
    """A folder with a release of an earlier version, as somebody has it."""
    shutil.copytree(DATA / request.param, tmp_path / "releases")
    return store(tmp_path / "releases")


def test_a_release_of_this_format_is_kept():
    assert f"release-{FORMAT_VERSION}" in KEPT, "make one: python tests/release_fixture.py"
    with pytest.raises(SystemExit, match="stays as it was made"):
        make_fixture()
    for name in KEPT:
        size = sum(path.stat().st_size for path in (DATA / name).rglob("*") if path.is_file())
        assert size < 100_000, name


def test_a_release_of_an_earlier_version_is_whole_and_listed(old):
    assert old.verify() == []
    [entry] = old.entries()
    assert entry.is_current
    assert entry.damage is None
    assert entry.manifest.id == entry.id


def test_a_release_of_an_earlier_version_is_read(old):
    with old.open() as release:
        assert [one.name for one in release.manifest.collections] == [
            "villages",
            "adm1",
            "access",
            "mobility",
            "coverage_by_region",
        ]
        assert [release.count(one.name, Features()) for one in release.manifest.collections] == [
            40,
            3,
            80,
            40,
            3,
        ]
        village = release.feature("villages", "KZ-0001").to_pylist()[0]
        assert village["village_name"] == "Қызылжар 0"
        assert village["register_number"] == 2**53 + 2
        assert release.page("villages", Features(box=(66, 48, 67, 49)), 10).features.num_rows == 4


def test_a_release_of_an_earlier_version_is_written_again_byte_for_byte(old):
    manifest = old.entries()[0].manifest
    made = manifest.versions["pyarrow"]
    if made != pa.__version__:
        pytest.skip(f"made with pyarrow {made}, and {pa.__version__} may write other bytes of the same rows")
    for one in manifest.collections:
        table = pq.read_table(Path(old.name) / manifest.id / one.file)
        rows = table.select([field.name for field in one.fields])
        assert write_part(Part.of(one, lambda rows=rows: iter(rows.to_batches(11)))) == one
    assert manifest.to_json() == (Path(old.name) / manifest.id / "manifest.json").read_text("utf-8")


def test_a_release_of_an_earlier_version_is_copied_and_followed(old, tmp_path):
    manifest = old.entries()[0].manifest
    if manifest.versions["pyarrow"] != version("pyarrow"):
        pytest.skip("copying compares bytes, which another pyarrow may write otherwise")

    def rows(name):
        one = manifest.collection(name)
        table = pq.read_table(Path(old.name) / manifest.id / one.file)
        yield from table.select([field.name for field in one.fields]).to_batches()

    there = store(tmp_path / "there")
    assert there.receive(manifest, rows) == manifest
    assert there.verify() == []


def test_a_release_of_a_newer_format_says_that_a_newer_version_is_needed(old):
    path = Path(old.name) / old.current() / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    content["format_version"] = "2.0"
    path.chmod(0o644)
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(DamagedReleaseError, match=r"format 2\.0, which is newer .*; use a newer geo-service"):
        old.open()
    [entry] = old.entries()
    assert "use a newer geo-service" in entry.damage


def test_the_id_is_that_of_the_document_as_it_was_written(old):
    """What this version reads has the id it had; the manifest that this version would write of it may not be another."""
    path = Path(old.name) / old.current() / "manifest.json"
    assert read_manifest(path.read_text("utf-8"), "it").id == old.current()


def test_releases_that_are_listed_again_are_not_read_again_unless_they_changed(old):
    """A manifest has a thousand columns and takes some 30 ms."""
    [before] = old.entries()
    [again] = old.entries()
    assert again.manifest is before.manifest
    path = Path(old.name) / old.current() / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text("utf-8").replace('"bytes": ', '"bytes": 1', 1), "utf-8")
    [changed] = old.entries()
    assert "its content is not that release's" in changed.damage


def test_what_is_no_manifest_is_said():
    for text in (
        "",
        "[]",
        "nonsense",
        "{}",
        "[" * 100_000,
        '{"format": "geo-service-release", "format_version": "new"}',
    ):
        with pytest.raises(DamagedReleaseError, match="it is not the manifest of a release"):
            read_manifest(text, "it")
