"""What a release was made of, taken out of it again: published anew it is the same release."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields, replace

import geopandas as gpd
import pandas as pd
import pytest
from api_world import world
from frames import text
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from releases import small_contents
from rounds import round_units, small_round
from store_fixtures import IN_POSTGIS, database, server

from geo_service.api.writing.base import Base, earlier_of, refuse_stale, round_before
from geo_service.coverage.bands import Bands
from geo_service.errors import BusyError, InputError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.inputs import input_credits
from geo_service.release.manifest import Input
from geo_service.release.recall import recall
from geo_service.release.stores import copy_release, open_store
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Service
from geo_service.wording import Wording

__all__ = ["database", "server", "world"]

REGIONS = round_units().query("level == 1").reset_index(drop=True)
DOUBT = Wording(en="{{twice}} {times}", ru="{{дважды}} {times}", kk="{{екі рет}} {times}")


def sites(service, *points):
    ids = [f"{service}-{at}" for at, _ in enumerate(points)]
    return gpd.GeoDataFrame(
        {
            "facility_id": text(ids),
            "facility_name": text([None] * len(ids)),
            "service": text([service] * len(ids)),
        },
        geometry=gpd.points_from_xy([lon for lon, _ in points], [lat for _, lat in points]),
        crs=4326,
    )


def file(role, name, **said):
    return Input(role=role, name=name, sha256=name[0] * 64, **said)


def published(folder, **made_of):
    store = FolderStore(ReleaseSettings(directory=folder))
    with release_contents(**made_of) as contents:
        return store, store.publish(contents)


def again(store, folder, earlier=None):
    """The manifest of a release, and of the one that is published from what it was made of."""
    with store.open() as release:
        found = recall(release)
        before = release.manifest
    _, after = published(
        folder,
        survey_round=found.survey,
        villages=found.villages if found.survey is None else None,
        facilities=found.facilities or None,
        units=found.units,
        earlier=earlier,
        inhabitants=found.inhabitants,
        findings=found.findings,
        inputs=found.inputs,
        attributions=found.attributions,
        notes=found.notes,
        parameters=found.parameters,
        **found.options,
    )
    return before, after


def assert_the_same(before, after):
    rows = [{one.name: one.rows_sha256 for one in manifest.collections} for manifest in (before, after)]
    assert rows[0] == rows[1]
    # Of what does not follow from rows too: inputs, parameters, notes, licences.
    assert after.model_copy(update={"parent": before.parent}) == before


def test_a_survey_round_with_all_that_the_service_shows_is_the_same_when_published_anew(world, tmp_path):
    with closing(open_store(world)) as store:
        with store.open() as release:
            found = recall(release)
        earlier = earlier_of(store, found)
        assert (found.earlier, earlier.number) == (2, 2)
        assert round_before(store, "KAZ", 3).number == 2
        assert round_before(store, "KAZ", 2) is None
        assert round_before(store, "UZB", 3) is None
        assert_the_same(*again(store, tmp_path, earlier))


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory):
    """A release of a round with inhabitants and findings, and no facilities."""
    findings = Findings()
    findings.warning(
        FindingCode.OUTLIER, DOUBT(times=2), Place("B2.xlsx", "B2"), row=3, suggestion=DOUBT(times="{3}")
    )
    findings.warning(FindingCode.READER_WARNING, "only in English", Place("regions.geojson"))
    store, _ = published(
        tmp_path_factory.mktemp("doubtful"),
        survey_round=small_round(6),
        units=REGIONS,
        inhabitants={"KAZ901": 40_000, "KAZ902": 51_000},
        findings=findings,
        inputs=[
            file("inhabitants", "census.csv"),
            file("boundaries", "b", licence="CC0-1.0", attribution="Nobody"),
        ],
        attributions=["Synthetic: tests"],
        notes=["In {braces}.", DOUBT(times=1)],
        parameters={"encoding": "cp1251"},
    )
    return store


@IN_POSTGIS[1]
def test_inhabitants_findings_notes_and_credits_of_a_round_are_carried_on(doubtful, tmp_path):
    with doubtful.open() as release:
        found = recall(release)
    assert found.inhabitants == {"KAZ901": 40_000, "KAZ902": 51_000}
    assert found.attributions == ("Synthetic: tests",)
    assert [*input_credits(found.inputs)] == ["b: Nobody (CC0-1.0)"]
    assert {str(one) for one in found.notes} == {"In {braces}.", "{twice} 1"}
    assert {one.message for one in found.findings} == {"{twice} 2", "only in English"}
    assert (found.facilities, found.earlier, found.parameters) == ({}, None, {"encoding": "cp1251"})
    assert_the_same(*again(doubtful, tmp_path))


@IN_POSTGIS[0]
@IN_POSTGIS[1]
def test_a_release_in_postgis_was_made_of_the_same(doubtful, database):
    with open_store(database) as store:
        copy_release(doubtful, store)
        with store.open() as release, doubtful.open() as there:
            found, expected = recall(release), recall(there)
    assert_geodataframe_equal(found.villages, expected.villages)
    assert_geodataframe_equal(found.units, expected.units)
    for (name, frame), (_, other) in zip(found.survey.frames(), expected.survey.frames(), strict=True):
        assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(other), obj=name)
    assert found.findings.to_frame("kk").equals(expected.findings.to_frame("kk"))
    for one in {one.name for one in fields(found)} - {
        "survey",
        "villages",
        "facilities",
        "units",
        "findings",
    }:
        assert getattr(found, one) == getattr(expected, one), one


@pytest.fixture(scope="module")
def villages_only(tmp_path_factory):
    """A release of villages, of whose layers of facilities one is empty."""
    villages = small_round(6).villages[["village_id", "village_name", "households", "geometry"]]
    store, _ = published(
        tmp_path_factory.mktemp("villages"),
        villages=villages,
        facilities={Service.HOSPITAL: sites("hospital", (61, 50)), Service.SCHOOL: sites("school")},
        inputs=[file("facilities", "a.csv", rows=1), file("villages", "f.csv")],
        bands=Bands((10.0, 20.0)),
        presence_km=3.0,
        max_distance_km=900.0,
        k=2,
        parameters={"snap_km": 1.0},
    )
    return store


def test_a_layer_that_is_empty_and_all_options_of_a_release_without_a_round_stay(villages_only, tmp_path):
    with villages_only.open() as release:
        found = recall(release)
    assert {one: len(layer) for one, layer in found.facilities.items()} == {
        Service.HOSPITAL: 1,
        Service.SCHOOL: 0,
    }
    assert (found.survey, found.units, found.findings) == (None, None, None)
    assert_the_same(*again(villages_only, tmp_path))


def test_a_release_without_villages_is_refused(tmp_path):
    store = FolderStore(ReleaseSettings(directory=tmp_path))
    contents = small_contents()
    parts = tuple(one for one in contents.parts if one.name != "villages")
    store.publish(replace(contents, parts=parts))
    with (
        store.open() as release,
        pytest.raises(InputError, match="has no villages; publish anew from the files"),
    ):
        recall(release)


# What the next release has of this one


@pytest.fixture
def base(villages_only):
    with villages_only.open() as release:
        return Base(release.manifest.id, recall(release))


def names(inputs):
    return [one.name for one in inputs]


def test_files_are_named_for_as_long_as_anything_is_from_them(base):
    first = base.with_facilities(Service.HOSPITAL, file("facilities", "b.csv"))
    # The schools may still be from the first file.
    assert names(first["inputs"]) == ["a.csv", "f.csv", "b.csv"]
    second = changed(base, first).with_facilities(Service.SCHOOL, file("facilities", "b.csv"))
    assert names(second["inputs"]) == ["f.csv", "b.csv"]
    third = changed(base, second).with_facilities(Service.HOSPITAL, file("facilities", "c.csv"))
    assert names(third["inputs"]) == ["f.csv", "b.csv", "c.csv"]
    fourth = changed(base, third).with_facilities(Service.SCHOOL, file("facilities", "d.csv"))
    assert names(fourth["inputs"]) == ["f.csv", "c.csv", "d.csv"]


def changed(base, new):
    return Base(base.id, replace(base.made_of, inputs=tuple(new["inputs"]), parameters=new["parameters"]))


def test_a_round_takes_the_place_of_villages(base):
    found = base.under_a_round()
    assert names(found["inputs"]) == ["a.csv"]
    assert found["parameters"] == {}


def test_a_release_that_somebody_else_published_meanwhile_is_not_lost(base, villages_only, tmp_path):
    refuse_stale(villages_only, base)
    refuse_stale(FolderStore(ReleaseSettings(directory=tmp_path)), None)
    for store, one in ((villages_only, None), (FolderStore(ReleaseSettings(directory=tmp_path)), base)):
        with pytest.raises(BusyError):
            refuse_stale(store, one)


def test_a_comparison_with_a_round_that_is_nowhere_is_not_dropped_silently(world, tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_ROUNDS_DIRECTORY", str(tmp_path / "rounds"))
    with closing(open_store(world)) as store, store.open() as release:
        found = recall(release)
    with pytest.raises(
        InputError, match="change since round 2, which is not here any more; send that round first"
    ):
        earlier_of(FolderStore(ReleaseSettings(directory=tmp_path)), found)
