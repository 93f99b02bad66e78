from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.text
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from geo_service.errors import InputError, MissingExtraError
from geo_service.maps import printed
from geo_service.maps.printed import PrintFormat, PrintSize, figure_of, printed_bytes
from geo_service.maps.printed.fonts import Face, Run, balanced, lines, printable, width
from geo_service.maps.printed.legend import legend
from geo_service.maps.printed.sheet import sheets
from geo_service.vocabulary import Language
from tests.map_pictures_for_tests import HOSTILE, large_picture, small_picture
from tests.printed_pictures import EXTENTS, LONG_TITLES, crowded_picture, extent_picture

SVG = "{http://www.w3.org/2000/svg}"
KAZAKH_LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
SIZES_IN_MM = {PrintSize.HALF: (170, 120), PrintSize.SLIDE: (338.7, 190.5)}


def drawn_texts(figure, monkeypatch, dpi=100):
    """Every text that is drawn, with its box in points, also those that the scale bar makes while it is drawn."""
    found = []
    draw = matplotlib.text.Text.draw

    def recorded(self, renderer, *rest, **more):
        draw(self, renderer, *rest, **more)
        if self.get_text().strip() and self.get_visible():
            box = self.get_window_extent(renderer)
            found.append((self.get_text(), np.array(box.extents) * 72 / dpi))

    monkeypatch.setattr(matplotlib.text.Text, "draw", recorded)
    figure.set_dpi(dpi)
    with mpl.rc_context({"text.hinting": "none"}):
        FigureCanvasAgg(figure).draw()
    return found


def overlapping(texts):
    boxes = np.array([box for _, box in texts])
    # A box of text has room above and below its letters; half a point of that may be shared.
    slack = 0.5
    west = np.maximum(boxes[:, None, 0], boxes[None, :, 0])
    south = np.maximum(boxes[:, None, 1], boxes[None, :, 1])
    east = np.minimum(boxes[:, None, 2], boxes[None, :, 2])
    north = np.minimum(boxes[:, None, 3], boxes[None, :, 3])
    both = np.argwhere(np.triu((east - west > slack) & (north - south > slack), 1))
    return [(texts[one][0], texts[other][0]) for one, other in both]


@pytest.mark.parametrize("size", PrintSize)
@pytest.mark.parametrize("language", Language)
def test_no_text_leaves_the_sheet_or_overlaps_another_however_long_they_are(size, language, monkeypatch):
    figure = figure_of(crowded_picture(language), size)
    texts = drawn_texts(figure, monkeypatch)
    wide, high = figure.get_size_inches() * 72
    assert [text for text, box in texts if min(box[:2]) < 0 or box[2] > wide or box[3] > high] == []
    assert overlapping(texts) == []
    # All of the title is there, in some lines.
    whole = " ".join(text for text, _ in texts)
    assert LONG_TITLES[language] in whole


def test_the_check_for_overlaps_finds_one(monkeypatch):
    figure = figure_of(extent_picture(EXTENTS["andorra"]), PrintSize.HALF)
    figure.text(0.04, 0.93, "over the title")
    assert overlapping(drawn_texts(figure, monkeypatch))


def test_texts_that_cannot_fit_are_refused():
    picture = replace(extent_picture(EXTENTS["gabon"]), title="мәтін " * 8_000)
    with pytest.raises(InputError, match="too long"):
        figure_of(picture, PrintSize.HALF)


def test_a_sheet_has_its_size_and_a_high_country_stands_upright():
    for size, millimetres in SIZES_IN_MM.items():
        inches = figure_of(extent_picture(EXTENTS["chile"]), size).get_size_inches()
        assert inches * 25.4 == pytest.approx(millimetres, abs=0.05)
    for name, expected in (("chile", (210, 297)), ("kazakhstan", (297, 210))):
        inches = figure_of(extent_picture(EXTENTS[name])).get_size_inches()
        assert inches * 25.4 == pytest.approx(expected, abs=0.05), name


def test_a_png_has_its_resolution_title_and_text_alternative():
    picture = replace(small_picture(Language.KK), summary="Алты аудан көрсетілген.")
    with Image.open(io.BytesIO(printed_bytes(picture, PrintFormat.PNG, size=PrintSize.HALF))) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.size == (2007, 1417)
        assert image.mode == "RGB"
        assert image.text["Title"] == picture.title
        assert image.text["Description"] == picture.description
        assert image.text["Description"].lang == "kk"


def test_an_svg_has_its_texts_as_text_a_title_and_a_description():
    picture = small_picture()
    root = ET.fromstring(printed_bytes(picture, PrintFormat.SVG))
    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert picture.title in texts
    assert any(HOSTILE in one for one in texts)
    assert "10 and more (2)".replace(" (", "\u00a0(") in texts
    assert root.find(f"{SVG}title").text == picture.title
    assert root.find(f"{SVG}desc").text == picture.description
    assert root.get("role") == "img"
    assert {one.split()[0] for one in root.get("aria-labelledby").split()} == {"title"}
    styles = {one.get("style") for one in root.iter(f"{SVG}text")}
    assert all("font-family: 'DejaVu Sans', " in one and "sans-serif" in one for one in styles)


def test_an_svg_loads_nothing_and_has_no_date():
    text = printed_bytes(small_picture(), PrintFormat.SVG).decode()
    assert "dc:date" not in text
    assert set(re.findall(r"href=\"([^\"#])", text)) == set()


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="poppler's tools are not installed")
@pytest.mark.parametrize("language", [Language.RU, Language.KK])
def test_a_pdf_embeds_its_fonts_and_its_text_can_be_taken_out(tmp_path, language):
    picture = crowded_picture(language)
    path = tmp_path / "map.pdf"
    path.write_bytes(printed_bytes(picture, PrintFormat.PDF))
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True)
    assert fonts.stderr == ""
    rows = fonts.stdout.splitlines()[2:]
    assert rows
    assert all("DejaVuSans" in row and re.search(r"yes +yes +yes", row) for row in rows)
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    assert text.stderr == ""
    assert LONG_TITLES[language] in " ".join(text.stdout.split())
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True)
    assert info.stderr == ""
    assert picture.title in info.stdout
    assert "CreationDate" not in info.stdout
    assert f"/Lang ({language})".encode() in path.read_bytes()


@pytest.mark.parametrize("kind", PrintFormat)
def test_the_same_picture_is_the_same_bytes_from_several_threads_and_whatever_matplotlib_is_set_to(kind):
    picture = small_picture(Language.RU)
    first = printed_bytes(picture, kind, size=PrintSize.HALF, dpi=60)
    found = []
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        before = dict(mpl.rcParams)
        threads = [
            threading.Thread(
                target=lambda: found.append(printed_bytes(picture, kind, size=PrintSize.HALF, dpi=60))
            )
            for _ in range(2)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert dict(mpl.rcParams) == before
    assert found == [first] * 2


def test_every_letter_of_kazakh_and_russian_has_a_glyph_and_what_has_none_is_a_box():
    letters = "".join(map(chr, range(0x410, 0x450))) + "Ёё" + KAZAKH_LETTERS + "№–—≥\u00a0\u202f×°·©"
    assert printable(letters) == letters
    assert printable("a 日\n\tb") == "a □ b"


def test_a_letter_without_a_glyph_is_no_warning():
    picture = replace(extent_picture(EXTENTS["gabon"]), title="日本 $x^2$ and $5")
    assert b"$x^2$ and $5" in printed_bytes(picture, PrintFormat.SVG, size=PrintSize.HALF)


def test_lines_are_no_wider_than_their_room_and_lose_no_word():
    text = "Ең жақын жұмыс істейтін " * 4 + "w" * 80
    found = lines([Run("Негізі:", Face.BOLD), Run(f" {text}")], 9, 120)
    assert all(line.width <= 120 for line in found)
    joined = "".join(run.text for line in found for _, run in line.runs)
    assert joined.replace(" ", "") == f"Негізі:{text}".replace(" ", "")
    assert width("ширина", Face.BOLD, 10) == pytest.approx(10 * width("ширина", Face.BOLD, 1))


def test_a_title_is_broken_into_lines_of_about_the_same_width():
    runs = [Run("one two three four five six seven eight nine ten eleven twelve", Face.BOLD)]
    plain, even = lines(runs, 10, 330), balanced(runs, 10, 330)
    assert len(plain) == len(even) == 2
    assert max(one.width for one in even) < max(one.width for one in plain)


def test_what_is_not_shown_is_not_printed():
    picture = small_picture()
    hidden = replace(
        picture, layers=tuple(replace(one, is_shown=one.name != "Villages") for one in picture.layers)
    )
    text = printed_bytes(hidden, PrintFormat.SVG, size=PrintSize.HALF).decode()
    assert "&gt;25 km" not in text
    assert "&gt;25 km" in printed_bytes(picture, PrintFormat.SVG, size=PrintSize.HALF).decode()


def test_only_suppressed_areas_are_hatched():
    picture = small_picture()
    assert b"<pattern" in printed_bytes(picture, PrintFormat.SVG, size=PrintSize.HALF)
    plain = replace(picture, layers=picture.layers[1:])
    assert b"<pattern" not in printed_bytes(plain, PrintFormat.SVG, size=PrintSize.HALF)


def test_without_matplotlib_the_error_says_which_extra_has_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "geo_service.maps.printed.drawing", None)
    monkeypatch.delattr(printed, "drawing", raising=False)
    with pytest.raises(MissingExtraError, match=r"printing maps needs the extra 'maps'"):
        printed_bytes(small_picture(), PrintFormat.PNG)
    with pytest.raises(MissingExtraError):
        figure_of(small_picture())


def test_matplotlib_is_imported_when_something_is_printed_and_pyplot_never():
    code = (
        "import sys, geo_service.maps.printed as p; assert 'matplotlib' not in sys.modules\n"
        "from geo_service.maps.printed import drawing, writers; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_legend_has_no_empty_column_whatever_its_height():
    picture, kind = crowded_picture(Language.EN), sheets(PrintSize.PAGE)[0].type
    for height in range(150, 700, 7):
        found = legend(picture, kind, 1.0, height, 10_000)
        if found is None:
            continue
        assert max(one.y for one in found.texts) <= height
        assert max(one.box.right for one in found.swatches) > found.width - 25 * kind.body


def test_names_stand_where_there_is_room_and_not_among_many_points(monkeypatch):
    picture = extent_picture(EXTENTS["kazakhstan"])
    texts = [text for text, _ in drawn_texts(figure_of(picture), monkeypatch)]
    assert {f"Cell {number}" for number in range(12)} <= set(texts)
    many = large_picture(12, 400)
    texts = [text for text, _ in drawn_texts(figure_of(many), monkeypatch)]
    assert not [text for text in texts if text.startswith("District ")]


def test_a_picture_without_layers_notes_or_facts_is_a_map_still():
    picture = replace(
        extent_picture(EXTENTS["gabon"]), layers=(), notes=(), facts=(), sources=(), disclaimer=""
    )
    assert printed_bytes(picture, PrintFormat.PDF, size=PrintSize.SLIDE).startswith(b"%PDF")


def test_areas_without_classes_are_lines_alone():
    picture = extent_picture(EXTENTS["kazakhstan"])
    borders = replace(picture.layers[0], classes=(), class_of=np.zeros(12, dtype=np.int64), name="Borders")
    with_borders = replace(picture, layers=(*picture.layers, borders))
    text = printed_bytes(with_borders, PrintFormat.SVG).decode()
    assert ">Borders<" not in text
    assert len(text) > len(printed_bytes(picture, PrintFormat.SVG).decode())


def test_a_unit_without_a_shape_is_left_out():
    picture = extent_picture(EXTENTS["fiji"])
    areas = picture.layers[0]
    shapes = areas.geometry.copy()
    shapes.iloc[0] = None
    without = replace(picture, layers=(replace(areas, geometry=shapes), *picture.layers[1:]))
    assert printed_bytes(without, PrintFormat.PNG, size=PrintSize.HALF, dpi=50).startswith(b"\x89PNG")


def test_ten_thousand_points_over_detailed_districts_take_little_space_in_print():
    picture = large_picture(224, 10_000)
    assert len(printed_bytes(picture, PrintFormat.PNG)) < 4_000_000
    assert len(printed_bytes(picture, PrintFormat.PDF)) < 1_000_000
