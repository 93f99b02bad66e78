"""A small report with every kind of block, made by hand: for tests of what writes reports."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from map_pictures_for_tests import small_picture

from geo_service.maps.numbers import Numbers
from geo_service.report.document import (
    Bullets,
    Chart,
    ChartBlock,
    ChartKind,
    Definitions,
    Figure,
    FigureState,
    KeyFigure,
    KeyFigures,
    MapBlock,
    Note,
    NoteKind,
    Paragraph,
    Report,
    Section,
    Series,
    TableBlock,
)
from geo_service.report.numbering import numbered
from geo_service.report.sheets import printed, style_of
from geo_service.report.words import words_in
from geo_service.vocabulary import Language

__all__ = ["sample_report"]

_NAMES = {
    Language.EN: ("Uzbekistan", "Russian Federation", "Kyrgyzstan"),
    Language.RU: ("Узбекистан", "Российская Федерация", "Кыргызстан"),
    Language.KK: ("Өзбекстан", "Ресей Федерациясы", "Қырғызстан"),
}
_TITLES = {
    Language.EN: "Mobility Tracking Matrix",
    Language.RU: "Матрица отслеживания мобильности",
    Language.KK: "Ұтқырлықты бақылау матрицасы: ӘәҒғҚқҢңӨөҰұҮүҺһІі",
}


def sample_tables(language: Language) -> dict[str, pd.DataFrame]:
    """Two tables as a release shows them; the last village count of the second is suppressed."""
    countries = pd.DataFrame(
        {
            "code": ["UZB", "RUS", "KGZ"],
            "label": list(_NAMES[language]),
            "individuals": pd.array([491284, 70018, None], dtype="Int64"),
            "share": [0.768, 0.109, 0.004],
        }
    )
    countries.attrs = {"title": _TITLES[language], "basis": "reported", "base": "share: of all"}
    services = pd.DataFrame(
        {
            "service": ["hospital", "school"],
            "label": ["Hospital <b>&", "School"],
            "households": pd.array([522046, 28920], dtype="Int64"),
            "share_near": [0.25, 0.5],
            "share_far": [0.75, 0.5],
        }
    )
    services.attrs = {"title": "Services", "basis": "reported"}
    return {"labour_migrants_top_countries": countries, "services": services}


def sample_report(language: Language | str = Language.EN) -> Report:
    """The report, in a language; its texts are in English but for its title and names."""
    language = Language(language)
    tables = sample_tables(language)
    numbers = Numbers(language)

    def figure(table: str, row: int, column: str) -> Figure:
        value = tables[table][column].iloc[row]
        style = style_of(column)
        if pd.isna(value):
            word = words_in(language)["suppressed"]
            return Figure(table, row, column, None, word, style, FigureState.SUPPRESSED)
        return Figure(table, row, column, float(value), printed(float(value), style, numbers), style)

    top, services = "labour_migrants_top_countries", "services"
    names = _NAMES[language]
    people = tuple(figure(top, row, "individuals") for row in range(3))
    shares = tuple(figure(top, row, "share") for row in range(3))
    near, far = (
        Series(name, tuple(figure(services, row, column) for row in range(2)))
        for name, column in (("0-5 km", "share_near"), (">25 km", "share_far"))
    )
    note = ("Shares are of all labour migrants.",)

    def chart(kind: ChartKind, anchor: str, made: Chart) -> ChartBlock:
        return ChartBlock(
            anchor, (f"A chart of {kind}",), note=note, chart=made, description=f"{kind}: Uzbekistan 491,284"
        )

    charts = (
        chart(
            ChartKind.BARS,
            "bars",
            Chart(ChartKind.BARS, names, (Series("Individuals", people),), "individuals", shares),
        ),
        chart(
            ChartKind.COLUMNS,
            "columns",
            Chart(
                ChartKind.COLUMNS, ("2021", "2022", "2023"), (Series("Individuals", people),), "individuals"
            ),
        ),
        chart(
            ChartKind.PAIRS,
            "pairs",
            Chart(ChartKind.PAIRS, names, (Series("Men", people), Series("Women", people)), "individuals"),
        ),
        chart(ChartKind.PARTS, "parts", Chart(ChartKind.PARTS, names, (Series("Share", shares),), "%")),
        chart(
            ChartKind.STACKED,
            "stacked",
            Chart(ChartKind.STACKED, ("Hospital", "School"), (near, far), "% of households"),
        ),
    )
    table = TableBlock(
        "table-countries",
        ("The largest countries",),
        note=note,
        headings=("Country", "Individuals", "Share"),
        rows=tuple(((names[row],), (people[row],), (shares[row],)) for row in range(3)),
        table=top,
    )
    picture = small_picture(language)
    sections = (
        Section(
            "summary",
            "Summary",
            (
                KeyFigures(tuple(KeyFigure(one, name) for one, name in zip(people, names, strict=True))),
                Paragraph(("In all ", people[0], " came from Uzbekistan (", shares[0], ")."), is_lead=True),
                Paragraph(
                    (
                        "They are reported by key informants <script>alert(1)</script> & not measured. #let x = 1 *bold* $y$ @ref",
                    )
                ),
                Bullets((("One",), ("Two ", people[1]))),
                Bullets((("First",), ("Second",)), is_numbered=True),
                Definitions(
                    (("returnee", ("A citizen who came back.",)), ("migrant", ("A citizen who left.",)))
                ),
                Note(NoteKind.SYNTHETIC, ("The answers are made up.",)),
                Note(NoteKind.REPORTED, ("Reported is not measured.",)),
            ),
        ),
        Section("groups", "Groups", (Section("labour", "Labour migrants", (*charts, table)),)),
        Section("maps", "Maps", (MapBlock("map-one", ("A map",), note=("Source: OCHA",), picture=picture),)),
    )
    return Report(
        language=language,
        title=_TITLES[language],
        subtitle="Round 3, Kazakhstan, December 2023 to January 2024",
        banners=("Synthetic data: made up, not surveyed",),
        sections=numbered(sections),
        words=words_in(language),
        date=dt.date(2024, 1, 31),
        release="0123456789abcdef0123456789abcdef",
        sources=("Regions: OCHA COD-AB, CC BY-IGO",),
        tables=tables,
    )
