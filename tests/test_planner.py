"""The planner's page: its numbers are those of the API, for each role what that may see, in each language, and all of it is in the URL."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from string import Formatter
from typing import TYPE_CHECKING

import lxml.html
import pytest
from api import client_of
from api_world import REGIONS, VILLAGES, world
from planner_page import all_of, page_of, parsed, rows_of, texts
from starlette.datastructures import QueryParams

from geo_service.api.security.roles import Role
from geo_service.maps.numbers import Numbers
from geo_service.report.written import ReportFormat
from geo_service.vocabulary import LANGUAGES, Language, PopulationGroup, Service
from geo_service.web.planner.labels import LABELS
from geo_service.web.planner.order import name_order
from geo_service.web.planner.state import Ask, Order, Sort, State, state_of
from geo_service.web.planner.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

__all__ = ["world"]

pytestmark = pytest.mark.xdist_group("api world")

SECRET = re.compile(r"9900000\d\d|9900001\d\d|Synthetic village")
QUESTIONS = (
    "service=hospital",
    "service=school&basis=measured&beyond_km=10",
    "service=market&basis=reported&beyond_km=20",
    "service=hospital&basis=measured&adm=KAZ901",
    "service=internet&adm=KAZ902001",
)


@pytest.fixture(scope="module", name="analyst")
def _analyst(world: Path) -> Iterator[TestClient]:
    with client_of(world, Role.ANALYST) as client:
        yield client


@pytest.fixture(scope="module", name="public")
def _public(world: Path) -> Iterator[TestClient]:
    with client_of(world, Role.PUBLIC) as client:
        yield client


def number(text: str) -> int:
    return int(text.replace(",", ""))


# Numbers


@pytest.mark.parametrize("query", QUESTIONS)
def test_the_numbers_at_the_top_are_those_of_the_answer_by_api(analyst: TestClient, query: str) -> None:
    about = analyst.get(f"/access/gaps?{query}").json()["about"]
    page = page_of(analyst, query)
    found = all_of(page, "#found")[0].text_content()
    for name in ("communities", "of_communities", "households", "of_households"):
        assert Numbers(Language.EN).count(about[name]) in found, name
    figures = texts(page, ".figures strong")
    assert [number(one) for one in figures[:2]] == [about["communities"], about["households"]]


@pytest.mark.parametrize("query", QUESTIONS)
def test_the_totals_are_those_of_the_api_and_add_up_to_the_top(analyst: TestClient, query: str) -> None:
    page = page_of(analyst, f"{query}&by=district")
    (link,) = {one.get("href") for one in all_of(page, ".about a") if "/access/totals" in one.get("href")}
    rows = analyst.get(link).json()["rows"]
    assert rows
    shown = {row[0]: [number(one) for one in row[1:5]] for row in rows_of(page, ".totals")}
    for row in rows:
        name = row["name"] or row["pcode"] or words_of(Language.EN)["no_unit"]
        numbers = [
            row[one] for one in ("villages", "villages_without", "villages_unknown", "households_without")
        ]
        assert shown[name] == numbers
    if "adm" not in query:
        about = analyst.get(f"/access/gaps?{query}").json()["about"]
        assert sum(row["villages_without"] for row in rows) == about["communities"]
        assert sum(row["households_without"] for row in rows) == about["households"]
        assert sum(row["villages"] for row in rows) == about["of_communities"] == VILLAGES


@pytest.mark.parametrize("by", ["country", "region", "district"])
@pytest.mark.parametrize(
    "query", ["service=hospital", "service=market&beyond_km=20", "service=school&basis=measured&beyond_km=5"]
)
def test_the_public_is_shown_the_same_totals_but_for_what_is_hidden(
    analyst: TestClient, public: TestClient, query: str, by: str
) -> None:
    url = f"/access/totals?{query}&by={by}"
    whole = {row["pcode"]: row for row in analyst.get(url).json()["rows"]}
    guarded = {row["pcode"]: row for row in public.get(url).json()["rows"]}
    assert guarded.keys() == whole.keys()
    hidden = 0
    for code, row in guarded.items():
        for name in ("villages", "villages_without", "villages_unknown", "households", "households_without"):
            if row[name] is None:
                hidden += 1
                assert row["suppressed"], (code, name)
            else:
                assert row[name] == whole[code][name], (code, name)
    assert hidden < len(guarded)


def test_what_the_public_is_not_told_is_not_zero(public: TestClient) -> None:
    page = page_of(public, "service=hospital&basis=measured")
    assert "not published" in all_of(page, "#found")[0].text_content()
    assert "not known" in all_of(page, "#found")[0].text_content()
    problem = public.get("/access/totals?service=hospital&basis=measured&beyond_km=7")
    assert problem.status_code == 404
    assert problem.json()["allowed"] == ["0", "5", "10", "15", "20", "25"]


@pytest.mark.parametrize("group", ["returnees", "emigrants"])
def test_a_group_is_where_the_api_says(analyst: TestClient, public: TestClient, group: str) -> None:
    for client in (analyst, public):
        rows = client.get(f"/mobility/concentration?group={group}&by=region").json()["rows"]
        shown = {row[0]: row[1] for row in rows_of(page_of(client, f"ask=mobility&group={group}"), ".totals")}
        for row in rows:
            people = row["individuals"]
            assert shown[row["name"] or words_of(Language.EN)["no_unit"]] == (
                "hidden" if people is None else Numbers(Language.EN).count(people)
            )


# Communities


def test_the_public_sees_no_community_and_is_told_why_and_how(public: TestClient) -> None:
    for query in (
        *QUESTIONS,
        "q=Synthetic+village+8",
        "select=990000008",
        "page=all",
        "ask=mobility",
        "sort=name",
    ):
        (main,) = all_of(page_of(public, query), "main")
        # The way back after signing in is the address as it was asked.
        shown = re.sub(r'next=[^"]*', "", lxml.html.tostring(main, encoding="unicode"))
        assert not SECRET.search(shown), query
    page = page_of(public)
    assert not all_of(page, "#communities, #q")
    assert "signed-in analysts and editors" in all_of(page, ".closed")[0].text_content()
    assert all_of(page, ".closed a")[0].get("href").startswith("http://testserver/sign-in?next=/")


def test_communities_are_those_of_the_api_sorted_and_paged(analyst: TestClient) -> None:
    url = "/access/gaps?service=market&basis=measured&limit=1000"
    rows = analyst.get(url).json()["rows"]
    query = "service=market&basis=measured&page=all"
    ids = [one.get("data-id") for one in all_of(page_of(analyst, query), "#communities tbody tr")]
    assert len(ids) > 50
    assert set(ids) == {row["village_id"] for row in rows}
    by_id = {row["village_id"]: row for row in rows}
    for sort, column in (
        (Sort.HOUSEHOLDS, "households"),
        (Sort.KM, "distance_m"),
        (Sort.DISTRICT, "adm2_name"),
    ):
        for order in Order:
            page = page_of(analyst, f"{query}&sort={sort}&order={order}")
            values = [by_id[one.get("data-id")][column] for one in all_of(page, "#communities tbody tr")]
            known = [one for one in values if one is not None]
            assert values[: len(known)] == known, "what is not known comes last"
            keys = [name_order(one) if isinstance(one, str) else one for one in known]
            assert keys == sorted(keys, reverse=order is Order.DOWN)
            (heading,) = all_of(page, "#communities th[aria-sort]")
            assert heading.get("aria-sort") == ("descending" if order is Order.DOWN else "ascending")
    pages = []
    url = "/?service=market&basis=measured"
    while url:
        page = parsed(analyst.get(url).content)
        pages += [one.get("data-id") for one in all_of(page, "#communities tbody tr")]
        url = next(iter(one.get("href") for one in all_of(page, ".pages a[rel=next]")), None)
    assert pages == ids


def test_a_community_is_shown_on_the_page_that_has_it(analyst: TestClient) -> None:
    every = all_of(page_of(analyst, "service=market&basis=measured&page=all"), "#communities tbody tr")
    wanted = every[57].get("data-id")
    page = page_of(analyst, f"service=market&basis=measured&select={wanted}")
    (row,) = all_of(page, "tr[aria-current]")
    assert row.get("id") == f"v-{wanted}"
    assert "Page 2" in all_of(page, ".pages")[0].text_content()
    assert not all_of(page_of(analyst, "service=market&select=nobody"), "tr[aria-current]")


def test_names_are_found_in_any_letters_and_the_files_have_the_same_rows(analyst: TestClient) -> None:
    page = page_of(analyst, "service=market&basis=measured&q=ВИЛЛАГЕ+4")
    shown = [one.get("data-id") for one in all_of(page, "#communities tbody tr")]
    assert 0 < len(shown) < 40
    assert set(shown) == {
        one.get("data-id")
        for one in all_of(
            page_of(analyst, "service=market&basis=measured&q=village+4"), "#communities tbody tr"
        )
    }
    (link,) = [
        one.get("href")
        for one in all_of(page, ".files a")
        if one.get("href").endswith("f=ndjson") and "gaps" in one.get("href")
    ]
    lines = analyst.get(link).text.splitlines()
    assert len(lines) == len(shown)
    assert all(one in analyst.get(link).text for one in shown)
    nothing = page_of(analyst, "q=zzzz")
    assert "No community found here" in all_of(nothing, ".table-side .rows")[0].text_content()


@pytest.mark.parametrize("q", ["zzzzz", "eeeee", "ССССС", "село", "4", "e", "viLLage 4"])
def test_a_search_finds_on_the_page_what_it_finds_by_api_and_not_by_one_folded_letter(
    analyst: TestClient, q: str
) -> None:
    query = f"service=market&basis=measured&q={q}"
    rows = analyst.get(f"/access/gaps?{query}&limit=1000").json()["rows"]
    shown = all_of(page_of(analyst, f"{query}&page=all"), "#communities tbody tr")
    assert {one.get("data-id") for one in shown} == {row["village_id"] for row in rows}
    if len(set(q.casefold())) == 1 < len(q):
        assert not rows
    elif q.isascii():
        assert rows
        assert all(q[-1] in row["village_name"] for row in rows)


def test_the_region_is_not_said_again_of_each_community_of_one_region(analyst: TestClient) -> None:
    region = words_of(Language.EN)["region"]
    assert region in texts(page_of(analyst), "#communities thead th")
    for adm in (REGIONS[0], f"{REGIONS[0]}001"):
        assert region not in texts(
            page_of(analyst, f"service=market&basis=measured&adm={adm}"), "#communities thead th"
        )


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (Language.EN, "{number} of {total} communities"),
        (Language.RU, "{number} из {total} сообществ"),
        (Language.KK, "{total} ішінен {number} қауымдастық"),
    ],
)
def test_cards_are_said_in_the_order_and_case_of_the_language(
    analyst: TestClient, language: Language, line: str
) -> None:
    about = analyst.get("/access/gaps?service=hospital").json()["about"]
    count = Numbers(language).count
    said = line.format(number=count(about["communities"]), total=count(about["of_communities"]))
    page = page_of(analyst, f"lang={language}")
    assert texts(page, ".figures li")[0] == " ".join(said.split())
    assert texts(page, ".figures strong")[0] == " ".join(count(about["communities"]).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_planners_are_not_told_of_columns(analyst: TestClient, language: Language) -> None:
    notes = analyst.get(f"/access/gaps?service=hospital&lang={language}").json()["about"]["notes"]
    assert any("distance_m" in one for one in notes)
    said = texts(page_of(analyst, f"lang={language}"), ".about dd")
    assert not [one for one in said if "distance_m" in one]
    assert {" ".join(one.split()) for one in notes if "distance_m" not in one} <= set(said)


# The URL


def test_every_state_comes_back_from_its_url() -> None:
    states = [
        State(),
        State(
            service=Service.SCHOOL,
            beyond_km=12.5,
            adm="KAZ901",
            lang=Language.KK,
            q="ә & б",
            sort=Sort.KM,
            order=Order.UP,
        ),
        State(ask=Ask.MOBILITY, group=PopulationGroup.EMIGRANTS, round=2, page=0),
        State(select="990000008", page=3),
    ]
    for state in states:
        assert state_of(QueryParams(state.query())) == state
    assert state_of(QueryParams("beyond_km=&q=&adm=")) == State()
    assert State(page=3, q="a").with_(sort=Sort.NAME) == State(q="a", sort=Sort.NAME)


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.EDITOR])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "service=school&basis=measured&beyond_km=10&adm=KAZ902&lang=ru",
        "ask=mobility&group=returnees&by=district&round=2&lang=kk",
    ],
)
def test_every_link_of_the_page_answers(world: Path, role: Role, query: str) -> None:
    with client_of(world, role) as client:
        page = page_of(client, query)
        links = {one.get("href") for one in all_of(page, "a[href], link[href]")}
        links |= {one.get("src") for one in all_of(page, "script[src]")}
        links |= {all_of(page, "#planner-map")[0].get("data-map"), all_of(page, "#link")[0].get("value")}
        links |= {html.unescape(one) for one in re.findall(r'src="([^"]+)"', all_of(page, "#embed")[0].text)}
        links = {one for one in links if one and not one.startswith(("data:", "#"))}
        assert len(links) > 30
        of_rows = [one for one in sorted(links) if "select=" in one or ("adm=" in one and "/?ask" in one)]
        drawn = sorted(one for one in links if re.search(r"/maps/\w+\.(png|svg|pdf)", one))
        assert len(drawn) == 3
        # Drawing takes seconds, and so do reports, whose forms test_report_api asks for: one picture of each question and one workbook are enough.
        left_out = set(of_rows[2:]) | set(drawn if role is Role.PUBLIC else drawn[1:])
        reports = {one for one in links if "/reports/" in one}
        assert len(reports) == len(ReportFormat)
        assert len({re.sub(r"\.[a-z]+(?=\?)", "", one) for one in reports}) == 1
        left_out |= {one for one in reports if query or ".xlsx" not in one}
        for link in links - left_out:
            answer = client.get(html.unescape(link).split("#")[0])
            assert answer.status_code == 200, (link, answer.text[:300])


def test_forms_and_links_keep_the_rest_of_the_question(analyst: TestClient) -> None:
    page = page_of(
        analyst, "service=school&basis=measured&beyond_km=10&adm=KAZ902&lang=ru&round=3&q=synthetic"
    )
    chosen = {one.name: one.value for one in all_of(page, "#question select")}
    assert chosen["service"] == "school"
    assert chosen["beyond_km"] == "10"
    assert chosen["adm"] == "KAZ902"
    for link in all_of(page, "thead a"):
        state = state_of(QueryParams(link.get("href").partition("?")[2]))
        assert (state.service, state.beyond_km, state.adm, state.q) == (
            Service.SCHOOL,
            10.0,
            "KAZ902",
            "synthetic",
        )
    link = state_of(QueryParams(all_of(page, "#link")[0].get("value").partition("?")[2]))
    assert (link.lang, link.round) == (Language.RU, 3)


# Languages


def test_every_word_is_there_in_each_language_with_the_same_places() -> None:
    for name, wording in LABELS.items():
        places = [
            {part[1] for part in Formatter().parse(getattr(wording, one.value)) if part[1]}
            for one in LANGUAGES
        ]
        assert places[0] == places[1] == places[2], name
        assert all(getattr(wording, one.value).strip() for one in LANGUAGES), name
    for language in LANGUAGES:
        titles = {words_of(language).title_of(service, km) for service in Service for km in (None, "25")}
        assert len(titles) == 2 * len(Service)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_that_was_asked_for(analyst: TestClient, language: Language) -> None:
    page = page_of(analyst, f"lang={language}")
    assert page.get("lang") == language
    assert texts(page, "h1") == [words_of(language).title_of(Service.HOSPITAL, None)]
    assert {one.get("hreflang") for one in all_of(page, "a[hreflang]")} == set(LANGUAGES)
    accepted = analyst.get("/", headers={"Accept-Language": f"{language}-KZ, en;q=0.5"})
    assert accepted.headers["content-language"] == language
    if language is not Language.EN:
        text = all_of(page, "main")[0].text_content()
        assert not re.search(r"\b(communities|households|district|Totals|Search|Copy|hidden)\b", text)


# What is wrong


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("service=church", 400, "hospital, polyclinic"),
        ("beyond_km=-3", 400, "kilometres"),
        ("beyond_km=nan", 400, "kilometres"),
        ("page=x", 400, "whole number"),
        ("nothing=1", 400, "nothing"),
        ("service=school&service=hospital", 400, "more than once"),
        ("adm=KAZ999", 404, "KAZ999"),
        ("beyond_km=7", 404, "0, 5, 10"),
        ("round=9", 404, "rounds: 2, 3"),
        ("round=2&basis=measured", 404, "basis"),
        ("q=" + "a" * 101, 400, "100"),
        ("ask=%3Cscript%3E", 400, "access, mobility"),
        ("adm=%3Cscript%3Ealert(1)%3C/script%3E", 404, "P-code"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_on_a_page(
    analyst: TestClient, query: str, status: int, said: str
) -> None:
    page = page_of(analyst, f"{query}&lang=ru" if "lang" not in query else query, status)
    text = all_of(page, "main")[0].text_content()
    assert said in text
    assert words_of(Language.RU)["wrong"] in text
    assert not all_of(page, "main script")


def test_what_comes_from_outside_is_text_everywhere(analyst: TestClient) -> None:
    evil = "\"><script>alert('1')</script>"
    page = page_of(analyst, f"q={evil.replace('+', '%2B')}")
    assert [one.get("src") or one.get("type") for one in all_of(page, "script")].count(None) == 0
    assert all_of(page, "#q")[0].get("value") == evil
    assert not page.xpath("//*[@style]")
    assert not [name for one in page.iter() for name in one.attrib if name.startswith("on")]


def test_before_anything_is_published_the_page_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    with client_of(tmp_path / "releases", Role.EDITOR) as client:
        page = page_of(client, "lang=kk", 503)
        assert words_of(Language.KK)["empty"] in texts(page, "h1")
        assert texts(page, "code") == ["geo-service releases publish"]


def test_a_round_for_which_nothing_was_measured_is_shown_as_it_is(analyst: TestClient) -> None:
    page = page_of(analyst, "round=2")
    about = analyst.get("/access/gaps?service=hospital&round=2").json()["about"]
    assert number(texts(page, ".figures strong")[0]) == about["communities"]
    assert [one.get("value") for one in all_of(page, "#basis option")] in ([], ["reported"])
    assert "Round 2" in all_of(page, "main .quiet")[0].text_content()


# Caches and structure


def test_who_has_the_page_gets_it_only_once(analyst: TestClient, public: TestClient) -> None:
    answer = analyst.get("/?service=school")
    tag = answer.headers["etag"]
    same = analyst.get("/?service=school", headers={"If-None-Match": tag})
    assert same.status_code == 304
    assert not same.content
    assert "content-security-policy" not in same.headers, "browsers take it for the page that they have"
    for client, url, headers in (
        (analyst, "/?service=market", {}),
        (analyst, "/?service=school", {"Accept-Language": "ru"}),
        (public, "/?service=school", {}),
    ):
        assert client.get(url, headers={"If-None-Match": tag, **headers}).status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert {"Cookie", "Authorization", "Accept-Language"} <= set(re.split(", *", answer.headers["vary"]))


@pytest.mark.parametrize("query", ["", "ask=mobility"])
def test_the_page_is_built_for_readers_and_keyboards(analyst: TestClient, query: str) -> None:
    page = page_of(analyst, query)
    ids = [one.get("id") for one in all_of(page, "[id]")]
    assert len(ids) == len(set(ids))
    assert len(all_of(page, "h1")) == len(all_of(page, "main")) == 1
    levels = [int(one.tag[1]) for one in all_of(page, "h1, h2, h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for field in all_of(page, "select, input, textarea"):
        if field.get("type") == "hidden":
            continue
        assert all_of(page, f"label[for={field.get('id')}]"), field.get("id")
    for one in all_of(page, "[aria-labelledby], [aria-describedby]"):
        for name in (one.get("aria-labelledby") or one.get("aria-describedby")).split():
            assert name in ids
    assert all_of(page, "a.skip")[0].get("href") == "#answer"
    for box in all_of(page, ".rows"):
        assert box.get("tabindex") == "0"
        assert box.get("role") == "region"


def test_regions_lead_to_their_districts(analyst: TestClient) -> None:
    page = page_of(analyst)
    links = [one.get("href") for one in all_of(page, ".totals tbody a")]
    assert {state_of(QueryParams(one.partition("?")[2])).adm for one in links} == set(REGIONS)
    inside = page_of(analyst, links[0].partition("?")[2])
    assert texts(inside, "#totals-title") == ["Totals by district"]
    assert len(rows_of(inside, ".totals")) >= 4


def test_a_map_is_taken_away_as_one_file_that_needs_nothing_else(
    analyst: TestClient, public: TestClient
) -> None:
    for client, is_told in ((analyst, True), (public, False)):
        page = page_of(client, "service=school&lang=ru")
        (link,) = [one.get("href") for one in all_of(page, ".files a") if "/map-files/" in one.get("href")]
        answer = client.get(link)
        assert answer.headers["content-disposition"].startswith('attachment; filename="school_gaps_')
        assert not all_of(parsed(answer.content), "script[src], link[href], img[src]")
        assert bool(SECRET.search(answer.text)) is is_told
    for query in ("service=church", "nothing=1", "service=school&service=school", ""):
        assert public.get(f"/map-files/gaps.html?{query}").status_code == 400, query
