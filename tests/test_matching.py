"""Units by code or name: what is certain is taken, what is only alike is proposed, and nothing is ever taken wrongly."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from frames import text
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.findings import Findings
from geo_service.ingest.boundaries.columns import UnitColumns
from geo_service.ingest.boundaries.load import load_boundaries, read_admin_units
from geo_service.settings import BoundarySettings
from geo_service.spatial.matching import match_units
from geo_service.spatial.similarity import MOST_PROPOSALS, name_stem, pair_similarity, similarity

# The P-codes of COD-AB in their order, 001 and up, and the code that geokz has for each; found by reading the names side by side.
SAME_DISTRICTS = {
    "KAZ001": "103200 103400 103600 103800 104000 104400 101800 101000 104600 104200",
    "KAZ002": "113200 113400 113600 113800 114500 114000 117000 114400 114600 114800 111000 116000 116400 116800 111800 116600 "
    "115600 115200 115400",
    "KAZ003": "151000 153200 153400 153600 154000 156000 154200 154600 154800 155200 156400 155600 156800",
    "KAZ004": "751210 751110 751310 751410 751510 751710 751810 751910",
    "KAZ005": "193600 194000 196800 195200 194400 191000 195800 196200 196600 194200",
    "KAZ006": "711110 711410 711310 711210",
    "KAZ007": "231000 234000 234200 234600 234800 235200 235600 233600",
    "KAZ008": "634800 634000 635400 635200 632400 635600 636800 635800 636200 631000 634600",
    "KAZ009": "313600 314800 315400 315600 316000 316600 316200 311000 315000 314000 314200",
    "KAZ010": "333200 333400 333600 334400 334000 334200 334600 334800 331000 331800",
    "KAZ011": "353200 353600 351600 354000 351000 354800 355200 355600 352100 352200 352800 356400 352400",
    "KAZ012": "393200 393400 391600 393600 394000 396800 394800 395000 395200 391000 395400 392000 395600 395800 392400 396200 "
    "396400 396600 394200 394400",
    "KAZ013": "433200 431900 434600 434400 431000 435200 434800 433600 434000",
    "KAZ014": "471000 473600 474200 474600 475000 475200 471800",
    "KAZ015": "593200 595800 593400 594200 596600 593600 595200 591000 595000 595600 596000 596200 596400 594600",
    "KAZ016": "551600 553200 553600 552200 554600 555200 555600 551000 556000 556800 554800 556400 554200",
    "KAZ017": "791110 791310 791510 791710",
    "KAZ018": "611600 613600 614000 613900 612000 614400 614600 614800 615400 615200 616400 615600 615800 616000 611000 613800",
    "KAZ019": "621000 621800 622010 623800 623600",
    "KAZ020": "273200 275400 273600 275000 274800 276600 275800 276000 276200 271000 274400 274000 274200",
}
# Among them those with a new name: Beimbet Mailin was Taran until 2019, Akkuly Lebyazhye until 2018, Baiterek Zelenov until 2018.
RENAMED = {"KAZ012017", "KAZ016006", "KAZ020011"}
# Made since COD-AB's division: Zhanasemey, Maqanshy, Kosshy, Alatau (city), Nura (Astana), Turan (Shymkent).
ONLY_IN_GEOKZ = {"KZ101010", "KZ104500", "KZ111600", "KZ191800", "KZ711510", "KZ791910"}


def named_units(names, parents=None, **columns):
    """Units U0, U1, … with (en, ru, kk) names."""
    english, russian, kazakh = zip(*names, strict=True)
    count = len(names)
    return gpd.GeoDataFrame(
        {
            "pcode": text([f"U{number}" for number in range(count)]),
            "level": np.full(count, 2, dtype="int64"),
            "parent_pcode": text(["R1"] * count if parents is None else parents),
            "name_en": text(english),
            "name_ru": text(russian),
            "name_kk": text(kazakh),
            "kato": text([None] * count),
            "iso3166_2": text([None] * count),
            "valid_on": text([None] * count),
        }
        | columns,
        geometry=[shapely.box(at, 0, at + 1, 1) for at in range(count)],
        crs="EPSG:4326",
    )


DISTRICTS = named_units(
    [
        ("Abay", "Абайский", "Абай"),
        ("Kostanay", "Костанай", "Қостанай"),
        ("Kostanay", "Костанайский", "Қостанай"),
        ("Zhezkazgan", "Жезказган", "Жезқазған"),
        ("Abay", "Абайский район", "Абай ауданы"),
    ],
    ["R1", "R1", "R1", "R1", "R2"],
    kato=text(["350000000", "360000000", None, None, "370000000"]),
)


def match(names, parents=None, units=DISTRICTS):
    return match_units(pd.Series(text(names)), units, None if parents is None else pd.Series(text(parents)))


def one(name, parent="R1", units=DISTRICTS):
    return match([name], [parent], units).iloc[0]


# Codes


@pytest.mark.parametrize("said", ["U0", "u0", " U0 ", "350000000"])
def test_a_code_is_taken_whatever_its_case(said):
    assert tuple(one(said)[["pcode", "by"]]) == ("U0", "code")


def test_a_code_of_another_parent_is_proposed_and_not_taken():
    found = one("370000000")
    assert pd.isna(found["pcode"])
    assert [(each.pcode, each.score) for each in found["proposals"]] == [("U4", 100)]


# Names


@pytest.mark.parametrize(
    "said", ["Abay", "ABAI DISTRICT", "Абай ауданы", "Абайский р-н", "Abaj", "район Абай", "Аbай"]
)
def test_a_name_in_any_language_and_spelling_is_taken(said):
    assert tuple(one(said)[["pcode", "by"]]) == ("U0", "name")
    assert one(said)["proposals"] == ()


@pytest.mark.parametrize("said", ["Jezkazgan", "Жезқазған", "Zhezqazghan", "Джезказган", "Jezqazğan"])
def test_a_name_is_taken_by_any_usual_transliteration(said):
    assert one(said)["pcode"] == "U3"


def test_a_name_counts_in_its_own_parent_only():
    assert match(["Abay", "Abay"], ["R1", "R2"])["pcode"].tolist() == ["U0", "U4"]
    assert pd.isna(one("Abay", None)["pcode"])
    assert pd.isna(one("Zhezkazgan", "R2")["pcode"])
    assert one("Zhezkazgan", None)["pcode"] == "U3"


def test_a_city_and_a_district_of_one_name_are_told_by_the_word_beside_it():
    assert one("Kostanay District")["pcode"] == "U2"
    assert one("Қостанай ауданы")["pcode"] == "U2"
    assert one("г. Костанай")["pcode"] == "U1"
    bare = one("Kostanay")
    assert pd.isna(bare["pcode"])
    assert {each.pcode for each in bare["proposals"][:2]} == {"U1", "U2"}


def test_a_city_is_not_taken_for_a_district():
    units = named_units([("Arys", "город Арысь", "Арыс қаласы")])
    found = one("Arys District", units=units)
    assert pd.isna(found["pcode"])
    assert found["proposals"][0].pcode == "U0"
    assert one("Arys", units=units)["pcode"] == "U0"


def test_what_some_rows_call_a_city_and_others_a_district_is_neither():
    units = named_units([("Balkhash", None, None)])
    assert match(["г. Балкаш", "Balkash"], units=units)["pcode"].tolist() == [pd.NA, pd.NA]
    units = named_units([("Balkash", None, None)])
    assert match(["г. Балкаш", "Balkash"], units=units)["pcode"].tolist() == ["U0", "U0"]
    assert match(["г. Балкаш", "Балкаш ауданы"], units=units)["pcode"].isna().all()


def test_initials_stand_for_a_long_name():
    units = named_units(
        [
            ("North Kazakhstan Region", "Северо-Казахстанская область", "Солтүстік Қазақстан облысы"),
            ("West Kazakhstan Region", "Западно-Казахстанская область", "Батыс Қазақстан облысы"),
        ]
    )
    assert match(["СКО", "ЗКО", "БҚО", "NKR"], units=units)["pcode"].tolist() == ["U0", "U1", "U1", "U0"]


def test_a_misspelt_name_is_proposed_and_never_taken():
    found = one("Zhezkasgan")
    assert pd.isna(found["pcode"])
    assert pd.isna(found["by"])
    assert found["proposals"][0].pcode == "U3"
    assert found["proposals"][0].name == "Zhezkazgan"
    assert 80 < found["proposals"][0].score < 100


def test_a_unit_with_a_new_name_is_proposed_once_the_others_of_its_parent_are_named():
    units = named_units([("Taskala", None, None), ("Syrym", None, None), ("Baiterek", None, None)])
    found = match(["Taskala", "Syrym", "Zelenov District"], ["R1"] * 3, units)
    assert [each.pcode for each in found["proposals"][2]] == ["U2"]
    assert match(["Zelenov District"], units=units)["proposals"][0] == ()


def test_without_a_name_or_units_nothing_is_found():
    found = match([None, "", "  ", "Abay", "№"], units=DISTRICTS.iloc[:0])
    assert found["pcode"].isna().all()
    assert set(found["proposals"]) == {()}


def test_rows_keep_their_index_and_those_alike_their_answer():
    declared = pd.Series(text(["Abay", None, "Zhezkasgan", "Abay", "Zhezkasgan"]), index=[9, 3, 3, 7, 1])
    found = match_units(declared, DISTRICTS, pd.Series(text(["R1", "R1", "R1", "R2", "R1"])))
    assert found.index.tolist() == [9, 3, 3, 7, 1]
    assert found["pcode"].astype(object).where(found["pcode"].notna(), None).tolist() == [
        "U0",
        None,
        None,
        "U4",
        None,
    ]
    assert found["proposals"].iloc[2] == found["proposals"].iloc[4] != ()
    assert found.dtypes.astype(str).tolist() == ["string", "string", "object"]


def test_as_many_rows_as_a_large_round_has_are_matched_once_a_distinct_value():
    names = pd.Series(text(["Abay", "Zhezkasgan", "Kostanay District"])).sample(
        124_500, replace=True, random_state=1
    )
    found = match_units(names, DISTRICTS, pd.Series(text(["R1"] * len(names))))
    assert found["pcode"].isna().sum() == (names == "Zhezkasgan").sum()


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            ["Abay", "Абайский район", "Kostanay", "г. Костанай", "Жезқазған", "Abuy", "", None, "U1", "X"]
        )
    ),
    st.sampled_from(["R1", "R2", None]),
)
def test_what_a_row_gets_is_of_its_parent_and_bears_its_name_or_code(names, parent):
    found = match(names, [parent] * len(names))
    taken = found.dropna(subset=["pcode"])
    codes = DISTRICTS.set_index("pcode")
    assert parent is None or set(codes["parent_pcode"].reindex(taken["pcode"])) <= {parent}
    assert all(len(proposals) <= MOST_PROPOSALS for proposals in found["proposals"])
    assert all(proposals == () for proposals in taken["proposals"])
    assert "Abuy" not in [names[at] for at in taken.index]


# How alike names are


def test_names_that_differ_in_a_number_are_at_most_half_alike():
    scores = similarity(["razezd5", "almati"], ["razezd7", "razezd5", "almati"])
    assert scores[0].tolist() == [pytest.approx(43, abs=1), 100, pytest.approx(0, abs=15)]
    assert scores[1, 2] == 100
    assert pair_similarity(["razezd5", "a"], ["razezd7", "a"]).tolist() == [scores[0, 0], 100]


def test_an_adjective_is_nearly_its_stem():
    assert name_stem("kostanaiski") == name_stem("kostanaiskaia") == name_stem("kostanaiskoe") == "kostanai"
    assert name_stem("uski") == "uski"
    assert 95 < similarity(["kostanaiski"], ["kostanai"])[0, 0] < 100


# Real names


@pytest.fixture(scope="module")
def geokz(real_data):
    columns = UnitColumns.named(
        2,
        pcode="ADM2_PCODE",
        parent_pcode="ADM1_PCODE",
        name_en="ADM2_EN",
        name_ru="ADM2_RU",
        name_kk="ADM2_KK",
    )
    path = real_data / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    return read_admin_units(path, columns, findings=Findings(), level=2)


@pytest.fixture(scope="module")
def cod_ab(real_data):
    """COD-AB's districts, by P-code: name, parent as geokz has it, and the geokz code of the same district."""
    table = pd.read_csv(real_data / "kaz_pcodes" / "kaz_pcodes_adm1_adm2.csv", skiprows=[1], dtype="string")
    districts = table[table["Admin Level"] == "2"].set_index("P-Code")
    regions = pd.read_csv(real_data / "kaz_pcodes" / "kaz_adm1_crosswalk.csv", dtype="string")
    same = {
        f"{region}{number:03}": f"KZ{code}"
        for region, codes in SAME_DISTRICTS.items()
        for number, code in enumerate(codes.split(), start=1)
    }
    return pd.DataFrame(
        {
            "name": districts["Name"],
            "parent": districts["Parent P-Code"].map(regions.set_index("ADM1_PCODE")["geokz_pcode"]),
            "same": pd.Series(same, dtype="string"),
        }
    )


@pytest.mark.real_data
def test_each_district_of_cod_ab_has_its_own_in_geokz(cod_ab, geokz):
    assert len(cod_ab) == 218
    assert cod_ab["same"].is_unique
    assert set(geokz["pcode"]) - set(cod_ab["same"]) == ONLY_IN_GEOKZ
    parents = geokz.set_index("pcode")["parent_pcode"].reindex(cod_ab["same"])
    assert parents.tolist() == cod_ab["parent"].tolist()


@pytest.mark.real_data
def test_200_of_218_districts_match_exactly_none_wrongly_and_the_rest_are_proposed(cod_ab, geokz):
    found = match_units(cod_ab["name"], geokz, cod_ab["parent"])

    taken = found["pcode"].notna()
    assert taken.sum() == 200
    assert (found["pcode"][taken] == cod_ab["same"][taken]).all()
    proposed = [
        same in [each.pcode for each in proposals]
        for same, proposals in zip(cod_ab["same"][~taken], found["proposals"][~taken], strict=True)
    ]
    assert all(proposed)
    assert set(found.index[~taken]) >= RENAMED


@pytest.mark.real_data
@pytest.mark.parametrize("column", ["name_en", "name_ru", "name_kk"])
def test_geokz_names_of_each_language_are_never_taken_for_another_district(geokz, column):
    named = geokz.dropna(subset=[column])
    found = match_units(named[column], geokz, named["parent_pcode"])
    taken = found["pcode"].notna()
    assert (found["pcode"][taken] == named["pcode"][taken]).all()
    assert taken.mean() > 0.95


@pytest.fixture(scope="module")
def regions():
    return load_boundaries("kaz-adm1", BoundarySettings(), findings=Findings())


@pytest.mark.parametrize(
    ("said", "pcode"),
    [
        ("Aqmola", "KAZ002"), ("Abai Region", "KAZ001"), ("Zhetysu Region", "KAZ010"), ("Zhambyl", "KAZ009"), ("Atyrau Oblisi", "KAZ007"),
        ("область Абай", "KAZ001"), ("Абайская область", "KAZ001"), ("Жетісу облысы", "KAZ010"), ("Жетысу", "KAZ010"),
        ("область Жетісу", "KAZ010"), ("Ұлытау", "KAZ019"), ("область Улытау", "KAZ019"), ("г. Алматы", "KAZ004"),
        ("Almaty Region", "KAZ005"), ("Алматы облысы", "KAZ005"), ("Алматинская область", "KAZ005"), ("СКО", "KAZ015"),
        ("ШҚО", "KAZ008"), ("Qarağandı oblısı", "KAZ011"), ("Karagandy Oblast", "KAZ011"), ("KZ-47", "KAZ014"), ("470000000", "KAZ014"),
    ],
)  # fmt: skip
def test_regions_are_known_by_their_usual_names(regions, said, pcode):
    assert match([said], units=regions)["pcode"][0] == pcode


@pytest.mark.parametrize("said", ["Almaty", "Алматы"])
def test_almaty_alone_may_be_the_city_or_the_region(regions, said):
    found = match([said], units=regions).iloc[0]
    assert pd.isna(found["pcode"])
    assert {each.pcode for each in found["proposals"][:2]} == {"KAZ004", "KAZ005"}


@pytest.mark.parametrize("said", ["Baikonur", "Нур-Султан", "Южно-Казахстанская область", "Туркестан"])
def test_what_is_no_name_of_a_region_of_today_is_not_taken(regions, said):
    assert pd.isna(match([said], units=regions)["pcode"][0])
