"""Reported beside measured access: the same rule of bands for both, and every village either compared or said why not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from frames import facilities, text
from hypothesis import given, settings
from hypothesis import strategies as st
from round_worlds import base_round, round_worlds
from rounds import coded, round_units, small_round

from geo_service.coverage.access import access
from geo_service.coverage.agreement import (
    Agreement,
    access_agreement,
    access_side_by_side,
    agreement_summary,
    contradictions,
)
from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.coverage.reported import reported_access_rows
from geo_service.errors import InputError
from geo_service.schemas import ACCESS
from geo_service.vocabulary import AdminLevel, Band, Service, Status

UNITS = round_units()
LEVELS = st.sampled_from([None, AdminLevel.REGION, AdminLevel.DISTRICT])
SITES = st.lists(st.tuples(st.floats(60, 64), st.floats(50, 51)), min_size=1, max_size=8)
COMPARED = ["equal", "one_apart", "two_or_more_apart"]
NOT_COMPARED = ["not_asked", "no_band_reported", "not_measured"]


def said(answers):
    """Reported rows of hospitals: a village an answer, which is present, absent with a band, or nothing."""
    present, bands = zip(*answers, strict=True)
    made = base_round(len(answers))
    reported = pd.DataFrame(
        {
            "village_id": made.villages["village_id"],
            "service": coded(["hospital"] * len(answers), Service),
            "present": pd.array(present, dtype="boolean"),
            "band": coded(bands, Band, ordered=True),
        }
    )
    return reported_access_rows(made.villages, reported)


def measured(reported, distances_km, **attrs):
    """Access rows of hospitals for the same villages."""
    rows = reported.assign(
        distance_m=[np.nan if km is None else km * 1000 for km in distances_km],
        status=pd.Categorical(
            ["no_location" if km is None else "ok" for km in distances_km],
            categories=reported["status"].cat.categories,
        ),
        present=pd.array([None if km is None else km <= 2 for km in distances_km], dtype="boolean"),
    )
    rows.attrs = attrs
    return rows


def test_reported_rows_have_the_columns_and_types_of_measured_ones():
    made = small_round(4)
    rows = reported_access_rows(made.villages, made.reported_access)
    ways = access(made.villages, facilities([(60.5, 50.5)]))

    both = pd.concat([rows, ways], ignore_index=True)

    assert set(ACCESS.columns) == set(rows)
    assert both.dtypes.astype(str).tolist() == rows.dtypes.astype(str).tolist()
    assert isinstance(both, gpd.GeoDataFrame)
    assert both["basis"].value_counts().to_dict() == {"reported": 24, "measured": 4}
    assert rows[["method", "status", "distance_m", "facility_id"]].isna().all(axis=None)
    assert rows.attrs["basis"] == "reported"


@pytest.mark.parametrize(
    ("answer", "km", "apart", "agreement"),
    [
        ((True, None), 0.3, 0, Agreement.EQUAL),
        ((True, None), 5.0, 0, Agreement.EQUAL),
        ((True, None), 5.4, 1, Agreement.ONE_APART),
        ((True, None), 40, 5, Agreement.TWO_OR_MORE_APART),
        ((False, "0-5"), 4, 0, Agreement.EQUAL),
        ((False, "16-20"), 12, -1, Agreement.ONE_APART),
        ((False, ">25"), 17, -2, Agreement.TWO_OR_MORE_APART),
        ((False, None), 17, None, Agreement.NO_BAND_REPORTED),
        ((None, None), 17, None, Agreement.NOT_ASKED),
        ((None, "0-5"), 17, None, Agreement.NOT_ASKED),
        ((True, None), None, None, Agreement.NOT_MEASURED),
        ((False, None), None, None, Agreement.NO_BAND_REPORTED),
    ],
)
def test_a_reported_answer_and_a_distance_are_so_many_bands_apart(answer, km, apart, agreement):
    reported = said([answer])
    row = access_agreement(reported, measured(reported, [km])).iloc[0]
    assert row["agreement"] == agreement
    assert (None if pd.isna(row["bands_apart"]) else row["bands_apart"]) == apart


def test_the_nearest_beyond_a_search_of_25_km_is_over_25_and_beyond_a_shorter_one_unknown():
    reported = said([(False, ">25")])
    far = measured(reported, [None]).assign(status=coded(["beyond_limit"], Status))
    for limit_km, agreement in (
        (25, Agreement.EQUAL),
        (20, Agreement.NOT_MEASURED),
        (None, Agreement.NOT_MEASURED),
    ):
        far.attrs = {"max_distance_km": limit_km}
        assert access_agreement(reported, far)["agreement"].tolist() == [agreement]


def test_only_the_first_rank_of_the_same_village_and_service_is_beside_it():
    reported = said([(True, None), (False, ">25")])
    ways = measured(reported, [1.0, 30.0])
    second = ways.assign(rank=2, distance_m=90_000.0)
    stranger = ways.head(1).assign(village_id=text(["stranger"]), distance_m=1.0)
    school = ways.assign(service=coded(["school"] * 2, Service), distance_m=1.0)

    found = access_agreement(reported, pd.concat([stranger, school, second, ways.iloc[::-1]]))

    assert found["distance_m"].tolist() == [1000, 30_000]
    assert found["agreement"].tolist() == ["equal", "equal"]
    with pytest.raises(InputError, match="'990000001' is there more than once"):
        access_agreement(reported, pd.concat([ways, ways]))


def test_contradictions_come_with_the_farthest_apart_and_then_the_most_households_first():
    reported = said([(True, None), (True, None), (False, ">25"), (True, None)])
    reported["households"] = pd.array([10, 500, 9000, None], dtype="Int64")
    found = contradictions(access_agreement(reported, measured(reported, [26, 26, 8, 1])))

    assert found["village_id"].tolist() == ["990000002", "990000001", "990000003"]
    assert found["bands_apart"].tolist() == [5, 5, -4]
    assert "straight lines" in found.attrs["rule"]


def test_labels_are_in_the_language():
    reported = said([(True, None)])
    row = access_agreement(reported, measured(reported, [40]), language="ru").iloc[0]
    assert (row["label"], row["agreement_label"]) == ("Больница", "Отличие на два интервала и более")


@settings(max_examples=20)
@given(made=round_worlds(), sites=SITES, by=LEVELS)
def test_every_village_is_compared_or_said_why_not_and_the_sums_are_the_round(made, sites, by):
    reported = reported_access_rows(made.villages, made.reported_access)
    layers = {Service.HOSPITAL: facilities(sites), Service.SCHOOL: facilities([], "school")}
    found = access_agreement(reported, access(made.villages, layers))

    summary = agreement_summary(found, by, units=UNITS)
    beside = access_side_by_side(found, by, units=UNITS)

    assert len(found) == len(reported)
    assert summary[COMPARED].sum(axis=1).tolist() == summary["compared"].tolist()
    assert (summary["compared"] + summary[NOT_COMPARED].sum(axis=1)).tolist() == summary["villages"].tolist()
    apart = summary["equal"] + summary["measured_nearer"] + summary["measured_farther"]
    assert apart.tolist() == summary["compared"].tolist()
    assert summary["villages"].sum() == len(reported)
    assert summary.loc[summary["service"] == "school", "compared"].sum() == 0
    assert found["bands_apart"].notna().sum() == summary["compared"].sum()
    assert len(contradictions(found)) == summary["two_or_more_apart"].sum()
    assert beside["villages_reported"].sum() == beside["villages_measured"].sum() == summary["compared"].sum()
    compared = found[found["bands_apart"].notna()]
    assert beside["households_reported"].sum() == compared["households"].sum()
    assert beside["households_measured"].sum() == compared["households"].sum()


def kappa_by_hand(pairs):
    """Cohen's weighted kappa of pairs of positions, from its definition."""
    count = len(pairs)
    observed = sum(abs(one - other) for one, other in pairs) / count
    expected = sum(abs(one - other) for one, _ in pairs for _, other in pairs) / count**2
    return 1 - observed / expected if expected else None


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_weighted_kappa_is_that_of_its_definition(pairs):
    labels = DEFAULT_BANDS.labels
    reported = said([(False, labels[one]) for one, _ in pairs])
    found = access_agreement(reported, measured(reported, [other * 5 + 1 for _, other in pairs]))

    kappa = agreement_summary(found).set_index("service").loc["hospital", "weighted_kappa"]

    by_hand = kappa_by_hand(pairs)
    assert pd.isna(kappa) if by_hand is None else kappa == pytest.approx(by_hand)
