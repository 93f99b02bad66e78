"""What the project promises about itself: its pins, layers, names and licences."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import geo_service

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "geo_service"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUNTIME = [*PROJECT["dependencies"], *EXTRAS["all"]]
LOCKS = ("runtime", "build", "dev", "bench")
MODULES = sorted(PACKAGE.rglob("*.py"))
PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)(\[[a-z0-9,_-]+\])?==(?P<version>[^\s;]+)(\s*;[^\\]+?)?(\s+--hash=sha256:[0-9a-f]{64})+"
)
MOST_LINES = 400
GPL = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)


def pins(lock: str) -> dict[str, str]:
    """The version of each distribution in a file of requirements; fails on a line that is not a pin."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    logical = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE))
    found = {}
    for line in filter(None, map(str.strip, logical.splitlines())):
        pin = PIN.fullmatch(line)
        assert pin, f"requirements/{lock}.txt: not a pin with checksums: {line[:100]}"
        found[canonicalize_name(pin["name"])] = pin["version"]
    return found


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def declared_names(path: Path) -> tuple[list[str] | None, list[str]]:
    """What `__all__` says (null when there is none) and the public functions and classes of a module."""
    declared, public = None, []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                declared = ast.literal_eval(value)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if not name.startswith("_"):
                public.append(name)
    return declared, public


@pytest.mark.parametrize("lock", LOCKS)
def test_requirements_are_pinned_with_checksums(lock):
    assert pins(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_requirements_name_no_index_host_or_file(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|file:|--(extra-)?index|--find-links|--trusted-host|@ ", text)


@pytest.mark.parametrize("requirement", RUNTIME)
def test_runtime_dependencies_are_pinned_as_asked_for(requirement):
    wanted = Requirement(requirement)
    pinned = pins("runtime").get(canonicalize_name(wanted.name))
    assert pinned is not None, f"make lock: requirements/runtime.txt lacks {wanted.name}"
    assert wanted.specifier.contains(pinned), f"make lock: {wanted} against {pinned}"


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_dependencies_of_every_extra_are_pinned_in_some_set(extra):
    pinned = pins("bench")
    for wanted in map(Requirement, EXTRAS[extra]):
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), wanted


@pytest.mark.parametrize("larger", ["dev", "bench"])
def test_larger_sets_do_not_move_the_pins_of_the_smaller(larger):
    held = pins(larger)
    for name, version in pins("runtime").items():
        assert held.get(name, version) == version


def test_the_build_backend_is_pinned():
    wanted = Requirement(PYPROJECT["build-system"]["requires"][0])
    assert wanted.specifier.contains(pins("build")["hatchling"])


def test_the_extra_all_holds_what_users_need():
    users = {
        name
        for extra in ("osm", "excel", "maps", "report", "releases", "postgis", "api")
        for name in EXTRAS[extra]
    }
    assert set(EXTRAS["all"]) == users


# Layers


def layers() -> list[str]:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    ordered = [layer for one in contracts if one["type"] == "layers" for layer in one["layers"]]
    return [name for layer in ordered for name in re.findall(r"\w+", layer)]


@pytest.mark.parametrize("layer", layers())
def test_each_layer_is_a_module_or_room(layer):
    assert (PACKAGE / f"{layer}.py").is_file() or (PACKAGE / layer / "__init__.py").is_file()


def test_each_module_and_room_has_its_layer():
    rooms = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }
    assert rooms - {"__init__", "_version"} == set(layers())


# Names


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_all_names_what_is_public_and_nothing_else(path):
    declared, public = declared_names(path)
    if declared is None:
        assert not public, f"{module_name(path)} has no __all__"
        return
    module = importlib.import_module(module_name(path))
    assert [name for name in declared if not hasattr(module, name)] == []
    assert [name for name in public if name not in declared] == []
    assert len(set(declared)) == len(declared)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_module_is_longer_than_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_finding_code_is_found_by_something():
    used = {
        code
        for path in MODULES
        for code in re.findall(r"FindingCode\.([A-Z0-9_]+)", path.read_text(encoding="utf-8"))
    }
    codes = importlib.import_module("geo_service.findings").FindingCode
    assert used == {code.name for code in codes}


# The project's own files


def test_the_suite_runs_a_second_time_where_the_first_has_left_its_lines(tmp_path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [given] = re.findall(r"-m pytest (.+)$", makefile, re.MULTILINE)
    lines = tmp_path / "lines.json"
    lines.write_text("{}")
    options = given.replace("$(WORKERS)", "0").replace(".lines.json", str(lines)).split()
    assert any(str(lines) in one for one in options)
    # It is the command line that is looked at; no test is run.
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--markers"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "lock", "clean", "help"])
def test_make_has_the_target(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    phony = re.search(r"^\.PHONY:(.*)$", makefile, flags=re.MULTILINE)
    assert target in phony[1].split()


def test_every_phony_target_can_be_made():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY:(.*)$", makefile, flags=re.MULTILINE)[1].split()
    assert [target for target in phony if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)] == []


def test_the_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["license"] == "Apache-2.0"


def test_the_version_is_in_one_place():
    assert PROJECT["dynamic"] == ["version"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "geo_service/_version.py"
    says = [
        path.name
        for path in MODULES
        if re.search(r"^__version__\s*=", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert says == ["_version.py"]


def test_the_changelog_has_a_section_for_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(
        rf"^## \[?{re.escape(geo_service.__version__)}\]? - (Unreleased|\d{{4}}-\d\d-\d\d)$",
        changelog,
        re.MULTILINE,
    )


# Licences of what runs


def runtime_closure() -> set[str]:
    """The names of all distributions that the project needs at run time, as their metadata says on this machine."""
    found: set[str] = set()
    waiting = [(Requirement(text), "") for text in RUNTIME]
    while waiting:
        wanted, extra = waiting.pop()
        name = canonicalize_name(wanted.name)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        if name in found and not wanted.extras:
            continue
        found.add(name)
        requires = [Requirement(text) for text in importlib.metadata.requires(name) or []]
        waiting += [(one, extra) for one in requires for extra in ("", *wanted.extras)]
    return found


def licence(name: str) -> str:
    """What a distribution says of its licence, short: expression, else classifiers, else the first line of its text."""
    metadata = importlib.metadata.metadata(name)
    classifiers = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    text = (metadata.get("License") or "").strip().partition("\n")[0]
    return metadata.get("License-Expression") or "; ".join(classifiers) or text


def test_what_runs_is_what_is_pinned():
    assert runtime_closure() <= set(pins("runtime"))


def test_nothing_that_runs_is_under_the_gpl_or_agpl():
    licences = {name: licence(name) for name in runtime_closure()}
    assert [name for name, said in licences.items() if not said] == []
    assert {name: said for name, said in licences.items() if GPL.search(said)} == {}


@pytest.mark.parametrize(
    ("said", "is_gpl"),
    [
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3", False),
        ("MIT", False),
    ],
)
def test_the_gpl_is_told_from_the_lgpl(said, is_gpl):
    assert bool(GPL.search(said)) is is_gpl


# What must not be in the repository


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout with git, so what is tracked is not known")
    done = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_tracked_file_names_a_folder_of_a_machine(tracked):
    of_a_machine = re.compile(rb"(?<![\w.:/~{}$-])/(?:work|root|tmp|home|Users)/\w")
    found = []
    for path in tracked:
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        lines = content.splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(lines, start=1)
            if of_a_machine.search(line) and not (number == 1 and line.startswith(b"#!"))
        ]
    assert found == []


def test_nothing_that_was_made_is_tracked(tracked):
    made = {
        ".venv",
        "out",
        "dist",
        "build",
        "bench-results",
        "__pycache__",
        ".coverage",
        ".ipynb_checkpoints",
    }
    assert [path for path in tracked if made & set(path.relative_to(ROOT).parts)] == []


@pytest.mark.xdist_group("grouped")
def test_xdist_knows_the_group_of_a_test(request):
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@grouped")
