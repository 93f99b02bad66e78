"""Maps of a release show the numbers that the API's questions answer with, of what of the release somebody is shown."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from api import client_of
from api_world import DISTRICTS, REGIONS, world, world_contents

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.errors import InputError, NotFoundError
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.measures import ChangeMeasure, Measure
from geo_service.maps.question import MapKind, MapQuestion
from geo_service.maps.released import released_picture
from geo_service.maps.released_access import AccessFrames
from geo_service.maps.released_frames import Frames, drawn_units
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import AdminLevel, Basis, Language, PopulationGroup, Service

__all__ = ["world"]

REGION, DISTRICT = AdminLevel.REGION, AdminLevel.DISTRICT


@contextmanager
def edition_of(store, role=Role.ANALYST, release=None):
    with FolderStore(ReleaseSettings(directory=store)).open(release) as opened:
        yield edition_for(opened, role)


@pytest.fixture(scope="module")
def editions(world):
    with edition_of(world) as whole, edition_of(world, Role.PUBLIC) as public:
        yield {Role.ANALYST: whole, Role.PUBLIC: public}


@pytest.fixture(scope="module")
def analyst(world):
    with client_of(world, Role.ANALYST) as client:
        yield client


def access_of(edition, service=Service.HOSPITAL, basis=None, km=None, by=DISTRICT, adm=None):
    frames = Frames(edition)
    return AccessFrames(frames, drawn_units(frames, by, adm), service, basis, km)


DISTANCES = [
    (Basis.REPORTED, None),
    (Basis.REPORTED, 0),
    (Basis.REPORTED, 10),
    (Basis.REPORTED, 25),
    (Basis.MEASURED, None),
    (Basis.MEASURED, 25),
    (Basis.MEASURED, 7.5),
]


@pytest.mark.parametrize(("basis", "km"), DISTANCES)
def test_units_and_villages_have_the_numbers_of_the_question_about_gaps(editions, analyst, basis, km):
    access = access_of(editions[Role.ANALYST], Service.HOSPITAL, basis, km)
    table = access.by_unit().set_index("pcode")
    villages = access.villages(only_gaps=True)
    asked = f"/access/gaps?service=hospital&basis={basis}&limit=1000" + (
        "" if km is None else f"&beyond_km={km}"
    )
    said = analyst.get(asked).json()
    assert set(villages["village_id"]) == {one["village_id"] for one in said["rows"]}
    about = said["about"]
    assert table["villages_beyond"].sum() == about["communities"] > 0
    assert table["households_beyond"].sum() == about["households"]
    assert (table["villages"].sum(), table["households"].sum()) == (
        about["of_communities"],
        about["of_households"],
    )
    for code in (*DISTRICTS[:2], "KAZ902"):
        narrowed = access_of(editions[Role.ANALYST], Service.HOSPITAL, basis, km, by=None, adm=code)
        within = narrowed.by_unit()
        about = analyst.get(f"{asked}&adm={code}").json()["about"]
        # A village whose district is not known is in none of a region's districts.
        assert within["villages_beyond"].sum() == about["communities"]
        assert within["households_beyond"].sum() == about["households"]
        assert len(narrowed.villages(only_gaps=True)) == about["communities"]


@pytest.mark.parametrize("by", [REGION, DISTRICT])
@pytest.mark.parametrize(("basis", "km"), DISTANCES)
def test_what_the_public_is_shown_is_the_same_number_or_hidden(editions, basis, km, by):
    if basis is Basis.MEASURED and km == 7.5:
        pytest.skip("the public has distance bands only")
    for service in Service:
        public = access_of(editions[Role.PUBLIC], service, basis, km, by)
        assert public.villages(only_gaps=False) is None
        table = public.by_unit().set_index("pcode")
        whole = access_of(editions[Role.ANALYST], service, basis, km, by).by_unit().set_index("pcode")
        assert set(table.index.dropna()) == set(whole.index.dropna())
        for code, row in table[table.index.notna()].iterrows():
            for name in ("villages", "villages_beyond", "households", "households_beyond"):
                if name not in row or pd.isna(row[name]):
                    assert name not in row or row["suppressed"], (code, name)
                else:
                    assert row[name] == whole.loc[code, name], (service, code, name)


def test_shares_are_of_all_households_of_the_unit(editions):
    table = access_of(editions[Role.ANALYST], Service.HOSPITAL, Basis.MEASURED, 25).by_unit()
    share = (table["households_beyond"] / table["households"]).astype("float64")
    np.testing.assert_allclose(table["share"], share)
    assert 0 < table["share"].max() <= 1


def test_distances_that_are_not_known_are_refused(editions, tmp_path):
    whole, public = editions[Role.ANALYST], editions[Role.PUBLIC]
    with pytest.raises(NotFoundError, match="by distance band only: the distance is one of 0, 5, 10"):
        access_of(whole, Service.HOSPITAL, Basis.REPORTED, 7)
    with pytest.raises(NotFoundError, match="by distance band only: the distance is one of 5, 10"):
        access_of(public, Service.HOSPITAL, Basis.MEASURED, 7)
