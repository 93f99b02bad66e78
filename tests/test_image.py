"""The Dockerfile, as far as it can be held to without an engine: what it copies, pins and runs as; and the wheel it makes, for real."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import geo_service
from geo_service.cli import serve

ROOT = Path(__file__).parents[1]

# All tests of the wheel on one worker, so that it is built once.
pytestmark = pytest.mark.xdist_group("wheel")


@dataclass
class Stage:
    """A stage of a Dockerfile: its image, name and instructions."""

    image: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def arguments(self, instruction: str) -> list[str]:
        return [argument for name, argument in self.instructions if name == instruction]

    def copies(self) -> list[tuple[list[str], str]]:
        """The sources and destination of each COPY from the build context."""
        words = [shlex.split(argument) for argument in self.arguments("COPY")]
        return [(one[:-1], one[-1]) for one in words if not one[0].startswith("--from=")]


def read_dockerfile() -> tuple[dict[str, str], list[Stage]]:
    """The defaults of global ARGs, and the stages."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, lines)):
        instruction, _, argument = line.partition(" ")
        if instruction == "FROM":
            image, _, name = argument.partition(" AS ")
            stages.append(Stage(image, name))
        elif not stages:
            assert instruction == "ARG"
            name, _, value = argument.partition("=")
            arguments[name] = value
        else:
            stages[-1].instructions.append((instruction, " ".join(argument.split())))
    return arguments, stages


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path of the context away: the last pattern that fits it or a folder above it decides."""
    ignored = False
    above = [path, *(str(one) for one in Path(path).parents if str(one) != ".")]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keeps = pattern.startswith("!")
        parts = re.split(r"(\*\*/|\*)", pattern.removeprefix("!"))
        regex = "".join(
            {"**/": "(?:.*/)?", "*": "[^/]*"}.get(part, part.replace(".", r"\.")) for part in parts
        )
        if any(re.fullmatch(regex, one) for one in above):
            ignored = not keeps
    return ignored


ARGUMENTS, STAGES = read_dockerfile()
SOURCES = sorted({source for stage in STAGES for sources, _ in stage.copies() for source in sources})
WHEEL_STAGE = next(
    stage for stage in STAGES if any("hatchling build" in run for run in stage.arguments("RUN"))
)


def context_files(source: str) -> list[str]:
    """The files of the context that a COPY source brings."""
    path = ROOT / source
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    named = [one.relative_to(ROOT).as_posix() for one in files]
    return [one for one in named if not is_ignored(one)]


# The Dockerfile


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_is_there_and_is_sent_to_the_builder(source):
    assert (ROOT / source).exists()
    assert context_files(source)


def test_nothing_is_sent_to_the_builder_that_is_not_copied():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:].partition("/")[0] for line in lines if line.startswith("!")}
    assert "*" in lines
    sent = {name for top in let_in for name in context_files(top)}
    assert sent == {name for source in SOURCES for name in context_files(source)}


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".git/config", True),
        (".venv/bin/python", True),
        ("tests/test_image.py", True),
        ("boundaries/build_kaz_adm1.py", True),
        ("requirements/dev.txt", True),
        ("geo_service/__pycache__/errors.cpython-311.pyc", True),
        ("geo_service/spatial/__pycache__/crs.cpython-311.pyc", True),
        ("geo_service/ingest/osm/tags.toml", False),
        ("boundaries/sources.toml", False),
        ("pyproject.toml", False),
    ],
)
def test_the_builder_gets_what_it_needs_and_no_more(path, ignored):
    assert is_ignored(path) is ignored


def test_the_base_is_pinned_to_a_patch_release_and_can_be_given_by_digest():
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", ARGUMENTS["PYTHON_IMAGE"])
    names = {stage.name for stage in STAGES}
    assert {stage.image for stage in STAGES} - names == {"${PYTHON_IMAGE}"}


def test_the_image_runs_as_a_numbered_user_that_is_not_root():
    user = STAGES[-1].arguments("USER")[-1]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    number = user.partition(":")[0]
    assert any(f"--uid {number}" in run for run in STAGES[-1].arguments("RUN"))
    last = [name for name, _ in STAGES[-1].instructions]
    assert "RUN" not in last[last.index("USER") :]


def test_pip_takes_only_wheels_with_checksums_or_the_wheel_just_made():
    runs = [run for stage in STAGES for run in stage.arguments("RUN") if " install " in run and "pip" in run]
    assert len(runs) == 3
    for run in runs:
        by_checksum = "--require-hashes" in run and "--only-binary=:all:" in run
        assert "--no-deps" in run
        assert by_checksum or ("--no-index" in run and run.endswith("/dist/*.whl")), run


def test_no_stage_gets_a_compiler_and_lists_of_packages_do_not_stay():
    for stage in STAGES:
        for run in stage.arguments("RUN"):
            assert not re.search(r"\b(gcc|g\+\+|build-essential|[\w-]+-dev)\b", run)
            if "apt-get" in run:
                assert "--no-install-recommends" in run
                assert "rm -rf /var/lib/apt/lists" in run


def test_what_outlives_a_container_is_kept_in_volumes_that_the_user_can_write_to():
    final = STAGES[-1]
    environment = dict(re.findall(r"(\w+)=(\S+)", " ".join(final.arguments("ENV"))))
    kept = ("BOUNDARIES", "ROUNDS", "RELEASES")
    names = [f"GEO_SERVICE_{one}_DIRECTORY" for one in kept]
    tokens = Path(environment["GEO_SERVICE_AUTH_TOKENS"]).parent
    uploads = environment["GEO_SERVICE_UPLOADS_DIRECTORY"]
    volumes = json.loads(final.arguments("VOLUME")[0].replace("\\", ""))
    assert volumes == [*(environment[name] for name in names), str(tokens), uploads]
    [made] = [run for run in final.arguments("RUN") if names[0] in run]
    assert "--mode=1777" in made
    assert all(f"${name}" in made for name in names)
    assert '--mode=0700 "$(dirname "$GEO_SERVICE_AUTH_TOKENS")" "$GEO_SERVICE_UPLOADS_DIRECTORY"' in made


def test_the_port_of_the_service_is_that_which_it_listens_on_by_default():
    [port] = STAGES[-1].arguments("EXPOSE")
    default = inspect.signature(serve.serve_command).parameters["port"].default
    assert str(default) == port


def test_the_image_is_the_command():
    final = STAGES[-1]
    assert json.loads(final.arguments("ENTRYPOINT")[0]) == ["geo-service"]
    assert json.loads(final.arguments("CMD")[0]) == ["--help"]


# The wheel that it makes


def run(*command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel made from a copy of exactly what the Dockerfile copies for it, laid out as there."""
    source, dist = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("dist")
    for sources, destination in WHEEL_STAGE.copies():
        for name in sources:
            is_folder = destination.endswith("/") or (ROOT / name).is_dir()
            for file in context_files(name):
                inside = Path(file).relative_to(name) if (ROOT / name).is_dir() else Path(name).name
                target = source / destination / inside if is_folder else source / destination
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, target)
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(dist), cwd=source)
    [made] = dist.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A folder that holds that wheel alone, and an environment in which it is found first."""
    target = tmp_path_factory.mktemp("target")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    options = ("--no-deps", "--no-index", "--no-compile", "--target", str(target))
    run(sys.executable, *pip, *options, str(wheel), cwd=target)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GEO_SERVICE_", "COV_", "PYTHON"))
    }
    sets = str(tmp_path_factory.mktemp("sets"))
    return target, kept | {
        "PYTHONPATH": str(target),
        "GEO_SERVICE_BOUNDARIES_DIRECTORY": sets,
        "PYTHONWARNINGS": "error",
    }


def test_the_wheel_holds_the_data_that_the_package_needs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= {
        "geo_service/_boundaries/ATTRIBUTION.md",
        "geo_service/_boundaries/kaz_adm1.geojson",
        "geo_service/_boundaries/sources.toml",
        "geo_service/demo/ATTRIBUTION.md",
        "geo_service/demo/kaz_settlements.csv",
        "geo_service/demo/round_3.json",
        "geo_service/ingest/osm/tags.toml",
        "geo_service/py.typed",
        f"geo_service-{geo_service.__version__}.dist-info/licenses/LICENSE",
    }


def test_the_wheel_holds_every_module_and_nothing_else(wheel):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "geo_service").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules
    assert [name for name in names if not name.startswith("geo_service/") or "test" in name] == []
    assert [name for name in names if "__pycache__" in name] == []


def test_the_wheel_says_its_version_licence_and_extras(wheel):
    with zipfile.ZipFile(wheel) as archive:
        [name] = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode()
    assert f"\nVersion: {geo_service.__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "\nProvides-Extra: all\n" in metadata


def test_the_installed_command_says_its_version(installed):
    target, environment = installed
    said = run(sys.executable, str(target / "bin" / "geo-service"), "--version", cwd=target, env=environment)
    assert said.strip() == f"geo-service {geo_service.__version__}"


def test_the_installed_command_finds_the_boundaries_inside_the_wheel(installed):
    target, environment = installed
    command = str(target / "bin" / "geo-service")
    said = json.loads(
        run(sys.executable, command, "boundaries", "list", "--json", cwd=target, env=environment)
    )
    assert "kaz-adm1" in json.dumps(said)
    where = "from geo_service.ingest.boundaries.store import boundaries_folder as f; print(f())"
    folder = run(sys.executable, "-c", where, cwd=target, env=environment).strip()
    assert Path(folder) == target / "geo_service" / "_boundaries"
