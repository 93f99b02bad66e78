"""`geo-service export`: features of a published release to files, the same as the release itself answers."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from releases import BIG, small_contents
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.export.features import FEATURE_FORMATS, WITHOUT_GEOMETRY, write_features
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Features, SortKey
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings

pytest.importorskip("duckdb", reason="asking releases needs the extra 'releases'")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A folder with one release of synthetic villages."""
    directory = tmp_path_factory.mktemp("releases")
    FolderStore(ReleaseSettings(directory=directory)).publish(small_contents())
    return directory


@pytest.fixture(scope="module")
def release(store):
    with FolderStore(ReleaseSettings(directory=store)).open() as opened:
        yield opened


@pytest.fixture
def export(store, monkeypatch):
    monkeypatch.delenv("GEO_SERVICE_STORE", raising=False)

    def run(*arguments):
        return CliRunner().invoke(app, ["export", *map(str, arguments), "--store", str(store)])

    return run


def rows_of(release, name, features):
    with release.batches(name, features) as batches:
        return batches.read_all()


@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
def test_a_layer_is_written_in_every_format(export, release, tmp_path, suffix):
    result = export("villages", "-o", tmp_path / f"v{suffix}")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Wrote 40 features of villages, release {release.manifest.id[:12]}")
    if suffix == ".csv":
        count = len(pd.read_csv(tmp_path / "v.csv"))
    elif suffix == ".xlsx":
        count = len(pd.read_excel(tmp_path / "v.xlsx", engine="openpyxl"))
    elif suffix == ".parquet":
        count = len(gpd.read_parquet(tmp_path / "v.parquet"))
    else:
        count = len(gpd.read_file(tmp_path / f"v{suffix}"))
    assert count == 40


@pytest.mark.parametrize("suffix", WITHOUT_GEOMETRY)
def test_a_frame_is_written_in_the_formats_of_tables(export, tmp_path, suffix):
    assert export("mobility", "-o", tmp_path / f"m{suffix}", "-q").output == ""
    assert (tmp_path / f"m{suffix}").is_file()


def test_a_filter_a_box_days_fields_and_an_order_give_what_the_release_answers(export, release, tmp_path):
    result = export(
        "villages",
        "-o",
        tmp_path / "v.parquet",
        "--where",
        "households > 100 AND adm1_pcode = 'KAZ001'",
        "--bbox",
        "65,47,73,52",
        "--datetime",
        "2024-01-01/..",
        "--fields",
        "village_name,register_number",
        "--sort",
        "-village_name,register_number",
        "--json",
    )

    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    table = pq.read_table(tmp_path / "v.parquet")
    assert table.column_names == ["fid", "id", "village_name", "register_number", "geometry", "bbox"]
    whole = rows_of(release, "villages", Features()).to_pandas()
    expected = whole[
        (whole["households"] > 100) & (whole["adm1_pcode"] == "KAZ001") & whole["geometry"].notna()
    ]
    expected = expected[expected["interviewed_on"].notna()]
    assert 0 < said["rows"] == len(expected) < 40
    assert set(table["id"].to_pylist()) == set(expected["id"])
    names = table["village_name"].to_pylist()
    known = [name for name in names if name is not None]
    assert known == sorted(known, reverse=True)
    assert names == known + [None] * (len(names) - len(known))
    assert min(table["register_number"].to_pylist()) >= BIG
    about = json.loads(table.schema.metadata[b"PANDAS_ATTRS"])
    assert (about["bbox"], about["datetime"], about["release"]) == (
        "65,47,73,52",
        "2024-01-01/..",
        said["release"],
    )


def test_a_filter_may_be_json_and_find_nothing(export, tmp_path):
    nothing = json.dumps({"op": "<", "args": [{"property": "households"}, 0]})
    for suffix in FEATURE_FORMATS:
        result = export("villages", "-o", tmp_path / f"v{suffix}", "--where", nothing)
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("Wrote 0 features")


def test_a_flatgeobuf_of_a_box_has_an_index_and_a_shapefile_of_a_part_its_integers(export, tmp_path):
    export("villages", "-o", tmp_path / "v.fgb", "--bbox", "60,40,90,60")
    assert pyogrio.read_info(tmp_path / "v.fgb")["capabilities"]["fast_spatial_filter"]
    export("villages", "-o", tmp_path / "v.shp", "--where", "households IS NULL")
    found = pyogrio.read_dataframe(tmp_path / "v.shp")
    assert found["register_n"].min() >= BIG


def test_without_a_geometry_a_layer_is_a_table(export, tmp_path):
    result = export("adm1", "-o", tmp_path / "a.csv", "--no-geometry", "--fields", "name_ru")
    assert result.exit_code == 0, result.output
    assert pd.read_csv(tmp_path / "a.csv").columns.tolist() == ["fid", "id", "name_ru"]
    assert export("adm1", "-o", tmp_path / "a.geojson", "--no-geometry").exit_code == 1


def test_titles_and_notes_are_in_the_language_that_was_asked_for(export, tmp_path):
    export("villages", "-o", tmp_path / "v.csv", "--lang", "ru")
    [about] = json.loads((tmp_path / "v.csv-metadata.json").read_text())["notes"]
    assert about["title"] == "Villages (ru)"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["towns"], "'towns' is not a collection"),
        (["villages", "--where", "mood = 'good'"], "'mood' is not a property of villages"),
        (["villages", "--where", "households > '5'"], "'households' is integer and '5' is text"),
        (["villages", "--fields", "mood"], "'mood' is not a property of villages"),
        (["villages", "--sort", "-mood"], "'mood' is not a property of villages"),
        (["mobility", "--bbox", "60,40,90,60"], "mobility"),
        (["villages", "--release", "abcdef"], "there is no release 'abcdef'"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error_and_no_file(export, tmp_path, arguments, said):
    result = export(*arguments, "-o", tmp_path / "x.csv")
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--where", "households >", "the filter is not CQL2: it cannot be read from line 1, character 13"),
        ("--where", "", "the filter is empty"),
        ("--bbox", "1,2,3", "four numbers: west, south, east, north"),
        ("--bbox", "0,50,10,40", "above its north 40"),
        ("--bbox", "0,nan,10,40", "'nan', which is not a number"),
        ("--datetime", "yesterday", "write one such as 2024-01-31"),
        ("--datetime", "2024-02-01/2024-01-01", "ends before it begins"),
    ],
)
def test_a_filter_a_box_or_days_that_are_none_are_refused_with_what_to_write(
    export, tmp_path, option, value, said
):
    result = export("villages", "-o", tmp_path / "x.csv", option, value)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not list(tmp_path.iterdir())


def test_an_output_that_is_there_is_kept_and_nothing_is_asked(export, tmp_path):
    (tmp_path / "v.gpkg").write_text("mine")
    result = export("towns", "-o", tmp_path / "v.gpkg")
    assert result.exit_code == 1
    assert "--overwrite" in result.stderr
    assert (tmp_path / "v.gpkg").read_text() == "mine"
    assert export("villages", "-o", tmp_path / "v.gpkg", "--overwrite").exit_code == 0
    assert export("villages", "-o", tmp_path / "v.docx").exit_code == 1


def test_an_order_and_a_filter_hold_in_the_library_too(release, tmp_path):
    asked = Features(
        filter=parse_filter("distance_m IS NOT NULL"), sort=(SortKey("distance_m", descending=True),)
    )
    write_features(release, "access", asked, tmp_path / "a.csv")
    distances = pd.read_csv(tmp_path / "a.csv")["distance_m"]
    assert len(distances) == release.count("access", asked) > 0
    assert distances.is_monotonic_decreasing
