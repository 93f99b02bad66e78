from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from geo_service.errors import MissingExtraError
from geo_service.maps.palettes import NO_DATA
from geo_service.maps.printed import fonts
from geo_service.maps.printed.fonts import Face, width
from geo_service.report import drawings
from geo_service.report.document import (
    Chart,
    ChartBlock,
    ChartKind,
    Figure,
    FigureState,
    FigureStyle,
    MapBlock,
    Series,
)
from geo_service.report.drawings import chart_png, chart_svg, map_png, map_svg
from geo_service.report.drawings.charts import chart_plan
from geo_service.report.drawings.colours import ASIDE, ONE, part_colours, ramp_colours, text_on
from geo_service.vocabulary import Language
from tests.map_pictures_for_tests import large_picture
from tests.report_samples import sample_report

SVG = "{http://www.w3.org/2000/svg}"
REASONS = (
    "Отбасының немесе туыстарының қасына көшу, отбасын біріктіру және балаларға күтім жасау",
    "Жұмыс іздеу",
    "Білім алу: мектеп, колледж, университет немесе кәсіптік оқу курстары",
    "Әәғғққңңөөұұүүһһіі" * 3,
    "Басқа",
)
WIDTHS = (170, 81)


def figure(value, text=None, state=FigureState.KNOWN):
    shown = text or (f"{value:,}" if value is not None else "жасырылған")
    style = FigureStyle.SHARE if isinstance(value, float) else FigureStyle.COUNT
    return Figure("made_up", 0, "individuals", value, shown, style, state)


HIDDEN = figure(None, "жасырылған", FigureState.SUPPRESSED)
UNKNOWN = figure(None, "дерек жоқ", FigureState.UNKNOWN)


def chart_of(kind, rows, categories=REASONS, beside=()):
    series = tuple(Series(f"Қатар {number}", tuple(row)) for number, row in enumerate(rows))
    return Chart(kind, tuple(categories), series, "адам", tuple(beside))


COUNTS = [figure(one) for one in (1_491_284, 70_018, 12)] + [HIDDEN, UNKNOWN]
SHARES = [figure(one, f"{one:.1%}") for one in (0.552, 0.247, 0.004)] + [HIDDEN, UNKNOWN]
BANDS = [[figure(one, f"{one:.1%}")] * 5 for one in (0.5, 0.25, 0.12, 0.08, 0.047, 0.003)]
YEARS = ("2019", "2020", "2021", "2022", "2023")
CHARTS = {
    "bars": chart_of(ChartKind.BARS, [COUNTS]),
    "bars with shares": chart_of(ChartKind.BARS, [COUNTS], beside=SHARES),
    "changes": chart_of(ChartKind.BARS, [[figure(one) for one in (500, -1200, 0, 20)] + [HIDDEN]]),
    "columns": chart_of(ChartKind.COLUMNS, [COUNTS], YEARS),
    "columns with shares": chart_of(ChartKind.COLUMNS, [COUNTS], YEARS, SHARES),
    "columns with long names": chart_of(ChartKind.COLUMNS, [COUNTS]),
    "many columns": chart_of(ChartKind.COLUMNS, [COUNTS * 6], [str(1990 + one) for one in range(30)]),
    "pairs": chart_of(ChartKind.PAIRS, [COUNTS, COUNTS[::-1]]),
    "three a category": chart_of(ChartKind.PAIRS, [COUNTS] * 3),
    "parts": chart_of(ChartKind.PARTS, [SHARES]),
    "parts with counts": chart_of(ChartKind.PARTS, [SHARES], beside=COUNTS),
    "many parts": chart_of(ChartKind.PARTS, [SHARES * 2], REASONS * 2),
    "stacked": chart_of(ChartKind.STACKED, BANDS),
    "stacked with gaps": chart_of(ChartKind.STACKED, [SHARES, SHARES[::-1]]),
}


def boxes(plan):
    """Of each text its box from the upper left corner: letters between their ascent and descent."""
    return [
        (
            one.text,
            np.array(
                [
                    one.x,
                    one.y - 0.72 * one.size,
                    one.x + width(one.text, one.face, one.size),
                    one.y + 0.2 * one.size,
                ]
            ),
        )
        for one in plan.texts
    ]


def overlaps(first, second, slack=0.4):
    west, north = np.maximum(first[:2], second[:2])
    east, south = np.minimum(first[2:], second[2:])
    return east - west > slack and south - north > slack


def texts_of(svg):
    return [one.text for one in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("width_mm", WIDTHS)
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_keeps_its_texts_apart_and_within_its_bounds(name, width_mm):
    plan = chart_plan(CHARTS[name], width_mm=width_mm)
    placed = boxes(plan)
    for text, box in placed:
        assert min(box) >= -0.5, text
        assert box[2] <= plan.width + 0.5, text
        assert box[3] <= plan.height + 0.5, text
    for number, (text, box) in enumerate(placed):
        for other_text, other in placed[number + 1 :]:
            assert not overlaps(box, other), (text, other_text)
    for bar in plan.bars:
        assert min(bar.box.left, bar.box.top) >= 0
        assert bar.box.right <= plan.width + 0.01
        assert bar.box.bottom <= plan.height + 0.01


@pytest.mark.parametrize("width_mm", WIDTHS)
@pytest.mark.parametrize("name", [one for one in CHARTS if not one.startswith(("parts", "stacked"))])
def test_no_text_lies_on_a_bar_that_is_not_its_own(name, width_mm):
    plan = chart_plan(CHARTS[name], width_mm=width_mm)
    for text, box in boxes(plan):
        for bar in plan.bars:
            there = np.array([bar.box.left, bar.box.top, bar.box.right, bar.box.bottom])
            assert not overlaps(box, there), text


@pytest.mark.parametrize("name", CHARTS)
def test_every_figure_and_every_word_of_a_chart_is_text_in_its_svg(name):
    chart = CHARTS[name]
    said = texts_of(chart_svg(chart, Language.KK, width_mm=170))
    together = " ".join(said)
    for text in [*chart.categories, chart.unit]:
        for word in text.split():
            assert word[:12] in together
    for one in [*(one for series in chart.series for one in series.figures), *chart.beside]:
        assert one.text in together
    if len(chart.series) > 1:
        assert all(one.name in together for one in chart.series)


def test_the_numbers_of_wide_bands_stand_in_them_and_those_of_narrow_ones_under_the_bar():
    said = texts_of(chart_svg(CHARTS["stacked"], Language.EN))
    assert said.count("50.0%") == 5
    assert "0.3%" not in said
    assert " ".join(said).count("Қатар\u00a05\u00a0—\u00a00.3%") == 5


@pytest.mark.parametrize("name", [one for one in CHARTS if one != "stacked"])
def test_what_is_hidden_is_a_hatched_stub_with_its_word_and_what_is_not_known_an_empty_one(name):
    plan = chart_plan(CHARTS[name], width_mm=170)
    hatched = [one for one in plan.bars if one.is_hatched]
    assert hatched
    assert all(one.colour is None for one in hatched)
    assert HIDDEN.text in [one.text for one in plan.texts]
    if name != "changes":
        assert [one for one in plan.bars if one.is_dashed]
        assert UNKNOWN.text in [one.text for one in plan.texts]


def test_a_stub_says_nothing_of_the_number_that_it_stands_for():
    stubs = {
        round(bar.box.width, 3)
        for largest in (10, 10_000_000)
        for bar in chart_plan(chart_of(ChartKind.BARS, [[figure(largest), HIDDEN]], "ab")).bars
        if bar.is_hatched
    }
    assert len(stubs) == 1


def test_bars_are_as_long_as_their_numbers_ask_and_zero_has_none():
    chart = chart_of(ChartKind.BARS, [[figure(400), figure(100), figure(0)]], "abc")
    first, second = [one.box.width for one in chart_plan(chart).bars]
    assert first == pytest.approx(4 * second)


def test_a_decrease_goes_to_the_left_of_where_an_increase_begins():
    plan = chart_plan(CHARTS["changes"])
    increase, decrease = plan.bars[0], plan.bars[1]
    assert decrease.box.right == pytest.approx(increase.box.left)
    assert decrease.box.width == pytest.approx(2.4 * increase.box.width)
    assert decrease.colour != increase.colour


def test_what_is_not_known_is_grey_in_every_kind_of_chart():
    one, two = figure(0.75, "75%"), figure(0.25, "25%")
    for kind in (ChartKind.BARS, ChartKind.COLUMNS, ChartKind.PARTS):
        plan = chart_plan(replace(chart_of(kind, [[one, two]], "ab"), aside=1))
        assert [bar.colour for bar in plan.bars][:2] == [ONE, ASIDE]
    stacked = chart_plan(replace(chart_of(ChartKind.STACKED, [[one], [two]], "a"), aside=1))
    assert [bar.colour for bar in stacked.bars][:2] == [ONE, NO_DATA]


def test_parts_fill_the_bar_by_their_shares():
    chart = chart_of(ChartKind.PARTS, [[figure(0.75, "75%"), figure(0.25, "25%")]], "ab")
    first, second, *_ = chart_plan(chart).bars
    assert first.box.width == pytest.approx(3 * second.box.width)
    assert first.box.right == pytest.approx(second.box.left)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_a_chart_of_nothing_is_drawn(kind):
    empty = chart_of(kind, [[]], ())
    assert ET.fromstring(chart_svg(empty, Language.EN)).tag == f"{SVG}svg"
    hidden = chart_of(kind, [[HIDDEN, UNKNOWN]], "ab")
    assert HIDDEN.text in texts_of(chart_svg(hidden, Language.EN))


def test_words_that_have_room_are_not_cut():
    names = [
        "Предприниматель/Представитель местного предприятия",
        "Представитель гуманитарной или социальной организации",
    ]
    said = texts_of(chart_svg(chart_of(ChartKind.BARS, [[figure(1), figure(2)]], names), Language.RU))
    words = {word for text in said for word in text.split()}
    assert {word for name in names for word in name.split()} <= words


def test_hostile_texts_are_texts():
    hostile = r"</text><script>alert(1)</script> $\frac{1}{2}$ & \textbf"
    svg = chart_svg(chart_of(ChartKind.BARS, [[figure(1)]], [hostile]), Language.EN)
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "".join(texts_of(svg)[1:-1]).replace(" ", "") == hostile.replace(" ", "")


def test_the_same_chart_has_the_same_bytes_and_says_no_date():
    for chart in (CHARTS["bars with shares"], CHARTS["stacked"]):
        assert chart_svg(chart, Language.RU) == chart_svg(chart, Language.RU)
        assert chart_png(chart, Language.RU, dpi=60) == chart_png(chart, Language.RU, dpi=60)
    svg = chart_svg(CHARTS["bars"], Language.KK).decode()
    assert "date" not in svg.lower()
    assert 'xml:lang="kk"' in svg


def test_a_drawing_has_no_id_that_is_not_used_in_it():
    for svg in (chart_svg(CHARTS["bars"], Language.EN).decode(), map_svg(large_picture(12, 40)).decode()):
        for one in re.findall(r' id="([^"]*)"', svg):
            assert f"#{one}" in svg


def test_pictures_have_the_width_that_was_asked_for():
    png = Image.open(io.BytesIO(chart_png(CHARTS["bars"], Language.EN, width_mm=127, dpi=100)))
    assert png.width == pytest.approx(500, abs=1)
    assert png.info["dpi"][0] == pytest.approx(100, abs=0.1)
    assert 'width="360pt"' in chart_svg(CHARTS["bars"], Language.EN, width_mm=127).decode()


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_that_stand_alone_are_seen_on_white_and_texts_are_read_on_every_colour():
    for colour in [ONE, *part_colours(8, 1)]:
        assert contrast(colour, "#ffffff") >= 3
    for colour in {
        *part_colours(8, 1),
        NO_DATA,
        *(one for count in range(1, 10) for one in ramp_colours(count)),
    }:
        assert contrast(colour, text_on(colour)) >= 4.5
    assert len(set(part_colours(8, 1))) == 8
    assert len(ramp_colours(12)) == 12


def test_a_map_of_a_report_has_no_title_but_its_legend_and_warnings():
    block = next(one for one in sample_report("kk").blocks() if isinstance(one, MapBlock))
    said = " ".join(texts_of(map_svg(block.picture)))
    assert block.picture.title[:20] not in said
    assert "suppressed" in said
    assert "Synthetic data: made up" in said
    assert "imply endorsement" in said
    assert map_svg(block.picture) == map_svg(block.picture)
    png = Image.open(io.BytesIO(map_png(block.picture, width_mm=127, dpi=50)))
    assert png.width == pytest.approx(250, abs=1)


def test_a_map_of_many_districts_and_villages_is_small():
    assert len(map_svg(large_picture(224, 1245))) < 450_000


def test_every_chart_of_the_sample_is_drawn_in_half_the_width():
    for block in sample_report("ru").blocks():
        if isinstance(block, ChartBlock):
            wide = replace(block.chart, unit="%")
            assert chart_svg(wide, Language.RU, width_mm=81) != chart_svg(wide, Language.RU, width_mm=170)


def test_without_the_typeface_or_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(fonts, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"geo-service\[report\]"):
        fonts.sans_folder()
    monkeypatch.setitem(sys.modules, "geo_service.report.drawings.bars", None)
    monkeypatch.delattr(drawings, "bars", raising=False)
    with pytest.raises(MissingExtraError, match=r"geo-service\[report\]"):
        chart_svg(CHARTS["bars"], Language.EN)


def test_numbers_of_charts_are_tabular():
    for face in (Face.SANS_REGULAR, Face.SANS_SEMIBOLD):
        assert len({width(one, face, 10) for one in "0123456789"}) == 1
