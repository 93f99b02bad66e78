"""The documents say what is so: names, codes, commands, links and examples are checked against the code."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import typer.main
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from geo_service.cli.app import app
from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.demo.data import demo_settlements, synthetic_facilities
from geo_service.export.fields import short_names
from geo_service.export.tables import TABLE_FORMATS
from geo_service.export.vector import LAYER_FORMATS, write_layer
from geo_service.findings import Finding, FindingCode, Findings
from geo_service.ingest.columns import USUAL_NAMES
from geo_service.ingest.tables import CSV_SUFFIXES, WORKBOOK_SUFFIXES
from geo_service.schemas import ACCESS_COLUMNS
from geo_service.vocabulary import Status

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "geo_service"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "boundaries", "notebooks", "geo_service/demo", "tests/benchmarks")
    for path in (ROOT / folder).glob("*.md")
)
COMMAND = typer.main.get_command(app)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def by_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rows_of(text: str) -> list[list[str]]:
    """The cells of all table rows of a Markdown text; an escaped bar is a bar."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("| ---")]
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines
    ]


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    level = len(heading.partition(" ")[0])
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"there is no '{heading}'"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def blocks(path: Path, *languages: str) -> list[str]:
    """The fenced blocks of a document in one of `languages`."""
    found = re.findall(
        r"^```(\w*)[^\n]*\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return [block for language, block in found if language in languages]


# docs/dependencies.md


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [("## Core", PROJECT["dependencies"])]
    + [(f"## Extra `{extra}`", wanted) for extra, wanted in EXTRAS.items() if extra != "all"],
)
def test_each_dependency_has_its_line_and_no_other_has(heading, wanted):
    rows = [row for row in rows_of(section(text_of("docs/dependencies.md"), heading)) if row[0] != "package"]
    said = [canonicalize_name(row[0]) for row in rows]
    assert sorted(said) == sorted(canonicalize_name(Requirement(one).name) for one in wanted)
    for name, purpose, _, licence in rows:
        assert purpose, f"{name}: what is it for?"
        assert licence, f"{name}: under which licence?"


def test_lgpl_is_only_among_what_users_never_install():
    text = text_of("docs/dependencies.md")
    users = [
        section(text, heading)
        for heading in ("## Core", "## Extra `osm`", "## Extra `excel`", "## Extra `maps`")
    ]
    assert [row for part in users for row in rows_of(part) if "GPL" in row[-1]] == []


# docs/findings.md


def findings_table() -> dict[str, set[str]]:
    """The severities that the document gives each code."""
    rows = [row for row in rows_of(text_of("docs/findings.md")) if row[0] != "code"]
    codes = [row[0].strip("`") for row in rows]
    assert len(set(codes)) == len(codes)
    assert all(len(row) == 4 and all(row) for row in rows)
    return {code: set(row[1].split(", ")) for code, row in zip(codes, rows, strict=True)}


def test_each_finding_code_is_explained_and_no_other():
    assert set(findings_table()) == {code.value for code in FindingCode}


def test_findings_are_explained_with_the_severities_that_they_are_given():
    said = findings_table()
    assert set.union(*said.values()) == {"error", "warning"}
    for path in sorted(PACKAGE.rglob("*.py")):
        for severity, code in re.findall(
            r"\.(error|warning)\(\s*FindingCode\.(\w+)", path.read_text(encoding="utf-8")
        ):
            assert severity in said[FindingCode[code].value], f"{by_name(path)}: {severity} {code}"


def test_the_columns_of_findings_are_listed_as_they_are_written():
    listed = re.search(r"columns of the file are `([^`]+)`", text_of("docs/findings.md"))
    assert listed[1].split(", ") == list(Finding.__dataclass_fields__)


# docs/formats.md


def formats(heading: str) -> list[list[str]]:
    return rows_of(section(text_of("docs/formats.md"), heading))


def test_usual_column_names_are_listed_as_they_are_looked_for():
    listed = {
        row[0].strip("`"): tuple(row[3].split(", ")) for row in formats("### How columns are found")[1:]
    }
    assert listed == dict(USUAL_NAMES)


def test_input_extensions_are_listed():
    listed = set(re.findall(r"`(\.\w+)`", section(text_of("docs/formats.md"), "## In")))
    assert listed >= CSV_SUFFIXES | WORKBOOK_SUFFIXES | {".parquet", ".geoparquet", ".pq"}


def test_columns_of_the_layer_are_listed_in_their_order():
    listed = [row[0].strip("`") for row in formats("## Out: the layer") if len(row) == 3]
    columns = listed[listed.index("column") + 1 : listed.index("extension")]
    assert tuple(columns) == ACCESS_COLUMNS
    assert tuple(listed[listed.index("extension") + 1 :]) == tuple(LAYER_FORMATS)


def test_names_of_shapefile_fields_are_listed():
    rows = formats("### Shapefile and KML: `NAME.shp.fields.csv`, `NAME.kml.fields.csv`")
    listed = {column.strip("`"): name.strip("`") for column, name in rows[1:]}
    assert listed == {column: name for column, name in short_names(ACCESS_COLUMNS).items() if name != column}


def test_table_formats_statuses_and_bands_are_listed():
    text = text_of("docs/formats.md")
    assert all(f"`{extension}`" in section(text, "## Out: the table") for extension in TABLE_FORMATS)
    assert {row[0].strip("`") for row in formats("## Statuses")[1:]} == {status.value for status in Status}
    assert all(f"`{label}`" in section(text, "## Bands") for label in DEFAULT_BANDS.labels)


# Commands, extras, targets and links in every document


def commands_of(path: Path) -> list[str]:
    lines = "\n".join(blocks(path, "sh", "bash", "shell", "console")).replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ").strip() for line in lines if line.strip()]


def words_after(program: str) -> list[tuple[str, list[str]]]:
    """Each line of a shell block in any document that calls `program`, and its words after it."""
    found = []
    for path in DOCUMENTS:
        for line in commands_of(path):
            words = shlex.split(line, comments=True)
            names = [Path(word).name for word in words]
            if program in names and names.index(program) in {0, 1}:
                found.append((f"{by_name(path)}: {line}", words[names.index(program) + 1 :]))
    return found


@pytest.mark.parametrize(
    "words", [pytest.param(words, id=name) for name, words in words_after("geo-service")]
)
def test_commands_in_documents_have_the_options_they_are_shown_with(words):
    command = COMMAND
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    assert not getattr(command, "commands", None) or words[:1] in ([], ["--help"], ["--version"])
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    given = {word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)}
    assert given <= known


@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, words in words_after("make")])
def test_make_targets_in_documents_are_in_the_makefile(words):
    targets = re.findall(r"^([a-z]+):", text_of("Makefile"), flags=re.MULTILINE)
    assert [word for word in words if re.fullmatch(r"[a-z]+", word) and word not in targets] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_extras_in_documents_exist(path):
    named = re.findall(r"(?:geo-service|\.)\[([a-z,]+)\]", path.read_text(encoding="utf-8"))
    assert {extra for one in named for extra in one.split(",")} <= set(EXTRAS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_links_within_the_project_lead_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", text) + re.findall(
        r"(?:src|href)=\"([^\"]+)\"", text
    )
    missing = []
    for target in targets:
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        leads_to = (path.parent / file) if file else path
        is_there = leads_to.exists()
        if is_there and anchor and leads_to.suffix == ".md":
            is_there = anchor in anchors_of(leads_to)
        if not is_there:
            missing.append(target)
    assert missing == []


def anchors_of(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# Examples


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if path == ROOT / "README.md" or blocks(path, "python", "py")],
    ids=by_name,
)
def test_python_in_documents_runs(path, examples, tmp_path, monkeypatch):
    for one in examples.iterdir():
        (tmp_path / one.name).symlink_to(one)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for number, block in enumerate(blocks(path, "python", "py"), start=1):
        exec(compile(block, f"{by_name(path)}, block {number}", "exec"), names)


@pytest.fixture(scope="module")
def examples(tmp_path_factory, offline_demo) -> Path:
    """A folder with the files that examples read: villages.gpkg, hospitals.geojson and so on, and what `make demo` leaves in out/."""
    folder = tmp_path_factory.mktemp("examples")
    villages = demo_settlements(Findings())
    write_layer(villages[["village_id", "village_name", "households", "geometry"]], folder / "villages.gpkg")
    for service, facilities in synthetic_facilities(villages).items():
        write_layer(facilities, folder / f"{service}s.geojson")
    (folder / "out").symlink_to(offline_demo[0] / "out")
    return folder


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGE.rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")],
    ids=by_name,
)
def test_examples_in_docstrings_run(path):
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    examples = [test for test in doctest.DocTestFinder().find(module) if test.examples]
    assert examples
    said: list[str] = []
    with pd.option_context("display.width", 120, "display.max_columns", None):
        for test in examples:
            runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)
