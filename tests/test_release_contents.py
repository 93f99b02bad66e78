"""A release put together: every frame in, measured some villages at a time, tables in three languages, keys and order."""

from __future__ import annotations

import errno
import io
import json
import tempfile
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from frames import facilities, villages
from publishers import store
from rounds import round_units, small_round

from geo_service.coverage.access import access
from geo_service.coverage.bands import Bands
from geo_service.errors import InputError, OutputError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.release.contents import release_contents
from geo_service.release.frames import frame_part, spatial_order
from geo_service.release.inputs import file_input
from geo_service.release.manifest import Input, manifest_schema
from geo_service.release.measured import measured_access
from geo_service.release.parts import Contents, arrow_schema
from geo_service.release.tables import in_three_languages
from geo_service.vocabulary import Language, Service

SCHEMA = Path(__file__).resolve().parents[1] / "docs" / "manifest.schema.json"


def scattered(count, seed=1):
    random = np.random.default_rng(seed)
    points = [tuple(pair) for pair in random.uniform((60, 45), (75, 54), (count, 2))]
    points[count // 2] = None
    return villages(points, adm1_pcode=pd.array([f"KAZ00{i % 3}" for i in range(count)], dtype="string"))


def sites():
    random = np.random.default_rng(2)
    return {
        service: facilities(
            [tuple(pair) for pair in random.uniform((60, 45), (75, 54), (9, 2))], service.value
        )
        for service in (Service.HOSPITAL, Service.SCHOOL)
    }


def rows_of(part):
    return pa.Table.from_batches(part.rows(), arrow_schema(part.fields))


def by_name(contents):
    return {part.name: part for part in contents.parts}


def test_what_is_measured_does_not_depend_on_how_many_villages_are_measured_at_once():
    points = scattered(23)
    tables = []
    for at_once in (1, 7, 23, 100):
        with measured_access(points, sites(), at_once=at_once, k=2) as measured:
            tables.append(pa.Table.from_batches(measured.rows()))
            assert len(measured.counted) == 23 * 2 * 2
    assert all(table.combine_chunks().equals(tables[0].combine_chunks()) for table in tables[1:])


def test_measured_access_is_access_village_by_village():
    points = scattered(11)
    with measured_access(points, sites(), at_once=4) as measured:
        made = pa.Table.from_batches(measured.rows()).to_pandas()
    expected = access(points, sites())
    expected["id"] = expected["village_id"] + "." + expected["service"].astype("string") + ".1"
    expected = expected.set_index("id").loc[made["id"]]
    assert list(made["village_id"].unique()) == list(points["village_id"])
    for column in ("facility_id", "distance_m", "households", "status", "band", "present"):
        left = made[column].astype(object).where(made[column].notna(), None)
        right = expected[column].astype(object).where(expected[column].notna(), None)
        assert left.tolist() == right.tolist(), column


def test_rows_can_be_asked_for_again_while_the_block_lasts():
    with measured_access(scattered(5), sites()) as measured:
        assert pa.Table.from_batches(measured.rows()).equals(pa.Table.from_batches(measured.rows()))


def test_a_temporary_folder_without_room_is_one_clear_error(monkeypatch):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(OutputError, match="No space left on device; make room there, or set TMPDIR"):
        measured_access(scattered(3), sites()).__enter__()


def test_no_villages_are_a_release_of_no_rows():
    with release_contents(villages=scattered(3).iloc[:0], facilities=sites()) as contents:
        parts = by_name(contents)
        assert rows_of(parts["access"]).num_rows == 0
        assert rows_of(parts["facilities"]).num_rows == 18


def test_a_round_gives_every_frame_and_every_table():
    survey = small_round()
    sites_of = {Service.HOSPITAL: facilities([(71.0, 51.0)])}
    with release_contents(
        survey_round=survey, facilities=sites_of, units=round_units(), findings=Findings()
    ) as contents:
        parts = by_name(contents)
        frames = {part.name for part in contents.parts if part.kind != "table"}
        by_unit = {
            f"{what}_by_{level}" for what in ("mobility", "access") for level in ("region", "district")
        }
        levels = {f"adm{level}" for level in round_units()["level"].unique()}
        assert frames == levels | by_unit | {f"public_{name}" for name in by_unit} | {
            "villages",
            "facilities",
            "access",
            "service_access",
            "key_informants_by_village",
            "mobility",
            "breakdowns",
            "reported_access",
            "district_estimates",
            "villages_to_visit",
            "findings",
        }
        assert {"groups", "services", "agreement", "contradictions", "access_by_band"} <= set(parts)
        for name, frame in survey.frames():
            part = parts["key_informants_by_village" if name == "key_informants" else name]
            assert rows_of(part).num_rows == len(frame)
        assert contents.round.number == survey.number
        assert contents.parameters["bases"] == ["reported", "measured"]
        assert contents.parameters["methods"] == ["geodesic"]
        assert {"geo-service", "shapely", "GEOS", "PROJ"} <= set(contents.versions)
        assert any("not by road" in note[Language.EN] for note in contents.notes)


def test_households_in_are_households_out():
    points = scattered(31)
    with release_contents(villages=points, facilities=sites()) as contents:
        table = rows_of(by_name(contents)["access_by_band"]).to_pandas()
    for _, of_service in table.groupby("service"):
        assert of_service["households"].sum() == points["households"].sum()
        assert of_service["villages"].sum() == len(points)


def test_labels_have_a_column_a_language_and_numbers_have_one():
    with release_contents(survey_round=small_round(), units=round_units()) as contents:
        groups = by_name(contents)["groups_by_region"]
    names = [field.name for field in groups.fields]
    assert {"label_en", "label_ru", "label_kk", "name_ru", "individuals"} <= set(names)
    assert not {"label", "name", "individuals_en"} & set(names)
    assert groups.title[Language.RU] != groups.title[Language.EN]
    assert groups.about["basis"] == "reported"
    assert set(groups.about["base"]) == {"en", "ru", "kk"}


def test_a_table_that_differs_in_more_than_its_labels_is_refused():
    english, russian = (pd.DataFrame({"label": ["a"], "villages": [count]}) for count in (1, 2))
    with pytest.raises(InputError, match="the column 'villages' is not the same in ru and en"):
        in_three_languages({Language.EN: english, Language.RU: russian, Language.KK: english}, "coverage")


def test_findings_name_files_and_no_folders(tmp_path):
    findings = Findings()
    place = Place(str(tmp_path / "someone" / "villages.gpkg"))
    findings.warning(FindingCode.EMPTY_LAYER, "there is nothing in it", place)
    with release_contents(villages=scattered(2), findings=findings) as contents:
        table = rows_of(by_name(contents)["findings"]).to_pandas()
    assert table["file"].tolist() == ["villages.gpkg"]
    assert "someone" not in table.to_csv()


@pytest.mark.parametrize("given", [{}, {"villages": scattered(2), "survey_round": small_round()}])
def test_a_release_is_of_one_round_or_of_one_layer_of_villages(given):
    with pytest.raises(InputError, match="one round or of one layer of villages"), release_contents(**given):
        pass


def test_two_collections_of_one_name_are_refused():
    part = frame_part("villages", scattered(2), kind="layer", title={})
    with pytest.raises(InputError, match="two collections of the release are called 'villages'"):
        Contents(parts=(part, part))


def test_layers_are_in_spatial_order_whatever_order_they_came_in():
    points = scattered(40)
    shuffled = points.sample(frac=1, random_state=5)
    parts = [
        frame_part("villages", one, kind="layer", title={}, key=["village_id"]) for one in (points, shuffled)
    ]
    first, second = map(rows_of, parts)
    assert first.equals(second)
    assert first["geometry"].null_count == 1
    assert first["geometry"][-1].as_py() is None
    steps = shapely.from_wkb(first["geometry"].to_numpy(zero_copy_only=False)[:-1])
    as_given = points.geometry.dropna().to_numpy()
    assert (
        shapely.distance(steps[1:], steps[:-1]).sum()
        < shapely.distance(as_given[1:], as_given[:-1]).sum() / 2
    )


def test_empty_geometries_come_last_with_those_that_are_null():
    layer = villages([(70, 50), (71, 50), (72, 50)])
    layer.geometry = [shapely.Point(), shapely.Point(71, 50), None]
    order = spatial_order(layer.geometry, layer["village_id"].to_numpy(object))
    assert order.tolist() == [1, 0, 2]


def test_two_rows_of_one_key_are_refused():
    twice = villages([(70, 50), (71, 50)], ids=["a", "a"])
    with pytest.raises(InputError, match="two rows have the key 'a'"):
        frame_part("villages", twice, kind="layer", title={}, key=["village_id"])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.array(["a\0b"], dtype="string"), "NUL"),
        ([float("inf")], "infinite"),
        ([b"bytes"], "no place in a release"),
        ([pd.Timestamp("2024-01-01")], "no place in a release"),
    ],
)
def test_a_value_that_has_no_place_is_refused(column, message):
    frame = pd.DataFrame({"odd": column})
    with pytest.raises(InputError, match=message):
        frame_part("odd", frame, kind="frame", title={})


def test_a_date_that_is_none_is_refused():
    frame = pd.DataFrame({"day": pd.array(["2024-02-31"], dtype="string")})
    with pytest.raises(InputError, match="column 'day'"):
        frame_part("odd", frame, kind="frame", title={}, dates=["day"])


def test_a_column_may_not_be_called_like_a_key():
    with pytest.raises(InputError, match="may not be named 'fid'"):
        frame_part("odd", pd.DataFrame({"fid": [1]}), kind="frame", title={})


def test_a_shapefile_counts_with_all_of_its_parts(tmp_path):
    for suffix in (".shp", ".dbf", ".shx"):
        (tmp_path / f"villages{suffix}").write_text(suffix)
    first = file_input("villages", tmp_path / "villages.shp")
    (tmp_path / "villages.dbf").write_text("changed")
    assert first.sha256 != file_input("villages", tmp_path / "villages.shp").sha256
    assert first.name == "villages.shp"
    with pytest.raises(InputError, match="cannot be read"):
        file_input("villages", tmp_path / "missing.gpkg")


def test_the_schema_of_the_manifest_in_the_documents_is_that_of_the_code():
    written = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert written == manifest_schema()
    jsonschema.Draft202012Validator.check_schema(written)


def source(role, name, sha256="a" * 64, **said):
    return Input(role=role, name=name, sha256=sha256, **said)


def test_the_order_in_which_things_were_given_makes_no_other_release(tmp_path):
    points, of_service = scattered(20), sites()
    points["source_row"] = range(1, 21)
    shuffled = points.sample(frac=1, random_state=3)
    shuffled["source_row"] = range(1, 21)
    inputs = [
        source("villages", "villages.gpkg"),
        source("facilities", "schools.gpkg", licence="CC0"),
        source("facilities", "hospitals.gpkg", attribution="Somebody"),
    ]
    doubts = [
        (code, Place(file), row)
        for file, row in (("b.gpkg", 2), ("a.gpkg", 9), ("a.gpkg", 1))
        for code in (FindingCode.READER_WARNING, FindingCode.EMPTY_LAYER)
    ]
    made = []
    for step, (layer, bands, presence) in enumerate(
        [(points, Bands((5, 10)), 2), (shuffled, Bands((5.0, 10.0)), 2.0)]
    ):
        way = 1 if step == 0 else -1
        findings = Findings()
        for code, place, row in doubts[::way]:
            findings.warning(code, "doubtful", place, row=row)
        with release_contents(
            villages=layer,
            facilities=dict(list(of_service.items())[::way]),
            findings=findings,
            inputs=inputs[::way],
            attributions=["One", "Another"][::way],
            bands=bands,
            presence_km=presence,
            parameters={"snap_km": 2.0, "crs": None},
        ) as contents:
            made.append(store(tmp_path / str(step)).publish(contents))
            names = [field.name for field in by_name(contents)["villages"].fields]
    assert made[0] == made[1]
    assert [one.name for one in made[0].inputs] == ["hospitals.gpkg", "schools.gpkg", "villages.gpkg"]
    assert made[0].licences == ("Another", "One", "hospitals.gpkg: Somebody", "schools.gpkg: (CC0)")
    assert made[0].parameters["snap_km"] == 2.0
    assert "crs" not in made[0].parameters
    assert "source_row" not in names
