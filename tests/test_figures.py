"""Published figures read from JSON, with one clear error where they are not of that form."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from geo_service.demo.figures import ROUND_3_PATH, read_figures
from geo_service.errors import InputError
from geo_service.vocabulary import Band, PopulationGroup, Service

ROUND_3 = json.loads(ROUND_3_PATH.read_text(encoding="utf-8"))


def write(folder, **changes):
    path = folder / "figures.json"
    path.write_text(json.dumps(ROUND_3 | changes), encoding="utf-8")
    return path


def test_the_figures_of_round_3_are_read():
    figures = read_figures()
    assert list(figures.groups()) == list(PopulationGroup)
    assert figures.groups()[PopulationGroup.LABOUR_MIGRANTS].by_country["UZB"] == 491_284
    assert figures.emigrants.by_country["RUS"] == 8_649
    assert figures.round.days == (date(2023, 12, 1), date(2024, 1, 31))
    assert figures.round.country == "KAZ"
    assert "IOM" in figures.source


def test_shares_keep_the_decimals_they_are_printed_with():
    sexes = read_figures().key_informants.share_by_sex
    assert str(sexes["male"]) == "67.4"
    assert read_figures().returnees.share_by_sex["male"] == Decimal(74)


def test_cells_of_a_service_are_by_band_without_their_printed_total():
    services = read_figures().service_access
    cells = services.households(Service.HOSPITAL)
    assert list(cells) == list(Band)
    assert sum(cells.values()) == 536_751
    assert services.households_by_distance_km[Service.HOSPITAL]["total_printed"] == 522_046
    assert services.model_copy(update={"households_by_distance_km": {}}).households(Service.HOSPITAL) == {}


def test_a_band_that_is_not_printed_has_no_households(tmp_path):
    path = write(tmp_path, service_access={"households_by_distance_km": {"school": {">25": 4}}})
    assert list(read_figures(path).service_access.households(Service.SCHOOL).values()) == [0, 0, 0, 0, 0, 4]


def test_days_may_be_printed_where_months_may(tmp_path):
    path = write(
        tmp_path, round={"number": 1, "from": "2030-02-03", "to": "2030-02-28", "villages_assessed": 1}
    )
    assert read_figures(path).round.days == (date(2030, 2, 3), date(2030, 2, 28))


def test_groups_that_are_not_printed_are_not_there(tmp_path):
    path = write(tmp_path, emigrants=None)
    assert PopulationGroup.EMIGRANTS not in read_figures(path).groups()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"returnees": {"individuals": -1}}, "returnees.individuals: Input should be greater than or equal to 0"),
        ({"returnees": {"individuals": "many"}}, "returnees.individuals: Input should be a valid integer"),
        ({"returnees": {}}, "returnees.individuals: Field required"),
        ({"returnees": {"individuals": 1, "by_regoin": {}}}, "returnees.by_regoin: Extra inputs are not permitted"),
        ({"returnees": {"individuals": 1, "share_by_sex": {"man": 1}}}, "returnees.share_by_sex.man: Input should be 'male'"),
        ({"returnees": {"individuals": 1, "share_by_sex": {"male": 101}}}, "share_by_sex.male: .*less than or equal to 100"),
        ({"returnees": {"individuals": 1, "by_country": {"RU": 1}}}, "returnees.by_country.RU: .*'RU' is no ISO 3166-1"),
        ({"returnees": {"individuals": 1, "by_year": {"last": 1}}}, "returnees.by_year.last: String should match"),
        ({"round": {"number": 1, "from": "2030-13", "to": "2030-12", "villages_assessed": 1}}, "round.from: .*month must be in"),
        ({"regions": {}}, "regions: Dictionary should have at least 1 item"),
        ({"service_access": {"households_by_distance_km": {"school": {"0-4": 1}}}}, r"households_by_distance_km.school.0-4"),
        ({"surprise": 1, "returnees": {}}, r"\(and 1 more\)"),
    ],
)  # fmt: skip
def test_what_is_not_of_that_form_gets_one_error_that_says_where(tmp_path, changes, message):
    with pytest.raises(InputError, match=f"figures.json: .*{message}"):
        read_figures(write(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{}", b"[]"])
def test_what_is_no_json_object_is_refused(tmp_path, content):
    path = tmp_path / "figures.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"figures.json: "):
        read_figures(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_figures(tmp_path / "none.json")
