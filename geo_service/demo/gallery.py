"""The maps of the demonstration, in three languages as pages, pictures and for print, and a page that shows them all."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import jinja2

from geo_service.export.staging import make_folder, staged
from geo_service.maps.folium_map import folium_map
from geo_service.maps.printed import PrintFormat, PrintSize, printed_bytes
from geo_service.maps.question import MapKind, MapQuestion
from geo_service.maps.released import released_picture
from geo_service.report.written import ReportFormat
from geo_service.vocabulary import AdminLevel, Basis, Language, PopulationGroup, Service
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.maps.picture import Picture
    from geo_service.release.protocol import Release

__all__ = ["questions", "write_gallery"]

_TEMPLATE = Path(__file__).with_name("gallery.html")
_SHOWN = PrintSize.HALF
"""Of the pictures; a PDF is for a page."""
_SUFFIXES = ("html", "png", "pdf")
_FORMS = len(_SUFFIXES)
_MOST = 8
"""Processes at once: each holds some 300 MB."""

_TITLE = Wording(en="Maps of Round {number}", ru="Карты раунда {number}", kk="{number}-раунд карталары")
_OPEN = Wording(en="Open the map", ru="Открыть карту", kk="Картаны ашу")
_PRINT = Wording(en="For print (PDF)", ru="Для печати (PDF)", kk="Басып шығаруға (PDF)")
_IMAGE = Wording(en="Picture (PNG)", ru="Изображение (PNG)", kk="Сурет (PNG)")
_REPORT = Wording(
    en="The report of Round {number}", ru="Отчёт о раунде {number}", kk="{number}-раунд туралы есеп"
)
_FORMS_OF_REPORT = {
    ReportFormat.PDF: Wording(
        en="to read and print", ru="для чтения и печати", kk="оқуға және басып шығаруға"
    ),
    ReportFormat.DOCX: Wording(en="to edit", ru="для редактирования", kk="өңдеуге"),
    ReportFormat.HTML: Wording(
        en="with maps to explore", ru="с интерактивными картами", kk="интерактивті карталармен"
    ),
    ReportFormat.XLSX: Wording(
        en="all its tables, with HXL", ru="все его таблицы, с HXL", kk="барлық кестелері, HXL белгілерімен"
    ),
}
_OFFLINE = Wording(
    en="Each map is one file that needs no internet.",
    ru="Каждая карта — один файл, которому не нужен интернет.",
    kk="Әр карта — интернетсіз ашылатын бір файл.",
)


def questions(by: AdminLevel) -> tuple[MapQuestion, ...]:
    """What is asked of the release: a map each.

    Args:
        by: The level of units that the demonstration is split by.
    """
    of_hospitals = partial(MapQuestion, service=Service.HOSPITAL, by=by)
    return (
        MapQuestion(MapKind.CONCENTRATION, group=PopulationGroup.LABOUR_MIGRANTS, by=by),
        of_hospitals(MapKind.GAPS, basis=Basis.REPORTED),
        of_hospitals(MapKind.ACCESS, basis=Basis.MEASURED, beyond_km=25.0),
        of_hospitals(MapKind.AGREEMENT),
        MapQuestion(MapKind.COVERAGE, by=by),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One map of the page."""

    stem: str
    picture: Picture


def write_gallery(
    release: Release,
    by: AdminLevel,
    folder: Path,
    *,
    reports: Mapping[Language, Mapping[ReportFormat, Path]] = MappingProxyType({}),
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write `maps/LANGUAGE/NAME.html`, `.png` and `.pdf` for each map and language, and `index.html`, all or none.

    Args:
        release: The release.
        by: The level of units.
        folder: Where to; its files of an earlier run are replaced.
        reports: Reports inside the folder that the page shows, by language and form.
        progress: Is told of each map when it is drawn.

    Returns:
        The paths that were written, `index.html` first.

    Raises:
        InputError: The release cannot answer one of the questions.
        OutputError: Something cannot be written.
    """
    asked = questions(by)
    entries = {
        language: [_entry(released_picture(release, one, language)) for one in asked] for language in Language
    }
    for language in Language:
        make_folder(folder / "maps" / language)
    index = folder / "index.html"
    files = [
        folder / "maps" / language / f"{one.stem}.{suffix}"
        for language, shown in entries.items()
        for one in shown
        for suffix in _SUFFIXES
    ]
    pictures = [one.picture for shown in entries.values() for one in shown]
    with staged([index, *files], overwrite=True) as (first, *beside):
        first.write_text(_page(entries, release, _links(reports, folder)), encoding="utf-8")
        _draw(pictures, [beside[at : at + _FORMS] for at in range(0, len(beside), _FORMS)], progress)
    return [index, *files]


def _draw(
    pictures: Sequence[Picture], paths: Sequence[Sequence[Path]], progress: Callable[[str], None]
) -> None:
    """Draw each picture into its files, on all processors: most of the time goes into print."""
    with ProcessPoolExecutor(min(_MOST, os.cpu_count() or 1), get_context("spawn")) as pool:
        drawn = {
            pool.submit(_draw_one, picture, own): picture
            for picture, own in zip(pictures, paths, strict=True)
        }
        for done in as_completed(drawn):
            done.result()
            progress(drawn[done].title)


def _draw_one(picture: Picture, paths: Sequence[Path]) -> None:
    page, image, sheet = paths
    page.write_text(folium_map(picture).to_html(), encoding="utf-8")
    image.write_bytes(printed_bytes(picture, PrintFormat.PNG, size=_SHOWN))
    sheet.write_bytes(printed_bytes(picture, PrintFormat.PDF))


def _entry(picture: Picture) -> _Entry:
    return _Entry(picture.name.replace("_", "-"), picture)


def _links(
    reports: Mapping[Language, Mapping[ReportFormat, Path]], folder: Path
) -> dict[Language, list[dict[str, str]]]:
    """Where each report is, seen from the page, and what it is."""
    return {
        language: [
            {
                "path": path.relative_to(folder).as_posix(),
                "form": form.upper(),
                "what": in_language(_FORMS_OF_REPORT[form](), language),
            }
            for form, path in forms.items()
        ]
        for language, forms in reports.items()
    }


def _page(
    entries: Mapping[Language, Sequence[_Entry]],
    release: Release,
    reports: Mapping[Language, Sequence[Mapping[str, str]]],
) -> str:
    survey = release.manifest.round
    number = "" if survey is None else survey.number
    sections = [
        {
            "language": language.value,
            "title": in_language(_TITLE(number=number), language),
            "report": in_language(_REPORT(number=number), language),
            "reports": reports.get(language, ()),
            "offline": in_language(_OFFLINE(), language),
            "open": in_language(_OPEN(), language),
            "image": in_language(_IMAGE(), language),
            "print": in_language(_PRINT(), language),
            "notes": shown[0].picture.notes,
            "sources": shown[0].picture.sources,
            "disclaimer": shown[0].picture.disclaimer,
            "maps": [
                {
                    "path": f"maps/{language}/{one.stem}",
                    "title": one.picture.title,
                    "summary": one.picture.summary,
                }
                for one in shown
            ],
        }
        for language, shown in entries.items()
    ]
    page: str = _environment().from_string(_TEMPLATE.read_text(encoding="utf-8")).render(sections=sections)
    return page


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
