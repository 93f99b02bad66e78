"""The audit of figures: clean ones give nothing, each planted fault is found where it was planted, and Round 3 gives what is so."""

from __future__ import annotations

import copy
import json
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_service.coverage.audit.faults import FaultKind, faults_frame
from geo_service.coverage.audit.growth import years_compared
from geo_service.coverage.audit.names import canonical_key, read_name
from geo_service.coverage.audit.rules import audit
from geo_service.demo.figures import ROUND_3_PATH
from geo_service.findings import Severity
from geo_service.ingest.figures import figure_tree, read_figure_tree
from geo_service.vocabulary import LANGUAGES, Band, PopulationGroup, Reason, Service, moves_across_border

COUNTRIES = ["UZB", "RUS", "KGZ", "TJK", "AZE", "TUR", "DEU", "KOR", "SWE"]
REGIONS = [f"KAZ{number:03}" for number in range(1, 11)]
BANDS = [band.value for band in Band]
REASONS = [Reason.FAMILY, Reason.POVERTY, Reason.EDUCATION, Reason.MEDICAL]


def found(content):
    return audit(figure_tree(json.loads(json.dumps(content), parse_float=Decimal)))


def summary(content):
    return [(one.kind.value, one.place, one.printed, one.follows) for one in found(content)]


def percent(part, whole, decimals, rounding=ROUND_HALF_UP):
    """A percentage as print has it: rounded from the exact value."""
    exact = Fraction(100 * part, whole)
    near = Decimal(exact.numerator) / Decimal(exact.denominator)
    printed = near.quantize(Decimal(1).scaleb(-decimals), rounding)
    return float(printed) if decimals else int(printed)


def split(random, total, keys):
    """`total` over `keys`, in any way."""
    cuts = sorted(random.randint(0, total) for _ in keys[1:])
    return {key: high - low for key, low, high in zip(keys, [0, *cuts], [*cuts, total], strict=True)}


def some_of(random, table):
    """The largest two or more of a table, as reports print them."""
    count = random.randint(2, len(table) + 2)
    return dict(sorted(table.items(), key=lambda item: -item[1])[:count])


def shares(random, table, whole):
    decimals, rounding = random.choice([0, 1]), random.choice([ROUND_HALF_UP, ROUND_HALF_DOWN])
    return {key: percent(value, whole, decimals, rounding) for key, value in table.items()}


def a_group(random, group, years):
    """Every figure of a group, computed."""
    by_year = {str(year): random.randint(1, 10 ** random.randint(1, 6)) for year in years}
    total = sum(by_year.values())
    by_region = {key: count for key, count in split(random, total, REGIONS).items() if count}
    growth = {
        f"{year}_vs_{base}": percent(by_year[year] - by_year[base], by_year[base], random.choice([0, 1]))
        for base, year in pairwise(by_year)
    }
    figures = {
        "individuals": total,
        "villages_present": random.randint(1, 1245),
        "share_by_reason": shares(random, split(random, total, [*REASONS, "other"]), total),
        "by_year": by_year,
        "growth_printed": growth,
        "by_region": by_region,
        "share_by_region_printed": shares(random, some_of(random, by_region), total),
    }
    if not moves_across_border(group):
        return figures | {"households": random.randint(1, total)}
    by_country = {key: count for key, count in split(random, total, COUNTRIES).items() if count}
    shown = some_of(random, by_country)
    rest = total - sum(shown.values())
    return figures | {
        "countries": len(by_country),
        "by_country": shown | ({"other": rest} if rest and random.random() < 0.5 else {}),
        "share_by_country": shares(random, some_of(random, shown), total),
        "share_by_sex": shares(random, split(random, total, ["male", "female"]), total),
    }


def a_publication(random):
    """Figures of a round that was never held, without a contradiction."""
    years = range(2020, 2020 + random.randint(3, 5))
    bands = {}
    for service in Service:
        counts = [random.randint(1, 90_000) for _ in BANDS]
        bands[service.value] = dict(zip(BANDS, counts, strict=True)) | {"total_printed": sum(counts)}
    roles = split(random, random.randint(10, 3000), ["local_authority", "migration_police", "other"])
    groups = random.sample([*PopulationGroup], len(PopulationGroup))
    return {
        "note": "made up",
        "round": {"number": 9, "from": "2030-01"},
        **{group.value: a_group(random, group, years) for group in groups},
        "key_informants": {"total": sum(roles.values()), "by_role": roles},
        "service_access": {
            "households": max(one["total_printed"] for one in bands.values()),
            "share_of_communities_with_service": {service.value: 90 for service in Service},
            "households_by_distance_km": bands,
        },
    }


publications = st.integers(0, 2**32).map(lambda seed: a_publication(Random(seed)))


@given(publications)
def test_figures_that_were_computed_and_rounded_have_no_fault(content):
    assert summary(content) == []


# Planted faults: each in figures that are otherwise clean


def place_of(*names):
    return ".".join(names)


few = settings(max_examples=30)
more = st.integers(1, 10**6)
services = st.sampled_from([*Service])
groups = st.sampled_from([*PopulationGroup])
groups_across = st.sampled_from([group for group in PopulationGroup if moves_across_border(group)])
groups_within = st.sampled_from([group for group in PopulationGroup if not moves_across_border(group)])


@few
@given(publications, services, more, st.sampled_from([1, -1]))
def test_a_total_within_its_table_that_differs_from_its_parts_is_found(content, service, gap, sign):
    table = content["service_access"]["households_by_distance_km"][service]
    right, table["total_printed"] = table["total_printed"], table["total_printed"] + sign * gap
    place = place_of("service_access.households_by_distance_km", service, "total_printed")

    assert summary(content) == [("total", place, right + sign * gap, right)]


@few
@given(publications, groups, more)
def test_a_total_beside_its_tables_that_they_all_contradict_is_one_fault_at_the_total(content, group, gap):
    figures = content[group]
    right, figures["individuals"] = figures["individuals"], figures["individuals"] + gap

    assert summary(content) == [("total", place_of(group, "individuals"), right + gap, right)]


@few
@given(publications, groups, more)
def test_a_table_that_differs_from_a_total_which_others_confirm_is_the_fault_itself(content, group, gap):
    figures = content[group]
    figures.pop("share_by_region_printed")
    for other in PopulationGroup:
        content[other].pop("share_by_region_printed", None)
    key = next(iter(figures["by_region"]))
    figures["by_region"][key] += gap

    right = figures["individuals"]
    assert summary(content) == [("total", place_of(group, "by_region"), right, right + gap)]


@few
@given(publications, groups_across, more)
def test_a_list_of_the_largest_that_exceeds_its_total_is_a_fault_and_one_below_it_is_none(
    content, group, gap
):
    figures = content[group]
    for other in PopulationGroup:
        content[other].pop("share_by_country", None)
        content[other].pop("countries", None)
    total, figures["by_country"] = figures["individuals"], {"UZB": 1, "RUS": 0}
    assert summary(content) == []

    figures["by_country"]["UZB"] = total + gap
    assert summary(content) == [("total", place_of(group, "by_country"), total, total + gap)]


@few
@given(publications, groups, st.data())
def test_a_share_that_does_not_follow_from_its_count_is_found(content, group, data):
    figures = content[group]
    table = figures["share_by_region_printed"]
    key = data.draw(st.sampled_from([*table]))
    unit = 1 if isinstance(table[key], int) else 0.1
    right, table[key] = table[key], round(table[key] + 2 * unit, 1)

    first, *others = summary(content)

    assert first[:2] == ("share", place_of(group, "share_by_region_printed", key))
    assert float(first[2]) == table[key]
    assert abs(float(first[3]) - right) <= unit
    assert {one[:2] for one in others} <= {("shares_sum", place_of(group, "share_by_region_printed"))}


@few
@given(publications, groups)
def test_growth_on_the_later_year_is_found_with_the_base_that_gives_it(content, group):
    figures = content[group]
    base, year = list(figures["by_year"])[:2]
    before, after = figures["by_year"][base], figures["by_year"][year]
    key = f"{year}_vs_{base}"
    right, wrong = percent(after - before, before, 0), percent(after - before, after, 0)
    assume(abs(right - wrong) > 1)
    figures["growth_printed"][key] = wrong

    [fault] = found(content)

    assert (fault.kind, fault.place) == (FaultKind.GROWTH, place_of(group, "growth_printed", key))
    assert (fault.printed, abs(fault.follows - right) <= 1) == (wrong, True)
    assert fault.base == f"the difference over {group}.by_year.{year} ({after:,})"


@few
@given(publications, groups, st.sampled_from([4, -4, 40, -40]))
def test_shares_that_rounding_does_not_bring_to_100_are_found(content, group, gap):
    table = content[group]["share_by_reason"] = {"family": 50, "education": 30, "other": 20}
    table["family"] += gap

    assert summary(content) == [("shares_sum", place_of(group, "share_by_reason"), 100 + gap, 100)]


@few
@given(publications, groups_within, more)
def test_households_above_individuals_are_found(content, group, gap):
    figures = content[group]
    figures["households"] = figures["individuals"] + gap

    expected = ("households", place_of(group, "households"), figures["households"], figures["individuals"])
    assert summary(content) == [expected]


@few
@given(publications)
def test_households_by_distance_above_all_households_are_found(content):
    access = content["service_access"]
    access["households"] -= 1
    most = access["households"] + 1
    above = [
        name for name, one in access["households_by_distance_km"].items() if one["total_printed"] == most
    ]

    assert summary(content) == [
        ("households", f"service_access.households_by_distance_km.{name}", most, most - 1) for name in above
    ]


@few
@given(publications, services, st.sampled_from(BANDS))
def test_a_band_that_one_service_lacks_is_found_with_what_is_left_for_it(content, service, band):
    table = content["service_access"]["households_by_distance_km"][service]
    left = table.pop(band)

    place = place_of("service_access.households_by_distance_km", service, band)
    assert summary(content) == [("missing_cell", place, None, left)]
    assert found(content)[0].severity is Severity.WARNING


@few
@given(publications, groups)
def test_a_figure_that_every_other_group_has_is_missed(content, group):
    del content[group]["villages_present"]

    assert summary(content) == [("missing_cell", place_of(group, "villages_present"), None, None)]


@few
@given(publications, groups, st.data())
def test_a_share_left_out_from_among_larger_and_smaller_ones_is_missed(content, group, data):
    figures = content[group]
    table, counts = figures["share_by_region_printed"], figures["by_region"]
    least = min(counts[key] for key in table)
    larger = [key for key in table if counts[key] > least]
    assume(larger)
    key = data.draw(st.sampled_from(larger))
    del table[key]

    assert summary(content) == [("missing_cell", place_of(group, "share_by_region_printed", key), None, None)]


# Round 3


@pytest.fixture(scope="module")
def round_3():
    return json.loads(ROUND_3_PATH.read_text(encoding="utf-8"))


def test_round_3_gives_its_three_errors_and_what_its_tables_lack():
    faults = audit(read_figure_tree(ROUND_3_PATH))

    assert [(one.place, one.printed, one.follows) for one in faults if one.severity is Severity.ERROR] == [
        ("service_access.households_by_distance_km.hospital.total_printed", 522046, 536751),
        ("labour_migrants.growth_printed.2023_vs_2022", 47, 90),
        ("labour_migrants.growth_printed.2023_vs_2020", 79, 383),
    ]
    assert {one.base for one in faults if one.kind is FaultKind.GROWTH} == {
        "the difference over labour_migrants.by_year.2023 (309,500)"
    }
    assert [one.place for one in faults if one.severity is Severity.WARNING] == [
        "labour_migrants.by_nationality.unknown",
        "emigrants.villages_present",
        "labour_migrants.share_by_sex",
    ]


def test_the_names_of_groups_and_places_play_no_part(round_3):
    renamed = {
        "people_who_came": round_3["labour_migrants"],
        "annex": {
            "tables": {
                "b": {
                    "households_by_distance": {
                        "x": round_3["service_access"]["households_by_distance_km"]["hospital"]
                    }
                }
            }
        },
    }

    assert [(kind, printed, follows) for kind, _, printed, follows in summary(renamed)][:3] == [
        ("total", 522046, 536751),
        ("growth", 47, 90),
        ("growth", 79, 383),
    ]


@pytest.mark.parametrize("table", ["by_region", "by_year"])
@pytest.mark.parametrize("gap", [-2, 5])
def test_a_slip_in_any_whole_table_of_round_3_is_found(round_3, table, gap):
    before = set(summary(round_3))
    for group in ("labour_migrants", "returnees", "emigrants"):
        content = copy.deepcopy(round_3)
        key = next(iter(content[group][table]))
        content[group][table][key] += gap
        total = content[group]["individuals"]
        assert ("total", f"{group}.{table}", total, total + gap) in set(summary(content)) - before


# What names say, and other ways to print


@pytest.mark.parametrize(
    ("key", "years"),
    [
        ("2023_vs_2022", ("2023", "2022")),
        ("2020_vs_2023", ("2020", "2023")),
        ("2022-2023", ("2023", "2022")),
        ("2023 к 2022", ("2023", "2022")),
        ("2023", ("2023", "2022")),
        ("last year", None),
    ],
)
def test_the_years_of_growth_are_read_from_its_key(key, years):
    assert years_compared(key) == years


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Узбекистан", "UZB"),
        ("Өзбекстан", "UZB"),
        ("Male", "male"),
        ("0–5 км", "0-5"),
        ("0 - 5", "0-5"),
        ("Более 25 КМ", ">25"),
        ("25+ km", ">25"),
        ("Другое", "other"),
        ("Остальные", "rest"),
        ("local_authority", "local_authority"),
        ("KAZ014", "kaz014"),
    ],
)
def test_keys_are_codes_or_labels_of_the_vocabulary(text, key):
    assert canonical_key(text) == key


def test_names_are_read_in_three_languages():
    assert read_name("Доля по регионам, %") == read_name("share_by_region")
    assert read_name("домохозяйств по расстоянию").stem == ("households",)
    assert read_name("Итого").is_total
    assert read_name("top_5_by_country").is_top


def test_fractions_are_held_against_their_counts_as_fractions():
    table = {
        "individuals": 1000,
        "by_sex": {"male": 740, "female": 260},
        "share_by_sex": {"male": 0.74, "female": 0.26},
    }
    assert summary({"returnees": table}) == []
    table["share_by_sex"] = {"male": 0.47, "female": 0.26}
    assert [one[:2] for one in summary({"returnees": table})] == [
        ("share", "returnees.share_by_sex.male"),
        ("shares_sum", "returnees.share_by_sex"),
    ]


def test_percentages_below_one_are_not_taken_for_fractions():
    table = {
        "individuals": 1000,
        "by_country": {"UZB": 6, "RUS": 1},
        "share_by_country": {"UZB": 0.6, "RUS": 0.1},
    }
    assert summary({"returnees": table}) == []


def test_growth_may_be_printed_as_a_fraction_or_under_the_year_alone():
    table = {
        "by_year": {"2021": 100, "2022": 150, "2023": 120},
        "growth_by_year": {"2022": 0.5, "2023": -0.2},
    }
    assert summary({"returnees": table}) == []
    table["growth_by_year"] = {"2022": 50, "2023": -25}
    [fault] = found({"returnees": table})
    assert (fault.printed, fault.follows) == (-25, -20)
    assert fault.base == "the difference over returnees.by_year.2023 (120)"


@pytest.mark.parametrize(
    ("printed", "base"),
    [
        (33, "the difference over returnees.by_year.2023 (300)"),
        (200, "growth since returnees.by_year.2021 (100)"),
        (150, "the later count as a percentage of returnees.by_year.2022 (200)"),
        (17, "the difference over the sum of returnees.by_year (600)"),
        (7, None),
    ],
)
def test_the_base_of_a_wrong_growth_is_named_where_there_is_one(printed, base):
    table = {"by_year": {"2021": 100, "2022": 200, "2023": 300}, "growth": {"2023_vs_2022": printed}}
    assert [(one.follows, one.base) for one in found({"returnees": table})] == [(50, base)]


@pytest.mark.parametrize(
    ("printed", "base"),
    [
        (50, "the parts without key_informants.by_role.other"),
        (70, "the parts with key_informants.by_role.other counted twice"),
        (64, "the parts of key_informants.by_sex"),
        (63, None),
    ],
)
def test_what_gives_a_wrong_total_is_named_where_there_is_one(printed, base):
    content = {"total": printed, "by_role": {"local_authority": 30, "migration_police": 20, "other": 10}}
    if printed == 64:
        content["by_sex"] = {"male": 60, "female": 4}
    assert [(one.follows, one.base) for one in found({"key_informants": content})] == [(60, base)]


def test_the_base_of_a_wrong_share_is_named_where_there_is_one():
    table = {
        "individuals": 1000,
        "villages": 480,
        "by_country": {"UZB": 120, "RUS": 80},
        "share_by_country": {"UZB": 60.0, "RUS": 16.7},
    }
    assert [(one.follows, one.base) for one in found({"returnees": table})] == [
        (12, "a share of the sum of returnees.by_country (200)"),
        (8, "a share of returnees.villages (480)"),
    ]


def test_shares_of_what_may_overlap_need_not_add_up():
    content = {
        "share_with_service": {"hospital": 90, "school": 95},
        "share_female_by_region": {"KAZ001": 60, "KAZ002": 70},
        "returnees": {"villages": 10, "villages_by_country": {"UZB": 9, "RUS": 8}},
    }
    assert summary(content) == []


def test_communities_with_a_service_are_held_against_all_communities():
    content = {
        "communities": 200,
        "communities_with_service": {"hospital": 68, "school": 190},
        "share_of_communities_with_service": {"hospital": 34, "school": 59},
    }
    assert summary(content) == [("share", "share_of_communities_with_service.school", 59, 95)]


def test_rows_that_are_objects_are_read_as_columns():
    content = {
        "returnees": {
            "individuals": 10,
            "by_region": {
                "KAZ001": {"individuals": 6, "households": 7, "share": 60},
                "KAZ002": {"individuals": 4, "households": 1, "share": 30},
                "total": {"individuals": 11, "households": 8},
            },
        }
    }
    assert set(summary(content)) == {
        ("total", "returnees.by_region.total.individuals", 11, 10),
        ("share", "returnees.by_region.KAZ002.share", 30, 40),
        ("shares_sum", "returnees.by_region.*.share", 90, 100),
        ("households", "returnees.by_region.KAZ001.households", 7, 6),
    }


def test_households_are_held_against_people_row_by_row():
    content = {
        "internal_migrants": {
            "individuals": 30,
            "by_region": {"KAZ001": 10, "KAZ002": 20},
            "households_by_region": {"KAZ001": 12, "KAZ002": 5},
        }
    }
    assert summary(content) == [("households", "internal_migrants.households_by_region.KAZ001", 12, 10)]


def test_shares_of_two_breakdowns_may_be_of_each_row_each_column_or_all():
    counts = {
        "KAZ001": {"male": 30, "female": 10},
        "KAZ002": {"male": 10, "female": 50},
        "KAZ003": {"male": 0, "female": 100},
    }
    whole, of_sex = 200, {"male": 40, "female": 160}
    ways = (
        lambda row, sex: 100 * row[sex] / sum(row.values()),
        lambda row, sex: 100 * row[sex] / of_sex[sex],
        lambda row, sex: 100 * row[sex] / whole,
    )
    for way in ways:
        of_region = {code: {sex: way(row, sex) for sex in row} for code, row in counts.items()}
        turned = {sex: {code: row[sex] for code, row in of_region.items()} for sex in of_sex}
        for table in (of_region, turned):
            assert summary({"a": {"individuals": whole, "share_by_region_and_sex": table}}) == []
        both = {"by_region_and_sex": counts, "share_by_region_and_sex": of_region}
        assert summary({"a": {"individuals": whole} | both}) == []


def test_one_column_of_shares_among_others_that_add_up_is_found():
    columns = {
        group: {"family": 60, "education": 30, "other": 10}
        for group in ("returnees", "emigrants", "labour_migrants")
    }
    columns["emigrants"]["family"] = 80
    assert summary({"share_by_reason": columns}) == [("shares_sum", "share_by_reason.emigrants", 120, 100)]


def test_what_counts_show_to_be_left_out_of_shares_is_not_missed_from_100():
    table = {"by_sex": {"male": 70, "female": 20, "unknown": 10}, "share_by_sex": {"male": 70, "female": 20}}
    assert summary({"returnees": {"individuals": 100} | table}) == []


def test_years_that_cover_no_group_are_not_all_years():
    groups = {
        group: {"individuals": 100, "by_year": {"2022": 20, "2023": 30}}
        for group in ("returnees", "emigrants", "labour_migrants")
    }
    assert summary(groups) == []
    assert [one[:2] for one in summary({"returnees": groups["returnees"]})] == [
        ("total", "returnees.individuals")
    ]


def test_growth_of_something_else_is_not_held_against_the_counts():
    content = {
        "by_year": {"2022": 20, "2023": 30},
        "growth_of_households": {"2023_vs_2022": 7},
        "increase": {"2023_vs_2022": 10},
    }
    assert summary({"returnees": content}) == []
    assert [
        one[0] for one in summary({"returnees": content | {"change_percent": {"2023_vs_2022": 10}}})
    ] == []


def test_growth_against_a_year_that_is_not_there_is_noticed():
    content = {"returnees": {"by_year": {"2022": 1, "2023": 2}, "growth": {"2023_vs_2019": 100}}}
    assert summary(content) == [("missing_cell", "returnees.by_year.2019", None, None)]


def test_a_total_of_shares_is_100_or_the_sum_of_what_is_printed():
    shares_by_role = {"local_authority": 33.3, "migration_police": 33.3, "other": 33.3}
    for total in (100, 99.9):
        assert summary({"a": {"share_by_role": shares_by_role | {"total": total}}}) == []
    wrong = summary({"a": {"share_by_role": shares_by_role | {"total": 98}}})
    assert [(one[0], one[1], float(one[3])) for one in wrong] == [
        ("shares_sum", "a.share_by_role.total", 99.9)
    ]


def test_faults_make_a_frame_in_every_language(round_3):
    faults = found(round_3)
    frames = {language: faults_frame(faults, language) for language in LANGUAGES}

    assert list(frames["en"]) == ["kind", "severity", "place", "printed", "follows", "base", "message"]
    assert [str(kind) for kind in frames["en"].dtypes][3:5] == ["Float64", "Float64"]
    assert frames["ru"].loc[0, "message"].endswith("а их итогом напечатано 522\u00a0046")
    assert len({tuple(frame["message"]) for frame in frames.values()}) == 3
    assert len(faults_frame([])) == 0
