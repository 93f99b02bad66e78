"""Filters in CQL2, parsed and within limits, not yet asked of any collection.

CQL2 is OGC 21-065r2, https://docs.ogc.org/is/21-065r2/21-065r2.html.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from geo_service.errors import FilterError, MissingExtraError
from geo_service.query.limits import limit_json, limit_text, shown
from geo_service.settings import FilterSettings

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Filter", "parse_filter"]

_JSON_DEPTH = 400
"""Brackets inside brackets; Python's own reader of JSON ends with an error that is hard to read somewhere beyond."""


_PLACE = re.compile(r"--> (\d+):(\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A filter that was parsed. Two are equal when their CQL2 JSON is.

    Attributes:
        tree: Its CQL2 JSON.
    """

    tree: Any

    def canonical(self) -> str:
        """Its CQL2 JSON as text, the same for equal filters."""
        return json.dumps(
            self.tree, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False
        )

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same tree."""
        return isinstance(other, Filter) and self.canonical() == other.canonical()

    def __hash__(self) -> int:
        """Of its tree."""
        return hash(self.canonical())


def parse_filter(
    text: str | dict[str, Any],
    language: Literal["text", "json"] | None = None,
    limits: FilterSettings | None = None,
) -> Filter:
    """A filter from CQL2 text, from CQL2 JSON as text, or from CQL2 JSON as it was read.

    Args:
        text: The filter.
        language: Which of the two a text is; null to tell by its first character, `{` for JSON.
        limits: How much it may ask; null for the settings of the environment.

    Raises:
        FilterError: It is not CQL2, or asks for more than the limits; the message says where.
        MissingExtraError: The parser is not installed.
    """
    limits = limits or FilterSettings()
    if isinstance(text, dict):
        return _from_json(text, limits)
    if not isinstance(text, str):
        raise FilterError(f"a filter is text or a JSON object; this is {type(text).__name__}")
    if language is None:
        language = "json" if text.lstrip()[:1] == "{" else "text"
    if language == "json":
        return _from_json(_read_json(text, limits), limits)
    limit_text(text, limits)
    tree = _parsed("parse_text", text)
    limit_json(tree, limits)
    return Filter(tree)


def _read_json(text: str, limits: FilterSettings) -> Any:
    if len(text) > limits.max_characters:
        raise FilterError(
            f"the filter has {len(text):,} characters; the most is {limits.max_characters:,}, so write it shorter"
        )
    if _brackets(text) > _JSON_DEPTH:
        raise FilterError(f"the filter nests more than {limits.max_depth} deep; write it flatter")
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except FilterError:
        raise
    except (ValueError, RecursionError) as error:
        raise FilterError(f"the filter is not JSON: {shown(str(error))}") from error


def _brackets(text: str) -> int:
    deepest = depth = 0
    for one in text:
        depth += (one in "[{") - (one in "]}")
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> None:
    raise FilterError(f"the filter has {name}, which is not a number of JSON; write one within ±2^53")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FilterError(f"the filter has the key '{shown(twice)}' twice in one object; keep one")
    return dict(pairs)


def _from_json(tree: Any, limits: FilterSettings) -> Filter:
    limit_json(tree, limits)
    text = json.dumps(tree, allow_nan=False)
    if len(text) > 2 * limits.max_characters + 1000:
        raise FilterError(f"the filter is longer than {limits.max_characters:,} characters; write it shorter")
    parsed = _parsed("parse_json", text)
    limit_json(parsed, limits)
    return Filter(parsed)


def _parsed(how: str, text: str) -> Any:
    parser = _parser()
    try:
        return getattr(parser, how)(text).to_json()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the parser is not an Exception
        raise FilterError(f"the filter is not CQL2: {_where(str(error))}") from None


def _where(said: str) -> str:
    """The place that the parser draws, without what else its grammar would have taken there, which is a long list."""
    place = _PLACE.search(said)
    if place is not None:
        return f"it cannot be read from line {place[1]}, character {place[2]}; names with other signs than letters and digits stand in double quotes, texts in single ones"
    return shown(said.strip().splitlines()[0]) if said.strip() else "it cannot be read"


def _parser() -> ModuleType:
    try:
        import cql2  # noqa: PLC0415 - of the extra `releases`
    except ImportError as error:
        raise MissingExtraError("a filter", "releases") from error
    return cql2
