"""Whole collections as streams and files: whole, bounded, and never the beginning of one taken for all of it."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import anyio
import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from releases import small_contents
from rows_release import release_of

from geo_service.api.answers import Format
from geo_service.api.context import AskedNow  # noqa: TC001 - FastAPI reads it at run time
from geo_service.api.formats.download import download
from geo_service.api.formats.sending import PiecesResponse
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import StoreError
from geo_service.query.filters import Filter
from geo_service.query.questions import Features
from geo_service.release.folder_store import FolderStore
from geo_service.release.manifest import Collection, CollectionField
from geo_service.release.parts import arrow_schema
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Language
from tests.api import client_of
from tests.waiting import wait_until

BATCH = 10_000
NOTE = "x" * 100
WANTED = (Format.GEOJSON, Format.JSON, Format.CSV, Format.NDJSON, Format.GEOJSONSEQ)
WRITTEN = (Format.XLSX, Format.GPKG, Format.FGB, Format.PARQUET)


class LongRelease:
    """A release of one collection of as many features as wanted, made while they are read. They are synthetic."""

    def __init__(self, batches, fails_at=None, pause_s=0.0):
        self.batches_there, self.fails_at, self.pause_s = batches, fails_at, pause_s
        self.read = self.open = self.opened = 0
        fields = (("fid", "integer"), ("id", "text"), ("note", "text"), ("geometry", "geometry"))
        self._fields = tuple(CollectionField(name=name, type=kind) for name, kind in fields)
        self._schema = arrow_schema(self._fields)
        self._points = pa.array(
            shapely.to_wkb(shapely.points([(66 + i % 10, 48 + i % 7) for i in range(BATCH)])), pa.binary()
        )
        self.manifest = SimpleNamespace(id="71ddc62b04df" + "0" * 20, round=None, notes=(), licences=())

    def collection(self, name):
        return Collection(
            name=name,
            kind="layer",
            title={Language.EN: "Notes"},
            file=f"{name}.parquet",
            sha256="0" * 64,
            rows_sha256="0" * 64,
            bytes=0,
            rows=self.batches_there * BATCH,
            fields=self._fields,
            geometry="geometry",
            geometry_types=("Point",),
        )

    def schema(self, _, __):
        return self._schema

    def count(self, *_):
        return self.batches_there * BATCH

    def aggregate(self, *_):
        return pa.table({"min_fid": [1], "max_fid": [self.count()]})

    @contextmanager
    def batches(self, *_):
        self.open += 1
        self.opened += 1

        def each():
            for number in range(self.batches_there):
                if number == self.fails_at:
                    raise StoreError("the server went away")
                time.sleep(self.pause_s)
                self.read += 1
                fids = pa.array(range(number * BATCH + 1, (number + 1) * BATCH + 1), pa.int64())
                columns = [fids, fids.cast(pa.string()), pa.array([NOTE] * BATCH), self._points]
                yield pa.RecordBatch.from_arrays(columns, schema=self._schema)

        try:
            yield pa.RecordBatchReader.from_batches(self._schema, each())
        finally:
            self.open -= 1


def asked_of(release):
    return SimpleNamespace(release=release, language=Language.EN, url="http://testserver/notes?f=csv")


def body_of(response):
    try:
        return b"".join(response._pieces)
    finally:
        response._close()


def asked_for(release, format_, features=None, *, name="notes", **options):
    response = download(asked_of(release), name, features or Features(), format_, None, **options)
    assert isinstance(response, PiecesResponse)
    return response


@pytest.fixture(scope="module")
def small():
    return release_of(small_contents())


# All features, in every format


@pytest.mark.parametrize("format_", WANTED)
def test_a_stream_has_every_feature(format_):
    release = LongRelease(3)
    content = body_of(asked_for(release, format_)).decode()
    if format_ is Format.CSV:
        ids = [row["id"] for row in csv.DictReader(io.StringIO(content))]
    elif format_ in {Format.GEOJSON, Format.JSON}:
        found = json.loads(content)
        ids = [one["id"] for one in found["features"]]
        assert found["numberMatched"] == found["numberReturned"] == 3 * BATCH
        assert len(found["links"]) == 8
    else:
        ids = [json.loads(line.removeprefix("\x1e"))["id"] for line in content.strip().split("\n")]
    assert ids == [str(one) for one in range(1, 3 * BATCH + 1)]
    assert release.open == 0


@pytest.mark.parametrize("format_", WRITTEN)
def test_a_file_has_every_feature(format_, tmp_path):
    release = LongRelease(1 if format_ is Format.XLSX else 3)
    path = tmp_path / f"notes.{format_}"
    path.write_bytes(body_of(asked_for(release, format_)))
    if format_ is Format.PARQUET:
        assert pq.read_metadata(path).num_rows == 3 * BATCH
    elif format_ is Format.XLSX:
        assert path.read_bytes().startswith(b"PK")
    else:
        assert pyogrio.read_info(path, layer="notes")["features"] == 3 * BATCH
    assert release.open == 0


@pytest.mark.parametrize("format_", [*WANTED, Format.XLSX, Format.PARQUET])
def test_a_limit_cuts_it(format_):
    release = LongRelease(3)
    content = body_of(asked_for(release, format_, limit=7))
    counted = {
        Format.GEOJSON: lambda: json.loads(content)["numberReturned"],
        Format.JSON: lambda: json.loads(content)["numberReturned"],
        Format.CSV: lambda: content.count(b"\n") - 1,
        Format.PARQUET: lambda: pq.read_metadata(io.BytesIO(content)).num_rows,
    }
    rows = counted.get(format_, lambda: content.count(b"\n"))
    assert format_ is Format.XLSX or rows() == 7
    assert release.read == 1


@pytest.mark.parametrize(
    "format_",
    [one for one in Format if one not in {Format.HTML, Format.FGB, Format.GEOJSON, Format.GEOJSONSEQ}],
)
def test_a_table_without_a_geometry_goes_into_what_is_for_tables(small, format_):
    content = body_of(asked_for(small, format_, name="mobility"))
    assert content
    if format_ is Format.JSON:
        found = json.loads(content)
        assert found["rows"] == small.table("mobility").to_pylist()
        assert found["about"]["release"] == small.manifest.id
        assert len(found["links"]) == 6


@pytest.mark.parametrize("format_", [Format.HTML, Format.FGB, Format.GEOJSON, Format.GEOJSONSEQ])
def test_what_a_table_does_not_go_into_is_refused(small, format_):
    with pytest.raises(ProblemError) as refused:
        asked_for(small, format_, name="mobility")
    assert refused.value.problem is Problem.NOT_ACCEPTABLE
    assert "csv" in refused.value.allowed


def test_an_empty_collection_is_a_whole_answer():
    for format_ in WANTED:
        content = body_of(asked_for(LongRelease(0), format_))
        if format_ in {Format.GEOJSON, Format.JSON}:
            assert json.loads(content)["features"] == []
        else:
            assert content == (b"fid,id,note,longitude,latitude\n" if format_ is Format.CSV else b"")


def test_the_header_names_the_file_by_its_collection_its_filter_and_its_release():
    small_release = LongRelease(1)
    only = Features(filter=Filter({"op": ">", "args": [{"property": "households"}, 100]}))
    response = asked_for(small_release, Format.CSV, only, name="villages")
    response._close()
    assert response.headers["content-disposition"] == (
        'attachment; filename="villages_households-gt-100_71ddc62b04df.csv"'
    )
    assert response.headers["link"].count("rel=") == 8
    assert "content-length" not in response.headers


# Bounded


@pytest.mark.parametrize("format_", [Format.GEOJSON, Format.CSV, Format.PARQUET, Format.GPKG])
def test_memory_does_not_grow_with_the_number_of_features(format_):
    def most(batches):
        response = asked_for(LongRelease(batches), format_)
        before = peak = pa.total_allocated_bytes()
        longest = 0
        for piece in response._pieces:
            peak = max(peak, pa.total_allocated_bytes())
            longest = max(longest, len(piece))
        response._close()
        return peak - before + longest

    assert most(12) < 1.5 * most(3) + 1_000_000


# What goes wrong


def test_a_mistake_is_found_before_the_status_is_sent():
    release = LongRelease(3, fails_at=0)
    for format_ in (*WANTED, Format.PARQUET):
        with pytest.raises(StoreError, match="went away"):
            asked_for(release, format_)
    assert release.open == 0


def test_a_file_whose_source_breaks_is_no_file():
    release = LongRelease(3, fails_at=2)
    for format_ in WRITTEN:
        with pytest.raises(StoreError, match="went away"):
            asked_for(release, format_)
    assert release.open == 0


def app_of(release):
    app = FastAPI()

    @app.get("/notes")
    def notes(request: Request, f: Format):
        return download(asked_of(release), "notes", Features(), f, request)

    return app


@contextmanager
def served(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.mark.parametrize("format_", WANTED)
def test_a_stream_that_breaks_does_not_look_whole(format_):
    release = LongRelease(5, fails_at=3)
    with (
        served(app_of(release)) as base,
        httpx2.stream("GET", f"{base}/notes", params={"f": format_.value}) as answer,
    ):
        assert answer.status_code == 200
        with pytest.raises(httpx2.RemoteProtocolError, match="incomplete"):
            answer.read()
        wait_until(lambda: release.open == 0)


def test_a_client_that_goes_away_ends_the_question():
    release = LongRelease(500, pause_s=0.01)
    with served(app_of(release)) as base:
        with httpx2.stream("GET", f"{base}/notes", params={"f": "csv"}) as answer:
            next(answer.iter_raw())
        wait_until(lambda: release.open == 0)
    assert release.opened == 1
    assert release.read < 400


def test_a_head_has_no_body():
    release = LongRelease(2)
    sent = []

    async def receive():
        await anyio.sleep_forever()

    async def send(message):
        sent.append(message)

    anyio.run(asked_for(release, Format.CSV), {"type": "http", "method": "HEAD"}, receive, send)
    assert [one.get("body", b"") for one in sent] == [b"", b""]
    assert (release.open, release.read) == (0, 1)


# In the service


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    FolderStore(ReleaseSettings(directory=folder)).publish(small_contents(villages=4_000))
    return folder


def test_a_release_stays_open_until_the_last_byte_is_sent(store):
    with client_of(store) as client:
        seen = []

        def ended(_: AskedNow):
            yield
            seen.append("route over")

        @client.app.get("/whole")
        def whole(asked: AskedNow, request: Request, f: Format = Format.CSV, _: None = Depends(ended)):
            response = download(asked, "villages", Features(), f, request)
            pieces = response._pieces

            def told():
                for piece in pieces:
                    seen.append([one.users for one in client.app.state.live._open.values()])
                    yield piece
                seen.append("sent")

            response._pieces = told()
            return response

        content = client.get("/whole").text
        assert len(list(csv.DictReader(io.StringIO(content)))) == 4_000
        assert seen[-2:] == ["sent", "route over"]
        # Whoever gets the release ready beside uses it too, for a moment.
        assert all(users >= 1 for [users] in seen[:-2])
        wait_until(lambda: [one.users for one in client.app.state.live._open.values()] == [0])


@pytest.mark.parametrize("format_", [one for one in Format if one is not Format.HTML])
def test_the_same_features_come_in_every_format(store, format_, tmp_path):
    only = Features(filter=Filter({"op": ">", "args": [{"property": "households"}, 2_000]}))
    with client_of(store) as client:

        @client.app.get("/whole")
        def whole(asked: AskedNow, request: Request, f: Format):
            return download(asked, "villages", only, f, request)

        answer = client.get("/whole", params={"f": format_.value})
        with client.app.state.live.lease(None, "editor") as release:
            expected = release.count("villages", only)
    assert answer.status_code == 200
    assert expected > 1_000
    path = tmp_path / f"villages.{format_}"
    path.write_bytes(answer.content)
    if format_ is Format.PARQUET:
        found = pq.read_metadata(path).num_rows
    elif format_ in {Format.GPKG, Format.FGB, Format.GEOJSON}:
        found = pyogrio.read_info(path)["features"]
    elif format_ is Format.JSON:
        found = answer.json()["numberReturned"]
    elif format_ is Format.XLSX:
        found = expected
    else:
        found = answer.text.count("\n") - (format_ is Format.CSV)
    assert found == expected


def test_a_client_sees_the_length_of_a_file_and_its_type():
    with TestClient(app_of(LongRelease(1))) as client:
        answer = client.get("/notes", params={"f": "gpkg"})
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-type"] == "application/geopackage+sqlite3"
