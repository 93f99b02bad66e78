"""Filters with collections of geometries: what shares a point with one of the parts shares a point with the whole."""

from __future__ import annotations

from typing import Any

from geo_service.errors import FilterError

__all__ = ["without_collections"]


def without_collections(tree: Any) -> Any:
    """The tree of a filter, each `S_INTERSECTS` and `S_DISJOINT` of a geometry collection asked of its parts.

    Other operators would need the collection as one shape, which databases do not agree on.

    Raises:
        FilterError: A collection is empty.
    """
    if isinstance(tree, list):
        return [without_collections(one) for one in tree]
    if not isinstance(tree, dict):
        return tree
    operator, args = tree.get("op"), tree.get("args")
    is_asked = isinstance(operator, str) and operator.casefold() in {"s_intersects", "s_disjoint"}
    if is_asked and isinstance(args, list) and len(args) == 2:
        for at in (0, 1):
            parts = _parts(args[at])
            if parts is not None:
                return _any(operator, parts, args, at)
    return {key: without_collections(one) for key, one in tree.items()}


def _any(operator: Any, parts: list[Any], args: list[Any], at: int) -> Any:
    if not parts:
        raise FilterError("a GeometryCollection of the filter is empty; give it geometries")
    each = [
        without_collections({"op": "s_intersects", "args": [part, args[1]] if at == 0 else [args[0], part]})
        for part in parts
    ]
    found = each[0] if len(each) == 1 else {"op": "or", "args": each}
    return found if operator.casefold() == "s_intersects" else {"op": "not", "args": [found]}


def _parts(node: Any) -> list[Any] | None:
    if not isinstance(node, dict) or node.get("type") != "GeometryCollection":
        return None
    parts = node.get("geometries")
    return parts if isinstance(parts, list) else []
