"""Simple criteria as people write them: a box, a time, sort keys, fields."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from geo_service.errors import FilterError
from geo_service.query.geometries import checked_box
from geo_service.query.limits import checked_text, shown
from geo_service.query.questions import SortKey, TimeInterval

if TYPE_CHECKING:
    from geo_service.query.questions import Box

__all__ = ["parse_box", "parse_fields", "parse_sort", "parse_time"]

_LONGEST = 10_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def parse_box(text: str) -> Box:
    """A box from `west,south,east,north` in degrees, or from six numbers with heights, which count for nothing.

    Raises:
        FilterError: It is no such text, or not on the globe.
    """
    parts = [one.strip() for one in _limited(text, "the box").split(",")]
    for one in parts:
        if not _NUMBER.fullmatch(one):
            raise FilterError(
                f"the box has '{shown(one)}', which is not a number; write west,south,east,north"
            )
    return checked_box([float(one) for one in parts], "the box")


def parse_time(text: str) -> TimeInterval:
    """Days from an OGC `datetime`: one, or two with `/` between, each a date, a timestamp, `..` or nothing for an open end.

    Times of collections are days, so of a timestamp its day in UTC counts.

    Raises:
        FilterError: It is no such text, or ends before it begins.
    """
    parts = [one.strip() for one in _limited(text, "the time").split("/")]
    if len(parts) > 2 or (len(parts) == 1 and parts[0] in {"", ".."}):
        raise FilterError(
            f"'{shown(text)}' is not a time; write a day such as 2024-01-31, or two with / between"
        )
    first, last = (None if one in {"", ".."} else _day(one) for one in (parts[0], parts[-1]))
    if first is not None and last is not None and first > last:
        raise FilterError(f"'{shown(text)}' ends before it begins; write the earlier day first")
    return TimeInterval(first, last)


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Sort keys from `-households,village_name`: with `-` the largest first, with `+` or nothing the smallest.

    Raises:
        FilterError: A key has no name, or a name comes twice.
    """
    keys = []
    for part in _limited(text, "the sort").split(","):
        one = part.strip()
        name = one[1:] if one[:1] in {"-", "+"} else one
        keys.append(SortKey(_name(name.strip(), "the sort"), one[:1] == "-"))
    names = [key.name for key in keys]
    for name in names:
        if names.count(name) > 1:
            raise FilterError(f"'{shown(name)}' is sorted by twice; name it once")
    return tuple(keys)


def parse_fields(text: str) -> tuple[str, ...]:
    """Names of properties from `village_name,households`; one that comes twice counts once.

    Raises:
        FilterError: A name is missing between two commas.
    """
    names = [
        _name(one.strip(), "the list of fields") for one in _limited(text, "the list of fields").split(",")
    ]
    return tuple(dict.fromkeys(names))


def _limited(text: str, what: str) -> str:
    if len(text) > _LONGEST:
        raise FilterError(f"{what} has {len(text):,} characters; the most is {_LONGEST:,}")
    return checked_text(text, what)


def _name(name: str, what: str) -> str:
    if not name:
        raise FilterError(f"{what} has a name missing; write names with commas between")
    return name


def _day(text: str) -> dt.date:
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return dt.datetime.fromisoformat(text.upper()).astimezone(dt.UTC).date()
    except (ValueError, OverflowError):
        pass
    raise FilterError(
        f"'{shown(text)}' is not a day; write one such as 2024-01-31 or a moment such as 2024-01-31T00:00:00Z"
    )
