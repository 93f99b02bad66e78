"""A question in short, for the name of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from geo_service.query.questions import Features

__all__ = ["details_of"]

_WORDS: Mapping[Any, str] = {
    "=": "",
    "<>": "not",
    ">": "gt",
    ">=": "ge",
    "<": "lt",
    "<=": "le",
}


def details_of(features: Features) -> str | None:
    """Which features of a collection, in a few words, such as `households-gt-100`; null for all of them."""
    said: list[str] = []
    if features.filter is not None:
        said.append("-".join(_words(features.filter.tree)))
    if features.box is not None:
        said.append("bbox-" + "-".join(f"{one:g}" for one in features.box))
    if features.time is not None:
        said.append(
            "-to-".join(day.isoformat() if day else "" for day in (features.time.first, features.time.last))
        )
    if features.ids is not None:
        said.append(features.ids[0] if len(features.ids) == 1 else f"{len(features.ids)}-ids")
    return "_".join(one.strip("-") for one in said) or None


def _words(tree: Any) -> Iterator[str]:
    """A filter's names, operators and values, in the order in which they are read."""
    if isinstance(tree, list):
        for one in tree:
            yield from _words(one)
    elif isinstance(tree, dict) and "op" in tree:
        arguments = tree.get("args", [])
        word = _WORDS.get(tree["op"], str(tree["op"]))
        if len(arguments) < 2:
            yield word
            yield from _words(arguments)
            return
        yield from _words(arguments[0])
        for one in arguments[1:]:
            if word:
                yield word
            yield from _words(one)
    elif isinstance(tree, dict):
        yield str(
            next((tree[key] for key in ("property", "date", "timestamp", "type") if key in tree), "geometry")
        )
    elif isinstance(tree, float):
        yield f"{tree:.15g}"
    elif tree is not None:
        yield str(tree)
