"""What the report says in words of a small release: what its tables say, and no more."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from api_world import world
from report_texts import report_of, said

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.release.stores import open_store
from geo_service.report.document import (
    Bullets,
    Figure,
    KeyFigures,
    MapBlock,
    Note,
    Paragraph,
    TableBlock,
    plain,
)
from geo_service.report.sections.about import about_sections
from geo_service.report.sections.comparison import comparison_sections
from geo_service.report.sections.front import front
from geo_service.report.sections.informants import informant_sections
from geo_service.report.sections.sources import source_sections
from geo_service.report.sections.summary import summary_sections
from geo_service.report.sheets import Sheets
from geo_service.report.source import Source

__all__ = ["world"]

PARTS = (summary_sections, about_sections, informant_sections, comparison_sections, source_sections)


@pytest.fixture(scope="module")
def release(world):
    with open_store(str(world)).open() as found:
        yield found


def source_of(release, language="en", role=Role.ANALYST):
    return Source(edition_for(release, role), Sheets(edition_for(release, role), language))


@pytest.fixture(scope="module")
def english(release):
    """The source for analysts and its sections, made once: maps take their time."""
    source = source_of(release)
    return source, {make: make(source) for make in PARTS}


def all_sections(source):
    return [section for make in PARTS for section in make(source)]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PUBLIC])
def test_every_figure_is_its_cell_and_what_is_hidden_is_not_in_sentences(release, english, role):
    source, made = english
    sections = [section for found in made.values() for section in found]
    if role is Role.PUBLIC:
        source = source_of(release, role=role)
        sections = all_sections(source)
    report = report_of(sections, sheets=source.sheets)
    for one in report.figures():
        cell = report.tables[one.table][one.column].iloc[one.row]
        assert (None if pd.isna(cell) else float(cell)) == one.value
    for block in report.blocks():
        if isinstance(block, Paragraph | Bullets | Note):
            runs = block.items if isinstance(block, Bullets) else (block.runs,)
            assert all(one.is_known for items in runs for one in items if isinstance(one, Figure))


def test_the_key_findings_are_those_of_the_tables(english):
    source, made = english
    text = said(made[summary_sections])
    groups = {row["group"]: row for row in source.sheets.get("groups").rows}
    informants = source.sheets.get("key_informants").frame["informants"].sum()
    assert "In Round 3 of the Baseline Mobility Assessment (Kazakhstan), 150 villages were assessed." in text
    assert "Data were collected from December 1, 2023 to January 14, 2024." in text
    assert f"{informants} key informants were interviewed." in text
    for row in groups.values():
        assert f"{row.text().lower()} ({row['individuals']:,})" in text
    present = groups["returnees"]["villages_present"]
    assert f"Returnees: reported in {present} of 150 villages" in text
    [key_figures] = [one for one in report_of(made[summary_sections]).blocks() if isinstance(one, KeyFigures)]
    values = [one.figure.value for one in key_figures.items]
    assert values[:2] == [informants, 150]
    assert values[2:7] == [row["individuals"] for row in groups.values()]


def test_the_coverage_has_a_map_and_the_regions_from_the_largest(english):
    sections = english[1][summary_sections]
    blocks = list(report_of(sections).blocks())
    assert any(isinstance(one, MapBlock) for one in blocks)
    [table] = [one for one in blocks if isinstance(one, TableBlock)]
    assert [plain(row[0]) for row in table.rows][-1] == "In no region"
    villages = [row[1][0].value for row in table.rows]
    assert villages == sorted(villages, reverse=True)
    text = said(sections)
    assert "The number of households of 1 village is not known" in text
    assert "Villages with known coordinates: 147 of 150" in text


def test_rounds_are_compared_in_the_same_villages(english):
    source, made = english
    text = said(made[comparison_sections])
    row = source.sheets.get("change_since_round_2").row(group="labour_migrants")
    assert (
        f"Labour migrants: {row['same_later']:,} individuals, 43.8% more than in Round 2 ({row['same_earlier']:,})."
        in text
    )
    assert "150 villages were assessed both in Round 2 and in Round 3." in text
    assert "No other villages were assessed in either round." in text
    assert "all villages of each round" not in text
    assert "villages of round 2 are made up" in text


def test_the_public_is_told_what_is_hidden_and_not_shown_key_informants_or_change(release, english):
    source = source_of(release, role=Role.PUBLIC)
    assert informant_sections(source) == comparison_sections(source) == []
    text = said(source_sections(source))
    assert "above zero and below 5" in text
    assert "fewer than 2 villages" in text
    assert front(source).banners[-1] == "Edition for the public: small numbers are suppressed"
    assert "edition for the public" not in said(english[1][source_sections])


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_no_english_is_left_in_another_language(release, language):
    source = source_of(release, language)
    cover = front(source)
    whole = "\n".join([said(all_sections(source), language), cover.title, cover.subtitle, *cover.banners])
    # The release's own note and id are as they were published.
    whole = whole.replace("Synthetic data, made for tests.", "").replace(source.manifest.id, "")
    assert set(re.findall("[A-Za-z]{2,}", whole)) <= {"MTM", "DTM", "WGS"}


def test_the_cover_names_round_country_and_days(release):
    cover = front(source_of(release, "ru"))
    assert cover.title == "Матрица отслеживания мобильности: Базовая оценка мобильности"
    assert cover.subtitle.replace("\xa0", " ") == (
        "Раунд 3, Казахстан: уровень населённых пунктов, 1 дек. 2023 г. – 14 янв. 2024 г."
    )
    assert cover.banners == ("Синтетические данные: вымышлены, а не собраны опросом",)
