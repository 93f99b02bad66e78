"""How much a filter may ask: looked at before a parser or a database sees it.

The parser of CQL2 text is recursive and ends the process where a text nests too deep. So brackets, signs and operators are counted in the
text itself, which reads each character once.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from geo_service.errors import FilterError

if TYPE_CHECKING:
    from geo_service.settings import FilterSettings

__all__ = ["LARGEST_NUMBER", "checked_text", "limit_json", "limit_text", "named", "shown"]

LARGEST_NUMBER = 2**53
"""The parser keeps numbers as doubles: from here on they are no longer what was written."""

SMALLEST_NUMBER = 1e-100

_SHOWN = 60
_TOKENS = re.compile(
    # A quote inside is written twice; the backslash is a character like others.
    r"(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<word>[^\W\d]\w*)|(?P<comma>,)|(?P<operator>[<>!]=|<>|[-+*/^%=<>!|&~])|(?P<number>\d[\w.]*)"
)
_JOINING = frozenset({"and", "or"})
_CHAINING = frozenset({"not", "div", "like", "in", "between", "is", "casei"})
_EXTRA_DEPTH = 6
"""What the brackets of a geometry's positions add to those of operators."""

_RAW_DEPTH = 100
"""Open brackets wherever they stand, also in texts: should the parser see a text's end where this module does not."""

_FEW_GROUPS = 4

_READINGS = 250_000
"""Characters that the parser may read: where it finds no sense inside a pair of plain brackets it reads them a second time as a list, and
so twice as often for each pair around them. This many take it some 0.2 s."""

_KEYWORDS = _JOINING | _CHAINING - {"casei"}

_LONGEST_CHAIN = 2_000
"""Conditions with AND and OR between them, however large the limit of nodes is: the parser takes one after the other, each inside the last."""

_KEYS = frozenset(
    map(
        frozenset,
        (
            {"op", "args"},
            {"property"},
            {"date"},
            {"timestamp"},
            {"interval"},
            {"bbox"},
            {"type", "coordinates"},
            {"type", "coordinates", "bbox"},
            {"type", "geometries"},
        ),
    )
)
_NAMING = frozenset({"op", "property", "date", "timestamp", "type"})
"""Keys whose text belongs to their object and is no node of its own."""

_OBJECTS = "op and args, property, date, timestamp, interval, bbox, or type and coordinates"


def shown(value: object) -> str:
    """A value as it is named in a message: on one line, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(one if one.isprintable() else "?" for one in text[: _SHOWN + 1])
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def named(node: object) -> str:
    """A part of a filter in a message: names and texts in quotes, whole numbers without the decimals that the parser gave them."""
    if isinstance(node, dict) and isinstance(node.get("property"), str):
        return f"'{shown(node['property'])}'"
    if isinstance(node, str):
        return f"'{shown(node)}'"
    if isinstance(node, float) and node.is_integer():
        return shown(f"{node:.0f}")
    return shown(node)


def checked_text(value: str, what: str) -> str:
    """The same text.

    Raises:
        FilterError: It has a NUL or half of a surrogate pair, which no database holds.
    """
    if "\0" in value:
        raise FilterError(f"{what} has the character NUL, which no text of a collection has; remove it")
    if any("\ud800" <= one <= "\udfff" for one in value):
        raise FilterError(f"{what} has half of a surrogate pair, which is not a character; remove it")
    return value


def limit_text(text: str, limits: FilterSettings) -> None:
    """Refuse what the parser should not see.

    Raises:
        FilterError: The text is empty, too long, nests too deep or has too many parts.
    """
    _limit_length(len(text), limits)
    checked_text(text, "the filter")
    if not text.strip():
        raise FilterError("the filter is empty; leave it out to ask for all features")
    deepest = open_now = 0
    for one in text:
        open_now = max(0, open_now + (one in "([{") - (one in ")]}"))
        deepest = max(deepest, open_now)
    _limit_depth(deepest, limits, _RAW_DEPTH)
    _limit_depth(_depth(text, limits), limits, _EXTRA_DEPTH)


class _Level:
    """Inside one pair of brackets: how deep what is between two of AND, OR and commas nests."""

    def __init__(self, groups: int = 0) -> None:
        self.chain = self.inside = self.deepest = 0
        self.groups = groups

    def join(self) -> None:
        self.deepest = max(self.deepest, self.chain + self.inside)
        self.chain = self.inside = 0


def _depth(text: str, limits: FilterSettings) -> int:
    """How deep the tree of a text can be: brackets, and operators that follow one another, each of them inside the next."""
    levels = [_Level()]
    operators = 0
    function_ends = -1
    for token in _TOKENS.finditer(text):
        kind, word = token.lastgroup, token.group()
        if kind == "open":
            levels.append(_Level(levels[-1].groups + (token.start() != function_ends)))
            _limit_groups(levels[-1].groups, len(text))
            _limit_depth(len(levels), limits, _EXTRA_DEPTH)
        elif kind == "close" and len(levels) > 1:
            closed = levels.pop()
            closed.join()
            levels[-1].inside = max(levels[-1].inside, closed.deepest + 1)
        elif kind == "comma" or (kind == "word" and word.casefold() in _JOINING):
            levels[-1].join()
            operators += kind == "word"
        elif kind == "operator" or (kind == "word" and word.casefold() in _CHAINING):
            levels[-1].chain += 1
            operators += 1
            _limit_depth(levels[-1].chain, limits, _EXTRA_DEPTH)
        if kind == "word" and word.casefold() not in _KEYWORDS:
            function_ends = token.end()
        _limit_nodes(operators, limits)
        if operators > _LONGEST_CHAIN:
            raise FilterError(
                f"the filter has more than {_LONGEST_CHAIN:,} operators; ask in several questions"
            )
    deepest = 0
    for level in reversed(levels):
        level.inside = max(level.inside, deepest)
        level.join()
        deepest = level.deepest + 1
    return deepest


def limit_json(tree: Any, limits: FilterSettings) -> None:
    """Refuse a tree of CQL2 JSON that is too deep or too large, or has values that nothing can hold.

    Raises:
        FilterError: It is; the message says what the limit is.
    """
    nodes = vertices = 0
    # (node, depth of operators, whether it is a part of coordinates, depth of lists)
    stack: list[tuple[Any, int, bool, int]] = [(tree, 0, False, 0)]
    while stack:
        node, depth, coordinates, lists = stack.pop()
        if isinstance(node, dict):
            nodes += 1
            depth += 1
            _limit_depth(depth, limits, 0)
            _limit_keys(node)
            for key, child in node.items():
                if key in _NAMING and isinstance(child, str):
                    checked_text(child, f"'{shown(child)}'")
                    continue
                is_coordinates = key in {"coordinates", "bbox"}
                stack.append((child, depth, coordinates or is_coordinates, 0))
        elif isinstance(node, list | tuple):
            if lists > _EXTRA_DEPTH:
                raise FilterError("the filter has lists inside lists too deep; write it simpler")
            if coordinates and node and not isinstance(node[0], list | tuple):
                vertices += 1
                if vertices > limits.max_vertices:
                    raise FilterError(
                        f"the filter's geometries have more than {limits.max_vertices} positions; simplify them"
                    )
            stack.extend((child, depth, coordinates, lists + 1) for child in node)
        else:
            nodes += not coordinates
            _scalar(node, coordinates=coordinates)
        _limit_nodes(nodes, limits)


def _limit_keys(node: dict[Any, Any]) -> None:
    """The parser passes over keys that it does not know; what somebody wrote and nobody reads is refused."""
    for key in node:
        if not isinstance(key, str):
            raise FilterError(f"the filter has the key {shown(key)}, which is not text")
        checked_text(key, "a key of the filter")
    if frozenset(node) not in _KEYS:
        keys = shown(", ".join(node)) or "nothing"
        raise FilterError(f"the filter has an object with {keys}, which is none of CQL2's: {_OBJECTS}")


def _scalar(node: Any, *, coordinates: bool) -> None:
    if isinstance(node, str):
        checked_text(node, f"'{shown(node)}'")
    elif isinstance(node, int | float) and not isinstance(node, bool):
        if isinstance(node, float) and not math.isfinite(node):
            raise FilterError("the filter has a number that is infinite or none; write it within ±2^53")
        if abs(node) >= LARGEST_NUMBER:
            raise FilterError(
                f"the number {named(node)} of the filter is beyond ±2^53, where numbers are no longer exact; compare with a smaller one"
            )
        if not coordinates and 0 < abs(node) < SMALLEST_NUMBER:
            raise FilterError(f"the number {node} of the filter is too close to zero; write 0")
    elif not (node is None or isinstance(node, bool)):
        raise FilterError(f"the filter has a value of type {type(node).__name__}, which JSON does not have")


def _limit_length(length: int, limits: FilterSettings) -> None:
    if length > limits.max_characters:
        raise FilterError(
            f"the filter has {length:,} characters; the most is {limits.max_characters:,}, so write it shorter"
        )


def _limit_depth(depth: int, limits: FilterSettings, extra: int) -> None:
    if depth > limits.max_depth + extra:
        raise FilterError(f"the filter nests more than {limits.max_depth} deep; write it flatter")


def _limit_groups(groups: int, length: int) -> None:
    if groups > _FEW_GROUPS and length * 2**groups > _READINGS:
        raise FilterError(
            f"the filter has {groups} pairs of brackets inside one another, too many for its {length:,} characters; write it flatter or as CQL2 JSON"
        )


def _limit_nodes(nodes: int, limits: FilterSettings) -> None:
    if nodes > limits.max_nodes:
        raise FilterError(
            f"the filter has more than {limits.max_nodes:,} operators, properties and values; ask in several questions"
        )
