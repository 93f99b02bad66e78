"""What the OpenAPI says of planners' questions holds: examples run, answers are as declared, in every format and language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from api_world import world, world_facilities
from questions import Questions, questions_of

from geo_service.api.formats.media import LAYER_FORMATS, TABLE_FORMATS, bare_type
from geo_service.api.security.roles import Role
from geo_service.coverage.audit.report_figures import AUDITED, report_figures
from geo_service.coverage.audit.rules import audit
from geo_service.errors import NotFoundError
from geo_service.ingest.figures import figure_tree
from geo_service.query.questions import Features
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Language, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["world"]

pytestmark = pytest.mark.xdist_group("api world")

OPERATIONS = {
    "/access/gaps": "access_gaps",
    "/access/totals": "access_totals",
    "/access/bands": "access_bands",
    "/access/nearest": "access_nearest",
    "/access/summary": "access_summary",
    "/access/agreement": "access_agreement",
    "/mobility/concentration": "mobility_concentration",
    "/mobility/breakdown": "mobility_breakdown",
    "/mobility/trends": "mobility_trends",
    "/mobility/changes": "mobility_changes",
    "/coverage/assessment": "coverage_assessment",
    "/rounds": "rounds",
    "/releases": "releases",
    "/audit": "audit",
    "/tables": "tables",
    "/tables/{name}": "table",
}
ANALYSTS_ONLY = {"/access/gaps", "/audit", "/mobility/changes"}


@pytest.fixture(scope="module", name="ask")
def _ask(world: Path) -> Iterator[Questions]:
    with questions_of(world) as questions:
        yield questions


@pytest.fixture(scope="module", name="document")
def _document(ask: Questions) -> dict[str, Any]:
    return ask.openapi()


def as_it_stands(document: dict[str, Any], path: str) -> str:
    """The URL that /docs asks: each parameter by its example, those without one left out."""
    query = []
    for one in document["paths"][path]["get"]["parameters"]:
        examples = [example["value"] for example in one.get("examples", {}).values()]
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(examples[0]))
        elif examples:
            query.append(f"{one['name']}={examples[0]}")
        else:
            assert not one["required"], one["name"]
    return f"{path}?{'&'.join(query)}" if query else path


def fits(document: dict[str, Any], path: str, answer: dict[str, Any]) -> None:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"] | {"components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)


def test_operations_have_names_that_stay(document: dict[str, Any]) -> None:
    found = {path: document["paths"][path]["get"]["operationId"] for path in OPERATIONS}
    assert found == OPERATIONS


@pytest.mark.parametrize("path", OPERATIONS)
def test_what_the_page_of_documentation_asks_runs_and_is_as_declared(
    ask: Questions, document: dict[str, Any], path: str
) -> None:
    url = as_it_stands(document, path)
    for role in Role:
        if role is Role.PUBLIC and path in ANALYSTS_ONLY:
            assert ask.problem(url, 404 if path == "/mobility/changes" else 403, role)
            continue
        answer = ask.answer(url, role)
        fits(document, path, answer)
        assert answer["about"]["title"]
        assert answer["about"]["round"]["number"] == 3
        assert any("ynthetic" in note for note in answer["about"]["notes"])
        assert {"self", "alternate", "help"} <= {link["rel"] for link in answer["links"]}


def test_every_example_in_a_description_runs(ask: Questions, document: dict[str, Any]) -> None:
    run = 0
    for path in OPERATIONS:
        for url in re.findall(r"\]\(([^)]+)\)", document["paths"][path]["get"]["description"]):
            response = ask.response(f"/{url}", Role.EDITOR)
            if response.headers["content-type"] == "application/json":
                fits(document, path, response.json())
            run += 1
    assert run > 20


def test_answers_by_unit_are_as_declared_for_everyone(ask: Questions, document: dict[str, Any]) -> None:
    for path in (
        "/access/bands",
        "/access/summary",
        "/access/agreement",
        "/mobility/concentration",
        "/mobility/trends",
        "/coverage/assessment",
    ):
        for by in ("region", "district"):
            url = f"{as_it_stands(document, path)}{'?' if 'mobility' not in path else '&'}by={by}"
            fits(document, path, ask.answer(url))
            if path != "/mobility/trends" or by == "region":
                fits(document, path, ask.answer(url, Role.PUBLIC))


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_question_has_each_language(ask: Questions, document: dict[str, Any], path: str) -> None:
    url = as_it_stands(document, path)
    titles = set()
    for language in Language:
        about = ask.answer(f"{url}{'&' if '?' in url else '?'}lang={language}")["about"]
        assert about["language"] == language
        titles.add(about["title"])
    assert len(titles) == len(Language)


@pytest.mark.parametrize(
    ("url", "formats"),
    [
        ("/access/gaps?service=hospital", LAYER_FORMATS),
        ("/access/nearest?lon=66&lat=47&service=school", LAYER_FORMATS),
        ("/mobility/concentration?group=returnees&geometry=true", LAYER_FORMATS),
        ("/access/bands?by=region", TABLE_FORMATS),
        ("/tables/groups?lang=kk", TABLE_FORMATS),
        ("/rounds?lang=ru", TABLE_FORMATS),
    ],
)
def test_every_format_has_its_type(ask: Questions, url: str, formats: Any) -> None:
    for one in formats:
        response = ask.response(f"{url}{'&' if '?' in url else '?'}f={one}")
        assert response.headers["content-type"].startswith(bare_type(one))
        assert response.content
    if formats is TABLE_FORMATS:
        ask.problem(f"{url}{'&' if '?' in url else '?'}f=geojson", 406)


def test_parameters_that_there_are_not_are_refused(ask: Questions) -> None:
    assert "beyond" in ask.problem("/access/gaps?service=hospital&beyond=25", 400)["detail"]
    ask.problem("/rounds?cursor=a", 400)
    ask.problem("/access/bands?by=village", 400)


def test_lists_are_whole_schemas_without_null_among_parameters(document: dict[str, Any]) -> None:
    for path in OPERATIONS:
        for one in document["paths"][path]["get"]["parameters"]:
            assert "anyOf" not in one["schema"], (path, one["name"])
            assert not {"ge", "le"} & one["schema"].keys()


# Without a round


@pytest.fixture(scope="module", name="unsurveyed")
def _unsurveyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Questions]:
    """A release of villages at the antimeridian, without a round, units or any service but hospitals."""
    import geopandas as gpd  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    def points(lon: list[float], **columns: list[Any]) -> gpd.GeoDataFrame:
        frame = {name: pd.array(values) for name, values in columns.items()}
        return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, [10.0] * len(lon)), crs="EPSG:4326")

    ids = pd.array(["a", "b", "c"], dtype="string")
    villages = points([179.9, -179.9, 170.0], households=[10, 20, 30]).assign(
        village_id=ids, village_name=ids, households=pd.array([10, 20, 30], dtype="Int64")
    )
    facilities = points([-179.8, -179.8, 100.0]).assign(
        facility_id=pd.array(["h2", "h1", "h3"], dtype="string"),
        facility_name=pd.array([None] * 3, dtype="string"),
        service=pd.array(["hospital"] * 3, dtype="string"),
    )
    folder = tmp_path_factory.mktemp("unsurveyed")
    store = FolderStore(ReleaseSettings(directory=folder))
    with release_contents(villages=villages, facilities={Service.HOSPITAL: facilities}) as contents:
        store.publish(contents)
    with questions_of(folder) as questions:
        yield questions


def test_the_nearest_lies_across_the_antimeridian_and_ties_go_to_the_smaller_id(
    unsurveyed: Questions,
) -> None:
    answer = unsurveyed.answer("/access/nearest?lon=179.95&lat=10&service=hospital")
    assert [row["facility_id"] for row in answer["rows"]] == ["h1", "h2", "h3"]
    assert answer["rows"][0]["distance_m"] == answer["rows"][1]["distance_m"] < 30_000
    assert answer["about"]["round"] is None


def test_gaps_without_a_round_are_measured(unsurveyed: Questions) -> None:
    answer = unsurveyed.answer("/access/gaps?service=hospital&beyond_km=25")
    assert answer["about"]["basis"] == "measured"
    assert [row["village_id"] for row in answer["rows"]] == ["c", "a"]
    assert [row["measured_present"] for row in answer["rows"]] == [False, False]
    assert {row["reported_present"] for row in answer["rows"]} == {None}
    assert {row["synthetic"] for row in answer["rows"]} == {None}


@pytest.mark.parametrize(
    "url",
    [
        "/access/gaps?service=hospital&basis=reported",
        "/access/gaps?service=school",
        "/access/nearest?lon=0&lat=0&service=school",
        "/access/bands?by=region",
        "/access/bands?basis=reported",
        "/access/agreement",
        "/mobility/concentration?group=returnees",
        "/mobility/breakdown?group=returnees&dimension=sex",
        "/mobility/trends?group=returnees",
        "/mobility/changes",
        "/coverage/assessment",
    ],
)
def test_what_a_release_cannot_answer_is_not_found_and_says_why(unsurveyed: Questions, url: str) -> None:
    detail = unsurveyed.problem(url, 404)["detail"]
    assert "the release has no" in detail
    assert ";" in detail


def test_without_units_no_unit_can_be_named(unsurveyed: Questions) -> None:
    assert unsurveyed.problem("/access/gaps?service=hospital&adm=KAZ901", 404)["parameter"] == "adm"
    assert unsurveyed.answer("/rounds")["rows"] == []
    assert unsurveyed.answer("/releases")["rows"][0]["round"] is None
    assert len(world_facilities()) == len(Service)


# The audit of tables


def test_a_number_that_was_changed_is_found(world: Path) -> None:
    store = FolderStore(ReleaseSettings(directory=world))
    tables = {}
    with store.open() as release:
        for name in AUDITED:
            try:
                with release.batches(name, Features(geometry=False)) as reader:
                    tables[name] = reader.read_all().to_pylist()
            except NotFoundError:
                continue
    whole = audit(figure_tree(report_figures(tables)))
    assert not [one for one in whole if one.severity == "error"]
    tables["returnees_by_sex"][0]["individuals"] += 40
    places = {one.place for one in audit(figure_tree(report_figures(tables)))}
    assert "returnees.by_sex" in places
