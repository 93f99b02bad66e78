"""The public edition of a release: guarded when it is put together, and nothing in it that was not."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from api_world import (
    DISTRICTS,
    WITHOUT_A_DISTRICT,
    world_facilities,
    world_parts,
    world_round,
    world_units,
)
from frames import facilities, villages
from rounds import round_units

from geo_service.coverage.report_tables import report_tables
from geo_service.coverage.suppression import public_tables
from geo_service.release.contents import release_contents
from geo_service.release.editions import PUBLIC_PREFIX
from geo_service.release.parts import arrow_schema
from geo_service.settings import SuppressionSettings
from geo_service.vocabulary import Language, PopulationGroup, Service

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.xdist_group("api world")]

PEOPLE = {
    "individuals",
    "base_individuals",
    "households",
    "households_with",
    "households_without",
    "population",
    "inhabitants",
}


@pytest.fixture(scope="module")
def contents():
    made, parts = world_parts()
    return made, {name: (part, in_pandas(table)) for name, (part, table) in parts.items()}


@pytest.fixture(scope="module")
def guarded(contents):
    _, parts = contents
    tables = {
        name: rows.rename(columns=_english) for name, (part, rows) in parts.items() if part.kind == "table"
    }
    tables = {name: table for name, table in tables.items() if not name.startswith(PUBLIC_PREFIX)}
    for name in tables:
        for column, values in (("group", [*PopulationGroup]), ("service", [*Service])):
            if column in tables[name]:
                tables[name][column] = pd.Categorical(tables[name][column], categories=values)
        for field in (one.model_dump() for one in parts[name][0].fields):
            if field["values"] and field["name"] in tables[name]:
                tables[name][field["name"]] = pd.Categorical(
                    tables[name][field["name"]], categories=field["values"]
                )
    return public_tables(tables, threshold=5, units=world_units())


def _english(column):
    return column.removesuffix("_en")


def rows_of(part):
    return in_pandas(pa.Table.from_batches(part.rows(), arrow_schema(part.fields)))


def in_pandas(table):
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=kinds.get)


def public_of(parts):
    return {
        name.removeprefix(PUBLIC_PREFIX): one for name, one in parts.items() if name.startswith(PUBLIC_PREFIX)
    }


def is_of_people(column):
    return column in PEOPLE or column in [*PopulationGroup] or "households_beyond" in column


def test_the_public_has_the_tables_that_were_guarded_and_layers_of_units(contents, guarded):
    _, parts = contents
    layers = {f"{what}_by_{by}" for what in ("mobility", "access") for by in ("region", "district")}
    assert set(public_of(parts)) == set(guarded) | layers
    assert not {
        "villages",
        "access",
        "service_access",
        "mobility",
        "contradictions",
        "facilities",
        "adm1",
    } & set(public_of(parts))


def test_no_small_number_of_people_is_in_any_public_collection(contents):
    _, parts = contents
    looked_at = 0
    for name, (_, rows) in public_of(parts).items():
        for column in filter(is_of_people, rows):
            known = rows[column].dropna()
            assert not ((known > 0) & (known < 5)).any(), (name, column)
            looked_at += len(known)
        assert not {"village_id", "village_name", "geometry_of_village"} & set(rows)
    assert looked_at > 1000


def test_there_was_something_to_hide(contents):
    _, parts = contents
    for by in ("region", "district"):
        whole, public = (parts[f"{prefix}mobility_by_{by}"][1] for prefix in ("", PUBLIC_PREFIX))
        small = {group: ((whole[group] > 0) & (whole[group] < 5)).sum() for group in PopulationGroup}
        assert sum(small.values()) > 0
        hidden = sum(public[f"{group}_suppressed"].sum() for group in PopulationGroup)
        assert sum(small.values()) < hidden < len(public) * len(PopulationGroup)


@pytest.mark.parametrize("by", ["region", "district"])
def test_public_layers_have_the_numbers_of_the_guarded_tables_and_no_others(contents, guarded, by):
    _, parts = contents
    layer = public_of(parts)[f"mobility_by_{by}"][1].set_index("pcode")
    for row in guarded[f"groups_by_{by}"].dropna(subset="pcode").itertuples():
        shown = layer.loc[row.pcode, row.group]
        assert (pd.isna(shown) and pd.isna(row.individuals)) or shown == row.individuals
        assert layer.loc[row.pcode, f"{row.group}_suppressed"] == row.suppressed
    access = public_of(parts)[f"access_by_{by}"][1].set_index("pcode")
    lacking = guarded[f"households_without_service_by_{by}"]
    for row in lacking[lacking["band"] == ">25"].dropna(subset="pcode").itertuples():
        shown = access.loc[row.pcode, f"reported_{row.service}_households_beyond_25_km"]
        assert (pd.isna(shown) and pd.isna(row.households)) or shown == row.households
        assert access.loc[row.pcode, f"{row.service}_suppressed"] or not row.suppressed


def test_guarded_tables_are_the_same_in_the_release(contents, guarded):
    _, parts = contents
    for name, table in guarded.items():
        _, rows = public_of(parts)[name]
        assert "row_before" not in rows
        for column in table:
            if f"{column}_en" in rows:
                assert (
                    rows[f"{column}_en"].fillna("").tolist()
                    == table[column].astype("string").fillna("").tolist()
                ), name
            else:
                left, right = (
                    one.astype(object).where(one.notna(), None).tolist()
                    for one in (rows[column], table[column])
                )
                assert left == right, (name, column)


def test_labels_of_guarded_rows_are_those_of_their_codes_in_each_language(contents):
    _, parts = contents
    _, whole = parts["returnees_by_reason"]
    _, public = parts["public_returnees_by_reason"]
    for language in Language:
        labels = whole.set_index("code")[f"label_{language}"]
        assert public[f"label_{language}"].tolist() == labels.loc[public["code"]].tolist()


def test_each_public_collection_says_how_it_is_guarded(contents):
    made, parts = contents
    assert made.parameters["suppression"] == {"threshold": 5, "least_villages": 2}
    for name, (part, _) in public_of(parts).items():
        assert part.about["edition"] == "public", name
        assert part.about["threshold"] == 5
        assert set(part.about["rule"]) == {"en", "ru", "kk"}
        assert "below 5" in part.about["rule"]["en"]
    rule = parts["public_households_without_service"][0].about["rule"]
    assert rule["ru"].startswith(parts["households_without_service"][0].about["rule"]["ru"])
    assert "edition" not in parts["groups"][0].about


def test_another_threshold_hides_more():
    hidden = {}
    for threshold in (2, 50):
        with release_contents(
            survey_round=world_round(),
            units=world_units(),
            suppression=SuppressionSettings(threshold=threshold),
        ) as made:
            assert made.parameters["suppression"]["threshold"] == threshold
            part = next(part for part in made.parts if part.name == "public_groups_by_district")
            hidden[threshold] = rows_of(part)["suppressed"].sum()
    assert hidden[50] > hidden[2]


def test_without_a_round_the_public_has_access_only():
    points = villages(
        [(60.2, 50.5), (60.8, 50.5), (61.5, 50.5)],
        households=[100, 50, 2],
        adm1_pcode=pd.array(["KAZ901"] * 3, dtype="string"),
        adm2_pcode=pd.array(["KAZ901001", "KAZ901001", "KAZ901002"], dtype="string"),
    )
    sites = {Service.SCHOOL: facilities([(60.2, 50.5)], "school")}
    with release_contents(villages=points, facilities=sites, units=round_units()) as made:
        parts = {part.name: (part, rows_of(part)) for part in made.parts}
    public = public_of(parts)
    assert {"access_by_band", "access_by_region", "access_by_district"} <= set(public)
    assert all("access" in name or "presence" in name for name in public)
    assert public["access_by_district"][0].about["basis"] == "measured"
    district = public["access_by_district"][1].set_index("pcode").loc["KAZ901002"]
    assert district["school_suppressed"]
    assert pd.isna(district["school_households_beyond_25_km"])
    assert pd.isna(district["households"])


def test_without_anything_counted_there_is_no_public_edition():
    with release_contents(villages=villages([(60, 50)])) as made:
        assert [part.name for part in made.parts] == ["villages"]
        assert "suppression" not in made.parameters


def test_the_world_has_villages_that_are_in_no_district():
    assert pd.isna(world_round().villages["adm2_pcode"][WITHOUT_A_DISTRICT])
    assert set(report_tables(world_round())["groups_by_district"]["pcode"].dropna()) == set(DISTRICTS)
    assert set(world_facilities()) == set(Service)
