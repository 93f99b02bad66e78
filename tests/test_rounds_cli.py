"""`geo-service rounds`: forms out, workbooks in, tables out; a round wholly in or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from frames import text
from rounds import round_units, small_round
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.demo.exports import write_kobo, write_plain
from geo_service.export.vector import write_layer
from geo_service.ingest.survey.store import load_round
from geo_service.settings import RoundSettings

SURVEY = small_round(villages=6)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Boundaries of two levels and the workbooks of a small round; each test has copies."""
    made = tmp_path_factory.mktemp("rounds")
    units = round_units()
    for level, name in ((1, "regions"), (2, "districts")):
        write_layer(units[units["level"] == level], made / f"{name}.gpkg")
    write_kobo(SURVEY, made / "B2.xlsx", made / "B1.xlsx")
    return made


@pytest.fixture
def folder(files, tmp_path, monkeypatch):
    """A folder with boundaries of two levels and the workbooks of a small round."""
    monkeypatch.setenv("GEO_SERVICE_ROUNDS_DIRECTORY", str(tmp_path / "rounds"))
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_DIRECTORY", str(tmp_path / "sets"))
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def rounds(folder):
    def run(command, *arguments, boundaries=True):
        layers = [f"--boundaries={folder / name}.gpkg" for name in ("regions", "districts")]
        where = ["--country=KAZ", *(layers if boundaries else [])]
        return CliRunner().invoke(app, ["rounds", command, *map(str, arguments), *where])

    return run


def spoilt(folder):
    """The workbook of B2 with three faults in three rows."""
    book = openpyxl.load_workbook(folder / "B2.xlsx")
    sheet = book.worksheets[0]
    columns = {cell.value.split("/")[-1]: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["village_households"], "many")
    sheet.cell(3, columns["hospital_present"], "perhaps")
    sheet.cell(4, columns["interview_date"], "2999-01-01")
    book.save(folder / "spoilt.xlsx")
    return folder / "spoilt.xlsx"


def test_a_round_goes_in_and_its_tables_come_out(rounds, folder):
    result = rounds("import", folder / "B1.xlsx", folder / "B2.xlsx", "--round", 3)
    assert result.exit_code == 0, result.output
    assert "6 villages" in result.stdout
    assert "Synthetic data" in result.stdout
    kept = load_round("KAZ", 3, RoundSettings())
    assert kept.mobility["individuals"].sum() == SURVEY.mobility["individuals"].sum()
    assert kept.collected_from == SURVEY.collected_from

    outputs = [folder / "tables.xlsx", folder / "tables.json", folder / "tables"]
    options = [word for path in outputs for word in ("-o", path)]
    result = rounds("tables", "--round", 3, *options, "--hxl", "--lang", "ru")
    assert result.exit_code == 0, result.output
    document = json.loads(outputs[1].read_text(encoding="utf-8"))
    groups = pd.DataFrame(document["tables"]["groups"]["rows"])
    assert groups["individuals"].sum() == SURVEY.mobility["individuals"].sum()
    assert "Трудящиеся-мигранты" in set(groups["label"])
    assert document["tables"]["groups_by_district"]["hxl"]["pcode"] == "#adm2+code"
    assert openpyxl.load_workbook(outputs[0]).sheetnames[0] == "Содержание"
    assert (outputs[2] / "groups.csv").is_file()
    (folder / "people.csv").write_text("pcode,inhabitants\nKAZ901,50000\n", encoding="utf-8")
    of_units = ["-o", folder / "per.json", "--inhabitants", folder / "people.csv"]
    assert rounds("tables", "--round", 3, *of_units).exit_code == 0
    document = json.loads((folder / "per.json").read_text(encoding="utf-8"))
    rows = [row for row in document["tables"]["concentration_by_region"]["rows"] if row["pcode"] == "KAZ901"]
    assert all(row["per_1000_inhabitants"] == pytest.approx(row["individuals"] / 50) for row in rows)
    again = rounds("tables", "--round", 3, *options)
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_validate_finds_everything_in_one_pass_in_the_language_asked_for_and_keeps_nothing(rounds, folder):
    result = rounds("validate", spoilt(folder), "--lang", "ru", "--findings", folder / "found.csv")
    assert result.exit_code == 1
    assert "Ничего не записано" in result.stderr
    found = pd.read_csv(folder / "found.csv")
    errors = found[found["severity"] == "error"]
    assert dict(zip(errors["row"], errors["code"], strict=True)) == {
        2: "not_a_count",
        3: "unknown_code",
        4: "impossible_date",
    }
    assert errors["value"].tolist() == ["many", "perhaps", "2999-01-01"]
    assert errors["message"].str.contains("[а-я]{3}").all()
    assert not (folder / "rounds").exists()


def test_a_clean_file_is_valid_and_not_kept(rounds, folder):
    result = rounds("validate", folder / "B2.xlsx", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["villages"] == 6
    assert not (folder / "rounds").exists()


def test_a_round_with_errors_leaves_the_one_that_is_kept(rounds, folder):
    assert rounds("import", folder / "B2.xlsx", "--round", 3, "-q").exit_code == 0
    before = {path: path.read_bytes() for path in (folder / "rounds").rglob("*") if path.is_file()}
    assert rounds("import", spoilt(folder), "--round", 3, "--replace").exit_code == 1
    assert {path: path.read_bytes() for path in (folder / "rounds").rglob("*") if path.is_file()} == before
    refused = rounds("import", folder / "B2.xlsx", "--round", 3)
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert rounds("import", folder / "B2.xlsx", "--round", 3, "--replace", "-q").exit_code == 0


def test_rounds_are_listed_and_compared_with_the_one_before(rounds, folder):
    later = replace(
        SURVEY, mobility=SURVEY.mobility.assign(households=pd.array([None] * len(SURVEY.mobility), "Int64"))
    )
    write_plain(later, folder / "later.xlsx")
    assert rounds("import", folder / "B2.xlsx", "--round", 2, "-q").exit_code == 0
    assert rounds("import", folder / "later.xlsx", "--round", 3, "-q").exit_code == 0
    kept = json.loads(CliRunner().invoke(app, ["rounds", "list", "--json"]).stdout)["rounds"]
    assert [one["number"] for one in kept] == [2, 3]
    assert "synthetic" in CliRunner().invoke(app, ["rounds", "list"]).stdout

    answer = json.loads(rounds("compare", 2, 3, "--json").stdout)
    assert {row["villages_both"] for row in answer["rows"]} == {6}
    assert {row["change"] for row in answer["rows"]} == {0}
    assert rounds("compare", 2, 3, "--by", "region").exit_code == 0
    tables = rounds("tables", "--round", 3, "-o", folder / "tables.json", "--json")
    assert "change_since_round_2" in json.loads(tables.stdout)["tables"]


def test_proposals_are_written_reviewed_and_taken_as_a_crosswalk(rounds, folder):
    known = SURVEY.villages[
        ["village_id", "village_name", "households", "adm1_pcode", "adm2_pcode", "geometry"]
    ]
    known = known.assign(village_id=text([f"known-{number}" for number in range(6)]))
    known = known.assign(village_name=known["village_name"] + " Old")
    write_layer(known, folder / "known.gpkg")
    villages = SURVEY.villages.assign(geometry=None)
    write_plain(replace(SURVEY, villages=villages.set_geometry("geometry", crs=4326)), folder / "b2.xlsx")
    common = [folder / "b2.xlsx", "--villages", folder / "known.gpkg"]

    result = rounds("validate", *common, "--proposals", folder / "review.csv", "--findings", folder / "f.csv")
    assert result.exit_code == 0, result.output
    assert "proposed_match" in set(pd.read_csv(folder / "f.csv")["code"])
    review = pd.read_csv(folder / "review.csv", dtype="string")
    number = review["matched_code"].str.removeprefix("known-")
    is_right = review["declared_code"] == SURVEY.villages["village_id"].iloc[number.astype(int)].to_numpy()
    review.assign(accepted=is_right.map({True: "yes", False: "no"})).to_csv(folder / "done.csv", index=False)

    result = rounds("import", *common, "--round", 3, "--crosswalk", folder / "done.csv", "-q")
    assert result.exit_code == 0, result.output
    kept = load_round("KAZ", 3, RoundSettings())
    accepted = review.loc[is_right.to_numpy(dtype=bool), "matched_code"]
    assert set(kept.villages["village_id"]) >= set(accepted)
    assert (kept.villages["matched_by"] == "crosswalk").sum() == len(accepted) > 0


def test_forms_are_written_with_the_units_to_choose_from(rounds, folder):
    result = rounds("forms", "-o", folder / "forms", "--year", 2024, "--year", 2025)
    assert result.exit_code == 0, result.output
    book = openpyxl.load_workbook(folder / "forms" / "B2.xlsx")
    choices = {row[1] for row in book["choices"].iter_rows(values_only=True)}
    assert set(round_units()["pcode"]) <= choices
    questions = {row[1] for row in book["survey"].iter_rows(values_only=True)}
    assert {"labour_migrants_year_2024", "labour_migrants_year_2025"} <= questions
    assert "labour_migrants_year_2023" not in questions
    assert rounds("forms", "-o", folder / "forms").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["validate", "B2.xlsx", "--country=KGZ"], "no admin units are known for KGZ"),
        (["validate", "B2.xlsx", "--country=kaz"], "three letters"),
        (["validate", "none.xlsx", "--country=KAZ"], "none.xlsx"),
        (["tables", "--round=9", "--country=KAZ", "-o", "t.xlsx"], "there are: none"),
        (["compare", "1", "2", "--country=KAZ"], "there are: none"),
    ],
)
def test_wrong_use_is_one_clear_error(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, ["rounds", *arguments])
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_regions_of_another_country_are_refused(folder):
    result = CliRunner().invoke(
        app, ["rounds", "validate", str(folder / "B2.xlsx"), "--country=UZB", "--boundaries=kaz-adm1"]
    )
    assert result.exit_code == 1
    assert "regions of KAZ, and --country is UZB" in " ".join(result.stderr.split())


def test_b1_alone_is_checked_and_said_to_be_alone(rounds, folder):
    result = rounds("validate", folder / "B1.xlsx")
    assert result.exit_code == 0, result.output
    assert "B1 of 4 districts, and no villages of B2" in result.stdout


def test_a_level_of_units_is_given_once(rounds, folder):
    regions = folder / "regions.gpkg"
    result = rounds(
        "validate", folder / "B2.xlsx", f"--boundaries={regions}", f"--boundaries={regions}", boundaries=False
    )
    assert result.exit_code == 1
    assert "given twice" in result.stderr
