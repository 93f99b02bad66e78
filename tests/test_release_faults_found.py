"""What verifying finds of files that were changed, cut short, added, taken away or are another release's."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil

import pytest
from publishers import contents, store

from geo_service.errors import DamagedReleaseError
from geo_service.release import verify
from geo_service.release.manifest import read_manifest
from geo_service.release.protocol import Fault
from geo_service.release.verify import sums_text


def test_a_file_that_the_disk_cannot_read_is_found(whole, monkeypatch):
    here, _, _ = whole

    def broken(_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(verify, "_sha256", broken)
    assert {fault.what for fault in here.verify()} == {"cannot be read: Input/output error"}


@pytest.fixture
def whole(tmp_path):
    """A store with one release, and its files."""
    here = store(tmp_path / "releases")
    folder = tmp_path / "releases" / here.publish(contents(100)).id
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        path.chmod(0o644)
    return here, folder, files


def places(here):
    return {fault.where for fault in here.verify()}


def test_every_flipped_bit_is_found(whole):
    here, folder, files = whole
    flips = random.Random(20240131)
    for path in files:
        content = path.read_bytes()
        name = str(path.relative_to(folder))
        for _ in range(40):
            place = flips.randrange(len(content))
            changed = bytearray(content)
            changed[place] ^= 1 << flips.randrange(8)
            path.write_bytes(changed)
            found = places(here)
            assert found, (name, place)
            # A bit of the checksums may speak of another file, or of one that is not there.
            assert name in found or name == "SHA256SUMS", (name, place)
        path.write_bytes(content)
        assert here.verify() == []


def test_every_file_that_is_cut_short_or_longer_is_found(whole):
    here, folder, files = whole
    for path in files:
        content = path.read_bytes()
        name = str(path.relative_to(folder))
        for length in sorted({0, 1, 7, len(content) // 2, len(content) - 8, len(content) - 1}):
            path.write_bytes(content[:length])
            assert name in places(here), (name, length)
        for more in (b"\0", b"\n", content):
            path.write_bytes(content + more)
            assert name in places(here), (name, more[:1])
        path.write_bytes(content)
    assert here.verify() == []


def test_every_file_that_is_missing_or_not_a_file_is_found(whole, tmp_path):
    here, folder, files = whole
    for path in files:
        away = tmp_path / "away"
        path.rename(away)
        name = str(path.relative_to(folder))
        assert name in places(here)
        path.symlink_to(away)
        if path.suffix == ".parquet":
            assert name in places(here), "a link may lead anywhere"
        path.unlink()
        path.mkdir()
        assert name in places(here)
        path.rmdir()
        away.rename(path)
    assert here.verify() == []


def test_every_extra_file_and_folder_is_found(whole):
    here, folder, _ = whole
    (folder / "notes.txt").write_text("")
    (folder / "tables" / ".hidden").write_text("")
    (folder / "more" / "deep").mkdir(parents=True)
    (folder / "more" / "deep" / "villages.parquet").write_text("")
    (folder / "link").symlink_to(folder / "villages.parquet")
    assert places(here) == {
        "notes.txt",
        "tables/.hidden",
        "more",
        "more/deep",
        "more/deep/villages.parquet",
        "link",
    }
    assert {fault.what for fault in here.verify()} == {"is not of this release"}


def test_files_that_changed_places_and_the_manifest_of_another_release_are_found(whole):
    here, folder, _ = whole
    other = folder.parent / here.publish(contents(200)).id
    here.use(folder.name)
    for name in ("manifest.json", "SHA256SUMS"):
        shutil.copy(other / name, folder / name)
    faults = here.verify()
    assert faults[0].what == f"is that of release {other.name}, not of {folder.name}"


def test_a_parent_that_was_changed_is_found_though_the_id_does_not_cover_it(whole):
    here, folder, _ = whole
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["parent"] = "0" * 32
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert here.open().manifest.parent == "0" * 32
    [fault] = here.verify()
    assert (fault.where, fault.what) == (
        "manifest.json",
        "is not what SHA256SUMS says: its SHA-256 is another",
    )


def test_checksums_that_leave_a_file_out_or_name_another_are_found(whole):
    here, folder, _ = whole
    sums = folder / "SHA256SUMS"
    lines = sums.read_text().splitlines(keepends=True)
    for changed, what in (
        (lines[1:], "does not list access.parquet"),
        ([*lines, f"{'0' * 64}  ../../etc/passwd\n"], "lists ../../etc/passwd too"),
        (lines[::-1], "is not as it was written"),
        ([*lines, "\n"], "is not as it was written"),
    ):
        sums.write_text("".join(changed))
        assert what in {fault.what for fault in here.verify() if fault.where == "SHA256SUMS"}


def rewritten(folder, **changes):
    """The release again with another manifest whose id and checksums fit it, as whoever means harm would do it."""
    text = (folder / "manifest.json").read_text("utf-8")
    manifest = read_manifest(text, "it")
    villages = manifest.collections[0].model_copy(update=changes)
    manifest = manifest.model_copy(update={"collections": (villages, *manifest.collections[1:])}).identified()
    folder = folder.rename(folder.parent / manifest.id)
    (folder / "manifest.json").write_text(manifest.to_json(), "utf-8")
    (folder / "SHA256SUMS").write_text(sums_text(manifest), "utf-8")
    return folder


def test_a_manifest_that_lies_about_what_is_in_a_file_is_found(whole):
    here, folder, _ = whole
    villages = read_manifest((folder / "manifest.json").read_text("utf-8"), "it").collections[0]
    folder = rewritten(folder, rows=39)
    assert here.verify(folder.name) == [Fault("villages.parquet", "has 40 rows instead of 39")]
    folder = rewritten(folder, rows=40, fields=villages.fields[:-1], geometry=None)
    [fault] = here.verify(folder.name)
    assert fault.what == "has other columns than the manifest says"
    for content in (b"PAR1 and no more PAR1", b""):
        (folder / "villages.parquet").write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        folder = rewritten(folder, fields=villages.fields, sha256=sha256, bytes=len(content))
        [fault] = here.verify(folder.name)
        assert fault.what.startswith("cannot be read as Parquet")


def test_the_list_of_releases_says_which_are_damaged_without_reading_them(whole):
    here, folder, _ = whole
    (folder / "access.parquet").write_bytes(b"")
    [entry] = here.entries()
    assert entry.damage.startswith("access.parquet has 0 bytes instead of")
    with pytest.raises(DamagedReleaseError, match=r"publish the same again to mend it, or use another"):
        here.open()
    other = folder.rename(folder.parent / ("0" * 32))
    entry = here.entries()[0]
    assert (entry.manifest, entry.damage) == (
        None,
        f"{other / 'manifest.json'} is the manifest of release {folder.name}",
    )
    for name in ("manifest.json", "SHA256SUMS"):
        (other / name).unlink()
        (other / name).mkdir()
    assert "cannot be read: Is a directory" in here.entries()[0].damage


def test_checksums_that_are_no_text_are_found(whole):
    here, folder, _ = whole
    (folder / "SHA256SUMS").write_bytes(b"\xff\xfe")
    assert here.verify() == [Fault("SHA256SUMS", "cannot be read")]


def test_without_a_manifest_the_checksums_still_say_which_files_are_damaged(whole):
    here, folder, _ = whole
    (folder / "manifest.json").write_text("{}")
    (folder / "access.parquet").write_bytes(b"")
    faults = {fault.where: fault.what for fault in here.verify()}
    assert faults.keys() == {"manifest.json", "access.parquet"}
    (folder / "SHA256SUMS").unlink()
    assert {"manifest.json", "SHA256SUMS", "villages.parquet"} <= places(here)


def test_verifying_tells_of_each_file(whole):
    here, _, files = whole
    told = []
    here.verify(progress=told.append)
    assert len(told) == len(files) - 2
