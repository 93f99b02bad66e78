"""Uploads that are refused on their way: too large, too slow, not whole, not what is taken, of somebody who may not."""

from __future__ import annotations

import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uploads import (
    held,
    kill,
    listening,
    made,
    send_facilities,
    served,
    service,
    sites,
)
from waiting import wait_until

from geo_service.api.security.roles import Role
from geo_service.api.writing import upload
from geo_service.api.writing.archives import refuse_virtual_tables
from geo_service.api.writing.receive import LAYER_SUFFIXES
from geo_service.api.writing.start import closed_in
from geo_service.errors import InputError

__all__ = ["made", "service"]

pytestmark = pytest.mark.xdist_group("uploads")

GOOD = sites(5, 0.2).to_json().encode()
EDGE = "edge-of-the-form"


def form(*parts, end=True):
    """The bytes of a form: each part is a name, a file name or null, and bytes."""
    body = b""
    for name, file, content in parts:
        shown = f'; filename="{file}"' if file is not None else ""
        body += f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + (f"--{EDGE}--\r\n".encode() if end else b"")


def post(service, body, path="/facilities/hospital"):
    headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
    return service.client.post(path, content=body, headers=headers)


def refused(service, answer, status, parameter=None):
    problem = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    assert (answer.status_code, problem["status"]) == (status, status), problem
    assert problem.get("parameter") == parameter, problem
    assert service.is_unchanged()
    return problem["detail"]


# Who


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.ANALYST])
def test_only_editors_send_data_and_see_jobs(service, role):
    with served(service.store, service.jobs, role) as other:
        refused(service, send_facilities(other.client, "new.geojson", GOOD), 403)
        refused(service, other.client.post("/rounds"), 403)
        refused(service, other.client.get(f"/jobs/{'0' * 32}"), 403)


def test_what_is_no_job_is_not_found(service):
    for job in ("0" * 32, "a" * 31, "%2e%2e%2f" * 3, "keys", "incoming", "A" * 32):
        assert service.client.get(f"/jobs/{job}").status_code == 404


# How much


def test_what_is_too_large_is_refused_by_its_length_and_without_one(service):
    large = form(("file", "new.geojson", b" " * 200_000))
    with served(service.store, service.jobs, max_bytes=100_000) as small:
        assert "100,000 bytes" in refused(service, post(small, large), 413)
        pieces = iter([large[at : at + 10_000] for at in range(0, len(large), 10_000)])
        assert "100,000 bytes" in refused(service, post(small, pieces), 413)


@pytest.mark.parametrize(
    ("parts", "parameter"),
    [
        ([("file", f"{one}.geojson", b"{}") for one in range(30)], None),
        ([(f"f{one}", None, b"x") for one in range(30)], None),
        ([("name", None, b"x" * 5_000)], None),
        ([], "file"),
        ([("file", "a.geojson", b"{}"), ("file", "b.geojson", b"{}")], "file"),
        ([("file", "a.geojson", b"{}"), ("file", "a.geojson", b"{}")], "file"),
        ([("file", None, b"{}")], "file"),
        ([("file", "", b"{}")], "file"),
        ([("files", "a.geojson", b"{}")], "files"),
        ([("file", "a.geojson", b"{}"), ("encodings", None, b"x")], "encodings"),
        ([("file", "a.geojson", b"{}"), ("id", None, b"x"), ("id", None, b"y")], "id"),
        ([("file", "a.geojson", b"{}"), ("crs", None, b"+init=/etc/passwd:1")], "crs"),
        ([("file", "a.gml", b"{}")], "file"),
        ([("file", ".geojson", b"{}")], "file"),
    ],
)
def test_other_forms_than_the_one_that_is_taken_are_refused(service, parts, parameter):
    refused(service, post(service, form(*parts)), 400, parameter)


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"number": "0", "country": "KAZ"}, "number"),
        ({"number": "٣", "country": "KAZ"}, "number"),
        ({"number": "3"}, "country"),
        ({"number": "3", "country": "XXX"}, "country"),
        ({"number": "3", "country": "KAZ", "round": "3"}, "round"),
    ],
)
def test_a_round_without_its_number_or_country_is_refused(service, fields, parameter):
    answer = service.client.post("/rounds", files={"files": ("B1.xlsx", b"x")}, data=fields)
    refused(service, answer, 400, parameter)


CUTS = st.tuples(st.integers(0, 400), st.integers(0, 20), st.binary(max_size=20))
TYPES = st.sampled_from(
    [f"; boundary={EDGE}", f"; boundary={EDGE}; charset=none", "; boundary=", '; boundary="', ""]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=CUTS, kind=TYPES, name=st.text(max_size=20), path=st.sampled_from(["/rounds", "/facilities/school"])
)
def test_no_form_however_broken_is_an_error_of_the_service(service, monkeypatch, cut, kind, name, path):
    monkeypatch.setattr(upload, "start", lambda *_: None)
    at, length, instead = cut
    named = name.encode("utf-8", "replace").decode()
    body = form(
        ("files", "B1.xlsx", b"x"), ("file", named, b"x"), ("number", None, b"3"), ("country", None, b"KAZ")
    )
    body = body[:at] + instead + body[at + length :]
    headers = {"Content-Type": f"multipart/form-data{kind}"}
    answer = service.client.post(path, content=body, headers=headers)
    assert answer.status_code in {202, 400, 413, 415}, answer.text
    if answer.status_code == 202:
        # Nobody works on it: whoever looks finds that out, and cleans up.
        assert service.client.get(f"/jobs/{answer.json()['id']}").json()["status"] == "failed"
    assert not service.left()


def test_other_bodies_than_forms_are_refused(service):
    client = service.client
    refused(service, client.post("/rounds", json={}), 415)
    refused(service, client.post("/rounds", data={"number": "3"}), 415)
    refused(service, client.post("/rounds"), 415)
    broken = {"Content-Type": "multipart/form-data"}
    refused(service, client.post("/rounds", content=b"x", headers=broken), 400)
    refused(service, post(service, form(("file", "a.geojson", b"{}"))[:40]), 400, "file")
    packed = {"Content-Type": f"multipart/form-data; boundary={EDGE}", "Content-Encoding": "gzip"}
    refused(service, client.post("/rounds", content=b"x", headers=packed), 415, "Content-Encoding")


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.xlsx"])
def test_an_archive_that_is_far_larger_inside_is_refused(service, name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b" " * 3_000_000)
    with served(service.store, service.jobs, max_bytes=200_000) as small:
        refused(service, send_facilities(small.client, name, packed.getvalue()), 413, "file")
        # One that says it is small inside is not believed.
        honest = packed.getvalue()
        liar = honest.replace((3_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
        assert liar != honest
        assert "damaged" in refused(service, send_facilities(small.client, name, liar), 400, "file")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../B1.geojson", "B1.geojson"),
        ("/etc/B1.geojson", "B1.geojson"),
        ("C:\\fakepath\\B1.geojson", "B1.geojson"),
        ("больница №1.geojson", "больница №1.geojson"),
        ("x" * 300 + ".geojson", "x" * 112 + ".geojson"),
        ("ж" * 300 + ".geojson", "ж" * 56 + ".geojson"),
        ("a\x00b\x1b[31m\u202eс.geojson", "a_b_[31m_с.geojson"),
        ("a|layername=b.geojson", "a_layername=b.geojson"),
    ],
)
def test_files_keep_names_that_are_plain_names(service, given, kept):
    with held(service.jobs):
        answer = post(service, form(("file", given, GOOD)))
        job = answer.json()
        assert answer.status_code == 202, job
        (name,) = job["files"]
        assert name == kept
        assert [one.name for one in (service.jobs / job["id"] / "input").iterdir()] == [name]
        kill(job["id"])


# How long, and whether to its end


def begun(port, length):
    connection = socket.create_connection(("127.0.0.1", port))
    head = f"POST /facilities/hospital HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n"
    connection.sendall(f"{head}Content-Type: multipart/form-data; boundary={EDGE}\r\n\r\n".encode())
    connection.sendall(form(("file", "a.geojson", b"{"), end=False))
    return connection


def test_who_sends_slowly_is_not_waited_for_and_who_goes_away_leaves_nothing(service):
    with served(service.store, service.jobs, max_s=0.3) as quick, listening(quick.client.app) as port:
        with begun(port, 1_000) as slow:
            slow.settimeout(60)
            assert b" 504 " in slow.recv(1_000)
        assert service.is_unchanged()
    with listening(service.client.app) as port:
        with begun(port, 1_000):
            wait_until(service.left)
        wait_until(lambda: not service.left())
    assert service.is_unchanged()


# How many


def test_no_more_wait_than_may(service):
    with served(service.store, service.jobs, max_waiting=2) as small, held(small.jobs):
        with ThreadPoolExecutor(6) as threads:
            sent = [threads.submit(send_facilities, small.client, "a.geojson", GOOD) for _ in range(6)]
            answers = [one.result() for one in sent]
        waiting = [one.json()["id"] for one in answers if one.status_code == 202]
        assert 1 <= len(waiting) <= 2
        busy = [one for one in answers if one.status_code == 503]
        assert len(busy) == 6 - len(waiting)
        assert busy[0].headers["retry-after"] == "30"
        for one in waiting:
            kill(one)
    wait_until(
        lambda: all(service.client.get(f"/jobs/{one}").json()["status"] == "failed" for one in waiting)
    )
    assert service.is_unchanged()


def test_what_is_over_and_what_was_left_goes_after_its_time(service):
    with served(service.store, service.jobs, keep_s=0.01) as brief, held(brief.jobs):
        first = send_facilities(brief.client, "a.geojson", GOOD, Idempotency_Key="k").json()["id"]
        kill(first)
        wait_until(lambda: brief.client.get(f"/jobs/{first}").json()["status"] == "failed")
        left = brief.jobs / "incoming" / ("0" * 32)
        (left / "input").mkdir(parents=True)
        (left / "input" / "half").write_bytes(b"x")
        time.sleep(0.02)
        second = send_facilities(brief.client, "a.geojson", GOOD, Idempotency_Key="k").json()["id"]
        assert second != first
        assert brief.client.get(f"/jobs/{first}").status_code == 404
        assert not left.exists()
        assert brief.client.get(f"/jobs/{second}").json()["status"] == "waiting"
        kill(second)


# What files could reach


READ = """
import json, sys
from geo_service.errors import GeoServiceError
from geo_service.ingest.layers import read_facilities
from geo_service.vocabulary import Service
found = {}
for path in sys.argv[1:]:
    try:
        found[path] = sorted(read_facilities(path, Service.HOSPITAL)["facility_name"].fillna("").tolist())
    except GeoServiceError as error:
        found[path] = "refused"
print(json.dumps(found))
"""


@pytest.fixture
def host():
    """A URL that somebody listens at, and who asked."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                asked.append(connection.recv(200).partition(b"\r\n")[0])
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)


def reaching(secret, url):
    """Files that name other files and hosts."""
    feature = json.loads(GOOD)["features"][0]
    crs = {"type": "url", "properties": {"url": f"{url}/crs"}}
    vrt = '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}<Placemark><name>own</name><Point><coordinates>61,50</coordinates></Point></Placemark></Document></kml>'
    link = f"<NetworkLink><Link><href>{url}/link.kml</href></Link></NetworkLink>"
    gml = (
        '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="x {url}/x.xsd"><gml:featureMember/></gml:FeatureCollection>'
    )
    wfs = f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>"
    return {
        "crs.geojson": json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}),
        "vrt.geojson": vrt.format(secret),
        "vrt.json": vrt.format(f"/vsicurl/{url}/vrt.geojson"),
        "vrt.kml": vrt.format(secret),
        "gdalg.json": json.dumps(
            {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}
        ),
        "link.kml": kml.format(link),
        "entity.kml": f'<!DOCTYPE kml [<!ENTITY e SYSTEM "file://{secret}">]>'
        + kml.format("<name>&e;</name>"),
        "gml.kml": gml,
        "gml.json": gml,
        "wfs.json": wfs,
        "esri.json": json.dumps({"exceededTransferLimit": True, "features": [], "fields": []}),
        "text.geojson": f"{url}/other.geojson",
        "name.geojson": str(secret),
    }


def test_files_open_no_other_files_and_ask_no_hosts(tmp_path, host):
    url, asked = host
    secret = tmp_path / "secret.geojson"
    sites(1).assign(name="SECRET").to_file(secret)
    files = reaching(secret, url)
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    paths = [str(tmp_path / name) for name in files]

    def read(environment):
        done = subprocess.run(
            [sys.executable, "-c", READ, *paths], env=environment, capture_output=True, check=True
        )
        return done.stdout.decode()

    found = read(closed_in(os.environ))
    assert "SECRET" not in found
    assert "own" in found
    assert asked == []
    # That they would if nobody kept them from it, or this says nothing.
    open_to_all = read({key: value for key, value in os.environ.items() if "proxy" not in key.lower()})
    assert "SECRET" in open_to_all
    assert asked


def test_all_formats_that_are_taken_are_read_by_jobs(tmp_path):
    layer = sites(2)
    written = {".gpkg": None, ".fgb": None, ".geojson": None, ".json": "GeoJSON", ".kml": "KML"}
    for suffix, driver in written.items():
        layer.rename(columns={"name": "Name"} if suffix == ".kml" else {}).to_file(
            tmp_path / f"a{suffix}", driver=driver
        )
    layer.to_parquet(tmp_path / "a.parquet")
    table = layer.drop(columns="geometry").assign(lon=layer.geometry.x, lat=layer.geometry.y)
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_excel(tmp_path / "a.xlsx", index=False)
    layer.to_file(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(tmp_path / f"a{suffix}", f"folder/a{suffix}")
    paths = [str(tmp_path / f"a{suffix}") for suffix in LAYER_SUFFIXES]
    done = subprocess.run(
        [sys.executable, "-c", READ, *paths], env=closed_in(os.environ), capture_output=True, check=True
    )
    assert json.loads(done.stdout) == dict.fromkeys(paths, layer["name"].tolist())


def test_a_geopackage_of_tables_that_are_elsewhere_is_refused(tmp_path):
    sites(2).to_file(tmp_path / "plain.gpkg")
    refuse_virtual_tables(tmp_path / "plain.gpkg")
    (tmp_path / "other.csv").write_text("a")
    refuse_virtual_tables(tmp_path / "other.csv")
    sites(2).to_file(tmp_path / "virtual.gpkg")
    with sqlite3.connect(tmp_path / "virtual.gpkg") as database:
        database.execute("PRAGMA writable_schema = ON")
        sql = "create  virtual table v using VirtualOGR('/secret.geojson') -- using rtree"
        database.execute("INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, ?)", [sql])
    database.close()
    with pytest.raises(InputError, match="kept elsewhere"):
        refuse_virtual_tables(tmp_path / "virtual.gpkg")
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes((tmp_path / "plain.gpkg").read_bytes()[:5_000])
    with pytest.raises(InputError, match="damaged"):
        refuse_virtual_tables(damaged)
