"""The notebooks run from top to bottom, leave what they say they leave, and are kept without their outputs."""

from __future__ import annotations

import re
import warnings
import zipfile
from typing import TYPE_CHECKING

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs a notebook in a folder of its own: its code cells and the folder."""

    def ran(name: str) -> tuple[list[nbformat.NotebookNode], Path]:
        folder = tmp_path_factory.mktemp("notebook")
        notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            patch.setenv("PYTHONPATH", str(ROOT))
            patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
            # The kernel's own sockets and directories; what the notebook's code warns of is in its cells' outputs.
            warnings.simplefilter("ignore")
            NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        said = [output for cell in code for output in cell.outputs if output.get("name") == "stderr"]
        assert said == []
        return code, folder

    return ran


def shown(cell: nbformat.NotebookNode) -> str:
    """What a cell shows last, as HTML."""
    html: str = cell.outputs[-1]["data"]["text/html"]
    return html


def said(code: list[nbformat.NotebookNode]) -> str:
    return "".join(
        output["text"] for cell in code for output in cell.outputs if output.get("name") == "stdout"
    )


def test_from_layers_to_a_map_takes_ten_cells(run):
    code, _ = run("01-access.ipynb")
    assert len(code) == 10
    assert "leaflet" in shown(code[-1]).casefold()


@pytest.mark.xdist_group("notebook of a round")
def test_from_workbooks_to_the_report(run):
    code, folder = run("02-round.ipynb")
    assert (folder / "round-3.pdf").read_bytes().startswith(b"%PDF-")
    assert "word/document.xml" in zipfile.ZipFile(folder / "round-3.docx").namelist()
    assert 'src="round-3.pdf"' in shown(code[-1])
    text = said(code)
    assert "Synthetic data: made up, not surveyed" in text
    [numbers] = re.findall(r"^(\d+) numbers in print, of which (\d+) are hidden", text, flags=re.MULTILINE)
    assert int(numbers[0]) > 500
    assert int(numbers[1]) > 0
    tables = "".join(
        output["data"].get("text/html", "") for cell in code for output in cell.outputs if "data" in output
    )
    assert "parts_differ" in tables
    assert "labour_migrants.growth_printed.2023_vs_2022" in tables


@pytest.mark.xdist_group("notebook of maps")
def test_maps_and_layers_for_a_report(run):
    code, folder = run("03-embed.ipynb")
    assert (folder / "hospitals.png").read_bytes().startswith(b"\x89PNG")
    svg = (folder / "hospitals.svg").read_text(encoding="utf-8")
    assert "Communities without a hospital" in svg
    for name in ("hospitals.html", "page.html"):
        page = (folder / name).read_text(encoding="utf-8")
        assert re.findall(r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)=.(?:https?:)?//", page) == []
        assert "Synthetic data" in page
    assert '<iframe src="hospitals.html"' in page
    assert all((folder / f"access-by-region.{one}").is_file() for one in ("geojson", "gpkg"))
    assert "leaflet" in shown(code[-1]).casefold()


def test_each_notebook_is_run_by_a_test():
    text = (ROOT / "tests" / "test_notebooks.py").read_text(encoding="utf-8")
    assert [path.name for path in NOTEBOOKS if f'run("{path.name}")' not in text] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
