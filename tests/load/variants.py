"""Releases that differ in a way that each answer shows: variant 7 has 7 households more in each village than variant 0. All synthetic."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from api_world import world_facilities, world_round, world_units

from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.release.parts import Contents
    from geo_service.schemas import SurveyRound

__all__ = ["Ledger", "publish", "variant_contents", "variant_round"]


@cache
def variant_round(variant: int) -> SurveyRound:
    """The round of the small world with so many households more in each village."""
    made = world_round(3)
    villages = made.villages.assign(households=made.villages["households"] + variant)
    return replace(made, villages=villages)


@contextmanager
def variant_contents(variant: int) -> Iterator[Contents]:
    """What the release of a variant holds."""
    with release_contents(
        survey_round=variant_round(variant), facilities=world_facilities(), units=world_units()
    ) as contents:
        yield contents


def publish(directory: Path, variant: int, ledger: Ledger) -> str:
    """Publish a variant; who is asked for it before it is in the ledger waits for it there."""
    store = FolderStore(ReleaseSettings(directory=directory))
    with variant_contents(variant) as contents:
        release = store.publish(contents).id
    ledger.add(release, variant)
    return release


class Ledger:
    """Which release is which variant, in a file that several processes read.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path
        self._known: dict[str, int] = {}

    def add(self, release: str, variant: int) -> None:
        """Say which variant a release is."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([release, variant]) + "\n")

    def variant(self, release: str) -> int:
        """The variant of a release, also by the beginning of its id; it may have been published a moment ago."""
        for _ in range(100):
            for known, variant in self._known.items():
                if known.startswith(release):
                    return variant
            text = self._path.read_text(encoding="utf-8")
            self._known = dict(json.loads(line) for line in text.splitlines() if line.endswith("]"))
            time.sleep(0.05)
        raise AssertionError(f"release {release} was never published")
