"""The page of a report."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from geo_service.maps.inlined import inlined_script, inlined_styles
from geo_service.maps.viewer_words import viewer_words
from geo_service.report.document import Figure, MapBlock, Section
from geo_service.report.html.charts import WIDTHS_MM, inlined_chart
from geo_service.report.html.fonts import font_styles
from geo_service.report.html.maps import MapsOfPage
from geo_service.report.html.policy import policy
from geo_service.report.html.words import page_words

if TYPE_CHECKING:
    from geo_service.report.document import Block, ChartBlock, Report, Runs

__all__ = ["page_of"]

_DEEPEST = 6
_CAPITALS = re.compile(r"(?<!^)(?=[A-Z])")


def page_of(report: Report) -> bytes:
    """The page, in UTF-8. See `geo_service.report.html.html_bytes`."""
    maps = MapsOfPage.of([one for one in report.blocks() if isinstance(one, MapBlock)])
    said = viewer_words(report.language)

    def chart(block: ChartBlock) -> Markup:
        return Markup("\n").join(inlined_chart(block, report.language, width) for width in WIDTHS_MM)

    body = (
        _environment()
        .get_template("report_body.html")
        .render(
            report=report,
            maps=maps,
            shared=maps.shared(said) if maps.maps else "",
            said=said,
            words=page_words(report.language),
            chart=chart,
        )
    )
    viewer = inlined_styles() if maps.maps else ""
    style = "\n".join([font_styles(body), viewer, _own("report.css"), _margins(report), ""])
    script = f"{inlined_script()}\n{_own('report.js')}" if maps.maps else _own("report.js")
    page: str = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            policy=policy(script=script, style=style),
            style=Markup(style),  # noqa: S704 - our own files, and texts as CSS strings
            script=Markup(script),  # noqa: S704 - our own files
            body=Markup(body),  # noqa: S704 - rendered above
        )
    )
    return page.encode()


def _margins(report: Report) -> str:
    """What stands in the margins of paper: what has to be said on every page, the title and the number of the page."""
    number, whole = "\0", "\1"
    numbering = report.words["page"].format(number=number, all=whole)
    parts = [part for part in re.split(f"({number}|{whole})", numbering) if part]
    counters = {number: "counter(page)", whole: "counter(pages)"}
    return (
        f"@page {{ @top-left {{ content: {_css_text(' · '.join(report.banners))}; }} "
        f"@bottom-left {{ content: {_css_text(report.title)}; }} "
        f"@bottom-right {{ content: {' '.join(counters.get(part) or _css_text(part) for part in parts)}; }} }}"
    )


def _css_text(text: str) -> str:
    return '"' + re.sub(r"[^\w .,:;·()-]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def _own(name: str) -> str:
    return (files("geo_service.report") / "static" / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(
            lambda name: (files("geo_service.report") / "templates" / name).read_text(encoding="utf-8")
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.tests["figure"] = lambda one: isinstance(one, Figure)
    environment.tests["section"] = lambda one: isinstance(one, Section)
    environment.globals["kind_of"] = _kind
    environment.globals["heading"] = lambda depth: f"h{min(depth, _DEEPEST)}"
    environment.globals["are_numbers"] = _are_numbers
    environment.globals["value_of"] = _value
    return environment


def _kind(block: Block) -> str:
    """What a block is, in words with `_`: `key_figures`, `chart_block`."""
    return _CAPITALS.sub("_", type(block).__name__).lower()


def _are_numbers(rows: tuple[tuple[Runs, ...], ...], column: int) -> bool:
    """Whether a column of a table has figures only."""
    return all(any(isinstance(part, Figure) for part in row[column]) for row in rows)


def _value(figure: Figure) -> Any:
    """The number of a figure for programs: whole where it is."""
    value = figure.value
    return int(value) if value is not None and value == int(value) else value
