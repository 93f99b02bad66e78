"""Published figures, JSON or a workbook, as one tree of labelled numbers.

Which number is a total, a share or a growth is not decided here: `geo_service.coverage.audit` reads that from the names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from numbers import Real
from typing import TYPE_CHECKING

from geo_service.errors import InputError
from geo_service.ingest.figure_sheets import Cell, read_figure_sheets
from geo_service.ingest.tables import WORKBOOK_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Figure", "FigureTree", "figure_tree", "read_figure_tree"]

_LARGEST_FILE_BYTES = 20_000_000
_MOST_DIGITS = 15
_MOST_DECIMALS = 9
_MOST_LEVELS = 30
_LOOKS_LIKE_A_NUMBER = re.compile(r"[-+−<>≤≥~≈]?\s*\d[\d\s.,'’]*%?")
# The last word of a name whose digits are a code or a date and no figure.
_LABELS = frozenset({"code", "pcode", "kato", "id", "year", "date", "from", "to", "version"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is printed.

    Attributes:
        name: What the file calls it.
        value: The number; its exponent says how many decimals were printed, at most nine.
        place: Where it stands: the names down to it, joined by dots, or the sheet and cell as `'sheet'!B5`.
        rows: In a workbook what the column of names is headed, such as `Region`; else empty.
    """

    name: str
    value: Decimal
    place: str
    rows: str = ""


@dataclass(frozen=True, slots=True)
class FigureTree:
    """Figures under one name, and what is named within it, each in the order of the file.

    Attributes:
        path: The names down to it; empty for the whole.
        figures: The numbers that stand in it, by name. Text, nulls and truth values are no figures and are left out.
        branches: The trees that stand in it, by name.
    """

    path: tuple[str, ...]
    figures: Mapping[str, Figure]
    branches: Mapping[str, FigureTree]

    @property
    def place(self) -> str:
        """The names down to it, joined by dots."""
        return ".".join(self.path)


class _Number(str):
    """The text of a number, which still knows how many decimals it was printed with."""

    __slots__ = ()


class _Pairs(list[tuple[str, object]]):
    """The members of a JSON object, also those whose name is there twice."""

    __slots__ = ()


def read_figure_tree(path: Path) -> FigureTree:
    """Read published figures.

    Args:
        path: `.json`, an object of objects and numbers such as the figures of Round 3 that ship with the demo; or a workbook with a
            sheet a table (`docs/audit.md`).

    Raises:
        InputError: It cannot be read, holds no figure, or holds something that is neither figure nor label; the message says where.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}") from error
    if size > _LARGEST_FILE_BYTES:
        raise InputError(
            f"{path}: it has {size:,} bytes; published figures take less than {_LARGEST_FILE_BYTES:,}"
        )
    suffix = path.suffix.lower()
    if suffix != ".json" and suffix not in WORKBOOK_SUFFIXES:
        raise InputError(
            f"{path}: figures are read from .json or a workbook such as .xlsx, not from '{suffix}'"
        )
    content = _read_json(path) if suffix == ".json" else read_figure_sheets(path)
    return figure_tree(content, str(path))


def figure_tree(content: object, source: str = "the figures") -> FigureTree:
    """The tree of figures in a mapping of names to numbers and further mappings.

    Args:
        content: As `json` reads it. A float counts with the decimals that Python prints of it, at most nine.
        source: What the message of an error begins with.

    Raises:
        InputError: It holds no figure; or a number that is not finite or has more than 15 digits before the point, a number written as
            text, a name that is there twice, a list of anything but text, or more than 30 levels.

    Example:
        >>> figure_tree({"returnees": {"individuals": 6005}}).branches["returnees"].figures["individuals"].place
        'returnees.individuals'
    """
    if not isinstance(content, (Mapping, _Pairs)):
        raise InputError(f"{source}: figures are an object of names and numbers, not {_kind(content)}")
    try:
        tree = _tree(content, ())
    except InputError as error:
        raise InputError(f"{source}: {error}") from error
    if not _has_figures(tree):
        raise InputError(f"{source}: there is no number in it")
    return tree


def _has_figures(tree: FigureTree) -> bool:
    return bool(tree.figures) or any(_has_figures(branch) for branch in tree.branches.values())


def _read_json(path: Path) -> object:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return json.loads(
            text, object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number, parse_constant=_Number
        )
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: it is not UTF-8: byte {error.start:,} cannot be read; save it as UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}: it is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise InputError(f"{path}: it has more than {_MOST_LEVELS} levels") from error


def _tree(content: Mapping[object, object] | _Pairs, path: tuple[str, ...]) -> FigureTree:
    if len(path) > _MOST_LEVELS:
        raise InputError(f"'{'.'.join(path[:3])}…' has more than {_MOST_LEVELS} levels")
    figures: dict[str, Figure] = {}
    branches: dict[str, FigureTree] = {}
    members: Iterable[tuple[object, object]] = content if isinstance(content, _Pairs) else content.items()
    names: set[str] = set()
    for key, held in members:
        name = str(key)
        place = held.place if isinstance(held, Cell) else ".".join((*path, name))
        value = held.content if isinstance(held, Cell) else held
        if name in names:
            raise InputError(f"'{place}' is there twice; give each its own name")
        names.add(name)
        if isinstance(value, (Mapping, _Pairs)):
            branches[name] = _tree(value, (*path, name))
        elif not _is_label(name, value, place):
            rows_headed = held.rows if isinstance(held, Cell) else ""
            figures[name] = Figure(name, _decimal(value, place), place, rows_headed)
    return FigureTree(path, figures, branches)


def _is_label(name: str, value: object, place: str) -> bool:
    """Whether a value is text, null or a truth value beside the figures; a number that hides in one is an error."""
    if isinstance(value, (_Number, Decimal)) or (isinstance(value, Real) and not isinstance(value, bool)):
        return False
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        text = value.strip()
        if _LOOKS_LIKE_A_NUMBER.fullmatch(text) and re.split(r"[\W_]+", name.casefold())[-1] not in _LABELS:
            raise InputError(
                f"'{place}' is the text '{text[:40]}'; write it as a number, without quotes, spaces or signs"
            )
        return True
    if isinstance(value, Sequence):
        if all(isinstance(one, str) and not isinstance(one, _Number) for one in value):
            return True
        raise InputError(f"'{place}' is a list; write an object that gives each of its numbers a name")
    raise InputError(f"'{place}' is {_kind(value)}, which is neither a number nor text")


def _decimal(value: object, place: str) -> Decimal:
    text = str(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"'{place}' is '{text[:40]}', which is not a number; leave it out or write null")
    if number.adjusted() >= _MOST_DIGITS:
        raise InputError(f"'{place}' is larger than any figure can be: '{text[:40]}'")
    exponent = number.as_tuple().exponent
    is_too_fine = isinstance(exponent, int) and exponent < -_MOST_DECIMALS
    return round(number, _MOST_DECIMALS) if is_too_fine else number


def _kind(value: object) -> str:
    kinds = {
        "NoneType": "null",
        "_Number": "a number",
        "str": "text",
        "list": "a list",
        "date": "a date",
        "datetime": "a date",
    }
    name = type(value).__name__
    return kinds.get(name, f"a {name}")
