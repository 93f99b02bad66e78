"""What is looked at before a report is written: a wrong number is found wherever it is printed, and none is where all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest
from api_world import world
from hypothesis import given, settings
from report_files import GROUP
from report_texts import made as made_source
from report_texts import report_of
from round_worlds import round_worlds
from rounds import round_units

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.coverage.report_tables import report_tables
from geo_service.errors import ContradictionError
from geo_service.maps.released_frames import Frames
from geo_service.release.folder_store import FolderStore
from geo_service.report import made
from geo_service.report.audited import refuse_contradictions, refuse_loose_figures
from geo_service.report.document import Paragraph, Section
from geo_service.report.identities import identity_faults, needed_tables, plain_columns
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Language

__all__ = ["world"]

of_the_world = pytest.mark.xdist_group(GROUP)

ONLY_ITS_UNITS_SAY = {
    ("coverage", "population"),
    ("coverage", "regions"),
    ("coverage", "villages_uncounted"),
    ("groups", "households"),
}
"""Of these only the tables by region and by district say the same: in a release without admin units a wrong one is not found."""


def whole_of(release, used=()):
    """The tables of a release that the audit needs."""
    names = [one.name for one in release.manifest.collections]
    frames = Frames(release)
    return {
        name: frames.read(name).sort_values("fid", ignore_index=True) for name in needed_tables(names, used)
    }


def columns_of(tables):
    return {name: plain_columns(table) for name, table in tables.items()}


def wrong(value):
    return value * 1.5 if value != int(value) else value + max(1, value // 2)


def unseen(report, tables):
    """The printed columns, a wrong number in the first row of which is not found."""
    first = {(one.table, one.column): one for one in reversed([*report.figures()]) if one.value is not None}
    assert len(first) > 100
    missed = set()
    for (name, column), figure in first.items():
        if name in tables:
            cells = [*tables[name][column]]
            cells[figure.row] = wrong(cells[figure.row])
            if not identity_faults(tables | {name: {**tables[name], column: cells}}):
                missed.add((name, column))
    return missed


# Numbers of a release


@pytest.fixture(scope="module")
def release(world):
    with FolderStore(ReleaseSettings(directory=world)).open() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(release):
    return made.made_report(release)


@pytest.fixture(scope="module")
def whole(release, report):
    return whole_of(release, report.tables)


@of_the_world
def test_a_wrong_number_in_any_printed_column_contradicts_another(report, whole):
    assert set(report.tables) <= set(whole)
    assert unseen(report, columns_of(whole)) == set()


@of_the_world
def test_without_admin_units_few_columns_are_said_only_once(report, whole):
    of_the_country = {name: one for name, one in whole.items() if not name.endswith(("region", "district"))}
    assert unseen(report, columns_of(of_the_country)) == ONLY_ITS_UNITS_SAY


@of_the_world
@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("services_by_district", "households_without", "column 'households_without'"),
        ("agreement", "share_equal", r"equal / \(compared\) is 0\."),
        ("change_since_round_2", "same_change", "same_later - same_earlier is"),
        ("returnees_top_countries", "share", "individuals over its sum"),
        (
            "labour_migrants_growth",
            "base_individuals",
            "individuals of the table 'labour_migrants_by_year' for 20",
        ),
    ],
)
def test_a_report_of_such_a_number_is_not_written(report, whole, table, column, said):
    frame = whole[table].copy()
    row = int(frame[column].gt(0).to_numpy(bool, na_value=False).argmax())
    frame[column] = frame[column].astype("Float64")
    frame.loc[row, column] = wrong(frame.loc[row, column])
    with pytest.raises(ContradictionError, match=f"so it is not written: the table .*{said}"):
        refuse_contradictions(replace(report, sections=()), whole | {table: frame})


@of_the_world
def test_both_rounds_of_the_country_have_no_fault(world):
    store = FolderStore(ReleaseSettings(directory=world))
    for number in store.ids():
        with store.open(number) as one:
            names = [collection.name for collection in one.manifest.collections]
            assert identity_faults(columns_of(whole_of(one, names))) == []


@of_the_world
def test_the_report_for_the_public_is_made_while_the_whole_is_checked(release, monkeypatch):
    seen = []

    def looking(report, whole):
        seen.append((report, whole))
        refuse_contradictions(report, whole)

    monkeypatch.setattr(made, "refuse_contradictions", looking)
    public = made.made_report(edition_for(release, Role.PUBLIC), Language.KK, whole=release)
    [(_, whole)] = seen
    hidden = [name for name, table in public.tables.items() if table.get("suppressed", table.index < 0).any()]
    assert "services" in hidden or "returnees_by_region" in hidden
    assert not any("suppressed" in whole[name] for name in hidden)
    # What is shown of a table with hidden numbers does not add up, and says nothing.
    assert identity_faults(columns_of(public.tables)) == []
    figure = next(one for one in public.figures() if one.table in hidden and one.value)
    frame = whole[figure.table].assign(**{figure.column: whole[figure.table][figure.column] + 1})
    with pytest.raises(ContradictionError, match="before anything is hidden, and the report says"):
        refuse_contradictions(public, whole | {figure.table: frame})


@pytest.mark.xdist_group("demo")
def test_the_demonstration_has_no_fault(offline_demo):
    with FolderStore(ReleaseSettings(directory=offline_demo[0] / "out" / "releases")).open() as demo:
        names = [collection.name for collection in demo.manifest.collections]
        assert identity_faults(columns_of(whole_of(demo, names))) == []


# Numbers of rounds


@settings(max_examples=8)
@given(round_worlds(), round_worlds(number=2))
def test_rounds_with_unknown_answers_and_villages_of_no_unit_have_no_fault(later, earlier):
    tables = report_tables(later, units=round_units(), earlier=earlier)
    assert identity_faults(columns_of(tables)) == []


def informants(**columns):
    return {
        "key_informants": {
            "role": ["teacher"],
            "informants": [4],
            "male": [3],
            "female": [1],
            "unknown": [0],
            **columns,
        }
    }


@pytest.mark.parametrize(
    ("columns", "faults"),
    [
        ({}, 0),
        ({"informants": [5]}, 1),
        ({"share_male": [0.75], "share_female": [0.25]}, 0),
        ({"share_male": [None]}, 1),
        ({"male": [0], "female": [0], "unknown": [4], "share_male": [None]}, 0),
        ({"male": [0], "female": [0], "unknown": [4], "share_male": [0.0]}, 1),
        ({"informants": [5], "suppressed": [False]}, 1),
        ({"informants": [5], "suppressed": [True]}, 0),
    ],
)
def test_a_share_is_empty_where_its_whole_is_nothing_and_only_there(columns, faults):
    assert len(identity_faults(informants(**columns))) == faults


@pytest.mark.parametrize(
    ("households", "whole", "faults"),
    [
        ([10, 20], 30, 0),
        ([10, None], 10, 0),
        ([None, None], None, 0),
        ([10, None], 30, 1),
        ([10, 20], None, 1),
        ([0, None], 0, 0),
    ],
)
def test_units_with_the_villages_of_none_add_up_to_the_whole(households, whole, faults):
    tables = {
        "coverage": {"villages": [5], "households": [whole], "regions": [1]},
        "coverage_by_region": {"pcode": ["KAZ901", None], "villages": [2, 3], "households": households},
    }
    assert len(identity_faults(tables)) == faults


def test_a_unit_that_one_table_has_and_the_other_has_not_counts_as_nobody():
    tables = {
        "groups_by_region": {"pcode": ["KAZ901"], "group": ["returnees"], "individuals": [7]},
        "returnees_by_sex_and_region": {"pcode": ["KAZ902"], "code": ["male"], "individuals": [7]},
    }
    assert identity_faults(tables) == [
        "the table 'returnees_by_sex_and_region', KAZ902, column 'individuals': 7 is there, and individuals of the table 'groups_by_region' is 0",
        "the table 'returnees_by_sex_and_region', KAZ901, column 'individuals': 0 is there, and individuals of the table 'groups_by_region' is 7",
    ]


# Numbers in print


def with_figure(**changed):
    source = made_source({"coverage": [{"villages": 1245, "households": 10}]})
    figure = source.sheets.get("coverage").rows[0].figure("villages")
    assert figure.text == "1,245"
    return report_of(
        [Section("one", "One", (Paragraph((replace(figure, **changed),)),))], sheets=source.sheets
    )


def test_a_figure_that_is_its_cell_is_let_through():
    refuse_loose_figures(with_figure())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"value": 1246},
            "row 1 of the table 'coverage', column 'villages', holds 1245.0, and the report says 1246",
        ),
        ({"text": "1,246"}, "is printed as '1,246'"),
        ({"text": "1 245"}, "is printed as '1 245'"),
        ({"row": 1}, "row 2 of the table 'coverage', column 'villages', holds None"),
        ({"column": "people"}, "column 'people', holds None"),
        ({"table": "services"}, "the table 'services', column 'villages', holds None"),
    ],
)
def test_a_figure_that_is_not_its_cell_or_is_printed_otherwise_is_refused(changed, said):
    with pytest.raises(ContradictionError, match=said):
        refuse_loose_figures(with_figure(**changed))
