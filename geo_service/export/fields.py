"""Field names and types that a format can hold, and the mapping that says what became of each column."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["SHAPEFILE_NAME_LENGTH", "mapping_path", "short_names", "write_mapping"]

SHAPEFILE_NAME_LENGTH = 10

_KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "village_name": "vill_name",
        "facility_id": "facil_id",
        "facility_name": "facil_name",
        "parent_pcode": "parent_pc",
        "declared_adm1_pcode": "decl_adm1",
        "declared_adm2_pcode": "decl_adm2",
        "declared_adm1_name": "decl_a1_nm",
        "declared_adm2_name": "decl_a2_nm",
    }
)


def short_names(columns: Iterable[str], length: int = SHAPEFILE_NAME_LENGTH) -> dict[str, str]:
    """A field name of at most `length` characters for each column, all different also without case.

    Example:
        >>> short_names(["village_id", "village_name", "a_long_name_1", "a_long_name_2"])
        {'village_id': 'village_id', 'village_name': 'vill_name', 'a_long_name_1': 'a_long_nam', 'a_long_name_2': 'a_long_n_2'}
    """
    chosen: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = _KNOWN.get(column, column)[:length]
        number = 1
        while name.casefold() in taken:
            number += 1
            tail = f"_{number}"
            name = column[: length - len(tail)] + tail
        chosen[column] = name
        taken.add(name.casefold())
    return chosen


def mapping_path(path: Path) -> Path:
    """Where the mapping of a file stands: beside it, as `access.shp.fields.csv`."""
    return path.with_name(f"{path.name}.fields.csv")


def write_mapping(path: Path, types: Mapping[str, str], names: Mapping[str, str], *, as_text: bool) -> None:
    """Write what became of each column beside the file at `path`: `column, type, field, field_type`.

    Args:
        path: The file.
        types: The type of each column.
        names: The field of each column.
        as_text: Whether all fields are text.
    """
    mapping = pd.DataFrame(
        {
            "column": list(names),
            "type": [types[column] for column in names],
            "field": list(names.values()),
            "field_type": ["text" if as_text else types[column] for column in names],
        }
    )
    mapping.to_csv(mapping_path(path), index=False)
