"""How long a question to a release may take, said once around all that is asked for one answer.

```python
with answering_within(30.0) as deadline:
    release.page(…)  # stopped, and a TimedOutError, when the 30 s are over
    deadline.begin_sending()
    ...  # from here on each step may take 30 s: a slow reader of a long stream is no slow question
```
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from geo_service.errors import TimedOutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Deadline", "answering_within", "stopped_in_time"]

_TICK_S = 0.1


class Deadline:
    """When an answer has to begin.

    Args:
        seconds: From now; afterwards each step may take as long.
    """

    def __init__(self, seconds: float) -> None:
        """Begin to count."""
        self._seconds = seconds
        self._until: float | None = time.monotonic() + seconds

    def begin_sending(self) -> None:
        """The answer has begun: from here on each step has its own time."""
        self._until = None

    def of_next_step(self) -> float:
        """When the next step has to be done, on the monotonic clock."""
        return time.monotonic() + self._seconds if self._until is None else self._until


_DEADLINE: ContextVar[Deadline | None] = ContextVar("geo_service_deadline", default=None)


@contextmanager
def answering_within(seconds: float) -> Iterator[Deadline]:
    """Let what is asked inside take so long; threads that are given a copy of the context keep to it too.

    Args:
        seconds: Until the answer begins, and for each step after that.
    """
    deadline = Deadline(seconds)
    token = _DEADLINE.set(deadline)
    try:
        yield deadline
    finally:
        _DEADLINE.reset(token)


@contextmanager
def stopped_in_time(stop: Callable[[], object]) -> Iterator[None]:
    """Stop what is asked inside when its time is over; outside of `answering_within` it has all the time.

    Args:
        stop: Makes it end with an error; called in another thread.

    Raises:
        TimedOutError: It was stopped, or there was no time left to begin.
    """
    deadline = _DEADLINE.get()
    if deadline is None:
        yield
        return
    until = deadline.of_next_step()
    if time.monotonic() >= until:
        raise TimedOutError("the time for the question was over before it was asked")
    watched = _Watched(until, stop)
    _WATCH.add(watched)
    try:
        yield
    except Exception as error:
        if watched.is_stopped:
            raise TimedOutError("the question took longer than it may, and was stopped") from error
        raise
    finally:
        _WATCH.remove(watched)


class _Watched:
    """One question; its lock sees to it that it is never stopped once it is done."""

    __slots__ = ("is_stopped", "lock", "stop", "until")

    def __init__(self, until: float, stop: Callable[[], object]) -> None:
        self.until = until
        self.stop: Callable[[], object] | None = stop
        self.is_stopped = False
        self.lock = threading.Lock()


class _Watch:
    """One thread that looks at what is being asked, as long as anything is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: set[_Watched] = set()
        self._thread: threading.Thread | None = None

    def add(self, watched: _Watched) -> None:
        with self._lock:
            self._asked.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="geo-service-deadlines", daemon=True)
                self._thread.start()

    def remove(self, watched: _Watched) -> None:
        with self._lock:
            self._asked.discard(watched)
        with watched.lock:
            watched.stop = None

    def _look(self) -> None:
        while True:
            time.sleep(_TICK_S)
            now = time.monotonic()
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                over = [one for one in self._asked if one.until <= now and not one.is_stopped]
            for one in over:
                with one.lock:
                    if one.stop is not None:
                        one.is_stopped = True
                        with suppress(Exception):
                            one.stop()


_WATCH = _Watch()
