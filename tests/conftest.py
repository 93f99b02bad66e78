"""What tests share: the synthetic Round 3; the real data, Chromium and PostGIS, each skipped with a reason where it is not there."""

from __future__ import annotations

import dis
import gc
import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import slipcover.slipcover
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from scheduling import Scheduling
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

    from geo_service.schemas import SurveyRound

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "geo_service"

LINES = pytest.StashKey["Lines"]()
COUNTED = pytest.StashKey[dict]()

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


class Lines(slipcover.Slipcover):
    """The lines of the package that ran in this process, in whichever thread; a line that has been seen costs nothing more."""

    def __init__(self) -> None:
        super().__init__(source=[str(PACKAGE)], exclude_also=["@overload", r"\.\.\.$"])

    def deinstrument_seen(self) -> None:
        # A thread that imports meanwhile changes what is gone through: then next time.
        with suppress(RuntimeError):
            super().deinstrument_seen()


def _annotation_only_lines(code: CodeType) -> frozenset[int]:
    """As slipcover's own, which takes two seconds more for the package since it describes each instruction."""
    only, other = set(), set()
    for instruction, (line, *_) in zip(code.co_code[::2], code.co_positions(), strict=True):
        # What is 0 keeps room for what the interpreter remembers.
        if instruction and line:
            (only if instruction in _ANNOTATIONS else other).add(line)
    return frozenset(only - other)


_ANNOTATIONS = frozenset(
    dis.opmap[one] for one in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_ATTR", "BINARY_SUBSCR") if one in dis.opmap
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to count lines: rewriting code as it is imported costs far less than tracing does on Python 3.11."""
    parser.addoption("--lines", metavar="FILE", help="leave in FILE which lines of geo_service ran")


def pytest_configure(config: pytest.Config) -> None:
    """Count from before anything of the package is imported, in each process that runs tests."""
    distributes = config.getoption("tx", default=None) and not hasattr(config, "workerinput")
    if distributes:
        # Each core has a worker: threads of linear algebra would wait for each other, and burn time while they do.
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, "1")
    # Nobody cuts the power here, and whoever is killed leaves what was written to the system, so no test waits for the disk.
    os.fsync = os.fstat
    if config.getoption("--lines") is None or distributes:
        return
    if early := [name for name in sys.modules if name.partition(".")[0] == PACKAGE.name]:
        msg = f"--lines would miss {early}, imported before it"
        raise pytest.UsageError(msg)
    slipcover.slipcover._get_annotation_only_lines = _annotation_only_lines
    config.stash[LINES] = Lines()
    slipcover.ImportManager(config.stash[LINES], slipcover.FileMatcher(sources=[PACKAGE])).__enter__()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Take over what a worker counted; one that crashed left nothing."""
    if counted := getattr(node, "workeroutput", {}).get("lines"):
        before = node.config.stash.get(COUNTED, None)
        added = json.loads(counted)
        node.config.stash[COUNTED] = slipcover.merge_coverage(before, added) if before else added


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was counted to the controller, or leave it where it was asked for."""
    config = session.config
    if LINES in config.stash:
        config.stash[COUNTED] = config.stash[LINES].get_coverage()
    if COUNTED not in config.stash:
        return
    counted = json.dumps(config.stash[COUNTED])
    if hasattr(config, "workeroutput"):
        config.workeroutput["lines"] = counted
    else:
        Path(config.getoption("--lines")).write_text(counted)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage."""
    # What is imported stays: to look for garbage in it takes half a second each time, now and later.
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let xdist keep a group on one worker, and begin with groups: what is left for the end is then short."""
    # xdist 3.8 writes the group where pytest 9.2 no longer reads it (pytest-xdist #1386).
    if config.getoption("loadgroup", default=False):
        alone = []
        for item in items:
            grouped = getattr(item, "_nodeid", item.nodeid)
            if grouped != item.nodeid:
                item._id = type(item._id).parse(grouped)
            else:
                alone.append(item)
        behind = set(alone)
        groups = [item for item in items if item not in behind]
        # The longest begins, and needs nothing that another worker has to make first.
        items[:] = [*sorted(groups, key=lambda item: not item.nodeid.endswith("@demo")), *alone]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Distribute as scheduling.py says."""
    if config.getoption("dist") != "loadgroup":
        return None
    from scheduling import Scheduling  # noqa: PLC0415

    config.option.loadscopereorder = False
    return Scheduling(config, log)


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
            from playwright.sync_api import expect  # noqa: PLC0415

            # Five seconds are not always enough where two workers share a processor with a browser.
            expect.set_options(timeout=30_000)
            return path
    skip_or_fail("chromium", "no chromium was found on PATH")
    raise AssertionError
