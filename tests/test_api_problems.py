"""Errors of the service as problems: what is told, and what never is."""

from __future__ import annotations

import pytest
from api import client_of
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from releases import small_contents
from starlette.exceptions import HTTPException

from geo_service.api.operations.openapi import with_problems
from geo_service.api.operations.problem_handlers import as_problem, without_places
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import (
    BusyError,
    CrsError,
    CursorError,
    DamagedReleaseError,
    FilterError,
    FindingsError,
    MissingExtraError,
    NotFoundError,
    OutputError,
    StoreError,
    TimedOutError,
)
from geo_service.findings import FindingCode, Findings, Place
from geo_service.release.stores import open_store

SECRET = "/srv/geo/releases/28a0 at postgresql://me:secret@db/geo"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    open_store(folder).publish(small_contents())
    return folder


@pytest.fixture(scope="module")
def client(store):
    with client_of(store, raise_server_exceptions=False) as client:

        def broken():
            raise ZeroDivisionError(SECRET)

        def lost():
            raise StoreError(SECRET)

        for path, route in (("/broken", broken), ("/lost", lost)):
            client.app.add_api_route(path, route)
        yield client


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (FilterError("no"), Problem.INVALID_FILTER),
        (CursorError("no"), Problem.INVALID_CURSOR),
        (NotFoundError("no"), Problem.NOT_FOUND),
        (CrsError("no"), Problem.INVALID_PARAMETER),
        (BusyError("no"), Problem.BUSY),
        (OutputError("no"), Problem.INTERNAL),
        (StoreError("no"), Problem.NO_RELEASE),
        (DamagedReleaseError("no"), Problem.NO_RELEASE),
        (TimedOutError("no"), Problem.TIMEOUT),
        (MissingExtraError("maps", "maps"), Problem.INTERNAL),
        (ProblemError(Problem.CONFLICT, "no"), Problem.CONFLICT),
        (HTTPException(404), Problem.NOT_FOUND),
        (HTTPException(405, headers={"Allow": "GET"}), Problem.METHOD_NOT_ALLOWED),
        (HTTPException(400, "There was an error parsing the body"), Problem.INVALID_BODY),
        (HTTPException(413, "too large"), Problem.TOO_LARGE),
        (HTTPException(418), Problem.INVALID_BODY),
        (KeyError("x"), Problem.INTERNAL),
    ],
)
def test_each_error_is_a_kind_of_problem(error, problem):
    assert as_problem(error).problem is problem


@pytest.mark.parametrize(
    "kind",
    [
        StoreError,
        DamagedReleaseError,
        BusyError,
        OutputError,
        NotFoundError,
        FilterError,
        CursorError,
        ValueError,
    ],
)
def test_no_error_tells_a_path_or_a_database(kind):
    said = str(as_problem(kind(f"it is in {SECRET}")).to_json())
    assert "/srv" not in said
    assert "secret" not in said


def test_sql_is_not_told_and_urls_of_the_service_are():
    assert without_places("SELECT a FROM b", "-") == "-"
    assert without_places(r"in C:\data\x.csv", "-") == "-"
    assert without_places("see https://example.org/a/b and 2023-12-01/2024-01-31", "-") != "-"


def test_findings_are_told_with_the_names_of_files_only():
    findings = Findings()
    findings.error(
        FindingCode.MISSING_VALUE, "no name", Place("/srv/uploads/B2.xlsx", "Villages"), row=7, column="name"
    )
    findings.warning(FindingCode.OUTLIER, "a lot")
    said = as_problem(FindingsError(findings)).to_json()
    assert said["status"] == 422
    assert said["findings"][0] == {
        "severity": "error",
        "code": "missing_value",
        "message": "no name",
        "file": "B2.xlsx",
        "layer": "Villages",
        "row": 7,
        "column": "name",
    }
    assert said["findings_count"] == 2
    assert "/srv" not in str(said)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            {
                "type": "enum",
                "loc": ("query", "service"),
                "msg": "Input should be 'hospital' or 'school'",
                "input": "shop",
                "ctx": {"expected": "'hospital' or 'school'"},
            },
            {
                "status": 400,
                "parameter": "service",
                "allowed": ["hospital", "school"],
                "detail": "'service' should be 'hospital' or 'school'; 'shop' was given",
            },
        ),
        (
            {"type": "missing", "loc": ("query", "lon"), "msg": "Field required", "input": None},
            {"status": 400, "parameter": "lon", "detail": "'lon' has to be given"},
        ),
        (
            {"type": "int_parsing", "loc": ("path", "z"), "msg": "Input should be an integer", "input": "a"},
            {"status": 404, "parameter": "z", "detail": "'z' should be an integer; 'a' was given"},
        ),
        (
            {"type": "json_invalid", "loc": ("body", 3), "msg": "JSON decode error", "input": {}},
            {"status": 400, "detail": "the body cannot be used at 3: jSON decode error"},
        ),
    ],
)
def test_a_wrong_parameter_is_told_with_what_would_be_right(error, expected):
    said = as_problem(RequestValidationError([error])).to_json()
    assert {key: said.get(key) for key in expected} == expected


def test_an_error_that_nobody_expected_tells_nothing_but_the_request(client, caplog):
    answer = client.get("/broken", headers={"X-Request-Id": "asked-by-a-test"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == "urn:geo-service:request:asked-by-a-test"
    assert "/srv" not in answer.text
    record = next(one for one in caplog.records if one.name == "geo_service.requests" and one.exc_info)
    assert record.request_id == "asked-by-a-test"


def test_a_store_that_fails_is_a_503_to_be_tried_again(client):
    answer = client.get("/lost")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "secret" not in answer.text


def test_what_is_not_there_and_what_cannot_be_done_are_problems(client):
    missing, wrong = client.get("/nowhere"), client.post("/health/live")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert wrong.headers["allow"] == "GET, HEAD"
    assert {one.headers["content-type"] for one in (missing, wrong)} == {"application/problem+json"}


def test_the_document_knows_problems_and_no_validation_errors(client):
    document = client.get("/openapi.json").json()
    assert "HTTPValidationError" not in str(document)
    for path in document["paths"].values():
        for operation in path.values():
            found = operation["responses"]["400"]
            found = document["components"]["responses"]["Problem400"] if "$ref" in found else found
            assert "application/problem+json" in found["content"]
            assert operation["security"] == [{}, {"bearer": []}] or {"bearer": []} in operation["security"]


def test_a_documented_problem_keeps_its_own_words():
    app = FastAPI()

    @app.get("/x", responses={404: {"description": "No such x"}})
    def route(limit: int) -> int:
        return limit

    responses = with_problems(app.openapi())["paths"]["/x"]["get"]["responses"]
    assert responses["404"]["description"] == "No such x"
    assert "application/problem+json" in responses["404"]["content"]
    assert "422" not in responses
