"""Hiding cells: none that is hidden can be computed, found by trying every whole number, by linear programming and by taking the hiding away."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

from geo_service.coverage import suppress_system
from geo_service.coverage.suppress_audit import exposed
from geo_service.coverage.suppress_cells import Cells, suppress
from geo_service.coverage.suppress_system import System
from geo_service.errors import InputError

BEYOND = 6
"""How far above its value a hidden cell is looked for: further than any threshold of these tests asks."""

EXAMPLE = {"Abai": (12, 3), "Turan": (20, 30), "Saryarka": (7, 9)}


def table_system(rows, threshold=5):
    """A table of rows and columns with its sums; cells are named (row, column), with None for a sum."""
    system = System(threshold)
    numbers = np.array(rows)
    height, width = numbers.shape
    for row, column in product((*range(height), None), (*range(width), None)):
        of_row = numbers if row is None else numbers[[row]]
        value = of_row.sum() if column is None else of_row[:, column].sum()
        system.cell((row, column), int(value), "table")
    for row in (*range(height), None):
        system.relate([(row, None)], [(row, column) for column in range(width)])
    for column in (*range(width), None):
        system.relate([(None, column)], [(row, column) for row in range(height)])
    return system


def every_table(rows, hidden):
    """All tables of whole numbers with the published cells and sums of `rows`; shape (tables, rows, columns)."""
    numbers = np.array(rows)
    choices = [
        np.arange(1, value + BEYOND) if place in hidden else np.array([value])
        for place, value in np.ndenumerate(numbers)
    ]
    grids = np.meshgrid(*choices, indexing="ij")
    tables = np.stack([grid.ravel() for grid in grids], axis=1).reshape(-1, *numbers.shape)
    fits = np.ones(len(tables), dtype=bool)
    for row in range(numbers.shape[0]):
        if (row, None) not in hidden:
            fits &= tables[:, row].sum(axis=1) == numbers[row].sum()
    for column in range(numbers.shape[1]):
        if (None, column) not in hidden:
            fits &= tables[:, :, column].sum(axis=1) == numbers[:, column].sum()
    if (None, None) not in hidden:
        fits &= tables.sum(axis=(1, 2)) == numbers.sum()
    return tables[fits]


def fewest_values(rows, hidden):
    """Of the hidden cells of the inside and of the sums, the one with the fewest values in all tables that fit."""
    tables = every_table(rows, hidden)
    found = []
    for row, column in hidden:
        of_row = tables.sum(axis=1) if row is None else tables[:, row]
        values = of_row.sum(axis=1) if column is None else of_row[:, column]
        found.append(len(np.unique(values)))
    return min(found, default=None)


small_tables = st.sampled_from([(2, 2), (1, 4), (2, 1), (3, 1), (1, 1), (4, 1)]).flatmap(
    lambda shape: st.lists(
        st.lists(st.one_of(st.integers(0, 6), st.integers(0, 14)), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@given(small_tables, st.integers(2, 5))
@settings(max_examples=60)
def test_every_hidden_cell_of_a_small_table_can_have_as_many_values_as_the_threshold(rows, threshold):
    hidden = table_system(rows, threshold).hidden()
    for place, value in np.ndenumerate(np.array(rows)):
        assert (place in hidden) >= (0 < value < threshold), "a small cell is shown"
        assert value > 0 or place not in hidden, "a zero is hidden"
    fewest = fewest_values(rows, hidden)
    assert fewest is None or fewest >= threshold


large_tables = st.tuples(st.integers(1, 7), st.integers(1, 6), st.integers(0, 10_000))


@given(large_tables)
@settings(max_examples=40)
def test_no_hidden_cell_of_a_table_is_exposed_to_linear_programming(shape):
    height, width, seed = shape
    random = np.random.default_rng(seed)
    rows = random.choice([0, 1, 2, 3, 4, 6, 9, 30, 400], (height, width))
    system = table_system(rows)
    hidden = system.hidden()
    assert system.exposed(hidden) == []


def test_the_example_of_the_documentation():
    system = table_system(list(EXAMPLE.values()))
    hidden = system.hidden()
    assert hidden == {(0, 0), (0, 1), (2, 0), (2, 1)}
    men_of_abai = every_table(list(EXAMPLE.values()), hidden)[:, 0, 1]
    # As far as this looks; the highest that fits is 11.
    assert set(men_of_abai) >= {1, 2, 3, 4, 5, 6, 7, 8}


def test_a_table_of_one_small_cell_hides_its_sums_too():
    assert table_system([[3]]).hidden() == {(0, 0), (0, None), (None, 0), (None, None)}


def test_a_table_without_small_cells_stays_whole():
    assert table_system([[5, 0], [7, 900]]).hidden() == set()


def test_without_complementary_cells_the_attacker_wins(monkeypatch):
    monkeypatch.setattr(suppress_system, "suppress", lambda _cells, primary: primary)
    rows = list(EXAMPLE.values())
    system = table_system(rows)
    hidden = system.hidden()
    assert hidden == {(0, 1)}
    assert fewest_values(rows, hidden) == 1
    assert system.exposed(hidden) == [(0, 1)]


def test_with_one_complementary_cell_too_few_the_attacker_wins():
    system = table_system(list(EXAMPLE.values()))
    assert system.exposed({(0, 0), (0, 1), (2, 1)}) == [(0, 0), (0, 1), (2, 1)]


def test_the_same_cells_are_hidden_each_time():
    rows = np.random.default_rng(4).integers(0, 12, (8, 6))
    assert table_system(rows).hidden() == table_system(rows).hidden()


def test_a_cell_that_nobody_shows_is_not_given_away_by_what_is_shown():
    system = System(5)
    for name, value in (("region", 40), ("first", 20), ("second", 17)):
        system.cell(name, value, "units")
    system.beside("left", ["region"], ["first", "second"], "units")
    hidden = system.hidden()
    assert len(hidden) > 0
    assert "left" not in hidden
    assert system.exposed(hidden) == []
    assert system.exposed(set()) == ["left"]


def test_a_number_of_one_village_is_kept_open_by_a_fifth():
    system = System(5)
    for name, value in (("all", 1000), ("one", 300), ("two", 300), ("three", 400)):
        system.cell(name, value, "units", hide=name == "one", width=60 if name == "one" else 0)
    system.relate(["all"], ["one", "two", "three"])
    assert system.hidden() == {"one", "two"}
    cells = system.cells()
    kept = np.array([name in {"one", "two"} for name in ("all", "one", "two", "three")])
    assert exposed(cells, kept) == []


def test_totals_that_are_none_are_refused():
    system = System(5)
    system.cell("whole", 9, "units")
    system.cell("part", 3, "units")
    system.relate(["whole"], ["part"])
    with pytest.raises(InputError, match="a total is not the sum of its parts"):
        system.hidden()


def test_one_cell_with_two_values_is_refused():
    system = System(5)
    system.cell("villages", 9, "units")
    with pytest.raises(InputError, match="villages is 9 and 8"):
        system.cell("villages", 8, "units")
    with pytest.raises(InputError, match="would be -1"):
        system.cell("others", -1, "units")


def cells_of(value, relations, lower=None):
    count = len(value)
    return Cells(
        value=np.array(value),
        lower=np.ones(count, dtype=np.int64) if lower is None else np.array(lower),
        shown=np.ones(count, dtype=bool),
        width=np.full(count, 4),
        relations=sparse.csr_array(np.array(relations, dtype=np.int64)),
        block=np.arange(count),
    )


def test_a_cell_below_the_least_that_it_can_be_is_refused():
    with pytest.raises(InputError, match="below the least"):
        cells_of([1, 1], [[1, -1]], lower=[2, 1])


def test_what_no_solver_can_move_in_whole_numbers_is_doubled():
    # Twice the first is three times the second: whole solutions are far apart, and those of the solver are not whole.
    cells = cells_of([3, 2, 50], [[2, -3, 0]])
    hidden = suppress(cells, np.array([True, False, False]))
    assert hidden.tolist() == [True, True, False]


def test_an_audit_of_nothing_hidden_finds_nothing():
    cells = cells_of([9, 9], [[1, -1]])
    assert exposed(cells, np.zeros(2, dtype=bool)) == []
    assert System(5).exposed(set()) == []
    assert System(5).hidden() == set()


def test_where_the_solver_gives_up_all_that_is_linked_is_hidden_as_twice_the_tables(monkeypatch):
    class Nothing:
        x = None

    monkeypatch.setattr(optimize, "linprog", lambda *_args, **_options: Nothing())
    system = table_system([[3, 9], [20, 30]])
    system.cell("elsewhere", 7, "other")
    system.cell("there too", 7, "other")
    system.relate(["elsewhere"], ["there too"])
    hidden = system.hidden()
    assert len(hidden) == 9
    assert "elsewhere" not in hidden
