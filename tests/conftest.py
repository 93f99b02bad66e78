"""What tests share: the synthetic Round 3; the real data, Chromium and PostGIS, each skipped with a reason where it is not there."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import geo_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.schemas import SurveyRound

ROOT = Path(__file__).parents[1]

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


LIBRARIES = (
    "duckdb",
    "fastapi.testclient",
    "folium",
    "geopandas",
    "pandera.pandas",
    "scipy.spatial",
    "sqlalchemy",
)
"""Those that take longest to import."""

NOT_MEASURED = {"world"}
"""Fixtures of the session that take long and do only what tests do, too."""


@contextmanager
def _untraced(config: pytest.Config) -> Iterator[None]:
    """Nothing is traced: on Python 3.11 that doubles the time of everything, libraries included."""
    controller = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if controller is None or sys.gettrace() is None:
        yield
        return
    controller.pause()
    try:
        yield
    finally:
        controller.resume()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect untraced, when the lines of the package that run when it is imported were traced."""
    if session.config.pluginmanager.hasplugin("dsession"):
        # The workers collect.
        return (yield)
    with _untraced(session.config):
        for name in LIBRARIES:
            importlib.import_module(name)
    if session.config.pluginmanager.hasplugin("_cov"):
        # All of them, as test_wording.py imports them anyway.
        for module in pkgutil.walk_packages(geo_service.__path__, "geo_service."):
            importlib.import_module(module.name)
    # What is imported stays: to look for garbage in it takes half a second each time, now and later.
    gc.disable()
    try:
        with _untraced(session.config):
            return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Iterator[object]:
    """What is made for tests that are left out of the measure is left out as well."""
    takes_long = fixturedef.scope == "session" and fixturedef.argname in NOT_MEASURED
    if takes_long or request.node.get_closest_marker("no_cover"):
        with _untraced(request.config):
            return (yield)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave property tests out of the measure of coverage, and let xdist keep a group on one worker."""
    # Tracing doubles their time, and lines that no example reaches are to be seen as such.
    if config.pluginmanager.hasplugin("_cov"):
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker("no_cover")
    # xdist 3.8 writes the group where pytest 9.2 no longer reads it (pytest-xdist #1386).
    if config.getoption("loadgroup", default=False):
        for item in items:
            grouped = getattr(item, "_nodeid", item.nodeid)
            if grouped != item.nodeid:
                item._id = type(item._id).parse(grouped)


def skip_or_fail(what: str, reason: str) -> None:
    """Skip, unless GEO_SERVICE_REQUIRE names `what`: then its absence is a failure."""
    if what in os.environ.get("GEO_SERVICE_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real layers described in its README."""
    folder = Path(os.environ.get("GEO_SERVICE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        skip_or_fail("real_data", f"there is no {folder}; point GEO_SERVICE_TEST_DATA at the real layers")
    return folder


@pytest.fixture(scope="session")
def round_3() -> SurveyRound:
    """The synthetic Round 3, made once a worker: for tests of the group `round 3`, which leave it as it is."""
    from geo_service.demo.synthetic_round import synthetic_round_3  # noqa: PLC0415

    return synthetic_round_3()


@pytest.fixture(scope="session")
def offline_demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which `demo --offline` left `out`, and what it said; made once for the group `demo`, whose tests leave it as it is."""
    from typer.testing import CliRunner  # noqa: PLC0415

    from geo_service.cli.app import app  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("demo")
    kept = {"GEO_SERVICE_BOUNDARIES_DIRECTORY": str(folder / "sets"), "GEO_SERVICE_DEMO_BOUNDARIES": None}
    result = CliRunner().invoke(app, ["demo", "-o", str(folder / "out"), "--offline"], env=kept)
    assert result.exit_code == 0, result.output
    return folder, result.stdout


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    skip_or_fail("chromium", "no chromium was found on PATH")
    raise AssertionError
