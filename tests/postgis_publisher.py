"""Publishers to PostGIS that are killed: a host that has everything imported forks one for each order.

An order is one line of JSON: `url`, `households`, and `kill_at_step` (the number of a step of `receive`) or `kill_after_s`.
The answer is one line: the signal that ended the publisher, or 0.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.postgis_releases import made, push, store_at

__all__ = ["PublisherHost"]


class PublisherHost:
    """The other end: gives orders to a host in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def order(self, **order) -> int:
        """Give an order and wait for its end; returns the signal that ended the publisher, or 0."""
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def publish(url, households, kill_at_step=None, kill_after_s=None):
    steps = 0

    def progress(_):
        nonlocal steps
        if steps == kill_at_step:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    made(households)
    if kill_after_s is not None:
        # A thread, not a signal of Python's, which would wait for the end of a call of libpq.
        threading.Timer(kill_after_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
    with store_at(url) as store:
        push(store, households, progress)


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            publish(**json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
