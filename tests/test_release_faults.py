"""What can go wrong on a disk: full, read-only, not one's own, failing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import publishers
import pytest
from publishers import PublisherHost, contents, store

from geo_service.errors import DamagedReleaseError, OutputError
from geo_service.query.questions import Features
from geo_service.release import layout, publish

NOBODY = 65534


def on_a_small_disk(tmp_path, do, size="400k"):
    """What a script prints that has a disk of its own, which goes with it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not (unshare := shutil.which("unshare")):
        pytest.skip("there is no unshare to mount a small disk with")
    mount = f'mount -t tmpfs -o size={size} none "$1" && shift && exec "$@"'
    command = [unshare, "-rm", "sh", "-c", mount, "sh", str(disk)]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here: no user namespaces")
    done = subprocess.run(
        [*command, sys.executable, publishers.__file__, do, str(disk)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_on_a_full_disk_nothing_is_lost_and_nothing_is_left(tmp_path):
    told = on_a_small_disk(tmp_path, "fill_disk")
    *failed, last = told
    assert len(failed) > 8
    for one in failed:
        assert one["error"] == "OutputError"
        assert one["message"].endswith(
            "the release cannot be published: the disk is full; make room and publish again"
        )
        assert one["current_is_former"]
    assert not last["current_is_former"]
    assert all(one["half_made"] == [] and not one["faults"] and not one["former_faults"] for one in told)


def test_on_a_disk_that_has_become_read_only_releases_are_read_and_publishing_says_so(tmp_path):
    [told] = on_a_small_disk(tmp_path, "read_only")
    for do, failed in {
        "publish": "the release cannot be published",
        "use": "the release that counts cannot be changed",
        "prune": "releases cannot be pruned",
    }.items():
        kind, message = told[do]
        assert kind == "OutputError"
        assert message.endswith(f"{failed}: the disk is read-only")
    assert told["read"]
    assert told["faults"] == 0


def test_a_folder_of_somebody_else_is_read_and_publishing_into_it_says_so():
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as name, PublisherHost() as host:
        Path(name).chmod(0o755)
        here = store(Path(name) / "releases")
        release = here.publish(contents(100)).id
        order = {"directory": here.name, "households": 200, "uid": NOBODY}
        answer = host.order(do="publish", **order)
        assert answer["error"] == "OutputError"
        assert answer["message"].endswith("cannot be published: this user may not write there")
        assert host.order(do="read", **order)["result"] == [release, 40]
        assert host.order(do="verify", **order)["result"] == []
        here._directory.joinpath(release).chmod(0o700)
        assert host.order(do="read", **order)["error"] == "DamagedReleaseError"
        assert "manifest.json cannot be read" in str(host.order(do="verify", **order)["result"])
        [listed] = host.order(do="list", **order)["result"]
        assert "manifest.json cannot be read" in listed[1]
        here._directory.chmod(0o700)
        for do in ("read", "verify", "list"):
            answer = host.order(do=do, **order)
            assert answer["error"] == "StoreError", answer
            assert answer["message"].endswith("this user may not read it")
        here._directory.chmod(0o755)
        here._directory.joinpath(release).chmod(0o755)
        # A copy made by hand has no files of leases, and this reader cannot make any.
        shutil.rmtree(Path(name) / "releases" / "leases")
        assert host.order(do="read", **order)["result"] == [release, 40]
        assert here.half_made() == []


def test_a_reader_that_can_make_no_lease_reads_without_one(tmp_path, monkeypatch):
    here = store(tmp_path)
    here.publish(contents(100))
    shutil.rmtree(tmp_path / "leases")

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert here.verify() == []
    with here.open() as release:
        assert release.count("adm1", Features()) == 3
    assert not (tmp_path / "leases").exists()


def test_a_folder_that_is_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "releases"):
        with pytest.raises(OutputError, match="the release cannot be published: it is not a folder"):
            store(directory).publish(contents(100))


def failing(monkeypatch, owner, name, at, error):
    """Let the `at`-th call of a function fail; returns how many there were."""
    calls = [0]
    actual = getattr(owner, name)

    def counted(*arguments, **options):
        calls[0] += 1
        if calls[0] == at:
            raise error
        return actual(*arguments, **options)

    monkeypatch.setattr(owner, name, counted)
    return calls


FAILURES = [
    (os, "fsync", errno.EIO, "Input/output error"),
    (os, "fchmod", errno.EPERM, "this user may not write there"),
    (Path, "mkdir", errno.ENOSPC, "the disk is full; make room and publish again"),
    (Path, "rename", errno.EDQUOT, "the disk quota is used up; make room and publish again"),
    (Path, "replace", errno.ENOSPC, "the disk is full; make room and publish again"),
]


@pytest.mark.parametrize(("owner", "name", "number", "message"), FAILURES, ids=[one[1] for one in FAILURES])
def test_a_call_that_fails_at_any_place_leaves_whole_releases(tmp_path, owner, name, number, message):
    here = store(tmp_path)
    former = here.publish(contents(100)).id
    at = 0
    while True:
        at += 1
        with pytest.MonkeyPatch.context() as patch:
            calls = failing(patch, owner, name, at, OSError(number, os.strerror(number)))
            try:
                published = here.publish(contents(200)).id
            except OutputError as error:
                assert str(error).endswith(f"the release cannot be published: {message}")  # noqa: PT017
        if calls[0] < at:
            break
        assert here.half_made() == []
        assert here.verify() == []
        assert here.verify(former) == []
        assert all(entry.damage is None for entry in here.entries())
        here.use(former)
        here.prune(0)
    assert at > 1
    assert here.current() == published


def test_a_disk_that_is_full_at_any_write_leaves_the_release_that_counts(tmp_path, monkeypatch):
    here = store(tmp_path)
    former = here.publish(contents(100)).id
    left = [0]

    class Small:
        def __init__(self, file):
            self._file = file

        def write(self, data):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(data)

    actual = layout.new_file

    @contextmanager
    def small(path):
        with actual(path) as file:
            yield Small(file)

    for module in (layout, publish):
        monkeypatch.setattr(module, "new_file", small)
    writes = 0
    while True:
        left[0] = writes
        try:
            published = here.publish(contents(200)).id
            break
        except OutputError as error:
            assert "the disk is full" in str(error)  # noqa: PT017
        assert here.current() == former
        assert [entry.id for entry in here.entries()] == [former]
        assert here.half_made() == []
        writes += 7
    assert writes > 100
    assert here.verify() == []
    assert here.current() == published


def test_what_is_read_back_otherwise_than_written_is_not_published(tmp_path, monkeypatch):
    here = store(tmp_path)
    former = here.publish(contents(100)).id
    actual = layout.sync_folder

    def broken(folder):
        actual(folder)
        if folder.name.startswith(".writing-"):
            file = folder / "adm1.parquet"
            file.chmod(0o644)
            file.write_bytes(file.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(publish, "sync_folder", broken)
    with pytest.raises(
        DamagedReleaseError,
        match=r"cannot be read back as it was: adm1\.parquet was changed: .*; check the disk",
    ):
        here.publish(contents(200))
    assert here.current() == former
    assert [entry.id for entry in here.entries()] == [former]
    assert here.half_made() == []
