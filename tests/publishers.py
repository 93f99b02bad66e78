"""Publishers in processes of their own, that can be killed at any step: a host that has everything imported forks one for each order.

An order is one line of JSON: `do` (publish, use, prune, churn), `directory`, `households`, and what ends it: `kill_at_step`, `kill_at_event`
(a call of the file system), `kill_after_s`, or `stop_at_step` (until it is continued). The answer is one line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from releases import small_contents

from geo_service.errors import GeoServiceError
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings

__all__ = ["PublisherHost", "Watched", "contents", "store"]

EVENTS = {
    "os.fsync",
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "fcntl.flock",
    "os.truncate",
}


@cache
def contents(households: int):
    return small_contents(households=households)


def store(directory: Path | str) -> FolderStore:
    return FolderStore(ReleaseSettings(directory=Path(directory)))


class PublisherHost:
    """The other end: gives orders to a host in a process of its own."""

    def __init__(self, *before: str, arguments: tuple[str, ...] = ()) -> None:
        self._process = subprocess.Popen(
            [*before, sys.executable, __file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **order) -> dict:
        """Give an order and wait for its end."""
        self.begin(**order)
        return self.answer()

    def begin(self, **order) -> int:
        """Give an order; returns the process that carries it out."""
        self._process.stdin.write(json.dumps(order, default=str) + "\n")
        self._process.stdin.flush()
        return self.answer()["pid"]

    def answer(self) -> dict:
        line = self._process.stdout.readline()
        assert line, "the host of publishers ended"
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)


class Watched(threading.Thread):
    """A thread whose error is its caller's."""

    def __init__(self, work):
        super().__init__()
        self._work, self._error = work, None
        self.start()

    def run(self):
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001
            self._error = error

    def finish(self):
        self.join(120)
        if self._error is not None:
            raise self._error


def say(answer: dict) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def serve() -> None:
    for households in (100, 200):
        contents(households)
    for line in sys.stdin:
        order = json.loads(line)
        contents(order.get("households", 200))
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _carry_out(order, writing)
        os.close(writing)
        say({"pid": child})
        if (seconds := order.get("kill_after_s")) is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        with os.fdopen(reading) as told:
            answer = told.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        say({"killed": killed} | json.loads(answer or "{}"))


def _carry_out(order: dict, writing: int) -> None:
    answer: dict = {}
    try:
        if order.get("uid"):
            os.setuid(order["uid"])
        count = Count(order)
        here = store(order["directory"])
        sys.addaudithook(count.audit)
        try:
            answer["result"] = _do(order, here, count.progress)
        except GeoServiceError as error:
            answer |= {"error": type(error).__name__, "message": str(error)}
        answer |= {"steps": count.steps, "events": count.events}
    except BaseException as error:  # noqa: BLE001
        answer |= {"error": "unexpected", "message": repr(error)}
    with suppress(BrokenPipeError):
        os.write(writing, json.dumps(answer).encode())
    os._exit(0)


class Count:
    """Counts steps and calls of the file system, and ends the process at the one that is ordered."""

    def __init__(self, order: dict) -> None:
        self.steps: list[str] = []
        self.events = 0
        self._order = order
        self._fsync = os.fsync
        # Python audits the other calls, but not these.
        os.fsync = self.fsync

    def progress(self, step: str) -> None:
        self.steps.append(step)
        if len(self.steps) == self._order.get("kill_at_step"):
            os.kill(os.getpid(), signal.SIGKILL)
        if len(self.steps) == self._order.get("stop_at_step"):
            os.kill(os.getpid(), signal.SIGSTOP)

    def audit(self, event: str, _arguments: tuple) -> None:
        if event in EVENTS:
            self.events += 1
            if self.events == self._order.get("kill_at_event"):
                os.kill(os.getpid(), signal.SIGKILL)

    def fsync(self, descriptor: int) -> None:
        self.audit("os.fsync", ())
        self._fsync(descriptor)


def _do(order: dict, here: FolderStore, progress):
    match order["do"]:
        case "publish":
            return here.publish(contents(order["households"]), progress).id
        case "use":
            here.use(order["release"])
        case "prune":
            return here.prune(order["keep"])
        case "verify" | "list" | "read":
            return _seen(order, here)
        case "churn":
            for turn in range(order["turns"]):
                here.publish(contents(100 + turn % 2 * 100))
                here.prune(0)
    return None


def _seen(order: dict, here: FolderStore) -> list:
    if order["do"] == "verify":
        return [f"{fault.where} {fault.what}" for fault in here.verify(order.get("release"))]
    if order["do"] == "list":
        return [(entry.id, entry.damage) for entry in here.entries()]
    with here.open() as release:
        return [release.manifest.id, release.manifest.collection("villages").rows]


def fill_disk(directory: Path) -> None:
    """On a small disk: leave ever more room until a release can be published; prints what happened each time, one line of JSON each."""
    here = store(directory / "releases")
    before = here.publish(contents(100)).id
    filler = directory / "filler"
    for room in range(0, 400_000, 4096):
        filler.unlink(missing_ok=True)
        free = os.statvfs(directory).f_bavail * os.statvfs(directory).f_frsize
        filler.write_bytes(b"\0" * max(free - room, 0))
        told = {"room": room}
        try:
            told["published"] = here.publish(contents(200)).id
        except GeoServiceError as error:
            told |= {"error": type(error).__name__, "message": str(error)}
        told |= {
            "half_made": here.half_made(),
            "current_is_former": here.current() == before,
            "faults": len(here.verify()),
            "former_faults": len(here.verify(before)),
        }
        say(told)
        if "published" in told:
            break


def read_only(directory: Path) -> None:
    """On a disk that has become read-only: what publishing says, and whether the release can still be read."""
    here = store(directory / "releases")
    before = here.publish(contents(100)).id
    subprocess.run(["mount", "-o", "remount,ro", str(directory)], check=True)
    told = {}
    for do in ("publish", "use", "prune"):
        try:
            _do({"do": do, "households": 200, "release": before, "keep": 1}, here, lambda _: None)
        except GeoServiceError as error:
            told[do] = [type(error).__name__, str(error)]
    told["faults"] = len(here.verify())
    told["read"] = _do({"do": "read"}, here, lambda _: None)[0] == before
    say(told)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        serve()
    else:
        assert threading.active_count() == 1
        {"fill_disk": fill_disk, "read_only": read_only}[sys.argv[1]](Path(sys.argv[2]))
