"""A folder of releases: finding, listing, using and pruning what is there, and what keeps a release that is open."""

from __future__ import annotations

import datetime as dt
import os
import shutil

import pytest
from publishers import PublisherHost, Watched, contents, store

from geo_service.errors import DamagedReleaseError, InputError, NotFoundError
from geo_service.query.questions import Features
from geo_service.release import folder_store, layout
from geo_service.release.locks import Lease, prune_lock


@pytest.fixture
def here(tmp_path):
    return store(tmp_path / "some" / "releases")


@pytest.fixture(scope="module")
def host():
    with PublisherHost() as one:
        yield one


def test_a_release_is_found_by_its_beginning(here):
    with pytest.raises(NotFoundError, match=r"no release counts in .*; there are none; publish one"):
        here.find()
    release = here.publish(contents(100)).id
    other = here.publish(contents(200)).id
    assert here.find(release[:6]) == here.find(release.upper()) == here.find(release) == release
    assert here.find() == here.find("current") == other
    for wrong in (release[:5], "", "../..", "x" * 32):
        with pytest.raises(NotFoundError, match="is not the id of a release; give 6 or more"):
            here.find(wrong)
    with pytest.raises(NotFoundError, match=f"there is no release '000000'.*{release[:12]}"):
        here.find("000000")
    shutil.copytree(
        here._directory / release,
        here._directory / (release[:31] + "x").replace("x", "0" if release[31] != "0" else "1"),
    )
    with pytest.raises(NotFoundError, match="several releases begin with"):
        here.find(release[:10])


def test_entries_are_listed_from_the_last_to_the_first_with_what_is_wrong(here):
    assert here.entries() == []
    assert here.half_made() == []
    ids = [here.publish(contents(households)).id for households in (100, 200, 300)]
    for age, release in enumerate(reversed(ids)):
        moment = 1_700_000_000 - age * 3600
        os.utime(here._directory / release / "SHA256SUMS", (moment, moment))
    here.use(ids[0])
    entries = here.entries()
    assert [one.id for one in entries] == ids[::-1]
    assert [one.is_current for one in entries] == [False, False, True]
    assert entries[0].since == dt.datetime.fromtimestamp(1_700_000_000, tz=dt.UTC)
    assert all(one.manifest is not None and one.damage is None for one in entries)
    (here._directory / ids[1] / "manifest.json").unlink()
    (here._directory / ids[2] / "adm1.parquet").unlink()
    (here._directory / "current").unlink()
    (here._directory / "current").write_text("nonsense")
    entries = here.entries()
    assert [one.is_current for one in entries] == [False] * 3
    assert entries[0].damage == "adm1.parquet is missing"
    assert entries[1].manifest is None
    assert "manifest.json cannot be read" in entries[1].damage


def test_a_pointer_that_names_nothing_is_said_and_put_right(here):
    first, second = (here.publish(contents(households)).id for households in (100, 200))
    pointer = here._directory / "current"
    for text in ("", "nonsense", "\xff\n", "../../etc"):
        pointer.unlink()
        pointer.write_text(text, encoding="latin-1")
        for ask in (here.current, here.find, here.open, here.verify, lambda: here.prune(1)):
            with pytest.raises(DamagedReleaseError, match=r"does not name a release; .* releases use ID"):
                ask()
    here.use(first)
    assert here.current() == first
    shutil.rmtree(here._directory / first)
    for ask in (here.find, here.open, here.verify, lambda: here.prune(1)):
        with pytest.raises(
            DamagedReleaseError, match=f"{first}, which is gone; .*use ID; there are: {second[:12]}"
        ):
            ask()
    assert here.publish(contents(300)).parent is None


def test_using_a_release_that_is_damaged_or_not_there_changes_nothing(here):
    with pytest.raises(NotFoundError):
        here.use("0" * 32)
    assert not here._directory.exists()
    first, second = (here.publish(contents(households)).id for households in (100, 200))
    (here._directory / first / "villages.parquet").unlink()
    with pytest.raises(DamagedReleaseError, match=r"villages\.parquet is missing"):
        here.use(first)
    with pytest.raises(DamagedReleaseError, match=r"villages\.parquet is missing"):
        here.open(first)
    assert here.current() == second


def test_pruning_keeps_the_last_the_one_that_counts_and_those_that_are_open(here, host):
    assert here.prune(1) == []
    ids = [here.publish(contents(households)).id for households in (100, 200, 300, 400, 500)]
    for age, release in enumerate(reversed(ids)):
        moment = 1_700_000_000 - age * 3600
        os.utime(here._directory / release / "SHA256SUMS", (moment, moment))
    here.use(ids[1])
    with here.open(ids[0]) as release:
        assert host.order(do="prune", directory=here.name, keep=1)["result"] == [ids[3], ids[2]]
        assert {one.id for one in here.entries()} == {ids[0], ids[1], ids[4]}
        assert release.count("villages", Features()) == 40
        assert here.prune(0) == [ids[4]]
    assert here.prune(0) == [ids[0]]
    assert [one.id for one in here.entries()] == [ids[1]]
    assert here.verify() == []
    with pytest.raises(InputError, match="-1 releases cannot be kept"):
        here.prune(-1)


def test_a_reader_that_waits_while_a_release_is_pruned_is_told_that_it_went(here):
    first = here.publish(contents(100)).id
    here.publish(contents(200))
    with prune_lock(here._directory, first) as alone:
        assert alone
        reader = Watched(lambda: here.open(first))
        reader.join(0.2)
        assert reader.is_alive()
        shutil.rmtree(layout.remove(here._directory, first))
    with pytest.raises(NotFoundError, match=f"there is no release '{first}'"):
        reader.finish()


def test_a_lease_that_waited_holds_the_file_that_is_there(here):
    """The file that it waited for is gone with the pruning; a lock on that would hold nobody back."""
    release = here.publish(contents(100)).id
    held = []
    with prune_lock(here._directory, release):
        reader = Watched(lambda: held.append(Lease(here._directory, release)))
        reader.join(0.2)
        assert held == []
    reader.finish()
    with prune_lock(here._directory, release) as alone:
        assert not alone
    held[0].release()
    held[0].release()
    with prune_lock(here._directory, release) as alone:
        assert alone


def test_what_is_pruned_while_it_is_looked_at_is_no_error(here, monkeypatch):
    gone, there = (here.publish(contents(households)).id for households in (100, 200))
    shutil.rmtree(here._directory / gone)
    monkeypatch.setattr(folder_store, "release_ids", lambda _: [gone, there])
    assert [one.id for one in here.entries()] == [there]
    for ask in (here.open, here.verify):
        with pytest.raises(
            NotFoundError, match=r"while it was being opened; try again|was pruned a moment ago"
        ):
            ask(gone)
    pointers = iter([gone, there])
    monkeypatch.setattr(folder_store, "pointed", lambda _: next(pointers))
    assert here.find() == there


def test_a_lease_on_a_release_that_is_published_again_holds_the_new_one(here):
    """Pruning takes the file of the lease away: one that was taken at that moment must not count as held."""
    first = here.publish(contents(100)).id
    here.publish(contents(200))
    path = here._directory / layout.LEASES / first
    path.unlink()
    with here.open(first):
        assert path.exists()
        assert here.prune(0) == []
    assert here.prune(0) == [first]
