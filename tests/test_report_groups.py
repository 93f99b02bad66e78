"""The sections of the five population groups: each figure of the publication about them, and what rules say of made-up numbers."""

from __future__ import annotations

from functools import cache
from itertools import chain, pairwise
from types import SimpleNamespace

import pandas as pd
import pytest
from api_world import world
from report_texts import reference_figures, report_of

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.maps.numbers import Numbers
from geo_service.release.folder_store import FolderStore
from geo_service.report.described import described
from geo_service.report.document import (
    Chart,
    ChartBlock,
    ChartKind,
    KeyFigures,
    MapBlock,
    Paragraph,
    Section,
    Series,
    TableBlock,
    plain,
)
from geo_service.report.sections.groups import group_sections
from geo_service.report.sections.groups.subject import in_prose
from geo_service.report.sheets import Sheet, Sheets
from geo_service.report.source import Source
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import MIGRATION_KINDS, POPULATION_GROUPS, REASONS, Language, PopulationGroup

__all__ = ["world"]

COUNTS = {
    "by_nationality": ("top_countries", "code"),
    "by_country": ("top_countries", "code"),
    "by_year": ("by_year", "code"),
    "by_region": ("by_region", "pcode"),
}
SHARES = {
    "share_by_nationality_printed": ("top_countries", "code"),
    "share_by_migration_type": ("by_kind", "code"),
    "share_by_reason": ("by_reason", "code"),
    "share_by_sex": ("by_sex", "code"),
    "share_by_region_printed": ("by_region", "pcode"),
}


def text_of(sections):
    blocks = report_of(sections, Language.EN).blocks()
    return "\n".join(plain(block.runs) for block in blocks if isinstance(block, Paragraph))


def blocks_of(section, kind):
    return [block for block in report_of([section], Language.EN).blocks() if isinstance(block, kind)]


# The publication


@pytest.fixture(scope="module")
def published(offline_demo):
    """The sheets and the sections of the demonstration's release, by language."""
    with FolderStore(ReleaseSettings(directory=offline_demo[0] / "out" / "releases")).open() as release:
        found = {}
        for language in Language:
            sheets = Sheets(release, language)
            found[language] = sheets, group_sections(Source(release, sheets))
        yield found


def expected_cells(said, group, sheets):
    """Cells of the release that hold what the publication says of a group: table, row, column and value."""
    row = sheets.get("groups").row(group=group.value)
    for column in ("individuals", "villages_present", "countries", "households"):
        if column in said:
            yield row, column, said[column], 0
    for name, (table, key) in COUNTS.items():
        for code, value in said.get(name, {}).items():
            yield sheets.get(f"{group}_{table}").row(**{key: code}), "individuals", value, 0
    for name, (table, key) in SHARES.items():
        for code, percent in said.get(name, {}).items():
            exactness = 0.5 if percent == int(percent) else 0.05
            yield sheets.get(f"{group}_{table}").row(**{key: code}), "share", percent / 100, exactness / 100
    for years in said.get("growth_printed", {}):
        year, base = years.split("_vs_")
        growth = said["by_year"][year] / said["by_year"][base] - 1
        yield sheets.get(f"{group}_growth").row(year=year, base_year=base), "growth", growth, 1e-12


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("language", Language)
def test_every_figure_of_the_publication_about_the_groups_is_in_print_and_is_its_cell(published, language):
    reference = reference_figures()
    sheets, sections = published[language]
    report = report_of(sections, language)
    in_print = {(one.table, one.row, one.column): one for one in report.figures()}
    seen = 0
    for group in PopulationGroup:
        for row, column, value, exactness in expected_cells(reference[group.value], group, sheets):
            figure = in_print[row.sheet.name, row.index, column]
            assert figure.value == pytest.approx(value, abs=exactness + 1e-9), (group, row.sheet.name, value)
            assert figure.text
            seen += 1
    assert seen > 90


@pytest.mark.xdist_group("demo")
def test_growth_in_print_names_its_base_and_is_what_the_audit_says_and_not_what_was_printed(published):
    text = text_of(published[Language.EN][1])
    assert "In 2023, 309,500 of them arrived, 90.1% more than in 2022 (162,799)." in text
    assert "The number for 2023 (309,500) is 383.3% above that for 2020 (64,045)." in text
    assert "47%" not in text_of(published[Language.EN][1][:1])


@pytest.mark.xdist_group("demo")
def test_the_largest_is_named_first_and_a_tie_at_the_end_of_a_list_is_not_cut(published):
    text = text_of(published[Language.EN][1])
    assert "More than half of them are citizens of one country: Uzbekistan (491,284; 76.8%)." in text
    assert "The region with the largest number is Mangystau Region (217,497; 34%)." in text
    assert "More than half of them are in one region: Kostanay Region (3,575; 59.5%)." in text
    # Three reasons have 25,592 each; the list ends before them.
    assert "and loss of economic opportunity through COVID-19 – 31,990 (5%). Other reasons" in text


@pytest.mark.xdist_group("demo")
def test_parts_of_which_the_release_says_nothing_are_left_out(published):
    sections = {section.anchor: section for section in published[Language.EN][1]}
    inside = {
        anchor: [
            block.anchor.removeprefix(f"{anchor}-") for block in section.blocks if isinstance(block, Section)
        ]
        for anchor, section in sections.items()
    }
    assert inside == {
        "labour-migrants": ["countries", "kinds", "reasons", "years", "places"],
        "returnees": ["countries", "sex", "reasons", "years", "places"],
        "emigrants": ["countries", "sex", "reasons", "years", "places"],
        "internal-migrants": ["reasons", "places"],
        "internal-emigrants": ["reasons", "places"],
    }


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("language", Language)
def test_each_chart_and_table_says_what_its_shares_are_of_and_that_it_is_reported(published, language):
    _, sections = published[language]
    words = {"en": "not measured", "ru": "не измерено", "kk": "өлшенбеген"}
    for section in sections:
        total = next(plain((figure,)) for figure in report_of([section], language).figures())
        for block in blocks_of(section, ChartBlock | TableBlock):
            assert words[language] in plain(block.note)
            assert total in plain(block.note)
        for chart in blocks_of(section, ChartBlock):
            assert all(figure.text in chart.description for figure in chart.chart.series[0].figures)
        assert len(blocks_of(section, MapBlock)) == 1


# A made-up country


@pytest.fixture(scope="module")
def sections_in(world):
    """The sections of the country's report, by role and language."""
    with FolderStore(ReleaseSettings(directory=world)).open() as release:

        @cache
        def made(role, language):
            edition = edition_for(release, role)
            return group_sections(Source(edition, Sheets(edition, language)))

        yield made


@pytest.mark.parametrize("language", Language)
def test_what_is_suppressed_is_said_to_be_and_no_number_of_it_is_in_print(sections_in, language):
    report = report_of(sections_in(Role.PUBLIC, language), language)
    hidden = [figure for figure in report.figures() if not figure.is_known]
    assert hidden
    assert all(figure.value is None for figure in hidden)
    word = {"en": "suppressed is not zero", "ru": "скрыто не значит ноль", "kk": "жасырылған сан нөл емес"}
    for block in report.blocks():
        if isinstance(block, TableBlock):
            cells = [one for row in block.rows for runs in row for one in runs if not isinstance(one, str)]
            assert all(cell.is_known for cell in cells) or word[language] in plain(block.note)


def test_the_whole_release_has_maps_of_districts_and_the_public_sees_those_of_regions(sections_in):
    for role, unit in ((Role.ANALYST, "district"), (Role.PUBLIC, "region")):
        sections = sections_in(role, Language.EN)
        captions = [plain(block.caption) for section in sections for block in blocks_of(section, MapBlock)]
        assert captions == [f"{term.en} by {unit}" for term in POPULATION_GROUPS.values()]


def test_villages_that_were_not_asked_are_left_out_of_the_share_and_said(sections_in):
    text = text_of(sections_in(Role.ANALYST, Language.EN))
    assert "Departures were reported from 35 villages, 23.6% of those that were asked about them." in text
    assert "In 2 villages of those assessed nobody was asked about this group." in text


def test_much_that_is_unknown_is_said_before_anything_else(sections_in):
    lines = text_of(sections_in(Role.ANALYST, Language.EN)).splitlines()
    said = "The reason is not known for 1,428 individuals (54.5%). All shares here are of the whole group"
    assert any(line.startswith(said) for line in lines)


# Rules, on small tables


def table(rows, key="code", **columns):
    """Rows of names and individuals as a breakdown has them, shares of their sum; null for suppressed."""
    total = columns.pop("total", sum(people or 0 for people in rows.values()))
    return pd.DataFrame(
        {
            key: list(rows),
            "label" if key == "code" else "name": [name and name.title() for name in rows],
            "codes": 1,
            "villages": 10,
            "villages_present": 5,
            "households": None,
            "individuals": pd.array(list(rows.values()), dtype="Int64"),
            "share": [None if people is None else people / total for people in rows.values()],
            "suppressed": [people is None for people in rows.values()],
            **columns,
        }
    )


def sections_of(group, tables, language=Language.EN, begun="2024-02-01", **row):
    """The sections of one group in a release that has only these tables of it."""
    numbers = Numbers(language)
    values = {
        "group": group,
        "label": POPULATION_GROUPS[PopulationGroup(group)].label(language),
        "villages": 10,
        "villages_present": 5,
        "villages_unknown": 0,
        "villages_uncounted": 0,
        "individuals": 100,
        "households": None,
        "countries": None,
        "share_present": 0.5,
    } | row
    frames = {"groups": pd.DataFrame([values])} | {f"{group}_{name}": one for name, one in tables.items()}
    about = SimpleNamespace(numbers=numbers, language=language)
    sheets = {name: Sheet(about, name, frame, {"title": name}) for name, frame in frames.items()}
    source = SimpleNamespace(
        language=language,
        sheets=SimpleNamespace(get=sheets.get, numbers=numbers),
        release=SimpleNamespace(manifest=SimpleNamespace(collections=[])),
        manifest=SimpleNamespace(round=SimpleNamespace(collected_from=begun)),
        map=lambda _question: None,
    )
    return group_sections(source)


def said_of(group, tables, language=Language.EN, **row):
    return text_of(sections_of(group, tables, language, **row))


def growth_table(years):
    named = list(years)
    pairs = [*pairwise(named), *([(named[0], named[-1])] if len(named) > 2 else [])]
    return pd.DataFrame(
        {
            "base_year": [base for base, _ in pairs],
            "year": [year for _, year in pairs],
            "base_individuals": [years[base] for base, _ in pairs],
            "individuals": [years[year] for _, year in pairs],
            "difference": [years[year] - years[base] for base, year in pairs],
            "growth": [years[year] / years[base] - 1 if years[base] else None for base, year in pairs],
        }
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"a": 60, "b": 40}, "One reason was given for more than half of them: a – 60 (60%). Next: b – 40 (40%)."),
        ({"a": 100, "b": 0}, "One reason was given for all of them: a – 100 (100%)."),
        ({"b": 45, "a": 40, "other": 15}, "The reason given for the largest number: b – 45 (45%). Next: a – 40 (40%). Other reasons account for 15 (15%)."),
        ({"a": 40, "b": 40, "c": 20}, "The reasons given for the largest numbers, equally many each: a – 40 (40%) and b – 40 (40%). Next: c – 20 (20%)."),
        ({"other": 90, "a": 10}, "The reason given for the largest number: a – 10 (10%). Other reasons account for 90 (90%)."),
        ({"a": 95, "unknown": 5}, "One reason was given for more than half of them: a – 95 (95%). The reason is not known for 5 individuals (5%)."),
        ({"a": 60, "unknown": 40}, "The reason is not known for 40 individuals (40%). All shares here are of the whole group, these included. One reason was given for more than half of them: a – 60 (60%)."),
        ({"a": 50, "b": 50}, "The reasons given for the largest numbers, equally many each: a – 50 (50%) and b – 50 (50%)."),
    ],
)  # fmt: skip
def test_reasons_are_ranked_by_what_their_numbers_carry(rows, said):
    assert said_of("returnees", {"by_reason": table(rows)}).splitlines()[-1] == said


def test_nothing_is_called_the_largest_where_a_hidden_one_may_be_larger():
    small, large = {"a": 90, "b": None, "c": None}, {"a": 30, "b": 10, "c": None, "d": None}
    said = said_of("returnees", {"by_reason": table(small, total=100)})
    assert "One reason was given for more than half of them: a – 90 (90%)." in said
    said = said_of("returnees", {"by_reason": table(large, total=100)})
    assert "Of the reasons whose numbers are shown, the highest: a – 30 (30%) and b – 10 (10%)." in said
    assert "largest" not in said
    # 40 are hidden: b may come third, and is not listed as the second.
    said = said_of("returnees", {"by_reason": table({"a": 50, "b": 10, "c": None, "d": None}, total=100)})
    assert "The reason given for the largest number: a – 50 (50%)." in said
    assert "Next" not in said


def test_more_equally_large_ones_than_can_be_listed_are_left_to_the_chart():
    tables = {"by_reason": table(dict.fromkeys("abcdefg", 10))}
    [section] = sections_of("returnees", tables)
    assert "reason" not in text_of([section])
    assert len(blocks_of(section, ChartBlock)[0].chart.categories) == 7


def test_a_number_without_a_share_stands_alone():
    top = table({"A": 60, "B": 40}, share=None)
    assert "The country reported for the largest number is A (60)." in said_of(
        "emigrants", {"top_countries": top}
    )


def test_nothing_is_ranked_where_the_whole_is_hidden():
    tables = {"by_reason": table({"a": 50, "b": None}, total=100)}
    assert "Of the reasons whose numbers are shown, the highest: a – 50 (50%)." in said_of(
        "returnees", tables, individuals=None
    )


def test_parts_are_drawn_as_parts_only_where_all_of_them_are_shown():
    kinds = [
        blocks_of(sections_of("returnees", {"by_sex": table(rows)})[0], ChartBlock)[0].chart
        for rows in ({"male": 60, "female": 40, "unknown": 0}, {"male": None, "female": 40})
    ]
    assert [one.kind for one in kinds] == [ChartKind.PARTS, ChartKind.BARS]
    assert kinds[0].categories == ("Male", "Female")
    assert [figure.text for figure in kinds[0].beside] == ["60", "40"]


def test_a_trend_is_said_only_where_every_year_goes_that_way():
    for years, said in (
        (
            {"2020": 10, "2021": 20, "2022": 40},
            "By year of arrival the numbers rise from each year to the next, from 2020 to 2022.",
        ),
        (
            {"2020": 40, "2021": 20, "2022": 10},
            "By year of arrival the numbers fall from each year to the next, from 2020 to 2022.",
        ),
    ):
        tables = {"by_year": table(years), "growth": growth_table(years)}
        assert said in said_of("labour_migrants", tables)
    years = {"2020": 10, "2021": 20, "2022": 20, "2023": 15}
    said = said_of("labour_migrants", {"by_year": table(years), "growth": growth_table(years)})
    assert "from each year" not in said
    assert "In 2021, 20 of them arrived, 100% more than in 2020 (10)." in said
    assert "In 2022, 20 of them arrived, as many as in 2021." in said
    assert "In 2023, 15 of them arrived, 25% fewer than in 2022 (20)." in said
    assert "The number for 2023 (15) is 50% above that for 2020 (10)." in said


def test_nothing_grows_from_nobody_and_an_unfinished_year_is_said_to_be_one():
    years = {"2022": 0, "2023": 7}
    tables = {"by_year": table(years), "growth": growth_table(years)}
    said = said_of("emigrants", tables, begun="2023-12-01")
    assert "In 2023, 7 of them left, after 0 in 2022." in said
    assert "Data collection began on December 1, 2023, before the end of 2023" in said
    assert "Data collection" not in said_of("emigrants", tables, begun="2024-01-10")
    same = {"2021": 5, "2022": 9, "2023": 5}
    said = said_of("returnees", {"by_year": table(same), "growth": growth_table(same)})
    assert "The number for 2023 (5) is the same as for 2021." in said


def test_a_growth_whose_number_is_hidden_is_not_said():
    years = {"2021": 5, "2022": 9, "2023": 12}
    growth = growth_table(years).astype({"individuals": "Int64", "difference": "Int64"})
    growth.loc[0, ["individuals", "difference", "growth"]] = None
    said = said_of("returnees", {"by_year": table(years), "growth": growth})
    assert "In 2022" not in said
    assert "from each year" not in said
    assert "In 2023, 12 of them returned" in said


def test_a_group_that_nobody_reported_has_one_sentence():
    sections = sections_of("emigrants", {}, individuals=0, villages_present=0, share_present=0.0)
    assert text_of(sections) == "Key informants reported nobody of this group in the 10 villages assessed."


def test_what_was_not_asked_or_counted_is_said():
    said = said_of("internal_migrants", {}, villages_unknown=2, villages_uncounted=1, households=30)
    assert "They make up 30 households." in said
    assert "Their presence was reported in 5 villages, 50% of those that were asked about them." in said
    assert "In 2 villages of those assessed nobody was asked about this group." in said
    assert (
        "In 1 village the group was reported without a number; its people there are not counted in the figures here."
        in said
    )


def test_regions_stand_in_the_order_of_their_people_and_hidden_ones_do_not_give_theirs_away():
    rows = {None: 5, "R1": 0, "R2": 20, "R3": None, "R4": 60, "R5": None}
    section = sections_of("emigrants", {"by_region": table(rows, "pcode", total=100)})[0]
    [regions] = blocks_of(section, TableBlock)
    assert [plain(row[0]) for row in regions.rows] == ["R4", "R2", "R3", "R5", "R1", "In no region"]
    assert "More than half of them left one region: R4 (60; 60%)." in text_of([section])


def test_a_group_without_regions_names_its_districts():
    said = said_of("returnees", {"by_district": table({"D1": 60, "D2": 40}, "pcode")})
    assert "The districts with the largest numbers: D1 (60; 60%); D2 (40; 40%)." in said
    section = sections_of("returnees", {"by_district": table({"D1": 60, "D2": 40}, "pcode")})[0]
    assert not blocks_of(section, TableBlock)


@pytest.mark.parametrize(
    ("countries", "said"),
    [
        (1, "Это граждане 1 страны."),
        (2, "Это граждане 2 стран."),
        (21, "Это граждане 21 страны."),
    ],
)
def test_plural_forms_are_those_of_the_language(countries, said):
    assert said in said_of("labour_migrants", {}, Language.RU, countries=countries)


@pytest.mark.parametrize(
    ("individuals", "said"),
    [
        (1, "выехал 1 эмигрант."),
        (3, "выехали 3 эмигранта."),
        (11, "выехали 11 эмигрантов."),
        (1002, "выехали 1\u00a0002 эмигранта."),
    ],
)
def test_people_have_their_plural_forms(individuals, said):
    assert said in said_of("emigrants", {}, Language.RU, individuals=individuals)


def test_one_key_figure_alone_stands_in_the_text():
    assert not blocks_of(sections_of("returnees", {}, individuals=None)[0], KeyFigures)


def test_the_rest_of_the_countries_are_counted_only_where_each_is_one():
    top = table({"A": 60, "B": 30, "rest": 10}, codes=[1, 1, 3])
    every = {"A": 60, "B": 30, "C": 5, "D": 3, "E": 2}
    said = said_of("emigrants", {"top_countries": top, "by_country": table(every)})
    assert "3 other countries together account for 10 (10%)." in said
    said = said_of("emigrants", {"top_countries": top, "by_country": table(every | {"other": 1})})
    assert "All other countries together account for 10 (10%)." in said


def test_labels_in_sentences_begin_small_and_names_keep_their_capital():
    labels = chain(REASONS.values(), MIGRATION_KINDS.values())
    for label in [term.label(language) for term in labels for language in Language]:
        shown = in_prose(label)
        assert shown.casefold() == label.casefold()
        assert shown[0] == label[0].lower() or label.startswith(("COVID", "Ресей"))
    assert in_prose("Трудовая миграция/Экономические причины") == "трудовая миграция/экономические причины"
    assert in_prose("Partial mobilisation in Russia") == "partial mobilisation in Russia"


def test_a_chart_is_described_by_all_its_figures():
    table_of = sections_of("returnees", {"by_reason": table({"a": 60, "b": None}, total=100)})
    chart = blocks_of(table_of[0], ChartBlock)[0].chart
    assert described(chart, "en") == "Horizontal bars, individuals. A: 60 (60%); B: suppressed (suppressed)."
    [figures] = [one.figures for one in chart.series]
    pair = Chart(ChartKind.PAIRS, ("X", "Y"), (Series("men", figures), Series("women", figures)), "человек")
    assert described(pair, "ru") == (
        "Сгруппированная столбчатая диаграмма, человек. X: men 60, women 60; Y: men suppressed, women suppressed."
    )
