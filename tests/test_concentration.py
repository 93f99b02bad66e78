"""Concentration: shares of the whole, per inhabitant and area, and the location quotient against its definition."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from frames import text, units
from hypothesis import given, settings
from hypothesis import strategies as st
from round_worlds import round_worlds
from rounds import REGIONS, coded, round_units

from geo_service.coverage.concentration import concentration, unit_areas_km2
from geo_service.coverage.units import with_units
from geo_service.errors import CrsError, InputError
from geo_service.spatial.geodesy import area_km2
from geo_service.vocabulary import AdminLevel, PopulationGroup

UNITS = round_units()


def mobility(individuals):
    """A village in each unit, with the individuals of its groups by their position."""
    codes = [group.value for group in PopulationGroup]
    rows = [
        (unit, code, counts[at] if at < len(counts) else 0)
        for unit, counts in individuals.items()
        for at, code in enumerate(codes)
    ]
    pcodes, groups, counted = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "village_id": text([f"in-{one}" for one in pcodes]),
            "adm1_pcode": text(pcodes),
            "adm2_pcode": text([None] * len(pcodes)),
            "group": coded(groups, PopulationGroup),
            "present": pd.array([bool(one) for one in counted], dtype="boolean"),
            "individuals": pd.array(counted, dtype="Int64"),
            "households": pd.array([None] * len(counted), dtype="Int64"),
        }
    )


def test_the_location_quotient_is_the_share_in_the_unit_over_the_share_in_all():
    table = concentration(
        mobility({"A": [30, 10], "B": [10, 50], "C": []}), AdminLevel.REGION, "labour_migrants"
    )

    assert table["pcode"].tolist() == ["A", "B", "C"]
    assert table["share"].tolist() == [0.75, 0.25, 0]
    # 30 of 40 in A and 10 of 60 in B, against 40 of 100 in all; nobody is in C.
    assert table["location_quotient"].tolist()[:2] == pytest.approx([0.75 / 0.4, 10 / 60 / 0.4])
    assert pd.isna(table["location_quotient"].iloc[2])
    assert table.attrs["group"] == "labour_migrants"


def test_a_group_that_is_nowhere_has_no_quotient_and_no_share():
    table = concentration(mobility({"A": [3], "B": [4]}), AdminLevel.REGION, "emigrants")
    assert table[["share", "location_quotient"]].isna().all(axis=None)


def test_inhabitants_and_areas_are_counted_where_they_are_known():
    squares = units({"A": shapely.box(60, 50, 61, 51), "B": shapely.box(61, 50, 62, 51)}, level=1)
    people = pd.Series({"A": 4000, "B": None})

    table = concentration(
        mobility({"A": [8], "B": [6]}), "region", "labour_migrants", units=squares, inhabitants=people
    )

    assert table["per_1000_inhabitants"].iloc[0] == 2
    assert table[["inhabitants", "per_1000_inhabitants"]].isna().to_numpy().tolist() == [
        [False] * 2,
        [True] * 2,
    ]
    exact = area_km2(squares.geometry.iloc[0])
    assert table["area_km2"].tolist() == pytest.approx([exact, exact])
    assert table["per_km2"].tolist() == pytest.approx([8 / exact, 6 / exact])
    assert table["name"].tolist() == ["Unit A", "Unit B"]


def test_areas_are_those_of_the_ellipsoid_in_whatever_reference_system():
    squares = units({"A": shapely.box(60, 50, 61, 51)}, level=1)
    assert unit_areas_km2(squares.to_crs(3857))["A"] == pytest.approx(unit_areas_km2(squares)["A"], rel=1e-9)
    with pytest.raises(CrsError, match="the admin units"):
        unit_areas_km2(squares.set_crs(None, allow_override=True))


def test_areas_that_are_known_already_are_taken():
    table = concentration(mobility({"A": [8]}), "region", "labour_migrants", areas_km2={"A": 2.0})
    assert table["per_km2"].tolist() == [4]


def test_a_unit_of_nobody_has_no_rate():
    with pytest.raises(InputError, match="unit A has 0 inhabitants"):
        concentration(mobility({"A": [8]}), "region", inhabitants={"A": 0})


@settings(max_examples=20)
@given(made=round_worlds(), by=st.sampled_from([AdminLevel.REGION, AdminLevel.DISTRICT]))
def test_shares_add_to_one_and_quotients_weighted_by_the_unit_to_one(made, by):
    table = concentration(with_units(made.mobility, made.villages), by, units=UNITS)

    assert table["individuals"].sum() == made.mobility["individuals"].sum()
    in_unit = table.groupby("pcode", dropna=False)["individuals"].transform("sum")
    part_of_unit = in_unit / table["individuals"].sum()
    for group, rows in table.groupby("group", observed=True):
        if rows["individuals"].sum() == 0:
            continue
        assert rows["share"].sum() == pytest.approx(1), group
        # The mean of all quotients is 1 when each weighs as much as its unit is of the whole.
        assert (rows["location_quotient"] * part_of_unit[rows.index]).sum() == pytest.approx(1)
    assert set(table["pcode"].dropna()) <= set(UNITS["pcode"])
    assert table.loc[table["pcode"].isna(), "area_km2"].isna().all()
    assert table.loc[table["pcode"].isin(REGIONS), "area_km2"].notna().all()
