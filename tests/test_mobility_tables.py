"""Tables of mobility: the parts of every table add up to the whole, by whatever unit."""

from __future__ import annotations

import pandas as pd
import pytest
from frames import text
from hypothesis import given, settings
from hypothesis import strategies as st
from round_worlds import round_worlds
from rounds import REGIONS, coded, round_units, small_round

from geo_service.coverage.breakdowns import breakdown, counted_parts, distinct_countries
from geo_service.coverage.growth import growth
from geo_service.coverage.informants import informants_by_role, informants_by_sex
from geo_service.coverage.mobility import assessed_villages, mobility_by_group
from geo_service.coverage.reported import households_without, reported_access_rows, reported_presence
from geo_service.coverage.units import unit_rows, with_units
from geo_service.errors import InputError
from geo_service.vocabulary import AdminLevel, Dimension, PopulationGroup, Service

LEVELS = st.sampled_from([None, AdminLevel.REGION, AdminLevel.DISTRICT])
UNITS = round_units()


def same_but_split(table, whole, keys, counts):
    """Whether the rows of all units add up to those of the whole, null being nothing."""
    split = table.groupby(keys, observed=False)[counts].sum()
    return split.equals(whole.groupby(keys, observed=False)[counts].sum())


# Groups


@settings(max_examples=20)
@given(made=round_worlds(), by=LEVELS)
def test_villages_individuals_and_households_of_units_add_up_to_the_whole(made, by):
    mobility = with_units(made.mobility, made.villages)
    whole, table = mobility_by_group(mobility), mobility_by_group(mobility, by, units=UNITS)

    counts = [
        "villages", "villages_present", "villages_absent", "villages_unknown", "villages_uncounted", "individuals",
        "households",
    ]  # fmt: skip
    assert same_but_split(table, whole, ["group"], counts)
    parts = table[["villages_present", "villages_absent", "villages_unknown"]].sum(axis=1)
    assert parts.tolist() == table["villages"].tolist()
    assert whole["villages"].tolist() == [len(made.villages)] * 5
    for group, of_group in made.mobility.groupby("group", observed=True):
        row = whole[whole["group"] == group]
        assert row["individuals"].sum() == of_group["individuals"].sum()
        assert row["villages_present"].item() == of_group["present"].sum()
    shares = table.groupby("group", observed=True)["share"].sum(min_count=1).dropna()
    assert shares.tolist() == pytest.approx([1] * len(shares))


def test_a_number_that_nobody_knows_is_null_and_not_zero():
    made = small_round(2)
    mobility = made.mobility.assign(
        households=pd.array([None] * 10, dtype="Int64"),
        individuals=made.mobility["individuals"].mask(made.mobility["group"] == "returnees"),
    )

    table = mobility_by_group(mobility).set_index("group")

    assert table["households"].isna().all()
    assert table["individuals"].isna().tolist() == [False, True, False, False, False]
    assert table.loc["returnees", ["villages_present", "villages_uncounted"]].tolist() == [1, 1]
    assert pd.isna(table.loc["returnees", "share"])


def test_villages_that_are_not_assigned_keep_their_row_without_a_code():
    made = small_round(6)
    made.villages["adm1_pcode"] = text([REGIONS[0]] * 5 + [None])
    mobility = with_units(made.mobility, made.villages)

    table = mobility_by_group(mobility, AdminLevel.REGION, units=UNITS, language="ru")

    assert table["pcode"].fillna("none").unique().tolist() == [REGIONS[0], "none"]
    assert table["name"].fillna("none").unique().tolist() == [f"Вымышленный регион {REGIONS[0]}", "none"]
    assert table.loc[table["pcode"].isna(), "villages"].tolist() == [1] * 5
    assert table["label"].tolist()[:2] == ["Трудящиеся-мигранты", "Возвратные мигранты"]


@settings(max_examples=20)
@given(made=round_worlds(), by=LEVELS)
def test_assessed_villages_of_units_add_up_to_the_whole(made, by):
    whole, table = assessed_villages(made.villages), assessed_villages(made.villages, by, units=UNITS)
    named = 0 if by is None else int(table["pcode"].notna().sum())
    if by is AdminLevel.REGION:
        assert whole["regions"].item() == named
        assert table["districts"].sum() >= whole["districts"].item()
    if by is AdminLevel.DISTRICT:
        assert whole["districts"].item() == named
    counts = [name for name in whole if name not in {"regions", "districts"}]
    assert table[counts].sum().tolist() == whole[counts].sum().tolist()
    assert whole["villages"].item() == len(made.villages)
    assert whole["households"].sum() == made.villages["households"].sum()


def test_an_answer_of_a_village_that_is_not_in_the_round_is_refused():
    made = small_round(3)
    with pytest.raises(InputError, match="'990000003' has answers"):
        with_units(made.mobility, made.villages.iloc[:2])
    with pytest.raises(InputError, match="'990000003' has answers"):
        reported_access_rows(made.villages.iloc[:2], made.reported_access)
    with pytest.raises(InputError, match="'990000001' is there more than once"):
        with_units(made.mobility, made.villages.iloc[[0, 0, 1]])
    with pytest.raises(InputError, match="with_units"):
        mobility_by_group(made.mobility, AdminLevel.REGION)


# Breakdowns


@settings(max_examples=30)
@given(
    made=round_worlds(),
    by=LEVELS,
    dimension=st.sampled_from(Dimension),
    group=st.sampled_from(PopulationGroup),
    top=st.none() | st.integers(1, 4),
)
def test_the_codes_the_rest_and_the_unknown_add_up_to_the_group_and_their_shares_to_one(
    made, by, dimension, group, top
):
    mobility, parts = with_units(made.mobility, made.villages), with_units(made.breakdowns, made.villages)

    table = breakdown(mobility, parts, dimension, group, by, top=top, units=UNITS)
    whole = breakdown(mobility, parts, dimension, group, top=top)

    of_group = made.mobility[made.mobility["group"] == group]
    assert table["individuals"].sum() == of_group["individuals"].sum()
    assert (table["individuals"] >= 0).all()
    assert same_but_split(table, whole, ["code"], ["individuals"])
    units = [name for name in ("pcode",) if name in table]
    shares = (
        table.groupby(units, dropna=False)["share"].sum(min_count=1)
        if units
        else [whole["share"].sum(min_count=1)]
    )
    assert all(share == pytest.approx(1) for share in shares if pd.notna(share))
    known = made.mobility.dropna(subset="individuals")[["village_id", "group"]]
    asked = made.breakdowns.merge(known).query("group == @group and dimension == @dimension")
    said = asked.groupby("code")["individuals"].sum().to_dict()
    shown = whole.set_index("code")["individuals"].to_dict()
    assert {code: shown[code] for code in shown if code not in {"rest", "unknown"}}.items() <= (
        said | dict.fromkeys(set(shown) - set(said), 0)
    ).items()
    if top is not None:
        assert whole["code"].tolist()[-2:] == ["rest", "unknown"]
        assert len(whole) <= top + 2


def years(counts, **columns):
    """A breakdown by year of one village, whose group has as many individuals as there are and ten more."""
    mobility = pd.DataFrame(
        {
            "village_id": text(["a"]),
            "group": coded(["returnees"], PopulationGroup),
            "present": pd.array([True], dtype="boolean"),
            "individuals": pd.array([sum(counts.values()) + 10], dtype="Int64"),
            "households": pd.array([None], dtype="Int64"),
        }
    )
    parts = pd.DataFrame(
        {
            "village_id": text(["a"] * len(counts)),
            "group": coded(["returnees"] * len(counts), PopulationGroup),
            "dimension": coded(["year"] * len(counts), Dimension),
            "code": text(list(counts)),
            "individuals": pd.array(list(counts.values()), dtype="int64").to_numpy(),
        }
    )
    return breakdown(mobility, parts, Dimension.YEAR, PopulationGroup.RETURNEES, **columns)


def test_years_stand_in_their_order_with_earlier_first_and_unknown_last():
    table = years({"2023": 9, "earlier": 1, "2021": 5, "unknown": 2}, language="kk")
    assert table["code"].tolist() == ["earlier", "2021", "2023", "unknown"]
    assert table["individuals"].tolist() == [1, 5, 9, 12]
    assert table["label"].tolist() == ["Бұрынырақ", "2021", "2023", "Белгісіз"]


def test_the_top_countries_are_those_of_the_whole_and_other_is_never_among_them():
    made = small_round(4)
    parts = with_units(
        made.breakdowns.assign(
            individuals=1,
            code=text(["other", "UZB", "RUS"] + ["KGZ"] * (len(made.breakdowns) - 3)),
            dimension=coded(["country"] * len(made.breakdowns), Dimension),
            group=coded(["emigrants"] * len(made.breakdowns), PopulationGroup),
        ),
        made.villages,
    )
    mobility = with_units(made.mobility.assign(individuals=10_000), made.villages)

    table = breakdown(mobility, parts, "country", "emigrants", top=2)
    by_region = breakdown(mobility, parts, "country", "emigrants", AdminLevel.REGION, top=2)

    assert table["code"].tolist() == ["KGZ", "RUS", "rest", "unknown"]
    assert table["codes"].tolist() == [1, 1, 2, 1]
    assert by_region["code"].tolist() == table["code"].tolist() * 2
    assert distinct_countries(parts, "emigrants").tolist() == [3]
    assert distinct_countries(parts, "internal_migrants").empty


def test_the_short_vocabularies_have_every_row():
    made = small_round(2)
    nothing = made.breakdowns.head(0)
    for dimension, codes in (
        ("sex", ["male", "female", "unknown"]),
        ("kind", ["temporary_or_seasonal", "long_term", "permanent_residence", "other", "unknown"]),
        ("reason", ["unknown"]),
    ):
        table = breakdown(made.mobility, nothing, dimension, "returnees")
        assert table["code"].tolist() == codes
        assert table["share"].tolist() == [0] * (len(codes) - 1) + [1]


def test_parts_of_a_group_whose_number_is_not_known_are_in_no_row():
    made = small_round(1)
    unknown = made.mobility.assign(individuals=pd.array([None] * 5, dtype="Int64"))
    assert counted_parts(unknown, made.breakdowns).empty
    assert len(counted_parts(made.mobility, made.breakdowns)) == len(made.breakdowns)
    table = breakdown(unknown, made.breakdowns, "sex", "emigrants")
    assert table["individuals"].tolist() == [0, 0, 0]
    assert table["share"].isna().all()


def test_parts_that_are_more_than_their_group_are_refused():
    made = small_round(2)
    less = with_units(made.mobility.assign(individuals=0), made.villages)
    parts = with_units(made.breakdowns, made.villages)
    with pytest.raises(InputError, match=r"by sex in KAZ901 are .* more than the 0"):
        breakdown(less, parts, "sex", "labour_migrants", AdminLevel.REGION)
    with pytest.raises(InputError, match="by sex are"):
        breakdown(less, parts, "sex", "labour_migrants")
    with pytest.raises(InputError, match="top is 0"):
        breakdown(less, parts, "sex", "labour_migrants", top=0)
    away = parts.assign(adm1_pcode=text(["KAZ999"] * len(parts)))
    with pytest.raises(InputError, match="KAZ999"):
        breakdown(less, away, "sex", "labour_migrants", AdminLevel.REGION)


# Growth


def test_growth_is_against_the_earlier_year_as_the_report_should_have_printed_it():
    printed = growth(years({"2020": 64045, "2021": 103455, "2022": 162799, "2023": 309500}))

    assert printed["base_year"].tolist() == ["2020", "2021", "2022", "2020"]
    assert printed["year"].tolist() == ["2021", "2022", "2023", "2023"]
    assert [round(100 * one) for one in printed["growth"]] == [62, 57, 90, 383]
    assert printed["difference"].tolist() == [39410, 59344, 146701, 245455]
    assert "earlier year" in printed.attrs["base"]


def test_growth_is_null_where_the_base_is_zero_or_absent():
    table = growth(years({"2019": 0, "2020": 4, "2022": 6, "earlier": 8}))
    assert table["growth"].isna().tolist() == [True, True, True, True]
    assert table["difference"].fillna(-1).tolist() == [4, -1, -1, 6]


def test_growth_needs_two_years_and_every_one_of_them():
    assert growth(years({"2023": 9})).empty
    assert growth(years({})).empty
    assert len(growth(years({"2022": 9, "2023": 9}))) == 1
    with pytest.raises(InputError, match="with every code"):
        growth(years({"2022": 9, "2023": 9}, top=1))
    with pytest.raises(InputError, match="by year"):
        growth(breakdown(small_round(1).mobility, small_round(1).breakdowns, "sex", "returnees"))


@settings(max_examples=20)
@given(made=round_worlds(), by=LEVELS, group=st.sampled_from(PopulationGroup))
def test_growth_follows_from_the_years_of_its_unit(made, by, group):
    mobility, parts = with_units(made.mobility, made.villages), with_units(made.breakdowns, made.villages)
    by_year = breakdown(mobility, parts, Dimension.YEAR, group, by)
    units = [name for name in ("pcode",) if name in by_year]

    table = growth(by_year)

    known = {
        (*(str(getattr(row, name)) for name in units), row.code): row.individuals
        for row in by_year.itertuples()
    }
    for row in table.itertuples():
        unit = tuple(str(getattr(row, name)) for name in units)
        base, later = (known.get((*unit, year)) for year in (row.base_year, row.year))
        assert [base, later] == [
            None if one is pd.NA else one for one in (row.base_individuals, row.individuals)
        ]
        if base and later is not None:
            assert row.growth == pytest.approx(later / base - 1)
        else:
            assert pd.isna(row.growth)


# Key informants


@settings(max_examples=20)
@given(made=round_worlds(), by=LEVELS)
def test_key_informants_of_roles_sexes_and_units_add_up(made, by):
    informants = with_units(made.key_informants, made.villages)
    roles, sexes = (
        informants_by_role(informants, by, units=UNITS),
        informants_by_sex(informants, by, units=UNITS),
    )

    total = made.key_informants["informants"].sum()
    assert roles["informants"].sum() == sexes["informants"].sum() == total
    assert roles[["male", "female", "unknown"]].sum(axis=1).tolist() == roles["informants"].tolist()
    assert sexes.groupby("sex", observed=True)["informants"].sum().to_dict() == {
        sex: roles[sex].sum() for sex in ("male", "female", "unknown")
    }
    units = len(unit_rows(informants, by).pcodes)
    assert roles["share"].sum() == pytest.approx(units)
    assert sexes["share"].sum() == pytest.approx(units)
    known = roles[roles["male"] + roles["female"] > 0]
    assert (known["share_male"] + known["share_female"]).tolist() == pytest.approx([1] * len(known))


# Services


@settings(max_examples=20)
@given(made=round_worlds(), by=LEVELS)
def test_communities_with_without_and_unknown_add_up_and_so_do_their_households(made, by):
    reported = reported_access_rows(made.villages, made.reported_access)
    presence = reported_presence(reported, by, units=UNITS)
    bands = households_without(reported, by, units=UNITS)

    parts = presence[["villages_with", "villages_without", "villages_unknown"]].sum(axis=1)
    assert parts.tolist() == presence["villages"].tolist()
    whole = presence.groupby("service", observed=False)["villages"].sum()
    assert whole.tolist() == [len(made.villages)] * len(Service)
    keys = [name for name in ("pcode", "service") if name in presence]
    by_band = bands.groupby(keys, observed=False, dropna=False, sort=False)
    assert by_band["villages"].sum().tolist() == presence["villages_without"].tolist()
    assert by_band["households"].sum().tolist() == presence["households_without"].fillna(0).tolist()
    shares = by_band["share"].sum(min_count=1)
    assert all(share == pytest.approx(1) for share in shares if pd.notna(share))
    said = made.reported_access.merge(made.villages[["village_id", "households"]])
    without = said[said["present"].eq(other=False).fillna(value=False)]
    assert bands["households"].sum() == without["households"].sum()
    assert bands.loc[bands["band"] == "unknown", "villages"].sum() == without["band"].isna().sum()


def test_households_without_a_service_stand_by_band_with_those_of_no_distance_last():
    made = small_round(3)
    made.reported_access["present"] = pd.array([False] * 18, dtype="boolean")
    made.reported_access["band"] = pd.Categorical(
        ["0-5", None, ">25"] * 6, dtype=made.reported_access["band"].dtype
    )
    made.villages["households"] = pd.array([100, None, 7], dtype="Int64")

    table = households_without(reported_access_rows(made.villages, made.reported_access), language="ru")

    hospital = table[table["service"] == "hospital"]
    assert hospital["band"].tolist() == ["0-5", "6-10", "11-15", "16-20", "21-25", ">25", "unknown"]
    assert hospital["band_label"].tolist()[-2:] == ["Более 25 км", "Неизвестно"]
    assert hospital["villages"].tolist() == [3, 0, 0, 0, 0, 0, 0]
    assert hospital["households"].tolist() == [107, 0, 0, 0, 0, 0, 0]
    assert hospital["villages_uncounted"].tolist() == [1, 0, 0, 0, 0, 0, 0]
    polyclinic = table[table["service"] == "polyclinic"]
    assert polyclinic["villages"].tolist()[-1] == 3
