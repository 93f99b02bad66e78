"""Ids of releases as people give them: the first digits are enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo_service.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CURRENT", "by_beginning", "named"]

CURRENT = "current"
"""What stands for the release that counts; in a folder, the file that names it."""

_BEGINNING = re.compile(r"[0-9a-f]{6,32}")
_LISTED = 10


def by_beginning(release: str, ids: Sequence[str], store: str) -> str:
    """The whole id that begins so.

    Args:
        release: The first 6 digits or more, in either case of letters.
        ids: Of all releases of the store, those to be named first in front.
        store: The store, for messages.

    Raises:
        NotFoundError: It is no beginning of an id, or of none or several that there are.
    """
    beginning = release.lower()
    if not _BEGINNING.fullmatch(beginning):
        raise NotFoundError(
            f"'{release}' is not the id of a release; give 6 or more of its hexadecimal digits, or '{CURRENT}'"
        )
    found = [one for one in ids if one.startswith(beginning)]
    if not found:
        raise NotFoundError(f"there is no release '{release}' in {store}; {named(ids)}")
    if len(found) > 1:
        raise NotFoundError(f"several releases begin with '{release}': {', '.join(found)}; give more digits")
    return found[0]


def named(ids: Sequence[str]) -> str:
    """Which releases there are, for a message."""
    if not ids:
        return "there are none; publish one: geo-service releases publish"
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return f"there are: {', '.join(one[:12] for one in ids[:_LISTED])}{more}"
