"""Publishing into a folder: one pointer, one publisher, synced before it is renamed; copies of another store's releases."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from publishers import PublisherHost, Watched, contents, store
from waiting import wait_until

from geo_service.errors import BusyError, DamagedReleaseError, InputError
from geo_service.query.questions import Features
from geo_service.release import layout
from geo_service.release.locks import publishing_lock
from geo_service.release.manifest import read_manifest

pytestmark = pytest.mark.xdist_group("publishers")

_MOST_TIMES = 20


def rows_of(here, release):
    """All rows of a collection of a release, as another store would give them."""
    folder = here._directory / release

    def rows(name):
        one = read_manifest((folder / "manifest.json").read_text(), "it").collection(name)
        table = pq.read_table(folder / one.file).select([field.name for field in one.fields])
        yield from table.to_batches(max_chunksize=9)

    return rows


@pytest.fixture
def here(tmp_path):
    return store(tmp_path / "some" / "releases")


@pytest.fixture(scope="module")
def host():
    with PublisherHost() as one:
        yield one


def test_a_release_that_is_published_counts_and_is_whole(here):
    steps = []
    manifest = here.publish(contents(100), steps.append)
    assert here.current() == manifest.id == manifest.content_id()
    assert here.verify() == []
    assert manifest.parent is None
    assert [one.name for one in manifest.collections] == [part.name for part in contents(100).parts]
    assert "writing villages (1 of 5)" in steps
    assert here.half_made() == []
    with here.open() as release:
        assert release.manifest == manifest
        assert release.count("villages", Features()) == 40


def test_the_same_contents_have_the_same_id_and_bytes_in_any_folder(here, tmp_path):
    other = store(tmp_path / "other")
    release = here.publish(contents(100)).id
    other.publish(contents(200))
    assert other.publish(contents(100)).id == release
    for path in (here._directory / release).rglob("*.parquet"):
        assert (other._directory / path.relative_to(here._directory)).read_bytes() == path.read_bytes()


def test_sha256sum_checks_a_release(here):
    if not (tool := shutil.which("sha256sum")):
        pytest.skip("there is no sha256sum on this machine")
    folder = here._directory / here.publish(contents(100)).id
    checked = subprocess.run(
        [tool, "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=True
    )
    listed = {line.removesuffix(": OK") for line in checked.stdout.splitlines()}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}


def test_published_files_are_read_only(here):
    folder = here._directory / here.publish(contents(100)).id
    assert {oct(path.stat().st_mode & 0o222) for path in folder.rglob("*") if path.is_file()} == {"0o0"}


def test_the_parent_is_the_release_that_counted(here):
    first = here.publish(contents(100))
    second = here.publish(contents(200))
    assert second.parent == first.id
    here.use(first.id)
    assert here.publish(contents(300)).parent == first.id


def test_the_same_contents_again_make_no_second_copy_but_count(here):
    first = here.publish(contents(100))
    here.publish(contents(200))
    files = {path: path.stat().st_mtime_ns for path in here._directory.rglob("*.parquet")}
    assert here.publish(contents(100)) == first
    assert here.current() == first.id
    assert {path: path.stat().st_mtime_ns for path in here._directory.rglob("*.parquet")} == files


def test_the_same_contents_again_mend_a_damaged_release(here):
    first = here.publish(contents(100))
    second = here.publish(contents(200))
    folder = here._directory / second.id
    (folder / "villages.parquet").unlink()
    (folder / "villages.parquet").mkdir()
    (folder / "tables" / "coverage_by_region.parquet").unlink()
    (folder / "tables").rmdir()
    (folder / "extra").symlink_to("/")
    assert len(here.verify()) == 4
    assert here.publish(contents(200)) == second
    assert here.verify() == []
    for name in ("manifest.json", "SHA256SUMS"):
        (folder / name).unlink()
        assert here.publish(contents(200)).id == second.id
        assert here.verify() == []
    assert here.verify(first.id) == []


def test_nothing_is_refused_before_anything_is_written(here):
    with pytest.raises(InputError, match="nothing to publish"):
        here.publish(replace(contents(100), parts=()))
    assert not here._directory.exists()


def test_an_error_in_the_rows_leaves_nothing_behind(here):
    def rows():
        raise InputError("the rows went away")
        yield

    broken = replace(contents(100).parts[1], rows=rows)
    with pytest.raises(InputError, match="the rows went away"):
        here.publish(replace(contents(100), parts=(contents(100).parts[0], broken)))
    assert here.half_made() == []
    assert here.entries() == []


def test_files_and_folders_are_on_disk_before_the_pointer_names_them(here, monkeypatch):
    here.publish(contents(100))
    happened = []
    fsync, rename, put = os.fsync, Path.rename, Path.replace

    def synced(descriptor):
        happened.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def renamed(path, target):
        there = [str(one) for one in (path, *path.rglob("*"))]
        happened.append(("rename", str(path), str(target), there))
        return rename(path, target)

    def replaced(path, target):
        happened.append(("replace", str(path), str(target)))
        return put(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(Path, "replace", replaced)
    here.publish(contents(200))
    kinds = [one[0] for one in happened]
    move = kinds.index("rename")
    assert {one[1] for one in happened[:move] if one[0] == "sync"} >= set(happened[move][3])
    pointer = kinds.index("replace")
    directory = str(here._directory)
    assert ("sync", directory) in happened[move:pointer]
    assert ("sync", happened[pointer][1]) in happened[:pointer]
    assert happened[pointer][2] == f"{directory}/current"
    assert happened[-1] == ("sync", directory)


def test_a_second_publisher_is_told_who_is_first(here, host):
    first = here.publish(contents(100)).id
    pid = host.begin(do="publish", directory=here.name, households=200, stop_at_step=4)
    wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().split()[2] == "T")
    try:
        for act in (lambda: here.publish(contents(100)), lambda: here.use(first), lambda: here.prune(1)):
            with pytest.raises(BusyError, match=rf"process {pid} on .* has been publishing since 20"):
                act()
        assert len(here.half_made()) == 1
        assert here.verify() == []
    finally:
        os.kill(pid, 18)
    answer = host.answer()
    assert here.current() == answer["result"]
    assert here.publish(contents(100)).id == first


def test_two_publishers_at_once_are_one_that_wins_and_one_that_is_told(here):
    with PublisherHost() as one, PublisherHost() as other:
        told = []
        for _ in range(5):
            hosts = {200: one, 300: other}
            for households, host in hosts.items():
                host.begin(do="publish", directory=here.name, households=households)
            answers = [host.answer() for host in hosts.values()]
            assert {answer.get("error", "BusyError") for answer in answers} == {"BusyError"}
            results = [answer["result"] for answer in answers if "result" in answer]
            assert here.current() in results
            assert all(here.verify(release) == [] for release in results)
            told += [answer["message"] for answer in answers if "message" in answer]
    assert here.half_made() == []
    assert all("publishing" in message for message in told)


def test_a_reader_in_the_middle_sees_one_whole_release(here, host):
    """Two releases take turns and the former is pruned at once; whoever opens one finds all of it, for as long as it is open."""
    sums = {}
    for households in (100, 200):
        manifest = here.publish(contents(households))
        sums[manifest.id] = manifest.collection("villages").sha256
    seen = []
    ended = threading.Event()

    def read():
        while not ended.is_set():
            with here.open() as release:
                manifest = release.manifest
                assert here.verify(manifest.id) == []
                assert manifest.collection("villages").sha256 == sums[manifest.id]
                features = release.page("access", Features(), 100).features
                assert features.num_rows == 80
                seen.append(manifest.id)

    threads = [Watched(read), Watched(read)]
    answers = []
    while set(seen) != set(sums) and len(answers) < _MOST_TIMES:
        answers.append(host.order(do="churn", directory=here.name, turns=8))
    ended.set()
    for thread in threads:
        thread.finish()
    assert not any("error" in answer for answer in answers), answers
    assert set(seen) == set(sums)


def test_what_a_dead_publisher_left_is_reported_and_cleaned_away(here):
    here.publish(contents(100))
    for name in (".writing-1", ".removing-2"):
        (here._directory / name / "tables").mkdir(parents=True)
        (here._directory / name / "tables" / "x.parquet").write_text("half")
    (here._directory / ".current-3").write_text("half")
    (here._directory / "leases" / ("0" * 32)).write_text("")
    assert here.half_made() == [".current-3", ".removing-2", ".writing-1"]
    told = []
    here.publish(contents(200), told.append)
    assert here.half_made() == []
    assert sum("cleaned away" in step for step in told) == 3
    assert len(list((here._directory / "leases").iterdir())) == 2


def test_a_copy_of_another_stores_release_is_the_same_release(here, tmp_path):
    here.publish(contents(100))
    manifest = here.publish(contents(200))
    there = store(tmp_path / "there")
    steps = []
    assert there.receive(manifest, rows_of(here, manifest.id), steps.append) == manifest
    assert "copying access (3 of 5)" in steps
    assert there.current() == manifest.id
    for path in (here._directory / manifest.id).rglob("*"):
        if path.is_file():
            assert (there._directory / path.relative_to(here._directory)).read_bytes() == path.read_bytes()
    there.publish(contents(300))

    def none(_name):
        raise AssertionError

    assert there.receive(manifest, none) == manifest
    assert there.current() == manifest.id


def test_a_copy_whose_rows_are_others_is_refused(here, tmp_path):
    manifest = here.publish(contents(100))
    other = here.publish(contents(200))
    there = store(tmp_path / "there")
    with pytest.raises(
        DamagedReleaseError, match="villages: the rows that came are not those of its manifest"
    ):
        there.receive(manifest, rows_of(here, other.id))

    def fewer(name):
        yield next(rows_of(here, manifest.id)(name))

    with pytest.raises(DamagedReleaseError, match="villages: 9 rows came instead of 40"):
        there.receive(manifest, fewer)
    older = manifest.model_copy(update={"versions": {"pyarrow": "1.0"}}).identified()
    with pytest.raises(DamagedReleaseError, match=r"use pyarrow 1\.0 to copy and check it"):
        there.receive(older, rows_of(here, other.id))
    assert there.entries() == []
    assert there.half_made() == []


def test_a_manifest_that_would_write_elsewhere_or_lies_about_its_id_is_refused(here, tmp_path):
    manifest = here.publish(contents(100))
    there = store(tmp_path / "there")
    with pytest.raises(DamagedReleaseError, match="its id does not fit"):
        there.receive(manifest.model_copy(update={"id": "0" * 32}), rows_of(here, manifest.id))
    villages = manifest.collections[0].model_copy(update={"file": "../../villages.parquet"})
    strange = manifest.model_copy(update={"collections": (villages,)}).identified()
    with pytest.raises(DamagedReleaseError, match="which is no place for it"):
        there.receive(strange, rows_of(here, manifest.id))
    assert not there._directory.exists()


def test_a_publisher_that_has_not_said_who_it_is_is_told_of_all_the_same(here):
    here.publish(contents(100))
    with publishing_lock(here._directory):
        (here._directory / layout.LOCK).write_bytes(b"")
        with pytest.raises(BusyError, match="another process is publishing; try again when that is done"):
            here.publish(contents(200))
