"""Whole numbers that add up: held against brute force and against what they promise, whatever is asked."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.demo.allocation import apportioned, both_margins, completed, counts_of_shares, share_bounds
from geo_service.demo.households import HAS_SERVICE, whole_households
from geo_service.errors import InputError

counts = st.integers(0, 60)


@st.composite
def bounded_parts(draw):
    """Weights, bounds and a total that fits into them."""
    least = draw(st.lists(counts, min_size=1, max_size=9))
    most = [low + draw(counts) for low in least]
    weights = draw(st.lists(st.floats(0, 1e6), min_size=len(least), max_size=len(least)))
    return draw(st.integers(sum(least), sum(most))), weights, least, most


@given(bounded_parts())
def test_parts_add_up_and_keep_their_bounds(asked):
    total, weights, least, most = asked
    parts = apportioned(total, weights, least, most, "it")
    assert parts.sum() == total
    assert (parts >= least).all()
    assert (parts <= most).all()


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_without_bounds_no_part_is_one_off_its_proportion(total, weights):
    parts = apportioned(total, weights, 0, total, "it")
    exact = np.array(weights) * total / sum(weights)
    assert (np.abs(parts - exact) < 1 + 1e-6).all()


def test_of_nothing_there_are_no_parts():
    assert apportioned(0, [], 0, 0, "it").tolist() == []
    with pytest.raises(InputError, match="it: 1 cannot be met; what else is given allows 0 to 0"):
        apportioned(1, [], 0, 0, "it")


def test_what_has_no_weight_is_filled_last():
    assert apportioned(7, [0, 1, 1], 0, 3, "it").tolist() == [1, 3, 3]
    assert apportioned(4, [0, 0], 0, 4, "it").tolist() == [2, 2]


@given(st.integers(1, 400), st.integers(0, 1), st.integers(0, 1000))
def test_bounds_of_a_share_are_all_counts_that_are_nearer_to_it_than_half_a_unit(total, decimals, tenths):
    share = Decimal(tenths) / 10 if decimals else Decimal(tenths // 10)
    share = share.quantize(Decimal("0.1") if decimals else Decimal(1))
    half = Decimal(5).scaleb(-decimals - 1)
    near = [count for count in range(total + 1) if abs(Decimal(count) * 100 / total - share) < half]
    least, most = share_bounds(share, total)
    assert list(range(least, most + 1)) == near


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=8), st.integers(0, 1))
def test_shares_of_counts_give_counts_of_the_same_shares(parts, decimals):
    total, unit = sum(parts), Decimal(1).scaleb(-decimals)
    exact = [Decimal(part) * 100 / total for part in parts]
    if any((percent / unit) % 1 == Decimal("0.5") for percent in exact):
        return
    shares = {str(at): percent.quantize(unit) for at, percent in enumerate(exact)}
    found = counts_of_shares(shares, total, "it")
    assert sum(found.values()) == total
    assert {at: (Decimal(found[at]) * 100 / total).quantize(unit) for at in shares} == shares


@pytest.mark.parametrize(
    ("printed", "left"), [((50, 30, 19), 0), ((50, 31, 20), 0), ((50, 30), 200), ((50,), 500), ((), 1000)]
)
def test_what_rounding_does_not_explain_is_left_over(printed, left):
    found = counts_of_shares({str(at): Decimal(share) for at, share in enumerate(printed)}, 1000, "it")
    assert 1000 - sum(found.values()) == left


def test_what_lacks_is_put_under_the_rest():
    assert completed({"a": 2}, 5, "unknown", "it") == {"a": 2, "unknown": 3}
    assert completed({"a": 5}, 5, "unknown", "it") == {"a": 5}


@given(
    st.lists(counts, min_size=1, max_size=9), st.lists(st.integers(0, 100), max_size=6), st.integers(0, 99)
)
def test_a_table_has_both_margins(rows, weights, seed):
    columns = apportioned(sum(rows), [*weights, 1], 0, sum(rows), "it")
    table = both_margins(np.array(rows, dtype=np.int64), columns, np.random.default_rng(seed))
    assert table.sum(axis=1).tolist() == rows
    assert table.sum(axis=0).tolist() == columns.tolist()
    assert (table >= 0).all()


# Households that meet the sums of cells


def household_sums(households, bands, cells):
    """The households of each cell, added up one by one."""
    sums = np.zeros_like(cells)
    for village, of_services in enumerate(bands):
        for service, band in enumerate(of_services):
            if band != HAS_SERVICE:
                sums[service, band] += households[village]
    return sums


@given(
    truth=st.lists(st.integers(1, 900), min_size=3, max_size=12),
    seed=st.integers(0, 2**32),
)
def test_cells_that_some_households_meet_are_met(truth, seed):
    random = np.random.default_rng(seed)
    bands = random.integers(HAS_SERVICE, 3, size=(len(truth), 3))
    cells = household_sums(truth, bands, np.zeros((3, 3), dtype=np.int64))
    expected = random.integers(1, 900, len(truth))
    households = whole_households(expected, np.full(len(truth), 10_000), bands, cells)
    assert (household_sums(households, bands, cells) == cells).all()
    assert (households >= 1).all()


def test_households_stay_where_they_are_when_cells_are_met_already():
    bands = np.array([[0], [0], [HAS_SERVICE]])
    households = whole_households(np.array([3, 4, 5]), np.full(3, 9), bands, np.array([[7]]))
    assert households.tolist() == [3, 4, 5]


def test_cells_that_no_households_meet_have_no_answer():
    bands = np.array([[0, 0]])
    assert whole_households(np.array([5]), np.array([99]), bands, np.array([[6], [7]])) is None
    assert whole_households(np.array([5]), np.array([1]), bands[:, :1], np.array([[9]])) is None
