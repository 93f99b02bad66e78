"""The releases that are open now. A newly published one is served without a restart, and those that are read stay open."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from geo_service.api.catalogue import edition_for
from geo_service.errors import GeoServiceError, NotFoundError, StoreError
from geo_service.query.questions import Features

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo_service.api.security.roles import Role
    from geo_service.release.editions import Edition
    from geo_service.release.protocol import Release, ReleaseEntry, Store
    from geo_service.settings import ApiSettings

__all__ = ["LiveReleases", "LiveState"]

_LOG = logging.getLogger("geo_service.releases")
_TRIES = 5
_EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class LiveState:
    """What is open, for health and metrics.

    Attributes:
        current: The release that counts, as far as is known; null for none.
        opened: The ids of those that are open.
        lost_s: For how many seconds the store could not be reached; null where it can.
    """

    current: str | None
    opened: tuple[str, ...]
    lost_s: float | None


@dataclass(eq=False)
class _Open:
    """A release, and its own lock: opening one holds up nobody who asks another."""

    opening: threading.Lock = field(default_factory=threading.Lock)
    release: Release | None = None
    error: GeoServiceError | None = None
    is_warm: bool = False
    users: int = 0
    last_used: float = 0.0
    editions: dict[Role, Edition] = field(default_factory=dict)


class LiveReleases:
    """Releases of one store, opened when they are asked for and closed some time after. Safe for many threads at once.

    Args:
        store: Where they are; its owner closes it.
        settings: How often the store is looked at, and how long earlier releases stay open.
    """

    def __init__(self, store: Store, settings: ApiSettings) -> None:
        """Open nothing yet."""
        self.store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._served: str | None = None
        self._lost: float | None = None
        self._told = ""
        self._current: _Looked[str | None] = _Looked(self._look, settings.follow_s)
        self._entries: _Looked[list[ReleaseEntry]] = _Looked(store.entries, settings.follow_s)

    def current(self) -> str | None:
        """The id of the release that counts, as of about `follow_s` ago; null when there is none.

        While the store cannot be reached it is the one that counted before.

        Raises:
            StoreError: The store cannot be reached, and never was.
        """
        return self._current.value()

    def fresh(self) -> str | None:
        """What `current` would say, where it can say so without asking the store; else null."""
        return self._current.fresh()

    def entries(self) -> list[ReleaseEntry]:
        """Every release of the store, the one that came last first, as of about `follow_s` ago.

        Raises:
            StoreError: The store cannot be reached.
        """
        return self._entries.value()

    def of_round(self, number: int) -> str:
        """The id of the release of a round: the current one where it is of it, else the one that came last.

        Raises:
            NotFoundError: There is none.
            StoreError: The store cannot be reached.
        """
        whole = [one for one in self.entries() if one.manifest is not None and one.damage is None]
        found = [
            one
            for one in whole
            if one.manifest and one.manifest.round and one.manifest.round.number == number
        ]
        for one in sorted(found, key=lambda entry: entry.id != self.current()):
            return one.id
        there = sorted({one.manifest.round.number for one in whole if one.manifest and one.manifest.round})
        raise NotFoundError(
            f"there is no release of round {number}; there are rounds: {', '.join(map(str, there)) or 'none'}"
        )

    def is_ready(self, release: str | None) -> bool:
        """Whether `lease` would not have to wait for the store: the release is open, and it is known which one counts."""
        wanted = release or self.fresh()
        kept = self._open.get(wanted) if wanted else None
        return kept is not None and kept.release is not None

    @contextmanager
    def lease(self, release: str | None, role: Role) -> Iterator[Edition]:
        """What a role is shown of a release, which stays open until the block ends.

        Args:
            release: Its whole id; null for the one that counts.
            role: Who asks.

        Raises:
            NotFoundError: There is no such release; the message names no store.
            StoreError: The store cannot be reached, or the release is damaged.
        """
        kept = self._take_current() if release is None else self._take(release)
        try:
            with self._lock:
                if role not in kept.editions and kept.release is not None:
                    kept.editions[role] = edition_for(kept.release, role)
                edition = kept.editions[role]
            yield edition
        finally:
            with self._lock:
                kept.users -= 1
                kept.last_used = time.monotonic()

    def follow(self) -> None:
        """Open the release that counts before anybody asks for it, and close those that nobody has asked for `keep_s`.

        An error is logged, not raised: whoever asks is told.
        """
        try:
            kept = self._take_current()
        except GeoServiceError as error:
            # Once, not each second.
            if str(error) != self._told:
                self._told = str(error)
                _LOG.warning("there is no release to serve: %s", error)
        else:
            try:
                _warm(kept)
            finally:
                with self._lock:
                    kept.users -= 1
                    kept.last_used = time.monotonic()
        self._sweep()

    def state(self) -> LiveState:
        """What is open at this moment; asks nobody."""
        with self._lock:
            opened = tuple(name for name, one in self._open.items() if one.release is not None)
            lost = self._lost
        return LiveState(self._current.last(), opened, None if lost is None else time.monotonic() - lost)

    def close(self) -> None:
        """Close everything; those who still read are cut off."""
        with self._lock:
            kept, self._open = list(self._open.values()), {}
        for one in kept:
            if one.release is not None:
                one.release.close()

    def _look(self) -> str | None:
        """Ask the store which release counts; while it cannot say, the one that counted goes on counting."""
        before = self._current.last()
        try:
            found = self.store.current()
        except StoreError as error:
            if before is None:
                raise
            self._store_lost(str(error))
            return before
        if found is None and before is not None:
            # A pointer is moved, never taken away: the folder is.
            self._store_lost("it names no current release any more")
            return before
        if self._lost is not None:
            self._lost = None
            _LOG.warning("the store of releases can be reached again")
        return found

    def _store_lost(self, why: str) -> None:
        if self._lost is None:
            self._lost = time.monotonic()
            _LOG.error("the store of releases cannot be asked; the release that is open is served: %s", why)

    def _take_current(self) -> _Open:
        for _ in range(_TRIES):
            current = self.current()
            if current is None:
                raise NotFoundError(
                    "no release counts in this store; publish one: geo-service releases publish"
                )
            try:
                kept = self._take(current)
            except NotFoundError:
                # It was pruned a moment ago: another counts by now.
                self._current.forget()
            except StoreError as error:
                kept_before = self._take_served(current)
                if kept_before is None:
                    raise
                _LOG.error(
                    "release %s cannot be opened, the one before it is served: %s", current[:12], error
                )
                return kept_before
            else:
                self._served = current
                return kept
        raise StoreError("releases went away while they were being opened; try again")

    def _take_served(self, current: str) -> _Open | None:
        """The release that was served last, where it is another one and still open."""
        with self._lock:
            kept = self._open.get(self._served) if self._served and self._served != current else None
            if kept is None or kept.release is None:
                return None
            kept.users += 1
            return kept

    def _take(self, release: str) -> _Open:
        """A release that is open, used once more."""
        with self._lock:
            kept = self._open.setdefault(release, _Open())
            kept.users += 1
        try:
            if kept.release is None:
                with kept.opening:
                    self._open_once(release, kept)
        except BaseException:
            with self._lock:
                kept.users -= 1
            raise
        return kept

    def _open_once(self, release: str, kept: _Open) -> None:
        if kept.release is not None:
            return
        if kept.error is not None:
            # Those who waited for it are told what the first was told.
            raise type(kept.error)(str(kept.error))
        try:
            try:
                kept.release = self.store.open(release)
            except NotFoundError as error:
                raise NotFoundError(f"release {release[:12]} is not in this store any more") from error
        except GeoServiceError as error:
            kept.error = error
            raise
        finally:
            if kept.release is None:
                with self._lock:
                    if self._open.get(release) is kept:
                        del self._open[release]

    def _sweep(self) -> None:
        now = time.monotonic()
        keep = {self._current.last(), self._served}
        with self._lock:
            old = [
                name
                for name, one in self._open.items()
                if one.users == 0 and name not in keep and now - one.last_used > self._settings.keep_s
            ]
            gone = [self._open.pop(name) for name in old]
        for one in gone:
            if one.release is not None:
                with suppress(GeoServiceError):
                    one.release.close()


def _warm(kept: _Open) -> None:
    """Ask a release once, also by place, so that the first who asks does not wait for its database."""
    if kept.is_warm or kept.release is None:
        return
    kept.is_warm = True
    for one in kept.release.manifest.collections:
        if one.geometry is not None:
            try:
                kept.release.page(one.name, Features(geometry=False, box=_EVERYWHERE), 1)
            except GeoServiceError as error:
                _LOG.warning("the current release does not answer: %s", error)
            return


class _Looked(Generic[Seen]):
    """Something of the store that is looked at now and then: by one thread, while the others take what was seen before."""

    def __init__(self, look: Callable[[], Seen], for_s: float) -> None:
        self._look = look
        self._for_s = for_s
        self._looking = threading.Lock()
        self._seen: tuple[float, Seen] | None = None

    def value(self) -> Seen:
        """What was seen `for_s` ago at most, or what is being looked at anew."""
        seen = self._seen
        if seen is not None:
            if self._is_fresh(seen):
                return seen[1]
            if not self._looking.acquire(blocking=False):
                return seen[1]
        else:
            self._looking.acquire()
        try:
            seen = self._seen
            if seen is None or not self._is_fresh(seen):
                seen = self._seen = (time.monotonic(), self._look())
            return seen[1]
        finally:
            self._looking.release()

    def fresh(self) -> Seen | None:
        """What was seen, where it need not be looked at anew."""
        seen = self._seen
        return seen[1] if seen is not None and self._is_fresh(seen) else None

    def last(self) -> Seen | None:
        """What was seen last, however long ago."""
        seen = self._seen
        return seen[1] if seen is not None else None

    def forget(self) -> None:
        """Look anew at the next question; until then what was seen counts as old."""
        seen = self._seen
        if seen is not None:
            self._seen = (-float("inf"), seen[1])

    def _is_fresh(self, seen: tuple[float, Seen]) -> bool:
        return time.monotonic() - seen[0] < self._for_s
