"""Aggregates, asked of each store and worked out in Python."""

from __future__ import annotations

import pyarrow as pa
import pytest

from geo_service.errors import FilterError
from geo_service.query.filters import parse_filter
from geo_service.query.properties import PropertyType
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure
from tests import store_fixtures
from tests.store_fixtures import ODD, SMALL
from tests.stores import (
    aggregated,
    in_box,
    rows_of,
)

folder, postgis, found = store_fixtures.folder, store_fixtures.postgis, store_fixtures.found
store, small, odd = store_fixtures.store, store_fixtures.small, store_fixtures.odd


def every_measure(contents, name):
    fields = next(one for one in contents.parts if one.name == name).fields
    measures = [Measure()]
    for one in fields:
        if one.type is PropertyType.GEOMETRY or one.name in {"number", "whole", "register_number"}:
            continue
        wanted = [Aggregate.COUNT, Aggregate.DISTINCT]
        if one.type is not PropertyType.BOOLEAN:
            wanted += [Aggregate.MIN, Aggregate.MAX]
        if one.type in {PropertyType.INTEGER, PropertyType.NUMBER}:
            wanted += [Aggregate.SUM, Aggregate.MEAN]
        measures += [Measure(aggregate, one.name) for aggregate in wanted]
    return tuple(measures)


@pytest.mark.parametrize("by", [(), ("yes",), ("day",), ("word", "yes"), ("small",), ("share",)], ids=str)
def test_aggregates_are_those_of_the_rows(odd, by):
    aggregation = Aggregation(by, every_measure(ODD, "places"))
    found = odd.aggregate("places", aggregation)
    assert found.to_pylist() == aggregated(rows_of(ODD, "places"), aggregation)


def test_aggregates_of_many_rows(odd):
    aggregation = Aggregation(("group",), (Measure(), Measure(Aggregate.SUM, "value", "total")))
    assert odd.aggregate("many", aggregation).to_pylist() == aggregated(rows_of(ODD, "many"), aggregation)


def test_the_types_of_aggregates(small):
    of = "households", "elevation_m", "village_name", "interviewed_on"
    measures = (
        *(Measure(Aggregate.SUM, one) for one in of[:2]),
        *(Measure(Aggregate.MEAN, one) for one in of[:2]),
        *(Measure(Aggregate.MIN, one) for one in of),
        *(Measure(Aggregate.DISTINCT, one) for one in of),
    )
    found = small.aggregate("villages", Aggregation(("adm1_pcode",), measures))
    number, whole, text, date = pa.float64(), pa.int64(), pa.string(), pa.date32()
    assert found.schema.types == [
        text,
        whole,
        number,
        number,
        number,
        whole,
        number,
        text,
        date,
        *[whole] * 4,
    ]
    assert found.column_names[:3] == ["adm1_pcode", "sum_households", "sum_elevation_m"]


def test_aggregates_of_large_integers_are_exact_or_refused(small, odd):
    aggregation = Aggregation(
        measures=(Measure(Aggregate.MAX, "register_number"), Measure(Aggregate.SUM, "register_number"))
    )
    assert small.aggregate("villages", aggregation).to_pylist() == aggregated(
        rows_of(SMALL, "villages"), aggregation
    )
    largest = Features(filter=parse_filter("whole > 9007199254740990"))
    with pytest.raises(FilterError):
        odd.aggregate("places", Aggregation(measures=(Measure(Aggregate.SUM, "whole"),), of=largest))


def test_aggregates_keep_to_the_question(odd):
    of = Features(filter=parse_filter("small > 0"), box=(-180, -60, 100, 60))
    aggregation = Aggregation(("yes",), (Measure(), Measure(Aggregate.SUM, "small")), of)
    rows = [
        row for row in rows_of(ODD, "places") if (row["small"] or 0) > 0 and in_box(row["geometry"], of.box)
    ]
    assert odd.aggregate("places", aggregation).to_pylist() == aggregated(rows, aggregation)


def test_aggregates_of_nothing(odd):
    measures = (Measure(), Measure(Aggregate.SUM, "value"), Measure(Aggregate.MEAN, "value"))
    assert odd.aggregate("nothing", Aggregation(measures=measures)).to_pylist() == [
        {"count": 0, "sum_value": None, "mean_value": None}
    ]
    assert odd.aggregate("nothing", Aggregation(("key",), measures)).num_rows == 0


@pytest.mark.parametrize(
    "aggregation",
    [
        Aggregation(("nmae",)),
        Aggregation(("geometry",)),
        Aggregation(measures=(Measure(Aggregate.SUM, "word"),)),
        Aggregation(measures=(Measure(Aggregate.SUM),)),
        Aggregation(measures=(Measure(Aggregate.MIN, "geometry"),)),
        Aggregation(measures=(Measure(), Measure())),
        Aggregation(measures=()),
    ],
    ids=str,
)
def test_an_aggregation_that_does_not_fit_is_refused(odd, aggregation):
    with pytest.raises(FilterError):
        odd.aggregate("places", aggregation)
