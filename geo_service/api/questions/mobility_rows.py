"""Rows of population groups: the largest of them, and with the polygons of their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from geo_service.api.questions.basis import missing
from geo_service.api.questions.reading import has
from geo_service.query.questions import Features
from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from geo_service.api.context import Asked

__all__ = ["largest", "with_polygons"]

_ASIDE = {"rest", "unknown"}


def largest(rows: pa.Table, top: int) -> pa.Table:
    """The largest codes of each unit, the units in their order; those without a number last.

    Args:
        rows: Of a breakdown: `code`, `individuals`, and `pcode` where it is by unit.
        top: How many of each unit; the rest and the unknown are not among them.
    """
    codes, numbers = rows["code"].to_pylist(), rows["individuals"].to_pylist()
    units = rows["pcode"].to_pylist() if "pcode" in rows.column_names else [None] * rows.num_rows
    place = {unit: at for at, unit in enumerate(dict.fromkeys(units))}
    order = sorted(
        (at for at, code in enumerate(codes) if code not in _ASIDE),
        key=lambda at: (place[units[at]], numbers[at] is None, -(numbers[at] or 0)),
    )
    taken: dict[str | None, int] = {}
    kept = []
    for at in order:
        taken[units[at]] = taken.get(units[at], 0) + 1
        if taken[units[at]] <= top:
            kept.append(at)
    return rows.take(pa.array(kept, pa.int64()))


def with_polygons(asked: Asked, rows: pa.Table, by: AdminLevel) -> pa.Table:
    """Rows with the polygon of their unit as a column `geometry`, WKB; null for those of villages that are in none.

    Raises:
        ProblemError: The release has no such layer.
    """
    layer = "regions" if by is AdminLevel.REGION else "districts"
    if not has(asked, layer):
        raise missing(f"polygons of {layer}", "leave geometry out, or publish one with boundaries")
    with asked.release.batches(layer, Features()) as reader:
        units = reader.read_all()
    column = asked.release.collection(layer).geometry
    polygons = dict(zip(units["pcode"].to_pylist(), units[column].to_pylist(), strict=True))
    shapes = [polygons.get(code) for code in rows["pcode"].to_pylist()]
    return rows.append_column("geometry", pa.array(shapes, pa.binary()))
