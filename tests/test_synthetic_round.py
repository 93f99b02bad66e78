"""A synthetic round: every published figure follows from it, and nothing in it is what an import would refuse."""

from __future__ import annotations

from decimal import Decimal

import figures_oracle as oracle
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from frames import units as made_up_units
from frames import villages as made_up_villages
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.demo.data import demo_settlements
from geo_service.demo.figures import ROUND_3_PATH, Figures
from geo_service.demo.synthetic_round import synthetic_round, synthetic_round_3
from geo_service.errors import InputError
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.vocabulary import Band, PopulationGroup, Service

ROUND_3 = oracle.read(ROUND_3_PATH)
SAID = oracle.statements(ROUND_3)
ASSESSED = set(ROUND_3["regions"])


pytestmark = pytest.mark.xdist_group("round 3")


# Round 3 of Kazakhstan


@pytest.mark.parametrize("place", SAID)
def test_every_published_figure_of_round_3_follows(round_3, place):
    printed, computed = SAID[place]
    assert computed(round_3) == printed


def test_all_36_cells_are_among_them():
    assert sum(place.startswith("households_by_distance_km.") for place in SAID) == 36
    assert len(SAID) == 185


def test_where_the_report_contradicts_itself_the_parts_stand(round_3):
    without = round_3.reported_access.query("service == 'hospital' and ~present").merge(round_3.villages)
    assert without["households"].sum() == 536_751
    years = round_3.breakdowns.query("group == 'labour_migrants' and dimension == 'year'")
    by_year = years.groupby("code")["individuals"].sum()
    assert round(100 * (by_year["2023"] / by_year["2022"] - 1)) == 90
    assert round(100 * (by_year["2023"] / by_year["2020"] - 1)) == 383


@pytest.mark.parametrize(("group", "printed"), [("internal_emigrants", "99"), ("internal_migrants", "100.5")])
def test_reasons_that_add_to_another_number_within_rounding_leave_nothing_unknown(round_3, group, printed):
    assert sum(map(Decimal, ROUND_3[group]["share_by_reason"].values())) == Decimal(printed)
    codes = round_3.breakdowns.query("group == @group and dimension == 'reason'")["code"]
    assert set(codes) == set(ROUND_3[group]["share_by_reason"])


def test_nationalities_that_are_not_printed_make_up_the_number_of_countries(round_3):
    rows = round_3.breakdowns.query("group == 'labour_migrants' and dimension == 'country'")
    by_country = rows.groupby("code")["individuals"].sum().sort_values(ascending=False)
    assert by_country.index[:6].tolist() == ["UZB", "RUS", "KGZ", "TJK", "unknown", "AZE"]
    assert by_country["unknown"] == round(639_799 * 0.03)
    assert by_country.sum() == 639_799


def test_parts_add_up_in_every_village(round_3):
    keys = ["village_id", "group"]
    parts = round_3.breakdowns.groupby([*keys, "dimension"], observed=True)["individuals"].sum().reset_index()
    both = parts.merge(round_3.mobility, on=keys, suffixes=("_of_parts", ""))
    assert len(both) == len(parts)
    assert (both["individuals_of_parts"] == both["individuals"]).all()
    answered = both.groupby("group", observed=True)["dimension"].agg(set).to_dict()
    assert answered == {
        "labour_migrants": {"country", "year", "kind", "reason"},
        "returnees": {"sex", "country", "year", "reason"},
        "emigrants": {"sex", "country", "year", "reason"},
        "internal_migrants": {"reason"},
        "internal_emigrants": {"reason"},
    }


def test_no_answer_contradicts_another(round_3):
    mobility = round_3.mobility
    present = mobility["present"]
    assert present.equals(mobility["individuals"] > 0)
    printed = mobility["group"].isin(["internal_migrants", "internal_emigrants"])
    assert mobility.loc[~printed, "households"].isna().all()
    households = mobility[printed]
    assert (households["households"] <= households["individuals"]).all()
    assert (households["households"] > 0).equals(households["present"])
    access = round_3.reported_access
    assert access["band"].isna().equals(access["present"].astype(bool))
    assert set(round_3.key_informants["village_id"]) == set(round_3.villages["village_id"])
    assert len(mobility) == 5 * 1245
    assert len(access) == 6 * 1245


def test_numbers_of_people_are_plausible(round_3):
    villages = round_3.villages.set_index("village_id")
    own = villages[["population", "households"]].add_suffix("_of_village")
    mobility = round_3.mobility.join(own, on="village_id")
    assert (mobility["individuals"] <= mobility["population_of_village"]).all()
    here = mobility[mobility["group"].isin(["labour_migrants", "returnees", "internal_migrants"])]
    sums = here.groupby("village_id")[["individuals", "households"]].sum()
    assert (sums["individuals"] <= villages["population"].reindex(sums.index)).all()
    assert (sums["households"] <= villages["households"].reindex(sums.index)).all()


def test_households_are_believable(round_3):
    villages = round_3.villages.set_index("village_id")
    made_up = villages[villages.index.str.startswith("synthetic-")]
    assert (made_up["households"] >= 1).all()
    assert 200 < made_up["households"].median() < 700
    members = (made_up["population"] / made_up["households"]).astype(float)
    assert 3.3 < members.mean() < 3.7
    real = demo_settlements(Findings()).set_index("village_id")["households"].dropna()
    assert ((villages["households"] / real - 1).dropna().abs() <= 0.051).all()
    assert (villages["households"] < 20).mean() < 0.02


def test_who_lacks_a_polyclinic_mostly_lacks_a_hospital(round_3):
    present = round_3.reported_access.set_index(["service", "village_id"])["present"].astype(bool)
    assert (~present["hospital"])[~present["polyclinic"]].mean() > 0.9
    households = round_3.villages.set_index("village_id")["households"]
    assert households[present["hospital"]].median() > 2 * households[~present["hospital"]].median()


def test_interviews_were_held_in_the_round(round_3):
    days = round_3.villages["interviewed_on"]
    assert days.between("2023-12-01", "2024-01-31").all()
    assert (round_3.collected_from, round_3.collected_to) == (days.min(), days.max())
    assert (round_3.number, round_3.country) == (3, "KAZ")


# Places


def test_all_settlements_are_in_it_under_their_own_names_and_ids(round_3):
    real = demo_settlements(Findings())
    kept = round_3.villages[round_3.villages["matched_by"] == "code"]
    assert kept["village_id"].tolist() == real["village_id"].tolist()
    assert kept["village_name"].tolist() == real["village_name"].tolist()
    assert kept.geometry.geom_equals(real.geometry).all()


def test_the_others_are_named_as_synthetic_and_lie_inside_the_region_of_their_name(round_3):
    made_up = round_3.villages[round_3.villages["matched_by"] == "unmatched"]
    assert len(made_up) == 894
    assert made_up["village_id"].str.fullmatch(r"synthetic-\d{4}").all()
    names = {code: name["en"] for code, name in ROUND_3["regions"].items()}
    told = made_up["village_name"].str.extract(r"^Synthetic village (\d{4}) \((.+)\)$")
    assert told[0].tolist() == made_up["village_id"].str.removeprefix("synthetic-").tolist()
    assert told[1].tolist() == made_up["adm1_pcode"].map(names).tolist()
    areas = load_boundaries("kaz-adm1").set_index("pcode").geometry
    inside = shapely.contains(areas[made_up["adm1_pcode"]].to_numpy(), made_up.geometry.to_numpy())
    assert inside.all()
    assert set(made_up["adm1_pcode"]) == ASSESSED
    assert not made_up.geometry.duplicated().any()


def test_outside_the_assessed_regions_there_is_nobody_of_any_group(round_3):
    outside = round_3.villages.loc[~round_3.villages["adm1_pcode"].isin(ASSESSED), "village_id"]
    assert len(outside) > 200
    there = round_3.mobility[round_3.mobility["village_id"].isin(outside)]
    assert not there["present"].any()


def test_everything_says_that_it_is_synthetic(round_3):
    assert round_3.synthetic
    assert round_3.villages["synthetic"].all()
    for _, frame in round_3.frames():
        assert frame.attrs["synthetic"] is True
        assert "made up" in frame.attrs["note"]
        assert "IOM" in frame.attrs["source"]


# B1


def test_estimates_of_regions_are_near_what_their_villages_add_up_to(round_3):
    regions = round_3.villages[["village_id", "adm1_pcode"]]
    found = (
        round_3.mobility.merge(regions).groupby(["adm1_pcode", "group"], observed=True)["individuals"].sum()
    )
    estimates = round_3.district_estimates.set_index(["adm1_pcode", "group"])
    assert len(estimates) == 5 * regions["adm1_pcode"].nunique()
    assert estimates["adm2_pcode"].isna().all()
    estimate = estimates["individuals"].reindex(found.index)
    assert (estimates["present"] == (estimates["individuals"] > 0)).all()
    assert ((estimate > 0) == (found > 0)).all()
    assert ((estimate - found).abs() <= 0.08 * found + 5).all()
    assert not estimate.equals(found)


def test_every_village_is_one_to_visit(round_3):
    visits, villages = round_3.villages_to_visit, round_3.villages.set_index("village_id")
    assert sorted(visits["village_code"]) == sorted(villages.index)
    assert visits["adm1_pcode"].tolist() == villages["adm1_pcode"].loc[visits["village_code"]].tolist()


# Seeds


def test_the_same_seed_makes_the_same_round(round_3):
    for (_, one), (_, other) in zip(round_3.frames(), synthetic_round_3(3).frames(), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_another_seed_makes_another_round_with_the_same_totals(round_3):
    other = synthetic_round_3(4)
    for (name, one), (_, another) in zip(round_3.frames(), other.frames(), strict=True):
        assert one.equals(another) is (name == "villages_to_visit")
    assert {place: computed(other) for place, (_, computed) in SAID.items()} == {
        place: printed for place, (printed, _) in SAID.items()
    }


# Other figures

REGIONS = made_up_units(
    {f"XX{at}": shapely.box(at, 50, at + 1, 51) for at in range(3)}, level=1, parent="XXX"
)
NAMES = {code: {"en": f"Made-up region {code}"} for code in REGIONS["pcode"]}


def settlements(count):
    """Made-up settlements in a row through the regions, every third without a count of households."""
    return made_up_villages(
        [(0.05 + 3 * at / max(count, 1) * 0.97, 50.5) for at in range(count)],
        households=[None if at % 3 == 0 else 40 + 7 * at for at in range(count)],
    )


def figures_of(villages=40, **parts):
    asked = {"number": 7, "from": "2030-05-02", "to": "2030-06", "villages_assessed": villages}
    return {"source": "made up", "round": asked, "regions": NAMES} | parts


def round_of(figures, real=6, units=REGIONS, seed=1):
    return synthetic_round(
        Figures.model_validate(figures), villages=settlements(real), units=units, seed=seed
    )


def shares(counts, decimals):
    """Counts in percent as a report prints them; nothing where one is an exact half, which reports round either way."""
    unit = Decimal(1).scaleb(-decimals)
    exact = {code: Decimal(count) * 100 / sum(counts.values()) for code, count in counts.items()}
    is_half = any((percent / unit) % 1 == Decimal("0.5") for percent in exact.values())
    return {} if is_half else {code: percent.quantize(unit) for code, percent in exact.items()}


def split(random, total, codes):
    """A total in random parts, none of them nothing."""
    parts = random.multinomial(total - len(codes), random.dirichlet(np.ones(len(codes)))) + 1
    return dict(zip(codes, parts.tolist(), strict=True))


def published_services(random, villages):
    """What is printed of two services, when the villages are there first and the figures are what follows from them."""
    households = np.rint(random.lognormal(5, 1, villages)).astype(int) + 1
    with_share, cells = {}, {}
    for service in random.choice(Service, 2, replace=False):
        lacks = np.flatnonzero(random.random(villages) < random.uniform(0.05, 0.5))
        if printed := shares({service: villages - len(lacks), "without": len(lacks)}, 1):
            bands = random.integers(len(Band), size=len(lacks))
            summed = np.bincount(bands, weights=households[lacks], minlength=len(Band)).astype(int)
            with_share[service] = printed[service]
            cells[service] = dict(zip(Band, summed.tolist(), strict=True))
    return {"share_of_communities_with_service": with_share, "households_by_distance_km": cells}


def published_group(random, villages, decimals, *, crosses_border):
    present = int(random.integers(3, villages // 4))
    people = int(random.integers(20 * present, 80 * present))
    printed = {
        "individuals": people,
        "villages_present": present,
        "households": int(random.integers(present, people + 1)),
        "by_region": split(random, people - 3 * present, list(NAMES)),
        "share_by_reason": shares(
            split(random, people, ["family", "poverty", "education", "unknown"]), decimals
        ),
        "share_by_sex": shares(split(random, people, ["male", "female"]), decimals),
    }
    printed["by_region"] = {code: count + present for code, count in printed["by_region"].items()}
    if crosses_border:
        by_country = split(random, people, ["RUS", "UZB", "KOR", "TUR", "DEU"])
        first, second, *others = sorted(by_country, key=lambda code: -by_country[code])
        printed["by_country"] = {code: by_country[code] for code in (first, second)}
        printed["countries"] = 2 + len(others)
        printed["by_year"] = split(random, people // 2, ["2021", "2022"])
    return printed


def published(seed, villages, decimals):
    """Figures that can be met."""
    random = np.random.default_rng(seed)
    figures = figures_of(villages, service_access=published_services(random, villages))
    for group in PopulationGroup:
        crosses_border = group in {"labour_migrants", "returnees", "emigrants"}
        figures[group] = published_group(random, villages, decimals, crosses_border=crosses_border)
    informants = int(random.integers(villages, 4 * villages))
    figures["key_informants"] = {
        "total": informants,
        "by_role": split(random, informants, ["migration_police", "local_authority", "other"]),
        "share_by_sex": shares(split(random, informants, ["male", "female"]), 1),
    }
    return figures


@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**32),
    villages=st.integers(30, 60),
    decimals=st.integers(0, 1),
    real=st.integers(0, 9),
)
def test_other_figures_that_can_be_met_are_met(seed, villages, decimals, real):
    figures = published(seed, villages, decimals)
    made_up = round_of(figures, real, seed=seed)
    said = oracle.statements(figures)
    assert {place: computed(made_up) for place, (_, computed) in said.items()} == {
        place: printed for place, (printed, _) in said.items()
    }


def test_a_round_of_which_nothing_is_printed_asked_for_nothing():
    made_up = round_of(figures_of(8), real=8)
    assert made_up.mobility[["present", "individuals", "households"]].isna().all(axis=None)
    assert made_up.reported_access[["present", "band"]].isna().all(axis=None)
    assert made_up.breakdowns.empty
    assert made_up.district_estimates.empty
    assert made_up.key_informants["informants"].tolist() == [1] * 8
    assert made_up.key_informants["sex"].tolist() == ["unknown"] * 8
    assert made_up.villages["matched_by"].tolist() == ["code"] * 8
    assert made_up.collected_from >= "2030-05-02"
    assert made_up.collected_to <= "2030-06-30"


def test_units_may_be_districts_and_estimates_are_then_by_district():
    halves = [
        made_up_units(
            {f"XX{at}00{half}": shapely.box(at + half / 2, 50, at + (half + 1) / 2, 51) for half in range(2)},
            parent=f"XX{at}",
        )
        for at in range(3)
    ]
    districts = gpd.GeoDataFrame(pd.concat([*halves, REGIONS], ignore_index=True))
    figures = figures_of(
        60, returnees={"individuals": 4_000, "villages_present": 50, "by_region": {"XX1": 4_000}}
    )
    made_up = round_of(figures | {"regions": {"XX1": {"en": "Made-up middle"}}}, real=12, units=districts)
    villages = made_up.villages[made_up.villages["matched_by"] == "unmatched"]
    assert set(villages["adm2_pcode"]) == {"XX1000", "XX1001"}
    assert set(made_up.district_estimates["adm2_pcode"].dropna()) == {
        f"XX{at}00{half}" for at in range(3) for half in range(2)
    }
    estimates = made_up.district_estimates.groupby("adm1_pcode")["individuals"].sum()
    assert estimates["XX1"] == pytest.approx(4_000, rel=0.09)
    assert estimates["XX0"] == 0


def test_regions_that_are_not_printed_share_what_is_left():
    group = {"individuals": 1_000, "villages_present": 12, "share_by_region_printed": {"XX0": 60, "XX2": 30}}
    made_up = round_of(figures_of(emigrants=group))
    found = oracle.rows(made_up, "emigrants").groupby("adm1_pcode")["individuals"].sum()
    assert found.to_dict() == {"XX0": 600, "XX1": 100, "XX2": 300}


def test_without_a_number_of_villages_a_group_is_in_some_and_without_a_number_of_countries_the_rest_is_unknown():
    group = {"individuals": 500, "by_country": {"RUS": 400}, "share_by_country_printed": {"RUS": 80}}
    made_up = round_of(figures_of(emigrants=group))
    assert made_up.mobility["present"].sum() == 10
    assert made_up.breakdowns.groupby("code")["individuals"].sum().to_dict() == {"RUS": 400, "unknown": 100}


def test_the_rest_of_known_countries_and_the_unknown_is_of_other_countries():
    group = {"individuals": 500, "by_country": {"RUS": 400}, "share_by_country_printed": {"unknown": 10}}
    made_up = round_of(figures_of(emigrants=group))
    by_code = made_up.breakdowns.groupby("code")["individuals"].sum()
    assert by_code.to_dict() == {"RUS": 400, "unknown": 50, "other": 50}


def test_more_people_than_usual_in_a_village_are_placed_all_the_same():
    group = {"individuals": 3_000_000, "households": 1_000_000, "villages_present": 4}
    made_up = round_of(figures_of(returnees=group))
    assert made_up.mobility[["individuals", "households"]].sum().tolist() == [3_000_000, 1_000_000]


def test_a_service_of_which_no_households_are_printed_is_missing_in_the_share_of_villages():
    services = {"share_of_communities_with_service": {"school": 90, "market": 97.5}}
    access = round_of(figures_of(service_access=services)).reported_access
    assert access.groupby("service", observed=False)["present"].sum()[["school", "market"]].tolist() == [
        36,
        39,
    ]
    absent = access[~access["present"].fillna(value=True)]
    assert absent["band"].notna().all()


def test_villages_of_known_size_give_way_when_no_others_are_there():
    services = {
        "share_of_communities_with_service": {"hospital": 50},
        "households_by_distance_km": {"hospital": {"0-5": 7, ">25": 5_000}},
    }
    figures = figures_of(6, service_access=services)
    made_up = round_of(figures, real=6)
    said = oracle.statements(figures)
    assert {place: computed(made_up) for place, (_, computed) in said.items()} == {
        place: printed for place, (printed, _) in said.items()
    }


# Figures that cannot be met


def services_of(share, **cells):
    return {
        "service_access": {
            "share_of_communities_with_service": {"hospital": share},
            "households_by_distance_km": {"hospital": cells},
        }
    }


def group_of(**printed):
    return {"returnees": {"individuals": 100} | printed}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (group_of(villages_present=41), "returnees.villages_present: 41 cannot be met; .* allows 3 to 40"),
        (group_of(villages_present=2, by_region={"XX0": 60, "XX1": 30, "XX2": 10}), "villages_present: 2 .* allows 3 to"),
        (group_of(by_region={"XX0": 60, "XX1": 41}), r"returnees.by_region: the regions add to 101, individuals are 100"),
        (group_of(by_region={"XX0": 60, "XX1": 30, "XX2": 9}), "returnees.by_region: the regions add to 99"),
        (group_of(by_region={"YY1": 100}), "returnees.by_region.YY1: it is not among the assessed regions"),
        (group_of(share_by_region_printed={"YY1": 100}), "returnees.share_by_region_printed.YY1: it is not among"),
        (group_of(villages_present=5, households=4), "returnees.households: 4 cannot be those of 100 people in 5 villages"),
        (group_of(households=101), "returnees.households: 101 cannot be those of 100 people"),
        (group_of(by_year={"2022": 60, "2023": 41}), "returnees.by_year: the parts add to 101, all are 100"),
        (group_of(by_country={"RUS": 60, "UZB": 41}), "returnees.by_country: the parts add to 101, all are 100"),
        (group_of(by_country={"RUS": 60, "UZB": 40}, countries=1), "returnees.countries: 1 are fewer than the 2"),
        (group_of(by_country={"RUS": 99}, countries=4), "returnees.countries: 1 cannot be met; .* allows 3 to"),
        (group_of(share_by_sex={"male": 60, "female": 42}), "returnees.share_by_sex: shares that add to 102 %"),
        (group_of(share_by_sex={"male": 60, "unknown": 20}), "returnees.share_by_sex: the parts add to 80, all are 100"),
        (group_of(share_by_sex={"male": 33.3}), "returnees.share_by_sex.male: no whole number of 100 is 33.3 %"),
        (services_of(50.5), "communities_with_service.hospital: no whole number of 40 villages is 50.5 %"),
        (services_of(95, **{"0-5": 9, "6-10": 9, ">25": 9}), "leave 2 without it, but .* those of 3 to 27 villages"),
        (services_of(50, **{"0-5": 9}), "leave 20 without it, but its 9 households by distance are those of 1 to 9"),
        ({"key_informants": {"total": 39}}, "key_informants.total: 39 cannot be one or more in each of 40 villages"),
        ({"key_informants": {"total": 40, "by_role": {"other": 41}}}, "key_informants.by_role: the parts add to 41"),
        ({"regions": {"YY1": {"en": "Nowhere"}}}, "regions: YY1 is not among the admin units"),
        ({"round": {"number": 1, "from": "2030-02", "to": "2030-01", "villages_assessed": 40}}, "it ends on 2030-01-31, before"),
        ({"round": {"number": 1, "from": "2030-01", "to": "2030-01", "villages_assessed": 5}}, "5 are fewer than the 6 settlements"),
    ],
)  # fmt: skip
def test_figures_that_cannot_be_met_get_one_clear_error(parts, message):
    with pytest.raises(InputError, match=message):
        round_of(figures_of() | parts)


def test_households_that_no_villages_can_have_get_one_clear_error():
    services = {
        "share_of_communities_with_service": {"hospital": 0, "school": 0},
        "households_by_distance_km": {"hospital": {"0-5": 800}, "school": {">25": 900}},
    }
    with pytest.raises(InputError, match="service_access: 9 villages were not found that meet"):
        round_of(figures_of(9, service_access=services))


def test_a_region_with_people_and_no_village_is_named():
    figures = figures_of(
        6, emigrants={"individuals": 10, "by_region": {"XX9": 10}}, regions={"XX9": {"en": "Empty"}}
    )
    empty = made_up_units({"XX9": shapely.box(30, 30, 31, 31)}, level=1, parent="XXX")
    units = gpd.GeoDataFrame(pd.concat([REGIONS, empty], ignore_index=True))
    with pytest.raises(InputError, match=r"emigrants.by_region.XX9: 10 people, but no village"):
        round_of(figures, real=6, units=units)
