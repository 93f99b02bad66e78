"""What can be wrong with a geometry, an id, a count or a text, found row by row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode, Findings
from geo_service.ingest.coordinates import report_cells
from geo_service.ingest.tables import as_text, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.ingest.readers import RawLayer

__all__ = ["household_counts", "identifiers", "names", "usable_geometry"]

_OUTSIDE_CORE_SHARE = 0.05
_LEAST_OUTSIDE_CORE = 2
_LEAST_CORE_MARGIN_DEGREES = 1.0
_LEAST_POINTS_FOR_CORE = 5
_MOJIBAKE_SHARE = 0.6
_LEAST_MOJIBAKE_LETTERS = 4
_MOST_HOUSEHOLDS = 1_000_000_000
# Cyrillic in UTF-8 read as cp1251: each letter became one of РСТУ and one of these.
_CYRILLIC_PAIR = "[РСТУ][Ѐ-ЏђѓѐёєіїјљњћќўџҐґ\u00a0-\u00bf\u2000-\u20ff№™]"
_MAYBE_MOJIBAKE = f"[\u0080-\u00ff\ufffd]|(?:{_CYRILLIC_PAIR}){{2}}"

# Geometry


def usable_geometry(raw: RawLayer, findings: Findings, *, lost: str) -> NDArray[np.object_]:
    """The geometries that can be used, in two dimensions and valid; null for the others, each with its finding.

    Args:
        raw: The layer.
        findings: Where problems are added.
        lost: What becomes of a row without a usable geometry, for the message.

    Returns:
        Geometries in longitude and latitude, shape (n,).
    """
    geometry = np.array(raw.frame.geometry, dtype=object)
    is_solid = shapely.has_z(geometry)
    geometry[is_solid] = shapely.force_2d(geometry[is_solid])
    is_missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    _report(raw, findings, is_missing, FindingCode.NO_GEOMETRY, f"it has no geometry; {lost}", error=False)
    geometry[is_missing] = None

    for check in (_nan_coordinates, _zero_coordinates):
        is_bad, code, message = check(geometry)
        _report(raw, findings, is_bad, code, f"{message}; {lost}", error=False)
        geometry[is_bad] = None
    is_off = _is_out_of_range(geometry)
    _report_out_of_range(raw, findings, geometry, is_off)
    geometry[is_off] = None
    is_swapped = _is_swapped(geometry)
    _report(
        raw,
        findings,
        is_swapped,
        FindingCode.SWAPPED_COORDINATES,
        "it lies far from the rest of the layer, and among it with latitude and longitude the other way round",
        suggestion="Swap the two coordinates of this row",
    )
    _report_mixed(raw, findings, geometry)
    return _made_valid(raw, findings, geometry)


def _nan_coordinates(geometry: NDArray[np.object_]) -> tuple[NDArray[np.bool_], FindingCode, str]:
    positions, of = shapely.get_coordinates(geometry, return_index=True)
    is_nan = np.zeros(len(geometry), dtype=bool)
    is_nan[of[np.isnan(positions).any(axis=1)]] = True
    return is_nan, FindingCode.NAN_COORDINATES, "a coordinate is not a number"


def _zero_coordinates(geometry: NDArray[np.object_]) -> tuple[NDArray[np.bool_], FindingCode, str]:
    bounds = shapely.bounds(geometry)
    is_zero = np.isclose(bounds, 0, rtol=0, atol=1e-9).all(axis=1)
    return (
        is_zero,
        FindingCode.ZERO_COORDINATES,
        "it is at 0, 0, which most often stands for a place not known",
    )


def _is_out_of_range(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    west, south, east, north = shapely.bounds(geometry).T
    is_in_range = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    out: NDArray[np.bool_] = ~shapely.is_missing(geometry) & ~is_in_range
    return out


def _report_out_of_range(
    raw: RawLayer, findings: Findings, geometry: NDArray[np.object_], is_off: NDArray[np.bool_]
) -> None:
    west, south, east, north = shapely.bounds(geometry).T
    with np.errstate(invalid="ignore"):
        fits_swapped = is_off & (np.abs(west) <= 90) & (np.abs(east) <= 90) & (south >= -180) & (north <= 180)
    _report(
        raw,
        findings,
        fits_swapped,
        FindingCode.SWAPPED_COORDINATES,
        "its latitude is over 90 degrees; latitude and longitude seem to be the other way round",
        suggestion="Swap the two coordinates, or name the columns with --lon and --lat",
    )
    _report(
        raw,
        findings,
        is_off & ~fits_swapped,
        FindingCode.OUT_OF_RANGE_COORDINATES,
        "it is not on earth: longitude goes from -180 to 180 and latitude from -90 to 90",
        suggestion="If these are metres say which reference system they are in with --crs",
    )


def _is_swapped(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Far from the bulk of the layer, and in the bulk once swapped. Needs a few rows and a bulk that is not on the diagonal."""
    west, south, east, north = shapely.bounds(geometry).T
    x, y = (west + east) / 2, (south + north) / 2
    if np.count_nonzero(np.isfinite(x)) < _LEAST_POINTS_FOR_CORE:
        return np.zeros(len(geometry), dtype=bool)
    is_swapped: NDArray[np.bool_] = ~_is_in_core(x, y, x, y) & _is_in_core(y, x, x, y) & np.isfinite(x)
    return is_swapped


def _is_in_core(
    x: NDArray[np.float64], y: NDArray[np.float64], of_x: NDArray[np.float64], of_y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    inside = np.ones(len(x), dtype=bool)
    for values, of in ((x, of_x), (y, of_y)):
        outside = max(_OUTSIDE_CORE_SHARE, _LEAST_OUTSIDE_CORE / np.count_nonzero(np.isfinite(of)))
        low, high = np.nanquantile(of, (outside, 1 - outside))
        margin = max(high - low, _LEAST_CORE_MARGIN_DEGREES)
        inside &= (values >= low - margin) & (values <= high + margin)
    return inside


def _report_mixed(raw: RawLayer, findings: Findings, geometry: NDArray[np.object_]) -> None:
    dimensions = shapely.get_dimensions(geometry[~shapely.is_missing(geometry)])
    kinds = [name for number, name in enumerate(("points", "lines", "areas")) if (dimensions == number).any()]
    if len(kinds) > 1:
        findings.warning(FindingCode.MIXED_GEOMETRY_TYPES, f"it mixes {' and '.join(kinds)}", raw.place)


def _made_valid(raw: RawLayer, findings: Findings, geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    is_broken = ~shapely.is_missing(geometry) & ~shapely.is_valid(geometry)
    for at in np.flatnonzero(is_broken):
        why = shapely.is_valid_reason(geometry[at])
        findings.warning(
            FindingCode.BROKEN_RING,
            f"its area is not valid ({why}); it was repaired",
            raw.place,
            row=int(raw.rows[at]),
            column="geometry",
        )
    geometry[is_broken] = shapely.make_valid(geometry[is_broken], method="structure", keep_collapsed=True)
    return geometry


def _report(
    raw: RawLayer,
    findings: Findings,
    is_bad: NDArray[np.bool_],
    code: FindingCode,
    message: str,
    *,
    error: bool = True,
    suggestion: str | None = None,
) -> None:
    report_cells(
        raw.frame["geometry"],
        is_bad,
        findings,
        code,
        message,
        raw.rows,
        raw.place,
        error=error,
        suggestion=suggestion,
    )


# Identifiers, counts and names


def identifiers(raw: RawLayer, column: str | None, findings: Findings, *, option: str = "--id") -> pd.Series:
    """The ids of a layer as text, shape (n,), RangeIndex; the row numbers where it has no column for them.

    Null and repeated ids are errors.
    """
    if column is None:
        if len(raw.rows):
            findings.warning(
                FindingCode.GENERATED_IDS,
                "no column looks like an id; the row numbers stand for it",
                raw.place,
                suggestion=f"Name one with {option} COLUMN so that results can be matched later",
            )
        return pd.Series(raw.rows).astype("string")
    ids = as_text(raw.frame[column])
    is_null = ids.isna().to_numpy(dtype=bool)
    report_cells(
        ids,
        is_null,
        findings,
        FindingCode.MISSING_ID,
        "it has no id",
        raw.rows,
        raw.place,
        suggestion=f"Fill it in, or name another column with {option}",
    )
    is_repeated = ids.duplicated().to_numpy(dtype=bool) & ~is_null
    of_repeated = ids[ids.isin(ids[is_repeated])].drop_duplicates()
    first_row = dict(zip(of_repeated, raw.rows[of_repeated.index].tolist(), strict=True))
    for at in np.flatnonzero(is_repeated):
        findings.error(
            FindingCode.DUPLICATE_ID,
            f"its id is that of row {first_row[ids[at]]} too",
            raw.place,
            row=int(raw.rows[at]),
            column=column,
            value=ids[at],
            suggestion=f"Give each row its own id, or name another column with {option}",
        )
    return ids


def names(raw: RawLayer, column: str | None, findings: Findings) -> pd.Series:
    """A column of names as text, shape (n,); null where there is none. Names read in the wrong encoding are warned of."""
    if column is None:
        return pd.Series(pd.array([pd.NA], dtype="string").repeat(len(raw.rows)))
    text = as_text(raw.frame[column])
    is_wrong = text.str.contains(_MAYBE_MOJIBAKE).fillna(value=False).to_numpy(dtype=bool, copy=True)
    is_wrong[is_wrong] = [_is_mojibake(one) for one in text.array[is_wrong]]
    report_cells(
        text,
        is_wrong,
        findings,
        FindingCode.WRONG_ENCODING,
        "its letters look like text read in the wrong encoding",
        raw.rows,
        raw.place,
        error=False,
        suggestion="Say how the file was saved, for Cyrillic often --encoding utf-8 or --encoding cp1251",
    )
    return text


def _is_mojibake(text: str) -> bool:
    """Whether text shows the marks of another encoding: the replacement character, or Cyrillic read as Latin-1 or cp1251."""
    if "\ufffd" in text:
        return True
    letters = [letter for letter in text if letter.isalpha() or "\x80" <= letter <= "\x9f"]
    odd = max(
        sum("\x80" <= letter <= "\xff" for letter in letters),
        2 * len(re.findall(_CYRILLIC_PAIR, text)),
    )
    return len(letters) >= _LEAST_MOJIBAKE_LETTERS and odd >= _MOJIBAKE_SHARE * len(letters)


def household_counts(raw: RawLayer, column: str | None, findings: Findings) -> pd.Series:
    """The households of each row, Int64, shape (n,); null where there is no count.

    A count that is not a number, is negative or has a fraction is an error; one that is missing is a warning.
    """
    if column is None:
        if len(raw.rows):
            findings.warning(
                FindingCode.NO_HOUSEHOLD_COUNTS,
                "no column looks like a count of households; tables count villages only",
                raw.place,
                suggestion="Name one with --households COLUMN",
            )
        return pd.Series([pd.NA] * len(raw.rows), dtype="Int64")
    cells = raw.frame[column]
    values, is_text = numbers(cells, decimal_comma=False)
    with np.errstate(invalid="ignore"):
        bad: list[tuple[NDArray[np.bool_], FindingCode, str]] = [
            (is_text, FindingCode.NON_NUMERIC_HOUSEHOLDS, "the count of households is not a number"),
            (
                values > _MOST_HOUSEHOLDS,
                FindingCode.NON_NUMERIC_HOUSEHOLDS,
                "the count of households is larger than any can be",
            ),
            (values < 0, FindingCode.NEGATIVE_HOUSEHOLDS, "the count of households is below 0"),
            (
                (values >= 0) & (values <= _MOST_HOUSEHOLDS) & (values % 1 != 0),
                FindingCode.FRACTIONAL_HOUSEHOLDS,
                "the count of households is not whole",
            ),
        ]
    is_bad = np.zeros(len(values), dtype=bool)
    for which, code, message in bad:
        report_cells(
            cells,
            which,
            findings,
            code,
            message,
            raw.rows,
            raw.place,
            suggestion="Write a whole number in digits only, or name another column with --households",
        )
        is_bad |= which
    is_missing = np.isnan(values) & ~is_bad
    report_cells(
        cells,
        is_missing,
        findings,
        FindingCode.MISSING_HOUSEHOLDS,
        "it has no count of households; it counts as a village, not in sums of households",
        raw.rows,
        raw.place,
        error=False,
    )
    return pd.Series(np.where(is_bad, np.nan, values)).astype("Int64")
