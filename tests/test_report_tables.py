"""All tables of a report together: their names, what they say of themselves, their hashtags, and that they agree with one another."""

from __future__ import annotations

import json
from dataclasses import replace

import hxl
import pandas as pd
import pytest
from frames import facilities, text
from rounds import REGIONS, round_units, small_round

from geo_service.coverage.access import access
from geo_service.coverage.breakdowns import breakdown
from geo_service.coverage.growth import growth
from geo_service.coverage.hxl import HXL_TAGS, hxl_tags
from geo_service.coverage.report_tables import report_tables, synthetic_note
from geo_service.coverage.report_titles import TITLES
from geo_service.coverage.units import with_units
from geo_service.vocabulary import LANGUAGES, AdminLevel, Dimension, Language, PopulationGroup

# What it runs is run by other tests too; tracing would double its time.

MADE = small_round(9)
EARLIER = small_round(7, seed=5, number=2)
MEASURED = access(MADE.villages, facilities([(60.5, 50.5), (62.5, 50.3)]))


def tables(language=Language.EN, survey_round=MADE):
    return report_tables(
        survey_round,
        units=round_units(),
        access=MEASURED,
        earlier=EARLIER,
        inhabitants={REGIONS[0]: 120_000},
        language=language,
    )


REPORT = tables()


def test_the_tables_have_stable_names_in_the_order_of_the_report():
    whole = [name for name, table in REPORT.items() if table.attrs["by"] is None]
    of_border_group = ["by_sex", "by_country", "top_countries", "by_year", "growth", "by_kind", "by_reason"]
    of_internal_group = ["by_sex", "by_year", "growth", "by_kind", "by_reason"]
    assert whole == [
        "coverage",
        "key_informants",
        "key_informants_by_sex",
        "groups",
        *(f"labour_migrants_{what}" for what in of_border_group),
        *(f"returnees_{what}" for what in of_border_group),
        *(f"emigrants_{what}" for what in of_border_group),
        *(f"internal_migrants_{what}" for what in of_internal_group),
        *(f"internal_emigrants_{what}" for what in of_internal_group),
        "services",
        "households_without_service",
        "reported_and_measured",
        "agreement",
        "contradictions",
        "change_since_round_2",
    ]
    for name in ("coverage", "groups", "services", "households_without_service", "agreement", "returnees"):
        assert {f"{name}_by_region", f"{name}_by_district"} <= set(REPORT)
    assert {"returnees_by_year_and_region", "returnees_growth_by_district", "concentration_by_region"} <= set(
        REPORT
    )


def test_what_is_not_given_has_no_table():
    report = report_tables(MADE)
    assert not {"agreement", "contradictions", "change_since_round_2"} & set(report)
    assert report["groups_by_region"]["name"].isna().all()


def test_where_no_village_has_a_district_nothing_is_split_by_district():
    villages = MADE.villages.assign(adm2_pcode=text([None] * len(MADE.villages)))
    report = report_tables(replace(MADE, villages=villages))
    assert not [name for name in report if "district" in name]
    assert "groups_by_region" in report


@pytest.mark.parametrize("name", REPORT)
def test_every_table_says_what_it_is_and_that_it_is_synthetic(name):
    attrs = REPORT[name].attrs
    assert attrs["title"]
    assert attrs["basis"] in {"reported", "reported, measured"}
    assert (attrs["round"], attrs["country"]) == (3, "KAZ")
    assert attrs["collected_from"] <= attrs["collected_to"]
    assert attrs["synthetic"] is True
    assert all(REPORT[name]["synthetic"])
    assert attrs["note"] == synthetic_note(MADE)
    if any(column.startswith(("share", "growth")) for column in REPORT[name]) and name != "contradictions":
        assert attrs["base"]
    assert json.loads(json.dumps(attrs)) == attrs


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_labels_and_notes_are_in_the_language(language):
    report = tables(language)
    assert report["coverage"].attrs["title"] == getattr(TITLES["coverage"], language.value)
    assert (
        report["returnees_by_year_and_region"].attrs["title"]
        == {
            "en": "Returnees: years, by region",
            "ru": "Возвратные мигранты: годы, по областям",
            "kk": "Қайтып оралған мигранттар: жылдар, облыстар бойынша",
        }[language.value]
    )
    assert len({table.attrs["title"] for table in report.values()}) == len(report)
    assert list(report) == list(REPORT)


def test_a_surveyed_round_has_no_note():
    surveyed = replace(MADE, villages=MADE.villages.assign(synthetic=False))
    assert synthetic_note(surveyed) is None
    report = report_tables(surveyed)
    assert all("synthetic" not in table for table in report.values())
    assert "note" not in report["coverage"].attrs
    partly = replace(MADE, villages=MADE.villages.assign(synthetic=[True, *[False] * 8]))
    assert synthetic_note(partly).startswith("Synthetic data: the answers about 1 of the 9 villages")
    assert "раунда 2" in tables(Language.RU)["change_since_round_2"].attrs["earlier_note"]


def test_the_sources_are_named_with_their_checksums():
    read = replace(
        MADE, sources=({"file": "b2.xlsx", "sha256": "ab12"}, {"file": "b1.xlsx", "sha256": "cd34"})
    )
    assert report_tables(read)["groups"].attrs["sources"] == "b2.xlsx (sha256 ab12); b1.xlsx (sha256 cd34)"


@pytest.mark.parametrize("by", [None, AdminLevel.REGION, AdminLevel.DISTRICT])
@pytest.mark.parametrize("group", PopulationGroup)
def test_tables_made_from_sums_equal_those_made_from_villages(group, by):
    mobility, parts = with_units(MADE.mobility, MADE.villages), with_units(MADE.breakdowns, MADE.villages)
    suffix = "" if by is None else f"_and_{by}"
    for dimension in (Dimension.SEX, Dimension.YEAR, Dimension.REASON):
        expected = breakdown(mobility, parts, dimension, group, by, units=round_units())
        pd.testing.assert_frame_equal(
            REPORT[f"{group}_by_{dimension}{suffix}"], expected.assign(synthetic=True)
        )
    grown = growth(breakdown(mobility, parts, Dimension.YEAR, group, by, units=round_units()))
    found = REPORT[f"{group}_growth" + ("" if by is None else f"_by_{by}")]
    pd.testing.assert_frame_equal(found, grown.assign(synthetic=True))


def test_the_tables_of_a_group_agree_with_that_of_all_groups():
    groups = REPORT["groups"].set_index("group")
    for group in PopulationGroup:
        assert REPORT[f"{group}_by_region"]["individuals"].sum() == groups.loc[group, "individuals"]
        assert REPORT[f"{group}_by_kind"]["individuals"].sum() == groups.loc[group, "individuals"]
        if group in {"internal_migrants", "internal_emigrants"}:
            assert pd.isna(groups.loc[group, "countries"])
            assert "countries" not in REPORT[f"{group}_by_region"]
        else:
            named = REPORT[f"{group}_by_country"]["code"]
            assert groups.loc[group, "countries"] == (~named.isin(["other", "unknown"])).sum()
            assert REPORT[f"{group}_top_countries"]["individuals"].sum() == groups.loc[group, "individuals"]
    shares = REPORT["concentration_by_region"].groupby("group", observed=True)["share"].sum()
    assert shares.tolist() == pytest.approx([1] * 5)


def test_inhabitants_are_those_of_the_villages_assessed_where_no_others_are_given():
    villages = MADE.villages.copy()
    people = villages.groupby("adm1_pcode")["population"].sum()
    villages.loc[villages["adm1_pcode"].eq(REGIONS[1]).idxmax(), "population"] = pd.NA
    table = report_tables(replace(MADE, villages=villages))["concentration_by_region"]
    assert table["inhabitants"].tolist() == [people[REGIONS[0]]] * 5 + [pd.NA] * 5
    in_first = table[table["pcode"] == REGIONS[0]]
    assert in_first["per_1000_inhabitants"].tolist() == pytest.approx(
        (in_first["individuals"] * 1000 / people[REGIONS[0]]).tolist()
    )
    assert table["per_1000_inhabitants"][5:].isna().all()
    assert "villages that were assessed" in table.attrs["rule"]
    assert "rule" not in REPORT["concentration_by_region"].attrs


# Hashtags


@pytest.mark.parametrize("tag", sorted(set(HXL_TAGS.values())))
def test_every_hashtag_is_one_that_libhxl_reads_as_it_is_written(tag):
    column = hxl.model.Column.parse(tag, use_exception=True)
    assert column.tag + "".join(f"+{one}" for one in column.attribute_list) == tag


@pytest.mark.parametrize("name", REPORT)
def test_every_column_has_its_own_hashtag_and_the_table_is_valid_hxl(name):
    table = REPORT[name]
    tags = hxl_tags(table)

    assert list(tags) == list(table)
    assert len(set(tags.values())) == len(tags), "two columns are told apart by their hashtags"
    cells = table.head(20).astype(object).fillna("").to_numpy().tolist()
    options = hxl.input.InputOptions(allow_local=True)
    data = hxl.data([list(table), list(tags.values()), *cells], options)
    assert [column.display_tag for column in data.columns] == list(tags.values())
    assert hxl.validate(data)["stats"]["error"] == 0


def test_hashtags_say_the_level_the_group_and_the_way_of_a_country():
    assert hxl_tags(REPORT["groups_by_region"])["pcode"] == "#adm1+code"
    assert hxl_tags(REPORT["groups_by_district"])["name"] == "#adm2+name"
    assert hxl_tags(REPORT["returnees_by_country"])["code"] == "#country+origin+code"
    assert hxl_tags(REPORT["emigrants_by_country"])["label"] == "#country+dest+name"
    assert hxl_tags(REPORT["emigrants_by_country"])["individuals"] == "#affected+ind+emigrants"
    assert hxl_tags(REPORT["households_without_service"])["households"] == "#population+hh"
    assert hxl_tags(REPORT["groups"])["households"] == "#affected+hh+migrants"
