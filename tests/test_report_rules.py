"""By which rules the report says something: rising, falling, largest, tied, hidden, not known."""

from __future__ import annotations

import pytest
from report_texts import MadeSheets, made, said

from geo_service.release.manifest import Input
from geo_service.report.sections.about import about_sections
from geo_service.report.sections.common import leaders
from geo_service.report.sections.comparison import comparison_sections
from geo_service.report.sections.front import front
from geo_service.report.sections.informants import informant_sections
from geo_service.report.sections.sources import source_sections
from geo_service.report.sections.summary import summary_sections
from geo_service.vocabulary import Language

COMPARED = {
    "villages_both": 10,
    "villages_lost": 0,
    "villages_gained": 0,
    "villages_earlier": 10,
    "villages_later": 10,
    "villages_same": 10,
}


def change(group="returnees", **numbers):
    label = group.capitalize()
    earlier, later = numbers.get("earlier"), numbers.get("later")
    moved = None if earlier is None or later is None else later - earlier
    relative = moved / earlier if moved is not None and earlier else None
    columns = {"earlier": earlier, "later": later, "change": moved, "change_relative": relative}
    of_all = {"individuals_earlier": earlier, "individuals_later": later, "change": moved}
    same = {f"same_{name}": value for name, value in columns.items()}
    return {"group": group, "label": label, **COMPARED, **of_all, "change_relative": relative, **same}


def changes(*rows, language="en"):
    return said(comparison_sections(made({"change_since_round_2": list(rows)}, language)), language)


@pytest.mark.parametrize(
    ("earlier", "later", "sentence"),
    [
        (100, 150, "Returnees: 150 individuals, 50% more than in Round 2 (100)."),
        (100, 99, "Returnees: 99 individuals, 1% fewer than in Round 2 (100)."),
        (2, 1, "Returnees: 1 individual, 50% fewer than in Round 2 (2)."),
        (100, 100, "Returnees: unchanged, 100 individuals as in Round 2."),
        (0, 7, "Returnees: 7 individuals, after none in Round 2."),
        (7, 0, "Returnees: none, after 7 individuals in Round 2."),
        (0, 0, "Returnees: none in either round."),
    ],
)
def test_rising_falling_and_unchanged_follow_from_the_numbers(earlier, later, sentence):
    assert sentence in changes(change(earlier=earlier, later=later)).split("\n")


@pytest.mark.parametrize("numbers", [{"earlier": 5}, {"later": 5}, {}])
def test_change_of_a_number_that_is_not_known_is_not_said(numbers):
    text = changes(change(**numbers))
    assert "Returnees:" not in text
    assert "Population groups in the same villages, by round" not in text


def test_other_villages_are_told_apart_from_change():
    row = change(earlier=10, later=30) | {"villages_lost": 1, "villages_gained": 5, "same_later": 12}
    row |= {"same_change": 2, "same_change_relative": 0.2}
    text = changes(row)
    assert "1 village was assessed in Round 2 only." in text
    assert "5 villages were assessed in Round 3 only." in text
    assert "Only the villages of both rounds show what changed" in text
    assert "Returnees: 12 individuals, 20% more than in Round 2 (10)." in text
    assert "Returnees: 30 individuals, 200% more than in Round 2 (10)." in text
    in_russian = changes(row, language="ru")
    assert "Только в раунде 2 обследован 1 населённый пункт." in in_russian
    assert "Только в раунде 3 обследовано 5 населённых пунктов." in in_russian


def role(name, informants, share, unknown=0):
    men = informants - unknown
    sexes = {"male": men, "female": 0, "unknown": unknown, "share_male": 1.0, "share_female": 0.0}
    return {"role": name, "label": name.capitalize(), "informants": informants, "share": share} | sexes


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        ([("a", 6, 0.6), ("b", 4, 0.4)], "More than half answered in this role: a (6; 60%). Next in number: b (4)."),
        ([("a", 5, 0.5), ("b", 3, 0.3), ("c", 2, 0.2)], "The most frequent role: a (5; 50%). Next in number: b (3) and c (2)."),
        ([("a", 5, 0.5), ("b", 5, 0.5)], "The most frequent roles: a and b (5 each; 50%)."),
        ([("a", 4, 0.4), ("b", 2, 0.2), ("c", 2, 0.2), ("d", 2, 0.2)], "The most frequent role: a (4; 40%)."),
        ([("a", 9, 1.0), ("b", 0, 0.0)], "More than half answered in this role: a (9; 100%)."),
    ],
)  # fmt: skip
def test_roles_are_said_by_their_numbers(roles, sentence):
    text = said(informant_sections(made({"key_informants": [role(*one) for one in roles]})))
    assert sentence in text.split("\n")


def sexes(*counts, total=True):
    names = ("male", "female", "unknown")
    return [
        {"sex": name, "informants": n, "share": n / sum(counts)} | ({"all_informants": sum(counts)} if total else {})
        for name, n in zip(names, counts, strict=True)
    ]  # fmt: skip


def test_unknown_sex_is_said_where_there_is_some():
    text = said(informant_sections(made({"key_informants_by_sex": sexes(5, 3, 2)})))
    assert (
        "Of all key informants, 50% were men (5) and 30% women (3); for 20% the sex is not known (2)." in text
    )
    text = said(informant_sections(made({"key_informants_by_sex": sexes(1, 3, 0)})))
    assert "Of all key informants, 25% were men (1) and 75% women (3)." in text
    assert "not known" not in text


def test_a_release_without_a_total_of_key_informants_says_none():
    text = said(informant_sections(made({"key_informants_by_sex": sexes(1, 3, 0, total=False)})))
    assert "interviewed" not in text
    assert "25% were men" in text


def group_row(individuals=100, unknown=0, present=4, suppressed=False):
    return {
        "group": "emigrants",
        "label": "Emigrants",
        "villages": 10,
        "villages_present": present,
        "villages_unknown": unknown,
        "individuals": individuals,
        "share_present": present / (10 - unknown),
        "suppressed": suppressed,
    }


def countries(*rows):
    return [{"code": code, "label": code, "individuals": n, "share": share} for code, n, share in rows]


def regions(*rows):
    return [{"pcode": code, "name": code, "individuals": n, "share": share} for code, n, share in rows]


def findings(language="en", **tables):
    return said(summary_sections(made({"groups": [group_row()], **tables}, language)), language)


def test_the_most_frequent_country_is_the_only_largest_one():
    clear = countries(("RUS", 60, 0.6), ("TUR", 30, 0.3), ("rest", 10, 0.1), ("unknown", 0, 0.0))
    assert "Most frequent country of destination: RUS (60%)." in findings(emigrants_top_countries=clear)
    tied = countries(("RUS", 45, 0.45), ("TUR", 45, 0.45), ("rest", 10, 0.1))
    assert "Most frequent country" not in findings(emigrants_top_countries=tied)
    other = countries(("other", 60, 0.6), ("TUR", 40, 0.4))
    assert "Most frequent country" not in findings(emigrants_top_countries=other)


def test_no_region_is_called_the_largest_where_a_hidden_one_could_be():
    hidden = regions(("A", 40, 0.4), ("B", 20, 0.2), ("C", None, None))
    assert "Region" not in findings(emigrants_by_region=hidden)
    for certain in (
        (("A", 60, 0.6), ("B", None, None)),
        (("A", 40, 0.4), ("B", 35, 0.35), ("C", None, None)),
    ):
        said_of_it = findings(emigrants_by_region=regions(*certain))
        assert f"Region that the largest number left: A ({certain[0][1]}%)." in said_of_it
    tied = regions(("A", 50, 0.5), ("B", 50, 0.5))
    assert "Region" not in findings(emigrants_by_region=tied)


def test_a_group_whose_number_is_hidden_or_not_known_is_not_counted():
    text = said(summary_sections(made({"groups": [group_row(None, suppressed=True)]})))
    assert "Key informants reported, in individuals" not in text
    assert "Emigrants: reported in 4 of 10 villages (40%)." in text
    unasked = said(summary_sections(made({"groups": [group_row(unknown=2)]})))
    assert "Emigrants: reported in 4 villages, 50% of those that were asked about the group." in unasked
    none = said(summary_sections(made({"groups": [group_row(0, present=0)]})))
    assert "Emigrants: reported in no village." in none


def service(name, share, without=7):
    return {"service": name, "label": name.capitalize(), "share_with": share, "villages_without": without}


def test_the_service_that_the_smallest_share_has_is_said_with_the_households_far_from_it():
    services = [service("hospital", 0.3, 1), service("school", 0.9)]
    far = [{"service": "hospital", "band": ">25", "households": 21}]
    text = findings(services=services, households_without_service=far)
    assert (
        "Service that the smallest share of communities has: hospital (30%). 1 community is reported to be without it."
        in text
    )
    assert (
        "For 21 households of these communities the nearest one is reported to be more than 25 km away."
        in text
    )
    in_russian = findings("ru", services=services, households_without_service=far)
    assert (
        "По сообщениям, этой услуги нет в 1 сообществе. По сообщениям, для 21 домохозяйства этих сообществ"
        in in_russian
    )
    tied = findings(services=[service("hospital", 0.3), service("school", 0.3)])
    assert "smallest share" not in tied
    hidden = findings(services=[*services, service("market", None)])
    assert "smallest share" not in hidden


def test_a_release_with_nothing_of_a_part_has_no_such_part():
    empty = made({})
    assert summary_sections(empty) == informant_sections(empty) == comparison_sections(empty) == []
    assert [one.title for one in about_sections(empty)] == ["About the Mobility Tracking Matrix"]


def test_a_leader_needs_a_number_above_zero():
    rows = MadeSheets({"t": [{"n": 0, "share": None}]}, "en").get("t").rows
    assert leaders(rows, "n") == []
    assert leaders([], "n") == []


@pytest.mark.parametrize(
    ("days", "subtitle"),
    [
        ((None, None), "Round 3, Kazakhstan: village level"),
        (("2024-05-02",) * 2, "Round 3, Kazakhstan: village level, May 2, 2024"),
    ],
)
def test_the_cover_says_no_days_that_are_not_known(days, subtitle):
    source = made(
        {"coverage": [coverage()]}, round=dict(zip(("collected_from", "collected_to"), days, strict=True))
    )
    assert front(source).subtitle == subtitle
    assert ("Data were collected on May 2, 2024." in said(summary_sections(source))) == (days[0] is not None)


def coverage(synthetic=0):
    return {
        "villages": 10,
        "villages_synthetic": synthetic,
        "villages_uncounted": 0,
        "villages_located": 10,
        "households": 50,
        "population": None,
    }


def test_the_cover_says_whether_all_or_some_data_are_synthetic():
    synthetic = {"synthetic": True, "country": "XXA"}
    assert front(made({"coverage": [coverage(3)]}, round=synthetic)).banners == (
        "Partly synthetic data: the answers about some villages are made up, not surveyed",
    )
    assert front(made({"coverage": [coverage(10)]}, round=synthetic)).banners == (
        "Synthetic data: made up, not surveyed",
    )
    cover = front(made({"coverage": [coverage()]}, round={"country": "XXA"}))
    assert (cover.banners, cover.subtitle) == ((), "Round 3, XXA: village level")


def test_a_total_that_is_not_known_is_not_said():
    text = said(summary_sections(made({"coverage": [coverage(3)]})))
    assert "inhabitants" not in text
    assert "the answers about 3 of 10 villages are made up" in text


def test_sources_name_inputs_licences_and_what_was_measured():
    source = made(
        {},
        inputs=(
            Input(role="round", name="B2.xlsx", sha256="ab" * 32),
            Input(role="new", name="x", sha256="0" * 64),
        ),
        licences=("Settlements: GeoNames, CC BY 4.0",),
        parameters={"bands": {"edges_km": [2.5, 10.0]}, "presence_km": 2.0},
        notes=({Language.EN: "The facilities are synthetic.", Language.RU: "", Language.KK: ""},),
        about={"access": {"basis": "measured"}},
    )
    text = said(source_sections(source))
    assert "Answers of this round: B2.xlsx (abababababab)" in text
    assert "new: x (000000000000)" in text
    assert "Settlements: GeoNames, CC BY 4.0" in text
    assert "Bands end at 2.5 and 10 km" in text
    assert "no farther than 2 km" in text
    assert "not by road" in text
    assert "The facilities are synthetic." in text
    bare = said(source_sections(made({}, about={"access": {"basis": "measured"}})))
    assert "Computed from the points of villages and of facilities.\n" in bare
    assert "not by road" not in said(source_sections(made({})))


def test_the_public_is_told_of_no_file_of_answers():
    inputs = [Input(role=role, name=f"{role}.gpkg", sha256="ab" * 32) for role in ("boundaries", "round")]
    text = said(source_sections(made({}, inputs=tuple(inputs), about={"groups": {"edition": "public"}})))
    assert "boundaries.gpkg" in text
    assert "round.gpkg" not in text


def test_a_public_edition_that_does_not_say_its_limits_says_what_it_is():
    text = said(source_sections(made({}, about={"groups": {"edition": "public"}})))
    assert "Small numbers are suppressed, and others from which they could be worked out." in text
