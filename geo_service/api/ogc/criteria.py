"""Query parameters of features: which of them, which of their properties, in which order, in which reference system."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from starlette.datastructures import QueryParams

from geo_service.api.ogc.crs import CRS84, box_in, filter_in
from geo_service.api.ogc.filters import without_collections
from geo_service.api.ogc.layers import Layer
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import FilterError
from geo_service.query.criteria import parse_fields, parse_sort, parse_time
from geo_service.query.filters import Filter, parse_filter
from geo_service.query.limits import LARGEST_NUMBER, checked_text, shown
from geo_service.query.properties import ID, Property, PropertyType
from geo_service.query.questions import Features
from geo_service.settings import ApiSettings

__all__ = [
    "FILTER_LANGUAGES",
    "Criteria",
    "chosen_columns",
    "criteria_of",
    "reference_system",
    "refuse_others",
]

FILTER_LANGUAGES = ("cql2-text", "cql2-json")
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a request of features asks for.

    Attributes:
        features: Which of them.
        limit: How many a page has; null where that was not said.
        crs: The URI of the reference system of the answer.
        is_whole: Whether all features are asked for.
    """

    features: Features
    limit: int | None
    crs: str
    is_whole: bool


def refuse_others(query: QueryParams, allowed: Collection[str], where: str) -> None:
    """Refuse parameters that there are none of, and those that are given twice.

    Args:
        query: Of the request.
        allowed: The names that there are.
        where: What has them, for the message.

    Raises:
        ProblemError: There is one.
    """
    for name in query:
        if name not in allowed:
            there = sorted(allowed)
            raise ProblemError(
                Problem.UNKNOWN_PARAMETER,
                f"'{name[:_SHOWN]}' is not a parameter of {where}; there are: {', '.join(there)}",
                parameter=name[:_SHOWN],
                allowed=there,
            )
        if len(query.getlist(name)) > 1:
            raise ProblemError(
                Problem.INVALID_PARAMETER,
                f"'{name[:_SHOWN]}' is given more than once; give it once",
                parameter=name,
            )


def criteria_of(query: Mapping[str, str], layer: Layer, settings: ApiSettings) -> Criteria:
    """What the parameters of a request ask for.

    Args:
        query: By name; among them only those that there are.
        layer: The collection.
        settings: For the limits of pages.

    Raises:
        ProblemError: One cannot be used.
    """
    conditions: list[Any] = []
    features = Features()
    for name, property_ in layer.parameters.items():
        if name in query:
            with _refusing(name):
                conditions.append(_equals(property_, query[name]))
    language = _filter_language(query)
    systems = {name: reference_system(query, name, layer) for name in ("crs", "bbox-crs", "filter-crs")}
    if "filter" in query:
        conditions.append(_filter(query, language, systems["filter-crs"]))
    if "bbox" in query:
        with _refusing("bbox"):
            box, outline = box_in(_numbers(query["bbox"]), systems["bbox-crs"], layer.geometry)
        features = replace(features, box=box)
        conditions += [outline.tree] if outline else []
    if "datetime" in query:
        with _refusing("datetime"):
            time = parse_time(query["datetime"])
        # Of features without a time none is within one.
        features = replace(features, time=time) if layer.queryables.time else replace(features, ids=())
    if conditions:
        tree = conditions[0] if len(conditions) == 1 else {"op": "and", "args": conditions}
        features = replace(features, filter=Filter(tree))
    is_whole = features == Features()
    features = _shaped(query, layer, features)
    return Criteria(features, _limit(query, settings), systems["crs"], is_whole)


def reference_system(query: Mapping[str, str], parameter: str, layer: Layer) -> str:
    """The URI of the reference system that a parameter names; that of the standard where it is not given.

    Raises:
        ProblemError: The collection is not given in it.
    """
    uri = query.get(parameter, CRS84)
    if uri not in layer.crs:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"{parameter}: '{uri[:_SHOWN]}' is not a reference system of {layer.name}; take one of its list `crs`",
            parameter=parameter,
            allowed=list(layer.crs),
        )
    return uri


@contextmanager
def _refusing(parameter: str, problem: Problem = Problem.INVALID_PARAMETER) -> Iterator[None]:
    try:
        yield
    except FilterError as error:
        raise ProblemError(problem, f"{parameter}: {error}", parameter=parameter) from error


def _shaped(query: Mapping[str, str], layer: Layer, features: Features) -> Features:
    if "sortby" in query:
        with _refusing("sortby"):
            keys = parse_sort(query["sortby"])
            for key in keys:
                if layer.queryables[key.name].type is PropertyType.GEOMETRY:
                    raise FilterError(
                        f"'{key.name}' is a geometry and cannot be sorted by; take another property"
                    )
        features = replace(features, sort=keys)
    if "properties" in query:
        with _refusing("properties"):
            fields = [layer.queryables[one].name for one in parse_fields(query["properties"])]
        features = replace(features, fields=tuple(dict.fromkeys([*fields, layer.geometry])))
    return features


def _limit(query: Mapping[str, str], settings: ApiSettings) -> int | None:
    text = query.get("limit")
    if text is None:
        return None
    if not _INTEGER.fullmatch(text.strip()) or int(text) < 1:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"limit: '{shown(text)}' is not a whole number from 1; more than {settings.max_limit} is cut down to that",
            parameter="limit",
        )
    return min(int(text), settings.max_limit)


def _numbers(text: str) -> list[float]:
    parts = [one.strip() for one in checked_text(text, "the box").split(",")]
    for one in parts:
        if not _NUMBER.fullmatch(one) or abs(float(one)) > LARGEST_NUMBER:
            raise FilterError(
                f"the box has '{shown(one)}', which is not a number; write 4, or 6 with heights"
            )
    if len(parts) not in {4, 6}:
        raise FilterError(f"the box has {len(parts)} numbers; write 4, or 6 with heights")
    return [float(one) for one in parts]


def _filter_language(query: Mapping[str, str]) -> Literal["text", "json"]:
    written = query.get("filter-lang", FILTER_LANGUAGES[0])
    if written not in FILTER_LANGUAGES:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"filter-lang: '{written[:_SHOWN]}' is not a language of filters; there are: {', '.join(FILTER_LANGUAGES)}",
            parameter="filter-lang",
            allowed=list(FILTER_LANGUAGES),
        )
    return "json" if written == "cql2-json" else "text"


def _filter(query: Mapping[str, str], language: Literal["text", "json"], uri: str) -> Any:
    with _refusing("filter", Problem.INVALID_FILTER):
        tree = parse_filter(query["filter"], language).tree
        return without_collections(tree if uri == CRS84 else filter_in(tree, uri))


def _equals(one: Property, text: str) -> dict[str, Any]:
    """A property with a value, as CQL2 JSON.

    Raises:
        FilterError: The value is not of the property's type.
    """
    checked_text(text, "the value")
    return {"op": "=", "args": [{"property": one.name}, _value(one, text)]}


def _value(one: Property, text: str) -> Any:
    if one.type is PropertyType.TEXT:
        return text
    if one.type is PropertyType.INTEGER and _INTEGER.fullmatch(text) and abs(int(text)) < LARGEST_NUMBER:
        return int(text)
    if one.type is PropertyType.NUMBER and _NUMBER.fullmatch(text) and abs(float(text)) < LARGEST_NUMBER:
        return float(text)
    # GDAL writes booleans as numbers.
    if one.type is PropertyType.BOOLEAN and text in {"true", "false", "1", "0"}:
        return text in {"true", "1"}
    if one.type is PropertyType.DATE:
        try:
            return {"date": dt.date.fromisoformat(text).isoformat()}
        except ValueError:
            pass
    wanted = {
        PropertyType.INTEGER: "a whole number within ±2^53",
        PropertyType.NUMBER: "a number within ±2^53",
        PropertyType.BOOLEAN: "true or false",
        PropertyType.DATE: "a day such as 2024-01-31",
    }
    raise FilterError(f"'{shown(text)}' is not {wanted[one.type]}")


def chosen_columns(features: Features) -> list[str] | None:
    """The columns of an answer that was asked for some properties; null for all."""
    if features.fields is None:
        return None
    return [ID, *(one for one in features.fields if one != ID)]
