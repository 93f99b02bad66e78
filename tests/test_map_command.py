"""`geo-service map`: a map of a release in one file, whole or not at all."""

from __future__ import annotations

import json

import pytest
from api_world import world
from attacks import secrets_in
from typer.testing import CliRunner

from geo_service.cli.app import app

__all__ = ["world"]


@pytest.fixture
def draw(world, monkeypatch):
    monkeypatch.delenv("GEO_SERVICE_STORE", raising=False)

    def run(*arguments):
        return CliRunner().invoke(app, ["map", *map(str, arguments), "--store", str(world)])

    return run


def test_a_map_by_district_in_russian_is_written_for_print(draw, tmp_path):
    arguments = ["concentration", "--group", "labour_migrants", "--by", "district", "--lang", "ru"]
    result = draw(*arguments, "-o", tmp_path / "m.svg")
    assert result.exit_code == 0, result.output
    assert "Wrote" in result.stdout
    text = (tmp_path / "m.svg").read_text()
    assert "Трудящиеся-мигранты по районам, раунд 3" in text
    assert [one.name for one in tmp_path.iterdir()] == ["m.svg"]


@pytest.mark.parametrize(("suffix", "begins"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_size_and_dots_are_chosen(draw, tmp_path, suffix, begins):
    output = tmp_path / f"m{suffix}"
    assert draw("coverage", "--size", "half", "--dpi", 60, "-o", output, "-q").output == ""
    assert output.read_bytes().startswith(begins)


def test_a_page_has_everything_in_it_and_what_everybody_may_see_no_village(draw, tmp_path):
    asked = [
        "access",
        "--service",
        "hospital",
        "--basis",
        "measured",
        "--beyond-km",
        "25",
        "--by",
        "district",
    ]
    assert draw(*asked, "-o", tmp_path / "all.html").exit_code == 0
    result = draw(*asked, "--public", "-o", tmp_path / "public.html", "--json")
    said = json.loads(result.stdout)
    assert said["map"] == "access"
    assert said["bytes"] == (tmp_path / "public.html").stat().st_size
    whole, public = ((tmp_path / name).read_text() for name in ("all.html", "public.html"))
    assert secrets_in(whole)
    assert secrets_in(public) == []
    assert said["title"] in public


def test_a_round_is_chosen_and_a_part_of_the_country(draw, tmp_path):
    result = draw(
        "gaps", "--service", "school", "--round", "2", "--adm", "KAZ901", "-o", tmp_path / "g.svg", "--json"
    )
    assert result.exit_code == 0, result.output
    assert "Round 2" in json.loads(result.stdout)["title"]
    text = (tmp_path / "g.svg").read_text()
    assert "Synthetic District 902001" not in text


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["concentration"], 1, "the map 'concentration' needs a group; say which"),
        (["access"], 1, "needs a service"),
        (["coverage", "--group", "returnees"], 1, "has no group; leave it out"),
        (["coverage", "--by", "country"], 1, "by region or by district"),
        (["coverage", "--adm", "KAZ9"], 1, "'KAZ9' is not the P-code"),
        (["coverage", "--round", "9"], 1, "has no release of round 9; it has rounds: 2, 3"),
        (["coverage", "--round", "3", "--release", "abcdef"], 2, "a release is of one round"),
        (["coverage", "--release", "abcdef"], 1, "there is no release 'abcdef'"),
        (["coverage", "--edges", "1,x"], 2, "is no number"),
        (["coverage", "--edges", "1,2", "--classes", "equal"], 1, "edges are of the scheme 'given'"),
        (["coverage", "--classes", "given"], 1, "needs the upper edges"),
        (["coverage", "--k", "1"], 2, "greater than or equal to 2"),
        (["coverage", "--tiles", "https://x/"], 1, "has no {z}"),
        (["change", "--group", "returnees", "--measure", "share"], 2, "none of same_change"),
        (["change", "--group", "returnees", "--public"], 1, "no change since an earlier round"),
        (["gaps", "--service", "school", "--beyond-km", "7"], 1, "one of 0, 5, 10, 15, 20, 25 km"),
        (["heat"], 2, "'heat' is not one of"),
    ],
)
def test_what_makes_no_map_is_one_clear_error_and_no_file(draw, tmp_path, arguments, status, said):
    result = draw(*arguments, "-o", tmp_path / "x.html")
    assert result.exit_code == status, result.output
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(draw, tmp_path):
    output = tmp_path / "m.svg"
    output.write_text("mine")
    assert "--overwrite" in draw("coverage", "-o", output).stderr
    assert output.read_text() == "mine"
    assert draw("coverage", "-o", output, "--overwrite").exit_code == 0
    refused = draw("coverage", "-o", tmp_path / "m.docx")
    assert refused.exit_code == 1
    assert ".html, .png, .svg, .pdf" in " ".join(refused.stderr.split())


def test_nothing_is_left_where_drawing_fails(draw, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise OSError("the disk is gone")

    monkeypatch.setattr("geo_service.cli.map.printed_bytes", broken)
    assert draw("coverage", "-o", tmp_path / "m.png").exit_code == 1
    assert not list(tmp_path.iterdir())
