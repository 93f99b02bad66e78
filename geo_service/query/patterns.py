"""LIKE: `%` for any text, `_` for one character, a backslash before a character for the character itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from geo_service.query.dialects import Dialect

__all__ = ["like"]

_ESCAPE = "!"
"""Backslashes are read twice by some servers, depending on their settings; this is read once."""

_SPECIAL = frozenset({"%", "_", _ESCAPE})


def like(text: ColumnElement[str], pattern: str, dialect: Dialect, *, folded: bool) -> ColumnElement[bool]:
    """Whether a text has the form of a pattern of CQL2; null where the text is.

    Args:
        text: The text.
        pattern: The pattern.
        dialect: The SQL of the database.
        folded: Whether the pattern is taken in lower case.
    """
    escaped, plain = _written(pattern)
    bound = dialect.text(escaped)
    if folded:
        bound = dialect.folded(bound)
    if plain:
        return text.like(bound)
    return text.like(bound, escape=_ESCAPE)


def _written(pattern: str) -> tuple[str, bool]:
    """The pattern with the escape of the SQL, and whether it has no escape at all."""
    parts: list[str] = []
    characters = iter(pattern)
    escapes = False
    for one in characters:
        is_literal = one == "\\"
        literal = next(characters, "\\") if is_literal else one
        if literal in _SPECIAL and (is_literal or literal == _ESCAPE):
            escapes = True
            parts.append(_ESCAPE)
        parts.append(literal)
        escapes = escapes or literal == "\\"
    return "".join(parts), not escapes
