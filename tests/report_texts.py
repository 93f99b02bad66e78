"""The texts of sections of the report, and sources of tables that are made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from conftest import skip_or_fail

from geo_service.maps.numbers import Numbers
from geo_service.release.manifest import RoundOf
from geo_service.report.document import (
    Bullets,
    Definitions,
    KeyFigures,
    Note,
    Paragraph,
    Report,
    Section,
    TableBlock,
    plain,
)
from geo_service.report.numbering import numbered
from geo_service.report.sheets import Sheet
from geo_service.report.source import Source
from geo_service.report.words import words_in
from geo_service.vocabulary import Language

__all__ = ["MadeSheets", "made", "reference_figures", "report_of", "said"]

REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "round-3.json"


def reference_figures():
    """The figures of the report that was published, as it prints them."""
    if not REFERENCE.is_file():
        skip_or_fail("reference", f"there is no {REFERENCE}")
    return json.loads(REFERENCE.read_text(encoding="utf-8"))


def report_of(sections, language="en", sheets=None):
    """So that blocks and figures can be walked through."""
    language = Language(language)
    read = {} if sheets is None else {name: sheet.frame for name, sheet in sheets.read.items()}
    return Report(language, "", "", (), numbered(sections), words_in(language), None, "", (), read)


def texts(block):
    """The texts of one block itself."""
    match block:
        case Paragraph(runs=runs) | Note(runs=runs):
            found = [plain(runs)]
        case Bullets(items=items):
            found = [plain(one) for one in items]
        case Definitions(items=items):
            found = [text for word, runs in items for text in (word, plain(runs))]
        case Section(title=title):
            found = [title]
        case KeyFigures(items=items):
            found = [one.label for one in items]
        case TableBlock(headings=headings):
            found = [*headings, plain(block.caption), plain(block.note)]
        case _:
            found = [plain(block.caption), plain(block.note)]
    return found


def said(sections, language="en"):
    """All texts of sections but those of tables' rows, a line a text."""
    return "\n".join(text for block in report_of(sections, language).blocks() for text in texts(block))


class MadeSheets:
    """Tables given by hand, as `Sheets` gives those of a release."""

    def __init__(self, tables, language):
        self.language = Language(language)
        self.numbers = Numbers(self.language)
        self.read = {
            name: Sheet(self, name, pd.DataFrame(rows).astype(object), {"title": name})
            for name, rows in tables.items()
        }

    def get(self, name):
        return self.read.get(name)


def made(tables, language="en", **manifest):
    """A source of these tables, and of nothing else."""
    survey = {"number": 3, "country": "KAZ", "collected_from": None, "collected_to": None, "synthetic": False}
    survey |= manifest.pop("round", {})
    about = manifest.pop("about", {})
    whole = {"id": "0" * 32, "notes": (), "inputs": (), "licences": (), "parameters": {}} | manifest
    whole["round"] = RoundOf(**survey)
    whole["collections"] = tuple(
        SimpleNamespace(name=one, about=about.get(one, {})) for one in [*tables, *about]
    )
    release = SimpleNamespace(manifest=SimpleNamespace(**whole))
    return WithoutMaps(release, MadeSheets(tables, language))


class WithoutMaps(Source):
    """A source whose release has no units to draw."""

    def map(self, _question):
        return None
