"""Sheets of paper, and the sizes of type on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from geo_service.maps.printed.faces import Face

__all__ = ["PrintFormat", "PrintSize", "Sheet", "Type", "bare_sheet", "sheets"]

_MM = 72 / 25.4


class PrintFormat(StrEnum):
    """What a picture is printed as."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


class PrintSize(StrEnum):
    """What a picture is printed for: an A4 page, upright or across as suits its extent; half of one, 170 by 120 mm; or a slide, 16:9."""

    PAGE = "page"
    HALF = "half"
    SLIDE = "slide"


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of type, in points, and its faces.

    Attributes:
        title: Of the title.
        note: Of warnings.
        body: Of the legend.
        small: Of small print and names on the map.
        regular: Of most texts.
        bold: Of titles and headings.
        halo: How wide the rim of names on the map is, and how much of what is under it shows through.
    """

    title: float
    note: float
    body: float
    small: float
    regular: Face = Face.REGULAR
    bold: Face = Face.BOLD
    halo: tuple[float, float] = (1.6, 0.75)

    def times(self, factor: float) -> Type:
        """All sizes larger or smaller."""
        return replace(
            self,
            title=self.title * factor,
            note=self.note * factor,
            body=self.body * factor,
            small=self.small * factor,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: points from its upper left corner.

    Attributes:
        width: Of the sheet.
        height: Of the sheet.
        margin: That nothing is in.
        type: Its sizes of type.
        circle: How large circles are, in those of a page.
    """

    width: float
    height: float
    margin: float
    type: Type
    circle: float

    @property
    def upright(self) -> Sheet:
        """The sheet turned."""
        return replace(self, width=self.height, height=self.width)


_PAGE = Sheet(297 * _MM, 210 * _MM, 10 * _MM, Type(title=15, note=9, body=8.5, small=6.8), circle=1.0)
_HALF = Sheet(170 * _MM, 120 * _MM, 5 * _MM, Type(title=12, note=7.6, body=7.4, small=6), circle=0.55)
_BARE = Type(
    title=12, note=7.6, body=8, small=7.2, regular=Face.SANS_REGULAR, bold=Face.SANS_SEMIBOLD, halo=(2.2, 0.9)
)
_SLIDE = Sheet(13.333 * 72, 7.5 * 72, 10 * _MM, Type(title=22, note=13, body=12.5, small=9.5), circle=1.3)


def bare_sheet(width: float, height: float) -> Sheet:
    """A place on a page of a report, in points: without margins, in the typeface of the report."""
    return Sheet(width, height, 0.5, _BARE, _HALF.circle)


def sheets(size: PrintSize) -> tuple[Sheet, ...]:
    """The sheets that a size may be, the one that is taken where none suits better first."""
    return {
        PrintSize.PAGE: (_PAGE, _PAGE.upright),
        PrintSize.HALF: (_HALF,),
        PrintSize.SLIDE: (_SLIDE,),
    }[size]
