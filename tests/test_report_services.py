"""The sections on services, as reported and as measured: each figure of the publication about them, and what rules say of made-up numbers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from api_world import world
from report_texts import reference_figures, report_of

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.maps.numbers import Numbers
from geo_service.release.folder_store import FolderStore
from geo_service.report.audited import refuse_loose_figures
from geo_service.report.document import (
    ChartBlock,
    ChartKind,
    MapBlock,
    Note,
    NoteKind,
    Paragraph,
    TableBlock,
    plain,
)
from geo_service.report.sections.measured import measured_sections
from geo_service.report.sections.services import service_sections
from geo_service.report.sheets import Sheet, Sheets
from geo_service.report.source import Source
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import SERVICES, Band, Language, Service

__all__ = ["world"]


def text_of(sections):
    blocks = report_of(sections).blocks()
    return "\n".join(plain(block.runs) for block in blocks if isinstance(block, Paragraph | Note))


def blocks_of(sections, kind):
    return {block.anchor: block for block in report_of(sections).blocks() if isinstance(block, kind)}


def both(source):
    return [*service_sections(source), *measured_sections(source)]


# The publication


@pytest.fixture(scope="module")
def published(offline_demo):
    """The sheets and both sections of the demonstration's release, by language."""
    found = {}
    with FolderStore(ReleaseSettings(directory=offline_demo[0] / "out" / "releases")).open() as release:
        for language in Language:
            sheets = Sheets(release, language)
            source = Source(release, sheets)
            found[language] = sheets, service_sections(source), measured_sections(source)
        yield found


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("language", Language)
def test_every_figure_of_the_publication_about_services_is_in_print_and_is_its_cell(published, language):
    said = reference_figures()["service_access"]
    sheets, reported, _ = published[language]
    report = report_of(reported, language, sheets)
    refuse_loose_figures(report)
    in_print = {(one.table, one.row, one.column): one for one in report.figures()}

    def printed(name, column, **values):
        return in_print[name, sheets.get(name).row(**values).index, column]

    for service, percent in said["share_of_communities_with_service"].items():
        figure = printed("services", "share_with", service=service)
        assert figure.value == pytest.approx(percent / 100, abs=0.005)
        assert figure.text == Numbers(language).share(percent / 100)
    for service, bands in said["households_by_distance_km"].items():
        of_bands = {
            band: printed("households_without_service", "households", service=service, band=band)
            for band in Band
        }
        assert {band.value: figure.value for band, figure in of_bands.items()} == {
            band.value: bands[band] for band in Band
        }
        total = printed("services", "households_without", service=service)
        assert total.value == sum(bands[band] for band in Band)
        # The publication's total of hospitals is not the sum of its rows; the report's is.
        assert (total.value == bands["total_printed"]) is (service != "hospital")


@pytest.mark.xdist_group("demo")
def test_the_text_says_what_the_publication_says_with_the_whole_of_each_share(published):
    text = text_of(published[Language.EN][1])
    assert "of the 1,245 communities assessed, 822 have no hospital and 311 have no polyclinic." in text
    assert "There is a hospital in 34% of the communities and a polyclinic in 75%." in text
    assert (
        "Of the 536,751 households in communities without a hospital, 80,856 (15.1%) are reported to be over 25 km"
        in text
    )
    assert (
        "hospital (80,856), market (70,778), polyclinic (34,169), safe drinking water (16,602), school (7,527) and internet (4,083)."
        in text
    )
    assert (
        "largest for safe drinking water (65.1% of 25,495) and smallest for hospital (15.1% of 536,751)."
        in text
    )
    assert (
        "North Kazakhstan Region (12,634), Kyzylorda Region (11,051) and Mangystau Region (10,373)." in text
    )


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (Language.RU, "из 1\xa0245 обследованных сообществ больницы нет в 822, поликлиники — в 311. Больница есть в 34\xa0% сообществ"),
        (Language.KK, "зерттелген 1\xa0245 қауымдастықтың ішінен 822 қауымдастықта аурухана, 311 қауымдастықта емхана жоқ."),
    ],
)  # fmt: skip
def test_the_text_is_in_the_language_with_its_numbers(published, language, sentence):
    assert sentence in text_of(published[language][1])


@pytest.mark.xdist_group("demo")
def test_a_planner_finds_maps_and_the_bands_of_each_service(published):
    reported = published[Language.EN][1]
    assert {"services-gaps", "services-access"} <= set(blocks_of(reported, MapBlock))
    chart = blocks_of(reported, ChartBlock)["services-distances-chart"].chart
    assert chart.kind is ChartKind.STACKED
    assert chart.categories == tuple(SERVICES[one].label("en") for one in Service)
    assert [one.name for one in chart.series] == ["0-5 km", "6-10 km", "11-15 km", "16-20 km", "21-25 km", "Over 25 km"]  # fmt: skip
    for place in range(len(chart.categories)):
        assert sum(one.figures[place].value for one in chart.series) == pytest.approx(1)


@pytest.mark.xdist_group("demo")
def test_reported_and_measured_are_in_sections_of_their_own_and_each_says_what_it_is(published):
    sheets, reported, measured = published[Language.EN]
    assert {sheets.get(one.table).about["basis"] for one in report_of(reported).figures()} == {"reported"}
    bases = {sheets.get(one.table).about["basis"] for one in report_of(measured).figures()}
    assert bases == {"measured", "reported, measured"}
    notes = {one.kind: plain(one.runs) for one in measured[0].blocks if isinstance(one, Note)}
    assert "straight lines, not by road" in notes[NoteKind.MEASURED]
    assert "The facilities are synthetic" in notes[NoteKind.MEASURED]
    assert "What key informants say is reported, not measured." in text_of(reported)
    assert "319,618 households (7.5% of the households of all villages) are over 25 km from the nearest hospital, in a straight line." in text_of(measured)  # fmt: skip
    refuse_loose_figures(report_of(measured, sheets=sheets))


# The made-up country


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PUBLIC])
def test_either_edition_of_a_release_has_both_sections_and_their_figures_are_their_cells(world, role):
    with FolderStore(ReleaseSettings(directory=world)).open() as release:
        sheets = Sheets(edition_for(release, role), Language.EN)
        sections = both(Source(edition_for(release, role), sheets))
        assert [one.anchor for one in sections] == ["services", "measured"]
        report = report_of(sections, sheets=sheets)
        refuse_loose_figures(report)
        assert len(list(report.figures())) > 200
        assert blocks_of(sections, TableBlock)["services-distances"].headings[-2:] == ("Unknown", "Total")
        text = text_of(sections)
        assert "for which nobody named a distance: hospital (791), polyclinic (1,437)" in text
        assert "Of the communities where this is known, 58.9% have a hospital" in text
        assert "Not measured, for want of a location: 1,123 households" in text


def test_a_release_that_measured_nothing_has_the_reported_section_alone(world):
    store = FolderStore(ReleaseSettings(directory=world))
    earlier = next(one.id for one in store.entries() if one.manifest.round.number == 2)
    with store.open(earlier) as release:
        assert [one.anchor for one in both(Source(release, Sheets(release, Language.RU)))] == ["services"]


# The rules


def source_of(tables, *, parameters=None, notes=()):
    """A release of tables made up here, without maps."""
    kept = SimpleNamespace(language=Language.EN, numbers=Numbers(Language.EN))
    found = {name: Sheet(kept, name, frame, {"title": name}) for name, frame in tables.items()}
    kept.get = found.get
    return SimpleNamespace(
        language=Language.EN,
        sheets=kept,
        manifest=SimpleNamespace(round=None, notes=notes, parameters=parameters or {}),
        map=lambda _: None,
    )


def services_table(with_, without, unknown=0, **more):
    """A row for each of hospital, polyclinic and school, or as many as there are numbers."""
    rows = len(with_)
    return pd.DataFrame(
        {
            "service": ["hospital", "polyclinic", "school"][:rows],
            "label": ["Hospital", "Polyclinic", "School"][:rows],
            "villages": [10] * rows,
            "villages_with": with_,
            "villages_without": without,
            "villages_unknown": [unknown] * rows,
            "share_with": [None if one is None else one / 10 for one in with_],
            "households_without": [100] * rows,
            **more,
        }
    )


def bands_table(far, share):
    """The last band of hospital, polyclinic and school, and an unknown one with nothing in it."""
    services = ["hospital", "polyclinic", "school"]
    last = pd.DataFrame(
        {
            "service": services,
            "service_label": ["Hospital", "Polyclinic", "School"],
            "band": ">25",
            "band_label": "Over 25 km",
            "villages_uncounted": 0,
            "households": pd.array(far, dtype="Int64"),
            "share": share,
        }
    )
    unknown = last.assign(band="unknown", band_label="Unknown", households=0, share=0.0)
    return pd.concat([last, unknown], ignore_index=True).sort_values(
        "service", kind="stable", ignore_index=True
    )


def test_a_release_without_services_says_nothing_of_them():
    assert both(source_of({})) == []


def test_the_first_of_several_that_are_as_large_is_not_named():
    text = text_of(service_sections(source_of({"services": services_table([3, 3, 9], [7, 7, 1])})))
    assert "ranges from" not in text
    assert "from the largest number to the smallest: hospital (7), polyclinic (7) and school (1)." in text


def test_hidden_numbers_are_put_in_no_order_and_stay_hidden():
    tables = {
        "services": services_table([3, 4, 9], [7, 6, 1]),
        "households_without_service": bands_table([40, None, 8], [0.4, None, 0.08]).assign(
            suppressed=[False, False, True, True, False, False]
        ),
    }
    # Sorted by service: hospital, polyclinic, school, each with its unknown band.
    tables["households_without_service"]["suppressed"] = tables["households_without_service"][
        "households"
    ].isna()
    sections = service_sections(source_of(tables))
    text = text_of(sections)
    assert "Of the 100 households in communities without a hospital, 40 (40%)" in text
    assert "largest" not in text.split("According to key informants")[1].split("Of the 100")[1]
    assert "Hidden numbers are not zero." in text
    rows = blocks_of(sections, TableBlock)["services-distances"].rows
    assert [[plain(cell) for cell in row] for row in rows] == [
        ["Hospital", "40", "100"],
        ["Polyclinic", "suppressed", "100"],
        ["School", "8", "100"],
    ]


def region_tables(far, without=(5, 4, 3, 2)):
    names = ["A", "B", "C", "D"]
    of = {"pcode": names, "name": names, "service": "hospital"}
    households = [None if one is None else 10 * one for one in without]
    return {
        "services_by_region": pd.DataFrame(of | {"villages": 9, "villages_without": without, "households_without": households}),
        "households_without_service_by_region": pd.DataFrame(
            of | {"band": ">25", "households": pd.array(far, dtype="Int64"), "share": [0.1] * 4}
        ),
    }  # fmt: skip


def test_regions_are_named_from_the_most_households_on_and_never_most_of_them():
    text = text_of(service_sections(source_of(region_tables([1, 30, 20, 0]))))
    assert "over 25 km from the nearest hospital, as reported: B (30) and C (20)." in text
    text = text_of(service_sections(source_of(region_tables([7, 30, 7, 7]))))
    assert "as reported: B (30), A (7), C (7) and D (7)." in text


def test_one_region_is_one():
    tables = {name: frame.iloc[:3] for name, frame in region_tables([1, 30, 20, 0]).items()}
    text = text_of(service_sections(source_of(tables)))
    assert "The region with the most communities without a hospital, as reported: A (5)." in text
    assert (
        "The region with the most households over 25 km from the nearest hospital, as reported: B (30)."
        in text
    )


def test_no_region_is_the_one_with_the_most_where_a_number_is_hidden():
    text = text_of(service_sections(source_of(region_tables([1, None, 20, 0]))))
    assert "most households" not in text
    assert "The regions with the most communities without a hospital, as reported: A (5) and B (4)." in text


def test_there_is_no_share_of_nothing_and_a_dash_says_so():
    sections = service_sections(source_of(region_tables([1, 2, 3, 0], without=(5, 4, 3, 0))))
    table = blocks_of(sections, TableBlock)["services-regions"]
    assert [plain(row[-1]) for row in table.rows] == ["10%", "10%", "10%", "–"]
    assert plain(table.note).endswith("A dash: there are no such households.")


def measured_table(rows):
    return pd.DataFrame(rows, columns=["service", "band", "status", "villages", "households", "share"])


def test_a_service_of_which_the_layer_has_no_facility_is_not_said_to_be_near():
    rows = [
        ("hospital", "0-10", "ok", 0, 0, 0.0),
        ("hospital", ">10", "ok", 0, 0, 0.0),
        ("hospital", None, "no_facility", 5, 100, 1.0),
        ("school", "0-10", "ok", 4, 80, 0.8),
        ("school", ">10", "ok", 1, 20, 0.2),
    ]
    sections = measured_sections(source_of({"access_by_band": measured_table(rows)}))
    text = text_of(sections)
    assert (
        "Households over 10 km from the nearest facility, from the largest number to the smallest: school (20)."
        in text
    )
    assert "hospital (" not in text
    assert blocks_of(sections, ChartBlock)["measured-distances-chart"].chart.categories == ("School",)
    table = blocks_of(sections, TableBlock)["measured-distances"]
    assert table.headings == ("Service", "0-10 km", ">10 km", "No facility")
    assert [plain(cell) for cell in table.rows[1]] == ["School", "80", "20", "–"]


def test_villages_with_a_facility_are_told_with_the_distance_that_counts_as_there():
    presence = services_table([3, 4, 9], [7, 6, 1]).drop(columns=["label", "households_without"])
    text = text_of(
        measured_sections(source_of({"service_presence": presence}, parameters={"presence_km": 2.5}))
    )
    assert "inside them or within 2.5 km of their point ranges from 30% (hospital) to 90% (school)." in text
    assert measured_sections(source_of({"service_presence": presence})) == []


def test_one_household_is_one():
    rows = [("hospital", "0-5", "ok", 1, 9, 0.9), ("hospital", ">5", "ok", 1, 1, 0.1)]
    text = text_of(measured_sections(source_of({"access_by_band": measured_table(rows)})))
    assert (
        "1 household (10% of the households of all villages) is over 5 km from the nearest hospital" in text
    )


def test_what_the_release_warns_of_beside_is_said_of_what_is_measured():
    rows = [("school", "0-5", "ok", 1, 9, 0.9), ("school", ">5", "ok", 1, 1, 0.1)]
    source = source_of(
        {"access_by_band": measured_table(rows)}, notes=({Language.EN: "The layer is of 2019."}, {Language.RU: "Нет."})
    )  # fmt: skip
    note = measured_sections(source)[0].blocks[0]
    assert plain(note.runs).endswith("cannot be found. The layer is of 2019.")
    assert replace(note, runs=()).kind is NoteKind.MEASURED
