"""Fetching for real, from `file:` addresses and a server on this machine: whole, verified, limited, or not at all."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

from geo_service.errors import FetchError, FindingsError, InputError, OutputError
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.boundaries.download import check_url, download
from geo_service.ingest.boundaries.load import boundaries_folder, load_boundaries
from geo_service.ingest.boundaries.sources import fetch, list_sources
from geo_service.ingest.boundaries.store import read_metadata, stored_names
from geo_service.schemas import ADMIN_UNITS
from geo_service.settings import BoundarySettings


@pytest.fixture
def settings(tmp_path):
    return BoundarySettings(directory=tmp_path / "sets", timeout_s=5)


class Server(ThreadingHTTPServer):
    """Answers each path with what `pages` holds: bytes, or a function that is given the handler."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {}

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        page = self.server.pages.get(self.path.lstrip("/"))
        if callable(page):
            page(self)
        elif page is None:
            self.send_error(404, "Not here")
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def geojson(**columns):
    rows = len(next(iter(columns.values())))
    frame = gpd.GeoDataFrame(columns, geometry=[box(i, 0, i + 1, 1) for i in range(rows)], crs=4326)
    return frame.to_json().encode()


UNITS = geojson(ADM1_PCODE=["AA1", "AA2"], ADM1_EN=["East", "West"], ADM0_PCODE=["AA", "AA"])


def sources_file(folder, body):
    path = folder / "sources.toml"
    path.write_text(body, encoding="utf-8")
    return path


def described(name="aa-adm1", rest="level = 1", files=(), tables=""):
    lines = [
        f"[sets.{name}]",
        'title = "Test"',
        'licence = "CC0"',
        'attribution = "Us"',
        'homepage = "https://example.org"',
        rest,
    ]
    for url, sha256 in files:
        lines += [f"[[sets.{name}.files]]", f'url = "{url}"'] + ([f'sha256 = "{sha256}"'] if sha256 else [])
    return "\n".join([*lines, tables])


def sha(data):
    return hashlib.sha256(data).hexdigest()


def nothing_is_left(settings):
    return not settings.directory.exists() or not any(settings.directory.iterdir())


# The list


def test_the_shipped_list_has_fixed_checksums_where_the_files_are_fixed():
    sources = {source.name: source for source in list_sources()}
    assert list(sources) == [
        "kaz-adm2-geokz",
        "kaz-adm1-geokz",
        "cod-ab",
        "cod-ab-fieldmaps",
        "geoboundaries",
    ]
    for level in (1, 2):
        files = sources[f"kaz-adm{level}-geokz"].files
        assert [file.url.rpartition(".")[2] for file in files] == ["shp", "shx", "dbf", "prj", "cpg"]
        assert all(file.sha256 and "41c1a00454ec9e01bda031b5074920bd82de02ce" in file.url for file in files)


def test_the_shipped_list_has_the_checksums_of_the_real_files(real_data):
    files = [file for source in list_sources() for file in source.files if file.sha256]
    for file in files:
        name = file.url.rpartition("/")[2]
        assert sha((real_data / "kaz_boundaries_geokz" / name).read_bytes()) == file.sha256, name


def test_the_shipped_list_says_licence_and_attribution_and_takes_only_https():
    for source in list_sources():
        assert source.licence
        assert source.attribution
        for url in [file.url for file in source.files] + ([source.index.url] if source.index else []):
            assert url.startswith("https://")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[sets", "cannot be read"),
        ("[sets.x]\ntitle = 'X'", r"sets\.x\.licence: Field required"),
        (described(), "either files or an index"),
        (described(rest="", files=[("https://e.org/a", None)]), "either a level or 'level' among"),
        (
            described(rest="level = 1\nparameters = ['year']", files=[("https://e.org/a", None)]),
            "parameters are iso3 and level, not year",
        ),
        (
            described(rest="level = 1\ncolumns = { code = 'A' }", files=[("https://e.org/a", None)]),
            "not code",
        ),
        (
            described(
                rest="level = 1\ncolumns = { pcode = { column = 'A', codes = 'gone' } }",
                files=[("https://e.org/a", None)],
            ),
            r"there is no table codes\.gone",
        ),
        (described(files=[("https://e.org/a", "abc")]), "sha256"),
    ],
)
def test_a_list_that_is_not_of_the_form_is_refused_with_its_place(tmp_path, body, message):
    with pytest.raises(InputError, match=message):
        list_sources(sources_file(tmp_path, body))


def test_a_set_that_is_not_listed_is_refused_with_those_that_are(settings):
    with pytest.raises(InputError, match="no set 'kaz-adm9' to fetch; there are kaz-adm2-geokz"):
        fetch("kaz-adm9", settings)


# Real files


def test_the_224_districts_come_whole_with_parents_among_the_shipped_regions(
    tmp_path, settings, server, real_data
):
    """The shipped entry itself, its addresses turned to a server on this machine."""
    folder = real_data / "kaz_boundaries_geokz"
    server.pages = {path.name: path.read_bytes() for path in folder.iterdir()}
    shipped = list_sources()[0]
    base = shipped.files[0].url.rpartition("/")[0]
    text = (
        (boundaries_folder() / "sources.toml").read_text(encoding="utf-8").replace(f"{base}/", server.url(""))
    )
    sources, findings, seen = sources_file(tmp_path, text), Findings(), []
    known = fetch(
        "kaz-adm2-geokz",
        settings,
        sources=sources,
        findings=findings,
        progress=lambda *step: seen.append(step),
    )

    units = load_boundaries("kaz-adm2-geokz", settings, findings=Findings())
    ADMIN_UNITS.validate(units)
    assert len(units) == known.units == 224
    regions = load_boundaries("kaz-adm1", settings, findings=Findings())
    assert set(units["parent_pcode"]) == set(regions["pcode"])
    kato = regions.set_index("pcode")["kato"].str[:2]
    assert (units["parent_pcode"].map(kato) == units["kato"].str[:2]).all()
    district = units.set_index("kato").loc["471800000"]
    assert (district.parent_pcode, district.name_en, district.valid_on) == (
        "KAZ014",
        "Zhanaozen",
        "2024-12-31",
    )

    assert {one.code for one in findings} == {FindingCode.INVALID_UNIT, FindingCode.WRONG_ENCODING}
    assert {one.file for one in findings} == {server.url("kaz_admbnda_adm2_2024.shp")}
    original = settings.directory / "kaz-adm2-geokz" / "original"
    assert {path.suffix for path in original.iterdir()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert read_metadata("kaz-adm2-geokz", settings) == known
    assert known.licence == "CC BY 4.0"
    assert ("kaz_admbnda_adm2_2024.shp", 1_020_936, 1_020_936) in seen

    regions_known = fetch("kaz-adm1-geokz", settings, sources=sources)
    fetched = load_boundaries("kaz-adm1-geokz", settings, findings=Findings())
    both = fetched.merge(regions, on="pcode", suffixes=("", "_shipped"))
    assert len(both) == regions_known.units == 20
    assert (both["kato"] == both["kato_shipped"]).all()
    assert (both["iso3166_2"] == both["iso3166_2_shipped"]).all()
    assert stored_names(settings) == ["kaz-adm1-geokz", "kaz-adm2-geokz"]


# One file


def test_a_set_comes_from_a_file_address(tmp_path, settings):
    (tmp_path / "my units.geojson").write_bytes(UNITS)
    url = (tmp_path / "my units.geojson").as_uri()
    sources = sources_file(tmp_path, described(files=[(url, sha(UNITS).upper())]))
    known = fetch("aa-adm1", settings, sources=sources)
    assert list(load_boundaries("aa-adm1", settings, findings=Findings())["name_en"]) == ["East", "West"]
    assert known.original[0].name == "my units.geojson"
    assert known.original[0].sha256 == sha(UNITS)


def test_a_wrong_checksum_is_refused_and_nothing_is_left(tmp_path, settings, server):
    server.pages["a.geojson"] = UNITS
    sources = sources_file(tmp_path, described(files=[(server.url("a.geojson"), sha(b"other"))]))
    with pytest.raises(FetchError, match=f"its SHA-256 is {sha(UNITS)}, not {sha(b'other')}"):
        fetch("aa-adm1", settings, sources=sources)
    assert nothing_is_left(settings)


def test_of_several_files_none_stays_when_the_last_is_wrong(tmp_path, settings, server):
    server.pages |= {"a.geojson": UNITS, "b.txt": b"changed"}
    files = [(server.url("a.geojson"), sha(UNITS)), (server.url("b.txt"), sha(b"as it was"))]
    sources = sources_file(tmp_path, described(files=files))
    with pytest.raises(FetchError, match=r"b\.txt: its SHA-256"):
        fetch("aa-adm1", settings, sources=sources)
    assert nothing_is_left(settings)


def test_a_transfer_that_breaks_off_is_refused_and_nothing_is_left(tmp_path, settings, server):
    def breaks_off(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(UNITS)))
        handler.end_headers()
        handler.wfile.write(UNITS[:100])
        handler.close_connection = True

    server.pages["a.geojson"] = breaks_off
    sources = sources_file(tmp_path, described(files=[(server.url("a.geojson"), None)]))
    with pytest.raises(FetchError, match="broke off after 100 of"):
        fetch("aa-adm1", settings, sources=sources)
    assert nothing_is_left(settings)


def test_a_file_that_is_announced_as_too_large_is_refused_before_it_comes(tmp_path, server):
    server.pages["a"] = b"x" * 1001
    with pytest.raises(
        FetchError, match="larger than the limit of 1,000 bytes; GEO_SERVICE_BOUNDARIES_MAX_BYTES"
    ):
        download(server.url("a"), tmp_path / "a", max_bytes=1000, timeout_s=5)
    assert not any(tmp_path.iterdir())


def test_a_file_of_exactly_the_limit_is_taken(tmp_path, server):
    server.pages["a"] = b"x" * 1000
    assert download(server.url("a"), tmp_path / "a", max_bytes=1000, timeout_s=5) == sha(b"x" * 1000)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_that_does_not_say_its_size_is_refused_as_it_passes_the_limit(tmp_path, server):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    server.pages["a"] = endless
    with pytest.raises(FetchError, match="larger than the limit"):
        download(server.url("a"), tmp_path / "a", max_bytes=200_000, timeout_s=5)
    assert not any(tmp_path.iterdir())


def test_an_address_that_is_not_there_is_refused_with_the_servers_answer(tmp_path, server):
    with pytest.raises(FetchError, match="the server answered 404"):
        download(server.url("gone"), tmp_path / "a", max_bytes=1000, timeout_s=5)
    with pytest.raises(FetchError, match="cannot be read: No such file"):
        download((tmp_path / "gone").as_uri(), tmp_path / "a", max_bytes=1000, timeout_s=5)


def test_a_server_that_does_not_answer_is_said_to_be_so(tmp_path, server):
    url = server.url("a")
    server.shutdown()
    server.server_close()
    with pytest.raises(FetchError, match=r"no answer: .*see whether this machine is online"):
        download(url, tmp_path / "a", max_bytes=1000, timeout_s=1)


def test_a_server_that_falls_silent_is_given_up(tmp_path, server):
    asked = threading.Event()

    def silent(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x")
        handler.wfile.flush()
        asked.wait(10)

    server.pages["a"] = silent
    with pytest.raises(FetchError, match=r"it broke off: .*timed out"):
        download(server.url("a"), tmp_path / "a", max_bytes=1000, timeout_s=0.3)
    asked.set()
    assert not any(tmp_path.iterdir())


def test_a_target_that_cannot_be_written_is_an_output_error(tmp_path, server):
    server.pages["a"] = b"x"
    with pytest.raises(OutputError, match="cannot be written"):
        download(server.url("a"), tmp_path / "no" / "a", max_bytes=1000, timeout_s=5)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/a", "ftp://example.org/a", "a.geojson", "file://example.org/a", "http://10.0.0.1/"],
)
def test_addresses_elsewhere_that_are_not_https_are_refused(url):
    with pytest.raises(FetchError, match="only https:"):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a", "file:///a", "http://127.0.0.1:9/a", "http://localhost/a", "http://[::1]/a"],
)
def test_https_and_this_machine_are_taken(url):
    check_url(url)


@pytest.mark.parametrize("url", ["file:///etc/hosts", "http://127.0.0.1/a", "https://localhost/a"])
def test_an_answer_from_elsewhere_may_not_lead_to_this_machine(url):
    with pytest.raises(FetchError, match="leads to this machine"):
        check_url(url, origin="https://example.org/index.json")


def test_a_redirect_is_followed_only_to_an_address_that_is_taken(tmp_path, server):
    def to(place):
        def redirect(handler):
            handler.send_response(302)
            handler.send_header("Location", place)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return redirect

    server.pages |= {"a": b"x", "near": to(server.url("a")), "far": to("http://example.org/a")}
    assert download(server.url("near"), tmp_path / "a", max_bytes=10, timeout_s=5) == sha(b"x")
    with pytest.raises(FetchError, match=r"http://example\.org/a: only https:"):
        download(server.url("far"), tmp_path / "b", max_bytes=10, timeout_s=5)


# What was fetched


def test_units_that_cannot_be_used_leave_nothing_and_are_named_by_their_address(tmp_path, settings, server):
    server.pages["a.geojson"] = geojson(ADM1_PCODE=["A", "A"])
    sources = sources_file(tmp_path, described(files=[(server.url("a.geojson"), None)]))
    findings = Findings()
    with pytest.raises(FindingsError, match="given to more than one unit"):
        fetch("aa-adm1", settings, sources=sources, findings=findings)
    assert [(one.code, one.file) for one in findings] == [
        (FindingCode.DUPLICATE_UNIT, server.url("a.geojson"))
    ]
    assert nothing_is_left(settings)


def test_a_set_that_is_there_is_kept_unless_it_is_to_be_replaced(tmp_path, settings, server):
    server.pages["a.geojson"] = UNITS
    sources = sources_file(tmp_path, described(files=[(server.url("a.geojson"), None)]))
    fetch("aa-adm1", settings, sources=sources)
    server.pages["a.geojson"] = geojson(ADM1_PCODE=["NEW"])
    with pytest.raises(OutputError, match="there is a set 'aa-adm1' already; --overwrite"):
        fetch("aa-adm1", settings, sources=sources)
    assert len(load_boundaries("aa-adm1", settings, findings=Findings())) == 2
    fetch("aa-adm1", settings, sources=sources, overwrite=True)
    assert list(load_boundaries("aa-adm1", settings, findings=Findings())["pcode"]) == ["NEW"]
    assert [path.name for path in settings.directory.iterdir()] == ["aa-adm1"]


def test_a_failed_replacement_leaves_the_older_set(tmp_path, settings, server):
    server.pages["a.geojson"] = UNITS
    sources = sources_file(tmp_path, described(files=[(server.url("a.geojson"), None)]))
    fetch("aa-adm1", settings, sources=sources)
    server.pages["a.geojson"] = b"not a layer"
    with pytest.raises(FindingsError):
        fetch("aa-adm1", settings, sources=sources, overwrite=True)
    assert len(load_boundaries("aa-adm1", settings, findings=Findings())) == 2
    assert [path.name for path in settings.directory.iterdir()] == ["aa-adm1"]


def test_when_the_new_set_cannot_be_moved_into_its_place_the_older_one_comes_back(
    tmp_path, settings, server, monkeypatch
):
    server.pages["a.geojson"] = UNITS
    sources = sources_file(tmp_path, described(files=[(server.url("a.geojson"), None)]))
    fetch("aa-adm1", settings, sources=sources)
    rename = Path.rename

    def full(path, target):
        if path.name == "set":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OutputError, match="cannot be written: No space left"):
        fetch("aa-adm1", settings, sources=sources, overwrite=True)
    assert len(load_boundaries("aa-adm1", settings, findings=Findings())) == 2
    assert [path.name for path in settings.directory.iterdir()] == ["aa-adm1"]


@pytest.mark.parametrize(("name", "message"), [("kaz-adm1", "ships with"), ("a/../b", "cannot name a set")])
def test_names_that_cannot_be_stored_under_are_refused(tmp_path, settings, name, message):
    body = described(f'"{name}"', files=[("https://example.org/a.geojson", None)])
    with pytest.raises(InputError, match=message):
        fetch(name, settings, sources=sources_file(tmp_path, body))


def test_an_address_that_ends_in_no_file_name_is_refused(tmp_path, settings, server):
    sources = sources_file(tmp_path, described(files=[(server.url(".."), None)]))
    with pytest.raises(FetchError, match="not the name of a file"):
        fetch("aa-adm1", settings, sources=sources)


def test_a_directory_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    settings = BoundarySettings(directory=tmp_path / "taken" / "sets")
    sources = sources_file(tmp_path, described(files=[("https://example.org/a.geojson", None)]))
    with pytest.raises(OutputError, match="GEO_SERVICE_BOUNDARIES_DIRECTORY"):
        fetch("aa-adm1", settings, sources=sources)


# Sets of any country


def any_country(server, rest):
    return described("any", 'parameters = ["iso3", "level"]\n' + rest.replace("BASE/", server.url("")))


def test_geoboundaries_is_fetched_in_two_steps_with_the_licence_it_states(tmp_path, settings, server):
    server.pages["api/KGZ/ADM2/"] = json.dumps(
        {
            "gjDownloadURL": server.url("geoBoundaries-KGZ-ADM2.geojson"),
            "boundaryLicense": "CC BY 3.0",
            "boundarySource": "National Statistics",
        }
    ).encode()
    server.pages["geoBoundaries-KGZ-ADM2.geojson"] = geojson(
        shapeName=["Osh"], shapeISO=[""], shapeID=["77B"], shapeGroup=["KGZ"], shapeType=["ADM2"]
    )
    index = (
        '[sets.any.index]\nurl = "BASE/api/{ISO3}/ADM{level}/"\nlink = "gjDownloadURL"\n'
        'licence = "boundaryLicense"\nattribution = "boundarySource"'
    )
    sources = sources_file(tmp_path, any_country(server, index))
    known = fetch("any", settings, iso3="kgz", level=2, sources=sources)
    assert (known.name, known.level, known.licence) == ("any-kgz-adm2", 2, "CC BY 3.0")
    assert known.attribution == "National Statistics"
    assert list(load_boundaries("any-kgz-adm2", settings, findings=Findings())["pcode"]) == ["77B"]


HDX_INDEX = """member = "{iso3}_admin{level}.geojson"
[sets.any.index]
url = "BASE/package?id=cod-ab-{iso3}"
items = "result.resources"
where = { name = "{iso3}_admin_boundaries.geojson.zip" }
link = "url"
licence = "result.license_title"
"""


def hdx_answer(server, name="kgz_admin_boundaries.geojson.zip", licence="CC BY-IGO"):
    resources = [
        {"name": "kgz.xlsx", "url": server.url("kgz.xlsx")},
        {"name": name, "url": server.url("kgz.zip")},
    ]
    return json.dumps({"result": {"license_title": licence, "resources": resources}}).encode()


def packed(folder, **files):
    path = folder / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"sub/{name}.geojson", data)
    return path.read_bytes()


def test_cod_ab_is_picked_from_the_catalogue_and_taken_out_of_its_archive(tmp_path, settings, server):
    server.pages["package?id=cod-ab-kgz"] = hdx_answer(server)
    server.pages["kgz.zip"] = packed(
        tmp_path, kgz_admin1=geojson(adm1_pcode=["KG01"]), kgz_admin2=geojson(adm2_pcode=["KG0101", "KG0102"])
    )
    sources = sources_file(tmp_path, any_country(server, HDX_INDEX))
    known = fetch("any", settings, iso3="KGZ", level=1, sources=sources)
    assert (known.name, known.units, known.licence) == ("any-kgz-adm1", 1, "CC BY-IGO")
    assert fetch("any", settings, iso3="KGZ", level=2, sources=sources).units == 2


def test_a_catalogue_that_changed_is_said_to_have(tmp_path, settings, server):
    sources = sources_file(tmp_path, any_country(server, HDX_INDEX))
    for page, message in (
        (b"<html>", "not JSON"),
        (b"[]", "has no 'result.resources'; the service may have changed"),
        (hdx_answer(server, licence=None), "has no 'result.license_title'"),
        (hdx_answer(server, name="other.zip"), r"lists no file with name kgz_admin_boundaries\.geojson\.zip"),
    ):
        server.pages["package?id=cod-ab-kgz"] = page
        with pytest.raises(FetchError, match=message):
            fetch("any", settings, iso3="KGZ", level=1, sources=sources)
        assert nothing_is_left(settings)


def test_an_archive_without_the_file_or_with_a_bomb_or_that_is_none_is_refused(tmp_path, server):
    server.pages["package?id=cod-ab-kgz"] = hdx_answer(server)
    sources = sources_file(tmp_path, any_country(server, HDX_INDEX))
    settings = BoundarySettings(directory=tmp_path / "sets", max_bytes=100_000)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kgz_admin1.geojson", b" " * 1_000_000)
    for page, message in (
        (packed(tmp_path, other=b"{}"), r"has no kgz_admin1\.geojson; it has sub/other\.geojson"),
        (bomb.read_bytes(), "larger than the limit of 100,000"),
        (b"PK", "not a zip archive"),
    ):
        server.pages["kgz.zip"] = page
        with pytest.raises(FetchError, match=message):
            fetch("any", settings, iso3="KGZ", level=1, sources=sources)
        assert nothing_is_left(settings)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("geoboundaries", {"level": 1}, "say --iso3"),
        ("geoboundaries", {"iso3": "KGZ"}, "say --level"),
        ("geoboundaries", {"iso3": "Kyrgyzstan", "level": 1}, "alpha-3"),
        ("geoboundaries", {"iso3": "KGZ", "level": 4}, "level 4 is not known"),
        ("kaz-adm2-geokz", {"iso3": "KAZ"}, "has no --iso3"),
    ],
)
def test_parameters_that_are_missing_wrong_or_too_many_are_refused(settings, name, given, message):
    with pytest.raises(InputError, match=message):
        fetch(name, settings, **given)
