"""What a table of a round says: the labels of its codes, its basis and what its shares are of."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo_service.vocabulary import (
    MIGRATION_KINDS,
    REASONS,
    SEXES,
    YEARS_ASIDE,
    Basis,
    Dimension,
    Language,
    Term,
    countries,
)
from geo_service.wording import Worded, in_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["REST", "UNKNOWN", "UNKNOWN_TERM", "dimension_terms", "label_array", "reported_table"]

REST = "rest"
"""The code of a row that sums what is not told apart: all codes below the top ones."""

UNKNOWN = "unknown"
"""The code of a row that sums what was not answered, or answered with unknown."""

UNKNOWN_TERM = Term(UNKNOWN, "Unknown", "Неизвестно", "Белгісіз")

_REST_TERM = Term(REST, "Rest", "Остальные", "Қалғандары")


def dimension_terms(dimension: Dimension) -> Mapping[str, Term]:
    """The terms of a dimension's codes by code, with `rest`; calendar years have none."""
    tables: Mapping[Dimension, Mapping[Any, Term]] = {
        Dimension.SEX: SEXES,
        Dimension.COUNTRY: countries(),
        Dimension.YEAR: YEARS_ASIDE,
        Dimension.KIND: MIGRATION_KINDS,
        Dimension.REASON: REASONS,
    }
    return {str(code): term for code, term in tables[dimension].items()} | {REST: _REST_TERM}


def label_array(
    codes: Sequence[str], terms: Mapping[Any, Term], language: Language | str
) -> pd.api.extensions.ExtensionArray:
    """The label of each code in `language`, dtype string; the code itself where it has no term."""
    of_code = codes if isinstance(codes, pd.Categorical) else np.asarray(codes, dtype=object)
    position, distinct = pd.factorize(of_code)
    labels = [terms[code].label(language) if code in terms else code for code in distinct]
    return pd.array(labels, dtype="string").take(position, allow_fill=True)


def reported_table(columns: Mapping[str, Any], language: Language | str, **what: Any) -> pd.DataFrame:
    """A table of what key informants said: its columns, and as `attrs` its basis and `what` it says of itself, sentences in `language`."""
    table = pd.DataFrame(columns)
    table.attrs = {"basis": Basis.REPORTED.value} | {
        name: _plain(value, language) for name, value in what.items()
    }
    return table


def _plain(value: Any, language: Language | str) -> Any:
    """What any file can hold: a sentence in one language, a code as text."""
    if isinstance(value, Worded):
        return in_language(value, language)
    return value.value if isinstance(value, StrEnum) else value
