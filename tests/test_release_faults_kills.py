"""Publishers killed (SIGKILL) at every step, at every call of the file system and at random moments: nothing that was published is lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from publishers import PublisherHost, contents, store

from geo_service.query.questions import Features

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.release.folder_store import FolderStore

# What runs to its end here is measured elsewhere.
pytestmark = [pytest.mark.xdist_group("kills")]

RANDOM_KILLS = 90
FORMER, NEXT = 100, 200


@pytest.fixture(scope="module")
def host():
    with PublisherHost() as one:
        yield one


def begun(directory: Path) -> FolderStore:
    """A store with one release, which counts."""
    here = store(directory)
    here.publish(contents(FORMER))
    return here


def assert_whole(here: FolderStore, *, former: str) -> None:
    """The release that counts, and every other that is in its place, is whole, opens and reads."""
    entries = here.entries()
    assert former in {entry.id for entry in entries}
    for entry in entries:
        assert entry.damage is None
        assert here.verify(entry.id) == []
    with here.open() as release:
        assert release.count("villages", Features()) == 40
        assert release.page("access", Features(), 5).features.num_rows == 5


def assert_recovers(here: FolderStore, former: str) -> None:
    """The next publisher cleans up and succeeds; then everything is as it was before."""
    told: list[str] = []
    left = here.half_made()
    published = here.publish(contents(NEXT), told.append).id
    assert here.half_made() == []
    assert [name for name in left if not any(name in step for step in told)] == []
    assert here.current() == published
    assert here.verify() == []
    here.use(former)
    assert here.prune(0) == [published]
    assert {path.name for path in here._directory.iterdir()} == {
        former,
        "current",
        "leases",
        "publishing.lock",
    }
    assert [path.name for path in (here._directory / "leases").iterdir()] == [former]


def publish_killed(host: PublisherHost, here: FolderStore, former: str, **how) -> bool:
    answer = host.order(do="publish", directory=here.name, households=NEXT, **how)
    assert answer.get("error") is None, answer
    assert_whole(here, former=former)
    assert_recovers(here, former)
    return answer["killed"]


def test_a_publisher_killed_at_any_step_leaves_the_release_that_counts(host, tmp_path):
    here = begun(tmp_path)
    former = here.current()
    steps = host.order(do="publish", directory=here.name, households=NEXT)["steps"]
    assert len(steps) >= 10
    assert_recovers(here, former)
    for step in range(1, len(steps) + 1):
        assert publish_killed(host, here, former, kill_at_step=step)


def test_a_publisher_killed_at_any_call_of_the_file_system_leaves_the_release_that_counts(host, tmp_path):
    here = begun(tmp_path)
    former = here.current()
    events = host.order(do="publish", directory=here.name, households=NEXT)["events"]
    assert events > 40
    assert_recovers(here, former)
    for event in range(1, events + 1):
        assert publish_killed(host, here, former, kill_at_event=event)


def test_a_publisher_killed_at_random_moments_leaves_the_release_that_counts(host, tmp_path):
    here = begun(tmp_path)
    former = here.current()
    moments = random.Random(20240131)
    killed = tries = 0
    while killed < RANDOM_KILLS:
        killed += publish_killed(host, here, former, kill_after_s=moments.uniform(0, 0.025))
        tries += 1
        assert tries < RANDOM_KILLS * 5, "who is killed later than it ends was not killed"


def test_who_is_killed_while_mending_leaves_no_more_damage_than_there_was(host, tmp_path):
    here = begun(tmp_path)
    former = here.current()
    other = here.publish(contents(NEXT)).id
    here.use(former)
    file = tmp_path / other / "access.parquet"
    file.chmod(0o644)

    def damage() -> None:
        file.unlink()
        file.write_bytes(b"damaged")

    damage()
    events = host.order(do="publish", directory=here.name, households=NEXT)["events"]
    here.use(former)
    # What comes before the mending is that of any publishing.
    for event in range(events // 2, events + 1, 2):
        damage()
        assert host.order(do="publish", directory=here.name, households=NEXT, kill_at_event=event)["killed"]
        assert {fault.where for fault in here.verify(other)} <= {"access.parquet"}
        assert here.verify(former) == []
        here.publish(contents(NEXT))
        assert here.verify(other) == []
        assert here.half_made() == []
        here.use(former)


@pytest.mark.parametrize("do", ["prune", "use"])
def test_who_is_killed_while_pruning_or_moving_the_pointer_leaves_whole_releases(host, tmp_path, do):
    here = begun(tmp_path)
    former = here.current()
    other = here.publish(contents(NEXT)).id
    how = {"do": do, "directory": here.name, "keep": 0, "release": former}
    events = host.order(**how)["events"]
    assert events > 5
    for event in range(1, events + 1):
        here.publish(contents(NEXT))
        if do == "prune":
            here.publish(contents(FORMER))
        assert host.order(**how, kill_at_event=event)["killed"]
        assert here.current() in {former, other}
        assert_whole(here, former=here.current())
    here.publish(contents(FORMER))
    assert_recovers(here, former)
