"""A service that takes uploads, over a store that the command line made, and real files to send. All of it is synthetic."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import uvicorn
from api import client_of
from frames import text
from raw_surveys import clean_round
from rounds import round_units
from typer.testing import CliRunner

from geo_service.api.security.roles import Role
from geo_service.cli.app import app as commands
from geo_service.demo.exports import write_kobo
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.layers import read_facilities
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.inputs import file_input
from geo_service.release.stores import open_store
from geo_service.settings import BoundarySettings, ReleaseSettings, UploadSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

__all__ = [
    "Running",
    "held",
    "kill",
    "listening",
    "made",
    "rows_by_command",
    "rows_of",
    "send_facilities",
    "send_round",
    "served",
    "service",
    "sites",
    "the_end",
]

LONG = 180


def command(*arguments: object) -> None:
    """Run the command line."""
    result = CliRunner().invoke(commands, [*map(str, arguments), "--quiet"])
    assert result.exit_code == 0, result.output


def sites(count: int, shift: float = 0.0) -> gpd.GeoDataFrame:
    """Facilities in the made-up districts, longitude and latitude."""
    lon = [60.1 + shift + 3.5 * one / count for one in range(count)]
    points = gpd.points_from_xy(lon, [50.2 + shift + 0.01 * one for one in range(count)])
    names = [f"Synthetic site {one}" for one in range(count)]
    ids = [f"s{one}" for one in range(count)]
    return gpd.GeoDataFrame({"id": text(ids), "name": text(names)}, geometry=points, crs=4326)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Files to send, and a store of a release of villages with two kinds of facilities; to be read only."""
    return _made(tmp_path_factory.getbasetemp() / "to-upload")


@cache
def _made(folder: Path) -> SimpleNamespace:
    # A fixture that several files import is another one in each.
    folder.mkdir()
    drawn = round_units()
    for level in (1, 2):
        drawn[drawn["level"] == level].to_file(folder / f"adm{level}.geojson")
    files = [str(folder / f"adm{level}.geojson") for level in (1, 2)]
    units = pd.concat([load_boundaries(one, BoundarySettings()) for one in files], ignore_index=True)
    survey = clean_round(8)
    write_kobo(survey, folder / "B2.xlsx", folder / "B1.xlsx")
    for service, count in (("hospital", 4), ("school", 3)):
        sites(count).to_file(folder / f"{service}.geojson")
    layers = {
        one: read_facilities(folder / f"{one}.geojson", one) for one in (Service.HOSPITAL, Service.SCHOOL)
    }
    villages = survey.villages[["village_id", "village_name", "households", "geometry"]]
    with release_contents(
        villages=locate(villages, units),
        units=units,
        facilities=layers,
        inputs=[file_input("facilities", folder / f"{one}.geojson", rows=len(layers[one])) for one in layers],
        attributions=["Synthetic, of tests"],
        notes=["Synthetic data, made for tests."],
    ) as contents:
        FolderStore(ReleaseSettings(directory=folder / "releases")).publish(contents)
    return SimpleNamespace(folder=folder, store=folder / "releases", survey=survey)


def rows_by_command(made: SimpleNamespace, store: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """What `rows_of` gives where the command line imports and publishes the same files."""
    for name in ("rounds", "boundaries"):
        patch.setenv(f"GEO_SERVICE_{name.upper()}_DIRECTORY", str(store / name))
    there = made.folder
    of = ["--round", 3, "--country", "KAZ"]
    of += [part for level in (1, 2) for part in ("--boundaries", there / f"adm{level}.geojson")]
    layers = [part for one in ("hospital", "school") for part in ("-f", f"{one}={there / f'{one}.geojson'}")]
    command("rounds", "import", there / "B1.xlsx", there / "B2.xlsx", *of)
    command("releases", "publish", *of, *layers, "--store", store / "releases")
    return rows_of(store / "releases")


class Running:
    """A service over a store of its own."""

    def __init__(self, client: TestClient, store: str, jobs: Path) -> None:
        """Remember what is there."""
        self.client = client
        self.store = store
        self.jobs = jobs
        self._before = self.state()

    def state(self) -> Any:
        """All that a failed upload may not change."""
        with closing(open_store(self.store)) as kept:
            entries = [(one.id, one.is_current, one.since) for one in kept.entries()]
        if not Path(self.store).is_dir():
            return entries
        files = [
            one for one in sorted(Path(self.store).rglob("*")) if one.is_file() and "leases" not in one.parts
        ]
        return entries, [(str(one), hashlib.sha256(one.read_bytes()).hexdigest()) for one in files]

    def is_unchanged(self) -> bool:
        """Whether the store is byte for byte as it was, and nothing is left of uploads but what is told of jobs."""
        return self.state() == self._before and not self.left()

    def left(self) -> list[str]:
        """What uploads have left on disk beside what is told of jobs."""
        kept = {"job.json", "lock", "turn"}
        there = [one for one in self.jobs.rglob("*") if one.parent.name != "keys" and one.is_file()]
        leftovers = [str(one.relative_to(self.jobs)) for one in there if one.name not in kept]
        return leftovers + [str(one) for one in (self.jobs / "incoming").glob("*")]


@contextmanager
def served(store: str, jobs: Path, role: Role = Role.EDITOR, **uploads: Any) -> Iterator[Running]:
    """A service over a store, with other settings of uploads."""
    with client_of(store, role, scratch=jobs) as client:
        client.app.state.uploads = UploadSettings(directory=jobs, **uploads)
        yield Running(client, store, jobs)


@pytest.fixture
def service(made: SimpleNamespace, tmp_path: Path) -> Iterator[Running]:
    """A service over a copy of the store."""
    shutil.copytree(made.store, tmp_path / "releases")
    with served(str(tmp_path / "releases"), tmp_path / "jobs") as running:
        yield running


def send_round(client: TestClient, folder: Path, query: str = "", **headers: str) -> Any:
    """Send the workbooks in a folder as Round 3."""
    files = [("files", (name, (folder / name).read_bytes())) for name in ("B1.xlsx", "B2.xlsx")]
    fields = {"number": "3", "country": "KAZ"}
    return client.post(f"/rounds{query}", files=files, data=fields, headers=_named(headers))


def send_facilities(
    client: TestClient, name: str, content: bytes, service: str = "hospital", query: str = "", **more: str
) -> Any:
    """Send one file of facilities; keywords with capitals are headers, others fields."""
    headers = {key: value for key, value in more.items() if key[0].isupper()}
    fields = {key: value for key, value in more.items() if key not in headers}
    files = {"file": (name, content)}
    return client.post(f"/facilities/{service}{query}", files=files, data=fields, headers=_named(headers))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in headers.items()}


def the_end(client: TestClient, answer: Any) -> dict[str, Any]:
    """The job of an answer when it is over."""
    assert answer.status_code in {200, 202}, answer.text
    job = answer.json()
    until = time.monotonic() + LONG
    while job["status"] in {"waiting", "running"}:
        assert time.monotonic() < until, job
        time.sleep(0.1)
        job = client.get(f"/jobs/{job['id']}").json()
    return job


@contextmanager
def held(jobs: Path) -> Iterator[None]:
    """No job gets its turn."""
    jobs.mkdir(exist_ok=True)
    with (jobs / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def kill(job_id: str) -> None:
    """Kill the process of a job."""
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if one.read_bytes().split(b"\0")[-2:-1] == [job_id.encode()]:
                os.kill(int(one.parent.name), signal.SIGKILL)


@contextmanager
def listening(app: Any) -> Iterator[int]:
    """The port of a real server of the app."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield taken.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def rows_of(store: str | Path) -> dict[str, str]:
    """The checksum of the rows of each collection of the current release."""
    with FolderStore(ReleaseSettings(directory=Path(store))).open() as release:
        return {one.name: one.rows_sha256 for one in release.manifest.collections}
