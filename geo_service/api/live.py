"""The releases that are open now. A newly published one is served without a restart, and those that are read stay open."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo_service.api.catalogue import edition_for
from geo_service.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.api.security.roles import Role
    from geo_service.release.editions import Edition
    from geo_service.release.protocol import Release, ReleaseEntry, Store
    from geo_service.settings import ApiSettings

__all__ = ["LiveReleases"]


@dataclass
class _Open:
    release: Release
    users: int = 0
    last_used: float = 0.0
    editions: dict[Role, Edition] = field(default_factory=dict)


class LiveReleases:
    """Releases of one store, opened when they are asked for and closed some time after.

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
        self._current: tuple[float, str | None] | None = None
        self._entries: tuple[float, list[ReleaseEntry]] | None = None

    def current(self) -> str | None:
        """The id of the release that counts, as of `follow_s` ago at most; null when there is none.

        Raises:
            StoreError: The store cannot be reached.
        """
        now = time.monotonic()
        known = self._current
        if known is None or now - known[0] >= self._settings.follow_s:
            known = self._current = (now, self.store.current())
        return known[1]

    def entries(self) -> list[ReleaseEntry]:
        """Every release of the store, the one that came last first, as of `follow_s` ago at most.

        Raises:
            StoreError: The store cannot be reached.
        """
        now = time.monotonic()
        known = self._entries
        if known is None or now - known[0] >= self._settings.follow_s:
            known = self._entries = (now, self.store.entries())
        return known[1]

    def of_round(self, number: int) -> str:
        """The id of the release of a round: the current one where it is of it, else the one that came last.

        Raises:
            NotFoundError: There is none.
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

    @contextmanager
    def lease(self, release: str | None, role: Role) -> Iterator[Edition]:
        """What a role is shown of a release, which stays open until the block ends.

        Args:
            release: Its whole id; null for the one that counts.
            role: Who asks.

        Raises:
            NotFoundError: There is no such release.
            StoreError: The store cannot be reached, or the release is damaged.
        """
        kept = self._take(release or self.current())
        try:
            with self._lock:
                if role not in kept.editions:
                    kept.editions[role] = edition_for(kept.release, role)
                edition = kept.editions[role]
            yield edition
        finally:
            self._give_back(kept)

    def close(self) -> None:
        """Close everything; those who still read are cut off."""
        with self._lock:
            kept, self._open = list(self._open.values()), {}
        for one in kept:
            one.release.close()

    def _take(self, release: str | None) -> _Open:
        if release is None:
            raise NotFoundError("no release counts in this store; publish one: geo-service releases publish")
        with self._lock:
            if release not in self._open:
                self._open[release] = _Open(self.store.open(release))
            kept = self._open[release]
            kept.users += 1
            return kept

    def _give_back(self, kept: _Open) -> None:
        now = time.monotonic()
        with self._lock:
            kept.users -= 1
            kept.last_used = now
            current = self._current[1] if self._current else None
            old = [
                name
                for name, one in self._open.items()
                if one.users == 0 and name != current and now - one.last_used > self._settings.keep_s
            ]
            gone = [self._open.pop(name) for name in old]
        for one in gone:
            one.release.close()
