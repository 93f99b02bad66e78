"""Maps of a release show the numbers that the API's questions answer with, of what of the release somebody is shown."""

from __future__ import annotations

import re
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from api import client_of
from api_world import DISTRICTS, REGIONS, world

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.coverage.tables import unit_names
from geo_service.errors import InputError, NotFoundError
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.measures import Measure
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
@pytest.mark.parametrize(("basis", "km"), DISTANCES[:-1])
def test_what_the_public_is_shown_is_the_same_number_or_hidden(editions, basis, km, by):
    for service in (Service.HOSPITAL, Service.MARKET):
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


def test_distances_that_are_not_known_are_refused(editions):
    whole, public = editions[Role.ANALYST], editions[Role.PUBLIC]
    with pytest.raises(NotFoundError, match="by distance band only: the distance is one of 0, 5, 10"):
        access_of(whole, Service.HOSPITAL, Basis.REPORTED, 7)
    with pytest.raises(NotFoundError, match="by distance band only: the distance is one of 5, 10"):
        access_of(public, Service.HOSPITAL, Basis.MEASURED, 7)


OF_TABLES = [
    (MapQuestion(kind=MapKind.COVERAGE, by=DISTRICT), "/coverage/assessment?", ("villages", "households")),
    (
        MapQuestion(kind=MapKind.CONCENTRATION, by=DISTRICT, group=PopulationGroup.RETURNEES),
        "/mobility/concentration?group=returnees&",
        ("individuals",),
    ),
    (
        MapQuestion(kind=MapKind.AGREEMENT, by=DISTRICT, service=Service.SCHOOL),
        "/access/agreement?service=school&",
        ("compared",),
    ),
    (
        MapQuestion(kind=MapKind.CHANGE, by=DISTRICT, group=PopulationGroup.RETURNEES),
        "/mobility/changes?group=returnees&",
        ("same_earlier", "same_later"),
    ),
]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PUBLIC])
@pytest.mark.parametrize(("question", "url", "columns"), OF_TABLES)
def test_maps_of_tables_show_the_numbers_of_their_questions(world, editions, role, question, url, columns):
    with client_of(world, role) as client:
        answer = client.get(f"{url}by=district")
    if answer.status_code == 404:
        with pytest.raises(NotFoundError, match="not shown to everybody"):
            released_picture(editions[role], question, Language.EN)
        return
    units = released_picture(editions[role], question, Language.EN).areas[0]
    told = dict(zip(units.ids, units.values, strict=True))
    rows = [one for one in answer.json()["rows"] if one["pcode"] in told]
    assert len(rows) == len(DISTRICTS)
    for row in rows:
        for column in columns:
            if row[column] is not None:
                assert f"{row[column]:,}" in told[row["pcode"]], (row["pcode"], column)


class Tables:
    """What somebody is shown where some of it is hidden."""

    release = SimpleNamespace(manifest=SimpleNamespace(parameters={}))

    def __init__(self, **tables):
        self._tables = {name: pd.DataFrame(rows) for name, rows in tables.items()}

    def has(self, name):
        return name in {"services", "access_by_band"}

    def table(self, stem, by, *_):
        return self._tables[f"{stem}{by}"].convert_dtypes()


def banded(households, suppressed):
    codes = ["A", "A", "B", "B"]
    bands = ["21-25", ">25"] * 2
    return {"pcode": codes, "band": bands, "status": ["ok"] * 4, "villages": [1, 2, 3, 4]} | {
        "households": households,
        "suppressed": suppressed,
    }


def test_what_is_counted_from_a_hidden_number_is_hidden_and_never_less():
    drawn = SimpleNamespace(by=REGION, of_units=None)
    measured = Tables(access_by_band_and_region=banded([100, None, 50, 7], [False, True, True, False]))
    table = AccessFrames(measured, drawn, Service.SCHOOL, Basis.MEASURED, 25).by_unit().set_index("pcode")
    assert table["households_beyond"].tolist() == [pd.NA, 7]
    assert table["households"].tolist() == [pd.NA, 57]
    assert table["suppressed"].tolist() == [True, False]
    assert table["villages_beyond"].tolist() == [2, 4]
    assert table["share"].isna().tolist() == [True, False]


def test_of_communities_without_a_service_hidden_households_are_said_to_be_hidden():
    drawn = SimpleNamespace(by=REGION, of_units=None)
    whole = {"pcode": ["A", "B"], "villages": [5, 6], "households": [90, None], "suppressed": [False, True]}
    said = {"pcode": ["A", "B"], "villages": [5, 6], "villages_without": [1, 2]} | {
        "households_without": [None, 30],
        "suppressed": [True, False],
    }
    reported = Tables(coverage_by_region=whole, services_by_region=said)
    table = AccessFrames(reported, drawn, Service.SCHOOL, Basis.REPORTED, None).by_unit().set_index("pcode")
    assert table["villages_beyond"].tolist() == [1, 2]
    assert table["households_beyond"].tolist() == [pd.NA, 30]
    assert table["households"].tolist() == [90, pd.NA]
    assert table["suppressed"].tolist() == [True, True]
    assert table["share"].isna().all()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": MapKind.ACCESS}, "needs a service"),
        (
            {"kind": MapKind.COVERAGE, "beyond_km": 5},
            "has no beyond_km; leave it out, or ask for one of: access, gaps",
        ),
        (
            {"kind": MapKind.CHANGE, "group": PopulationGroup.RETURNEES, "measure": Measure.SHARE},
            "it shows same_change, same_change_relative",
        ),
        ({"kind": MapKind.COVERAGE, "classes": 1}, "2 to 9 classes"),
        ({"kind": MapKind.COVERAGE, "edges": (1, 2), "scheme": Scheme.EQUAL}, "of the scheme 'given'"),
        ({"kind": MapKind.COVERAGE, "scheme": Scheme.GIVEN}, "give some"),
    ],
)
def test_a_question_that_makes_no_map_is_refused_before_anything_is_read(asked, said):
    with pytest.raises(InputError, match=re.escape(said)):
        MapQuestion(**asked)


def test_classes_are_those_of_the_map_unless_some_are_asked_for():
    assert MapQuestion(kind=MapKind.COVERAGE).classing is None
    assert MapQuestion(kind=MapKind.COVERAGE, classes=3).classing == Classing(k=3)
    assert MapQuestion(kind=MapKind.COVERAGE, edges=(1.0, 2.0)).classing == Classing(
        Scheme.GIVEN, 5, (1.0, 2.0)
    )


def test_a_release_without_boundaries_or_of_other_levels_says_so():
    class Bare(Tables):
        def layer_of(self, level):
            return "regions" if level is REGION and self.with_regions else None

    bare = Bare()
    bare.with_regions = False
    with pytest.raises(NotFoundError, match="no boundaries of regions or districts; publish one"):
        drawn_units(bare, None, None)
    bare.with_regions = True
    with pytest.raises(NotFoundError, match="no boundaries of districts; there are those of regions"):
        drawn_units(bare, DISTRICT, None)
    with pytest.raises(InputError, match="not by country"):
        drawn_units(bare, AdminLevel.COUNTRY, None)


def test_a_region_is_drawn_by_its_districts_and_the_map_is_of_it(editions):
    question = MapQuestion(kind=MapKind.ACCESS, service=Service.HOSPITAL, adm="KAZ902")
    picture = released_picture(editions[Role.ANALYST], question, Language.EN)
    assert set(picture.areas[0].ids) == {one for one in DISTRICTS if one.startswith("KAZ902")}
    whole = released_picture(
        editions[Role.ANALYST], MapQuestion(kind=MapKind.ACCESS, service=Service.HOSPITAL), Language.EN
    )
    assert set(whole.areas[0].ids) == set(REGIONS)
    assert picture.bounds[2] - picture.bounds[0] < (whole.bounds[2] - whole.bounds[0]) / 2


@pytest.mark.parametrize(("basis", "km"), [one for one in DISTANCES if one[1] != 0])
def test_a_map_of_gaps_and_its_note_have_all_villages_of_the_question(editions, analyst, basis, km):
    about = analyst.get(
        f"/access/gaps?service=hospital&basis={basis}" + ("" if km is None else f"&beyond_km={km}")
    ).json()["about"]
    question = MapQuestion(
        kind=MapKind.GAPS, service=Service.HOSPITAL, basis=basis, beyond_km=km, by=DISTRICT
    )
    picture = released_picture(editions[Role.ANALYST], question, Language.EN)
    drawn = int(re.search(r"Communities in these: [\d,]+ of ([\d,]+)", picture.summary)[1].replace(",", ""))
    left_out = [one for one in picture.notes if "in no district of this map" in one]
    counts = [int(re.search(r": (\d+)\.$", one)[1]) for one in left_out]
    assert drawn + sum(counts) == about["of_communities"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", [Role.ANALYST, Role.PUBLIC])
def test_a_map_of_a_part_names_it_in_its_title(editions, role, language):
    def title(adm):
        question = MapQuestion(kind=MapKind.COVERAGE, by=DISTRICT, adm=adm)
        return released_picture(editions[role], question, language).title

    frames = Frames(editions[role])
    rows = [frames.read(frames.layer_of(one)) for one in (REGION, DISTRICT)]
    names = unit_names(pd.concat(rows), language)
    whole, of_region = title(None), title(REGIONS[0])
    assert of_region.replace(f", {names[REGIONS[0]]}", "", 1) == whole != of_region
    assert f", {names[DISTRICTS[1]]}, {names[DISTRICTS[0]]}, " in title(f"{DISTRICTS[1]},{DISTRICTS[0]}")
    assert f", {', '.join(names[one] for one in DISTRICTS[:3])}…, " in title(",".join(DISTRICTS[:4]))
