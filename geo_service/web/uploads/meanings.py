"""What the codes of findings mean, as `docs/findings.md` has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Meaning", "Section", "known_codes", "sections"]

_DOCUMENT = Path(__file__).with_name("findings.md")
"""The same as `docs/findings.md`, which a package has not."""
_CELL = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code.

    Attributes:
        codes: It, or several that mean the same.
        severity: `error`, `warning` or both.
        meaning: Texts, each with whether it is code.
        remedy: The same.
    """

    codes: tuple[str, ...]
    severity: str
    meaning: tuple[tuple[str, bool], ...]
    remedy: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Codes about one thing."""

    title: str
    meanings: tuple[Meaning, ...]


@cache
def sections() -> tuple[Section, ...]:
    """All codes in the order of the document."""
    found: list[tuple[str, list[Meaning]]] = []
    for line in _DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append((line[3:].strip(), []))
        elif line.startswith("| `") and found:
            code, severity, meaning, remedy = (one.strip() for one in _CELL.split(line)[1:5])
            codes = tuple(re.findall(r"`([a-z_]+)`", code))
            found[-1][1].append(Meaning(codes, severity, _texts(meaning), _texts(remedy)))
    return tuple(Section(title, tuple(meanings)) for title, meanings in found if meanings)


@cache
def known_codes() -> frozenset[str]:
    """The codes that are explained."""
    return frozenset(code for section in sections() for meaning in section.meanings for code in meaning.codes)


def _texts(cell: str) -> tuple[tuple[str, bool], ...]:
    parts = _LINK.sub(r"\1", cell.replace(r"\|", "|")).split("`")
    return tuple((text, at % 2 == 1) for at, text in enumerate(parts) if text)
