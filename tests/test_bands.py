"""Distance bands: continuous, closed above, zero in the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.coverage.bands import DEFAULT_BANDS, Bands, band
from geo_service.errors import InputError
from geo_service.vocabulary import BANDS, Band

EDGES = st.lists(st.floats(0.001, 20_000), min_size=1, max_size=8, unique=True).map(sorted).map(tuple)


def band_by_rule(distance_m, bands):
    """The scalar rule, as DESIGN says it."""
    for edge, label in zip(bands.edges_km, bands.labels, strict=False):
        if distance_m <= edge * 1000:
            return label
    return bands.labels[-1]


@given(st.lists(st.floats(0, 3e7) | st.sampled_from([0.0, 5000.0, 10000.0, 25000.0]), max_size=30), EDGES)
def test_every_distance_falls_where_the_scalar_rule_puts_it(distances, edges):
    bands = Bands(edges)
    assert band(pd.Series(distances, dtype=float), bands).tolist() == [
        band_by_rule(one, bands) for one in distances
    ]


@given(EDGES, st.integers(0, 7))
def test_an_edge_belongs_to_the_band_below_it(edges, which):
    bands = Bands(edges)
    edge = edges[which % len(edges)]
    assert band(pd.Series([edge * 1000, np.nextafter(edge * 1000, np.inf)]), bands).cat.codes.tolist() == [
        which % len(edges),
        which % len(edges) + 1,
    ]


def test_exactly_five_km_is_in_the_first_band_and_a_hair_more_in_the_second():
    assert band(pd.Series([5000.0, 5000.000001, 5400.0])).tolist() == ["0-5", "6-10", "6-10"]


def test_narrow_and_odd_edges_are_named_as_they_are():
    assert Bands((1, 2, 5)).labels == ("0-1", "1-2", "2-5", ">5")
    assert Bands((1.0000001, 1.0000002)).labels == ("0-1.0000001", "1.0000001-1.0000002", ">1.0000002")
    assert Bands((1_000_000,)).labels == ("0-1000000", ">1000000")


def test_zero_is_in_the_first_band_and_nothing_is_in_none():
    assert band(pd.Series([0.0, None], dtype="Float64")).tolist() == ["0-5", np.nan]


def test_the_labels_are_those_of_the_report():
    assert DEFAULT_BANDS.labels == tuple(Band)
    assert set(BANDS) == set(Band)


def test_the_index_is_kept_and_the_bands_are_in_order():
    banded = band(pd.Series([30_000.0, 1.0], index=["far", "near"]))
    assert banded.index.tolist() == ["far", "near"]
    assert banded.min() == "0-5"


def test_arrays_are_banded_too():
    assert band(np.array([1.0, 2e6])).tolist() == ["0-5", ">25"]


@pytest.mark.parametrize("edges", [(), (0, 5), (5, 5), (10, 5), (-1,), (5, float("inf")), (float("nan"),)])
def test_edges_that_make_no_bands_are_refused(edges):
    with pytest.raises(InputError, match="bands need edges"):
        Bands(edges)


@pytest.mark.parametrize("distance", [-1.0, float("inf")])
def test_what_is_no_distance_is_refused(distance):
    with pytest.raises(InputError, match="row 1"):
        band(pd.Series([0.0, distance]))
